// What an inspection finds and what it has shown (DESIGN section 5, spec/inspection.md). Findings are codes; what was shown follows from them and from
// the law of the sample, so that nobody can state more than was seen. Pure.
import { noticedLoss } from './sample.ts'
import type { Status } from './status.ts'

/** A drawn item in one of these is looked at on site; of any other the declaration itself says where it went. */
export const TO_BE_SEEN: readonly Status[] = ['held', 'issued']

/** Of an item that was drawn: it bears the marks that were opened, it is not there, it could not be reached, it bears others; it bears them, and no trace of them would find it. */
export const DRAWN_FINDINGS = ['seen', 'not-seen', 'not-accessible', 'mark-differs', 'key-missing'] as const
export type DrawnFinding = (typeof DRAWN_FINDINGS)[number]
/** Why an item could not be reached. */
export const NO_ACCESS_REASONS = ['sealed', 'in-use', 'under-repair', 'unsafe', 'refused', 'no-time'] as const
/** Of an item that was met on site: whether the declaration holds a key of its mark, as was proven; or that no evaluation came, or its mark cannot be read. */
export const MET_FINDINGS = ['met-declared', 'met-not-declared', 'met-not-looked-up'] as const
export type MetFinding = (typeof MET_FINDINGS)[number]

/** What an inspected party reserves against a finding. */
export const RESERVATIONS = ['was-shown', 'read-wrongly', 'moved-since', 'declared-since', 'not-ours', 'access-was-offered'] as const

export const OUTCOMES = ['nothing-missing', 'inconclusive', 'discrepancies'] as const
export type Outcome = (typeof OUTCOMES)[number]

export interface Tally {
  /** Items that the declaration states to be in hand; `sample` of them were drawn. */
  readonly items: number
  readonly sample: number
  readonly missing: number
  readonly confidence: number
  readonly seen: number
  readonly notSeen: number
  readonly notAccessible: number
  readonly markDiffers: number
  readonly keyMissing: number
  /** Of the items seen, those that were also found under the mark read off them. */
  readonly found: number
  readonly metDeclared: number
  readonly metNotDeclared: number
  readonly metNotLookedUp: number
  /** So many missing would have been noticed with the confidence, by what was seen; null where nothing was seen. */
  readonly noticed: number | null
  readonly outcome: Outcome
}

/**
 * What the findings show. An item that nobody could reach shows nothing: the loss that would have been noticed is that of the items that were there, and
 * only where it is not above the agreed one, and every item met was looked up, was nothing found missing. `found`: of the items seen.
 */
export function tallyOf(
  { items, missing, confidence, sample }: Pick<Tally, 'items' | 'missing' | 'confidence' | 'sample'>, drawn: readonly DrawnFinding[], met: readonly MetFinding[], found: number,
): Tally {
  const of = <T>(all: readonly T[], what: T): number => all.filter((each) => each === what).length
  const [seen, notSeen, notAccessible, markDiffers, keyMissing] = DRAWN_FINDINGS.map((what) => of(drawn, what)) as [number, number, number, number, number]
  const [metDeclared, metNotDeclared, metNotLookedUp] = MET_FINDINGS.map((what) => of(met, what)) as [number, number, number]
  const noticed = noticedLoss({ items, confidence }, seen + keyMissing) ?? null
  const outcome = notSeen + markDiffers + keyMissing + metNotDeclared > 0 ? 'discrepancies' : noticed === null || noticed > missing || metNotLookedUp > 0 ? 'inconclusive' : 'nothing-missing'
  return { items, sample, missing, confidence, seen, notSeen, notAccessible, markDiffers, keyMissing, found, metDeclared, metNotDeclared, metNotLookedUp, noticed, outcome }
}

/** Items of the sample that a party that inspects may look up by their marks, and as many met on site. */
export function lookUpsOf(sample: number): number {
  return 2 * sample
}
