// Vectors of what aviation authorities are given, and what may be done to it on its way.
import { toHex } from '@muster/core/bytes/bytes.ts'
import { canonical, canonicalBytes, parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { noble as p } from '@muster/core/bytes/noble.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { signAviationNotice, type AviationWords } from '@muster/core/wire/aviation-notice.ts'
import { signKeyRecord, type KeyRecordBody } from '@muster/core/wire/key-record.ts'
import { AA, AGREEMENT, agreementJson, BB, drawn, firstRecord, hashOf, keyRecordBody, logSeeds, messageKeys, seeds } from './three-parties.ts'

/** `file`: its text; `agreement`: what the reader holds, null where there is none. */
export type AviationVector = { what: string, file: string, agreement: string | null, verdict: 'proven' | 'consistent' | 'refused', code: string | null }

type Members = { readonly [name: string]: Json }
const AGREED = canonical(agreementJson())
const WORDS: AviationWords = {
  v: 'muster/aviation/1', agreement: AGREEMENT, party: AA, name: 'Exercise party AA', exercise: true, marking: { level: 'exercise', caveats: [] }, kind: 'theft', discovered: '2026-03-01',
  made: '2026-03-02T12:00:00Z', notice: toHex(drawn('notice').slice(0, 16)), items: [{ class: 'missile', type: '9М39', items: 2 }, { class: 'gripstock', type: null, items: 1 }],
}
const record = (party: PartyId): Members => parseJson(firstRecord(party)) as Members
const signed = (words: AviationWords, by: PartyId = words.party): Members => parseJson(signAviationNotice(p, words, { keyRecord: record(by) }, seeds(`${by} message`))) as Members
/** AA's next record, with another message key. */
const nextRecord = (changes: Partial<KeyRecordBody> = {}): Members => parseJson(signKeyRecord(p, keyRecordBody(AA, {
  sequence: 1, from: '2026-02-01T00:00:00Z', reason: 'rotation', previous: hashOf(firstRecord(AA)), ...changes, keys: { ...keyRecordBody(AA).keys, message: messageKeys('AA later') },
}), logSeeds(AA), logSeeds(AA))) as Members
const changed = (key: string, next: Members, words: AviationWords = WORDS): Members => parseJson(signAviationNotice(p, words, { keyRecord: record(AA), laterRecords: [next] }, seeds(`${key} message`))) as Members
const WHOLE = signed(WORDS)

type Named = [string, AviationVector]
const valid = (name: string, what: string, file: Members, agreement: string | null = AGREED): Named => [`aviation/valid/${name}`, { what, file: canonical(file), agreement, verdict: agreement === null ? 'consistent' : 'proven', code: null }]
const invalid = (name: string, what: string, file: Members | string, code: string, agreement: string | null = AGREED): Named =>
  [`aviation/invalid/${name}`, { what, file: typeof file === 'string' ? file : Buffer.from(canonicalBytes(file)).toString('utf8'), agreement, verdict: 'refused', code }]

export function aviationVectors(): Named[] {
  return [
    valid('theft', 'two missiles and a gripstock of unknown type', WHOLE),
    valid('without-the-agreement', 'the same, where the reader holds no agreement', WHOLE, null),
    valid('after-a-change', 'under the message key of the next record', changed('AA later', nextRecord())),
    valid('after-a-change-without-the-agreement', 'the same, where the reader holds no agreement', changed('AA later', nextRecord()), null),
    invalid('under-the-old-key', 'under the first key, made when the next was in force', changed('AA', nextRecord()), 'aviation/signature'),
    invalid('under-a-compromised-key', 'under a compromised key, dated before it was replaced', changed('AA', nextRecord({ reason: 'compromise', compromisedSince: '2026-01-10T00:00:00Z' }), { ...WORDS, made: '2026-01-05T00:00:00Z' }), 'aviation/compromised'),
    invalid('other-number', 'another number of items than was signed', { ...WHOLE, items: [{ class: 'missile', type: '9М39', items: 3 }] }, 'aviation/signature'),
    invalid('other-day', 'another day than was signed', { ...WHOLE, discovered: '2026-02-28' }, 'aviation/signature'),
    invalid('by-another', 'signed by another party, whose key record goes along', { ...signed({ ...WORDS, party: BB }), party: AA }, 'key-record/hash'),
    invalid('by-another-without-the-agreement', 'the same, where the reader holds no agreement', { ...signed({ ...WORDS, party: BB }), party: AA }, 'aviation/not-a-party', null),
    invalid('not-a-party', 'a party that the agreement does not name', { ...WHOLE, party: 'ZZ' }, 'aviation/not-a-party'),
    invalid('not-an-exercise', 'an exercise that does not say so', { ...WHOLE, exercise: false }, 'aviation/not-of-the-agreement'),
    invalid('a-serial', 'a serial number beside the count', { ...WHOLE, items: [{ class: 'missile', type: '9М39', items: 2, serial: '0101' }] }, 'aviation/shape'),
    invalid('a-place', 'the store that they were taken from', { ...WHOLE, site: 'Depot 3' }, 'aviation/shape'),
    invalid('an-hour', 'the hour of the discovery', { ...WHOLE, discovered: '2026-03-01T04:00:00Z' }, 'aviation/shape'),
    invalid('laid-out-anew', 'the same, laid out anew', JSON.stringify(WHOLE, undefined, 1), 'aviation/not-canonical'),
  ]
}
