// expand_message_xmd with SHA-512 to 64 bytes, for many messages under one tag: one reused buffer for each of the two hashes, and
// node:crypto's one-shot hash. The same bytes as core's `expandMessageXmd`.
import { hash } from 'node:crypto'
import { expandMessageXmd } from '@muster/core/oprf/expand.ts'

const UNIFORM_BYTES = 64
const BLOCK_BYTES = 128
/** Longer messages, and tags that are hashed first, go through core. */
const MESSAGE_BYTES_MAX = 4096
const DST_BYTES_MAX = 255

export function sha512(...parts: Uint8Array[]): Uint8Array {
  const bytes = hash('sha512', parts.length === 1 ? parts[0] as Uint8Array : Buffer.concat(parts), 'buffer')
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** A function from a message to its 64 uniform bytes under `dst`. */
export function uniformBytes(dst: Uint8Array): (message: Uint8Array) => Uint8Array {
  if (dst.length === 0 || dst.length > DST_BYTES_MAX) return (message) => expandMessageXmd(sha512, message, dst, UNIFORM_BYTES)
  const suffix = Uint8Array.of(...dst, dst.length)
  const first = new Uint8Array(BLOCK_BYTES + MESSAGE_BYTES_MAX + 3 + suffix.length)
  const second = Uint8Array.of(...new Uint8Array(UNIFORM_BYTES), 1, ...suffix)
  return (message) => {
    if (message.length > MESSAGE_BYTES_MAX) return expandMessageXmd(sha512, message, dst, UNIFORM_BYTES)
    const end = BLOCK_BYTES + message.length
    first.set(message, BLOCK_BYTES)
    first[end] = 0
    first[end + 1] = UNIFORM_BYTES
    first[end + 2] = 0
    first.set(suffix, end + 3)
    second.set(hash('sha512', first.subarray(0, end + 3 + suffix.length), 'buffer'))
    return hash('sha512', second, 'buffer')
  }
}
