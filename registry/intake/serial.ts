// What a cell says of the marks on an item. People write numbers, wildcards, two numbers, part names, remarks and whole sentences into one
// cell; the mapping names the phrases and this file finds the numbers between the words. The cell itself is always kept verbatim: what is
// read here can be read again, better.
import { foldValue, type MarkSource, type Phrase } from './mapping.ts'
import type { Condition, IntakeMark } from './row.ts'

/** Numbers in one cell; a cell with more is a list of items, not a mark. */
export const MARKS_MAX = 8
/** Longer than any number on an item known; what is longer is text. */
export const READING_CHARACTERS_MAX = 64
/** Letters in a row that make a word where they stand beside a slash ("100794/PMERJ"). */
const WORD_LETTERS = 5
/** Letters of a group of its own before a number ("KCM 73122") and after it ("660601 V"). */
const HEAD_LETTERS = 5
const TAIL_LETTERS = 2
/** Beside a longer number, shorter ones are part of what is said about it ("the digit 8 is out of line"). */
const FURTHER_CHARACTERS_MIN = 3

export type CellReading = { readonly marks: readonly IntakeMark[], readonly doubts: readonly string[] }

type Token = {
  readonly start: number
  readonly end: number
  readonly folded: string
  /** `code`: has a digit or a wildcard. `letters`: part of a number only beside a code. `dash`: joins two codes. */
  readonly kind: 'code' | 'letters' | 'dash' | 'word' | 'break' | 'note'
}

/** Reads one cell of a mark column. Undefined where it holds more numbers than one item has. */
export function readCell(cell: string, column: string, source: MarkSource): CellReading | undefined {
  const base = { text: cell, kind: source.kind, column }
  const trimmed = cell.trim()
  if (trimmed === '') return source.empty === 'skip' ? { marks: [], doubts: [] } : { marks: [{ ...base, unknown: 0, fragment: false, condition: source.empty }], doubts: [] }
  if (isPlain(trimmed, source)) return { marks: [{ ...base, reading: trimmed, ...placed(undefined, source), unknown: 0, fragment: false, condition: 'intact' }], doubts: [] }
  const folded = foldValue(trimmed)
  const whole = source.phrases.find((phrase) => phrase.is.has(folded) || phrase.is.has(bare(folded)))
  if (whole !== undefined) {
    return { marks: [{ ...base, ...placed(undefined, source), unknown: 0, fragment: false, condition: whole.condition ?? 'unclear' }], doubts: whole.doubt === undefined ? [] : [whole.doubt] }
  }
  const spoken = ` ${folded.replace(/[^\p{L}\p{N}]+/gu, ' ').trim()}`
  const hits = source.phrases.filter((phrase) => phrase.words.some((words) => spoken.includes(` ${words}`)))
  const said = hits.find((phrase) => phrase.condition !== undefined)
  const wild = wildcards(folded, source)
  let tokens = tokenize(cell, source, wild, true)
  let readings = assemble(cell, tokens, source, wild)
  if (readings.length === 0 && /[([]/.test(cell)) {
    tokens = tokenize(cell, source, wild, false)
    readings = assemble(cell, tokens, source, wild)
  }
  if (readings.length > MARKS_MAX) return undefined
  const doubts = hits.flatMap((phrase) => phrase.doubt ?? [])
  if (readings.length === 0) {
    const condition = said?.condition ?? (wild.test(trimmed) && !/\p{L}{2}/u.test(trimmed.replace(/(.)\1+/gu, '')) ? 'illegible' : 'unclear')
    return { marks: [{ ...base, ...placed(placeIn(folded, source), source), unknown: 0, fragment: false, condition }], doubts }
  }
  if (tokens.some((token) => token.kind === 'word')) doubts.push('serial-has-words')
  return { marks: readings.map(({ reading, place }) => ({ ...base, reading, ...placed(place, source), ...judge(reading, said) })), doubts }
}

/** So many letters in a row may be a word of a phrase. */
const LONG_WORD = /[A-ZА-ЯЁ]{6}/
/** What a source leaves to look for in a cell that is one group of digits and capitals; undefined where its phrases themselves have digits. */
const plainRuns = new WeakMap<MarkSource, RegExp | undefined>()

/** A number and nothing else: digits, capitals and single dashes, with at least one digit and no run that stands for illegible characters. */
function isPlain(cell: string, source: MarkSource): boolean {
  if (cell.length > READING_CHARACTERS_MAX || !/^[\dA-ZА-ЯЁ](?:[\dA-ZА-ЯЁ-]*[\dA-ZА-ЯЁ])?$/.test(cell) || !/\d/.test(cell) || LONG_WORD.test(cell)) return false
  if (!plainRuns.has(source)) {
    const told = [...source.phrases.flatMap((phrase) => [...phrase.is, ...phrase.words]), ...source.prefixes, ...source.places.map(([word]) => word)]
    const special = told.some((text) => /\d/.test(text)) || /[\p{L}\p{N}]/u.test(source.illegible)
    plainRuns.set(source, special ? undefined : new RegExp(['--', ...Array.from(source.illegibleRuns, (character) => `${escape(character)}{2}`)].join('|'), 'u'))
  }
  const runs = plainRuns.get(source)
  return runs !== undefined && !runs.test(cell)
}

function bare(folded: string): string {
  return folded.replace(/^[\s\p{P}]+|[\s\p{P}]+$/gu, '')
}

function placed(place: string | undefined, source: MarkSource): { readonly place?: string } {
  const known = place ?? source.place
  return known === undefined ? {} : { place: known }
}

/** Beside a number, words for "removed" mean that part of it was; altered and re-marked numbers stay what they are. */
function judge(reading: string, said: Phrase | undefined): { unknown: number, fragment: boolean, condition: Condition } {
  const unknown = reading.split('?').length - 1
  const told = said?.condition
  if (told === 'altered' || told === 're-marked' || told === 'painted-over' || told === 'withheld') return { unknown, fragment: false, condition: told }
  const partly = told === 'erased' || told === 'illegible' || told === 'none' || told === 'partly-legible'
  return { unknown, fragment: partly && unknown === 0 && said?.whole !== true, condition: partly || unknown > 0 ? 'partly-legible' : 'intact' }
}

const compiled = new Map<string, RegExp>()
const COMPILED_MAX = 1000

/** What stands for one illegible character in this cell. */
function wildcards(folded: string, source: MarkSource): RegExp {
  let single = source.illegible
  for (const legend of source.legends) {
    const [before = '', after = ''] = legend.split('%').map((part) => part.trim())
    if (!folded.includes(before) || !folded.includes(after)) continue
    const found = pattern(`(?:^|[^\\p{L}\\p{N}])${escape(before)}\\s*([^\\s\\p{N}])(?![\\p{L}\\p{N}])\\s*${escape(after)}`).exec(folded)?.[1]
    if (found !== undefined) single += found + found.toLowerCase()
  }
  const choices = [...Array.from(source.illegibleRuns, (character) => `${escape(character)}{2,}`), `[${Array.from(single, escape).join('')}]`]
  return pattern(choices.join('|'), 'gu')
}

function pattern(text: string, flags = 'u'): RegExp {
  const key = `${flags} ${text}`
  let made = compiled.get(key)
  if (made === undefined) {
    made = new RegExp(text, flags)
    if (compiled.size < COMPILED_MAX) compiled.set(key, made)
  }
  return made
}

function escape(text: string): string {
  return text.replace(/[^\p{L}\p{N}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`)
}

function tokenize(cell: string, source: MarkSource, wild: RegExp, notes: boolean): Token[] {
  const tokens: Token[] = []
  const pieces = notes ? /\([^()]*\)?|\[[^[\]]*\]?|[;,](?=\s|$)|;|[^\s;,([]+|[,]/gu : /[;,](?=\s|$)|;|[^\s;,()[\]]+|[,]/gu
  for (const match of cell.matchAll(pieces)) {
    const [start, end] = [match.index, match.index + match[0].length]
    const inner = /^[([](.*?)[)\]]?$/su.exec(match[0])?.[1]
    if (inner !== undefined) tokens.push(bracketed(cell, start, inner, source, wild))
    else tokens.push(classify(cell, start, end, source, wild))
  }
  return tokens
}

/** A bracket around nothing but wildcards is a wildcard, one around a number alone a number; any other is a remark. */
function bracketed(cell: string, start: number, inner: string, source: MarkSource, wild: RegExp): Token {
  const token = classify(cell, start + 1, start + 1 + inner.length, source, wild)
  const all = cell.trim().length === inner.length + 2
  const only = inner.replace(wild, '').trim() === ''
  return { ...token, kind: inner !== '' && (only || (all && token.kind === 'code')) ? 'code' : 'note' }
}

function classify(cell: string, from: number, to: number, source: MarkSource, wild: RegExp): Token {
  let [start, end] = [from, to]
  const text = cell.slice(start, end)
  const folded = foldValue(text)
  const token = (kind: Token['kind']): Token => ({ start, end, folded, kind })
  // A separator that is a word counts only as written: "e" divides, the E of "08 E 00959" does not.
  if (/^[;,]$/.test(text) || source.separators.includes(text)) return token('break')
  if (/^[-–—]$/.test(text)) return token('dash')
  while (end > start && /[.,;:/]/.test(cell.charAt(end - 1))) end -= 1
  while (start < end && /[.,;:/]/.test(cell.charAt(start))) start += 1
  for (const prefix of source.prefixes) {
    const rest = cell.slice(start + prefix.length, end)
    if (/[^\p{L}\p{N}]$/u.test(prefix) && foldValue(cell.slice(start, start + prefix.length)) === prefix && /^\p{N}/u.test(rest)) start += prefix.length
  }
  const core = cell.slice(start, end)
  if (core === '') return token('note')
  if (text.endsWith(':') || source.prefixes.has(folded) || source.prefixes.has(foldValue(core))) return token('word')
  const slashed = wordBesideSlash(core)
  if (slashed !== undefined) [start, end] = [start + slashed.from, start + slashed.to]
  const plain = cell.slice(start, end).replace(wild, '?')
  if (/\p{N}|\?/u.test(plain)) return token(/^[\p{L}\p{N}?\-–./_!:]+$/u.test(plain) || /^(?:[\p{L}\p{N}],)+[\p{L}\p{N}]$/u.test(plain) ? 'code' : 'word')
  if (!/^\p{L}[\p{L}-]*$/u.test(plain) || plain.replaceAll('-', '').length > HEAD_LETTERS || plain !== plain.toUpperCase()) return token('word')
  const said = foldValue(plain)
  const spoken = source.phrases.some((phrase) => phrase.words.some((words) => said.startsWith(words))) || source.places.some(([word]) => said.startsWith(word))
  return token(spoken ? 'word' : 'letters')
}

/** "suprimido/1623111": the part that is no word. Undefined where no part is one. */
function wordBesideSlash(core: string): { from: number, to: number } | undefined {
  if (!core.includes('/')) return undefined
  const parts = core.split('/')
  const isWord = (part: string): boolean => pattern(`^\\p{L}{${WORD_LETTERS},}$`).test(part)
  if (!parts.some(isWord)) return undefined
  let at = 0
  for (const part of parts) {
    if (/\p{N}/u.test(part)) return { from: at, to: at + part.length }
    at += part.length + 1
  }
  return undefined
}

type Found = { readonly reading: string, readonly first: number, readonly last: number }

/** Neighbouring codes make one number; letters count as part of it before and, if few, behind; words, breaks and remarks end it. */
function assemble(cell: string, tokens: readonly Token[], source: MarkSource, wild: RegExp): { reading: string, place: string | undefined }[] {
  const shouted = cell === cell.toUpperCase()
  const found: Found[] = []
  for (let i = 0; i < tokens.length;) {
    let end = i
    while (end < tokens.length && ['code', 'letters', 'dash'].includes((tokens[end] as Token).kind)) end += 1
    const run = extent(tokens, i, end, shouted)
    const reading = run === undefined ? undefined : normalize(cell, tokens.slice(run.first, run.last + 1), wild)
    if (run !== undefined && reading !== undefined) found.push({ reading, ...run })
    i = Math.max(end, i + 1)
  }
  const kept = found.some(({ reading }) => legible(reading) >= FURTHER_CHARACTERS_MIN) ? found.filter(({ reading }) => legible(reading) >= FURTHER_CHARACTERS_MIN) : found.slice(0, 1)
  return kept.map(({ reading, first, last }, index) => ({ reading, place: placeOf(tokens, first, last, kept[index + 1]?.first ?? tokens.length, index === 0, source) }))
}

/** Letters or digits that were made out. */
function legible(reading: string): number {
  return reading.replace(/[^\p{L}\p{N}]/gu, '').length
}

/** The part of a run of codes, letters and dashes that is a number. In a cell all in capitals, letters next to a word are one themselves
 *  ("SOB O CANO"); letters alone are a number only where the cell holds nothing else. */
function extent(tokens: readonly Token[], from: number, end: number, shouted: boolean): { first: number, last: number } | undefined {
  const isWord = (index: number): boolean => tokens[index]?.kind === 'word'
  let [first, last] = [-1, -1]
  for (let i = from; i < end; i++) {
    if (tokens[i]?.kind !== 'code') continue
    if (first < 0) first = i
    last = i
  }
  if (first < 0) return end - from === tokens.length && tokens.length === 1 && tokens[from]?.kind === 'letters' ? { first: from, last: from } : undefined
  while (first > from && tokens[first - 1]?.kind === 'letters' && !(shouted && isWord(first - 2))) first -= 1
  while (last + 1 < end && tokens[last + 1]?.kind === 'letters' && (tokens[last + 1]?.folded.length ?? 0) <= TAIL_LETTERS && !(shouted && isWord(last + 2))) last += 1
  return { first, last }
}

/** The number as written, its groups one space apart, each illegible character as `?`; undefined where nothing can be made out. */
function normalize(cell: string, run: readonly Token[], wild: RegExp): string | undefined {
  const written = run.map((token) => cell.slice(token.start, token.end)).join(' ')
  const reading = written.replace(wild, (signs) => '?'.repeat(signs.length)).replace(/^[-–\s/.]+|[-–\s/.]+$/gu, '')
  return /[\p{L}\p{N}]/u.test(reading) && reading.length <= READING_CHARACTERS_MAX ? reading : undefined
}

/** A part named right behind the number, before it with a colon, or anywhere before the first. */
function placeOf(tokens: readonly Token[], first: number, last: number, next: number, isFirst: boolean, source: MarkSource): string | undefined {
  const before = tokens[first - 1]
  if (before?.folded.endsWith(':') === true) return placeIn(before.folded, source)
  const words = (from: number, to: number): string => tokens.slice(from, to).filter((token) => token.kind === 'word' || token.kind === 'note').map((token) => token.folded).join(' ')
  return placeIn(words(last + 1, next), source) ?? (isFirst ? placeIn(words(0, first), source) : undefined)
}

function placeIn(folded: string, source: MarkSource): string | undefined {
  const spoken = ` ${folded.replace(/[^\p{L}\p{N}]+/gu, ' ').trim()}`
  const places = source.places.filter(([word]) => spoken.includes(` ${word}`)).map(([, place]) => place)
  return places.length === 0 ? undefined : [...new Set(places)].join('+')
}
