// A registry's database for one test file or bench: in a folder of its own, with a real server, removed at the end.
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeDataDirectory } from '../engine/lease.ts'
import type { OpenDatabase, OpenOptions } from './open.ts'
import { openRegistryDatabase } from './open.ts'

export interface Scratch extends OpenDatabase {
  readonly dataDir: string
  /** Closes, stops and deletes. */
  readonly remove: () => Promise<void>
}

/** A folder that the account of the server can pass through, so that the cluster lies in it. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-test-'))
  await chmod(folder, 0o711)
  return folder
}

export async function scratchRegistry(options: OpenOptions = {}): Promise<Scratch> {
  const folder = await scratchFolder()
  const dataDir = join(folder, 'registry')
  const open = await openRegistryDatabase(dataDir, { ...options, create: true })
  return {
    ...open,
    dataDir,
    remove: async () => {
      await open.close()
      await removeDataDirectory(dataDir)
      await rm(folder, { recursive: true, force: true })
    },
  }
}
