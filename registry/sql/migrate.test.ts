import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import pg from 'pg'
import { SUPERUSER } from '../engine/cluster.ts'
import type { Address } from '../engine/cluster.ts'
import { joinCluster } from '../engine/lease.ts'
import type { Scratch } from '../store/scratch.ts'
import { scratchRegistry } from '../store/scratch.ts'
import { migrate, migrationsIn, pendingOf } from './migrate.ts'
import { placementCalls } from './placement.ts'

let scratch: Scratch
let folder = ''
let address: Address
let number = 0

before(async () => {
  scratch = await scratchRegistry()
  const lease = await joinCluster(scratch.dataDir)
  address = { ...lease.address, user: SUPERUSER }
  await lease.leave()
})
after(() => scratch.remove())
beforeEach(async (t) => {
  folder = await mkdtemp(join(tmpdir(), 'muster-sql-'))
  ;(t as { after(act: () => unknown): void }).after(() => rm(folder, { recursive: true }))
  await withClient(address, (client) => client.query(`CREATE DATABASE try_${++number}`))
  address = { ...address, database: 'muster' }
})

async function withClient<T>(to: Address, act: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ ...to })
  await client.connect()
  try {
    return await act(client)
  } finally {
    await client.end()
  }
}

function inTry<T>(act: (client: pg.Client) => Promise<T>): Promise<T> {
  return withClient({ ...address, database: `try_${number}` }, act)
}

async function file(name: string, sql: string): Promise<void> {
  await writeFile(join(folder, name), sql)
}

async function threeFiles(): Promise<void> {
  await file('0001-first.sql', 'CREATE TABLE a (x integer NOT NULL, CONSTRAINT a_pkey PRIMARY KEY (x));\nINSERT INTO a VALUES (1)')
  await file('0002-second.sql', 'INSERT INTO a SELECT max(x) + 1 FROM a; SELECT pg_sleep(0.02);')
  await file('0003-third.sql', 'INSERT INTO a SELECT max(x) + 1 FROM a;')
  await file('notes.txt', 'no migration')
  await file('schema.sql', 'no migration either')
}

test('migrations run in order, once, and a second run has nothing to do', async () => {
  await threeFiles()
  assert.deepEqual(await inTry((client) => migrate(client, folder)), ['0001-first', '0002-second', '0003-third'])
  assert.deepEqual(await inTry((client) => migrate(client, folder)), [])
  const { rows } = await inTry((client) => client.query<{ name: string; sha256: string }>('SELECT name, sha256 FROM schema_migration ORDER BY name'))
  assert.deepEqual(rows, (await migrationsIn(folder)).map(({ name, sha256 }) => ({ name, sha256 })))
})

test('twenty migrators at once apply each migration once, and none of them fails', async () => {
  await threeFiles()
  const done = await Promise.all(Array.from({ length: 20 }, () => inTry((client) => migrate(client, folder))))
  assert.deepEqual(done.flat().sort(), ['0001-first', '0002-second', '0003-third'])
  const { rows } = await inTry((client) => client.query<{ x: number }>('SELECT x FROM a ORDER BY x'))
  assert.deepEqual(rows, [{ x: 1 }, { x: 2 }, { x: 3 }])
})

test('a migration that fails leaves nothing of itself, keeps what came before it, and is resumed when it is mended', async () => {
  await threeFiles()
  await file('0002-second.sql', 'CREATE TABLE b (y integer);\nINSERT INTO nowhere VALUES (1)')
  await assert.rejects(inTry((client) => migrate(client, folder)), { code: 'migration-failed', message: /0002-second failed at its statement 2 of 2 \(INSERT INTO nowhere.*Nothing of it was applied/ })
  const { rows } = await inTry((client) => client.query<{ b: string | null; done: string }>("SELECT to_regclass('b') AS b, string_agg(name, ' ') AS done FROM schema_migration"))
  assert.deepEqual(rows, [{ b: null, done: '0001-first' }])
  await file('0002-second.sql', 'CREATE TABLE b (y integer)')
  assert.deepEqual(await inTry((client) => migrate(client, folder)), ['0002-second', '0003-third'])
})

test('a migrator that is killed in the middle leaves nothing half done', async () => {
  await threeFiles()
  await file('0002-second.sql', 'CREATE TABLE b (y integer); SELECT pg_sleep(30)')
  const client = new pg.Client({ ...address, database: `try_${number}` })
  client.on('error', () => undefined)
  await client.connect()
  const killed = migrate(client, folder)
  const stopped = assert.rejects(killed)
  await inTry(async (other) => {
    for (;;) {
      const { rowCount } = await other.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(30)' AND datname = current_database()")
      if (rowCount === 1) break
    }
  })
  await stopped
  await file('0002-second.sql', 'CREATE TABLE b (y integer)')
  assert.deepEqual(await inTry((again) => migrate(again, folder)), ['0002-second', '0003-third'])
})

test('an applied file that changed, one that came late and one that is unknown are refused by name', async () => {
  await threeFiles()
  await inTry((client) => migrate(client, folder))
  await file('0002-second.sql', 'SELECT 1')
  await assert.rejects(inTry((client) => migrate(client, folder)), { code: 'migration-changed', message: /0002-second was applied with SHA-256 [0-9a-f]{64}/ })
  await rm(join(folder, '0002-second.sql'))
  await assert.rejects(inTry((client) => migrate(client, folder)), { code: 'migration-newer', message: /0002-second/ })
  const [first, , third] = [{ name: '0001-a', sha256: '1', sql: '' }, undefined, { name: '0003-c', sha256: '3', sql: '' }]
  assert.throws(() => pendingOf([first, { name: '0002-b', sha256: '2', sql: '' }, third], new Map([['0001-a', '1'], ['0003-c', '3']])), { code: 'migration-changed', message: /0002-b comes before 0003-c/ })
  await file('0003-again.sql', 'SELECT 1')
  await assert.rejects(migrationsIn(folder), { code: 'migration-failed', message: /the number 0003/ })
})

test('tables are placed group by group, the first of a group leads, and what is placed stays', () => {
  const placement = {
    a: { kind: 'distributed', column: 'id', with: 'g' }, b: { kind: 'distributed', column: 'a_id', with: 'g' },
    list: { kind: 'reference' }, own: { kind: 'local' }, later: { kind: 'distributed', column: 'id', with: 'g' },
  } as const
  const all = new Set(['a', 'b', 'list', 'own'])
  assert.deepEqual(placementCalls(placement, all, new Set()).map(({ table, values }) => [table, ...values.slice(1)]), [['a', 'id', 'none'], ['b', 'a_id', 'a'], ['list']])
  assert.deepEqual(placementCalls(placement, all, new Set(['a', 'list'])).map(({ values }) => values), [['b', 'a_id', 'a']])
  assert.deepEqual(placementCalls(placement, new Set([...all, 'later']), all).map(({ values }) => values), [['later', 'id', 'a']])
})

test('where Citus is present the placement calls are made once each, after the migrations', async () => {
  await threeFiles()
  await inTry(async (client) => {
    // Stands for the extension: its catalogue entry, its list of tables, and calls that write down what they were given.
    await client.query('CREATE TABLE citus_tables (table_name oid)')
    await client.query('CREATE TABLE called (what text)')
    await client.query(`CREATE FUNCTION create_distributed_table(t regclass, c text, colocate_with text) RETURNS void LANGUAGE sql AS $$ INSERT INTO citus_tables VALUES (t); INSERT INTO called VALUES (t || ' ' || c || ' ' || colocate_with) $$`)
    await client.query(`INSERT INTO pg_extension SELECT 999999, 'citus', extowner, extnamespace, extrelocatable, extversion, extconfig, extcondition FROM pg_extension LIMIT 1`).catch(async () => {
      await client.query('SET allow_system_table_mods = on')
      await client.query(`INSERT INTO pg_extension SELECT 999999, 'citus', extowner, extnamespace, extrelocatable, extversion, extconfig, extcondition FROM pg_extension LIMIT 1`)
    })
    const placement = { a: { kind: 'distributed', column: 'x', with: 'a' } } as const
    await migrate(client, folder, placement)
    await migrate(client, folder, placement)
    const { rows } = await client.query<{ what: string }>('SELECT what FROM called')
    assert.deepEqual(rows, [{ what: 'a x none' }])
  })
})
