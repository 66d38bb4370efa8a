// The proof of a receipt, fetched over HTTP by the party that sent the message, and judged offline by anybody.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { utf8 } from '@muster/core/bytes/bytes.ts'
import { Breach } from '@muster/core/bytes/breach.ts'
import { canonicalBytes, parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { openHome, serveHome, type Home, type Serving } from '@muster/registry/main.ts'
import { messageRoute } from '@muster/registry/http/message.ts'
import { ticketFor } from '@muster/registry/peer/client.ts'
import { deliver } from '@muster/registry/peer/exchange.ts'
import { fetchReceiptProof, judgeReceiptProof } from '@muster/registry/peer/receipt-proof.ts'
import { behindItsBack } from '@muster/registry/store/scratch-register.ts'
import type { Joined } from '@muster/registry/store/agreements.ts'
import { say } from './asked.ts'
import { clock, DRILL, twoRegisters, type Two } from './two.ts'

let two: Two
let home: Home
let serving: Serving
/** AA's, with the address of BB. */
let joined: Joined

before(async () => {
  two = await twoRegisters()
  home = await openHome(two.bb.register.dataDir, { now: clock, report: () => undefined })
  const { register, joined: at } = two.bb
  const route = messageRoute({ register, joined: at, now: clock, admit: () => Promise.resolve(undefined), answer: () => Promise.resolve([]) })
  serving = await serveHome(home, { port: 0, host: '127.0.0.1', message: (_home, _hall, body) => route(body) })
  joined = { ...two.aa.joined, urls: new Map([[two.bb.party, serving.url]]) }
})
after(async () => {
  await serving.close()
  await home.close()
  await two.remove()
})

async function sent(): Promise<{ message: Message, receipt: Message }> {
  const message = await say(two.aa, { to: two.bb.party, kind: 'loss/notice', body: {} })
  const { receipt } = await deliver(two.aa.register, joined, message, clock())
  assert.ok(receipt !== undefined)
  return { message, receipt }
}

const fetched = ({ message, receipt }: { message: Message, receipt: Message }) => fetchReceiptProof(joined, message, receipt, clock())
const trust = () => two.aa.joined.trust

/** The code with which a proof is refused. */
function refusalOf(receipt: Message, bytes: Uint8Array): string {
  try {
    judgeReceiptProof(trust(), receipt, bytes)
  } catch (error) {
    if (error instanceof Refusal || error instanceof Breach) return error.code as string
    throw error
  }
  return 'taken'
}

test('a receipt waits for its period; then its proof is fetched, holds offline, and says how many cosigned', async () => {
  const first = await sent()
  await assert.rejects(fetched(first), (error) => error instanceof Refusal && error.code === 'proof/pending' && /ask again after its next period/.test(error.message))
  await two.period(two.bb, [two.bb])
  const once = await fetched(first)
  assert.deepEqual([once.cosigned, once.of], [1, 2])
  await two.period(two.bb)
  const { bytes, cosigned, of, size } = await fetched(first)
  assert.deepEqual([cosigned, of, size], [2, 2, once.size + 2], 'the newest checkpoint, with more cosignatures')
  assert.deepEqual(judgeReceiptProof(trust(), first.receipt, bytes), { bytes, cosigned, of, size })
  assert.equal(refusalOf(first.receipt, once.bytes), 'taken', 'an older proof goes on holding')
})

test('a proof that was changed anywhere, or is of another message, is refused with what is wrong', async () => {
  const [a, b] = [await sent(), await sent()]
  await two.period(two.bb)
  const [proofA, proofB] = [(await fetched(a)).bytes, (await fetched(b)).bytes]
  assert.equal(refusalOf(a.receipt, proofA), 'taken')
  assert.equal(refusalOf(a.receipt, proofB), 'inclusion/root')
  assert.equal(refusalOf(b.receipt, proofA), 'inclusion/root')
  assert.notEqual(refusalOf(a.message, proofA), 'taken', 'the message is not its receipt')
  const whole = parseJson(proofA) as { readonly [name: string]: Json } & { readonly path: readonly string[], readonly tlogProof: string, readonly entryIndex: number, readonly index: number, readonly size: number }
  const changed = (change: { readonly [name: string]: Json }) => refusalOf(a.receipt, canonicalBytes({ ...whole, ...change }))
  assert.equal(changed({ entryIndex: whole.entryIndex - 1 }), 'receipt/other-index')
  assert.equal(changed({ index: whole.index ^ 1 }), 'inclusion/root')
  assert.equal(changed({ size: whole.size * 2 }), 'receipt/not-bound')
  assert.equal(changed({ size: 300 }), 'receipt/not-bound')
  assert.equal(changed({ path: whole.path.slice(1) }), 'receipt/not-bound')
  assert.equal(changed({ salt: 'ab'.repeat(32) }), 'inclusion/root')
  assert.equal(changed({ more: 1 }), 'proof/shape')
  const other = two.aa.joined.trust.parties.get(two.aa.party)?.origin ?? ''
  assert.notEqual(changed({ tlogProof: whole.tlogProof.replace(/^(.*\n\n)[^\n]+/s, `$1${other}`) }), 'taken')
  for (let i = 0; i < 200; i++) {
    const at = Math.floor((i / 200) * proofA.length)
    const flipped = proofA.map((byte, place) => place === at ? byte ^ 1 : byte)
    // A cosigner's line that no longer verifies is not counted; the rest stands on the log's own two signatures.
    if (refusalOf(a.receipt, flipped) === 'taken') assert.equal(judgeReceiptProof(trust(), a.receipt, flipped).cosigned, 1, `byte ${at} may be anything`)
  }
  assert.equal(refusalOf(a.receipt, utf8('{')), 'proof/json')
})

test('whoever did not send the message, or shows no ticket, is told what a stranger is told', async () => {
  const { message } = await sent()
  await two.period(two.bb)
  const status = async (id: string, headers: Record<string, string>, agreement: string = DRILL) => (await fetch(`${serving.url}/proof/${agreement}/${id}`, { headers })).status
  const seed = (side: typeof two.aa) => side.joined.keys.message.ed25519
  const good = ticketFor(seed(two.aa), two.aa.party, two.bb.party, DRILL, clock())
  assert.equal(await status(message.id, good), 200)
  assert.equal(await status(message.id, {}), 404)
  assert.equal(await status(message.id, ticketFor(seed(two.bb), two.bb.party, two.bb.party, DRILL, clock())), 404)
  assert.equal(await status(message.id, ticketFor(seed(two.aa), two.aa.party, two.bb.party, DRILL, clock() - 400)), 404)
  for (const id of ['ab'.repeat(32), message.id.toUpperCase(), message.id.slice(2), `${message.id}/`, '..']) assert.equal(await status(id, good), 404)
  assert.equal(await status(message.id, good, 'exercise-9'), 404)
})

test('a checkpoint that was changed behind Muster\'s back is not handed out in a proof', async () => {
  const told = await sent()
  await two.period(two.bb)
  const change = (sign: string) => behindItsBack(two.bb.register, (connection) => connection.query(`UPDATE checkpoint SET row_mac = set_byte(row_mac, 0, get_byte(row_mac, 0) # ${sign})`))
  await change('1')
  const headers = ticketFor(two.aa.joined.keys.message.ed25519, two.aa.party, two.bb.party, DRILL, clock())
  assert.equal((await fetch(`${serving.url}/proof/${DRILL}/${told.message.id}`, { headers })).status, 503)
  await change('1')
  assert.equal((await fetched(told)).cosigned, 2)
})
