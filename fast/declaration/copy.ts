// A full copy of a declaration, on disk: the look-up of a label and the proof of the answer. A look-up reads one or two bundles, found
// by the place that a hash of that value is expected at. The tiles above level 0 are checked against the root once, at opening, and kept
// (64 bytes for each 256 entries); a proof checks the bundle's entry and the level-0 tile that it reads, so a file that was truncated,
// swapped or damaged since it was read in full is named, and never answers.

import { Breach } from '@muster/core/bytes/breach.ts'
import { compare, equal, toHex } from '@muster/core/bytes/bytes.ts'
import type { AbsentProof, DeclarationTree, PresentProof } from '@muster/core/proof/absence.ts'
import { DECLARATION_SIZE_MAX } from '@muster/core/proof/declaration.ts'
import { entryIn, labelIn, readBundle } from '@muster/core/proof/label-walk.ts'
import { LABEL_BYTES } from '@muster/core/proof/leaf.ts'
import { HASH_BYTES, leafHash } from '@muster/core/proof/merkle.ts'
import { entriesPath, hashesAt, rootFromTiles, TILE_BYTES, TILE_WIDTH, tilePath, tileRoot, tilesForRoot, tilesOf } from '@muster/core/proof/tile.ts'
import { nodePrimitives as p } from '../primitives.ts'
import { folderReader } from './files.ts'
import { hashAt, pathIn, rowsOf } from './rows.ts'

/** Bundles and level-0 tiles kept in memory, the last used ones: 4.3 MB of bundles, 4.2 MB of tiles. */
const KEPT_MAX = 256

export type CopyBreachCode = 'copy/bundle' | 'copy/tile' | 'copy/order'

export type Found = { readonly present: PresentProof } | { readonly absent: AbsentProof }

export interface DeclarationCopy extends DeclarationTree {
  /** Index of the label, or undefined. Trusts the files as they were read in full; `prove` does not. */
  find(label: Uint8Array): number | undefined
  /** The proof that the label is declared, or that it is not; `verifyPresent` and `verifyAbsent` of core accept it. Throws a Breach. */
  prove(label: Uint8Array): Found
  /** The entry at an index with its path, as inspections draw it. Throws a RangeError beyond the size, a Breach for damage. */
  proveIndex(index: number): PresentProof
}

/** Size and root come from the verified checkpoint. No descriptor stays open. Throws a Breach naming the file that does not fit. */
export function openCopy(folder: string, { size, root }: DeclarationTree): DeclarationCopy {
  const read = folderReader(folder)
  const top = topOf(folder, { size, root })
  const bundles = keeper((n) => {
    const bundle = readBundle({ size, read }, n)
    if (bundle === undefined) throw breach('bundle', folder, entriesPath(n), 'is missing or is not 256 entries of 64 bytes')
    return bundle
  })
  const tiles = keeper((n) => {
    const path = tilePath(0, n)
    const tile = read(path, TILE_BYTES)
    if (tile?.length !== TILE_BYTES) throw breach('tile', folder, path, `is missing or is not ${TILE_BYTES} bytes`)
    const tree = rowsOf(tile)
    if (!equal(tree.at(-1) as Uint8Array, top.bundleRoot(n))) throw breach('tile', folder, path, 'does not follow to the root')
    return tree
  })
  const proveIndex = (index: number): PresentProof => {
    if (!Number.isSafeInteger(index) || index < 0 || index >= size) throw new RangeError(`no entry ${index} in a declaration of ${size}`)
    const n = Math.floor(index / TILE_WIDTH)
    const place = index % TILE_WIDTH
    const entry = entryIn(bundles(n), place).slice()
    const tree = tiles(n)
    if (!equal(leafHash(p, entry), hashAt(tree[0] as Uint8Array, place))) throw breach('bundle', folder, entriesPath(n), `does not hold the entry ${index} that the tree holds`)
    return { index, entry, path: [...pathIn(tree, place), ...top.path(n)] }
  }
  const place = (label: Uint8Array): Place => search(label, size, (n) => bundles(n))
  return {
    size,
    root,
    find(label) {
      const { index, hit } = place(label)
      return hit ? index : undefined
    },
    prove(label) {
      const { index, hit } = place(label)
      if (hit) return { present: proveIndex(index) }
      const [before, after] = [proveIndex(index - 1), proveIndex(index)]
      if (compare(before.entry.subarray(0, LABEL_BYTES), label) >= 0 || compare(label, after.entry.subarray(0, LABEL_BYTES)) >= 0) {
        throw breach('order', folder, entriesPath(Math.floor(index / TILE_WIDTH)), `its entries are out of order near ${toHex(label)}`)
      }
      return { absent: { index: index - 1, entries: [before.entry, after.entry], paths: [before.path, after.path] } }
    },
    proveIndex,
  }
}

interface Place {
  /** Of the label, or of the first entry above it. */
  readonly index: number
  readonly hit: boolean
}

/** Narrows to one bundle, guessing by the label's first bytes; every fourth guess halves instead, so labels chosen to mislead cost log n. */
function search(label: Uint8Array, size: number, bundleAt: (n: number) => Uint8Array): Place {
  if (label.length !== LABEL_BYTES) throw new RangeError(`a label has ${LABEL_BYTES} bytes, not ${label.length}`)
  let low = 0
  let high = size / TILE_WIDTH - 1
  let lowValue = 0
  let highValue = 1
  const wanted = fraction(label)
  for (let guesses = 1; low < high; guesses++) {
    const share = guesses % 4 === 0 || highValue <= lowValue ? 0.5 : (wanted - lowValue) / (highValue - lowValue)
    const n = Math.min(high, Math.max(low, low + Math.floor(share * (high - low + 1))))
    const bundle = bundleAt(n)
    if (compare(label, labelIn(bundle, 0)) < 0) {
      if (n === low) return { index: n * TILE_WIDTH, hit: false }
      high = n - 1
      highValue = fraction(labelIn(bundle, 0))
    } else if (compare(label, labelIn(bundle, TILE_WIDTH - 1)) > 0) {
      if (n === high) return { index: Math.min(size - 1, (n + 1) * TILE_WIDTH), hit: false }
      low = n + 1
      lowValue = fraction(labelIn(bundle, TILE_WIDTH - 1))
    } else low = high = n
  }
  const bundle = bundleAt(low)
  let from = 0
  let to = TILE_WIDTH
  while (from < to) {
    const middle = (from + to) >>> 1
    if (compare(labelIn(bundle, middle), label) < 0) from = middle + 1
    else to = middle
  }
  const hit = from < TILE_WIDTH && equal(labelIn(bundle, from), label)
  return { index: low * TILE_WIDTH + from, hit }
}

/** The first 48 bits of a label as a share of all labels. */
function fraction(label: Uint8Array): number {
  let value = 0
  for (let i = 0; i < 6; i++) value = value * 256 + (label[i] as number)
  return value / 2 ** 48
}

interface Top {
  bundleRoot(n: number): Uint8Array
  /** From the sibling of bundle n's root up. */
  path(n: number): Uint8Array[]
}

/** Reads the tiles from level 1 up and checks them from the root down, so that the file at fault is the one named. */
function topOf(folder: string, { size, root }: DeclarationTree): Top {
  if (!Number.isSafeInteger(size) || size <= 0 || size % TILE_WIDTH !== 0 || size > DECLARATION_SIZE_MAX) throw new RangeError(`${size} is no size of a declaration`)
  const read = folderReader(folder)
  const levels: Uint8Array[] = [new Uint8Array(0)]
  for (const { level, index, width } of tilesOf(size)) {
    if (level === 0) continue
    const path = tilePath(level, index, width)
    const tile = read(path, width * HASH_BYTES)
    if (tile?.length !== width * HASH_BYTES) throw breach('tile', folder, path, `is missing or is not ${width * HASH_BYTES} bytes`)
    levels[level] ??= new Uint8Array(hashesAt(level, size) * HASH_BYTES)
    levels[level].set(tile, index * TILE_BYTES)
  }
  const tileOf = (level: number, index: number): Uint8Array => (levels[level] as Uint8Array).subarray(index * TILE_BYTES, (index + 1) * TILE_BYTES)
  if (!equal(rootFromTiles(p, size, tileOf), root)) {
    const edge = tilesForRoot(size).map(({ level, index, width }) => tilePath(level, index, width))
    throw breach('tile', folder, edge.join(' or '), `does not give the root ${toHex(root)}`)
  }
  for (let level = levels.length - 2; level >= 1; level--) {
    for (let index = 0; index < hashesAt(level + 1, size); index++) {
      if (!equal(tileRoot(p, tileOf(level, index)), hashAt(levels[level + 1] as Uint8Array, index))) throw breach('tile', folder, tilePath(level, index), 'does not follow to the root')
    }
  }
  const roots = levels[1] as Uint8Array
  const tree = rowsOf(roots)
  return { bundleRoot: (n) => hashAt(roots, n), path: (n) => pathIn(tree, n) }
}

/** Remembers the last results of a reading function; what throws is not remembered. */
function keeper<T>(load: (n: number) => T): (n: number) => T {
  const kept = new Map<number, T>()
  return (n) => {
    const known = kept.get(n)
    const value = known ?? load(n)
    kept.delete(n)
    kept.set(n, value)
    const oldest = kept.keys().next().value
    if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest)
    return value
  }
}

function breach(code: 'bundle' | 'tile' | 'order', folder: string, file: string, fault: string): Breach<CopyBreachCode> {
  return new Breach(`copy/${code}`, `${file} ${fault}: fetch this declaration again from a reader`, { folder, file })
}
