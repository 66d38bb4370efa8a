// JSON as bytes that have one form: RFC 8785 out, and a parser that takes nothing two readers could understand differently.

import { equal, fromUtf8 } from './bytes.ts'
import { plainCanonical, plainText } from './plain-canonical.ts'
import { Refusal } from './refusal.ts'
import { writeJson } from './write-json.ts'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

export interface JsonLimits {
  readonly bytes: number
  /** How deep arrays and objects may nest; a bare value has depth 0. */
  readonly depth: number
}

/** The largest document that Muster exchanges is a dossier of 16 MiB. */
export const JSON_LIMITS: JsonLimits = { bytes: 16 * 1_048_576, depth: 64 }

export type JsonCode =
  | 'json/too-large'
  | 'json/too-deep'
  | 'json/syntax'
  | 'json/not-utf-8'
  | 'json/lone-surrogate'
  | 'json/duplicate-key'
  | 'json/number-range'
  | 'json/trailing'
  | 'json/not-canonical'
  | 'json/not-json'

/**
 * RFC 8785: members sorted by UTF-16 code units, numbers as ECMAScript prints them. Throws a Refusal for what JSON cannot say exactly.
 * `utf8`: the runtime's own encoder, for large values whose members mostly stand in order already.
 */
export function canonicalBytes(value: Json, utf8?: (text: string) => Uint8Array): Uint8Array {
  const text = utf8 === undefined ? undefined : plainText(value)
  return utf8 === undefined || text === undefined ? writeJson(value) : utf8(text)
}

/** The same as a text. */
export function canonical(value: Json): string {
  return plainText(value) ?? fromUtf8(writeJson(value)) as string
}

/** `parseJson`, and the bytes must be exactly the RFC 8785 form of what they say. `textOf`: strict UTF-8, the runtime's own where there is one. */
export function parseCanonical(bytes: Uint8Array, limits: JsonLimits = JSON_LIMITS, textOf: (bytes: Uint8Array) => string | undefined = fromUtf8): Json {
  const plain = bytes.length <= limits.bytes ? plainCanonical(bytes, limits.depth, textOf) : undefined
  if (plain !== undefined) return plain
  const value = parseJson(bytes, limits)
  const form = canonicalBytes(value)
  if (equal(form, bytes)) return value
  let at = 0
  while (at < form.length && form[at] === bytes[at]) at++
  throw new Refusal<JsonCode>('json/not-canonical', `the bytes differ from the RFC 8785 form at byte ${at}; write them anew in that form`, at)
}

/**
 * Strict JSON (RFC 8259) from UTF-8 bytes: no duplicate keys, no lone surrogates, written or escaped, no number beyond ±(2^53 - 1),
 * nothing after the value. Throws a Refusal whose `at` is the offset of the offending byte.
 */
export function parseJson(bytes: Uint8Array, limits: JsonLimits = JSON_LIMITS): Json {
  if (bytes.length > limits.bytes) throw new Refusal<JsonCode>('json/too-large', `${bytes.length} bytes of JSON, the most is ${limits.bytes}`, limits.bytes)
  const reader: Reader = { bytes, at: 0, depthMax: limits.depth }
  skipSpace(reader)
  const value = readValue(reader, 0)
  skipSpace(reader)
  if (reader.at < bytes.length) throw refuse('json/trailing', 'something follows the value', reader.at)
  return value
}

interface Reader {
  readonly bytes: Uint8Array
  at: number
  readonly depthMax: number
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const ESCAPES: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

function refuse(code: JsonCode, what: string, at: number): Refusal<JsonCode> {
  return new Refusal(code, `${what}, at byte ${at}`, at)
}

function skipSpace(reader: Reader): void {
  for (; reader.at < reader.bytes.length; reader.at++) {
    const byte = reader.bytes[reader.at]
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return
  }
}

/** Steps over the byte when it is the next one. */
function take(reader: Reader, byte: number): boolean {
  if (reader.bytes[reader.at] !== byte) return false
  reader.at++
  return true
}

function readValue(reader: Reader, depth: number): Json {
  const byte = reader.bytes[reader.at]
  if (byte === QUOTE) return readString(reader)
  if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
    if (depth >= reader.depthMax) throw refuse('json/too-deep', `more than ${reader.depthMax} levels of nesting`, reader.at)
    reader.at++
    return byte === OPEN_OBJECT ? readObject(reader, depth + 1) : readList(reader, depth + 1)
  }
  if (byte === 0x2d || (byte !== undefined && byte >= 0x30 && byte <= 0x39)) return readNumber(reader)
  if (byte === 0x74 && takeWord(reader, 'true')) return true
  if (byte === 0x66 && takeWord(reader, 'false')) return false
  if (byte === 0x6e && takeWord(reader, 'null')) return null
  throw refuse('json/syntax', byte === undefined ? 'the text ends where a value should stand' : 'no value starts here', reader.at)
}

function textAt(reader: Reader, length: number): string {
  return String.fromCharCode(...reader.bytes.subarray(reader.at, reader.at + length))
}

function takeWord(reader: Reader, word: string): boolean {
  for (let i = 0; i < word.length; i++) if (reader.bytes[reader.at + i] !== word.charCodeAt(i)) return false
  reader.at += word.length
  return true
}

function readList(reader: Reader, depth: number): Json[] {
  const items: Json[] = []
  skipSpace(reader)
  if (take(reader, CLOSE_LIST)) return items
  for (;;) {
    skipSpace(reader)
    items.push(readValue(reader, depth))
    skipSpace(reader)
    if (take(reader, CLOSE_LIST)) return items
    if (!take(reader, COMMA)) throw refuse('json/syntax', 'a comma or ] should stand here', reader.at)
  }
}

function readObject(reader: Reader, depth: number): { [key: string]: Json } {
  const members: { [key: string]: Json } = {}
  skipSpace(reader)
  if (take(reader, CLOSE_OBJECT)) return members
  for (;;) {
    skipSpace(reader)
    const at = reader.at
    if (reader.bytes[at] !== QUOTE) throw refuse('json/syntax', 'a member name in quotes should stand here', at)
    const key = readString(reader)
    if (Object.hasOwn(members, key)) throw refuse('json/duplicate-key', `the member ${JSON.stringify(key)} stands twice in one object`, at)
    skipSpace(reader)
    if (!take(reader, COLON)) throw refuse('json/syntax', 'a colon should stand here', reader.at)
    skipSpace(reader)
    const value = readValue(reader, depth)
    // A plain assignment to __proto__ would set the prototype and lose the member.
    if (key === '__proto__') Object.defineProperty(members, key, { value, enumerable: true, writable: true, configurable: true })
    else members[key] = value
    skipSpace(reader)
    if (take(reader, CLOSE_OBJECT)) return members
    if (!take(reader, COMMA)) throw refuse('json/syntax', 'a comma or } should stand here', reader.at)
  }
}

function readNumber(reader: Reader): number {
  const start = reader.at
  const digits = (): void => {
    const first = reader.at
    for (let byte = reader.bytes[reader.at]; byte !== undefined && byte >= 0x30 && byte <= 0x39; byte = reader.bytes[reader.at]) reader.at++
    if (reader.at === first) throw refuse('json/syntax', 'a digit should stand here', reader.at)
  }
  take(reader, 0x2d)
  const whole = reader.at
  digits()
  if (reader.bytes[whole] === 0x30 && reader.at > whole + 1) throw refuse('json/syntax', 'a number has a leading zero', whole)
  if (take(reader, 0x2e)) digits()
  if (take(reader, 0x65) || take(reader, 0x45)) {
    if (!take(reader, 0x2b)) take(reader, 0x2d)
    digits()
  }
  const value = Number(fromUtf8(reader.bytes, start, reader.at))
  if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) throw refuse('json/number-range', 'a number lies beyond 2^53 - 1', start)
  return value
}

function readString(reader: Reader): string {
  const { bytes } = reader
  let run = reader.at + 1
  let at = run
  let text = ''
  for (;; at++) {
    const byte = bytes[at]
    if (byte === undefined) throw refuse('json/syntax', 'the text ends inside a string', at)
    if (byte < 0x20) throw refuse('json/syntax', 'a control character must be escaped', at)
    if (byte === QUOTE) break
    if (byte !== BACKSLASH) continue
    reader.at = at + 1
    text += readRun(bytes, run, at) + readEscape(reader)
    run = reader.at
    at = run - 1
  }
  reader.at = at + 1
  return run === at ? text : text + readRun(bytes, run, at)
}

/** The unescaped characters from `from` up to and without `to`. */
function readRun(bytes: Uint8Array, from: number, to: number): string {
  const text = fromUtf8(bytes, from, to)
  if (text !== undefined) return text
  let good = from
  for (let length = 1; good + length <= to && length <= 4; ) {
    if (fromUtf8(bytes, good, good + length) === undefined) length++
    else {
      good += length
      length = 1
    }
  }
  throw refuse('json/not-utf-8', 'the bytes are not UTF-8', good)
}

/** What follows a backslash, a pair of \u escapes included; the backslash is already taken. */
function readEscape(reader: Reader): string {
  const start = reader.at - 1
  const letter = textAt(reader, 1)
  reader.at++
  if (letter !== 'u') {
    const character = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined
    if (character === undefined) throw refuse('json/syntax', 'no such escape', start)
    return character
  }
  const first = readUnit(reader)
  if (first < 0xd800 || first > 0xdfff) return String.fromCharCode(first)
  if (first < 0xdc00 && textAt(reader, 2) === '\\u') {
    reader.at += 2
    const second = readUnit(reader)
    if (second >= 0xdc00 && second <= 0xdfff) return String.fromCharCode(first, second)
  }
  throw refuse('json/lone-surrogate', 'an escape stands for half a character', start)
}

function readUnit(reader: Reader): number {
  const hex = textAt(reader, 4)
  if (!/^[0-9a-fA-F]{4}$/.test(hex)) throw refuse('json/syntax', 'four hexadecimal digits should follow \\u', reader.at)
  reader.at += 4
  return Number.parseInt(hex, 16)
}
