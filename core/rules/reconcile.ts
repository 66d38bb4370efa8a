// Reconciliation of two parties (DESIGN section 5): what each says that passed between them, by class and year, set side by side; how much each may look
// up in the other's declaration for it; and what is left. A difference is a question to both sides and accuses neither.
import type { Holding } from './holding.ts'
import { known, type Identity } from './item.ts'
import { CANDIDATES_MAX, ladderOf } from './ladder.ts'
import { UNREADABLE } from './match-key.ts'
import type { PartyId } from './party.ts'

/** `to`: released to the other party; `from`: acquired from it. */
export type Way = 'to' | 'from'
/** How many items of a class passed in a year, as one party says; `year` in four digits, or `unknown`. */
export interface PassedRow { readonly class: string, readonly year: string, readonly to: number, readonly from: number }
/** One item that passed one way. */
export interface Passing { readonly class: string, readonly year: string, readonly way: Way }

/** Keys that a grant gives for each item: by its type and by its class, in the readings that every trace asks for. Few marks have more, most have four. */
export const KEYS_AN_ITEM = 16

const YEAR = /^\d{4}/

/** Whether an item passed between its holder and another party, and in which year, each way once. */
export function passingsOf({ identity, acquired, released }: Pick<Holding, 'identity' | 'acquired' | 'released'>, other: PartyId): Passing[] {
  const is = (who: typeof acquired.from): boolean => typeof who === 'object' && 'party' in who && who.party === other
  const one = (way: Way, when: string): Passing => ({ class: identity.class, year: YEAR.exec(when)?.[0] ?? 'unknown', way })
  return [...(is(acquired.from) ? [one('from', acquired.when)] : []), ...(released !== undefined && is(released.to) ? [one('to', released.when)] : [])]
}

export interface LookUpKey { readonly kind: 'type' | 'class', readonly key: Uint8Array }

/** The keys under which the other party may have declared an item, however its clerks wrote the mark; none where its serial cannot be read. */
export function lookUpKeys({ class: kind, maker, type, year, lot, serial }: Identity): LookUpKey[] {
  const text = known(serial)
  if (text === undefined || UNREADABLE.test(text) || !text.isWellFormed()) return []
  const ladder = ladderOf({ serial: text, classes: [kind], script: 'unknown', condition: 'intact', maker: known(maker), type: known(type), year: known(year), lot: known(lot) }, { candidatesMax: CANDIDATES_MAX, confusions: false })
  if (ladder.verdict === 'unreadable') return []
  return ladder.candidates.flatMap((candidate): LookUpKey[] => candidate.mandatory && candidate.kind !== 'full' ? [{ kind: candidate.kind, key: candidate.key }] : [])
}

/** The table of what passed, in order of class and year. */
export function tableOf(passings: readonly Passing[]): PassedRow[] {
  const rows = new Map<string, { class: string, year: string, to: number, from: number }>()
  for (const { class: kind, year, way } of passings) {
    const name = `${kind}\n${year}`
    const row = rows.get(name) ?? { class: kind, year, to: 0, from: 0 }
    row[way] += 1
    rows.set(name, row)
  }
  return [...rows].sort(([a], [b]) => a < b ? -1 : 1).map(([, row]) => row)
}

/** One class, year and way as both parties count it; `way` is the first one's. */
export interface ComparedRow { readonly class: string, readonly year: string, readonly way: Way, readonly own: number, readonly other: number }

/** What the one released the other should have acquired, and the other way round; ways in which nothing passed are left out. */
export function sideBySide(own: readonly PassedRow[], other: readonly PassedRow[]): ComparedRow[] {
  const names = [...new Set([...own, ...other].map(({ class: kind, year }) => `${kind}\n${year}`))].sort()
  const at = (rows: readonly PassedRow[], name: string) => rows.find(({ class: kind, year }) => `${kind}\n${year}` === name)
  return names.flatMap((name) => {
    const [kind = '', year = ''] = name.split('\n')
    const [mine, theirs] = [at(own, name), at(other, name)]
    const row = (way: Way, counterpart: Way): ComparedRow => ({ class: kind, year, way, own: mine?.[way] ?? 0, other: theirs?.[counterpart] ?? 0 })
    return [row('to', 'from'), row('from', 'to')].filter((each) => each.own > 0 || each.other > 0)
  })
}

/** Items that each side may look up: of every class, year and way the smaller number. It is the same for both. */
export function grantOf(own: readonly PassedRow[], other: readonly PassedRow[]): number {
  return sideBySide(own, other).reduce((sum, row) => sum + Math.min(row.own, row.other), 0)
}

/**
 * The batches of a grant in two rounds, each padded: so many elements are evaluated and no more. First one key of every item, then the others of
 * those that it did not find. `sizes`: those of the agreement, ascending. A grant of nothing is the smallest batch in each.
 */
export function batchesOf(grant: number, sizes: readonly number[]): number[] {
  return [...paddedTo(grant, sizes), ...paddedTo(grant * (KEYS_AN_ITEM - 1), sizes)]
}

/** So many elements in batches of the agreed sizes: full ones, and the rest padded; at least the smallest. */
export function paddedTo(elements: number, sizes: readonly number[]): number[] {
  const [largest = 0] = sizes.slice(-1)
  let left = Math.max(1, elements)
  const batches: number[] = []
  for (; left > largest; left -= largest) batches.push(largest)
  return [...batches, sizes.find((size) => size >= left) ?? largest]
}

/** Why an own item is not looked up: its serial cannot be read, no document of its passing is named, the grant has no room for its keys. */
export const UNASKED = ['unreadable', 'no-document', 'beyond-the-grant'] as const
export type Unasked = (typeof UNASKED)[number]
/** What one item came to. */
export type LookedUpAs = 'type' | 'class' | 'not-declared' | Unasked

function isAsked(found: LookedUpAs): found is 'type' | 'class' | 'not-declared' {
  return !(UNASKED as readonly string[]).includes(found)
}

export interface ReconciledRow extends ComparedRow { readonly asked: number, readonly declared: number, readonly differences: number }

/** The table with what was found. Of a row that differs by number and by items, the greater is the difference: one missing item is both. */
export function reconciled(compared: readonly ComparedRow[], items: readonly (Passing & { readonly found: LookedUpAs })[]): ReconciledRow[] {
  return compared.map((row) => {
    const asked = items.filter((item) => item.class === row.class && item.year === row.year && item.way === row.way && isAsked(item.found))
    const declared = asked.filter(({ found }) => found !== 'not-declared').length
    return { ...row, asked: asked.length, declared, differences: Math.max(Math.abs(row.own - row.other), asked.length - declared) }
  })
}
