// Items of a federation on paper: a party's stock, and the few records that the story of one find runs through.
import { toHex, utf8 } from '@muster/core/bytes/bytes.ts'
import type { Primitives } from '@muster/core/bytes/primitives.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { addSeconds, type Time } from '@muster/core/bytes/time.ts'
import type { CustodyEvent, CustodyRequest, EventKind, RequestOf } from '@muster/core/rules/custody-event.ts'
import { decide } from '@muster/core/rules/decide.ts'
import { partOf, type Identity, type ItemId } from '@muster/core/rules/item.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { Counterparty, Place } from '@muster/core/rules/place.ts'

const DAY = 86_400

/** Bytes that follow from a name, the same in every run. */
export type Draw = (name: string) => Uint8Array

export interface PaperItem { readonly item: ItemId, readonly events: readonly CustodyEvent[], readonly secret: Uint8Array }

/** What a record says besides its first event. */
export type Fate = 'held' | 'lost' | 'destroyed' | { readonly releasedTo: PartyId }

export interface Stock {
  readonly identity: Identity
  /** Made by the party itself, or received from another. */
  readonly from: 'made' | Counterparty
  readonly when: Time
  readonly fate: Fate
}

export function identityOf(serial: string, more: Partial<Identity> = {}): Identity {
  return { class: 'gripstock', maker: 'unknown', type: partOf('9П516'), year: 'unknown', lot: 'unknown', serial: partOf(serial), ...more }
}

const PLACE: Place = { owner: { is: 'Ministry' }, custodian: { is: 'Depot' }, site: { code: 'D1', region: 'North' }, unit: 'unknown' }
export const PLACED = PLACE

/** A version 4 UUID that follows from a name. */
export function itemIdOf(draw: Draw, name: string): ItemId {
  const hex = toHex(draw(`item ${name}`))
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}` as ItemId
}

/** The events of requests, each of which the law must accept. */
export function recorded(draw: Draw, name: string, requests: readonly CustodyRequest[], written: Time): PaperItem {
  const item = itemIdOf(draw, name)
  const events: CustodyEvent[] = []
  for (const request of requests) {
    const decided = decide({ item, events }, request, written)
    if (decided instanceof Refusal) throw new Error(`${name}: ${decided.message}`)
    events.push(decided[0])
  }
  return { item, events, secret: draw(`secret of ${name}`) }
}

export function request<K extends EventKind>(kind: K, happened: Time, data: RequestOf<K>['data']): CustodyRequest {
  return { kind, happened, by: 'A. Petrova', and: 'B. Karimov', reason: 'as ordered', documents: [{ series: 'AB', number: '17', date: 'unknown' }], data } as CustodyRequest
}

export function itemOf(draw: Draw, name: string, party: PartyId, stock: Stock, written: Time): PaperItem {
  const entry = { identity: stock.identity, place: PLACE }
  const { when, from, fate } = stock
  const later = addSeconds(when, 30 * DAY)
  const first = from === 'made' ? request('manufactured', when, { entry }) : request('received', when, { from, entry })
  const rest = fate === 'held' ? [] : fate === 'lost' ? [request('lost', later, { circumstances: 'not found at the count' })] : fate === 'destroyed' ? [request('destroyed', later, {})]
    : [
        request('dispatched', later, { to: { party: fate.releasedTo }, abroad: true, due: addSeconds(later, 30 * DAY) }),
        request('received', addSeconds(later, 2 * DAY), { from: { party } }),
      ]
  return recorded(draw, name, [first, ...rest], written)
}

/** A stock of `count` items with serials of their own party's letter. */
export function stockOf(draw: Draw, party: PartyId, count: number, written: Time): PaperItem[] {
  return Array.from({ length: count }, (_, i) => itemOf(draw, `${party} stock ${i}`, party, {
    identity: identityOf(`${party.slice(1)}-${400_000 + 17 * i}`), from: 'made', when: '2024-05-06T00:00:00Z', fate: i % 9 === 4 ? 'lost' : 'held',
  }, written))
}

export function drawFrom(p: Primitives, seed: string): Draw {
  return (name) => p.sha256(utf8(`muster on paper, not a secret: ${seed}: ${name}`))
}
