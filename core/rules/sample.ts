// How many items an inspection must see (DESIGN section 5, spec/inspection.md): a sample without replacement, by the hypergeometric law. Two parties
// must come to the same number, so that a sum of logarithms decides only where it is certain, and whole numbers where it is not.
import { Refusal } from '../bytes/refusal.ts'

export const SAMPLED_ITEMS_MAX = 1_000_000_000
/** Confidence is counted in hundredths of a percent: 9500 is 95 %. */
export const CONFIDENCE_WHOLE = 10_000

export interface Wanted {
  /** Items of which the sample is drawn. */
  readonly items: number
  /** So many missing, or more, are to be noticed: at least one of them stands in the sample. */
  readonly missing: number
  /** With this confidence, in hundredths of a percent. */
  readonly confidence: number
}
export type SampleCode = 'sample/items' | 'sample/missing' | 'sample/confidence' | 'sample/size'

/** Above what the sum of some ten thousand logarithms can be wrong by. */
const CERTAIN = 1e-9

/** Why nothing can be drawn; undefined where it can. */
function checkWanted({ items, missing, confidence }: Wanted): Refusal<SampleCode> | undefined {
  const whole = (value: number, max: number): boolean => Number.isSafeInteger(value) && value >= 1 && value <= max
  if (!whole(items, SAMPLED_ITEMS_MAX)) return new Refusal('sample/items', `a sample is drawn of 1 to ${SAMPLED_ITEMS_MAX} items, not of ${items}`, 'items')
  if (!whole(missing, items)) return new Refusal('sample/missing', `of ${items} items 1 to ${items} can be missing, not ${missing}: a sample that would notice nothing missing is none`, 'missing')
  if (!whole(confidence, CONFIDENCE_WHOLE - 1)) return new Refusal('sample/confidence', `a confidence of ${confidence} hundredths of a percent: from 1 to ${CONFIDENCE_WHOLE - 1}; only who sees everything is certain`, 'confidence')
  return undefined
}

/** The logarithm of the chance that none of `missing` stands in a sample of `sample`. Both ways round it is the same number; the shorter product is taken. */
function logMissed(items: number, missing: number, sample: number): number {
  if (sample + missing > items) return -Infinity
  const [factors, taken] = missing < sample ? [missing, sample] : [sample, missing]
  let sum = 0
  for (let i = 0; i < factors; i++) sum += Math.log1p(-taken / (items - i))
  return sum
}

/** Whether a sample notices the loss with the confidence, in whole numbers: each product is exact. */
function noticesExactly({ items, missing, confidence }: Wanted, sample: number): boolean {
  const [factors, taken] = missing < sample ? [missing, sample] : [sample, missing]
  let [missed, all] = [1n, 1n]
  for (let i = 0; i < factors; i++) {
    missed *= BigInt(items - taken - i)
    all *= BigInt(items - i)
  }
  return missed * BigInt(CONFIDENCE_WHOLE) <= all * BigInt(CONFIDENCE_WHOLE - confidence)
}

/** Whether so many items seen notice the loss with the confidence. The wanted fits, and the sample is of the items. */
function notices(wanted: Wanted, sample: number): boolean {
  const beyond = logMissed(wanted.items, wanted.missing, sample) - Math.log1p(-wanted.confidence / CONFIDENCE_WHOLE)
  return Math.abs(beyond) > CERTAIN ? beyond < 0 : noticesExactly(wanted, sample)
}

/** The least of 1…max that holds, where whatever is above one that holds also does. */
function least(max: number, holds: (value: number) => boolean): number {
  let [low, high] = [1, max]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}

/** The smallest sample that notices the loss with the confidence. */
export function sampleSize(wanted: Wanted): number | Refusal<SampleCode> {
  return checkWanted(wanted) ?? least(wanted.items - wanted.missing + 1, (sample) => notices(wanted, sample))
}

/** The chance, from 0 to 1, that a sample of `sample` holds none of the items that are missing. */
export function missedChance({ items, missing }: Pick<Wanted, 'items' | 'missing'>, sample: number): number {
  return Math.exp(logMissed(items, missing, sample))
}

/** The smallest loss that a sample of `sample` notices with the confidence; undefined where nothing was seen. */
export function noticedLoss({ items, confidence }: Pick<Wanted, 'items' | 'confidence'>, sample: number): number | undefined {
  return sample < 1 ? undefined : least(items, (missing) => missing + sample > items || notices({ items, missing, confidence }, sample))
}

export interface Smaller { readonly sample: number, readonly missed: number, readonly noticed: number }

/** In quarters of the sample and a tenth. */
const SHARES = [1, 0.75, 0.5, 0.25, 0.1] as const

/** The sample, and what smaller ones would miss: the chance that they miss the loss, and the loss that they notice with the same confidence. */
export function smallerSamples(wanted: Wanted, sample: number): Smaller[] {
  const sizes = [...new Set(SHARES.map((share) => Math.max(1, Math.floor(sample * share))))]
  return sizes.map((size) => ({ sample: size, missed: missedChance(wanted, size), noticed: noticedLoss(wanted, size) as number }))
}
