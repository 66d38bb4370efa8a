// Vectors of custody events: one of each kind as canonical bytes, what is no event, and what the law refuses.
import { canonical } from '@muster/core/bytes/canonical.ts'
import type { CustodyEvent, CustodyRequest, EventKind, RequestOf } from '@muster/core/rules/custody-event.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { ABROAD, act, at, BASELINE, DESTROYED, ENTRY, history, ITEM, OTHER, PLACE } from '../custody/history.ts'

export type EventVector = { what: string, event: string, code: string | null, at: string | null }
/** A request after a history, written at a time, with counts open at some sites. */
export type CustodyVector = { what: string, events: CustodyEvent[], request: CustodyRequest, at: string, sitesBeingCounted: string[], code: string | null }

const MARK = { text: '9М39 № 01234', place: 'tube, left side', method: 'painted', condition: 'partly-legible', photo: null, reading: '0?234' } as const
const party = { party: 'QQ' as PartyId }

const DATA: { readonly [K in EventKind]: RequestOf<K>['data'] } = {
  'baseline': { entry: { ...ENTRY, marks: [MARK] }, acquired: { from: { name: 'not a party' }, when: '1989' } }, 'manufactured': { entry: ENTRY }, 'imported': { entry: ENTRY, from: party },
  'dispatched': { to: party, abroad: true, due: at(72) }, 'received': { from: party, entry: ENTRY }, 'receipt-disputed': { what: 'short', by: party },
  'issued': { custodian: { is: 'Battery 2' }, site: { code: 'B2', region: 'North' }, unit: 'withheld' }, 'returned': { place: PLACE }, 'moved': { site: { code: 'D6', region: 'South' } },
  'packed': { container: 'C4' }, 'unpacked': { container: 'C4' }, 'paired': { set: 'S1', with: [OTHER] }, 'unpaired': { set: 'S1' }, 'counted': { seen: 'sealed', agrees: true },
  'found': { marks: [MARK] }, 'missing': { lastSeen: at(0) }, 'lost': { circumstances: 'not found at the count' }, 'stolen': { circumstances: 'the door was forced' },
  'seized': { entry: ENTRY, region: 'East', recovery: 'r-1' }, 're-marked': { marks: [MARK] }, 'modified': { what: 'new label' }, 'expended': { in: 'training' },
  'demilitarised': { certificate: 'C 12' }, 'destroyed': { certificate: 'C 13' }, 'handed-over': { site: { code: 'D5', region: 'North' }, from: { is: 'A' }, to: { is: 'B' }, expected: 12, seen: 12 },
  'sealed': { seal: '7001', on: 'container C4' }, 'seal-checked': { seal: '7001', state: 'intact' }, 'seal-broken': { seal: '7001', foundBroken: false }, 'recategorised': { category: 'II', nextCheck: '2027-03-01' },
  'life-extended': { until: '2030-12-31' }, 'lot-split': { other: OTHER, quantity: 5 }, 'lot-used': { quantity: 'unknown', for: 'training' },
  'corrected': { of: 1, how: 'incorrect-data', instead: { kind: 'moved', happened: at(1), documents: [], data: { site: 'unknown' } } },
}

const event = (kind: EventKind, changes: Record<string, unknown> = {}): string => canonical({ v: 'muster/event/1', item: ITEM, seq: 1, written: at(9), ...act(kind, at(1), DATA[kind]), ...changes })

export function eventVectors(): [string, EventVector][] {
  const valid = Object.keys(DATA).map((kind): [string, EventVector] => [`event/valid/${kind}`, { what: `an event of kind ${kind}`, event: event(kind as EventKind), code: null, at: null }])
  const invalid = (name: string, where: string, what: string, kind: EventKind, changes: Record<string, unknown>): [string, EventVector] =>
    [`event/invalid/${name}`, { what, event: event(kind, changes), code: 'event/shape', at: where }]
  const text = event('moved')
  return [
    ...valid,
    invalid('unknown-kind', 'kind', 'a kind that there is not', 'moved', { kind: 'fired' }),
    invalid('data-of-another-kind', 'data.container', 'the data of another kind', 'moved', { data: { container: 'C4' } }),
    invalid('coordinates', 'data.site', 'a site with coordinates: there is no room for them', 'moved', { data: { site: { code: 'D6', region: 'South', coordinates: '1.0,2.0' } } }),
    invalid('owner-left-out', 'data.place.owner', 'owner and custodian are both stated', 'returned', { data: { place: { custodian: PLACE.custodian, site: PLACE.site, unit: PLACE.unit } } }),
    invalid('serial-left-out', 'data.entry.identity.serial', 'unknown is a value and is stated', 'baseline',
      { data: { entry: { ...ENTRY, identity: { class: 'missile', maker: 'unknown', type: 'unknown', year: 'unknown', lot: 'unknown' } } } }),
    invalid('reason-missing', 'reason', 'an event without a reason', 'moved', { reason: '' }),
    invalid('person-missing', 'by', 'an event by nobody', 'moved', { by: null }),
    invalid('day-that-is-not', 'happened', 'a day that does not exist', 'moved', { happened: '2023-02-29T00:00:00Z' }),
    invalid('document-without-number', 'documents[0].number', 'a document without its number', 'moved', { documents: [{ series: null, date: '2024-01-01' }] }),
    invalid('item-not-an-id', 'item', 'a serial number in the place of the id', 'moved', { item: '01234' }),
    invalid('mark-of-a-megabyte', 'data.marks[0].text', 'a mark beyond its bound', 're-marked', { data: { marks: [{ ...MARK, text: '1'.repeat(1001) }] } }),
    invalid('correction-of-unknown-shape', 'data.instead.data.site', 'what is right instead must be of its kind\'s shape', 'corrected',
      { data: { of: 1, how: 'incorrect-data', instead: { kind: 'moved', happened: at(1), documents: [], data: {} } } }),
    ['event/invalid/duplicate-json-key', { what: 'one member twice', event: text.replace('"seq":1', '"seq":1,"seq":2'), code: 'event/json', at: null }],
    ['event/invalid/space-inside', { what: 'the same values with a space', event: text.replace('{', '{ '), code: 'event/not-canonical', at: null }],
  ]
}

export function custodyVectors(): [string, CustodyVector][] {
  const held = history(BASELINE)
  const moved = act('moved', at(5), { site: { code: 'D6', region: 'South' } })
  const make = (name: string, what: string, code: string | null, events: CustodyEvent[], request: CustodyRequest, more: Partial<CustodyVector> = {}): [string, CustodyVector] =>
    [`custody/${code === null ? 'valid' : 'invalid'}/${name}`, { what, events, request, at: at(9), sitesBeingCounted: [], code, ...more }]
  return [
    make('moved', 'an item that is held moves', null, held, moved),
    make('destruction-by-two', 'two people and a certificate', null, held, DESTROYED),
    make('correction-of-destruction', 'two people take a destruction back', null, history(BASELINE, DESTROYED), act('corrected', at(5), { of: 1, how: 'did-not-occur' })),
    make('dispute', 'a shipment that came short', null, history(BASELINE, ABROAD), act('receipt-disputed', at(5), { what: 'short', by: party })),
    make('after-destruction', 'a destroyed item moves', 'custody/after-destruction', history(BASELINE, DESTROYED), moved),
    make('destruction-by-one', 'one person destroys', 'two-people/second-missing', held, { ...DESTROYED, and: null }),
    make('destruction-by-one-twice', 'one person under two writings of a name', 'two-people/same-person', held, { ...DESTROYED, and: 'a. PETROVA' }),
    make('abroad-by-one', 'one person sends abroad', 'two-people/second-missing', held, { ...ABROAD, and: null }),
    make('abroad-without-licence', 'no licence is named', 'custody/document-missing', held, { ...ABROAD, documents: [] }),
    make('correction-of-destruction-by-one', 'one person takes a destruction back', 'two-people/second-missing', history(BASELINE, DESTROYED), act('corrected', at(5), { of: 1, how: 'did-not-occur' }, { and: null })),
    make('moved-while-counted', 'a count is open at the site', 'custody/being-counted', held, moved, { sitesBeingCounted: ['D5'] }),
    make('moved-into-a-count', 'a count is open where it goes', 'custody/being-counted', held, moved, { sitesBeingCounted: ['D6'] }),
    make('happened-after-written', 'it has not happened yet', 'custody/happened-after-written', held, moved, { at: at(4) }),
    make('found-while-held', 'what is not missing is not found', 'custody/not-permitted', held, act('found', at(5), {})),
    make('entered-twice', 'a second baseline', 'custody/not-permitted', held, act('baseline', at(5), { entry: ENTRY })),
    make('first-event-is-a-move', 'a move of nothing', 'custody/not-entered', [], moved),
    make('due-before-dispatch', 'a receipt that is due before the dispatch', 'custody/due-before-dispatch', held, act('dispatched', at(5), { to: party, abroad: true, due: at(5) })),
    make('balance-below-zero', 'more than the lot holds', 'custody/balance-below-zero', history(act('baseline', at(0), { entry: { ...ENTRY, quantity: 3 } })), act('lot-used', at(5), { quantity: 4, for: 'training' })),
    make('ground-pulled-away', 'the item was found because it was missing', 'correction/breaks-history', history(BASELINE, act('missing', at(1), {}), act('found', at(2), {})), act('corrected', at(5), { of: 1, how: 'did-not-occur' })),
  ]
}
