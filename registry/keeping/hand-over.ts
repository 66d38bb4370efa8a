// A place passes from one custodian to the next by a joint count: what both saw is handed over, what they missed is recorded as missing, in one act of the two.
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf, type Time } from '@muster/core/bytes/time.ts'
import type { CustodyEvent, CustodyRequest } from '@muster/core/rules/custody-event.ts'
import type { Document } from '@muster/core/rules/document.ts'
import { fold } from '@muster/core/rules/holding.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import { samePerson, twoPeople, type TwoPeopleCode } from '@muster/core/rules/two-people.ts'
import { codeOf } from '../engine/fault.ts'
import type { People } from '../said.ts'
import { transaction, type Transaction } from '../store/database.ts'
import { storedEvent, writeDecided, type Asked } from '../store/events.ts'
import type { Register } from '../store/register.ts'

export type HandOverCode = TwoPeopleCode | `hand-over/${'nothing-there' | 'not-there' | 'too-many' | 'same-custodian' | 'changed-meanwhile'}`

/** Items of one act. */
export const HANDED_MAX = 20_000
const UNIQUE_VIOLATION = '23505'
/** What somebody has in hand, and so can hand over. */
const AT_HAND = ['held', 'issued', 'demilitarised']

export interface HandOver {
  readonly site: string
  /** Custodians as the register names them. */
  readonly from: string
  readonly to: string
  /** Items of the place that the count did not find. */
  readonly missing: readonly ItemId[]
  readonly happened: Time
  readonly reason: string
  readonly documents: readonly Document[]
}

/** The histories of what a custodian has in a place. */
async function heldThere(tx: Transaction, { site, from }: HandOver): Promise<Map<ItemId, CustodyEvent[]>> {
  const rows = await tx.read<{ item_id: ItemId }>('SELECT item_id FROM item WHERE site = $1 AND custodian = $2 AND status = ANY($3) LIMIT $4', [site, from, AT_HAND, HANDED_MAX + 1])
  if (rows.length === 0) throw new Refusal<HandOverCode>('hand-over/nothing-there', `the register has nothing at ${site} with ${from}: see muster book numbers --site ${site}`, 'site')
  if (rows.length > HANDED_MAX) throw new Refusal<HandOverCode>('hand-over/too-many', `at ${site} ${from} has more than ${HANDED_MAX} items: move a part to a place of its own, and hand that over apart`, 'site')
  const histories = new Map<ItemId, CustodyEvent[]>(rows.map(({ item_id }) => [item_id, []]))
  for (const { item_id, seq, event } of await tx.read<{ item_id: ItemId, seq: number, event: string }>('SELECT item_id, seq, event FROM custody_event WHERE item_id = ANY($1) ORDER BY item_id, seq', [[...histories.keys()]])) histories.get(item_id)?.push(storedEvent(event, item_id, seq))
  return histories
}

/** All of it or nothing. `by` gives, `and` takes. Resolves to how many were expected, and how many of them seen. */
export async function handOver({ db, secrets }: Pick<Register, 'db' | 'secrets'>, said: HandOver, { by, and }: People, at: number): Promise<{ readonly expected: number, readonly seen: number }> {
  const alone = twoPeople('the hand-over of a place', by, and)
  if (alone !== undefined) throw alone
  if (samePerson(said.from, said.to)) throw new Refusal<HandOverCode>('hand-over/same-custodian', `${said.from} has it already`, 'to')
  return transaction(db, async (tx) => {
    const histories = await heldThere(tx, said)
    const stray = said.missing.find((item) => !histories.has(item))
    if (stray !== undefined) throw new Refusal<HandOverCode>('hand-over/not-there', `the register does not have item ${stray} at ${said.site} with ${said.from}`, 'missing')
    const missing = new Set(said.missing)
    const [expected, seen] = [histories.size, histories.size - missing.size]
    const head = { happened: said.happened, by, and, reason: said.reason, documents: said.documents }
    const asked = [...histories].map(([item, before]): Asked => {
      const request: CustodyRequest = missing.has(item) ? { kind: 'missing', ...head, data: {} }
        : { kind: 'handed-over', ...head, data: { site: fold(before)?.place.site ?? 'unknown', from: { is: said.from }, to: { is: said.to }, expected, seen } }
      return { item, before, request }
    })
    await writeDecided(tx, secrets, { act: 'hand-over', by, written: timeOf(at) }, asked, timeOf(at))
    return { expected, seen }
  }).catch((error: unknown) => { throw codeOf(error) === UNIQUE_VIOLATION ? new Refusal<HandOverCode>('hand-over/changed-meanwhile', 'somebody has written of an item of this place meanwhile: look again', 'site') : error })
}
