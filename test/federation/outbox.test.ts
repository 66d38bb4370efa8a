// The outbox: what was signed arrives in order, whoever is away or comes back, and nothing twice; what the receiver will never take stands aside.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { CallBody } from '@muster/core/wire/call-body.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { deliverOnce } from '@muster/registry/outbox.ts'
import { receiveMessages, writeMessages, type Saying } from '@muster/registry/store/messages.ts'
import { onTheirWay } from '@muster/registry/store/outbox.ts'
import { servedRegistries, type Member, type Served, until } from './served.ts'
import { clock, DRILL, officeSaid } from './two.ts'

let served: Served
const of = (party: string): Member => served.of(party)

before(async () => { served = await servedRegistries(['AA', 'BB', 'CC'], { quorum: 2, periodSeconds: 3600 }) })
after(() => served.remove())

function call(to: string, changes: Partial<CallBody<'call/issue'>> = {}): Saying {
  const body = { call: 'ab'.repeat(16), reason: 'exercise', classes: null, types: null, seen: 'opened', asOf: timeOf(clock()), due: timeOf(clock() + 3600), remind: [], note: null, ...changes } as const
  return { to: of(to).party, kind: 'call/issue', body: body }
}
const write = (from: string, sayings: readonly Saying[]): Promise<Message[]> => writeMessages(of(from).home().register, of(from).hall().joined, sayings, clock())
const waiting = (from: string) => onTheirWay(of(from).home().register, DRILL)
const received = async (at: string, from: string) => (await of(at).home().register.db.read<{ sequence: number }>(
  "SELECT sequence FROM message WHERE receiver = $1 AND sender = $2 AND direction = 'in' AND kind = 'call/issue' ORDER BY sequence", [at, from])).map(({ sequence }) => sequence)

test('what was written while its receiver was away and before this registry was stopped arrives in order once both are there, each message once', async () => {
  const messages = await write('AA', Array.from({ length: 5 }, () => call('BB')))
  assert.deepEqual((await waiting('AA')).map(({ to, sequence, aside }) => [to, sequence, aside]), messages.map(({ payload }) => ['BB', payload.sequence, null]))
  await of('AA').up()
  await sleep(1_500)
  assert.equal((await waiting('AA')).length, 5)
  await of('AA').restart()
  await of('AA').up()
  await of('BB').up()
  await until(async () => (await waiting('AA')).length === 0)
  assert.deepEqual(await received('BB', 'AA'), [0, 1, 2, 3, 4])
  const receipts = await of('AA').home().register.db.read("SELECT 1 AS one FROM message WHERE sender = 'BB' AND receiver = 'AA' AND kind = 'receipt' AND direction = 'in'")
  assert.equal(receipts.length, 5)
})

test('a receiver that is down holds up no other, and a message to oneself arrives like any other', async () => {
  await of('BB').down()
  await write('AA', [call('BB'), call('CC'), call('AA')])
  await of('CC').up()
  await until(async () => (await waiting('AA')).every(({ to }) => to === 'BB'))
  assert.deepEqual(await received('CC', 'AA'), [0])
  assert.deepEqual(await received('AA', 'AA'), [0])
  await of('BB').up()
  await until(async () => (await waiting('AA')).length === 0)
})

test('what the receiver refuses for what it is stands aside with its code and holds up nothing behind it', async () => {
  const [bad, good] = await write('AA', [call('BB', { due: timeOf(0) }), call('BB')])
  await until(async () => (await waiting('AA')).every(({ aside }) => aside !== null))
  assert.deepEqual((await waiting('AA')).map(({ id, aside }) => ({ id, aside })), [{ id: bad?.id, aside: 'call/shape' }])
  assert.ok((await received('BB', 'AA')).includes(good?.payload.sequence ?? -1))
  assert.ok(of('AA').told.some((line) => /BB refuses call\/issue \d+ for good: .*due/.test(line)))
})

test('a request that ran out on its way is asked no more; a notice never runs out', async () => {
  await of('BB').down()
  const before = (await waiting('AA')).length
  await write('AA', [{ ...call('BB'), expiresAfterSeconds: 1 }, officeSaid(of('BB').party)])
  await sleep(2_100)
  await of('BB').up()
  await until(async () => (await waiting('AA')).every(({ aside }) => aside !== null))
  assert.deepEqual((await waiting('AA')).slice(before).map(({ aside }) => aside), ['message/expired'])
})

test('a clock that is a day ahead keeps messages waiting and loses none; once it is right they arrive, and one that is a day behind loses what has expired', async () => {
  await of('CC').down()
  const ahead = 86_400
  await writeMessages(of('CC').home().register, of('CC').hall().joined, [call('AA')], clock() + ahead)
  const home = of('CC').home()
  assert.deepEqual({ ...await deliverOnce(home, of('CC').hall(), undefined) }, { delivered: 0, refused: 0, lapsed: 0, due: 1 })
  of('AA').later(ahead)
  assert.equal((await deliverOnce(home, of('CC').hall(), undefined)).delivered, 1)
  of('AA').later(-ahead)
  assert.deepEqual(await waiting('CC'), [])
  // One that is a day behind has lost a day for what expires, and nothing else.
  await writeMessages(of('CC').home().register, of('CC').hall().joined, [call('AA'), { ...call('AA'), expiresAfterSeconds: 60 }], clock() - ahead)
  assert.deepEqual({ ...await deliverOnce(home, of('CC').hall(), undefined) }, { delivered: 1, refused: 0, lapsed: 1, due: 0 })
})

test('another party\'s receipt for a message that was not sent to it takes nothing off the way', async () => {
  await of('BB').down()
  const [message] = await write('AA', [call('BB')]) as [Message]
  const forged = await writeMessages(of('CC').home().register, of('CC').hall().joined, [{ to: of('AA').party, kind: 'receipt', body: { of: [message.id] } }], clock())
  await receiveMessages(of('AA').home().register, of('AA').hall().joined, forged, undefined, clock())
  assert.ok((await waiting('AA')).some(({ id }) => id === message.id))
})
