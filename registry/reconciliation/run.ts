// The asking side of a reconciliation: tables exchanged, the own items looked up in the other's declaration, and a report by number, also where the other side
// refuses before the end. It may be broken off anywhere and run again.
import { toHex } from '@muster/core/bytes/bytes.ts'
import { canonical } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import { batchesOf, grantOf, reconciled, sideBySide, UNASKED, type LookedUpAs, type PassedRow, type Passing, type ReconciledRow, type Unasked } from '@muster/core/rules/reconcile.ts'
import type { ReadHead } from '@muster/core/wire/head.ts'
import type { SaidBody } from '@muster/core/wire/said-body.ts'
import { demandBody, saidOf, sayWith, type At, type People, type Said } from '../said.ts'
import { messagesAbout } from '../store/messages.ts'
import { affairBy, otherRows, ownTableOf, recordOtherTable, type Affair, type OwnTable, type ReconciliationCode } from './affair.ts'
import { answered, EndedEarly, lookUpAll, questionsOf, say, type Question, type Running } from './look-up.ts'

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

const at = ({ home, hall }: Running): At => ({ register: home.register, joined: hall.joined })

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
  if (rows === 'not-bound') await recordOtherTable(at(running), affair, running.home.now())
  if (rows === 'not-bound') throw new Refusal<ReconciliationCode>('reconciliation/refused', `${affair.with} opened another table than it bound: both messages are signed`, 'rows')
  return rows
}

/** `progress` hears how many batches of how many at most are done. */
export async function runReconciliation(running: Running, id: string, people: People, progress: (done: number, of: number) => void = () => undefined): Promise<Reconciled> {
  const { hall } = running
  const affair = await affairBy(at(running), id)
  const own = await ownTableOf(at(running), affair)
  const other = await exchangeTables(running, affair, own)
  const asked = await askedBefore(running, affair)
  const { head, folder } = await headOf(running, affair, asked.get(0)?.body.head)
  const granted = batchesOf(grantOf(own.rows, other), hall.joined.agreement.batches)
  const { questions, of } = questionsOf(own.passings)
  const looking = { head, folder, granted, asked: new Map([...asked].map(([n, { message }]) => [n, message])) }
  const ended = await endOf(lookUpAll(running, affair, looking, questions, (done) => { progress(done, granted.length) }))
  const items = own.passings.map((passing): ReconciledItem => ({ item: passing.item, class: passing.class, year: passing.year, way: passing.way, found: foundAs(of.get(passing)) }))
  const rows = reconciled(sideBySide(own.rows, other), items)
  await report(running, affair, head, { rows, items, ended }, people)
  if (ended !== undefined) throw ended.cause
  return { id: affair.id, with: affair.with, head: head.hash, asOf: head.head.asOf, rows, items, differences: rows.reduce((sum, { differences }) => sum + differences, 0) }
}

/** What ended it early; undefined where nothing did. */
async function endOf(looking: Promise<void>): Promise<EndedEarly | undefined> {
  try {
    await looking
    return undefined
  } catch (error) {
    if (error instanceof EndedEarly) return error
    throw error
  }
}

/** An item is looked up under all its keys or not at all: of some alone absence says nothing. */
function foundAs(question: Question | Unasked | undefined): LookedUpAs {
  if (question === undefined) return 'beyond-the-grant'
  if (typeof question === 'string') return question
  return question.found ?? (question.asked < question.keys.length ? 'beyond-the-grant' : 'not-declared')
}

/** Batches that were asked and not refused, by their numbers. */
async function askedBefore(running: Running, { id, with: other }: Affair): Promise<ReadonlyMap<number, Said<'reconciliation/ask'>>> {
  const { home, hall } = running
  const asks = (await saidOf(at(running), 'reconciliation/ask', 'out', { member: 'reconciliation', begins: id })).filter(({ message }) => message.payload.to === other)
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

interface Found { readonly rows: readonly ReconciledRow[], readonly items: readonly ReconciledItem[], readonly ended: EndedEarly | undefined }

/** By number only: which items are not declared stays here. Said anew where the last one said something else. */
async function report(running: Running, affair: Affair, head: ReadHead, { rows, items, ended }: Found, people: People): Promise<void> {
  const names = [...new Set(rows.map(({ class: kind, year }) => `${kind}\n${year}`))].sort()
  const said: SaidBody<'reconciliation/report'> = {
    reconciliation: affair.id, head: head.hash,
    rows: names.map((name) => {
      const [kind = '', year = ''] = name.split('\n')
      const of = (way: 'to' | 'from') => rows.find((row) => row.class === kind && row.year === year && row.way === way)
      const both = [of('to'), of('from')]
      const sum = (what: 'asked' | 'declared') => both.reduce((total, row) => total + (row?.[what] ?? 0), 0)
      return { class: kind, year, to: of('to')?.own ?? 0, from: of('from')?.own ?? 0, asked: sum('asked'), declared: sum('declared') }
    }),
    unasked: Object.fromEntries(UNASKED.map((why) => [why, items.filter(({ found }) => found === why).length])) as Record<Unasked, number>,
    failed: ended === undefined ? null : { n: ended.n, why: ended.why },
  }
  const { own } = affair.reports
  if (own !== undefined && canonical(own.body) === canonical(said)) return
  await sayWith(at(running), [{ to: affair.with, kind: 'reconciliation/report', body: demandBody('reconciliation/report', said) }], people, running.home.now())
}
