// Vectors of log entries, of the clear entries of a whole log, and of the period's tree.
import { concat, toBase64, toHex, utf8 } from '@muster/core/bytes/bytes.ts'
import { canonicalBytes, type Json } from '@muster/core/bytes/canonical.ts'
import { noble as p } from '@muster/core/bytes/noble.ts'
import { boundEntry, clearEntry } from '@muster/core/wire/entry.ts'
import { headBytes, headHash, type Head } from '@muster/core/wire/head.ts'
import { batchDigest, bindDigest, eventLeaf, periodPath, periodSize, periodTree } from '@muster/core/wire/period.ts'
import { LATER_RECORD } from './agreements.ts'
import { AA, AGREEMENT, agreementJson, BB, drawn, firstRecord, hashOf, keyRecordBody, logSeeds, oprfKey, STEP } from './three-parties.ts'
import { signKeyRecord } from '@muster/core/wire/key-record.ts'

export type EntryVector = { what: string, entry: string, code: string | null, subject: Json }

function head(sequence: number, previous: Head | null, changes: Partial<Head> = {}): Head {
  return {
    v: 'muster/head/1', agreement: AGREEMENT, party: AA, sequence, asOf: `2026-0${sequence + 1}-01T00:00:00Z`, previous: previous === null ? null : headHash(p, previous),
    oprf: oprfKey(AA), folding: 1, size: STEP * (sequence + 1), root: toBase64(drawn(`root ${sequence}`)), counts: toHex(drawn(`counts ${sequence}`)), rekeyed: false, ...changes,
  }
}
const FIRST = head(0, null)
const AGREED = canonicalBytes(agreementJson())

export function entryVectors(): [string, EntryVector][] {
  const valid = (name: string, what: string, entry: Uint8Array, subject: Json): [string, EntryVector] => [`entry/valid/${name}`, { what, entry: toHex(entry), code: null, subject }]
  const invalid = (name: string, code: string, what: string, entry: Uint8Array): [string, EntryVector] => [`entry/invalid/${name}`, { what, entry: toHex(entry), code, subject: null }]
  const clear = (value: Json): Uint8Array => clearEntry(canonicalBytes(value))
  return [
    valid('agreement', 'an agreement in full', clearEntry(AGREED), { kind: 'agreement', agreement: AGREEMENT, sequence: 0 }),
    valid('key-record', 'a key record in full', clearEntry(firstRecord(AA)), { kind: 'key-record', agreement: AGREEMENT, sequence: 0 }),
    valid('head', 'the head of a declaration', clearEntry(headBytes(FIRST)), { kind: 'head', agreement: AGREEMENT, sequence: 0 }),
    valid('bound', '32 bytes that bind', boundEntry(drawn('binding')), null),
    invalid('empty', 'entry/empty', 'no byte at all', new Uint8Array(0)),
    invalid('kind-zero', 'entry/kind', 'a kind byte that there is not', concat(Uint8Array.of(0), drawn('binding'))),
    invalid('kind-three', 'entry/kind', 'a kind byte that there is not yet', concat(Uint8Array.of(3), drawn('binding'))),
    invalid('bound-31', 'entry/bound-length', 'a binding of 31 bytes', concat(Uint8Array.of(2), drawn('binding').subarray(1))),
    invalid('bound-33', 'entry/bound-length', 'a binding of 33 bytes', concat(Uint8Array.of(2), drawn('binding'), Uint8Array.of(0))),
    invalid('clear-not-json', 'entry/json', 'clear bytes that are no JSON', concat(Uint8Array.of(1), utf8('agreement'))),
    invalid('clear-not-utf-8', 'entry/json', 'clear bytes that are no UTF-8', Uint8Array.of(1, 0x22, 0xff, 0x22)),
    invalid('clear-duplicate-key', 'entry/json', 'one member twice', concat(Uint8Array.of(1), utf8('{"v":"muster/head/1","v":"muster/head/1"}'))),
    invalid('clear-unknown-version', 'entry/version', 'a document of a later version', clear({ ...FIRST, v: 'muster/head/2' })),
    invalid('clear-message', 'entry/version', 'a message is never a clear entry', clear({ v: 'muster/message/1' })),
    invalid('head-space-inside', 'head/not-canonical', 'a head with a space', concat(Uint8Array.of(1), utf8(new TextDecoder().decode(headBytes(FIRST)).replace('{', '{ ')))),
    invalid('head-size-300', 'head/shape', 'a size that is no multiple of 256', clear({ ...FIRST, size: 300 })),
    invalid('head-first-with-previous', 'head/shape', 'a first head with a predecessor', clear({ ...FIRST, previous: toHex(drawn('x')) })),
    invalid('head-first-rekeyed', 'head/shape', 'a first head cannot have another key than before', clear({ ...FIRST, rekeyed: true })),
    invalid('head-later-without-previous', 'head/shape', 'a later head without its predecessor', clear({ ...head(1, FIRST), previous: null })),
    invalid('too-long', 'entry/too-long', 'one byte more than a bundle can say', concat(Uint8Array.of(1), utf8('"'), new Uint8Array(65_533).fill(0x61), utf8('"'))),
  ]
}

/** A log from its first entry. `index` is the entry at which a reader stops, `code` why. */
export type LogVector = { what: string, party: string, agreement: string, firstKeyRecord: string, step: number, entries: string[], code: string | null, index: number | null }

export function logVectors(): [string, LogVector][] {
  const start = [clearEntry(AGREED), clearEntry(firstRecord(AA)), boundEntry(drawn('events')), clearEntry(headBytes(FIRST)), boundEntry(drawn('messages'))]
  const make = (name: string, what: string, code: string | null, entries: readonly Uint8Array[], index = entries.length - 1): [string, LogVector] => [`log/${code === null ? 'valid' : 'invalid'}/${name}`, {
    what, party: AA, agreement: AGREEMENT, firstKeyRecord: hashOf(firstRecord(AA)), step: STEP, entries: entries.map(toHex), code, index: code === null ? null : index,
  }]
  const then = (name: string, what: string, code: string | null, ...more: Uint8Array[]) => make(name, what, code, [...start, ...more])
  const clearHead = (what: Head): Uint8Array => clearEntry(headBytes(what))
  const NEXT = head(1, FIRST)
  const anew = oprfKey('AA later')
  const compromise = signKeyRecord(p, keyRecordBody(AA, {
    sequence: 1, reason: 'compromise', from: '2026-02-01T00:00:00Z', compromisedSince: '2026-01-20T00:00:00Z', previous: hashOf(firstRecord(AA)),
    keys: { ...keyRecordBody(AA, {}, ' second').keys, oprf: anew },
  }), logSeeds('AA second'), logSeeds('AA'))
  return [
    then('two-declarations', 'agreement, key record, two heads, bound entries between', null, clearHead(NEXT)),
    then('rotation', 'a key record in the middle', null, clearEntry(LATER_RECORD), clearHead(NEXT)),
    then('rekeyed', 'another OPRF key after a compromise, said by record and head', null, clearEntry(compromise), clearHead({ ...NEXT, oprf: anew, rekeyed: true })),
    then('two-heads-one-sequence', 'two heads of one sequence in one log', 'entry/second-clear', clearHead({ ...FIRST, root: toBase64(drawn('another root')) })),
    then('one-head-twice', 'the same head in two entries', 'entry/second-clear', clearHead(FIRST)),
    then('two-agreements-one-sequence', 'two agreements of one sequence', 'entry/second-clear', clearEntry(canonicalBytes({ ...agreementJson(), openOneIn: 20 }))),
    then('two-key-records-one-sequence', 'two first key records', 'entry/second-clear', clearEntry(signKeyRecord(p, keyRecordBody(AA, {}, ' second'), logSeeds('AA second')))),
    then('two-oprf-keys', 'a second head under another OPRF key, unsaid', 'head/two-oprf-keys', clearHead({ ...NEXT, oprf: anew })),
    then('rekeyed-without-record', 'a new OPRF key that no key record lists', 'head/oprf-not-in-key-record', clearHead({ ...NEXT, oprf: anew, rekeyed: true })),
    then('rekeyed-with-same-key', 'said to be another key, and it is the old one', 'head/does-not-follow', clearHead({ ...NEXT, rekeyed: true })),
    then('other-predecessor', 'a head that names another predecessor', 'head/does-not-follow', clearHead(head(1, head(0, null, { root: toBase64(drawn('another root')) })))),
    then('sequence-skipped', 'sequence 2 after 0', 'head/does-not-follow', clearHead(head(2, FIRST))),
    then('size-did-not-grow', 'a declaration without a step more', 'head/does-not-follow', clearHead({ ...NEXT, size: STEP })),
    then('as-of-runs-back', 'a later declaration of an earlier date', 'head/does-not-follow', clearHead({ ...NEXT, asOf: '2025-12-01T00:00:00Z' })),
    then('head-of-another-party', 'the head of another party', 'entry/of-another-log', clearHead({ ...NEXT, party: BB })),
    then('head-of-another-agreement', 'a head under another agreement', 'entry/of-another-log', clearHead({ ...NEXT, agreement: 'exercise-2' as Head['agreement'] })),
    make('first-head-missing', 'the log begins with a second head', 'head/first-missing', [...start.slice(0, 3), clearHead(NEXT)]),
    make('key-record-not-named', 'a first key record that the agreement does not name', 'key-record/hash', [start[0] as Uint8Array, clearEntry(signKeyRecord(p, keyRecordBody(AA, {}, ' second'), logSeeds('AA second')))]),
  ]
}

export type PeriodVector = {
  what: string, salt: string, digest: string, index: number, size: number, path: string[], entry: string, valid: boolean
}

/** Three digests in a period, one of them of a batch of two events. */
export function periodVectors(): [string, PeriodVector][] {
  const events = ['first event', 'second event'].map((name) => eventLeaf(p, drawn(`${name} salt`), utf8(name)))
  const digests = [batchDigest(p, events), drawn('digest 1'), drawn('digest 2')]
  const salts = digests.map((_, i) => drawn(`salt ${i}`))
  const bindings = digests.map((digest, i) => bindDigest(p, salts[i] as Uint8Array, digest))
  const tree = periodTree(p, bindings, Array.from({ length: periodSize(3) - 3 }, (_, i) => drawn(`padding ${i}`)))
  const place = periodPath(p, tree, bindings[0] as Uint8Array)
  if (place === undefined) throw new Error('the tree does not hold its own binding')
  const fair: PeriodVector = {
    what: 'a batch of events in a period of three bindings', salt: toHex(salts[0] as Uint8Array), digest: toHex(digests[0] as Uint8Array), index: place.index, size: 256,
    path: place.path.map(toHex), entry: toHex(boundEntry(tree.root)), valid: true,
  }
  const invalid = (name: string, what: string, changes: Partial<PeriodVector>): [string, PeriodVector] => [`period/invalid/${name}`, { ...fair, what, valid: false, ...changes }]
  return [
    ['period/valid/batch', fair],
    invalid('salt-of-another', 'the salt of another digest', { salt: toHex(salts[1] as Uint8Array) }),
    invalid('digest-of-another', 'the digest of another batch', { digest: toHex(digests[1] as Uint8Array) }),
    invalid('index-of-another', 'the next leaf', { index: (place.index + 1) % 256 }),
    invalid('index-is-size', 'an index beyond the last leaf', { index: 256 }),
    invalid('size-of-three', 'the number of bindings without the padding', { size: 3, index: 0, path: fair.path.slice(0, 2) }),
    invalid('size-lie', 'a tree of twice the size', { size: 512 }),
    invalid('path-too-short', 'one hash is missing', { path: fair.path.slice(0, -1) }),
    invalid('path-too-long', 'one hash too many', { path: [...fair.path, toHex(drawn('hash'))] }),
    invalid('clear-entry', 'the root under the other kind byte', { entry: `01${fair.entry.slice(2)}` }),
  ]
}
