// Key records that stand in a log, taken up: whatever is read of that log afterwards is read under their keys.
import { trustOf, type PartyTrust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { settleLater } from '../evaluator/settled.ts'
import type { Joined } from '../store/agreements.ts'
import { keepRecord, laterRecords } from '../store/key-records.ts'
import { keysNamed, readAgreementKeys } from '../store/keys.ts'
import type { Register } from '../store/register.ts'
import type { Followed } from './followed-log.ts'

/** Takes up what is known of keys: the own seeds from their file, records from the database. */
export async function renewKeys(register: Register, joined: Joined): Promise<void> {
  const { agreement } = joined
  const later = await laterRecords(register, agreement.id, agreement.parties.map(({ id }) => id))
  const { trust: before } = joined
  const trust = trustOf(p, agreement, (party) => (before.parties.get(party) as PartyTrust).record.bytes, (party) => later.get(party) ?? [])
  // Who is a party of another text only is known by what was known of it.
  joined.trust = { ...trust, messageKeys: (from, id, time) => trust.parties.has(from) ? trust.messageKeys(from, id, time) : before.messageKeys(from, id, time) }
  joined.keys = keysNamed(await readAgreementKeys(register.dataDir, agreement.id) ?? joined.keys, (later.get(register.file.party) ?? []).length)
}

/** Keeps the later key records that a party's log holds, and goes by them from now on. `at`: POSIX seconds. */
export async function followRecords(register: Register, joined: Joined, { party: { party }, log }: Followed, at: number): Promise<void> {
  const known = joined.trust.parties.get(party)?.records.length ?? 0
  if (log.keyRecords.length <= known) return
  const later = log.keyRecords.slice(1)
  // Throws where they do not follow from one another, before anything of them is kept.
  trustOf(p, joined.agreement, (each) => (joined.trust.parties.get(each) as PartyTrust).record.bytes, (each) => each === party ? later.map(({ bytes }) => bytes) : [])
  // The evaluator first: after a crash between the two the log is followed again.
  await settleLater(register.dataDir, joined.agreement.id, party, later.map(({ bytes }) => bytes))
  for (const { record, bytes } of later) await keepRecord(register, joined.agreement.id, party, record.sequence, bytes, at)
  await renewKeys(register, joined)
}
