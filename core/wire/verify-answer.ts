// What one party answered to a blinded batch, from the evidence alone (DESIGN section 5, steps 2 to 4 and 7). The order is the promise:
// keys from outside, the head in the party's own log, the declaration under that head, the exact signed bytes of question and answer, the
// proof over the whole batch, **the blinding done again for each opened input**, and only then a label and its place. Nothing may stand in
// the evidence that is not checked: what nobody verified would be read as proven.
import { equal, fromBase64 } from '../bytes/bytes.ts'
import { Breach } from '../bytes/breach.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { addSeconds, secondsOf, type Time } from '../bytes/time.ts'
import { openBatch } from '../oprf/batch.ts'
import type { Group } from '../oprf/group.ts'
import { labelOfOutput } from '../oprf/label.ts'
import { verifyAbsent, verifyPresent } from '../proof/absence.ts'
import { parseTlogProof } from '../proof/tlog-proof.ts'
import type { Candidate } from '../rules/ladder.ts'
import type { PartyId } from '../rules/party.ts'
import { cosignedWhen } from './cosigned.ts'
import { areQuorum, offeredInVain } from './delivery.ts'
import { bytesOf, type AskedEvidence } from './dossier.ts'
import type { MessageKind } from './message-kind.ts'
import { CLOCK_SKEW_SECONDS_MAX, openEnvelope, type Envelope, type SignedPayload } from './message.ts'
import { checkReceipt } from './receipt.ts'
import { traceBody, type TraceBody } from './trace-body.ts'
import type { PartyTrust, Trust } from './trust.ts'
import { verifyHead, type HeadEvidenceCode, type VerifiedHead } from './verify-head.ts'
import { entryOfLeaf, verifyBound, type VerifiedRecovery } from './verify-recovery.ts'

export type AnswerCode = HeadEvidenceCode
  | 'answer/missing' | 'answer/other-parties' | 'answer/other-kind' | 'answer/other-question' | 'answer/other-head' | 'answer/other-find' | 'answer/clock' | 'answer/not-cosigned'
  | 'answer/batch-size' | 'answer/candidate-not-asked' | 'answer/newest' | 'answer/lookup' | 'answer/evidence' | 'answer/statements'

/** What all parts of one dossier share. `made`: the time that the dossier states for itself. */
export interface Casework { readonly trust: Trust, readonly asker: PartyId, readonly recovery: VerifiedRecovery, readonly made: Time }

export interface FoundCandidate { readonly candidate: Candidate, readonly element: number, readonly label: Uint8Array, readonly entry: Uint8Array }

export interface VerifiedLookups {
  readonly declared: VerifiedHead
  readonly request: SignedPayload
  readonly asked: TraceBody<'evaluation/request'>
  readonly answer: SignedPayload
  readonly found: readonly FoundCandidate[]
}

function breach(code: AnswerCode, message: string, party: PartyId): Breach<AnswerCode> {
  return new Breach(code, message, { party })
}

/** The last POSIX second of what can have happened before `time`, as clocks may differ. */
export function latestOf(time: Time): number {
  return secondsOf(time) + CLOCK_SKEW_SECONDS_MAX
}

export const later = (a: Time, b: Time): boolean => secondsOf(a) > latestOf(b)

/** A message of the dossier: signed by `from`, addressed to `to`, of that kind. */
export function openMessage(p: Primitives, trust: Trust, envelope: Envelope, kind: MessageKind, from: PartyId, to: PartyId): SignedPayload {
  const message = openEnvelope(p, envelope, trust.messageKeys)
  if (message instanceof Error) throw message
  const { payload } = message
  if (payload.from !== from || payload.to !== to) throw breach('answer/other-parties', `a message from ${payload.from} to ${payload.to} stands where one from ${from} to ${to} belongs`, from)
  if (payload.kind !== kind) throw breach('answer/other-kind', `a message of kind ${payload.kind} stands where ${kind} belongs`, from)
  return message
}

/** The receiver's word that it has the message; not dated before the message, nor after the dossier. */
export function verifyReceipt(p: Primitives, { trust, asker, made }: Casework, envelope: Envelope, of: SignedPayload, party: PartyId): SignedPayload {
  const receipt = openMessage(p, trust, envelope, 'receipt', party, asker)
  const wrong = checkReceipt(of, receipt)
  if (wrong !== undefined) throw wrong
  if (later(of.payload.time, receipt.payload.time)) throw breach('answer/clock', `${party}'s receipt is dated before the message that it is for`, party)
  if (later(receipt.payload.time, made)) throw breach('answer/clock', `the dossier is dated before ${party}'s receipt`, party)
  return receipt
}

/** The question: signed by the asker, not after the dossier, about this find. */
function openRequest(p: Primitives, { trust, asker, recovery, made }: Casework, party: PartyId, envelope: Envelope): { readonly request: SignedPayload, readonly asked: TraceBody<'evaluation/request'>, readonly named: TraceBody<'evaluation/request'>['recoveries'][number] } {
  const request = openMessage(p, trust, envelope, 'evaluation/request', asker, party)
  const asked = traceBody('evaluation/request', request.payload.body)
  const named = asked.recoveries.find(({ binding }) => equal(bytesOf(binding), recovery.leaf))
  if (named === undefined) throw breach('answer/other-find', `the question to ${party} was about another find`, party)
  entryOfLeaf(p, recovery.leaf, named.path)
  if (later(request.payload.time, made)) throw breach('answer/clock', `the dossier is dated before the question to ${party}`, party)
  return { request, asked, named }
}

/** The find stood in the log, under a checkpoint that the asked party itself had cosigned, before it answered. */
function demandBoundBefore(p: Primitives, { trust, asker, recovery }: Casework, { asked, named }: ReturnType<typeof openRequest>, answer: SignedPayload, party: PartyId): void {
  const proof = asked.proofs[named.path.proof]
  if (proof === undefined) throw breach('answer/not-cosigned', `the question to ${party} names a proof that it does not carry`, party)
  const { cosigned } = proof === recovery.proof && named.path.entry === recovery.entry ? recovery : verifyBound(p, trust, trust.parties.get(asker) as PartyTrust, recovery.leaf, named.path, proof)
  // Its own answer says that it had: a key of its witness that was taken later takes nothing from that.
  const at = cosigned.get(party) ?? cosignedWhen(p, trust, parseTlogProof(proof).checkpoint, 'witness', party)
  if (at === undefined || at > latestOf(answer.payload.time)) throw breach('answer/not-cosigned', `${party} had not cosigned the log entry of the find before it answered`, party)
}

function demandAnswerTime(casework: Casework, request: SignedPayload, answer: SignedPayload, party: PartyId): void {
  if (later(request.payload.time, answer.payload.time)) throw breach('answer/clock', `${party}'s answer is dated before the question`, party)
  if (later(answer.payload.time, casework.made)) throw breach('answer/clock', `the dossier is dated ${casework.made}, before ${party}'s answer of ${answer.payload.time}`, party)
}

/**
 * A batch that was answered: every mandatory candidate of the ladder was asked, each opened input is the one blinded, and each has its
 * proof of presence or absence under the head that the party itself named as its newest, or as the last of an `earlier` OPRF key.
 */
export function verifyLookups(p: Primitives, group: Group, casework: Casework, party: PartyTrust, evidence: AskedEvidence, candidates: readonly Candidate[], under: 'newest' | 'earlier' = 'newest'): VerifiedLookups {
  const { trust, asker } = casework
  demandNoStatements(evidence)
  if (evidence.request === null || evidence.answer === null) throw breach('answer/missing', `${evidence.request === null ? 'the question to' : 'the answer of'} ${party.party} is missing`, party.party)
  const declared = verifyHead(p, trust, party, evidence, latestOf(casework.made))
  const question = openRequest(p, casework, party.party, evidence.request)
  const { request, asked } = question
  if (evidence.receipt !== null) verifyReceipt(p, casework, evidence.receipt, request, party.party)
  const answer = openMessage(p, trust, evidence.answer, 'evaluation/answer', party.party, asker)
  const answered = traceBody('evaluation/answer', answer.payload.body)
  if (answered.request !== request.id) throw breach('answer/other-question', `the answer of ${party.party} is to another question`, party.party)
  if (answered.head !== declared.head.hash || asked.head !== declared.head.hash) throw breach('answer/other-head', `${party.party} answered under another declaration than the one looked up in`, party.party)
  if (answered.elements === null || answered.proof === null || answered.coin === null || answered.none !== null) throw breach('answer/missing', `the answer of ${party.party} holds no evaluation`, party.party)
  if ((answered.newest === undefined) !== (under === 'newest')) throw breach('answer/newest', `${party.party} answered under ${answered.newest === undefined ? 'its newest head' : 'the last head of an earlier OPRF key'}, and that is not what stands here`, party.party)
  if (!(trust.agreement.batches as readonly number[]).includes(asked.elements.length)) throw breach('answer/batch-size', `a batch of ${asked.elements.length} is not one of the agreed sizes`, party.party)
  demandAnswerTime(casework, request, answer, party.party)
  demandBoundBefore(p, casework, question, answer, party.party)
  const evaluation = { asked: asked.elements.map(of64), answered: answered.elements.map(of64), proof: of64(answered.proof) }
  return { declared, request, asked, answer, found: lookUp(p, group, declared, evidence, candidates, evaluation) }
}

const of64 = (text: string): Uint8Array => fromBase64(text) as Uint8Array

interface Evaluation { readonly asked: readonly Uint8Array[], readonly answered: readonly Uint8Array[], readonly proof: Uint8Array }

/** Every opened element is a candidate, each once, and has one look-up; every mandatory candidate is among them. */
function lookUp(p: Primitives, group: Group, declared: VerifiedHead, evidence: AskedEvidence, candidates: readonly Candidate[], { asked, answered, proof }: Evaluation): FoundCandidate[] {
  const { party } = evidence
  const opened = evidence.opened.map(({ element, input, blind }) => {
    const bytes = fromBase64(input)
    const candidate = bytes === undefined ? undefined : candidates.find(({ key }) => equal(key, bytes))
    if (bytes === undefined || candidate === undefined) throw breach('answer/evidence', `opened element ${element} of ${party} is no candidate of the find`, party)
    return { element, input: bytes, blind: bytesOf(blind), candidate }
  })
  const asking = new Set(opened.map(({ candidate }) => candidate))
  const places = new Set(opened.map(({ element }) => element))
  const looked = new Set(evidence.lookups.map(({ element }) => element))
  if (asking.size !== opened.length || places.size !== opened.length) throw breach('answer/evidence', `${party}: a candidate or an element is opened twice`, party)
  if (looked.size !== evidence.lookups.length || looked.size !== places.size || [...looked].some((element) => !places.has(element))) throw breach('answer/lookup', `${party}: the look-ups are not those of the opened elements`, party)
  const missing = candidates.find((candidate) => candidate.mandatory && !asking.has(candidate))
  if (missing !== undefined) throw breach('answer/candidate-not-asked', `${party} was not asked for the reading ${missing.reading} (${missing.kind}, ${missing.rung})`, party)
  const outputs = openBatch(group, of64(declared.head.head.oprf), { blindedElements: asked, evaluationElements: answered }, proof, opened)
  return opened.flatMap(({ candidate, element }, i) => {
    const label = labelOfOutput(outputs[i] as Uint8Array)
    const entry = verifyLookup(p, declared, evidence, element, label)
    return entry === undefined ? [] : [{ candidate, element, label, entry }]
  })
}

/** The entry of a present label, undefined for an absent one. */
function verifyLookup(p: Primitives, declared: VerifiedHead, { party, lookups }: AskedEvidence, element: number, label: Uint8Array): Uint8Array | undefined {
  const lookup = lookups.find((each) => each.element === element)
  if (lookup === undefined || (lookup.present === null) === (lookup.absent === null)) throw breach('answer/lookup', `${party}: element ${element} has no proof, or two`, party)
  if (lookup.present !== null) {
    const { index, entry, path } = lookup.present
    const problem = verifyPresent(p, declared.tree, label, { index, entry: bytesOf(entry), path: path.map(bytesOf) })
    if (problem !== undefined) throw breach('answer/lookup', `${party}: the proof that element ${element} is declared fails: ${problem}`, party)
    return bytesOf(entry)
  }
  const { index, entries, paths } = lookup.absent as NonNullable<typeof lookup.absent>
  const [before, after] = entries.map(bytesOf) as [Uint8Array, Uint8Array]
  const [pathBefore, pathAfter] = paths.map((path) => path.map(bytesOf)) as [Uint8Array[], Uint8Array[]]
  const problem = verifyAbsent(p, declared.tree, label, { index, entries: [before, after], paths: [pathBefore, pathAfter] })
  if (problem !== undefined) throw breach('answer/lookup', `${party}: the proof that element ${element} is not declared fails: ${problem}`, party)
  return undefined
}

/** A party that gave no evaluation: what its own signed words, or its receipt, show. Returns the outcome that the evidence bears. */
export function verifyNoLookups(p: Primitives, casework: Casework, party: PartyTrust, evidence: AskedEvidence): 'no-current-declaration' | 'refused' | 'silent' | 'unreachable' {
  demandNothingElse(evidence)
  if (evidence.request === null) {
    demandNoStatements(evidence)
    if (evidence.answer !== null || evidence.receipt !== null) throw breach('answer/evidence', `${party.party}: an answer without a question`, party.party)
    return 'unreachable'
  }
  const { request } = openRequest(p, casework, party.party, evidence.request)
  const receipt = evidence.receipt === null ? undefined : verifyReceipt(p, casework, evidence.receipt, request, party.party)
  if (evidence.answer !== null || receipt !== undefined) demandNoStatements(evidence)
  if (evidence.answer !== null) return spoken(p, casework, party, evidence.answer, request)
  if (receipt === undefined) return isSilentByStatements(p, casework, party.party, evidence, request) ? 'silent' : 'unreachable'
  // Silence convicts only when the time to answer has run out since the receipt.
  return secondsOf(receipt.payload.time) + casework.trust.agreement.deadlines.answerSeconds <= secondsOf(casework.made) ? 'silent' : 'unreachable'
}

/** Whoever gave a receipt or an answer was reached: statements beside it would stand there unchecked. */
function demandNoStatements({ party, statements }: AskedEvidence): void {
  if (statements !== undefined) throw breach('answer/statements', `${party}: statements of delivery beside a receipt or an answer, or without a question`, party)
}

function isSilentByStatements(p: Primitives, { trust, asker, made }: Casework, party: PartyId, { statements = [] }: AskedEvidence, { id, payload }: SignedPayload): boolean {
  const { id: agreement, quorum, deadlines: { answerSeconds } } = trust.agreement
  const parties = offeredInVain(p, trust.messageKeys, statements, { agreement, of: id, asker, party, due: addSeconds(payload.time, answerSeconds), answerSeconds, latest: latestOf(made) })
  return areQuorum(parties, quorum)
}

/** Head, log and look-ups belong to an evaluation: without one they would stand there unchecked. */
export function demandNothingElse({ party, lookups, opened, items, formal, head, log, declaration }: AskedEvidence): void {
  if (lookups.length > 0 || opened.length > 0 || items.length > 0 || formal !== null || head !== null || log !== null || declaration !== null) {
    throw breach('answer/evidence', `${party}: look-ups, head or formal request without an evaluation`, party)
  }
}

function spoken(p: Primitives, casework: Casework, { party }: PartyTrust, envelope: Envelope, request: SignedPayload): 'no-current-declaration' | 'refused' {
  const parsed = openEnvelope(p, envelope, casework.trust.messageKeys)
  const kind = !(parsed instanceof Error) && parsed.payload.kind === 'evaluation/refuse' ? 'evaluation/refuse' : 'evaluation/answer'
  const answer = openMessage(p, casework.trust, envelope, kind, party, casework.asker)
  const body = traceBody(kind, answer.payload.body)
  if (body.request !== request.id) throw breach('answer/other-question', `the answer of ${party} is to another question`, party)
  demandAnswerTime(casework, request, answer, party)
  if ('reason' in body) return 'refused'
  if (body.none === null || body.elements !== null) throw breach('answer/evidence', `${party} answered, and the answer is not looked up`, party)
  return 'no-current-declaration'
}
