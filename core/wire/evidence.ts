// An evidence file: one charge against one party, with what proves it (spec/evidence.md). Nobody signs it but the accused, inside; it needs no
// trust in whoever made or shows it, no registry and no network.
import { canonicalBytes, type Json } from '../bytes/canonical.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { tagged } from '../bytes/schema.ts'
import { anyJson, list, object, oneOf, optional, stated, time, type Shaped } from '../bytes/shape.ts'
import { shapedJson, type JsonCode } from '../bytes/shaped-json.ts'
import type { Group } from '../oprf/group.ts'
import { partyId } from '../rules/party.ts'
import { CHARGES, PROOF_OF, shows } from './charge.ts'
import { findingOf, type Finding } from './finding.ts'
import { agreementIn, cosignersAmong, LATER_RECORDS_MAX, partiesIn, partyTrust, RECORDS_MAX, withKnown } from './trust.ts'

export const EVIDENCE_VERSION = 'muster/evidence/1'
export const EVIDENCE_BYTES_MAX = 8 * 1_048_576

export type EvidenceCode = JsonCode<'evidence'> | 'evidence/other-agreement' | 'evidence/not-a-party' | 'evidence/shows-nothing'

const members = object({ v: oneOf(EVIDENCE_VERSION), agreement: anyJson, party: partyId, keyRecord: anyJson, laterRecords: optional(list(anyJson, 1, LATER_RECORDS_MAX)), cosigners: optional(list(anyJson, 1, RECORDS_MAX)), charge: oneOf(...CHARGES), found: time, proof: anyJson })
/** `found`: when whoever made the file found it, by its own word. `proof`: as the charge has it. */
export type Evidence = Shaped<typeof members>
export const evidenceShape = stated<Evidence>((value, at) => {
  const evidence = members(value, at)
  PROOF_OF[evidence.charge](evidence.proof, 'proof')
  return evidence
}, () => tagged(members, 'charge', 'proof', PROOF_OF))

export type EvidenceVerification =
  /** `proven`: the keys came from outside. `consistent`: the signatures hold under a key record that the file itself brought. */
  | { readonly verdict: 'proven' | 'consistent', readonly findings: readonly Finding[], readonly evidence: Evidence, readonly exercise: boolean, readonly agreement: string }
  | { readonly verdict: 'refused', readonly findings: readonly Finding[] }

/** The canonical bytes of an evidence file. */
export function evidenceBytes(evidence: Evidence): Uint8Array {
  return canonicalBytes(evidence)
}

/** `trusted`: the canonical bytes of the agreement that the reader holds, from outside the file; undefined where there is none. `known`: key records that the reader holds besides. */
export function verifyEvidence(p: Primitives, group: Group, bytes: Uint8Array, trusted: Uint8Array | undefined, known: readonly Json[] = []): EvidenceVerification {
  try {
    const evidence = shapedJson('evidence', evidenceShape, EVIDENCE_BYTES_MAX, bytes, p.textOf)
    if (evidence instanceof Refusal) throw evidence
    const { party, charge, proof } = evidence
    const agreement = agreementIn(evidence.agreement, trusted, 'evidence')
    const named = agreement.parties.find(({ id }) => id === party)
    if (named === undefined) throw new Refusal<EvidenceCode>('evidence/not-a-party', `${party} is no party of the agreement`, 'party')
    const own = new Map([[party, [evidence.keyRecord, ...evidence.laterRecords ?? []].map((record) => canonicalBytes(record))]])
    const [first, ...later] = withKnown(p, own, known).get(party) as [Uint8Array, ...Uint8Array[]]
    const trust = partyTrust(p, agreement, party, named.keyRecord, first, later)
    const others = partiesIn(p, agreement, evidence.cosigners ?? [], (id) => new Refusal<EvidenceCode>('evidence/not-a-party', `${id} is no party of the agreement`, 'cosigners'), known)
    const cosigners = cosignersAmong(agreement, new Map([...others, [party, trust]]))
    if (!shows({ p, group, party: trust, cosigners, agreement: agreement.id, agreed: agreement }, charge, proof)) {
      throw new Refusal<EvidenceCode>('evidence/shows-nothing', `what ${party} signed here holds together: it shows no ${charge}`, 'proof')
    }
    return { verdict: trusted === undefined ? 'consistent' : 'proven', findings: [], evidence, exercise: agreement.exercise, agreement: agreement.id }
  } catch (thrown) {
    return { verdict: 'refused', findings: [findingOf(thrown, null)] }
  }
}
