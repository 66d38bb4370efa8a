// Connections of one process to its database: few, settled once each, lent for a while, and had again when the server comes back.
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Address } from '../engine/cluster.ts'
import { Fault } from '../engine/fault.ts'
import { asFault, mayConnectAgain } from './failure.ts'

const CONNECTIONS_MAX_DEFAULT = 4
/** A connection costs the server 2 to 5 MB; one that is idle is given back. */
const IDLE_MS_MAX = 60_000
const STATEMENT_MS_MAX_DEFAULT = 30_000
const LOCK_MS_MAX = 20_000
const IDLE_IN_TRANSACTION_MS_MAX = 120_000
const CONNECT_MS_MAX = 15_000
const CONNECT_TRIES_MAX = 40
const PAUSE_MS_MIN = 20
const PAUSE_MS_MAX = 1_000

const INT8 = 20
/** Times keep the server's text, since a Date would drop the microseconds: timestamptz, timestamp, date. */
const AS_TEXT = new Set([1184, 1114, 1082])

export interface DatabaseOptions {
  readonly connectionsMax?: number
  readonly statement_ms_max?: number
  /** Called when no connection can be had: starts a server that died. */
  readonly revive?: () => Promise<void>
  /** Names the database for a person. */
  readonly where?: string
  /** How often to try for a connection, with pauses of up to a second between. */
  readonly connectTriesMax?: number
}

export interface Connections {
  readonly where: string
  /** A settled connection; the borrower releases it, with `true` where it may be broken. */
  readonly borrow: () => Promise<pg.PoolClient>
  readonly close: () => Promise<void>
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
export function pause_ms(tries: number): number {
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

function target(to: Address | string): pg.PoolConfig {
  return typeof to === 'string' ? { connectionString: to } : { host: to.host, port: to.port, database: to.database, user: to.user, password: to.password, ssl: false }
}

/** What every connection is told once: to read only unless a transaction says otherwise, and how long things may take. */
function settlement(options: DatabaseOptions): string {
  return [
    'SET default_transaction_read_only = on', "SET TimeZone = 'UTC'", `SET statement_timeout = ${options.statement_ms_max ?? STATEMENT_MS_MAX_DEFAULT}`,
    `SET lock_timeout = ${LOCK_MS_MAX}`, `SET idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS_MAX}`,
  ].join('; ')
}

/** Opens a pool, which connects at the first borrowing. `to` is a cluster's address or a DATABASE_URL. */
export function openConnections(to: Address | string, options: DatabaseOptions): Connections {
  const where = options.where ?? (typeof to === 'string' ? nameOf(to) : to.host)
  const pool = new pg.Pool({
    ...target(to), max: options.connectionsMax ?? CONNECTIONS_MAX_DEFAULT, idleTimeoutMillis: IDLE_MS_MAX, connectionTimeoutMillis: CONNECT_MS_MAX, types: parsers,
    application_name: 'muster', allowExitOnIdle: true,
  })
  // An idle connection that breaks is dropped by the pool; the next statement gets a new one.
  pool.on('error', () => undefined)
  const settled = new WeakSet<pg.ClientBase>()
  const settings = settlement(options)

  async function tryBorrow(): Promise<pg.PoolClient> {
    const client = await pool.connect()
    if (settled.has(client)) return client
    // A connection that is cut while it is lent says so to its statement; without a listener it would end the process too.
    client.on('error', () => undefined)
    try {
      await client.query(settings)
    } catch (error) {
      client.release(true)
      throw error
    }
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

  return { where, borrow, close: () => pool.end() }
}
