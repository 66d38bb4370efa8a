// The way to the database. Reading is for everyone; what writes exists only on the object that a transaction hands out, and the server enforces it:
// sessions are read-only by default and a transaction says otherwise.
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import type { Address } from '../engine/cluster.ts'
import { Fault, textOf } from '../engine/fault.ts'
import type { Connections, DatabaseOptions } from './connections.ts'
import { openConnections, pause_ms } from './connections.ts'
import { asFault, isOutcomeUnknown, mayRunAgain } from './failure.ts'

const TRIES_MAX = 8
const BATCH_ROWS_DEFAULT = 5_000

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

export interface TransactionOptions {
  /** With a key under which the act finds its own earlier outcome, a transaction that was lost or collided is run again; without, it is reported. */
  readonly idempotencyKey?: string
  readonly statement_ms_max?: number
}

async function* batchesOf<Row extends pg.QueryResultRow>(borrow: Connections['borrow'], where: string, statement: string, values: readonly Value[] = [], rowsMax = BATCH_ROWS_DEFAULT): AsyncGenerator<Row[]> {
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

/** Names of statements that a server is to keep planned, the first so many that this process uses. */
const names = new Map<string, string>()
const NAMES_MAX = 256

/** A statement with values is planned once a connection; one without is run as it stands. */
function named(text: string, values: readonly Value[]): pg.QueryConfig {
  const known = names.get(text)
  if (known !== undefined) return { name: known, text, values: [...values] }
  if (values.length === 0 || names.size >= NAMES_MAX) return { text, values: [...values] }
  const name = `muster_${names.size}`
  names.set(text, name)
  return { name, text, values: [...values] }
}

/** Opens the database; connects at the first statement. `to` is a cluster's address or a DATABASE_URL. */
export function openDatabase(to: Address | string, options: DatabaseOptions = {}): Database {
  const { where, borrow, close } = openConnections(to, options)

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
        return await session(async (client) => (await client.query<Row>(named(statement, values))).rows)
      } catch (error) {
        if (!mayRunAgain(error) || tries >= TRIES_MAX) throw asFault(error, where)
        await sleep(pause_ms(tries))
      }
    }
  }

  return { read, batches: (statement, values, rowsMax) => batchesOf(borrow, where, statement, values, rowsMax), session, where, close }
}

class LostCommit extends Error {}

type Outcome<T> = { readonly done: true; readonly result: T } | { readonly done: false; readonly error: unknown }

function transactionOn(client: pg.ClientBase): Transaction {
  const write: Transaction['write'] = async <Row extends pg.QueryResultRow>(statement: string, values: readonly Value[] = []) => {
    const { rows, rowCount } = await client.query<Row>(named(statement, values))
    return { rows, count: rowCount ?? 0 }
  }
  return { connection: client, write, read: async <Row extends pg.QueryResultRow>(statement: string, values?: readonly Value[]) => (await write<Row>(statement, values)).rows }
}

/** One attempt. An error after which the connection was rolled back and is whole is an outcome; one that leaves it in doubt is thrown. */
async function attempt<T>(client: pg.ClientBase, act: (tx: Transaction) => Promise<T>, options: TransactionOptions): Promise<Outcome<T>> {
  let result: T
  try {
    await client.query('BEGIN READ WRITE')
    if (options.statement_ms_max !== undefined) await client.query(`SET LOCAL statement_timeout = ${Math.trunc(options.statement_ms_max)}`)
    result = await act(transactionOn(client))
  } catch (error) {
    const { command } = await client.query('ROLLBACK').catch(() => ({ command: 'none' }))
    if (command !== 'ROLLBACK') throw error
    return { done: false, error }
  }
  const { command } = await client.query('COMMIT').catch((error: unknown) => {
    throw isOutcomeUnknown(error) ? new LostCommit(textOf(error), { cause: error }) : error
  })
  // PostgreSQL answers ROLLBACK to the COMMIT of a transaction in which a statement failed and was swallowed.
  if (command !== 'COMMIT') return { done: false, error: new Error('a statement of the transaction failed and its error was not passed on: nothing was written') }
  return { done: true, result }
}

/**
 * Runs `act` in one transaction: all of its writes are durable when this resolves, none where it rejects, except with Fault `outcome-unknown`.
 * With an idempotency key it is run again after 08006, 57P01, 57P03, 40P01 and 40001, a lost COMMIT included: `act` itself looks its key up first.
 */
export async function transaction<T>(db: Database, act: (tx: Transaction) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
  for (let tries = 0; ; tries++) {
    const outcome = await db.session((client) => attempt(client, act, options)).catch((error: unknown) => ({ done: false as const, error }))
    if (outcome.done) return outcome.result
    const { error } = outcome
    const lost = error instanceof LostCommit
    const again = options.idempotencyKey !== undefined && tries < TRIES_MAX && (lost || mayRunAgain(error))
    if (!again && lost) {
      throw new Fault('outcome-unknown', `The connection to the database (${db.where}) broke while the work was being committed: it may or may not have been written. Look before you repeat it.`, error)
    }
    if (!again) throw asFault(error, db.where)
    await sleep(pause_ms(tries))
  }
}
