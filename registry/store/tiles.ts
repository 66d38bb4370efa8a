// The static files of a log (C2SP tlog-tiles), written from its entries. Writing is idempotent: a file's bytes follow from its name and the
// entries, so after a crash the same files are written again, and only then is a checkpoint signed that needs them.
import { mkdir, readFile, rm } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { concat } from '@muster/core/bytes/bytes.ts'
import { leafHash } from '@muster/core/proof/merkle.ts'
import { encodeBundle, entriesPath, TILE_WIDTH, tilePath, tileRoot, tilesOf, type TileReader } from '@muster/core/proof/tile.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import type { Reader } from './database.ts'
import { replaceFile } from '../engine/replace.ts'

const PUBLIC = 0o644

/** Reads tiles of a log or declaration in a folder; throws where one is missing. */
export function tilesIn(folder: string): TileReader {
  return (level, index, width) => new Uint8Array(readFileSync(join(folder, tilePath(level, index, width))))
}

async function writePublic(folder: string, path: string, bytes: Uint8Array): Promise<void> {
  const whole = join(folder, path)
  await mkdir(dirname(whole), { recursive: true })
  await replaceFile(whole, bytes, PUBLIC)
}

/** Entries of a log from `from`, in order. */
export async function entriesOf(db: Reader, agreement: string, from: number, to: number): Promise<Uint8Array[]> {
  const rows = await db.read<{ entry: Buffer }>('SELECT entry FROM log_entry WHERE agreement_id = $1 AND entry_index >= $2 AND entry_index < $3 ORDER BY entry_index', [agreement, from, to])
  return rows.map(({ entry }) => new Uint8Array(entry))
}

/** Entries of a log from one index to another, the second one excluded. */
export type EntriesBetween = (from: number, to: number) => Promise<Uint8Array[]>

/** Writes what a tree of `size` entries has beyond one of `from` entries, bundles and level 0 first. */
export async function writeTiles(entriesBetween: EntriesBetween, folder: string, from: number, size: number): Promise<void> {
  for (const tile of tilesOf(size, from)) {
    const full = tile.width === TILE_WIDTH
    if (tile.level === 0) {
      const start = tile.index * TILE_WIDTH
      const entries = await entriesBetween(start, start + tile.width)
      if (entries.length !== tile.width) throw new Error(`the log holds ${entries.length} of the ${tile.width} entries from ${start}: run muster audit`)
      await writePublic(folder, entriesPath(tile.index, tile.width), encodeBundle(entries))
      await writePublic(folder, tilePath(0, tile.index, tile.width), concat(...entries.map((entry) => leafHash(p, entry))))
      if (full) await rm(join(folder, `${entriesPath(tile.index)}.p`), { recursive: true, force: true })
    } else {
      const roots: Uint8Array[] = []
      for (let i = 0; i < tile.width; i++) roots.push(tileRoot(p, await readFile(join(folder, tilePath(tile.level - 1, tile.index * TILE_WIDTH + i)))))
      await writePublic(folder, tilePath(tile.level, tile.index, tile.width), concat(...roots))
    }
    if (full) await rm(join(folder, `${tilePath(tile.level, tile.index)}.p`), { recursive: true, force: true })
  }
}
