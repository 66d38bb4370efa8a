// Exchanges broken at every commit, on either side: before it is persisted, and after it although it is reported failed, with everything that the process
// remembered lost. Whoever did the act looks, and repeats it where it was not done; what is on its way goes on. The end is the same as without a break.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { parseJson } from '@muster/core/bytes/canonical.ts'
import { admit } from '@muster/registry/admit.ts'
import { answerVerify } from '@muster/registry/certificate/act.ts'
import { messageRoute } from '@muster/registry/http/message.ts'
import { readReply, REPLY_BYTES_MAX } from '@muster/registry/peer/exchange.ts'
import { auditStore } from '@muster/registry/store/audit.ts'
import type { Finding } from '@muster/registry/store/finding.ts'
import { messagesById } from '@muster/registry/store/messages.ts'
import { dueTo } from '@muster/registry/store/outbox.ts'
import { withSnapshot } from '@muster/registry/store/snapshot.ts'
import { countSteps, type BreakAt, type How } from './broken-steps.ts'
import { exchangesOf, type Exchange, type Homes, type Who } from './exchanges.ts'
import { clock, twoRegisters, type Two } from './two.ts'

const HOWS: readonly How[] = ['not persisted', 'persisted, reported failed']
const DUE_MAX = 64

let two: Two
let runs = 0

before(async () => { two = await twoRegisters({ quorum: 2, reconciliation: { openOneIn: 2 } }) })
after(() => two.remove())

const whole = (): Homes => ({ aa: { register: two.aa.register, joined: two.aa.joined }, bb: { register: two.bb.register, joined: two.bb.joined } })

/** What one side has to tell the other, through the other's door, and back with what it answers; nothing is remembered between two carriages. */
async function carry(homes: Homes, from: Who): Promise<void> {
  const [sender, receiver] = from === 'aa' ? [homes.aa, homes.bb] : [homes.bb, homes.aa]
  const route = messageRoute({ ...receiver, now: clock, admit: (message) => admit(receiver, message, clock()), answer: async (message, at) => { await answerVerify(receiver, message, at); return [] } })
  const due = await dueTo(sender.register, sender.joined.agreement.id, receiver.register.file.party, DUE_MAX)
  for (const message of await messagesById(sender.register, sender.joined, sender.register.file.party, due.map(({ id }) => id))) {
    const { status, body } = await route(message.envelope)
    if (status !== 200) throw new Error(`${status} ${body}`)
    await readReply(sender.register, sender.joined, message, parseJson(Buffer.from(body), { bytes: REPLY_BYTES_MAX, depth: 64 }), clock())
  }
}

/** Plays an exchange with one side broken at one of its commits; resolves to how many that side made and to what both have in the end. */
async function play({ acts, prepare, end }: Exchange, broken: Who, at: BreakAt | undefined): Promise<{ readonly steps: number, readonly end: unknown }> {
  const about = `step-${runs++}`
  await prepare?.(about)
  const steps = countSteps(whole()[broken].register.db, at)
  const homes: Homes = { ...whole(), [broken]: { ...whole()[broken], register: { ...whole()[broken].register, db: steps.db } } }
  try {
    for (const { by, act, isDone } of acts) {
      await act(homes[by], about).catch(async () => { if (!await isDone(whole()[by], about)) await act(whole()[by], about) })
      for (const from of [by, by === 'aa' ? 'bb' : 'aa'] as const) await carry(homes, from).catch(() => carry(whole(), from))
    }
  } finally {
    steps.end()
  }
  for (const from of ['aa', 'bb'] as const) assert.deepEqual(await dueTo(whole()[from].register, two.aa.joined.agreement.id, from === 'aa' ? two.bb.party : two.aa.party, DUE_MAX), [], 'nothing is left on its way')
  return { steps: steps.taken.length, end: await end(whole(), about) }
}

for (const [name, exchange] of Object.entries(exchangesOf(() => two, (from) => carry(whole(), from)))) {
  test(`${name}: broken at every commit of either side it ends as it does unbroken, and nothing counts twice`, async () => {
    const unbroken = await play(exchange, 'aa', undefined)
    for (const broken of ['aa', 'bb'] as const) {
      const { steps } = await play(exchange, broken, undefined)
      assert.ok(steps > 0, broken)
      for (let step = 1; step <= steps; step++) for (const how of HOWS) assert.deepEqual((await play(exchange, broken, { step, how })).end, unbroken.end, `${broken}, step ${step}, ${how}`)
    }
  })
}

test('after all of it both registers are what their events and messages give', async () => {
  for (const side of [two.aa, two.bb]) {
    const found: Finding[] = []
    await withSnapshot(side.register.db, (snapshot) => auditStore(snapshot, side.register, (finding) => found.push(finding), { onTotal: () => undefined, onRows: () => undefined }))
    assert.deepEqual(found, [])
  }
})
