// What a registry tells a secretariat (spec/secretariat.md): codes, times, parties, and numbers by class where the agreement permits. No text that somebody
// wrote, no type, no id of an item.
import { boolean, hex, integer, list, nullable, object, oneOf, text, time, type Shaped } from '../bytes/shape.ts'
import { agreementId } from '../rules/agreement.ts'
import { CALL_REASONS, NO_COUNT_REASONS, STANDINGS } from '../rules/call.ts'
import { DUTY_STATES } from '../rules/duty.ts'
import { componentClass } from '../rules/item.ts'
import { partyId } from '../rules/party.ts'
import { STATE_CHARACTERS_MAX } from '../rules/paper.ts'
import { RECEIVED_STANDINGS } from '../rules/secretariat.ts'
import { COUNTED_ROWS_MAX } from './call-body.ts'

export const TOLD_CALLS_MAX = 1_000
export const TOLD_DUTIES_MAX = 10_000
const ROWS_MAX = 1_000
const PROOFS = ['proven', 'older', 'not-comparable', 'not-bound', 'head-not-here', 'none'] as const

const count = integer(0, Number.MAX_SAFE_INTEGER)
const numbers = nullable(list(object({ class: componentClass, opened: count, sealed: count, records: count }), 0, COUNTED_ROWS_MAX))
const call = { call: hex(16), reason: oneOf(...CALL_REASONS), asOf: time, due: time, issued: time } as const
const row = object({ to: text(STATE_CHARACTERS_MAX), standing: oneOf(...STANDINGS), since: time, late: boolean, reason: nullable(oneOf(...NO_COUNT_REASONS)), proof: nullable(oneOf(...PROOFS)), numbers })
const head = { party: partyId, agreement: agreementId, exercise: boolean, at: time } as const

/** Calls that the registry issued, with its matrix, and calls that it received, with what it said. */
export const secretariatCalls = object({
  ...head, issued: list(object({ ...call, rows: list(row, 0, ROWS_MAX) }), 0, TOLD_CALLS_MAX),
  received: list(object({ ...call, from: partyId, standing: oneOf(...RECEIVED_STANDINGS), said: nullable(time), numbers }), 0, TOLD_CALLS_MAX),
})
export type SecretariatCalls = Shaped<typeof secretariatCalls>

/** What is owed by and to the party, as its registry has it. */
export const secretariatDuties = object({
  ...head, duties: list(object({ what: text(40), by: partyId, to: nullable(partyId), about: text(60), due: time, done: nullable(time), state: oneOf(...DUTY_STATES) }), 0, TOLD_DUTIES_MAX),
})
export type SecretariatDuties = Shaped<typeof secretariatDuties>
