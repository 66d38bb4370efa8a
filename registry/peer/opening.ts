// Opened batches (DESIGN section 5, step 3). A share of the batches without a hit, picked by a coin that neither side can steer, is opened by
// evaluation/open, a batch with a hit by the formal request. Who opens with anything but what it blinded, asks beyond the ladder of its
// bound finds, or lets the time run out, has its quota suspended: the blinded elements bind it.
import { equal, fromBase64, toHex } from '@muster/core/bytes/bytes.ts'
import { Breach } from '@muster/core/bytes/breach.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { demandCoin, demandOpening, isPadInput, isPicked } from '@muster/core/oprf/batch.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { OprfError } from '@muster/core/oprf/oprf-error.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { ladderOfFind, recordedFind } from '@muster/core/rules/recovered-mark.ts'
import type { Candidate } from '@muster/core/rules/ladder.ts'
import { bytesOf } from '@muster/core/wire/dossier.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { traceBody, type OpenedElement, type ShownBatch, type TraceBody } from '@muster/core/wire/trace-body.ts'
import { readRecovery } from '@muster/core/wire/verify-recovery.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { doOnce, doneAmong } from '../store/acts-once.ts'
import type { Joined } from '../store/agreements.ts'
import { recordBreach } from '../store/breaches.ts'
import { messagesAbout, messagesById, type Saying } from '../store/messages.ts'
import type { Register } from '../store/register.ts'
import type { AnswerHome } from './answer.ts'
import { answeredQuestion, EVALUATIONS } from './answered-question.ts'

const sha256 = (...parts: Uint8Array[]) => p.sha256(...parts)
/** Answers of one look at the sweep. */
const SWEPT_AT_ONCE = 500

/** A question that was answered with an evaluation. */
export interface AnsweredBatch {
  readonly request: Message
  readonly answer: Message
  readonly asked: TraceBody<'evaluation/request'>
  readonly answered: { readonly head: string, readonly elements: readonly string[], readonly coin: string }
}

/** The batches that openings are of, by the ids of their requests, without those that this party did not evaluate for that asker. */
async function answeredBatches(register: Register, joined: Joined, asker: PartyId, requestIds: readonly string[]): Promise<ReadonlyMap<string, AnsweredBatch>> {
  const requests = new Map((await messagesById(register, joined, asker, requestIds)).map((message) => [message.id, message]))
  const batches = new Map<string, AnsweredBatch>()
  for (const answer of await messagesAbout(register, joined, register.file.party, requestIds, 'out')) {
    const { payload } = answer
    if (payload.kind !== 'evaluation/answer' || payload.to !== asker) continue
    const { request: id, head, elements, coin } = traceBody('evaluation/answer', payload.body)
    const request = requests.get(id)
    if (request?.payload.kind !== 'evaluation/request' || request.payload.to !== register.file.party) continue
    if (head !== null && elements !== null && coin !== null) batches.set(id, { request, answer, asked: traceBody('evaluation/request', request.payload.body), answered: { head, elements, coin } })
  }
  return batches
}

export async function answeredBatch(register: Register, joined: Joined, asker: PartyId, requestId: string): Promise<AnsweredBatch | undefined> {
  return (await answeredBatches(register, joined, asker, [requestId])).get(requestId)
}

/** Demands the coin that was bound and, for each element, the input and blind that make it. Throws an OprfError. */
export function demandWhole(group: Group, { asked }: AnsweredBatch, coin: string, opened: readonly OpenedElement[]): Uint8Array[] {
  demandCoin(sha256, bytesOf(asked.coin), bytesOf(coin))
  const inputs = opened.map(({ input }) => fromBase64(input) as Uint8Array)
  demandOpening(group, inputs, opened.map(({ blind }) => bytesOf(blind)), asked.elements.map((element) => fromBase64(element) as Uint8Array))
  return inputs
}

export interface OpenedFind { readonly event: string, readonly salt: string }

/** The candidates of a find that the question named, by the hex of their keys. Throws a Refusal where it named no such find. */
export function candidatesOf({ asked }: AnsweredBatch, { event, salt }: OpenedFind): ReadonlyMap<string, Candidate> {
  const find = readRecovery(p, event, bytesOf(salt))
  if (!asked.recoveries.some(({ binding }) => equal(bytesOf(binding), find.leaf))) throw new Refusal('opening/not-bound', 'the opened event is none that the question was bound to', 'recovery')
  const recorded = recordedFind(find.event)
  const ladder = recorded === undefined ? undefined : ladderOfFind(recorded.queries)
  if (ladder?.verdict !== 'readable') throw new Refusal('opening/no-find', 'the opened event records no find that can be read', 'recovery')
  return new Map(ladder.candidates.map((candidate) => [toHex(candidate.key), candidate]))
}

/** The first input beyond the ladders, when all finds of the question are opened; with some closed, an input may be theirs. */
export function beyondLadder({ asked }: AnsweredBatch, inputs: readonly Uint8Array[], ladders: readonly ReadonlyMap<string, Candidate>[]): number | undefined {
  if (ladders.length < asked.recoveries.length) return undefined
  const at = inputs.findIndex((input) => !isPadInput(input) && !ladders.some((ladder) => ladder.has(toHex(input))))
  return at < 0 ? undefined : at
}

/** Whether what was thrown says that the opening is not what was asked, rather than that this machine failed. */
export function isWrongOpening(thrown: unknown): boolean {
  return thrown instanceof OprfError || thrown instanceof Refusal
}

function batchKey(agreement: string, requestId: string): string {
  return `batch/${agreement}/${requestId}`
}

/** Remembers that batches were opened as they should be, and ends suspensions for having been late. */
export async function settleOpenings({ register, joined, evaluator }: AnswerHome, asker: PartyId, requestIds: readonly string[], at: number): Promise<void> {
  await doOnce(register, requestIds.map((id) => batchKey(joined.agreement.id, id)), 'opened', at)
  await evaluator.forgive(joined.agreement.id, asker, requestIds)
}

/**
 * evaluation/open: nothing is answered to a right one. One that opens a batch wrongly, or not though the coin picked it, settles none of its
 * batches: the asker is suspended and told which it was.
 */
export async function takeOpening(home: AnswerHome, message: Message, at: number): Promise<Saying[]> {
  const { register, joined, evaluator, group } = home
  const { from } = message.payload
  // Of the opening itself: beside the answer to the question that is opened, a refusal of it would be two answers to one question.
  const refuse = (reason: 'malformed' | 'suspended'): Saying[] => [{ to: from, kind: 'evaluation/refuse', body: { request: message.id, reason }, about: message.id }]
  let shown: readonly ShownBatch[]
  try {
    shown = traceBody('evaluation/open', message.payload.body).batches
  } catch (thrown) {
    if (thrown instanceof Refusal) return refuse('malformed')
    throw thrown
  }
  const ids = shown.map(({ request }) => request)
  const batches = await answeredBatches(register, joined, from, ids)
  for (const each of shown) {
    const batch = batches.get(each.request)
    if (batch === undefined) return refuse('malformed')
    try {
      demandShown(group, joined, batch, each)
    } catch (thrown) {
      if (!isWrongOpening(thrown)) throw thrown
      await evaluator.suspend(joined.agreement.id, from, each.request, 'wrong')
      await recordFalseOpening(home, batch, message, at)
      return refuse('suspended')
    }
  }
  await settleOpenings(home, from, ids, at)
  return []
}

/** Puts on file what was opened otherwise than it was asked: question, opening and the own coin show it to anybody, where signatures alone can. */
export async function recordFalseOpening({ register, joined }: Pick<AnswerHome, 'register' | 'joined'>, { request, answer }: { readonly request: Message, readonly answer: Message | undefined }, opening: Message, at: number): Promise<void> {
  const { from } = opening.payload
  const breach = new Breach('batch/false-opening', `${from} opened batch ${request.id} otherwise than it asked`, { request: request.envelope, opening: opening.envelope, ...(answer === undefined ? {} : { answer: answer.envelope }) })
  await recordBreach(register, joined.agreement.id, from, breach, at)
}

/** Throws an OprfError or Refusal where the coin, or an opening that it made due, is wrong. */
function demandShown(group: Group, { agreement }: Joined, batch: AnsweredBatch, { coin, opened, recoveries }: ShownBatch): void {
  demandCoin(sha256, bytesOf(batch.asked.coin), bytesOf(coin))
  if (!isPicked(sha256, bytesOf(coin), bytesOf(batch.answered.coin), agreement.openOneIn)) return
  if (opened === null) throw new Refusal('opening/missing', 'the coin picked this batch, and it was not opened', 'opened')
  const inputs = demandWhole(group, batch, coin, opened)
  if (recoveries === undefined || recoveries.length !== batch.asked.recoveries.length) throw new Refusal('opening/finds', 'with the batch go all finds that the question was bound to', 'recoveries')
  const beyond = beyondLadder(batch, inputs, recoveries.map((find) => candidatesOf(batch, find)))
  if (beyond !== undefined) throw new Refusal('opening/beyond-ladder', `element ${beyond} asks what no ladder of the finds holds`, `opened[${beyond}]`)
}

interface Given { readonly receiver: PartyId, readonly about: Buffer }

/** Until when the answers of a register were looked through in this process, POSIX seconds by agreement. */
const swept = new WeakMap<object, Map<string, number>>()
/** Answers stored by a clock that was set back are looked at again. */
const SWEPT_AGAIN_SECONDS = 3600

/**
 * Suspends each asker that let `openSeconds` run out after an evaluation, of a find, in a reconciliation or an inspection, without showing its coin or the batch. Resolves to
 * the askers, one for each such batch. Called once a period; what was looked at once is not again, and an opening that comes late ends the suspension.
 */
export async function suspendUnopened(home: Pick<AnswerHome, 'register' | 'joined' | 'evaluator'>, at: number): Promise<PartyId[]> {
  const { register, joined } = home
  const { id, deadlines } = joined.agreement
  const due = at - deadlines.openSeconds
  const times = swept.get(register.db) ?? new Map<string, number>()
  swept.set(register.db, times)
  const answers = register.db.batches<Given>(
    "SELECT receiver, about FROM message WHERE sender = $1 AND agreement_id = $2 AND direction = 'out' AND kind = ANY($5) AND stored >= $3 AND stored <= $4",
    [register.file.party, id, timeOf((times.get(id) ?? SWEPT_AGAIN_SECONDS) - SWEPT_AGAIN_SECONDS), timeOf(due), EVALUATIONS], SWEPT_AT_ONCE)
  const suspended: PartyId[] = []
  for await (const given of answers) {
    const done = await doneAmong(register, given.map(({ about }) => batchKey(id, toHex(about))))
    for (const { receiver, about } of given) {
      const request = toHex(about)
      if (!done.has(batchKey(id, request)) && await suspendLate(home, receiver, request, at)) suspended.push(receiver)
    }
  }
  times.set(id, due)
  return suspended
}

async function suspendLate({ register, joined, evaluator }: Pick<AnswerHome, 'register' | 'joined' | 'evaluator'>, asker: PartyId, request: string, at: number): Promise<boolean> {
  const { id } = joined.agreement
  const key = batchKey(id, request)
  const evaluated = await answeredQuestion(register, joined, asker, request) !== undefined
  if (evaluated) await evaluator.suspend(id, asker, request, 'late')
  await doOnce(register, [key], evaluated ? 'suspended' : 'nothing to open', at)
  // An opening that came in between found no suspension to end.
  const opened = (await doneAmong(register, [key])).get(key) === 'opened'
  if (opened) await evaluator.forgive(id, asker, [request])
  return evaluated && !opened
}
