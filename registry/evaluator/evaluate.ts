// The evaluator under one agreement. It believes nothing that the serving process tells it: signatures, receiver and size are checked here,
// and the quota is spent and on disk before a single element is computed. Crash order: spent, evaluated, kept, told; whoever is killed after
// the first has spent for a request that is evaluated when it comes again.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { fromBase64, toBase64 } from '@muster/core/bytes/bytes.ts'
import { Breach } from '@muster/core/bytes/breach.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { checkElements } from '@muster/core/oprf/check.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { evaluateWithProof, type ProvenEvaluation } from '@muster/core/oprf/oprf.ts'
import { OprfError } from '@muster/core/oprf/oprf-error.ts'
import type { AgreementId } from '@muster/core/rules/agreement.ts'
import { isPartyId, type PartyId } from '@muster/core/rules/party.ts'
import { askedBatch } from '@muster/core/wire/batch-body.ts'
import { isAsking } from '@muster/core/wire/message-kind.ts'
import { parseEnvelope, type Message } from '@muster/core/wire/message.ts'
import { notInForce } from '@muster/core/rules/standing.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { traceBody } from '@muster/core/wire/trace-body.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { answersIn } from './answers.ts'
import { ACCOUNTS, openJournal, type Account, type Fact, type Suspension } from './journal.ts'
import { grantsIn, type Grant } from './granted.ts'
import { evaluatorFolder } from './key.ts'
import type { Evaluated, EvaluatorCode } from './protocol.ts'
import { quotaOf, withoutPast, type QuotaFacts } from './quota.ts'
import { readSettled, renewSettled, type Settled } from './settled.ts'

const SCALAR_BYTES_UNREDUCED = 64

/** Nothing is evaluated, and why. */
export class NotEvaluated extends Error {
  readonly code: EvaluatorCode
  constructor(code: EvaluatorCode, message: string) {
    super(message)
    this.code = code
  }
}

export interface AgreementEvaluator {
  /** Goes by what the parties have signed since, and by what holds at `now`; called before each order. `anew`: by key records that were put beside the first ones since, too. */
  readonly renew: (now: number, anew?: boolean) => Promise<void>
  /** `oprf`: the public key, base64, of the one to evaluate under; a wrong one convicts the registry that gave it. `now`: POSIX seconds. Throws NotEvaluated. */
  readonly evaluate: (envelope: Uint8Array, oprf: string, now: number) => Evaluated
  readonly suspend: (asker: string, request: string, why: Suspension) => void
  readonly forgive: (asker: string, requests: readonly string[] | undefined) => void
  readonly facts: (now: number) => QuotaFacts
}

/** The request as it must be: whole, signed by a party, addressed to this one, of an agreed size. */
function openRequest({ agreement, trust, self, standing }: Settled, envelope: Uint8Array, now: number): { readonly message: Message, readonly elements: Uint8Array[], readonly finds: readonly string[], readonly account: Account | undefined } {
  const message = parseEnvelope(p, envelope, trust.messageKeys)
  if (message instanceof Breach) throw new NotEvaluated('signature', message.message)
  if (message instanceof Refusal) throw new NotEvaluated('message', message.message)
  const { payload } = message
  if (payload.to !== self || payload.agreement !== agreement.id) throw new NotEvaluated('other-receiver', `addressed to ${payload.to} under ${payload.agreement}, this is the evaluator of ${self}`)
  const idle = notInForce(standing, [payload.from, self], timeOf(now))
  if (idle !== undefined) throw new NotEvaluated('not-in-force', idle.message)
  if (!isAsking(payload.kind)) throw new NotEvaluated('other-kind', `a message of kind ${payload.kind} asks for no evaluation`)
  try {
    const { elements } = askedBatch(payload.kind, payload.body)
    const recoveries = payload.kind === 'evaluation/request' ? traceBody(payload.kind, payload.body).recoveries : []
    if (!(agreement.batches as readonly number[]).includes(elements.length)) throw new NotEvaluated('batch-size', `${elements.length} elements are not one of the agreed sizes ${agreement.batches.join(', ')}`)
    return { message, elements: elements.map((element) => fromBase64(element) as Uint8Array), finds: [...new Set(recoveries.map(({ binding }) => binding))], account: ACCOUNTS.find((account) => payload.kind === `${account}/ask`) }
  } catch (thrown) {
    throw thrown instanceof Refusal ? new NotEvaluated('message', thrown.message) : thrown
  }
}

/** A scalar for one proof: 64 fresh random bytes, reduced. */
function freshScalar(group: Group): Uint8Array {
  for (;;) {
    const scalar = group.hashToScalar(new Uint8Array(randomBytes(SCALAR_BYTES_UNREDUCED)), new Uint8Array(Buffer.from('muster/proof/v1')))
    if (group.isScalar(scalar)) return scalar
  }
}

function replyOf({ evaluationElements, proof }: ProvenEvaluation): Evaluated {
  return { elements: evaluationElements.map(toBase64), proof: toBase64(proof) }
}

function keyUnder({ keys, self }: Settled, oprf: string): Uint8Array {
  const key = keys.get(oprf)
  if (key === undefined) throw new NotEvaluated('other-key', `no key record of ${self} states the OPRF key ${oprf}`)
  return key
}

function partyOf(settled: Settled, asker: string): PartyId {
  if (!isPartyId(asker) || !settled.trust.parties.has(asker)) throw new NotEvaluated('order', `${asker} is no party of ${settled.agreement.id}`)
  return asker
}

/** Opens the evaluator of one agreement; undefined where it was not settled. A damaged journal or key is a Fault. */
export async function openEvaluator(group: Group, dataDir: string, id: AgreementId, now: number): Promise<AgreementEvaluator | undefined> {
  const first = await readSettled(group, dataDir, id, now)
  if (first === undefined) return undefined
  let settled = first
  const folder = evaluatorFolder(dataDir, id)
  const answers = answersIn(join(folder, 'answers'))
  const { windowSeconds } = settled.agreement.quota
  const { facts, journal } = await openJournal(join(folder, 'journal'), (all) => withoutPast(all, windowSeconds, now, answers.has))
  const quota = quotaOf(() => settled.agreement.quota, facts)
  const record = (one: Fact) => {
    journal.append(one)
    quota.learn(one)
  }
  const pay = (message: Message, elements: number, finds: readonly string[], at: number, account: Account | undefined) => {
    const { from } = message.payload
    if (quota.isSuspended(from)) throw new NotEvaluated('suspended', `${from} has not opened a batch that was due: it opens it, or officers of ${settled.self} lift the suspension`)
    const counted = settled.agreement.quota.findElements === undefined ? [] : finds
    if (!quota.hasRoom(from, elements, counted, account)) throw new NotEvaluated('quota', `${elements} elements more are beyond the quota of ${settled.agreement.quota.windowSeconds} s`)
    record({ what: 'spent', id: message.id, asker: from, elements, at, ...(account === undefined ? {} : { account }), ...(counted.length === 0 ? {} : { finds: counted }) })
  }
  const past = new Set<string>()
  // A grant leaves the window like what is spent of it, and is not taken in again; nor is one of a question that holds no more, as of a party that has left.
  const takeGrant = ({ id: question, at, envelope }: Grant, clock: number) => {
    past.add(question)
    if (at <= quota.at(clock) - settled.agreement.quota.windowSeconds) return
    try {
      const { message, elements, finds, account } = openRequest(settled, envelope, clock)
      const counted = settled.agreement.quota.findElements === undefined ? [] : finds
      if (message.id === question && account === undefined) record({ what: 'granted', id: question, asker: message.payload.from, elements: elements.length, at: Math.min(at, clock), ...(counted.length === 0 ? {} : { finds: counted }) })
    } catch (thrown) {
      if (!(thrown instanceof NotEvaluated)) throw thrown
    }
  }
  return {
    renew: async (clock, anew = false) => {
      settled = anew ? await readSettled(group, dataDir, id, clock) ?? settled : await renewSettled(group, dataDir, settled, clock)
      for (const grant of await grantsIn(dataDir, id, (question) => quota.isGranted(question) || past.has(question))) takeGrant(grant, clock)
    },
    evaluate: (envelope, oprf, clock) => {
      const { message, elements, finds, account } = openRequest(settled, envelope, clock)
      const held = answers.get(message.id)
      if (held !== undefined) return replyOf(held)
      try {
        checkElements(group, elements, 'elements')
      } catch (thrown) {
        throw thrown instanceof OprfError ? new NotEvaluated(thrown.code, thrown.message) : thrown
      }
      const secretKey = keyUnder(settled, oprf)
      const at = quota.at(clock)
      if (!quota.isPaid(message.id)) pay(message, elements.length, finds, at, account)
      const answer = evaluateWithProof(group, secretKey, elements, freshScalar(group))
      answers.put(message.id, answer)
      return replyOf(answer)
    },
    suspend: (asker, request, why) => {
      const party = partyOf(settled, asker)
      if (quota.isForgiven(request) || quota.suspension(request) === 'wrong' || quota.suspension(request) === why) return
      record({ what: 'suspended', id: request, asker: party, why })
    },
    forgive: (asker, requests) => {
      const party = partyOf(settled, asker)
      const ended = quota.suspendedFor(party).filter((each) => requests === undefined || (requests.includes(each) && quota.suspension(each) === 'late'))
      for (const each of ended) record({ what: 'forgiven', id: each, asker: party })
    },
    facts: (clock) => {
      quota.at(clock)
      return quota.facts()
    },
  }
}
