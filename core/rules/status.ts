// What may happen to an item in each status, as data: the law, the command and the button read the same table (DESIGN section 3).
import type { EventKind } from './custody-event.ts'

/** `disputed`: dispatched, and the receipt is contested. `released`: in another's hands for good, as its receipt says. */
export const STATUSES = [
  'held', 'issued', 'in-transit', 'disputed', 'released', 'missing', 'lost', 'stolen', 'expended', 'demilitarised', 'destroyed', 'entered-in-error',
] as const
export type Status = (typeof STATUSES)[number]

/** What a party still claims to have in hand, and must account for. */
export const IN_HAND: readonly Status[] = ['held', 'issued', 'in-transit', 'disputed']

/** Before its first event an item has no status. */
export type StatusOrNone = Status | 'none'

const ALWAYS = ['re-marked', 'modified', 'recategorised', 'life-extended', 'counted', 'missing', 'lost', 'stolen', 'sealed', 'seal-checked', 'seal-broken', 'handed-over', 'corrected'] as const

export const PERMITTED: Readonly<Record<StatusOrNone, readonly EventKind[]>> = {
  'none': ['baseline', 'manufactured', 'imported', 'received', 'found', 'seized', 'lot-split'],
  'held': [...ALWAYS, 'dispatched', 'issued', 'moved', 'packed', 'unpacked', 'paired', 'unpaired', 'expended', 'demilitarised', 'destroyed', 'lot-split', 'lot-used'],
  'issued': [...ALWAYS, 'returned', 'moved', 'paired', 'unpaired', 'expended', 'lot-used'],
  'in-transit': ['received', 'receipt-disputed', 'returned', 'missing', 'lost', 'stolen', 'corrected'],
  'disputed': ['received', 'receipt-disputed', 'returned', 'found', 'missing', 'lost', 'stolen', 'corrected'],
  'released': ['received', 'imported', 'returned', 'found', 'seized', 'corrected'],
  'missing': ['found', 'lost', 'stolen', 'seized', 'corrected'],
  'lost': ['found', 'stolen', 'seized', 'corrected'],
  'stolen': ['found', 'lost', 'seized', 'corrected'],
  'expended': ['destroyed', 'corrected'],
  'demilitarised': ['counted', 'moved', 'handed-over', 'missing', 'lost', 'stolen', 're-marked', 'destroyed', 'corrected'],
  'destroyed': ['corrected'],
  'entered-in-error': ['corrected'],
}

/** Events that take an item from its place or its container: none of them while it is being counted. */
export const MOVES: readonly EventKind[] = [
  'dispatched', 'received', 'issued', 'returned', 'moved', 'packed', 'unpacked', 'paired', 'unpaired', 'expended', 'demilitarised', 'destroyed', 'handed-over', 'lot-split', 'lot-used',
]

export function permits(status: StatusOrNone, kind: EventKind): boolean {
  return PERMITTED[status].includes(kind)
}
