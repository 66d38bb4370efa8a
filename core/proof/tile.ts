// The static layout of a tree and its entries (C2SP tlog-tiles): tiles of 256 hashes, bundles of 256 entries, and the proofs that
// follow from them. Where bytes come from is the caller's: proofs read through a function, whose needs `tilesFor…` list beforehand.

import { readU16, u16, concat } from '../bytes/bytes.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { append, consistencyRanges, emptyFrontier, emptyRoot, frontierRoot, HASH_BYTES, inclusionRanges, innerHash, type Range } from './merkle.ts'

export const TILE_WIDTH = 256
export const TILE_BYTES = TILE_WIDTH * HASH_BYTES
export const ENTRY_BYTES_MAX = 65_535
const TILE_HEIGHT = 8
const LEVEL_MAX = 63

export type TileCode = 'tile/path' | 'tile/length' | 'bundle/truncated' | 'bundle/trailing' | 'bundle/entry-too-long' | 'bundle/too-wide'

/** `level` 0 holds leaf hashes; `width` is the number of hashes, 1 to 256. */
export interface Tile {
  readonly level: number
  readonly index: number
  readonly width: number
}

/** Exactly `width` hashes of 32 bytes, one after the other. */
export type TileReader = (level: number, index: number, width: number) => Uint8Array

/** `tile/<level>/<index>[.p/<width>]`, the index in groups of three digits. */
export function tilePath(level: number, index: number, width = TILE_WIDTH): string {
  return `tile/${level}/${indexPath(index)}${widthPath(width)}`
}

/** `tile/entries/<index>[.p/<width>]`. */
export function entriesPath(index: number, width = TILE_WIDTH): string {
  return `tile/entries/${indexPath(index)}${widthPath(width)}`
}

function indexPath(index: number): string {
  const groups = [String(index % 1000).padStart(3, '0')]
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) groups.unshift(`x${String(rest % 1000).padStart(3, '0')}`)
  return groups.join('/')
}

function widthPath(width: number): string {
  return width === TILE_WIDTH ? '' : `.p/${width}`
}

/** What a path of this layout names; undefined for any other text, non-canonical numbers included. Level is 'entries' for a bundle. */
export function parseTilePath(path: string): { level: number | 'entries'; index: number; width: number } | undefined {
  const match = /^tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path)
  if (match === null) return undefined
  const level = match[1] === 'entries' ? 'entries' : Number(match[1])
  const index = Number((match[2] as string).replaceAll(/[x/]/g, ''))
  const width = match[3] === undefined ? TILE_WIDTH : Number(match[3])
  if ((level !== 'entries' && level > LEVEL_MAX) || !Number.isSafeInteger(index) || (match[3] !== undefined && width >= TILE_WIDTH)) return undefined
  const canonical = level === 'entries' ? entriesPath(index, width) : tilePath(level, index, width)
  return canonical === path ? { level, index, width } : undefined
}

/** How many hashes level `level` holds in a tree of `size` leaves. */
export function hashesAt(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** level)
}

/** The width of one tile in a tree of `size` leaves; 0 where the tree has no such tile. */
export function tileWidth(level: number, index: number, size: number): number {
  return Math.max(0, Math.min(TILE_WIDTH, hashesAt(level, size) - index * TILE_WIDTH))
}

/** Every tile of a tree of `size` leaves that a tree of `from` leaves did not have, level by level. */
export function* tilesOf(size: number, from = 0): Generator<Tile> {
  for (let level = 0; hashesAt(level, size) > 0; level++) {
    const total = hashesAt(level, size)
    const had = hashesAt(level, from)
    if (total === had) continue
    for (let index = Math.floor(had / TILE_WIDTH); index * TILE_WIDTH < total; index++) yield { level, index, width: tileWidth(level, index, size) }
  }
}

/** The root of the subtree that a tile spans, one hash of the level above when the tile is full. Width must be 1 to 256. */
export function tileRoot(p: Primitives, tile: Uint8Array): Uint8Array {
  const frontier = emptyFrontier()
  for (let at = 0; at < tile.length; at += HASH_BYTES) append(p, frontier, tile.subarray(at, at + HASH_BYTES))
  return frontierRoot(p, frontier)
}

/** The packed hashes of the level above: one for each full tile among the packed hashes of this level. */
export function levelAbove(p: Primitives, hashes: Uint8Array): Uint8Array {
  const full = Math.floor(hashes.length / TILE_BYTES)
  const above = new Uint8Array(full * HASH_BYTES)
  for (let tile = 0; tile < full; tile++) above.set(tileRoot(p, hashes.subarray(tile * TILE_BYTES, (tile + 1) * TILE_BYTES)), tile * HASH_BYTES)
  return above
}

/** Entries, each behind its length in two bytes. */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length > TILE_WIDTH) throw new Refusal<TileCode>('bundle/too-wide', `a bundle holds ${TILE_WIDTH} entries, not ${entries.length}`)
  const parts: Uint8Array[] = []
  for (const [i, entry] of entries.entries()) {
    if (entry.length > ENTRY_BYTES_MAX) {
      throw new Refusal<TileCode>('bundle/entry-too-long', `entry ${i} has ${entry.length} bytes, the most is ${ENTRY_BYTES_MAX}`, i)
    }
    parts.push(u16(entry.length), entry)
  }
  return concat(...parts)
}

/** Exactly `width` entries and nothing after them; throws a Refusal naming the byte where it goes wrong. */
export function decodeBundle(bytes: Uint8Array, width: number): Uint8Array[] {
  const entries: Uint8Array[] = []
  let at = 0
  while (entries.length < width) {
    const end = at + 2 <= bytes.length ? at + 2 + readU16(bytes, at) : Infinity
    if (end > bytes.length) throw new Refusal<TileCode>('bundle/truncated', `entry ${entries.length} of ${width} is cut off at byte ${at}`, at)
    entries.push(bytes.slice(at + 2, end))
    at = end
  }
  if (at !== bytes.length) throw new Refusal<TileCode>('bundle/trailing', `${bytes.length - at} bytes follow entry ${width}, the last, at byte ${at}`, at)
  return entries
}

/** A complete, aligned subtree: 2^height leaves from `start`. */
interface Complete {
  readonly start: number
  readonly height: number
}

/** The complete subtrees of a range whose start is aligned to its own size, largest first. */
function completeSubtrees({ start, end }: Range): Complete[] {
  const found: Complete[] = []
  for (let at = start; at < end; ) {
    let height = 0
    while (2 ** (height + 1) <= end - at) height++
    found.push({ start: at, height })
    at += 2 ** height
  }
  return found
}

/** Where a complete subtree's hashes stand: `count` hashes from `offset` in one tile. */
function placeOf(subtree: Complete, size: number): Tile & { offset: number; count: number } {
  const level = Math.floor(subtree.height / TILE_HEIGHT)
  const first = subtree.start / TILE_WIDTH ** level
  const index = Math.floor(first / TILE_WIDTH)
  return { level, index, width: tileWidth(level, index, size), offset: first - index * TILE_WIDTH, count: 2 ** (subtree.height % TILE_HEIGHT) }
}

function tilesForRanges(ranges: readonly Range[], size: number): Tile[] {
  const tiles = new Map<string, Tile>()
  for (const range of ranges) {
    for (const subtree of completeSubtrees(range)) {
      const { level, index, width } = placeOf(subtree, size)
      tiles.set(`${level}/${index}`, { level, index, width })
    }
  }
  return [...tiles.values()]
}

function rangeRoot(p: Primitives, range: Range, size: number, read: TileReader): Uint8Array {
  const roots = completeSubtrees(range).map((subtree) => {
    const { level, index, width, offset, count } = placeOf(subtree, size)
    const tile = read(level, index, width)
    if (tile.length !== width * HASH_BYTES) {
      const path = tilePath(level, index, width)
      throw new Refusal<TileCode>('tile/length', `${path} has ${tile.length} bytes instead of ${width * HASH_BYTES}; fetch it again`, path)
    }
    return tileRoot(p, tile.subarray(offset * HASH_BYTES, (offset + count) * HASH_BYTES))
  })
  return roots.reduceRight((right, left) => innerHash(p, left, right))
}

/** The tiles that `inclusionFromTiles` will read. */
export function tilesForInclusion(index: number, size: number): Tile[] {
  return tilesForRanges(inclusionRanges(index, size), size)
}

/** The tiles that `consistencyFromTiles` will read. */
export function tilesForConsistency(size1: number, size2: number): Tile[] {
  return tilesForRanges(consistencyRanges(size1, size2), size2)
}

/** The tiles that `rootFromTiles` will read: those of the right edge. */
export function tilesForRoot(size: number): Tile[] {
  return tilesForRanges([{ start: 0, end: size }], size)
}

/** The inclusion path of leaf `index` in the tree of `size` leaves; the tiles are not checked, the path is as right as they are. */
export function inclusionFromTiles(p: Primitives, index: number, size: number, read: TileReader): Uint8Array[] {
  return inclusionRanges(index, size).map((range) => rangeRoot(p, range, size, read))
}

/** The consistency path from `size1` to `size2`, read from tiles of the tree of `size2` leaves. */
export function consistencyFromTiles(p: Primitives, size1: number, size2: number, read: TileReader): Uint8Array[] {
  return consistencyRanges(size1, size2).map((range) => rangeRoot(p, range, size2, read))
}

/** The root of the tree of `size` leaves. */
export function rootFromTiles(p: Primitives, size: number, read: TileReader): Uint8Array {
  return size === 0 ? emptyRoot(p) : rangeRoot(p, { start: 0, end: size }, size, read)
}
