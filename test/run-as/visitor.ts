// A process that uses a registry's database for as long as it is told to: opens it, writes one line with what it sees, and closes at a line or at the
// end of its input. Arguments: data directory, milliseconds to stay (0: until told).
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { openRegistryDatabase } from '@muster/registry/store/open.ts'

const [dataDir = '', stay = '0'] = process.argv.slice(2)
try {
  const { db, close } = await openRegistryDatabase(dataDir)
  const [row] = await db.read<{ started: string; tables: number }>("SELECT pg_postmaster_start_time() AS started, (SELECT count(*) FROM schema_migration) AS tables")
  process.stdout.write(`${JSON.stringify({ ...row, uid: process.getuid?.() })}\n`)
  if (Number(stay) > 0) await sleep(Number(stay))
  else await once(process.stdin.resume(), 'end')
  await db.read('SELECT 1')
  await close()
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: error instanceof Error && 'code' in error ? error.code : 'unknown', message: String(error) })}\n`)
  process.exitCode = 3
}
