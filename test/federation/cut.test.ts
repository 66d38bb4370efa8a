// The network between two registries, cut at every place of an exchange, in either direction, once and as often as one delivery tries: what was
// signed arrives, each message is held once on either side, and each has its receipt.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { timeOf } from '@muster/core/bytes/time.ts'
import { deliverOnce } from '@muster/registry/outbox.ts'
import { writeMessages } from '@muster/registry/store/messages.ts'
import { onTheirWay } from '@muster/registry/store/outbox.ts'
import { freePort, servedRegistries, type Served } from './served.ts'
import { clock, DRILL } from './two.ts'

type Way = 'there' | 'back'
/** A wire of which the next `times` connections are cut once so many bytes have passed that way. */
interface Wire { readonly cut: (way: Way, bytes: number, times: number) => void, readonly passed: () => Readonly<Record<Way, number>>, readonly close: () => Promise<void> }

function wireTo(port: number, behind: number): Promise<Wire> {
  const passed = { there: 0, back: 0 }
  let planned: { readonly way: Way, readonly bytes: number, times: number } | undefined
  const open = new Set<Socket>()
  const server: Server = createServer((near) => {
    const far = connect(behind, '127.0.0.1')
    const plan = planned !== undefined && planned.times-- > 0 ? planned : undefined
    const cut = (): void => { for (const end of [near, far]) end.destroy() }
    const flow = (from: Socket, to: Socket, way: Way): void => {
      let left = plan?.way === way ? plan.bytes : Number.POSITIVE_INFINITY
      open.add(from)
      from.on('error', cut).on('close', cut).on('data', (chunk: Buffer) => {
        passed[way] += chunk.length
        const through = chunk.subarray(0, Math.min(chunk.length, left))
        left -= through.length
        to.write(through, left > 0 ? undefined : () => { setImmediate(cut) })
      })
    }
    if (plan?.bytes === 0 && plan.way === 'there') cut()
    flow(near, far, 'there')
    flow(far, near, 'back')
  })
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => {
      resolve({
        cut: (way, bytes, times) => {
          planned = { way, bytes, times }
          Object.assign(passed, { there: 0, back: 0 })
          for (const socket of open) socket.destroy()
          open.clear()
        },
        passed: () => passed,
        close: () => new Promise((done) => {
          for (const socket of open) socket.destroy()
          server.close(() => { done() })
        }),
      })
    })
  })
}

let served: Served
let wire: Wire
const of = (party: string) => served.of(party)
const at = (party: string) => ({ register: of(party).home().register, joined: of(party).hall().joined })

before(async () => {
  served = await servedRegistries(['AA', 'BB'], { quorum: 2 })
  const behind = await freePort()
  await of('BB').up({ port: behind })
  wire = await wireTo(of('BB').port, behind)
})
after(async () => {
  await wire.close()
  await served.remove()
})

async function say(): Promise<string> {
  const body = { call: randomBytes(16).toString('hex'), reason: 'exercise', classes: null, types: null, seen: 'opened', asOf: timeOf(clock()), due: timeOf(clock() + 3600), remind: [], note: null }
  const [message] = await writeMessages(at('AA').register, at('AA').joined, [{ to: of('BB').party, kind: 'call/issue', body }], clock())
  return message?.id ?? ''
}
const deliver = async () => (await deliverOnce(of('AA').home(), of('AA').hall(), undefined)).due
const held = async (party: string, id: string) => (await at(party).register.db.read<{ direction: string, kind: string }>('SELECT direction, kind FROM message WHERE message_id = $1 OR about = $1', [Buffer.from(id, 'hex')])).map(({ direction, kind }) => `${direction} ${kind}`).sort()

test('wherever the wire is cut, the message is held once on either side, its receipt too, and nothing stays on its way', async () => {
  wire.cut('there', 0, 0)
  await say()
  assert.equal(await deliver(), 0)
  const whole = { ...wire.passed() }
  assert.ok(whole.there > 3000 && whole.back > 3000, 'an exchange went over this wire')
  for (const way of ['there', 'back'] as const) {
    for (const share of [0, 0.02, 0.3, 0.7, 0.98, 1]) {
      // One delivery tries three times; the fourth connection is the next delivery's.
      for (const times of [1, 3]) {
        const place = `${way} after ${share}, ${times} times`
        wire.cut(way, Math.floor(whole[way] * share), times)
        const id = await say()
        const due = await deliver()
        if (due > 0) assert.equal(await deliver(), 0, place)
        assert.deepEqual([await held('AA', id), await held('BB', id)], [['in receipt', 'out call/issue'], ['in call/issue', 'out receipt']], place)
      }
    }
  }
  assert.deepEqual(await onTheirWay(at('AA').register, DRILL), [])
  const sequences = (await at('BB').register.db.read<{ sequence: number }>("SELECT sequence FROM message WHERE direction = 'in' AND sender = 'AA' ORDER BY sequence")).map(({ sequence }) => sequence)
  assert.deepEqual(sequences, sequences.map((_, i) => i), 'in order, without a gap')
})
