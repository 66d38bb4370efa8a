// Vectors of evidence after a change or a compromise of log keys: whose forks convict AA, and whose do not. Every secret follows from its name.
import { toHex } from '@muster/core/bytes/bytes.ts'
import { canonical, parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { noble as p } from '@muster/core/bytes/noble.ts'
import { secondsOf, type Time } from '@muster/core/bytes/time.ts'
import { signCheckpoint, type LogSecrets } from '@muster/core/proof/checkpoint.ts'
import { signCosignature } from '@muster/core/proof/cosignature.ts'
import { formatNote, parseNote } from '@muster/core/proof/note.ts'
import { logOrigin, witnessName } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { doubleKeysOf } from '@muster/core/wire/double-signature.ts'
import { EVIDENCE_VERSION } from '@muster/core/wire/evidence.ts'
import { signKeyRecord, type KeyRecordBody } from '@muster/core/wire/key-record.ts'
import type { EvidenceVector } from './evidence.ts'
import { AA, AGREEMENT, agreementJson, BB, CC, drawn, firstRecord, hashOf, keyRecordBody, logSecrets, logSeeds } from './three-parties.ts'

const CHANGED = '2026-02-01T00:00:00Z'
const SINCE = '2026-01-20T00:00:00Z'
const [EARLY, LATE, AFTER] = ['2026-01-10T00:00:00Z', '2026-01-25T00:00:00Z', '2026-02-10T00:00:00Z'] as const
const ORIGIN = logOrigin(AA, AGREEMENT)
const OLD = logSecrets(AA)
const seedsOfNew = logSeeds('AA later')
const NEW: LogSecrets = { name: ORIGIN, ed25519Seed: seedsOfNew.ed25519, mldsa44Seed: seedsOfNew.mldsa44 }
const [TRUE, FALSE] = [drawn('the root'), drawn('another root')]

const record = (party: PartyId): Json => parseJson(firstRecord(party))
function changed(changes: Partial<KeyRecordBody> = {}): Json {
  const { keys } = keyRecordBody(AA)
  const body = keyRecordBody(AA, { sequence: 1, from: CHANGED, reason: 'rotation', previous: hashOf(firstRecord(AA)), ...changes, keys: { ...keys, log: doubleKeysOf(p, seedsOfNew) } })
  return parseJson(signKeyRecord(p, body, seedsOfNew, logSeeds(AA)))
}
const ROTATED = changed()
const TAKEN = changed({ reason: 'compromise', compromisedSince: SINCE })

const signed = (root: Uint8Array, secrets: LogSecrets, at: Time): string => signCheckpoint(p, { origin: ORIGIN, size: 5, root }, secrets, secondsOf(at))
function seen(note: string, at: Time, ...by: PartyId[]): string {
  const { text, signatures } = parseNote(note)
  const root = text.includes(Buffer.from(TRUE).toString('base64')) ? TRUE : FALSE
  return formatNote({ text, signatures: [...signatures, ...by.map((party) => signCosignature(p, { origin: ORIGIN, size: 5, root }, witnessName(party, AGREEMENT), drawn(`${party} witness`), secondsOf(at)))] })
}
const fork = (small: string, large: string, laterRecords: Json[], cosigners?: Json[]): string => canonical({
  v: EVIDENCE_VERSION, agreement: agreementJson(), party: AA, keyRecord: record(AA), ...(laterRecords.length === 0 ? {} : { laterRecords }), ...(cosigners === undefined ? {} : { cosigners }), charge: 'fork', found: '2026-03-02T00:00:00Z',
  proof: { small, large, prefix: toHex(large.includes(Buffer.from(TRUE).toString('base64')) ? TRUE : FALSE), path: [] },
})

export function logKeyVectors(): [string, EvidenceVector][] {
  const made = (name: string, what: string, file: string, code: string | null = null, known?: Json[]): [string, EvidenceVector] =>
    [`evidence/${code === null ? 'valid' : 'invalid'}/${name}`, { what, file, agreement: canonical(agreementJson()), ...(known === undefined ? {} : { known }), verdict: code === null ? 'proven' : 'refused', code }]
  const both = [record(BB), record(CC)]
  const thief = signed(FALSE, OLD, EARLY)
  const own = signed(TRUE, NEW, AFTER)
  return [
    made('fork-across-a-change', 'one size, one root under the first log keys, another under the next', fork(signed(FALSE, OLD, EARLY), own, [ROTATED])),
    made('fork-under-the-next-keys', 'both under the next log keys', fork(signed(FALSE, NEW, AFTER), own, [ROTATED])),
    made('fork-that-a-quorum-had-seen', 'under keys that were taken; but a quorum had cosigned it before', fork(seen(thief, EARLY, BB, CC), own, [TAKEN], both)),
    made('fork-under-keys-that-the-reader-knows', 'the file leaves out the record of the next keys, and its reader holds it', fork(signed(FALSE, NEW, AFTER), own, []), null, [ROTATED]),
    made('fork-under-taken-keys-record-withheld', 'the file leaves out the record that says that the keys were taken, and its reader holds it', fork(signed(TRUE, OLD, LATE), thief, []), 'checkpoint/compromised-key', [TAKEN]),
    made('other-record-than-the-readers', 'file and reader have two records of one sequence', fork(signed(FALSE, OLD, EARLY), own, [ROTATED]), 'key-record/two', [TAKEN]),
    made('fork-under-replaced-keys', 'under the first log keys, dated when the next were in force: the party says itself when they began', fork(signed(FALSE, OLD, AFTER), own, [ROTATED])),
    made('fork-before-its-keys', 'under the next log keys, dated before their record begins', fork(signed(FALSE, NEW, LATE), own, [ROTATED])),
    made('fork-under-taken-keys', 'whoever took the keys signed it, and dated it before', fork(thief, own, [TAKEN]), 'checkpoint/compromised-key'),
    made('fork-under-taken-keys-seen-by-one', 'one witness had cosigned it, which is no quorum', fork(seen(thief, EARLY, BB), own, [TAKEN], both), 'checkpoint/compromised-key'),
    made('fork-under-taken-keys-seen-later', 'a quorum cosigned it after the compromise', fork(seen(thief, LATE, BB, CC), own, [TAKEN], both), 'checkpoint/compromised-key'),
    made('fork-under-taken-keys-records-left-out', 'a quorum had cosigned it, and its key records are not shown', fork(seen(thief, EARLY, BB, CC), own, [TAKEN]), 'checkpoint/compromised-key'),
    made('fork-under-taken-keys-spoiled', 'a cosignature that does not verify', fork(seen(thief, EARLY, BB, CC).replace(/(\n— BB\S+ \S{40})(\S)/, (_, before: string, at: string) => `${before}${at === 'A' ? 'B' : 'A'}`), own, [TAKEN], both), 'checkpoint/compromised-key'),
    made('fork-cosigner-of-no-party', 'the key record of a stranger among those of the cosigners', fork(thief, own, [TAKEN], [record('DD' as PartyId)]), 'evidence/not-a-party'),
    made('fork-under-unknown-keys', 'under the next log keys, whose record is not shown', fork(signed(FALSE, NEW, AFTER), own, []), 'note/no-known-signature'),
  ]
}
