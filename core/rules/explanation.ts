// Competing explanations of a trace (DESIGN section 5, step 6): what could have happened, each with the facts for and against it, side
// by side. Nothing here weighs them against one another: that is for people, and the case stays open while they differ.
import type { Conclusion, TraceFacts } from './chain.ts'
import type { PartyId } from './party.ts'

/** A fact as a code that each side reads in its own language, and the party whose record or answer it is. */
export interface Fact {
  readonly fact: 'record-says-lost' | 'record-says-held' | 'record-says-destroyed' | 'record-says-released' | 'addressee-declares-nothing' | 'addressee-outside' | 'mark-intact' | 'mark-damaged'
    | 'read-as-written' | 'read-with-guesses' | 'silent-party' | 'no-declaration' | 'refused' | 'unreachable' | 'sections-closed' | 'several-records' | 'all-answered' | 'not-told-from-chance'
    | 'record-of-another-item' | 'looked-and-seen' | 'looked-and-not-seen'
  readonly party: PartyId | null
}

export interface Explanation {
  readonly what: 'lost-or-stolen-from-holder' | 'false-or-copied-mark' | 'taken-unnoticed' | 'record-wrong' | 'not-destroyed-as-recorded' | 'diverted-on-the-way'
    | 'received-and-not-declared' | 'never-dispatched' | 'held-by-a-party-that-did-not-answer' | 'from-outside-the-agreement' | 'left-out-of-a-declaration'
    | 'went-outside-the-agreement' | 'one-of-several' | 'coincidence' | 'misread-mark'
  readonly for: readonly Fact[]
  readonly against: readonly Fact[]
}

type Told = Pick<Conclusion, 'outcome' | 'grade' | 'chain' | 'gaps'> & { readonly facts: TraceFacts }
type Says = (fact: Fact['fact'], party?: PartyId) => Fact

const DAMAGED = new Set(['partly-legible', 'painted-over', 'erased', 'altered', 're-marked'])

export function explain(told: Told): Explanation[] {
  const { outcome, grade, chain, facts } = told
  const last = chain.at(-1)?.party ?? null
  const says: Says = (fact, party) => ({ fact, party: party ?? last })
  const condition: readonly Fact[] = facts.markCondition === 'intact' ? [{ fact: 'mark-intact', party: null }] : DAMAGED.has(facts.markCondition) ? [{ fact: 'mark-damaged', party: null }] : []
  const reading: readonly Fact[] = grade === null ? [] : [{ fact: grade === 'wildcard' ? 'read-with-guesses' : 'read-as-written', party: null }]
  const all = [...condition, ...reading]
  const doubt = all.filter((each) => each.fact === 'mark-damaged' || each.fact === 'read-with-guesses')
  const trust = all.filter((each) => each.fact === 'mark-intact' || each.fact === 'read-as-written')
  const falseMark: Explanation = { what: 'false-or-copied-mark', for: doubt, against: trust }
  switch (outcome) {
    case 'last-holder': return [{ what: 'lost-or-stolen-from-holder', for: [says('record-says-lost'), ...trust], against: doubt }, falseMark]
    case 'still-held': return stillHeld(told, says, { doubt, trust })
    case 'destroyed': return [
      { what: 'not-destroyed-as-recorded', for: trust, against: [says('record-says-destroyed')] },
      { ...falseMark, for: [says('record-says-destroyed'), ...doubt] },
    ]
    case 'not-received': return notReceived(told, says)
    case 'silent':
    case 'unanswered': return [...unanswered(told, says), falseMark]
    case 'ambiguous': return [{ what: 'one-of-several', for: [{ fact: 'several-records', party: null }], against: [] }, { what: 'misread-mark', for: doubt, against: trust }]
    case 'by-chance': return [{ what: 'coincidence', for: [{ fact: 'not-told-from-chance', party: null }], against: [] }, ...nowhere(told, doubt, trust)]
    case 'absent': return nowhere(told, doubt, trust)
    case 'unreadable': return [{ what: 'misread-mark', for: all, against: [] }]
  }
}

/** The item stands in a record, and where its party has looked, it is there or not. */
function stillHeld({ chain, facts }: Told, says: Says, { doubt, trust }: { readonly doubt: readonly Fact[], readonly trust: readonly Fact[] }): Explanation[] {
  const holder = chain.at(-1)?.party
  const looks = facts.hits.filter(({ party }) => party === holder).flatMap(({ items }) => items.flatMap(({ looked }) => looked ?? []))
  const seen: readonly Fact[] = looks.includes('seen') ? [says('looked-and-seen')] : []
  const gone: readonly Fact[] = looks.includes('not-seen') ? [says('looked-and-not-seen')] : []
  const held = says('record-says-held')
  return [
    { what: 'taken-unnoticed', for: [...gone, ...trust], against: [held, ...seen] },
    { what: 'false-or-copied-mark', for: [held, ...seen, ...doubt], against: [...gone, ...trust] },
    { what: 'record-wrong', for: [...gone, ...trust], against: [held, ...seen] },
  ]
}

function notReceived({ gaps }: Told, says: Says): Explanation[] {
  const sent = says('record-says-released')
  const addressee = gaps.find(({ gap }) => gap === 'not-received')
  const nothing: readonly Fact[] = addressee === undefined ? [] : [says('addressee-declares-nothing', addressee.party as PartyId)]
  return [
    { what: 'diverted-on-the-way', for: [sent, ...nothing], against: [] },
    { what: 'received-and-not-declared', for: [sent], against: nothing },
    { what: 'never-dispatched', for: nothing, against: [sent] },
  ]
}

function unanswered({ gaps, facts }: Told, says: Says): Explanation[] {
  const outside = gaps.some(({ gap }) => gap === 'addressee-outside')
  const closed = gaps.filter(({ gap }) => gap === 'sections-closed').map(({ party }) => says('sections-closed', party as PartyId))
  const open = [...closed, ...notSearched(facts)]
  return [
    ...(outside ? [{ what: 'went-outside-the-agreement' as const, for: [says('record-says-released'), { fact: 'addressee-outside' as const, party: null }], against: [] }] : []),
    ...(open.length > 0 ? [{ what: 'held-by-a-party-that-did-not-answer' as const, for: open, against: [] }] : []),
  ]
}

/** No record of this item: from elsewhere, left out, with one that did not answer, or another number than was read. */
function nowhere({ gaps, facts }: Told, doubt: readonly Fact[], trust: readonly Fact[]): Explanation[] {
  const open = notSearched(facts)
  const others = gaps.filter(({ gap }) => gap === 'another-item').map(({ party }): Fact => ({ fact: 'record-of-another-item', party: party as PartyId }))
  return [
    { what: 'from-outside-the-agreement', for: open.length === 0 ? [{ fact: 'all-answered', party: null }] : [], against: open },
    { what: 'left-out-of-a-declaration', for: trust, against: [] },
    ...(open.length > 0 ? [{ what: 'held-by-a-party-that-did-not-answer' as const, for: open, against: [] }] : []),
    { what: 'misread-mark', for: [...doubt, ...others], against: trust },
  ]
}

/** The parties whose declarations could not be searched, and why. */
function notSearched(facts: TraceFacts): Fact[] {
  const why = { 'silent': 'silent-party', 'no-current-declaration': 'no-declaration', 'refused': 'refused', 'unreachable': 'unreachable' } as const
  return facts.answers.flatMap((answer) => answer.outcome in why ? [{ fact: why[answer.outcome as keyof typeof why], party: answer.party }] : [])
}
