// Terms of two parties whose systems do not match, side by side: designations, forms and categories, each party's own statement beside the other's.
// Nobody's word is the right one: what both say alike agrees, what they say otherwise is shown as contradicting. Pure.
import { list, misfit, nullable, object, oneOf, ruled, text, type Shaped } from '../bytes/shape.ts'

export const TERM_KINDS = ['designation', 'form', 'category'] as const
export type TermKind = (typeof TERM_KINDS)[number]

/** What the own term is to the other's: `narrower`: covers less than theirs does; `none`: not the same, however alike they look, or no counterpart at all. */
export const RELATIONS = ['same', 'narrower', 'broader', 'overlaps', 'none'] as const
export type Relation = (typeof RELATIONS)[number]
/** The same relation as the other side sees it. */
export const INVERSE: Readonly<Record<Relation, Relation>> = { same: 'same', narrower: 'broader', broader: 'narrower', overlaps: 'overlaps', none: 'none' }

const ROWS_MAX = 1_024

const term = object({ code: text(100), text: text(200) })
export type Term = Shaped<typeof term>

const row = ruled(object({ what: oneOf(...TERM_KINDS), own: term, theirs: nullable(term), relation: oneOf(...RELATIONS), note: nullable(text(1_000)) }), 'relation `none` where there is no counterpart', ({ theirs, relation }, at) => {
  if (theirs === null && relation !== 'none') misfit(`${at}.relation`, 'none, where there is no counterpart')
})
export type TermRow = Shaped<typeof row>

const ownKey = ({ what, own }: Pick<TermRow, 'what' | 'own'>): string => `${what}\n${own.code}`

/** The whole of what one party says of its terms and another's. */
export const termsShape = ruled(object({ rows: list(row, 1, ROWS_MAX) }), 'each pair once; a term without a counterpart in one row only', ({ rows }) => {
  const pairs = new Set<string>()
  const alone = new Set(rows.filter(({ theirs }) => theirs === null).map(ownKey))
  rows.forEach((each, i) => {
    const pair = `${ownKey(each)}\n${each.theirs?.code ?? ''}`
    if (pairs.size === pairs.add(pair).size) misfit(`rows[${i}]`, 'each pair once')
    if (each.theirs !== null && each.relation !== 'none' && alone.has(ownKey(each))) misfit(`rows[${i}]`, 'a counterpart, or that there is none')
  })
})
export type Terms = Shaped<typeof termsShape>

/** One pair of terms as both sides see it: `left` is said by the one, `right` by the other, each from its own side; undefined where it says nothing of this pair. */
export interface SideBySide {
  readonly what: TermKind
  readonly here: Term | null
  readonly there: Term | null
  readonly left: { readonly relation: Relation, readonly note: string | null } | undefined
  readonly right: { readonly relation: Relation, readonly note: string | null } | undefined
  readonly standing: 'agree' | 'contradict' | 'one'
}

/** Both statements, pair by pair: first in the order of the one, then what the other alone speaks of. Codes are compared as they are written. */
export function sideBySide(left: readonly TermRow[], right: readonly TermRow[]): SideBySide[] {
  const inverse = (a: TermRow, b: TermRow): boolean => a.what === b.what && a.own.code === b.theirs?.code && a.theirs?.code === b.own.code
  const first = left.map((mine): SideBySide => {
    const yours = right.find((each) => inverse(mine, each))
    const standing = yours === undefined ? (deniedBy(right, mine) ? 'contradict' : 'one') : yours.relation === INVERSE[mine.relation] ? 'agree' : 'contradict'
    return { what: mine.what, here: mine.own, there: mine.theirs, left: said(mine), right: yours && said(yours), standing }
  })
  const rest = right.filter((yours) => !left.some((mine) => inverse(mine, yours)))
  return [...first, ...rest.map((yours): SideBySide => ({ what: yours.what, here: yours.theirs, there: yours.own, left: undefined, right: said(yours), standing: deniedBy(left, yours) ? 'contradict' : 'one' }))]
}

/** The designations of which one or both sides speak that name one of these types, on either side, as they are written: what was stated, and no more. */
export function designationsOf(rows: readonly SideBySide[], types: readonly string[]): SideBySide[] {
  return rows.filter(({ what, here, there }) => what === 'designation' && [here, there].some((each) => each !== null && types.includes(each.code)))
}

const said = ({ relation, note }: TermRow): { readonly relation: Relation, readonly note: string | null } => ({ relation, note })

/** Whether the other side says, of a pair that it does not name, what excludes it: a counterpart where this row has none, or none where this row has one. */
function deniedBy(others: readonly TermRow[], { what, own, theirs, relation }: TermRow): boolean {
  return others.some((each) => each.what === what && (theirs === null
    ? each.theirs?.code === own.code && each.relation !== 'none'
    : relation !== 'none' && each.theirs === null && each.own.code === theirs.code))
}
