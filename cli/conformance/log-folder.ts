// The question `log` of the conformance door: a whole log as files (C2SP tlog-tiles), under one key. Every entry is hashed, every tile
// recomputed and compared, the root compared with the signed one. Partial files of earlier, smaller trees that still lie there are part of
// the claim and are compared as well.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Breach } from '@muster/core/bytes/breach.ts'
import { equal, toBase64 } from '@muster/core/bytes/bytes.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { append, emptyFrontier, emptyRoot, frontierRoot, HASH_BYTES, leafHash } from '@muster/core/proof/merkle.ts'
import { NOTE_BYTES_MAX, openNote } from '@muster/core/proof/note.ts'
import { decodeBundle, ENTRY_BYTES_MAX, entriesPath, hashesAt, TILE_BYTES, TILE_WIDTH, tilePath, tileWidth, tileRoot } from '@muster/core/proof/tile.ts'
import { parseCheckpoint, type Checkpoint } from '@muster/core/proof/tree-head.ts'
import { parseVkey } from '@muster/core/proof/vkey.ts'
import { CHECKPOINT_FILE } from '@muster/fast/declaration/files.ts'
import { readFileAtMost } from '@muster/fast/read-file.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { MALFORMED, type Request, type ValidAnswer } from './request.ts'

const BUNDLE_BYTES_MAX = TILE_WIDTH * (2 + ENTRY_BYTES_MAX)

/** `problem`: the file that is missing or does not follow. */
export interface LogAnswer extends ValidAnswer { readonly size?: number, readonly root?: string, readonly problem?: string }

/** The first file that does not follow ends it. */
class Wrong extends Error {
  readonly file: string
  constructor(file: string) {
    super(file)
    this.file = file
  }
}

/** Faults of the disk other than a missing file reject. */
export function answerLog({ dir, vkey }: Request): LogAnswer {
  if (typeof dir !== 'string' || dir === '' || dir.includes('\0') || typeof vkey !== 'string') return MALFORMED
  const checkpoint = checkpointIn(dir, vkey)
  if ('valid' in checkpoint) return checkpoint
  const stated = { size: checkpoint.size, root: toBase64(checkpoint.root) }
  try {
    const root = checkpoint.size === 0 ? emptyRoot(p) : recompute(dir, checkpoint.size)
    return equal(root, checkpoint.root) ? { valid: true, ...stated } : { valid: false, ...stated, problem: CHECKPOINT_FILE }
  } catch (thrown) {
    if (thrown instanceof Wrong) return { valid: false, ...stated, problem: thrown.file }
    throw thrown
  }
}

/** The checkpoint is signed by the key, has exactly three lines, and its origin is the key's name. */
function checkpointIn(dir: string, vkey: string): Checkpoint | LogAnswer {
  const note = readFileAtMost(join(dir, CHECKPOINT_FILE), NOTE_BYTES_MAX)
  if (note === undefined) return { valid: false, problem: CHECKPOINT_FILE }
  try {
    const key = parseVkey(p, vkey)
    const checkpoint = parseCheckpoint(openNote(p, note, [key]).text)
    return checkpoint.origin === key.name ? checkpoint : { valid: false, problem: CHECKPOINT_FILE }
  } catch (thrown) {
    if (thrown instanceof Breach) return { valid: false, problem: CHECKPOINT_FILE }
    if (thrown instanceof Refusal) return { valid: false, error: String(thrown.code) }
    throw thrown
  }
}

/** Bundle by bundle: one bundle and one open tile of each level in memory. */
function recompute(dir: string, size: number): Uint8Array {
  const whole = emptyFrontier()
  const open: Uint8Array[][] = []
  const close = (level: number, index: number, hashes: readonly Uint8Array[]): void => {
    const tile = Buffer.concat(hashes)
    compareTile(dir, level, index, tile)
    if (hashes.length < TILE_WIDTH) return
    const above = open[level + 1] ??= []
    above.push(tileRoot(p, tile))
    if (above.length < TILE_WIDTH) return
    close(level + 1, Math.floor(index / TILE_WIDTH), above)
    open[level + 1] = []
  }
  for (let n = 0; n * TILE_WIDTH < size; n++) {
    const hashes = bundleAt(dir, n, tileWidth(0, n, size)).map((entry) => leafHash(p, entry))
    for (const hash of hashes) append(p, whole, hash)
    close(0, n, hashes)
  }
  for (const [level, hashes] of open.entries()) {
    if (level > 0 && hashes.length > 0) close(level, Math.floor(hashesAt(level, size) / TILE_WIDTH), hashes)
  }
  return frontierRoot(p, whole)
}

/** The entries of a bundle; the full one stands in where the partial one was deleted. Partial ones that still lie there must agree. */
function bundleAt(dir: string, n: number, width: number): Uint8Array[] {
  const path = entriesPath(n, width)
  const [full, partials] = [entriesPath(n), partialsOf(dir, entriesPath(n))]
  const exact = readFileAtMost(join(dir, path), BUNDLE_BYTES_MAX)
  const bytes = exact ?? readFileAtMost(join(dir, full), BUNDLE_BYTES_MAX)
  if (bytes === undefined) throw new Wrong(path)
  const entries = decoded(bytes, exact === undefined ? TILE_WIDTH : width, exact === undefined ? full : path).slice(0, width)
  for (const other of partials.filter((each) => each < width)) {
    const file = entriesPath(n, other)
    const earlier = decoded(readFileAtMost(join(dir, file), BUNDLE_BYTES_MAX) ?? new Uint8Array(0), other, file)
    if (earlier.some((entry, i) => !equal(entry, entries[i] as Uint8Array))) throw new Wrong(file)
  }
  return entries
}

function decoded(bytes: Uint8Array, width: number, file: string): Uint8Array[] {
  try {
    return decodeBundle(bytes, width)
  } catch (thrown) {
    if (thrown instanceof Refusal) throw new Wrong(file)
    throw thrown
  }
}

function compareTile(dir: string, level: number, index: number, expected: Uint8Array): void {
  const width = expected.length / HASH_BYTES
  const path = tilePath(level, index, width)
  const exact = readFileAtMost(join(dir, path), TILE_BYTES)
  const found = exact ?? wholeTile(dir, level, index)?.subarray(0, expected.length)
  if (found === undefined || !equal(found, expected)) throw new Wrong(path)
  for (const other of partialsOf(dir, tilePath(level, index)).filter((each) => each < width)) {
    const file = tilePath(level, index, other)
    const earlier = readFileAtMost(join(dir, file), TILE_BYTES)
    if (earlier === undefined || !equal(earlier, expected.subarray(0, other * HASH_BYTES))) throw new Wrong(file)
  }
}

/** The full tile stands in where the partial one was deleted. */
function wholeTile(dir: string, level: number, index: number): Uint8Array | undefined {
  const tile = readFileAtMost(join(dir, tilePath(level, index)), TILE_BYTES)
  return tile?.length === TILE_BYTES ? tile : undefined
}

/** Widths of the partial files beside a full one. */
function partialsOf(dir: string, full: string): number[] {
  try {
    return readdirSync(join(dir, `${full}.p`)).flatMap((name) => /^[1-9]\d{0,2}$/.test(name) && Number(name) < TILE_WIDTH ? [Number(name)] : [])
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}
