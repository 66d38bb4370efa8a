// Published files, straight from disk. A path is one that tlog-tiles knows, or `checkpoint`, or `head.json`: nothing else is looked for, so
// no path of a request ever reaches the file system as written.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseTilePath } from '@muster/core/proof/tile.ts'

const PATH_CHARACTERS_MAX = 200

export interface PublishedFile { readonly bytes: Uint8Array, readonly type: string, readonly cache: string }

const IMMUTABLE = 'public, max-age=31536000, immutable'
const MUTABLE = 'public, max-age=1'

/** The file under a folder; undefined where there is none. */
export async function publishedFile(folder: string, path: string): Promise<PublishedFile | undefined> {
  if (path.length > PATH_CHARACTERS_MAX) return undefined
  const known = path === 'checkpoint' ? { type: 'text/plain; charset=utf-8', cache: MUTABLE }
    : path === 'head.json' ? { type: 'application/json', cache: IMMUTABLE }
    : parseTilePath(path) !== undefined ? { type: 'application/octet-stream', cache: IMMUTABLE } : undefined
  if (known === undefined) return undefined
  try {
    return { bytes: await readFile(join(folder, path)), ...known }
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'EISDIR')) return undefined
    throw error
  }
}
