// Vectors of what a registry tells a secretariat.
import { toHex } from '@muster/core/bytes/bytes.ts'
import type { Json } from '@muster/core/bytes/canonical.ts'
import { drawn } from './three-parties.ts'

/** `at`: the member at which it is refused, null where it is taken. */
export type SecretariatVector = { what: string, kind: string, body: Json, at: string | null }
type Body = { readonly [name: string]: Json }

const HEAD: Body = { party: 'AA', agreement: 'exercise-1', exercise: true, at: '2026-03-02T00:00:00Z' }
const CALL: Body = { call: toHex(drawn('call').slice(0, 16)), reason: 'seizure', asOf: '2026-03-01T00:00:00Z', due: '2026-04-01T00:00:00Z', issued: '2026-03-01T00:00:00Z' }
const NUMBERS: Json = [{ class: 'gripstock', opened: 2, sealed: 0, records: 0 }, { class: 'missile', opened: 36, sealed: 3, records: 1 }]
const ANSWERED: Body = { to: 'BB', standing: 'answered', since: '2026-03-01T12:00:00Z', late: false, reason: null, proof: 'proven', numbers: NUMBERS }
const OBJECTED: Body = { ...ANSWERED, to: 'CC', standing: 'objected', reason: 'neutrality', proof: null, numbers: null }
const RECEIVED: Body = { ...CALL, from: 'BB', standing: 'open', said: null, numbers: null }
const DUTY: Body = { what: 'call/answer', by: 'BB', to: 'AA', about: CALL.call as string, due: '2026-04-01T00:00:00Z', done: null, state: 'due' }

const told = (changes: Body): Body => ({ ...HEAD, issued: [{ ...CALL, rows: [{ ...ANSWERED, ...changes }, OBJECTED] }], received: [] })

export function secretariatVectors(): [string, SecretariatVector][] {
  const valid = (name: string, what: string, kind: string, body: Json): [string, SecretariatVector] => [`secretariat/valid/${name}`, { what, kind, body, at: null }]
  const invalid = (name: string, at: string, what: string, kind: string, body: Json): [string, SecretariatVector] => [`secretariat/invalid/${name}`, { what, kind, body, at }]
  return [
    valid('calls', 'a call with a count and an objection', 'secretariat-calls', told({})),
    valid('no-numbers', 'the agreement does not open the status of items', 'secretariat-calls', told({ numbers: null })),
    valid('received', 'a call of another that waits', 'secretariat-calls', { ...HEAD, issued: [], received: [RECEIVED] }),
    valid('state-on-paper', 'a state without a registry', 'secretariat-calls', told({ to: 'Ostravia', proof: null })),
    valid('duties', 'an answer that is due', 'secretariat-duties', { ...HEAD, duties: [DUTY] }),
    invalid('type-of-items', 'issued[0].rows[0].numbers[0].type', 'numbers by type', 'secretariat-calls', told({ numbers: [{ class: 'missile', type: '9М39', opened: 1, sealed: 0, records: 0 }] })),
    invalid('note', 'issued[0].rows[0].note', 'a text beside the codes', 'secretariat-calls', told({ note: 'no. 70114' })),
    invalid('class-that-is-a-number', 'issued[0].rows[0].numbers[0].class', 'a serial number in the place of a class', 'secretariat-calls', told({ numbers: [{ class: '70114', opened: 1, sealed: 0, records: 0 }] })),
    invalid('unknown-standing', 'received[0].standing', 'a word that there is not', 'secretariat-calls', { ...HEAD, issued: [], received: [{ ...RECEIVED, standing: 'silent' }] }),
    invalid('office', 'duties[0].office', 'the office that a delay has come to', 'secretariat-duties', { ...HEAD, duties: [{ ...DUTY, office: 'Head' }] }),
    invalid('no-party', 'party', 'nobody\'s word', 'secretariat-duties', { agreement: 'exercise-1', exercise: true, at: '2026-03-02T00:00:00Z', duties: [] }),
  ]
}
