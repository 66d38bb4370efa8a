// Lots: quantities under one record that are split and used up. A split stands on both sides, on the lot that gives and on the one that takes, and gives as much
// as it takes.
import type { CustodyEvent } from './custody-event.ts'
import { inForce } from './holding.ts'
import type { ItemId, Quantity } from './item.ts'

export interface Split { readonly from: ItemId, readonly to: ItemId, readonly quantity: Quantity, readonly side: 'gives' | 'takes' }

/** The splits that an item records; with the first of its events it took. */
export function splitsOf(events: readonly CustodyEvent[]): Split[] {
  return inForce(events).flatMap((event): Split[] => {
    if (event.kind !== 'lot-split') return []
    const { item, data: { other, quantity, entry } } = event
    return [entry === undefined ? { from: item, to: other, quantity, side: 'gives' } : { from: other, to: item, quantity, side: 'takes' }]
  })
}

export interface Unbalanced { readonly from: ItemId, readonly to: ItemId, readonly given: Quantity | null, readonly taken: Quantity | null }

/** Splits of which the two sides do not say the same; null for a side that says nothing. */
export function unbalancedAmong(splits: readonly Split[]): Unbalanced[] {
  const pairs = new Map<string, { from: ItemId, to: ItemId, given: Quantity | null, taken: Quantity | null }>()
  for (const { from, to, quantity, side } of splits) {
    const pair = pairs.get(`${from} ${to}`) ?? { from, to, given: null, taken: null }
    if (side === 'gives') pair.given = sumOf(pair.given, quantity)
    else pair.taken = sumOf(pair.taken, quantity)
    pairs.set(`${from} ${to}`, pair)
  }
  return [...pairs.values()].filter(({ given, taken }) => given !== taken)
}

function sumOf(sum: Quantity | null, more: Quantity): Quantity {
  return sum === null ? more : typeof sum === 'number' && typeof more === 'number' ? sum + more : 'unknown'
}
