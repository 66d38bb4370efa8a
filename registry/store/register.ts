// A party's register, opened: who it is, its database and its secrets.
import { realpath } from 'node:fs/promises'
import type { Place } from '../engine/place.ts'
import type { Database } from './database.ts'
import type { OpenOptions } from './open.ts'
import { openRegistryDatabase } from './open.ts'
import { readPartyFile, type PartyFile } from './party-file.ts'
import { keepMigrations } from './schema-kept.ts'
import { readSecrets, type Secrets } from './secrets.ts'

export interface Register {
  /** Absolute, links resolved. */
  readonly dataDir: string
  readonly file: PartyFile
  readonly db: Database
  readonly secrets: Secrets
  /** Undefined with a DATABASE_URL. */
  readonly place: Place | undefined
  readonly close: () => Promise<void>
}

/** Opens the register of a data directory that `initParty` made. Faults as `openRegistryDatabase`, `readPartyFile` and `readSecrets`. */
export async function openRegister(dataDir: string, options: Omit<OpenOptions, 'create'> = {}): Promise<Register> {
  const file = await readPartyFile(dataDir)
  const secrets = await readSecrets(dataDir)
  const { db, place, close } = await openRegistryDatabase(dataDir, options)
  try {
    await keepMigrations(dataDir, db)
  } catch (error) {
    await close()
    throw error
  }
  return { dataDir: await realpath(dataDir), file, db, secrets, place, close }
}
