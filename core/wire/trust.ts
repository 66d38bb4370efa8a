// Who is believed for what under one agreement: the agreement names each party's first key record by its hash, the record gives the keys,
// apart by purpose. Everything that is verified offline starts here.
import { equal } from '../bytes/bytes.ts'
import { Breach } from '../bytes/breach.ts'
import { canonicalBytes, type Json } from '../bytes/canonical.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { logKeys, type LogKeys } from '../proof/checkpoint.ts'
import { MLDSA44, noteKey, type NoteKey } from '../proof/vkey.ts'
import { agreementBytes, agreementOf, logOrigin, parseAgreement, readerName, witnessName, type Agreement } from '../rules/agreement.ts'
import type { PartyId } from '../rules/party.ts'
import type { DoubleKeys } from './double-signature.ts'
import { readKeyRecord, verifyKeyRecord, type ReadKeyRecord } from './key-record.ts'
import type { MessageKeysOf } from './message.ts'

export interface PartyTrust {
  readonly party: PartyId
  readonly origin: string
  readonly record: ReadKeyRecord
  readonly log: LogKeys
  readonly witness: NoteKey
  readonly reader: NoteKey
  readonly message: DoubleKeys
  readonly oprf: Uint8Array
}

export interface Trust {
  readonly agreement: Agreement
  readonly bytes: Uint8Array
  readonly parties: ReadonlyMap<PartyId, PartyTrust>
  readonly witnesses: readonly NoteKey[]
  readonly readers: readonly NoteKey[]
  readonly messageKeys: MessageKeysOf
}

/** Keys of one party from its record's bytes. Throws a Refusal or Breach where the record is not the one that the agreement names. */
export function partyTrust(p: Primitives, agreement: Agreement, party: PartyId, hash: string, recordBytes: Uint8Array): PartyTrust {
  const record = verifyKeyRecord(p, recordBytes, { hash })
  if (record instanceof Error) throw record
  if (record.record.party !== party || record.record.agreement !== agreement.id) {
    throw new Breach('key-record/hash', `the record that the agreement names for ${party} is of ${record.record.party} under ${record.record.agreement}`, { record: recordBytes })
  }
  const { keys } = record.record
  const bytes = (text: string) => p.bytesOf64(text) as Uint8Array
  const origin = logOrigin(party, agreement.id)
  return {
    party, origin, record, message: keys.message, oprf: bytes(keys.oprf),
    log: logKeys(p, origin, bytes(keys.log.ed25519), bytes(keys.log.mldsa44)),
    witness: noteKey(p, witnessName(party, agreement.id), MLDSA44, bytes(keys.witness.mldsa44)),
    reader: noteKey(p, readerName(party, agreement.id), MLDSA44, bytes(keys.reader.mldsa44)),
  }
}

/** Trust in the parties of an agreement. `recordOf` gives the bytes of a party's first key record; it is checked against the agreement. */
export function trustOf(p: Primitives, agreement: Agreement, recordOf: (party: PartyId) => Uint8Array): Trust {
  const all = agreement.parties.map(({ id, keyRecord }) => partyTrust(p, agreement, id, keyRecord, recordOf(id)))
  const parties = new Map(all.map((each) => [each.party, each]))
  return {
    agreement, bytes: agreementBytes(agreement), parties,
    witnesses: all.map((each) => each.witness), readers: all.map((each) => each.reader),
    messageKeys: (from, id) => id === agreement.id ? parties.get(from)?.message : undefined,
  }
}

/** Trust from the key records that a file brings, which must be those that its agreement names, one of each party. */
export function trustIn(p: Primitives, agreement: Agreement, keyRecords: readonly Json[]): Trust {
  const records = new Map(keyRecords.map((value): [string, Uint8Array] => {
    const bytes = canonicalBytes(value)
    const read = readKeyRecord(p, bytes)
    if (read instanceof Refusal) throw read
    return [read.record.party, bytes]
  }))
  return trustOf(p, agreement, (id) => {
    const record = records.get(id)
    if (record === undefined) throw new Refusal('key-record/missing', `the key record of ${id} is not in the file`, 'keyRecords')
    return record
  })
}

/** Message keys of the parties of any of these: of a text that is not in force yet, or not any more. A party has one first key record throughout. */
export function keysOfAll(trusts: readonly Trust[]): MessageKeysOf {
  const parties = new Map(trusts.toReversed().flatMap((trust) => [...trust.parties]))
  const [first] = trusts
  return (from, id) => id === first?.agreement.id ? parties.get(from)?.message : undefined
}

/** The agreement that a dossier or an evidence file carries; where one from outside is given, the two must be the same bytes. */
export function agreementIn(value: unknown, trusted: Uint8Array | undefined, within: 'dossier' | 'evidence' | 'correspondence' | 'watch' | 'case'): Agreement {
  const carried = agreementOf(value)
  if (carried instanceof Refusal) throw carried
  if (trusted === undefined) return carried
  const own = parseAgreement(trusted)
  if (own instanceof Refusal) throw own
  if (!equal(agreementBytes(own), canonicalBytes(value as Json))) {
    throw new Refusal(`${within}/other-agreement`, `the ${within} was made under another agreement than the one given with --agreement`, 'agreement')
  }
  return own
}
