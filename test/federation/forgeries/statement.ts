// Forgeries of what is stated: outcomes, holder, grade, chance, chain, gaps, explanations and cosigners that the evidence does not bear.
import { PARTY_OUTCOMES, TRACE_OUTCOMES } from '@muster/core/rules/chain.ts'
import { RUNGS } from '@muster/core/rules/mark.ts'
import { concluding, raised, withParty, type Ground, type Made } from './forgery.ts'

export function* ofStatements(ground: Ground): Made {
  yield* ofOutcomes(ground)
  yield* ofEnding(ground)
  yield* ofGrade(ground)
  yield* ofChain(ground)
  yield* ofExplanations(ground)
  yield* ofQuorum(ground)
}

function* ofOutcomes(ground: Ground): Made {
  const { made: { body, assessment: { conclusion } } } = ground
  for (const { party, outcome } of body.parties) {
    for (const other of PARTY_OUTCOMES) {
      if (other !== outcome) yield { kind: 'the outcome of a party edited', of: `${party} ${other}`, code: 'dossier/outcome', party, says: `says ${other} of ${party}, the evidence shows ${outcome}`, body: withParty(ground, party, () => ({ outcome: other })) }
    }
  }
  for (const [name, count] of Object.entries(conclusion.counts)) yield concluding(ground)('a count edited', name, 'counts', { counts: { ...conclusion.counts, [name]: count + 1 } })
}

/** Another ending than the one that follows. */
export function* ofEnding(ground: Ground): Made {
  const { made: { body, assessment: { conclusion } } } = ground
  const stated = concluding(ground)
  for (const outcome of TRACE_OUTCOMES) if (outcome !== conclusion.outcome) yield stated('another outcome', outcome, 'outcome', { outcome })
  for (const { party } of body.parties) if (party !== conclusion.lastHolder) yield stated('another last holder', party, 'lastHolder', { lastHolder: party })
  if (conclusion.lastHolder !== null) yield stated('no last holder', conclusion.lastHolder, 'lastHolder', { lastHolder: null })
}

function* ofGrade(ground: Ground): Made {
  const { grade, chancePercent, candidates } = ground.made.assessment.conclusion
  const stated = concluding(ground)
  for (const rung of [...RUNGS, null]) if (rung !== grade) yield stated('another grade', rung ?? 'none', 'grade', { grade: rung })
  for (const percent of [0, 0.1, 1, 100, null]) if (percent !== chancePercent) yield stated('another chance', `${percent}`, 'chancePercent', { chancePercent: percent })
  for (const count of [0, 1, candidates - 1, candidates + 1]) yield stated('another number of candidates', `${count}`, 'candidates', { candidates: count })
}

function* ofChain(ground: Ground): Made {
  const { chain, gaps, silent } = ground.made.assessment.conclusion
  const stated = concluding(ground)
  for (const [i, link] of chain.entries()) {
    yield stated('a link left out', `${i}`, 'chain', { chain: chain.toSpliced(i, 1) })
    yield stated('a link of another party', `${i}`, 'chain', { chain: chain.with(i, { ...link, party: ground.paper.asker.id }) })
    yield stated('a link on another day', `${i}`, 'chain', { chain: chain.with(i, { ...link, when: '2020-01-01T00:00:00Z' }) })
    yield stated('a link with another side', `${i}`, 'chain', { chain: chain.with(i, { ...link, with: '"Nobody"' }) })
    if (i > 0) yield stated('two links exchanged', `${i}`, 'chain', { chain: chain.with(i, chain[i - 1] as typeof link).with(i - 1, link) })
  }
  for (const [i] of gaps.entries()) yield stated('a gap left out', `${i}`, 'gaps', { gaps: gaps.toSpliced(i, 1) })
  yield stated('a gap more', 'all', 'gaps', { gaps: [...gaps, { gap: 'still-claimed', party: ground.paper.asker.id }] })
  for (const party of silent) yield stated('a silent party not named', party, 'silent', { silent: silent.filter((each) => each !== party) })
  yield stated('a party called silent', ground.paper.asker.id, 'silent', { silent: [...silent, ground.paper.asker.id] })
}

function* ofExplanations(ground: Ground): Made {
  const { explanations } = ground.made.assessment.conclusion
  const stated = concluding(ground)
  for (const [i, { what, ...facts }] of explanations.entries()) {
    yield stated('an explanation left out', what, 'explanations', { explanations: explanations.toSpliced(i, 1) })
    for (const side of ['for', 'against'] as const) {
      if (facts[side].length > 0) yield stated(`the facts ${side} an explanation left out`, what, 'explanations', { explanations: explanations.with(i, { what, ...facts, [side]: [] }) })
    }
    yield stated('an explanation with its facts exchanged', what, 'explanations', { explanations: explanations.with(i, { what, for: facts.against, against: facts.for }) })
  }
  yield stated('the explanations in another order', 'all', 'explanations', { explanations: explanations.toReversed() })
  yield stated('a member more', 'verified', 'verified', { verified: true })
}

function* ofQuorum(ground: Ground): Made {
  const { made: { body, assessment: { conclusion: { quorum } } } } = ground
  const stated = concluding(ground)
  yield stated('a lower quorum', 'needed', 'quorum', { quorum: { ...quorum, needed: 2 } })
  yield stated('fewer parties', 'of', 'quorum', { quorum: { ...quorum, of: quorum.needed } })
  yield stated('more witnesses of the find', 'find', 'quorum', { quorum: { ...quorum, find: quorum.find + 1 } })
  for (const { party } of quorum.parties) {
    for (const what of ['witnessed', 'read'] as const) yield stated('cosigners claimed', `${party} ${what}`, 'quorum', { quorum: raised(body.conclusion, party, what, 3)['quorum'] })
    yield stated('a declaration as of another day', party, 'quorum', { quorum: { ...quorum, parties: quorum.parties.map((each) => each.party === party ? { ...each, asOf: '2026-03-02T09:59:00Z' } : each) } })
  }
}
