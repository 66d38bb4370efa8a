import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { alike } from '../engine/alike.ts'
import { initParty, readPartyFile, removeParty } from './party-file.ts'
import { openRegister } from './register.ts'
import { scratchFolder } from './scratch.ts'

const request = { party: 'RJ' as PartyId, name: 'Rio', exercise: true, at: timeOf(1_700_000_000) }

describe('a register for a party', () => {
  let folder = ''
  before(async () => { folder = await scratchFolder() })
  after(async () => rm(folder, { recursive: true, force: true }))

  test('is made once, opens with its party and its secrets, and goes without a trace', async () => {
    const dataDir = join(folder, 'once')
    assert.equal((await initParty(dataDir, request)).party, 'RJ')
    await assert.rejects(initParty(dataDir, { ...request, name: 'Other' }), { code: 'already-initialised' })
    const register = await openRegister(dataDir)
    assert.deepEqual([register.file.name, register.file.exercise, register.file.created, register.secrets.mac.length], ['Rio', true, '2023-11-14T22:13:20Z', 32])
    assert.equal((await stat(join(dataDir, 'keys', 'register.key'))).mode & 0o777, 0o600)
    await assert.rejects(removeParty(dataDir), { code: 'directory-in-use' })
    await register.close()
    await removeParty(dataDir)
    await assert.rejects(stat(dataDir), { code: 'ENOENT' })
    await assert.rejects(openRegister(dataDir), { code: 'not-initialised' })
  })

  test('that a crash left without its file is completed by the same call, with the key that stands', async () => {
    const dataDir = join(folder, 'crashed')
    await initParty(dataDir, request)
    const key = await readFile(join(dataDir, 'keys', 'register.key'))
    await rm(join(dataDir, 'muster.json'))
    await assert.rejects(openRegister(dataDir), { code: 'not-initialised' })
    await initParty(dataDir, request)
    assert.deepEqual(await readFile(join(dataDir, 'keys', 'register.key')), key)
    await removeParty(dataDir)
  })

  test('is refused in a folder that holds other things', async () => {
    const dataDir = join(folder, 'taken')
    await import('node:fs/promises').then(({ mkdir }) => mkdir(dataDir))
    await chmod(dataDir, 0o755)
    await writeFile(join(dataDir, 'letter.txt'), 'mine')
    await assert.rejects(initParty(dataDir, request), { code: 'directory-taken' })
    assert.equal(await readFile(join(dataDir, 'letter.txt'), 'utf8'), 'mine')
  })

  test('with a damaged file says which member is wrong', async () => {
    const dataDir = join(folder, 'damaged')
    await initParty(dataDir, request)
    await writeFile(join(dataDir, 'muster.json'), JSON.stringify({ ...await readPartyFile(dataDir), party: 'rio' }))
    await assert.rejects(openRegister(dataDir), { code: 'kept-damaged', message: /party is not a party id/ })
    await removeParty(dataDir)
  })

  test('only an exercise may have a cluster that is a copy of another', async () => {
    const dataDir = join(folder, 'kept')
    await assert.rejects(initParty(dataDir, { ...request, exercise: false }, { makeEmpty: alike() }), RangeError)
    assert.equal(existsSync(dataDir), false)
  })
})
