// What one period adds to a log (DESIGN section 4, spec/entry.md): the root of a small tree over salted hashes, one tree for the batches of
// custody events and one for messages. Trees are padded to a power of two of at least 256 and their leaves sorted, so that neither size nor
// place tells how much a party did; without events there is a tree of padding.
import { compare, equal, fromBase64, fromHex, toBase64, toHex, utf8 } from '../bytes/bytes.ts'
import type { Primitives } from '../bytes/primitives.ts'
import type { Refusal } from '../bytes/refusal.ts'
import { base64, hex, integer, list, object, verbatim, type Shaped } from '../bytes/shape.ts'
import { shapedJson, type JsonCode } from '../bytes/shaped-json.ts'
import { inclusionPath, leafHash, rootFromInclusion, rootOf } from '../proof/merkle.ts'
import { boundEntry } from './entry.ts'

export const PERIOD_LEAVES_MIN = 256
export const PERIOD_LEAVES_MAX = 1_048_576
export const SALT_BYTES = 32
export const DIGEST_BYTES = 32

const BOUND_DOMAIN = utf8('muster/bound/v1\n')
const EVENT_DOMAIN = utf8('muster/event/v1\n')

/** The binding of one 32-byte digest: SHA-256("muster/bound/v1\n" ‖ salt ‖ digest). Throws RangeError for other lengths. */
export function bindDigest(p: Primitives, salt: Uint8Array, digest: Uint8Array): Uint8Array {
  demand(salt, 'salt')
  demand(digest, 'digest')
  return p.sha256(BOUND_DOMAIN, salt, digest)
}

/** One event of a batch: SHA-256("muster/event/v1\n" ‖ salt ‖ canonical bytes of the event). */
export function eventLeaf(p: Primitives, salt: Uint8Array, eventBytes: Uint8Array): Uint8Array {
  demand(salt, 'salt')
  return p.sha256(EVENT_DOMAIN, salt, eventBytes)
}

/** The digest of a batch of events: the RFC 6962 root over their leaves, in the batch's order, as entries. */
export function batchDigest(p: Primitives, leaves: readonly Uint8Array[]): Uint8Array {
  return rootOf(p, leaves.map((leaf) => leafHash(p, leaf)))
}

/** How many leaves a tree of `bindings` real ones has: the next power of two, at least 256. Throws RangeError beyond 2^20. */
export function periodSize(bindings: number): number {
  if (bindings > PERIOD_LEAVES_MAX) throw new RangeError(`a period binds at most ${PERIOD_LEAVES_MAX} digests, not ${bindings}: close it earlier`)
  let size = PERIOD_LEAVES_MIN
  while (size < bindings) size *= 2
  return size
}

/** The leaves in their order, ascending as bytes, and the root. `padding`: random 32-byte values, exactly `periodSize(n) − n` of them. */
export type PeriodTree = { readonly leaves: readonly Uint8Array[], readonly root: Uint8Array }

export function periodTree(p: Primitives, bindings: readonly Uint8Array[], padding: readonly Uint8Array[]): PeriodTree {
  const size = periodSize(bindings.length)
  if (bindings.length + padding.length !== size) throw new RangeError(`${bindings.length} bindings take ${size - bindings.length} leaves of padding, not ${padding.length}`)
  const leaves = [...bindings, ...padding].sort(compare)
  leaves.forEach((leaf, i) => {
    demand(leaf, 'leaf')
    if (i > 0 && equal(leaf, leaves[i - 1] as Uint8Array)) throw new RangeError('two equal leaves in a period: a salt was used twice')
  })
  return { leaves, root: rootOf(p, leaves.map((leaf) => leafHash(p, leaf))) }
}

/** Place and path of one binding; undefined where the tree does not hold it. */
export function periodPath(p: Primitives, tree: PeriodTree, binding: Uint8Array): { readonly index: number, readonly path: readonly Uint8Array[] } | undefined {
  const index = tree.leaves.findIndex((leaf) => equal(leaf, binding))
  return index < 0 ? undefined : { index, path: inclusionPath(p, tree.leaves.map((leaf) => leafHash(p, leaf)), index) }
}

/** Of a tree of 2^20 leaves. */
const PERIOD_PATH_HASHES_MAX = 20
/** A path in the period's tree, and a tlog-proof with the cosignatures of 250 parties. */
export const PERIOD_PROOF_BYTES_MAX = 1_048_576

export const proofShape = object({
  /** 32 bytes in hex. */
  salt: hex(SALT_BYTES),
  index: integer(0, PERIOD_LEAVES_MAX - 1),
  size: integer(PERIOD_LEAVES_MIN, PERIOD_LEAVES_MAX),
  /** Hashes in base64. */
  path: list(base64(DIGEST_BYTES), 0, PERIOD_PATH_HASHES_MAX),
  entryIndex: integer(0, Number.MAX_SAFE_INTEGER),
  tlogProof: verbatim(PERIOD_PROOF_BYTES_MAX),
})

/** That a digest was bound in a log: the path in the period's tree, and the tlog-proof of the entry that holds the tree's root. */
export type PeriodProof = Shaped<typeof proofShape>

/** A proof as it is handed out: canonical JSON of at most 1 MiB. Form only; `checkReceiptProof` judges it. */
export function parsePeriodProof(bytes: Uint8Array): PeriodProof | Refusal<JsonCode<'proof'>> {
  return shapedJson('proof', proofShape, PERIOD_PROOF_BYTES_MAX, bytes)
}

/** Bytes into the proof's texts; `place` as `periodPath` gives it. */
export function periodProofOf(
  salt: Uint8Array, size: number, place: { readonly index: number, readonly path: readonly Uint8Array[] }, entryIndex: number, tlogProof: string,
): PeriodProof {
  return { salt: toHex(salt), index: place.index, size, path: place.path.map(toBase64), entryIndex, tlogProof }
}

/**
 * The bound log entry (kind byte and root) to which a digest leads; undefined where index, size and path do not fit. The caller verifies
 * `tlogProof` for this entry at `entryIndex`, under the origin of the log in question.
 */
export function entryOfProof(p: Primitives, digest: Uint8Array, proof: PeriodProof): Uint8Array | undefined {
  const salt = fromHex(proof.salt)
  const path = proof.path.map((hash) => fromBase64(hash) ?? new Uint8Array(0))
  if (salt?.length !== SALT_BYTES || digest.length !== DIGEST_BYTES || periodSize(proof.size) !== proof.size) return undefined
  const root = rootFromInclusion(p, { index: proof.index, size: proof.size, leafHash: leafHash(p, bindDigest(p, salt, digest)), path })
  return root === undefined ? undefined : boundEntry(root)
}

function demand(bytes: Uint8Array, what: string): void {
  if (bytes.length !== DIGEST_BYTES) throw new RangeError(`a ${what} has 32 bytes, not ${bytes.length}`)
}
