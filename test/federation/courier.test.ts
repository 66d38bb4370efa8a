// A party that is reached by courier only: the same call has the same matrix as among parties on the wire, whatever becomes of the files on their way.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { identityToRecipient } from 'age-encryption'
import type { CallBody } from '@muster/core/wire/call-body.ts'
import { saidBody } from '@muster/core/wire/said-body.ts'
import { parseEnvelope, type Envelope } from '@muster/core/wire/message.ts'
import { canonicalBytes, parseJson } from '@muster/core/bytes/canonical.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { acknowledgeCall, answerCall, issueCall } from '@muster/registry/call/act.ts'
import { callsIssued, callsReceived } from '@muster/registry/call/matrix.ts'
import { exportCourier, importCourier, ownDoor, type Brought } from '@muster/registry/courier.ts'
import { openAnswering } from '@muster/registry/answering.ts'
import { deliverOnce } from '@muster/registry/outbox.ts'
import { sealCourier } from '@muster/registry/peer/courier-file.ts'
import { messagesById, writeMessages } from '@muster/registry/store/messages.ts'
import { onTheirWay } from '@muster/registry/store/outbox.ts'
import { servedRegistries, type Member, type Served } from './served.ts'
import { clock, DRILL, enter } from './two.ts'

const TWO = { by: 'A. Petrova', and: 'B. Karimov' }
let served: Served
let id = ''
const of = (party: string): Member => served.of(party)
const at = (party: string) => ({ register: of(party).home().register, joined: of(party).hall().joined })

// AA and BB are on the wire; CC has nobody's address and nobody has its.
before(async () => {
  served = await servedRegistries(['AA', 'BB', 'CC'], { quorum: 2 }, ['CC'])
  for (const party of ['AA', 'BB']) await of(party).up()
  for (const party of ['BB', 'CC']) await enter(of(party).side(), 'baseline', [{ serial: '0001', type: '9М39' }, { serial: '0002', type: '9М39' }, { serial: '3', class: 'gripstock' }])
})
after(() => served.remove())

async function carry(from: string, to: string): Promise<Uint8Array> {
  let file: Uint8Array | undefined
  await exportCourier(of(from).home(), of(from).hall(), of(to).party, (bytes) => {
    file = bytes
    return Promise.resolve()
  })
  assert.ok(file !== undefined, `nothing is due from ${from} to ${to}`)
  return file
}

/** Loads a file; a registry that is not served opens its door for the while. */
async function load(party: string, file: Uint8Array): Promise<Brought> {
  const home = of(party).home()
  const answering = await openAnswering(home)
  try {
    return await importCourier(home, file, ownDoor(home, answering.message))
  } finally {
    await answering.close()
  }
}
const waiting = async (from: string, to: string) => (await onTheirWay(of(from).home().register, DRILL)).filter((each) => each.to === to)
const codeOf = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code
const matrix = async () => (await callsIssued(at('AA'), clock())).find(({ body }) => body.call === id)?.rows.map(({ party, standing, totals }) => ({ party, standing, totals }))

function asked(): Omit<CallBody<'call/issue'>, 'call'> {
  return { reason: 'exercise', classes: null, types: null, seen: 'opened', asOf: timeOf(clock()), due: timeOf(clock() + 3600), remind: [], note: null }
}

test('a call answered by courier stands in the matrix as one answered by wire does, and afterwards nothing is on its way', async () => {
  ;({ call: id } = await issueCall(at('AA'), asked(), [of('BB').party, of('CC').party], 'A. Petrova', clock()))
  assert.equal((await deliverOnce(of('AA').home(), of('AA').hall(), undefined)).due, 1, 'what has no address stays for the courier')
  assert.deepEqual(await load('CC', await carry('AA', 'CC')).then(({ fresh, again, refused, replies }) => ({ fresh, again, refused, replies })), { fresh: 1, again: 0, refused: [], replies: 1 })
  assert.deepEqual((await callsReceived(at('CC'))).map(({ from, standing }) => [from, standing]), [['AA', 'open']])
  await load('AA', await carry('CC', 'AA'))
  assert.deepEqual(await waiting('AA', 'CC'), [])
  assert.deepEqual((await matrix())?.map(({ party, standing }) => [party, standing]), [['BB', 'received'], ['CC', 'received']])
  for (const party of ['BB', 'CC']) await answerCall(at(party), id, null, TWO, clock())
  await deliverOnce(of('BB').home(), of('BB').hall(), undefined)
  await load('AA', await carry('CC', 'AA'))
  const totals = { opened: 0, sealed: 0, records: 3 }
  assert.deepEqual(await matrix(), [{ party: 'BB', standing: 'answered', totals }, { party: 'CC', standing: 'answered', totals }])
  await load('CC', await carry('AA', 'CC'))
  assert.deepEqual([await waiting('AA', 'CC'), await waiting('CC', 'AA')], [[], []])
})

test('a file that is loaded again changes nothing, and its receipts go back again: the first may have been lost', async () => {
  ;({ call: id } = await issueCall(at('AA'), asked(), [of('CC').party], 'A. Petrova', clock()))
  const file = await carry('AA', 'CC')
  await load('CC', file)
  const lost = await carry('CC', 'AA')
  assert.ok(lost.length > 0)
  assert.deepEqual(await waiting('CC', 'AA'), [])
  const messages = async () => (await at('CC').register.db.read('SELECT 1 AS one FROM message')).length
  const before = await messages()
  const { fresh, again, replies } = await load('CC', await carry('AA', 'CC'))
  assert.deepEqual({ fresh, again, replies }, { fresh: 0, again: 1, replies: 1 })
  assert.equal(await messages(), before)
  await load('AA', await carry('CC', 'AA'))
  assert.deepEqual(await waiting('AA', 'CC'), [])
})

test('a file that is loaded again after everything arrived leaves nothing on its way, by wire or by courier', async () => {
  const [question] = await writeMessages(at('CC').register, at('CC').joined, [{ to: of('AA').party, kind: 'evaluation/request', body: { head: null, recoveries: [], proofs: [], elements: [], coin: 'ab'.repeat(32) }, sent: true }], clock())
  const file = await carry('CC', 'AA')
  await load('AA', file)
  await load('CC', await carry('AA', 'CC'))
  await load('AA', await carry('CC', 'AA'))
  assert.ok(question !== undefined)
  await load('AA', file)
  assert.deepEqual((await waiting('AA', 'CC')).length, 1, 'the receipt alone goes back again')
  await load('CC', await carry('AA', 'CC'))
  assert.deepEqual([await waiting('AA', 'CC'), await waiting('CC', 'AA')], [[], []])
})

test('files that come in the wrong order, the second before the first, are both taken, and months later too', async () => {
  const first = await issueCall(at('AA'), asked(), [of('CC').party], 'A. Petrova', clock())
  const one = await carry('AA', 'CC')
  const second = await issueCall(at('AA'), asked(), [of('CC').party], 'A. Petrova', clock())
  // The second message alone: the first is in the first file.
  const [message] = await messagesById(at('AA').register, at('AA').joined, of('AA').party, second.messages.map(({ id: each }) => each))
  const { courier: identity } = of('CC').hall().joined.keys
  const two = await sealCourier(await identityToRecipient(identity), { v: 'muster/courier/1', agreement: DRILL, exercise: true, from: of('AA').party, to: of('CC').party, made: timeOf(clock()), messages: [parseJson(message?.envelope ?? new Uint8Array()) as Envelope] })
  of('CC').later(200 * 86_400)
  assert.equal((await load('CC', two)).fresh, 1)
  assert.equal((await load('CC', one)).fresh, 1)
  of('CC').later(-200 * 86_400)
  assert.deepEqual((await callsReceived(at('CC'))).slice(-2).map(({ body }) => body.call).sort(), [first.call, second.call].sort())
})

test('a file for another party, cut off, changed, or of no courier is refused whole, and says what to do', async () => {
  await acknowledgeCall(at('CC'), id, { office: null, expected: null, by: 'A. Petrova' }, clock())
  const file = await carry('CC', 'AA')
  await assert.rejects(load('BB', file), codeOf('courier/other-receiver'))
  await assert.rejects(load('AA', file.slice(0, -1)), codeOf('courier/damaged'))
  await assert.rejects(load('AA', file.with(file.length >> 1, (file[file.length >> 1] as number) ^ 1)), codeOf('courier/damaged'))
  await assert.rejects(load('AA', Buffer.from('to whom it may concern')), codeOf('courier/not-age'))
  assert.equal((await load('AA', file)).again + (await load('AA', file)).again > 0, true)
})

test('a message in the file that its sender did not sign, or that another party signed, is refused by its place; the others are taken', async () => {
  const { messages } = await issueCall(at('AA'), asked(), [of('CC').party], 'A. Petrova', clock())
  const good = parseJson(messages[0]?.envelope ?? new Uint8Array()) as Envelope
  const [foreign] = (await issueCall(at('BB'), asked(), [of('CC').party], 'A. Petrova', clock())).messages
  const forged = { ...good, signatures: { ...good.signatures, ed25519: Buffer.alloc(64, 7).toString('base64') } }
  const file = await sealCourier(await identityToRecipient(of('CC').hall().joined.keys.courier), {
    v: 'muster/courier/1', agreement: DRILL, exercise: true, from: of('AA').party, to: of('CC').party, made: timeOf(clock()), messages: [forged, parseJson(foreign?.envelope ?? new Uint8Array()) as Envelope, good],
  })
  const { fresh, refused } = await load('CC', file)
  assert.deepEqual({ fresh, refused: refused.map(({ place, code }) => [place, code]) }, { fresh: 1, refused: [[0, 'message/signature'], [1, 'courier/other-sender']] })
  const taken = parseEnvelope(p, canonicalBytes(good), at('CC').joined.trust.messageKeys)
  assert.ok(!(taken instanceof Error) && !(saidBody('call/issue', taken.payload.body) instanceof Refusal))
})

test('where nothing is due to a party on the wire no file is written, a party without an address is told what stands, and where writing fails the receipts stay for the next', async () => {
  await load('AA', await carry('CC', 'AA'))
  await assert.rejects(exportCourier(of('AA').home(), of('AA').hall(), of('CC').party, () => Promise.reject(new Error('disk full'))), /disk full/)
  await load('CC', await carry('AA', 'CC'))
  const due = await waiting('CC', 'AA')
  assert.ok(due.length > 0)
  await assert.rejects(exportCourier(of('CC').home(), of('CC').hall(), of('AA').party, () => Promise.reject(new Error('disk full'))), /disk full/)
  assert.deepEqual(await waiting('CC', 'AA'), due)
  await load('AA', await carry('CC', 'AA'))
  assert.deepEqual(await exportCourier(of('CC').home(), of('CC').hall(), of('AA').party, () => Promise.resolve()), { messages: 0, receipts: 0, left: 0, published: 0, files: 1 })
  assert.equal(await exportCourier(of('AA').home(), of('AA').hall(), of('BB').party, () => Promise.resolve()), undefined)
})
