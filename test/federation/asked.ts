// One side asks the other through its door of messages, as over HTTP but without it: for tests of what is answered.
import { toHex } from '@muster/core/bytes/bytes.ts'
import { parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import type { Message } from '@muster/core/wire/message.ts'
import type { ReadHead } from '@muster/core/wire/head.ts'
import { ladderOfFind, recordedFind } from '@muster/core/rules/recovered-mark.ts'
import { admit } from '@muster/registry/admit.ts'
import { messageRoute, type MessageRoute } from '@muster/registry/http/message.ts'
import { declarationFolder } from '@muster/registry/log/own-log.ts'
import { answerMessage } from '@muster/registry/peer/answer.ts'
import { readReply, REPLY_BYTES_MAX, type Reply } from '@muster/registry/peer/exchange.ts'
import { startEvaluator, type Evaluator } from '@muster/registry/peer/evaluator-process.ts'
import { writeMessages, type Saying } from '@muster/registry/store/messages.ts'
import { lookUp, openingOf, questionTo, type Ground, type LookedUp, type Question } from '@muster/registry/trace/ask.ts'
import { boundFind, cosignedProof, type BoundFind } from '@muster/registry/trace/find.ts'
import { clock, type Side } from './two.ts'

export interface Door {
  readonly route: MessageRoute
  readonly evaluator: Evaluator
  readonly faults: unknown[]
}

/** The door of a side with an evaluator of its own. */
export function openDoor({ register, joined }: Side, group: Group, { mute = false, now = clock } = {}): Door {
  const evaluator = startEvaluator(register.dataDir)
  const faults: unknown[] = []
  const route = messageRoute({ register, joined, now, mute, admit: (message) => admit({ register, joined }, message, now()), answer: (message, at) => answerMessage({ register, joined, evaluator, group }, message, at), fault: (error) => faults.push(error) })
  return { route, evaluator, faults }
}

/** Writes one message of a side, signed and stored. */
export async function say({ register, joined }: Side, saying: Saying, at: number = clock()): Promise<Message> {
  const [message] = await writeMessages(register, joined, [saying], at)
  return message as Message
}

/** Hands a message to a door and reads the reply as its sender does. Throws where the door refuses it. */
export async function hand(from: Side, door: Door, message: Message): Promise<Reply & { readonly body: string }> {
  const { status, body } = await door.route(message.envelope)
  if (status !== 200) throw new Error(`${status} ${body}`)
  return { ...await readReply(from.register, from.joined, message, parseJson(Buffer.from(body), { bytes: REPLY_BYTES_MAX, depth: 64 }), clock()), body }
}

/** Tells and hands over in one; the body of the only answer. */
export async function ask(from: Side, door: Door, saying: Saying): Promise<{ readonly request: Message, readonly answers: readonly Message[], readonly body: string }> {
  const request = await say(from, saying)
  const { answers, body } = await hand(from, door, request)
  return { request, answers, body }
}

export async function groundOf({ log }: Side, finds: readonly BoundFind[]): Promise<Ground> {
  const [first] = finds
  if (first === undefined) throw new RangeError('a question is about a find')
  return { recoveries: finds.map(({ leaf, path }) => ({ binding: toHex(leaf), path: { ...path, proof: 0 } })), proofs: [await cosignedProof(log, first.path.entry, 0)] }
}

export async function findOf({ log }: Side, item: string): Promise<BoundFind> {
  const find = await boundFind(log, item)
  if (find === undefined) throw new Error(`the period of ${item} is open`)
  return find
}

export function keysOf({ event }: BoundFind): Uint8Array[] {
  const ladder = ladderOfFind(recordedFind(event)?.queries ?? [])
  if (ladder.verdict !== 'readable') throw new Error(ladder.message)
  return ladder.candidates.map(({ key }) => key)
}

export interface Questioned { readonly question: Question, readonly request: Message, readonly answer: Message, readonly lookups: readonly LookedUp[] }

/** A question of finds that are bound, answered and looked up; `keys` replaces the ladder's. */
export async function question(group: Group, from: Side, to: Side, door: Door, head: ReadHead, finds: readonly BoundFind[], keys: readonly Uint8Array[] = finds.flatMap(keysOf)): Promise<Questioned> {
  const asked = questionTo(group, to.party, head, keys, await groundOf(from, finds), 3600)
  const { request, answers } = await ask(from, door, asked.saying)
  const [answer] = answers
  if (answer?.payload.kind !== 'evaluation/answer') throw new Error(`answered by ${answer?.payload.kind ?? 'nothing'} ${JSON.stringify(answer?.payload.body)}`)
  return { question: asked, request, answer, lookups: lookUp(group, asked, answer, head, declarationFolder(to.log, head.hash), keys.length) }
}

/** The formal request for all hits; `change` replaces members of its body. */
export function formalOf({ question: asked, request, lookups }: Questioned, { eventText, salt }: BoundFind, change: { readonly [name: string]: Json } = {}): Saying {
  const hits = lookups.filter(({ found }) => 'present' in found).map(({ element, label }) => ({ element, label: toHex(label) }))
  return {
    to: asked.party, kind: 'trace/request', about: request.id,
    body: { request: request.id, coin: toHex(asked.coin), opened: openingOf(asked), recovery: { event: eventText, salt: toHex(salt) }, ground: 'exercise', use: 'exercise', hits, ...change },
  }
}

/** The opening of a batch that the coin picked. */
export function openingSaying({ question: asked, request }: Questioned, finds: readonly BoundFind[], change: { readonly [name: string]: Json } = {}): Saying {
  const recoveries = finds.map(({ eventText, salt }) => ({ event: eventText, salt: toHex(salt) }))
  return { to: asked.party, kind: 'evaluation/open', body: { batches: [{ request: request.id, coin: toHex(asked.coin), opened: openingOf(asked), recoveries, ...change }] } }
}

