// The own items of a reconciliation looked up in the other's declaration, batch by batch: first under the one key of each that every copy of its mark shares,
// then those that it did not find under all others. Each batch is shown before the next is asked. It may be broken off anywhere and run again: the blinds come
// from the register's key, so what was asked is found asked, and compared, and what was answered is used.
import { fromBase64, fromHex, toBase64, toHex, u64 } from '@muster/core/bytes/bytes.ts'
import { Breach } from '@muster/core/bytes/breach.ts'
import { canonical } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { coinBinding, PAD_RANDOM_BYTES, padInput } from '@muster/core/oprf/batch.ts'
import { labelOfOutput } from '@muster/core/oprf/label.ts'
import { OprfError } from '@muster/core/oprf/oprf-error.ts'
import { demandProof, finalizeEach } from '@muster/core/oprf/oprf.ts'
import { lookUpKeys, type LookUpKey, type Unasked } from '@muster/core/rules/reconcile.ts'
import { passingName } from '@muster/core/rules/shown-item.ts'
import type { ReadHead } from '@muster/core/wire/head.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { pickedElements, RECONCILIATION_REFUSALS, type ReconciliationFailure, type ShownElement } from '@muster/core/wire/reconciliation-body.ts'
import { saidBody, type SaidBody, type SaidKind } from '@muster/core/wire/said-body.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { Unreachable } from '../peer/client.ts'
import { demandBody } from '../said.ts'
import { send } from '../send.ts'
import { recordBreach } from '../store/breaches.ts'
import { messagesAbout, writeMessages, type Saying } from '../store/messages.ts'
import { derive } from '../store/secrets.ts'
import { blinded, copyOf, seededChance } from '../trace/ask.ts'
import type { Tracing } from '../trace/asked.ts'
import type { Affair, OwnPassing, ReconciliationCode } from './affair.ts'

export type Running = Pick<Tracing, 'home' | 'hall' | 'group' | 'own'>

/** One item to look up. Rows of the register that are one identity and one passing are one question. */
export interface Question {
  readonly passing: OwnPassing
  readonly keys: readonly LookUpKey[]
  /** By how many of its keys it was asked for, and the kind of the one that found it. */
  asked: number
  found: LookUpKey['kind'] | undefined
}

/** The questions of the own items in their order, and what each item comes to: its question, or why there is none. */
export function questionsOf(passings: readonly OwnPassing[]): { readonly questions: readonly Question[], readonly of: ReadonlyMap<OwnPassing, Question | Unasked> } {
  const byName = new Map<string, Question>()
  const of = new Map<OwnPassing, Question | Unasked>()
  for (const passing of passings) {
    const name = passingName(passing)
    const keys = lookUpKeys(passing.identity)
    const question = byName.get(name) ?? { passing, keys, asked: 0, found: undefined }
    const why = keys.length === 0 ? 'unreadable' : passing.documents.length === 0 ? 'no-document' : undefined
    of.set(passing, why ?? question)
    if (why === undefined) byName.set(name, question)
  }
  return { questions: [...byName.values()], of }
}

/** What ended the looking up, beside the error that is thrown. */
export class EndedEarly extends Error {
  readonly n: number
  readonly why: ReconciliationFailure
  constructor(n: number, why: ReconciliationFailure, cause: Error) {
    super(cause.message, { cause })
    this.n = n
    this.why = why
  }
}

export interface LookingUp {
  readonly head: ReadHead
  readonly folder: string
  /** Sizes that the grant gives, by the number of the batch. */
  readonly granted: readonly number[]
  /** Batches that were asked and not refused, by their numbers. */
  readonly asked: ReadonlyMap<number, Message>
}

interface Element { readonly question: Question, readonly key: LookUpKey }

/** Asks for every question in two rounds, as far as the grant goes. Throws EndedEarly where the other side refuses, or evaluates falsely. `progress` hears how many batches are done. */
export async function lookUpAll(running: Running, affair: Affair, looking: LookingUp, questions: readonly Question[], progress: (done: number) => void): Promise<void> {
  const first = questions.flatMap((question): Element[] => question.keys.slice(0, 1).map((key) => ({ question, key })))
  const n = await lookUpRound(running, affair, looking, first, 0, progress)
  const others = questions.flatMap((question): Element[] => question.asked === 0 || question.found !== undefined ? [] : question.keys.slice(1).map((key) => ({ question, key })))
  await lookUpRound(running, affair, looking, others, n, progress)
}

/** Resolves to the number of the next batch. */
async function lookUpRound(running: Running, affair: Affair, looking: LookingUp, elements: readonly Element[], from: number, progress: (done: number) => void): Promise<number> {
  const { batches: sizes } = running.hall.joined.agreement
  let n = from
  for (let at = 0; at < elements.length; n++) {
    const room = looking.granted[n]
    if (room === undefined) return n
    const batch = elements.slice(at, at += room)
    await lookUpBatch(running, affair, looking, { n, size: sizes.find((size) => size >= batch.length) ?? room, batch })
    progress(n + 1)
  }
  return n
}

interface Batch { readonly n: number, readonly size: number, readonly batch: readonly Element[] }

async function lookUpBatch(running: Running, affair: Affair, { head, folder, asked }: LookingUp, { n, size, batch }: Batch): Promise<void> {
  const { home, group } = running
  const keys = batch.map(({ key }) => key.key)
  const chance = seededChance(derive(home.register.secrets.question, 'reconciled\n', affair.id, '\n', affair.with, '\n', head.hash, u64(n), p.sha256(...keys)))
  const inputs = [...keys, ...Array.from({ length: size - keys.length }, () => padInput(chance(PAD_RANDOM_BYTES)))]
  const { blinds, elements } = blinded(group, inputs, chance)
  const coin = chance(32)
  const body = demandBody('reconciliation/ask', { reconciliation: affair.id, n, head: head.hash, elements: elements.map(toBase64), coin: toHex(coinBinding((...parts) => p.sha256(...parts), coin)) })
  const before = asked.get(n)
  if (before !== undefined && canonical(before.payload.body) !== canonical(body)) {
    throw new Refusal<ReconciliationCode>('reconciliation/other-question', `batch ${n} was asked before with other elements than this register makes now: what was answered cannot be used, propose anew`, `batch ${n}`)
  }
  const ask = before ?? await say(running, { to: affair.with, kind: 'reconciliation/ask', body })
  const { message: answer, body: { elements: given, proof, coin: theirs } } = await answered(running, 'reconciliation/answer', ask, n)
  const evaluated = given.map((element) => fromBase64(element) as Uint8Array)
  await demandEvaluation(running, affair, { head, n, ask, answer }, () => { demandProof(group, fromBase64(head.head.oprf) as Uint8Array, elements, evaluated, fromBase64(proof) as Uint8Array) })
  const outputs = finalizeEach(group, keys, blinds.slice(0, keys.length), evaluated.slice(0, keys.length))
  const copy = copyOf(folder, head)
  for (const [i, { question, key }] of batch.entries()) {
    question.asked += 1
    const label = labelOfOutput(outputs[i] as Uint8Array)
    // That it is absent has to be proven, so that a damaged file never says it.
    if (question.found !== 'type' && (copy.find(label) !== undefined || 'present' in copy.prove(label))) question.found = key.kind
  }
  await show(running, affair, ask, { n, coin, theirs: fromHex(theirs) as Uint8Array, inputs, blinds, batch })
}

/** An evaluation that does not hold is put on file: question, answer and head show it to anybody. */
async function demandEvaluation({ home, hall }: Running, { with: other }: Affair, { head, n, ask, answer }: { readonly head: ReadHead, readonly n: number, readonly ask: Message, readonly answer: Message }, demand: () => void): Promise<void> {
  try {
    demand()
  } catch (error) {
    if (!(error instanceof OprfError)) throw error
    const breach = new Breach(`evaluation/${error.code}`, error.message, { request: ask.envelope, answer: answer.envelope, head: head.bytes })
    await recordBreach(home.register, hall.joined.agreement.id, other, breach, home.now())
    throw new EndedEarly(n, 'false-evaluation', breach)
  }
}

export async function say({ home, hall }: Running, saying: Saying): Promise<Message> {
  const [message] = await writeMessages(home.register, hall.joined, [saying], home.now()) as [Message]
  return message
}

function refusedBy({ payload: { body, from } }: Message, n: number | undefined): Error {
  const refusal = new Refusal<ReconciliationCode>('reconciliation/refused', `${from} refuses: ${canonical(body.reason ?? null)}`, 'id')
  const why = RECONCILIATION_REFUSALS.find((reason) => reason === body.reason)
  return n === undefined || why === undefined ? refusal : new EndedEarly(n, why, refusal)
}

/** The answer of one kind to a question, whether it came now or before. Throws where the other refuses, and Unreachable where it does not answer. */
export async function answered<K extends SaidKind>({ home, hall, own }: Running, kind: K, message: Message, n?: number): Promise<{ readonly message: Message, readonly body: SaidBody<K> }> {
  const { from, to } = { from: message.payload.from, to: message.payload.to }
  const before = from === to ? [] : await messagesAbout(home.register, hall.joined, to, [message.id], 'in')
  const known = before.find(({ payload }) => payload.kind === kind || payload.kind === 'reconciliation/refuse')
  const answer = known ?? (await send(home, hall, message, own)).answers.find(({ payload }) => payload.kind === kind || payload.kind === 'reconciliation/refuse')
  if (answer === undefined) throw new Unreachable('http://no-answer.invalid', new Error(`${to} gave no answer yet`))
  if (answer.payload.kind === 'reconciliation/refuse') throw refusedBy(answer, n)
  const body = saidBody(kind, answer.payload.body)
  if (body instanceof Refusal) throw body
  return { message: answer, body }
}

interface Toss { readonly n: number, readonly coin: Uint8Array, readonly theirs: Uint8Array, readonly inputs: readonly Uint8Array[], readonly blinds: readonly Uint8Array[], readonly batch: readonly Element[] }

/** Shows the elements that both coins pick. A second showing after a break says the same. */
async function show(running: Running, affair: Affair, ask: Message, { n, coin, theirs, inputs, blinds, batch }: Toss): Promise<void> {
  const { home, hall, own } = running
  const before = (await messagesAbout(home.register, hall.joined, home.register.file.party, [ask.id], 'out')).find(({ payload }) => payload.kind === 'reconciliation/show')
  const message = before ?? await say(running, { to: affair.with, kind: 'reconciliation/show', body: demandBody('reconciliation/show', { reconciliation: affair.id, ask: ask.id, coin: toHex(coin), opened: openedOf(running, { n, coin, theirs, inputs, blinds, batch }) }), about: ask.id })
  const { answers } = await send(home, hall, message, own)
  const refusal = answers.find(({ payload }) => payload.kind === 'reconciliation/refuse')
  if (refusal !== undefined) throw refusedBy(refusal, n)
}

function openedOf({ hall }: Running, { coin, theirs, inputs, blinds, batch }: Toss): ShownElement[] {
  const picked = pickedElements((...parts) => p.sha256(...parts), coin, theirs, hall.joined.agreement.reconciliation?.openOneIn ?? 1, inputs.length)
  return picked.map((element) => {
    const passing = batch[element]?.question.passing
    return {
      element, input: toBase64(inputs[element] as Uint8Array), blind: toHex(blinds[element] as Uint8Array),
      ...(passing === undefined ? {} : { item: { identity: passing.identity, way: passing.way, year: passing.year, documents: passing.documents } }),
    }
  })
}
