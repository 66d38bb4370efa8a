// What is said of a formal request besides its answer (spec/request.md). `request` is the id of the `trace/request` that it is about.
import { eachOnce, hex, list, misfit, nullable, object, oneOf, ruled, text, time } from '../bytes/shape.ts'
import { TRACE_OUTCOMES } from '../rules/chain.ts'
import { partyId } from '../rules/party.ts'
import { CLARIFICATIONS, INTERIM_STATES, LOOK_FINDINGS, NOT_ACCESSIBLE, WITHDRAWALS, WITHDRAWN } from '../rules/request.ts'

const request = hex(32)
const note = nullable(text(1_000))
const photo = nullable(hex(32))

const asks = eachOnce(list(oneOf(...CLARIFICATIONS), 1, CLARIFICATIONS.length), (each) => each, 'each question once')
const says = eachOnce(list(object({ asks: oneOf(...CLARIFICATIONS), text: nullable(text(1_000)), photo }), 1, CLARIFICATIONS.length), (each) => each.asks, 'each question once')
const looked = object({ request, label: hex(32), found: oneOf(...LOOK_FINDINGS), reason: nullable(oneOf(...NOT_ACCESSIBLE)), when: time, photo, note })

const LOOK_RULES = 'a photo where the item was seen and only there; a reason where it was not accessible and only there'

/** The body of each kind of message about a formal request. */
export const REQUEST_BODY = {
  'trace/acknowledge': object({ request, expected: nullable(time), note }),
  'trace/clarify': object({ request, asks, note }),
  'trace/clarified': object({ request, clarify: hex(32), says, note }),
  'trace/interim': object({ request, state: oneOf(...INTERIM_STATES), expected: nullable(time), note }),
  'trace/look': ruled(looked, LOOK_RULES, ({ found, reason, photo: shown }) => {
    if ((found === 'seen') !== (shown !== null)) misfit('photo', found === 'seen' ? 'the SHA-256 of a photo of the item' : 'null: nothing was seen')
    if ((found === 'not-accessible') !== (reason !== null)) misfit('reason', found === 'not-accessible' ? `one of ${NOT_ACCESSIBLE.join(', ')}` : 'null')
  }),
  'trace/withdraw': object({ request, what: oneOf(...WITHDRAWN), reason: oneOf(...WITHDRAWALS), note }),
  'trace/outcome': object({ request, outcome: oneOf(...TRACE_OUTCOMES), lastHolder: nullable(partyId), dossier: nullable(hex(32)), note }),
} as const

export type RequestKind = keyof typeof REQUEST_BODY
const SAID_BY_ASKED: readonly RequestKind[] = ['trace/acknowledge', 'trace/clarify', 'trace/interim', 'trace/look']

export function isRequestKind(kind: string): kind is RequestKind {
  return Object.hasOwn(REQUEST_BODY, kind)
}

/** Whether the word is the asked party's: an answer is withdrawn by who gave it, a request by who put it. */
export function isByAsked(kind: RequestKind, body: object): boolean {
  return SAID_BY_ASKED.includes(kind) || ('what' in body && body.what === 'answer')
}
