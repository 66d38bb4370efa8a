// What an inspection finds and what it has shown (DESIGN section 5, spec/inspection.md). Findings are codes; what was shown follows from them and from
// the law of the sample, so that nobody can state more than was seen. Pure.
import { noticedLoss } from './sample.ts'
import type { Status } from './status.ts'

/** A drawn item in one of these is looked at on site; of any other the declaration itself says where it went. */
export const TO_BE_SEEN: readonly Status[] = ['held', 'issued']

/** Of an item that was drawn: it bears the marks that were opened, it is not there, it could not be reached, it bears others. */
export const DRAWN_FINDINGS = ['seen', 'not-seen', 'not-accessible', 'mark-differs'] as const
export type DrawnFinding = (typeof DRAWN_FINDINGS)[number]
/** Why an item could not be reached. */
export const NO_ACCESS_REASONS = ['sealed', 'in-use', 'under-repair', 'unsafe', 'refused', 'no-time'] as const
/** Of an item that was met on site: whether the declaration holds it. */
export const MET_FINDINGS = ['met-declared', 'met-not-declared'] as const
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
  readonly metDeclared: number
  readonly metNotDeclared: number
  /** So many missing would have been noticed with the confidence, by what was seen; null where nothing was seen. */
  readonly noticed: number | null
  readonly outcome: Outcome
}

/**
 * What the findings show. An item that nobody could reach shows nothing: the loss that would have been noticed is that of the items seen, and only
 * where it is not above the agreed one was nothing found missing.
 */
export function tallyOf(
  { items, missing, confidence, sample }: Pick<Tally, 'items' | 'missing' | 'confidence' | 'sample'>, drawn: readonly DrawnFinding[], met: readonly MetFinding[],
): Tally {
  const of = <T>(all: readonly T[], what: T): number => all.filter((each) => each === what).length
  const [seen, notSeen, notAccessible, markDiffers] = DRAWN_FINDINGS.map((what) => of(drawn, what)) as [number, number, number, number]
  const [metDeclared, metNotDeclared] = MET_FINDINGS.map((what) => of(met, what)) as [number, number]
  const noticed = noticedLoss({ items, confidence }, seen) ?? null
  const outcome = notSeen + markDiffers + metNotDeclared > 0 ? 'discrepancies' : noticed === null || noticed > missing ? 'inconclusive' : 'nothing-missing'
  return { items, sample, missing, confidence, seen, notSeen, notAccessible, markDiffers, metDeclared, metNotDeclared, noticed, outcome }
}
