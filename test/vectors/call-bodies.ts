// Vectors of what is said about a call to count: the bodies of its messages, and the counts that an answer opens beside the binding in a head.
import { toHex } from '@muster/core/bytes/bytes.ts'
import type { Json } from '@muster/core/bytes/canonical.ts'
import { noble } from '@muster/core/bytes/noble.ts'
import { bindCounts } from '@muster/core/wire/call-body.ts'
import { drawn } from './three-parties.ts'

/** `at`: the member at which it is refused, null where it is taken. `bound`: the binding in the head of the declaration that an answer opens. */
export type CallVector = { what: string, kind: string, body: Json, at: string | null, bound?: string }
type Body = { readonly [name: string]: Json }

const CALL = toHex(drawn('call').slice(0, 16))
const REQUEST = toHex(drawn('call request'))
const SALT = drawn('counts salt')
const COUNTS = { 'gripstock held': 12, 'missile destroyed': 3, 'missile held': 40 }
const BOUND = bindCounts(noble, SALT, COUNTS)

const ISSUE: Body = {
  call: CALL, reason: 'seizure', classes: ['missile', 'gripstock'], types: ['9М39'], seen: 'opened', asOf: '2026-03-01T00:00:00Z', due: '2026-04-01T00:00:00Z', remind: ['2026-03-20T00:00:00Z', '2026-03-30T00:00:00Z'], note: null,
}
const ROW: Body = { class: 'missile', type: '9М39', opened: 36, sealed: 3, records: 1 }
const ANSWER: Body = { call: CALL, request: REQUEST, asOf: '2026-03-01T00:00:00Z', counts: [ROW, { ...ROW, class: 'gripstock', type: null }], declared: { head: toHex(drawn('head')), salt: toHex(SALT), counts: COUNTS }, note: null }
const DECLINE: Body = { call: CALL, request: REQUEST, stance: 'objects', reason: 'neutrality', note: 'It neither makes nor sells them.' }

const valid = (name: string, what: string, kind: string, body: Json, bound?: string): [string, CallVector] => [`call/valid/${name}`, { what, kind, body, at: null, ...(bound === undefined ? {} : { bound }) }]
const invalid = (name: string, what: string, kind: string, body: Json, at: string, bound?: string): [string, CallVector] => [`call/invalid/${name}`, { what, kind, body, at, ...(bound === undefined ? {} : { bound }) }]

export function callVectors(): [string, CallVector][] {
  return [
    valid('issue', 'two classes of one type, with two reminders', 'call/issue', ISSUE),
    valid('issue-for-everything', 'all classes and types', 'call/issue', { ...ISSUE, classes: null, types: null, remind: [] }),
    valid('remind', 'the second reminder', 'call/remind', { call: CALL, issue: REQUEST, due: '2026-04-01T00:00:00Z', nth: 2, overdue: false }),
    valid('acknowledge', 'an office sees to it', 'call/acknowledge', { call: CALL, request: REQUEST, office: 'National point of contact', expected: '2026-03-25T00:00:00Z' }),
    valid('answer', 'the counts that are opened are those that the head binds', 'call/answer', ANSWER, BOUND),
    valid('answer-nil', 'nothing is in hand, and nothing was declared', 'call/answer', { ...ANSWER, counts: [], declared: null }),
    valid('objection', 'an objection with a reason', 'call/decline', DECLINE),
    invalid('answer-due-before-its-date', 'due before the day that is counted for', 'call/issue', { ...ISSUE, due: '2026-02-01T00:00:00Z' }, 'due'),
    invalid('reminders-out-of-order', 'reminders that do not ascend', 'call/issue', { ...ISSUE, remind: ['2026-03-30T00:00:00Z', '2026-03-20T00:00:00Z'] }, 'remind'),
    invalid('reminder-when-it-is-due', 'a reminder at the time when the answer is due', 'call/issue', { ...ISSUE, remind: ['2026-04-01T00:00:00Z'] }, 'remind'),
    invalid('no-class', 'a list of no class: null asks for all', 'call/issue', { ...ISSUE, classes: [] }, 'classes'),
    invalid('other-reason', 'a reason that is on no list', 'call/issue', { ...ISSUE, reason: 'because' }, 'reason'),
    invalid('serial-in-a-count', 'a count names no item', 'call/answer', { ...ANSWER, counts: [{ ...ROW, serial: '0123' }] }, 'counts[0].serial'),
    invalid('below-zero', 'fewer than none', 'call/answer', { ...ANSWER, counts: [{ ...ROW, opened: -1 }] }, 'counts[0].opened'),
    invalid('row-twice', 'one class and type counted twice', 'call/answer', { ...ANSWER, counts: [ROW, ROW] }, 'counts[1]'),
    invalid('status-unknown', 'a count under a status that there is not', 'call/answer', { ...ANSWER, declared: { ...ANSWER.declared as Body, counts: { 'missile hidden': 1 } } }, 'declared.counts.missile hidden'),
    invalid('counts-other-than-bound', 'one missile fewer than the head binds', 'call/answer', { ...ANSWER, declared: { ...ANSWER.declared as Body, counts: { ...COUNTS, 'missile held': 39 } } }, 'declared.counts', BOUND),
    invalid('count-left-out', 'what was destroyed is left out of the opened counts', 'call/answer', { ...ANSWER, declared: { ...ANSWER.declared as Body, counts: { 'gripstock held': 12, 'missile held': 40 } } }, 'declared.counts', BOUND),
    invalid('salt-of-another', 'the salt of another declaration', 'call/answer', { ...ANSWER, declared: { ...ANSWER.declared as Body, salt: toHex(drawn('other salt')) } }, 'declared.counts', BOUND),
    invalid('refusal-without-a-reason', 'a refusal that gives no reason', 'call/decline', { ...DECLINE, reason: null }, 'reason'),
  ]
}
