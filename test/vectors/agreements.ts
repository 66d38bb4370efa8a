// Vectors of agreements and key records: one text, or bytes, and what is wrong with it.
import { fromUtf8 } from '@muster/core/bytes/bytes.ts'
import { canonical, canonicalBytes, type Json } from '@muster/core/bytes/canonical.ts'
import { noble as p } from '@muster/core/bytes/noble.ts'
import { signKeyRecord, type KeyRecord, type KeyRecordBody } from '@muster/core/wire/key-record.ts'
import { signDouble } from '@muster/core/wire/double-signature.ts'
import { AA, agreementJson, BB, firstRecord, hashOf, keyRecordBody, logSeeds, messageKeys, oprfKey } from './three-parties.ts'

/** `code` is null for what is valid; `at` names the member. */
export type AgreementVector = { what: string, agreement: string, code: string | null, at: string | null }

type Change = (agreement: Record<string, Json>) => unknown

function changed(change: Change): Record<string, Json> {
  const agreement = JSON.parse(canonical(agreementJson())) as Record<string, Json>
  change(agreement)
  return agreement
}

const EXCHANGE = { what: 'exports', from: '2026-01-01T00:00:00Z', everyMonths: 12, dueDays: 90 }
const SECRETARIAT = { id: 'secretariat', name: { en: 'Secretariat', ru: 'Секретариат' }, ...messageKeys(BB) }
const LICENSED = { licensor: 'BB', licensee: 'AA', maker: 'Завод 1', class: 'missile', type: '9М39', from: '2026-01-01T00:00:00Z', everyMonths: 6, dueDays: 60, serials: true }
const STEP = { subject: 'calls', afterSeconds: 86_400, office: 'Head of the national body' }

function terms(): Record<string, Json> {
  const { quota, deadlines } = agreementJson() as { quota: Record<string, Json>, deadlines: Record<string, Json> }
  return {
    quota: { ...quota, askers: [{ party: 'AA', elements: 1024 }], findElements: 512 },
    deadlines: { ...deadlines, noticeSeconds: 86_400, callAcknowledgeSeconds: 86_400, callAnswerSeconds: 2_592_000, withdrawalSeconds: 15_552_000 },
    exchanges: [EXCHANGE, { ...EXCHANGE, what: 'declaration', everyMonths: 3 }], escalation: [STEP],
    disclosure: { sections: [{ section: 'site', rule: 'never' }, { section: 'status', rule: 'standing' }], events: [{ kind: 'issued', rule: 'officers' }] },
  }
}

export function agreementVectors(): [string, AgreementVector][] {
  const valid = (name: string, what: string, change: Change): [string, AgreementVector] =>
    [`agreement/valid/${name}`, { what, agreement: canonical(changed(change)), code: null, at: null }]
  const invalid = (name: string, at: string, what: string, change: Change): [string, AgreementVector] =>
    [`agreement/invalid/${name}`, { what, agreement: canonical(changed(change)), code: 'agreement/shape', at }]
  const text = canonical(changed(() => undefined))
  const written = (name: string, code: string, what: string, agreement: string): [string, AgreementVector] => [`agreement/invalid/${name}`, { what, agreement, code, at: null }]
  const parties = (a: Record<string, Json>) => a.parties as Record<string, Json>[]
  return [
    valid('exercise', 'three parties, no liar to survive, a quorum of two', () => undefined),
    valid('scope-of-classes', 'an agreement on some classes only, without a standing rule', (a) => { a.scope = { classes: ['missile', 'gripstock'] }; a.standing = null }),
    valid('one-liar-of-three', 'f = 1 takes q = 3 of n = 3', (a) => { a.liars = 1; a.quorum = 3 }),
    valid('members-that-may-be-left-out', 'quotas by party and find, a schedule, rules of disclosure, escalation and all deadlines', (a) => { Object.assign(a, terms()) }),
    valid('amendment', 'the next sequence names the one before by its hash', (a) => { a.sequence = 1; a.former = 'ab'.repeat(32); a.effective = '2026-06-01T00:00:00Z' }),
    valid('secretariats', 'a secretariat that is no party, by its two keys', (a) => { a.secretariats = [SECRETARIAT] }),
    invalid('secretariat-twice', 'secretariats[1].id', 'one secretariat twice', (a) => { a.secretariats = [SECRETARIAT, { ...SECRETARIAT, ...messageKeys(AA) }] }),
    invalid('secretariat-key-twice', 'secretariats[1].ed25519', 'one key for two secretariats', (a) => { a.secretariats = [SECRETARIAT, { ...SECRETARIAT, id: 'second' }] }),
    invalid('secretariat-of-one-key', 'secretariats[0].mldsa44', 'a secretariat without a key that outlasts quantum computers', (a) => { a.secretariats = [{ id: 'secretariat', name: SECRETARIAT.name, ed25519: SECRETARIAT.ed25519 }] }),
    invalid('no-secretariat', 'secretariats', 'a list of none, which is left out', (a) => { a.secretariats = [] }),
    valid('licensed-production', 'production under a licence of another party, with returns', (a) => { a.licensedProduction = [LICENSED] }),
    invalid('licensor-that-is-no-party', 'licensedProduction[0].licensor', 'a licence of a stranger', (a) => { a.licensedProduction = [{ ...LICENSED, licensor: 'ZZ' }] }),
    invalid('licensed-by-itself', 'licensedProduction[0].licensee', 'a party that licenses itself', (a) => { a.licensedProduction = [{ ...LICENSED, licensor: 'AA' }] }),
    invalid('licensed-twice', 'licensedProduction[1]', 'one production twice', (a) => { a.licensedProduction = [LICENSED, { ...LICENSED, serials: false }] }),
    invalid('former-of-a-first', 'former', 'a first agreement that amends another', (a) => { a.former = 'ab'.repeat(32) }),
    invalid('asker-that-is-no-party', 'quota.askers[0].party', 'a quota for a stranger', (a) => { Object.assign(a.quota as object, { askers: [{ party: 'ZZ', elements: 64 }] }) }),
    invalid('asker-twice', 'quota.askers[1].party', 'two quotas for one party', (a) => { Object.assign(a.quota as object, { askers: [{ party: 'AA', elements: 64 }, { party: 'AA', elements: 128 }] }) }),
    invalid('asker-below-a-batch', 'quota.askers[0].elements', 'a quota without room for one batch', (a) => { Object.assign(a.quota as object, { askers: [{ party: 'AA', elements: 1 }] }) }),
    invalid('find-below-a-batch', 'quota.findElements', 'a find that can never be asked about', (a) => { Object.assign(a.quota as object, { findElements: 1 }) }),
    invalid('exchange-twice', 'exchanges[1]', 'two schedules for one exchange', (a) => { a.exchanges = [EXCHANGE, { ...EXCHANGE, everyMonths: 6 }] }),
    invalid('exchange-of-no-months', 'exchanges[0].everyMonths', 'a schedule that never moves', (a) => { a.exchanges = [{ ...EXCHANGE, everyMonths: 0 }] }),
    invalid('standing-rule-contradicted', 'disclosure.sections[0]', 'a section that the standing rule opens and the disclosure rules close', (a) => { a.disclosure = { sections: [{ section: 'status', rule: 'never' }], events: [] } }),
    invalid('rule-for-no-event', 'disclosure.events[0].kind', 'a rule for a kind of event that there is not', (a) => { a.disclosure = { sections: [], events: [{ kind: 'hidden', rule: 'never' }] } }),
    invalid('escalation-twice', 'escalation[1]', 'two offices for one delay', (a) => { a.escalation = [STEP, { ...STEP, office: 'Other' }] }),
    invalid('quorum-half', 'quorum', 'q = (n + f) / 2 is not above it', (a) => { a.liars = 1; a.quorum = 2 }),
    invalid('quorum-above-all', 'quorum', 'more than the parties there are', (a) => { a.quorum = 4 }),
    invalid('all-liars', 'liars', 'as many liars as parties', (a) => { a.liars = 3; a.quorum = 3 }),
    valid('in-earnest', 'no exercise, and its id says so', (a) => Object.assign(a, { exercise: false, id: 'missiles-2026' })),
    invalid('exercise-without-its-name', 'id', 'an exercise under an id that does not say so', (a) => a.id = 'missiles-2026'),
    invalid('in-earnest-under-the-name-of-an-exercise', 'id', 'said to be in earnest, under the id of an exercise', (a) => a.exercise = false),
    invalid('party-twice', 'parties[2].id', 'one party twice', (a) => { (parties(a)[2] as Record<string, Json>).id = 'AA' }),
    invalid('key-record-twice', 'parties[1].keyRecord', 'two parties with one key record', (a) => { (parties(a)[1] as Record<string, Json>).keyRecord = (parties(a)[0] as Record<string, Json>).keyRecord as string }),
    invalid('party-id', 'parties[0].id', 'a party id in small letters', (a) => { (parties(a)[0] as Record<string, Json>).id = 'aa' }),
    invalid('one-party', 'parties', 'an agreement of one', (a) => { a.parties = parties(a).slice(0, 1) }),
    invalid('step-of-100', 'step', 'a step that is no multiple of 256', (a) => { a.step = 300 }),
    invalid('batch-of-17', 'batches[1]', 'a size of batch that there is not', (a) => { a.batches = [16, 17] }),
    invalid('batches-descend', 'batches', 'sizes that do not ascend', (a) => { a.batches = [64, 16] }),
    invalid('asker-above-all', 'quota.askerElements', 'more for one asker than for all', (a) => { (a.quota as Record<string, Json>).askerElements = 20_000 }),
    valid('officers-of-one-party', 'a standing rule that does not answer for one of the parties', (a) => { (a.standing as Record<string, Json>).except = ['BB'] }),
    invalid('excepted-stranger', 'standing.except[0]', 'a party that is none is excepted from the standing rule', (a) => { (a.standing as Record<string, Json>).except = ['ZZ'] }),
    invalid('excepted-twice', 'standing.except[1]', 'a party is excepted twice', (a) => { (a.standing as Record<string, Json>).except = ['BB', 'BB'] }),
    invalid('one-person-twice', 'standing.approvedBy', 'a standing rule approved by one person', (a) => { (a.standing as Record<string, Json>).approvedBy = ['A. Petrova', 'a. petrova'] }),
    invalid('member-missing', 'deadlines.openSeconds', 'a deadline is missing', (a) => { delete (a.deadlines as Record<string, Json>).openSeconds }),
    invalid('member-unknown', 'deadline', 'a member that nobody knows', (a) => { a.deadline = 1 }),
    invalid('baseline-not-a-time', 'baseline', 'a day that does not exist', (a) => { a.baseline = '2026-02-30T00:00:00Z' }),
    invalid('other-version', 'v', 'a version that is not known', (a) => { a.v = 'muster/agreement/2' }),
    invalid('id-with-capitals', 'id', 'an id in capitals', (a) => { a.id = 'Drill-1' }),
    invalid('time-in-fractions', 'periodSeconds', 'half a second', (a) => { a.periodSeconds = 0.5 }),
    written('space-inside', 'agreement/not-canonical', 'the same values with a space', text.replace(':', ': ')),
    written('duplicate-json-key', 'agreement/json', 'one member twice', text.replace('"baseline"', '"quorum":2,"baseline"')),
    written('cut-off', 'agreement/json', 'the end is missing', text.slice(0, -1)),
  ]
}

/** `hash` is what the agreement names; `previous` (text) is given instead for a later record. */
export type KeyRecordVector = { what: string, record: string, hash: string | null, previous: string | null, code: string | null }

const told = (bytes: Uint8Array): string => fromUtf8(bytes) as string
const FIRST = firstRecord(AA)

function rotation(changes: Partial<KeyRecordBody> = {}): KeyRecordBody {
  const { keys } = keyRecordBody(AA, {}, ' second')
  return keyRecordBody(AA, { sequence: 1, reason: 'rotation', from: '2026-02-01T00:00:00Z', previous: hashOf(FIRST), keys: { ...keys, oprf: oprfKey(AA) }, ...changes })
}
const NEW = logSeeds('AA second')
const OLD = logSeeds('AA')
const second = (changes: Partial<KeyRecordBody> = {}): Uint8Array => signKeyRecord(p, rotation(changes), NEW, OLD)

export function keyRecordVectors(): [string, KeyRecordVector][] {
  const first = (name: string, what: string, record: Uint8Array, code: string | null, hash = hashOf(record)): [string, KeyRecordVector] =>
    [`key-record/${code === null ? 'valid' : 'invalid'}/${name}`, { what, record: told(record), hash, previous: null, code }]
  const later = (name: string, what: string, record: Uint8Array, code: string | null): [string, KeyRecordVector] =>
    [`key-record/${code === null ? 'valid' : 'invalid'}/${name}`, { what, record: told(record), hash: null, previous: told(FIRST), code }]
  const body = keyRecordBody(AA)
  const signed = (changes: Partial<KeyRecordBody>): Uint8Array => signKeyRecord(p, { ...body, ...changes }, OLD)
  const withKeys = (changes: Partial<KeyRecordBody['keys']>): Uint8Array => signed({ keys: { ...body.keys, ...changes } })
  const read = JSON.parse(told(FIRST)) as KeyRecord
  const [signature] = read.signatures as [KeyRecord['signatures'][number]]
  const bySignature = (changes: Partial<typeof signature>): Uint8Array => canonicalBytes({ ...read, signatures: [{ ...signature, ...changes }] })
  const stranger = signKeyRecord(p, body, logSeeds('BB'))
  const message = signDouble(p, OLD, 'muster/message/v1\n', canonicalBytes(body))
  return [
    first('first', 'the first record of a party', FIRST, null),
    later('rotation', 'new keys signed by the old and the new', second(), null),
    later('compromise', 'new keys, the OPRF key too, after the old ones were taken', second({ reason: 'compromise', compromisedSince: '2026-01-20T00:00:00Z', keys: { ...rotation().keys, oprf: oprfKey('AA later') } }), null),
    first('not-the-one-named', 'a lawful record that the agreement does not name', FIRST, 'key-record/hash', hashOf(firstRecord(BB))),
    first('ed25519-of-another', 'signed by the keys of another party', stranger, 'key-record/signature'),
    first('signed-as-message', 'the right keys over the domain of messages', canonicalBytes({ ...body, signatures: [{ by: 'new', ...message }] }), 'key-record/signature'),
    first('mldsa44-of-another', 'one of the two signatures is not the party\'s', bySignature({ mldsa44: (JSON.parse(told(stranger)) as KeyRecord).signatures[0]?.mldsa44 as string }), 'key-record/signature'),
    first('mldsa44-stripped', 'the ML-DSA-44 signature is left out', canonicalBytes({ ...read, signatures: [{ by: 'new', ed25519: signature.ed25519 }] }), 'key-record/shape'),
    first('first-with-sequence', 'a first record of sequence 1', signed({ sequence: 1 }), 'key-record/shape'),
    first('witness-is-reader', 'one key for two purposes', withKeys({ reader: body.keys.witness }), 'key-record/shape'),
    first('message-is-log', 'the log key signs messages', withKeys({ message: { ...body.keys.message, ed25519: body.keys.log.ed25519 } }), 'key-record/shape'),
    first('key-too-short', 'an OPRF key of 31 bytes', withKeys({ oprf: Buffer.from(body.keys.oprf, 'base64').subarray(1).toString('base64') }), 'key-record/shape'),
    later('rotation-by-new-only', 'the old keys did not sign', canonicalBytes({ ...rotation(), signatures: [{ by: 'new', ...signDouble(p, NEW, 'muster/key-record/v1\n', canonicalBytes(rotation())) }] }), 'key-record/shape'),
    later('rotation-by-stranger', 'other keys in the place of the old ones', signKeyRecord(p, rotation(), NEW, logSeeds('BB')), 'key-record/signature'),
    later('sequence-skipped', 'sequence 2 after 0', second({ sequence: 2 }), 'key-record/does-not-follow'),
    later('other-predecessor', 'the hash of another record', second({ previous: hashOf(firstRecord(BB)) }), 'key-record/does-not-follow'),
    later('of-another-party', 'a record of another party', second({ party: BB }), 'key-record/does-not-follow'),
    later('begins-before', 'it begins before its predecessor', second({ from: '2025-12-31T23:59:59Z' }), 'key-record/does-not-follow'),
    later('two-oprf-keys', 'a rotation that changes the OPRF key', second({ keys: { ...rotation().keys, oprf: oprfKey('AA later') } }), 'key-record/does-not-follow'),
    later('compromise-without-time', 'a compromise that does not say since when', second({ reason: 'compromise' }), 'key-record/shape'),
    later('compromised-in-future', 'compromised after the record begins', second({ reason: 'compromise', compromisedSince: '2026-02-02T00:00:00Z' }), 'key-record/shape'),
  ]
}

export const LATER_RECORD = second()
