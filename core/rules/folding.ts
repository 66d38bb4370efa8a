// The characters of a mark: digits of every script to ASCII, compatibility forms and case, what is left out, what looks alike (DESIGN
// section 3.1, spec/mark.md, tables in spec/folding/1). Nothing here asks the runtime about Unicode.
import { COMBINING, COMPATIBILITY, DIGIT_ZEROS, SECOND_SHAPES, SHAPES, STRIPPED } from './folding-table.ts'

/** One character of a mark: as typed, and what stands for it in the written form. */
export interface Sign { readonly raw: string, readonly out: string }

function* ranges(packed: string): Generator<[number, number]> {
  let at = 0
  for (const text of packed.split(' ')) {
    const [gap, more] = text.split('-')
    at += Number.parseInt(gap as string, 36)
    const last = at + (more === undefined ? 0 : Number.parseInt(more, 36))
    yield [at, last]
    at = last
  }
}

function setOf(packed: string): ReadonlySet<string> {
  const set = new Set<string>()
  for (const [from, to] of ranges(packed)) for (let point = from; point <= to; point++) set.add(String.fromCodePoint(point))
  return set
}

function digitsOf(packed: string): ReadonlyMap<string, string> {
  const map = new Map<string, string>()
  for (const [zero] of ranges(packed)) for (let digit = 0; digit < 10; digit++) map.set(String.fromCodePoint(zero + digit), String(digit))
  return map
}

/** Compatibility forms as far as they have been read: the table ascends by code point, and all of it takes 15 ms of a process that reads one mark. */
const compatibility = new Map<string, string>()
/** The last code point that has been read, and where in the table the next run begins. */
let readTo = 0
let next = 0

/** What stands for a character of the table; undefined for every other. */
function compatible(character: string, point: number): string | undefined {
  while (readTo < point && next < COMPATIBILITY.length) readRun()
  return compatibility.get(character)
}

function readRun(): void {
  const space = COMPATIBILITY.indexOf(' ', next)
  const end = space < 0 ? COMPATIBILITY.length : space
  const [head, target] = COMPATIBILITY.slice(next, end).split('>') as [string, string]
  const [gap, more] = head.split('-')
  const points = target.split('.').map((point) => Number.parseInt(point, 36))
  const first = readTo + Number.parseInt(gap as string, 36)
  const count = more === undefined ? 0 : Number.parseInt(more, 36)
  for (let i = 0; i <= count; i++) {
    compatibility.set(String.fromCodePoint(first + i), i === 0 ? String.fromCodePoint(...points) : String.fromCodePoint((points[0] as number) + i))
  }
  readTo = first + count
  next = end + 1
}

function listOf(packed: string): ReadonlyMap<string, string> {
  return new Map(packed.split(' ').map((entry) => [entry.charAt(0), entry.slice(1)]))
}

const digits = digitsOf(DIGIT_ZEROS)
const stripped = setOf(STRIPPED)
const combining = setOf(COMBINING)
const shapes: ReadonlyMap<string, string> = new Map(SHAPES.split(' ').flatMap((entry) => Array.from(entry.slice(1), (from) => [from, entry.charAt(0)] as const)))
const seconds = listOf(SECOND_SHAPES)

const HANGUL_FIRST = 0xac00
const HANGUL_LAST = 0xd7a3
const HANGUL_VOWELS = 21
const HANGUL_FINALS = 28

/** A Hangul syllable into its letters, by the arithmetic of the Unicode Standard, section 3.12. */
function hangul(point: number): string {
  const index = point - HANGUL_FIRST
  const final = index % HANGUL_FINALS
  const letters = [0x1100 + Math.floor(index / (HANGUL_VOWELS * HANGUL_FINALS)), 0x1161 + Math.floor((index % (HANGUL_VOWELS * HANGUL_FINALS)) / HANGUL_FINALS)]
  if (final > 0) letters.push(0x11a7 + final)
  return String.fromCodePoint(...letters)
}

/** A character as it stands in the written form; outside the tables it stays as it is. */
export function written(character: string): string {
  const digit = digits.get(character)
  if (digit !== undefined) return digit
  const point = character.codePointAt(0) as number
  if (point >= HANGUL_FIRST && point <= HANGUL_LAST) return hangul(point)
  return compatible(character, point) ?? character
}

export function signsOf(text: string): Sign[] {
  return Array.from(text, (raw) => ({ raw, out: written(raw) }))
}

export function isLeftOut(character: string): boolean {
  return stripped.has(character)
}

/** A text of the written form without what is left out, each run of combining marks sorted by code point. */
export function settle(text: string): string {
  let whole = ''
  let run: string[] = []
  for (const character of text) {
    if (stripped.has(character)) continue
    if (combining.has(character)) {
      run.push(character)
      continue
    }
    if (run.length > 0) whole += sorted(run)
    run = []
    whole += character
  }
  return whole + sorted(run)
}

function sorted(run: string[]): string {
  return run.length < 2 ? run.join('') : run.sort((a, b) => (a.codePointAt(0) as number) - (b.codePointAt(0) as number)).join('')
}

/** Every character of a written form to its shape: Cyrillic, Greek and Latin letters and digits that look alike become one. */
export function shape(text: string): string {
  let whole = ''
  for (const character of text) whole += shapes.get(character) ?? character
  return whole
}

/** What the character as typed may be besides its upper case (a small l is a 1), as shapes; undefined for most. */
export function secondShape(raw: string): string | undefined {
  return seconds.get(raw)
}
