// Vectors of what is said in a reconciliation.
import { toHex } from '@muster/core/bytes/bytes.ts'
import type { Json } from '@muster/core/bytes/canonical.ts'
import { drawn } from './three-parties.ts'

/** `at`: the member at which it is refused, null where it is taken. */
export type ReconciliationVector = { what: string, kind: string, body: Json, at: string | null }
type Body = { readonly [name: string]: Json }

const hash = (of: string): string => toHex(drawn(of))
const reconciliation = hash('reconciliation').slice(0, 32)
const ROW: Body = { class: 'missile', year: '1990', to: 5, from: 0 }
const IDENTITY: Body = { class: 'missile', maker: 'unknown', type: { is: '9М39' }, year: 'unknown', lot: 'unknown', serial: { is: '0101' } }
const ELEMENT = Buffer.from(drawn('element')).toString('base64')
const PROPOSE: Body = { reconciliation, asOf: '2026-03-01T00:00:00Z', binding: hash('binding'), note: null }
const OPEN: Body = { reconciliation, accept: hash('accept'), salt: hash('salt'), rows: [ROW, { ...ROW, year: 'unknown', to: 0, from: 2 }] }
const ASK: Body = { reconciliation, n: 0, head: hash('head'), elements: [ELEMENT, ELEMENT], coin: hash('coin') }
const SHOWN: Body = { element: 1, input: ELEMENT, blind: hash('blind'), item: { identity: IDENTITY, way: 'to', year: '1990', documents: [{ series: null, number: '17', date: '1990-02-01' }] } }
const SHOW: Body = { reconciliation, ask: hash('ask'), coin: hash('coin'), opened: [{ element: 0, input: ELEMENT, blind: hash('blind') }, SHOWN] }
const REPORT: Body = { reconciliation, head: hash('head'), rows: [{ ...ROW, asked: 5, declared: 4 }], unasked: { 'beyond-the-grant': 0, 'no-document': 0, 'unreadable': 0 }, failed: null }

const valid = (name: string, what: string, kind: string, body: Json): [string, ReconciliationVector] => [`reconciliation/valid/${name}`, { what, kind: `reconciliation/${kind}`, body, at: null }]
const invalid = (name: string, what: string, kind: string, body: Json, at: string): [string, ReconciliationVector] => [`reconciliation/invalid/${name}`, { what, kind: `reconciliation/${kind}`, body, at }]

export function reconciliationVectors(): [string, ReconciliationVector][] {
  return [
    valid('propose', 'a proposal', 'propose', PROPOSE),
    valid('accept', 'accepted, bound to the own table', 'accept', { reconciliation, request: hash('proposal'), binding: hash('other binding') }),
    valid('decline', 'declined by a code', 'decline', { reconciliation, request: hash('proposal'), reason: 'no-transfers', note: 'Nothing ever passed.' }),
    valid('open', 'a table of two rows', 'open', OPEN),
    valid('counts', 'a table of nothing', 'counts', { reconciliation, request: hash('open'), salt: hash('salt'), rows: [] }),
    valid('ask', 'two elements', 'ask', ASK),
    valid('answer', 'their evaluation', 'answer', { request: hash('ask'), head: hash('head'), elements: [ELEMENT, ELEMENT], proof: Buffer.from([...drawn('p'), ...drawn('q')]).toString('base64'), coin: hash('coin') }),
    valid('refuse', 'a batch too many', 'refuse', { request: hash('ask'), reason: 'beyond-the-grant' }),
    valid('show', 'padding, and an item with its papers', 'show', SHOW),
    valid('report', 'by number', 'report', REPORT),
    valid('report-broken-off', 'the other side refused its second batch', 'report', { ...REPORT, unasked: { 'beyond-the-grant': 2, 'no-document': 1, 'unreadable': 1 }, failed: { n: 1, why: 'quota' } }),
    invalid('bound-by-half-a-hash', 'a binding of 16 bytes', 'propose', { ...PROPOSE, binding: hash('binding').slice(0, 32) }, 'binding'),
    invalid('table-in-the-proposal', 'a table before the other side has bound its own', 'propose', { ...PROPOSE, rows: [ROW] }, 'rows'),
    invalid('row-twice', 'one class and year in two rows', 'open', { ...OPEN, rows: [ROW, ROW] }, 'rows[1]'),
    invalid('rows-out-of-order', 'the later year first', 'open', { ...OPEN, rows: [{ ...ROW, year: '1991' }, ROW] }, 'rows[1]'),
    invalid('year-in-two-digits', 'a year that may be of either century', 'open', { ...OPEN, rows: [{ ...ROW, year: '90' }] }, 'rows[0].year'),
    invalid('fewer-than-none', 'a negative number', 'open', { ...OPEN, rows: [{ ...ROW, to: -1 }] }, 'rows[0].to'),
    invalid('serial-in-a-row', 'an item named in the table', 'open', { ...OPEN, rows: [{ ...ROW, serial: '0101' }] }, 'rows[0].serial'),
    invalid('nothing-asked', 'a batch of no elements', 'ask', { ...ASK, elements: [] }, 'elements'),
    invalid('shown-by-another-way', 'a way that there is not', 'show', { ...SHOW, opened: [{ ...SHOWN, item: { ...SHOWN.item as Body, way: 'both' } }] }, 'opened[0].item.way'),
    invalid('item-in-the-report', 'a serial number in the report', 'report', { ...REPORT, rows: [{ ...ROW, asked: 5, declared: 4, serial: '0101' }] }, 'rows[0].serial'),
    invalid('failure-without-a-code', 'broken off in prose', 'report', { ...REPORT, failed: { n: 1, why: 'they did not want to' } }, 'failed.why'),
  ]
}
