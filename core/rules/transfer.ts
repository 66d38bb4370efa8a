// A transfer between two states, item by item: what the sender listed, what the receiver says of each, and what is overdue (DOMAIN: a shipment and
// its receipt are two events by two states, and must reconcile). Pure; time is an argument.
import type { Time } from '../bytes/time.ts'

/** What a receiver disputes about a listed item: not there, other marks on it, damaged, or never ordered. */
export const DISPUTES = ['not-received', 'other-marks', 'damaged', 'not-ordered'] as const
export type Dispute = (typeof DISPUTES)[number]

/** What was said of listed items, by their places in the list. `id`: of the message. */
export type TransferWord =
  | { readonly kind: 'received', readonly id: string, readonly time: Time, readonly happened: Time, readonly items: readonly number[] }
  | { readonly kind: 'disputed', readonly id: string, readonly time: Time, readonly items: readonly { readonly item: number, readonly what: Dispute }[] }

export const ITEM_STANDINGS = ['under-way', 'received', 'disputed', 'overdue'] as const
export type ItemStanding = (typeof ITEM_STANDINGS)[number]

/** Where one listed item stands: the newest word of it. `word`: the message that said so. */
export interface TransferItem { readonly standing: ItemStanding, readonly word: string | undefined, readonly what: Dispute | undefined, readonly happened: Time | undefined }

/**
 * Every listed item in order. A receipt is for good: what was received is not disputed away, nor received again; a dispute ends when the item is
 * received after all. A place that is not listed says nothing.
 */
export function transferItems(listed: number, words: readonly TransferWord[], due: Time, at: Time): TransferItem[] {
  const items: TransferItem[] = Array.from({ length: listed }, () => ({ standing: at > due ? 'overdue' : 'under-way', word: undefined, what: undefined, happened: undefined }))
  const put = (place: number, item: TransferItem): void => {
    if (place < listed && items[place]?.standing !== 'received') items[place] = item
  }
  for (const word of words.toSorted((a, b) => a.time < b.time ? -1 : a.time > b.time ? 1 : 0)) {
    if (word.kind === 'received') for (const item of word.items) put(item, { standing: 'received', word: word.id, what: undefined, happened: word.happened })
    else for (const { item, what } of word.items) put(item, { standing: 'disputed', word: word.id, what, happened: undefined })
  }
  return items
}

/** Items by standing; they add up to what was listed. */
export type TransferTally = Readonly<Record<ItemStanding, number>>

export function transferTally(items: readonly TransferItem[]): TransferTally {
  const of = (standing: ItemStanding) => items.filter((item) => item.standing === standing).length
  return { 'under-way': of('under-way'), 'received': of('received'), 'disputed': of('disputed'), 'overdue': of('overdue') }
}
