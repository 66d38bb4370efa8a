// Verifier keys of signed notes (C2SP signed-note, "Verifier keys"): `<name>+<key ID in hex>+<base64 of type and public key>`.

import { concat, fromBase64, fromHex, toBase64, utf8 } from '../bytes/bytes.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'

export const ED25519 = 0x01
export const ED25519_COSIGNATURE = 0x04
export const MLDSA44 = 0x06
export type KeyType = typeof ED25519 | typeof ED25519_COSIGNATURE | typeof MLDSA44

/** An ML-DSA-44 cosignature commits to the signer's name behind a length of one byte. */
export const COSIGNER_NAME_BYTES_MAX = 255

const PUBLIC_KEY_BYTES: Record<KeyType, number> = { [ED25519]: 32, [ED25519_COSIGNATURE]: 32, [MLDSA44]: 1312 }
const NEWLINE = Uint8Array.of(0x0a)

export type VkeyCode = 'vkey/form' | 'vkey/name' | 'vkey/type' | 'vkey/length' | 'vkey/id'

/** A key that notes may be signed with; `id` is the four bytes of the key ID read big-endian. */
export interface NoteKey {
  readonly name: string
  readonly type: KeyType
  readonly publicKey: Uint8Array
  readonly id: number
}

// White space as Unicode has it (property White_Space), spelled out so that no runtime's tables decide.
const SPACE = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/

/** Non-empty, well-formed, without white space, plus or control characters. */
export function isKeyName(name: string): boolean {
  return name !== '' && name.isWellFormed() && !SPACE.test(name) && !name.includes('+') && !hasControl(name)
}

/** True where the text holds a character below U+0020 other than newline. */
export function hasControl(text: string): boolean {
  return /[\u0000-\u0009\u000b-\u001f]/.test(text)
}

/** SHA-256(name ‖ 0A ‖ type ‖ public key), its first four bytes as a number. */
function keyId(p: Primitives, name: string, type: KeyType, publicKey: Uint8Array): number {
  const hash = p.sha256(utf8(name), NEWLINE, Uint8Array.of(type), publicKey)
  return new DataView(hash.buffer, hash.byteOffset).getUint32(0)
}

/** Throws a Refusal for a bad name or a public key of the wrong length. */
export function noteKey(p: Primitives, name: string, type: KeyType, publicKey: Uint8Array): NoteKey {
  if (!isKeyName(name)) throw new Refusal<VkeyCode>('vkey/name', `${JSON.stringify(name)} is no key name: it must be non-empty, without spaces and plus signs`)
  if (type === MLDSA44 && utf8(name).length > COSIGNER_NAME_BYTES_MAX) {
    throw new Refusal<VkeyCode>('vkey/name', `the name of an ML-DSA-44 key has at most ${COSIGNER_NAME_BYTES_MAX} bytes`)
  }
  if (publicKey.length !== PUBLIC_KEY_BYTES[type]) {
    throw new Refusal<VkeyCode>('vkey/length', `a public key of type ${type} has ${PUBLIC_KEY_BYTES[type]} bytes, not ${publicKey.length}`)
  }
  return { name, type, publicKey, id: keyId(p, name, type, publicKey) }
}

/** Types 01, 04 and 06, canonical hex and base64, and the key ID that follows from the rest; throws a Refusal otherwise. */
export function parseVkey(p: Primitives, text: string): NoteKey {
  const match = /^([^+]+)\+([0-9a-f]{8})\+([^\n]+)$/.exec(text)
  const material = match === null ? undefined : fromBase64(match[3] as string)
  if (match === null || material === undefined) throw new Refusal<VkeyCode>('vkey/form', 'a verifier key reads <name>+<8 hex digits>+<base64>')
  const type = material[0]
  if (type !== ED25519 && type !== ED25519_COSIGNATURE && type !== MLDSA44) {
    throw new Refusal<VkeyCode>('vkey/type', `key type ${type ?? 'missing'} is not known; known are 1, 4 and 6`)
  }
  const key = noteKey(p, match[1] as string, type, material.slice(1))
  if (idHex(key.id) !== match[2]) throw new Refusal<VkeyCode>('vkey/id', `the key ID is ${match[2] as string}, but name and key give ${idHex(key.id)}`)
  return key
}

export function formatVkey(key: NoteKey): string {
  return `${key.name}+${idHex(key.id)}+${toBase64(concat(Uint8Array.of(key.type), key.publicKey))}`
}

export function idBytes(id: number): Uint8Array {
  return fromHex(idHex(id)) as Uint8Array
}

function idHex(id: number): string {
  return id.toString(16).padStart(8, '0')
}
