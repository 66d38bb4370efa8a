// A disk that is full when a period is closed, a declaration made, a message taken or a batch evaluated: on a small file system in memory, where the caller may mount one.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { toBase64, toHex } from '@muster/core/bytes/bytes.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { agreementBytes } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { sealEnvelope, type Message } from '@muster/core/wire/message.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { sodiumGroup } from '@muster/fast/sodium-group.ts'
import { removeDataDirectory } from '@muster/registry/engine/lease.ts'
import { makeOprfKey } from '@muster/registry/evaluator/key.ts'
import { declare, newestDeclaration } from '@muster/registry/log/declare.ts'
import { declarationFolder, logFolder, oprfOf } from '@muster/registry/log/own-log.ts'
import { messageRoute } from '@muster/registry/http/message.ts'
import { startEvaluator } from '@muster/registry/peer/evaluator-process.ts'
import { openHome, sequence, type Hall, type Home } from '@muster/registry/main.ts'
import { resumeLog } from '@muster/registry/peer/mirror.ts'
import { joinAgreement } from '@muster/registry/store/agreements.ts'
import { firstKeyRecord, makeAgreementKeys, readAgreementKeys, type AgreementKeys } from '@muster/registry/store/keys.ts'
import { initParty } from '@muster/registry/store/party-file.ts'
import { openRegister } from '@muster/registry/store/register.ts'
import { scratchFolder } from '@muster/registry/store/scratch.ts'
import { agreementWith, BASELINE, clock, DRILL, enter } from '../federation/two.ts'

const [AA, BB] = ['AA', 'BB'] as [PartyId, PartyId]
let folder = ''
let disk = ''
let refusal: string | false = false
let home: Home
let hall: Hall
let asker: AgreementKeys
let last: Message | undefined

before(async () => {
  folder = await scratchFolder()
  disk = join(folder, 'disk')
  mkdirSync(disk)
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=140m,mode=711', 'tmpfs', disk], { encoding: 'utf8' })
  if (mounted.status !== 0) {
    refusal = `no small file system can be mounted here: ${mounted.stderr?.trim() ?? mounted.error?.message ?? ''}`
    return
  }
  const dataDir = join(disk, AA)
  await initParty(dataDir, { party: AA, name: 'Exercise party AA', exercise: true, at: timeOf(clock()) })
  const records = new Map(await Promise.all([[AA, dataDir], [BB, join(folder, BB)]].map(async ([party, dir]): Promise<[PartyId, Uint8Array]> =>
    [party as PartyId, await firstKeyRecord(await makeAgreementKeys(dir as string, DRILL), DRILL, party as PartyId, BASELINE, await makeOprfKey(dir as string, DRILL))])))
  asker = await readAgreementKeys(join(folder, BB), DRILL) as AgreementKeys
  const agreement = agreementWith([...records].map(([id, record]) => ({ id, name: { en: id, ru: id }, keyRecord: toHex(p.sha256(record)) })), {})
  const register = await openRegister(dataDir)
  await joinAgreement(register, agreementBytes(agreement), records, new Map(), clock())
  await register.close()
  home = await openHome(dataDir)
  hall = home.halls.get(DRILL) as Hall
  await enter({ party: AA, register: home.register, joined: hall.joined, log: hall.log }, 'baseline', Array.from({ length: 300 }, (_, i) => ({ type: '9М39', serial: `A${i}` })))
  await sequence(home, hall)
})
after(async () => {
  if (refusal === false) {
    await home.close()
    await removeDataDirectory(home.register.dataDir)
    spawnSync('umount', ['-l', disk])
  }
  await rm(folder, { recursive: true, force: true })
})

function fill(leave_bytes: number): void {
  const { bavail, bsize } = statfsSync(disk)
  writeFileSync(join(disk, 'filler'), Buffer.alloc(Math.max(0, bavail * bsize - leave_bytes)))
}

const FULL = /ENOSPC|no space left|free space there/i
const whole = () => resumeLog(logFolder(hall.log), hall.joined.trust.parties.get(AA) as PartyTrust, hall.joined.agreement)

test('a disk that is full in the middle of a period keeps one history, and the next period goes on from it', async (t) => {
  if (refusal !== false) return t.skip(refusal)
  for (const leave of [0, 8_192, 20_480, 40_960]) {
    const before = (await whole())?.checkpoint.size ?? 0
    fill(leave)
    await sequence(home, hall).catch((error: unknown) => { assert.match(String(error), FULL) })
    const during = (await whole())?.checkpoint.size ?? 0
    assert.ok(during >= before)
    rmSync(join(disk, 'filler'))
    await sequence(home, hall)
    assert.ok(((await whole())?.checkpoint.size ?? 0) > during)
  }
})

test('a disk that is full in the middle of a declaration publishes nothing, and the same command succeeds when there is space', async (t) => {
  if (refusal !== false) return t.skip(refusal)
  const root = dirname(declarationFolder(hall.log, 'x'))
  for (const leave of [0, 60_000]) {
    const before = await newestDeclaration(hall.log)
    fill(leave)
    await assert.rejects(declare(hall.log, clock()), FULL)
    rmSync(join(disk, 'filler'))
    assert.deepEqual((await newestDeclaration(hall.log))?.head.hash, before?.head.hash)
    const declared = await declare(hall.log, clock())
    await sequence(home, hall)
    assert.ok((await whole())?.heads.some(({ head }) => head.hash === declared.head.hash))
    assert.ok((await readdir(root)).every((name) => /^[0-9a-f]{64}$/.test(name)))
  }
})

/** A message of BB to this registry, as it comes. */
function said(kind: 'loss/notice' | 'evaluation/request', body: Parameters<typeof sealEnvelope>[1]['body']): Message {
  last = sealEnvelope(p, {
    v: 'muster/message/1', kind, from: BB, to: AA, agreement: DRILL, sequence: last === undefined ? 0 : last.payload.sequence + 1, previous: last?.id ?? null, time: timeOf(clock()), expiry: null,
    marking: hall.joined.agreement.marking, body,
  }, asker.message)
  return last
}

test('messages that come while the disk is full are refused with what to do, or acknowledged for good; sent again they have one receipt each', async (t) => {
  if (refusal !== false) return t.skip(refusal)
  const route = messageRoute({ register: home.register, joined: hall.joined, now: clock, admit: () => Promise.resolve(undefined), answer: () => Promise.resolve([]) })
  const [first, ...messages] = Array.from({ length: 6 }, (_, i) => said('loss/notice', { n: i, filling: 'x'.repeat(600_000) }))
  assert.equal((await route((first as Message).envelope)).status, 200)
  fill(0)
  const during = []
  for (const { envelope } of messages) during.push(await route(envelope))
  assert.ok(during.some(({ status }) => status !== 200), 'the disk was not full')
  for (const { status, body } of during) if (status !== 200) assert.match(`${status} ${body}`, /^50[37] .*send the same message again/)
  rmSync(join(disk, 'filler'))
  for (const [i, { envelope }] of messages.entries()) {
    const after = await route(envelope)
    assert.equal(after.status, 200, after.body)
    if (during[i]?.status === 200) assert.equal(after.body, during[i].body, 'what was acknowledged stays')
    assert.deepEqual(await route(envelope), after)
  }
})

test('a batch that comes while the disk is full is not evaluated, and is paid for once when there is space', async (t) => {
  if (refusal !== false) return t.skip(refusal)
  const group = await sodiumGroup()
  const element = () => toBase64(group.hashToGroup(new Uint8Array(randomBytes(16)), new Uint8Array(Buffer.from('test'))))
  const hash = toHex(randomBytes(32))
  const path = { batch: { index: 0, size: 1, path: [] }, period: { salt: hash, index: 0, size: 256, path: [] }, entry: 0, proof: 0 }
  const { envelope } = said('evaluation/request', { head: null, recoveries: [{ binding: hash, path }], proofs: ['a proof'], elements: Array.from({ length: 16 }, element), coin: hash })
  const evaluator = startEvaluator(home.register.dataDir)
  try {
    await evaluator.facts(DRILL)
    fill(0)
    const during = await evaluator.evaluate(DRILL, envelope, toBase64(oprfOf(hall.log))).catch((error: unknown) => ({ error: String(error) }))
    assert.ok('error' in during, 'it was evaluated on a full disk')
    rmSync(join(disk, 'filler'))
    const reply = await evaluator.evaluate(DRILL, envelope, toBase64(oprfOf(hall.log)))
    assert.ok(!('error' in reply) && reply.elements.length === 16, JSON.stringify(reply))
    assert.deepEqual(await evaluator.evaluate(DRILL, envelope, toBase64(oprfOf(hall.log))), reply)
    assert.equal((await evaluator.facts(DRILL)).spentByAll, 16)
  } finally {
    await evaluator.close()
  }
})
