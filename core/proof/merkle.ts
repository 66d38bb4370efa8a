// The Merkle tree of RFC 6962 section 2.1 over SHA-256, and its proofs as RFC 9162 section 2.1 verifies them. Sizes and indexes are whole
// numbers up to 2^53 - 1, so they are halved by division, never by 32-bit shifts.

import { equal } from '../bytes/bytes.ts'
import type { Primitives } from '../bytes/primitives.ts'

export const HASH_BYTES = 32
/** A tree of 2^53 - 1 leaves needs no longer path; anything longer is refused before it is hashed. */
export const PATH_HASHES_MAX = 64

const LEAF = Uint8Array.of(0x00)
const INNER = Uint8Array.of(0x01)

/** SHA-256(00 ‖ entry). */
export function leafHash(p: Primitives, entry: Uint8Array): Uint8Array {
  return p.sha256(LEAF, entry)
}

/** SHA-256(01 ‖ left ‖ right). */
export function innerHash(p: Primitives, left: Uint8Array, right: Uint8Array): Uint8Array {
  return p.sha256(INNER, left, right)
}

/** SHA-256 of nothing, the root of the tree without leaves. */
export function emptyRoot(p: Primitives): Uint8Array {
  return p.sha256(new Uint8Array(0))
}

/** The largest power of two below `size`, for a size of at least 2. */
function splitPoint(size: number): number {
  let split = 1
  while (split * 2 < size) split *= 2
  return split
}

/** A tree as the roots of its complete subtrees, largest first: at most 53 hashes for any size. */
export interface Frontier {
  size: number
  readonly subtrees: Uint8Array[]
}

export function emptyFrontier(): Frontier {
  return { size: 0, subtrees: [] }
}

/** Adds one leaf in place; O(1) hashes on average. */
export function append(p: Primitives, frontier: Frontier, hash: Uint8Array): void {
  let subtree = hash
  for (let size = frontier.size; size % 2 === 1; size = (size - 1) / 2) subtree = innerHash(p, frontier.subtrees.pop() as Uint8Array, subtree)
  frontier.subtrees.push(subtree)
  frontier.size += 1
}

export function frontierRoot(p: Primitives, frontier: Frontier): Uint8Array {
  const { subtrees } = frontier
  let root = subtrees.at(-1)
  if (root === undefined) return emptyRoot(p)
  for (let i = subtrees.length - 2; i >= 0; i--) root = innerHash(p, subtrees[i] as Uint8Array, root)
  return root
}

/** The root over leaf hashes, from `start` up to and without `end`. */
export function rootOf(p: Primitives, leafHashes: readonly Uint8Array[], start = 0, end = leafHashes.length): Uint8Array {
  const frontier = emptyFrontier()
  for (let i = start; i < end; i++) append(p, frontier, leafHashes[i] as Uint8Array)
  return frontierRoot(p, frontier)
}

/** Leaves from `start` up to and without `end`. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** The subtrees whose roots make an inclusion path, from the leaf's sibling up; throws RangeError unless 0 <= index < size. */
export function inclusionRanges(index: number, size: number): Range[] {
  if (!isCount(index) || !isCount(size) || index >= size) throw new RangeError(`no leaf ${index} in a tree of ${size}`)
  const ranges: Range[] = []
  let start = 0
  let end = size
  while (end - start > 1) {
    const middle = start + splitPoint(end - start)
    if (index < middle) {
      ranges.push({ start: middle, end })
      end = middle
    } else {
      ranges.push({ start, end: middle })
      start = middle
    }
  }
  return ranges.reverse()
}

/** The subtrees whose roots make a consistency path; throws RangeError unless 0 < size1 <= size2. Equal sizes need none. */
export function consistencyRanges(size1: number, size2: number): Range[] {
  if (!isCount(size1) || !isCount(size2) || size1 === 0 || size1 > size2) throw new RangeError(`no consistency proof from ${size1} to ${size2}`)
  const ranges: Range[] = []
  let start = 0
  let end = size2
  while (end !== size1) {
    const middle = start + splitPoint(end - start)
    if (size1 <= middle) {
      ranges.push({ start: middle, end })
      end = middle
    } else {
      ranges.push({ start, end: middle })
      start = middle
    }
  }
  // The old tree's last subtree leads, unless it is the whole old tree: its root is then known to the verifier.
  if (start > 0) ranges.push({ start, end })
  return ranges.reverse()
}

/** Hashes from the leaf's sibling up to the root's child (RFC 6962 section 2.1.1). */
export function inclusionPath(p: Primitives, leafHashes: readonly Uint8Array[], index: number): Uint8Array[] {
  return inclusionRanges(index, leafHashes.length).map(({ start, end }) => rootOf(p, leafHashes, start, end))
}

/** RFC 6962 section 2.1.2, from the first `size1` leaves to the first `size2`. */
export function consistencyPath(p: Primitives, leafHashes: readonly Uint8Array[], size1: number, size2: number): Uint8Array[] {
  if (size2 > leafHashes.length) throw new RangeError(`only ${leafHashes.length} leaves, not ${size2}`)
  return consistencyRanges(size1, size2).map(({ start, end }) => rootOf(p, leafHashes, start, end))
}

export interface InclusionProof {
  readonly index: number
  readonly size: number
  readonly leafHash: Uint8Array
  readonly path: readonly Uint8Array[]
}

/** The root that the proof leads to; undefined where index, size or path do not fit one another. Never throws. */
export function rootFromInclusion(p: Primitives, proof: InclusionProof): Uint8Array | undefined {
  const { index, size, path } = proof
  if (!isCount(index) || !isCount(size) || index >= size || !isHash(proof.leafHash) || !isPath(path)) return undefined
  let at = index
  let last = size - 1
  let root = proof.leafHash
  for (const hash of path) {
    if (last === 0) return undefined
    if (at % 2 === 1 || at === last) {
      root = innerHash(p, hash, root)
      while (at % 2 === 0 && at !== 0) {
        at /= 2
        last = Math.floor(last / 2)
      }
    } else root = innerHash(p, root, hash)
    at = Math.floor(at / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 ? root : undefined
}

/** RFC 9162 section 2.1.3.2. False for any malformed input, never throws. */
export function verifyInclusion(p: Primitives, proof: InclusionProof & { readonly root: Uint8Array }): boolean {
  const root = rootFromInclusion(p, proof)
  return root !== undefined && equal(root, proof.root)
}

export interface ConsistencyProof {
  readonly size1: number
  readonly size2: number
  readonly root1: Uint8Array
  readonly root2: Uint8Array
  readonly path: readonly Uint8Array[]
}

/**
 * RFC 9162 section 2.1.4.2. Equal sizes hold when the path is empty and the roots are equal; from size 0 to more never holds.
 * False for any malformed input, never throws.
 */
export function verifyConsistency(p: Primitives, proof: ConsistencyProof): boolean {
  const { size1, size2, root1, root2, path } = proof
  if (!isCount(size1) || !isCount(size2) || size1 > size2 || !isHash(root1) || !isHash(root2) || !isPath(path)) return false
  if (size1 === size2) return path.length === 0 && equal(root1, root2)
  if (size1 === 0 || path.length === 0) return false
  let at = size1 - 1
  let last = size2 - 1
  while (at % 2 === 1) {
    at = (at - 1) / 2
    last = Math.floor(last / 2)
  }
  const hashes = at === 0 ? [root1, ...path] : path
  let old = hashes[0] as Uint8Array
  let grown = old
  for (const hash of hashes.slice(1)) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      old = innerHash(p, hash, old)
      grown = innerHash(p, hash, grown)
      while (at % 2 === 0 && at !== 0) {
        at /= 2
        last = Math.floor(last / 2)
      }
    } else grown = innerHash(p, grown, hash)
    at = Math.floor(at / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && equal(old, root1) && equal(grown, root2)
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function isHash(bytes: Uint8Array): boolean {
  return bytes.length === HASH_BYTES
}

function isPath(path: readonly Uint8Array[]): boolean {
  return path.length <= PATH_HASHES_MAX && path.every(isHash)
}
