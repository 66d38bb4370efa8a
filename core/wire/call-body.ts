// What is said about a call to count (DESIGN section 6, spec/call.md): the call, a reminder, that it is being seen to, the count, and why there is
// none. Codes and numbers; a note is the sender's own words beside them, never instead of them.
import { canonicalBytes } from '../bytes/canonical.ts'
import { concat, fromHex, toHex } from '../bytes/bytes.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { boolean, hex, integer, list, misfit, nullable, object, oneOf, pattern, ruled, table, text, time, type Shaped } from '../bytes/shape.ts'
import { CLASSES_MAX } from '../rules/agreement.ts'
import { CALL_REASONS, NO_COUNT_REASONS, SEEN } from '../rules/call.ts'
import { componentClass } from '../rules/item.ts'
import { STATUSES } from '../rules/status.ts'

export const TYPES_MAX = 64
export const REMINDERS_MAX = 8
export const NOTE_CHARACTERS_MAX = 1_000
export const COUNTED_ROWS_MAX = 4_096
export const COUNT_MAX = 1_000_000_000

const callId = hex(16)
const note = nullable(text(NOTE_CHARACTERS_MAX))
const count = integer(0, COUNT_MAX)

/** Members by a name of the form `class status`, as the head of a declaration binds them. */
const boundName = pattern(new RegExp(`^[a-z][a-z0-9-]{0,39} (${STATUSES.join('|')})$`), 'a member named by class and status')
export const boundCounts = table(boundName, integer(1, COUNT_MAX), COUNTED_ROWS_MAX)

const issueMembers = object({
  call: callId, reason: oneOf(...CALL_REASONS), classes: nullable(list(componentClass, 1, CLASSES_MAX)), types: nullable(list(text(200), 1, TYPES_MAX)),
  /** How thoroughly the caller asks that items be seen. */
  seen: oneOf(...SEEN), asOf: time, due: time, remind: list(time, 0, REMINDERS_MAX), note,
})
const issue = ruled(issueMembers, '`due` not before `asOf`; reminders that ascend, all before `due`', (call) => {
  if (call.due < call.asOf) misfit('due', 'a time not before `asOf`')
  if (call.remind.some((when, i) => when >= call.due || (i > 0 && when <= (call.remind[i - 1] as string)))) misfit('remind', 'times that ascend, all before `due`')
})

const countedRow = object({ class: componentClass, type: nullable(text(200)), opened: count, sealed: count, records: count })
const declared = object({ head: hex(32), salt: hex(32), counts: boundCounts })
const answerMembers = object({ call: callId, request: hex(32), asOf: time, counts: list(countedRow, 0, COUNTED_ROWS_MAX), declared: nullable(declared), note })
const answer = ruled(answerMembers, 'each class and type once', (whole) => {
  const rows = whole.counts.map(({ class: kind, type }) => `${kind}\n${type ?? ''}`)
  const seen = new Set<string>()
  rows.forEach((row, i) => { if (seen.size === seen.add(row).size) misfit(`counts[${i}]`, 'each class and type once') })
})

/** The body of each kind of message about a call. */
export const CALL_BODY = {
  'call/issue': issue,
  /** The `nth` reminder of the message `issue`; the last of them says that the answer is overdue. */
  'call/remind': object({ call: callId, issue: hex(32), due: time, nth: integer(1, REMINDERS_MAX + 1), overdue: boolean }),
  'call/acknowledge': object({ call: callId, request: hex(32), office: nullable(text(200)), expected: nullable(time) }),
  'call/answer': answer,
  'call/decline': object({ call: callId, request: hex(32), stance: oneOf('declines', 'objects'), reason: oneOf(...NO_COUNT_REASONS), note }),
} as const

export type CallKind = keyof typeof CALL_BODY
export type CallBody<K extends CallKind> = Shaped<(typeof CALL_BODY)[K]>
export type CallCode = 'call/binding'

/** SHA-256("muster/counts/v1\n" ‖ salt ‖ canonical counts): the table of counts as a head binds it (DESIGN section 4). */
export function bindCounts(p: Primitives, salt: Uint8Array, counts: Readonly<Record<string, number>>): string {
  return toHex(p.sha256(concat(p.utf8('muster/counts/v1\n'), salt, canonicalBytes(counts))))
}

/** Whether the counts that an answer opens are those that the head binds; `head` is the one that the answer names. */
export function checkDeclaredCounts(p: Primitives, { salt, counts }: Shaped<typeof declared>, head: { readonly counts: string }): Refusal<CallCode> | undefined {
  return bindCounts(p, fromHex(salt) as Uint8Array, counts) === head.counts ? undefined
    : new Refusal('call/binding', 'the counts that are opened are not those that the head of the declaration binds', 'declared.counts')
}
