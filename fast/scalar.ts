// Scalars of ristretto255 as they come from outside.
import { SCALAR_BYTES } from '@muster/core/oprf/group.ts'

/** Order of the group, little-endian. */
const ORDER = Uint8Array.from(Buffer.from('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010', 'hex'))

/** Below the order and not zero; the comparison ends early, and only the values of refused scalars show in its time. */
export function isScalar(bytes: Uint8Array): boolean {
  if (bytes.length !== SCALAR_BYTES || bytes.every((byte) => byte === 0)) return false
  for (let i = SCALAR_BYTES - 1; i >= 0; i--) {
    const difference = (bytes[i] as number) - (ORDER[i] as number)
    if (difference !== 0) return difference < 0
  }
  return false
}
