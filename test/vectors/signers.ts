// The logs and cosigners of the vectors: every secret follows from its name, every signature is deterministic.

import { concat, u64, utf8 } from '@muster/core/bytes/bytes.ts'
import { noble as p } from '@muster/core/bytes/noble.ts'
import { logKeysOf, type LogKeys, type LogSecrets } from '@muster/core/proof/checkpoint.ts'
import { subtreeMessage } from '@muster/core/proof/cosignature.ts'
import { inclusionPath, leafHash, rootOf } from '@muster/core/proof/merkle.ts'
import type { NoteSignature } from '@muster/core/proof/note.ts'
import type { Checkpoint } from '@muster/core/proof/tree-head.ts'
import { MLDSA44, noteKey, type NoteKey } from '@muster/core/proof/vkey.ts'

/** POSIX seconds. */
export const TIME = 1_790_000_000
export const LOG = 'qx.example/muster/exercise'

export function secretOf(name: string): Uint8Array {
  return p.sha256(utf8(`muster vectors, not a secret: ${name}`))
}

export function logSecrets(name: string): LogSecrets {
  return { name, ed25519Seed: secretOf(`${name} ed25519`), mldsa44Seed: secretOf(`${name} ml-dsa-44`) }
}

export function keysOf(name: string): LogKeys {
  return logKeysOf(p, logSecrets(name))
}

export function cosignerKey(name: string, secret = secretOf(name)): NoteKey {
  return noteKey(p, name, MLDSA44, p.mldsa44PublicKey(secret))
}

/** Any `subtree/v1` line, also one that an honest cosigner never makes. */
export function cosignatureLine(checkpoint: Checkpoint, name: string, timestamp: number, start = 0, secret = secretOf(name)): NoteSignature {
  const { origin, size, root } = checkpoint
  const message = subtreeMessage({ cosigner: name, timestamp, origin, start, end: size, root })
  return { name, id: cosignerKey(name, secret).id, signature: concat(u64(timestamp), p.mldsa44Sign(secret, message)) }
}

/** A log of `size` entries, "entry 0" and so on. */
export function grown(size: number): { entries: Uint8Array[]; leaves: Uint8Array[]; root: Uint8Array; pathTo: (index: number) => Uint8Array[] } {
  const entries = Array.from({ length: size }, (_, i) => utf8(`entry ${i}`))
  const leaves = entries.map((entry) => leafHash(p, entry))
  return { entries, leaves, root: rootOf(p, leaves), pathTo: (index) => inclusionPath(p, leaves, index) }
}
