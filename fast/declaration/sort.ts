// The order of many labels. Labels are hashes, so their first 32 bits nearly settle it; runs that share them are settled by all bytes,
// so labels chosen to collide cost no more than a plain sort.

import { ENTRY_BYTES, LABEL_BYTES } from '@muster/core/proof/leaf.ts'

const DIGIT_BITS = 16
const BUCKETS = 2 ** DIGIT_BITS

/** The numbers of the entries (64 bytes each, packed) in ascending order of their labels; equal labels keep their order. */
export function orderOf(entries: Buffer, count: number): Uint32Array {
  const keys = new Uint32Array(count)
  for (let i = 0; i < count; i++) keys[i] = entries.readUInt32BE(i * ENTRY_BYTES)
  let order = new Uint32Array(count)
  for (let i = 0; i < count; i++) order[i] = i
  for (const shift of [0, DIGIT_BITS]) order = pass(keys, order, shift)
  settleRuns(entries, keys, order)
  return order
}

/** One stable counting pass over 16 bits of the key. */
function pass(keys: Uint32Array, order: Uint32Array, shift: number): Uint32Array<ArrayBuffer> {
  const starts = new Uint32Array(BUCKETS + 1)
  for (const key of keys) {
    const bucket = ((key >>> shift) & (BUCKETS - 1)) + 1
    starts[bucket] = (starts[bucket] as number) + 1
  }
  for (let b = 1; b <= BUCKETS; b++) starts[b] = (starts[b] as number) + (starts[b - 1] as number)
  const sorted = new Uint32Array(order.length)
  for (const i of order) {
    const bucket = ((keys[i] as number) >>> shift) & (BUCKETS - 1)
    const at = starts[bucket] as number
    sorted[at] = i
    starts[bucket] = at + 1
  }
  return sorted
}

function settleRuns(entries: Buffer, keys: Uint32Array, order: Uint32Array): void {
  const label = (i: number): Buffer => entries.subarray(i * ENTRY_BYTES, i * ENTRY_BYTES + LABEL_BYTES)
  for (let start = 0, end = 1; start < order.length; start = end, end = start + 1) {
    while (end < order.length && keys[order[end] as number] === keys[order[start] as number]) end++
    if (end - start > 1) order.subarray(start, end).sort((a, b) => label(a).compare(label(b)) || a - b)
  }
}
