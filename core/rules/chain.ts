// From answers to a chain of custody (DESIGN section 5, step 6): made → delivered → held → released → …, each gap named, competing
// explanations side by side. The maker of a dossier and its verifier run this same function on facts that both take from the
// evidence, so a conclusion that does not follow is refused. It accuses nobody of more than the facts hold: a party that could not be
// asked, whose sections stay closed, or whose declaration is older than the delivery, is a gap and no verdict.
import type { Time } from '../bytes/time.ts'
import { TOLD_FROM_CHANCE_MAX } from './chance.ts'
import { ending, textOf, type Gap, type Link } from './ending.ts'
import { explain, type Explanation } from './explanation.ts'
import { RUNGS, type Rung } from './mark.ts'
import { KEY_KINDS, type KeyKind } from './match-key.ts'
import type { PartyId } from './party.ts'
import type { LookFinding } from './request.ts'
import type { Status } from './status.ts'
import { threadsOf } from './thread.ts'

export type { Gap, Link } from './ending.ts'

export const PARTY_OUTCOMES = ['present', 'absent', 'no-current-declaration', 'refused', 'silent', 'unreachable'] as const
export type PartyOutcome = (typeof PARTY_OUTCOMES)[number]

export const TRACE_OUTCOMES = [
  'last-holder', 'not-received', 'still-held', 'destroyed', 'ambiguous', 'absent', 'silent', 'unreadable', 'by-chance', 'unanswered',
] as const
export type TraceOutcome = (typeof TRACE_OUTCOMES)[number]

/** The other side of a transfer: a party by its id, or anybody else by name. A name never stands for a party, whatever it reads like. */
export type Whom = { readonly party: PartyId } | { readonly name: string }

/** One declared item as its party opened it; null where the section was not opened or states nothing. Times as stated, date or time. */
export interface DeclaredItem {
  readonly party: PartyId
  /** Label of the item's leaf, hex: the same item found by two keys is one item. */
  readonly label: string
  /** Where the item's stated parts contradict the recovered mark: it is another item. */
  readonly contradicts: boolean
  readonly status: Status | null
  readonly since: string | null
  readonly acquiredHow: string | null
  readonly acquiredFrom: Whom | null
  readonly acquiredWhen: string | null
  readonly releasedTo: Whom | null
  readonly releasedWhen: string | null
  /** What somebody who went to see found, where its party said so: the last word but one of no access. */
  readonly looked?: LookFinding
}

/** A candidate key that is present in a party's declaration. */
export interface Hit {
  readonly party: PartyId
  readonly kind: KeyKind
  readonly rung: Rung
  /** Why the sections stay closed: nothing was opened, or the party refused; null where the key leaf is opened. */
  readonly closed: 'not-opened' | 'refused' | null
  /** How many items share the key, by the opened key leaf; 0 where it is closed. */
  readonly shared: number
  /** Signed by the answering registry: how often a made-up mark would have hit, per cent; null where it gave no answer. */
  readonly chancePercent: number | null
  /** Candidates tried on this rung or a better one. */
  readonly tried: number
  /** The opened items, the find itself left aside; none of a key that too many share to be opened. */
  readonly items: readonly DeclaredItem[]
}

/** `asOf`: the date of the declaration that was searched. */
export interface PartyAnswer { readonly party: PartyId, readonly outcome: PartyOutcome, readonly asOf: Time | null }

export interface TraceFacts {
  readonly answers: readonly PartyAnswer[]
  /** False where no candidate could be made of the mark. */
  readonly readable: boolean
  readonly candidates: number
  readonly markCondition: string
  readonly hits: readonly Hit[]
}

export interface Conclusion {
  readonly outcome: TraceOutcome
  /** Set for last-holder, not-received, still-held and destroyed. */
  readonly lastHolder: PartyId | null
  /** Rung of the best hit that the outcome rests on; null without one. */
  readonly grade: Rung | null
  /** The hit's chance times the candidates tried, per cent, at most 100; null without an opened hit. */
  readonly chancePercent: number | null
  readonly candidates: number
  readonly counts: { readonly present: number, readonly absent: number, readonly noDeclaration: number, readonly refused: number, readonly silent: number, readonly unreachable: number }
  readonly chain: readonly Link[]
  readonly gaps: readonly Gap[]
  readonly explanations: readonly Explanation[]
  /** Parties that took the question and did not answer, named beside every outcome. */
  readonly silent: readonly PartyId[]
}

/** An item as the best hit shows it. */
export interface Sighting { readonly item: DeclaredItem, readonly hit: Hit, readonly chancePercent: number }

/** Recorded by mistake: the item was never there. */
const NEVER = 'entered-in-error'

export function conclude(facts: TraceFacts): Conclusion {
  const count = (outcome: PartyOutcome) => facts.answers.filter((answer) => answer.outcome === outcome).length
  const counts = {
    present: count('present'), absent: count('absent'), noDeclaration: count('no-current-declaration'),
    refused: count('refused'), silent: count('silent'), unreachable: count('unreachable'),
  }
  const silent = facts.answers.filter((answer) => answer.outcome === 'silent').map((answer) => answer.party)
  const told = tell(facts)
  return { ...told, candidates: facts.candidates, counts, silent, explanations: explain({ ...told, facts }) }
}

type Told = Pick<Conclusion, 'outcome' | 'lastHolder' | 'grade' | 'chancePercent' | 'chain' | 'gaps'>
const NOTHING = { lastHolder: null, grade: null, chancePercent: null, chain: [], gaps: [] } as const

function tell(facts: TraceFacts): Told {
  if (!facts.readable) return { ...NOTHING, outcome: 'unreadable' }
  const all = sightings(facts.hits)
  const crowded = facts.hits.filter(isCrowded)
  const threads = threadsOf(all.toSorted(byTier), isTold).filter((thread) => thread.some(isTold))
  const crowdedTold = crowded.filter((hit) => chanceOf(hit) <= TOLD_FROM_CHANCE_MAX)
  if (threads.length === 0 && crowdedTold.length === 0) return withoutStart(facts, all, crowded)
  const top = Math.min(...threads.map(tierOf), ...crowdedTold.map(tier))
  const leading = threads.filter((thread) => tierOf(thread) === top)
  const lead = leading[0]
  const closed = closedGaps(facts.hits)
  if (lead === undefined || leading.length > 1 || crowdedTold.some((hit) => tier(hit) === top)) {
    const best = [...leading.flat().filter(isTold).map(({ hit }) => hit), ...crowdedTold].toSorted((a, b) => tier(a) - tier(b))[0] as Hit
    return { ...NOTHING, outcome: 'ambiguous', grade: best.rung, chancePercent: chanceOf(best), gaps: closed }
  }
  const best = lead.filter(isTold).toSorted(byTier)[0] as Sighting
  const followed = follow(lead.map((each) => each.item), facts)
  const further = closed.filter((gap) => !followed.gaps.some((named) => named.gap === gap.gap && named.party === gap.party))
  return { grade: best.hit.rung, chancePercent: best.chancePercent, ...followed, gaps: [...followed.gaps, ...further] }
}

/** No hit that a chain could start at: closed ones, hits that chance explains, or none that is this item. */
function withoutStart(facts: TraceFacts, all: readonly Sighting[], crowded: readonly Hit[]): Told {
  const closed = facts.hits.filter((hit) => hit.closed !== null)
  if (closed.length > 0) return { ...NOTHING, outcome: 'unanswered', grade: bestRung(closed), gaps: closedGaps(facts.hits) }
  const byChance = [...all.map(({ hit }) => hit), ...crowded].toSorted((a, b) => chanceOf(a) - chanceOf(b) || tier(a) - tier(b))[0]
  if (byChance !== undefined) return { ...NOTHING, outcome: 'by-chance', grade: byChance.rung, chancePercent: chanceOf(byChance) }
  const aside = facts.hits.flatMap((hit) => hit.items).map((item): Gap => ({ gap: item.contradicts ? 'another-item' : 'entered-in-error', party: item.party }))
  return { ...NOTHING, outcome: 'absent', gaps: distinct(aside) }
}

/** A key that too many items share: counted, and none of them opened. */
function isCrowded(hit: Hit): boolean {
  return hit.closed === null && hit.items.length === 0 && hit.shared > 0
}

function isTold({ chancePercent }: Sighting): boolean {
  return chancePercent <= TOLD_FROM_CHANCE_MAX
}

/** Per cent with one decimal at most, never above 100; a hit without a measured chance counts as one that any mark would have had. */
function chanceOf(hit: Hit): number {
  return Math.min(100, Math.round((hit.chancePercent ?? 100) * hit.tried * 10) / 10)
}

/** One sighting an item, by the best hit that shows it; what contradicts the mark or was entered in error is left aside. */
function sightings(hits: readonly Hit[]): Sighting[] {
  const found = new Map<string, Sighting>()
  for (const hit of hits) {
    for (const item of hit.items) {
      if (item.contradicts || item.status === NEVER) continue
      const sighting = { item, hit, chancePercent: chanceOf(hit) }
      const key = `${item.party} ${item.label}`
      const known = found.get(key)
      if (known === undefined || byTier(sighting, known) < 0) found.set(key, sighting)
    }
  }
  return [...found.values()]
}

function tier(hit: Hit): number {
  return KEY_KINDS.indexOf(hit.kind) * RUNGS.length + RUNGS.indexOf(hit.rung)
}

/** Told from chance first, then better key, better rung, then the party's and the label's text: an order that no maker of a dossier can choose. */
function byTier(a: Sighting, b: Sighting): number {
  return Number(isTold(b)) - Number(isTold(a)) || tier(a.hit) - tier(b.hit)
    || order(a.item.party, b.item.party) || order(a.item.label, b.item.label)
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function tierOf(thread: readonly Sighting[]): number {
  return Math.min(...thread.filter(isTold).map((each) => tier(each.hit)))
}

function bestRung(hits: readonly Hit[]): Rung | null {
  return hits.toSorted((a, b) => tier(a) - tier(b))[0]?.rung ?? null
}

function closedGaps(hits: readonly Hit[]): Gap[] {
  return distinct(hits.filter((hit) => hit.closed !== null).map((hit) => ({ gap: 'sections-closed', party: hit.party })))
}

function distinct(gaps: readonly Gap[]): Gap[] {
  return gaps.filter((each, i) => gaps.findIndex((other) => other.gap === each.gap && other.party === each.party) === i)
}

function follow(items: readonly DeclaredItem[], facts: TraceFacts): Pick<Told, 'outcome' | 'lastHolder' | 'chain' | 'gaps'> {
  const chain: Link[] = []
  const gaps: Gap[] = []
  const first = items[0] as DeclaredItem
  if (first.acquiredHow === 'manufactured') chain.push({ step: 'made', party: first.party, with: null, when: first.acquiredWhen, status: null })
  else gaps.push({ gap: 'origin-not-shown', party: first.party })
  items.forEach((item, i) => {
    const next = items[i + 1]
    chain.push({ step: 'held', party: item.party, with: item.acquiredFrom === null ? null : textOf(item.acquiredFrom), when: item.acquiredWhen, status: item.status })
    if (next === undefined) return
    chain.push({ step: 'delivered', party: item.party, with: next.party, when: item.releasedWhen, status: null })
    if (next.acquiredFrom === null) gaps.push({ gap: 'receipt-not-shown', party: next.party })
    if (item.releasedTo === null) gaps.push({ gap: 'release-not-shown', party: item.party })
  })
  const last = items.at(-1) as DeclaredItem
  const end = ending(last, facts)
  if (end.link !== undefined) chain.push(end.link)
  return { outcome: end.outcome, lastHolder: end.held ? last.party : null, chain, gaps: [...gaps, end.gap] }
}
