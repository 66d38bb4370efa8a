// The one door to a registry's database: leased, started, migrated.
import type { EngineOptions } from '../engine/lease.ts'
import { initDataDirectory, joinCluster } from '../engine/lease.ts'
import type { Place } from '../engine/place.ts'
import { migrate, MIGRATIONS } from '../sql/migrate.ts'
import type { Placement } from '../sql/placement.ts'
import { PLACEMENT } from '../sql/placement.ts'
import type { Database } from './database.ts'
import { openDatabase } from './database.ts'

export interface OpenOptions extends EngineOptions {
  /** A server to use in place of one in the data directory; no cluster is then looked for, made or started. */
  readonly databaseUrl?: string | undefined
  /** Makes the data directory if it is not there; otherwise it must exist. */
  readonly create?: boolean
  readonly connectionsMax?: number
  readonly statement_ms_max?: number
  /** Folder of the migrations and the placement of their tables, for tests. */
  readonly migrations?: string
  readonly placement?: Readonly<Record<string, Placement>>
}

export interface OpenDatabase {
  readonly db: Database
  /** Undefined with a DATABASE_URL. */
  readonly place: Place | undefined
  /** Gives the database up, and stops the server if this was the last to use it. A second call does nothing. */
  readonly close: () => Promise<void>
}

async function migrated(db: Database, options: OpenOptions): Promise<void> {
  const placement = options.placement ?? (options.migrations === undefined ? PLACEMENT : {})
  await db.session((connection) => migrate(connection, options.migrations ?? MIGRATIONS, placement))
}

/**
 * Opens the database of a data directory, for reading and writing, its schema up to date. About 60 ms where the server has to be started, 15 ms where it is up.
 * Faults say what is wrong and what to do: `not-initialised`, `engine-missing`, `engine-refused`, `engine-failed`, `disk-full`, `migration-…`, `database-unreachable`.
 */
export async function openRegistryDatabase(dataDir: string, options: OpenOptions = {}): Promise<OpenDatabase> {
  const { connectionsMax, statement_ms_max, databaseUrl } = options
  const limits = { ...(connectionsMax === undefined ? {} : { connectionsMax }), ...(statement_ms_max === undefined ? {} : { statement_ms_max }) }
  if (databaseUrl !== undefined && databaseUrl !== '') {
    const db = openDatabase(databaseUrl, limits)
    return opened(db, undefined, async () => undefined, options)
  }
  if (options.create === true) await initDataDirectory(dataDir, options)
  const lease = await joinCluster(dataDir, options)
  const db = openDatabase(lease.address, { ...limits, revive: () => lease.revive(), where: lease.place.home })
  return opened(db, lease.place, () => lease.leave(), options)
}

async function opened(db: Database, place: Place | undefined, leave: () => Promise<void>, options: OpenOptions): Promise<OpenDatabase> {
  let closing: Promise<void> | undefined
  const end = async () => {
    await db.close()
    await leave()
  }
  const close = () => (closing ??= end())
  try {
    await migrated(db, options)
  } catch (error) {
    await close()
    throw error
  }
  return { db, place, close }
}
