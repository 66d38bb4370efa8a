// Competing explanations of a trace (DESIGN section 5, step 6): what could have happened, each with the facts for and against it, side
// by side. Nothing here weighs them against one another: that is for people, and the case stays open while they differ.
import type { TraceFacts, TraceOutcome } from './chain.ts'
import type { Rung } from './mark.ts'
import type { PartyId } from './party.ts'

/** A fact as a code that each side reads in its own language, and the party whose record or answer it is. */
export interface Fact {
  readonly fact: 'record-says-lost' | 'record-says-held' | 'record-says-destroyed' | 'record-says-released' | 'addressee-declares-nothing' | 'mark-intact' | 'mark-damaged'
    | 'read-as-written' | 'read-with-guesses' | 'silent-party' | 'no-declaration' | 'refused' | 'unreachable' | 'several-records' | 'all-answered'
  readonly party: PartyId | null
}

export interface Explanation {
  readonly what: 'lost-or-stolen-from-holder' | 'false-or-copied-mark' | 'taken-unnoticed' | 'record-wrong' | 'not-destroyed-as-recorded' | 'diverted-on-the-way'
    | 'received-and-not-declared' | 'never-dispatched' | 'held-by-a-party-that-did-not-answer' | 'from-outside-the-agreement' | 'left-out-of-a-declaration'
    | 'one-of-several' | 'misread-mark'
  readonly for: readonly Fact[]
  readonly against: readonly Fact[]
}

const DAMAGED = new Set(['partly-legible', 'painted-over', 'erased', 'altered', 're-marked'])

export function explain(outcome: TraceOutcome, holder: PartyId | null, grade: Rung | null, facts: TraceFacts): Explanation[] {
  const mark: Fact = { fact: DAMAGED.has(facts.markCondition) ? 'mark-damaged' : 'mark-intact', party: null }
  const reading: Fact = { fact: grade === 'wildcard' ? 'read-with-guesses' : 'read-as-written', party: null }
  const doubt = [mark, reading].filter((each) => each.fact === 'mark-damaged' || each.fact === 'read-with-guesses')
  const trust = [mark, reading].filter((each) => each.fact === 'mark-intact' || each.fact === 'read-as-written')
  const says = (fact: Fact['fact']): Fact => ({ fact, party: holder })
  const falseMark: Explanation = { what: 'false-or-copied-mark', for: doubt, against: trust }
  const open = unanswered(facts)
  switch (outcome) {
    case 'last-holder': return [{ what: 'lost-or-stolen-from-holder', for: [says('record-says-lost'), ...trust], against: doubt }, falseMark]
    case 'still-held': return [
      { what: 'taken-unnoticed', for: trust, against: [says('record-says-held')] },
      { ...falseMark, for: [says('record-says-held'), ...doubt] },
      { what: 'record-wrong', for: [], against: [says('record-says-held')] },
    ]
    case 'destroyed': return [
      { what: 'not-destroyed-as-recorded', for: trust, against: [says('record-says-destroyed')] },
      { ...falseMark, for: [says('record-says-destroyed'), ...doubt] },
    ]
    case 'not-received': return [
      { what: 'diverted-on-the-way', for: [says('record-says-released')], against: [] },
      { what: 'received-and-not-declared', for: [says('record-says-released')], against: [{ fact: 'addressee-declares-nothing', party: null }] },
      { what: 'never-dispatched', for: [{ fact: 'addressee-declares-nothing', party: null }], against: [says('record-says-released')] },
    ]
    case 'silent':
    case 'unanswered': return [{ what: 'held-by-a-party-that-did-not-answer', for: open, against: [] }, falseMark]
    case 'ambiguous': return [{ what: 'one-of-several', for: [{ fact: 'several-records', party: null }], against: [] }]
    case 'by-chance':
    case 'absent': return [
      { what: 'from-outside-the-agreement', for: [], against: [] },
      { what: 'left-out-of-a-declaration', for: [], against: [] },
      ...(open.length > 0 ? [{ what: 'held-by-a-party-that-did-not-answer' as const, for: open, against: [] }] : []),
      { what: 'misread-mark', for: doubt, against: trust },
    ]
    case 'unreadable': return [{ what: 'misread-mark', for: [mark], against: [] }]
  }
}

/** The parties whose declarations could not be searched, and why. */
function unanswered(facts: TraceFacts): Fact[] {
  const why = { 'silent': 'silent-party', 'no-current-declaration': 'no-declaration', 'refused': 'refused', 'unreachable': 'unreachable' } as const
  return facts.answers.flatMap((answer) => answer.outcome in why ? [{ fact: why[answer.outcome as keyof typeof why], party: answer.party }] : [])
}
