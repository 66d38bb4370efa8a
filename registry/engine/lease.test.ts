import assert from 'node:assert/strict'
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { scratchFolder } from '../store/scratch.ts'
import type { Address } from './cluster.ts'
import { clusterExists, postmasterOf, SUPERUSER } from './cluster.ts'
import { initDataDirectory, isInUse, joinCluster, removeDataDirectory, takeOffice } from './lease.ts'
import { memoryOf } from './memory.ts'
import { clusterOf, readPlace } from './place.ts'

let folder = ''
let dataDir = ''
before(async () => {
  folder = await scratchFolder()
  dataDir = join(folder, 'registry')
  await initDataDirectory(dataDir)
})
after(async () => {
  await removeDataDirectory(dataDir)
  await rm(folder, { recursive: true, force: true })
})

async function ask(address: Address, statement: string): Promise<string> {
  const client = new pg.Client({ ...address })
  await client.connect()
  try {
    const { rows } = await client.query<Record<string, unknown>>(statement)
    return String(Object.values(rows[0] ?? {})[0])
  } finally {
    await client.end()
  }
}

/** A child that ended stands in the list of processes until the system has told its parent. */
async function gone(pid: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.fail(`process ${pid} is still there`)
}

test('the first to join starts the server, others use it, and the last to leave stops it', async () => {
  const first = await joinCluster(dataDir)
  const pid = postmasterOf(first.place)?.pid
  assert.ok(pid)
  const second = await joinCluster(dataDir)
  assert.equal(postmasterOf(second.place)?.pid, pid)
  await first.leave()
  await first.leave()
  assert.equal(await ask(second.address, 'SELECT 42'), '42')
  assert.equal(await isInUse(second.place), true)
  await second.leave()
  assert.equal(postmasterOf(first.place), undefined)
  await gone(pid)
})

test('the server syncs, checks its pages, listens on no network, and nobody can tell it otherwise', async () => {
  await assert.rejects(joinCluster(dataDir, { settings: { fsync: 'off' } }), { code: 'engine-refused', message: /fsync/ })
  await assert.rejects(joinCluster(dataDir, { settings: { listen_addresses: '*' } }), { code: 'engine-refused' })
  await assert.rejects(joinCluster(dataDir, { settings: { Config_File: '/elsewhere/postgresql.conf' } }), { code: 'engine-refused' })
  const lease = await joinCluster(dataDir, { settings: { work_mem: '9MB' } })
  try {
    const promises = { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on', data_checksums: 'on', listen_addresses: '', server_encoding: 'UTF8', work_mem: '9MB' }
    for (const [name, value] of Object.entries(promises)) assert.equal(await ask(lease.address, `SHOW ${name}`), value, name)
    assert.equal(await ask({ ...lease.address, user: SUPERUSER }, "SELECT datcollate || datctype FROM pg_database WHERE datname = 'muster'"), 'CC')
    await ask({ ...lease.address, user: SUPERUSER }, 'ALTER SYSTEM SET fsync = off')
    await ask({ ...lease.address, user: SUPERUSER }, 'SELECT pg_reload_conf()')
    assert.equal(await ask(lease.address, 'SHOW fsync'), 'on')
    await ask({ ...lease.address, user: SUPERUSER }, 'ALTER SYSTEM RESET fsync')
    if (process.platform === 'linux') {
      const pid = postmasterOf(lease.place)?.pid ?? 0
      const sockets = readdirSync(`/proc/${pid}/fd`).map((fd) => /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1]).filter((inode) => inode !== undefined)
      assert.ok(sockets.length > 0, 'the server has its local socket')
      const network = ['tcp', 'tcp6', 'udp', 'udp6'].map((kind) => readFileSync(`/proc/${pid}/net/${kind}`, 'utf8')).join('').split(/\s+/)
      assert.deepEqual(sockets.filter((inode) => network.includes(inode)), [])
    }
  } finally {
    await lease.leave()
  }
})

test('the role of the registry is no superuser, and a password is asked of everyone', async () => {
  const lease = await joinCluster(dataDir)
  try {
    assert.equal(await ask(lease.address, 'SELECT rolsuper FROM pg_roles WHERE rolname = current_user'), 'false')
    await assert.rejects(ask({ ...lease.address, password: 'guess' }, 'SELECT 1'), { code: '28P01' })
    assert.equal(lstatSync(join(dataDir, 'database.password')).mode & 0o777, 0o600)
  } finally {
    await lease.leave()
  }
})

test('an idle server with two connections takes less than 60 MB', { skip: process.platform === 'linux' ? false : 'the system does not tell' }, async () => {
  const lease = await joinCluster(dataDir)
  const clients = [new pg.Client({ ...lease.address }), new pg.Client({ ...lease.address })]
  try {
    for (const client of clients) {
      await client.connect()
      await client.query('SELECT count(*) FROM pg_class')
    }
    const bytes = memoryOf(postmasterOf(lease.place)?.pid ?? 0) ?? Number.POSITIVE_INFINITY
    assert.ok(bytes < 60_000_000, `${bytes} bytes`)
  } finally {
    for (const client of clients) await client.end()
    await lease.leave()
  }
})

test('of two servers or two sequencers on one directory the second is refused, and told by whom', async () => {
  for (const [office, code] of [['serve', 'already-served'], ['sequencer', 'already-sequenced']] as const) {
    const first = await takeOffice(dataDir, office)
    await assert.rejects(takeOffice(dataDir, office), { code, message: new RegExp(`process ${process.pid}`) })
    first.release()
    const third = await takeOffice(dataDir, office)
    third.release()
  }
})

test('making a data directory twice, or four times at once, makes one; a folder with other files is left alone', async () => {
  const place = await readPlace(dataDir)
  assert.deepEqual(await initDataDirectory(dataDir), place)
  const fresh = join(folder, 'at-once')
  const places = await Promise.all([1, 2, 3, 4].map(() => initDataDirectory(fresh)))
  assert.equal(new Set(places.map(({ id }) => id)).size, 1)
  await removeDataDirectory(fresh)
  const taken = join(folder, 'taken')
  await mkdir(taken)
  await writeFile(join(taken, 'letter.txt'), 'dear')
  await assert.rejects(initDataDirectory(taken), { code: 'directory-taken' })
  await assert.rejects(removeDataDirectory(taken), { code: 'not-initialised' })
  await assert.rejects(joinCluster(taken), { code: 'not-initialised', message: /muster init --dir/ })
  assert.equal(await readFile(join(taken, 'letter.txt'), 'utf8'), 'dear')
})

test('a making that was cut short at any step is resumed', async () => {
  const fresh = join(folder, 'cut-short')
  const place = await initDataDirectory(fresh)
  // Cut before the rename of the finished cluster: what was half made is thrown away.
  await rm(clusterOf(place), { recursive: true })
  await mkdir(join(place.home, 'init', 'cluster'), { recursive: true })
  await writeFile(join(place.home, 'init', 'cluster', 'PG_VERSION'), '18')
  assert.equal(clusterExists(place), false)
  const lease = await joinCluster(fresh)
  assert.equal(await ask(lease.address, 'SELECT 1'), '1')
  assert.equal(existsSync(join(place.home, 'init')), false)
  await lease.leave()
  // Cut after the locks were made and before the place was recorded.
  await rm(clusterOf(place), { recursive: true })
  await rm(join(fresh, 'engine.json'))
  for (const name of ['owner.json', 'database.password', 'postgres.log']) await rm(join(fresh, name), { force: true })
  await initDataDirectory(fresh)
  await removeDataDirectory(fresh)
  assert.equal(existsSync(fresh), false)
})

test('a data directory in use is not removed', async () => {
  const lease = await joinCluster(dataDir)
  await assert.rejects(removeDataDirectory(dataDir), { code: 'directory-in-use' })
  assert.equal(await ask(lease.address, 'SELECT 1'), '1')
  await lease.leave()
  const office = await takeOffice(dataDir, 'serve')
  await assert.rejects(removeDataDirectory(dataDir), { code: 'directory-in-use' })
  office.release()
})

test('a damaged record and a database of another version are refused with what to do', async () => {
  const fresh = join(folder, 'damaged')
  const place = await initDataDirectory(fresh)
  const record = await readFile(join(fresh, 'engine.json'))
  await writeFile(join(fresh, 'engine.json'), record.subarray(0, 20))
  await assert.rejects(joinCluster(fresh), { code: 'not-initialised', message: /restore the file/ })
  await writeFile(join(fresh, 'engine.json'), record)
  const version = join(clusterOf(place), 'PG_VERSION')
  const text = await readFile(version, 'utf8')
  await writeFile(version, '14\n')
  await assert.rejects(joinCluster(fresh), { code: 'engine-refused', message: /made by PostgreSQL 14/ })
  await writeFile(version, text)
  // A data directory whose cluster lies in it may be copied while it is at rest.
  const copy = join(folder, 'copy')
  await cp(fresh, copy, { recursive: true, preserveTimestamps: true })
  await removeDataDirectory(fresh)
  await rm(copy, { recursive: true })
})
