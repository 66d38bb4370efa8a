// Vectors of evidence files: each charge shown, and what only looks like it. AA is accused; every secret follows from its name.
import { compare, concat, toBase64, toHex, utf8 } from '@muster/core/bytes/bytes.ts'
import { canonical, canonicalBytes, parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { noble as p } from '@muster/core/bytes/noble.ts'
import { nobleGroup } from '@muster/core/oprf/noble-group.ts'
import { evaluateWithProof } from '@muster/core/oprf/oprf.ts'
import { signCheckpoint } from '@muster/core/proof/checkpoint.ts'
import { signCosignature } from '@muster/core/proof/cosignature.ts'
import { firstSentinel, lastSentinel } from '@muster/core/proof/leaf.ts'
import { consistencyPath, inclusionPath, leafHash, rootOf } from '@muster/core/proof/merkle.ts'
import { formatNote, parseNote } from '@muster/core/proof/note.ts'
import { declarationOrigin, logOrigin, witnessName } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { boundEntry, clearEntry } from '@muster/core/wire/entry.ts'
import { EVIDENCE_VERSION } from '@muster/core/wire/evidence.ts'
import { headBytes, headHash, type Head } from '@muster/core/wire/head.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { AA, AGREEMENT, agreementJson, BB, CC, drawn, firstRecord, logSecrets, oprfKey, payload, sealed, STEP } from './three-parties.ts'

/** `file`: the text of the file; `agreement`: what the reader holds, null where there is none; `known`: key records that it holds besides; `code`: why it is refused, null where it is not. */
export type EvidenceVector = { what: string, file: string, agreement: string | null, known?: Json[], verdict: 'proven' | 'consistent' | 'refused', code: string | null }

const hexOf = (words: string): string => toHex(drawn(words))
const AT = 1_772_366_400
const ORIGIN = logOrigin(AA, AGREEMENT)
const AGREED = canonical(agreementJson())
type Entries = readonly Uint8Array[]
const hashes = (entries: Entries): Uint8Array[] => entries.map((entry) => leafHash(p, entry))
const note = (entries: Entries, origin: string = ORIGIN, by: PartyId = AA, at = AT): string => signCheckpoint(p, { origin, size: entries.length, root: rootOf(p, hashes(entries)) }, logSecrets(by), at)
const placed = (entries: Entries, index: number): { entry: string, index: number, path: string[] } => ({ entry: toBase64(entries[index] as Uint8Array), index, path: inclusionPath(p, hashes(entries), index).map(toHex) })
const record = (party: PartyId): Json => parseJson(firstRecord(party))

function file(charge: string, proof: Json, changes: { readonly [name: string]: Json } = {}): string {
  return canonical({ v: EVIDENCE_VERSION, agreement: agreementJson(), party: AA, keyRecord: record(AA), charge, found: '2026-03-02T00:00:00Z', proof, ...changes })
}

// A log, and declarations of 256 and 512 entries.
const sorted = (name: string, count: number): Uint8Array[] => Array.from({ length: count }, (_, i) => concat(drawn(`${name} label ${i}`), drawn(`${name} binding ${i}`))).sort(compare)
const FIRST_ENTRIES = [firstSentinel(), ...sorted('first', STEP - 2), lastSentinel()]
const KEPT = FIRST_ENTRIES.slice(1, -1)
const declared = (labels: Entries): Uint8Array[] => [firstSentinel(), ...[...labels, ...sorted('second', 2 * STEP - 2 - labels.length)].sort(compare), lastSentinel()]
const GONE = declared(KEPT.filter((_, i) => i !== 77))
const WHOLE = declared(KEPT)

function headOf(sequence: number, entries: Entries, previous: Head | null, changes: Partial<Head> = {}): Head {
  return {
    v: 'muster/head/1', agreement: AGREEMENT, party: AA, sequence, asOf: `2026-0${sequence + 1}-01T00:00:00Z`, previous: previous === null ? null : headHash(p, previous), oprf: oprfKey(AA), folding: 1,
    size: entries.length, root: toBase64(rootOf(p, hashes(entries))), counts: toHex(drawn(`counts ${sequence}`)), rekeyed: false, ...changes,
  }
}
const FIRST = headOf(0, FIRST_ENTRIES, null)
const originOf = (head: Head): string => declarationOrigin(ORIGIN, headHash(p, head))
const LOG = [clearEntry(canonicalBytes(agreementJson())), clearEntry(firstRecord(AA)), boundEntry(drawn('events')), clearEntry(headBytes(FIRST)), boundEntry(drawn('messages'))]
const TWO_HEADS = [...LOG, clearEntry(headBytes({ ...FIRST, counts: toHex(drawn('other counts')) })), clearEntry(headBytes(headOf(1, GONE, FIRST)))]
const OTHER = [...LOG.slice(0, 2), boundEntry(drawn('other events')), ...LOG.slice(3)]

const fork = (small: string, large: string, prefix: Uint8Array, path: Entries = []): Json => ({ small, large, prefix: toHex(prefix), path: path.map(toHex) })
const root = (entries: Entries): Uint8Array => rootOf(p, hashes(entries))
const grown = consistencyPath(p, hashes(TWO_HEADS), LOG.length, TWO_HEADS.length)
const two = (entries: Entries, first: number, second: number): Json => ({ note: note(entries), first: placed(entries, first), second: placed(entries, second) })

/** AA's checkpoint under the line of a party's witness. */
function witnessed(entries: Entries, by: PartyId, { origin = ORIGIN, seed = `${by} witness`, at: time = AT } = {}): string {
  const { text, signatures } = parseNote(note(entries, origin))
  return formatNote({ text, signatures: [...signatures, signCosignature(p, { origin, size: entries.length, root: root(entries) }, witnessName(by, AGREEMENT), drawn(seed), time)] })
}

const MIXED = FIRST_ENTRIES.with(5, FIRST_ENTRIES[6] as Uint8Array).with(6, FIRST_ENTRIES[5] as Uint8Array)
const pair = (entries: Entries, before: number, after: number): Json => ({ note: note(entries, originOf(FIRST)), before: placed(entries, before), after: placed(entries, after) })

function vanished(entries: Entries, changes: Partial<Head> = {}, around = placeOf(entries)): { [name: string]: Json } {
  const head = headOf(1, entries, FIRST, changes)
  const base64 = (each: Head): string => toBase64(headBytes(each))
  const [left, right] = [placed(entries, around), placed(entries, around + 1)]
  return { note: note(entries, originOf(head)), head: base64(head), previous: base64(FIRST), gone: placed(FIRST_ENTRIES, 78), absent: { index: around, entries: [left.entry, right.entry], paths: [left.path, right.path] } }
}
/** The last place before the label of the 78th entry of the first declaration. */
function placeOf(entries: Entries): number {
  return entries.findLastIndex((entry) => compare(entry.subarray(0, 32), (FIRST_ENTRIES[78] as Uint8Array).subarray(0, 32)) < 0)
}

const SHORT = FIRST_ENTRIES.with(20, (FIRST_ENTRIES[20] as Uint8Array).slice(0, 63))
const at = (entries: Entries, index: number): Json => ({ note: note(entries, originOf(FIRST)), at: placed(entries, index) })

const SAID = sealed(payload(AA, BB, 0, null))
const NEXT = sealed(payload(AA, BB, 1, SAID.id))
// A question of four elements by BB, and AA's answers to it under the key of its first head.
const KEY = nobleGroup.hashToScalar(drawn('AA'), utf8('vectors'))
const BLINDED = Array.from({ length: 4 }, (_, i) => nobleGroup.multiplyBase(nobleGroup.hashToScalar(drawn(`blinded ${i}`), utf8('vectors'))))
const PATH: Json = { batch: { index: 0, size: 1, path: [] }, period: { salt: hexOf('salt'), index: 0, size: 256, path: [] }, entry: 2, proof: 0 }
const QUESTION = sealed(payload(BB, AA, 0, null, { kind: 'evaluation/request', body: { head: headHash(p, FIRST), recoveries: [{ binding: hexOf('find'), path: PATH }], proofs: ['proof'], elements: BLINDED.map(toBase64), coin: hexOf('coin') } }))
const TRUE = evaluateWithProof(nobleGroup, KEY, BLINDED, nobleGroup.hashToScalar(drawn('proof'), utf8('vectors')))

function answered(elements: Entries, proof: Uint8Array, changes: { readonly [name: string]: Json } = {}): Message {
  return sealed(payload(AA, BB, 0, null, { kind: 'evaluation/answer', body: { request: QUESTION.id, head: headHash(p, FIRST), elements: elements.map(toBase64), proof: toBase64(proof), coin: hexOf('its coin'), none: null, ...changes } }))
}
const HONEST = answered(TRUE.evaluationElements, TRUE.proof)
const REFUSAL = sealed(payload(AA, BB, 1, HONEST.id, { kind: 'evaluation/refuse', body: { request: QUESTION.id, reason: 'quota' } }))
const evaluation = (answer: Message, question: Message = QUESTION, head: Head = FIRST): Json => ({ request: toBase64(question.payloadBytes), answer: parseJson(answer.envelope), head: toBase64(headBytes(head)) })

const both = (first: Message, second: Message): Json => ({ first: parseJson(first.envelope), second: parseJson(second.envelope) })
const withoutMldsa = (text: string): string => {
  const parsed = parseNote(text)
  return formatNote({ text: parsed.text, signatures: parsed.signatures.slice(0, 1) })
}

const ofBb = (proof: Json): string => file('witnessed-fork', proof, { party: BB, keyRecord: record(BB) })
type Told = [string, EvidenceVector]

function witnessedVectors(valid: (name: string, what: string, text: string) => Told, invalid: (name: string, code: string, what: string, text: string) => Told): Told[] {
  return [
    valid('witnessed-fork', 'BB\'s witness cosigned two histories of AA\'s log', ofBb(fork(witnessed(OTHER, BB), witnessed(TWO_HEADS, BB), root(LOG), grown))),
    invalid('witnessed-one-history', 'evidence/shows-nothing', 'BB\'s witness cosigned a log that has grown', ofBb(fork(witnessed(LOG, BB), witnessed(TWO_HEADS, BB), root(LOG), grown))),
    invalid('witnessed-once', 'evidence/not-witnessed', 'the second history bears no line of BB\'s witness', ofBb(fork(witnessed(OTHER, BB), note(TWO_HEADS), root(LOG), grown))),
    invalid('witnessed-by-another', 'evidence/not-witnessed', 'CC\'s witness cosigned the second', ofBb(fork(witnessed(OTHER, BB), witnessed(TWO_HEADS, CC), root(LOG), grown))),
    invalid('witnessed-under-another-key', 'evidence/not-witnessed', 'a line in the name of BB\'s witness that its key did not make', ofBb(fork(witnessed(OTHER, BB), witnessed(TWO_HEADS, BB, { seed: 'a stranger' }), root(LOG), grown))),
    invalid('witnessed-two-logs', 'evidence/other-log', 'checkpoints of AA\'s log and of CC\'s', ofBb(fork(witnessed(OTHER, BB), witnessed(TWO_HEADS, BB, { origin: logOrigin(CC, AGREEMENT) }), root(LOG), grown))),
    invalid('witnessed-of-no-log', 'evidence/other-log', 'two declarations', ofBb(fork(witnessed(OTHER, BB, { origin: originOf(FIRST) }), witnessed(TWO_HEADS, BB, { origin: originOf(FIRST) }), root(LOG), grown))),
  ]
}

export function evidenceVectors(): [string, EvidenceVector][] {
  const valid = (name: string, what: string, text: string): [string, EvidenceVector] => [`evidence/valid/${name}`, { what, file: text, agreement: AGREED, verdict: 'proven', code: null }]
  const invalid = (name: string, code: string, what: string, text: string, agreement: string | null = AGREED): [string, EvidenceVector] =>
    [`evidence/invalid/${name}`, { what, file: text, agreement, verdict: 'refused', code }]
  const FORK = file('fork', fork(note(LOG), note(OTHER), root(OTHER)))
  const [, keysOnly] = valid('', '', FORK)
  return [
    valid('fork-of-one-size', 'two trees of five entries, both signed', FORK),
    valid('fork-of-two-sizes', 'the first five of seven entries come to another root than was signed for five', file('fork', fork(note(OTHER), note(TWO_HEADS), root(LOG), grown))),
    ...witnessedVectors(valid, invalid),
    ['evidence/valid/keys-from-the-file', { ...keysOnly, what: 'no agreement from outside: the keys are those that the file brought', agreement: null, verdict: 'consistent' }],
    valid('second-entry', 'two heads of sequence 0 in one log', file('second-entry', two(TWO_HEADS, 3, 5))),
    valid('two-checkpoints', 'one declaration, two roots', file('two-checkpoints', { first: note(FIRST_ENTRIES, originOf(FIRST)), second: note(MIXED, originOf(FIRST)) })),
    valid('other-than-its-head', 'a checkpoint of 256 other entries than the head states', file('other-than-its-head', { note: note(MIXED, originOf(FIRST)), head: toBase64(headBytes(FIRST)) })),
    valid('unsorted', 'entries 5 and 6 have changed places', file('unsorted', pair(MIXED, 5, 6))),
    valid('unlawful-entry', 'an entry of 63 bytes', file('unlawful-entry', at(SHORT, 20))),
    valid('unlawful-sentinel', 'the last entry is no sentinel', file('unlawful-entry', at(FIRST_ENTRIES.with(255, FIRST_ENTRIES[9] as Uint8Array), 255))),
    valid('label-gone', 'the label of entry 78 is in the next declaration no more', file('label-gone', vanished(GONE))),
    valid('label-gone-with-its-key', 'the OPRF key was replaced, and a label under the old one is gone with it', file('label-gone', vanished(GONE, { oprf: oprfKey('AA later'), rekeyed: true }))),
    valid('two-messages', 'two first messages to one receiver', file('two-messages', both(SAID, sealed(payload(AA, BB, 0, null, { body: { note: 'another' } }))))),
    valid('broken-chain', 'a second message that follows another first', file('broken-chain', both(SAID, sealed(payload(AA, BB, 1, toHex(drawn('no message'))))))),
    valid('two-answers', 'an evaluation, and a refusal of the same question', file('two-answers', both(HONEST, REFUSAL))),
    valid('false-evaluation', 'two elements in each other\'s places', file('false-evaluation', evaluation(answered([1, 0, 2, 3].map((i) => TRUE.evaluationElements[i] as Uint8Array), TRUE.proof)))),
    valid('false-evaluation-no-element', 'an element that is none', file('false-evaluation', evaluation(answered(TRUE.evaluationElements.with(2, new Uint8Array(32).fill(0xff)), TRUE.proof)))),
    invalid('two-answers-to-two-questions', 'evidence/shows-nothing', 'answers to two questions', file('two-answers', both(HONEST, answered(TRUE.evaluationElements, TRUE.proof, { request: hexOf('other') })))),
    invalid('two-answers-once', 'evidence/shows-nothing', 'one answer shown twice', file('two-answers', both(HONEST, HONEST))),
    invalid('two-answers-of-two-acts', 'evidence/shows-nothing', 'an evaluation, and an answer to a formal request', file('two-answers', both(HONEST, sealed(payload(AA, BB, 1, HONEST.id, { kind: 'trace/answer', body: { request: QUESTION.id, hits: [], look: null } }))))),
    invalid('evaluation-that-holds', 'evidence/shows-nothing', 'a true evaluation', file('false-evaluation', evaluation(HONEST))),
    invalid('evaluation-of-another-question', 'evidence/other-question', 'a true evaluation beside another question', file('false-evaluation', evaluation(HONEST, sealed({ ...QUESTION.payload, body: { ...QUESTION.payload.body, coin: hexOf('another coin') } })))),
    invalid('evaluation-under-another-head', 'evidence/other-head', 'a head with another key', file('false-evaluation', evaluation(HONEST, QUESTION, { ...FIRST, oprf: oprfKey('AA later') }))),
    invalid('fork-of-one-history', 'evidence/shows-nothing', 'a log that has grown', file('fork', fork(note(LOG), note(TWO_HEADS), root(LOG), grown))),
    invalid('fork-path-of-another-tree', 'evidence/path', 'a path that does not lead from `prefix` to the larger root', file('fork', fork(note(OTHER), note(TWO_HEADS), root(OTHER), grown))),
    invalid('fork-of-another-log', 'note/no-known-signature', 'two histories, signed by BB', file('fork', fork(note(LOG, logOrigin(BB, AGREEMENT), BB), note(OTHER, logOrigin(BB, AGREEMENT), BB), root(OTHER)))),
    invalid('fork-log-and-declaration', 'checkpoint/wrong-origin', "a declaration's checkpoint taken for the log's", file('fork', fork(note(LOG), note(LOG, originOf(FIRST)), root(LOG)))),
    invalid('fork-without-mldsa', 'checkpoint/mldsa44-missing', 'one of the two signatures left out', file('fork', fork(withoutMldsa(note(LOG)), note(OTHER), root(OTHER)))),
    invalid('second-entry-one-place', 'evidence/shows-nothing', 'one entry shown twice', file('second-entry', two(TWO_HEADS, 3, 3))),
    invalid('second-entry-two-sequences', 'evidence/shows-nothing', 'heads of two sequences', file('second-entry', two(TWO_HEADS, 3, 6))),
    invalid('second-entry-bound', 'evidence/shows-nothing', 'two bound entries', file('second-entry', two(TWO_HEADS, 2, 4))),
    invalid('second-entry-other-place', 'evidence/path', 'an entry at a place where it does not stand', file('second-entry', { ...two(TWO_HEADS, 3, 5) as object, second: { ...placed(TWO_HEADS, 5), index: 6 } })),
    invalid('two-checkpoints-of-one-root', 'evidence/shows-nothing', 'one checkpoint, signed at two times', file('two-checkpoints', { first: note(FIRST_ENTRIES, originOf(FIRST)), second: note(FIRST_ENTRIES, originOf(FIRST), AA, AT + 60) })),
    invalid('two-checkpoints-of-the-log', 'evidence/other-log', "checkpoints of the log, which grows", file('two-checkpoints', { first: note(LOG), second: note(TWO_HEADS) })),
    invalid('two-checkpoints-of-two-heads', 'evidence/shows-nothing', 'checkpoints of two declarations', file('two-checkpoints', { first: note(FIRST_ENTRIES, originOf(FIRST)), second: note(GONE, originOf(headOf(1, GONE, FIRST))) })),
    invalid('as-its-head-states', 'evidence/shows-nothing', 'the checkpoint of the head', file('other-than-its-head', { note: note(FIRST_ENTRIES, originOf(FIRST)), head: toBase64(headBytes(FIRST)) })),
    invalid('other-head-than-named', 'evidence/other-head', 'the head of another declaration', file('other-than-its-head', { note: note(MIXED, originOf(FIRST)), head: toBase64(headBytes(headOf(1, GONE, FIRST))) })),
    invalid('unsorted-in-order', 'evidence/shows-nothing', 'neighbours as they should be', file('unsorted', pair(FIRST_ENTRIES, 5, 6))),
    invalid('unsorted-not-neighbours', 'evidence/shows-nothing', 'the second shown before the first', file('unsorted', pair(FIRST_ENTRIES, 6, 5))),
    invalid('unlawful-entry-of-64-bytes', 'evidence/shows-nothing', 'an entry as it should be', file('unlawful-entry', at(SHORT, 21))),
    invalid('label-still-there', 'evidence/shows-nothing', 'the label is the right-hand neighbour', file('label-gone', vanished(WHOLE))),
    invalid('label-not-between', 'evidence/path', 'neighbours of some other label', file('label-gone', vanished(GONE, {}, 3))),
    invalid('label-other-predecessor', 'evidence/other-head', 'the newer head follows another one', file('label-gone', vanished(GONE, { previous: toHex(drawn('no head')) }))),
    invalid('label-other-head', 'evidence/other-head', 'the checkpoint is of another head', file('label-gone', { ...vanished(GONE), head: vanished(WHOLE).head ?? null })),
    invalid('two-messages-one-id', 'evidence/shows-nothing', 'one message twice', file('two-messages', both(SAID, SAID))),
    invalid('two-messages-two-receivers', 'evidence/shows-nothing', 'first messages to two receivers', file('two-messages', both(SAID, sealed(payload(AA, CC, 0, null))))),
    invalid('two-messages-of-another', 'message/unknown-sender', 'two messages by BB', file('two-messages', both(sealed(payload(BB, AA, 0, null)), sealed(payload(BB, AA, 0, null, { body: { note: 'another' } }))))),
    invalid('two-messages-forged', 'message/signature', 'a second message that AA never signed', file('two-messages', { first: parseJson(SAID.envelope), second: { ...parseJson(SAID.envelope) as object, payload: (parseJson(NEXT.envelope) as { payload: string }).payload } })),
    invalid('chain-as-it-should-be', 'evidence/shows-nothing', 'two messages, the second naming the first', file('broken-chain', both(SAID, NEXT))),
    invalid('other-agreement', 'evidence/other-agreement', 'the reader holds another agreement', FORK, canonical({ ...agreementJson(), openOneIn: 20 })),
    invalid('accused-in-place-of-another', 'note/no-known-signature', 'BB accused of what AA signed', file('fork', fork(note(LOG), note(OTHER), root(OTHER)), { party: BB, keyRecord: record(BB) })),
    invalid('key-record-of-another', 'key-record/hash', "AA accused under BB's keys", file('fork', fork(note(LOG), note(OTHER), root(OTHER)), { keyRecord: record(BB) })),
    invalid('not-a-party', 'evidence/not-a-party', 'a state outside the agreement', file('fork', fork(note(LOG), note(OTHER), root(OTHER)), { party: 'ZZ' })),
    invalid('no-such-charge', 'evidence/shape', 'a charge that there is not', file('treason', {})),
    invalid('member-too-many', 'evidence/shape', 'a proof with a member more', file('two-messages', { ...both(SAID, SAID) as object, third: null })),
    invalid('not-canonical', 'evidence/not-canonical', 'a space', FORK.replace('{', '{ ')),
  ]
}
