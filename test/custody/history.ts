// Items, people and events for the tests of custody.
import assert from 'node:assert/strict'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { addSeconds, type Time } from '@muster/core/bytes/time.ts'
import type { CustodyEvent, CustodyRequest, Entry, EventKind, RequestOf } from '@muster/core/rules/custody-event.ts'
import { decide, type DecideCode, type ItemState } from '@muster/core/rules/decide.ts'
import type { Document } from '@muster/core/rules/document.ts'
import type { Identity, ItemId } from '@muster/core/rules/item.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { Place } from '@muster/core/rules/place.ts'

export const ITEM = '00000000-0000-4000-8000-000000000001' as ItemId
export const OTHER = '00000000-0000-4000-8000-000000000002' as ItemId
export const START: Time = '2024-01-01T00:00:00Z'
export const HOUR = 3600

export const IDENTITY: Identity = { class: 'missile', maker: { is: 'Works 1' }, type: { is: '9M39' }, year: { is: '1989' }, lot: 'unknown', serial: { is: '01234' } }
export const PLACE: Place = { owner: { is: 'Ministry' }, custodian: { is: 'Depot 5' }, site: { code: 'D5', region: 'North' }, unit: 'unknown' }
export const PAPER: Document = { series: 'AB', number: '17', date: '2024-01-01' }
export const ENTRY: Entry = { identity: IDENTITY, place: PLACE }

/** A request at `happened`; two people and a paper where the act is due them. */
export function act<K extends EventKind>(kind: K, happened: Time, data: RequestOf<K>['data'], more: Partial<Pick<CustodyRequest, 'by' | 'and' | 'documents' | 'reason'>> = {}): CustodyRequest {
  return { kind, happened, by: 'A. Petrova', and: 'B. Karimov', reason: 'as ordered', documents: [PAPER], data, ...more } as CustodyRequest
}

/** Hours after the start. */
export function at(hours: number): Time {
  return addSeconds(START, hours * HOUR)
}

export function decided(state: ItemState, request: CustodyRequest, written: Time): CustodyEvent {
  const result = decide(state, request, written)
  if (result instanceof Refusal) assert.fail(`${request.kind}: ${result.code}: ${result.message}`)
  return result[0]
}

/** The events of requests written when they happened, each of which the law must accept. */
export function history(...requests: readonly CustodyRequest[]): CustodyEvent[] {
  const events: CustodyEvent[] = []
  for (const request of requests) events.push(decided({ item: ITEM, events }, request, request.happened))
  return events
}

export function refused(state: Omit<ItemState, 'item'>, request: CustodyRequest, written: Time = request.happened): DecideCode | undefined {
  const result = decide({ item: ITEM, ...state }, request, written)
  return result instanceof Refusal ? result.code : undefined
}

export const BASELINE = act('baseline', at(0), { entry: ENTRY })
export const ABROAD = act('dispatched', at(1), { to: { party: 'QQ' as PartyId }, abroad: true, due: at(72) })
export const DESTROYED = act('destroyed', at(2), {})
