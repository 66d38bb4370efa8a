// Who has cosigned a checkpoint. A cosigner is counted once however often its line stands there, with an ML-DSA-44 signature and a
// time; Ed25519 cosignatures are verified and shown, and never count (DESIGN section 4).

import { toHex } from '../bytes/bytes.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { timestampOf } from './cosignature.ts'
import { knownSignatures, parseNote, type Note } from './note.ts'
import { parseCheckpoint } from './tree-head.ts'
import { ED25519, MLDSA44, type NoteKey } from './vkey.ts'

export type CosignersCode = 'cosigners/duplicate-key'

/** Why a verified line is shown and not counted; `repeated`: the same name is counted already. */
export type Uncounted = 'ed25519' | 'timestamp-zero' | 'repeated'

export interface CosignerLine {
  readonly key: NoteKey
  /** POSIX seconds; 0 for a plain Ed25519 signature, which states no time. */
  readonly timestamp: number
  readonly uncounted: Uncounted | undefined
}

export interface CosignerCount {
  /** Distinct names that count, in the order of the note: the k of "k of n". */
  readonly names: readonly string[]
  /** Every verified line of a known cosigner. */
  readonly lines: readonly CosignerLine[]
}

/**
 * Counts the cosigners among `cosigners`; the log's own signatures are `verifyLogCheckpoint`'s to check. Whose statement a key makes,
 * a witness's or a reader's, is settled by the list alone: give the keys of one kind. Throws a Refusal for a text that is not exactly
 * a checkpoint and for a list in which one public key stands twice, a Breach where a known cosigner's line does not verify.
 */
export function countCosigners(p: Primitives, note: Note | Uint8Array | string, cosigners: readonly NoteKey[]): CosignerCount {
  const parsed = typeof note === 'string' || note instanceof Uint8Array ? parseNote(note, p.bytesOf64) : note
  parseCheckpoint(parsed.text)
  demandDistinctKeys(p, cosigners)
  const names = new Set<string>()
  const lines = knownSignatures(p, parsed, cosigners).map(({ key, signature }): CosignerLine => {
    const timestamp = key.type === ED25519 ? 0 : (timestampOf(signature) ?? 0)
    const uncounted = key.type !== MLDSA44 ? 'ed25519' : timestamp === 0 ? 'timestamp-zero' : names.has(key.name) ? 'repeated' : undefined
    if (uncounted === undefined) names.add(key.name)
    return { key, timestamp, uncounted }
  })
  return { names: [...names], lines }
}

/** Lists that were looked through already: one list serves every checkpoint of an agreement. */
const distinct = new WeakSet<readonly NoteKey[]>()

/** One machine behind two names would count as two. */
function demandDistinctKeys(p: Primitives, cosigners: readonly NoteKey[]): void {
  if (distinct.has(cosigners)) return
  const seen = new Map<string, string>()
  for (const { name, publicKey } of cosigners) {
    const key = toHex(p.sha256(publicKey))
    const other = seen.get(key)
    if (other !== undefined) throw new Refusal<CosignersCode>('cosigners/duplicate-key', `${other} and ${name} have the same public key; list it once`)
    seen.set(key, name)
  }
  distinct.add(cosigners)
}
