// Vectors of what is said about a transfer: the bodies of its messages.
import { toHex } from '@muster/core/bytes/bytes.ts'
import type { Json } from '@muster/core/bytes/canonical.ts'
import { drawn } from './three-parties.ts'

/** `at`: the member at which it is refused, null where it is taken. */
export type TransferVector = { what: string, kind: string, body: Json, at: string | null }
type Body = { readonly [name: string]: Json }

const TRANSFER = toHex(drawn('transfer').slice(0, 16))
const REQUEST = toHex(drawn('transfer notice'))
const MARK: Body = { text: '9М39 № 0101', place: 'tube', method: 'painted', condition: 'intact', photo: null }
const IDENTITY: Body = { class: 'missile', maker: { is: 'Завод 1' }, type: { is: '9М39' }, year: 'unknown', lot: { is: '4' }, serial: { is: '0101' } }
const NOTICE: Body = { transfer: TRANSFER, documents: [{ series: 'EXERCISE', number: '17', date: '2026-03-01' }], due: '2026-04-01T00:00:00Z', items: [{ identity: IDENTITY, marks: [MARK] }, { identity: { ...IDENTITY, serial: 'unreadable' } }], note: null }
const RECEIPT: Body = { transfer: TRANSFER, request: REQUEST, happened: '2026-03-20T10:00:00Z', items: [0], note: null }
const DISPUTE: Body = { transfer: TRANSFER, request: REQUEST, items: [{ item: 1, what: 'other-marks' }], note: 'The tube says 0110.' }

const valid = (name: string, what: string, kind: string, body: Json): [string, TransferVector] => [`transfer/valid/${name}`, { what, kind, body, at: null }]
const invalid = (name: string, what: string, kind: string, body: Json, at: string): [string, TransferVector] => [`transfer/invalid/${name}`, { what, kind, body, at }]
const without = (body: Body, name: string): Body => Object.fromEntries(Object.entries(body).filter(([key]) => key !== name))

export function transferVectors(): [string, TransferVector][] {
  return [
    valid('notice', 'two items, one of them with its marks, one without a readable number', 'transfer/notify', NOTICE),
    valid('under-a-certificate', 'a notice that names the receiver\'s end-user certificate', 'transfer/notify', { ...NOTICE, certificate: TRANSFER }),
    valid('receipt-in-part', 'the first of them was received', 'transfer/receive', RECEIPT),
    valid('dispute', 'the second bears other marks', 'transfer/dispute', DISPUTE),
    invalid('nothing-listed', 'a notice of nothing', 'transfer/notify', { ...NOTICE, items: [] }, 'items'),
    invalid('photo-on-its-way', 'the hash of a photo of a mark', 'transfer/notify', { ...NOTICE, items: [{ identity: IDENTITY, marks: [{ ...MARK, photo: REQUEST }] }] }, 'items[0].marks[0].photo'),
    invalid('place-of-an-item', 'where an item lies', 'transfer/notify', { ...NOTICE, items: [{ identity: IDENTITY, site: 'Depot 3' }] }, 'items[0].site'),
    invalid('route', 'the way that it takes', 'transfer/notify', { ...NOTICE, route: 'north' }, 'route'),
    invalid('no-due', 'a notice without the day when its receipt is due', 'transfer/notify', without(NOTICE, 'due'), 'due'),
    invalid('receipt-of-nothing', 'a receipt of no item', 'transfer/receive', { ...RECEIPT, items: [] }, 'items'),
    invalid('received-twice', 'one item twice in a receipt', 'transfer/receive', { ...RECEIPT, items: [0, 0] }, 'items[1]'),
    invalid('places-out-of-order', 'places that do not ascend', 'transfer/receive', { ...RECEIPT, items: [1, 0] }, 'items[1]'),
    invalid('place-beyond-any-list', 'a place that no list has', 'transfer/receive', { ...RECEIPT, items: [1024] }, 'items[0]'),
    invalid('dispute-by-a-word-of-its-own', 'a dispute that is on no list', 'transfer/dispute', { ...DISPUTE, items: [{ item: 1, what: 'late' }] }, 'items[0].what'),
  ]
}
