// The day of the asked side: a request is taken up, asked back about, answered for the time being, decided, looked into, withdrawn; and quota is granted beside the agreed one.
import assert from 'node:assert/strict'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { Message } from '@muster/core/wire/message.ts'
import type { ReadHead } from '@muster/core/wire/head.ts'
import { traceBody } from '@muster/core/wire/trace-body.ts'
import { sodiumGroup } from '@muster/fast/sodium-group.ts'
import { evaluatorFolder } from '@muster/registry/evaluator/key.ts'
import { approveRequest, waitingRequests } from '@muster/registry/peer/waiting-request.ts'
import { acknowledgeRequest, answerInterim, clarifyRequest, replyClarification, reportLook, tellOutcome, withdrawAnswer, withdrawRequest } from '@muster/registry/request/act.ts'
import { grantQuota, refusedByQuota } from '@muster/registry/request/quota.ts'
import { formalRequests, requestBy } from '@muster/registry/request/view.ts'
import { ask, findOf, formalOf, groundOf, hand, keysOf, openDoor, question, say, type Door } from './asked.ts'
import { clock, DRILL, enter, twoRegisters, type Side, type Two } from './two.ts'
import { questionTo } from '@muster/registry/trace/ask.ts'

const BY = { by: 'A. Petrova', and: null }
const TWO = { by: 'A. Petrova', and: 'B. Karimov' }
const PHOTO = 'ab'.repeat(32)
/** Four batches of 16 in all: what the tests ask, and one that is too much. */
const QUOTA = { windowSeconds: 86_400, askerElements: 4 * 16, allElements: 4 * 16 }

let two: Two
let group: Group
let door: Door
let back: Door
let head: ReadHead
let seized: string[]

before(async () => {
  group = await sodiumGroup()
  two = await twoRegisters({ standing: { sections: ['status', 'acquired', 'released'], approvedBy: ['A. Petrova', 'B. Karimov'], except: ['BB' as PartyId] }, quota: QUOTA, batches: [16], openOneIn: 1000 })
  await enter(two.bb, 'baseline', [{ type: '9M39', serial: '77123' }])
  head = (await two.declare(two.bb)).head
  seized = await enter(two.aa, 'seized', [{ type: '9M39', serial: '77123' }])
  await two.period(two.aa)
  door = openDoor(two.bb, group)
  back = openDoor(two.aa, group)
})
after(async () => {
  await door.evaluator.close()
  await back.evaluator.close()
  await two.remove()
})

const codeOf = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code
const bb = () => ({ register: two.bb.register, joined: two.bb.joined, group })
const aa = () => ({ register: two.aa.register, joined: two.aa.joined })
const find = () => findOf(two.aa, seized[0] as string)
const stateOf = async (side: Side, id: string) => (await requestBy({ register: side.register, joined: side.joined }, id, clock())).standing.state
const toBb = (message: Message) => hand(two.aa, door, message)
const toAa = (message: Message) => hand(two.bb, back, message)

async function formal(): Promise<Message> {
  const asked = await question(group, two.aa, two.bb, door, head, [await find()])
  return (await ask(two.aa, door, formalOf(asked, await find()))).request
}

test('the rule that answers for others does not answer for this party; officers take a request up, ask back, answer for the time being and for good, and the time to answer stays', async () => {
  const { id } = await formal()
  assert.deepEqual((await waitingRequests(bb())).map((each) => each.id), [id])
  const { due } = await requestBy(bb(), id, clock())
  await toAa(await acknowledgeRequest(bb(), id, { expected: timeOf(clock() + 60), note: null }, BY, clock()))
  assert.deepEqual([await stateOf(two.bb, id), await stateOf(two.aa, id)], ['acknowledged', 'acknowledged'])
  await toAa(await clarifyRequest(bb(), id, { asks: ['photo-of-mark', 'where-found'], note: null }, BY, clock()))
  assert.equal(await stateOf(two.aa, id), 'asks-back')
  await assert.rejects(replyClarification(aa(), id, { says: [{ asks: 'ground', text: 'x', photo: null }], note: null }, BY, clock()), codeOf('request/other-question'))
  await toBb(await replyClarification(aa(), id, { says: [{ asks: 'photo-of-mark', text: null, photo: PHOTO }], note: null }, BY, clock()))
  await assert.rejects(replyClarification(aa(), id, { says: [{ asks: 'where-found', text: 'x', photo: null }], note: null }, BY, clock()), codeOf('request/other-question'))
  await toAa(await answerInterim(bb(), id, { state: 'archive-asked', expected: null, note: null }, BY, clock()))
  const interim = await requestBy(aa(), id, clock())
  assert.deepEqual([interim.standing, interim.words.map(({ kind }) => kind).sort()], [{ state: 'interim', due, overdue: false }, ['trace/acknowledge', 'trace/clarified', 'trace/clarify', 'trace/interim']])
  assert.equal((await formalRequests(aa(), clock() + 3601)).find((each) => each.message.id === id)?.standing.overdue, true)
  await assert.rejects(reportLook(bb(), id, { label: PHOTO, found: 'not-seen', reason: null, when: timeOf(clock()), photo: null, note: null }, TWO, clock()), codeOf('request/no-look'))

  const answer = await approveRequest(bb(), id, ['status'], 'A. Petrova', 'B. Karimov', clock())
  await toAa(answer)
  await assert.rejects(clarifyRequest(bb(), id, { asks: ['ground'], note: null }, BY, clock()), codeOf('request/answered'))
  const { standing, lookDue } = await requestBy(aa(), id, clock())
  assert.deepEqual(standing, { state: 'to-be-looked', due: lookDue, overdue: false })

  const label = traceBody('trace/answer', answer.payload.body).hits[0]?.items[0]?.label as string
  const looked = { label, found: 'seen', reason: null, when: timeOf(clock()), photo: PHOTO, note: null } as const
  await assert.rejects(reportLook(bb(), id, looked, BY, clock()), codeOf('two-people/second-missing'))
  await assert.rejects(reportLook(bb(), id, { ...looked, label: PHOTO }, TWO, clock()), codeOf('request/other-item'))
  await assert.rejects(reportLook(bb(), id, { ...looked, photo: null }, TWO, clock()), codeOf('trace/shape'))
  await assert.rejects(reportLook(bb(), id, { ...looked, when: timeOf(clock() + 999) }, TWO, clock()), codeOf('request/in-the-future'))
  await toAa(await reportLook(bb(), id, { ...looked, found: 'not-accessible', reason: 'sealed', photo: null }, TWO, clock()))
  assert.equal(await stateOf(two.aa, id), 'to-be-looked')
  await toAa(await reportLook(bb(), id, looked, TWO, clock()))
  assert.equal(await stateOf(two.aa, id), 'answered')
  await toBb(await tellOutcome(aa(), id, { outcome: 'still-held', lastHolder: 'BB' as PartyId, dossier: PHOTO, note: null }, BY, clock()))
  assert.equal((await requestBy(bb(), id, clock())).words.some(({ kind }) => kind === 'trace/outcome'), true)
  await assert.rejects(withdrawAnswer(bb(), id, { reason: 'given-in-error', note: null }, BY, clock()), codeOf('two-people/second-missing'))
  await toAa(await withdrawAnswer(bb(), id, { reason: 'given-in-error', note: null }, TWO, clock()))
  assert.deepEqual([await stateOf(two.aa, id), (await requestBy(aa(), id, clock())).answer?.id], ['answer-withdrawn', answer.id])
})

test('a withdrawn request waits for nobody and gets no answer, and a word is said by its side alone', async () => {
  const { id } = await formal()
  await assert.rejects(withdrawAnswer(bb(), id, { reason: 'given-in-error', note: null }, TWO, clock()), codeOf('request/not-answered'))
  await toBb(await withdrawRequest(aa(), id, { reason: 'found-otherwise', note: null }, BY, clock()))
  assert.deepEqual([await stateOf(two.aa, id), await stateOf(two.bb, id), await waitingRequests(bb())], ['withdrawn', 'withdrawn', []])
  await assert.rejects(withdrawRequest(aa(), id, { reason: 'found-otherwise', note: null }, BY, clock()), codeOf('request/withdrawn'))
  await assert.rejects(approveRequest(bb(), id, ['status'], 'A. Petrova', 'B. Karimov', clock()), codeOf('request/unknown'))
  await assert.rejects(acknowledgeRequest(bb(), id, { expected: null, note: null }, BY, clock()), codeOf('request/withdrawn'))
  const foreign: readonly (readonly [Side, (message: Message) => Promise<unknown>, 'trace/acknowledge' | 'trace/outcome' | 'trace/withdraw', object])[] = [
    [two.aa, toBb, 'trace/acknowledge', { expected: null }], [two.bb, toAa, 'trace/outcome', { outcome: 'absent', lastHolder: null, dossier: null }],
    [two.aa, toBb, 'trace/withdraw', { what: 'answer', reason: 'unspecified' }], [two.bb, toAa, 'trace/withdraw', { what: 'request', reason: 'unspecified' }],
  ]
  for (const [side, deliver, kind, body] of foreign) {
    await assert.rejects(deliver(await say(side, { to: side === two.aa ? two.bb.party : two.aa.party, kind, body: { request: id, note: null, ...body }, about: id })), /request\/unknown/, `${kind} by ${side.party}`)
  }
  await assert.rejects(toAa(await say(two.bb, { to: two.aa.party, kind: 'trace/interim', body: { request: PHOTO, state: 'archive-asked', expected: null, note: null } })), /request\/unknown/)
})

test('a question beyond the quota is refused until two people grant it, once, whether or not the evaluator lives on; a file that grants something else grants nothing', async () => {
  const folder = join(evaluatorFolder(two.bb.register.dataDir, DRILL), 'granted')
  const put = async () => ask(two.aa, door, questionTo(group, two.bb.party, head, keysOf(await find()), await groundOf(two.aa, [await find()]), 3600).saying)
  for (let i = 0; i < 2; i++) assert.equal((await put()).answers[0]?.payload.kind, 'evaluation/answer')
  const { request, answers } = await put()
  assert.deepEqual(answers[0]?.payload.body, { request: request.id, reason: 'quota' })
  const [refused, ...more] = await refusedByQuota(bb())
  assert.deepEqual([refused?.id, refused?.elements, refused?.finds, refused?.granted, more], [request.id, 16, 1, false, []])

  await assert.rejects(grantQuota(bb(), request.id, BY, clock()), codeOf('two-people/second-missing'))
  await assert.rejects(grantQuota(bb(), request.id, { by: 'A. Petrova', and: 'a. petrova' }, clock()), codeOf('two-people/same-person'))
  await assert.rejects(grantQuota(bb(), 'cd'.repeat(32), TWO, clock()), codeOf('request/no-quota'))
  await grantQuota(bb(), request.id.slice(0, 12), TWO, clock())
  await grantQuota(bb(), request.id, { by: 'C. Orlova', and: 'D. Seitov' }, clock())
  assert.deepEqual((await refusedByQuota(bb())).map(({ granted }) => granted), [true])
  assert.equal((await hand(two.aa, door, request)).answers[0]?.payload.kind, 'evaluation/refuse')
  assert.equal((await put()).answers[0]?.payload.kind, 'evaluation/answer')
  assert.equal((await put()).answers[0]?.payload.kind, 'evaluation/refuse')

  await door.evaluator.close()
  door = openDoor(two.bb, group)
  const { granted, spent } = await door.evaluator.facts(DRILL)
  assert.deepEqual([granted, spent], [{ AA: 16 }, { AA: 5 * 16 }])
  assert.equal((await put()).answers[0]?.payload.kind, 'evaluation/refuse')

  const [name] = await readdir(folder)
  const kept = Buffer.from(request.envelope)
  await writeFile(join(folder, `${'0'.repeat(64)}.json`), JSON.stringify({ at: clock(), question: kept.toString('base64') }))
  kept[kept.length - 10] = kept[kept.length - 10] === 65 ? 66 : 65
  await writeFile(join(folder, `${'1'.repeat(64)}.json`), JSON.stringify({ at: clock(), question: kept.toString('base64') }))
  await door.evaluator.close()
  door = openDoor(two.bb, group)
  assert.deepEqual((await door.evaluator.facts(DRILL)).granted, { AA: 16 })
  assert.equal(name, `${request.id}.json`)
  await rm(folder, { recursive: true })
})
