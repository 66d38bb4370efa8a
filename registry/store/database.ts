// The way to the database. Reading is for everyone; what writes exists only on the object that a transaction hands out, and the server enforces it:
// sessions are read-only by default and a transaction says otherwise.
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Address } from '../engine/cluster.ts'
import { Fault, textOf } from '../engine/fault.ts'
import { asFault, isOutcomeUnknown, mayConnectAgain, mayRunAgain } from './failure.ts'

const CONNECTIONS_MAX_DEFAULT = 4
/** A connection costs the server 2 to 5 MB; one that is idle is given back. */
const IDLE_MS_MAX = 10_000
const STATEMENT_MS_MAX_DEFAULT = 30_000
const LOCK_MS_MAX = 20_000
const IDLE_IN_TRANSACTION_MS_MAX = 120_000
const CONNECT_MS_MAX = 15_000
const CONNECT_TRIES_MAX = 40
const TRIES_MAX = 8
const PAUSE_MS_MIN = 20
const PAUSE_MS_MAX = 1_000
const BATCH_ROWS_DEFAULT = 5_000

const INT8 = 20
/** Times keep the server's text, since a Date would drop the microseconds: timestamptz, timestamp, date. */
const AS_TEXT = new Set([1184, 1114, 1082])

export type Value = string | number | bigint | boolean | Uint8Array | readonly string[] | readonly number[] | readonly Uint8Array[] | null | undefined

export interface Reader {
  /** Rows of one statement. bigint columns are numbers (beyond 2^53 − 1 an error), bytea are Buffers, times are the server's text in UTC. */
  readonly read: <Row extends pg.QueryResultRow>(statement: string, values?: readonly Value[]) => Promise<Row[]>
}

export interface Transaction extends Reader {
  /** Runs a statement that writes; rows are those of RETURNING, count those it touched. */
  readonly write: <Row extends pg.QueryResultRow>(statement: string, values?: readonly Value[]) => Promise<{ readonly rows: Row[]; readonly count: number }>
  /** The connection itself, for COPY in this folder. */
  readonly connection: pg.ClientBase
}

export interface Database extends Reader {
  /** All rows of a statement in batches, from one snapshot and in bounded memory. */
  readonly batches: <Row extends pg.QueryResultRow>(statement: string, values?: readonly Value[], rowsMax?: number) => AsyncGenerator<Row[]>
  /** Lends a connection, whole and with its defaults: for this folder and the schema only. A connection that threw is closed, not lent again. */
  readonly session: <T>(act: (connection: pg.ClientBase) => Promise<T>) => Promise<T>
  /** Names the database for a person: its folder, or host and name. Never a password. */
  readonly where: string
  readonly close: () => Promise<void>
}

export interface DatabaseOptions {
  readonly connectionsMax?: number
  readonly statement_ms_max?: number
  /** Called when no connection can be had: starts a server that died. */
  readonly revive?: () => Promise<void>
  readonly where?: string
  /** How often to try for a connection, with pauses of up to a second between. */
  readonly connectTriesMax?: number
}

export interface TransactionOptions {
  /** With a key under which the act finds its own earlier outcome, a transaction that was lost or collided is run again; without, it is reported. */
  readonly idempotencyKey?: string
  readonly statement_ms_max?: number
}

function int8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`the database holds ${text} where a whole number up to 2^53 − 1 is expected`)
  return value
}

function same(text: string): string {
  return text
}

const parsers: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary'): unknown => {
    if (format === 'binary') return pg.types.getTypeParser(oid, 'binary')
    if (oid === INT8) return int8
    return AS_TEXT.has(oid) ? same : pg.types.getTypeParser(oid, 'text')
  }) as pg.CustomTypesConfig['getTypeParser'],
}

/** Milliseconds to wait before a further try: doubled each time, spread at random. */
function pause_ms(tries: number): number {
  return Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** tries) * (0.5 + Math.random() / 2)
}

function nameOf(url: string): string {
  try {
    // A local socket is named by ?host= and leaves the place of the host empty, which a URL must not.
    const { hostname, port, pathname, searchParams } = new URL(url.replace('@/', '@socket/'))
    return `${searchParams.get('host') ?? hostname}${port === '' ? '' : `:${port}`}${pathname}`
  } catch {
    throw new Fault('database-unreachable', 'DATABASE_URL is not an address: expected postgresql://user@host/name.')
  }
}

function config(to: Address | string): pg.PoolConfig {
  return typeof to === 'string' ? { connectionString: to } : { host: to.host, port: to.port, database: to.database, user: to.user, password: to.password, ssl: false }
}

/** Opens a pool; connects at the first statement. `to` is a cluster's address or a DATABASE_URL. */
export function openDatabase(to: Address | string, options: DatabaseOptions = {}): Database {
  const where = options.where ?? (typeof to === 'string' ? nameOf(to) : to.host)
  const pool = new pg.Pool({
    ...config(to), max: options.connectionsMax ?? CONNECTIONS_MAX_DEFAULT, idleTimeoutMillis: IDLE_MS_MAX, connectionTimeoutMillis: CONNECT_MS_MAX, types: parsers,
    application_name: 'muster', allowExitOnIdle: true,
  })
  // An idle connection that breaks is dropped by the pool; the next statement gets a new one.
  pool.on('error', () => undefined)
  const settled = new WeakSet<pg.ClientBase>()
  const settings = [
    'SET default_transaction_read_only = on', "SET TimeZone = 'UTC'", `SET statement_timeout = ${options.statement_ms_max ?? STATEMENT_MS_MAX_DEFAULT}`,
    `SET lock_timeout = ${LOCK_MS_MAX}`, `SET idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS_MAX}`,
  ].join('; ')

  async function tryBorrow(): Promise<pg.PoolClient> {
    const client = await pool.connect()
    if (settled.has(client)) return client
    try {
      await client.query(settings)
    } catch (error) {
      client.release(true)
      throw error
    }
    client.on('error', () => undefined)
    settled.add(client)
    return client
  }

  async function borrow(): Promise<pg.PoolClient> {
    for (let tries = 0; ; tries++) {
      try {
        return await tryBorrow()
      } catch (error) {
        if (!mayConnectAgain(error) || tries >= (options.connectTriesMax ?? CONNECT_TRIES_MAX)) throw asFault(error, where)
        if (tries > 0) await options.revive?.()
        await sleep(pause_ms(tries))
      }
    }
  }

  async function session<T>(act: (connection: pg.ClientBase) => Promise<T>): Promise<T> {
    const client = await borrow()
    let failed = true
    try {
      const result = await act(client)
      failed = false
      return result
    } finally {
      client.release(failed)
    }
  }

  async function read<Row extends pg.QueryResultRow>(statement: string, values: readonly Value[] = []): Promise<Row[]> {
    for (let tries = 0; ; tries++) {
      try {
        return await session(async (client) => (await client.query<Row>(statement, [...values])).rows)
      } catch (error) {
        if (!mayRunAgain(error) || tries >= TRIES_MAX) throw asFault(error, where)
        await sleep(pause_ms(tries))
      }
    }
  }

  async function* batches<Row extends pg.QueryResultRow>(statement: string, values: readonly Value[] = [], rowsMax = BATCH_ROWS_DEFAULT): AsyncGenerator<Row[]> {
    const client = await borrow()
    let failed = true
    try {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
      await client.query(`DECLARE batch NO SCROLL CURSOR FOR ${statement}`, [...values])
      for (;;) {
        const { rows } = await client.query<Row>(`FETCH ${rowsMax} FROM batch`)
        if (rows.length > 0) yield rows
        if (rows.length < rowsMax) break
      }
      await client.query('COMMIT')
      failed = false
    } catch (error) {
      throw asFault(error, where)
    } finally {
      client.release(failed)
    }
  }

  return { read, batches, session, where, close: () => pool.end() }
}

class LostCommit extends Error {}

async function runOnce<T>(client: pg.ClientBase, act: (tx: Transaction) => Promise<T>, options: TransactionOptions): Promise<T> {
  await client.query('BEGIN READ WRITE')
  let result: T
  try {
    if (options.statement_ms_max !== undefined) await client.query(`SET LOCAL statement_timeout = ${Math.trunc(options.statement_ms_max)}`)
    const write: Transaction['write'] = async <Row extends pg.QueryResultRow>(statement: string, values: readonly Value[] = []) => {
      const { rows, rowCount } = await client.query<Row>(statement, [...values])
      return { rows, count: rowCount ?? 0 }
    }
    result = await act({ connection: client, write, read: async <Row extends pg.QueryResultRow>(statement: string, values?: readonly Value[]) => (await write<Row>(statement, values)).rows })
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
  const { command } = await client.query('COMMIT').catch((error: unknown) => {
    throw isOutcomeUnknown(error) ? new LostCommit(textOf(error), { cause: error }) : error
  })
  // PostgreSQL answers ROLLBACK to the COMMIT of a transaction in which a statement failed and was swallowed.
  if (command !== 'COMMIT') throw new Error('a statement of the transaction failed and its error was not passed on: nothing was written')
  return result
}

/**
 * Runs `act` in one transaction: all of its writes are durable when this resolves, none where it rejects, except with Fault `outcome-unknown`.
 * With an idempotency key it is run again after 08006, 57P01, 57P03, 40P01 and 40001, a lost COMMIT included: `act` itself looks its key up first.
 */
export async function transaction<T>(db: Database, act: (tx: Transaction) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await db.session((client) => runOnce(client, act, options))
    } catch (error) {
      const lost = error instanceof LostCommit
      const again = options.idempotencyKey !== undefined && tries < TRIES_MAX && (lost || mayRunAgain(error))
      if (!again && lost) {
        throw new Fault('outcome-unknown', `The connection to the database (${db.where}) broke while the work was being committed: it may or may not have been written. Look before you repeat it.`, error)
      }
      if (!again) throw asFault(error, db.where)
    }
    await sleep(pause_ms(tries))
  }
}
