// Whether two marks are the same writing (DESIGN section 9, op `mark`): the text is one serial of an unknown component, and its keys are
// its readings. Two marks are the same writing when a key of one, on any rung but wildcard, equals such a key of the other.
import { confusionsOf, fillings, piecesOf } from './illegible.ts'
import { readingsOf, splitAtNumberSign, withoutZeros, type Readings, type Rung } from './mark.ts'

/** Keys of one mark on the wildcard rung; a mark with more readings gets none there. */
export const WILDCARD_KEYS_MAX = 1024
/** Longer readings are words, not numbers: single characters are not taken for others there. */
export const CONFUSION_CHARACTERS_MAX = 64

export interface ReadingKey { readonly rung: Rung, readonly key: string }

/** Zeros after a number sign lead the number, though other characters stand before it. */
function zerosAfterSign(text: string): string[] {
  const parts = splitAtNumberSign(text)
  if (parts === undefined) return []
  const [before, after] = [readingsOf(parts.before), readingsOf(parts.after)]
  return [before.folded[0], ...before.latin].flatMap((head) => [after.folded[0], ...after.latin].map((tail) => head + withoutZeros(tail)))
}

function wildcards(text: string, { folded: [published] }: Readings): string[] {
  const pieces = piecesOf(text)
  if (pieces.wildcards > 0) return pieces.legible === 0 ? [] : fillings(pieces, WILDCARD_KEYS_MAX)?.map((filled) => readingsOf(filled).folded[0]) ?? []
  return published.length > CONFUSION_CHARACTERS_MAX ? [] : confusionsOf(published)
}

/** The keys of a mark, the surest rung first; none where nothing but spaces and dashes stands there. Throws a Refusal with a MarkCode. */
export function markKeys(text: string): ReadingKey[] {
  const readings = readingsOf(text)
  if (readings.written === '') return []
  const latin = readings.latin.length > 0 ? readings.latin : [readings.folded[0]]
  const rungs: readonly (readonly [Rung, readonly string[]])[] = [
    ['written', [readings.written]],
    ['folded', readings.folded],
    ['transliterated', latin],
    ['zeros', [...readings.folded, ...latin].map(withoutZeros).concat(zerosAfterSign(text))],
    ['wildcard', wildcards(text, readings)],
  ]
  return rungs.flatMap(([rung, keys]) => [...new Set(keys)].map((key) => ({ rung, key })))
}

/** The surest rung on which two marks are the same writing; undefined where they are not. Throws a Refusal with a MarkCode. */
export function sameWriting(one: string, other: string): Exclude<Rung, 'wildcard'> | undefined {
  const rungs = ['written', 'folded', 'transliterated', 'zeros'] as const
  const worse = (a: number, b: number): number => Math.max(a, b)
  const ranked = (text: string): Map<string, number> => {
    const best = new Map<string, number>()
    for (const { rung, key } of markKeys(text)) if (rung !== 'wildcard' && !best.has(key)) best.set(key, rungs.indexOf(rung))
    return best
  }
  const others = ranked(other)
  let found: number | undefined
  for (const [key, rank] of ranked(one)) {
    const its = others.get(key)
    if (its !== undefined && (found === undefined || worse(rank, its) < found)) found = worse(rank, its)
  }
  return found === undefined ? undefined : rungs[found]
}
