// A party whose log keys have changed, taken up from its log itself: the record that says so is signed by the keys that are known, so it is believed wherever it
// is found, and the first checkpoint under the new keys covers it.
import { Breach } from '@muster/core/bytes/breach.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { Agreement } from '@muster/core/rules/agreement.ts'
import { parseEntry } from '@muster/core/wire/entry.ts'
import { verifyKeyRecord, type ReadKeyRecord } from '@muster/core/wire/key-record.ts'
import { ownWord } from '@muster/core/wire/party-checkpoint.ts'
import { partyTrust, type CosignerTrust, type PartyTrust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'

/** The party with the later records among these entries that follow from what is known. Throws a Refusal for one that is not followed. */
export function renewed(agreement: Agreement, party: PartyTrust, entries: Iterable<Uint8Array>): PartyTrust {
  const records = [...party.records]
  for (const bytes of entries) {
    const entry = parseEntry(p, bytes)
    if (entry instanceof Refusal || entry.kind === 'bound' || entry.body.what !== 'key-record') continue
    const record = verifyKeyRecord(p, entry.body.read.bytes, { previous: records.at(-1) as ReadKeyRecord })
    if (!(record instanceof Error)) records.push(record)
  }
  if (records.length === party.records.length) return party
  return partyTrust(p, agreement, party.party, party.record.hash, party.record.bytes, records.slice(1).map((each) => each.bytes))
}

/** None of the known keys signed: it may be a stranger's checkpoint, or one under keys of a record that was not read yet. */
export function isUnderOtherKeys(thrown: unknown): boolean {
  return thrown instanceof Breach && thrown.code === 'note/no-known-signature'
}

/** A checkpoint that was taken while its keys were good, and now counts no more: whoever took the keys may have made it. */
export function isVoid(trust: CosignerTrust | undefined, party: PartyTrust, note: string, origin: string): boolean {
  try {
    ownWord(p, trust, party, note, origin)
    return false
  } catch (thrown) {
    if (thrown instanceof Refusal && thrown.code === 'checkpoint/compromised-key') return true
    throw thrown
  }
}
