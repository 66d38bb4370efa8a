// Vectors of what is said about an end-user certificate: the bodies of its messages.
import { toHex } from '@muster/core/bytes/bytes.ts'
import type { Json } from '@muster/core/bytes/canonical.ts'
import { drawn } from './three-parties.ts'
import type { TransferVector } from './transfer-bodies.ts'

type Body = { readonly [name: string]: Json }

const CERTIFICATE = toHex(drawn('certificate').slice(0, 16))
const REQUEST = toHex(drawn('certificate question'))
const ROW: Body = { class: 'missile', type: '9М39', quantity: 2 }
const ISSUED: Body = {
  certificate: CERTIFICATE, importer: 'BB', exporter: 'AA', number: 'EXERCISE EUC-1', date: '2026-03-01', until: '2026-09-01T00:00:00Z', endUser: 'Exercise brigade 4', endUse: 'armed-forces',
  items: [ROW, { class: 'gripstock', type: null, quantity: 1 }], undertakings: ['no-re-export-without-consent', 'delivery-verification'], note: null,
}
const VERIFY: Body = { certificate: CERTIFICATE, number: 'EXERCISE EUC-1', hash: REQUEST }

const valid = (name: string, what: string, kind: string, body: Json): [string, TransferVector] => [`certificate/valid/${name}`, { what, kind, body, at: null }]
const invalid = (name: string, what: string, body: Json, at: string, kind = 'certificate/issue'): [string, TransferVector] => [`certificate/invalid/${name}`, { what, kind, body, at }]

export function certificateVectors(): [string, TransferVector][] {
  return [
    valid('issued', 'two missiles of one type and one gripstock of any', 'certificate/issue', ISSUED),
    valid('by-serials', 'two missiles, each by its number', 'certificate/issue', { ...ISSUED, items: [{ ...ROW, serials: ['0101', '0102'] }] }),
    valid('withdrawn', 'withdrawn because the order was cancelled', 'certificate/withdraw', { certificate: CERTIFICATE, issue: REQUEST, reason: 'order-cancelled', note: null }),
    valid('question', 'a copy of it is put to its issuer', 'certificate/verify', VERIFY),
    valid('answer', 'the copy says something else than was issued', 'certificate/verified', { certificate: CERTIFICATE, request: REQUEST, verdict: 'altered' }),
    invalid('for-itself', 'importer and exporter are one', { ...ISSUED, exporter: 'BB' }, 'exporter'),
    invalid('of-nothing', 'a certificate of no item', { ...ISSUED, items: [] }, 'items'),
    invalid('row-twice', 'one type in two rows, in either alphabet', { ...ISSUED, items: [ROW, { ...ROW, type: '9M39' }] }, 'items[1]'),
    invalid('fewer-serials-than-items', 'one number for two items', { ...ISSUED, items: [{ ...ROW, serials: ['0101'] }] }, 'items[0].serials'),
    invalid('serial-twice', 'one number for both items', { ...ISSUED, items: [{ ...ROW, serials: ['0101', '0101'] }] }, 'items[0].serials'),
    invalid('undertaking-of-its-own', 'an undertaking that is on no list', { ...ISSUED, undertakings: ['good-will'] }, 'undertakings[0]'),
    invalid('undertaking-twice', 'one undertaking twice', { ...ISSUED, undertakings: ['delivery-verification', 'delivery-verification'] }, 'undertakings'),
    invalid('end-use-of-its-own', 'an end use that is on no list', { ...ISSUED, endUse: 'sale' }, 'endUse'),
    invalid('store', 'where the items will lie', { ...ISSUED, site: 'Depot 3' }, 'site'),
    invalid('verdict-of-its-own', 'a verdict that is on no list', { certificate: CERTIFICATE, request: REQUEST, verdict: 'doubtful' }, 'verdict', 'certificate/verified'),
  ]
}
