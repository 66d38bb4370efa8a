// Vectors of who has cosigned a checkpoint after cosigners' keys were changed or compromised: a checkpoint of AA's log, or of a declaration, under a quorum
// of two of three. Every secret follows from its name.
import { secondsOf, type Time } from '@muster/core/bytes/time.ts'
import { parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { toBase64 } from '@muster/core/bytes/bytes.ts'
import { noble as p } from '@muster/core/bytes/noble.ts'
import { signCheckpoint } from '@muster/core/proof/checkpoint.ts'
import { signCosignature } from '@muster/core/proof/cosignature.ts'
import { formatNote, parseNote, type NoteSignature } from '@muster/core/proof/note.ts'
import { logOrigin, readerName, witnessName } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { signKeyRecord, type KeyRecordBody } from '@muster/core/wire/key-record.ts'
import { AA, AGREEMENT, agreementJson, BB, CC, drawn, firstRecord, hashOf, keyRecordBody, logSecrets, logSeeds } from './three-parties.ts'

/** `keyRecords`: of each party the first, then later ones; `counted`: parties with the time of each, POSIX seconds; `code` is null for what is valid. */
export type CosignedVector = { what: string, agreement: Json, keyRecords: Json[], note: string, kind: 'witness' | 'reader', counted: { readonly [party: string]: number }, code: string | null }

const CHANGED = '2026-02-01T00:00:00Z'
const SINCE = '2026-01-20T00:00:00Z'
const [EARLY, LATE, AFTER] = ['2026-01-10T00:00:00Z', '2026-01-25T00:00:00Z', '2026-02-10T00:00:00Z'] as const
type Keys = Partial<KeyRecordBody['keys']>

const keyOf = (seed: string): { mldsa44: string } => ({ mldsa44: toBase64(p.mldsa44PublicKey(drawn(seed))) })
const NEW: Keys = { witness: keyOf('BB later witness'), reader: keyOf('BB later reader') }

function following(party: PartyId, previous: Uint8Array, keys: Keys, changes: Partial<KeyRecordBody> = {}): Uint8Array {
  const before = parseJson(previous) as unknown as KeyRecordBody
  const { keys: held } = before
  return signKeyRecord(p, keyRecordBody(party, { sequence: before.sequence + 1, from: CHANGED, reason: 'rotation', previous: hashOf(previous), ...changes, keys: { ...held, ...keys } }), logSeeds(party), logSeeds(party))
}
const ROTATED = following(BB, firstRecord(BB), NEW)
const COMPROMISED = following(BB, firstRecord(BB), NEW, { reason: 'compromise', compromisedSince: SINCE })

const CHECKPOINT = { origin: logOrigin(AA, AGREEMENT), size: 5, root: drawn('a root') }
const line = (party: PartyId, at: Time, seed = `${party} witness`, kind: 'witness' | 'reader' = 'witness'): NoteSignature =>
  signCosignature(p, CHECKPOINT, (kind === 'witness' ? witnessName : readerName)(party, AGREEMENT), drawn(seed), secondsOf(at))
const noteWith = (...lines: NoteSignature[]): string => {
  const { text, signatures } = parseNote(signCheckpoint(p, CHECKPOINT, logSecrets(AA), secondsOf(EARLY)))
  return formatNote({ text, signatures: [...signatures, ...lines] })
}
const records = (...later: Uint8Array[]): Json[] => [firstRecord(AA), firstRecord(BB), firstRecord(CC), ...later].map((bytes) => parseJson(bytes))

export function cosignedVectors(): [string, CosignedVector][] {
  const made = (name: string, what: string, keyRecords: Json[], note: string, counted: { readonly [party: string]: Time }, code: string | null = null, kind: 'witness' | 'reader' = 'witness'): [string, CosignedVector] =>
    [`cosigned/${code === null ? 'valid' : 'invalid'}/${name}`, { what, agreement: agreementJson(), keyRecords, note, kind, counted: Object.fromEntries(Object.entries(counted).map(([party, at]) => [party, secondsOf(at)])), code }]
  const invalid = (name: string, code: string, what: string, keyRecords: Json[], note = noteWith(line(BB, EARLY))) => made(name, what, keyRecords, note, {}, code)
  const later = 'BB later witness'
  const copied = following(CC, firstRecord(CC), { witness: keyOf('BB witness') })
  const stale = noteWith(line(BB, EARLY))
  return [
    made('before-a-change', 'under the first key, dated before the next record begins', records(ROTATED), noteWith(line(AA, EARLY), line(BB, EARLY)), { AA: EARLY, BB: EARLY }),
    made('after-a-change', 'under the next key, dated when its record begins', records(ROTATED), noteWith(line(AA, EARLY), line(BB, CHANGED, later)), { AA: EARLY, BB: CHANGED }),
    made('reader-after-a-change', 'a reader likewise', records(ROTATED), noteWith(line(BB, AFTER, 'BB later reader', 'reader'), line(CC, EARLY, 'CC reader', 'reader')), { BB: AFTER, CC: EARLY }, null, 'reader'),
    made('old-key-after-the-change', 'under the first key, dated when the next record begins', records(ROTATED), noteWith(line(AA, EARLY), line(BB, CHANGED)), { AA: EARLY }),
    made('new-key-before-its-record', 'under the next key, dated before its record begins', records(ROTATED), noteWith(line(AA, EARLY), line(BB, LATE, later)), { AA: EARLY }),
    made('both-keys-of-one', 'a line under each key: the party counts once', records(ROTATED), noteWith(line(BB, EARLY), line(BB, AFTER, later)), { BB: EARLY }),
    made('old-key-first-and-too-late', 'the line under the replaced key does not take the place of the one that counts', records(ROTATED), noteWith(line(BB, AFTER), line(BB, AFTER, later)), { BB: AFTER }),
    made('compromised-without-a-quorum', 'dated before the compromise; but whoever has the key dates it so, and no quorum stands without it', records(COMPROMISED), noteWith(line(AA, EARLY), line(BB, EARLY)), { AA: EARLY }),
    made('compromised-beside-a-quorum', 'dated before the compromise, where a quorum stands without it', records(COMPROMISED), noteWith(line(AA, EARLY), line(BB, EARLY), line(CC, AFTER)), { AA: EARLY, BB: EARLY, CC: AFTER }),
    made('compromised-and-dated-later', 'under the compromised key, dated after the compromise and before the record', records(COMPROMISED), noteWith(line(AA, EARLY), line(BB, LATE), line(CC, AFTER)), { AA: EARLY, CC: AFTER }),
    made('compromised-and-signed-anew', 'the same checkpoint under the next key', records(COMPROMISED), noteWith(line(AA, EARLY), line(BB, EARLY), line(BB, AFTER, later)), { AA: EARLY, BB: AFTER }),
    made('key-of-another-copied', 'CC lists the key of BB as its own: BB counts, and no line under the name of CC beside it', records(copied), noteWith(line(BB, EARLY), line(CC, AFTER, 'BB witness')), { BB: EARLY }),
    invalid('key-of-another-purpose', 'key-record/key-again', 'the reader\'s key becomes the witness\'s', records(following(BB, firstRecord(BB), { witness: keyOf('BB reader'), reader: keyOf('BB later reader') }))),
    invalid('key-that-comes-back', 'key-record/key-again', 'the first key again after another', records(ROTATED, following(BB, ROTATED, { witness: keyOf('BB witness') }))),
    invalid('record-left-out', 'key-record/does-not-follow', 'the second later record without the first', records(following(BB, ROTATED, { reader: keyOf('BB third reader') }))),
    invalid('records-out-of-order', 'key-record/does-not-follow', 'the second later record before the first', records(following(BB, ROTATED, { reader: keyOf('BB third reader') }), ROTATED)),
    invalid('by-a-stranger', 'key-record/signature', 'the old log key did not sign', records(signKeyRecord(p, keyRecordBody(BB, { sequence: 1, from: CHANGED, reason: 'rotation', previous: hashOf(firstRecord(BB)), keys: { ...keyRecordBody(BB).keys, ...NEW } }), logSeeds(BB), logSeeds(CC)))),
    invalid('of-no-party', 'key-record/stranger', 'the record of somebody else', records(firstRecord('DD' as PartyId))),
    invalid('line-of-another-text', 'note/bad-signature', 'a known key\'s line over another checkpoint', records(ROTATED), stale.replace('\n5\n', '\n6\n')),
  ]
}
