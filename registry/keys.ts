// Keys that change (DESIGN section 4): the own ones, by two people, with a record in the own log that old and new log keys sign; and those of others, as
// their logs say. What is signed after a record's time is signed by its keys.
import { toBase64 } from '@muster/core/bytes/bytes.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { isTime, timeOf, type Time } from '@muster/core/bytes/time.ts'
import { twoPeople } from '@muster/core/rules/two-people.ts'
import { doubleKeysOf } from '@muster/core/wire/double-signature.ts'
import { signKeyRecord, verifyKeyRecord, type ReadKeyRecord } from '@muster/core/wire/key-record.ts'
import { LATER_RECORDS_MAX, type PartyTrust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { identityToRecipient } from 'age-encryption'
import { takeOffice } from './engine/lease.ts'
import { makeLaterOprfKey } from './evaluator/key.ts'
import { settleLater } from './evaluator/settled.ts'
import type { Hall, Home } from './home.ts'
import { newestReadable } from './log/declare.ts'
import { signLog } from './log/sign.ts'
import { renewKeys } from './peer/follow-records.ts'
import { transaction } from './store/database.ts'
import { letWait } from './store/events.ts'
import { keepRecordIn } from './store/key-records.ts'
import { addLaterKeys, cosignerKeyOf, freshLaterKeys, keysNamed, logSeeds, readAgreementKeys } from './store/keys.ts'

export const CHANGED_PURPOSES = ['message', 'courier', 'witness', 'reader', 'log'] as const
/** Only a compromise ends the OPRF key: what was declared under it stays searchable, and so it is asked under for ever. */
export const COMPROMISED_PURPOSES = [...CHANGED_PURPOSES, 'oprf'] as const
export type ChangedPurpose = (typeof COMPROMISED_PURPOSES)[number]
export type KeysCode = 'keys/no-purpose' | 'keys/time' | 'keys/too-many' | 'keys/no-record' | 'keys/oprf-lives' | 'keys/nothing-declared'

export interface Change { readonly purposes: readonly ChangedPurpose[], readonly compromisedSince: Time | null, readonly by: string, readonly and: string | null }

/**
 * Makes new keys for the purposes, and the record that says so, which waits for the log's next period. The server must be stopped: it would go on signing
 * with what is compromised. Crash order: the seeds are on disk before the record that names them, and seeds that no record names are not used.
 */
export async function changeKeys({ register }: Pick<Home, 'register'>, hall: Pick<Hall, 'joined' | 'log'>, { purposes, compromisedSince, by, and }: Change, at: number): Promise<ReadKeyRecord> {
  const { joined } = hall
  const refused = twoPeople('a change of keys', by, and)
  if (refused !== undefined) throw refused
  if (purposes.length === 0) throw new Refusal<KeysCode>('keys/no-purpose', `name what is changed: ${COMPROMISED_PURPOSES.join(', ')}`, 'purpose')
  if (compromisedSince !== null && (!isTime(compromisedSince) || compromisedSince > timeOf(at))) throw new Refusal<KeysCode>('keys/time', `a compromise is known since a time that has passed: it is ${timeOf(at)} now`, 'since')
  if (purposes.includes('oprf') && compromisedSince === null) throw new Refusal<KeysCode>('keys/oprf-lives', 'the OPRF key lives as long as the agreement: only a compromise ends it', 'purpose')
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
    const keys = await freshLaterKeys(now, from, purposes.filter((purpose) => purpose !== 'oprf'))
    if (purposes.includes('oprf')) await demandDeclaredUnder(hall, own)
    const body = {
      ...previous.record, sequence: previous.record.sequence + 1, from, reason: compromisedSince === null ? 'rotation' as const : 'compromise' as const, compromisedSince, previous: previous.hash,
      keys: { ...previous.record.keys, message: doubleKeysOf(p, keys.message), courier: await identityToRecipient(keys.courier), witness: cosignerKeyOf(keys.witness), reader: cosignerKeyOf(keys.reader), log: doubleKeysOf(p, keys.log),
        ...(purposes.includes('oprf') ? { oprf: toBase64(await makeLaterOprfKey(register.dataDir, joined.agreement.id, previous.record.sequence + 1)) } : {}),
      },
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

/** A key under which nothing was declared has nothing to be searched for; nobody could tell that from a declaration that is hidden. */
async function demandDeclaredUnder({ log }: Pick<Hall, 'log'>, { oprf }: PartyTrust): Promise<void> {
  if ((await newestReadable(log))?.head.head.oprf !== toBase64(oprf)) throw new Refusal<KeysCode>('keys/nothing-declared', 'nothing was declared under this OPRF key yet: declare first, and let the log take it up with muster serve', 'purpose')
}
