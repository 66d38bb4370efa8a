// Messages accepted durably over HTTP: verified, stored with their receipt signed, and the receipt given back, many of one sender at once; beside as many
// bare INSERTs of the same bytes, a transaction each, as a table without a chain or a signature would take them.
import { randomBytes } from 'node:crypto'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { postMessage } from '@muster/registry/peer/exchange.ts'
import { transaction } from '@muster/registry/store/database.ts'
import { writeMessages } from '@muster/registry/store/messages.ts'
import { servedRegistries, type Served } from '../test/federation/served.ts'
import { clock, DRILL } from '../test/federation/two.ts'
import { judge, median, rateOf, SAMPLES, type BenchOptions, type BenchResult, type BenchRow } from './row.ts'

const MESSAGES = 4_096
const MESSAGES_QUICK = 512
const LANES = 64
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

/** `LANES` at a time, in their order. */
async function inLanes<T>(all: readonly T[], act: (each: T) => Promise<unknown>): Promise<void> {
  let next = 0
  await Promise.all(Array.from({ length: LANES }, async () => {
    for (let i = next++; i < all.length; i = next++) await act(all[i] as T)
  }))
}

async function run({ quick }: BenchOptions): Promise<BenchResult> {
  const count = quick ? MESSAGES_QUICK : MESSAGES
  const served = await servedRegistries(['AA', 'BB'], { quorum: 2 })
  try {
    const receiver = served.of('BB')
    await receiver.up()
    const url = `http://127.0.0.1:${receiver.port}`
    const { db } = receiver.home().register
    await transaction(db, (tx) => tx.write('CREATE TABLE bare (message_id bytea PRIMARY KEY, envelope bytea STORAGE EXTERNAL NOT NULL)'))
    const [samples, peers]: [number[], number[]] = [[], []]
    for (let sample = 0; sample < (quick ? 1 : SAMPLES); sample++) {
      const messages = await written(served, count)
      samples.push(await rateOf(count, () => inLanes(messages, async ({ envelope }) => {
        const { status } = await postMessage(url, DRILL, envelope)
        if (status !== 200) throw new Error(`the door answers ${status}`)
      })))
      peers.push(await rateOf(count, () => inLanes(messages, ({ id, envelope }) => transaction(db, (tx) => tx.write('INSERT INTO bare (message_id, envelope) VALUES ($1, $2)', [Buffer.from(id, 'hex'), Buffer.from(envelope)])))))
    }
    return {
      name: 'messages', unit: 'messages/s', median: median(samples), samples, peers: [{ name: 'a bare INSERT of the same bytes, a transaction each', median: median(peers) }],
      limits: [judge(LIMIT, median(samples))],
      notes: [`${count} messages of one sender, ${LANES} on their way at a time, over HTTP; sender and receiver in one process on one PostgreSQL server each`],
    }
  } finally {
    await served.remove()
  }
}

export default { name: 'messages', claim: 'messages a second accepted durably, receipts signed', limit: [LIMIT], run } satisfies BenchRow
