// Where a registry is served, as its server says in its data directory.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault } from './engine/fault.ts'
import { isHeld } from './engine/lease.ts'

export const SERVE_FILE = 'serve.json'

/** Where the registry of a data directory is served now; undefined where it is not. What a killed server left says nothing. */
export async function servedAt(dataDir: string): Promise<string | undefined> {
  try {
    const { url } = JSON.parse(await readFile(join(dataDir, SERVE_FILE), 'utf8')) as { url: string }
    return isHeld(dataDir, 'serve') ? url : undefined
  } catch (error) {
    if (error instanceof Fault) throw error
    return undefined
  }
}
