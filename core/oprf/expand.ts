// expand_message_xmd of RFC 9380 section 5.3.1 with SHA-512: a message and a domain separation tag become as many uniform bytes as asked.
import { concat, u16, utf8 } from '../bytes/bytes.ts'

const HASH_BYTES = 64
const BLOCK_BYTES = 128
const BLOCKS_MAX = 255
const DST_BYTES_MAX = 255

/** A tag that is longer than 255 bytes is replaced by its hash under this prefix (RFC 9380 section 5.3.3). */
const LONG_DST = utf8('H2C-OVERSIZE-DST-')

const ZERO_BLOCK = new Uint8Array(BLOCK_BYTES)

export type Sha512 = (...parts: Uint8Array[]) => Uint8Array

/**
 * `length` uniform bytes, 1 to 16,320, for `message` under the tag `dst`.
 * Throws a RangeError for an empty tag or a length that the construction cannot give.
 */
export function expandMessageXmd(sha512: Sha512, message: Uint8Array, dst: Uint8Array, length: number): Uint8Array {
  const blocks = Math.ceil(length / HASH_BYTES)
  if (!Number.isInteger(length) || length < 1 || blocks > BLOCKS_MAX) throw new RangeError(`expand_message_xmd gives 1 to ${BLOCKS_MAX * HASH_BYTES} bytes, not ${length}`)
  if (dst.length === 0) throw new RangeError('a domain separation tag has at least one byte')
  const tag = dst.length > DST_BYTES_MAX ? sha512(LONG_DST, dst) : dst
  const suffix = concat(tag, Uint8Array.of(tag.length))
  const first = sha512(ZERO_BLOCK, message, u16(length), Uint8Array.of(0), suffix)
  const whole = new Uint8Array(blocks * HASH_BYTES)
  let last = new Uint8Array(HASH_BYTES)
  for (let i = 1; i <= blocks; i++) {
    const mixed = first.map((byte, at) => byte ^ (last[at] as number))
    last = new Uint8Array(sha512(mixed, Uint8Array.of(i), suffix))
    whole.set(last, (i - 1) * HASH_BYTES)
  }
  return whole.slice(0, length)
}
