// The static files of a log (C2SP tlog-tiles), made from its entries. A file's bytes follow from its name and the entries. What a growing
// log adds is made in memory and can be checked there, against what was signed before, ahead of the first file that is written: so neither
// a changed database nor a hostile peer ever spoils files that are right. After a crash the same files are written again.
import { mkdir, rm } from 'node:fs/promises'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { concat } from '@muster/core/bytes/bytes.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { HASH_BYTES, leafHash } from '@muster/core/proof/merkle.ts'
import { encodeBundle, entriesPath, TILE_BYTES, TILE_WIDTH, tilePath, tileRoot, tilesOf, type TileReader } from '@muster/core/proof/tile.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { codeOf, Fault } from '../engine/fault.ts'
import { replaceFile } from '../engine/replace.ts'
import type { Reader } from './database.ts'

const PUBLIC = 0o644

function readIfThere(path: string): Uint8Array | undefined {
  try {
    return new Uint8Array(readFileSync(path))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** The tile as it stood, or the beginning of one that has grown since: hashes are only ever added. */
function readTile(folder: string, level: number, index: number, width: number): Uint8Array | undefined {
  const exact = readIfThere(join(folder, tilePath(level, index, width)))
  if (exact !== undefined || width === TILE_WIDTH) return exact
  const whole = readIfThere(join(folder, tilePath(level, index))) ?? readWider(folder, level, index, width)
  return whole !== undefined && whole.length >= width * HASH_BYTES ? whole.subarray(0, width * HASH_BYTES) : whole
}

function readWider(folder: string, level: number, index: number, width: number): Uint8Array | undefined {
  try {
    const widths = readdirSync(join(folder, `${tilePath(level, index)}.p`)).map(Number).filter((each) => each > width)
    return widths.length === 0 ? undefined : readIfThere(join(folder, tilePath(level, index, Math.min(...widths))))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Reads tiles of a log or declaration in a folder, those of smaller trees included. Throws a Refusal `tile/missing`. */
export function tilesIn(folder: string): TileReader {
  return (level, index, width) => {
    const tile = readTile(folder, level, index, width)
    if (tile === undefined) throw new Refusal('tile/missing', `${join(folder, tilePath(level, index, width))} is missing`)
    return tile
  }
}

/** Entries of a log from `from`, in order. */
export async function entriesOf(db: Reader, agreement: string, from: number, to: number): Promise<Uint8Array[]> {
  const rows = await db.read<{ entry: Buffer }>('SELECT entry FROM log_entry WHERE agreement_id = $1 AND entry_index >= $2 AND entry_index < $3 ORDER BY entry_index', [agreement, from, to])
  return rows.map(({ entry }) => new Uint8Array(entry))
}

/** Entries of a log from one index to another, the second one excluded. */
export type EntriesBetween = (from: number, to: number) => Promise<Uint8Array[]>

/** What a tree has beyond a smaller one, in memory. */
export interface Growth {
  /** Reads the grown tree. */
  readonly tiles: TileReader
  /** The entries from the first new bundle on, in order. */
  readonly bundles: readonly { readonly start: number, readonly entries: readonly Uint8Array[] }[]
  /** Puts the files into the folder, bundles and level 0 first. */
  readonly write: () => Promise<void>
}

/** Makes what a tree of `size` entries has beyond one of `from` entries, whose files stand in the folder. From 0 no file is read. */
export async function growTiles(entriesBetween: EntriesBetween, folder: string, from: number, size: number): Promise<Growth> {
  const files = new Map<string, Uint8Array>()
  const full: string[] = []
  const bundles: { start: number, entries: Uint8Array[] }[] = []
  const tiles: TileReader = (level, index, width) => {
    const made = files.get(tilePath(level, index, Math.min(TILE_WIDTH, Math.floor(size / TILE_WIDTH ** level) - index * TILE_WIDTH)))
    return made === undefined ? tilesIn(folder)(level, index, width) : made.subarray(0, width * HASH_BYTES)
  }
  for (const { level, index, width } of tilesOf(size, from)) {
    if (level === 0) {
      const start = index * TILE_WIDTH
      const entries = await entriesBetween(start, start + width)
      if (entries.length !== width) throw new Fault('log-rewritten', `the log holds ${entries.length} of the ${width} entries from ${start}: run muster audit. Nothing is signed until they are there again.`)
      bundles.push({ start, entries })
      files.set(entriesPath(index, width), encodeBundle(entries))
      files.set(tilePath(0, index, width), concat(...entries.map((entry) => leafHash(p, entry))))
      if (width === TILE_WIDTH) full.push(entriesPath(index))
    } else {
      files.set(tilePath(level, index, width), concat(...Array.from({ length: width }, (_, i) => rootOfTile(tiles, level - 1, index * TILE_WIDTH + i))))
    }
    if (width === TILE_WIDTH) full.push(tilePath(level, index))
  }
  const write = async (): Promise<void> => {
    for (const [path, bytes] of files) {
      const whole = join(folder, path)
      await mkdir(dirname(whole), { recursive: true })
      await replaceFile(whole, bytes, PUBLIC)
    }
    for (const path of full) await rm(join(folder, `${path}.p`), { recursive: true, force: true })
  }
  return { tiles, bundles, write }
}

function rootOfTile(tiles: TileReader, level: number, index: number): Uint8Array {
  const tile = tiles(level, index, TILE_WIDTH)
  if (tile.length !== TILE_BYTES) throw new Refusal('tile/length', `${tilePath(level, index)} has ${tile.length} bytes instead of ${TILE_BYTES}`)
  return tileRoot(p, tile)
}
