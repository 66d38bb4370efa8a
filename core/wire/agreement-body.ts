// What parties say of an agreement itself (DESIGN section 6, spec/agreement.md): a text is proposed, spoken about clause by clause, signed by its hash,
// amended by the next one, and left with a date.
import { schemaOf } from '../bytes/schema.ts'
import { anyObject, hex, integer, list, misfit, nullable, object, oneOf, stated, text, time } from '../bytes/shape.ts'
import { agreementShape, PARTIES_MAX, SEQUENCE_MAX } from '../rules/agreement.ts'
import { OFFICE_CHARACTERS_MAX } from '../rules/terms.ts'

const NOTE_CHARACTERS_MAX = 1_000
const WORDS_CHARACTERS_MAX = 4_000
const PLACE_CHARACTERS_MAX = 200
const PERSON_CHARACTERS_MAX = 200

export const POSITIONS = ['position', 'objection', 'reservation', 'question'] as const
export type PositionKind = (typeof POSITIONS)[number]
/** What a position is about, as a code that each side reads in its own language. */
export const CONCERNS = ['accepts', 'parties', 'scope', 'baseline', 'exchange', 'disclosure', 'quota', 'deadline', 'quorum', 'national-law', 'national-security', 'neutrality', 'no-means', 'wording', 'other'] as const
export const WITHDRAWAL_REASONS = ['national-interest', 'breach-by-another', 'other-agreement', 'no-means', 'unstated'] as const

const hash = hex(32)
const note = nullable(text(NOTE_CHARACTERS_MAX))

/** Key records are read, and held to the hashes in the agreement, by whoever takes them up. */
const amendMembers = object({ agreement: agreementShape, records: list(anyObject, 0, PARTIES_MAX), note })
const amend = stated((value, at) => {
  const body = amendMembers(value, at)
  return body.agreement.former === undefined ? misfit('agreement.former', 'the SHA-256 of the agreement that is amended') : body
}, () => ({ allOf: [schemaOf(amendMembers), { type: 'object', properties: { agreement: { type: 'object', required: ['former'] } } }] }))

export const AGREEMENT_BODY = {
  'agreement/propose': object({ agreement: agreementShape, note }),
  /** The whole agreement anew, and the key records of parties that accede by it. */
  'agreement/amend': amend,
  /** `position`: drawn by whoever states it, the same to all; `text`: hash of the agreement that is spoken of; `place`: the member, as a refusal names it, null for the whole. */
  'agreement/position': object({ position: hex(16), text: hash, kind: oneOf(...POSITIONS), place: nullable(text(PLACE_CHARACTERS_MAX)), concern: oneOf(...CONCERNS), words: nullable(text(WORDS_CHARACTERS_MAX)), answers: nullable(hex(16)) }),
  'agreement/sign': object({ text: hash, sequence: integer(0, SEQUENCE_MAX), name: text(PERSON_CHARACTERS_MAX), office: text(OFFICE_CHARACTERS_MAX) }),
  'agreement/withdraw': object({ from: time, reason: oneOf(...WITHDRAWAL_REASONS), note }),
} as const
