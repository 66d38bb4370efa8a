// Cosignatures of checkpoints (C2SP tlog-cosignature): ML-DSA-44 over `subtree/v1`, which counts, and Ed25519 over `cosignature/v1`,
// which is verified and shown but never counts.

import { concat, readU64, u64, utf8 } from '../bytes/bytes.ts'
import type { Primitives, Signing } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { type Checkpoint, readTreeHead } from './tree-head.ts'
import { COSIGNER_NAME_BYTES_MAX, ED25519_COSIGNATURE, MLDSA44, noteKey, type NoteKey } from './vkey.ts'
import type { NoteSignature } from './note.ts'

const LABEL = utf8('subtree/v1\n\0')
const TIMESTAMP_BYTES = 8

export type CosignatureCode = 'cosignature/name' | 'cosignature/origin' | 'cosignature/timestamp' | 'cosignature/range'

/** Leaves `start` up to and without `end`, under `root`; for a checkpoint `start` is 0 and `end` the size. POSIX seconds. */
export interface Subtree {
  readonly cosigner: string
  readonly timestamp: number
  readonly origin: string
  readonly start: number
  readonly end: number
  readonly root: Uint8Array
}

/** The bytes under an ML-DSA-44 cosignature: `cosigned_message`. Throws a Refusal for what the structure cannot state. */
export function subtreeMessage({ cosigner, timestamp, origin, start, end, root }: Subtree): Uint8Array {
  if (!isCount(timestamp)) throw new Refusal<CosignatureCode>('cosignature/timestamp', `${timestamp} is no time in POSIX seconds`)
  if (!isCount(start) || !isCount(end) || start > end) throw new Refusal<CosignatureCode>('cosignature/range', `no leaves from ${start} to ${end}`)
  if (start !== 0 && timestamp !== 0) throw new Refusal<CosignatureCode>('cosignature/timestamp', 'a subtree that does not start at 0 has timestamp 0')
  const name = lengthPrefixed(cosigner)
  const log = lengthPrefixed(origin)
  if (name === undefined) throw new Refusal<CosignatureCode>('cosignature/name', `a cosigner's name has 1 to ${COSIGNER_NAME_BYTES_MAX} bytes`)
  if (log === undefined) throw new Refusal<CosignatureCode>('cosignature/origin', `a cosigned origin has 1 to ${COSIGNER_NAME_BYTES_MAX} bytes`)
  return concat(LABEL, name, u64(timestamp), log, u64(start), u64(end), root)
}

/**
 * A cosignature line over a whole checkpoint. `timestamp` is in POSIX seconds; 0 states nothing about the tree being the newest, and
 * neither witnesses, readers nor logs may give it.
 */
export function signCosignature(p: Primitives & Signing, checkpoint: Checkpoint, name: string, seed: Uint8Array, timestamp: number): NoteSignature {
  if (timestamp === 0) throw new Refusal<CosignatureCode>('cosignature/timestamp', 'a checkpoint is cosigned with its time, not with 0')
  const key = noteKey(p, name, MLDSA44, p.mldsa44PublicKey(seed))
  const { origin, size, root } = checkpoint
  const message = subtreeMessage({ cosigner: name, timestamp, origin, start: 0, end: size, root })
  return { name, id: key.id, signature: concat(u64(timestamp), p.mldsa44Sign(seed, message)) }
}

/** The time of a `timestamped_signature`, unverified; undefined where there is none or it lies beyond 2^53 - 1 seconds. */
export function timestampOf(signature: Uint8Array): number | undefined {
  return signature.length < TIMESTAMP_BYTES ? undefined : readU64(signature, 0)
}

/**
 * Whether `signature` (time and signature, as in the note line) is the key's cosignature of the whole checkpoint whose text this is.
 * A text with extension lines has no valid ML-DSA-44 cosignature: the signature would not cover them, so anyone could add one.
 * Never throws.
 */
export function verifyCosignature(p: Primitives, key: NoteKey, text: string, signature: Uint8Array): boolean {
  const timestamp = timestampOf(signature)
  const head = headOf(text)
  if (timestamp === undefined || head instanceof Refusal) return false
  const raw = signature.subarray(TIMESTAMP_BYTES)
  if (key.type === ED25519_COSIGNATURE) return p.ed25519Verify(key.publicKey, utf8(`cosignature/v1\ntime ${timestamp}\n${text}`), raw)
  if (key.type !== MLDSA44 || head.extensions.length > 0) return false
  if (lengthPrefixed(head.origin) === undefined || lengthPrefixed(key.name) === undefined) return false
  const message = subtreeMessage({ cosigner: key.name, timestamp, origin: head.origin, start: 0, end: head.size, root: head.root })
  return p.mldsa44Verify(key.publicKey, message, raw)
}

/** The last checkpoint that was asked for: all lines of a note are over one text. */
let last: { readonly text: string, readonly head: ReturnType<typeof readTreeHead> } | undefined

function headOf(text: string): ReturnType<typeof readTreeHead> {
  if (last?.text !== text) last = { text, head: readTreeHead(text) }
  return last.head
}

function lengthPrefixed(text: string): Uint8Array | undefined {
  const bytes = utf8(text)
  return bytes.length < 1 || bytes.length > COSIGNER_NAME_BYTES_MAX ? undefined : concat(Uint8Array.of(bytes.length), bytes)
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
