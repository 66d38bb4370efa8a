// What must survive an older copy of the database: the newest checkpoint that this registry signed, the newest size that it cosigned for each origin.
// A file each under `kept/` of the data directory: one line that says length and SHA-256, then the bytes.
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, Fault } from '../engine/fault.ts'
import { replaceFile, syncFolder } from '../engine/replace.ts'

const FOLDER = 'kept'
const MAGIC = 'muster/kept/1'
const NAME = /^[a-z0-9][a-z0-9._-]{0,199}$/
const NEW = /\.new-[0-9a-f]{16}$/
export const KEPT_BYTES_MAX = 1_048_576

function pathOf(dataDir: string, name: string): string {
  if (!NAME.test(name) || NEW.test(name)) throw new RangeError(`${JSON.stringify(name)} is no name of a kept file: lower-case letters, digits, points and dashes, 200 at most`)
  return join(dataDir, FOLDER, name)
}

function headOf(bytes: Uint8Array): string {
  return `${MAGIC} ${bytes.length} ${createHash('sha256').update(bytes).digest('hex')}\n`
}

/**
 * Replaces what is kept under a name; durable when this resolves. A crash leaves the old bytes or the new ones, whole.
 * The caller keeps first and sends afterwards: what was never kept must never have been seen by anyone.
 */
export async function keep(dataDir: string, name: string, bytes: Uint8Array): Promise<void> {
  const path = pathOf(dataDir, name)
  if (bytes.length > KEPT_BYTES_MAX) throw new RangeError(`${bytes.length} bytes are more than the ${KEPT_BYTES_MAX} that a kept file may have`)
  const folder = join(dataDir, FOLDER)
  if ((await mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined) await syncFolder(dataDir)
  await replaceFile(path, Buffer.concat([Buffer.from(headOf(bytes)), bytes]))
}

/** What is kept under a name; undefined where nothing ever was. Fault `kept-damaged` where the file is not what was written: the registry must not sign then. */
export async function kept(dataDir: string, name: string): Promise<Uint8Array | undefined> {
  const path = pathOf(dataDir, name)
  let file: Buffer
  try {
    if ((await stat(path)).size > KEPT_BYTES_MAX + 200) throw damaged(path)
    file = await readFile(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
  const end = file.indexOf('\n') + 1
  const bytes = new Uint8Array(file.subarray(end))
  if (end === 0 || file.toString('latin1', 0, end) !== headOf(bytes)) throw damaged(path)
  return bytes
}

function damaged(path: string): Fault {
  return new Fault('kept-damaged', `${path} is not what was written to it (its own checksum differs): restore it from a backup that is not older than the last signed checkpoint. Until then nothing is signed.`)
}

/** Names of all that is kept, sorted; files that a crash left half replaced are removed. */
export async function keptNames(dataDir: string): Promise<string[]> {
  const folder = join(dataDir, FOLDER)
  const names = await readdir(folder).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  })
  for (const name of names) if (NEW.test(name)) await rm(join(folder, name), { force: true })
  return names.filter((name) => !NEW.test(name)).sort()
}
