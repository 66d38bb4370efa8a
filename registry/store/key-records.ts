// Later key records, the own ones and those that were read in the logs of others, as acts that count once: a party's record of a sequence is never another.
import { fromUtf8, utf8 } from '@muster/core/bytes/bytes.ts'
import type { AgreementId } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { LATER_RECORDS_MAX } from '@muster/core/wire/trust.ts'
import { doneAmong, doOnce, doOnceIn } from './acts-once.ts'
import type { Transaction } from './database.ts'
import type { Register } from './register.ts'
import type { Secrets } from './secrets.ts'

/** By which act a later record is kept. */
export const keyRecordAct = (agreement: AgreementId, party: PartyId, sequence: number): string => `key-record/${agreement}/${party}/${sequence}`

/** Those of each party that are known here, oldest first. Throws where a row was changed. */
export async function laterRecords(register: Pick<Register, 'db' | 'secrets'>, agreement: AgreementId, parties: readonly PartyId[]): Promise<ReadonlyMap<PartyId, readonly Uint8Array[]>> {
  const sequences = Array.from({ length: LATER_RECORDS_MAX }, (_, i) => i + 1)
  const known = await doneAmong(register, parties.flatMap((party) => sequences.map((sequence) => keyRecordAct(agreement, party, sequence))))
  return new Map(parties.map((party) => [party, sequences.flatMap((sequence) => {
    const record = known.get(keyRecordAct(agreement, party, sequence))
    return record === undefined ? [] : [utf8(record)]
  })]))
}

/** Keeps an own record within the transaction that lets it wait for the log. */
export async function keepRecordIn(tx: Transaction, secrets: Secrets, agreement: AgreementId, party: PartyId, sequence: number, bytes: Uint8Array, at: number): Promise<void> {
  await doOnceIn(tx, secrets, [keyRecordAct(agreement, party, sequence)], fromUtf8(bytes) as string, at)
}

/** Keeps a record that follows from those that are kept. */
export async function keepRecord(register: Pick<Register, 'db' | 'secrets'>, agreement: AgreementId, party: PartyId, sequence: number, bytes: Uint8Array, at: number): Promise<void> {
  await doOnce(register, [keyRecordAct(agreement, party, sequence)], fromUtf8(bytes) as string, at)
}
