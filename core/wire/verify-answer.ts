// What one party answered to a blinded batch, from the evidence alone (DESIGN section 5, steps 2 to 4 and 7). The order is the promise:
// keys from outside, the head in the party's own log, the declaration under that head, the exact signed bytes of question and answer, the
// proof over the whole batch, **the blinding done again for each opened input**, and only then a label and its place.
import { equal, fromBase64 } from '../bytes/bytes.ts'
import { Breach } from '../bytes/breach.ts'
import { canonicalBytes, type Json } from '../bytes/canonical.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { addSeconds, secondsOf } from '../bytes/time.ts'
import { openBatch } from '../oprf/batch.ts'
import type { Group } from '../oprf/group.ts'
import { labelOfOutput } from '../oprf/label.ts'
import { verifyAbsent, verifyPresent } from '../proof/absence.ts'
import { verifyLogCheckpoint } from '../proof/checkpoint.ts'
import { verifyEntry } from '../proof/inclusion.ts'
import { declarationOrigin } from '../rules/agreement.ts'
import type { Candidate } from '../rules/ladder.ts'
import type { PartyId } from '../rules/party.ts'
import { bytesOf, type EnvelopeJson, type PartyEvidence } from './dossier.ts'
import { clearEntry } from './entry.ts'
import { readHead, type ReadHead } from './head.ts'
import { CLOCK_SKEW_SECONDS_MAX, parseEnvelope, type Message } from './message.ts'
import { checkReceipt } from './receipt.ts'
import { traceBody, type TraceKind } from './trace-body.ts'
import type { PartyTrust, Trust } from './trust.ts'
import { cosignedBy, entryOfLeaf, type Cosigned, type VerifiedRecovery } from './verify-recovery.ts'

export type AnswerCode =
  | 'answer/missing' | 'answer/other-parties' | 'answer/other-kind' | 'answer/other-question' | 'answer/other-head' | 'answer/other-find' | 'answer/clock' | 'answer/not-cosigned'
  | 'answer/batch-size' | 'answer/candidate-not-asked' | 'answer/lookup' | 'answer/evidence' | 'log/agreement' | 'log/key-record' | 'log/head' | 'head/other' | 'declaration/other-head'

export interface VerifiedHead {
  readonly head: ReadHead
  /** Witnesses of the log checkpoint that holds the head, readers of the declaration. */
  readonly witnessed: Cosigned
  readonly read: Cosigned
  readonly tree: { readonly size: number, readonly root: Uint8Array }
}

export interface FoundCandidate { readonly candidate: Candidate, readonly element: number, readonly label: Uint8Array, readonly entry: Uint8Array }

export interface VerifiedLookups {
  readonly declared: VerifiedHead
  readonly request: Message
  readonly answer: Message
  readonly found: readonly FoundCandidate[]
}

function breach(code: AnswerCode, message: string, party: PartyId): Breach<AnswerCode> {
  return new Breach(code, message, { party })
}

/** A message of the dossier: signed by `from`, addressed to `to`, of that kind. */
export function openMessage(p: Primitives, trust: Trust, envelope: EnvelopeJson, kind: TraceKind, from: PartyId, to: PartyId): Message {
  const message = parseEnvelope(p, canonicalBytes(envelope as unknown as Json), trust.messageKeys)
  if (message instanceof Error) throw message
  const { payload } = message
  if (payload.from !== from || payload.to !== to) throw breach('answer/other-parties', `a message from ${payload.from} to ${payload.to} stands where one from ${from} to ${to} belongs`, from)
  if (payload.kind !== kind) throw breach('answer/other-kind', `a message of kind ${payload.kind} stands where ${kind} belongs`, from)
  return message
}

/** The party's log holds the agreement, the key record and the head; the declaration is the one that the head describes. */
export function verifyHead(p: Primitives, trust: Trust, party: PartyTrust, evidence: PartyEvidence): VerifiedHead {
  const { log, head: headJson, declaration } = evidence
  if (log === null || headJson === null || declaration === null) throw breach('answer/missing', `${party.party}: log, head and declaration are due with an answer`, party.party)
  const checkpoint = verifyLogCheckpoint(p, log.checkpoint, party.origin, party.log)
  const head = readHead(p, canonicalBytes(headJson))
  if (head instanceof Error) throw head
  const due = { 'agreement': trust.bytes, 'key-record': party.record.bytes, 'head': head.bytes } as const
  for (const what of ['agreement', 'key-record', 'head'] as const) {
    const proof = log.entries.find((entry) => entry.what === what)
    if (proof === undefined) throw breach(`log/${what}`, `no proof that ${party.party}'s log holds its ${what}`, party.party)
    verifyEntry(p, checkpoint, { index: proof.index, path: proof.path.map(bytesOf) }, clearEntry(due[what]))
  }
  if (head.head.party !== party.party || head.head.agreement !== trust.agreement.id) throw breach('head/other', `the head is of ${head.head.party} under ${head.head.agreement}`, party.party)
  const tree = verifyLogCheckpoint(p, declaration.checkpoint, declarationOrigin(party.origin, head.hash), party.log)
  if (tree.size !== head.head.size || !equal(tree.root, fromBase64(head.head.root) as Uint8Array)) throw breach('declaration/other-head', `size and root of ${party.party}'s declaration are not those of its head`, party.party)
  return { head, tree, witnessed: cosignedBy(p, trust, log.checkpoint, 'witness'), read: cosignedBy(p, trust, declaration.checkpoint, 'reader') }
}

/** The question: signed by the asker, about this find, bound under a checkpoint that the asked party had cosigned. */
export function verifyRequest(p: Primitives, trust: Trust, asker: PartyId, party: PartyId, evidence: PartyEvidence, recovery: VerifiedRecovery): Message {
  if (evidence.request === null) throw breach('answer/missing', `the question to ${party} is missing`, party)
  const request = openMessage(p, trust, evidence.request, 'evaluation/request', asker, party)
  const { recoveries } = traceBody('evaluation/request', request.payload.body)
  const named = recoveries.find(({ binding }) => equal(bytesOf(binding), recovery.leaf))
  if (named === undefined) throw breach('answer/other-find', `the question to ${party} was about another find`, party)
  entryOfLeaf(p, recovery.leaf, named.path)
  return request
}

function verifyTimes(trust: Trust, request: Message, answer: Message, recovery: VerifiedRecovery, party: PartyId): void {
  if (addSeconds(answer.payload.time, CLOCK_SKEW_SECONDS_MAX) < request.payload.time) throw breach('answer/clock', `${party}'s answer is dated before the question`, party)
  const cosigned = recovery.cosigned.get(party)
  if (cosigned === undefined || cosigned > secondsOf(answer.payload.time) + CLOCK_SKEW_SECONDS_MAX) {
    throw breach('answer/not-cosigned', `${party} had not cosigned the log entry of the find before it answered`, party)
  }
  if (!trust.parties.has(party)) throw breach('answer/other-parties', `${party} is no party`, party)
}

/**
 * A batch that was answered: every mandatory candidate of the ladder was asked, each opened input is the one blinded, and each has its
 * proof of presence or absence under the head that the party itself named as its newest.
 */
export function verifyLookups(
  p: Primitives, group: Group, trust: Trust, asker: PartyId, party: PartyTrust, evidence: PartyEvidence, recovery: VerifiedRecovery, candidates: readonly Candidate[],
): VerifiedLookups {
  const declared = verifyHead(p, trust, party, evidence)
  const request = verifyRequest(p, trust, asker, party.party, evidence, recovery)
  if (evidence.answer === null) throw breach('answer/missing', `the answer of ${party.party} is missing`, party.party)
  const answer = openMessage(p, trust, evidence.answer, 'evaluation/answer', party.party, asker)
  const asked = traceBody('evaluation/request', request.payload.body)
  const answered = traceBody('evaluation/answer', answer.payload.body)
  if (answered.request !== request.id) throw breach('answer/other-question', `the answer of ${party.party} is to another question`, party.party)
  if (answered.head !== declared.head.hash || asked.head !== declared.head.hash) throw breach('answer/other-head', `${party.party} answered under another declaration than the one looked up in`, party.party)
  if (answered.elements === null || answered.proof === null || answered.coin === null) throw breach('answer/missing', `the answer of ${party.party} holds no evaluation`, party.party)
  if (!(trust.agreement.batches as readonly number[]).includes(asked.elements.length)) throw breach('answer/batch-size', `a batch of ${asked.elements.length} is not one of the agreed sizes`, party.party)
  verifyTimes(trust, request, answer, recovery, party.party)
  const of64 = (text: string) => fromBase64(text) as Uint8Array
  const opened = evidence.opened.map(({ element, input, blind }) => {
    const bytes = fromBase64(input)
    if (bytes === undefined) throw breach('answer/evidence', `opened element ${element} of ${party.party} is not base64`, party.party)
    return { element, input: bytes, blind: bytesOf(blind) }
  })
  const batch = { blindedElements: asked.elements.map(of64), evaluationElements: answered.elements.map(of64) }
  const outputs = openBatch(group, fromBase64(declared.head.head.oprf) as Uint8Array, batch, of64(answered.proof), opened)
  const found = candidates.flatMap((candidate) => {
    const at = opened.findIndex(({ input }) => equal(input, candidate.key))
    const one = opened[at]
    if (one === undefined) {
      if (candidate.mandatory) throw breach('answer/candidate-not-asked', `${party.party} was not asked for the reading ${candidate.reading} (${candidate.kind}, ${candidate.rung})`, party.party)
      return []
    }
    const label = labelOfOutput(outputs[at] as Uint8Array)
    const entry = verifyLookup(p, declared, evidence, party.party, one.element, label)
    return entry === undefined ? [] : [{ candidate, element: one.element, label, entry }]
  })
  return { declared, request, answer, found }
}

/** The entry of a present label, undefined for an absent one. */
function verifyLookup(p: Primitives, declared: VerifiedHead, evidence: PartyEvidence, party: PartyId, element: number, label: Uint8Array): Uint8Array | undefined {
  const lookup = evidence.lookups.find((each) => each.element === element)
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
export function verifyNoLookups(
  p: Primitives, trust: Trust, asker: PartyId, party: PartyTrust, evidence: PartyEvidence, recovery: VerifiedRecovery, made: string,
): 'no-current-declaration' | 'refused' | 'silent' | 'unreachable' {
  if (evidence.lookups.length > 0 || evidence.opened.length > 0 || evidence.formal !== null) throw breach('answer/evidence', `${party.party}: look-ups without an evaluation`, party.party)
  if (evidence.request === null) {
    if (evidence.answer !== null || evidence.receipt !== null) throw breach('answer/evidence', `${party.party}: an answer without a question`, party.party)
    return 'unreachable'
  }
  const request = verifyRequest(p, trust, asker, party.party, evidence, recovery)
  if (evidence.answer !== null) return spoken(p, trust, asker, party, evidence.answer, request)
  if (evidence.receipt === null) return 'unreachable'
  const receipt = openMessage(p, trust, evidence.receipt, 'receipt', party.party, asker)
  const wrong = checkReceipt(request, receipt)
  if (wrong !== undefined) throw wrong
  // Silence convicts only when the time to answer has run out since the receipt.
  return addSeconds(receipt.payload.time, trust.agreement.deadlines.answerSeconds) <= made ? 'silent' : 'unreachable'
}

function spoken(p: Primitives, trust: Trust, asker: PartyId, party: PartyTrust, envelope: EnvelopeJson, request: Message): 'no-current-declaration' | 'refused' {
  const parsed = parseEnvelope(p, canonicalBytes(envelope as unknown as Json), trust.messageKeys)
  const kind = parsed instanceof Error ? 'evaluation/answer' : parsed.payload.kind === 'evaluation/refuse' ? 'evaluation/refuse' : 'evaluation/answer'
  const answer = openMessage(p, trust, envelope, kind, party.party, asker)
  const body = traceBody(kind, answer.payload.body)
  if (body.request !== request.id) throw breach('answer/other-question', `the answer of ${party.party} is to another question`, party.party)
  if ('reason' in body) return 'refused'
  if (body.none === null) throw breach('answer/evidence', `${party.party} answered, and the answer is not looked up`, party.party)
  return 'no-current-declaration'
}
