// A receipt: the receiver's signed word, at once, that a message arrived, or several of one sender that came together. Its proof follows within a
// period: the receipt bound in the log of the party that gave it, and of no other.
import { fromHex } from '../bytes/bytes.ts'
import { Breach } from '../bytes/breach.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { eachOnce, hex, list, object } from '../bytes/shape.ts'
import { shaped, type ShapeCode } from '../bytes/shaped-json.ts'
import type { SignedCheckpoint } from '../proof/checkpoint.ts'
import type { Note } from '../proof/note.ts'
import { verifyTlogProof } from '../proof/tlog-proof.ts'
import { logOrigin } from '../rules/agreement.ts'
import type { Message, SignedPayload } from './message.ts'
import { entryOfProof, type PeriodProof } from './period.ts'

/** Messages that one receipt is for. */
export const RECEIPT_OF_MAX = 64

export const receiptShape = object({ of: eachOnce(list(hex(32), 1, RECEIPT_OF_MAX), (id) => id, 'no message twice') })

export type ReceiptCode = ShapeCode<'receipt'> | 'receipt/other-kind' | 'receipt/other-agreement' | 'receipt/other-parties' | 'receipt/other-message' | 'receipt/not-bound' | 'receipt/other-index'

/** The body of a receipt for messages of one sender, `RECEIPT_OF_MAX` at most. */
export function receiptBody(...messages: readonly Message[]): { readonly of: readonly string[] } {
  return { of: messages.map(({ id }) => id) }
}

/** The ids of the messages that a receipt names; none where it is no receipt, or not of its shape. */
export function receiptedBy({ kind, body }: Pick<SignedPayload['payload'], 'kind' | 'body'>): readonly string[] {
  const fitted = kind === 'receipt' ? shaped('receipt', receiptShape, body) : undefined
  return fitted === undefined || fitted instanceof Refusal ? [] : fitted.of
}

/** Both messages are verified already. Undefined where `receipt` is the receiver's receipt for `message`. */
export function checkReceipt(message: SignedPayload, receipt: SignedPayload): Refusal<ReceiptCode> | undefined {
  const { payload } = receipt
  if (payload.kind !== 'receipt') return new Refusal('receipt/other-kind', `a message of kind ${payload.kind} is no receipt`, 'kind')
  if (payload.agreement !== message.payload.agreement) return new Refusal('receipt/other-agreement', `a receipt under ${payload.agreement} for a message under ${message.payload.agreement}`, 'agreement')
  if (payload.from !== message.payload.to || payload.to !== message.payload.from) {
    return new Refusal('receipt/other-parties', `a receipt from ${payload.from} to ${payload.to} for a message from ${message.payload.from} to ${message.payload.to}`, 'from')
  }
  const fitted = shaped('receipt', receiptShape, payload.body)
  if (fitted instanceof Refusal) return fitted
  return fitted.of.includes(message.id) ? undefined : new Refusal('receipt/other-message', `a receipt for message ${fitted.of.join(', ')}, not for ${message.id}`, 'body.of')
}

/**
 * That a receipt was bound in its giver's own log: the path in the period's tree, then the entry under a checkpoint of that log. `signed` verifies
 * a checkpoint of the log of the receipt's sender. A proof from another party's log, or from another agreement's, is a breach of that checkpoint's rules.
 */
export function checkReceiptProof(p: Primitives, receipt: Message, proof: PeriodProof, signed: (note: Note, origin: string) => SignedCheckpoint): SignedCheckpoint | Refusal | Breach {
  const entry = entryOfProof(p, fromHex(receipt.id) as Uint8Array, proof)
  if (entry === undefined) return new Refusal<ReceiptCode>('receipt/not-bound', 'the path does not lead from this receipt to a root: ask its giver for the proof again')
  const origin = logOrigin(receipt.payload.from, receipt.payload.agreement)
  try {
    const { index, checkpoint } = verifyTlogProof(p, proof.tlogProof, entry, (note) => signed(note, origin))
    return index === proof.entryIndex ? checkpoint
      : new Refusal<ReceiptCode>('receipt/other-index', `the proof is of entry ${index}, not of entry ${proof.entryIndex}`, 'entryIndex')
  } catch (thrown) {
    if (thrown instanceof Refusal || thrown instanceof Breach) return thrown
    throw thrown
  }
}
