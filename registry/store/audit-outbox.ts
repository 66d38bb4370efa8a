// What is on its way, held to the messages themselves: whatever has no receipt is on its way or stands aside, and nothing else is.
import { goesByOutbox, MESSAGE_KINDS, type MessageKind } from '@muster/core/wire/message-kind.ts'
import type { Report } from './finding.ts'
import type { Snapshot } from './snapshot.ts'

const KINDS = (Object.keys(MESSAGE_KINDS) as MessageKind[]).filter(goesByOutbox)

/** Rows that a removed row of the outbox would have been for: written, in no receipt, and not on their way. */
const UNSENT = `SELECT m.agreement_id, m.receiver, m.sequence FROM message m WHERE m.direction = 'out' AND m.kind = ANY($1)
  AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.agreement_id = m.agreement_id AND o.receiver = m.receiver AND o.sequence = m.sequence)
  AND NOT EXISTS (SELECT 1 FROM message r WHERE r.sender = m.receiver AND r.agreement_id = m.agreement_id AND r.about = m.message_id AND r.direction = 'in' AND r.kind = 'receipt')
  AND NOT EXISTS (SELECT 1 FROM receipted r WHERE r.giver = m.receiver AND r.agreement_id = m.agreement_id AND r.message_id = m.message_id AND r.direction = 'in')`
const STRAY = `SELECT o.agreement_id, o.receiver, o.sequence FROM outbox o WHERE NOT EXISTS (SELECT 1 FROM message m
  WHERE m.agreement_id = o.agreement_id AND m.receiver = o.receiver AND m.sequence = o.sequence AND m.message_id = o.message_id AND m.direction = 'out')`

type Place = { readonly agreement_id: string, readonly receiver: string, readonly sequence: number }

export async function auditOutbox(snapshot: Snapshot, report: Report): Promise<void> {
  const key = ({ agreement_id, receiver, sequence }: Place) => ({ agreement_id, receiver, sequence: String(sequence) })
  for (const row of await snapshot.read<Place>(UNSENT, [KINDS])) report({ table: 'outbox', key: key(row), column: null, code: 'missing', message: 'the message was signed, has no receipt, and is not on its way any more' })
  for (const row of await snapshot.read<Place>(STRAY)) report({ table: 'outbox', key: key(row), column: null, code: 'extra', message: 'no such message was signed' })
}
