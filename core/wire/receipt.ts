// A receipt: the receiver's signed word, at once, that a message arrived. Its proof follows within a period: the receipt bound in the log of
// the party that gave it, and of no other.
import { fromHex } from '../bytes/bytes.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { hex, object } from '../bytes/shape.ts'
import { shaped, type ShapeCode } from '../bytes/shaped-json.ts'
import { logOrigin } from '../rules/agreement.ts'
import type { Message } from './message.ts'
import { entryOfProof, type PeriodProof } from './period.ts'

const body = object({ of: hex(32) })

export type ReceiptCode = ShapeCode<'receipt'> | 'receipt/other-kind' | 'receipt/other-agreement' | 'receipt/other-parties' | 'receipt/other-message' | 'receipt/not-bound'

/** The body of a receipt for a message. */
export function receiptBody(message: Message): { readonly of: string } {
  return { of: message.id }
}

/** Both messages are verified already. Undefined where `receipt` is the receiver's receipt for `message`. */
export function checkReceipt(message: Message, receipt: Message): Refusal<ReceiptCode> | undefined {
  const { payload } = receipt
  if (payload.kind !== 'receipt') return new Refusal('receipt/other-kind', `a message of kind ${payload.kind} is no receipt`, 'kind')
  if (payload.agreement !== message.payload.agreement) return new Refusal('receipt/other-agreement', `a receipt under ${payload.agreement} for a message under ${message.payload.agreement}`, 'agreement')
  if (payload.from !== message.payload.to || payload.to !== message.payload.from) {
    return new Refusal('receipt/other-parties', `a receipt from ${payload.from} to ${payload.to} for a message from ${message.payload.from} to ${message.payload.to}`, 'from')
  }
  const fitted = shaped('receipt', body, payload.body)
  if (fitted instanceof Refusal) return fitted
  return fitted.of === message.id ? undefined : new Refusal('receipt/other-message', `a receipt for message ${fitted.of}, not for ${message.id}`, 'body.of')
}

/** The log entry that must be proven in a log, and the only origin under which that proof counts. */
export type ReceiptClaim = { readonly origin: string, readonly entry: Uint8Array, readonly index: number }

/**
 * What a proof that a receipt was bound comes to: the entry, its index, and the origin of the giver's log. The caller verifies
 * `proof.tlogProof` against exactly these: a proof from another party's log, or from another agreement's, shows nothing.
 */
export function receiptClaim(p: Primitives, receipt: Message, proof: PeriodProof): ReceiptClaim | Refusal<ReceiptCode> {
  const entry = entryOfProof(p, fromHex(receipt.id) as Uint8Array, proof)
  if (entry === undefined) return new Refusal('receipt/not-bound', 'the path does not lead from this receipt to a root: ask its giver for the proof again')
  return { origin: logOrigin(receipt.payload.from, receipt.payload.agreement), entry, index: proof.entryIndex }
}
