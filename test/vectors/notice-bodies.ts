// Vectors of what a notice of loss, theft or recovery says.
import { toHex } from '@muster/core/bytes/bytes.ts'
import type { Json } from '@muster/core/bytes/canonical.ts'
import { drawn } from './three-parties.ts'

/** `at`: the member at which it is refused, null where it is taken. */
export type NoticeVector = { what: string, kind: string, body: Json, at: string | null }
type Body = { readonly [name: string]: Json }

const IDENTITY: Body = { class: 'missile', maker: 'unknown', type: { is: '9М39' }, year: 'unknown', lot: 'unknown', serial: { is: '0101' } }
const NOTICE: Body = {
  notice: toHex(drawn('notice').slice(0, 16)), discovered: '2026-03-01T00:00:00Z', region: 'North', circumstances: 'in-store', items: [{ class: 'missile', type: '9М39', items: 2 }], listed: null, follows: null, note: null,
}

const valid = (name: string, what: string, kind: string, body: Json): [string, NoticeVector] => [`notice/valid/${name}`, { what, kind, body, at: null }]
const invalid = (name: string, what: string, kind: string, body: Json, at: string): [string, NoticeVector] => [`notice/invalid/${name}`, { what, kind, body, at }]

export function noticeVectors(): [string, NoticeVector][] {
  return [
    valid('theft', 'two missiles, by type and number', 'theft/notice', NOTICE),
    valid('loss-with-numbers', 'two missiles, each listed', 'loss/notice', { ...NOTICE, listed: [IDENTITY, { ...IDENTITY, serial: { is: '0102' } }] }),
    valid('recovery', 'seized, without a region', 'recovery/notice', { ...NOTICE, region: null, circumstances: 'seized' }),
    invalid('nothing-lost', 'a notice of nothing', 'loss/notice', { ...NOTICE, items: [] }, 'items'),
    invalid('fewer-listed-than-counted', 'one of two is listed', 'loss/notice', { ...NOTICE, listed: [IDENTITY] }, 'listed'),
    invalid('serial-beside-the-count', 'a serial number in the count', 'theft/notice', { ...NOTICE, items: [{ class: 'missile', type: '9М39', items: 2, serial: '0101' }] }, 'items[0].serial'),
    invalid('site', 'the store that it was taken from', 'theft/notice', { ...NOTICE, site: 'Depot 3' }, 'site'),
    invalid('type-twice', 'one class and type in two rows', 'theft/notice', { ...NOTICE, items: [1, 1].map((items) => ({ class: 'missile', type: '9М39', items })) }, 'items[1]'),
    invalid('none-of-a-class', 'a class with no item', 'theft/notice', { ...NOTICE, items: [{ class: 'missile', type: null, items: 0 }] }, 'items[0].items'),
    invalid('circumstances-of-its-own', 'circumstances that are on no list', 'theft/notice', { ...NOTICE, circumstances: 'by night' }, 'circumstances'),
  ]
}
