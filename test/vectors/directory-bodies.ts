// Vectors of what is said of a directory: offices, a rerouting, and terms side by side.
import { toHex } from '@muster/core/bytes/bytes.ts'
import type { Json } from '@muster/core/bytes/canonical.ts'
import { drawn } from './three-parties.ts'
import type { TransferVector } from './transfer-bodies.ts'

type Body = { readonly [name: string]: Json }

const REQUEST = toHex(drawn('directory question'))
const TRACING: Body = {
  code: 'tracing', names: { en: 'Tracing', ru: 'Отдел прослеживания' }, subjects: ['trace', 'evaluation'], hours: [{ days: [1, 2, 3, 4, 5], from: '04:00', until: '12:00' }],
  closed: [{ from: '2026-03-21', until: '2026-03-23' }], from: null, until: null, otherwise: 'duty',
}
const DUTY: Body = { code: 'duty', names: { en: 'Duty officer', ru: 'Дежурный' }, subjects: [], hours: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', until: '24:00' }], closed: [], from: null, until: null, otherwise: null }
const REROUTED: Body = { request: REQUEST, from: 'tracing', to: 'duty', reason: 'out-of-hours', note: null }
const ROW: Body = { what: 'designation', own: { code: '9М39', text: '9М39' }, theirs: { code: 'M-39', text: 'Missile 39' }, relation: 'same', note: null }

const valid = (name: string, what: string, kind: string, body: Json): [string, TransferVector] => [`directory/valid/${name}`, { what, kind, body, at: null }]
const invalid = (name: string, what: string, kind: string, body: Json, at: string): [string, TransferVector] => [`directory/invalid/${name}`, { what, kind, body, at }]
const office = (name: string, what: string, changes: Body, at: string): [string, TransferVector] => invalid(name, what, 'directory/office', { offices: [{ ...TRACING, ...changes }, DUTY] }, `offices[0].${at}`)
const terms = (name: string, what: string, rows: readonly Json[], at: string): [string, TransferVector] => invalid(name, what, 'directory/terms', { rows }, at)

export function directoryVectors(): [string, TransferVector][] {
  return [
    valid('offices', 'an office with hours, and the one that answers outside them', 'directory/office', { offices: [TRACING, DUTY] }),
    valid('mutual-deputies', 'two offices that stand in for one another', 'directory/office', { offices: [TRACING, { ...DUTY, otherwise: 'tracing' }] }),
    valid('rerouted', 'a message goes on to the duty officer', 'directory/rerouted', REROUTED),
    valid('rerouted-from-nowhere', 'a message that lay with no office', 'directory/rerouted', { ...REROUTED, from: null, reason: 'not-its-subject' }),
    valid('terms', 'a designation with its counterpart, a form without one, and a false friend', 'directory/terms', { rows: [ROW, { ...ROW, what: 'form', theirs: null, relation: 'none' }, { ...ROW, theirs: { code: 'M-39A', text: 'Missile 39A' }, relation: 'none' }] }),
    invalid('no-office', 'a directory of nobody', 'directory/office', { offices: [] }, 'offices'),
    invalid('office-twice', 'two offices of one code', 'directory/office', { offices: [DUTY, DUTY] }, 'offices[1]'),
    office('deputy-unknown', 'a deputy that the directory does not have', { otherwise: 'nobody' }, 'otherwise'),
    office('deputy-of-itself', 'an office that stands in for itself', { otherwise: 'tracing' }, 'otherwise'),
    office('hours-backwards', 'hours that end before they begin', { hours: [{ days: [1], from: '12:00', until: '04:00' }] }, 'hours[0].until'),
    office('day-twice', 'one day twice', { hours: [{ days: [1, 1], from: '04:00', until: '12:00' }] }, 'hours[0].days[1]'),
    office('eighth-day', 'an eighth day of the week', { hours: [{ days: [8], from: '04:00', until: '12:00' }] }, 'hours[0].days[0]'),
    office('closed-backwards', 'closed until a day before', { closed: [{ from: '2026-03-23', until: '2026-03-21' }] }, 'closed[0].until'),
    office('ends-before-it-begins', 'an office that ends before it begins', { from: '2026-03-02', until: '2026-03-01' }, 'until'),
    office('subject-of-its-own', 'a subject that is no family of messages', { subjects: ['press'] }, 'subjects[0]'),
    office('subject-twice', 'one subject twice', { subjects: ['trace', 'trace'] }, 'subjects[1]'),
    office('nameless', 'a name in no language', { names: {} }, 'names'),
    office('telephone', 'a telephone number', { telephone: '1' }, 'telephone'),
    invalid('to-the-same', 'from an office to itself', 'directory/rerouted', { ...REROUTED, to: 'tracing' }, 'to'),
    invalid('reason-of-its-own', 'a reason that is on no list', 'directory/rerouted', { ...REROUTED, reason: 'lost' }, 'reason'),
    invalid('new-deadline', 'a rerouting that moves what is due', 'directory/rerouted', { ...REROUTED, due: '2026-03-02T09:00:00Z' }, 'due'),
    terms('pair-twice', 'one pair in two rows', [ROW, { ...ROW, relation: 'overlaps' }], 'rows[1]'),
    terms('same-as-nothing', 'the same as no counterpart', [{ ...ROW, theirs: null }], 'rows[0].relation'),
    terms('counterpart-and-none', 'a counterpart of a term that has none', [{ ...ROW, theirs: null, relation: 'none' }, ROW], 'rows[1]'),
    terms('relation-of-its-own', 'a relation that is on no list', [{ ...ROW, relation: 'similar' }], 'rows[0].relation'),
  ]
}
