// The asking side of a reconciliation: tables exchanged, the own items looked up in the other's declaration batch by batch, each batch shown, and a report by
// number. It may be broken off anywhere and run again: the blinds come from the register's key, so what was asked is found asked and what was answered is used.
import { fromBase64, fromHex, toHex, u64 } from '@muster/core/bytes/bytes.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { canonical } from '@muster/core/bytes/canonical.ts'
import { coinBinding, PAD_RANDOM_BYTES, padInput } from '@muster/core/oprf/batch.ts'
import { labelOfOutput } from '@muster/core/oprf/label.ts'
import { demandProof, finalizeEach } from '@muster/core/oprf/oprf.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import { batchesOf, grantOf, lookUpKeys, reconciled, sideBySide, type LookedUpAs, type PassedRow, type Passing, type ReconciledRow } from '@muster/core/rules/reconcile.ts'
import { pickedElements, type ShownElement } from '@muster/core/wire/reconciliation-body.ts'
import type { ReadHead } from '@muster/core/wire/head.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { saidBody, type SaidBody, type SaidKind } from '@muster/core/wire/said-body.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { Unreachable } from '../peer/client.ts'
import { demandBody, saidOf, sayWith, type At, type People, type Said } from '../said.ts'
import { send } from '../send.ts'
import { messagesAbout, writeMessages, type Saying } from '../store/messages.ts'
import { derive } from '../store/secrets.ts'
import { blinded, copyOf, seededChance } from '../trace/ask.ts'
import type { Tracing } from '../trace/asked.ts'
import { affairBy, otherRows, ownTableOf, type Affair, type OwnPassing, type OwnTable, type ReconciliationCode } from './affair.ts'

export interface ReconciledItem extends Passing { readonly item: ItemId, readonly found: LookedUpAs }
export interface Reconciled {
  readonly id: string
  readonly with: string
  readonly head: string
  readonly asOf: string
  readonly rows: readonly ReconciledRow[]
  readonly items: readonly ReconciledItem[]
  readonly differences: number
}

type Running = Pick<Tracing, 'home' | 'hall' | 'group' | 'own'>

function refused({ payload: { body } }: Message, other: string): Refusal<ReconciliationCode> {
  return new Refusal('reconciliation/refused', `${other} refuses: ${canonical(body.reason ?? null)}`, 'id')
}

/** The answer of one kind to a question, whether it came now or before. Throws where the other refuses, and Unreachable where it does not answer. */
async function answered<K extends SaidKind>({ home, hall, own }: Running, kind: K, message: Message): Promise<SaidBody<K>> {
  const { from, to } = { from: message.payload.from, to: message.payload.to }
  const before = from === to ? [] : await messagesAbout(home.register, hall.joined, to, [message.id], 'in')
  const known = before.find(({ payload }) => payload.kind === kind || payload.kind === 'reconciliation/refuse')
  const answer = known ?? (await send(home, hall, message, own)).answers.find(({ payload }) => payload.kind === kind || payload.kind === 'reconciliation/refuse')
  if (answer === undefined) throw new Unreachable('http://no-answer.invalid', new Error(`${to} gave no answer yet`))
  if (answer.payload.kind === 'reconciliation/refuse') throw refused(answer, to)
  const body = saidBody(kind, answer.payload.body)
  if (body instanceof Refusal) throw body
  return body
}

const at = ({ home, hall }: Running): At => ({ register: home.register, joined: hall.joined })

async function say(running: Running, saying: Saying): Promise<Message> {
  const [message] = await writeMessages(running.home.register, running.hall.joined, [saying], running.home.now()) as [Message]
  return message
}

/** Both tables: the proposer opens first, and the other answers with its own. */
async function exchangeTables(running: Running, affair: Affair, own: OwnTable): Promise<readonly PassedRow[]> {
  if (affair.proposed && affair.counts === undefined) {
    if (affair.accepted === undefined) throw new Refusal<ReconciliationCode>('reconciliation/answered', affair.declined === undefined ? `${affair.with} has not accepted yet` : `${affair.with} declines: ${affair.declined.reason}`, 'id')
    const accept = affair.accepted.message.id
    const open = affair.open?.message ?? await say(running, { to: affair.with, kind: 'reconciliation/open', body: demandBody('reconciliation/open', { reconciliation: affair.id, accept, salt: toHex(own.salt), rows: own.rows }), about: accept })
    await answered(running, 'reconciliation/counts', open)
    const exchanged = await affairBy(at(running), affair.id, affair.with)
    if (exchanged.counts === undefined) throw new Refusal<ReconciliationCode>('reconciliation/refused', `${affair.with} answers with the table of another reconciliation`, 'id')
    return exchangeTables(running, exchanged, own)
  }
  const rows = otherRows(affair)
  if (rows === undefined) throw new Refusal<ReconciliationCode>('reconciliation/answered', `${affair.with} proposed it and has not opened its table yet`, 'id')
  if (rows === 'not-bound') throw new Refusal<ReconciliationCode>('reconciliation/refused', `${affair.with} opened another table than it bound: both messages are signed`, 'rows')
  return rows
}

/** `progress` hears how many batches of how many are done. */
export async function runReconciliation(running: Running, id: string, people: People, progress: (done: number, of: number) => void = () => undefined): Promise<Reconciled> {
  const { hall } = running
  const affair = await affairBy(at(running), id)
  const own = await ownTableOf(at(running), affair)
  const other = await exchangeTables(running, affair, own)
  const asked = await askedBefore(running, affair)
  const { head, folder } = await headOf(running, affair, asked.get(0)?.body.head)
  const sizes = hall.joined.agreement.batches
  const batches = cut(own.passings, batchesOf(grantOf(own.rows, other), sizes), sizes)
  const found = new Map<OwnPassing, LookedUpAs>()
  for (const [n, { size, elements }] of batches.entries()) {
    progress(n, batches.length)
    await lookUpBatch(running, affair, { n, head, folder, size, batch: elements, asked: asked.get(n)?.message }, found)
  }
  progress(batches.length, batches.length)
  const items = own.passings.map((passing): ReconciledItem => ({ item: passing.item, class: passing.class, year: passing.year, way: passing.way, found: found.get(passing) }))
  const rows = reconciled(sideBySide(own.rows, other), items)
  if (affair.reports.own === undefined) await report(running, affair, head, rows, people)
  return { id: affair.id, with: affair.with, head: head.hash, asOf: head.head.asOf, rows, items, differences: rows.reduce((sum, { differences }) => sum + differences, 0) }
}

/** Batches that were asked and not refused, by their numbers. */
async function askedBefore(running: Running, { id, with: other }: Affair): Promise<ReadonlyMap<number, Said<'reconciliation/ask'>>> {
  const { home, hall } = running
  const asks = (await saidOf(at(running), 'reconciliation/ask', 'out')).filter(({ body, message }) => body.reconciliation === id && message.payload.to === other)
  const back = asks.length === 0 ? [] : await messagesAbout(home.register, hall.joined, other, asks.map(({ message }) => message.id), 'in')
  const refusals = new Set(back.filter(({ payload }) => payload.kind === 'reconciliation/refuse').map(({ payload }) => payload.body.request))
  return new Map(asks.filter(({ message }) => !refusals.has(message.id)).map((ask) => [ask.body.n, ask]))
}

/** The declaration in which the first batch asked, or the newest. */
async function headOf({ hall }: Running, affair: Affair, hash: string | undefined): Promise<{ readonly head: ReadHead, readonly folder: string }> {
  const { heads } = await hall.mirror.follow(affair.with)
  const head = (hash === undefined ? heads.at(-1) : heads.find((each) => each.head.hash === hash))?.head
  if (head === undefined) throw new Refusal<ReconciliationCode>('reconciliation/no-declaration', `${affair.with} has declared nothing yet`, 'id')
  return { head, folder: await hall.mirror.declaration(affair.with, head) }
}

interface Element { readonly passing: OwnPassing, readonly kind: 'type' | 'class', readonly key: Uint8Array }

/** The keys of the items in their order, in as many of the granted batches as they fill. An item is looked up under all its keys or not at all: of some alone absence says nothing. */
function cut(passings: readonly OwnPassing[], granted: readonly number[], sizes: readonly number[]): { readonly size: number, readonly elements: readonly Element[] }[] {
  const most = granted.reduce((sum, size) => sum + size, 0)
  const elements: Element[] = []
  for (const passing of passings) {
    const keys = lookUpKeys(passing.identity)
    if (elements.length + keys.length <= most) elements.push(...keys.map(({ kind, key }) => ({ passing, kind, key })))
  }
  let from = 0
  return granted.flatMap((room) => {
    const taken = elements.slice(from, from += room)
    return taken.length === 0 ? [] : [{ size: sizes.find((size) => size >= taken.length) ?? room, elements: taken }]
  })
}

interface Batch { readonly n: number, readonly head: ReadHead, readonly folder: string, readonly size: number, readonly batch: readonly Element[], readonly asked: Message | undefined }

async function lookUpBatch(running: Running, affair: Affair, { n, head, folder, size, batch, asked }: Batch, found: Map<OwnPassing, LookedUpAs>): Promise<void> {
  const { home, group } = running
  const keys = batch.map(({ key }) => key)
  const chance = seededChance(derive(home.register.secrets.question, 'reconciled\n', affair.id, '\n', affair.with, '\n', head.hash, u64(n), p.sha256(...keys)))
  const inputs = [...keys, ...Array.from({ length: size - keys.length }, () => padInput(chance(PAD_RANDOM_BYTES)))]
  const { blinds, elements } = blinded(group, inputs, chance)
  const coin = chance(32)
  const ask = asked ?? await say(running, { to: affair.with, kind: 'reconciliation/ask', body: demandBody('reconciliation/ask', {
    reconciliation: affair.id, n, head: head.hash, elements: elements.map((element) => Buffer.from(element).toString('base64')), coin: toHex(coinBinding((...parts) => p.sha256(...parts), coin)),
  }) })
  const answer = await answered(running, 'reconciliation/answer', ask)
  const evaluated = answer.elements.map((element) => fromBase64(element) as Uint8Array)
  demandProof(group, fromBase64(head.head.oprf) as Uint8Array, elements, evaluated, fromBase64(answer.proof) as Uint8Array)
  const outputs = finalizeEach(group, inputs.slice(0, keys.length), blinds.slice(0, keys.length), evaluated.slice(0, keys.length))
  const copy = copyOf(folder, head)
  for (const [i, { passing, kind }] of batch.entries()) {
    const declared = 'present' in copy.prove(labelOfOutput(outputs[i] as Uint8Array))
    const before = found.get(passing)
    found.set(passing, declared && before !== 'type' ? kind : before ?? 'not-declared')
  }
  await show(running, affair, ask, { coin, theirs: fromHex(answer.coin) as Uint8Array, inputs, blinds, batch })
}

interface Toss { readonly coin: Uint8Array, readonly theirs: Uint8Array, readonly inputs: readonly Uint8Array[], readonly blinds: readonly Uint8Array[], readonly batch: readonly Element[] }

/** Shows the elements that both coins pick. A second showing after a break says the same. */
async function show(running: Running, affair: Affair, ask: Message, { coin, theirs, inputs, blinds, batch }: Toss): Promise<void> {
  const { home, hall, own } = running
  const picked = pickedElements((...parts) => p.sha256(...parts), coin, theirs, hall.joined.agreement.reconciliation?.openOneIn ?? 1, inputs.length)
  const opened = picked.map((element): ShownElement => {
    const passing = batch[element]?.passing
    return {
      element, input: Buffer.from(inputs[element] as Uint8Array).toString('base64'), blind: toHex(blinds[element] as Uint8Array),
      ...(passing === undefined ? {} : { item: { identity: passing.identity, way: passing.way, year: passing.year, documents: passing.documents } }),
    }
  })
  const before = (await messagesAbout(home.register, hall.joined, home.register.file.party, [ask.id], 'out')).find(({ payload }) => payload.kind === 'reconciliation/show')
  const message = before ?? await say(running, { to: affair.with, kind: 'reconciliation/show', body: demandBody('reconciliation/show', { reconciliation: affair.id, ask: ask.id, coin: toHex(coin), opened }), about: ask.id })
  const { answers } = await send(home, hall, message, own)
  const refusal = answers.find(({ payload }) => payload.kind === 'reconciliation/refuse')
  if (refusal !== undefined) throw refused(refusal, affair.with)
}

/** By number only: which items are not declared stays here. */
async function report(running: Running, affair: Affair, head: ReadHead, rows: readonly ReconciledRow[], people: People): Promise<void> {
  const names = [...new Set(rows.map(({ class: kind, year }) => `${kind}\n${year}`))].sort()
  const body = demandBody('reconciliation/report', {
    reconciliation: affair.id, head: head.hash,
    rows: names.map((name) => {
      const [kind = '', year = ''] = name.split('\n')
      const of = (way: 'to' | 'from') => rows.find((row) => row.class === kind && row.year === year && row.way === way)
      const both = [of('to'), of('from')]
      const sum = (what: 'asked' | 'declared') => both.reduce((total, row) => total + (row?.[what] ?? 0), 0)
      return { class: kind, year, to: of('to')?.own ?? 0, from: of('from')?.own ?? 0, asked: sum('asked'), declared: sum('declared') }
    }),
  })
  await sayWith(at(running), [{ to: affair.with, kind: 'reconciliation/report', body }], people, running.home.now())
}
