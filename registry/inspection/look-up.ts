// The inspecting party's side of marks that it read off items, drawn or met: asked blinded, looked up in its own copy of the inspected declaration, and shown
// to all with the proofs. It may be broken off anywhere and run again: what was asked is found asked.
import { fromBase64, toBase64, toHex, u64 } from '@muster/core/bytes/bytes.ts'
import { Breach } from '@muster/core/bytes/breach.ts'
import { canonical, canonicalBytes, parseJson } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { PAD_RANDOM_BYTES, padInput } from '@muster/core/oprf/batch.ts'
import { labelOfOutput } from '@muster/core/oprf/label.ts'
import { OprfError } from '@muster/core/oprf/oprf-error.ts'
import { demandProof, finalizeEach } from '@muster/core/oprf/oprf.ts'
import type { Identity } from '@muster/core/rules/item.ts'
import { lookUpKeys } from '@muster/core/rules/reconcile.ts'
import { LOOKED_UP_MAX, type InspectionBody } from '@muster/core/wire/inspection-body.ts'
import type { Inspection } from '@muster/core/wire/inspection.ts'
import type { Envelope, Message } from '@muster/core/wire/message.ts'
import { identityOf, lookedUpName, provenOf, readProof, type LookedUp } from '@muster/core/wire/met-proof.ts'
import { saidBody, type SaidBody } from '@muster/core/wire/said-body.ts'
import type { Found } from '@muster/fast/declaration/copy.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { Unreachable } from '../peer/client.ts'
import { demandBody, recordPeople, saidOf, type People } from '../said.ts'
import { send } from '../send.ts'
import { doneAmong, recordAct } from '../store/acts-once.ts'
import { recordBreach } from '../store/breaches.ts'
import { messagesAbout, writeWith, type Saying } from '../store/messages.ts'
import { derive } from '../store/secrets.ts'
import { blinded, copyOf, seededChance } from '../trace/ask.ts'
import type { Tracing } from '../trace/asked.ts'
import { partOf } from './act.ts'
import { lookUpBatches } from './answer.ts'

export type InspectionLookUpCode = 'inspection/look-up-refused' | 'inspection/no-copy' | 'inspection/too-many-met' | 'inspection/other-look-up'
type Running = Pick<Tracing, 'home' | 'hall' | 'group' | 'own'>
interface Item { readonly index: number | null, readonly identity: Identity }
interface Element { readonly item: Item, readonly key: Uint8Array }
const homeOf = ({ home, hall }: Running) => ({ register: home.register, joined: hall.joined, log: hall.log, mirror: hall.mirror })

/** Looks up the items that were met and, where `drawn`, every drawn item by its marks. Resolves to the inspection with all proofs of this party. `progress` hears how many batches are done. */
export async function lookUpInspected(running: Running, id: string, { met, drawn }: { readonly met: readonly Identity[], readonly drawn: boolean }, people: People, progress: (done: number) => void = () => undefined): Promise<Inspection> {
  const { home, hall } = running
  const state = () => partOf(homeOf(running), id, home.now(), 'inspecting', ['shown', 'reported'])
  const inspection = await state()
  const wanted = [...drawn ? drawnItems(inspection) : [], ...met.map((identity): Item => ({ index: null, identity }))]
  const looked = inspection.proofs.filter(({ by }) => by === home.register.file.party).flatMap((each) => each.looked)
  const asked = await asksOf(running, inspection)
  let n = 0
  // What was asked before a break is shown before anything new is asked.
  for (; asked.has(n); n++) looked.push(...await finish(running, inspection, n, asked.get(n) as Message, people))
  const sizes = lookUpBatches(inspection.sample as number, hall.joined.agreement.batches)
  for (const round of [0, 1]) {
    const proven = provenOf(looked)
    const open = wanted.filter((item) => !proven.has(lookedUpName(item)))
    const absent = new Set(looked.flatMap((each) => each.absent.map((key) => `${lookedUpName(each)} ${toHex(key)}`)))
    const elements = open.flatMap((item): Element[] => (round === 0 ? lookUpKeys(item.identity).slice(0, 1) : lookUpKeys(item.identity).slice(1))
      .flatMap(({ key }) => absent.has(`${lookedUpName(item)} ${toHex(key)}`) ? [] : { item, key }))
    for (let from = 0; from < elements.length; n++) {
      const room = Math.min(sizes[n] ?? 0, LOOKED_UP_MAX)
      if (room === 0) throw new Refusal<InspectionLookUpCode>('inspection/too-many-met', `the sample of ${inspection.sample ?? 0} gives no more batches to look up in`, 'met')
      const batch = elements.slice(from, from += room)
      looked.push(...await finish(running, inspection, n, await ask(running, inspection, n, batch, people), people))
      progress(n + 1)
    }
  }
  return state()
}

function drawnItems({ drawn }: Inspection): Item[] {
  return drawn.flatMap((leaf): Item[] => {
    const identity = leaf.toBeSeen ? identityOf(leaf) : undefined
    return identity === undefined ? [] : [{ index: leaf.index, identity }]
  })
}

/** Own questions of this inspection that were not refused, by their numbers. */
async function asksOf({ home, hall }: Running, { terms }: Inspection): Promise<ReadonlyMap<number, Message>> {
  const { register } = home
  const asks = (await saidOf({ register, joined: hall.joined }, 'inspection/ask', 'out', { member: 'inspection', begins: terms.inspection })).filter(({ message }) => message.payload.to === terms.inspected)
  const back = asks.length === 0 ? [] : await messagesAbout(register, hall.joined, terms.inspected, asks.map(({ message }) => message.id), 'in')
  const refused = new Set(back.filter(({ payload }) => payload.kind === 'inspection/refuse').map(({ payload }) => payload.body.request))
  return new Map(asks.filter(({ message }) => !refused.has(message.id)).map(({ body, message }) => [body.n, message]))
}

interface Blinded { readonly inputs: readonly Uint8Array[], readonly blinds: readonly Uint8Array[], readonly elements: readonly Uint8Array[] }

/** The elements of a batch: its keys, and padding up to the next size. Made again they are the same. */
function blind({ home, hall, group }: Running, { terms }: Inspection, n: number, keys: readonly Uint8Array[]): Blinded {
  const sizes: readonly number[] = hall.joined.agreement.batches
  const chance = seededChance(derive(home.register.secrets.question, 'inspected\n', terms.inspection, '\n', terms.inspected, '\n', terms.head, u64(n), p.sha256(...keys)))
  const inputs = [...keys, ...Array.from({ length: (sizes.find((size) => size >= keys.length) ?? keys.length) - keys.length }, () => padInput(chance(PAD_RANDOM_BYTES)))]
  return { inputs, ...blinded(group, inputs, chance) }
}

/** Signs a question. Which marks it is of is written down and bound in the own log beside it, before anything is answered. */
async function ask(running: Running, inspection: Inspection, n: number, batch: readonly Element[], { by, and }: People): Promise<Message> {
  const { home, hall } = running
  const { register } = home
  const { elements } = blind(running, inspection, n, batch.map(({ key }) => key))
  const { inspection: id, inspected } = inspection.terms
  const body = demandBody('inspection/ask', { inspection: id, draw: inspection.drawHash as string, n, elements: elements.map(toBase64) })
  const marks = batch.map(({ item: { index, identity }, key }) => ({ index, identity, key: toBase64(key) }))
  const [message] = await writeWith(register, hall.joined, [{ to: inspected, kind: 'inspection/ask', body }], home.now(), async (tx, messages) => {
    await recordAct(tx, register.secrets, ['inspection/ask', hall.joined.agreement.id, (messages[0] as Message).id], canonical({ by, and, marks }), home.now())
    return messages
  })
  return message as Message
}

/** The marks that a question is of, as they were written down with it. */
async function marksOf({ home, hall }: Running, { id }: Message): Promise<Element[]> {
  const key = `inspection/ask ${hall.joined.agreement.id} ${id}`
  const text = (await doneAmong(home.register, [key])).get(key) ?? '{"marks":[]}'
  const { marks } = parseJson(Buffer.from(text)) as unknown as { readonly marks: readonly (Item & { readonly key: string })[] }
  return marks.map(({ index, identity, key: input }) => ({ item: { index, identity }, key: fromBase64(input) as Uint8Array }))
}

/** Has a question answered, looks it up, and shows everything in it to all: to the inspected party at once, which gives no further batch before. */
async function finish(running: Running, inspection: Inspection, n: number, question: Message, people: People): Promise<readonly LookedUp[]> {
  const { home, hall, own, group } = running
  const { terms } = inspection
  const { register } = home
  const said = (await messagesAbout(register, hall.joined, register.file.party, [question.id], 'out')).filter(({ payload }) => payload.kind === 'inspection/prove')
  const proofs = said.length > 0 ? said : await prove(running, inspection, n, question, people)
  const first = proofs.find(({ payload }) => payload.to === terms.inspected)
  if (first === undefined) return []
  const refusal = (await send(home, hall, first, own)).answers.find(({ payload }) => payload.kind === 'inspection/refuse')
  if (refusal !== undefined) throw refusedBy(refusal)
  const { inspection: id, inspected, head: headHash } = terms
  const within = { inspector: register.file.party, inspected, inspection: id, draw: inspection.drawHash as string, head: (inspection.draw as NonNullable<typeof inspection.draw>).head, headHash, drawn: inspection.drawn }
  const proof = saidBody('inspection/prove', first.payload.body)
  if (proof instanceof Refusal) throw proof
  const looked = readProof(p, { group, keysOf: hall.joined.trust.messageKeys }, within, proof)
  if (looked instanceof Error) throw looked
  return looked
}

function refusedBy({ payload: { from, body } }: Message): Refusal<InspectionLookUpCode> {
  return new Refusal('inspection/look-up-refused', `${from} refuses: ${canonical(body.reason ?? null)}`, 'id')
}

async function answered({ home, hall, own }: Running, question: Message): Promise<{ readonly message: Message, readonly body: SaidBody<'inspection/evaluated'> }> {
  const { to } = question.payload
  const isAnswer = ({ payload: { kind } }: Message): boolean => kind === 'inspection/evaluated' || kind === 'inspection/refuse'
  const answer = (await messagesAbout(home.register, hall.joined, to, [question.id], 'in')).find(isAnswer) ?? (await send(home, hall, question, own)).answers.find(isAnswer)
  if (answer === undefined) throw new Unreachable('http://no-answer.invalid', new Error(`${to} gave no answer yet`))
  if (answer.payload.kind === 'inspection/refuse') throw refusedBy(answer)
  const body = saidBody('inspection/evaluated', answer.payload.body)
  if (body instanceof Refusal) throw body
  return { message: answer, body }
}

async function prove(running: Running, inspection: Inspection, n: number, question: Message, people: People): Promise<readonly Message[]> {
  const { home, hall, group } = running
  const { terms, draw, drawHash } = inspection
  const batch = await marksOf(running, question)
  const { inputs, blinds, elements } = blind(running, inspection, n, batch.map(({ key }) => key))
  if (canonical(question.payload.body.elements ?? null) !== canonical(elements.map(toBase64))) throw new Refusal<InspectionLookUpCode>('inspection/other-look-up', `batch ${n} was asked with other elements than this register makes now`, `batch ${n}`)
  const { message: answer, body: { elements: given, proof } } = await answered(running, question)
  const evaluated = given.map((element) => fromBase64(element) as Uint8Array)
  await demandEvaluation(running, inspection, question, answer, () => { demandProof(group, fromBase64((draw as NonNullable<typeof draw>).head.oprf) as Uint8Array, elements, evaluated, fromBase64(proof) as Uint8Array) })
  const outputs = finalizeEach(group, inputs.slice(0, batch.length), blinds.slice(0, batch.length), evaluated.slice(0, batch.length))
  const copy = await copyIn(running, inspection)
  const items = [...new Map(batch.map(({ item }) => [lookedUpName(item), item])).values()]
  const placeOf = new Map(items.map((item, i) => [lookedUpName(item), i]))
  const body = demandBody('inspection/prove', {
    inspection: terms.inspection, draw: drawHash as string, asked: parseJson(question.envelope) as unknown as Envelope, evaluated: parseJson(answer.envelope) as unknown as Envelope, items,
    opened: inputs.map((input, i) => ({ input: toBase64(input), blind: toHex(blinds[i] as Uint8Array), item: batch[i] === undefined ? null : placeOf.get(lookedUpName(batch[i].item)) as number })),
    ...placesOf(outputs.map((output) => copy.prove(labelOfOutput(output)))),
  })
  const to = [terms.inspected, ...terms.inspectors].filter((party) => party !== home.register.file.party)
  return writeWith(home.register, hall.joined, to.map((party): Saying => ({ to: party, kind: 'inspection/prove', body, about: question.id })), home.now(), async (tx, messages) => {
    await recordPeople(tx, { register: home.register, joined: hall.joined }, messages, people, home.now())
    return messages
  })
}

/** An evaluation that does not hold is put on file: question, answer and head show it to anybody. */
async function demandEvaluation({ home, hall }: Running, { terms, draw }: Inspection, question: Message, answer: Message, demand: () => void): Promise<void> {
  try {
    demand()
  } catch (error) {
    if (!(error instanceof OprfError)) throw error
    const breach = new Breach(`evaluation/${error.code}`, error.message, { request: question.envelope, answer: answer.envelope, head: canonicalBytes((draw as NonNullable<typeof draw>).head) })
    await recordBreach(home.register, hall.joined.agreement.id, terms.inspected, breach, home.now())
    throw breach
  }
}

async function copyIn({ hall }: Running, { terms }: Inspection): Promise<ReturnType<typeof copyOf>> {
  const { heads } = await hall.mirror.follow(terms.inspected)
  const head = heads.find((each) => each.head.hash === terms.head)?.head
  if (head === undefined) throw new Refusal<InspectionLookUpCode>('inspection/no-copy', `the log of ${terms.inspected} holds no head ${terms.head}`, 'head')
  return copyOf(await hall.mirror.declaration(terms.inspected, head), head)
}

type Places = Pick<InspectionBody<'inspection/prove'>, 'present' | 'absent'>

function placesOf(found: readonly Found[]): Places {
  return {
    present: found.flatMap((each, element): Places['present'][number][] => 'present' in each ? [{ element, index: each.present.index, entry: toBase64(each.present.entry), path: each.present.path.map(toBase64) }] : []),
    absent: found.flatMap((each, element): Places['absent'][number][] => 'absent' in each ? [{ element, index: each.absent.index, entries: each.absent.entries.map(toBase64), paths: each.absent.paths.map((path) => path.map(toBase64)) }] : []),
  }
}
