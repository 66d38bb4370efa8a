// The schema moves forward only, by named files, each in a transaction of its own with its SHA-256 on record.
// Many may migrate at once: the one row of schema_turn, locked to the end of each transaction, lets one through at a time (an advisory lock would be
// the machine's own under Citus). Crash order: a file and its record are one transaction, so a killed migrator leaves both or neither.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import { codeOf, Fault, textOf } from '../engine/fault.ts'
import type { Placement } from './placement.ts'
import { placeTables } from './placement.ts'
import { statementsOf } from './statements.ts'

const FILE_NAME = /^\d{4}-[a-z0-9]+(-[a-z0-9]+)*\.sql$/
/** Two who make the same table at once: one of them meets the other's row in the catalogue. */
const MADE_BY_ANOTHER = new Set(['23505', '42P07', '42710'])
/** Where the tables of the schema are described: this folder. */
export const MIGRATIONS: string = import.meta.dirname

const OWN_TABLES = [
  `CREATE TABLE IF NOT EXISTS schema_migration (
    name text NOT NULL,
    sha256 text NOT NULL,
    applied timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT schema_migration_pkey PRIMARY KEY (name)
  )`,
  `CREATE TABLE IF NOT EXISTS schema_turn (
    turn boolean NOT NULL,
    CONSTRAINT schema_turn_pkey PRIMARY KEY (turn),
    CONSTRAINT schema_turn_one CHECK (turn)
  )`,
  'INSERT INTO schema_turn (turn) VALUES (true) ON CONFLICT (turn) DO NOTHING',
] as const

export interface Migration {
  /** `0001-register`: the file's name without its ending. */
  readonly name: string
  readonly sha256: string
  readonly sql: string
}

/** The migrations of a folder in the order of their numbers. Fault `migration-failed` where two files have one number. */
export async function migrationsIn(directory: string): Promise<Migration[]> {
  const names = (await readdir(directory)).filter((name) => FILE_NAME.test(name)).sort()
  const migrations: Migration[] = []
  for (const name of names) {
    const bytes = await readFile(join(directory, name))
    migrations.push({ name: name.slice(0, -'.sql'.length), sha256: createHash('sha256').update(bytes).digest('hex'), sql: bytes.toString('utf8') })
  }
  const twice = migrations.find(({ name }, i) => name.slice(0, 4) === migrations[i - 1]?.name.slice(0, 4))
  if (twice !== undefined) throw new Fault('migration-failed', `Two migrations of ${directory} have the number ${twice.name.slice(0, 4)}: rename the one that no database has seen.`)
  return migrations
}

type Applied = ReadonlyMap<string, string>

async function appliedNow(connection: pg.ClientBase): Promise<Applied> {
  const { rows } = await connection.query<{ name: string; sha256: string }>('SELECT name, sha256 FROM schema_migration')
  return new Map(rows.map((row) => [row.name, row.sha256]))
}

/** What is still to be applied, in order. Faults `migration-changed` and `migration-newer` where files and database contradict each other. */
export function pendingOf(migrations: readonly Migration[], applied: Applied): Migration[] {
  for (const { name, sha256 } of migrations) {
    const before = applied.get(name)
    if (before !== undefined && before !== sha256) {
      throw new Fault('migration-changed', `The migration ${name} was applied with SHA-256 ${before} and its file now has ${sha256}: an applied file never changes. Restore it and write a new one.`)
    }
  }
  const known = new Set(migrations.map(({ name }) => name))
  const unknown = [...applied.keys()].filter((name) => !known.has(name)).sort()
  if (unknown.length > 0) {
    throw new Fault('migration-newer', `The database has migrations that this Muster does not bring (${unknown.join(', ')}): use the Muster that made them, or a newer one.`)
  }
  const last = [...applied.keys()].sort().at(-1) ?? ''
  const pending = migrations.filter(({ name }) => !applied.has(name))
  const late = pending.find(({ name }) => name < last)
  if (late !== undefined) throw new Fault('migration-changed', `The migration ${late.name} comes before ${last}, which is applied already: give it the next number.`)
  return pending
}

async function inTransaction<T>(connection: pg.ClientBase, act: () => Promise<T>): Promise<T> {
  await connection.query('BEGIN READ WRITE')
  try {
    const result = await act()
    await connection.query('COMMIT')
    return result
  } catch (error) {
    await connection.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

const OWN_TABLES_TRIES_MAX = 50

async function makeOwnTables(connection: pg.ClientBase): Promise<void> {
  for (const statement of OWN_TABLES) {
    for (let tries = 1; ; tries++) {
      try {
        await inTransaction(connection, () => connection.query(statement))
        break
      } catch (error) {
        if (!MADE_BY_ANOTHER.has(codeOf(error) ?? '') || tries >= OWN_TABLES_TRIES_MAX) throw error
      }
    }
  }
}

async function apply(connection: pg.ClientBase, { name, sha256, sql }: Migration): Promise<void> {
  const statements = statementsOf(sql)
  for (const [i, statement] of statements.entries()) {
    try {
      await connection.query(statement)
    } catch (error) {
      if (codeOf(error) === '53100') throw error
      throw new Fault('migration-failed', `The migration ${name} failed at its statement ${i + 1} of ${statements.length} (${statement.slice(0, 80).replace(/\s+/g, ' ')} …): ${textOf(error)}. Nothing of it was applied.`, error)
    }
  }
  await connection.query('INSERT INTO schema_migration (name, sha256) VALUES ($1, $2)', [name, sha256])
}

/** Applies the next one under the turn; undefined when nothing is left. */
async function applyNext(connection: pg.ClientBase, migrations: readonly Migration[]): Promise<string | undefined> {
  return inTransaction(connection, async () => {
    await connection.query('SET LOCAL statement_timeout = 0')
    await connection.query('SET LOCAL lock_timeout = 0')
    await connection.query('SELECT turn FROM schema_turn WHERE turn FOR UPDATE')
    const next = pendingOf(migrations, await appliedNow(connection))[0]
    if (next !== undefined) await apply(connection, next)
    return next?.name
  })
}

async function hasOwnTables(connection: pg.ClientBase): Promise<boolean> {
  const { rows } = await connection.query<{ there: boolean }>("SELECT to_regclass('schema_turn') IS NOT NULL AND to_regclass('schema_migration') IS NOT NULL AS there")
  return rows[0]?.there === true
}

/**
 * Brings the schema up to date and returns the names that this call applied. A schema that is up to date costs two reads and no lock.
 * `placement`: where Citus is present, what to place afterwards.
 */
export async function migrate(connection: pg.ClientBase, directory: string = MIGRATIONS, placement: Readonly<Record<string, Placement>> = {}): Promise<string[]> {
  const migrations = await migrationsIn(directory)
  if ((await hasOwnTables(connection)) && pendingOf(migrations, await appliedNow(connection)).length === 0) {
    await placeTables(connection, placement)
    return []
  }
  await makeOwnTables(connection)
  const done: string[] = []
  for (;;) {
    const name = await applyNext(connection, migrations)
    if (name === undefined) break
    done.push(name)
  }
  await placeTables(connection, placement)
  return done
}
