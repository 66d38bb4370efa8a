// Forgeries of what was said: questions, answers and receipts of others put where they do not belong, or said anew by the asker.
import { toHex } from '@muster/core/bytes/bytes.ts'
import { parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { addSeconds } from '@muster/core/bytes/time.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { DossierBody, PartyEvidence } from '@muster/core/wire/dossier.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { ASKED_AT, askerCoin, FOUND_AT, type PaperParty } from '../paper.ts'
import { ask, envelopeOf, evidenceOf, formalBody, formally, itemsOf, logOf, lookupsOf, MADE_AT, say, type PaperDossier, type PaperQuestion } from '../paper-trace.ts'
import { answering, at, forging, nextTo, present, reworded, type Ground, type Made, type Members } from './forgery.ts'

const BARE = { log: null, head: null, declaration: null, opened: [], lookups: [], formal: null, items: [] } as const

export function* ofMessages(ground: Ground): Made {
  const all = answering(ground)
  for (const question of all) {
    yield* ofQuestion(ground, question, nextTo(all, question))
    yield* ofAnswer(ground, question, nextTo(all, question))
    yield* ofTimes(ground, question)
  }
  for (const question of ground.made.questions) if (question.party.conduct !== 'answers') yield* ofSilence(ground, question, all)
  const hit = present(ground)
  for (const question of hit) {
    yield* ofFormalRequest(ground, question)
    yield* ofFormalAnswer(ground, question, nextTo(hit, question))
  }
  for (const question of all.filter((each) => !hit.includes(each))) {
    yield forging(ground, question.party.id)('a formal request where nothing was hit', 'formal/evidence', 'nothing was hit', () => ({ formal: formalOf(ground.made, at(hit, 0).party.id) }))
  }
}

const answered = ({ answer }: PaperQuestion) => envelopeOf(answer as Message)

function* ofQuestion(ground: Ground, question: PaperQuestion, other: PaperQuestion): Made {
  const { paper } = ground
  const { party } = question
  const forged = forging(ground, party.id)
  const body = question.request.payload.body as Members & { readonly elements: readonly string[] }
  const elsewhere = ask(paper, party, paper.finds[1], { name: 'other find' })
  const anew = (change: Partial<Record<string, Json>>, seconds = 0) => () => ({ receipt: null, request: envelopeOf(say(paper, paper.asker, party.id, 'evaluation/request', { ...body, ...change }, addSeconds(ASKED_AT, seconds))) })
  yield { ...forged('two questions swapped', 'answer/other-parties', `from ${paper.asker.id} to ${party.id} belongs`, () => ({})), body: swapped(ground, party.id, other.party.id, 'request') }
  yield forged('question and answer of another find', 'answer/other-find', party.id, () => ({ request: envelopeOf(elsewhere.request), receipt: envelopeOf(elsewhere.receipt), answer: answered(elsewhere) }))
  yield forged('the question under another kind', 'answer/other-kind', 'recovery/notice', () => ({ request: envelopeOf(say(paper, paper.asker, party.id, 'recovery/notice', body, ASKED_AT)) }))
  yield forged('the question dated anew', 'answer/other-question', party.id, anew({}, 2))
  yield forged('the question with another order of elements', 'answer/other-question', party.id, anew({ elements: body.elements.toReversed() }))
  yield forged('the question about another declaration', 'answer/other-question', party.id, anew({ head: party.older.head.hash }))
  yield forged('the question under another coin', 'answer/other-question', party.id, anew({ coin: toHex(paper.draw('other coin')) }))
  yield forged('the question without the proof of the find', 'trace/body', 'proofs', anew({ proofs: [] }))
  yield forged('the question without a find', 'trace/body', 'recoveries', anew({ recoveries: [] }))
  yield forged('the question left out', 'answer/missing', 'the question', () => ({ request: null }))
}

function* ofAnswer(ground: Ground, question: PaperQuestion, other: PaperQuestion): Made {
  const { paper } = ground
  const { party } = question
  const forged = forging(ground, party.id)
  const elsewhere = ask(paper, party, paper.finds[1], { name: 'other find' })
  const again = ask(paper, party, paper.finds[0], { name: 'again', at: addSeconds(ASKED_AT, 30) })
  const from = `from ${other.party.id} to`
  yield forged('the answer of another party', 'answer/other-parties', from, () => ({ answer: answered(other) }))
  yield { ...forged('two answers swapped', 'answer/other-parties', from, () => ({})), body: swapped(ground, party.id, other.party.id, 'answer') }
  yield forged('the answer to a question about another find', 'answer/other-question', party.id, () => ({ answer: answered(elsewhere) }))
  yield forged('the answer to another question about this find', 'answer/other-question', party.id, () => ({ answer: answered(again) }))
  yield forged('the answer left out', 'answer/missing', 'the answer', () => ({ answer: null }))
  const { signatures } = answered(question)
  const { signatures: foreign } = answered(again)
  yield forged('the Ed25519 signature of another message', 'message/signature', 'ed25519', ({ answer }) => ({ answer: answer === null ? null : { ...answer, signatures: { ...signatures, ed25519: foreign.ed25519 } } }))
  yield forged('the ML-DSA-44 signature of another message', 'message/signature', 'mldsa44', ({ answer }) => ({ answer: answer === null ? null : { ...answer, signatures: { ...signatures, mldsa44: foreign.mldsa44 } } }))
  yield forged('an answer edited under its old signature', 'message/signature', `from ${party.id}`, ({ answer }) => ({ answer: answer === null ? null : { ...answer, payload: reworded(answer.payload, party.newer.head.hash, party.older.head.hash) } }))
  yield forged('an answer left in without look-ups', 'answer/evidence', party.id, () => ({ ...BARE, outcome: 'unreachable' }))
  yield forged('a receipt for another message', 'receipt/other-message', question.request.id, () => ({ receipt: envelopeOf(elsewhere.receipt) }))
  yield forged('a receipt of another party', 'answer/other-parties', from, () => ({ receipt: envelopeOf(other.receipt) }))
  yield forged('a receipt for the receipt', 'answer/other-kind', 'receipt belongs', () => ({ receipt: answered(question) }))
}

function* ofTimes(ground: Ground, { party }: PaperQuestion): Made {
  const { paper } = ground
  const forged = forging(ground, party.id)
  const late = ask(paper, party, paper.finds[0], { name: 'late', at: addSeconds(MADE_AT, 3600) })
  const early = ask(paper, party, paper.finds[0], { name: 'early', at: addSeconds(FOUND_AT, 60) })
  yield forged('a question and an answer from after the dossier', 'answer/clock', `the question to ${party.id}`, () => evidenceOf(paper, late, undefined))
  yield forged('a find bound after the answer', 'answer/not-cosigned', party.id, () => evidenceOf(paper, early, undefined))
}

/** Those that were not reached, refused, have no declaration, or keep silent. */
function* ofSilence(ground: Ground, question: PaperQuestion, all: readonly PaperQuestion[]): Made {
  const { paper } = ground
  const { party } = question
  const forged = forging(ground, party.id)
  const elsewhere = ask(paper, party, paper.finds[1], { name: 'other find' })
  const first = at(all, 0)
  yield forged('a receipt for another message', 'receipt/other-message', question.request.id, () => ({ receipt: envelopeOf(elsewhere.receipt), outcome: 'silent' }))
  yield forged('a receipt of another party', 'answer/other-parties', `from ${first.party.id}`, () => ({ receipt: envelopeOf(first.receipt) }))
  yield forged('a receipt that the asker gave itself', 'answer/other-parties', `from ${paper.asker.id}`, () => ({ receipt: envelopeOf(say(paper, paper.asker, party.id, 'receipt', { of: [question.request.id] }, addSeconds(ASKED_AT, 1))), outcome: 'silent' }))
  yield forged('the question of another find', 'answer/other-find', party.id, () => ({ request: envelopeOf(elsewhere.request), receipt: null, answer: null }))
  yield forged('a receipt without a question', 'answer/evidence', party.id, () => ({ request: null, receipt: envelopeOf(question.receipt), answer: null }))
  yield forged('the look-ups of another party', 'answer/missing', 'the answer', () => ({ ...lookupsOf(first), answer: null, outcome: 'absent' }))
  yield forged('the answer of another party', 'answer/other-parties', `from ${first.party.id}`, () => ({ answer: answered(first), outcome: 'refused' }))
  yield forged('head and log where nothing was searched', 'answer/evidence', party.id, () => ({ log: logOf(party, 'newer'), head: parseJson(party.newer.head.bytes) as Members }))
  yield forged('a declaration where nothing was searched', 'answer/evidence', party.id, () => ({ declaration: { checkpoint: party.newer.note } }))
  yield forged('a leaf where nothing was searched', 'answer/evidence', party.id, () => ({ items: [itemAt(party, 20)] }))
  if (elsewhere.answer !== undefined) yield forged('the answer to a question about another find', 'answer/other-question', party.id, () => ({ answer: answered(elsewhere) }))
}

function swapped({ made: { body } }: Ground, one: PartyId, other: PartyId, what: 'answer' | 'request'): DossierBody {
  const of = (party: PartyId) => body.parties.find((each) => each.party === party)?.[what] ?? null
  return { ...body, parties: body.parties.map((each) => each.party === one ? { ...each, [what]: of(other) } : each.party === other ? { ...each, [what]: of(one) } : each) }
}

function* ofFormalRequest(ground: Ground, question: PaperQuestion): Made {
  const { paper } = ground
  const { party } = question
  const [find, otherFind] = paper.finds
  const fair = formalBody(paper, question)
  const anew = (kind: string, code: string, says: string, body: unknown, time = addSeconds(ASKED_AT, 60)) => forging(ground, party.id)(kind, code, says, ({ formal }) => ({
    formal: formal === null ? null : { ...formal, receipt: null, request: envelopeOf(say(paper, paper.asker, party.id, 'trace/request', body, time)) },
  }))
  const elsewhere = ask(paper, party, otherFind, { name: 'other find' })
  const stranger = { element: 9, label: toHex(paper.draw('no hit')) }
  yield anew('a formal request that leaves out a hit', 'formal/hits', party.id, { ...fair, hits: [stranger] })
  yield anew('a formal request that names one hit more', 'formal/hits', party.id, { ...fair, hits: [...fair.hits, stranger] })
  yield anew('a formal request with another coin', 'coin-not-the-one-bound', 'askerCoin', { ...fair, coin: toHex(askerCoin(paper.draw, party.id, otherFind)) })
  for (const place of [0, 7, 15]) {
    const opened = at(fair.opened, place)
    yield { ...anew('a formal request that opens another input', 'input-not-the-one-blinded', `blindedElements[${place}]`, { ...fair, opened: fair.opened.with(place, { ...opened, input: at(fair.opened, place + 1).input }) }), of: `${party.id} ${place}` }
    yield { ...anew('a formal request that opens another blind', 'input-not-the-one-blinded', `blindedElements[${place}]`, { ...fair, opened: fair.opened.with(place, { ...opened, blind: at(fair.opened, place + 1).blind }) }), of: `${party.id} ${place}` }
  }
  yield anew('a formal request that opens a part', 'formal/other-question', 'opens 15 of 16', { ...fair, opened: fair.opened.slice(0, 15) })
  yield anew('a formal request about another find', 'formal/other-find', party.id, { ...fair, recovery: { event: otherFind.event, salt: toHex(otherFind.salt) } })
  yield anew('a formal request with another salt', 'formal/other-find', party.id, { ...fair, recovery: { event: find.event, salt: toHex(otherFind.salt) } })
  yield anew('a formal request that follows another question', 'formal/other-question', 'follows another question', { ...fair, request: elsewhere.request.id })
  yield anew('a formal request signed anew', 'formal/other-question', 'is to another request', { ...fair, ground: 'surrendered' })
  yield anew('a formal request from before the hit', 'formal/clock', `the formal request to ${party.id}`, fair, addSeconds(ASKED_AT, -600))
  yield anew('a formal request from after the dossier', 'formal/clock', `the formal request to ${party.id}`, fair, addSeconds(MADE_AT, 600))
}

function* ofFormalAnswer(ground: Ground, question: PaperQuestion, other: PaperQuestion): Made {
  const { paper, made } = ground
  const { party } = question
  const forged = forging(ground, party.id)
  type Formal = NonNullable<PartyEvidence['formal']>
  const formal = (kind: string, code: string, says: string, change: (formal: Formal) => Partial<Formal>) => forged(kind, code, says, ({ formal: held }) => ({ formal: held === null ? null : { ...held, ...change(held) } }))
  const elsewhere = formally(paper, ask(paper, party, paper.finds[0], { name: 'again', at: addSeconds(ASKED_AT, 30) }))
  yield formal('the formal answer of another party', 'answer/other-parties', `from ${other.party.id}`, () => ({ answer: formalOf(made, other.party.id)?.answer ?? null }))
  yield formal('a formal answer to another request', 'formal/other-question', party.id, () => ({ answer: envelopeOf(elsewhere.answer) }))
  yield formal('the evaluation in place of the formal answer', 'answer/other-kind', 'trace/answer belongs', () => ({ answer: answered(question) }))
  yield formal('a receipt for another formal request', 'receipt/other-message', 'not for', () => ({ receipt: envelopeOf(question.receipt) }))
  const chance = (held: Formal, from: string, to: string) => ({ answer: held.answer === null ? null : { ...held.answer, payload: reworded(held.answer.payload, from, to) } })
  yield formal('the chance lowered under the old signature', 'message/signature', `from ${party.id}`, (held) => chance(held, '"hits":3', '"hits":0'))
  yield formal('the chance raised under the old signature', 'message/signature', `from ${party.id}`, (held) => chance(held, '"percent":"0.1"', '"percent":"1"'))
  for (const [kind, body] of [['the formal answer left out, the chain kept', { answer: null }], ['the formal request left out, the chain kept', null]] as const) {
    yield { ...forged(kind, 'dossier/conclusion', 'conclusion.', ({ formal: held }) => ({ items: [], formal: held === null || body === null ? null : { ...held, ...body } })), party: null }
  }
  yield forged('an item without its place', 'formal/items', party.id, ({ items }) => ({ items: items.slice(1) }))
  yield forged('the place of another item', 'formal/items', 'is declared fails: path', ({ items }) => ({ items: items.map((each) => ({ ...each, index: each.index + 1 })) }))
  yield forged('the leaf of another item', 'formal/items', 'is declared fails: other-label', ({ items }) => ({ items: items.map((each) => ({ ...itemAt(party, 20), label: each.label })) }))
  yield forged('a place that no answer opens', 'formal/items', party.id, ({ items }) => ({ items: [...items, itemAt(party, 20)] }))
  yield forged('a place told twice', 'formal/items', party.id, ({ items }) => ({ items: [...items, ...items] }))
  const older = itemsOf(question, formally(paper, question).body).map(({ label }) => ({ label, ...party.older.lookup(0, new Uint8Array(Buffer.from(label, 'hex'))).present }))
  if (older.every(({ label }) => party.older.leaves.has(label))) yield forged('the item\'s leaf in the older declaration', 'formal/items', 'is declared fails: path', () => ({ items: older as PartyEvidence['items'] }))
}

function formalOf({ body }: PaperDossier, party: PartyId): PartyEvidence['formal'] {
  return body.parties.find((each) => each.party === party)?.formal ?? null
}

function itemAt(party: PaperParty, index: number): PartyEvidence['items'][number] {
  const entry = at(party.newer.entries, index)
  return { label: toHex(entry.subarray(0, 32)), index, entry: toHex(entry), path: party.newer.tree.path(index).map(toHex) }
}
