// Messages accepted durably over HTTP from another process: verified, stored with their receipt signed, and the receipt given back, many of one
// sender at once; beside as many bare INSERTs of the same bytes, a transaction each, as a table without a chain or a signature would take them.
import { fork, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { transaction } from '@muster/registry/store/database.ts'
import { writeMessages } from '@muster/registry/store/messages.ts'
import { servedRegistries, type Served } from '../test/federation/served.ts'
import { clock, DRILL } from '../test/federation/two.ts'
import { inLanes, LANES } from './lanes.ts'
import { judge, median, rateOf, SAMPLES, type BenchOptions, type BenchResult, type BenchRow } from './row.ts'

const MESSAGES = 4_096
const MESSAGES_QUICK = 512
const CHILD = fileURLToPath(new URL('./sender-child.ts', import.meta.url))
const WRITTEN_AT_ONCE = 256
const LIMIT = { metric: 'messages a second', op: '>=', value: 1_000 } as const

async function written(served: Served, count: number): Promise<Message[]> {
  const [home, { joined }] = [served.of('AA').home(), served.of('AA').hall()]
  const all: Message[] = []
  while (all.length < count) {
    const sayings = Array.from({ length: Math.min(WRITTEN_AT_ONCE, count - all.length) }, () => ({
      to: served.of('BB').party, kind: 'call/issue' as const, body: { call: randomBytes(16).toString('hex'), reason: 'exercise', classes: null, types: null, seen: 'opened', asOf: timeOf(clock()), due: timeOf(clock() + 3600), remind: [], note: null },
    }))
    all.push(...await writeMessages(home.register, joined, sayings, clock()))
  }
  return all
}

/** Seconds in which the sender has every one of them answered. */
function taken(sender: ChildProcess, messages: readonly Message[]): Promise<number> {
  return new Promise((resolve, reject) => {
    sender.once('message', resolve).once('exit', () => { reject(new Error('the sender ended')) })
    sender.send(messages.map(({ envelope }) => envelope))
  })
}

async function run({ quick }: BenchOptions): Promise<BenchResult> {
  const count = quick ? MESSAGES_QUICK : MESSAGES
  const served = await servedRegistries(['AA', 'BB'], { quorum: 2 })
  let sender: ChildProcess | undefined
  try {
    const receiver = served.of('BB')
    await receiver.up()
    const { db } = receiver.home().register
    sender = fork(CHILD, [`http://127.0.0.1:${receiver.port}`, DRILL], { serialization: 'advanced' })
    await transaction(db, (tx) => tx.write('CREATE TABLE bare (message_id bytea PRIMARY KEY, envelope bytea STORAGE EXTERNAL NOT NULL)'))
    const [samples, peers]: [number[], number[]] = [[], []]
    for (let sample = 0; sample < (quick ? 1 : SAMPLES); sample++) {
      const messages = await written(served, count)
      samples.push(count / await taken(sender, messages))
      peers.push(await rateOf(count, () => inLanes(messages, LANES, ({ id, envelope }) => transaction(db, (tx) => tx.write('INSERT INTO bare (message_id, envelope) VALUES ($1, $2)', [Buffer.from(id, 'hex'), Buffer.from(envelope)])))))
    }
    return {
      name: 'messages', unit: 'messages/s', median: median(samples), samples, peers: [{ name: 'a bare INSERT of the same bytes, a transaction each', median: median(peers) }],
      limits: [judge(LIMIT, median(samples))],
      notes: [`${count} messages of one sender, ${LANES} on their way at a time, over HTTP from another process; the receiver with its PostgreSQL server`],
    }
  } finally {
    if (sender?.connected === true) sender.disconnect()
    await served.remove()
  }
}

export default { name: 'messages', claim: 'messages a second accepted durably, receipts signed', limit: [LIMIT], run } satisfies BenchRow
