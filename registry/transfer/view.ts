// Transfers as they stand, read anew from the messages: what this party sent to others, what others sent to it, item by item.
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { transferItems, transferTally, type TransferItem, type TransferTally, type TransferWord } from '@muster/core/rules/transfer.ts'
import type { Message } from '@muster/core/wire/message.ts'
import type { SaidBody } from '@muster/core/wire/said-body.ts'
import { saidOf, type At } from '../said.ts'
import { doneAmong } from '../store/acts-once.ts'

export type TransferCode = 'transfer/unknown' | 'transfer/no-party' | 'transfer/overdue-already' | 'transfer/no-items' | 'transfer/received-already' | 'transfer/not-listed' | 'transfer/nothing-to-settle' | 'transfer/changed-meanwhile'

export interface Transfer {
  readonly direction: 'out' | 'in'
  /** The party on the other side. */
  readonly with: PartyId
  readonly notice: Message
  readonly body: SaidBody<'transfer/notify'>
  /** One for each listed item. */
  readonly items: readonly TransferItem[]
  readonly tally: TransferTally
  /** Messages that say something of it. */
  readonly words: number
}

/** All transfers of the agreement as of `at` (POSIX seconds), oldest first. */
export async function transfers(home: At, at: number): Promise<Transfer[]> {
  const read = async (direction: 'out' | 'in'): Promise<Transfer[]> => {
    const [notices, words] = [await saidOf(home, 'transfer/notify', direction), await wordsOf(home, direction === 'out' ? 'in' : 'out')]
    return notices.map(({ message, body }): Transfer => {
      const said = words.filter(({ request, from }) => request === message.id && from === message.payload.to).map(({ word }) => word)
      const items = transferItems(body.items.length, said, body.due, timeOf(at))
      return { direction, with: direction === 'out' ? message.payload.to : message.payload.from, notice: message, body, items, tally: transferTally(items), words: said.length }
    })
  }
  return [...await read('out'), ...await read('in')].sort((a, b) => a.notice.payload.time < b.notice.payload.time ? -1 : 1)
}

/** What receivers said; a place that the notice does not list says nothing. */
async function wordsOf(home: At, direction: 'out' | 'in'): Promise<{ readonly from: PartyId, readonly request: string, readonly word: TransferWord }[]> {
  const [received, disputed] = await Promise.all([saidOf(home, 'transfer/receive', direction), saidOf(home, 'transfer/dispute', direction)])
  return [
    ...received.map(({ message: { id, payload: { time, from } }, body: { request, items, happened } }) => ({ from, request, word: { kind: 'received' as const, id, time, happened, items } })),
    ...disputed.map(({ message: { id, payload: { time, from } }, body: { request, items } }) => ({ from, request, word: { kind: 'disputed' as const, id, time, items } })),
  ]
}

const ID_SHOWN_MIN = 8

/** The one transfer of that direction, with that party, whose id begins so: another party may have used the same id. */
export async function transferBy(home: At, id: string, direction: Transfer['direction'] | undefined, at: number, other?: PartyId): Promise<Transfer> {
  const named = id.length < ID_SHOWN_MIN ? [] : (await transfers(home, at)).filter((each) => each.body.transfer.startsWith(id) && (direction === undefined || each.direction === direction) && (other === undefined || each.with === other))
  const [only] = named
  if (only === undefined || named.length > 1) throw new Refusal<TransferCode>('transfer/unknown', `no one transfer begins with ${id}: ${ID_SHOWN_MIN} or more characters of its id, as muster transfer list has it, and --of CODE where two parties used one id`, 'id')
  return only
}

/** The family of acts by which the own items of a transfer are kept, in the order of its list. */
export const ITEMS = 'transfer/items'

/** The own items of a transfer that this party sent, in the order of its list. */
export async function ownItems({ register, joined }: At, { body }: Transfer): Promise<readonly ItemId[]> {
  const key = `${ITEMS} ${joined.agreement.id} ${body.transfer}`
  const kept = (await doneAmong(register, [key])).get(key)
  if (kept === undefined) throw new Refusal<TransferCode>('transfer/unknown', `this registry keeps no items of transfer ${body.transfer}`, 'id')
  return JSON.parse(kept) as readonly ItemId[]
}
