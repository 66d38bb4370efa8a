// Match keys one after the other in one buffer, each behind its length in two bytes, big-endian.
import { readU16 } from '@muster/core/bytes/bytes.ts'

const LENGTH_BYTES = 2
const KEY_BYTES_MAX = 65_535

/** Throws a RangeError for a key of more than 65,535 bytes. */
export function packKeys(keys: readonly Uint8Array[]): Uint8Array {
  let size = 0
  for (const key of keys) {
    if (key.length > KEY_BYTES_MAX) throw new RangeError(`a match key has at most ${KEY_BYTES_MAX} bytes, this has ${key.length}`)
    size += LENGTH_BYTES + key.length
  }
  const packed = new Uint8Array(size)
  let at = 0
  for (const key of keys) {
    packed[at] = key.length >> 8
    packed[at + 1] = key.length & 0xff
    packed.set(key, at + LENGTH_BYTES)
    at += LENGTH_BYTES + key.length
  }
  return packed
}

/** Offset behind each run of at most `keysMax` keys; throws a RangeError that names the byte where the buffer ends within a key. */
export function runsOf(packed: Uint8Array, keysMax: number): { readonly from: number, readonly to: number, readonly keys: number }[] {
  const runs: { from: number, to: number, keys: number }[] = []
  let from = 0
  let keys = 0
  for (let at = 0; at < packed.length;) {
    const next = at + LENGTH_BYTES > packed.length ? Infinity : at + LENGTH_BYTES + readU16(packed, at)
    if (next > packed.length) throw new RangeError(`the packed keys end within the key that begins at byte ${at}`)
    at = next
    keys++
    if (keys === keysMax || at === packed.length) {
      runs.push({ from, to: at, keys })
      from = at
      keys = 0
    }
  }
  return runs
}

/** Views of the keys; throws as `runsOf`. */
export function unpackKeys(packed: Uint8Array): Uint8Array[] {
  return runsOf(packed, 1).map(({ from, to }) => packed.subarray(from + LENGTH_BYTES, to))
}
