// Who is believed for what under one agreement: the agreement names each party's first key record by its hash, the record gives the keys,
// apart by purpose. Everything that is verified offline starts here.
import { equal } from '../bytes/bytes.ts'
import { Breach } from '../bytes/breach.ts'
import { canonicalBytes, type Json } from '../bytes/canonical.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { secondsOf, type Time } from '../bytes/time.ts'
import { logKeys, type LogKeys } from '../proof/checkpoint.ts'
import { MLDSA44, noteKey, type NoteKey } from '../proof/vkey.ts'
import { agreementBytes, agreementOf, logOrigin, parseAgreement, PARTIES_MAX, readerName, witnessName, type Agreement } from '../rules/agreement.ts'
import type { PartyId } from '../rules/party.ts'
import type { DoubleKeys } from './double-signature.ts'
import { readKeyRecord, verifyKeyRecord, type ReadKeyRecord } from './key-record.ts'
import { demandFresh, termAt, termsOf, type Term } from './key-terms.ts'
import type { MessageKeysOf } from './message.ts'

/** A key of a witness or a reader: lines that it dates from `from` on and before `until` are its own, POSIX seconds. */
export interface Cosigner {
  readonly party: PartyId
  readonly key: NoteKey
  readonly from: number
  readonly until: number
  readonly compromisedSince: number | undefined
}

/** Keys of a log: checkpoints that it dates from `from` on and before `until` are its own, POSIX seconds. */
export interface LogTerm extends Omit<Cosigner, 'party' | 'key'> { readonly keys: LogKeys }

export interface PartyTrust {
  readonly party: PartyId
  readonly origin: string
  /** The first key record, which the agreement names. */
  readonly record: ReadKeyRecord
  /** All that are known, oldest first; each later one signed by the log keys before and its own. */
  readonly records: readonly ReadKeyRecord[]
  /** The keys of its log, oldest first. */
  readonly logs: readonly LogTerm[]
  /** Of the newest record, as are all below. */
  readonly log: LogKeys
  readonly witness: NoteKey
  readonly reader: NoteKey
  readonly message: DoubleKeys
  readonly courier: string | null
  readonly oprf: Uint8Array
  /** OPRF public keys, oldest first: each but the last was replaced after a compromise, and what was declared under it stays searchable. */
  readonly oprfs: readonly Uint8Array[]
  /** The keys of its two cosigners, oldest first. */
  readonly cosigners: Readonly<Record<'witness' | 'reader', readonly Cosigner[]>>
}

/** Whose cosignatures are known. */
export interface CosignerTrust {
  readonly agreement: Agreement
  readonly parties: ReadonlyMap<PartyId, PartyTrust>
  /** All keys of all witnesses and readers: whose lines are known. Which of them count is for `cosignedBy` to say. */
  readonly witnesses: readonly NoteKey[]
  readonly readers: readonly NoteKey[]
  readonly cosigners: PartyTrust['cosigners']
}

export interface Trust extends CosignerTrust {
  readonly bytes: Uint8Array
  readonly messageKeys: MessageKeysOf
  /** The same without regard to a compromise: what was taken before it was known stays what it was. */
  readonly heldKeys: MessageKeysOf
}

export type TrustCode = 'key-record/too-many' | 'key-record/key-again'

/** Later records of one party that are read. */
export const LATER_RECORDS_MAX = 64
/** Records of all parties in one file. */
export const RECORDS_MAX = 4 * PARTIES_MAX

/** Keys of one party from its record's bytes. Throws a Refusal or Breach where the record is not the one that the agreement names. */
export function partyTrust(p: Primitives, agreement: Agreement, party: PartyId, hash: string, recordBytes: Uint8Array, later: readonly Uint8Array[] = []): PartyTrust {
  const record = verifyKeyRecord(p, recordBytes, { hash })
  if (record instanceof Error) throw record
  if (record.record.party !== party || record.record.agreement !== agreement.id) {
    throw new Breach('key-record/hash', `the record that the agreement names for ${party} is of ${record.record.party} under ${record.record.agreement}`, { record: recordBytes })
  }
  const records = followingOn(p, record, later)
  const newest = (records.at(-1) as ReadKeyRecord).record.keys
  const bytes = (text: string) => p.bytesOf64(text) as Uint8Array
  const origin = logOrigin(party, agreement.id)
  const cosigners = { witness: cosignersOf(p, party, witnessName(party, agreement.id), termsOf(records, 'witness')), reader: cosignersOf(p, party, readerName(party, agreement.id), termsOf(records, 'reader')) }
  const [witness, reader] = [cosigners.witness, cosigners.reader].map((all) => (all.at(-1) as Cosigner).key) as [NoteKey, NoteKey]
  const logs = termsOf(records, 'log').map((term): LogTerm => ({ keys: logKeys(p, origin, bytes(term.keys.ed25519), bytes(term.keys.mldsa44)), ...inSeconds(term) }))
  demandApart(logs.flatMap((each) => [each.keys.ed25519, each.keys.mldsa44]))
  return { party, origin, record, records, logs, message: newest.message, courier: newest.courier, oprf: bytes(newest.oprf), oprfs: termsOf(records, 'oprf').map((term) => bytes(term.keys)), log: (logs.at(-1) as LogTerm).keys, witness, reader, cosigners }
}

function inSeconds({ from, until, compromisedSince }: Term<unknown>): Omit<LogTerm, 'keys'> {
  return {
    from: from === null ? 0 : secondsOf(from), until: until === null ? Number.POSITIVE_INFINITY : secondsOf(until), compromisedSince: compromisedSince === null ? undefined : secondsOf(compromisedSince),
  }
}

/** Two keys that share name and key ID would make every note with a line of either ambiguous. */
function demandApart(keys: readonly NoteKey[]): void {
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw new Refusal<TrustCode>('key-record/key-again', `two keys of ${keys[0]?.name ?? ''} have one key ID`, 'keys')
}

function cosignersOf(p: Primitives, party: PartyId, name: string, terms: readonly Term<{ readonly mldsa44: string }>[]): readonly Cosigner[] {
  const all = terms.map((term): Cosigner => ({ party, key: noteKey(p, name, MLDSA44, p.bytesOf64(term.keys.mldsa44) as Uint8Array), ...inSeconds(term) }))
  demandApart(all.map(({ key }) => key))
  return all
}

/** The records of one party: each later one follows from the one before. */
export function followingOn(p: Primitives, first: ReadKeyRecord, later: readonly Uint8Array[]): readonly ReadKeyRecord[] {
  if (later.length > LATER_RECORDS_MAX) throw new Refusal<TrustCode>('key-record/too-many', `at most ${LATER_RECORDS_MAX} later key records of one party are read, these are ${later.length}`)
  const records = [first]
  for (const bytes of later) {
    const record = verifyKeyRecord(p, bytes, { previous: records.at(-1) as ReadKeyRecord })
    if (record instanceof Error) throw record
    records.push(record)
  }
  demandFresh(records)
  return records
}

/**
 * The message keys of the record in force at a time, which its sender states. A key that a later record calls compromised is good for nothing any more,
 * whatever its messages say of when they were signed: whoever has it dates them as it likes.
 */
function keysAt(records: readonly ReadKeyRecord[], time: Time, compromised: 'refused' | 'held'): DoubleKeys | undefined {
  const term = termAt(termsOf(records, 'message'), time)
  return term?.compromisedSince !== null && compromised === 'refused' ? undefined : term?.keys
}

/** The message keys that are good for what a party dates so; undefined where none are. */
export function messageKeysAt(party: Pick<PartyTrust, 'records'> | undefined, time: Time): DoubleKeys | undefined {
  return keysAt(party?.records ?? [], time, 'refused')
}

/** Trust in the parties of an agreement. `laterOf` gives later records of a party, oldest first. `recordOf` gives the bytes of a party's first key record; it is checked against the agreement. */
export function trustOf(p: Primitives, agreement: Agreement, recordOf: (party: PartyId) => Uint8Array, laterOf: (party: PartyId) => readonly Uint8Array[] = () => []): Trust {
  const all = agreement.parties.map(({ id, keyRecord }) => partyTrust(p, agreement, id, keyRecord, recordOf(id), laterOf(id)))
  const parties = new Map(all.map((each) => [each.party, each]))
  return {
    ...cosignersAmong(agreement, parties), bytes: agreementBytes(agreement),
    messageKeys: (from, id, time) => id === agreement.id ? messageKeysAt(parties.get(from), time) : undefined,
    heldKeys: (from, id, time) => id === agreement.id ? keysAt(parties.get(from)?.records ?? [], time, 'held') : undefined,
  }
}

/** The cosigners of those parties that are known. */
export function cosignersAmong(agreement: Agreement, parties: ReadonlyMap<PartyId, PartyTrust>): CosignerTrust {
  const all = [...parties.values()]
  const cosigners = { witness: all.flatMap((each) => each.cosigners.witness), reader: all.flatMap((each) => each.cosigners.reader) }
  return { agreement, parties, cosigners, witnesses: cosigners.witness.map(({ key }) => key), readers: cosigners.reader.map(({ key }) => key) }
}

/**
 * The records of a file with those that its reader holds besides, by party, oldest first: whoever made the file may have left out the one that takes its keys
 * away. Throws a Breach where file and reader have two records of one sequence. Of parties that the file does not tell of nothing is added.
 */
export function withKnown(p: Primitives, given: ReadonlyMap<PartyId, readonly Uint8Array[]>, known: readonly Json[]): ReadonlyMap<PartyId, readonly Uint8Array[]> {
  const all = new Map(given)
  const read = known.map((value) => readKeyRecord(p, canonicalBytes(value)))
  for (const each of read) if (each instanceof Refusal) throw each
  for (const { record: { party, sequence }, bytes } of (read as ReadKeyRecord[]).toSorted((a, b) => a.record.sequence - b.record.sequence)) {
    const held = all.get(party)
    const same = held?.[sequence]
    if (same !== undefined && !equal(same, bytes)) throw new Breach<'key-record/two'>('key-record/two', `the file and its reader have two records ${sequence} of ${party}`, { first: same, second: bytes })
    if (held?.length === sequence) all.set(party, [...held, bytes])
  }
  return all
}

/** Key records in the order of a file, by party: of each the first one, then later ones. `stranger`: what a record of no party is refused with. */
function recordsIn(p: Primitives, agreement: Agreement, records: readonly Json[], stranger: (party: PartyId, i: number) => Refusal, known: readonly Json[] = []): ReadonlyMap<PartyId, readonly Uint8Array[]> {
  const given = new Map<PartyId, Uint8Array[]>()
  records.forEach((value, i) => {
    const read = readKeyRecord(p, canonicalBytes(value))
    if (read instanceof Refusal) throw read
    const { party } = read.record
    if (agreement.parties.every(({ id }) => id !== party)) throw stranger(party, i)
    given.set(party, [...given.get(party) ?? [], read.bytes])
  })
  return withKnown(p, given, known)
}

/** Trust from the key records that a file brings, and those that its reader holds: of each party the one that its agreement names, and later ones in their order. */
export function trustIn(p: Primitives, agreement: Agreement, keyRecords: readonly Json[], known: readonly Json[] = []): Trust {
  const records = recordsIn(p, agreement, keyRecords, (party, i) => new Refusal('key-record/stranger', `${party} is no party of the agreement`, `keyRecords[${i}]`), known)
  return trustOf(p, agreement, (id) => {
    const record = records.get(id)?.[0]
    if (record === undefined) throw new Refusal('key-record/missing', `the key record of ${id} is not in the file`, 'keyRecords')
    return record
  }, (id) => records.get(id)?.slice(1) ?? [])
}

/** Message keys of the parties of any of these: of a text that is not in force yet, or not any more. A party has one first key record throughout. */
export function keysOfAll(trusts: readonly Trust[]): MessageKeysOf {
  const parties = new Map(trusts.toReversed().flatMap((trust) => [...trust.parties]))
  const [first] = trusts
  return (from, id, time) => id === first?.agreement.id ? messageKeysAt(parties.get(from), time) : undefined
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

/** Trust in those parties whose key records are given: of each the first one, and later ones in their order. `stranger`: what a record of no party is refused with. */
export function partiesIn(p: Primitives, agreement: Agreement, records: readonly Json[], stranger: (party: PartyId, i: number) => Refusal, known: readonly Json[] = []): ReadonlyMap<PartyId, PartyTrust> {
  const given = recordsIn(p, agreement, records, stranger, known)
  return new Map(agreement.parties.flatMap(({ id, keyRecord }) => {
    const [first, ...later] = given.get(id) ?? []
    return first === undefined ? [] : [[id, partyTrust(p, agreement, id, keyRecord, first, later)] as const]
  }))
}
