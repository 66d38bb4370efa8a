// A set: items that belong together, such as a missile in its tube, its gripstock and its power unit. Each item keeps its own history; a set
// is what their events say alike, and a recovered set is usually a mix of items of different origin.
import { Refusal } from '../bytes/refusal.ts'
import type { Time } from '../bytes/time.ts'
import { SET_ITEMS_MAX, type CustodyEvent, type RequestOf } from './custody-event.ts'
import { decide, type DecideCode, type ItemState } from './decide.ts'
import type { Holding } from './holding.ts'
import type { ItemId } from './item.ts'

export type SetCode = DecideCode | 'set/too-few' | 'set/too-many' | 'set/item-twice'
type Words = Pick<RequestOf<'paired'>, 'happened' | 'by' | 'and' | 'reason' | 'documents'>

/** One `paired` event for each item, all or none. */
export function pair(states: readonly ItemState[], set: string, words: Words, at: Time): readonly CustodyEvent[] | Refusal<SetCode> {
  const items = states.map(({ item }) => item)
  if (items.length < 2) return new Refusal('set/too-few', 'a set has at least two items', 'items')
  if (items.length > SET_ITEMS_MAX + 1) return new Refusal('set/too-many', `a set has at most ${SET_ITEMS_MAX + 1} items`, 'items')
  if (new Set(items).size !== items.length) return new Refusal('set/item-twice', 'each item stands once in a set', 'items')
  return each(states, (item) => ({ ...words, kind: 'paired', data: { set, with: items.filter((other) => other !== item) } }), at)
}

/** One `unpaired` event for each item, all or none; every item must be in the set. */
export function unpair(states: readonly ItemState[], set: string, words: Words, at: Time): readonly CustodyEvent[] | Refusal<SetCode> {
  return each(states, () => ({ ...words, kind: 'unpaired', data: { set } }), at)
}

function each(states: readonly ItemState[], request: (item: ItemId) => RequestOf<'paired'> | RequestOf<'unpaired'>, at: Time): readonly CustodyEvent[] | Refusal<SetCode> {
  const events: CustodyEvent[] = []
  for (const state of states) {
    const decided = decide(state, request(state.item), at)
    if (decided instanceof Refusal) return new Refusal(decided.code, `item ${state.item}: ${decided.message}`, decided.at)
    events.push(...decided)
  }
  return events
}

/** Items whose records of a set do not agree: one says that the other belongs to it, and the other does not say so. */
export function strayFrom(holdings: readonly Holding[]): readonly { readonly item: ItemId, readonly set: string, readonly missing: ItemId }[] {
  const byItem = new Map(holdings.map((holding) => [holding.item, holding]))
  return holdings.flatMap(({ item, set }) => set === undefined ? [] : set.with
    .filter((other) => { const held = byItem.get(other); return held !== undefined && held.set?.id !== set.id })
    .map((missing) => ({ item, set: set.id, missing })))
}
