// Writes schema.sql anew after a migration was added: node cli/bin/muster.js --run registry/store/write-schema.ts
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeDataDirectory } from '../engine/lease.ts'
import { openRegistryDatabase } from './open.ts'
import { dumpSchema } from '../sql/dump.ts'

const folder = await mkdtemp(join(tmpdir(), 'muster-schema-'))
const dataDir = join(folder, 'registry')
const { db, close } = await openRegistryDatabase(dataDir, { create: true })
try {
  await writeFile(join(import.meta.dirname, '..', 'sql', 'schema.sql'), await db.session(dumpSchema))
} finally {
  await close()
  await removeDataDirectory(dataDir)
  await rm(folder, { recursive: true })
}
