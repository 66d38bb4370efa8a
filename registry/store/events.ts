// Writing custody events: the one road by which the register changes. Events of one act form a batch; the batch's digest waits for the
// next period of each agreement's log, in the same transaction, so nothing is recorded that the log will not bind.
import { randomBytes, randomUUID } from 'node:crypto'
import { eventBytes, parseEvent, type CustodyEvent } from '@muster/core/rules/custody-event.ts'
import { batchDigest, eventLeaf } from '@muster/core/wire/period.ts'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import { copyRows, type CopyValue } from './copy.ts'
import type { Reader, Transaction } from './database.ts'
import { changeOfRows, FOLD_COLUMNS, type FoldTable } from './fold-rows.ts'
import { openHmac } from './hmac.ts'
import { bound } from './row-mac.ts'
import { derive, type Secrets } from './secrets.ts'

/** Below this many rows a statement is cheaper than a COPY. */
const COPY_ROWS_MIN = 50

/** Who did what, when it is written. */
export interface Act { readonly act: string, readonly by: string, readonly written: string }

/** An item's events as they stood, and the one that is added. */
export interface Addition { readonly before: readonly CustodyEvent[], readonly event: CustodyEvent }

export interface WrittenBatch { readonly batchId: string, readonly digest: Uint8Array }

/** Salt of an event's leaf: made again from its batch's secret. */
export function leafSalt(batchSecret: Uint8Array, item: string, seq: number): Buffer {
  return derive(batchSecret, item, '\n', String(seq))
}

/** Writes the additions, their derived rows and the batch, and lets the batch wait for each agreement's log. */
export async function writeBatch(tx: Transaction, secrets: Secrets, act: Act, additions: readonly Addition[]): Promise<WrittenBatch> {
  const batchId = randomUUID()
  const secret = randomBytes(32)
  const salt = openHmac(secret, 'binary')
  const leaves: Uint8Array[] = []
  const rows: (readonly CopyValue[])[] = additions.map(({ event }, ordinal) => {
    const bytes = eventBytes(event)
    const leaf = eventLeaf(nodePrimitives, Buffer.from(salt(`${event.item}\n${event.seq}`), 'latin1'), bytes)
    leaves.push(leaf)
    return [event.item, event.seq, batchId, ordinal, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'), leaf]
  })
  const digest = batchDigest(nodePrimitives, leaves)
  const batch = bound(secrets, 'event_batch', {
    batch_id: batchId, act: act.act, done_by: act.by, written: act.written, events: additions.length, secret, digest,
  })
  await tx.write(
    'INSERT INTO event_batch (batch_id, act, done_by, written, events, secret, digest, row_mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)',
    [batch.batch_id, batch.act, batch.done_by, batch.written, batch.events, batch.secret, Buffer.from(digest), batch.row_mac],
  )
  await insertRows(tx, 'custody_event', ['item_id', 'seq', 'batch_id', 'ordinal', 'event', 'leaf'], rows)
  await writeFolds(tx, additions)
  await waitForLogs(tx, secrets, batchId, digest)
  return { batchId, digest }
}

/** Derived rows: new items are copied in; of a changed item only what differs is replaced, keys by their own column. */
async function writeFolds(tx: Transaction, additions: readonly Addition[]): Promise<void> {
  const last = new Map<string, { readonly before: readonly CustodyEvent[], readonly after: readonly CustodyEvent[] }>()
  for (const { before, event } of additions) {
    const held = last.get(event.item)
    last.set(event.item, { before: held?.before ?? before, after: [...(held?.after ?? before), event] })
  }
  const added: Record<FoldTable, (readonly CopyValue[])[]> = { item: [], mark: [], match_key: [] }
  const gone: Record<FoldTable, (readonly CopyValue[])[]> = { item: [], mark: [], match_key: [] }
  for (const { before, after } of last.values()) {
    const change = changeOfRows(before, after)
    for (const table of FOLD_TABLES) {
      for (const row of change.gone[table]) gone[table].push(row)
      for (const row of change.added[table]) added[table].push(row)
    }
  }
  await removeRows(tx, gone)
  for (const table of FOLD_TABLES) await insertRows(tx, table, FOLD_COLUMNS[table], added[table])
}

const FOLD_TABLES = ['item', 'mark', 'match_key'] as const

async function removeRows(tx: Transaction, gone: Readonly<Record<FoldTable, readonly (readonly CopyValue[])[]>>): Promise<void> {
  if (gone.item.length > 0) await tx.write('DELETE FROM item WHERE item_id = ANY($1)', [gone.item.map(([item]) => item as string)])
  for (const [item, ordinal] of gone.mark) await tx.write('DELETE FROM mark WHERE item_id = $1 AND ordinal = $2', [item as string, ordinal as number])
  for (const [key, item] of gone.match_key) await tx.write('DELETE FROM match_key WHERE key = $1 AND item_id = $2', [Buffer.from(key as Uint8Array), item as string])
}

/** COPY for many rows, one statement for few. Names are the code's own. */
export async function insertRows(tx: Transaction, table: string, columns: readonly string[], rows: readonly (readonly CopyValue[])[]): Promise<void> {
  if (rows.length === 0) return
  if (rows.length >= COPY_ROWS_MIN) {
    await copyRows(tx, table, columns, rows)
    return
  }
  const places = rows.map((_, r) => `(${columns.map((__, c) => `$${r * columns.length + c + 1}`).join(', ')})`)
  await tx.write(`INSERT INTO ${table} (${columns.join(', ')}) VALUES ${places.join(', ')}`, rows.flat())
}

/**
 * Lets a batch, or another row under its name, wait for the log of each agreement that the registry has joined. The lock keeps another from
 * being joined until this transaction ends: joining binds what was recorded before it, and must see this row.
 */
export async function waitForLogs(tx: Transaction, secrets: Secrets, id: string, digest: Uint8Array): Promise<void> {
  await tx.write('LOCK TABLE agreement IN SHARE MODE')
  const agreements = await tx.read<{ agreement_id: string }>('SELECT agreement_id FROM agreement')
  for (const { agreement_id } of agreements) await letWait(tx, secrets, agreement_id, 'event', id, digest)
}

/** What the next period of an agreement's log is to bind or hold: subject `event` or `message` (a digest), or `clear` (an entry's body). */
export async function letWait(tx: Transaction, secrets: Secrets, agreement: string, subject: 'event' | 'message' | 'clear', id: string, bytes: Uint8Array): Promise<void> {
  const row = bound(secrets, 'waiting', { agreement_id: agreement, subject, subject_id: id, bytes })
  await tx.write('INSERT INTO waiting (agreement_id, subject, subject_id, bytes, row_mac) VALUES ($1, $2, $3, $4, $5)', [agreement, subject, id, Buffer.from(bytes), row.row_mac])
}

/** All events of an item in order; empty where the register does not know it. Throws where a stored event cannot be read: `muster audit` names it. */
export async function eventsOf(db: Reader, item: string): Promise<CustodyEvent[]> {
  const rows = await db.read<{ event: string, seq: number }>('SELECT event, seq FROM custody_event WHERE item_id = $1 ORDER BY seq', [item])
  return rows.map((row) => storedEvent(row.event, item, row.seq))
}

export function storedEvent(text: string, item: string, seq: number): CustodyEvent {
  const event = parseEvent(Buffer.from(text, 'utf8'))
  if (event instanceof Error) throw new Error(`custody_event ${item} ${seq} is not what was written: run muster audit (${event.message})`)
  return event
}
