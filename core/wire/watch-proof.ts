// That a label came into a party's declarations with one of them (spec/watch.md): the label stands in it and did not in the one before. Verified alone,
// with the keys of the agreement. Which mark the label is of, the dossier of the trace that learnt it shows.
import { equal, fromBase64, toHex } from '../bytes/bytes.ts'
import { Breach } from '../bytes/breach.ts'
import { canonicalBytes, type Json } from '../bytes/canonical.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { anyObject, hex, list, object, oneOf, type Shaped } from '../bytes/shape.ts'
import { shapedJson, type JsonCode } from '../bytes/shaped-json.ts'
import type { Time } from '../bytes/time.ts'
import { verifyAbsent, verifyPresent } from '../proof/absence.ts'
import { declarationOrigin } from '../rules/agreement.ts'
import { marking } from '../rules/marking.ts'
import { partyId, type PartyId } from '../rules/party.ts'
import { absent, bytesOf, lines, LOGGED, logged, present } from './dossier.ts'
import { findingOf, type Finding } from './finding.ts'
import { readHead } from './head.ts'
import { partyCheckpoint } from './party-checkpoint.ts'
import { agreementIn, RECORDS_MAX, trustIn, type PartyTrust, type Trust } from './trust.ts'
import { verifyHead, type VerifiedHead } from './verify-head.ts'

export const WATCH_VERSION = 'muster/watch/1'
export const WATCH_BYTES_MAX = 16 * 1_048_576

export const watchProofShape = object({
  v: oneOf(WATCH_VERSION), agreement: anyObject, marking, party: partyId, label: hex(32),
  keyRecords: list(anyObject, 1, RECORDS_MAX),
  log: object({ checkpoint: lines, entries: list(logged, LOGGED.length, LOGGED.length) }),
  found: object({ head: anyObject, checkpoint: lines, present }),
  before: object({ head: anyObject, checkpoint: lines, absent }),
})
export type WatchProof = Shaped<typeof watchProofShape>

export type WatchCode = JsonCode<'watch'> | 'watch/not-a-party' | 'watch/not-the-one-before' | 'watch/not-declared' | 'watch/declared-before' | 'watch/other-marking'

export interface Appeared {
  readonly agreement: string
  readonly exercise: boolean
  readonly party: PartyId
  readonly label: string
  readonly sequence: number
  readonly asOf: Time
  /** The date of the declaration in which it was not. */
  readonly notAsOf: Time
  readonly witnessed: readonly PartyId[]
  readonly read: readonly PartyId[]
  readonly quorum: number
}

export type WatchVerification =
  /** `proven`: the keys came from outside. `consistent`: they are those that the file brought. */
  | { readonly verdict: 'proven' | 'consistent', readonly findings: readonly Finding[], readonly appeared: Appeared }
  | { readonly verdict: 'refused', readonly findings: readonly Finding[] }

/** The canonical bytes of a proof. */
export function watchProofBytes(proof: WatchProof): Uint8Array {
  return canonicalBytes(proof)
}

/** `trusted`: the canonical bytes of the agreement that the reader holds; undefined where there is none. Cosignatures dated after `latest` do not count. `known`: key records that the reader holds besides. */
export function verifyWatchProof(p: Primitives, bytes: Uint8Array, trusted: Uint8Array | undefined, latest: number, known: readonly Json[] = []): WatchVerification {
  try {
    const proof = shapedJson('watch', watchProofShape, WATCH_BYTES_MAX, bytes, p.textOf)
    if (proof instanceof Refusal) throw proof
    const trust = trustIn(p, agreementIn(proof.agreement, trusted, 'watch'), proof.keyRecords, known)
    const party = trust.parties.get(proof.party)
    if (party === undefined) throw new Refusal<WatchCode>('watch/not-a-party', `${proof.party} is no party of the agreement`, 'party')
    if (toHex(canonicalBytes(proof.marking)) !== toHex(canonicalBytes(trust.agreement.marking))) throw new Refusal<WatchCode>('watch/other-marking', 'the marking is not the agreement\'s', 'marking')
    const verified = verifyHead(p, trust, party, { log: proof.log, head: proof.found.head, declaration: proof.found }, latest)
    const notAsOf = verifyBefore(p, trust, party, proof, verified)
    const label = bytesOf(proof.label)
    const { index, entry, path: up } = proof.found.present
    const problem = verifyPresent(p, verified.tree, label, { index, entry: bytesOf(entry), path: up.map(bytesOf) })
    if (problem !== undefined) throw new Breach<WatchCode>('watch/not-declared', `the label is not shown in declaration ${verified.head.head.sequence}: ${problem}`, { label })
    const { sequence, asOf } = verified.head.head
    return {
      verdict: trusted === undefined ? 'consistent' : 'proven', findings: [],
      appeared: {
        agreement: trust.agreement.id, exercise: trust.agreement.exercise, party: party.party, label: proof.label, sequence, asOf, notAsOf,
        witnessed: [...verified.witnessed.keys()], read: [...verified.read.keys()], quorum: trust.agreement.quorum,
      },
    }
  } catch (thrown) {
    return { verdict: 'refused', findings: [findingOf(thrown, null)] }
  }
}

/** The declaration that the head names as the one before did not hold the label. Resolves to its date. */
function verifyBefore(p: Primitives, trust: Trust, party: PartyTrust, { before, label }: WatchProof, { head: { head } }: VerifiedHead): Time {
  const read = readHead(p, canonicalBytes(before.head))
  if (read instanceof Error) throw read
  const breach = (code: WatchCode, message: string) => new Breach<WatchCode>(code, message, { head: read.bytes })
  if (read.hash !== head.previous || read.head.party !== party.party || read.head.agreement !== trust.agreement.id) throw breach('watch/not-the-one-before', `declaration ${read.head.sequence} is not the one that declaration ${head.sequence} follows`)
  const tree = partyCheckpoint(p, trust, party, before.checkpoint, declarationOrigin(party.origin, read.hash))
  if (tree.size !== read.head.size || !equal(tree.root, fromBase64(read.head.root) as Uint8Array)) throw breach('watch/not-the-one-before', 'size and root are not those of the head before')
  const { index, entries, paths } = before.absent
  const [left, right] = entries.map(bytesOf) as [Uint8Array, Uint8Array]
  const [up, down] = paths.map((each) => each.map(bytesOf)) as [Uint8Array[], Uint8Array[]]
  const problem = verifyAbsent(p, tree, bytesOf(label), { index, entries: [left, right], paths: [up, down] })
  if (problem !== undefined) throw breach('watch/declared-before', `that the label was not in declaration ${read.head.sequence} is not shown: ${problem}`)
  return read.head.asOf
}
