// When a party's keys of one purpose are in force, as its key records say (spec/key-record.md): from a record's `from` until the next record that changes them.
import { canonical } from '../bytes/canonical.ts'
import { Refusal } from '../bytes/refusal.ts'
import type { Time } from '../bytes/time.ts'
import type { KeyRecord, ReadKeyRecord } from './key-record.ts'

/** Purposes whose keys sign or evaluate; files are sealed to the courier key, and the one before may still be needed. */
const SIGNING = ['log', 'witness', 'reader', 'message', 'oprf'] as const
type Purpose = (typeof SIGNING)[number]

export interface Term<Keys> {
  readonly keys: Keys
  /** Null for the first: it begins at the beginning. */
  readonly from: Time | null
  /** Null for the one in force. */
  readonly until: Time | null
  /**
   * Since when these keys may be in other hands, where a compromise replaced them or keys that followed them: whoever has taken a registry's keys may have
   * taken those of before too. Null where nothing of the kind was said.
   */
  readonly compromisedSince: Time | null
}

/** The keys of one purpose, oldest first. A record that does not change them begins no term. */
export function termsOf<P extends Purpose>(records: readonly ReadKeyRecord[], purpose: P): readonly Term<KeyRecord['keys'][P]>[] {
  const changes = records.filter(({ record }, i) => i === 0 || canonical(record.keys[purpose]) !== canonical((records[i - 1] as ReadKeyRecord).record.keys[purpose]))
  return changes.map(({ record }, i) => {
    const since = changes.slice(i + 1).flatMap(({ record: { compromisedSince } }) => compromisedSince ?? []).sort()[0] ?? null
    return { keys: record.keys[purpose], from: i === 0 ? null : record.from, until: changes[i + 1]?.record.from ?? null, compromisedSince: since }
  })
}

/** The term that a time stated by the signer falls into. */
export function termAt<Keys>(terms: readonly Term<Keys>[], time: Time): Term<Keys> | undefined {
  return terms.findLast(({ from }) => from === null || from <= time)
}

/** A key is of one purpose for good, and one that was replaced does not come back: what it signed before and after could not be told apart. */
export function demandFresh(records: readonly ReadKeyRecord[]): void {
  const known = new Map<string, Purpose>()
  for (const [i, { record }] of records.entries()) {
    for (const purpose of SIGNING) {
      for (const key of keysIn(record, purpose)) {
        const before = known.get(key)
        const stays = i > 0 && keysIn((records[i - 1] as ReadKeyRecord).record, purpose).includes(key)
        if (before !== undefined && !(before === purpose && stays)) {
          throw new Refusal('key-record/key-again', `key record ${record.sequence} of ${record.party} gives as its ${purpose} key one that was its ${before} key`, `keys.${purpose}`)
        }
        known.set(key, purpose)
      }
    }
  }
}

function keysIn({ keys }: KeyRecord, purpose: Purpose): string[] {
  return purpose === 'oprf' ? [keys.oprf] : Object.values(keys[purpose])
}
