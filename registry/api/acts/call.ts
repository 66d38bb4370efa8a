// Acts of a call to count, as `muster call` does them. A scan of paper is entered at the command line.
import { characters, hex, list, misfit, object, oneOf, optional, ruled, text, time } from '@muster/core/bytes/shape.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { agreementId, CLASSES_MAX, PARTIES_MAX } from '@muster/core/rules/agreement.ts'
import { CALL_REASONS, NO_COUNT_REASONS, SEEN } from '@muster/core/rules/call.ts'
import { componentClass } from '@muster/core/rules/item.ts'
import { paperSaid, stateName, type PaperSaid } from '@muster/core/rules/paper.ts'
import { partyId } from '@muster/core/rules/party.ts'
import { OFFICE_CHARACTERS_MAX } from '@muster/core/rules/terms.ts'
import { REMINDERS_MAX, TYPES_MAX } from '@muster/core/wire/call-body.ts'
import { acknowledgeCall, answerCall, declineCall, issueCall } from '../../call/act.ts'
import { addressOnPaper, enterPaper } from '../../call/paper.ts'
import { act, body, idBegun, note, of, signed, told, type Act } from '../act.ts'

const NOTE_TEXT_CHARACTERS_MAX = 100_000

const said = ruled(paperSaid, 'not `addressed`, which is the act `note`', (given, at) => {
  if (given.kind === 'addressed') misfit(`${at}.kind`, 'delivered, answered, declined or objected')
})

export const CALL_ACTS: readonly Act[] = [
  act('call', 'issue', {
    what: 'call parties to count, all of them where none is named',
    takes: body({
      reason: oneOf(...CALL_REASONS), due: time, asOf: optional(time), classes: optional(list(componentClass, 1, CLASSES_MAX)), types: optional(list(text(200), 1, TYPES_MAX)), seen: optional(oneOf(...SEEN)),
      to: optional(list(partyId, 1, PARTIES_MAX)), remind: optional(list(time, 0, REMINDERS_MAX)), note,
    }),
    answers: object({ call: hex(16), agreement: agreementId, addressed: list(partyId, 0, PARTIES_MAX), due: time }),
  }, async ({ at, hall }, { reason, due, asOf, classes, types, seen, to, remind, note }, { by }, now) => {
    const { call, messages } = await issueCall(at(), { reason, due, classes: classes ?? null, types: types ?? null, seen: seen ?? 'opened', asOf: asOf ?? timeOf(now), remind: [...remind ?? []].sort(), note: note ?? null }, to, by, now)
    return { call, agreement: hall().joined.agreement.id, addressed: messages.map(({ payload: { to: each } }) => each), due }
  }),
  act('call', 'acknowledge', { what: 'tell the caller that the call is being seen to', takes: body({ id: idBegun, of, office: optional(text(OFFICE_CHARACTERS_MAX)), expected: optional(time) }), answers: signed },
    async ({ at }, { id, of, office, expected }, { by }, now) => told(await acknowledgeCall(at(), id, { office: office ?? null, expected: expected ?? null, by }, now, of))),
  act('call', 'answer', { what: 'count, and answer with the numbers', takes: body({ id: idBegun, of, note }), answers: signed, two: true },
    async ({ at }, { id, of, note }, people, now) => told(await answerCall(at(), id, note ?? null, people, now, of))),
  act('call', 'decline', { what: 'say that there will be no count, and why', takes: body({ id: idBegun, of, stance: oneOf('declines', 'objects'), reason: oneOf(...NO_COUNT_REASONS), note }), answers: signed, two: true },
    async ({ at }, { id, of, stance, reason, note }, people, now) => told(await declineCall(at(), id, { stance, reason, note: note ?? null }, people, now, of))),
  act('call', 'note', { what: 'address a state without a registry: the note that is printed or mailed', takes: body({ id: idBegun, state: stateName }), answers: object({ state: stateName, note: characters(0, NOTE_TEXT_CHARACTERS_MAX) }) },
    async ({ at }, { id, state }, people, now) => ({ state, note: await addressOnPaper(at(), id, state, people, now) })),
  act('call', 'paper', { what: 'enter what such a state answered on paper', takes: body({ id: idBegun, state: stateName, said }), answers: object({ state: stateName, said: paperSaid }), two: true },
    async ({ at }, { id, state, said }, people, now) => {
      await enterPaper(at(), id, state, said as Exclude<PaperSaid, { readonly kind: 'addressed' }>, undefined, people, now)
      return { state, said }
    }),
]
