// Registries made for the benches, as their offices would make them: register, keys, agreement, addresses.

import { join } from 'node:path'
import { timeOf } from '@muster/core/bytes/time.ts'
import { agreementBytes, agreementOf, type AgreementId } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { readKeyRecord } from '@muster/core/wire/key-record.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { makeOprfKey } from '@muster/registry/evaluator/key.ts'
import { systemClock } from '@muster/registry/main.ts'
import { joinAgreement } from '@muster/registry/store/agreements.ts'
import { firstKeyRecord, makeAgreementKeys } from '@muster/registry/store/keys.ts'
import { initParty } from '@muster/registry/store/party-file.ts'
import { openRegister, type Register } from '@muster/registry/store/register.ts'

export const AGREEMENT = 'exercise-bench' as AgreementId
const DAY_SECONDS = 86_400
const QUOTA_ELEMENTS = 10_000_000

export interface BenchParty { readonly party: PartyId, readonly dir: string, readonly register: Register, readonly keyRecord: Uint8Array }

/** A party's register with its keys, open. */
export async function foundParty(folder: string, code: string): Promise<BenchParty> {
  const party = code as PartyId
  const dir = join(folder, code)
  const at = timeOf(systemClock())
  await initParty(dir, { party, name: `${code} (exercise)`, exercise: true, at })
  const register = await openRegister(dir)
  const keys = await makeAgreementKeys(dir, AGREEMENT)
  return { party, dir, register, keyRecord: await firstKeyRecord(keys, AGREEMENT, party, at, await makeOprfKey(dir, AGREEMENT)) }
}

/** The agreement of all of them, joined by each. */
export async function joinAll(parties: readonly BenchParty[], urls: ReadonlyMap<PartyId, string>, periodSeconds: number): Promise<void> {
  const liars = Math.min(1, parties.length - 1)
  const named = parties.map(({ party, keyRecord }) => {
    const record = readKeyRecord(p, keyRecord)
    if (record instanceof Error) throw record
    return { id: party, name: { en: party, ru: party }, keyRecord: record.hash }
  })
  const agreement = agreementOf({
    v: 'muster/agreement/1', id: AGREEMENT, sequence: 0, exercise: true, parties: named, title: { en: 'EXERCISE: bench', ru: 'УЧЕНИЕ: замер' },
    baseline: '2019-01-01T00:00:00Z', scope: { classes: null }, liars, quorum: Math.floor((parties.length + liars) / 2) + 1, periodSeconds, step: 256, declarationAgeSecondsMax: 400 * DAY_SECONDS,
    quota: { windowSeconds: 60, askerElements: QUOTA_ELEMENTS, allElements: QUOTA_ELEMENTS }, batches: [16, 64, 256, 1024], openOneIn: 10,
    deadlines: { openSeconds: DAY_SECONDS, answerSeconds: DAY_SECONDS, receiptSeconds: 3600, lookSeconds: 30 * DAY_SECONDS },
    standing: { sections: ['status', 'acquired', 'released', 'marks', 'history'], approvedBy: ['First officer (exercise)', 'Second officer (exercise)'] },
    marking: { level: 'EXERCISE', caveats: [] },
  })
  if (agreement instanceof Error) throw agreement
  const records = new Map(parties.map(({ party, keyRecord }) => [party, keyRecord]))
  for (const { register } of parties) await joinAgreement(register, agreementBytes(agreement), records, urls, systemClock())
}
