// Vectors of correspondences: a call, its receipt and its answers among three parties, and what a maker may do to such a file.
import { toHex } from '@muster/core/bytes/bytes.ts'
import { canonical, parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { Message, Payload } from '@muster/core/wire/message.ts'
import { AA, agreementJson, BB, CC, drawn, firstRecord, payload, sealed } from './three-parties.ts'

/** `file`: its text; `agreement`: what the reader holds, null where there is none; `letters`: messages besides receipts; `code`: why it is refused, null where it is not. */
export type CorrespondenceVector = { what: string, file: string, agreement: string | null, verdict: 'proven' | 'consistent' | 'refused', letters: number, code: string | null }

const AGREED = canonical(agreementJson())
const CALL = toHex(drawn('a call').slice(0, 16))
const OTHER = toHex(drawn('another call').slice(0, 16))
const record = (party: PartyId): Json => parseJson(firstRecord(party))
const said = (from: PartyId, to: PartyId, sequence: number, previous: Message | null, kind: Payload['kind'], body: { readonly [name: string]: Json }, time = '2026-03-01T12:00:00Z'): Message => sealed(payload(from, to, sequence, previous?.id ?? null, { kind, body, time }))
const issue = (to: PartyId, call = CALL): Message => said(AA, to, 0, null, 'call/issue', { call, reason: 'exercise', classes: null, types: null, seen: 'opened', asOf: '2026-03-01T00:00:00Z', due: '2026-04-01T00:00:00Z', remind: [], note: null })

const [TO_BB, TO_CC] = [issue(BB), issue(CC)]
const RECEIPT = said(BB, AA, 0, null, 'receipt', { of: [TO_BB.id] })
const answerBody = (call: string, request: string) => ({ call, request, asOf: '2026-03-01T00:00:00Z', counts: [{ class: 'missile', type: null, opened: 3, sealed: 0, records: 0 }], declared: null, note: null })
const ANSWER = said(BB, AA, 1, RECEIPT, 'call/answer', answerBody(CALL, TO_BB.id), '2026-03-05T12:00:00Z')
const DECLINE = said(CC, AA, 0, null, 'call/decline', { call: CALL, request: TO_CC.id, stance: 'objects', reason: 'neutrality', note: null }, '2026-03-06T12:00:00Z')
const WHOLE = [TO_BB, TO_CC, RECEIPT, ANSWER, DECLINE]

const envelope = ({ envelope: bytes }: Message): Json => parseJson(bytes)
function file(messages: readonly Json[], changes: { readonly [name: string]: Json } = {}): string {
  return canonical({ v: 'muster/correspondence/1', agreement: agreementJson(), affair: { kind: 'call', id: CALL }, keyRecords: [AA, BB, CC].map(record), messages, ...changes })
}
const made = (...messages: readonly Message[]): string => file(messages.map(envelope))
const forged = (message: Message, other: Message): Json => ({ ...(envelope(message) as { readonly [name: string]: Json }), signatures: (envelope(other) as { readonly signatures: Json }).signatures })

type Named = [string, CorrespondenceVector]
const valid = (name: string, what: string, text: string, letters: number, agreement: string | null = AGREED): Named => [`correspondence/valid/${name}`, { what, file: text, agreement, verdict: agreement === null ? 'consistent' : 'proven', letters, code: null }]
const invalid = (name: string, what: string, text: string, code: string, agreement: string | null = AGREED): Named => [`correspondence/invalid/${name}`, { what, file: text, agreement, verdict: 'refused', letters: 0, code }]

export function correspondenceVectors(): Named[] {
  return [
    valid('call', 'a call to two parties: one counts, one objects', made(...WHOLE), 4),
    valid('call-in-another-order', 'the same in another order', made(...WHOLE.toReversed()), 4),
    valid('without-the-agreement', 'the same, where the reader holds no agreement', made(...WHOLE), 4, null),
    valid('without-an-answer', 'a message that its maker left out is not missed', made(TO_BB, TO_CC, RECEIPT), 2),
    valid('receipt-of-several', 'a receipt names what came together, of another affair too', made(TO_BB, TO_CC, said(BB, AA, 0, null, 'receipt', { of: ['00'.repeat(32), TO_BB.id] })), 2),
    invalid('other-signature', 'the signatures of another message', file([forged(TO_BB, TO_CC), ...WHOLE.slice(1).map(envelope)]), 'message/signature'),
    invalid('answer-without-its-question', 'an answer to a call that the file does not hold', made(TO_CC, ANSWER, DECLINE), 'correspondence/unasked'),
    invalid('answer-by-another', 'an answer by a party that was not asked this', made(TO_BB, said(CC, AA, 0, null, 'call/answer', answerBody(CALL, TO_BB.id))), 'correspondence/unasked'),
    invalid('receipt-of-something-else', 'a receipt for a message that is not there', made(TO_CC, RECEIPT), 'correspondence/stranger'),
    invalid('receipt-of-its-own', 'a receipt names a message of the file that it cannot be for', made(TO_BB, TO_CC, said(BB, AA, 0, null, 'receipt', { of: [TO_BB.id, TO_CC.id] })), 'receipt/other-parties'),
    invalid('receipt-by-another', 'a receipt by a party that did not get the message', made(TO_BB, said(CC, AA, 0, null, 'receipt', { of: [TO_BB.id] })), 'receipt/other-parties'),
    invalid('another-call', 'a message of another call', made(TO_BB, issue(CC, OTHER)), 'correspondence/stranger'),
    invalid('message-twice', 'one message twice', made(TO_BB, TO_BB), 'correspondence/twice'),
    invalid('one-sequence-two-ids', 'two messages of one sequence', made(TO_BB, said(AA, BB, 0, null, 'call/remind', { call: CALL, issue: TO_BB.id, due: '2026-04-01T00:00:00Z', nth: 1, overdue: false })), 'correspondence/two-messages'),
    invalid('key-record-left-out', 'no key record of a party that says something', file(WHOLE.map(envelope), { keyRecords: [AA, BB].map(record) }), 'message/unknown-sender'),
    invalid('key-record-of-its-own', 'a key record that the agreement does not name', file(WHOLE.map(envelope), { keyRecords: [record(AA), { ...(record(BB) as { readonly [name: string]: Json }), from: '2026-01-02T00:00:00Z' }, record(CC)] }), 'key-record/hash'),
    invalid('other-agreement', 'another agreement than the one that the reader holds', file(WHOLE.map(envelope), { agreement: { ...agreementJson(), openOneIn: 11 } }), 'correspondence/other-agreement'),
    invalid('nothing-said', 'no message', file([]), 'correspondence/shape'),
    invalid('laid-out-anew', 'the same, laid out anew', JSON.stringify(JSON.parse(made(...WHOLE)), undefined, 1), 'correspondence/not-canonical'),
  ]
}
