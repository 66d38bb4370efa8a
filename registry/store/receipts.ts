// Receipts by the messages that they are for. One names several where these came together: its row among the messages says the first, and a row
// of `receipted` each of the others.
import { toHex } from '@muster/core/bytes/bytes.ts'
import type { AgreementId } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { receiptedBy } from '@muster/core/wire/receipt.ts'
import type { Reader, Transaction } from './database.ts'
import { insertRows } from './events.ts'
import type { Direction } from './messages.ts'
import { bound } from './row-mac.ts'
import type { Secrets } from './secrets.ts'

const COLUMNS = ['giver', 'agreement_id', 'message_id', 'direction', 'receipt_id', 'row_mac'] as const

/** The rows of `receipted` that a receipt has; none where it names one message. */
export function namedBesides({ id, payload }: Pick<Message, 'id' | 'payload'>, direction: Direction) {
  return receiptedBy(payload).slice(1).map((of) => ({ giver: payload.from, agreement_id: payload.agreement, message_id: Buffer.from(of, 'hex'), direction, receipt_id: Buffer.from(id, 'hex') }))
}

/** In the transaction that stores the receipts. */
export async function keepNamed(tx: Transaction, secrets: Secrets, receipts: readonly Message[], direction: Direction): Promise<void> {
  const rows = receipts.flatMap((receipt) => namedBesides(receipt, direction)).map((row) => bound(secrets, 'receipted', row))
  await insertRows(tx, 'receipted', COLUMNS, rows.map((row) => COLUMNS.map((name) => row[name])))
}

/** A receipt that is held for a message. What its giver may say of it, its body says: another party's word is none. */
export interface Receipted { readonly of: string, readonly giver: PartyId, readonly receipt: string }

/** What is held for these messages, each receipt once for each of them, sent and received. */
export async function receiptsNaming(db: Reader, agreement: AgreementId, ids: readonly string[], directions: readonly Direction[]): Promise<Receipted[]> {
  const rows = ids.length === 0 ? [] : await db.read<{ of: Buffer, giver: PartyId, receipt: Buffer }>(
    `SELECT about AS of, sender AS giver, message_id AS receipt FROM message WHERE agreement_id = $1 AND kind = 'receipt' AND about = ANY($2) AND direction = ANY($3)
      UNION SELECT message_id, giver, receipt_id FROM receipted WHERE agreement_id = $1 AND message_id = ANY($2) AND direction = ANY($3)`,
    [agreement, ids.map((id) => Buffer.from(id, 'hex')), [...directions]])
  return rows.map(({ of, giver, receipt }) => ({ of: toHex(of), giver, receipt: toHex(receipt) }))
}
