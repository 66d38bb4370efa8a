// Checkpoints as a party signs them: three lines under its two log keys, Ed25519 (type 01) and ML-DSA-44 (type 06), both needed
// (DESIGN section 4). A declaration's checkpoint has an origin of its own and is signed under the name of its party's log.

import { equal } from '../bytes/bytes.ts'
import { Breach } from '../bytes/breach.ts'
import type { Primitives, Signing } from '../bytes/primitives.ts'
import { signCosignature, timestampOf } from './cosignature.ts'
import { emptyRoot } from './merkle.ts'
import { formatNote, openNote, parseNote, signNote, type Note } from './note.ts'
import { type Checkpoint, formatCheckpoint, parseCheckpoint } from './tree-head.ts'
import { ED25519, MLDSA44, noteKey, type NoteKey } from './vkey.ts'

export type CheckpointBreachCode =
  | 'checkpoint/wrong-origin'
  | 'checkpoint/ed25519-missing'
  | 'checkpoint/mldsa44-missing'
  | 'checkpoint/timestamp-zero'
  | 'checkpoint/empty-root'

/** The two secrets of a log, 32-byte seeds, and the name that its signature lines carry: the log's origin. */
export interface LogSecrets {
  readonly name: string
  readonly ed25519Seed: Uint8Array
  readonly mldsa44Seed: Uint8Array
}

export interface LogKeys {
  readonly ed25519: NoteKey
  readonly mldsa44: NoteKey
}

/** A checkpoint whose two log signatures hold. `timestamp` is the ML-DSA-44 signature's, in POSIX seconds. */
export interface SignedCheckpoint extends Checkpoint {
  readonly timestamp: number
  readonly note: Note
}

/** The keys of a log from its name and raw public keys. Throws a Refusal for a bad name or length. */
export function logKeys(p: Primitives, name: string, ed25519PublicKey: Uint8Array, mldsa44PublicKey: Uint8Array): LogKeys {
  return { ed25519: noteKey(p, name, ED25519, ed25519PublicKey), mldsa44: noteKey(p, name, MLDSA44, mldsa44PublicKey) }
}

export function logKeysOf(p: Primitives & Signing, secrets: LogSecrets): LogKeys {
  return logKeys(p, secrets.name, p.ed25519PublicKey(secrets.ed25519Seed), p.mldsa44PublicKey(secrets.mldsa44Seed))
}

/** The signed note. `timestamp` in POSIX seconds, above 0. Throws a Refusal for values that cannot be stated. */
export function signCheckpoint(p: Primitives & Signing, checkpoint: Checkpoint, secrets: LogSecrets, timestamp: number): string {
  const text = formatCheckpoint(checkpoint)
  const ed25519 = signNote(p, text, secrets.name, secrets.ed25519Seed)
  const mldsa44 = signCosignature(p, checkpoint, secrets.name, secrets.mldsa44Seed, timestamp)
  return formatNote({ text, signatures: [ed25519, mldsa44] })
}

/**
 * Demands exactly three lines, the origin given, a valid line of each of the two log keys with a time above 0, and of an empty tree
 * the empty root. Lines of others are ignored. Throws a Refusal for form, a Breach with the note for everything else.
 */
export function verifyLogCheckpoint(p: Primitives, note: Note | Uint8Array | string, origin: string, keys: LogKeys): SignedCheckpoint {
  const parsed = typeof note === 'string' || note instanceof Uint8Array ? parseNote(note, p.bytesOf64) : note
  const checkpoint = parseCheckpoint(parsed.text)
  const { known } = openNote(p, parsed, [keys.ed25519, keys.mldsa44])
  const breach = (code: CheckpointBreachCode, message: string) => new Breach(code, message, { note: formatNote(parsed), origin })
  if (checkpoint.origin !== origin) throw breach('checkpoint/wrong-origin', `the checkpoint is of ${checkpoint.origin}, not of ${origin}`)
  if (!known.some(({ key }) => key.type === ED25519)) throw breach('checkpoint/ed25519-missing', `the Ed25519 line of ${keys.ed25519.name} is missing`)
  const timestamps = known.flatMap(({ key, signature }) => (key.type === MLDSA44 ? [timestampOf(signature) ?? 0] : []))
  const [timestamp] = timestamps
  if (timestamp === undefined) throw breach('checkpoint/mldsa44-missing', `the ML-DSA-44 line of ${keys.mldsa44.name} is missing`)
  if (timestamps.includes(0)) throw breach('checkpoint/timestamp-zero', `the ML-DSA-44 line of ${keys.mldsa44.name} has the time 0`)
  if (checkpoint.size === 0 && !equal(checkpoint.root, emptyRoot(p))) throw breach('checkpoint/empty-root', 'a tree without leaves has another root')
  return { ...checkpoint, timestamp, note: parsed }
}
