// Bytes of a table to text. The encoding is detected from the bytes alone (a byte order mark, the shape of UTF-8, the frequency of
// letters) and can be named instead. A byte that is no UTF-8 is never guessed at: its place is kept, and the row that holds it is refused.
import { isAscii, isUtf8 } from 'node:buffer'
import { SheetRefused } from './reasons.ts'

export const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1251', 'windows-1252', 'koi8-r', 'cp866'] as const
export type Encoding = typeof ENCODINGS[number]

/** Bytes that detection looks at, from the first that is not ASCII. */
export const SAMPLE_BYTES = 1 << 20
/** More bytes than this that are no UTF-8 mean another encoding, not slips of the pen. */
export const INVALID_BYTES_MAX = 1000
/** Stands in decoded text for a byte that is no UTF-8. U+FFFF is no character, so no honest text holds it. */
export const INVALID_MARK = '\uffff'

const OTHER_NAMES: Readonly<Record<string, Encoding>> = {
  'utf8': 'utf-8', 'utf16le': 'utf-16le', 'utf16be': 'utf-16be', 'utf-16': 'utf-16le', 'cp1251': 'windows-1251', 'win1251': 'windows-1251', '1251': 'windows-1251',
  'cp1252': 'windows-1252', '1252': 'windows-1252', 'latin1': 'windows-1252', 'iso-8859-1': 'windows-1252', 'koi8r': 'koi8-r', 'ibm866': 'cp866', '866': 'cp866', 'dos': 'cp866',
}

/** The encoding of that name or of one of its usual other names; throws SheetRefused for any other. */
export function parseEncoding(name: string): Encoding {
  const lower = name.trim().toLowerCase()
  const found = ENCODINGS.find((encoding) => encoding === lower) ?? OTHER_NAMES[lower]
  if (found === undefined) throw new SheetRefused('unknown-encoding', `${name} (${ENCODINGS.join(', ')})`)
  return found
}

/** Length of the byte order mark of that encoding at the start of the file, 0 where there is none. */
export function markLength(start: Uint8Array, encoding: Encoding): number {
  if (encoding === 'utf-8') return start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf ? 3 : 0
  if (encoding === 'utf-16le') return start[0] === 0xff && start[1] === 0xfe ? 2 : 0
  if (encoding === 'utf-16be') return start[0] === 0xfe && start[1] === 0xff ? 2 : 0
  return 0
}

/** The most likely encoding of a file, from its first bytes and a sample from the first byte that is not ASCII on (up to SAMPLE_BYTES). */
export function detectEncoding(start: Uint8Array, sample: Uint8Array): Encoding {
  for (const encoding of ['utf-8', 'utf-16le', 'utf-16be'] as const) if (markLength(start, encoding) > 0) return encoding
  const wide = wideEncoding(start)
  if (wide !== undefined) return wide
  if (isAscii(sample)) return 'utf-8'
  const { valid, invalid } = countUtf8(sample)
  // In text of a single-byte encoding hardly any two neighbours happen to be UTF-8; in UTF-8 with slips nearly all are.
  if (invalid === 0 || valid > invalid * 4) return 'utf-8'
  return mixedWords(sample) ? 'windows-1252' : cyrillicEncoding(sample)
}

/** UTF-16 without a mark: every second byte of separators, digits and Latin letters is zero. */
function wideEncoding(start: Uint8Array): Encoding | undefined {
  const zeros = [0, 0]
  const even = start.length - (start.length % 2)
  for (let i = 0; i < even; i++) if (start[i] === 0) zeros[i % 2] = (zeros[i % 2] as number) + 1
  const [high, low] = [(zeros[0] as number) / (even / 2), (zeros[1] as number) / (even / 2)]
  if (low > 0.1 && high < 0.01) return 'utf-16le'
  return high > 0.1 && low < 0.01 ? 'utf-16be' : undefined
}

/** Length of the well-formed UTF-8 sequence at `at`, 0 for none, -1 where the bytes end within one (RFC 3629 section 4). */
export function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number
  if (first < 0x80) return 1
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
  for (let k = 1; k < length; k++) {
    const next = bytes[at + k]
    if (next === undefined) return -1
    const from = k > 1 ? 0x80 : first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
    const to = k > 1 ? 0xbf : first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
    if (next < from || next > to) return 0
  }
  // The noncharacter that stands for an invalid byte is itself taken for one.
  return length === 3 && first === 0xef && bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbf ? 0 : length
}

function countUtf8(sample: Uint8Array): { valid: number, invalid: number } {
  let [valid, invalid] = [0, 0]
  for (let i = 0; i < sample.length;) {
    const length = sequenceLength(sample, i)
    if (length === -1) break
    if (length === 0) invalid += 1
    else if (length > 1) valid += 1
    i += Math.max(length, 1)
  }
  return { valid, invalid }
}

const isLatin = (byte: number): boolean => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a

/** Western text mixes ASCII and other letters within a word; Cyrillic words have no ASCII letter. */
function mixedWords(sample: Uint8Array): boolean {
  let [mixed, pure, latin, high] = [0, 0, 0, 0]
  for (let i = 0; i <= sample.length; i++) {
    const byte = sample[i] ?? 0x20
    if (byte >= 0x80) high += 1
    else if (isLatin(byte)) latin += 1
    else {
      if (high > 0 && latin > 0) mixed += 1
      else if (high > 1) pure += 1
      latin = high = 0
    }
  }
  return mixed > pure
}

/** Frequency of а–я in Russian text, in tenths of a per cent; ё counts as е. */
const FREQUENCY = [80, 16, 45, 17, 30, 85, 9, 16, 74, 12, 35, 44, 32, 67, 110, 28, 47, 55, 63, 26, 3, 10, 5, 14, 7, 4, 1, 19, 17, 3, 6, 20]

/** The one of the three whose reading has the letters of Russian in their usual shares, and fewest capitals after small letters. */
function cyrillicEncoding(sample: Uint8Array): Encoding {
  let best: Encoding = 'windows-1251'
  let bestScore = -Infinity
  for (const encoding of ['windows-1251', 'koi8-r', 'cp866'] as const) {
    const score = russianScore(new TextDecoder(labelOf(encoding)).decode(sample))
    if (score > bestScore) [best, bestScore] = [encoding, score]
  }
  return best
}

function russianScore(text: string): number {
  let score = 0
  let small = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x80) {
      small = false
      continue
    }
    const isSmall = code >= 0x430 && code <= 0x44f
    const isCapital = code >= 0x410 && code <= 0x42f
    if (isSmall || isCapital) score += Math.log((FREQUENCY[(code - 0x410) % 32] as number) / 30)
    else score -= code === 0x2116 || code === 0x401 || code === 0x451 ? 0 : 5
    if (isCapital) score -= small ? 3 : 0.2
    small = isSmall
  }
  return score
}

function labelOf(encoding: Encoding): string {
  return encoding === 'cp866' ? 'ibm866' : encoding
}

/** Turns chunks of bytes into text. `faults` gains the offset in the file of each byte that became INVALID_MARK, in order. */
export type Decoder = {
  readonly faults: number[]
  /** Text of these bytes; a character cut by the chunk's end comes with the next chunk. Throws SheetRefused for too many invalid bytes. */
  decode(chunk: Uint8Array): string
  /** What is left at the file's end. */
  end(): string
}

/** A decoder for a file of this encoding whose byte order mark has been left away; `offset` is where its first byte stands. */
export function openDecoder(encoding: Encoding, offset: number): Decoder {
  return encoding === 'utf-8' ? utf8Decoder(offset) : tableDecoder(encoding)
}

function tableDecoder(encoding: Encoding): Decoder {
  const decoder = new TextDecoder(labelOf(encoding), { fatal: true, ignoreBOM: true })
  const attempt = (chunk: Uint8Array | undefined): string => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true })
    } catch (cause) {
      throw new SheetRefused('wrong-encoding', encoding, { cause })
    }
  }
  return { faults: [], decode: (chunk) => attempt(chunk), end: () => attempt(undefined) }
}

function utf8Decoder(offset: number): Decoder {
  const faults: number[] = []
  let rest: Uint8Array = new Uint8Array(0)
  const take = (bytes: Uint8Array, last: boolean): string => {
    const cut = last ? bytes.length : completeLength(bytes)
    rest = bytes.subarray(cut)
    const whole = bytes.subarray(0, cut)
    offset += cut
    // The scan for EF BF BF is by way of the text: an honest file never has it.
    if (isUtf8(whole)) {
      const text = Buffer.from(whole.buffer, whole.byteOffset, whole.length).toString('utf8')
      if (!text.includes(INVALID_MARK)) return text
    }
    return patched(whole, offset - cut, faults)
  }
  return {
    faults,
    decode: (chunk) => take(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]), false),
    end: () => take(rest, true),
  }
}

/** Bytes up to the last whole character. */
function completeLength(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number
    if (byte < 0x80) break
    if (byte >= 0xc0) return sequenceLength(bytes, bytes.length - back) === -1 ? bytes.length - back : bytes.length
  }
  return bytes.length
}

function patched(bytes: Uint8Array, offset: number, faults: number[]): string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let text = ''
  let from = 0
  for (let i = 0; i < bytes.length;) {
    const length = sequenceLength(bytes, i)
    if (length > 0) {
      i += length
      continue
    }
    faults.push(offset + i)
    if (faults.length > INVALID_BYTES_MAX) throw new SheetRefused('wrong-encoding', `UTF-8; more than ${INVALID_BYTES_MAX} bytes are not, the first at ${faults[0] ?? 0}`)
    text += decoder.decode(bytes.subarray(from, i)) + INVALID_MARK
    i += 1
    from = i
  }
  return text + decoder.decode(bytes.subarray(from))
}
