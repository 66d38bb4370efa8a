// A disk that is full when a period is closed or a declaration made: on a small file system in memory, where the caller may mount one.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { toHex } from '@muster/core/bytes/bytes.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { agreementBytes } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { removeDataDirectory } from '@muster/registry/engine/lease.ts'
import { makeOprfKey } from '@muster/registry/evaluator/key.ts'
import { declare, newestDeclaration } from '@muster/registry/log/declare.ts'
import { declarationFolder, logFolder } from '@muster/registry/log/own-log.ts'
import { openHome, sequence, type Hall, type Home } from '@muster/registry/main.ts'
import { resumeLog } from '@muster/registry/peer/mirror.ts'
import { joinAgreement } from '@muster/registry/store/agreements.ts'
import { firstKeyRecord, makeAgreementKeys } from '@muster/registry/store/keys.ts'
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
const whole = () => resumeLog(logFolder(hall.log), hall.joined.trust.parties.get(AA) as PartyTrust, 256)

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
