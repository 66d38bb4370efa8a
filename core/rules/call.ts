// A call to count and what came of it, party by party: the matrix of answers (DESIGN section 6). Pure; time is an argument. A late answer is an
// answer and is shown as late; a later answer stands beside the earlier one, and the newest is what the row says. Which is newest the sender's own
// sequence says, and not its clock.
import type { Time } from '../bytes/time.ts'
import { countedItems, declaredItems } from './balance.ts'
import type { Holding } from './holding.ts'
import { known } from './item.ts'
import { fieldForm } from './match-key.ts'
import { IN_HAND, type Status } from './status.ts'

export const CALL_REASONS = ['seizure', 'loss', 'theft', 'periodic', 'exercise', 'other'] as const
/** How an item was seen: taken out of its container, in a container whose seal was checked, or in the books only. */
export const SEEN = ['opened', 'sealed', 'records'] as const
export type Seen = (typeof SEEN)[number]
export const NO_COUNT_REASONS = ['no-holdings-in-scope', 'outside-the-agreement', 'neutrality', 'national-security', 'restricted-by-law', 'ongoing-investigation', 'no-means', 'other'] as const
export type NoCountReason = (typeof NO_COUNT_REASONS)[number]

/**
 * `under-way`: no receipt yet · `received` · `acknowledged` · `answered` · `declined` · `objected` · `silent`: had it, by its receipt or because a quorum of the
 * agreement offered it in vain, and no word when it was due · `unreachable`: not even a receipt when it was due, which accuses nobody.
 */
export const STANDINGS = ['under-way', 'received', 'acknowledged', 'answered', 'declined', 'objected', 'silent', 'unreachable'] as const
export type Standing = (typeof STANDINGS)[number]

export interface CountedRow { readonly class: string, readonly type: string | null, readonly opened: number, readonly sealed: number, readonly records: number }
/** A word of an addressee, as it dated it. */
export type Word =
  | { readonly kind: 'acknowledged', readonly time: Time, readonly expected: Time | null }
  | { readonly kind: 'answered', readonly time: Time, readonly counts: readonly CountedRow[] }
  | { readonly kind: 'declined' | 'objected', readonly time: Time, readonly reason: NoCountReason }

/** What is known of one addressee; `words` in the order in which it said them. `party`: its code, or the name of a state that is called on paper. `receipted`: when its receipt, or whoever handed the note over, says that the call arrived. `offered`: a quorum of the agreement offered it in vain. */
export interface Addressed { readonly party: string, readonly issued: Time, readonly receipted: Time | null, readonly offered?: boolean, readonly words: readonly Word[] }

export interface MatrixRow {
  readonly party: string
  readonly standing: Standing
  /** When that was said, or since when it is so. */
  readonly since: Time
  readonly late: boolean
  /** Answers and refusals that a later one replaced. */
  readonly earlier: number
  readonly totals: Readonly<Record<Seen, number>> | undefined
  readonly reason: NoCountReason | undefined
}

export function matrixRow({ party, issued, receipted, offered = false, words }: Addressed, due: Time, at: Time): MatrixRow {
  const final = words.filter(({ kind }) => kind !== 'acknowledged')
  const last = final.at(-1)
  const none = { party, late: false, earlier: 0, totals: undefined, reason: undefined }
  if (last !== undefined) {
    return {
      party, standing: last.kind, since: last.time, late: last.time > due, earlier: final.length - 1,
      totals: last.kind === 'answered' ? totalsOf(last.counts) : undefined, reason: last.kind === 'declined' || last.kind === 'objected' ? last.reason : undefined,
    }
  }
  if (receipted === null && !(offered && at > due)) return at > due ? { ...none, standing: 'unreachable', since: due } : { ...none, standing: 'under-way', since: issued }
  if (receipted === null || at > due) return { ...none, standing: 'silent', since: due }
  const acknowledged = words.at(-1)
  return acknowledged === undefined ? { ...none, standing: 'received', since: receipted } : { ...none, standing: 'acknowledged', since: acknowledged.time }
}

export function totalsOf(counts: readonly CountedRow[]): Readonly<Record<Seen, number>> {
  const sum = (seen: Seen) => counts.reduce((total, row) => total + row[seen], 0)
  return { opened: sum('opened'), sealed: sum('sealed'), records: sum('records') }
}

/** How many addressees stand where; the late are answered. */
export interface CallTally { readonly addressed: number, readonly answered: number, readonly declined: number, readonly silent: number }

export function tallyOf(rows: readonly MatrixRow[]): CallTally {
  const of = (...standings: readonly Standing[]) => rows.filter(({ standing }) => standings.includes(standing)).length
  return { addressed: rows.length, answered: of('answered'), declined: of('declined', 'objected'), silent: of('silent') }
}

/** Items by class and status, one more: the table that a head binds has a member for each. */
export function addCount(counts: Record<string, number>, kind: string, status: Status): void {
  const name = `${kind} ${status}`
  counts[name] = (counts[name] ?? 0) + 1
}

/** What a call asks for: classes and types, all where none are named. */
export interface CallScope { readonly classes: readonly string[] | null, readonly types: readonly string[] | null }

/** Whether an item in hand is one that the call asks for. Types are compared as match keys compare them, in either alphabet. */
export function isAskedFor({ status, identity }: Pick<Holding, 'status' | 'identity'>, { classes, types }: CallScope): boolean {
  if (!IN_HAND.includes(status) || (classes !== null && !classes.includes(identity.class))) return false
  const form = fieldForm(known(identity.type))
  return types === null || (form !== undefined && types.some((type) => fieldForm(type) === form))
}

/** How an item was seen since the call went out; what nobody went to see stands in the records only. */
export function seenSince(counted: Holding['counted'], since: Time): Seen {
  return counted === undefined || counted.at < since || counted.seen === 'not-accessible' ? 'records' : counted.seen
}

export interface Difference { readonly class: string, readonly counted: number, readonly declared: number }

/** Classes of which an answer counts another number than its own declaration says is in hand. Only classes that the call is about are compared. */
export function differencesOf(counts: readonly CountedRow[], declared: Readonly<Record<string, number>>, classes: readonly string[] | null): Difference[] {
  const [counted, said] = [countedItems(counts), declaredItems(declared)]
  return [...new Set([...counted.keys(), ...said.keys()])].sort().flatMap((kind) => {
    if (classes !== null && !classes.includes(kind)) return []
    const [was, is] = [said.get(kind) ?? 0, counted.get(kind) ?? 0]
    return was === is ? [] : [{ class: kind, counted: is, declared: was }]
  })
}
