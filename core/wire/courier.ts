// What a courier file holds (DESIGN section 6, spec/courier.md): messages of one party to another under one agreement, what its maker publishes and
// the receiver has not cosigned yet, and what it cosigned of the receiver's; padded so that the file's size says little. Whoever knows the receiver's
// key can make one: what counts are the signatures within, which are checked as if each had come over the network.
import { fromBase64 } from '../bytes/bytes.ts'
import { canonicalBytes, JSON_LIMITS, parseCanonical, type Json } from '../bytes/canonical.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { ANY_BASE64 } from '../bytes/schema.ts'
import { boolean, list, misfit, object, oneOf, optional, ruled, stated, time, type Shape, type Shaped } from '../bytes/shape.ts'
import { shaped, type JsonCode } from '../bytes/shaped-json.ts'
import { parseTilePath } from '../proof/tile.ts'
import { agreementId } from '../rules/agreement.ts'
import { partyId } from '../rules/party.ts'
import { envelope } from './message.ts'

export const COURIER_VERSION = 'muster/courier/1'
export const COURIER_MESSAGES_MAX = 4096
/** Published files in one courier file; a declaration of a million leaves has 8,210. */
export const COURIER_FILES_MAX = 16_384
/** Cosigned notes: the log's, and those of the declarations read last. */
export const COURIER_NOTES_MAX = 16
const PATH_CHARACTERS_MAX = 200
/** Of contents, with and without their padding: a power of two. */
export const COURIER_BYTES_MAX = 64 * 1_048_576
/** The shortest padded contents: a power of two. */
export const COURIER_BYTES_MIN = 65_536

const BASE64_LETTERS = /^[A-Za-z0-9+/=]*$/
/** An envelope by its shape, and its payload of letters that JSON never escapes. */
const carried = ruled(envelope, 'a payload of base64', (each, at) => {
  if (!BASE64_LETTERS.test(each.payload)) misfit(`${at}.payload`, 'base64')
})

const someBase64 = stated((value, at) => typeof value === 'string' && value !== '' && BASE64_LETTERS.test(value) && fromBase64(value) !== undefined ? value : misfit(at, 'canonical base64, not empty'),
  () => ({ ...ANY_BASE64, minLength: 4 }))

const DECLARATION = /^d\/[0-9a-f]{64}\//
/** A file below `log/` or `d/<hash of a head>/`, as a web server would hold it (tlog-tiles). */
const publishedPath = stated((value, at) => {
  const wrong = () => misfit(at, 'log/… or d/<64 hex digits>/…, and there checkpoint or a tile\'s path')
  if (typeof value !== 'string' || value.length > PATH_CHARACTERS_MAX) return wrong()
  const start = value.startsWith('log/') ? 'log/' : DECLARATION.exec(value)?.[0]
  const rest = start === undefined ? '' : value.slice(start.length)
  return rest === 'checkpoint' || parseTilePath(rest) !== undefined ? value : wrong()
}, () => ({ type: 'string', maxLength: PATH_CHARACTERS_MAX, pattern: '^(log|d/[0-9a-f]{64})/(checkpoint|tile/[0-9a-z/.]+)$', $comment: 'a path of tlog-tiles' }))

const members = object({
  agreement: agreementId, cosigned: optional(list(someBase64, 1, COURIER_NOTES_MAX)), exercise: boolean, from: partyId, made: time, messages: list(carried, 0, COURIER_MESSAGES_MAX),
  published: optional(list(object({ bytes: someBase64, path: publishedPath }), 1, COURIER_FILES_MAX)), to: partyId, v: oneOf(COURIER_VERSION),
})
export type Courier = Shaped<typeof members>
export type PublishedFile = NonNullable<Courier['published']>[number]

export const courierShape: Shape<Courier> = ruled(members, '`to` is another party than `from`; at least one message, file or note', (courier) => {
  if (courier.from === courier.to) misfit('to', 'another party than `from`')
  if (courier.messages.length === 0 && courier.published === undefined && courier.cosigned === undefined) misfit('messages', 'at least one message, published file or cosigned note in the whole')
})

/** Between the nine members, and in and between as many envelopes, files and notes as there may be. There is no escape in any of their texts. */
const COMMAS_MAX = 8 + (3 * COURIER_MESSAGES_MAX - 1) + (2 * COURIER_FILES_MAX - 1) + (COURIER_NOTES_MAX - 1)

const [QUOTE, COMMA, BACKSLASH] = [0x22, 0x2c, 0x5c]

export type CourierCode = JsonCode<'courier'> | 'courier/padded-length' | 'courier/padding'

/**
 * The padded contents. Throws a Refusal for what does not fit its shape or is too long for one file.
 * `utf8`: the runtime's own encoder, where there is one.
 */
export function courierBytes(courier: Courier, utf8?: Primitives['utf8']): Uint8Array {
  const fitted = shaped('courier', courierShape, courier)
  if (fitted instanceof Refusal) throw fitted
  // Counted first: the payloads that a list may hold are a hundred times what a file may.
  const carried = [...fitted.messages.map(({ payload }) => payload), ...(fitted.published ?? []).map(({ bytes }) => bytes)]
  if (carried.reduce((sum, { length }) => sum + length, 0) > COURIER_BYTES_MAX) throw tooMuch(fitted)
  const contents = canonicalBytes(fitted, utf8)
  if (contents.length > COURIER_BYTES_MAX) throw tooMuch(fitted)
  const padded = new Uint8Array(paddedLength(contents.length))
  padded.set(contents)
  return padded
}

function tooMuch({ messages, to }: Courier): Refusal<CourierCode> {
  return new Refusal('courier/too-long', `courier: the ${messages.length} messages to ${to}, with what is published, are more than ${COURIER_BYTES_MAX} bytes: carry them in several files`, 'messages')
}

/**
 * The contents that were padded so. Each courier has one such form; any other is refused at its byte or member. The envelopes' signatures
 * are not checked, nor whether they are of this sender, receiver and agreement. `textOf`: strict UTF-8, the runtime's own where there is one.
 */
export function parseCourier(padded: Uint8Array, textOf?: Primitives['textOf']): Courier | Refusal<CourierCode> {
  const contents = withoutPadding(padded)
  if (contents instanceof Refusal) return contents
  if (isFlood(contents)) return new Refusal('courier/shape', `courier: more values or escapes than ${COURIER_MESSAGES_MAX} messages and ${COURIER_FILES_MAX} published files could have`, 'messages')
  let json: Json
  try {
    json = parseCanonical(contents, { bytes: COURIER_BYTES_MAX, depth: JSON_LIMITS.depth }, textOf)
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
    return new Refusal(thrown.code === 'json/not-canonical' ? 'courier/not-canonical' : 'courier/json', `courier: ${thrown.message}`, thrown.at)
  }
  return shaped('courier', courierShape, json)
}

/** The least power of two that holds as many bytes, and not less than the shortest. */
function paddedLength(length: number): number {
  let padded = COURIER_BYTES_MIN
  while (padded < length) padded *= 2
  return padded
}

/** No JSON has a zero byte, so the contents end before the first one. */
function withoutPadding(padded: Uint8Array): Uint8Array | Refusal<CourierCode> {
  const { length } = padded
  if (length > COURIER_BYTES_MAX) return new Refusal('courier/too-long', `courier: at most ${COURIER_BYTES_MAX} bytes are read, these are ${length}`)
  if (length < COURIER_BYTES_MIN || (length & (length - 1)) !== 0) {
    return new Refusal('courier/padded-length', `courier: padded contents have a power of two of bytes from ${COURIER_BYTES_MIN} on, these have ${length}`)
  }
  const zero = padded.indexOf(0)
  const end = zero < 0 ? length : zero
  for (let at = end; at < length; at++) if (padded[at] !== 0) return new Refusal('courier/padding', `courier: the padding begins at byte ${end}, and byte ${at} is not zero`, at)
  const due = paddedLength(end)
  return due === length ? padded.subarray(0, end) : new Refusal('courier/padding', `courier: ${end} bytes are padded to ${due}, and these to ${length}`, due)
}

/**
 * More commas between values and escapes within texts, together, than any courier has. A hostile 64 MiB of empty objects would take 2.4 GB
 * and 24 s to parse, one of escaped letters 15 s; this takes 0.1 s. Up to where bytes stop being JSON they are counted as a parser reads them.
 */
function isFlood(contents: Uint8Array): boolean {
  let counted = 0
  let quoted = false
  for (let at = 0; at < contents.length && counted <= COMMAS_MAX; at++) {
    const byte = contents[at]
    if (byte === QUOTE) quoted = !quoted
    else if (byte === COMMA && !quoted) counted++
    else if (byte === BACKSLASH) {
      counted++
      at++
    }
  }
  return counted > COMMAS_MAX
}
