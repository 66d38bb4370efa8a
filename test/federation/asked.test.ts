import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fromBase64, fromHex, toBase64, toHex } from '@muster/core/bytes/bytes.ts'
import type { Json } from '@muster/core/bytes/canonical.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { labelsOf, verifyOpenings } from '@muster/core/proof/opening.ts'
import { CHANCES } from '@muster/core/rules/chance.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import { keysOfItem } from '@muster/core/rules/match-key.ts'
import type { ReadHead } from '@muster/core/wire/head.ts'
import { sealEnvelope, type Message } from '@muster/core/wire/message.ts'
import { traceBody, type AnsweredHit } from '@muster/core/wire/trace-body.ts'
import { openCopy } from '@muster/fast/declaration/copy.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { sodiumGroup } from '@muster/fast/sodium-group.ts'
import { chargeUnopened, isDisproven } from '@muster/registry/delivery/charge.ts'
import { declare } from '@muster/registry/log/declare.ts'
import { declarationFolder } from '@muster/registry/log/own-log.ts'
import { answerMessage } from '@muster/registry/peer/answer.ts'
import { evidenceFile } from '@muster/registry/peer/evidence-file.ts'
import { suspendUnopened } from '@muster/registry/peer/opening.ts'
import { filedBreaches, type FiledBreach } from '@muster/registry/store/breaches.ts'
import { eventsOf } from '@muster/registry/store/events.ts'
import { messagesAbout, receiveMessages, writeMessages, type Saying } from '@muster/registry/store/messages.ts'
import { openingOf, questionTo, type Ground } from '@muster/registry/trace/ask.ts'
import { ask, findOf, formalOf, groundOf, hand, keysOf, openDoor, openingSaying, question, say, type Door, type Questioned } from './asked.ts'
import { add, clock, DRILL, enter, identityOf, officeSaid, twoRegisters, type Two } from './two.ts'

let two: Two
let group: Group
let door: Door
let head: ReadHead
let held: ItemId[]
let seized: ItemId[]

before(async () => {
  group = await sodiumGroup()
  two = await twoRegisters({ quota: { windowSeconds: 86_400, askerElements: 20_000, allElements: 20_000 } })
  const others = Array.from({ length: 40 }, (_, i) => ({ serial: `8${4001 + 37 * i}`, type: '9M39' }))
  held = await enter(two.bb, 'baseline', [{ type: '9M39', serial: '77123' }, { type: '9M36', serial: '77123' }, { type: '9M39', serial: '60606' }, ...others])
  head = (await two.declare(two.bb)).head
  seized = await enter(two.aa, 'seized', [{ type: '9M39', serial: '77123' }, { serial: '20202' }, { serial: '30303' }, { type: '9M39', serial: '60606' }])
  await two.period(two.aa)
  door = openDoor(two.bb, group)
})
after(async () => {
  await door.evaluator.close()
  await two.remove()
})

const item = (n: number) => seized[n] as ItemId
const asking = async (n: number, keys?: readonly Uint8Array[]): Promise<Questioned> => question(group, two.aa, two.bb, door, head, [await findOf(two.aa, item(n))], keys)
const suspended = async () => (await door.evaluator.facts(DRILL)).suspended.map(({ why }) => why)

async function refusedFor(saying: Parameters<typeof ask>[2]): Promise<string | undefined> {
  const { answers: [answer] } = await ask(two.aa, door, saying)
  return answer?.payload.kind === 'evaluation/refuse' || answer?.payload.kind === 'trace/refuse' ? traceBody(answer.payload.kind, answer.payload.body).reason : answer?.payload.kind
}

/** Opens a hit as the asker does; the statuses of its items by label. */
function opened(under: ReadHead, hit: AnsweredHit, entry: Uint8Array): string[] {
  const sections = (all: AnsweredHit['sections'] | AnsweredHit['items'][number]['sections']) =>
    Object.entries(all).map(([section, { salt, bytes }]) => ({ section, salt: fromHex(salt) as Uint8Array, bytes: fromBase64(bytes) as Uint8Array }))
  const digests = (all: readonly string[]) => all.map((digest) => fromHex(digest) as Uint8Array)
  const key = verifyOpenings(p, entry, digests(hit.digests), sections(hit.sections))
  assert.ok(!('problem' in key) && key.kind === 'key', JSON.stringify(key))
  assert.deepEqual((labelsOf(key.sections.get('items') as Uint8Array) as Uint8Array[]).map(toHex), hit.items.map(({ label }) => label))
  const copy = openCopy(declarationFolder(two.bb.log, under.hash), { size: under.head.size, root: fromBase64(under.head.root) as Uint8Array })
  return hit.items.map((each) => {
    const found = copy.prove(fromHex(each.label) as Uint8Array)
    assert.ok('present' in found)
    const leaf = verifyOpenings(p, found.present.entry, digests(each.digests), sections(each.sections))
    assert.ok(!('problem' in leaf) && leaf.kind === 'item', JSON.stringify(leaf))
    const { status, type } = JSON.parse(Buffer.from(leaf.sections.get('status') as Uint8Array).toString()) as { status: string, type: { is: string } }
    return `${type.is} ${status}`
  })
}

function hitsOf(answer: Message | undefined): readonly AnsweredHit[] {
  assert.equal(answer?.payload.kind, 'trace/answer', JSON.stringify(answer?.payload.body))
  return traceBody('trace/answer', (answer).payload.body).hits
}

const entryOf = (asked: Questioned, label: string): Uint8Array => {
  const found = asked.lookups.find((each) => toHex(each.label) === label)?.found
  assert.ok(found !== undefined && 'present' in found)
  return found.present.entry
}

test('a bound find is answered, and the formal request opens each key that hit and the items that share it, as they were declared', async () => {
  const asked = await asking(0)
  const find = await findOf(two.aa, item(0))
  const { answers: [answer] } = await ask(two.aa, door, formalOf(asked, find))
  const hits = hitsOf(answer)
  assert.equal(hits.length, 2)
  assert.deepEqual(hits.map((hit) => opened(head, hit, entryOf(asked, hit.label)).sort()).sort((a, b) => a.length - b.length), [['9M39 held'], ['9M36 held', '9M39 held']])
  for (const { chance, items } of hits) {
    assert.equal(chance.tried, 10_000)
    assert.ok((CHANCES as readonly string[]).includes(chance.percent) && chance.percent !== '100')
    assert.equal(chance.pattern, '19999')
    assert.deepEqual(Object.keys(items[0]?.sections ?? {}).sort(), ['acquired', 'kind', 'released', 'status'], 'only what the standing rule names')
  }
  assert.notEqual(traceBody('trace/answer', (answer as Message).payload.body).look, null, 'what is still claimed is looked at')
  const again = await ask(two.aa, door, formalOf(asked, find))
  assert.deepEqual(hitsOf(again.answers[0]).map(({ chance }) => chance), hits.map(({ chance }) => chance), 'the same question about one declaration gets the same figure')
})

test('a message handed in again, one after the other or at once, gets the stored receipt and answer and spends nothing', async () => {
  const find = await findOf(two.aa, item(1))
  const asked = questionTo(group, two.bb.party, head, keysOf(find), await groundOf(two.aa, [find]), 3600)
  const request = await say(two.aa, asked.saying)
  const before = (await door.evaluator.facts(DRILL)).spentByAll
  const replies = await Promise.all(Array.from({ length: 6 }, () => door.route(request.envelope)))
  replies.push(await door.route(request.envelope))
  assert.equal(new Set(replies.map(({ body }) => body)).size, 1)
  assert.equal((await door.evaluator.facts(DRILL)).spentByAll - before, asked.elements.length)
  await ask(two.aa, door, openingSaying({ question: asked, request, answer: request, lookups: [] }, [find]))
})

test('an expired request is refused, unless it was received in time', async () => {
  const find = await findOf(two.aa, item(1))
  const saying = questionTo(group, two.bb.party, head, keysOf(find), await groundOf(two.aa, [find]), 60).saying
  const late = openDoor(two.bb, group, { now: () => clock() + 120 })
  try {
    const [kept, lost] = [await say(two.aa, saying), await say(two.aa, saying)]
    const { body } = await hand(two.aa, door, kept)
    assert.equal((await late.route(lost.envelope)).status, 410)
    assert.equal((await late.route(kept.envelope)).body, body)
  } finally {
    await late.evaluator.close()
  }
})

test('what is addressed to another, forged, too long, dated ahead or no envelope is refused by status and code, and stored nowhere', async () => {
  const count = async () => (await two.bb.register.db.read<{ n: number }>('SELECT count(*) AS n FROM message'))[0]?.n
  const before = await count()
  const statusOf = async (bytes: Uint8Array) => {
    const { status, body } = await door.route(bytes)
    return `${status} ${(JSON.parse(body) as { code: string }).code}`
  }
  const message = await say(two.aa, officeSaid(two.bb.party))
  const text = Buffer.from(message.envelope).toString()
  assert.equal(await statusOf((await say(two.aa, officeSaid(two.aa.party))).envelope), '421 message/other-receiver')
  assert.equal(await statusOf(Buffer.from(text.replace(/"mldsa44":"(.)/, (_, first: string) => `"mldsa44":"${first === 'A' ? 'B' : 'A'}`))), '403 message/signature')
  assert.equal(await statusOf(Buffer.from(text.slice(1))), '400 envelope/json')
  assert.equal(await statusOf(new Uint8Array(2_000_000)), '413 envelope/too-long')
  const ahead = sealEnvelope(p, { ...message.payload, time: '2099-01-01T00:00:00Z' }, two.aa.joined.keys.message)
  assert.equal(await statusOf(ahead.envelope), '400 message/from-the-future')
  const stranger = sealEnvelope(p, { ...message.payload, from: 'ZZ' as typeof message.payload.from }, two.aa.joined.keys.message)
  assert.equal(await statusOf(stranger.envelope), '403 message/unknown-sender')
  assert.equal(await count(), before)
  await hand(two.aa, door, message)
})

test('a question is answered for good once, whoever answers it again: a second answer would convict', async () => {
  const about = 'ab'.repeat(32)
  const saying = (kind: 'trace/answer' | 'trace/refuse' | 'evaluation/refuse', reason: string): Saying => ({ to: two.aa.party, kind, body: { request: about, reason }, about })
  const write = async (...sayings: Saying[]) => (await writeMessages(two.bb.register, two.bb.joined, sayings, clock())).map(({ id }) => id)
  const [first] = await write(saying('trace/answer', 'a'))
  assert.deepEqual(await write(saying('trace/refuse', 'b')), [first])
  const [receipt, again, evaluation] = await write({ to: two.aa.party, kind: 'receipt', body: { of: [about] }, about }, saying('trace/answer', 'c'), saying('evaluation/refuse', 'd'))
  assert.equal(again, first)
  assert.equal(new Set([first, receipt, evaluation]).size, 3, 'an answer to the evaluation is another matter, and so is a receipt')
})

test('two messages of one sequence are a breach with both as evidence, and the second is not answered', async () => {
  const first = await say(two.aa, officeSaid(two.bb.party, 'first'))
  await hand(two.aa, door, first)
  const second = sealEnvelope(p, { ...first.payload, body: officeSaid(two.bb.party, 'second').body }, two.aa.joined.keys.message)
  const { status, body } = await door.route(second.envelope)
  assert.equal(status, 409)
  assert.equal((JSON.parse(body) as { code: string }).code, 'message/same-sequence-two-ids')
  await door.route(second.envelope)
  const rows = await two.bb.register.db.read<{ party: string, code: string, evidence: string }>("SELECT party, code, evidence FROM breach WHERE code = 'message/same-sequence-two-ids'")
  assert.equal(rows.length, 1)
  const evidence = JSON.parse(rows[0]?.evidence ?? '{}') as { first: string, second: string }
  assert.deepEqual([evidence.first, evidence.second], [toHex(first.envelope), toHex(second.envelope)])
  assert.equal((await door.route(first.envelope)).status, 200)
  const [filed] = await Array.fromAsync(filedBreaches(two.bb.register))
  assert.equal(evidenceFile(group, two.bb.joined, filed as FiledBreach)?.charge, 'two-messages')
})

test('a message that does not name the one before it is refused, and both convict', async () => {
  const first = await say(two.aa, officeSaid(two.bb.party, 'third'))
  await hand(two.aa, door, first)
  const next = sealEnvelope(p, { ...first.payload, sequence: first.payload.sequence + 1, previous: 'cd'.repeat(32) }, two.aa.joined.keys.message)
  assert.equal((await door.route(next.envelope)).status, 409)
  const filed = (await Array.fromAsync(filedBreaches(two.bb.register))).find(({ code }) => code === 'message/chain-broken')
  assert.equal(evidenceFile(group, two.bb.joined, filed as FiledBreach)?.charge, 'broken-chain')
})

test('a find that is not bound in the asker\'s log as the request says is refused, whatever part of its proof was forged', async () => {
  const find = await findOf(two.aa, item(1))
  const ground = await groundOf(two.aa, [find])
  const [recovery] = ground.recoveries as unknown as { binding: string, path: { batch: { index: number, path: string[] }, period: { salt: string }, entry: number, proof: number } }[]
  const [proof] = ground.proofs as [string]
  assert.ok(recovery !== undefined)
  const { path } = recovery
  const flipped = (hex: string) => `${hex.startsWith('0') ? '1' : '0'}${hex.slice(1)}`
  const own = (await groundOf(two.bb, [await seizedBy(two)])).proofs
  const forged: Record<string, Ground> = {
    'another leaf': { ...ground, recoveries: [{ ...recovery, binding: toHex((await findOf(two.aa, item(2))).leaf) }] },
    'another salt': { ...ground, recoveries: [{ ...recovery, path: { ...path, period: { ...path.period, salt: flipped(path.period.salt) } } }] },
    'another hash of the batch': { ...ground, recoveries: [{ ...recovery, path: { ...path, batch: { ...path.batch, path: path.batch.path.map((hash, i) => i === 0 ? flipped(hash) : hash) } } }] },
    'another place': { ...ground, recoveries: [{ ...recovery, path: { ...path, batch: { ...path.batch, index: path.batch.index === 0 ? 1 : 0 } } }] },
    'another entry': { ...ground, recoveries: [{ ...recovery, path: { ...path, entry: path.entry + 1 } }] },
    'no proof': { ...ground, recoveries: [{ ...recovery, path: { ...path, proof: 1 } }] },
    'a proof of the asked party\'s own log': { ...ground, proofs: own },
    'a checkpoint that another signed': { ...ground, proofs: [proof.replace(/\n— AA\/muster\/exercise-2 .{20}/, (line) => `${line.slice(0, -6)}AAAAAA`)] },
    'one true find and one forged': { ...ground, recoveries: [...ground.recoveries, { ...recovery, binding: flipped(recovery.binding) }] },
  }
  const before = (await door.evaluator.facts(DRILL)).spentByAll
  for (const [name, each] of Object.entries(forged)) {
    assert.equal(await refusedFor(questionTo(group, two.bb.party, head, keysOf(find), each, 3600).saying), 'not-bound', name)
  }
  assert.equal((await door.evaluator.facts(DRILL)).spentByAll, before)
})

async function seizedBy({ bb, period }: Two) {
  const [one] = await enter(bb, 'seized', [{ serial: '91919' }])
  await period(bb)
  return findOf(bb, one as string)
}

test('a find under a checkpoint that the asked party had not cosigned by then is refused', async () => {
  const [fresh] = await enter(two.aa, 'seized', [{ serial: '40404' }])
  await two.period(two.aa, [two.aa])
  const find = await findOf(two.aa, fresh as string)
  const keys = keysOf(find)
  assert.equal(await refusedFor(questionTo(group, two.bb.party, head, keys, await groundOf(two.aa, [find]), 3600).saying), 'not-cosigned')
  const bound = await findOf(two.aa, item(1))
  const request = await say(two.aa, questionTo(group, two.bb.party, head, keysOf(bound), await groundOf(two.aa, [bound]), 3600).saying)
  const [early] = await answerMessage({ register: two.bb.register, joined: two.bb.joined, evaluator: door.evaluator, group }, request, clock() - 3600)
  assert.equal((early?.body as { reason?: string }).reason, 'not-cosigned')
})

test('a head that is not the newest said, a size that was not agreed, a missing or stale declaration: each has its answer', async () => {
  const find = await findOf(two.aa, item(1))
  const ground = await groundOf(two.aa, [find])
  const keys = keysOf(find)
  const { saying } = questionTo(group, two.bb.party, head, keys, ground, 3600)
  assert.equal(await refusedFor({ ...saying, body: { ...saying.body, head: null } }), 'unknown-head')
  assert.equal(await refusedFor({ ...saying, body: { ...saying.body, head: 'ab'.repeat(32) } }), 'unknown-head')
  assert.equal(await refusedFor({ ...saying, body: { ...saying.body, elements: (saying.body['elements'] as Json[]).slice(1) } }), 'malformed')
  assert.equal(await refusedFor({ ...saying, body: { ...saying.body, elements: (saying.body['elements'] as Json[]).map((each, i) => i === 0 ? toBase64(new Uint8Array(32)) : each) } }), 'malformed')
  assert.equal(await refusedFor({ ...saying, body: { ...saying.body, coin: 'short' } }), 'malformed')
  const home = { register: two.bb.register, joined: two.bb.joined, evaluator: door.evaluator, group }
  const [stale] = await answerMessage(home, await say(two.aa, saying), clock() + 86_410)
  assert.deepEqual([stale?.body['none'], stale?.body['head'], stale?.body['elements']], ['stale', head.hash, null])
  const theirs = await seizedBy(two)
  const none = openDoor(two.aa, group)
  try {
    const { answers: [answer] } = await ask(two.bb, none, questionTo(group, two.aa.party, undefined, keysOf(theirs), await groundOf(two.bb, [theirs]), 3600).saying)
    assert.equal(answer?.payload.body['none'], 'no-declaration')
  } finally {
    await none.evaluator.close()
  }
})

test('a batch that the coin picked is opened with its find, and then nothing is said', async () => {
  const { answers } = await ask(two.aa, door, openingSaying(await asking(1), [await findOf(two.aa, item(1))]))
  assert.deepEqual(answers, [])
  assert.deepEqual(await suspended(), [])
})

test('one message opens many batches; where one of them is wrong it settles none, and the refusal is of the opening, not of a question that was answered', async () => {
  const find = await findOf(two.aa, item(1))
  const home = { register: two.bb.register, joined: two.bb.joined, evaluator: door.evaluator }
  await suspendUnopened(home, clock() + 61)
  await door.evaluator.forgive(DRILL, two.aa.party)
  const three = [await asking(1), await asking(1), await asking(1)]
  const shown = three.map((asked) => (openingSaying(asked, [find]).body['batches'] as Json[])[0] as { readonly [name: string]: Json })
  const opening = (batches: readonly Json[]): Saying => ({ to: two.bb.party, kind: 'evaluation/open', body: { batches: [...batches] } })
  const wrong = { ...shown[1], coin: '11'.repeat(32) } as Json
  const { answers: [refused] } = await ask(two.aa, door, opening([shown[0] as Json, wrong, shown[2] as Json]))
  assert.equal(refused?.payload.body.reason, 'suspended')
  assert.ok(!three.some(({ request }) => request.id === refused?.payload.body.request), 'a second answer to the question would convict who gives it')
  assert.deepEqual(await suspended(), ['wrong'])
  await door.evaluator.forgive(DRILL, two.aa.party)
  assert.equal((await suspendUnopened(home, clock() + 61)).length, 3, 'none is settled')
  assert.deepEqual(await suspended(), ['late', 'late'], 'what officers forgave stays forgiven')
  const { answers } = await ask(two.aa, door, opening(shown))
  assert.deepEqual(answers, [])
  assert.deepEqual(await suspended(), [])
})

test('whoever opens with another order, input, blind, coin or find, or not at all, is suspended until officers lift it', async () => {
  const find = await findOf(two.aa, item(1))
  const other = await findOf(two.aa, item(2))
  const swap = (all: readonly Json[]) => [all[1], all[0], ...all.slice(2)] as Json[]
  const crimes: Record<string, (asked: Questioned) => { readonly [name: string]: Json }> = {
    'reordered': ({ question: { inputs: _, ...rest }, ...asked }) => ({ opened: swap(openingOf({ inputs: _, ...rest })), request: asked.request.id }),
    'another input': ({ question: asked }) => ({ opened: openingOf(asked).map((each, i) => i === 0 ? { ...each, input: toBase64(new Uint8Array(9)) } : each) }),
    'another blind': ({ question: asked }) => ({ opened: openingOf(asked).map((each, i, all) => i === 0 ? { ...each, blind: all[1]?.blind ?? '' } : each) }),
    'one element less': ({ question: asked }) => ({ opened: openingOf(asked).slice(1) }),
    'another coin': () => ({ coin: '11'.repeat(32) }),
    'not opened': () => ({ opened: null }),
    'without its find': () => ({ recoveries: [{ event: other.eventText, salt: toHex(other.salt) }] }),
    'another salt': () => ({ recoveries: [{ event: find.eventText, salt: toHex(other.salt) }] }),
  }
  for (const [name, crime] of Object.entries(crimes)) {
    const asked = await asking(1)
    assert.equal(await refusedFor(openingSaying(asked, [find], crime(asked))), 'suspended', name)
    assert.deepEqual(await suspended(), ['wrong'], name)
    assert.equal(await refusedFor((await questionAgain()).saying), 'suspended', name)
    await door.evaluator.forgive(DRILL, two.aa.party)
  }
  assert.deepEqual(await suspended(), [])
})

async function questionAgain() {
  const find = await findOf(two.aa, item(1))
  return questionTo(group, two.bb.party, head, keysOf(find), await groundOf(two.aa, [find]), 3600)
}

test('a question beyond the ladder of its find is found out when it is opened, by the coin or by the formal request', async () => {
  const find = await findOf(two.aa, item(1))
  const [guess] = keysOfItem(identityOf({ type: '9M39', serial: '60606' }))
  assert.ok(guess !== undefined)
  const asked = await asking(1, [...keysOf(find), guess.bytes])
  assert.equal(asked.lookups.filter(({ found }) => 'present' in found).length, 1, 'the guess hit')
  assert.equal(await refusedFor(openingSaying(asked, [find])), 'suspended')
  await door.evaluator.forgive(DRILL, two.aa.party)
  assert.equal(await refusedFor(formalOf(await asking(1, [...keysOf(find), guess.bytes]), find)), 'not-bound')
  assert.deepEqual(await suspended(), ['wrong'])
  await door.evaluator.forgive(DRILL, two.aa.party)
})

test('a formal request that opens another batch or find suspends; one that names other hits is malformed', async () => {
  const find = await findOf(two.aa, item(0))
  const other = await findOf(two.aa, item(2))
  const asked = await asking(0)
  const hits = formalOf(asked, find).body['hits'] as { element: number, label: string }[]
  assert.equal(await refusedFor(formalOf(asked, find, { request: 'cd'.repeat(32) })), 'malformed')
  assert.equal(await refusedFor(formalOf(asked, find, { hits: [{ element: hits[0]?.element ?? 0, label: 'ee'.repeat(32) }] })), 'malformed')
  assert.equal(await refusedFor(formalOf(asked, find, { hits: [...hits, ...hits] })), 'malformed')
  assert.equal(await refusedFor(formalOf(asked, find, { hits: [{ element: 1023, label: hits[0]?.label ?? '' }] })), 'malformed')
  assert.deepEqual(await suspended(), [])
  assert.equal(await refusedFor(formalOf(asked, other)), 'not-bound')
  assert.deepEqual(await suspended(), ['wrong'])
  await door.evaluator.forgive(DRILL, two.aa.party)
  assert.equal(await refusedFor(formalOf(await asking(0), find, { opened: (openingOf(asked.question) as Json[]).toReversed() })), 'malformed')
  assert.deepEqual(await suspended(), ['wrong'])
  await door.evaluator.forgive(DRILL, two.aa.party)
})

test('several finds in one batch: each is opened by a formal request of its own, and with all of them nothing may be beyond', async () => {
  const finds = [await findOf(two.aa, item(0)), await findOf(two.aa, item(2)), await findOf(two.aa, item(3))] as const
  const asked = await question(group, two.aa, two.bb, door, head, finds)
  const first = keysOf(finds[0]).map(toHex)
  const hits = asked.lookups.filter(({ found, element }) => 'present' in found && first.includes(toHex(asked.question.inputs[element] as Uint8Array))).map(({ element, label }) => ({ element, label: toHex(label) }))
  const { answers: [answer] } = await ask(two.aa, door, formalOf(asked, finds[0], { hits }))
  assert.equal(hitsOf(answer).length, 2)
  assert.equal(await refusedFor(formalOf(asked, finds[0])), 'malformed', 'hits of a find that is not opened')
  assert.equal(await refusedFor(openingSaying(asked, finds)), undefined)
  assert.deepEqual(await suspended(), [])
})

test('whoever does not open in time is suspended by the sweep, and an opening that comes late ends it', async () => {
  const home = { register: two.bb.register, joined: two.bb.joined, evaluator: door.evaluator }
  await suspendUnopened(home, clock() + 61)
  await door.evaluator.forgive(DRILL, two.aa.party)
  const asked = await asking(1)
  assert.deepEqual(await suspendUnopened(home, clock() + 30), [], 'the time runs on')
  assert.deepEqual(await suspendUnopened(home, clock() + 61), [two.aa.party])
  assert.deepEqual(await suspendUnopened(home, clock() + 62), [], 'once')
  assert.equal(await refusedFor((await questionAgain()).saying), 'suspended')
  await ask(two.aa, door, openingSaying(asked, [await findOf(two.aa, item(1))]))
  assert.deepEqual(await suspended(), [])
  assert.equal((await asking(1)).answer.payload.kind, 'evaluation/answer')
})

test('who was told of the evaluation that it left unopened, gave its receipt, and still shows no coin, is on file with what convicts it', async () => {
  const home = { register: two.bb.register, joined: two.bb.joined, evaluator: door.evaluator }
  const asked = await asking(2)
  const late = clock() + 61
  await suspendUnopened(home, late)
  assert.deepEqual(await chargeUnopened(home, late), [], 'without its receipt for being told nothing shows that it had the evaluation')
  const told = (await messagesAbout(two.bb.register, two.bb.joined, two.bb.party, [asked.request.id], 'out')).find(({ payload }) => payload.kind === 'delivery/missing') as Message
  const receipt = await say(two.aa, { to: two.bb.party, kind: 'receipt', body: { of: [told.id] } }, late)
  await receiveMessages(two.bb.register, two.bb.joined, [receipt], undefined, late)
  assert.deepEqual(await chargeUnopened(home, late + 59), [], 'the time to open runs from there')
  assert.deepEqual(await chargeUnopened(home, late + 61), [two.aa.party])
  assert.deepEqual(await chargeUnopened(home, late + 62), [], 'once')
  const filed = (await Array.fromAsync(filedBreaches(two.bb.register))).filter(({ code }) => code === 'batch/unopened')
  assert.equal(filed.length, 1)
  assert.equal(evidenceFile(group, two.bb.joined, filed[0] as FiledBreach)?.charge, 'unopened')
  assert.equal(await isDisproven(home, filed[0] as FiledBreach), false)
  await ask(two.aa, door, openingSaying(asked, [await findOf(two.aa, item(2))]))
  assert.equal(await isDisproven(home, filed[0] as FiledBreach), true, 'it was opened after all')
  await door.evaluator.forgive(DRILL, two.aa.party)
})

test('what was opened otherwise than it was blinded is on file, and convicts by the asker\'s signatures alone', async () => {
  const before = (await Array.fromAsync(filedBreaches(two.bb.register))).filter(({ code }) => code === 'batch/false-opening').length
  const asked = await asking(2)
  await ask(two.aa, door, openingSaying(asked, [await findOf(two.aa, item(2))], { opened: openingOf(asked.question).reverse() }))
  const filed = (await Array.fromAsync(filedBreaches(two.bb.register))).filter(({ code }) => code === 'batch/false-opening')
  assert.equal(filed.length, before + 1)
  assert.equal(evidenceFile(group, two.bb.joined, filed.at(-1) as FiledBreach)?.charge, 'false-opening')
  await door.evaluator.forgive(DRILL, two.aa.party)
})

test('without an evaluator the sender is told to send again, and then gets one answer for one price', async () => {
  const saying = (await questionAgain()).saying
  const broken = openDoor(two.bb, group)
  await broken.evaluator.close()
  const request = await say(two.aa, saying)
  const { status, body } = await broken.route(request.envelope)
  assert.equal(status, 503)
  assert.equal((JSON.parse(body) as { code: string }).code, 'evaluator-unavailable')
  assert.equal(broken.faults.length, 1)
  const before = (await door.evaluator.facts(DRILL)).spentByAll
  const { answers } = await hand(two.aa, door, request)
  assert.equal(answers[0]?.payload.kind, 'evaluation/answer')
  assert.equal((await hand(two.aa, door, request)).answers[0]?.id, answers[0]?.id)
  assert.equal((await door.evaluator.facts(DRILL)).spentByAll - before, (saying.body['elements'] as Json[]).length)
})

test('what was looked up in one declaration is opened from that one, though items changed and a newer one was said', async () => {
  const find = await findOf(two.aa, item(0))
  const asked = await asking(0)
  const [first, second] = held as [ItemId, ItemId]
  await add(two.bb, await eventsOf(two.bb.register.db, first), { kind: 'modified', data: { what: 'renumbered', identity: identityOf({ type: '9M39', serial: '50505' }) } }, clock() + 2)
  await add(two.bb, await eventsOf(two.bb.register.db, second), { kind: 'lost', data: { circumstances: 'exercise' } }, clock() + 2)
  const waiting = await declare(two.bb.log, clock() + 3)
  assert.equal((await asking(0)).answer.payload.body['head'], head.hash, 'a head that waits for its period is not said yet')
  await two.period(two.bb)
  assert.equal(await refusedFor((await questionAgain()).saying), 'unknown-head')
  const { answers: [answer] } = await ask(two.aa, door, formalOf(asked, find))
  const statuses = hitsOf(answer).map((hit) => opened(head, hit, entryOf(asked, hit.label)).sort())
  assert.deepEqual(statuses.sort((a, b) => a.length - b.length), [['9M39 held'], ['9M36 held', '9M39 held']])
  const anew = await question(group, two.aa, two.bb, door, waiting.head, [find])
  const { answers: [later] } = await ask(two.aa, door, formalOf(anew, find))
  assert.deepEqual(hitsOf(later).map((hit) => opened(waiting.head, hit, entryOf(anew, hit.label))).sort((a, b) => a.length - b.length), [[], ['9M36 lost']])
})
