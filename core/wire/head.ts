// The head of a declaration: what a party says once and for all about the declaration of one sequence (DESIGN section 4). It is unsigned
// and stands in the party's log as a clear entry; the declaration's origin contains its hash.
import { toHex } from '../bytes/bytes.ts'
import { Breach } from '../bytes/breach.ts'
import { canonicalBytes } from '../bytes/canonical.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { base64, boolean, hex, integer, misfit, nullable, object, oneOf, ruled, time, type Shape, type Shaped } from '../bytes/shape.ts'
import { shapedJson, type JsonCode } from '../bytes/shaped-json.ts'
import { agreementId, SEQUENCE_MAX, STEP_UNIT } from '../rules/agreement.ts'
import { partyId } from '../rules/party.ts'

export const HEAD_VERSION = 'muster/head/1'
export const HEAD_BYTES_MAX = 4096
/** The version of the folding tables in spec/ by which match keys are made. */
export const FOLDING_VERSION = 1

const members = object({
  v: oneOf(HEAD_VERSION), agreement: agreementId, party: partyId, sequence: integer(0, SEQUENCE_MAX), asOf: time, previous: nullable(hex(32)), oprf: base64(32),
  folding: oneOf(FOLDING_VERSION), size: integer(STEP_UNIT, SEQUENCE_MAX), root: base64(32), counts: hex(32), rekeyed: boolean,
})
export type Head = Shaped<typeof members>
/** A head as read; `hash` is the SHA-256 of its bytes, lower-case hex. */
export type ReadHead = { readonly head: Head, readonly bytes: Uint8Array, readonly hash: string }

export const headShape: Shape<Head> = ruled(members, '`previous` null and `rekeyed` false in a first head, and only there null; a size of whole tiles', (head) => {
  if ((head.sequence === 0) !== (head.previous === null)) misfit('previous', head.sequence === 0 ? 'null in a first head' : 'the hash of the head before')
  if (head.sequence === 0 && head.rekeyed) misfit('rekeyed', 'false in a first head')
  if (head.size % STEP_UNIT !== 0) misfit('size', `a multiple of ${STEP_UNIT}`)
})

export type HeadCode = JsonCode<'head'>
export type HeadBreachCode = 'head/two-oprf-keys' | 'head/does-not-follow'

export function readHead(p: Primitives, bytes: Uint8Array): ReadHead | Refusal<HeadCode> {
  const head = shapedJson('head', headShape, HEAD_BYTES_MAX, bytes, p.textOf)
  return head instanceof Refusal ? head : { head, bytes, hash: toHex(p.sha256(bytes)) }
}

/** The canonical bytes of a head: its log entry without the kind byte. */
export function headBytes(head: Head): Uint8Array {
  return canonicalBytes(head)
}

/** SHA-256 of the canonical bytes, lower-case hex, as in the declaration's origin. */
export function headHash(p: Primitives, head: Head): string {
  return toHex(p.sha256(headBytes(head)))
}

/**
 * Whether a head follows the one before it in the same log, under the agreement's step. One OPRF key for each party and agreement: another
 * key without `rekeyed` is a breach with both heads as evidence. That no label vanished is the reader's to check.
 */
export function checkHeadFollows(next: ReadHead, previous: ReadHead, step: number): Breach<HeadBreachCode> | undefined {
  const evidence = { head: next.bytes, previous: previous.bytes }
  const wrong = notFollowing(next.head, previous, step)
  if (wrong !== undefined) return new Breach('head/does-not-follow', `head ${next.head.sequence} of ${next.head.party} does not follow its predecessor: ${wrong}`, evidence)
  if (next.head.oprf !== previous.head.oprf && !next.head.rekeyed) {
    return new Breach('head/two-oprf-keys', `head ${next.head.sequence} of ${next.head.party} names another OPRF key and does not say that the key was replaced`, evidence)
  }
  return undefined
}

/** Of a party's heads, oldest first, the last under each OPRF key that a later one has replaced: what stays searchable beside the newest (DESIGN section 4). */
export function lastOfEarlierKeys<T extends { readonly head: ReadHead }>(heads: readonly T[]): readonly T[] {
  return heads.filter(({ head }, i) => heads[i + 1] !== undefined && heads[i + 1]?.head.head.oprf !== head.head.oprf)
}

function notFollowing(head: Head, { head: previous, hash }: ReadHead, step: number): string | undefined {
  if (head.party !== previous.party || head.agreement !== previous.agreement) return 'another party or agreement'
  if (head.sequence !== previous.sequence + 1) return `sequence ${head.sequence} after ${previous.sequence}`
  if (head.previous !== hash) return 'it names another predecessor'
  if (head.asOf < previous.asOf) return `as of ${head.asOf}, before ${previous.asOf}`
  if (head.rekeyed && head.oprf === previous.oprf) return 'it says that the OPRF key was replaced, and it was not'
  if (head.size < previous.size + step) return `${head.size} entries after ${previous.size}; each declaration adds at least one step of ${step}`
  if (head.size % step !== 0) return `${head.size} entries, not a multiple of the step ${step}`
  return undefined
}
