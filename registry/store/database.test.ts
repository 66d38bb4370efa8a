import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { postmasterOf } from '../engine/cluster.ts'
import { joinCluster } from '../engine/lease.ts'
import type { Database } from './database.ts'
import { openDatabase, transaction } from './database.ts'
import { asFault, mayConnectAgain, mayRunAgain, sqlState } from './failure.ts'
import { openRegistryDatabase } from './open.ts'
import type { Scratch } from './scratch.ts'
import { scratchRegistry } from './scratch.ts'

let scratch: Scratch
let db: Database
before(async () => {
  scratch = await scratchRegistry({ connectionsMax: 8 })
  db = scratch.db
  await transaction(db, async (tx) => {
    await tx.write('CREATE TABLE tally (name text NOT NULL, count bigint NOT NULL, CONSTRAINT tally_pkey PRIMARY KEY (name))')
  })
})
beforeEach(() => transaction(db, async (tx) => {
  await tx.write('DELETE FROM tally')
  await tx.write("INSERT INTO tally VALUES ('a', 0), ('b', 0)")
}))
after(() => scratch.remove())

async function counts(): Promise<number[]> {
  return (await db.read<{ count: number }>('SELECT count FROM tally ORDER BY name')).map(({ count }) => count)
}

/** An error as the database would give it. */
function stateError(code: string): Error {
  return Object.assign(new Error(`made up ${code}`), { code })
}

test('reading cannot write: the server refuses it outside a transaction', async () => {
  await assert.rejects(db.read('DELETE FROM tally'), { code: '25006' })
  await assert.rejects(db.read("INSERT INTO tally VALUES ('c', 1)"), { code: '25006' })
  assert.deepEqual(await counts(), [0, 0])
})

test('a transaction writes all or nothing, also when its act fails late or swallows an error', async () => {
  await transaction(db, async (tx) => {
    assert.equal((await tx.write("UPDATE tally SET count = 7 WHERE name = 'a'")).count, 1)
    assert.deepEqual(await tx.read('SELECT count FROM tally ORDER BY name'), [{ count: 7 }, { count: 0 }])
    assert.deepEqual(await counts(), [0, 0])
  })
  assert.deepEqual(await counts(), [7, 0])
  await assert.rejects(transaction(db, async (tx) => {
    await tx.write('UPDATE tally SET count = 99')
    throw new Error('thought better')
  }), /thought better/)
  await assert.rejects(transaction(db, async (tx) => {
    await tx.write('UPDATE tally SET count = 99')
    await tx.write('SELECT nothing FROM nowhere').catch(() => undefined)
  }), /nothing was written/)
  assert.deepEqual(await counts(), [7, 0])
})

test('values come back as they are: whole numbers, bytes, and times with their microseconds', async () => {
  const [row] = await db.read("SELECT 9007199254740991::bigint AS large, '\\x00ff'::bytea AS bytes, '2026-02-03 04:05:06.789012+02'::timestamptz AS at, '2026-02-03'::date AS day, NULL AS none")
  assert.deepEqual(row, { large: 9007199254740991, bytes: Buffer.from([0, 255]), at: '2026-02-03 02:05:06.789012+00', day: '2026-02-03', none: null })
  await assert.rejects(db.read('SELECT 9007199254740992::bigint AS large'), /up to 2\^53/)
})

test('many rows are read in batches from one snapshot', async () => {
  const sizes: number[] = []
  let sum = 0
  for await (const rows of db.batches<{ i: number }>('SELECT i FROM generate_series(1, $1::int) i, tally WHERE tally.name = $2', [2_500, 'a'], 1_000)) {
    sizes.push(rows.length)
    for (const { i } of rows) sum += i
    if (sizes.length === 1) await transaction(db, (tx) => tx.write('DELETE FROM tally'))
  }
  assert.deepEqual(sizes, [1_000, 1_000, 500])
  assert.equal(sum, (2_500 * 2_501) / 2)
  for await (const rows of db.batches('SELECT i FROM generate_series(1, 10000) i', [], 10)) if (rows.length > 0) break
  assert.deepEqual(await db.read('SELECT 1 AS x'), [{ x: 1 }])
})

test('only the errors of the list are tried again, and only with an idempotency key', async () => {
  for (const code of ['08006', '57P01', '57P03', '40P01', '40001']) assert.equal(mayRunAgain(stateError(code)), true, code)
  for (const code of ['23505', '53100', '57014', 'XX000', '08003']) assert.equal(mayRunAgain(stateError(code)), false, code)
  for (const code of ['ECONNREFUSED', 'ECONNRESET', 'ENOENT']) assert.equal(sqlState(stateError(code)), '08006')
  assert.equal(mayConnectAgain(stateError('53300')), true)
  let runs = 0
  const act = async () => {
    runs++
    if (runs < 3) throw stateError('40001')
    return runs
  }
  assert.equal(await transaction(db, act, { idempotencyKey: 'k' }), 3)
  runs = 0
  await assert.rejects(transaction(db, act), { code: '40001' })
  assert.equal(runs, 1)
  runs = 0
  await assert.rejects(transaction(db, async () => {
    runs++
    throw stateError('23505')
  }, { idempotencyKey: 'k' }), { code: '23505' })
  assert.equal(runs, 1)
})

test('two transactions in a deadlock with keys both end, each once', async () => {
  const add = (first: string, second: string) => transaction(db, async (tx) => {
    await tx.write('UPDATE tally SET count = count + 1 WHERE name = $1', [first])
    await new Promise((resolve) => setTimeout(resolve, 100))
    await tx.write('UPDATE tally SET count = count + 10 WHERE name = $1', [second])
  }, { idempotencyKey: first })
  await Promise.all([add('a', 'b'), add('b', 'a')])
  assert.deepEqual(await counts(), [11, 11])
})

test('a statement that takes too long is ended and said to be so', async () => {
  await assert.rejects(transaction(db, (tx) => tx.write('SELECT pg_sleep(5)'), { statement_ms_max: 30 }), { code: 'statement-too-long' })
  const hurried = openDatabase((await addressOf()), { statement_ms_max: 30 })
  await assert.rejects(hurried.read('SELECT pg_sleep(5)'), { code: 'statement-too-long' })
  await hurried.close()
})

async function addressOf() {
  const lease = await joinCluster(scratch.dataDir)
  await lease.leave()
  return lease.address
}

test('a full disk is a fault that says what to do, and is not tried again', () => {
  const fault = asFault(stateError('53100'), '/data/x')
  assert.ok(fault instanceof Error)
  assert.match(fault.message, /\/data\/x\) is full: free space there and run the same command again/)
  assert.equal(mayRunAgain(fault), false)
})

test('a connection that is cut under a transaction is tried again with a key and reported without', async () => {
  const cutOnce = () => {
    let cut = false
    return async (tx: Parameters<Parameters<typeof transaction>[1]>[0]) => {
      await tx.write("UPDATE tally SET count = count + 1 WHERE name = 'a'")
      const [self] = await tx.read<{ pid: number }>('SELECT pg_backend_pid() AS pid')
      if (!cut) {
        cut = true
        await db.read('SELECT pg_terminate_backend($1)', [self?.pid])
      }
      await tx.write("UPDATE tally SET count = count + 1 WHERE name = 'b'")
    }
  }
  await assert.rejects(transaction(db, cutOnce()), { code: 'database-unreachable' })
  assert.deepEqual(await counts(), [0, 0])
  await transaction(db, cutOnce(), { idempotencyKey: 'k' })
  assert.deepEqual(await counts(), [1, 1])
})

test('a lost COMMIT is an unknown outcome without a key, and with one the act looks and finds', async () => {
  const lostOnce = () => {
    let lost = false
    return async (tx: Parameters<Parameters<typeof transaction>[1]>[0]) => {
      const [there] = await tx.read("SELECT 1 FROM tally WHERE name = 'key'")
      if (there !== undefined) return 'found'
      await tx.write("INSERT INTO tally VALUES ('key', 1)")
      if (!lost) {
        lost = true
        const connection = tx.connection as unknown as { query(...args: unknown[]): unknown }
        const real = connection.query.bind(connection)
        connection.query = (...args: unknown[]) => args[0] === 'COMMIT' ? Promise.resolve(real('COMMIT')).then(() => Promise.reject(new Error('Connection terminated unexpectedly'))) : real(...args)
      }
      return 'written'
    }
  }
  await assert.rejects(transaction(db, lostOnce()), { code: 'outcome-unknown', message: /may or may not have been written/ })
  await transaction(db, (tx) => tx.write("DELETE FROM tally WHERE name = 'key'"))
  assert.equal(await transaction(db, lostOnce(), { idempotencyKey: 'k' }), 'found')
})

test('a server that is killed is started again, and work with a key goes on; what was acknowledged is there', async () => {
  await transaction(db, (tx) => tx.write("UPDATE tally SET count = 5 WHERE name = 'a'"))
  const running = () => postmasterOf(scratch.place as never)?.pid
  const before = running()
  process.kill(before ?? 0, 'SIGKILL')
  for (const end = performance.now() + 30_000; running() === before && performance.now() < end;) await sleep(5)
  await transaction(db, (tx) => tx.write("UPDATE tally SET count = count + 1 WHERE name = 'a'"), { idempotencyKey: 'k' })
  // A child of the killed server may have served that before it noticed.
  for (const end = performance.now() + 30_000; running() === undefined && performance.now() < end;) assert.deepEqual(await counts(), [6, 0])
  assert.deepEqual(await counts(), [6, 0])
  assert.notEqual(running(), undefined)
  assert.notEqual(running(), before)
})

test('with a DATABASE_URL that server is used and no cluster is looked for', async () => {
  const { host, user, password, database } = await addressOf()
  const url = `postgresql://${user}:${encodeURIComponent(password)}@/${database}?host=${encodeURIComponent(host)}`
  const open = await openRegistryDatabase('/nonexistent/directory', { databaseUrl: url })
  assert.equal(open.place, undefined)
  assert.deepEqual(await open.db.read("SELECT name FROM tally ORDER BY name LIMIT 1"), [{ name: 'a' }])
  await open.close()
  assert.ok(postmasterOf(scratch.place as never), 'a server of someone else is left running')
})

test('a server that does not answer is a fault that names it and hides the password', async () => {
  const silent = createServer((socket) => socket.destroy())
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as { port: number }
  const other = openDatabase(`postgresql://u:secret@127.0.0.1:${port}/d`, { connectTriesMax: 2 })
  await assert.rejects(other.read('SELECT 1'), (error: Error & { code?: string }) => error.code === 'database-unreachable' && error.message.includes(`127.0.0.1:${port}/d`) && !error.message.includes('secret'))
  await other.close()
  silent.close()
  assert.throws(() => openDatabase('no address'), { code: 'database-unreachable' })
})

test('a process that opens the door and closes it ends by itself', async () => {
  const code = `import { openRegistryDatabase } from ${JSON.stringify(new URL('./open.ts', import.meta.url).href)}
    const { db, close } = await openRegistryDatabase(process.argv[1]); await db.read('SELECT 1'); await close()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code, join(scratch.dataDir)], { stdio: 'inherit' })
  const [status] = (await once(child, 'close')) as [number]
  assert.equal(status, 0)
})
