// A mark as somebody wrote or copied it, and its readings (DESIGN section 3.1; spec/mark.md says exactly what is done). A reading is a
// text; two marks of one reading are the same writing on its rung. Nothing is ever refused for what it says, only for its length.
import { Refusal } from '../bytes/refusal.ts'
import { isLeftOut, secondShape, settle, shape, signsOf, type Sign } from './folding.ts'
import { fromLatin, toLatin } from './sound.ts'

/** UTF-16 units of a mark as typed. */
export const MARK_CHARACTERS_MAX = 1000
/** Readings on the folded rung. */
export const FOLDED_READINGS_MAX = 16

/** From the surest to the least sure; a hit's grade is the rung of its reading. */
export const RUNGS = ['written', 'folded', 'transliterated', 'zeros', 'wildcard'] as const
export type Rung = (typeof RUNGS)[number]

export type MarkCode = 'mark/too-long' | 'mark/lone-surrogate'

/** The alphabet on the item itself, where the reader saw it: a mark known to be Latin is not read back into Cyrillic. */
export type Script = 'latin' | 'cyrillic' | 'unknown'

export interface Readings {
  /** Digits, compatibility forms and case settled; dashes, spaces, points, slashes and number signs left out. */
  readonly written: string
  /** Look-alikes folded: the first is what a register publishes, the others what else the characters as typed may be. */
  readonly folded: readonly [string, ...string[]]
  /** Spelt in Latin letters, where there are Cyrillic ones. */
  readonly latin: readonly string[]
}

/** Throws a Refusal with a MarkCode. */
function check(text: string): void {
  if (text.length > MARK_CHARACTERS_MAX) {
    throw new Refusal<MarkCode>('mark/too-long', `a mark has at most ${MARK_CHARACTERS_MAX} characters, this one ${text.length}: record what is one mark, the rest in further marks`, MARK_CHARACTERS_MAX)
  }
  if (!text.isWellFormed()) throw new Refusal<MarkCode>('mark/lone-surrogate', 'the mark holds half of a character: copy the text again from its source')
}

const PUNCTUATION = new Set('!"#$%&\'()*+,:;<=>?@[]^_`{|}~')
const BLANKS = new Set([' ', '\t', '\n', '\r', '.'])
const isBlank = (sign: Sign): boolean => BLANKS.has(sign.out)
const isPartOfWord = (sign: Sign | undefined): boolean => sign !== undefined && !isLeftOut(sign.out) && !isBlank(sign) && !PUNCTUATION.has(sign.out)
const ORDINALS = new Set(['\u00b0', '\u00ba', '\u02da', '\u1d52'])

/** What a number sign at `at` spans: `sure`, or `maybe` where letters and digits of the serial may look the same; undefined for none. */
function numberSign(signs: readonly Sign[], at: number): { readonly span: number, readonly sure: boolean } | undefined {
  const [here, next, after] = [signs[at] as Sign, signs[at + 1], signs[at + 2]]
  if (here.raw === '\u2116') return { span: 1, sure: true }
  if (here.out !== 'N' || next === undefined) return undefined
  if (ORDINALS.has(next.raw)) return { span: 2, sure: true }
  if (isPartOfWord(signs[at - 1]) || after === undefined) return undefined
  if (next.out === 'O') {
    if (isBlank(after)) return { span: 2, sure: true }
    if (/^[0-9]$/.test(after.out)) return { span: 2, sure: here.raw === 'N' && next.raw === 'o' }
    return isPartOfWord(after) ? undefined : { span: 2, sure: false }
  }
  return next.raw === '9' && isBlank(after) ? { span: 2, sure: false } : undefined
}

/** The signs without number signs: as published first, then the other way with the doubtful ones. */
function withoutNumberSigns(signs: readonly Sign[]): Sign[][] {
  if (!signs.some(({ raw, out }) => out === 'N' || raw === '\u2116')) return [[...signs]]
  const published: Sign[] = []
  const bare: Sign[] = []
  const full: Sign[] = []
  let doubtful = false
  for (let at = 0; at < signs.length; at++) {
    const found = numberSign(signs, at)
    if (found === undefined) {
      for (const list of [published, bare, full]) list.push(signs[at] as Sign)
      continue
    }
    const span = signs.slice(at, at + found.span)
    const ambiguous = span.length === 2 && !ORDINALS.has(span[1]?.raw ?? '')
    doubtful ||= ambiguous
    if (!found.sure) published.push(...span)
    if (ambiguous) full.push(...span)
    at += found.span - 1
  }
  return doubtful ? [published, bare, full] : [published]
}

/** A mark in two where a number sign stands after something else, as in `9П516 № 0123`; undefined where none does. Throws as `readingsOf`. */
export function splitAtNumberSign(text: string): { readonly before: string, readonly after: string } | undefined {
  check(text)
  const signs = signsOf(text)
  for (let at = 1; at < signs.length; at++) {
    const found = numberSign(signs, at)
    if (found?.sure !== true) continue
    const [before, after] = [signs.slice(0, at), signs.slice(at + found.span)]
    if (join(before) !== '' && join(after) !== '') return { before: before.map(({ raw }) => raw).join(''), after: after.map(({ raw }) => raw).join('') }
  }
  return undefined
}

const join = (signs: readonly Sign[]): string => settle(signs.map(({ out }) => out).join(''))

/** US registries write a leading zero that belongs to the number as `&`. */
const ampersands = (text: string): string => text.replace(/^[0&]+(?=.)/, (head) => '0'.repeat(head.length))

/** A small l where nothing else is small is the digit: nobody writes only the l's of a mark in small letters. */
function lonelyL(signs: readonly Sign[]): boolean {
  return signs.some(({ raw }) => raw === 'l') && !signs.some(({ raw }) => raw !== 'l' && /^[a-zа-яё]$/.test(raw))
}

/** The folded readings of one list of signs, the published one first: each kind of doubtful character is read one way throughout. */
function foldedOf(signs: readonly Sign[], max: number): string[] {
  const doubtful = [...new Set(signs.map(({ raw }) => raw).filter((raw) => secondShape(raw) !== undefined))]
  const lonely = lonelyL(signs)
  const readings: string[] = []
  for (let choice = 0; choice < 1 << doubtful.length && readings.length < max; choice++) {
    const second = new Set(doubtful.filter((raw, bit) => ((choice >> bit) & 1) === (raw === 'l' && lonely ? 0 : 1)))
    readings.push(ampersands(shape(settle(signs.map(({ raw, out }) => second.has(raw) ? secondShape(raw) as string : out).join('')))))
  }
  return readings
}

/** The readings of a mark that need no guess at illegible characters. Throws a Refusal with a MarkCode. */
export function readingsOf(text: string): Readings {
  check(text)
  const ways = withoutNumberSigns(signsOf(text))
  const [first] = ways as [Sign[], ...Sign[][]]
  const folded = [...new Set(ways.flatMap((signs) => foldedOf(signs, FOLDED_READINGS_MAX)))].filter((reading, i) => i === 0 || reading !== '').slice(0, FOLDED_READINGS_MAX)
  const whole = join(first)
  return { written: whole, folded: folded as [string, ...string[]], latin: toLatin(whole).map(ampersands) }
}

/** Two short roads for most marks: nothing to fold; and capitals, digits and separators without a number sign or a combining mark. */
const PLAIN = /^[0-9A-HJ-MP-Z]+$/
const SIMPLE = /^[-./ 0-9A-MO-ZА-ИК-Я]+$/

/** The form under which a register publishes a serial; empty where nothing is left. Throws a Refusal with a MarkCode. */
export function publishedForm(text: string): string {
  check(text)
  if (PLAIN.test(text)) return text
  if (SIMPLE.test(text)) return shape(text.replace(/[-./ ]+/g, ''))
  return foldedOf(withoutNumberSigns(signsOf(text))[0] ?? [], 1)[0] ?? ''
}

/** What the mark may stand as in a register that copied it into the other alphabet: for the look-up only, never for equality. */
export function copiesOf(readings: Readings, script: Script): string[] {
  const known = new Set<string>(readings.folded)
  const backward = script === 'latin' ? [] : fromLatin(readings.written)
  return [...new Set([...readings.latin, ...backward.map(ampersands)])].filter((reading) => !known.has(reading))
}

/** Without leading zeros; a number of zeros only keeps one. */
export function withoutZeros(reading: string): string {
  return reading.replace(/^0+(?=.)/, '')
}
