// What parties say of a message that does not arrive (DESIGN section 5, step 4; spec/delivery.md): one asks the others to offer it, sealed, at the
// receiver's door; each states what came of it; and who waits says what is missing.
import { base64UpTo, hex, integer, list, misfit, nullable, object, oneOf, ruled, text, time, type Shaped } from '../bytes/shape.ts'
import { partyId } from '../rules/party.ts'
import { envelope } from './message.ts'

/** A sealed request: 512 KiB of padded contents, and what age adds to them. */
export const SEALED_BYTES_MAX = 540_672
/** A sealed reply: of a question of the greatest length, and it has to fit beside the receipt into a message. */
export const REPLY_SEALED_BYTES_MAX = 540_672
export const TRIES_MAX = 8
const CODE_CHARACTERS_MAX = 80

/**
 * What came of one try. In vain: `no-answer` (no connection, no answer in time, or one that says not now), `turned-away` (an answer that no door of a
 * registry gives to a file for it), `no-receipt` (taken, and no receipt given). Not in vain: `refused` (the door says what is wrong with the file),
 * which may be the fault of whoever sealed it, and `taken`.
 */
export const TRIED = ['no-answer', 'turned-away', 'no-receipt', 'refused', 'taken'] as const
export type Tried = (typeof TRIED)[number]

const hash = hex(32)
const tried = object({ at: time, how: oneOf(...TRIED), code: nullable(text(CODE_CHARACTERS_MAX)) })
export type Try = Shaped<typeof tried>

const ask = object({ of: hash, party: partyId, until: time, sealed: base64UpTo(SEALED_BYTES_MAX) })

const statedMembers = object({ request: hash, of: hash, party: partyId, sealed: hash, tries: list(tried, 1, TRIES_MAX), receipt: nullable(envelope), reply: nullable(base64UpTo(REPLY_SEALED_BYTES_MAX)) })
const stated = ruled(statedMembers, 'tries in the order of their times, none once the file was taken or refused; a receipt where it was taken and only there, a reply there only', (whole) => {
  whole.tries.forEach((each, i) => {
    if (i > 0 && each.at < (whole.tries[i - 1] as Try).at) misfit(`tries[${i}].at`, 'tries in the order of their times')
    if ((each.how === 'taken' || each.how === 'refused') && i < whole.tries.length - 1) misfit(`tries[${i + 1}]`, 'no further try once the file was taken or refused')
  })
  const reached = whole.tries.at(-1)?.how === 'taken'
  if (reached !== (whole.receipt !== null)) misfit('receipt', reached ? 'the receipt that was given' : 'null where none was given')
  if (!reached && whole.reply !== null) misfit('reply', 'null where nothing was taken')
})

/** `answer`: the evaluation whose batch was not opened, which whoever gives a receipt for this has had; null where an answer is missing. */
const missingMembers = object({ request: hash, what: oneOf('answer', 'opening'), attempt: integer(0, 1), answer: nullable(envelope) })
const missing = ruled(missingMembers, '`answer` where the opening is missing and only there', (whole) => {
  if ((whole.what === 'opening') !== (whole.answer !== null)) misfit('answer', whole.what === 'opening' ? 'the evaluation whose batch was not opened' : 'null: it is the answer that is missing')
})

/** The body of each kind that is said of a delivery. */
export const DELIVERY_BODY = { 'delivery/ask': ask, 'delivery/stated': stated, 'delivery/missing': missing } as const
export type DeliveryBody<K extends keyof typeof DELIVERY_BODY> = Shaped<(typeof DELIVERY_BODY)[K]>
