// A trace meets the same products twice: when an answer comes, and when the evidence is assessed by the law that a verifier applies. A group is
// arithmetic without a state, so what was computed once for the same bytes is not computed again.
import type { Group } from '@muster/core/oprf/group.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'

/** Results kept; emptied when full. A batch of 1,024 elements takes three times as many. */
const KEPT_MAX = 16_384

/** The group, with products and sums remembered by a hash of what they are of. */
export function rememberingGroup(group: Group): Group {
  const kept = new Map<string, Uint8Array>()
  const nameOf = (what: string, ...parts: readonly Uint8Array[]): string => Buffer.from(p.sha256(Buffer.from(`${what} ${parts.map(({ length }) => length).join(' ')}\n`), ...parts)).toString('latin1')
  const keep = (name: string, result: Uint8Array): Uint8Array => {
    if (kept.size >= KEPT_MAX) kept.clear()
    kept.set(name, result.slice())
    return result
  }
  /** Those that are not kept yet are computed in one call. */
  const each = (names: readonly string[], compute: (places: readonly number[]) => readonly Uint8Array[]): Uint8Array[] => {
    const results: (Uint8Array | undefined)[] = names.map((name) => kept.get(name)?.slice())
    const missing = names.flatMap((_, i) => results[i] === undefined ? [i] : [])
    const made = missing.length === 0 ? [] : compute(missing)
    missing.forEach((place, i) => { results[place] = keep(names[place] as string, made[i] as Uint8Array) })
    return results as Uint8Array[]
  }
  const at = (list: readonly Uint8Array[], places: readonly number[]): Uint8Array[] => places.map((place) => list[place] as Uint8Array)
  return {
    ...group,
    multiplyHashed: (scalars, messages, dst) => each(messages.map((message, i) => nameOf('hashed', dst, scalars[i] as Uint8Array, message)), (places) => group.multiplyHashed(at(scalars, places), at(messages, places), dst)),
    multiplyEach: (scalars, elements) => each(elements.map((element, i) => nameOf('each', scalars[i] as Uint8Array, element)), (places) => group.multiplyEach(at(scalars, places), at(elements, places))),
    sumOfProducts: (scalars, elements) => {
      const name = nameOf('sum', ...scalars, ...elements)
      return kept.get(name)?.slice() ?? keep(name, group.sumOfProducts(scalars, elements))
    },
  }
}
