// A disk that fills up: on a small file system in memory, where the caller may mount one.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { initDataDirectory, removeDataDirectory } from '@muster/registry/engine/lease.ts'
import { copyRows } from '@muster/registry/store/copy.ts'
import { transaction } from '@muster/registry/store/database.ts'
import { openRegistryDatabase } from '@muster/registry/store/open.ts'
import { scratchFolder } from '@muster/registry/store/scratch.ts'

const SIZE = '90m'
let folder = ''
let disk = ''
let refusal: string | false = false

before(async () => {
  folder = await scratchFolder()
  disk = join(folder, 'disk')
  mkdirSync(disk)
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},mode=711`, 'tmpfs', disk], { encoding: 'utf8' })
  if (mounted.status !== 0) refusal = `no small file system can be mounted here: ${mounted.stderr?.trim() ?? mounted.error?.message ?? ''}`
})
after(async () => {
  if (refusal === false) spawnSync('umount', ['-l', disk])
  await rm(folder, { recursive: true, force: true })
})

function fill(leave_bytes: number): void {
  const { bavail, bsize } = statfsSync(disk)
  writeFileSync(join(disk, 'filler'), Buffer.alloc(Math.max(0, bavail * bsize - leave_bytes)))
}

test('a full disk ends the work with what to do, keeps all that was acknowledged, and the same command succeeds when there is space', async (t) => {
  if (refusal !== false) return t.skip(refusal)
  const dataDir = join(disk, 'registry')
  const { db, close } = await openRegistryDatabase(dataDir, { create: true })
  await transaction(db, async (tx) => {
    await tx.write('CREATE TABLE load (i integer, t text)')
    await tx.write("INSERT INTO load VALUES (0, 'acknowledged')")
  })
  function* rows() {
    for (let i = 1; i <= 20_000; i++) yield [i, 'x'.repeat(400)]
  }
  const load = () => transaction(db, (tx) => copyRows(tx, 'load', ['i', 't'], rows()))
  fill(3_000_000)
  await assert.rejects(load(), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'disk-full', error.message)
    assert.match(error.message, /free space there and run the same command again/)
    return true
  })
  rmSync(join(disk, 'filler'))
  assert.deepEqual(await db.read('SELECT count(*) FROM load'), [{ count: 1 }])
  assert.equal(await load(), 20_000)
  await close()
  await removeDataDirectory(dataDir)
})

test('a disk without room for the journal itself stops the server and loses nothing that was acknowledged', async (t) => {
  if (refusal !== false) return t.skip(refusal)
  const dataDir = join(disk, 'third')
  const { db, close } = await openRegistryDatabase(dataDir, { create: true })
  await transaction(db, (tx) => tx.write('CREATE TABLE load (i integer, t text)'))
  await transaction(db, (tx) => tx.write("INSERT INTO load VALUES (0, 'acknowledged')"))
  fill(0)
  // Fills the journal and no table, until it needs a new file.
  const journal = () => transaction(db, (tx) => tx.write("SELECT pg_logical_emit_message(true, 'test', repeat('x', 200000))"))
  const seen: string[] = []
  for (let tries = 0; tries < 200 && seen.length < 2; tries++) await journal().catch((error: { code?: string; message: string }) => seen.push(`${error.code ?? 'none'}: ${error.message}`))
  assert.ok(seen.length > 0)
  for (const text of seen) assert.match(text, /^(disk-full|database-unreachable|outcome-unknown): /)
  await assert.rejects(db.read('SELECT 1'), { code: 'disk-full', message: /free space there and run the same command again/ })
  rmSync(join(disk, 'filler'))
  assert.deepEqual(await db.read('SELECT count(*) FROM load'), [{ count: 1 }])
  await close()
  await removeDataDirectory(dataDir)
})

test('a disk too full for a new cluster is said to be so, and the making is resumed when there is space', async (t) => {
  if (refusal !== false) return t.skip(refusal)
  const dataDir = join(disk, 'second')
  fill(10_000_000)
  await assert.rejects(initDataDirectory(dataDir), { code: 'disk-full', message: /free space/ })
  rmSync(join(disk, 'filler'))
  const { db, close } = await openRegistryDatabase(dataDir)
  assert.deepEqual(await db.read('SELECT 1 AS x'), [{ x: 1 }])
  await close()
  await removeDataDirectory(dataDir)
})
