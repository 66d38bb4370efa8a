// What a verified dossier rests on, in one line: the fewest and the least that every answer of it has.
import type { Conclusion } from '../rules/chain.ts'
import type { Assessment } from './assess.ts'

export interface Footing {
  readonly cosigned: number
  readonly of: number
  readonly needed: number
  readonly asOf: { readonly from: string, readonly to: string } | null
  readonly candidates: number
  readonly grade: Conclusion['grade']
}

/** k of n: the fewest cosigners shown of any checkpoint that the conclusion rests on, the find's, each log's, each declaration's. A dossier carries a quorum, not all. */
export function footingOf({ quorum, candidates, grade }: Assessment['conclusion']): Footing {
  const answered = quorum.parties.flatMap(({ earlier = [], ...each }) => [each, ...earlier]).filter(({ asOf }) => asOf !== null)
  const dates = quorum.parties.flatMap(({ asOf }) => asOf ?? []).toSorted()
  const [from, to] = [dates[0], dates.at(-1)]
  return {
    cosigned: Math.min(quorum.find, ...answered.flatMap(({ witnessed, read }) => [witnessed, read])), of: quorum.of, needed: quorum.needed,
    asOf: from === undefined || to === undefined ? null : { from, to }, candidates, grade,
  }
}
