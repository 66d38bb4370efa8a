// Lots split and used. A split is one act on both lots, so that neither side is there without the other.
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf, type Time } from '@muster/core/bytes/time.ts'
import type { CustodyEvent } from '@muster/core/rules/custody-event.ts'
import type { Document } from '@muster/core/rules/document.ts'
import { fold, type Holding } from '@muster/core/rules/holding.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import type { Place } from '@muster/core/rules/place.ts'
import { codeOf } from '../engine/fault.ts'
import type { People } from '../said.ts'
import { transaction, type Transaction } from '../store/database.ts'
import { eventsOf, writeDecided } from '../store/events.ts'
import { newItemId, type RecordCode } from '../store/record-event.ts'
import type { Register } from '../store/register.ts'

export type LotCode = `lot/${'no-lot' | 'nothing-taken' | 'whole-lot' | 'changed-meanwhile'}`

const UNIQUE_VIOLATION = '23505'

export interface Taking { readonly lot: ItemId, readonly quantity: number, readonly happened: Time, readonly reason: string, readonly documents: readonly Document[] }
export interface Splitting extends Taking {
  /** Where the new lot is; where the old one is, if left out. */
  readonly place?: Partial<Place> | undefined
  /** The number of the new lot; that of the old one, if left out. */
  readonly as?: string | undefined
}

type Known = Holding & { readonly quantity: NonNullable<Holding['quantity']> }

async function lotIn(tx: Transaction, lot: ItemId, quantity: number): Promise<{ readonly events: readonly CustodyEvent[], readonly holding: Known }> {
  const events = await eventsOf(tx, lot)
  const holding = fold(events)
  if (holding === undefined) throw new Refusal<RecordCode>('event/unknown-item', `the register holds no item ${lot}`, 'lot')
  if (holding.quantity === undefined) throw new Refusal<LotCode>('lot/no-lot', `item ${lot} is one component: a lot has a quantity`, 'lot')
  if (!Number.isSafeInteger(quantity) || quantity < 1) throw new Refusal<LotCode>('lot/nothing-taken', 'a whole number from 1 is taken', 'quantity')
  return { events, holding: holding as Known }
}

/** Two who take from one lot at the same moment are done one after the other: the second decides on what the first left. */
async function oneAfterTheOther<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw codeOf(error) === UNIQUE_VIOLATION ? new Refusal<LotCode>('lot/changed-meanwhile', 'somebody else has written of this lot meanwhile: look at it again', 'lot') : error
  }
}

/** A part of a lot becomes a lot of its own. Resolves to the new one. */
export function splitLot({ db, secrets }: Register, { lot, quantity, happened, reason, documents, place, as }: Splitting, { by, and }: People, at: number): Promise<ItemId> {
  return oneAfterTheOther(() => transaction(db, async (tx) => {
    const { events, holding } = await lotIn(tx, lot, quantity)
    if (quantity === holding.quantity) throw new Refusal<LotCode>('lot/whole-lot', `${quantity} is the whole lot: move it, or correct its number`, 'quantity')
    const fresh = newItemId()
    const head = { kind: 'lot-split' as const, happened, by, and, reason, documents }
    const entry = { identity: { ...holding.identity, ...(as === undefined ? {} : { lot: { is: as } }) }, place: { ...holding.place, ...place }, quantity }
    await writeDecided(tx, secrets, { act: 'lot split', by, written: timeOf(at) }, [
      { item: lot, before: events, request: { ...head, data: { other: fresh, quantity } } },
      { item: fresh, before: [], request: { ...head, data: { other: lot, quantity, entry } } },
    ], timeOf(at))
    return fresh
  }))
}

/** So many of a lot are used. Resolves to what is left. */
export function takeFromLot({ db, secrets }: Register, { lot, quantity, happened, reason, documents }: Taking, purpose: string, { by, and }: People, at: number): Promise<Known['quantity']> {
  return oneAfterTheOther(() => transaction(db, async (tx) => {
    const { events, holding } = await lotIn(tx, lot, quantity)
    await writeDecided(tx, secrets, { act: 'lot used', by, written: timeOf(at) }, [{ item: lot, before: events, request: { kind: 'lot-used', happened, by, and, reason, documents, data: { quantity, for: purpose } } }], timeOf(at))
    return typeof holding.quantity === 'number' ? holding.quantity - quantity : holding.quantity
  }))
}
