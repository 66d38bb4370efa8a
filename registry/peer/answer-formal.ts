// The formal request after a hit (DESIGN section 5, step 5): the batch opened in whole, the find opened, and every key that was asked within
// its ladder; then what the agreement's standing rule, or two officers, release of the items that share each key.
import { equal, fromBase64, toHex } from '@muster/core/bytes/bytes.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { addSeconds, timeOf } from '@muster/core/bytes/time.ts'
import { labelOfOutput } from '@muster/core/oprf/label.ts'
import { finalizeEach } from '@muster/core/oprf/oprf.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { approveByRule, openable, type Approval } from '@muster/core/rules/disclosure.ts'
import type { Candidate } from '@muster/core/rules/ladder.ts'
import { IN_HAND } from '@muster/core/rules/status.ts'
import { bytesOf } from '@muster/core/wire/dossier.ts'
import { PAYLOAD_BYTES_MAX, type Message } from '@muster/core/wire/message.ts'
import { ITEMS_OF_A_KEY_MAX, traceBody, type AnsweredHit, type RefusalReason, type TraceBody } from '@muster/core/wire/trace-body.ts'
import { declarationUnder } from '../store/declarations.ts'
import type { Saying } from '../store/messages.ts'
import type { AnswerHome } from './answer.ts'
import { measuredChance } from './chance.ts'
import { hitJson, openKey, publishedUnder, type OpenedKey } from './opened-leaf.ts'
import { answeredBatch, beyondLadder, candidatesOf, demandWhole, isWrongOpening, recordFalseOpening, settleOpenings, type AnsweredBatch } from './opening.ts'

/** The hits of one answer; the payload's head and envelope need the rest. */
const HITS_BYTES_MAX = PAYLOAD_BYTES_MAX - 16_384

type Asked = TraceBody<'trace/request'>
interface Hit { readonly candidate: Candidate, readonly key: Uint8Array, readonly label: Uint8Array }

/** A formal request that holds: what it follows and what it hit. */
export interface CheckedRequest { readonly batch: AnsweredBatch, readonly hits: readonly Hit[] }

function refusal(message: Message, reason: RefusalReason): Saying {
  return { to: message.payload.from, kind: 'trace/refuse', body: { request: message.id, reason }, about: message.id }
}

/** Answers by the standing rule; without one nothing is said yet, and the request waits for officers. */
export async function answerFormal(home: AnswerHome, message: Message, at: number): Promise<Saying[]> {
  const { joined, evaluator } = home
  const checked = await checkFormal(home, message)
  if (checked === 'malformed') return [refusal(message, 'malformed')]
  if ('wrong' in checked) {
    await evaluator.suspend(joined.agreement.id, message.payload.from, checked.of, 'wrong')
    const batch = await answeredBatch(home.register, joined, message.payload.from, checked.of)
    if (batch !== undefined) await recordFalseOpening(home, batch, message, at)
    return [refusal(message, checked.wrong)]
  }
  await settleOpenings(home, message.payload.from, [checked.batch.request.id], at)
  const approval = approveByRule(joined.agreement, home.register.file.party, timeOf(at))
  return approval instanceof Refusal ? [] : [await disclose(home, message, checked, approval, at)]
}

function bodyOf(message: Message): Asked | undefined {
  try {
    return traceBody('trace/request', message.payload.body)
  } catch (thrown) {
    if (thrown instanceof Refusal) return undefined
    throw thrown
  }
}

/** `malformed`: it follows no evaluation of this asker's; `wrong`: it opens another batch, find or ladder than was asked. */
export async function checkFormal({ register, joined, group }: Pick<AnswerHome, 'register' | 'joined' | 'group'>, message: Message): Promise<CheckedRequest | 'malformed' | { readonly wrong: RefusalReason, readonly of: string }> {
  const asked = bodyOf(message)
  const batch = asked === undefined ? undefined : await answeredBatch(register, joined, message.payload.from, asked.request)
  if (asked === undefined || batch === undefined) return 'malformed'
  const of = batch.request.id
  try {
    const inputs = demandWhole(group, batch, asked.coin, asked.opened)
    const ladder = candidatesOf(batch, asked.recovery)
    if (beyondLadder(batch, inputs, [ladder]) !== undefined) return { wrong: 'not-bound', of }
    const hits = hitsOf(group, batch, asked, inputs, ladder)
    return hits === undefined ? 'malformed' : { batch, hits }
  } catch (thrown) {
    if (isWrongOpening(thrown)) return { wrong: thrown instanceof Refusal ? 'not-bound' : 'malformed', of }
    throw thrown
  }
}

/** The hits with their candidates; undefined where one is of no candidate, or its label is not what the evaluation gives. */
function hitsOf(group: Group, { answered }: AnsweredBatch, { hits, opened }: Asked, inputs: readonly Uint8Array[], ladder: ReadonlyMap<string, Candidate>): Hit[] | undefined {
  const places = hits.map(({ element }) => element)
  if (new Set(places).size !== places.length || places.some((at) => at >= inputs.length)) return undefined
  const keys = places.map((at) => inputs[at] as Uint8Array)
  const candidates = keys.map((key) => ladder.get(toHex(key)))
  const outputs = finalizeEach(group, keys, places.map((at) => bytesOf((opened[at] as Asked['opened'][number]).blind)), places.map((at) => fromBase64(answered.elements[at] as string) as Uint8Array))
  const labels = outputs.map(labelOfOutput)
  if (candidates.includes(undefined) || hits.some(({ label }, i) => !equal(bytesOf(label), labels[i] as Uint8Array))) return undefined
  return candidates.map((candidate, i) => ({ candidate: candidate as Candidate, key: keys[i] as Uint8Array, label: labels[i] as Uint8Array }))
}

/** The answer that an approval permits. A key that more items share than an answer holds, or whose leaf cannot be made again, stays closed. */
export async function disclose(home: Pick<AnswerHome, 'register' | 'joined'>, message: Message, { batch, hits }: CheckedRequest, approval: Approval, at: number): Promise<Saying> {
  const { register, joined } = home
  const declaration = await declarationUnder(register, joined.agreement.id, batch.answered.head)
  if (declaration === undefined) return refusal(message, 'unknown-head')
  const published = publishedUnder(register, joined, declaration)
  const opened: OpenedKey[] = []
  const told: AnsweredHit[] = []
  let room = HITS_BYTES_MAX
  for (const { candidate, key, label } of hits) {
    const leaf = await openKey(register, joined, published, key, label)
    if (leaf === undefined || leaf.bearers.length > ITEMS_OF_A_KEY_MAX) continue
    const hit = hitJson(leaf, await measuredChance(register.db, declaration, candidate), ({ kinds }) => openable(approval, kinds, joined.agreement.disclosure))
    const length = JSON.stringify(hit).length
    if (length > room) continue
    room -= length
    opened.push(leaf)
    told.push(hit)
  }
  // A hit on an item that its party still claims to have in hand opens a look.
  const claimed = message.payload.from !== register.file.party && approval.sections.includes('status') && opened.some(({ bearers }) => bearers.some(({ holding }) => IN_HAND.includes(holding.status)))
  const look = claimed ? { due: addSeconds(timeOf(at), joined.agreement.deadlines.lookSeconds) } : null
  return { to: message.payload.from, kind: 'trace/answer', body: { request: message.id, hits: told, look }, about: message.id }
}
