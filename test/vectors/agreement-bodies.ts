// Vectors of what is said of an agreement itself, and of what is reported by its schedule.
import { toHex } from '@muster/core/bytes/bytes.ts'
import { canonical, type Json } from '@muster/core/bytes/canonical.ts'
import { agreementJson, drawn } from './three-parties.ts'
import type { TransferVector } from './transfer-bodies.ts'

type Body = { readonly [name: string]: Json }

const TEXT = toHex(drawn('agreement text'))
const first = (): Body => JSON.parse(canonical(agreementJson())) as Body
const next = (): Body => ({ ...first(), sequence: 1, former: TEXT })
const POSITION: Body = { position: toHex(drawn('position').slice(0, 16)), text: TEXT, kind: 'objection', place: 'quota.askerElements', concern: 'quota', words: 'Слишком много для одного запрашивающего.', answers: null }
const SIGN: Body = { text: TEXT, sequence: 0, name: 'M. Minister', office: 'Ministry of the exercise' }
const LEAVE: Body = { from: '2027-01-01T00:00:00Z', reason: 'national-interest', note: null }
const ROW: Body = { class: 'missile', type: '9М39', with: 'BB', items: 40 }
const REPORT: Body = { report: toHex(drawn('report').slice(0, 16)), what: 'exports', from: '2026-01-01T00:00:00Z', until: '2027-01-01T00:00:00Z', rows: [ROW, { ...ROW, with: null }], note: null }

const of = (folder: string) => ({
  valid: (name: string, what: string, kind: string, body: Json): [string, TransferVector] => [`${folder}/valid/${name}`, { what, kind, body, at: null }],
  invalid: (name: string, what: string, kind: string, body: Json, at: string): [string, TransferVector] => [`${folder}/invalid/${name}`, { what, kind, body, at }],
})

export function agreementSaidVectors(): [string, TransferVector][] {
  const { valid, invalid } = of('agreement-said')
  const { title: _, ...untitled } = first()
  return [
    valid('proposed', 'a first text', 'agreement/propose', { agreement: first(), note: null }),
    valid('amended', 'the whole text anew, with a key record, which whoever takes it up reads', 'agreement/amend', { agreement: next(), records: [{ v: 'muster/key-record/1' }], note: 'One party more.' }),
    valid('objection', 'an objection to one member', 'agreement/position', POSITION),
    valid('acceptance', 'the whole is accepted, in answer to a position', 'agreement/position', { ...POSITION, kind: 'position', place: null, concern: 'accepts', words: null, answers: POSITION.position as Json }),
    valid('signed', 'a text is signed by its hash', 'agreement/sign', SIGN),
    valid('left', 'a party leaves with a date', 'agreement/withdraw', LEAVE),
    invalid('amended-from-nothing', 'an amendment of no former text', 'agreement/amend', { agreement: first(), records: [], note: null }, 'agreement.former'),
    invalid('record-as-text', 'a key record that is a text', 'agreement/amend', { agreement: next(), records: ['a record'], note: null }, 'records[0]'),
    invalid('proposed-without-title', 'a text that is no agreement', 'agreement/propose', { agreement: untitled, note: null }, 'agreement.title'),
    invalid('kind-of-its-own', 'a kind of position that is on no list', 'agreement/position', { ...POSITION, kind: 'veto' }, 'kind'),
    invalid('concern-of-its-own', 'a concern that is on no list', 'agreement/position', { ...POSITION, concern: 'price' }, 'concern'),
    invalid('position-on-no-text', 'a position on no text', 'agreement/position', { ...POSITION, text: null }, 'text'),
    invalid('signed-by-nobody', 'nobody signs for the party', 'agreement/sign', { ...SIGN, name: '' }, 'name'),
    invalid('signed-conditionally', 'a signature with a condition', 'agreement/sign', { ...SIGN, provided: 'all others sign' }, 'provided'),
    invalid('left-without-date', 'a party leaves with no date', 'agreement/withdraw', { ...LEAVE, from: null }, 'from'),
    invalid('left-for-a-reason-of-its-own', 'a reason that is on no list', 'agreement/withdraw', { ...LEAVE, reason: 'weather' }, 'reason'),
  ]
}

export function exchangeVectors(): [string, TransferVector][] {
  const { valid, invalid } = of('exchange')
  const report = (name: string, what: string, changes: Body, at: string) => invalid(name, what, 'exchange/report', { ...REPORT, ...changes }, at)
  return [
    valid('report', 'what went to one party, and to whom nobody says', 'exchange/report', REPORT),
    valid('nothing', 'nothing to report is a report', 'exchange/report', { ...REPORT, rows: [] }),
    report('period-backwards', 'a period that ends before it begins', { until: '2026-01-01T00:00:00Z' }, 'until'),
    report('row-twice', 'one class, type and other side in two rows', { rows: [ROW, { ...ROW, items: 1 }] }, 'rows[1]'),
    report('none-of-it', 'a row of no item', { rows: [{ ...ROW, items: 0 }] }, 'rows[0].items'),
    report('serials', 'numbers of single items', { rows: [{ ...ROW, serials: ['0101'] }] }, 'rows[0].serials'),
    report('subject-of-its-own', 'what no schedule has', { what: 'prices' }, 'what'),
  ]
}
