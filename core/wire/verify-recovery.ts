// The find itself: the event that records it, bound in the asker's log before anybody was asked (DESIGN section 5, steps 1 and 7).
import { utf8 } from '../bytes/bytes.ts'
import { Breach } from '../bytes/breach.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { leafHash, rootFromInclusion } from '../proof/merkle.ts'
import { verifyTlogProof } from '../proof/tlog-proof.ts'
import { parseEvent, type CustodyEvent } from '../rules/custody-event.ts'
import { cosignedBy, type Cosigned } from './cosigned.ts'
import { boundEntry } from './entry.ts'
import { bytesOf } from './dossier.ts'
import { partyCheckpoint } from './party-checkpoint.ts'
import { bindDigest, eventLeaf } from './period.ts'
import type { BindingPath } from './trace-body.ts'
import type { PartyTrust, Trust } from './trust.ts'

export type RecoveryCode = 'recovery/path' | 'recovery/entry' | 'recovery/event'

export interface VerifiedRecovery {
  readonly event: CustodyEvent
  readonly leaf: Uint8Array
  readonly size: number
  readonly cosigned: Cosigned
  /** The tlog-proof's text and the entry that it is of. */
  readonly proof: string
  readonly entry: number
}

/** The bound entry that a leaf's path leads to: batch, then period, then entry. Throws a Breach where it leads nowhere. */
export function entryOfLeaf(p: Primitives, leaf: Uint8Array, path: BindingPath): Uint8Array {
  const climb = (entry: Uint8Array, step: { index: number, size: number, path: readonly string[] }) =>
    rootFromInclusion(p, { index: step.index, size: step.size, leafHash: leafHash(p, entry), path: step.path.map(bytesOf) })
  const digest = climb(leaf, path.batch)
  const root = digest === undefined ? undefined : climb(bindDigest(p, bytesOf(path.period.salt), digest), path.period)
  if (root === undefined) throw new Breach<RecoveryCode>('recovery/path', 'the path of the find does not fit its own sizes', { leaf })
  return boundEntry(root)
}

/** A leaf under a tlog-proof of the asker's log: the cosigners of the checkpoint that holds it. */
export function verifyBound(p: Primitives, trust: Trust, asker: PartyTrust, leaf: Uint8Array, path: BindingPath, proof: string, latest?: number): Omit<VerifiedRecovery, 'event' | 'leaf'> {
  const entry = entryOfLeaf(p, leaf, path)
  const { index, checkpoint } = verifyTlogProof(p, proof, entry, (note) => partyCheckpoint(p, trust, asker, note, asker.origin))
  if (index !== path.entry) throw new Breach<RecoveryCode>('recovery/entry', `the proof is of entry ${index}, the path leads to entry ${path.entry}`, { leaf })
  return { size: checkpoint.size, cosigned: cosignedBy(p, trust, checkpoint.note, 'witness', latest), proof, entry: index }
}

/** The event's canonical bytes with its salt give the leaf that was bound. */
export function readRecovery(p: Primitives, eventText: string, salt: Uint8Array): { readonly event: CustodyEvent, readonly leaf: Uint8Array } {
  const bytes = utf8(eventText)
  const event = parseEvent(bytes)
  if (event instanceof Refusal) throw new Refusal<RecoveryCode>('recovery/event', `the recorded find: ${event.message}`, event.at)
  return { event, leaf: eventLeaf(p, salt, bytes) }
}

