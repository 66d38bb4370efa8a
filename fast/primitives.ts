// Primitives from node:crypto (OpenSSL), with the verdicts of core's noble ones. ML-DSA signing is hedged with the system's randomness,
// so two signatures of one message differ.

import { createHash, createHmac, createPrivateKey, createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto'
import { ED25519_SIGNATURE_BYTES, isStrictEd25519Key } from '@muster/core/bytes/ed25519-key.ts'
import type { Primitives, Signing } from '@muster/core/bytes/primitives.ts'

const MLDSA44_KEY_BYTES = 1312
const MLDSA44_SIGNATURE_BYTES = 2420
const SEED_BYTES = 32
/** Public keys kept parsed: an import costs about a third of an ML-DSA-44 verification. 2,048 of ML-DSA-44 take 22 MB. */
const PUBLIC_KEYS_KEPT_MAX = 2_048

// What stands before the raw bytes in DER: RFC 8410 for Ed25519, RFC 9881 for ML-DSA-44 (the seed form of the private key).
const DER = {
  ed25519Public: Buffer.from('302a300506032b6570032100', 'hex'),
  ed25519Private: Buffer.from('302e020100300506032b657004220420', 'hex'),
  mldsa44Public: Buffer.from('30820532300b06096086480165030403110382052100', 'hex'),
  mldsa44Private: Buffer.from('3034020100300b060960864801650304031104228020', 'hex'),
}

const kept = new Map<string, KeyObject>()

/** The oldest key makes room; a key that cannot be parsed throws and is not kept. */
function publicKeyObject(prefix: Buffer, key: Uint8Array): KeyObject {
  const name = Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1')
  const known = kept.get(name)
  if (known !== undefined) return known
  const made = createPublicKey({ key: Buffer.concat([prefix, key]), format: 'der', type: 'spki' })
  if (kept.size >= PUBLIC_KEYS_KEPT_MAX) {
    const [oldest] = kept.keys()
    if (oldest !== undefined) kept.delete(oldest)
  }
  kept.set(name, made)
  return made
}

function privateKeyObject(prefix: Buffer, seed: Uint8Array): KeyObject {
  if (seed.length !== SEED_BYTES) throw new RangeError(`a seed is ${SEED_BYTES} bytes, not ${seed.length}`)
  return createPrivateKey({ key: Buffer.concat([prefix, seed]), format: 'der', type: 'pkcs8' })
}

function rawPublicKey(prefix: Buffer, seed: Uint8Array, length: number): Uint8Array {
  const der = createPublicKey(privateKeyObject(prefix, seed)).export({ format: 'der', type: 'spki' })
  return new Uint8Array(der.subarray(der.length - length))
}

function holds(prefix: Buffer, publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify(null, message, publicKeyObject(prefix, publicKey), signature)
  } catch {
    return false
  }
}

const SCRATCH = Buffer.alloc(512)

/** Bytes of a digest as a string of one character a byte: three times faster than having node:crypto allocate a buffer for each. */
function digestOf(input: Uint8Array): Uint8Array {
  const characters = hash('sha256', input, 'binary')
  const digest = new Uint8Array(32)
  for (let i = 0; i < 32; i++) digest[i] = characters.charCodeAt(i)
  return digest
}

export const nodePrimitives: Primitives & Signing = {
  sha256(...parts) {
    if (parts.length === 1) return digestOf(parts[0] as Uint8Array)
    let length = 0
    for (const part of parts) length += part.length
    if (length > SCRATCH.length) {
      const whole = createHash('sha256')
      for (const part of parts) whole.update(part)
      return new Uint8Array(whole.digest())
    }
    let at = 0
    for (const part of parts) {
      SCRATCH.set(part, at)
      at += part.length
    }
    return digestOf(SCRATCH.subarray(0, length))
  },
  hmacSha256(key, ...parts) {
    const mac = createHmac('sha256', key)
    for (const part of parts) mac.update(part)
    return new Uint8Array(mac.digest())
  },
  ed25519Verify(publicKey, message, signature) {
    if (signature.length !== ED25519_SIGNATURE_BYTES || !isStrictEd25519Key(publicKey)) return false
    return holds(DER.ed25519Public, publicKey, message, signature)
  },
  mldsa44Verify(publicKey, message, signature) {
    if (publicKey.length !== MLDSA44_KEY_BYTES || signature.length !== MLDSA44_SIGNATURE_BYTES) return false
    return holds(DER.mldsa44Public, publicKey, message, signature)
  },
  ed25519PublicKey: (seed) => rawPublicKey(DER.ed25519Private, seed, 32),
  ed25519Sign: (seed, message) => new Uint8Array(sign(null, message, privateKeyObject(DER.ed25519Private, seed))),
  mldsa44PublicKey: (seed) => rawPublicKey(DER.mldsa44Private, seed, MLDSA44_KEY_BYTES),
  mldsa44Sign: (seed, message) => new Uint8Array(sign(null, message, privateKeyObject(DER.mldsa44Private, seed))),
}
