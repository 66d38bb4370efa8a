// Vectors of the law of a licence: acts in their order, with what each dispatch would send, and the first that may not follow, with why.
import { toHex } from '@muster/core/bytes/bytes.ts'
import type { Json } from '@muster/core/bytes/canonical.ts'
import { drawn } from './three-parties.ts'

/** `sent`: of a dispatch, to whom and which serials of the one type; `at`: the index of the step that is refused, null where all stand. */
export type LicenceVector = { what: string, steps: readonly { readonly act: Json, readonly written: string, readonly sent: { readonly to: string, readonly type: string, readonly serials: readonly string[] } | null }[], at: number | null, code: string | null }

type Body = { readonly [name: string]: Json }
const TEXT: Body = {
  number: 'EXERCISE L-1', date: '2026-03-01', to: 'BB', endUser: 'Exercise brigade 4', certificate: toHex(drawn('certificate').slice(0, 16)), items: [{ class: 'missile', type: '9М39', quantity: 2 }],
  from: '2026-03-10T00:00:00Z', until: '2026-09-01T00:00:00Z', note: null,
}
const ROWS = TEXT.items as Json[]
const step = (kind: string, data: Json, written: string, people: Body = {}): LicenceVector['steps'][number] => ({ act: { kind, by: 'A. Petrova', and: 'B. Karimov', data, ...people }, written, sent: null })
const granted = (changes: Body = {}, people: Body = {}) => step('granted', { ...TEXT, ...changes }, '2026-03-01T12:00:00Z', people)
const amended = (changes: Body) => step('amended', { text: { ...TEXT, ...changes }, because: 'the order was changed' }, '2026-04-02T12:00:00Z')
const revoked = step('revoked', { reason: 'diversion-feared', note: null }, '2026-04-03T12:00:00Z')
const draw = (serials: readonly string[], { written = '2026-04-01T12:00:00Z', to = 'BB', type = '9M39' } = {}) => ({ ...step('drawn', { transfer: toHex(drawn(`transfer ${serials.join(' ')}`).slice(0, 16)) }, written), sent: { to, type, serials } })

type Named = [string, LicenceVector]
const valid = (name: string, what: string, steps: LicenceVector['steps']): Named => [`licence/valid/${name}`, { what, steps, at: null, code: null }]
const invalid = (name: string, what: string, steps: LicenceVector['steps'], code: string): Named => [`licence/invalid/${name}`, { what, steps, at: steps.length - 1, code }]

export function licenceVectors(): Named[] {
  return [
    valid('drawn-to-the-end', 'two dispatches take the two missiles, the type written in the other alphabet', [granted(), draw(['0101']), draw(['0102'])]),
    valid('more-after-an-amendment', 'what was too much is not when the licence is for more', [granted(), draw(['0101', '0102']), amended({ items: [{ class: 'missile', type: '9М39', quantity: 3 }] }), draw(['0103'], { written: '2026-04-03T12:00:00Z' })]),
    valid('revoked', 'revoked after one dispatch', [granted(), draw(['0101']), revoked]),
    invalid('one-person', 'one person grants it', [granted({}, { and: 'A. Petrova' })], 'two-people/same-person'),
    invalid('nobody-second', 'no second person', [granted({}, { and: null })], 'licence/shape'),
    invalid('over-already', 'it would be over before anything goes by it', [granted({ from: '2026-01-01T00:00:00Z', until: '2026-02-01T00:00:00Z' })], 'licence/over'),
    invalid('until-before-from', 'it ends before it begins', [granted({ until: '2026-03-09T00:00:00Z' })], 'licence/shape'),
    invalid('row-twice', 'one type in two rows, in either alphabet', [granted({ items: [...ROWS, { class: 'missile', type: '9M39', quantity: 1 }] })], 'licence/shape'),
    invalid('not-granted', 'a dispatch under a licence that was not granted', [draw(['0101'])], 'licence/not-granted'),
    invalid('granted-twice', 'granted anew', [granted(), granted()], 'licence/another-licence'),
    invalid('to-another', 'amended to another addressee', [granted(), amended({ to: 'CC' })], 'licence/another-licence'),
    invalid('below-what-went', 'amended to less than was dispatched', [granted(), draw(['0101', '0102']), amended({ items: [{ class: 'missile', type: '9М39', quantity: 1 }] })], 'licence/below-drawn'),
    invalid('dispatched-elsewhere', 'a dispatch to somebody else', [granted(), draw(['0101'], { to: 'CC' })], 'licence/other-party'),
    invalid('before-its-time', 'a dispatch before it is valid', [granted(), draw(['0101'], { written: '2026-03-09T23:59:59Z' })], 'licence/not-yet-valid'),
    invalid('after-its-time', 'a dispatch after its last second', [granted(), draw(['0101'], { written: '2026-09-01T00:00:01Z' })], 'licence/expired'),
    invalid('other-type', 'a type that it does not list', [granted(), draw(['0101'], { type: '9М310' })], 'licence/other-item'),
    invalid('beyond', 'two where one is left', [granted(), draw(['0101']), draw(['0102', '0103'])], 'licence/beyond-quantity'),
    invalid('used-up', 'one where none is left', [granted(), draw(['0101', '0102']), draw(['0103'])], 'licence/exhausted'),
    invalid('after-revocation', 'a dispatch after it was revoked', [granted(), revoked, draw(['0101'], { written: '2026-04-04T12:00:00Z' })], 'licence/revoked'),
    invalid('revoked-twice', 'revoked a second time', [granted(), revoked, revoked], 'licence/revoked'),
  ]
}
