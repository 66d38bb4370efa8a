// A party that answers a question with an evaluation that is none: the asker goes on without it, accuses it with evidence, and of a damage of its
// own disk accuses nobody.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fromBase64, fromHex, toBase64 } from '@muster/core/bytes/bytes.ts'
import { canonical, parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { labelOfOutput } from '@muster/core/oprf/label.ts'
import { blindEach, evaluateWithProof, finalizeEach, verifyProof, VOPRF } from '@muster/core/oprf/oprf.ts'
import { parseEnvelope, sealEnvelope, type Message } from '@muster/core/wire/message.ts'
import { receiptBody } from '@muster/core/wire/receipt.ts'
import { traceBody } from '@muster/core/wire/trace-body.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { sodiumGroup } from '@muster/fast/sodium-group.ts'
import { Fault } from '@muster/registry/engine/fault.ts'
import { openAnswering, type Answering } from '@muster/registry/answering.ts'
import { catchUp, sequence, type MessageDoor } from '@muster/registry/main.ts'
import { traceFind, type Traced } from '@muster/registry/trace/trace.ts'
import { findOf, keysOf } from './asked.ts'
import { AA, BB, oneRegistry, type One } from './one.ts'
import { cosigns, entriesFor, labelOf, withBody, type Handler } from './puppet.ts'
import { clock, DRILL, enter } from './two.ts'

interface Evaluation { readonly elements: readonly Uint8Array[], readonly proof: Uint8Array }

let one: One
let group: Group
let answering: Answering
let item = ''
const first = entriesFor(256)
/** The scalar under which the puppet's public key is what its record says, and another one. */
const ONE = Uint8Array.from({ length: 32 }, (_, i) => i === 0 ? 1 : 0)
const TWO = Uint8Array.from({ length: 32 }, (_, i) => i === 0 ? 2 : 0)
/** Messages of the puppet to AA so far. */
let last: Message | undefined
/** Seconds by which both sides' clocks were moved. */
let ahead = 0

before(async () => {
  group = await sodiumGroup()
  one = await oneRegistry({ openOneIn: 1 })
  one.puppet.instead.set('/witness/add-checkpoint', cosigns(one.puppet))
  ;[item = ''] = await enter(one.side(), 'seized', [{ type: '9М39', serial: '0123' }])
  await one.puppet.declare(first)
  await one.puppet.publish()
  await catchUp(one.home(), one.hall())
  answering = await openAnswering(one.home())
  await sequence(one.home(), one.hall())
})
after(async () => {
  await answering.close()
  await one.remove()
})

function says(kind: 'receipt' | 'evaluation/answer' | 'evaluation/refuse', body: { readonly [name: string]: Json }): Json {
  const { marking } = one.agreement
  last = sealEnvelope(p, {
    v: 'muster/message/1', kind, from: BB, to: AA, agreement: DRILL, sequence: last === undefined ? 0 : last.payload.sequence + 1, previous: last?.id ?? null, time: timeOf(clock() + ahead), expiry: null, marking, body,
  }, one.puppet.keys.message)
  return parseJson(last.envelope)
}

/** Answers each question with what `hostile` makes of the true evaluation. */
const answers = (hostile: (elements: readonly Uint8Array[], whole: Evaluation) => { readonly elements: readonly Uint8Array[], readonly proof: Uint8Array }): Handler => (request, response) => {
  withBody(request, (bytes) => {
    const message = parseEnvelope(p, bytes, one.hall().joined.trust.messageKeys)
    assert.ok(!(message instanceof Error))
    const reply = [says('receipt', receiptBody(message))]
    if (message.payload.kind === 'evaluation/request') {
      const asked = traceBody('evaluation/request', message.payload.body)
      const blinded = asked.elements.map((element) => fromBase64(element) as Uint8Array)
      const { evaluationElements, proof } = evaluateWithProof(group, ONE, blinded, TWO)
      const made = hostile(blinded, { elements: evaluationElements, proof })
      reply.push(says('evaluation/answer', { request: message.id, head: asked.head, elements: made.elements.map(toBase64), proof: toBase64(made.proof), coin: '00'.repeat(32), none: null }))
    }
    response.end(canonical({ receipt: reply[0] as Json, answers: reply.slice(1) }))
  })
}

async function traced(handler: Handler, own: MessageDoor = answering.message): Promise<Traced> {
  one.puppet.instead.set(`/message/${DRILL}`, handler)
  one.told.length = 0
  return traceFind({ home: one.home(), hall: one.hall(), group, own }, item, { wait_ms: 20_000, untilSilent: false })
}

interface ToldReply { readonly receipt: Json, readonly answers: readonly Json[] }

/** Answers with what `change` makes of the reply of another. */
const altered = (change: (reply: ToldReply) => ToldReply, other: Handler): Handler => (request, response) => {
  const end = response.end.bind(response) as (body: string) => typeof response
  response.end = ((body: string) => end(canonical({ ...change(parseJson(Buffer.from(body)) as unknown as ToldReply) }))) as typeof response.end
  other(request, response)
}

/** Every question gets a refusal besides. */
const twice = ({ receipt, answers: [answer, ...more] }: ToldReply): ToldReply => {
  if (answer === undefined) return { receipt, answers: more }
  const { payload } = answer as { payload: string }
  const { request } = (JSON.parse(Buffer.from(payload, 'base64').toString('utf8')) as Message['payload']).body as { request: string }
  return { receipt, answers: [answer, says('evaluation/refuse', { request, reason: 'quota' })] }
}

/** A formal request, which is not answered at once, gets the receipt for another message. */
const wrongReceipt = (reply: ToldReply): ToldReply => reply.answers.length > 0 ? reply : { receipt: says('receipt', { of: ['00'.repeat(32)] }), answers: [] }

const honest = answers((_, whole) => whole)
const lie = (elements: readonly Uint8Array[], at: number, instead: Uint8Array) => elements.map((element, i) => i === at ? instead : element)
const flip = (bytes: Uint8Array) => bytes.map((byte, i) => i === 3 ? byte ^ 1 : byte)

const lies: readonly [string, Parameters<typeof answers>[0], string][] = [
  ['an element that is not canonical', (_, { elements, proof }) => ({ elements: lie(elements, 5, new Uint8Array(32).fill(0xff)), proof }), 'evaluation/element-not-canonical'],
  ['an element that no square root gives', (_, { elements, proof }) => ({ elements: lie(elements, 5, fromHex('26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371') as Uint8Array), proof }), 'evaluation/element-not-canonical'],
  ['the identity', (_, { elements, proof }) => ({ elements: lie(elements, 15, new Uint8Array(32)), proof }), 'evaluation/element-identity'],
  ['an element too few', (_, { elements, proof }) => ({ elements: elements.slice(1), proof }), 'evaluation/batch-uneven'],
  ['an element too many', (_, { elements, proof }) => ({ elements: [...elements, elements[0] as Uint8Array], proof }), 'evaluation/batch-uneven'],
  ['1,024 elements to 16', (_, { elements, proof }) => ({ elements: Array.from({ length: 1024 }, () => elements[0] as Uint8Array), proof }), 'evaluation/batch-uneven'],
  ['two elements exchanged', (_, { elements, proof }) => ({ elements: [elements[1], elements[0], ...elements.slice(2)] as Uint8Array[], proof }), 'evaluation/proof-wrong'],
  ['an evaluation under another key than the head\'s', (blinded) => {
    const { evaluationElements, proof } = evaluateWithProof(group, TWO, blinded, TWO)
    return { elements: evaluationElements, proof }
  }, 'evaluation/proof-wrong'],
  ['one element under another key', (blinded, { elements, proof }) => ({ elements: lie(elements, 2, evaluateWithProof(group, TWO, blinded, TWO).evaluationElements[2] as Uint8Array), proof }), 'evaluation/proof-wrong'],
  ['a proof that was changed', (_, { elements, proof }) => ({ elements, proof: flip(proof) }), 'evaluation/proof-wrong'],
  ['a scalar beyond the order in its proof', (_, { elements, proof }) => ({ elements, proof: proof.map((byte, i) => i < 32 ? 0xff : byte) }), 'evaluation/'],
  ['all elements in reverse', (blinded, { proof }) => ({ elements: blinded.toReversed(), proof }), 'evaluation/proof-wrong'],
]

test('an evaluation that holds is looked up and proves absence', async () => {
  const { conclusion } = await traced(answers((_, whole) => whole))
  assert.deepEqual([conclusion.outcome, conclusion.counts.absent, conclusion.counts.unreachable], ['absent', 1, 0], one.told.join('\n'))
  assert.deepEqual(await one.breaches(), [])
})

test('an own registry that answers nothing, as without an evaluator, ends the trace before anybody else is asked', async () => {
  const dossiers = () => readdirSync(join(one.dataDir, 'dossiers')).length
  const kept = dossiers()
  let heard = 0
  const listening: Handler = (request, response) => {
    heard += 1
    answers((_, whole) => whole)(request, response)
  }
  await assert.rejects(traced(listening, () => Promise.resolve({ status: 503, body: 'evaluator-unavailable' })), (error) => error instanceof Fault && error.code === 'own-registry' && /nobody else was asked/.test(error.message))
  assert.deepEqual([heard, dossiers()], [0, kept])
})

for (const [what, hostile, code] of lies) {
  test(`a party that answers with ${what} counts as one that did not answer, and request, answer and head that convict it are on file`, async () => {
    await one.wipe(['breach'])
    const { conclusion, dossier } = await traced(answers(hostile))
    assert.deepEqual([conclusion.counts.absent, conclusion.counts.present, conclusion.counts.unreachable], [0, 0, 1])
    assert.match(one.told.join('\n'), /^BB: /)
    const [breach, ...more] = await one.breaches()
    assert.ok(breach !== undefined && breach.code.startsWith(code) && more.length === 0, JSON.stringify([breach?.code, ...more.map((each) => each.code)]))
    const { request, answer, head } = breach.evidence as { request: string, answer: string, head: string }
    const [asked, answered] = [request, answer].map((envelope) => parseEnvelope(p, fromHex(envelope) as Uint8Array, one.hall().joined.trust.messageKeys)) as [Message, Message]
    assert.equal(traceBody('evaluation/answer', answered.payload.body).request, asked.id)
    const { oprf } = parseJson(fromHex(head) as Uint8Array) as { oprf: string }
    const bytes = (texts: readonly string[] | null) => (texts ?? []).map((text) => fromBase64(text) as Uint8Array)
    const { elements, proof } = traceBody('evaluation/answer', answered.payload.body)
    let holds = false
    try {
      holds = verifyProof(group, fromBase64(oprf) as Uint8Array, bytes(traceBody('evaluation/request', asked.payload.body).elements), bytes(elements), fromBase64(proof ?? '') as Uint8Array)
    } catch {
      holds = false
    }
    assert.equal(holds, false, 'anybody who checks the evidence finds the same')
    assert.equal(await one.charged(breach.code), 'false-evaluation')
    assert.ok(dossier.length > 0)
  })
}

test('a party that answers one question twice counts as one that did not answer, and both answers convict it', async () => {
  await one.wipe(['breach'])
  const { conclusion } = await traced(altered(twice, honest))
  assert.deepEqual([conclusion.counts.absent, conclusion.counts.refused, conclusion.counts.unreachable], [0, 0, 1])
  assert.deepEqual((await one.breaches()).map(({ code }) => code), ['message/two-answers'])
  assert.equal(await one.charged('message/two-answers'), 'two-answers')
})

test('a question that ran out on its way is put once more, and the answer counts', async () => {
  await one.wipe(['breach'])
  const { answerSeconds } = one.agreement.deadlines
  let asked = 0
  const slow: Handler = (request, response) => {
    asked += 1
    if (asked > 1) return answers((_, whole) => whole)(request, response)
    ahead = answerSeconds + 1
    one.later(ahead)
    withBody(request, () => response.writeHead(400).end('message/expired'))
  }
  const { conclusion } = await traced(slow)
  assert.deepEqual([asked, conclusion.counts.absent, conclusion.counts.unreachable], [2, 1, 0], one.told.join('\n'))
})

test('a copy of a declaration that was damaged on this disk accuses nobody: the trace goes on without it and says so', async () => {
  // What nobody watches for is not looked for in the copy before it is damaged.
  await one.wipe(['breach', 'watch', 'watch_news'])
  const head = await one.puppet.declare(entriesFor(512, first.slice(1, -1).map(labelOf), 'more'))
  await one.puppet.publish()
  await catchUp(one.home(), one.hall())
  const copy = join(one.dataDir, 'mirror', DRILL, BB, 'd', head.hash)
  for (const tile of ['000', '001']) await truncate(join(copy, 'tile', '0', tile), 100)
  const { conclusion } = await traced(answers((_, whole) => whole))
  assert.deepEqual([conclusion.counts.absent, conclusion.counts.unreachable], [0, 1])
  assert.match(one.told.join('\n'), /tile\/0\/00\d/)
  assert.deepEqual(await one.breaches(), [])
})

test('a forged reply to a formal request does not end the trace: what was declared counts, and the reply is told', async () => {
  await one.wipe(['breach'])
  const keys = keysOf(await findOf(one.side(), item))
  const ones = keys.map(() => ONE)
  const labels = finalizeEach(group, keys, ones, blindEach(group, VOPRF, keys, ones)).map(labelOfOutput)
  const before = entriesFor(512, first.slice(1, -1).map(labelOf), 'more').slice(1, -1).map(labelOf)
  await one.puppet.declare(entriesFor(768, [...before, ...labels], 'most'))
  await one.puppet.publish()
  await catchUp(one.home(), one.hall())
  const { conclusion } = await traced(altered(wrongReceipt, honest))
  assert.deepEqual([conclusion.counts.present, conclusion.counts.absent, conclusion.counts.unreachable], [1, 0, 0], one.told.join('\n'))
  assert.match(one.told.join('\n'), /^BB: .*receipt/m)
})
