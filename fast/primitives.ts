// Primitives from node:crypto (OpenSSL), with the verdicts of core's noble ones. ML-DSA signing is hedged with the system's randomness,
// so two signatures of one message differ.

import { promisify } from 'node:util'
import { createHash, createHmac, createPrivateKey, createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto'
import { ED25519_SIGNATURE_BYTES, isStrictEd25519Key } from '@muster/core/bytes/ed25519-key.ts'
import type { Primitives, Signing } from '@muster/core/bytes/primitives.ts'

const signLater = promisify<null, Uint8Array, KeyObject, Buffer>(sign)
const verifyLater = promisify<null, Uint8Array, KeyObject, Uint8Array, boolean>(verify)
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
  makeRoom(kept, PUBLIC_KEYS_KEPT_MAX)
  kept.set(name, made)
  return made
}

/** Private keys kept parsed, by a hash of algorithm and seed: expanding a seed of ML-DSA-44 costs a third of a signature. A party signs with three. */
const keptPrivate = new Map<string, KeyObject>()
const PRIVATE_KEYS_KEPT_MAX = 32

function privateKeyObject(prefix: Buffer, seed: Uint8Array): KeyObject {
  if (seed.length !== SEED_BYTES) throw new RangeError(`a seed is ${SEED_BYTES} bytes, not ${seed.length}`)
  const der = Buffer.concat([prefix, seed])
  const name = hash('sha256', der, 'binary')
  const known = keptPrivate.get(name)
  if (known !== undefined) return known
  const made = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  makeRoom(keptPrivate, PRIVATE_KEYS_KEPT_MAX)
  keptPrivate.set(name, made)
  return made
}

/** The oldest goes. */
function makeRoom(held: Map<string, unknown> | Set<string>, max: number): void {
  if (held.size < max) return
  for (const oldest of held.keys()) {
    held.delete(oldest)
    return
  }
}

/** Public keys by their private one: a signature names its key each time. */
const keptPublic = new WeakMap<KeyObject, Uint8Array>()

function rawPublicKey(prefix: Buffer, seed: Uint8Array, length: number): Uint8Array {
  const key = privateKeyObject(prefix, seed)
  let raw = keptPublic.get(key)
  if (raw === undefined) {
    const der = createPublicKey(key).export({ format: 'der', type: 'spki' })
    raw = new Uint8Array(der.subarray(der.length - length))
    keptPublic.set(key, raw)
  }
  return raw.slice()
}

/**
 * Signatures that held, by a hash of algorithm, key, signature and message: the same three hold again, at a fiftieth of the cost. A trace
 * meets each message when it comes and once more in its evidence, and one checkpoint under many finds. What failed is never kept.
 */
const held = new Set<string>()
const SIGNATURES_KEPT_MAX = 8_192
/** A longer message costs more to hash than is saved. */
const KEPT_MESSAGE_BYTES_MAX = 65_536

/** Prefix, key and signature have one length for each algorithm, so that no two triples are joined to the same bytes. */
function nameOf(prefix: Buffer, publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): string | undefined {
  return message.length > KEPT_MESSAGE_BYTES_MAX ? undefined : hash('sha256', Buffer.concat([prefix, publicKey, signature, message]), 'binary')
}

function keep(name: string | undefined): void {
  if (name === undefined) return
  makeRoom(held, SIGNATURES_KEPT_MAX)
  held.add(name)
}

function holds(prefix: Buffer, publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const name = nameOf(prefix, publicKey, message, signature)
  if (name !== undefined && held.has(name)) return true
  try {
    const verdict = verify(null, message, publicKeyObject(prefix, publicKey), signature)
    if (verdict) keep(name)
    return verdict
  } catch {
    return false
  }
}

/** Inputs in several parts up to this length are joined here: events with their salts, messages, entries. */
const SCRATCH = Buffer.alloc(131_072)
const HMAC_BLOCK_BYTES = 64
const DIGEST_BYTES = 32

/** Bytes of a digest as a string of one character a byte: three times faster than having node:crypto allocate a buffer for each. */
function digestOf(input: Uint8Array): Uint8Array {
  const characters = hash('sha256', input, 'binary')
  const digest = new Uint8Array(DIGEST_BYTES)
  for (let i = 0; i < DIGEST_BYTES; i++) digest[i] = characters.charCodeAt(i)
  return digest
}

/** The beginning of the scratch, by length: making a view costs a tenth of hashing it. */
const VIEWS: (Buffer | undefined)[] = []
const VIEW_BYTES_MAX = 1_024

function scratch(end: number): Buffer {
  if (end > VIEW_BYTES_MAX) return SCRATCH.subarray(0, end)
  return VIEWS[end] ??= SCRATCH.subarray(0, end)
}

/** The parts joined in the scratch from `at` on, and where they end; undefined where there is no room for them. */
function joined(parts: readonly Uint8Array[], at: number): number | undefined {
  let end = at
  for (const part of parts) {
    if (end + part.length > SCRATCH.length) return undefined
    SCRATCH.set(part, end)
    end += part.length
  }
  return end
}

/** A block of RFC 2104: the key with its pad, at the beginning of the scratch. */
function padKey(key: Uint8Array, pad: number): void {
  SCRATCH.fill(pad, 0, HMAC_BLOCK_BYTES)
  for (let i = 0; i < key.length; i++) SCRATCH[i] = pad ^ (key[i] as number)
}

/** Nothing of a key or of what was signed with it stays in the scratch. */
function wiped<T>(result: T, end: number): T {
  SCRATCH.fill(0, 0, end)
  return result
}

const UTF8 = new TextEncoder()
const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export const nodePrimitives: Primitives & Signing = {
  sha256(...parts) {
    if (parts.length === 1) return digestOf(parts[0] as Uint8Array)
    const end = joined(parts, 0)
    if (end !== undefined) return digestOf(scratch(end))
    const whole = createHash('sha256')
    for (const part of parts) whole.update(part)
    return new Uint8Array(whole.digest())
  },
  /** Two plain hashes: an Hmac object of node:crypto costs ten times as much. */
  hmacSha256(key, ...parts) {
    const block = key.length > HMAC_BLOCK_BYTES ? digestOf(key) : key
    const end = joined(parts, HMAC_BLOCK_BYTES)
    if (end === undefined) {
      const mac = createHmac('sha256', key)
      for (const part of parts) mac.update(part)
      return new Uint8Array(mac.digest())
    }
    padKey(block, 0x36)
    SCRATCH.write(hash('sha256', scratch(end), 'binary'), HMAC_BLOCK_BYTES, DIGEST_BYTES, 'latin1')
    padKey(block, 0x5c)
    return wiped(digestOf(scratch(HMAC_BLOCK_BYTES + DIGEST_BYTES)), Math.max(end, HMAC_BLOCK_BYTES + DIGEST_BYTES))
  },
  ed25519Verify(publicKey, message, signature) {
    if (signature.length !== ED25519_SIGNATURE_BYTES || !isStrictEd25519Key(publicKey)) return false
    return holds(DER.ed25519Public, publicKey, message, signature)
  },
  mldsa44Verify(publicKey, message, signature) {
    if (publicKey.length !== MLDSA44_KEY_BYTES || signature.length !== MLDSA44_SIGNATURE_BYTES) return false
    return holds(DER.mldsa44Public, publicKey, message, signature)
  },
  utf8(text) {
    if (!text.isWellFormed()) throw new RangeError('a lone surrogate has no UTF-8 form')
    return UTF8.encode(text)
  },
  bytesOf64(text) {
    const bytes = Buffer.from(text, 'base64')
    // The decoder passes over whatever is no base64: what it took must be written just so.
    return bytes.toString('base64') === text ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length) : undefined
  },
  textOf(bytes) {
    try {
      return STRICT.decode(bytes)
    } catch {
      return undefined
    }
  },
  ed25519PublicKey: (seed) => rawPublicKey(DER.ed25519Private, seed, 32),
  ed25519Sign: (seed, message) => new Uint8Array(sign(null, message, privateKeyObject(DER.ed25519Private, seed))),
  mldsa44PublicKey: (seed) => rawPublicKey(DER.mldsa44Private, seed, MLDSA44_KEY_BYTES),
  mldsa44Sign: (seed, message) => new Uint8Array(sign(null, message, privateKeyObject(DER.mldsa44Private, seed))),
}

/**
 * Ed25519 and ML-DSA-44 over the same bytes, in the runtime's own threads: a signature of ML-DSA takes as long as all else that a message
 * costs, and two processors sign two at once. Seeds of 32 bytes.
 */
export async function signBeside(seeds: { readonly ed25519: Uint8Array, readonly mldsa44: Uint8Array }, message: Uint8Array): Promise<{ readonly ed25519: Uint8Array, readonly mldsa44: Uint8Array }> {
  const [ed25519, mldsa44] = await Promise.all([signLater(null, message, privateKeyObject(DER.ed25519Private, seeds.ed25519)), signLater(null, message, privateKeyObject(DER.mldsa44Private, seeds.mldsa44))])
  return { ed25519: new Uint8Array(ed25519), mldsa44: new Uint8Array(mldsa44) }
}

/**
 * Both signatures over the same bytes, verified in the runtime's own threads and kept where they hold: whoever asks for them next has the verdict at once. What
 * does not hold, or is no key or signature at all, is left to whoever asks.
 */
export async function verifyBeside(keys: { readonly ed25519: Uint8Array, readonly mldsa44: Uint8Array }, message: Uint8Array, signatures: { readonly ed25519: Uint8Array, readonly mldsa44: Uint8Array }): Promise<void> {
  const one = async (prefix: Buffer, publicKey: Uint8Array, signature: Uint8Array): Promise<void> => {
    const name = nameOf(prefix, publicKey, message, signature)
    if (name === undefined || held.has(name)) return
    if (await verifyLater(null, message, publicKeyObject(prefix, publicKey), signature)) keep(name)
  }
  const { ed25519, mldsa44 } = signatures
  if (ed25519.length !== ED25519_SIGNATURE_BYTES || !isStrictEd25519Key(keys.ed25519) || mldsa44.length !== MLDSA44_SIGNATURE_BYTES || keys.mldsa44.length !== MLDSA44_KEY_BYTES) return
  await Promise.allSettled([one(DER.ed25519Public, keys.ed25519, ed25519), one(DER.mldsa44Public, keys.mldsa44, mldsa44)])
}
