// EXERCISE. The one agreement of the exercise, its period, quotas and deadlines in seconds.
import { agreementBytes, agreementOf, type AgreementId } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { readKeyRecord } from '@muster/core/wire/key-record.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { ASKER, STATES } from './states.ts'

export const AGREEMENT = 'exercise-2002' as AgreementId
/** Its officers decide each request: the standing rule does not answer for it. */
export const BY_OFFICERS = 'QV' as PartyId
/** What the 36 components take, and three urgent questions more. */
export const ASKER_ELEMENTS = 2304
/** On an idle machine with two cores. */
const PERIOD_SECONDS_MIN = 60
const PERIOD_SECONDS_MAX = 120
/** How long a party has for its answer; so long after the last question the silent one is still waited for. */
const ANSWER_SECONDS_MIN = 10
const ANSWER_SECONDS_MAX = 240
const HOUR_SECONDS = 3600
const DAY_SECONDS = 86_400

const between = (low: number, value: number, high: number): number => Math.min(high, Math.max(low, Math.round(value)))

/**
 * The agreement's canonical bytes, naming each party's key record. `pace`: seconds that making and stocking twelve registers took, about 10 on an
 * idle machine: where it is slower, twelve parties on it need longer for everything, and nobody must be called silent for that.
 */
export function exerciseAgreement(records: ReadonlyMap<PartyId, Uint8Array>, pace: number): Uint8Array {
  const parties = STATES.map(({ party, title }) => {
    const record = readKeyRecord(p, records.get(party) ?? new Uint8Array(0))
    if (record instanceof Error) throw record
    return { id: party, name: title, keyRecord: record.hash }
  })
  const agreement = agreementOf({
    v: 'muster/agreement/1', id: AGREEMENT, sequence: 0, exercise: true, parties,
    title: { en: 'EXERCISE: accounting for launchers among twelve invented states', ru: 'УЧЕНИЕ: учёт пусковых установок двенадцатью вымышленными государствами' },
    baseline: '2019-01-01T00:00:00Z', scope: { classes: null }, liars: 1, quorum: 7, periodSeconds: between(PERIOD_SECONDS_MIN, 4 * pace, PERIOD_SECONDS_MAX), step: 256, declarationAgeSecondsMax: 30 * DAY_SECONDS,
    quota: { windowSeconds: DAY_SECONDS, askerElements: 100_000, allElements: 1_000_000, askers: [{ party: ASKER, elements: ASKER_ELEMENTS }] }, batches: [16, 64, 256, 1024], openOneIn: 10, reconciliation: { openOneIn: 20 },
    deadlines: { openSeconds: HOUR_SECONDS, answerSeconds: between(ANSWER_SECONDS_MIN, 0.9 * pace, ANSWER_SECONDS_MAX), receiptSeconds: HOUR_SECONDS, lookSeconds: 30 * DAY_SECONDS },
    standing: { sections: ['status', 'acquired', 'released', 'marks', 'history'], approvedBy: ['First officer of disclosure (exercise)', 'Second officer of disclosure (exercise)'], except: [BY_OFFICERS] },
    marking: { level: 'EXERCISE', caveats: ['All states, numbers and events are invented'] },
  })
  if (agreement instanceof Error) throw agreement
  return agreementBytes(agreement)
}
