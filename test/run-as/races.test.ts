// Many processes on one data directory: joining, leaving and being killed in any order.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { clusterOf, readPlace } from '@muster/registry/engine/place.ts'
import type { Place } from '@muster/registry/engine/place.ts'
import { postmasterOf } from '@muster/registry/engine/cluster.ts'
import { initDataDirectory, isInUse, joinCluster, removeDataDirectory, takeOffice } from '@muster/registry/engine/lease.ts'
import type { Database } from '@muster/registry/store/database.ts'
import { openRegistryDatabase } from '@muster/registry/store/open.ts'
import { scratchFolder } from '@muster/registry/store/scratch.ts'

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

function visit(stay_ms: number) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'visitor.ts'), dataDir, String(stay_ms)], { stdio: ['pipe', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  child.stdin.on('error', () => undefined)
  const ended = once(child, 'close').then(([code, signal]) => ({ code: code as number | null, signal: signal as string | null, said }))
  return {
    ended,
    ready: once(child.stdout, 'data'),
    leave: () => child.stdin.end(),
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

test('eight processes that come and go at once use one server, and the last of them stops it', async () => {
  const visitors = Array.from({ length: 8 }, (_, i) => visit(50 + 40 * i))
  const ends = await Promise.all(visitors.map(({ ended }) => ended))
  for (const { code, said } of ends) assert.equal(code, 0, said)
  assert.equal(postmasterOf(place), undefined)
})

test('processes killed at any moment, starting and stopping included, leave a directory that the next command uses and whose server it stops', { timeout: 120_000 }, async () => {
  for (let round = 0; round < 12; round++) {
    const visitors = [visit(20), visit(20), visit(0)]
    await new Promise((resolve) => setTimeout(resolve, 40 + round * 35))
    await Promise.all(visitors.map(({ kill }) => kill()))
    const { db, close } = await openRegistryDatabase(dataDir)
    assert.deepEqual(await db.read('SELECT 1 AS x'), [{ x: 1 }])
    assert.equal(await isInUse(place), true)
    await close()
    assert.equal(postmasterOf(place), undefined, `round ${round}`)
  }
})

test('a user who stays keeps the server, whoever else is killed; a killed last user leaves one that nobody uses', async () => {
  const staying = visit(0)
  await staying.ready
  const pid = postmasterOf(place)?.pid
  const killed = [visit(0), visit(0)]
  await Promise.all(killed.map(({ ready }) => ready))
  await Promise.all(killed.map(({ kill }) => kill()))
  const passing = visit(1)
  assert.equal((await passing.ended).code, 0)
  assert.equal(postmasterOf(place)?.pid, pid)
  await staying.kill()
  assert.equal(postmasterOf(place)?.pid, pid)
  assert.equal(await isInUse(place), false)
  const next = await joinCluster(dataDir)
  assert.equal(postmasterOf(place)?.pid, pid)
  await next.leave()
  assert.equal(postmasterOf(place), undefined)
})

/** Never of no server: a signal to group 0 kills the caller's own, the run of all tests with it. */
function killGroup(pid: number | undefined): void {
  assert.ok(pid !== undefined && pid > 1, 'the server is up')
  process.kill(-pid, 'SIGKILL')
}

/** A backend is a group of its own and may answer for a moment after its server was killed: until it is gone, nothing has started again. */
async function serverAgain(db: Database): Promise<number | undefined> {
  for (const end = performance.now() + 20_000; postmasterOf(place) === undefined && performance.now() < end; await pause(50)) await db.read('SELECT 1')
  return postmasterOf(place)?.pid
}

test('a server that was killed with its whole group is started again over what it left, and nothing acknowledged is lost', async () => {
  const first = await openRegistryDatabase(dataDir)
  const { transaction } = await import('@muster/registry/store/database.ts')
  await transaction(first.db, async (tx) => {
    await tx.write('CREATE TABLE IF NOT EXISTS acknowledged (round integer)')
  })
  for (let round = 1; round <= 3; round++) {
    await transaction(first.db, (tx) => tx.write('INSERT INTO acknowledged VALUES ($1)', [round]), { idempotencyKey: `${round}` })
    killGroup(await serverAgain(first.db))
    assert.equal((await first.db.read('SELECT round FROM acknowledged')).length, round)
  }
  await first.close()
  assert.equal(postmasterOf(place), undefined)
})

test('a postmaster.pid that names another living process is survived', async () => {
  const lease = await joinCluster(dataDir)
  const pid = postmasterOf(place)?.pid
  const path = join(clusterOf(place), 'postmaster.pid')
  const lines = readFileSync(path, 'utf8').split('\n')
  killGroup(pid)
  const other = spawn('sleep', ['60'], { stdio: 'ignore', ...(process.getuid?.() === 0 ? { uid: Number(/^Uid:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) } : {}) })
  await once(other, 'spawn')
  try {
    writeFileSync(path, [other.pid, ...lines.slice(1)].join('\n'))
    await lease.revive()
    assert.notEqual(postmasterOf(place)?.pid, other.pid)
    other.kill(0)
  } finally {
    other.kill('SIGKILL')
    await lease.leave()
  }
})

test('an office is free again when its holder is killed', async () => {
  const code = `import { takeOffice } from '@muster/registry/engine/lease.ts'; await takeOffice(process.argv[1], 'sequencer'); process.stdout.write('taken'); setInterval(() => {}, 1000)`
  const holder = spawn(process.execPath, ['--input-type=module', '-e', code, dataDir], { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] })
  await once(holder.stdout, 'data')
  await assert.rejects(takeOffice(dataDir, 'sequencer'), { code: 'already-sequenced', message: new RegExp(`process ${holder.pid}\\)`) })
  holder.kill('SIGKILL')
  await once(holder, 'close')
  const mine = await takeOffice(dataDir, 'sequencer')
  mine.release()
})

test('a place is recorded in the data directory and found again', async () => {
  assert.deepEqual(await readPlace(dataDir), place)
  assert.deepEqual(JSON.parse(await readFile(join(dataDir, 'engine.json'), 'utf8')), { format: 'muster/engine/1', id: place.id, home: '.' })
})
