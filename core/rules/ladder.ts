// The ladder of a query (DESIGN section 3.1): from a recovered mark to the keys that are looked up, the surest reading first. The whole
// of it follows from the recorded mark, so that an opened batch can be checked against the mark that was bound.
import { confusionsOf, fillings, piecesOf, WILDCARDS_MAX } from './illegible.ts'
import { keysOfReading, KEY_FIELD_CHARACTERS_MAX, KEY_KINDS, type KeyContext, type KeyKind } from './match-key.ts'
import { copiesOf, readingsOf, RUNGS, withoutZeros, type Rung, type Script } from './mark.ts'

/** Candidates of one query: the largest batch of an evaluation. */
export const CANDIDATES_MAX = 1024
export const LEGIBLE_MIN = 3
export const CLASSES_MAX = 32

/** A recovered mark as it is looked up. `serial` is verbatim, with `?` for an illegible character and `[38]` for one of two readings. */
export interface MarkQuery extends KeyContext {
  readonly serial: string
  /** Every component class that the mark can belong to. */
  readonly classes: readonly string[]
  readonly script: Script
  /** Condition of the mark as recorded (`MARK_CONDITIONS`). */
  readonly condition: string
}

export interface LadderLimits {
  readonly candidatesMax: number
  /** Whether single characters that are easily taken for others (1/7, 5/S, 8/B/3, 6/G/9) are tried as well. */
  readonly confusions: boolean
}
export const LADDER_LIMITS: LadderLimits = { candidatesMax: CANDIDATES_MAX, confusions: true }

export interface Candidate {
  readonly rung: Rung
  readonly kind: KeyKind
  readonly key: Uint8Array
  /** The serial that was tried, in its folded form. */
  readonly reading: string
  /** For a class key: the class. */
  readonly class: string | undefined
  /** Absence is said of these only: all but confusions of single characters. */
  readonly mandatory: boolean
}

export const UNREADABLE_REASONS = ['no-mark', 'erased', 'too-few-legible', 'no-digit', 'too-many-candidates', 'too-long', 'no-key'] as const
export type UnreadableReason = (typeof UNREADABLE_REASONS)[number]

export type Ladder =
  | { readonly verdict: 'readable', readonly candidates: readonly Candidate[], readonly confusionsLeftOut: boolean }
  | { readonly verdict: 'unreadable', readonly reason: UnreadableReason, readonly message: string }

interface Reading { readonly rung: Rung, readonly text: string, readonly mandatory: boolean }

function unreadable(reason: UnreadableReason, message: string): Ladder {
  return { verdict: 'unreadable', reason, message }
}

/** Why no candidate can be made, undefined where one can. */
function reasonAgainst(query: MarkQuery): Ladder | undefined {
  const { legible, digits, wildcards } = piecesOf(query.serial)
  const erased = query.condition === 'erased'
  if (query.serial.trim() === '' && !erased) return unreadable('no-mark', 'no mark is recorded')
  if (legible < LEGIBLE_MIN) {
    return erased ? unreadable('erased', 'the mark is erased: record it again when a laboratory has made it readable')
      : unreadable('too-few-legible', `${legible} legible characters, ${LEGIBLE_MIN} are needed`)
  }
  if (digits === 0) return unreadable('no-digit', 'no legible digit: this is a word, or the number is elsewhere')
  if (wildcards > WILDCARDS_MAX) return unreadable('too-many-candidates', `${wildcards} illegible characters, at most ${WILDCARDS_MAX} can be tried`)
  return undefined
}

/** Readings of a mark without illegible characters, the surest first. */
function plainReadings(query: MarkQuery): Reading[] {
  const readings = readingsOf(query.serial)
  const [published] = readings.folded
  const first: Reading = { rung: published === readings.written ? 'written' : 'folded', text: published, mandatory: true }
  const others = readings.folded.slice(1).map((text) => ({ rung: 'folded', text, mandatory: true }) as const)
  const copies = copiesOf(readings, query.script).map((text) => ({ rung: 'transliterated', text, mandatory: true }) as const)
  const zeros = [first, ...others, ...copies].map(({ text }) => ({ rung: 'zeros', text: withoutZeros(text), mandatory: true }) as const)
  return [first, ...others, ...copies, ...zeros]
}

/** The mark with each character in turn taken for one that it is easily confused with. */
function confusions(query: MarkQuery): Reading[] {
  return confusionsOf(readingsOf(query.serial).folded[0]).map((text) => ({ rung: 'wildcard', text, mandatory: false }) as const)
}

/** The only readings of a mark with illegible characters; undefined where there are more than `max`. */
function filledReadings(query: MarkQuery, max: number): Reading[] | undefined {
  return fillings(piecesOf(query.serial), max)?.flatMap((serial) => {
    const readings = readingsOf(serial)
    return [readings.folded[0], ...readings.latin].map((text) => ({ rung: 'wildcard', text, mandatory: true }) as const)
  })
}

/** Keys of the readings, which come surest first; each key once on its best rung. A class key drops leading zeros, so a reading that has some is on rung zeros. */
function candidatesOf(readings: readonly Reading[], query: MarkQuery, context: KeyContext): Candidate[] {
  const best = new Map<string, Candidate>()
  const seen = new Set<string>()
  for (const { rung, text, mandatory } of readings) {
    if (seen.has(text)) continue
    seen.add(text)
    const bare = withoutZeros(text)
    let classAt = 0
    for (const { kind, bytes } of keysOfReading(text, query.classes, context)) {
      const its = kind === 'class' ? query.classes[classAt++] : undefined
      const candidate: Candidate = { rung: kind === 'class' && bare !== text && rung !== 'wildcard' ? 'zeros' : rung, kind, key: bytes, reading: text, mandatory, class: its }
      const name = kind === 'class' ? `${kind} ${its ?? ''} ${bare}` : `${kind} ${text}`
      const held = best.get(name)
      if (held === undefined || compareGrades(candidate, held) < 0) best.set(name, candidate)
    }
  }
  return [...best.values()].sort(compareGrades)
}

/** Negative where the first is the better grade: by rung, then by kind of key. */
export function compareGrades(a: { readonly rung: Rung, readonly kind: KeyKind }, b: { readonly rung: Rung, readonly kind: KeyKind }): number {
  return RUNGS.indexOf(a.rung) - RUNGS.indexOf(b.rung) || KEY_KINDS.indexOf(a.kind) - KEY_KINDS.indexOf(b.kind)
}

/** The best grade among hits; undefined where there is none. */
export function gradeOf<T extends { readonly rung: Rung, readonly kind: KeyKind }>(hits: readonly T[]): T | undefined {
  return hits.reduce<T | undefined>((best, hit) => best === undefined || compareGrades(hit, best) < 0 ? hit : best, undefined)
}

/** How many candidates a hit of this rung had: those of its rung and of all better ones, as the ladder is walked from the top. */
export function candidatesTried(candidates: readonly Candidate[], rung: Rung): number {
  return candidates.filter((candidate) => RUNGS.indexOf(candidate.rung) <= RUNGS.indexOf(rung)).length
}

const NO_CONTEXT: KeyContext = { maker: undefined, type: undefined, year: undefined, lot: undefined }

/**
 * The candidates of a query, best grade first, or why there are none. Never more than `candidatesMax`: confusions are left out first, and
 * of a mark with illegible characters the keys with type; then the mark is unreadable. Throws a Refusal with a MarkCode.
 */
export function ladderOf(query: MarkQuery, limits: LadderLimits = LADDER_LIMITS): Ladder {
  const longest = Math.max(query.serial.length, ...query.classes.map((each) => each.length))
  if (longest > KEY_FIELD_CHARACTERS_MAX) return unreadable('too-long', `${longest} characters, a serial number has at most ${KEY_FIELD_CHARACTERS_MAX}`)
  const against = reasonAgainst(query)
  if (against !== undefined) return against
  const tooMany = unreadable('too-many-candidates', `more than ${limits.candidatesMax} candidates: name the class, or fewer classes, or more legible characters`)
  if (query.classes.length > CLASSES_MAX) return tooMany
  if (piecesOf(query.serial).wildcards > 0) {
    const readings = filledReadings(query, limits.candidatesMax)
    const found = readings === undefined ? [] : [candidatesOf(readings, query, query), candidatesOf(readings, query, NO_CONTEXT)]
    const fitting = found.find((candidates) => candidates.length > 0 && candidates.length <= limits.candidatesMax)
    return fitting === undefined ? tooMany : { verdict: 'readable', candidates: fitting, confusionsLeftOut: false }
  }
  const plain = plainReadings(query)
  const certain = candidatesOf(plain, query, query)
  if (certain.length === 0) return unreadable('no-key', 'no key can be made: name the component class, or every class that the mark can belong to')
  if (certain.length > limits.candidatesMax) return tooMany
  const all = limits.confusions ? candidatesOf([...plain, ...confusions(query)], query, query) : certain
  return all.length > limits.candidatesMax ? { verdict: 'readable', candidates: certain, confusionsLeftOut: true } : { verdict: 'readable', candidates: all, confusionsLeftOut: false }
}
