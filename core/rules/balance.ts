// A count set against what was counted or declared before, and against what passed in between (DESIGN section 6, spec/call.md): earlier count
// + received − released = later count, class by class, or the rows that break it. A row that breaks accuses nobody: the party may have made,
// expended or destroyed items, or passed them to and from others of whom this register knows nothing.
import type { Time } from '../bytes/time.ts'
import type { CountedRow } from './call.ts'
import { IN_HAND, type Status } from './status.ts'

/** What a party said that it has in hand, by class, as of a day. `source`: in answer to a call, or opened from a declaration. */
export interface Stated { readonly source: 'answer' | 'declaration', readonly asOf: Time, readonly items: ReadonlyMap<string, number> }
/** One item that passed to or from the party, when its receiver says that it received it. */
export interface Passed { readonly class: string, readonly received: Time, readonly way: 'to' | 'from' }
export interface BalanceRow { readonly class: string, readonly before: number, readonly received: number, readonly released: number, readonly now: number, readonly unexplained: number }
export interface Balance { readonly source: Stated['source'], readonly since: Time, readonly rows: readonly BalanceRow[] }

export function countedItems(counts: readonly CountedRow[]): Map<string, number> {
  const items = new Map<string, number>()
  for (const { class: kind, opened, sealed, records } of counts) items.set(kind, (items.get(kind) ?? 0) + opened + sealed + records)
  return items
}

/** Of a declaration's opened counts, `class status` by name, those in hand. */
export function declaredItems(counts: Readonly<Record<string, number>>): Map<string, number> {
  const items = new Map<string, number>()
  for (const [name, number] of Object.entries(counts)) {
    const [kind = '', status] = name.split(' ')
    if (IN_HAND.includes(status as Status)) items.set(kind, (items.get(kind) ?? 0) + number)
  }
  return items
}

/** The newest statement before a later one; an answer rather than a declaration of the same day. */
export function statedBefore(earlier: readonly Stated[], asOf: Time): Stated | undefined {
  return earlier.filter((each) => each.asOf < asOf).toSorted((a, b) => a.asOf < b.asOf ? -1 : a.asOf > b.asOf ? 1 : a.source === 'declaration' ? -1 : 1).at(-1)
}

/** Every class of either count, in order; `classes`: those that are compared, null for all. */
export function balanceOf(before: Stated, after: Omit<Stated, 'source'>, passed: readonly Passed[], classes: readonly string[] | null): Balance {
  const between = passed.filter(({ received }) => received > before.asOf && received <= after.asOf)
  const of = (kind: string, way: Passed['way']) => between.filter((each) => each.class === kind && each.way === way).length
  const all = new Set([...before.items.keys(), ...after.items.keys(), ...between.map((each) => each.class)])
  const rows = [...all].filter((kind) => classes === null || classes.includes(kind)).sort().map((kind): BalanceRow => {
    const [was, now, received, released] = [before.items.get(kind) ?? 0, after.items.get(kind) ?? 0, of(kind, 'to'), of(kind, 'from')]
    return { class: kind, before: was, received, released, now, unexplained: now - (was + received - released) }
  })
  return { source: before.source, since: before.asOf, rows }
}
