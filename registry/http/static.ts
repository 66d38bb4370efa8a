// Published files, straight from disk. A path is one that tlog-tiles knows, or `checkpoint`, or `head.json`: nothing else is looked for, so
// no path of a request ever reaches the file system as written.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { filesOfPack } from '@muster/core/proof/pack.ts'
import { parseTilePath } from '@muster/core/proof/tile.ts'
import { codeOf } from '../engine/fault.ts'

const PATH_CHARACTERS_MAX = 200

export interface PublishedFile { readonly bytes: Uint8Array, readonly type: string, readonly cache: string }

/** A pack of a declaration's files; undefined where it has none of that number. */
export async function publishedPack(folder: string, pack: number): Promise<PublishedFile | undefined> {
  const parts: Buffer[] = []
  for (const { path } of filesOfPack(Number.MAX_SAFE_INTEGER, pack)) {
    const bytes = await readFile(join(folder, path)).catch(absent)
    if (bytes === undefined) break
    parts.push(bytes)
  }
  return parts.length === 0 ? undefined : { bytes: Buffer.concat(parts), type: 'application/octet-stream', cache: IMMUTABLE }
}

function absent(error: unknown): undefined {
  if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(codeOf(error) ?? '')) return undefined
  throw error
}

const IMMUTABLE = 'public, max-age=31536000, immutable'
const MUTABLE = 'public, max-age=1'

/** The file under a folder; undefined where there is none. */
export async function publishedFile(folder: string, path: string): Promise<PublishedFile | undefined> {
  if (path.length > PATH_CHARACTERS_MAX) return undefined
  const known = path === 'checkpoint' ? { type: 'text/plain; charset=utf-8', cache: MUTABLE }
    : path === 'head.json' ? { type: 'application/json', cache: IMMUTABLE }
    : parseTilePath(path) !== undefined ? { type: 'application/octet-stream', cache: IMMUTABLE } : undefined
  if (known === undefined) return undefined
  const bytes = await readFile(join(folder, path)).catch(absent)
  return bytes === undefined ? undefined : { bytes, ...known }
}
