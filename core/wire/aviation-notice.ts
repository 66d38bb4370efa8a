// What aviation authorities are told of a loss or a theft (spec/aviation.md): what it was, how many and since which day, signed by the party; never a number on
// an item, a lot, a place, a unit or a person. Pure.
import { canonicalBytes, type Json } from '../bytes/canonical.ts'
import type { Primitives, Signing } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { anyObject, boolean, date, hex, integer, list, nullable, object, oneOf, optional, text, time, type ObjectOf } from '../bytes/shape.ts'
import { shapedJson, type JsonCode } from '../bytes/shaped-json.ts'
import { agreementId, parseAgreement } from '../rules/agreement.ts'
import { componentClass } from '../rules/item.ts'
import { marking } from '../rules/marking.ts'
import { NOTICE_KINDS } from '../rules/notice.ts'
import { partyId } from '../rules/party.ts'
import { doubleSignature, failingSignature, signDouble, type DoubleKeys, type DoubleSeeds } from './double-signature.ts'
import { findingOf, type Finding } from './finding.ts'
import { readKeyRecord } from './key-record.ts'
import { TYPES_MAX } from './notice-body.ts'
import { followingOn, LATER_RECORDS_MAX, messageKeysAt, partyTrust, withKnown, type PartyTrust } from './trust.ts'

export const AVIATION_VERSION = 'muster/aviation/1'
const AVIATION_DOMAIN = 'muster/aviation/v1\n'
export const AVIATION_BYTES_MAX = 1_048_576
const NAME_CHARACTERS_MAX = 200

const said = {
  v: oneOf(AVIATION_VERSION), agreement: agreementId, party: partyId, name: text(NAME_CHARACTERS_MAX), exercise: boolean, marking, kind: oneOf(...NOTICE_KINDS), discovered: date, made: time,
  /** The notice that it is made of: a random value, which says nothing to whoever does not hold the notice. */
  notice: hex(16),
  items: list(object({ class: componentClass, type: nullable(text(NAME_CHARACTERS_MAX)), items: integer(1, 1_000_000) }), 1, TYPES_MAX),
} as const
export type AviationWords = ObjectOf<typeof said>
export const aviationShape = object({ ...said, keyRecord: anyObject, laterRecords: optional(list(anyObject, 1, LATER_RECORDS_MAX)), signatures: doubleSignature })

export type AviationCode = JsonCode<'aviation'> | 'aviation/not-a-party' | 'aviation/signature' | 'aviation/compromised' | 'aviation/not-of-the-agreement'

export type AviationVerification =
  /** `proven`: the keys came from outside. `consistent`: they are those that the document brought. */
  | { readonly verdict: 'proven' | 'consistent', readonly findings: readonly Finding[], readonly notice: AviationWords }
  | { readonly verdict: 'refused', readonly findings: readonly Finding[] }

/** The party's first key record, and those after it, oldest first. */
export interface Records { readonly keyRecord: { readonly [name: string]: Json }, readonly laterRecords?: readonly { readonly [name: string]: Json }[] }

/** The finished document: its words, and the party's key records, under whose message keys in force when it was made they are signed. */
export function signAviationNotice(s: Signing, told: AviationWords, records: Records, seeds: DoubleSeeds): Uint8Array {
  const unsigned = { ...told, ...records }
  return canonicalBytes({ ...unsigned, signatures: signDouble(s, seeds, AVIATION_DOMAIN, canonicalBytes(unsigned)) })
}

/** `trusted`: the canonical bytes of the agreement that the reader holds; undefined where there is none. `known`: key records that the reader holds besides. */
export function verifyAviationNotice(p: Primitives, bytes: Uint8Array, trusted: Uint8Array | undefined, known: readonly Json[] = []): AviationVerification {
  try {
    const whole = shapedJson('aviation', aviationShape, AVIATION_BYTES_MAX, bytes, p.textOf)
    if (whole instanceof Refusal) throw whole
    const { signatures, keyRecord, laterRecords, ...notice } = whole
    const records = { keyRecord, ...(laterRecords === undefined ? {} : { laterRecords }) }
    const keys = messageKeysOf(p, notice, records, trusted, known)
    const failing = failingSignature(p, keys, AVIATION_DOMAIN, canonicalBytes({ ...notice, ...records }), signatures)
    if (failing !== undefined) throw new Refusal<AviationCode>('aviation/signature', `the ${failing} signature of ${notice.party} does not verify`, 'signatures')
    return { verdict: trusted === undefined ? 'consistent' : 'proven', findings: [], notice }
  } catch (thrown) {
    return { verdict: 'refused', findings: [findingOf(thrown, null)] }
  }
}

/** The keys that were in force when it was made, by the record that the agreement names and those after it; without an agreement, by those that the document brought. */
function messageKeysOf(p: Primitives, { party, agreement, exercise, made }: AviationWords, { keyRecord, laterRecords = [] }: Records, trusted: Uint8Array | undefined, known: readonly Json[]): DoubleKeys {
  const [first, ...later] = withKnown(p, new Map([[party, [keyRecord, ...laterRecords].map((record) => canonicalBytes(record))]]), known).get(party) as [Uint8Array, ...Uint8Array[]]
  const keys = messageKeysAt({ records: trusted === undefined ? brought(p, { party, agreement }, first, later) : agreedOn(p, { party, agreement, exercise }, first, later, trusted) }, made)
  if (keys === undefined) throw new Refusal<AviationCode>('aviation/compromised', `the message keys of ${party} that were in force at ${made} were compromised`, 'made')
  return keys
}

function brought(p: Primitives, { party, agreement }: Pick<AviationWords, 'party' | 'agreement'>, first: Uint8Array, later: readonly Uint8Array[]): PartyTrust['records'] {
  const read = readKeyRecord(p, first)
  if (read instanceof Refusal) throw read
  if (read.record.party !== party || read.record.agreement !== agreement) throw new Refusal<AviationCode>('aviation/not-a-party', `the key record is of ${read.record.party} under ${read.record.agreement}`, 'keyRecord')
  return followingOn(p, read, later)
}

function agreedOn(p: Primitives, { party, agreement, exercise }: Pick<AviationWords, 'party' | 'agreement' | 'exercise'>, first: Uint8Array, later: readonly Uint8Array[], trusted: Uint8Array): PartyTrust['records'] {
  const agreed = parseAgreement(trusted)
  if (agreed instanceof Refusal) throw agreed
  const named = agreed.parties.find(({ id }) => id === party)
  if (agreed.id !== agreement || named === undefined) throw new Refusal<AviationCode>('aviation/not-a-party', `${party} under ${agreement} is no party of ${agreed.id}`, 'party')
  if (agreed.exercise !== exercise) throw new Refusal<AviationCode>('aviation/not-of-the-agreement', 'it says of itself what its agreement does not say', 'exercise')
  return partyTrust(p, agreed, party, named.keyRecord, first, later).records
}
