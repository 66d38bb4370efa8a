// Vectors of what is said about production under a licence and about a destruction: the bodies of its messages.
import { toHex } from '@muster/core/bytes/bytes.ts'
import type { Json } from '@muster/core/bytes/canonical.ts'
import { productionBinding } from '@muster/core/wire/production-body.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { drawn } from './three-parties.ts'
import type { TransferVector } from './transfer-bodies.ts'

type Body = { readonly [name: string]: Json }

const IDENTITY: Body = { class: 'missile', maker: { is: 'Завод 1' }, type: { is: '9М39' }, year: 'unknown', lot: { is: '4' }, serial: { is: '0101' } }
const WITNESS: Body = { party: 'BB', name: 'D. Sokol', office: 'Inspector' }
const CERTIFICATE: Body = {
  destruction: toHex(drawn('destruction').slice(0, 16)), party: 'AA', number: 'EXERCISE D-1', date: '2026-03-01', region: 'North', method: 'cutting',
  counts: [{ class: 'missile', type: '9М39', items: 1 }], items: [IDENTITY], witnesses: [WITNESS], note: null,
}
const WORD: Body = { destruction: CERTIFICATE.destruction as string, request: toHex(drawn('destruction certificate')), witness: 'D. Sokol', note: null }

const PERIOD = { maker: 'Завод 1', class: 'missile', type: '9М39', from: '2026-01-01T00:00:00Z', until: '2026-07-01T00:00:00Z' } as const
const COUNT = { year: '2026', lot: '4', made: 2 }
const SALT = drawn('production')
const SERIALS = ['0101', '0102']
const ROW: Body = { ...COUNT, binding: productionBinding(p, PERIOD, COUNT, SALT, SERIALS) }
const RETURN: Body = { return: toHex(drawn('return').slice(0, 16)), ...PERIOD, rows: [ROW], note: null }
const opened = (serials: string[]): Body => ({ ...RETURN, rows: [{ ...ROW, opened: { salt: toHex(SALT), serials } }] })

type Named = [string, TransferVector]
const of = (family: string) => ({
  valid: (name: string, what: string, kind: string, body: Json): Named => [`${family}/valid/${name}`, { what, kind, body, at: null }],
  invalid: (name: string, what: string, body: Json, at: string, kind: string): Named => [`${family}/invalid/${name}`, { what, kind, body, at }],
})

export function destructionVectors(): Named[] {
  const { valid, invalid } = of('destruction')
  const wrong = (name: string, what: string, changes: Body, at: string): Named => invalid(name, what, { ...CERTIFICATE, ...changes }, at, 'destruction/certify')
  return [
    valid('certified', 'one missile, before a witness of another party', 'destruction/certify', CERTIFICATE),
    valid('of-no-known-type', 'an item whose type nobody knows', 'destruction/certify', { ...CERTIFICATE, items: [{ ...IDENTITY, type: 'unknown' }], counts: [{ class: 'missile', type: null, items: 1 }] }),
    valid('witnessed', 'the witness was there', 'destruction/witnessed', WORD),
    valid('not-witnessed', 'the witness saw fewer', 'destruction/not-witnessed', { ...WORD, reason: 'fewer-items' }),
    wrong('of-nothing', 'no item', { items: [] }, 'items'),
    wrong('more-counted-than-listed', 'two counted and one listed', { counts: [{ class: 'missile', type: '9М39', items: 2 }] }, 'counts[0].items'),
    wrong('listed-and-not-counted', 'a second type that no count has', { items: [IDENTITY, { ...IDENTITY, type: { is: '9М310' }, serial: { is: '0102' } }] }, 'counts'),
    wrong('counted-twice', 'one type in two counts', { counts: [{ class: 'missile', type: '9М39', items: 1 }, { class: 'missile', type: '9М39', items: 1 }] }, 'counts[1]'),
    wrong('nobody-saw-it', 'no witness', { witnesses: [] }, 'witnesses'),
    wrong('witness-twice', 'one witness twice', { witnesses: [WITNESS, WITNESS] }, 'witnesses'),
    wrong('method-of-its-own', 'a method that is on no list', { method: 'lost' }, 'method'),
    wrong('place', 'the place itself', { site: 'Depot 3' }, 'site'),
    invalid('denied-by-a-word-of-its-own', 'a reason that is on no list', { ...WORD, reason: 'no' }, 'reason', 'destruction/not-witnessed'),
  ]
}

export function productionVectors(): Named[] {
  const { valid, invalid } = of('production')
  const wrong = (name: string, what: string, body: Body, at: string): Named => invalid(name, what, body, at, 'production/return')
  return [
    valid('counts', 'two of one lot, by their count and a binding', 'production/return', RETURN),
    valid('with-numbers', 'with the numbers and the salt', 'production/return', opened(SERIALS)),
    valid('nothing-made', 'nothing was made', 'production/return', { ...RETURN, rows: [] }),
    wrong('ends-before-it-begins', 'a period that ends before it begins', { ...RETURN, until: '2025-07-01T00:00:00Z' }, 'until'),
    wrong('lot-twice', 'one year and lot in two rows', { ...RETURN, rows: [ROW, ROW] }, 'rows[1]'),
    wrong('none-of-a-lot', 'a row of none', { ...RETURN, rows: [{ ...ROW, made: 0 }] }, 'rows[0].made'),
    wrong('more-numbers-than-made', 'three numbers of two items', opened([...SERIALS, '0103']), 'rows[0].opened.serials'),
    wrong('numbers-out-of-order', 'numbers that do not ascend', opened(['0102', '0101']), 'rows[0].opened.serials'),
    wrong('number-twice', 'one number twice', opened(['0101', '0101']), 'rows[0].opened.serials'),
  ]
}
