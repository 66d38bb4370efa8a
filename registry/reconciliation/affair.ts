// A reconciliation as it stands between this party and one other, read anew from the messages: who proposed it, what each has bound and opened, and the
// own table, which is made again from the register as it was known when it was bound.
import { equal, fromHex } from '@muster/core/bytes/bytes.ts'
import { Breach } from '@muster/core/bytes/breach.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { secondsOf, timeOf, type Time } from '@muster/core/bytes/time.ts'
import type { Document } from '@muster/core/rules/document.ts'
import { holdingAsOf } from '@muster/core/rules/holding.ts'
import type { Identity, ItemId } from '@muster/core/rules/item.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { passingsOf, tableOf, type PassedRow, type Passing } from '@muster/core/rules/reconcile.ts'
import { bindTable } from '@muster/core/wire/reconciliation-body.ts'
import type { Message } from '@muster/core/wire/message.ts'
import type { SaidBody } from '@muster/core/wire/said-body.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { saidOf, type At, type Said } from '../said.ts'
import { recordBreach } from '../store/breaches.ts'
import { histories } from '../store/histories.ts'
import { derive } from '../store/secrets.ts'
import { transfers } from '../transfer/view.ts'

export type ReconciliationCode = 'reconciliation/unknown' | 'reconciliation/no-party' | 'reconciliation/not-agreed' | 'reconciliation/no-declaration' | 'reconciliation/answered' | 'reconciliation/refused' | 'reconciliation/other-question'
export type TableCode = 'reconciliation/other-table'
const ID_SHOWN_MIN = 8

export interface Affair {
  readonly id: string
  readonly with: PartyId
  /** Whether this party proposed it. */
  readonly proposed: boolean
  readonly asOf: Time
  readonly proposal: Said<'reconciliation/propose'>
  readonly accepted: Said<'reconciliation/accept'> | undefined
  readonly declined: SaidBody<'reconciliation/decline'> | undefined
  /** The proposer's table, and the other's in answer; each as its party opened it. */
  readonly open: Said<'reconciliation/open'> | undefined
  readonly counts: Said<'reconciliation/counts'> | undefined
  /** The last one of this party, and of the other. */
  readonly reports: { readonly own: Said<'reconciliation/report'> | undefined, readonly other: Said<'reconciliation/report'> | undefined }
}

/** Every reconciliation of this party, oldest first. */
export async function affairs(home: At): Promise<Affair[]> {
  const both = async <K extends Parameters<typeof saidOf>[1]>(kind: K) => ({ out: await saidOf(home, kind, 'out'), in: await saidOf(home, kind, 'in') })
  const [proposals, accepts, declines, opens, counts, reports] = [await both('reconciliation/propose'), await both('reconciliation/accept'), await both('reconciliation/decline'), await both('reconciliation/open'), await both('reconciliation/counts'), await both('reconciliation/report')]
  const self = home.register.file.party
  const all = [...proposals.out.map((proposal) => ({ proposal, proposed: true })), ...proposals.in.filter(({ message }) => message.payload.from !== self).map((proposal) => ({ proposal, proposed: false }))]
  return all.map(({ proposal, proposed }): Affair => {
    const { reconciliation: id, asOf } = proposal.body
    const other = proposed ? proposal.message.payload.to : proposal.message.payload.from
    const [mine, theirs] = ['out', 'in'] as const
    const [proposer, accepter] = proposed ? [mine, theirs] : [theirs, mine]
    const between = ({ message: { payload } }: { readonly message: Message }): boolean => payload.from === other || payload.to === other
    const about = <S extends { readonly message: Message, readonly body: { readonly reconciliation: string } }>(said: readonly S[]): S | undefined => said.find((each) => each.body.reconciliation === id && between(each))
    return {
      id, with: other, proposed, asOf, proposal, accepted: about(accepts[accepter]), declined: about(declines[accepter])?.body, open: about(opens[proposer]), counts: about(counts[accepter]),
      reports: { own: about(reports.out.toReversed()), other: about(reports.in.toReversed()) },
    }
  }).sort((a, b) => a.proposal.message.payload.time < b.proposal.message.payload.time ? -1 : 1)
}

/** The one whose id begins so. */
export async function affairBy(home: At, id: string, other?: PartyId): Promise<Affair> {
  const [only, ...more] = id.length < ID_SHOWN_MIN ? [] : (await affairs(home)).filter((each) => each.id.startsWith(id) && (other === undefined || each.with === other))
  if (only === undefined || more.length > 0) throw new Refusal<ReconciliationCode>('reconciliation/unknown', `no one reconciliation begins with ${id}: ${ID_SHOWN_MIN} or more characters of its id, as muster reconcile list has it`, 'id')
  return only
}

/** An own item that passed between the two. */
export interface OwnPassing extends Passing { readonly item: ItemId, readonly identity: Identity, readonly documents: readonly Document[] }

const paper = ({ series, number, date }: Document): string => `${series ?? ''}/${number}/${String(date)}`

/**
 * The own items that passed, as of `asOf` and as known at `known`, in the order of their ids. Those on the papers of a transfer that Muster carried are left
 * out: of these both sides have the list.
 */
async function ownPassings(home: At, other: PartyId, asOf: Time, known: Time): Promise<OwnPassing[]> {
  const { register, joined } = home
  const listed = new Set((await transfers(home, secondsOf(known))).filter((each) => each.with === other && each.notice.payload.time <= known).flatMap(({ body }) => body.documents.map(paper)))
  const { classes } = joined.agreement.scope
  const passings: OwnPassing[] = []
  for await (const events of histories(register.db)) {
    const holding = holdingAsOf(events, asOf, known)
    if (holding === undefined || (classes !== null && !classes.includes(holding.identity.class))) continue
    for (const passing of passingsOf(holding, other)) {
      const documents = passing.way === 'to' ? holding.released?.documents ?? [] : holding.acquired.documents
      if (documents.length > 0 && documents.every((document) => listed.has(paper(document)))) continue
      passings.push({ ...passing, item: holding.item, identity: holding.identity, documents })
    }
  }
  return passings
}

export interface OwnTable { readonly passings: readonly OwnPassing[], readonly rows: readonly PassedRow[], readonly salt: Uint8Array, readonly binding: string }

/** The own side, as known a second before `said`: what is written in the second of the message itself is not in it. */
export async function ownTable(home: At, id: string, other: PartyId, asOf: Time, said: Time): Promise<OwnTable> {
  const passings = await ownPassings(home, other, asOf, timeOf(secondsOf(said) - 1))
  const rows = tableOf(passings)
  const salt = new Uint8Array(derive(home.register.secrets.question, 'reconciliation\n', home.joined.agreement.id, '\n', other, '\n', id))
  return { passings, rows, salt, binding: bindTable(p, salt, rows) }
}

/** What the own messages bound, made again. Throws where the register of then cannot be made again: a correction in the same second. */
export async function ownTableOf(home: At, affair: Affair): Promise<OwnTable> {
  const own = affair.proposed ? affair.proposal : affair.accepted
  if (own === undefined) throw new Refusal<ReconciliationCode>('reconciliation/unknown', `this party has not accepted reconciliation ${affair.id}`, 'id')
  const table = await ownTable(home, affair.id, affair.with, affair.asOf, own.message.payload.time)
  if (table.binding !== own.body.binding) throw new Refusal<ReconciliationCode>('reconciliation/refused', `the register as it was on ${own.message.payload.time} does not give the table that was bound: propose anew`, 'id')
  return table
}

/** Puts on file that the other side opened another table than it bound: both messages bear its signatures. */
export async function recordOtherTable({ register, joined }: At, { with: other, proposed, proposal, accepted, open, counts }: Affair, at: number): Promise<void> {
  const [bound, table] = proposed ? [accepted, counts] : [proposal, open]
  if (bound === undefined || table === undefined) return
  const breach = new Breach<TableCode>('reconciliation/other-table', `${other} opened another table to reconciliation ${table.body.reconciliation} than it had bound`, { bound: bound.message.envelope, table: table.message.envelope })
  await recordBreach(register, joined.agreement.id, other, breach, at)
}

/** The other side's rows, where they were opened and are what it bound; `not-bound` where they are something else. */
export function otherRows({ proposed, proposal, accepted, open, counts }: Affair): readonly PassedRow[] | 'not-bound' | undefined {
  const [opened, binding] = proposed ? [counts?.body, accepted?.body.binding] : [open?.body, proposal.body.binding]
  if (opened === undefined || binding === undefined) return undefined
  const bound = fromHex(binding)
  const made = fromHex(bindTable(p, fromHex(opened.salt) as Uint8Array, opened.rows))
  return bound !== undefined && made !== undefined && equal(bound, made) ? opened.rows : 'not-bound'
}
