// A trace on paper: what the asker says, what each party answers according to its conduct, and the evidence that goes into a dossier.
import { fromHex, toBase64, toHex } from '@muster/core/bytes/bytes.ts'
import { parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { addSeconds, type Time } from '@muster/core/bytes/time.ts'
import { coinBinding, padBatch, paddedSize } from '@muster/core/oprf/batch.ts'
import { labelOfOutput } from '@muster/core/oprf/label.ts'
import { blindEach, evaluateWithProof, finalizeEach, VOPRF } from '@muster/core/oprf/oprf.ts'
import { SECTIONS } from '@muster/core/proof/leaf.ts'
import { labelsOf } from '@muster/core/proof/opening.ts'
import { MADE_UP_MARKS, patternOf } from '@muster/core/rules/chance.ts'
import { parseEvent, type CustodyEvent } from '@muster/core/rules/custody-event.ts'
import type { Candidate } from '@muster/core/rules/ladder.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { ladderOfFind, recordedFind } from '@muster/core/rules/recovered-mark.ts'
import { assess, conclusionJson, type Assessment, type Evidence } from '@muster/core/wire/assess.ts'
import { signDossier, type AskedEvidence, type DossierBody, type PartyEvidence } from '@muster/core/wire/dossier.ts'
import type { MessageKind } from '@muster/core/wire/message-kind.ts'
import { sealEnvelope, type Envelope, type Message } from '@muster/core/wire/message.ts'
import type { TraceBody } from '@muster/core/wire/trace-body.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { groundFor } from '../../registry/trace/ask.ts'
import { withQuorum } from '../../registry/trace/enough.ts'
import { ASKED_AT, askerCoin, type Paper, type PaperFind, type PaperParty } from './paper.ts'
import type { PaperDeclaration, PaperLeaf } from './paper-party.ts'

/** When the dossier is put together: the time to answer has run out for those that gave a receipt. */
export const MADE_AT: Time = addSeconds(ASKED_AT, 7200)

export function envelopeOf(message: Message): Envelope {
  return parseJson(message.envelope) as unknown as Envelope
}

/** A message of one party to another; each pair's chain is one message long. */
export function say(paper: Paper, from: PaperParty, to: PartyId, kind: MessageKind, body: unknown, time: Time): Message {
  const { agreement } = paper
  return sealEnvelope(paper.p, { v: 'muster/message/1', kind, from: from.id, to, agreement: agreement.id, sequence: 0, previous: null, time, expiry: null, marking: agreement.marking, body: body as { [name: string]: Json } }, from.keys.message)
}

export function candidatesOf(find: PaperFind): readonly Candidate[] {
  const event = parseEvent(new Uint8Array(Buffer.from(find.event))) as CustodyEvent
  const ladder = ladderOfFind((recordedFind(event) as NonNullable<ReturnType<typeof recordedFind>>).queries)
  return ladder.verdict === 'readable' ? ladder.candidates : []
}

const trustIn = (paper: Paper, { id }: PaperParty): PartyTrust => paper.trust.parties.get(id) as PartyTrust

/** One question with all that the asker alone knows of it, and what came back. */
export interface PaperQuestion {
  readonly party: PaperParty
  readonly find: PaperFind
  readonly declaration: PaperDeclaration
  readonly inputs: readonly Uint8Array[]
  readonly blinds: readonly Uint8Array[]
  readonly request: Message
  readonly receipt: Message
  readonly answer: Message | undefined
  readonly outputs: readonly Uint8Array[]
}

export interface AskOptions {
  /** Other inputs than the find's candidates. */
  readonly inputs?: readonly Uint8Array[]
  readonly declaration?: PaperDeclaration
  readonly name?: string
  readonly at?: Time
}

/** Asks one party and lets it answer as it does. */
export function ask(paper: Paper, party: PaperParty, find: PaperFind, { inputs: keys = candidatesOf(find).map(({ key }) => key), declaration = party.newer, name = '', at = ASKED_AT }: AskOptions = {}): PaperQuestion {
  const { p, group, draw, asker } = paper
  const label = `${party.id} ${find.item.item} ${name}`
  const inputs = padBatch(keys, Array.from({ length: (paddedSize(keys.length) ?? 0) - keys.length }, (_, i) => draw(`pad ${label} ${i}`)))
  const scalar = (what: string) => group.hashToScalar(draw(what), draw('scalars'))
  const blinds = inputs.map((_, i) => scalar(`blind ${label} ${i}`))
  const elements = blindEach(group, VOPRF, inputs, blinds)
  const body = {
    head: party.conduct === 'declines' ? null : declaration.head.hash, ...groundFor({ recoveries: [{ binding: toHex(find.leaf), path: find.path }], proofs: [find.proof] }, trustIn(paper, asker), trustIn(paper, party)),
    elements: elements.map(toBase64), coin: toHex(coinBinding((...parts) => p.sha256(...parts), askerCoin(draw, party.id, find))),
  }
  const request = say(paper, asker, party.id, 'evaluation/request', body, at)
  const receipt = say(paper, party, asker.id, 'receipt', { of: [request.id] }, addSeconds(at, 1))
  const under = declaration === party.older ? party.keys.replaced : undefined
  const evaluated = evaluateWithProof(group, (under?.oprf ?? party.keys.oprf).secretKey, elements, scalar(`proof ${label}`))
  const given = (kind: MessageKind, said: unknown) => say(paper, party, asker.id, kind, said, addSeconds(at, 5))
  const none = { request: request.id, head: null, elements: null, proof: null, coin: null, none: 'no-declaration' }
  const answers: Readonly<Record<PaperParty['conduct'], () => Message | undefined>> = {
    'answers': () => given('evaluation/answer', {
      request: request.id, head: declaration.head.hash, elements: evaluated.evaluationElements.map(toBase64), proof: toBase64(evaluated.proof), coin: toHex(draw(`asked coin ${label}`)), none: null,
      ...(under === undefined ? {} : { newest: party.newer.head.hash }),
    }),
    'declines': () => given('evaluation/answer', none),
    'refuses': () => given('evaluation/refuse', { request: request.id, reason: 'restricted-by-law' }),
    'silent': () => undefined, 'unreachable': () => undefined,
  }
  return { party, find, declaration, inputs, blinds, request, receipt, answer: answers[party.conduct](), outputs: finalizeEach(group, inputs, blinds, evaluated.evaluationElements) }
}

/** The formal request after a hit and its answer under the standing rule. */
export interface PaperFormal { readonly request: Message, readonly receipt: Message, readonly answer: Message, readonly body: TraceBody<'trace/answer'> }

export function hitsOf(question: PaperQuestion): { readonly element: number, readonly label: Uint8Array, readonly candidate: Candidate }[] {
  return candidatesOf(question.find).flatMap((candidate, element) => {
    const label = labelOfOutput(question.outputs[element] as Uint8Array)
    return question.declaration.leaves.has(toHex(label)) ? [{ element, label, candidate }] : []
  })
}

export function formalBody(paper: Paper, question: PaperQuestion): TraceBody<'trace/request'> {
  const { find, party } = question
  return {
    request: question.request.id, coin: toHex(askerCoin(paper.draw, party.id, find)),
    opened: question.inputs.map((input, i) => ({ input: toBase64(input), blind: toHex(question.blinds[i] as Uint8Array) })),
    recovery: { event: find.event, salt: toHex(find.salt) }, ground: 'exercise', use: 'exercise',
    hits: hitsOf(question).map(({ element, label }) => ({ element, label: toHex(label) })),
  }
}

export function formally(paper: Paper, question: PaperQuestion): PaperFormal {
  const { party } = question
  const request = say(paper, paper.asker, party.id, 'trace/request', formalBody(paper, question), addSeconds(ASKED_AT, 60))
  const body = answerBody(question, request.id)
  return {
    request, body, receipt: say(paper, party, paper.asker.id, 'receipt', { of: [request.id] }, addSeconds(ASKED_AT, 61)),
    answer: say(paper, party, paper.asker.id, 'trace/answer', body, addSeconds(ASKED_AT, 65)),
  }
}

const OPENED = ['kind', 'status', 'acquired', 'released'] as const

export function answerBody(question: PaperQuestion, requestId: string): TraceBody<'trace/answer'> {
  const { leaves } = question.declaration
  const opened = (leaf: PaperLeaf, name: string): { salt: string, bytes: string } => {
    const place = (SECTIONS[leaf.kind] as readonly string[]).indexOf(name)
    const bytes = place === 0 ? new Uint8Array(Buffer.from(leaf.kind)) : leaf.sections[place - 1] as Uint8Array
    return { salt: toHex(leaf.salts[place] as Uint8Array), bytes: toBase64(bytes) }
  }
  return {
    request: requestId, look: null,
    hits: hitsOf(question).map(({ label, candidate }) => {
      const key = leaves.get(toHex(label)) as PaperLeaf
      const items = (labelsOf(key.sections[0] as Uint8Array) ?? []).map((each) => leaves.get(toHex(each)) as PaperLeaf)
      return {
        label: toHex(label), digests: key.digests.map(toHex), sections: { kind: opened(key, 'kind'), items: opened(key, 'items') },
        chance: { kind: candidate.kind, pattern: patternOf(candidate.reading), rung: candidate.rung, tried: MADE_UP_MARKS, hits: 3, percent: '0.1' },
        items: items.map((leaf) => ({ label: toHex(leaf.label), digests: leaf.digests.map(toHex), sections: Object.fromEntries(OPENED.map((name) => [name, opened(leaf, name)])) as TraceBody<'trace/answer'>['hits'][number]['items'][number]['sections'] })),
      }
    }),
  }
}

/** The party's log under the agreement, the key record and a head. */
export function logOf(party: PaperParty, head: 'older' | 'newer'): NonNullable<PartyEvidence['log']> {
  const at = (what: 'agreement' | 'key-record' | 'head') => {
    const index = party.log.place(what === 'head' ? head : what)
    return { what, index, path: party.log.tree.path(index).map(toHex) }
  }
  return { checkpoint: party.log.note, entries: [at('agreement'), at('key-record'), at('head')] }
}

export function lookupsOf(question: PaperQuestion): Pick<PartyEvidence, 'opened' | 'lookups'> {
  const count = candidatesOf(question.find).length
  return {
    opened: question.inputs.slice(0, count).map((input, element) => ({ element, input: toBase64(input), blind: toHex(question.blinds[element] as Uint8Array) })),
    lookups: question.outputs.slice(0, count).map((output, element) => question.declaration.lookup(element, labelOfOutput(output))),
  }
}

export function itemsOf({ declaration }: PaperQuestion, body: TraceBody<'trace/answer'>): PartyEvidence['items'] {
  return [...new Set(body.hits.flatMap(({ items }) => items.map(({ label }) => label)))].map((label) => {
    const { present } = declaration.lookup(0, fromHex(label) as Uint8Array)
    if (present === null) throw new Error(`${label} is not declared`)
    return { label, ...present }
  })
}

/** Evidence of one party; `outcome` is set by whoever assesses it. Under a replaced OPRF key nothing is asked formally: what it holds the newest holds too. */
export function evidenceOf(paper: Paper, question: PaperQuestion, formal = hitsOf(question).length > 0 && question.party.conduct === 'answers' ? formally(paper, question) : undefined): PartyEvidence {
  const { party: { id, keys: { record, replaced }, older, conduct }, find } = question
  const now: Pick<PartyEvidence, 'party' | 'outcome' | 'keyRecord'> = { party: id, outcome: 'unreachable', keyRecord: parseJson(record) as Members }
  const newest = { ...now, ...askedOf(paper, question, formal) }
  if (replaced === undefined || conduct !== 'answers') return newest
  const before = askedOf(paper, ask(paper, question.party, find, { declaration: older, name: 'earlier' }), undefined)
  return { ...newest, laterRecords: [parseJson(replaced.record) as Members], earlier: [before] }
}

type Members = { readonly [name: string]: Json }

function askedOf(paper: Paper, question: PaperQuestion, formal: PaperFormal | undefined): Omit<AskedEvidence, 'party'> {
  const { party, declaration } = question
  const reached = party.conduct !== 'unreachable'
  const evaluated = party.conduct === 'answers'
  const log = logOf(party, declaration === party.older ? 'older' : 'newer')
  const enough = (note: string, kind: 'witness' | 'reader') => withQuorum(paper.p, paper.trust, trustIn(paper, party), note, kind)
  return {
    log: evaluated ? { ...log, checkpoint: enough(log.checkpoint, 'witness') } : null,
    head: evaluated ? parseJson(declaration.head.bytes) as { readonly [name: string]: Json } : null,
    declaration: evaluated ? { checkpoint: enough(declaration.note, 'reader') } : null,
    request: envelopeOf(question.request), receipt: reached && question.answer === undefined ? envelopeOf(question.receipt) : null, answer: question.answer === undefined ? null : envelopeOf(question.answer),
    ...(evaluated ? lookupsOf(question) : { opened: [], lookups: [] }),
    formal: formal === undefined ? null : { request: envelopeOf(formal.request), receipt: null, answer: envelopeOf(formal.answer) },
    items: formal === undefined ? [] : itemsOf(question, formal.body),
  }
}

export function recoveryOf(find: PaperFind): DossierBody['recovery'] {
  return { event: find.event, salt: toHex(find.salt), path: find.path, proof: find.proof }
}

export interface PaperDossier { readonly questions: readonly PaperQuestion[], readonly body: DossierBody, readonly assessment: Assessment, readonly bytes: Uint8Array }

/** Nobody is asked for a mark of which no candidate can be made. */
function unasked({ id, keys }: PaperParty): PartyEvidence {
  return {
    party: id, outcome: 'unreachable', keyRecord: parseJson(keys.record) as { readonly [name: string]: Json }, log: null, head: null, declaration: null,
    request: null, receipt: null, answer: null, opened: [], lookups: [], formal: null, items: [],
  }
}

/** The whole trace of a find, assessed and signed. */
export function dossierOf(paper: Paper, find: PaperFind = paper.finds[0]): PaperDossier {
  const questions = candidatesOf(find).length === 0 ? [] : paper.parties.map((party) => ask(paper, party, find))
  const parties = questions.length === 0 ? paper.parties.map(unasked) : questions.map((question) => evidenceOf(paper, question))
  const evidence: Evidence = {
    asker: paper.asker.id, exercise: paper.agreement.exercise, made: MADE_AT, marking: paper.agreement.marking, parties, recovery: recoveryOf(find),
    self: { item: find.item.item, secret: toHex(find.item.secret) },
  }
  return { questions, ...concluded(paper, evidence) }
}

/** Outcomes and conclusion as the evidence bears them. Throws what fails. */
export function concluded(paper: Paper, evidence: Evidence): Omit<PaperDossier, 'questions'> {
  const assessment = assess(paper.p, paper.group, paper.trust, evidence, (thrown) => { throw thrown })
  if (assessment === undefined) throw new Error('the evidence does not hold')
  const body: DossierBody = {
    ...evidence, agreement: parseJson(paper.agreementBytes) as { readonly [name: string]: Json }, format: 'muster/dossier/1', conclusion: conclusionJson(assessment),
    parties: evidence.parties.map((each): PartyEvidence => ({ ...each, outcome: assessment.outcomes.get(each.party) ?? 'unreachable' })),
  }
  return { body, assessment, bytes: signDossier(paper.p, body, paper.asker.keys.message) }
}
