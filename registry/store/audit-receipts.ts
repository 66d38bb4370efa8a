// What receipts name besides their first message, held to the receipts: a row for each, and no other.
import { toHex } from '@muster/core/bytes/bytes.ts'
import type { Envelope, Payload } from '@muster/core/wire/message.ts'
import type { Report } from './finding.ts'
import type { Direction } from './messages.ts'
import { namedBesides } from './receipts.ts'
import type { Snapshot } from './snapshot.ts'

type Row = { readonly giver: string, readonly agreement_id: string, readonly message_id: Buffer, readonly direction: string, readonly receipt_id: Buffer }

export async function auditReceipts(snapshot: Snapshot, report: Report): Promise<void> {
  const missing = new Map<string, Row>()
  const nameOf = (row: Row): string => Object.values(keyOf(row)).join(' ')
  for await (const receipts of snapshot.batches<{ direction: Direction, message_id: Buffer, envelope: Buffer }>("SELECT direction, message_id, envelope FROM message WHERE kind = 'receipt'")) {
    for (const { direction, message_id, envelope } of receipts) {
      const payload = payloadOf(envelope)
      if (payload !== undefined) for (const row of namedBesides({ id: toHex(message_id), payload }, direction)) missing.set(nameOf(row), row)
    }
  }
  for await (const rows of snapshot.batches<Row>('SELECT giver, agreement_id, message_id, direction, receipt_id FROM receipted')) {
    for (const row of rows) if (!missing.delete(nameOf(row))) report({ table: 'receipted', key: keyOf(row), column: null, code: 'extra', message: 'no receipt names this message' })
  }
  for (const row of missing.values()) report({ table: 'receipted', key: keyOf(row), column: null, code: 'missing', message: 'a receipt names this message and the row was removed' })
}

function keyOf({ giver, agreement_id, message_id, direction, receipt_id }: Row): Record<string, string> {
  return { giver, agreement_id, message_id: message_id.toString('hex'), direction, receipt_id: receipt_id.toString('hex') }
}

/** What somebody wrote by hand may be no message at all; its mac has convicted it. */
function payloadOf(envelope: Buffer): Payload | undefined {
  try {
    return JSON.parse(Buffer.from((JSON.parse(envelope.toString()) as Envelope).payload, 'base64').toString()) as Payload
  } catch {
    return undefined
  }
}
