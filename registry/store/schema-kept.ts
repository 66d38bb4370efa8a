// The record of the migrations, also kept outside the database: what a register was opened with is added once and never changed.
import { utf8 } from '@muster/core/bytes/bytes.ts'
import type { Database } from './database.ts'
import { keep, kept } from './kept.ts'

export const SCHEMA_KEPT = 'schema'

export interface KeptMigration { readonly name: string, readonly sha256: string, readonly applied: string }

/** The list in the kept bytes; empty where nothing was kept. */
export function keptMigrations(bytes: Uint8Array | undefined): KeptMigration[] {
  return bytes === undefined ? [] : JSON.parse(Buffer.from(bytes).toString('utf8')) as KeptMigration[]
}

/** Adds migrations that are not kept yet; those that are stay as they were. One read and, as a rule, no write. */
export async function keepMigrations(dataDir: string, db: Database): Promise<void> {
  const held = keptMigrations(await kept(dataDir, SCHEMA_KEPT))
  const names = new Set(held.map(({ name }) => name))
  const rows = await db.read<{ name: string, sha256: string, applied: string }>('SELECT name, sha256, applied FROM schema_migration ORDER BY name')
  const fresh = rows.filter(({ name }) => !names.has(name))
  if (fresh.length > 0) await keep(dataDir, SCHEMA_KEPT, utf8(JSON.stringify([...held, ...fresh.map(({ name, sha256, applied }) => ({ name, sha256, applied }))])))
}
