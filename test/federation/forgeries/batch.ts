// Forgeries of what was asked blindly: another input or blind under a true transcript, and proofs of presence and absence that are another's.
import { fromBase64, toBase64, toHex } from '@muster/core/bytes/bytes.ts'
import { labelOfOutput } from '@muster/core/oprf/label.ts'
import { finalizeEach } from '@muster/core/oprf/oprf.ts'
import type { Lookup, PartyEvidence } from '@muster/core/wire/dossier.ts'
import { traceBody } from '@muster/core/wire/trace-body.ts'
import type { Paper } from '../paper.ts'
import { ask, candidatesOf, evidenceOf, type PaperQuestion } from '../paper-trace.ts'
import { answering, at, forging, type Forgery, type Ground, type Made } from './forgery.ts'

const OTHER_INPUT = 'input-not-the-one-blinded'
/** What else hangs on a label that is forged. */
const NOTHING_OPENED = { formal: null, items: [] } as const

export function* ofBatches(ground: Ground): Made {
  for (const question of answering(ground)) {
    for (const element of candidatesOf(ground.paper.finds[0]).keys()) {
      yield* ofInput(ground, question, element)
      yield* ofLookup(ground, question, element)
    }
    yield ofAllInputs(ground, question)
    yield* ofPadding(ground, question)
  }
}

interface Claim { readonly opened: PartyEvidence['opened'][number], readonly lookup: Lookup }

/** What Finalize gives for any input and blind, and the true place of that label: only the blinding done again tells. */
function claimed({ group }: Paper, { party, answer }: PaperQuestion, element: number, input: Uint8Array, blind: Uint8Array): Claim {
  const elements = traceBody('evaluation/answer', answer?.payload.body).elements ?? []
  const [output] = finalizeEach(group, [input], [blind], [fromBase64(at(elements, element)) as Uint8Array]) as [Uint8Array]
  return { opened: { element, input: toBase64(input), blind: toHex(blind) }, lookup: party.newer.lookup(element, labelOfOutput(output)) }
}

/** Nothing of the find was asked: random inputs were, and every opened input claims to be one of them. No check but one can tell. */
function ofAllInputs(ground: Ground, { party }: PaperQuestion): Forgery {
  const { paper } = ground
  const candidates = candidatesOf(paper.finds[0])
  const decoy = ask(paper, party, paper.finds[0], { inputs: candidates.map((_, i) => paper.draw(`decoy ${party.id} ${i}`)), name: 'decoys' })
  const lies = candidates.map(({ key }, element) => claimed(paper, decoy, element, key, at(decoy.blinds, element)))
  return forging(ground, party.id)('other inputs under a true transcript', OTHER_INPUT, 'blindedElements[0]', () => ({
    ...evidenceOf(paper, decoy, undefined), outcome: 'absent', opened: lies.map(({ opened }) => opened), lookups: lies.map(({ lookup }) => lookup), ...NOTHING_OPENED,
  }))
}

function* ofInput(ground: Ground, question: PaperQuestion, element: number): Made {
  const { paper } = ground
  const { party } = question
  const forged = forging(ground, party.id)
  const candidates = candidatesOf(paper.finds[0])
  const candidate = at(candidates, element)
  const decoy = ask(paper, party, paper.finds[0], { inputs: candidates.map(({ key }, i) => i === element ? paper.draw(`decoy ${party.id} ${i}`) : key), name: `decoy ${element}` })
  const lie = claimed(paper, decoy, element, candidate.key, at(decoy.blinds, element))
  const truth = evidenceOf(paper, decoy, undefined)
  const element_ = `blindedElements[${element}]`
  yield { ...forged('another input under a true transcript', OTHER_INPUT, element_, () => ({
    ...truth, outcome: 'absent', opened: truth.opened.with(element, lie.opened), lookups: truth.lookups.with(element, lie.lookup), ...NOTHING_OPENED,
  })), of: `${party.id} ${element}` }
  const other = claimed(paper, question, element, candidate.key, paper.group.hashToScalar(paper.draw(`other blind ${party.id} ${element}`), paper.draw('scalars')))
  yield { ...forged('right input, other blind', OTHER_INPUT, element_, ({ opened, lookups }) => ({
    outcome: 'absent', opened: opened.with(element, other.opened), lookups: lookups.with(element, other.lookup), ...NOTHING_OPENED,
  })), of: `${party.id} ${element}` }
  const swap = (element + 1) % candidates.length
  const [one, two] = [claimed(paper, question, swap, candidate.key, at(question.blinds, element)), claimed(paper, question, element, at(candidates, swap).key, at(question.blinds, swap))]
  yield { ...forged('two elements exchanged', OTHER_INPUT, 'blindedElements', ({ opened, lookups }) => ({
    opened: opened.with(element, one.opened).with(swap, two.opened), lookups: lookups.with(element, one.lookup).with(swap, two.lookup), ...NOTHING_OPENED,
  })), of: `${party.id} ${element}` }
  yield { ...forged('a candidate of the ladder not asked', 'answer/candidate-not-asked', `${candidate.reading} (${candidate.kind}, ${candidate.rung})`, ({ opened, lookups }) => ({
    outcome: 'absent', opened: opened.toSpliced(element, 1), lookups: lookups.toSpliced(element, 1), ...NOTHING_OPENED,
  })), of: `${party.id} ${element}` }
}

function* ofLookup(ground: Ground, { party, outputs }: PaperQuestion, element: number): Made {
  const { draw } = ground.paper
  const forged = (kind: string, says: string, lookup: Lookup, outcome: PartyEvidence['outcome'] = 'absent') => ({
    ...forging(ground, party.id)(kind, 'answer/lookup', `element ${element} ${says}`, ({ lookups }) => ({ outcome, lookups: lookups.with(element, lookup), ...NOTHING_OPENED })), of: `${party.id} ${element}`,
  })
  const label = labelOfOutput(at(outputs, element))
  const elsewhere = party.newer.lookup(element, draw(`a label that nobody declared ${element}`))
  const stranger = party.newer.lookup(element, at(party.newer.entries, 11 + element).subarray(0, 32))
  yield forged('the proof that another item is absent', 'is not declared fails', elsewhere)
  yield forged('the proof that another item is present', 'is declared fails: other-label', stranger, 'present')
  yield forged('both present and absent', 'has no proof, or two', { element, present: stranger.present, absent: elsewhere.absent })
  yield forged('neither present nor absent', 'has no proof, or two', { element, present: null, absent: null })
  const older = party.older.lookup(element, label)
  yield forged('the look-up in the older declaration', older.present === null ? 'is not declared fails: path' : 'is declared fails: path', older)
  const { present } = party.newer.lookup(element, label)
  if (present === null) return
  const around = [present.index - 1, present.index + 1]
  yield forged('the neighbours of a present label shown as adjacent', 'is not declared fails: path', {
    element, present: null, absent: { index: present.index - 1, entries: around.map((i) => toHex(at(party.newer.entries, i))), paths: around.map((i) => party.newer.tree.path(i).map(toHex)) },
  })
}

function* ofPadding(ground: Ground, question: PaperQuestion): Made {
  const { party } = question
  const forged = forging(ground, party.id)
  const pad = candidatesOf(ground.paper.finds[0]).length
  const padded = claimed(ground.paper, question, pad, at(question.inputs, pad), at(question.blinds, pad))
  yield forged('an opened element that is no candidate', 'answer/evidence', `opened element ${pad}`, ({ opened, lookups }) => ({ opened: [...opened, padded.opened], lookups: [...lookups, padded.lookup] }))
  yield forged('a look-up that nothing was opened for', 'answer/lookup', 'not those of the opened elements', ({ lookups }) => ({ lookups: [...lookups, padded.lookup] }))
  yield forged('an element opened twice', 'answer/evidence', 'opened twice', ({ opened, lookups }) => ({ opened: [...opened, at(opened, 0)], lookups: [...lookups, at(lookups, 0)] }))
  yield forged('an element beyond the batch', 'batch-uneven', 'opened element 900', ({ opened, lookups }) => ({ opened: opened.with(0, { ...at(opened, 0), element: 900 }), lookups: lookups.with(0, { ...at(lookups, 0), element: 900 }) }))
  yield forged('a blind of zero', 'scalar-zero', 'blinds[0]', ({ opened }) => ({ opened: opened.with(0, { ...at(opened, 0), blind: '00'.repeat(32) }) }))
  yield forged('a blind beyond the order of the group', 'scalar-not-canonical', 'blinds[0]', ({ opened }) => ({ opened: opened.with(0, { ...at(opened, 0), blind: 'ff'.repeat(32) }) }))
}
