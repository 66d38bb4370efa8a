// What officers say to formal requests of traces, and what the asker's say in return. A photo is named by its hash: the file goes to nobody.
import { boolean, hex, integer, list, nullable, object, oneOf, optional, pattern, text, time } from '@muster/core/bytes/shape.ts'
import { TRACE_OUTCOMES } from '@muster/core/rules/chain.ts'
import { partyId } from '@muster/core/rules/party.ts'
import { CLARIFICATIONS, INTERIM_STATES, LOOK_FINDINGS, NOT_ACCESSIBLE, WITHDRAWALS } from '@muster/core/rules/request.ts'
import { DISCLOSED_SECTIONS } from '@muster/core/rules/terms.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { REFUSAL_REASONS } from '@muster/core/wire/trace-body.ts'
import { sodiumGroup } from '@muster/fast/sodium-group.ts'
import { approveRequest, refuseRequest } from '../../peer/waiting-request.ts'
import { acknowledgeRequest, answerInterim, clarifyRequest, replyClarification, reportLook, tellOutcome, withdrawAnswer, withdrawRequest } from '../../request/act.ts'
import { grantQuota } from '../../request/quota.ts'
import { act, body, note, type Act } from '../act.ts'

const ELEMENTS_MAX = 1_000_000_000

const id = pattern(/^[0-9a-f]{8,64}$/, 'an id, or 8 or more characters of its beginning')
const expected = optional(nullable(time))
const photo = optional(nullable(hex(32)))
const answered = object({ answer: hex(32), kind: text(100), to: partyId })
const answer = ({ id, payload: { kind, to } }: Message) => ({ answer: id, kind, to })

export const REQUEST_ACTS: readonly Act[] = [
  act('request', 'acknowledge', { what: 'tell the asker that officers have its request', takes: body({ id, expected, note }), answers: answered },
    async ({ at }, { id, expected, note }, people, now) => answer(await acknowledgeRequest(at(), id, { expected: expected ?? null, note: note ?? null }, people, now))),
  act('request', 'clarify', { what: 'ask the asker what is needed to answer', takes: body({ id, asks: list(oneOf(...CLARIFICATIONS), 1, CLARIFICATIONS.length), note }), answers: answered },
    async ({ at }, { id, asks, note }, people, now) => answer(await clarifyRequest(at(), id, { asks, note: note ?? null }, people, now))),
  act('request', 'reply', { what: 'answer what was asked back', takes: body({ id, says: list(object({ asks: oneOf(...CLARIFICATIONS), text: optional(nullable(text(1_000))), photo }), 1, CLARIFICATIONS.length), note }), answers: answered },
    async ({ at }, { id, says, note }, people, now) => answer(await replyClarification(at(), id, { says: says.map(({ asks, text, photo }) => ({ asks, text: text ?? null, photo: photo ?? null })), note: note ?? null }, people, now))),
  act('request', 'interim', { what: 'say how far the answer is', takes: body({ id, state: oneOf(...INTERIM_STATES), expected, note }), answers: answered },
    async ({ at }, { id, state, expected, note }, people, now) => answer(await answerInterim(at(), id, { state, expected: expected ?? null, note: note ?? null }, people, now))),
  act('request', 'approve', { what: 'open sections of what a formal request asks for', takes: body({ id, sections: list(oneOf(...DISCLOSED_SECTIONS), 0, DISCLOSED_SECTIONS.length) }), answers: answered, two: true },
    async ({ at }, { id, sections }, { by, and }, now) => answer(await approveRequest({ ...at(), group: await sodiumGroup() }, id, sections, by, and, now))),
  act('request', 'refuse', { what: 'refuse a formal request', takes: body({ id, reason: oneOf(...REFUSAL_REASONS) }), answers: answered, two: true },
    async ({ at }, { id, reason }, { by, and }, now) => answer(await refuseRequest({ ...at(), group: await sodiumGroup() }, id, reason, by, and, now))),
  act('request', 'look', {
    what: 'report what somebody who went to see found', two: true, takes: body({ id, label: hex(32), found: oneOf(...LOOK_FINDINGS), reason: optional(nullable(oneOf(...NOT_ACCESSIBLE))), when: time, photo, note }), answers: answered,
  }, async ({ at }, { id, label, found, reason, when, photo, note }, people, now) => answer(await reportLook(at(), id, { label, found, reason: reason ?? null, when, photo: photo ?? null, note: note ?? null }, people, now))),
  act('request', 'withdraw', { what: 'withdraw an own request, or the own answer to one, which takes two people', takes: body({ id, ownAnswer: optional(boolean), reason: oneOf(...WITHDRAWALS), note }), answers: answered, two: { where: 'ownAnswer' } },
    async ({ at }, { id, ownAnswer, reason, note }, people, now) => answer(await (ownAnswer === true ? withdrawAnswer : withdrawRequest)(at(), id, { reason, note: note ?? null }, people, now))),
  act('request', 'outcome', { what: 'tell whoever answered what came of the trace', takes: body({ id, outcome: oneOf(...TRACE_OUTCOMES), lastHolder: optional(nullable(partyId)), dossier: optional(nullable(hex(32))), note }), answers: answered },
    async ({ at }, { id, outcome, lastHolder, dossier, note }, people, now) => answer(await tellOutcome(at(), id, { outcome, lastHolder: lastHolder ?? null, dossier: dossier ?? null, note: note ?? null }, people, now))),
  act('request', 'grant', { what: 'give the asker of a question that was refused for want of quota its elements', takes: body({ id }), answers: object({ question: hex(32), to: partyId, elements: integer(0, ELEMENTS_MAX) }), two: true },
    async ({ at }, { id }, people, now) => {
      const { id: question, from, elements } = await grantQuota(at(), id, people, now)
      return { question, to: from, elements }
    }),
]
