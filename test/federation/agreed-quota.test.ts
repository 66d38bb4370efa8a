// Quotas that an agreement gives one asker, and one find, at a door with many sockets open at once.
import assert from 'node:assert/strict'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { parseJson } from '@muster/core/bytes/canonical.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { ReadHead } from '@muster/core/wire/head.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { sodiumGroup } from '@muster/fast/sodium-group.ts'
import { readReply, REPLY_BYTES_MAX } from '@muster/registry/peer/exchange.ts'
import { questionTo } from '@muster/registry/trace/ask.ts'
import { findOf, groundOf, keysOf, openDoor, say, type Door } from './asked.ts'
import { clock, DRILL, enter, twoRegisters, type Two } from './two.ts'

/** Four batches of 16 for AA, two of them about one find. */
const QUOTA = { windowSeconds: 86_400, askerElements: 1024, allElements: 4096, askers: [{ party: 'AA' as PartyId, elements: 4 * 16 }], findElements: 2 * 16 }
let two: Two
let group: Group
let door: Door
let server: Server
let head: ReadHead
let items: string[]

before(async () => {
  group = await sodiumGroup()
  two = await twoRegisters({ quota: QUOTA, batches: [16], openOneIn: 1000 })
  await enter(two.bb, 'baseline', [{ type: '9M39', serial: '77123' }])
  head = (await two.declare(two.bb)).head
  items = await enter(two.aa, 'seized', ['77123', '77124', '77125'].map((serial) => ({ type: '9M39', serial })))
  await two.period(two.aa)
  door = openDoor(two.bb, group)
  server = createServer((incoming, outgoing) => {
    const pieces: Buffer[] = []
    incoming.on('data', (piece: Buffer) => pieces.push(piece)).on('end', () => {
      void door.route(Buffer.concat(pieces)).then(({ status, body }) => outgoing.writeHead(status).end(body))
    })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
})
after(async () => {
  server.close()
  await door.evaluator.close()
  await two.remove()
})

const asked = async (item = ''): Promise<Message> => say(two.aa, questionTo(group, two.bb.party, head, keysOf(await findOf(two.aa, item)), await groundOf(two.aa, [await findOf(two.aa, item)]), 3600).saying)

/** Over a socket of its own. */
function posted({ envelope }: Message): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', method: 'POST', agent: false }, (incoming) => {
      const pieces: Buffer[] = []
      incoming.on('data', (piece: Buffer) => pieces.push(piece)).on('end', () => { resolve(Buffer.concat(pieces)) })
    })
    outgoing.on('error', reject).end(envelope)
  })
}

async function answers(messages: readonly Message[]): Promise<string[]> {
  const bodies = await Promise.all(messages.map(posted))
  const kinds: string[] = []
  for (const [i, body] of bodies.entries()) {
    const { answers: [answer] } = await readReply(two.aa.register, two.aa.joined, messages[i] as Message, parseJson(body, { bytes: REPLY_BYTES_MAX, depth: 64 }), clock())
    kinds.push(answer?.payload.kind === 'evaluation/refuse' ? (answer.payload.body.reason as string) : answer?.payload.kind ?? 'nothing')
  }
  return kinds.sort()
}

test('over as many sockets as there are questions, one find gets what the agreement gives a find, and its asker no more than its own quota', async () => {
  const first: Message[] = []
  for (let i = 0; i < 8; i++) first.push(await asked(items[0]))
  const refused = (count: number) => Array.from({ length: count }, () => 'quota')
  assert.deepEqual(await answers(first), ['evaluation/answer', 'evaluation/answer', ...refused(6)])
  assert.deepEqual(await answers(first), ['evaluation/answer', 'evaluation/answer', ...refused(6)], 'seen again, each has the answer that it had')
  const others: Message[] = []
  for (let i = 0; i < 6; i++) others.push(await asked(items[1 + i % 2]))
  assert.deepEqual(await answers(others), ['evaluation/answer', 'evaluation/answer', ...refused(4)])
  await door.evaluator.close()
  door = openDoor(two.bb, group)
  assert.deepEqual(await answers([await asked(items[0]), await asked(items[1]), await asked(items[2])]), refused(3))
  assert.deepEqual((await door.evaluator.facts(DRILL)).spent, { AA: 64 })
})
