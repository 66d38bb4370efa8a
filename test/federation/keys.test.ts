// Keys that change among real registries: a record in the log that the others follow; what is underway and what was said before stays, what is signed
// afterwards with the old key is kept as evidence, and what was compromised is good for nothing.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { verifyAviationNotice } from '@muster/core/wire/aviation-notice.ts'
import { doubleKeysOf } from '@muster/core/wire/double-signature.ts'
import { clearEntry } from '@muster/core/wire/entry.ts'
import { readKeyRecord, signKeyRecord, type ReadKeyRecord } from '@muster/core/wire/key-record.ts'
import { sealEnvelope, type Message } from '@muster/core/wire/message.ts'
import { parseDossier, signDossier } from '@muster/core/wire/dossier.ts'
import { verifyDossier } from '@muster/core/wire/verify.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { giveToAviation, RECIPIENTS_FILE } from '@muster/registry/aviation.ts'
import { correspondenceFile } from '@muster/registry/correspondence.ts'
import { exportCourier, importCourier, ownDoor } from '@muster/registry/courier.ts'
import { Fault } from '@muster/registry/engine/fault.ts'
import { declare } from '@muster/registry/log/declare.ts'
import { giveNotice, noticesIn, type GivenNotice } from '@muster/registry/notice.ts'
import { changeKeys } from '@muster/registry/keys.ts'
import { catchUp } from '@muster/registry/main.ts'
import { deliverOnce } from '@muster/registry/outbox.ts'
import { postMessage } from '@muster/registry/peer/exchange.ts'
import { filedBreaches } from '@muster/registry/store/breaches.ts'
import type { AgreementKeys } from '@muster/registry/store/keys.ts'
import { messagesById, writeMessages } from '@muster/registry/store/messages.ts'
import { onTheirWay } from '@muster/registry/store/outbox.ts'
import { traceFind, type Traced } from '@muster/registry/trace/trace.ts'
import { oneRegistry } from './one.ts'
import { servedRegistries, type Member, type Served, until } from './served.ts'
import { clock, DRILL, enter, officeSaid } from './two.ts'

const CLI = join(import.meta.dirname, '../../cli/bin/muster.js')
const PATIENCE_MS = 20_000
const [AA, BB] = ['AA', 'BB'] as PartyId[] as [PartyId, PartyId]

let served: Served
let group: Group
let seized: readonly string[]
let earlier: Traced
/** Seeds as they were at first: what a thief of the old key has. */
let old: AgreementKeys
const of = (party: string): Member => served.of(party)
const at = (party: string) => ({ register: of(party).home().register, joined: of(party).hall().joined })
const trustIn = (party: string, whom: string) => at(party).joined.trust.parties.get(whom as PartyId) as PartyTrust

before(async () => {
  group = await fastGroup()
  served = await servedRegistries(['AA', 'BB'], { quorum: 2, periodSeconds: 1 })
  await of('AA').up()
  await of('BB').up()
  old = at('AA').joined.keys
  seized = await enter(of('AA').side(), 'seized', [{ type: '9M39', serial: '77120' }, { type: '9M39', serial: '77121' }])
  for (const party of ['AA', 'BB']) await declare(of(party).side().log, clock())
  await until(async () => (of('AA').hall().mirror.known(BB)?.heads.length === 1))
  earlier = await traced(0)
})
after(() => served.remove())

async function traced(n: number): Promise<Traced> {
  const member = of('AA')
  return traceFind({ home: member.home(), hall: member.hall(), group, own: member.answering().message }, seized[n] as string, { wait_ms: PATIENCE_MS, untilSilent: false })
}

const say = async (from: string, to: string, sent = true): Promise<Message> => (await writeMessages(at(from).register, at(from).joined, [{ ...officeSaid(to as PartyId), sent }], clock()))[0] as Message
const has = async (party: string, message: Message) => (await messagesById(at(party).register, at(party).joined, message.payload.from, [message.id])).length > 0
const two = { by: 'A. Petrova', and: 'B. Karimov' }
const superseded = async (party: string) => (await Array.fromAsync(filedBreaches(at(party).register))).filter(({ code }) => code === 'message/superseded-key').length

function muster(...args: string[]): Promise<{ readonly code: number, readonly out: string, readonly error: string }> {
  return new Promise((done) => {
    const child = execFile(process.execPath, [CLI, 'keys', ...args, '--dir', of('AA').dataDir], { env: { ...process.env, DATABASE_URL: '' } }, (_, out, error) => { done({ code: child.exitCode ?? -1, out, error }) })
  })
}

/** The next message of AA to BB as a thief would write it, under the keys that AA had at first. */
async function stolen(time: string): Promise<{ readonly status: number, readonly code: string }> {
  const next = await say('AA', 'BB', false)
  const forged = sealEnvelope(p, { ...next.payload, time, body: officeSaid(BB, 'forged').body }, old.message)
  const { status, body } = await postMessage(at('AA').joined.urls.get(BB) as string, DRILL, forged.envelope)
  return { status, code: (JSON.parse(body.toString()) as { code?: string }).code ?? '' }
}

test('two people change keys, never one, and never while the registry is served', async () => {
  await assert.rejects(changeKeys(of('AA').home(), of('AA').hall(), { purposes: ['message'], compromisedSince: null, by: 'A. Petrova', and: null }, clock()), /two/)
  await assert.rejects(changeKeys(of('AA').home(), of('AA').hall(), { purposes: ['message'], compromisedSince: null, ...two }, clock()), (error) => error instanceof Fault)
  assert.equal(trustIn('AA', 'AA').records.length, 1)
})

test('keys change in mid-conversation: what is underway arrives, what follows is under the new key, and a file sealed to the old courier key opens', async () => {
  await of('BB').down()
  const underway = await say('AA', 'BB')
  await of('AA').down()
  await of('BB').up()
  const sealed: Uint8Array[] = []
  const carried = await say('BB', 'AA')
  await exportCourier(of('BB').home(), of('BB').hall(), AA, (bytes) => { sealed.push(bytes); return Promise.resolve() })
  const changed = await muster('change', '--by', 'A. Petrova', '--and', 'B. Karimov', '--json')
  assert.equal(changed.code, 0, changed.error)
  const { sequence, reason } = JSON.parse(changed.out) as { sequence: number, reason: string }
  assert.deepEqual([sequence, reason], [1, 'rotation'])
  assert.match((await muster('list', '--lang', 'ru')).out, /смена/)

  await of('AA').restart()
  await of('AA').up()
  const following = await say('AA', 'BB')
  const key = trustIn('AA', 'AA').message
  assert.notDeepEqual(key, doubleKeysOf(p, old.message))
  assert.ok(at('AA').joined.trust.messageKeys(AA, DRILL, underway.payload.time) !== key, 'the one before is good for what was dated before')
  await until(async () => (trustIn('BB', 'AA').records.length === 2))
  await deliverOnce(of('AA').home(), of('AA').hall(), undefined)
  await until(async () => await has('BB', underway) && await has('BB', following))
  const answer = await say('BB', 'AA')
  await until(() => has('AA', answer))
  const brought = await importCourier(of('AA').home(), sealed[0] as Uint8Array, ownDoor(of('AA').home(), of('AA').answering().message))
  assert.deepEqual([brought.messages >= 1, brought.refused], [true, []])
  assert.ok(await has('AA', carried))
})

test('dossiers of before stay what they were, those made after carry both records, and without the second they do not hold', async () => {
  assert.equal(verifyDossier(p, group, earlier.dossier, at('AA').joined.trust.bytes, clock()).verdict, 'proven')
  const result = await traced(1)
  const verified = verifyDossier(p, group, result.dossier, at('BB').joined.trust.bytes, clock())
  assert.ok(verified.verdict === 'proven', JSON.stringify(verified.findings))
  assert.deepEqual([...verified.assessment.outcomes.values()], ['absent', 'absent'], 'both evaluators take questions under the new key')
  const { signature: _, ...body } = parseDossier(result.dossier)
  assert.deepEqual(body.parties.map(({ party, laterRecords }) => [party, laterRecords?.length]), [['AA', 1], ['BB', undefined]])
  const without = body.parties.map(({ laterRecords: __, ...rest }) => rest)
  const { message } = at('AA').joined.keys.later[0] as AgreementKeys['later'][number]
  assert.equal(verifyDossier(p, group, signDossier(p, { ...body, parties: without }, message), at('AA').joined.trust.bytes, clock()).findings[0]?.code, 'dossier/signature')
})

test('what was said across the change is one correspondence, proven under both keys', async () => {
  const [item] = await enter(of('BB').side(), 'seized', [{ type: '9M39', serial: '60001' }])
  const { notice } = await giveNotice(at('BB'), { kind: 'recovery', items: [item as NonNullable<typeof item>], discovered: timeOf(clock()), region: null, circumstances: 'seized', numbers: false, follows: null, note: null }, { by: 'A. Petrova', and: null }, clock())
  await until(async () => (await noticesIn(at('AA'))).some(({ body }) => body.notice === notice))
  await until(async () => (await onTheirWay(at('BB').register, DRILL)).length === 0)
  const { verification } = await correspondenceFile(at('BB'), notice)
  assert.equal(verification.verdict, 'proven')
})

test('a message under the replaced key that is dated after the change is refused, and kept as evidence', async () => {
  const before = await superseded('BB')
  assert.deepEqual(await stolen(timeOf(clock())), { status: 403, code: 'message/superseded-key' })
  assert.equal(await superseded('BB'), before + 1)
})

test('a compromise is of a time that has passed; from then on the key is good for nothing, whatever its messages are dated, and what was held stays', async () => {
  await of('AA').down()
  assert.match((await muster('compromise', '--since', timeOf(clock() + 3600), '--by', 'A. Petrova', '--and', 'B. Karimov')).error, /time that has passed/)
  assert.equal((await muster('compromise', '--since', timeOf(clock() - 60), '--by', 'A. Petrova')).code, 1)
  const told = await muster('compromise', '--since', timeOf(clock() - 60), '--purpose', 'message', '--by', 'A. Petrova', '--and', 'B. Karimov', '--json')
  assert.equal((JSON.parse(told.out) as { reason: string }).reason, 'compromise', told.error)
  await of('AA').restart()
  await of('AA').up()
  await until(async () => (trustIn('BB', 'AA').records.length === 3))
  const rows = await at('BB').register.db.read<{ message_id: Buffer }>("SELECT message_id FROM message WHERE sender = 'AA' AND direction = 'in'")
  assert.equal((await messagesById(at('BB').register, at('BB').joined, AA, rows.map(({ message_id }) => message_id.toString('hex')))).length, rows.length)
  for (const time of [timeOf(clock()), timeOf(clock() - 3600)]) assert.deepEqual(await stolen(time), { status: 403, code: 'message/superseded-key' }, time)
  const [lost] = await enter(of('AA').side(), 'seized', [{ type: '9M39', serial: '60002' }])
  const { notice } = await giveNotice(at('AA'), { kind: 'recovery', items: [lost as NonNullable<typeof lost>], discovered: timeOf(clock()), region: null, circumstances: 'seized', numbers: false, follows: null, note: null }, { by: 'A. Petrova', and: null }, clock())
  await writeFile(join(of('AA').dataDir, RECIPIENTS_FILE), '{"v":"muster/recipients/1","dueSeconds":null,"recipients":[{"id":"caa","name":"Exercise aviation authority"}]}')
  const given = (await noticesIn(at('AA'))).find(({ body }) => body.notice === notice) as GivenNotice
  const { document } = await giveToAviation(at('AA'), given, undefined, { by: 'A. Petrova', and: null }, clock())
  assert.equal(verifyAviationNotice(p, document, at('AA').joined.trust.bytes).verdict, 'proven', 'a document of today is signed by the key of today')
  const fresh = await say('AA', 'BB')
  await until(() => has('BB', fresh))
})

test('a record that the old log key did not sign convicts nobody else and changes nothing; one that exchanges keys of two purposes is not followed', async () => {
  const one = await oneRegistry()
  try {
    await one.puppet.publish()
    await catchUp(one.home(), one.hall())
    const first = readKeyRecord(p, one.puppet.record) as ReadKeyRecord
    const thief = { ed25519: Buffer.alloc(32, 1), mldsa44: Buffer.alloc(32, 2) }
    const { signatures: _, ...body } = { ...first.record, sequence: 1, from: timeOf(clock()), reason: 'rotation' as const, previous: first.hash }
    const known = () => (one.hall().joined.trust.parties.get(BB) as PartyTrust).records.length
    const rotated = { ...body, keys: { ...body.keys, message: doubleKeysOf(p, thief) } }
    one.puppet.entries.push(clearEntry(signKeyRecord(p, rotated, one.puppet.keys.log, thief)))
    await one.puppet.publish()
    await catchUp(one.home(), one.hall())
    assert.equal(known(), 1)
    assert.deepEqual((await one.breaches()).map(({ code }) => code), ['key-record/signature'])

    one.puppet.entries.pop()
    const other = { ...body, keys: { ...body.keys, witness: { mldsa44: body.keys.reader.mldsa44 }, reader: { mldsa44: body.keys.witness.mldsa44 } } }
    one.puppet.entries.push(clearEntry(signKeyRecord(p, other, one.puppet.keys.log, one.puppet.keys.log)))
    await one.puppet.publish()
    await catchUp(one.home(), one.hall())
    assert.equal(known(), 1)
    assert.ok(one.told.some((line) => /gives as its witness key one that was its reader key/.test(line)), one.told.join('\n'))
  } finally {
    await one.remove()
  }
})
