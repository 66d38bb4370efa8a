// Primitives from the noble packages: no I/O, no randomness, the same in Node and in a browser. Signing is deterministic.

import { ed25519 } from '@noble/curves/ed25519.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js'
import { concat, equal, fromBase64, fromUtf8, utf8 } from './bytes.ts'
import { ED25519_SIGNATURE_BYTES, isStrictEd25519Key } from './ed25519-key.ts'
import type { Primitives, Signing } from './primitives.ts'

const { Point } = ed25519

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number)
  return value
}

/** RFC 8032 section 5.1.7 without the cofactor: the encoding of S·B − k·A must be R, byte for byte. */
function ed25519Holds(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const r = signature.subarray(0, 32)
  const s = littleEndian(signature.subarray(32))
  if (s >= Point.Fn.ORDER) return false
  const a = Point.fromBytes(publicKey, false)
  const k = littleEndian(sha512(concat(r, publicKey, message))) % Point.Fn.ORDER
  return equal(Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(k)).toBytes(), r)
}

export const noble: Primitives & Signing = {
  textOf: (bytes) => fromUtf8(bytes),
  utf8,
  bytesOf64: fromBase64,
  sha256(...parts) {
    if (parts.length === 1) return sha256(parts[0] as Uint8Array)
    const hash = sha256.create()
    for (const part of parts) hash.update(part)
    return hash.digest()
  },
  hmacSha256(key, ...parts) {
    const mac = hmac.create(sha256, key)
    for (const part of parts) mac.update(part)
    return mac.digest()
  },
  ed25519Verify(publicKey, message, signature) {
    if (signature.length !== ED25519_SIGNATURE_BYTES || !isStrictEd25519Key(publicKey)) return false
    try {
      return ed25519Holds(publicKey, message, signature)
    } catch {
      return false
    }
  },
  mldsa44Verify(publicKey, message, signature) {
    if (publicKey.length !== ml_dsa44.lengths.publicKey || signature.length !== ml_dsa44.lengths.signature) return false
    try {
      return ml_dsa44.verify(signature, message, publicKey)
    } catch {
      return false
    }
  },
  ed25519PublicKey: (seed) => ed25519.getPublicKey(seed),
  ed25519Sign: (seed, message) => ed25519.sign(message, seed),
  mldsa44PublicKey: (seed) => ml_dsa44.keygen(seed).publicKey,
  mldsa44Sign: (seed, message) => ml_dsa44.sign(message, ml_dsa44.keygen(seed).secretKey, { extraEntropy: false }),
}
