// Which Ed25519 public keys are taken at all. RFC 8032 leaves implementations room here, and they differ; one closed rule in front of
// all of them makes their verdicts equal (with the cofactorless equation and R compared as bytes, which `Primitives` demands).

export const ED25519_KEY_BYTES = 32
export const ED25519_SIGNATURE_BYTES = 64

// y of the eight points of small order, sign bit cleared: 0, 1, -1 and the two of order 8, little-endian.
const SMALL_ORDER = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
])

/**
 * True for 32 bytes with y below 2^255 - 19 that are not a point of small order: under such a point one signature fits many messages,
 * so it proves nothing. Says nothing about whether the bytes are a point.
 */
export function isStrictEd25519Key(key: Uint8Array): boolean {
  if (key.length !== ED25519_KEY_BYTES) return false
  const top = (key[31] as number) & 0x7f
  if (top === 0x7f && (key[0] as number) >= 0xed && key.subarray(1, 31).every((byte) => byte === 0xff)) return false
  let y = ''
  for (let i = 0; i < 31; i++) y += (key[i] as number).toString(16).padStart(2, '0')
  return !SMALL_ORDER.has(y + top.toString(16).padStart(2, '0'))
}
