// The rows of a Merkle tree over packed hashes, by node:crypto's one-shot hash into prepared inputs.

import { ENTRY_BYTES } from '@muster/core/proof/leaf.ts'
import { HASH_BYTES } from '@muster/core/proof/merkle.ts'
import { hashInto } from './bind.ts'

const LEAF_INPUT = Buffer.alloc(1 + ENTRY_BYTES, 0x00)
const INNER_INPUT = Buffer.alloc(1 + 2 * HASH_BYTES, 0x01)

/** The RFC 6962 leaf hash of a declaration's entry, 64 bytes from `from` in `entries`, into `target` at `at`. */
export function leafHashInto(target: Buffer, at: number, entries: Uint8Array, from: number): void {
  for (let i = 0; i < ENTRY_BYTES; i++) LEAF_INPUT[1 + i] = entries[from + i] as number
  hashInto(target, at, LEAF_INPUT)
}

/** The hashes themselves first, each row above half as long, the root last. An odd last hash rises unchanged, which is RFC 6962's tree. */
export function rowsOf(hashes: Uint8Array): Uint8Array[] {
  const rows = [hashes]
  for (let row = hashes; row.length > HASH_BYTES; ) {
    const pairs = Math.floor(row.length / (2 * HASH_BYTES))
    const odd = row.subarray(pairs * 2 * HASH_BYTES)
    const above = Buffer.allocUnsafeSlow(pairs * HASH_BYTES + odd.length)
    for (let i = 0; i < pairs; i++) {
      INNER_INPUT.set(row.subarray(2 * i * HASH_BYTES, 2 * (i + 1) * HASH_BYTES), 1)
      hashInto(above, i * HASH_BYTES, INNER_INPUT)
    }
    above.set(odd, pairs * HASH_BYTES)
    rows.push(above)
    row = above
  }
  return rows
}

/** The path of one hash, from its sibling up. */
export function pathIn(rows: readonly Uint8Array[], index: number): Uint8Array[] {
  const path: Uint8Array[] = []
  for (const [height, row] of rows.slice(0, -1).entries()) {
    const sibling = Math.floor(index / 2 ** height) ^ 1
    if (sibling * HASH_BYTES < row.length) path.push(hashAt(row, sibling).slice())
  }
  return path
}

/** A view, not a copy. */
export function hashAt(hashes: Uint8Array, i: number): Uint8Array {
  return hashes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)
}
