// Presence and absence of a label in a sorted declaration (DESIGN section 4). Present is an inclusion proof; absent is two of them, at
// i and i + 1, around the label. Size and root come from a checkpoint that the caller verified, never from the proof, and a proof
// carries entries of 64 bytes, never leaf hashes: an inner hash must not pass for a leaf. That no entry hides between two neighbours
// follows from the order, which every reader checked before it cosigned.

import { compare, equal } from '../bytes/bytes.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { ENTRY_BYTES, firstSentinel, LABEL_BYTES, lastSentinel } from './leaf.ts'
import { leafHash, verifyInclusion } from './merkle.ts'

/** What a verified checkpoint of a declaration says. */
export interface DeclarationTree {
  readonly size: number
  readonly root: Uint8Array
}

export interface PresentProof {
  readonly index: number
  readonly entry: Uint8Array
  readonly path: readonly Uint8Array[]
}

/** The entries at `index` and `index` + 1, and the path of each. */
export interface AbsentProof {
  readonly index: number
  readonly entries: readonly [Uint8Array, Uint8Array]
  readonly paths: readonly [readonly Uint8Array[], readonly Uint8Array[]]
}

export type LookupProblem =
  /** The label asked for is not 32 bytes, or is that of a sentinel. */
  | 'label'
  /** An entry is not 64 bytes: shortened, lengthened, or a leaf hash in its place. */
  | 'entry-size'
  /** The index is not a whole number whose entries all lie inside the checkpoint's size. */
  | 'index'
  /** The entry at the first or the last place is not the sentinel, or a sentinel stands elsewhere. */
  | 'sentinel'
  /** The entry shown has another label. */
  | 'other-label'
  /** The label is one of its own neighbours, so it is declared. */
  | 'equal-to-neighbour'
  /** The label does not lie between the two entries. */
  | 'not-between'
  /** A path does not lead from its entry at its index to the checkpoint's root. */
  | 'path'

/** Undefined when the label is in the declaration with that entry; otherwise what is wrong with the proof. */
export function verifyPresent(p: Primitives, tree: DeclarationTree, label: Uint8Array, proof: PresentProof): LookupProblem | undefined {
  if (!isAskable(label)) return 'label'
  if (proof.entry.length !== ENTRY_BYTES) return 'entry-size'
  if (!equal(proof.entry.subarray(0, LABEL_BYTES), label)) return 'other-label'
  return verifyEntry(p, tree, proof)
}

/** The entry at one index of the declaration, sentinels included. */
export function verifyEntry(p: Primitives, tree: DeclarationTree, proof: PresentProof): LookupProblem | undefined {
  if (proof.entry.length !== ENTRY_BYTES) return 'entry-size'
  if (!isIndex(proof.index, tree.size)) return 'index'
  if (!sentinelsStand(proof.entry, proof.index, tree.size)) return 'sentinel'
  const inclusion = { index: proof.index, size: tree.size, leafHash: leafHash(p, proof.entry), root: tree.root, path: proof.path }
  return verifyInclusion(p, inclusion) ? undefined : 'path'
}

/** Undefined when the label is not in the declaration; otherwise what is wrong with the proof. */
export function verifyAbsent(p: Primitives, tree: DeclarationTree, label: Uint8Array, proof: AbsentProof): LookupProblem | undefined {
  if (!isAskable(label)) return 'label'
  const [before, after] = proof.entries
  if (before.length !== ENTRY_BYTES || after.length !== ENTRY_BYTES) return 'entry-size'
  if (!isIndex(proof.index, tree.size - 1)) return 'index'
  const below = compare(before.subarray(0, LABEL_BYTES), label)
  const above = compare(label, after.subarray(0, LABEL_BYTES))
  if (below === 0 || above === 0) return 'equal-to-neighbour'
  if (below > 0 || above > 0) return 'not-between'
  return (
    verifyEntry(p, tree, { index: proof.index, entry: before, path: proof.paths[0] }) ??
    verifyEntry(p, tree, { index: proof.index + 1, entry: after, path: proof.paths[1] })
  )
}

function isAskable(label: Uint8Array): boolean {
  return label.length === LABEL_BYTES && label.some((byte) => byte !== 0) && label.some((byte) => byte !== 0xff)
}

function isIndex(index: number, end: number): boolean {
  return Number.isSafeInteger(index) && index >= 0 && index < end
}

/** An entry is the first sentinel exactly at index 0 and the last one exactly at size - 1. */
function sentinelsStand(entry: Uint8Array, index: number, size: number): boolean {
  return equal(entry, firstSentinel()) === (index === 0) && equal(entry, lastSentinel()) === (index === size - 1)
}
