// Vectors of messages: an envelope as it arrives, what the receiver holds already, and what becomes of it; and of receipts with their proofs.
import { fromHex, fromUtf8, toBase64, utf8 } from '@muster/core/bytes/bytes.ts'
import { canonical, canonicalBytes, type Json } from '@muster/core/bytes/canonical.ts'
import { noble as p } from '@muster/core/bytes/noble.ts'
import { signCheckpoint } from '@muster/core/proof/checkpoint.ts'
import { inclusionPath, leafHash, rootOf } from '@muster/core/proof/merkle.ts'
import { formatTlogProof } from '@muster/core/proof/tlog-proof.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { boundEntry } from '@muster/core/wire/entry.ts'

import { signDouble, type DoubleKeys, type DoubleSeeds } from '@muster/core/wire/double-signature.ts'
import type { Message, Payload } from '@muster/core/wire/message.ts'
import { bindDigest, periodPath, periodProofOf, periodSize, periodTree, type PeriodProof } from '@muster/core/wire/period.ts'
import { RECEIPT_OF_MAX, receiptBody } from '@muster/core/wire/receipt.ts'
import { AA, AGREEMENT, BB, CC, drawn, logSecrets, messageKeys, payload, sealed, seeds } from './three-parties.ts'

/**
 * `held`: envelopes of the same pair that were taken before, in any order. `code`: why the envelope is not taken, null where it is; then `id` is its id,
 * `seen` whether it was held already, `gap` the first and the last sequence that are missing before it.
 */
export type MessageVector = {
  what: string, keys: Record<string, DoubleKeys>, receiver: string, agreement: string, at: string, held: string[], envelope: string, code: string | null
  id: string | null, seen: 'new' | 'again' | null, gap: [number, number] | null
}

const AT = '2026-03-02T00:00:00Z'
const KEYS = Object.fromEntries([AA, BB, CC].map((party) => [party, messageKeys(party)]))
const told = (bytes: Uint8Array): string => fromUtf8(bytes) as string

/** An envelope around any bytes, rightly signed: what only a careless or hostile sender makes. */
function packed(bytes: Uint8Array, by: DoubleSeeds = seeds('AA message'), domain = 'muster/message/v1\n', of = bytes): string {
  return canonical({ payload: toBase64(bytes), signatures: signDouble(p, by, domain, of) })
}

const FIRST = sealed(payload(AA, BB, 0, null))
const SECOND = sealed(payload(AA, BB, 1, FIRST.id, { body: { note: 'a second one' } }))
const THIRD = sealed(payload(AA, BB, 2, SECOND.id, { body: { note: 'a third one' } }))
const ASKED = sealed(payload(AA, BB, 1, FIRST.id, { kind: 'trace/request', expiry: '2026-03-03T00:00:00Z', body: {} }))

type More = Partial<Pick<MessageVector, 'receiver' | 'agreement' | 'at' | 'seen' | 'gap' | 'held'>>

function valid(name: string, what: string, message: Message, more: More = {}): [string, MessageVector] {
  return [`message/valid/${name}`, {
    what, keys: KEYS, receiver: BB, agreement: AGREEMENT, at: AT, held: [], envelope: told(message.envelope), code: null, id: message.id, seen: 'new', gap: null, ...more,
  }]
}

function invalid(name: string, code: string, what: string, envelope: string, more: More = {}): [string, MessageVector] {
  return [`message/invalid/${name}`, { what, keys: KEYS, receiver: BB, agreement: AGREEMENT, at: AT, held: [], envelope, code, id: null, seen: null, gap: null, ...more }]
}

export function messageVectors(): [string, MessageVector][] {
  const first = told(FIRST.envelope)
  const second = told(SECOND.envelope)
  return [
    valid('first', 'a notice, the first message of its pair', FIRST),
    valid('second', 'the next one', SECOND, { held: [first] }),
    valid('again', 'a message that was taken before', FIRST, { held: [first], seen: 'again' }),
    valid('after-a-gap', 'the one between has not arrived', THIRD, { held: [first], gap: [1, 1] }),
    valid('into-the-gap', 'the one between arrives last', SECOND, { held: [first, told(THIRD.envelope)] }),
    valid('request-in-time', 'a request before it expires', ASKED, { held: [first] }),
    valid('to-oneself', 'a registry asks itself as it asks the others', sealed(payload(AA, AA, 0, null)), { receiver: AA }),
    valid('receipt', 'a receipt names the message that it is for', sealed(payload(BB, AA, 0, null, { kind: 'receipt', body: receiptBody(FIRST) })), { receiver: AA }),
    ...wrongBytes(), ...wrongWords(first, second), ...wrongPlace(first, second),
  ]
}

function wrongBytes(): [string, MessageVector][] {
  const { payloadBytes, signatures } = FIRST
  const text = told(payloadBytes)
  const both = { ...signatures }
  const other = sealed(payload(BB, AA, 0, null)).signatures
  const anew = utf8(JSON.stringify(JSON.parse(text), null, 1))
  const moved = utf8(text.replace('one launcher', 'two launchers'))
  const unaligned = payloadBytes.length % 3 === 0 ? utf8(`${text} `) : payloadBytes
  const enveloped = (value: Json) => canonical(value)
  return [
    invalid('re-serialised-payload', 'message/signature', 'the payload written anew, with the same values and the old signatures', packed(anew, seeds('AA message'), 'muster/message/v1\n', payloadBytes)),
    invalid('re-serialised-and-signed', 'message/not-canonical', 'a payload in another form than RFC 8785, rightly signed', packed(anew)),
    invalid('duplicate-json-key', 'message/json', 'the receiver stands twice in a rightly signed payload', packed(utf8(text.replace('"to":"BB"', '"to":"CC","to":"BB"')))),
    invalid('lone-surrogate', 'message/json', 'half a character in a rightly signed payload', packed(utf8(text.replace('one launcher', '\\ud800')))),
    invalid('number-beyond-2-53', 'message/json', 'a sequence that not every reader can hold', packed(utf8(text.replace('"sequence":0', '"sequence":9007199254740993')))),
    invalid('not-utf-8', 'message/json', 'a byte that no UTF-8 has', packed(Uint8Array.of(0x22, 0xff, 0x22))),
    invalid('body-changed', 'message/signature', 'one word of the body is another', packed(moved, seeds('AA message'), 'muster/message/v1\n', payloadBytes)),
    invalid('signed-by-another', 'message/signature', 'the keys of another party', packed(payloadBytes, seeds('BB message'))),
    invalid('ed25519-of-another', 'message/signature', 'only the Ed25519 signature is another party\'s', enveloped({ payload: toBase64(payloadBytes), signatures: { ...both, ed25519: other.ed25519 } })),
    invalid('mldsa44-of-another', 'message/signature', 'only the ML-DSA-44 signature is another party\'s', enveloped({ payload: toBase64(payloadBytes), signatures: { ...both, mldsa44: other.mldsa44 } })),
    invalid('mldsa44-stripped', 'envelope/shape', 'one signature is left out', enveloped({ payload: toBase64(payloadBytes), signatures: { ed25519: both.ed25519 } })),
    invalid('signed-as-key-record', 'message/signature', 'the right keys over the domain of key records', packed(payloadBytes, seeds('AA message'), 'muster/key-record/v1\n')),
    invalid('envelope-with-space', 'envelope/not-canonical', 'an envelope in another form', told(FIRST.envelope).replace('{', '{ ')),
    invalid('base64-without-padding', 'envelope/shape', 'base64 in another form', enveloped({ payload: toBase64(unaligned).replaceAll('=', ''), signatures: both })),
  ]
}

function wrongWords(first: string, second: string): [string, MessageVector][] {
  const signed = (changes: Record<string, Json>) => packed(canonicalBytes({ ...payload(AA, BB, 0, null), ...changes }))
  return [
    invalid('unknown-version', 'message/shape', 'a message of a later version', signed({ v: 'muster/message/2' })),
    invalid('unknown-kind', 'message/shape', 'a kind that there is not', signed({ kind: 'strike/order' })),
    invalid('unknown-member', 'message/shape', 'a member that nobody knows', signed({ priority: 1 })),
    invalid('unknown-sender', 'message/unknown-sender', 'a party whose keys are not known', signed({ from: 'DD' })),
    invalid('notice-that-expires', 'message/shape', 'expiry ends a request, never a notice', signed({ expiry: '2026-03-03T00:00:00Z' })),
    invalid('expiry-before-time', 'message/shape', 'expired when it was written', signed({ kind: 'trace/request', expiry: '2026-03-01T12:00:00Z' })),
    invalid('first-with-previous', 'message/shape', 'a first message that names one before it', signed({ previous: FIRST.id })),
    invalid('later-without-previous', 'message/shape', 'a later message that names none', signed({ sequence: 1 })),
    invalid('expired', 'message/expired', 'a request that arrives too late', told(ASKED.envelope), { at: '2026-03-03T00:00:01Z', held: [first] }),
    invalid('from-the-future', 'message/from-the-future', 'dated after the receiver\'s clock and its skew', first, { at: '2026-03-01T11:00:00Z' }),
    invalid('other-receiver', 'message/other-receiver', 'a message to BB, delivered to CC', second, { receiver: CC }),
    invalid('other-agreement', 'message/other-agreement', 'a message under another agreement', first, { agreement: 'exercise-2' }),
  ]
}

function wrongPlace(first: string, second: string): [string, MessageVector][] {
  const another = sealed(payload(AA, BB, 0, null, { body: { note: 'no launcher found' } }))
  const stray = (sequence: number, previous: string, changes: Partial<Payload> = {}) => told(sealed(payload(AA, BB, sequence, previous, changes)).envelope)
  return [
    invalid('same-sequence-two-ids', 'message/same-sequence-two-ids', 'two messages of one sequence, both rightly signed', told(another.envelope), { held: [first] }),
    invalid('other-predecessor', 'message/chain-broken', 'the second message names another first one', stray(1, another.id), { held: [first] }),
    invalid('other-successor', 'message/chain-broken', 'a message into a gap that its successor does not name', stray(1, FIRST.id, { body: { note: 'another' } }), { held: [first, told(THIRD.envelope)] }),
    invalid('again-with-other-signature', 'message/signature', 'the bytes of a message that is held, under a false signature',
      canonical({ payload: toBase64(FIRST.payloadBytes), signatures: { ...FIRST.signatures, ed25519: SECOND.signatures.ed25519 } }), { held: [first, second] }),
  ]
}

/** `proof` is null where only the receipt itself is in question. `log`: who the log keys under which it is checked belong to. */
export type ReceiptVector = { what: string, keys: Record<string, DoubleKeys>, message: string, receipt: string, proof: PeriodProof | null, log: string, code: string | null }

/** The receipt bound in a period of a party's log of five entries. */
function boundIn(party: PartyId, receipt: Message, agreement: string = AGREEMENT): PeriodProof {
  const salt = drawn(`${party} salt`)
  const binding = bindDigest(p, salt, fromHex(receipt.id) as Uint8Array)
  const tree = periodTree(p, [binding], Array.from({ length: periodSize(1) - 1 }, (_, i) => drawn(`${party} padding ${i}`)))
  const entries = [...Array.from({ length: 3 }, (_, i) => boundEntry(drawn(`${party} entry ${i}`))), boundEntry(tree.root), boundEntry(drawn(`${party} entry 4`))]
  const leaves = entries.map((entry) => leafHash(p, entry))
  const secrets = { ...logSecrets(party), name: `${party}/muster/${agreement}` }
  const checkpoint = signCheckpoint(p, { origin: secrets.name, size: leaves.length, root: rootOf(p, leaves) }, secrets, 1_772_400_000)
  const proof = formatTlogProof({ index: 3, path: inclusionPath(p, leaves, 3), checkpoint })
  const place = periodPath(p, tree, binding)
  if (place === undefined) throw new Error('the tree does not hold its own binding')
  return periodProofOf(salt, tree.leaves.length, place, 3, proof)
}

export function receiptVectors(): [string, ReceiptVector][] {
  const receipt = sealed(payload(BB, AA, 0, null, { kind: 'receipt', body: receiptBody(FIRST) }))
  const make = (name: string, what: string, code: string | null, changes: Partial<Pick<ReceiptVector, 'receipt' | 'proof' | 'log'>> = {}): [string, ReceiptVector] => [
    `receipt/${code === null ? 'valid' : 'invalid'}/${name}`, { what, keys: KEYS, message: told(FIRST.envelope), receipt: told(receipt.envelope), proof: null, log: BB, code, ...changes },
  ]
  const by = (from: PartyId, to: PartyId, changes: Partial<Payload>) => told(sealed(payload(from, to, 0, null, { kind: 'receipt', body: receiptBody(FIRST), ...changes })).envelope)
  const proof = boundIn(BB, receipt)
  const another = boundIn(CC, receipt)
  const elsewhere = boundIn(BB, receipt, 'exercise-2')
  return [
    make('at-once', 'the receiver\'s signed word', null),
    make('of-several', 'one receipt for what came together', null, { receipt: by(BB, AA, { body: receiptBody(SECOND, FIRST) }) }),
    make('with-proof', 'and its binding in the receiver\'s log', null, { proof }),
    make('receipt-of-another-log', 'bound in the log of a third party, whose keys are taken for the receiver\'s', 'checkpoint/wrong-origin', { proof: another, log: CC }),
    make('proof-by-a-third-party', 'bound in the log of a third party', 'note/no-known-signature', { proof: another }),
    make('of-another-party', 'a receipt by a party that the message was not sent to', 'receipt/other-parties', { receipt: by(CC, AA, {}) }),
    make('of-several-others', 'what came together, and this message is not among it', 'receipt/other-message', { receipt: by(BB, AA, { body: { of: [SECOND.id, '00'.repeat(32)] } }) }),
    make('of-another-message', 'a receipt for the next message', 'receipt/other-message', { receipt: by(BB, AA, { body: receiptBody(SECOND) }) }),
    make('of-another-kind', 'an answer is no receipt', 'receipt/other-kind', { receipt: by(BB, AA, { kind: 'trace/acknowledge' }) }),
    make('under-another-agreement', 'a receipt under another agreement', 'receipt/other-agreement', { receipt: by(BB, AA, { agreement: 'exercise-2' as Payload['agreement'] }) }),
    make('with-more-to-say', 'a receipt says one thing', 'receipt/shape', { receipt: by(BB, AA, { body: { ...receiptBody(FIRST), also: 1 } }) }),
    make('of-one-message-twice', 'a message is named once', 'receipt/shape', { receipt: by(BB, AA, { body: { of: [FIRST.id, FIRST.id] } }) }),
    make('of-too-many', 'one message more than a receipt may name', 'receipt/shape', { receipt: by(BB, AA, { body: { of: [FIRST.id, ...Array.from({ length: RECEIPT_OF_MAX }, (_, i) => String(i).padStart(64, '0'))] } }) }),
    make('of-none', 'a receipt for nothing', 'receipt/shape', { receipt: by(BB, AA, { body: { of: [] } }) }),
    make('proof-under-another-agreement', 'bound in the same party\'s log under another agreement', 'note/no-known-signature', { proof: elsewhere }),
    make('proof-of-another-leaf', 'the path of another leaf', 'receipt/not-bound', { proof: { ...proof, index: 256 - 1 - proof.index, path: proof.path.slice(1) } }),
    make('proof-of-another-entry', 'an index beside the one that is proven', 'receipt/other-index', { proof: { ...proof, entryIndex: 4 } }),
  ]
}

