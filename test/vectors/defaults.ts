// Vectors of evidence of what a party did not do when it was due. AA is accused, BB waited, CC offered; every secret follows from its name.
import { addSeconds } from '@muster/core/bytes/time.ts'
import { toBase64, toHex, utf8 } from '@muster/core/bytes/bytes.ts'
import { canonical, parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { noble as p } from '@muster/core/bytes/noble.ts'
import { coinBinding, isPicked, padInput } from '@muster/core/oprf/batch.ts'
import { nobleGroup } from '@muster/core/oprf/noble-group.ts'
import { blindEach, VOPRF } from '@muster/core/oprf/oprf.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { EVIDENCE_VERSION } from '@muster/core/wire/evidence.ts'
import { signKeyRecord, type KeyRecordBody } from '@muster/core/wire/key-record.ts'
import { bindTable, pickedElements } from '@muster/core/wire/reconciliation-body.ts'
import { sealEnvelope, type Message, type Payload } from '@muster/core/wire/message.ts'
import type { MessageKind } from '@muster/core/wire/message-kind.ts'
import type { EvidenceVector } from './evidence.ts'
import { AA, agreementJson, BB, CC, drawn, firstRecord, hashOf, keyRecordBody, logSeeds, messageKeys, oprfKey, payload, sealed, seeds } from './three-parties.ts'

const AGREED = canonical(agreementJson())
const { answerSeconds, openSeconds } = agreementJson().deadlines
const ASKED = '2026-03-01T12:00:00Z'
const DUE = addSeconds(ASKED, answerSeconds)
const hexOf = (words: string): string => toHex(drawn(words))
const json = (message: Message): Json => parseJson(message.envelope)
const record = (party: PartyId): Json => parseJson(firstRecord(party))

const say = (from: PartyId, to: PartyId, kind: MessageKind, body: Payload['body'], time = ASKED): Message => sealed(payload(from, to, 0, null, { kind, body, time }))
const file = (charge: string, proof: Json): string => canonical({ v: EVIDENCE_VERSION, agreement: agreementJson(), party: AA, keyRecord: record(AA), charge, found: '2026-03-20T00:00:00Z', proof })

// A question of sixteen elements, whole: BB asks AA where AA is silent, AA asks BB where AA opens.
const INPUTS = Array.from({ length: 16 }, (_, i) => padInput(drawn(`padding ${i}`)))
const BLINDS = INPUTS.map((_, i) => nobleGroup.hashToScalar(drawn(`blind ${i}`), utf8('vectors')))
const ELEMENTS = blindEach(nobleGroup, VOPRF, INPUTS, BLINDS)
const [COIN, ANSWERED_COIN] = [drawn('asker coin'), coinThat(true)]
const PATH: Json = { batch: { index: 0, size: 1, path: [] }, period: { salt: hexOf('salt'), index: 0, size: 256, path: [] }, entry: 2, proof: 0 }
const QUESTION = { head: hexOf('head'), recoveries: [{ binding: hexOf('find'), path: PATH }], proofs: ['proof'], elements: ELEMENTS.map(toBase64), coin: toHex(coinBinding((...parts) => p.sha256(...parts), COIN)) }

/** The first coin of the asked party that picks the batch, or does not. */
function coinThat(picks: boolean): Uint8Array {
  for (let i = 0; ; i++) {
    const coin = drawn(`asked coin ${i}`)
    if (isPicked((...parts) => p.sha256(...parts), drawn('asker coin'), coin, agreementJson().openOneIn) === picks) return coin
  }
}

const TO_AA = say(BB, AA, 'evaluation/request', QUESTION)
const receiptBy = (from: PartyId, of: Message, time: string): Message => say(from, of.payload.from, 'receipt', { of: [of.id] }, time)
const missing = (by: PartyId, of: Message, what: 'answer' | 'opening', time: string, answer: Json = null): Message => say(by, AA, 'delivery/missing', { request: of.id, what, attempt: what === 'opening' && time < '2026-03-03' ? 0 : 1, answer }, time)

const HALF = addSeconds(ASKED, answerSeconds / 2)
const tried = (at: string, how = 'no-answer'): Json => ({ at, how, code: null })
const stated = (from: PartyId, changes: { readonly [name: string]: Json } = {}, time = DUE): Message =>
  say(from, BB, 'delivery/stated', { request: hexOf('ask'), of: TO_AA.id, party: AA, sealed: hexOf('sealed'), tries: [tried(ASKED), tried(HALF), tried(DUE)], receipt: null, reply: null, ...changes }, time)
const silent = (changes: { readonly [name: string]: Json } = {}): string => file('silent', {
  request: json(TO_AA), receipt: json(receiptBy(AA, TO_AA, ASKED)), statements: [], missing: json(missing(BB, TO_AA, 'answer', DUE)), keyRecords: [record(BB), record(CC)], ...changes,
})
const offered = (...statements: Message[]): string => silent({ receipt: null, statements: statements.map(json) })

const TO_BB = say(AA, BB, 'evaluation/request', QUESTION)
const answerWith = (coin: Uint8Array, of: Message = TO_BB): Message => say(BB, AA, 'evaluation/answer', { request: of.id, head: hexOf('head'), elements: ELEMENTS.map(toBase64), proof: toBase64(new Uint8Array(64)), coin: toHex(coin), none: null })
const ANSWER = answerWith(ANSWERED_COIN)
const LATE = '2026-03-02T12:00:00Z'
const TOLD = missing(BB, TO_BB, 'opening', LATE, json(ANSWER))
const OPEN_DUE = addSeconds(LATE, openSeconds)
const unopened = (changes: { readonly [name: string]: Json } = {}): string => file('unopened', {
  request: json(TO_BB), told: json(TOLD), receipt: json(receiptBy(AA, TOLD, LATE)), missing: json(missing(BB, TO_BB, 'opening', OPEN_DUE, json(ANSWER))), keyRecords: [record(BB)], ...changes,
})

const elements = INPUTS.map((input, i) => ({ input: toBase64(input), blind: toHex(BLINDS[i] as Uint8Array) }))
const shown = (changes: { readonly [name: string]: Json } = {}): Json => ({ request: TO_BB.id, coin: toHex(COIN), opened: null, ...changes })
const open = (...batches: Json[]): Message => say(AA, BB, 'evaluation/open', { batches })
const falsely = (opening: Message, answer: Message | null = ANSWER): string => file('false-opening', { request: json(TO_BB), opening: json(opening), answer: answer === null ? null : json(answer), keyRecords: [record(BB)] })

// The same elements in a reconciliation, where a toss of its own picks each: AA asks BB, and shows what it was.
const RECONCILIATION = hexOf('reconciliation').slice(0, 32)
const BULK = say(AA, BB, 'reconciliation/ask', { reconciliation: RECONCILIATION, n: 0, head: hexOf('head'), elements: QUESTION.elements, coin: QUESTION.coin })
const BULK_ANSWER = say(BB, AA, 'reconciliation/answer', { request: BULK.id, head: hexOf('head'), elements: QUESTION.elements, proof: toBase64(new Uint8Array(64)), coin: toHex(ANSWERED_COIN) })
const PICKED = pickedElements((...parts) => p.sha256(...parts), COIN, ANSWERED_COIN, 1, INPUTS.length)
const bulkShown = (opened: readonly Json[]): string => file('false-opening', { request: json(BULK), opening: json(say(AA, BB, 'reconciliation/show', { reconciliation: RECONCILIATION, ask: BULK.id, coin: toHex(COIN), opened })), answer: json(BULK_ANSWER), keyRecords: [record(BB)] })
const openElements = PICKED.map((element) => ({ element, ...elements[element] as (typeof elements)[number] }))
const BULK_TOLD = missing(BB, BULK, 'opening', LATE, json(BULK_ANSWER))
const bulkUnopened = (): string => file('unopened', { request: json(BULK), told: json(BULK_TOLD), receipt: json(receiptBy(AA, BULK_TOLD, LATE)), missing: json(missing(BB, BULK, 'opening', OPEN_DUE, json(BULK_ANSWER))), keyRecords: [record(BB)] })

// A table bound, and one that is opened.
const ROWS = [{ class: 'missile', year: '1990', to: 5, from: 0 }]
const SALT = hexOf('salt of a table')
const bound = (reconciliation = RECONCILIATION): Message => say(AA, BB, 'reconciliation/propose', { reconciliation, asOf: ASKED, binding: bindTable(p, drawn('salt of a table'), ROWS), note: null })
const tableOf = (rows: readonly Json[]): Message => say(AA, BB, 'reconciliation/open', { reconciliation: RECONCILIATION, accept: hexOf('accept'), salt: SALT, rows })
const tables = (first: Message, second: Message): string => file('other-table', { bound: json(first), opened: json(second) })

// AA after a change of its message key: two messages of one number, dated when the new key was in force.
const CHANGED = '2026-02-01T00:00:00Z'
const nextRecord = (changes: Partial<KeyRecordBody> = {}, keys: Partial<KeyRecordBody['keys']> = {}, oldLog = logSeeds(AA)): Json => parseJson(signKeyRecord(p, keyRecordBody(AA, {
  sequence: 1, from: CHANGED, reason: 'rotation', previous: hashOf(firstRecord(AA)), ...changes, keys: { ...keyRecordBody(AA).keys, message: messageKeys('AA later'), ...keys },
}), logSeeds(AA), oldLog))
const under = (name: string, note: string, time: string): Json => parseJson(sealEnvelope(p, payload(AA, BB, 0, null, { body: { note }, time }), seeds(`${name} message`)).envelope)
const twice = (name: string, time: string, ...laterRecords: Json[]): string => canonical({
  v: EVIDENCE_VERSION, agreement: agreementJson(), party: AA, keyRecord: record(AA), ...(laterRecords.length === 0 ? {} : { laterRecords }), charge: 'two-messages', found: '2026-03-20T00:00:00Z',
  proof: { first: under(name, 'one', time), second: under(name, 'another', time) },
})

const SECOND_RECORD = parseJson(signKeyRecord(p, keyRecordBody(CC, { keys: keyRecordBody(CC, {}, ' other').keys }), seeds('CC other log')))

export function defaultVectors(): [string, EvidenceVector][] {
  const valid = (name: string, what: string, text: string): [string, EvidenceVector] => [`evidence/valid/${name}`, { what, file: text, agreement: AGREED, verdict: 'proven', code: null }]
  const invalid = (name: string, code: string, what: string, text: string): [string, EvidenceVector] => [`evidence/invalid/${name}`, { what, file: text, agreement: AGREED, verdict: 'refused', code }]
  const other = say(BB, AA, 'evaluation/request', { ...QUESTION, head: hexOf('another head') })
  return [
    valid('silent', 'a receipt, and no answer when it was due', silent()),
    valid('silent-by-statements', 'no receipt; with BB, which waited, CC is a quorum that offered the question in vain', offered(stated(CC))),
    valid('silent-turned-away', 'a door that gives answers of no registry, and then none', offered(stated(CC, { tries: [tried(ASKED, 'turned-away'), tried(DUE, 'no-receipt')] }))),
    valid('unopened', 'told of the evaluation that it had, and still no coin shown', unopened()),
    valid('false-opening', 'two inputs in each other\'s places', falsely(open(shown({ opened: [...elements.slice(0, 2).reverse(), ...elements.slice(2)] })))),
    valid('false-opening-coin', 'another coin than the one that was bound', falsely(open(shown({ coin: hexOf('another coin') })), null)),
    valid('false-opening-closed', 'both coins pick the batch, and it stays closed', falsely(open(shown()))),
    valid('false-opening-of-an-element', 'one element of a reconciliation opened as another', bulkShown([...openElements.slice(0, 1).map((each) => ({ ...each, blind: openElements[1]?.blind ?? '' })), ...openElements.slice(1)])),
    valid('false-opening-of-fewer', 'one element of a reconciliation that both coins pick stays closed', bulkShown(openElements.slice(1))),
    valid('unopened-in-bulk', 'a batch of a reconciliation, of which nothing was shown', bulkUnopened()),
    valid('other-table', 'other numbers than were bound', tables(bound(), tableOf([{ ...ROWS[0], to: 50 }]))),
    invalid('table-as-bound', 'evidence/shows-nothing', 'the numbers that were bound', tables(bound(), tableOf(ROWS))),
    invalid('table-of-another', 'evidence/other-question', 'the table of another reconciliation', tables(bound(hexOf('another').slice(0, 32)), tableOf(ROWS))),
    invalid('table-bound-by-nothing', 'evidence/other-question', 'two tables, and nothing that was bound', tables(tableOf(ROWS), tableOf([{ ...ROWS[0], to: 50 }]))),
    invalid('elements-as-blinded', 'evidence/shows-nothing', 'every element that both coins pick, as it was blinded', bulkShown(openElements)),
    valid('two-messages-after-a-change', 'both under the key of the next record', twice('AA later', ASKED, nextRecord())),
    valid('two-messages-before-a-change', 'both under the first key, dated before it was changed', twice('AA', '2026-01-15T00:00:00Z', nextRecord())),
    invalid('two-messages-record-left-out', 'message/signature', 'under the next key, whose record is not shown', twice('AA later', ASKED)),
    invalid('two-messages-under-the-old-key', 'message/signature', 'under the first key, dated when the next was in force', twice('AA', ASKED, nextRecord())),
    invalid('two-messages-under-a-compromised-key', 'message/unknown-sender', 'whoever has a compromised key dates its messages as it likes', twice('AA', '2026-01-02T00:00:00Z', nextRecord({ reason: 'compromise', compromisedSince: '2026-01-10T00:00:00Z' }))),
    invalid('later-record-by-a-stranger', 'key-record/signature', 'the old log key did not sign the next record', twice('AA later', ASKED, nextRecord({}, {}, seeds('stranger')))),
    valid('two-messages-after-two-keys-changed', 'the next record changes the witness key too', twice('AA later', ASKED, nextRecord({}, { witness: keyRecordBody(AA, {}, ' later').keys.witness }))),
    valid('two-messages-after-the-oprf-key-changed', 'the next record, after a compromise, changes the OPRF key too', twice('AA later', ASKED, nextRecord({ reason: 'compromise', compromisedSince: CHANGED }, { oprf: oprfKey('AA later') }))),
    invalid('silent-before-it-was-due', 'evidence/shows-nothing', 'a second too early', silent({ missing: json(missing(BB, TO_AA, 'answer', addSeconds(DUE, -1))) })),
    invalid('silent-with-a-late-receipt', 'evidence/shows-nothing', 'the receipt came when the answer was due: the time to answer begins then', silent({ receipt: json(receiptBy(AA, TO_AA, DUE)) })),
    invalid('silent-without-quorum', 'evidence/shows-nothing', 'nobody but BB says that AA could not be reached', offered()),
    invalid('silent-receipt-of-another-question', 'receipt/other-message', 'the receipt is for another question', silent({ receipt: json(receiptBy(AA, other, ASKED)) })),
    invalid('silent-receipt-by-another', 'receipt/other-parties', 'CC gave the receipt', silent({ receipt: json(receiptBy(CC, TO_AA, ASKED)) })),
    invalid('silent-missing-another', 'evidence/other-question', 'what is missing is the answer to another question', silent({ missing: json(missing(BB, other, 'answer', DUE)) })),
    invalid('silent-to-what-needs-no-answer', 'evidence/shows-nothing', 'a notice', silent({ request: json(sealed(payload(BB, AA, 0, null))), receipt: json(receiptBy(AA, sealed(payload(BB, AA, 0, null)), ASKED)), missing: json(missing(BB, sealed(payload(BB, AA, 0, null)), 'answer', DUE)) })),
    invalid('statement-of-the-asker', 'delivery/other-parties', 'BB, which waits, counts once and not twice', offered(stated(BB))),
    invalid('statement-of-the-accused', 'delivery/other-parties', 'AA says it of itself', offered(stated(AA))),
    invalid('statement-twice', 'delivery/repeated', 'CC said it twice', offered(stated(CC), stated(CC, { sealed: hexOf('sealed anew') }))),
    invalid('statement-of-another-request', 'delivery/other-request', 'CC offered another message', offered(stated(CC, { of: other.id }))),
    invalid('statement-refused', 'delivery/not-in-vain', 'the door said that it cannot open the file: whoever sealed it may be at fault', offered(stated(CC, { tries: [tried(ASKED), { at: DUE, how: 'refused', code: 'courier/other-receiver' }] }))),
    invalid('statement-taken', 'delivery/not-in-vain', 'the last time the question was taken', offered(stated(CC, { tries: [tried(ASKED), tried(DUE, 'taken')], receipt: json(receiptBy(AA, TO_AA, DUE)) }))),
    invalid('statement-of-a-moment', 'delivery/too-soon', 'away when the time ran out, and not tried before', offered(stated(CC, { tries: [tried(DUE)] }))),
    invalid('statement-before-it-was-due', 'delivery/too-soon', 'tried for half of the time to answer', offered(stated(CC, { tries: [tried(ASKED), tried(HALF)] }))),
    invalid('statement-dated-before-its-tries', 'delivery/clock', 'CC says what will happen', offered(stated(CC, {}, ASKED))),
    invalid('statement-forged', 'message/signature', 'a statement that CC did not sign', silent({ receipt: null, statements: [{ ...json(stated(CC)) as object, payload: (json(stated(CC, { of: other.id })) as { readonly payload: string }).payload }] })),
    invalid('statement-under-other-keys', 'key-record/hash', 'a key record of CC that the agreement does not name', silent({ receipt: null, statements: [json(stated(CC))], keyRecords: [record(BB), SECOND_RECORD] })),
    invalid('statement-without-its-keys', 'message/unknown-sender', 'no key record of CC', silent({ receipt: null, statements: [json(stated(CC))], keyRecords: [record(BB)] })),
    invalid('unopened-before-it-was-due', 'evidence/shows-nothing', 'a second too early', unopened({ missing: json(missing(BB, TO_BB, 'opening', addSeconds(OPEN_DUE, -1), json(ANSWER))) })),
    invalid('unopened-told-of-another', 'evidence/other-question', 'told of an answer to another question', unopened({ told: json(missing(BB, TO_BB, 'opening', LATE, json(answerWith(ANSWERED_COIN, other)))) })),
    invalid('unopened-receipt-for-another', 'receipt/other-message', 'no receipt for being told', unopened({ receipt: json(receiptBy(AA, ANSWER, LATE)) })),
    invalid('opening-as-blinded', 'evidence/shows-nothing', 'the batch as it was blinded', falsely(open(shown({ opened: elements })))),
    invalid('opening-not-picked', 'evidence/shows-nothing', 'closed, and the coins do not pick it', falsely(open(shown()), answerWith(coinThat(false)))),
    invalid('opening-of-another', 'evidence/other-question', 'the opening of another batch', falsely(open(shown({ request: other.id })))),
    invalid('opening-by-another', 'evidence/other-question', 'BB says what AA opened', file('false-opening', { request: json(TO_BB), opening: json(say(BB, AA, 'evaluation/open', { batches: [shown()] })), answer: json(ANSWER), keyRecords: [record(BB)] })),
    invalid('opening-answer-to-another', 'evidence/other-question', 'a coin that was given in another answer', falsely(open(shown()), answerWith(ANSWERED_COIN, other))),
  ]
}

