// Vectors of what parties say of a message that does not arrive.
import { toBase64, toHex } from '@muster/core/bytes/bytes.ts'
import { parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { SEALED_BYTES_MAX } from '@muster/core/wire/delivery-body.ts'
import { AA, BB, drawn, payload, sealed } from './three-parties.ts'

/** `at`: the member at which it is refused, null where it is taken. */
export type DeliveryVector = { what: string, kind: string, body: Json, at: string | null }
type Body = { readonly [name: string]: Json }

const hexOf = (words: string): string => toHex(drawn(words))
const ASK: Body = { of: hexOf('message'), party: 'AA', until: '2026-03-08T12:00:00Z', sealed: toBase64(drawn('sealed')) }
const tried = (at: string, how: string, code: string | null = null): Json => ({ at, how, code })
const STATED: Body = {
  request: hexOf('ask'), of: hexOf('message'), party: 'AA', sealed: hexOf('sealed'), receipt: null, reply: null,
  tries: [tried('2026-03-01T12:00:00Z', 'no-answer'), tried('2026-03-04T12:00:00Z', 'turned-away', 'status 404'), tried('2026-03-08T12:00:00Z', 'no-receipt')],
}
const RECEIPT = parseJson(sealed(payload(AA, BB, 0, null, { kind: 'receipt', body: { of: [hexOf('message')] } })).envelope)
const MISSING: Body = { request: hexOf('message'), what: 'answer', attempt: 0, answer: null }

const valid = (name: string, what: string, kind: string, body: Json): [string, DeliveryVector] => [`delivery/valid/${name}`, { what, kind, body, at: null }]
const invalid = (name: string, what: string, kind: string, body: Json, at: string): [string, DeliveryVector] => [`delivery/invalid/${name}`, { what, kind, body, at }]

export function deliveryVectors(): [string, DeliveryVector][] {
  return [
    valid('ask', 'offer a sealed message to AA', 'delivery/ask', ASK),
    valid('stated-in-vain', 'three tries, all in vain', 'delivery/stated', STATED),
    valid('stated-taken', 'taken at the second try, with the receipt and what was sealed for the asker', 'delivery/stated', { ...STATED, tries: [tried('2026-03-01T12:00:00Z', 'no-answer'), tried('2026-03-04T12:00:00Z', 'taken')], receipt: RECEIPT, reply: toBase64(drawn('reply')) }),
    valid('stated-refused', 'the door cannot open the file', 'delivery/stated', { ...STATED, tries: [tried('2026-03-01T12:00:00Z', 'refused', 'courier/other-receiver')] }),
    valid('missing-answer', 'no answer came', 'delivery/missing', MISSING),
    valid('missing-opening', 'no coin was shown after this evaluation', 'delivery/missing', { ...MISSING, what: 'opening', answer: RECEIPT }),
    invalid('sealed-too-long', 'more than a sealed request has', 'delivery/ask', { ...ASK, sealed: toBase64(new Uint8Array(SEALED_BYTES_MAX + 1)) }, 'sealed'),
    invalid('ask-with-its-content', 'a helper learns nothing of the message but its id', 'delivery/ask', { ...ASK, message: RECEIPT }, 'message'),
    invalid('never-tried', 'a statement without a try', 'delivery/stated', { ...STATED, tries: [] }, 'tries'),
    invalid('tries-out-of-order', 'a try before the one before it', 'delivery/stated', { ...STATED, tries: [...(STATED.tries as Json[])].reverse() }, 'tries[1].at'),
    invalid('tried-after-it-was-taken', 'offered again after it was taken', 'delivery/stated', { ...STATED, tries: [tried('2026-03-01T12:00:00Z', 'taken'), tried('2026-03-04T12:00:00Z', 'no-answer')] }, 'tries[1]'),
    invalid('taken-without-receipt', 'taken, and no receipt shown', 'delivery/stated', { ...STATED, tries: [tried('2026-03-01T12:00:00Z', 'taken')] }, 'receipt'),
    invalid('in-vain-with-receipt', 'in vain, and a receipt', 'delivery/stated', { ...STATED, receipt: RECEIPT }, 'receipt'),
    invalid('in-vain-with-reply', 'in vain, and a reply', 'delivery/stated', { ...STATED, reply: toBase64(drawn('reply')) }, 'reply'),
    invalid('missing-opening-of-nothing', 'no evaluation of which the opening is missing', 'delivery/missing', { ...MISSING, what: 'opening' }, 'answer'),
    invalid('missing-answer-with-an-answer', 'an answer, and its absence', 'delivery/missing', { ...MISSING, answer: RECEIPT }, 'answer'),
  ]
}
