// Keys that change (DESIGN section 4): the own ones, by two people, with a record in the own log that old and new log keys sign; and those of others, as
// their logs say. What is signed after a record's time is signed by its keys.
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { isTime, timeOf, type Time } from '@muster/core/bytes/time.ts'
import { twoPeople } from '@muster/core/rules/two-people.ts'
import { doubleKeysOf } from '@muster/core/wire/double-signature.ts'
import { signKeyRecord, verifyKeyRecord, type ReadKeyRecord } from '@muster/core/wire/key-record.ts'
import { LATER_RECORDS_MAX, trustOf, type PartyTrust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { identityToRecipient } from 'age-encryption'
import { takeOffice } from './engine/lease.ts'
import { settleLater } from './evaluator/settled.ts'
import type { Hall, Home } from './home.ts'
import { signLog } from './log/sign.ts'
import type { Followed } from './peer/followed-log.ts'
import type { Joined } from './store/agreements.ts'
import { transaction } from './store/database.ts'
import { letWait } from './store/events.ts'
import { keepRecord, keepRecordIn, laterRecords } from './store/key-records.ts'
import { addLaterKeys, cosignerKeyOf, freshLaterKeys, keysNamed, logSeeds, readAgreementKeys } from './store/keys.ts'
import type { Register } from './store/register.ts'

export const CHANGED_PURPOSES = ['message', 'courier', 'witness', 'reader', 'log'] as const
export type ChangedPurpose = (typeof CHANGED_PURPOSES)[number]
export type KeysCode = 'keys/no-purpose' | 'keys/time' | 'keys/too-many' | 'keys/no-record'

export interface Change { readonly purposes: readonly ChangedPurpose[], readonly compromisedSince: Time | null, readonly by: string, readonly and: string | null }

/**
 * Makes new keys for the purposes, and the record that says so, which waits for the log's next period. The server must be stopped: it would go on signing
 * with what is compromised. Crash order: the seeds are on disk before the record that names them, and seeds that no record names are not used.
 */
export async function changeKeys(home: Home, hall: Hall, { purposes, compromisedSince, by, and }: Change, at: number): Promise<ReadKeyRecord> {
  const { register } = home
  const { joined } = hall
  const refused = twoPeople('a change of keys', by, and)
  if (refused !== undefined) throw refused
  if (purposes.length === 0) throw new Refusal<KeysCode>('keys/no-purpose', `name what is changed: ${CHANGED_PURPOSES.join(', ')}`, 'purpose')
  if (compromisedSince !== null && (!isTime(compromisedSince) || compromisedSince > timeOf(at))) throw new Refusal<KeysCode>('keys/time', `a compromise is known since a time that has passed: it is ${timeOf(at)} now`, 'since')
  // The next second: what was signed in this one, under the keys before, is dated before the record.
  const from = timeOf(at + 1)
  const office = await takeOffice(register.dataDir, 'serve')
  try {
    const own = joined.trust.parties.get(register.file.party) as PartyTrust
    if (own.records.length > LATER_RECORDS_MAX) throw new Refusal<KeysCode>('keys/too-many', `keys were changed ${LATER_RECORDS_MAX} times under this agreement: it needs an amendment`)
    const previous = own.records.at(-1) as ReadKeyRecord
    const held = await readAgreementKeys(register.dataDir, joined.agreement.id)
    if (held === undefined) throw new Refusal<KeysCode>('keys/no-record', `no keys under ${joined.agreement.id}`)
    const now = keysNamed(held, own.records.length - 1)
    const keys = await freshLaterKeys(now, from, purposes)
    const body = {
      ...previous.record, sequence: previous.record.sequence + 1, from, reason: compromisedSince === null ? 'rotation' as const : 'compromise' as const, compromisedSince, previous: previous.hash,
      keys: { ...previous.record.keys, message: doubleKeysOf(p, keys.message), courier: await identityToRecipient(keys.courier), witness: cosignerKeyOf(keys.witness), reader: cosignerKeyOf(keys.reader), log: doubleKeysOf(p, keys.log) },
    }
    const { signatures: _, ...unsigned } = body
    const bytes = signKeyRecord(p, unsigned, keys.log, logSeeds(now).log)
    const record = verifyKeyRecord(p, bytes, { previous })
    if (record instanceof Error) throw record
    // All that stands in the log is signed under the keys before: the first checkpoint under new ones covers the record.
    if (purposes.includes('log')) await signLog(hall.log, at)
    await addLaterKeys(register.dataDir, joined.agreement.id, body.sequence, keys)
    await settleLater(register.dataDir, joined.agreement.id, register.file.party, [...own.records.slice(1).map((each) => each.bytes), bytes])
    await transaction(register.db, async (tx) => {
      await keepRecordIn(tx, register.secrets, joined.agreement.id, register.file.party, body.sequence, bytes, at)
      await letWait(tx, register.secrets, joined.agreement.id, 'clear', [{ id: `1-key-record-${String(body.sequence).padStart(8, '0')}`, bytes }])
    }, { idempotencyKey: `key record ${record.hash}` })
    await renewKeys(register, joined)
    return record
  } finally {
    office.release()
  }
}

/** Takes up what is known of keys: the own seeds from their file, records from the database. */
async function renewKeys(register: Register, joined: Joined): Promise<void> {
  const { agreement } = joined
  const later = await laterRecords(register, agreement.id, agreement.parties.map(({ id }) => id))
  const { trust: before } = joined
  const trust = trustOf(p, agreement, (party) => (before.parties.get(party) as PartyTrust).record.bytes, (party) => later.get(party) ?? [])
  // Who is a party of another text only is known by what was known of it.
  joined.trust = { ...trust, messageKeys: (from, id, time) => trust.parties.has(from) ? trust.messageKeys(from, id, time) : before.messageKeys(from, id, time) }
  joined.keys = keysNamed(await readAgreementKeys(register.dataDir, agreement.id) ?? joined.keys, (later.get(register.file.party) ?? []).length)
}

/** Keeps the later key records that a party's log holds, and goes by them from now on. */
export async function followRecords({ register, now }: Home, { joined }: Hall, { party: { party }, log }: Followed): Promise<void> {
  const known = joined.trust.parties.get(party)?.records.length ?? 0
  if (log.keyRecords.length <= known) return
  const later = log.keyRecords.slice(1)
  // Throws where one of them changes what this version does not follow, before anything of it is kept.
  trustOf(p, joined.agreement, (each) => (joined.trust.parties.get(each) as PartyTrust).record.bytes, (each) => each === party ? later.map(({ bytes }) => bytes) : [])
  // The evaluator first: after a crash between the two the log is followed again.
  await settleLater(register.dataDir, joined.agreement.id, party, later.map(({ bytes }) => bytes))
  for (const { record, bytes } of later) await keepRecord(register, joined.agreement.id, party, record.sequence, bytes, now())
  await renewKeys(register, joined)
}
