// Bytes and their texts: lower-case hex, canonical base64 (RFC 4648 section 4), UTF-8, big-endian integers.
// Every decoder returns undefined for anything but the one canonical form.

const HEX = codesOf('0123456789abcdef')
const BASE64 = codesOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
const PADDING = 0x3d
/** From here on the runtime's search beats a loop over the bytes. */
const LONG_TEXT_BYTES = 4_096

function codesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

/**
 * The string of the UTF-16 units from `from` up to and without `to`; for bytes, one character each. Eight at a time: 4 ns a character,
 * where handing a typed array to String.fromCharCode whole takes 9 and one at a time 12.
 */
function fromUnits(units: Uint8Array | Uint16Array, from = 0, to = units.length): string {
  let text = ''
  let i = from
  for (; i + 8 <= to; i += 8) {
    text += String.fromCharCode(
      units[i] as number, units[i + 1] as number, units[i + 2] as number, units[i + 3] as number,
      units[i + 4] as number, units[i + 5] as number, units[i + 6] as number, units[i + 7] as number,
    )
  }
  for (; i < to; i++) text += String.fromCharCode(units[i] as number)
  return text
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Not constant-time: for public bytes only. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && compare(a, b) === 0
}

/** Lexicographic order of bytes, the order of labels in a declaration: negative, 0 or positive. */
export function compare(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

export function toHex(bytes: Uint8Array): string {
  const codes = new Uint8Array(bytes.length * 2)
  let at = 0
  for (const byte of bytes) {
    codes[at++] = HEX[byte >> 4] as number
    codes[at++] = HEX[byte & 15] as number
  }
  return fromUnits(codes)
}

const HEX_VALUE = valuesOf(HEX)

/** Value of each ASCII character in an alphabet, -1 for every other. */
function valuesOf(alphabet: Uint8Array): Int8Array {
  const values = new Int8Array(128).fill(-1)
  for (const [value, code] of alphabet.entries()) values[code] = value
  return values
}

/** Lower-case hex only; undefined for odd length, upper case or any other character. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0) return undefined
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) {
    const value = ((HEX_VALUE[text.charCodeAt(2 * i)] ?? -1) << 4) | (HEX_VALUE[text.charCodeAt(2 * i + 1)] ?? -1)
    if (value < 0) return undefined
    bytes[i] = value
  }
  return bytes
}

export function toBase64(bytes: Uint8Array): string {
  const codes = new Uint8Array(Math.ceil(bytes.length / 3) * 4)
  let at = 0
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i
    const word = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    codes[at++] = BASE64[word >> 18] as number
    codes[at++] = BASE64[(word >> 12) & 63] as number
    codes[at++] = left > 1 ? (BASE64[(word >> 6) & 63] as number) : PADDING
    codes[at++] = left > 2 ? (BASE64[word & 63] as number) : PADDING
  }
  return fromUnits(codes)
}

const BASE64_VALUE = valuesOf(BASE64)

/** Canonical base64 only: padded, no white space, unused bits zero; undefined otherwise. */
export function fromBase64(text: string): Uint8Array | undefined {
  const { length } = text
  if (length % 4 !== 0) return undefined
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const bytes = new Uint8Array((length / 4) * 3 - padding)
  const whole = padding === 0 ? length : length - 4
  let at = 0
  for (let i = 0; i < whole; i += 4) {
    const word = fourSymbols(text, i)
    if (word < 0) return undefined
    bytes[at++] = word >> 16
    bytes[at++] = (word >> 8) & 0xff
    bytes[at++] = word & 0xff
  }
  if (padding === 0) return bytes
  const word = (valueAt(text, whole) << 18) | (valueAt(text, whole + 1) << 12) | (padding === 1 ? valueAt(text, whole + 2) << 6 : 0)
  if (word < 0 || (word & (padding === 1 ? 0xff : 0xffff)) !== 0) return undefined
  bytes[at++] = word >> 16
  if (padding === 1) bytes[at] = (word >> 8) & 0xff
  return bytes
}

/** 24 bits of four symbols from `i`; negative where one of them is none. */
function fourSymbols(text: string, i: number): number {
  return (valueAt(text, i) << 18) | (valueAt(text, i + 1) << 12) | (valueAt(text, i + 2) << 6) | valueAt(text, i + 3)
}

/** Six bits, or -1. */
function valueAt(text: string, i: number): number {
  const code = text.charCodeAt(i)
  return code < 128 ? BASE64_VALUE[code] as number : -1
}

/** UTF-8 of a well-formed string; a lone surrogate throws, since no byte sequence stands for it. */
export function utf8(text: string): Uint8Array {
  const { length } = text
  const ascii = new Uint8Array(length)
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i)
    if (unit >= 0x80) return beyondAscii(text, ascii.subarray(0, i))
    ascii[i] = unit
  }
  return ascii
}

/** `head` holds the bytes of the ASCII characters that the text begins with. */
function beyondAscii(text: string, head: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + (text.length - head.length) * 3)
  bytes.set(head)
  let at = head.length
  for (let i = head.length; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) bytes[at++] = unit
    else if (unit < 0x800) {
      bytes[at++] = 0xc0 | (unit >> 6)
      bytes[at++] = 0x80 | (unit & 63)
    } else if (unit < 0xd800 || unit > 0xdfff) {
      bytes[at++] = 0xe0 | (unit >> 12)
      bytes[at++] = 0x80 | ((unit >> 6) & 63)
      bytes[at++] = 0x80 | (unit & 63)
    } else {
      const point = text.codePointAt(i++) as number
      if (point < 0x10000) throw new RangeError('a lone surrogate has no UTF-8 form')
      bytes[at++] = 0xf0 | (point >> 18)
      bytes[at++] = 0x80 | ((point >> 12) & 63)
      bytes[at++] = 0x80 | ((point >> 6) & 63)
      bytes[at++] = 0x80 | (point & 63)
    }
  }
  return bytes.slice(0, at)
}

/** Strict UTF-8: undefined for overlong forms, surrogates, points beyond U+10FFFF and truncation. No byte order mark is dropped. */
export function fromUtf8(bytes: Uint8Array, from = 0, to = bytes.length): string | undefined {
  if (to - from >= LONG_TEXT_BYTES) return fromLongUtf8(bytes, from, to)
  let ascii = from
  while (ascii < to && (bytes[ascii] as number) < 0x80) ascii++
  return ascii === to ? fromUnits(bytes, from, to) : decoded(bytes, from, to, ascii)
}

/** Runs of bytes beyond ASCII are whole characters: they alone are decoded one by one, what lies between them is taken as it is. */
function fromLongUtf8(bytes: Uint8Array, from: number, to: number): string | undefined {
  const latin = fromUnits(bytes, from, to)
  let text = ''
  let at = 0
  for (const run of latin.matchAll(/[\u0080-\u00ff]+/g)) {
    const end = run.index + run[0].length
    const part = decoded(bytes, from + run.index, from + end, from + run.index)
    if (part === undefined) return undefined
    text += latin.slice(at, run.index) + part
    at = end
  }
  return at === 0 ? latin : text + latin.slice(at)
}

/** `ascii`: up to where the bytes are known to be ASCII. */
function decoded(bytes: Uint8Array, from: number, to: number, ascii: number): string | undefined {
  const units = new Uint16Array(to - from)
  for (let i = from; i < ascii; i++) units[i - from] = bytes[i] as number
  let at = ascii - from
  for (let i = ascii; i < to; ) {
    const first = bytes[i] as number
    const more = first < 0x80 ? 0 : first < 0xc2 ? -1 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : -1
    if (more < 0 || i + more >= to) return undefined
    let point = more === 0 ? first : first & (0x3f >> more)
    for (let k = 1; k <= more; k++) {
      const next = bytes[i + k] as number
      if ((next & 0xc0) !== 0x80) return undefined
      point = (point << 6) | (next & 63)
    }
    if (more === 2 && (point < 0x800 || (point >= 0xd800 && point <= 0xdfff))) return undefined
    if (more === 3 && (point < 0x10000 || point > 0x10ffff)) return undefined
    if (point < 0x10000) units[at++] = point
    else {
      units[at++] = 0xd7c0 + (point >> 10)
      units[at++] = 0xdc00 | (point & 0x3ff)
    }
    i += more + 1
  }
  return fromUnits(units, 0, at)
}

/** A whole number from 0 to 65,535 as two bytes, big-endian; any other throws RangeError, since a wrapped length would change what is hashed. */
export function u16(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff) throw new RangeError(`${value} does not fit two bytes`)
  return Uint8Array.of(value >> 8, value & 0xff)
}

/** A whole number from 0 to 2^53 − 1 as eight bytes, big-endian; any other throws RangeError. */
export function u64(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is no whole number from 0 to 2^53 - 1`)
  const bytes = new Uint8Array(8)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, Math.floor(value / 0x1_0000_0000))
  view.setUint32(4, value >>> 0)
  return bytes
}

export function readU16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
}

/** Undefined beyond 2^53 − 1. */
export function readU64(bytes: Uint8Array, at: number): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 8)
  const value = view.getUint32(0) * 0x1_0000_0000 + view.getUint32(4)
  return Number.isSafeInteger(value) ? value : undefined
}
