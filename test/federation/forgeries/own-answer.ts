// Forgeries of the answers of the asker's own registry, which its maker can sign anew: there the proofs alone have to hold.
import { fromBase64, toBase64, toHex } from '@muster/core/bytes/bytes.ts'
import { addSeconds } from '@muster/core/bytes/time.ts'
import { evaluateWithProof } from '@muster/core/oprf/oprf.ts'
import { declarationOrigin, logOrigin } from '@muster/core/rules/agreement.ts'
import { RUNGS } from '@muster/core/rules/mark.ts'
import { clearEntry } from '@muster/core/wire/entry.ts'
import type { MessageKind } from '@muster/core/wire/message-kind.ts'
import { traceBody, type TraceBody } from '@muster/core/wire/trace-body.ts'
import { ASKED_AT, SIGNED_AT, type PaperParty } from '../paper.ts'
import { signedNote, treeOf, type PaperLeaf, type PaperTree } from '../paper-party.ts'
import { answerBody, envelopeOf, formally, itemsOf, MADE_AT, say } from '../paper-trace.ts'
import { at, forging, reworded, type Forgery, type Ground, type Made, type Members } from './forgery.ts'

const BARE = { log: null, head: null, declaration: null, opened: [], lookups: [], formal: null, items: [] } as const

export function* ofOwnAnswers(ground: Ground): Made {
  yield* ofEvaluation(ground)
  yield* ofOwnLog(ground)
  yield* ofLeavingOut(ground)
  yield* ofOpenings(ground)
  yield* ofChance(ground)
}

function* ofEvaluation(ground: Ground): Made {
  const { paper: { group, draw, parties, asker }, paper } = ground
  const question = at(ground.made.questions, 0)
  const fair = question.answer?.payload.body as Members & { readonly elements: readonly string[] }
  const own = forging(ground, asker.id)
  const anew = (kind: string, code: string, says: string, body: unknown, seconds = 5) => own(kind, code, says, () => ({ answer: envelopeOf(say(paper, asker, asker.id, 'evaluation/answer', body, addSeconds(ASKED_AT, seconds))) }))
  const elements = (change: readonly string[]) => ({ ...fair, elements: change })
  const others = traceBody('evaluation/answer', ground.made.questions[1]?.answer?.payload.body)
  yield anew('own evaluation with two elements swapped', 'proof-wrong', 'proof', elements(fair.elements.with(0, at(fair.elements, 1)).with(1, at(fair.elements, 0))))
  yield anew('own evaluation with an element of another party', 'proof-wrong', 'proof', elements(fair.elements.with(0, at(others.elements ?? [], 0))))
  yield anew('own evaluation with one element twice', 'proof-wrong', 'proof', elements(fair.elements.with(1, at(fair.elements, 0))))
  yield anew('own evaluation under the proof of another party', 'proof-wrong', 'proof', { ...fair, proof: others.proof })
  yield anew('own evaluation with an element dropped', 'batch-uneven', 'evaluationElements: 15', elements(fair.elements.slice(1)))
  yield anew('own evaluation with the identity in it', 'element-identity', 'evaluationElements[3]', elements(fair.elements.with(3, toBase64(new Uint8Array(32)))))
  yield anew('own evaluation with an element that is none', 'element-not-canonical', 'evaluationElements[3]', elements(fair.elements.with(3, toBase64(new Uint8Array(32).fill(255)))))
  const asked = traceBody('evaluation/request', question.request.payload.body).elements.map((each) => fromBase64(each) as Uint8Array)
  const strange = evaluateWithProof(group, at(parties, 1).keys.oprf.secretKey, asked, group.hashToScalar(draw('own proof'), draw('scalars')))
  yield anew('own evaluation under another key', 'proof-wrong', 'under this key', { ...fair, elements: strange.evaluationElements.map(toBase64), proof: toBase64(strange.proof) })
  yield anew('own answer under the older head', 'answer/other-head', asker.id, { ...fair, head: asker.older.head.hash })
  yield anew('own answer without a coin', 'answer/missing', 'holds no evaluation', { ...fair, coin: null })
  yield anew('own answer that also says that there is nothing', 'answer/missing', 'holds no evaluation', { ...fair, none: 'stale' })
  yield anew('own answer from before the question', 'answer/clock', 'before the question', fair, -600)
  yield anew('own answer from after the dossier', 'answer/clock', `before ${asker.id}'s answer`, fair, 9000)
  const receipt = (kind: string, says: string, seconds: number) => own(kind, 'answer/clock', says, () => ({ receipt: envelopeOf(say(paper, asker, asker.id, 'receipt', { of: [question.request.id] }, addSeconds(ASKED_AT, seconds))) }))
  yield receipt('own receipt from before the question', 'before the message', -600)
  yield receipt('own receipt from after the dossier', 'the dossier is dated before', 9000)
}

/** Its log and its declaration, which its own keys sign. */
function* ofOwnLog(ground: Ground): Made {
  const { paper: { asker, agreement: { id } }, paper } = ground
  const own = forging(ground, asker.id)
  const signed = (origin: string, { size, root }: PaperTree) => signedNote({ p: paper.p, keys: asker.keys, agreement: id }, { origin, size, root }, SIGNED_AT, [], 'witness')
  const declaration = declarationOrigin(logOrigin(asker.id, id), asker.newer.head.hash)
  yield own('own declaration signed anew with another root', 'declaration/other-head', asker.id, () => ({ declaration: { checkpoint: signed(declaration, { ...asker.newer.tree, root: paper.draw('another root') }) } }))
  yield own('own declaration signed anew with another size', 'declaration/other-head', asker.id, () => ({ declaration: { checkpoint: signed(declaration, asker.older.tree) } }))
  const forked = treeOf(paper.p, asker.log.entries.with(asker.log.place('newer'), clearEntry(asker.older.head.bytes)))
  yield own('own log signed anew without the head', 'inclusion/root', `from entry ${asker.log.place('newer')}`, ({ log }) => ({
    log: log === null ? null : { checkpoint: signed(logOrigin(asker.id, id), forked), entries: log.entries.map((each) => ({ ...each, path: forked.path(each.index).map(toHex) })) },
  }))
  const longer = treeOf(paper.p, [...asker.log.entries, clearEntry(asker.newer.head.bytes)])
  yield { ...own('own log signed anew, the cosigners of the old one claimed', 'dossier/conclusion', 'conclusion.quorum', ({ log }) => ({
    log: log === null ? null : { checkpoint: signed(logOrigin(asker.id, id), longer), entries: log.entries.map((each) => ({ ...each, path: longer.path(each.index).map(toHex) })) },
  })), party: null }
}

/** The asker's own arsenals, which whoever asks others would rather not show. */
function* ofLeavingOut(ground: Ground): Made {
  const { paper: { asker }, paper } = ground
  const question = at(ground.made.questions, 0)
  const own = forging(ground, asker.id)
  const said = (kind: MessageKind, body: unknown) => envelopeOf(say(paper, asker, asker.id, kind, body, addSeconds(ASKED_AT, 5)))
  yield own('own registry\'s answer left out', 'dossier/own-answer', asker.id, () => ({ ...BARE, outcome: 'unreachable', request: null, receipt: null, answer: null }))
  yield own('own registry asked and not reached', 'dossier/own-answer', asker.id, () => ({ ...BARE, outcome: 'unreachable', receipt: null, answer: null }))
  yield own('own registry called silent', 'dossier/own-answer', asker.id, () => ({ ...BARE, outcome: 'silent', answer: null }))
  yield own('own registry that refuses', 'dossier/own-answer', asker.id, () => ({ ...BARE, outcome: 'refused', answer: said('evaluation/refuse', { request: question.request.id, reason: 'national-security' }) }))
  yield own('own evaluation told as no declaration', 'answer/evidence', asker.id, () => ({ ...BARE, outcome: 'no-current-declaration', answer: said('evaluation/answer', { ...question.answer?.payload.body as Members, none: 'no-declaration' }) }))
}

type Answer = TraceBody<'trace/answer'>
type AnsweredHit = Answer['hits'][number]
type AnsweredItem = AnsweredHit['items'][number]

/** The own formal answer said anew; the items are those of the true one unless `items` says otherwise. */
function openingOf(ground: Ground): (kind: string, code: string, says: string, change: (body: Answer) => unknown, time?: number) => Forgery {
  const { paper: { asker }, paper, made } = ground
  const question = at(made.questions, 0)
  const formal = formally(paper, question)
  return (kind, code, says, change, seconds = 65) => forging(ground, asker.id)(kind, code, says, () => {
    const body = answerBody(question, formal.request.id)
    return { items: itemsOf(question, body), formal: { request: envelopeOf(formal.request), receipt: null, answer: envelopeOf(say(paper, asker, asker.id, 'trace/answer', change(body), addSeconds(ASKED_AT, seconds))) } }
  })
}

const eachHit = (change: (hit: AnsweredHit) => unknown) => (body: Answer) => ({ ...body, hits: body.hits.map(change) })
const eachItem = (change: (item: AnsweredItem) => unknown) => eachHit((hit) => ({ ...hit, items: hit.items.map(change) }))

/** A leaf of the own declaration that has nothing to do with the find. */
function strangerOf({ newer }: PaperParty): PaperLeaf {
  return at([...newer.leaves.values()].filter(({ kind }) => kind === 'item'), 7)
}

function* ofOpenings(ground: Ground): Made {
  const { asker } = ground.paper
  const opened = openingOf(ground)
  const stranger = strangerOf(asker)
  const itsStatus = { salt: toHex(at(stranger.salts, 1)), bytes: toBase64(at(stranger.sections, 0)) }
  const edited = (section: AnsweredItem['sections']['acquired'], from: string, to: string) => section === undefined ? undefined : { ...section, bytes: reworded(section.bytes, from, to) }
  yield opened('an item left out of a key', 'formal/items', asker.id, eachHit((hit) => ({ ...hit, items: [] })))
  yield opened('another item under a key', 'formal/items', asker.id, eachItem((item) => ({ ...item, label: toHex(stranger.label) })))
  yield opened('the status section of another leaf', 'formal/leaf', 'digest', eachItem((item) => ({ ...item, sections: { ...item.sections, status: itsStatus } })))
  yield opened('the origin of an item edited', 'formal/leaf', 'digest', eachItem((item) => ({ ...item, sections: { ...item.sections, acquired: edited(item.sections.acquired, '"seized"', '"found"') } })))
  yield opened('the status of an item edited', 'formal/leaf', 'digest', eachItem((item) => ({ ...item, sections: { ...item.sections, status: edited(item.sections.status, '"held"', '"lost"') } })))
  yield opened('a release made up', 'formal/leaf', 'digest', eachItem((item) => ({ ...item, sections: { ...item.sections, released: { salt: toHex(ground.paper.draw('salt')), bytes: Buffer.from('{"to":"QN"}').toString('base64') } } })))
  yield opened('a section under another name', 'formal/leaf', 'digest', eachItem((item) => ({ ...item, sections: { ...item.sections, status: item.sections.acquired, acquired: item.sections.status } })))
  yield opened('the salt of another section', 'formal/leaf', 'digest', eachItem((item) => ({ ...item, sections: { ...item.sections, status: { ...item.sections.status, salt: item.sections.kind.salt } } })))
  yield opened('the digests of another leaf', 'formal/leaf', 'binding', eachItem((item) => ({ ...item, digests: stranger.digests.map(toHex) })))
  yield opened('a digest left out', 'formal/leaf', 'section-count', eachItem((item) => ({ ...item, digests: item.digests.slice(1) })))
  yield opened('an item leaf opened as a key', 'formal/leaf', 'digest', eachItem((item) => ({ ...item, sections: { ...item.sections, kind: { ...item.sections.kind, bytes: Buffer.from('key').toString('base64') } } })))
  yield opened('the digests of a key leaf in another order', 'formal/leaf', 'key leaf', eachHit((hit) => ({ ...hit, digests: hit.digests.toReversed() })))
  yield opened('another item in a key leaf', 'formal/leaf', 'key leaf', eachHit((hit) => ({ ...hit, sections: { ...hit.sections, items: { ...hit.sections.items, bytes: toBase64(stranger.label) } } })))
  yield opened('an answer to another formal request', 'formal/other-question', asker.id, (body) => ({ ...body, request: at(ground.made.questions, 0).request.id }))
  yield opened('an answer that opens what was not hit', 'formal/hits', 'was not hit', (body) => ({ ...body, hits: [...body.hits, { ...at(body.hits, 0), label: toHex(stranger.label) }] }))
  yield opened('an answer that opens a hit twice', 'formal/hits', 'twice', (body) => ({ ...body, hits: [...body.hits, at(body.hits, 0)] }))
  yield opened('own formal answer from before its request', 'formal/clock', 'before what it answers', (body) => body, -400)
  yield opened('own formal answer from after the dossier', 'formal/clock', `the dossier is dated ${MADE_AT}`, (body) => body, 9000)
}

function* ofChance(ground: Ground): Made {
  const { asker } = ground.paper
  const opened = openingOf(ground)
  const chance = (kind: string, says: string, change: (chance: AnsweredHit['chance']) => Partial<Record<keyof AnsweredHit['chance'], unknown>>) =>
    opened(kind, 'formal/chance', `${asker.id}: ${says}`, eachHit((hit) => ({ ...hit, chance: { ...hit.chance, ...change(hit.chance) } })))
  yield chance('a chance that the hits do not give', '400 of 10000', () => ({ hits: 400 }))
  yield chance('a chance rounded down', '11 of 10000', () => ({ hits: 11 }))
  yield chance('a chance rounded up too far', '3 of 10000', () => ({ percent: '100' }))
  yield chance('a chance measured on one mark', '0 hits of 1 ', () => ({ tried: 1, hits: 0 }))
  yield chance('a chance measured on more marks', '0 hits of 1000000', () => ({ tried: 1_000_000, hits: 0 }))
  yield chance('a chance of more hits than marks', '20000 hits', () => ({ hits: 20_000, percent: '100' }))
  yield chance('the chance of another pattern', 'the chance is of another', () => ({ pattern: 'X1' }))
  for (const rung of RUNGS.slice(1)) yield { ...chance('the chance of another rung', 'the chance is of another', () => ({ rung })), of: `${asker.id} ${rung}` }
  yield chance('the chance of another kind of key', 'the chance is of another', () => ({ kind: 'full' }))
}

