// Claims of the public record: what somebody reported, in which words, with which figure, and how far a matter was said to have got.
// A claim is never merged with another and never promoted: "discussed" is not "agreed" because a later report says "agreed".
import { date, either, integer, list, nullable, object, oneOf, optional, pattern, text, type Shaped } from '../bytes/shape.ts'
import { Refusal } from '../bytes/refusal.ts'
import { shaped, type ShapeCode } from '../bytes/shaped-json.ts'

const CLAIMS_MAX = 10_000
const TEXT_CHARACTERS_MAX = 2_000
const FIGURE_MAX = 1_000_000_000_000

/**
 * How far the report itself says that a matter got. `reported` says nothing of the kind; every other word stands in the claim's own text.
 * The list has no order: no word implies another.
 */
export const STANDINGS = [
  'reported', 'said', 'asked', 'denied', 'discussed', 'raised', 'approved', 'agreed', 'decided', 'signed', 'not-signed', 'accepted', 'pledged', 'planned', 'complained',
] as const
export type Standing = typeof STANDINGS[number]

const id = pattern(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'an id of small letters, digits and single dashes')
const words = object({ en: text(TEXT_CHARACTERS_MAX), ru: text(TEXT_CHARACTERS_MAX) })

/** A year, a month or a day, as exact as the report is and no more. */
export const partialDate = either(pattern(/^\d{4}(-(0[1-9]|1[0-2]))?$/, 'a year or a month'), date, 'a date YYYY, YYYY-MM or YYYY-MM-DD')

/** A number as reported: "118" is both bounds, "at least 119" and "more than 100" have no upper one. Both bounds belong to it. */
export const figure = object({ least: optional(integer(0, FIGURE_MAX)), most: optional(integer(0, FIGURE_MAX)) })
export type Figure = Shaped<typeof figure>

/** Who reported it, and when: `source` is an id of the list of sources; `date` is when it reported, null where it is not known. */
const report = object({ source: id, date: nullable(partialDate) })

/** `text` says what is claimed, `by` who said it (an office), `basis` the words of the account that it rests on. */
export const claimShape = object({
  id,
  question: id,
  date: nullable(partialDate),
  text: words,
  figure: optional(figure),
  standing: oneOf(...STANDINGS),
  by: optional(words),
  basis: list(text(TEXT_CHARACTERS_MAX), 1, 5),
  reported: list(report, 1, 10),
})
export type Claim = Shaped<typeof claimShape>

export type ClaimCode = ShapeCode<'claim'> | 'claim/id-twice' | 'claim/no-such-source' | 'claim/no-such-question' | 'claim/bounds-crossed'

/** Every claim of a list, or the first that cannot stand: unknown source or question, an id used twice, a lower bound above the upper. */
export function readClaims(value: unknown, sources: ReadonlySet<string>, questions: ReadonlySet<string>): readonly Claim[] | Refusal<ClaimCode> {
  const claims = shaped('claim', list(claimShape, 0, CLAIMS_MAX), value)
  if (claims instanceof Refusal) return claims
  const seen = new Set<string>()
  for (const each of claims) {
    if (seen.has(each.id)) return new Refusal('claim/id-twice', `claim ${each.id} stands twice: give the second an id of its own`, each.id)
    seen.add(each.id)
    const stranger = each.reported.find(({ source }) => !sources.has(source))
    if (stranger !== undefined) return new Refusal('claim/no-such-source', `claim ${each.id} names the source ${stranger.source}, which is not listed`, each.id)
    if (!questions.has(each.question)) return new Refusal('claim/no-such-question', `claim ${each.id} answers ${each.question}, which is not listed`, each.id)
    const { least = 0, most = FIGURE_MAX } = each.figure ?? {}
    if (least > most) return new Refusal('claim/bounds-crossed', `claim ${each.id} has a figure of at least ${least} and at most ${most}`, each.id)
  }
  return claims
}

/** Whether no number satisfies both figures: 118 and "at least 119" exclude one another, 118 and "more than 100" do not. */
export function exclude(one: Figure, other: Figure): boolean {
  const least = Math.max(one.least ?? 0, other.least ?? 0)
  const most = Math.min(one.most ?? FIGURE_MAX, other.most ?? FIGURE_MAX)
  return least > most
}

/** Pairs of claims to one question whose figures cannot both be true. All the claims stay; this only says that they disagree. */
export function disagreements(claims: readonly Claim[]): readonly (readonly [Claim, Claim])[] {
  return claims.flatMap((one, index) => claims.slice(index + 1).flatMap((other): (readonly [Claim, Claim])[] =>
    one.question === other.question && one.figure !== undefined && other.figure !== undefined && exclude(one.figure, other.figure) ? [[one, other]] : []))
}

/** The claims to each question, in the order given; a claim is in exactly one list and none is left out. */
export function sideBySide(claims: readonly Claim[]): ReadonlyMap<string, readonly Claim[]> {
  const sides = new Map<string, Claim[]>()
  for (const each of claims) sides.set(each.question, [...(sides.get(each.question) ?? []), each])
  return sides
}

/** The claims under each word that reports used for how far a matter got. */
export function byStanding(claims: readonly Claim[]): ReadonlyMap<Standing, readonly Claim[]> {
  return new Map(STANDINGS.flatMap((standing): [Standing, Claim[]][] => {
    const of = claims.filter((each) => each.standing === standing)
    return of.length === 0 ? [] : [[standing, of]]
  }))
}
