// Vectors of what a courier file holds, padded and not yet encrypted. The contents are written as texts with how often each stands there, so
// that a vector of 64 KiB of zeros takes one line.
import { fromUtf8, utf8 } from '@muster/core/bytes/bytes.ts'
import { canonical, type Json } from '@muster/core/bytes/canonical.ts'
import { COURIER_BYTES_MAX, COURIER_BYTES_MIN, COURIER_MESSAGES_MAX, type Courier } from '@muster/core/wire/courier.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { AA, AGREEMENT, BB, payload, sealed } from './three-parties.ts'

type Piece = readonly [text: string, times: number]
/** `pieces`: the bytes. `messages`: how many they hold, null where they are refused; then `code` says why, and `at` at which byte or member, null for the whole. */
export type CourierVector = { what: string, pieces: readonly Piece[], messages: number | null, code: string | null, at: number | string | null }

/** The bytes of a vector. */
export function bytesOfPieces(pieces: readonly Piece[]): Uint8Array {
  const parts = pieces.map(([text, times]) => [utf8(text), times] as const)
  const bytes = new Uint8Array(parts.reduce((sum, [part, times]) => sum + part.length * times, 0))
  let at = 0
  for (const [part, times] of parts) {
    // New bytes are zero already.
    if (part.length === 1 && part[0] === 0) at += times
    else for (let i = 0; i < times; i++, at += part.length) bytes.set(part, at)
  }
  return bytes
}

const FIRST = sealed(payload(AA, BB, 0, null))
const SECOND = sealed(payload(AA, BB, 1, FIRST.id, { body: { note: 'a second one' } }))
const envelopeOf = (message: Message): Courier['messages'][number] => JSON.parse(fromUtf8(message.envelope) as string) as Courier['messages'][number]
const COURIER: Courier = {
  agreement: AGREEMENT, exercise: true, from: AA, made: '2026-03-01T13:00:00Z', messages: [envelopeOf(FIRST), envelopeOf(SECOND)], to: BB, v: 'muster/courier/1',
}
const TEXT = canonical(COURIER)
const MEMBERS = COURIER as unknown as Record<string, Json>

const paddedLength = (length: number): number => Math.max(COURIER_BYTES_MIN, 2 ** Math.ceil(Math.log2(Math.max(1, length))))
const lengthOf = (pieces: readonly Piece[]): number => pieces.reduce((sum, [text, times]) => sum + utf8(text).length * times, 0)
/** ASCII contents and the zeros that are due. */
function padded(...pieces: Piece[]): Piece[] {
  const length = lengthOf(pieces)
  return paddedLength(length) === length ? pieces : [...pieces, ['\u0000', paddedLength(length) - length]]
}

function valid(name: string, what: string, messages: number, pieces: Piece[]): [string, CourierVector] {
  return [`courier/valid/${name}`, { what, pieces, messages, code: null, at: null }]
}

function invalid(name: string, code: string, at: number | string | null, what: string, pieces: Piece[]): [string, CourierVector] {
  return [`courier/invalid/${name}`, { what, pieces, messages: null, code, at }]
}

/** A courier whose contents have just so many bytes: one message with a note that fills them. Base64 grows by four, and the agreement's name fits the rest. */
function ofLength(bytes: number): Piece[] {
  const made = (note: number, name: number): string => canonical({ ...COURIER, agreement: `exercise-1${'x'.repeat(name)}`, messages: [envelopeOf(sealed(payload(AA, BB, 0, null, { body: { note: 'n'.repeat(note) } })))] })
  const note = Math.floor((bytes - made(0, 0).length) / 4) * 3
  const name = bytes - made(note, 0).length
  return [[made(note, name), 1]]
}

/** So many envelopes, one after the other. */
function manyMessages(count: number): Piece[] {
  const one = fromUtf8(FIRST.envelope) as string
  const [before, after] = canonical({ ...MEMBERS, messages: [] }).split('[]') as [string, string]
  return [[`${before}[`, 1], [`${one},`, count - 1], [`${one}]${after}`, 1]]
}

const FILE = 'AAEC'
const BESIDES = {
  published: [{ bytes: FILE, path: 'log/tile/entries/000.p/17' }, { bytes: FILE, path: 'log/checkpoint' }, { bytes: FILE, path: `d/${'ab'.repeat(32)}/tile/0/x001/234` }], cosigned: [FILE],
}

export function courierVectors(): [string, CourierVector][] {
  const changed = (changes: Record<string, Json>): Piece[] => padded([canonical({ ...MEMBERS, ...changes }), 1])
  return [
    valid('two-messages', 'two messages, padded to 65,536 bytes', 2, padded([TEXT, 1])),
    valid('in-another-order', 'the later message stands first, and a second time: what becomes of them is the receiver\'s', 3, changed({ messages: [SECOND, FIRST, SECOND].map(envelopeOf) })),
    valid('not-an-exercise', 'said to be in earnest', 2, changed({ exercise: false })),
    valid('no-padding-needed', 'contents of 65,536 bytes', 1, padded(...ofLength(COURIER_BYTES_MIN))),
    valid('one-byte-more', 'contents of 65,537 bytes are padded to 131,072', 1, padded(...ofLength(COURIER_BYTES_MIN + 1))),
    valid('as-many-as-may-be', '4,096 messages, all of them the same one', COURIER_MESSAGES_MAX, padded(...manyMessages(COURIER_MESSAGES_MAX))),
    valid('published-and-cosigned', 'two messages, the files of a log and of a declaration, and a note', 2, changed(BESIDES)),
    valid('published-alone', 'no message: what is published is enough', 0, changed({ messages: [], published: BESIDES.published })),
    ...wrongPadding(), ...wrongText(), ...wrongMembers(changed),
  ]
}

function wrongPadding(): [string, CourierVector][] {
  const { length } = TEXT
  const due = COURIER_BYTES_MIN - length
  return [
    invalid('no-bytes', 'courier/padded-length', null, 'nothing', []),
    invalid('not-padded', 'courier/padded-length', null, 'the contents alone', [[TEXT, 1]]),
    invalid('padded-to-half', 'courier/padded-length', null, 'a power of two that is too small', [[TEXT, 1], ['\u0000', COURIER_BYTES_MIN / 2 - length]]),
    invalid('no-power-of-two', 'courier/padded-length', null, 'half as much again', [[TEXT, 1], ['\u0000', due + COURIER_BYTES_MIN / 2]]),
    invalid('one-zero-too-many', 'courier/padded-length', null, 'one zero byte more', [[TEXT, 1], ['\u0000', due + 1]]),
    invalid('beyond-the-limit', 'courier/too-long', null, 'padded to 128 MiB', [[TEXT, 1], ['\u0000', 2 * COURIER_BYTES_MAX - length]]),
    invalid('padded-twice-over', 'courier/padding', COURIER_BYTES_MIN, 'the next power of two, though the smaller one is enough', [[TEXT, 1], ['\u0000', 2 * COURIER_BYTES_MIN - length]]),
    invalid('last-byte-not-zero', 'courier/padding', COURIER_BYTES_MIN - 1, 'something stands at the very end of the padding', [[TEXT, 1], ['\u0000', due - 1], ['\u0001', 1]]),
    invalid('second-text-behind', 'courier/padding', length + 1, 'a zero byte, and a second courier behind it', padded([TEXT, 1], ['\u0000', 1], [TEXT, 1])),
    invalid('padded-with-spaces', 'courier/not-canonical', length, 'spaces for zeros', [[TEXT, 1], [' ', due]]),
    invalid('zeros-alone', 'courier/json', 0, 'padding of nothing', [['\u0000', COURIER_BYTES_MIN]]),
  ]
}

function wrongText(): [string, CourierVector][] {
  const at = (part: string): number => TEXT.indexOf(part)
  const told = (from: string, to: string): Piece[] => padded([TEXT.replace(from, to), 1])
  return [
    invalid('cut-off', 'courier/json', TEXT.length - 1, 'the last bracket is missing', padded([TEXT.slice(0, -1), 1])),
    invalid('two-texts', 'courier/json', TEXT.length, 'a second courier at once behind the first', padded([TEXT, 2])),
    invalid('line-feed-behind', 'courier/not-canonical', TEXT.length, 'a line feed before the padding', padded([`${TEXT}\n`, 1])),
    invalid('with-a-space', 'courier/not-canonical', 1, 'a space after the first bracket', told('{', '{ ')),
    invalid('members-in-another-order', 'courier/not-canonical', 2, 'the version first', padded([JSON.stringify(Object.fromEntries(Object.entries(COURIER).toReversed())), 1])),
    invalid('escaped-letter', 'courier/not-canonical', at('"AA"') + 1, 'a letter written as an escape', told('"from":"AA"', '"from":"\\u0041A"')),
    invalid('duplicate-member', 'courier/json', at('"to"') + '"to":"CC",'.length, 'two receivers', told('"to":"BB"', '"to":"CC","to":"BB"')),
    invalid('lone-surrogate', 'courier/json', at('"AA"') + 1, 'half a character for a sender', told('"from":"AA"', '"from":"\\ud800"')),
    invalid('zero-byte-inside', 'courier/padding', at('"AA"') + 3, 'a zero byte inside a text', told('"from":"AA"', '"from":"A\u0000A"')),
    invalid('too-deep', 'courier/json', 64, 'more levels than any document has', padded(['[', 65], [']', 65])),
    invalid('not-an-object', 'courier/shape', 'the whole', 'a list of messages alone', padded([canonical(COURIER.messages), 1])),
  ]
}

function wrongMembers(changed: (changes: Record<string, Json>) => Piece[]): [string, CourierVector][] {
  const undated = Object.fromEntries(Object.entries(MEMBERS).filter(([name]) => name !== 'made'))
  const [first, second] = COURIER.messages.map((each) => each as Json) as [Json, Json]
  const stripped = { ...first as Record<string, Json>, signatures: { ed25519: COURIER.messages[0]?.signatures.ed25519 as string } }
  const [before, after] = canonical({ ...MEMBERS, messages: [{ ...first as Record<string, Json>, payload: '' }] }).split('"payload":""') as [string, string]
  return [
    invalid('unknown-version', 'courier/shape', 'v', 'a courier of a later version', changed({ v: 'muster/courier/2' })),
    invalid('unknown-member', 'courier/shape', 'note', 'a member that nobody knows', changed({ note: 'by hand' })),
    invalid('missing-member', 'courier/shape', 'made', 'without its time', padded([canonical(undated), 1])),
    invalid('to-oneself', 'courier/shape', 'to', 'to the party that it is from', changed({ to: AA })),
    invalid('from-nobody', 'courier/shape', 'from', 'a sender that is no party id', changed({ from: 'aa' })),
    invalid('agreement-in-capitals', 'courier/shape', 'agreement', 'no agreement id', changed({ agreement: 'DRILL-1' })),
    invalid('exercise-as-number', 'courier/shape', 'exercise', 'one for true', changed({ exercise: 1 })),
    invalid('made-on-a-day', 'courier/shape', 'made', 'a date for a time', changed({ made: '2026-03-01' })),
    invalid('no-messages', 'courier/shape', 'messages', 'nothing at all', changed({ messages: [] })),
    invalid('published-nothing', 'courier/shape', 'published', 'an empty list of files', changed({ published: [] })),
    invalid('published-elsewhere', 'courier/shape', 'published[0].path', 'a file outside what is published', changed({ published: [{ bytes: FILE, path: 'log/../keys/register.key' }] })),
    invalid('published-pack', 'courier/shape', 'published[0].path', 'a pack: files are carried one by one', changed({ published: [{ bytes: FILE, path: `d/${'ab'.repeat(32)}/pack/0` }] })),
    invalid('published-under-no-head', 'courier/shape', 'published[0].path', 'a declaration named by half a hash', changed({ published: [{ bytes: FILE, path: `d/${'ab'.repeat(16)}/checkpoint` }] })),
    invalid('published-empty', 'courier/shape', 'published[0].bytes', 'a file without a byte', changed({ published: [{ bytes: '', path: 'log/checkpoint' }] })),
    invalid('cosigned-not-base64', 'courier/shape', 'cosigned[0]', 'a note in no canonical base64', changed({ cosigned: ['AAEB='] })),
    invalid('one-message-too-many', 'courier/shape', 'messages', '4,097 messages', padded(...manyMessages(COURIER_MESSAGES_MAX + 1))),
    invalid('envelope-as-text', 'courier/shape', 'messages[1]', 'an envelope as its text', changed({ messages: [first, fromUtf8(SECOND.envelope) as string] })),
    invalid('envelope-stripped', 'courier/shape', 'messages[1].signatures.mldsa44', 'one signature is left out', changed({ messages: [second, stripped] })),
    invalid('payload-of-other-letters', 'courier/shape', 'messages[1].payload', 'a payload in base64url', changed({ messages: [first, { ...second as Record<string, Json>, payload: 'eyJ2Ijoi-_8=' }] })),
    invalid('payload-too-long', 'courier/shape', 'messages[0].payload', 'a payload of more than 1 MiB', padded([`${before}"payload":"`, 1], ['AAAA', Math.ceil(1_048_576 / 3) + 1], [`"${after}`, 1])),
  ]
}
