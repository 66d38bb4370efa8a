import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { scratchFolder } from '../store/scratch.ts'
import { alike } from './alike.ts'
import { SUPERUSER, type Address } from './cluster.ts'
import { initDataDirectory, joinCluster, removeDataDirectory } from './lease.ts'

let folder = ''
const dataDirs: string[] = []
before(async () => { folder = await scratchFolder() })
after(async () => {
  for (const dataDir of dataDirs) await removeDataDirectory(dataDir)
  await rm(folder, { recursive: true, force: true })
})

async function ask(address: Address, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ ...address })
  await client.connect()
  try {
    return (await client.query({ text: statement, rowMode: 'array' })).rows.flat() as unknown[]
  } finally {
    await client.end()
  }
}

test('clusters that are alike have passwords, data and servers of their own, with checksums', async () => {
  const makeEmpty = alike()
  dataDirs.push(...['first', 'second', 'third'].map((name) => join(folder, name)))
  await Promise.all(dataDirs.map((dataDir) => initDataDirectory(dataDir, { makeEmpty })))
  const leases = await Promise.all(dataDirs.map((dataDir) => joinCluster(dataDir)))
  try {
    for (const [i, { address }] of leases.entries()) {
      assert.deepEqual(await ask(address, 'SHOW data_checksums'), ['on'])
      await ask(address, `CREATE TABLE mine AS SELECT ${i} AS number`)
    }
    for (const [i, { address }] of leases.entries()) {
      assert.deepEqual(await ask(address, 'SELECT number FROM mine'), [i])
      const { password } = leases[(i + 1) % leases.length]?.address as Address
      for (const user of [address.user, SUPERUSER]) {
        await assert.rejects(ask({ ...address, user, password }, 'SELECT 1'), /password authentication failed/)
        assert.deepEqual(await ask({ ...address, user }, 'SELECT current_user::text'), [user])
      }
    }
  } finally {
    await Promise.all(leases.map(({ leave }) => leave()))
  }
})

test('where the first cannot be made, who waited for it is told, and the next one is the first', async () => {
  const makeEmpty = alike()
  const account = { self: true, name: 'own', uid: 0, gid: 0 } as Parameters<typeof makeEmpty>[1]
  const target = join(folder, 'target')
  const failing = makeEmpty(target, account, () => Promise.reject(new Error('no space')))
  await assert.rejects(makeEmpty(target, account, () => assert.fail('a second one was made at the same time')), /no space/)
  await assert.rejects(failing, /no space/)
  assert.equal(existsSync(target), false)
  const dataDir = join(folder, 'after')
  dataDirs.push(dataDir)
  let made = 0
  await initDataDirectory(dataDir, { makeEmpty: (at, owner, initdb) => makeEmpty(at, owner, () => { made++; return initdb() }) })
  assert.equal(made, 1)
})
