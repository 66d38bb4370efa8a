// A key record: the public keys of one party under one agreement, apart by purpose (DESIGN section 4, spec/key-record.md). The first one
// is named by the agreement through its hash; each later one is signed by old and new log keys and names its predecessor.
import { toHex } from '../bytes/bytes.ts'
import { Breach } from '../bytes/breach.ts'
import { canonicalBytes } from '../bytes/canonical.ts'
import type { Primitives, Signing } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { base64, hex, integer, list, misfit, nullable, object, oneOf, ruled, text, time, type ObjectOf, type Shape, type Shaped } from '../bytes/shape.ts'
import { shapedJson, type JsonCode } from '../bytes/shaped-json.ts'
import { agreementId, SEQUENCE_MAX } from '../rules/agreement.ts'
import { partyId } from '../rules/party.ts'
import {
  doubleKeys, ED25519_SIGNATURE_BYTES, failingSignature, MLDSA44_KEY_BYTES, MLDSA44_SIGNATURE_BYTES, signDouble, type DoubleSeeds,
} from './double-signature.ts'

export const KEY_RECORD_VERSION = 'muster/key-record/1'
export const KEY_RECORD_DOMAIN = 'muster/key-record/v1\n'
export const KEY_RECORD_BYTES_MAX = 32_768
export const COURIER_CHARACTERS_MAX = 4096

const cosignerKey = object({ mldsa44: base64(MLDSA44_KEY_BYTES) })

const unsignedMembers = {
  v: oneOf(KEY_RECORD_VERSION),
  agreement: agreementId,
  party: partyId,
  sequence: integer(0, SEQUENCE_MAX),
  from: time,
  reason: oneOf('first', 'rotation', 'compromise'),
  compromisedSince: nullable(time),
  previous: nullable(hex(32)),
  keys: object({ log: doubleKeys, witness: cosignerKey, reader: cosignerKey, message: doubleKeys, courier: nullable(text(COURIER_CHARACTERS_MAX)), oprf: base64(32) }),
}
const signature = object({ by: oneOf('new', 'old'), ed25519: base64(ED25519_SIGNATURE_BYTES), mldsa44: base64(MLDSA44_SIGNATURE_BYTES) })
const members = object({ ...unsignedMembers, signatures: list(signature, 1, 2) })

/** What is signed. */
export type KeyRecordBody = ObjectOf<typeof unsignedMembers>
export type KeyRecord = Shaped<typeof members>
/** A record as read, with the SHA-256 of its bytes, by which an agreement or the next record names it. */
export type ReadKeyRecord = { readonly record: KeyRecord, readonly bytes: Uint8Array, readonly hash: string }

export type KeyRecordCode = JsonCode<'key-record'>
export type KeyRecordBreachCode = 'key-record/signature' | 'key-record/hash' | 'key-record/does-not-follow'

const RULES = 'sequence 0, previous null and one signature by the new keys in a first record and only there, later old then new; a time of compromise where '
  + 'that is the reason, not after `from`; ML-DSA-44 keys that all differ, Ed25519 keys of log and message that differ'

export const keyRecordShape: Shape<KeyRecord> = ruled(members, RULES, (record) => {
  const { reason, previous, compromisedSince, sequence, signatures } = record
  const first = reason === 'first'
  if (first !== (sequence === 0)) misfit('sequence', first ? '0 for a first record' : 'above 0 for a later record')
  if (first !== (previous === null)) misfit('previous', first ? 'null for a first record' : 'the hash of the record before')
  if ((reason === 'compromise') !== (compromisedSince !== null)) misfit('compromisedSince', 'a time where the reason is compromise, else null')
  if (compromisedSince !== null && compromisedSince > record.from) misfit('compromisedSince', 'a time not after `from`')
  const signers = signatures.map(({ by }) => by).join(' then ')
  const due = first ? 'new' : 'old then new'
  if (signers !== due) misfit('signatures', `signatures by ${due}`)
  demandApart(record)
})

/** One key for one purpose: a captured message key must not sign checkpoints, nor a witness's a reader's statement. */
function demandApart({ keys }: KeyRecord): void {
  const mldsa44 = [keys.log.mldsa44, keys.witness.mldsa44, keys.reader.mldsa44, keys.message.mldsa44]
  if (new Set(mldsa44).size !== mldsa44.length) misfit('keys', 'ML-DSA-44 keys of log, witness, reader and message that all differ')
  if (keys.log.ed25519 === keys.message.ed25519) misfit('keys', 'Ed25519 keys of log and message that differ')
}

/** Reads a record without checking signatures: what follows from it holds only after `verifyKeyRecord`. */
export function readKeyRecord(p: Primitives, bytes: Uint8Array): ReadKeyRecord | Refusal<KeyRecordCode> {
  const record = shapedJson('key-record', keyRecordShape, KEY_RECORD_BYTES_MAX, bytes, p.textOf)
  return record instanceof Refusal ? record : { record, bytes, hash: toHex(p.sha256(bytes)) }
}

/** The hash by which the agreement names a party's first record, or the verified record before this one. */
export type KeyRecordTrust = { readonly hash: string } | { readonly previous: ReadKeyRecord }

/** Checks a record against what is trusted already. Every signature in it, both algorithms, must verify. */
export function verifyKeyRecord(p: Primitives, bytes: Uint8Array, trust: KeyRecordTrust): ReadKeyRecord | Refusal<KeyRecordCode> | Breach<KeyRecordBreachCode> {
  const read = readKeyRecord(p, bytes)
  if (read instanceof Refusal) return read
  const { record } = read
  const wrong = 'hash' in trust ? notNamed(read, trust.hash) : notFollowing(record, trust.previous)
  if (wrong !== undefined) {
    const against = 'hash' in trust ? { expected: trust.hash } : { previous: trust.previous.bytes }
    return new Breach('hash' in trust ? 'key-record/hash' : 'key-record/does-not-follow', `key record ${record.sequence} of ${record.party}: ${wrong}`, { record: bytes, ...against })
  }
  const body = keyRecordBodyBytes(record, p.utf8)
  for (const signature of record.signatures) {
    const keys = signature.by === 'old' && 'previous' in trust ? trust.previous.record.keys.log : record.keys.log
    const failing = failingSignature(p, keys, KEY_RECORD_DOMAIN, body, signature)
    if (failing !== undefined) {
      return new Breach('key-record/signature', `the ${failing} signature by the ${signature.by} log key of ${record.party} does not verify`, { record: bytes, key: keys[failing] })
    }
  }
  return read
}

function notNamed({ record, hash }: ReadKeyRecord, expected: string): string | undefined {
  if (hash !== expected) return `its SHA-256 is not the one named, ${expected}`
  return record.reason === 'first' ? undefined : 'an agreement names first records only'
}

function notFollowing(record: KeyRecord, { record: previous, hash }: ReadKeyRecord): string | undefined {
  if (record.party !== previous.party || record.agreement !== previous.agreement) return 'another party or agreement'
  if (record.sequence !== previous.sequence + 1) return `sequence ${record.sequence} after ${previous.sequence}`
  if (record.previous !== hash) return 'it names another predecessor'
  if (record.from < previous.from) return 'it begins before its predecessor'
  // The OPRF key lives as long as the agreement; only a compromise ends it, and the head then says `rekeyed`.
  if (record.reason === 'rotation' && record.keys.oprf !== previous.keys.oprf) return 'a rotation does not change the OPRF key'
  return undefined
}

/** The signed bytes: the record without `signatures`, canonical. */
function keyRecordBodyBytes({ v, agreement, party, sequence, from, reason, compromisedSince, previous, keys }: KeyRecord, utf8: Primitives['utf8']): Uint8Array {
  return canonicalBytes({ agreement, compromisedSince, from, keys, party, previous, reason, sequence, v }, utf8)
}

/** Signs with the new log seeds and, for a later record, with the old ones. Returns the canonical bytes of the whole record. */
export function signKeyRecord(s: Signing, body: KeyRecordBody, newLog: DoubleSeeds, oldLog?: DoubleSeeds): Uint8Array {
  const bytes = canonicalBytes(body)
  const byNew = { by: 'new' as const, ...signDouble(s, newLog, KEY_RECORD_DOMAIN, bytes) }
  const signatures = oldLog === undefined ? [byNew] : [{ by: 'old' as const, ...signDouble(s, oldLog, KEY_RECORD_DOMAIN, bytes) }, byNew]
  return canonicalBytes({ ...body, signatures })
}
