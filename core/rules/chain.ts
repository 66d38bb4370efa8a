// From answers to a chain of custody (DESIGN section 5, step 6): made → delivered → held → released → …, each gap named, competing
// explanations side by side. The maker of a dossier and its verifier run this same function on facts that both take from the
// evidence, so a conclusion that does not follow is refused. It accuses nobody of more than the facts hold: a party that could not be
// asked, or that says nothing without having been offered the question, is a gap and no verdict.
import type { PartyId } from './party.ts'
import { explain, type Explanation } from './explanation.ts'
import { KEY_KINDS, type KeyKind } from './match-key.ts'
import { RUNGS, type Rung } from './mark.ts'

/** Above this product of chance and candidates tried, a hit cannot be told from chance (DESIGN section 3.1); per cent. */
export const CHANCE_PERCENT_MAX = 5

export const PARTY_OUTCOMES = ['present', 'absent', 'no-current-declaration', 'refused', 'silent', 'unreachable'] as const
export type PartyOutcome = (typeof PARTY_OUTCOMES)[number]

export const TRACE_OUTCOMES = [
  'last-holder', 'not-received', 'still-held', 'destroyed', 'ambiguous', 'absent', 'silent', 'unreadable', 'by-chance', 'unanswered',
] as const
export type TraceOutcome = (typeof TRACE_OUTCOMES)[number]


/** One declared item as its party opened it; null where the section was not opened or states nothing. Times as stated, date or time. */
export interface DeclaredItem {
  readonly party: PartyId
  /** Label of the item's leaf, hex: the same item found by two keys is one item. */
  readonly label: string
  /** Where the item's stated parts contradict the recovered mark: it is another item. */
  readonly contradicts: boolean
  readonly status: string | null
  readonly since: string | null
  readonly acquiredHow: string | null
  /** A party id, a name outside the agreement, or null. */
  readonly acquiredFrom: string | null
  readonly acquiredWhen: string | null
  readonly releasedTo: string | null
  readonly releasedWhen: string | null
}

/** A candidate key that is present in a party's declaration. */
export interface Hit {
  readonly party: PartyId
  readonly kind: KeyKind
  readonly rung: Rung
  /** How many items share the key, by the opened key leaf; null where it was not opened. */
  readonly shared: number | null
  /** Signed by the answering registry: how often a made-up mark would have hit, per cent; null where it gave no answer. */
  readonly chancePercent: number | null
  /** Candidates tried on this rung or a better one. */
  readonly tried: number
  readonly items: readonly DeclaredItem[]
}

export interface TraceFacts {
  readonly answers: readonly { readonly party: PartyId, readonly outcome: PartyOutcome }[]
  /** False where no candidate could be made of the mark. */
  readonly readable: boolean
  readonly candidates: number
  readonly markCondition: string
  readonly hits: readonly Hit[]
}

export interface Link {
  readonly step: 'made' | 'delivered' | 'held' | 'released' | 'ended'
  readonly party: PartyId
  readonly with: string | null
  readonly when: string | null
  readonly status: string | null
}

export interface Gap {
  readonly gap: 'origin-not-shown' | 'receipt-not-shown' | 'not-received' | 'addressee-silent' | 'addressee-unanswered' | 'addressee-outside'
    | 'lost-reported' | 'still-claimed' | 'recorded-destroyed' | 'sections-closed'
  readonly party: string
}

export interface Conclusion {
  readonly outcome: TraceOutcome
  readonly lastHolder: PartyId | null
  /** Rung of the best hit that the outcome rests on; null without one. */
  readonly grade: Rung | null
  /** The hit's chance times the candidates tried, per cent with one decimal at most; null without a hit. */
  readonly chancePercent: number | null
  readonly candidates: number
  readonly counts: { readonly present: number, readonly absent: number, readonly noDeclaration: number, readonly refused: number, readonly silent: number, readonly unreachable: number }
  readonly chain: readonly Link[]
  readonly gaps: readonly Gap[]
  readonly explanations: readonly Explanation[]
  /** Parties that neither gave an answer nor a reason, named beside every outcome. */
  readonly silent: readonly PartyId[]
}

interface Sighting { readonly item: DeclaredItem, readonly hit: Hit, readonly chancePercent: number }

const DESTROYED = new Set(['destroyed', 'expended', 'demilitarised'])
const REPORTED_GONE = new Set(['lost', 'stolen', 'missing'])
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
  return { ...told, candidates: facts.candidates, counts, silent, explanations: explain(told.outcome, told.lastHolder, told.grade, facts) }
}

type Told = Pick<Conclusion, 'outcome' | 'lastHolder' | 'grade' | 'chancePercent' | 'chain' | 'gaps'>

function tell(facts: TraceFacts): Told {
  const nothing = { lastHolder: null, grade: null, chancePercent: null, chain: [], gaps: [] }
  if (!facts.readable) return { outcome: 'unreadable', ...nothing }
  const all = sightings(facts.hits)
  const closed = facts.hits.filter((hit) => hit.shared === null)
  if (all.length === 0 && closed.length === 0) return { outcome: 'absent', ...nothing }
  const counted = all.filter((each) => each.chancePercent <= CHANCE_PERCENT_MAX)
  if (counted.length === 0) {
    if (closed.length > 0) return { ...nothing, outcome: 'unanswered', grade: best(closed), gaps: closed.map((hit) => ({ gap: 'sections-closed', party: hit.party })) }
    const first = all.toSorted(byTier)[0] as Sighting
    return { ...nothing, outcome: 'by-chance', grade: first.hit.rung, chancePercent: first.chancePercent }
  }
  const threads = threadsOf(counted)
  const top = Math.min(...threads.map(tierOf))
  const leading = threads.filter((thread) => tierOf(thread) === top)
  const lead = leading[0] as Sighting[]
  const sighting = lead.toSorted(byTier)[0] as Sighting
  const shared = { grade: sighting.hit.rung, chancePercent: sighting.chancePercent }
  if (leading.length > 1) return { ...nothing, ...shared, outcome: 'ambiguous' }
  return { ...shared, ...follow(lead.map((each) => each.item), facts) }
}

/** One sighting an item, by the best hit that shows it; what contradicts the mark or was entered in error is left aside. */
function sightings(hits: readonly Hit[]): Sighting[] {
  const found = new Map<string, Sighting>()
  for (const hit of hits) {
    const chancePercent = Math.round((hit.chancePercent ?? 100) * hit.tried * 10) / 10
    for (const item of hit.items) {
      if (item.contradicts || item.status === NEVER) continue
      const sighting = { item, hit, chancePercent }
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

/** Better key first, then better rung, then the party's and the label's text: an order that no maker of a dossier can choose. */
function byTier(a: Sighting, b: Sighting): number {
  return Number(a.chancePercent > CHANCE_PERCENT_MAX) - Number(b.chancePercent > CHANCE_PERCENT_MAX) || tier(a.hit) - tier(b.hit)
    || order(a.item.party, b.item.party) || order(a.item.label, b.item.label)
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function tierOf(thread: readonly Sighting[]): number {
  return Math.min(...thread.map((each) => tier(each.hit)))
}

function best(hits: readonly Hit[]): Rung | null {
  return hits.toSorted((a, b) => tier(a) - tier(b))[0]?.rung ?? null
}

/** A release to the other's party is met by an acquisition that names the first one, or names nobody; dates must not run backwards. */
function delivers(from: DeclaredItem, to: DeclaredItem): boolean {
  if (from.releasedTo !== to.party || from.party === to.party) return false
  if (to.acquiredFrom !== null && to.acquiredFrom !== from.party) return false
  const sent = from.releasedWhen?.slice(0, 10)
  const came = to.acquiredWhen?.slice(0, 10)
  return to.acquiredFrom === null || sent === undefined || came === undefined || !isDay(sent) || !isDay(came) || sent <= came
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text)
}

/** Items tied by deliveries are one thread, in order of custody: one weapon, as several parties recorded it. */
function threadsOf(all: readonly Sighting[]): Sighting[][] {
  const sorted = all.toSorted(byTier)
  const next = new Map<Sighting, Sighting>()
  const reached = new Set<Sighting>()
  for (const from of sorted) {
    const to = sorted.find((each) => !reached.has(each) && delivers(from.item, each.item) && each.item.acquiredFrom === from.item.party)
      ?? sorted.find((each) => !reached.has(each) && delivers(from.item, each.item))
    if (to === undefined || leadsTo(next, to, from)) continue
    next.set(from, to)
    reached.add(to)
  }
  return sorted.filter((each) => !reached.has(each)).map((start) => {
    const thread = [start]
    for (let at = next.get(start); at !== undefined; at = next.get(at)) thread.push(at)
    return thread
  })
}

function leadsTo(next: ReadonlyMap<Sighting, Sighting>, from: Sighting, target: Sighting): boolean {
  for (let at: Sighting | undefined = from; at !== undefined; at = next.get(at)) if (at === target) return true
  return false
}

function follow(items: readonly DeclaredItem[], facts: TraceFacts): Pick<Told, 'outcome' | 'lastHolder' | 'chain' | 'gaps'> {
  const chain: Link[] = []
  const gaps: Gap[] = []
  const first = items[0] as DeclaredItem
  if (first.acquiredHow === 'manufactured') chain.push({ step: 'made', party: first.party, with: null, when: first.acquiredWhen, status: null })
  else gaps.push({ gap: 'origin-not-shown', party: first.party })
  items.forEach((item, i) => {
    const next = items[i + 1]
    chain.push({ step: 'held', party: item.party, with: item.acquiredFrom, when: item.acquiredWhen, status: item.status })
    if (next === undefined) return
    chain.push({ step: 'delivered', party: item.party, with: next.party, when: item.releasedWhen, status: null })
    if (next.acquiredFrom === null) gaps.push({ gap: 'receipt-not-shown', party: next.party })
  })
  const last = items.at(-1) as DeclaredItem
  const end = ending(last, facts)
  chain.push(end.link)
  return { outcome: end.outcome, lastHolder: end.held ? last.party : null, chain, gaps: [...gaps, end.gap] }
}

/** What the last known record says, and what that makes of the trace. */
function ending(last: DeclaredItem, facts: TraceFacts): { outcome: TraceOutcome, held: boolean, link: Link, gap: Gap } {
  const { party, status, since } = last
  const ended = { step: 'ended', party, with: null, when: since, status } as const
  if (last.releasedTo !== null) {
    const link = { step: 'released', party, with: last.releasedTo, when: last.releasedWhen, status } as const
    const addressee = facts.answers.find((answer) => answer.party === last.releasedTo)
    switch (addressee?.outcome) {
      // Present, but with no record that this release leads to: that the item came is not declared.
      case 'present':
      case 'absent': return { outcome: 'not-received', held: true, link, gap: { gap: 'not-received', party: last.releasedTo } }
      case 'silent': return { outcome: 'silent', held: false, link, gap: { gap: 'addressee-silent', party: last.releasedTo } }
      case 'no-current-declaration':
      case 'refused':
      case 'unreachable': return { outcome: 'unanswered', held: false, link, gap: { gap: 'addressee-unanswered', party: last.releasedTo } }
      case undefined: return { outcome: 'unanswered', held: false, link, gap: { gap: 'addressee-outside', party: last.releasedTo } }
    }
  }
  if (status === null) return { outcome: 'unanswered', held: false, link: { ...ended, step: 'held' }, gap: { gap: 'sections-closed', party } }
  if (DESTROYED.has(status)) return { outcome: 'destroyed', held: true, link: ended, gap: { gap: 'recorded-destroyed', party } }
  if (REPORTED_GONE.has(status)) return { outcome: 'last-holder', held: true, link: ended, gap: { gap: 'lost-reported', party } }
  return { outcome: 'still-held', held: true, link: { ...ended, step: 'held' }, gap: { gap: 'still-claimed', party } }
}
