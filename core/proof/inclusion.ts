// Whether an entry stands where a verified checkpoint says: size and root are the checkpoint's, the leaf is hashed from the entry itself.

import { Breach } from '../bytes/breach.ts'
import { equal } from '../bytes/bytes.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { inclusionRanges, leafHash, rootFromInclusion } from './merkle.ts'
import type { Checkpoint } from './tree-head.ts'

export type InclusionBreachCode = 'inclusion/size-lie' | 'inclusion/index' | 'inclusion/path-length' | 'inclusion/root'

export interface EntryProof {
  readonly index: number
  readonly path: readonly Uint8Array[]
  /** A size that the proof states on its own is compared and never used: one path can fit several sizes. */
  readonly size?: number
}

/** Returns where the proof holds. `checkpoint` is verified already. Throws a Breach with entry, path, index and root otherwise. */
export function verifyEntry(p: Primitives, checkpoint: Checkpoint, proof: EntryProof, entry: Uint8Array): void {
  const { size, root, origin } = checkpoint
  const { index, path } = proof
  const breach = (code: InclusionBreachCode, message: string) => new Breach(code, message, { origin, size, root, index, path, entry })
  if (proof.size !== undefined && proof.size !== size) throw breach('inclusion/size-lie', `the proof states size ${proof.size}, the checkpoint ${size}`)
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) throw breach('inclusion/index', `a tree of ${size} entries has no entry ${index}`)
  const length = inclusionRanges(index, size).length
  if (path.length !== length) throw breach('inclusion/path-length', `the path of entry ${index} of ${size} has ${length} hashes, not ${path.length}`)
  const found = rootFromInclusion(p, { index, size, leafHash: leafHash(p, entry), path })
  if (found === undefined || !equal(found, root)) throw breach('inclusion/root', `the path leads from entry ${index} to another root`)
}
