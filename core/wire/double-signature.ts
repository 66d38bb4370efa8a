// Two signatures under one roof, Ed25519 and ML-DSA-44, over a domain line and bytes: both must verify. Key records, messages and dossiers
// are signed so; checkpoints have their own form (C2SP).
import { concat, toBase64, utf8 } from '../bytes/bytes.ts'
import type { Primitives, Signing } from '../bytes/primitives.ts'
import { base64, object, type Shaped } from '../bytes/shape.ts'

export const ED25519_KEY_BYTES = 32
export const ED25519_SIGNATURE_BYTES = 64
export const MLDSA44_KEY_BYTES = 1312
export const MLDSA44_SIGNATURE_BYTES = 2420

/** Public keys, base64. */
export const doubleKeys = object({ ed25519: base64(ED25519_KEY_BYTES), mldsa44: base64(MLDSA44_KEY_BYTES) })
export type DoubleKeys = Shaped<typeof doubleKeys>

/** Signatures, base64. */
export const doubleSignature = object({ ed25519: base64(ED25519_SIGNATURE_BYTES), mldsa44: base64(MLDSA44_SIGNATURE_BYTES) })
export type DoubleSignature = Shaped<typeof doubleSignature>

/** Seeds of 32 bytes. */
export type DoubleSeeds = { readonly ed25519: Uint8Array, readonly mldsa44: Uint8Array }

export function doubleKeysOf(s: Signing, seeds: DoubleSeeds): DoubleKeys {
  return { ed25519: toBase64(s.ed25519PublicKey(seeds.ed25519)), mldsa44: toBase64(s.mldsa44PublicKey(seeds.mldsa44)) }
}

/** Signs `domain ‖ bytes`; `domain` is a line such as "muster/message/v1\n". */
export function signDouble(s: Signing, seeds: DoubleSeeds, domain: string, bytes: Uint8Array): DoubleSignature {
  const signed = concat(utf8(domain), bytes)
  return { ed25519: toBase64(s.ed25519Sign(seeds.ed25519, signed)), mldsa44: toBase64(s.mldsa44Sign(seeds.mldsa44, signed)) }
}

/** The algorithm whose signature fails, undefined where both verify. Keys and signatures have passed their shapes. */
export function failingSignature(
  p: Primitives, keys: DoubleKeys, domain: string, bytes: Uint8Array, signature: DoubleSignature,
): 'ed25519' | 'mldsa44' | undefined {
  const signed = concat(utf8(domain), bytes)
  if (!p.ed25519Verify(decoded(p, keys.ed25519), signed, decoded(p, signature.ed25519))) return 'ed25519'
  if (!p.mldsa44Verify(decoded(p, keys.mldsa44), signed, decoded(p, signature.mldsa44))) return 'mldsa44'
  return undefined
}

function decoded(p: Primitives, text: string): Uint8Array {
  return p.bytesOf64(text) ?? new Uint8Array(0)
}
