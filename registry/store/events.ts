// Writing custody events: the one road by which the register changes. Events of one act form a batch; the batch's digest waits for the
// next period of each agreement's log, in the same transaction, so nothing is recorded that the log will not bind.
import { canonical } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { Time } from '@muster/core/bytes/time.ts'
import { EVENT_BYTES_MAX, parseEvent, type CustodyEvent, type CustodyRequest, type EventCode } from '@muster/core/rules/custody-event.ts'
import { decide } from '@muster/core/rules/decide.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import { demandOpen } from './closings.ts'
import { copyRows, type CopyValue } from './copy.ts'
import { demandOneDocument, holdNumbers } from './document-numbers.ts'
import type { Reader, Transaction } from './database.ts'
import { changeOfRows, FOLD_COLUMNS, type FoldTable } from './fold-rows.ts'
import { openBatch, type ClosedBatch, type OpenBatch } from './open-batch.ts'
import { bound } from './row-mac.ts'
import { derive, type Secrets } from './secrets.ts'
import { demandTwoAtStores } from './store-acts.ts'

/** Below this many rows a statement is cheaper than a COPY. */
const COPY_ROWS_MIN = 50

export const EVENT_COLUMNS = ['item_id', 'seq', 'batch_id', 'ordinal', 'event', 'leaf'] as const

/** Who did what, when it is written. */
export interface Act { readonly act: string, readonly by: string, readonly written: string }

/** An item's events as they stood, and the one that is added. */
export interface Addition { readonly before: readonly CustodyEvent[], readonly event: CustodyEvent }

export interface WrittenBatch { readonly batchId: string, readonly digest: Uint8Array }

/** Salt of an event's leaf: made again from its batch's secret. */
export function leafSalt(batchSecret: Uint8Array, item: string, seq: number): Buffer {
  return derive(batchSecret, item, '\n', String(seq))
}

/**
 * Writes the additions, their derived rows and the batch, and lets the batch wait for each agreement's log. Throws Refusal `event/too-long`.
 * Many events are made while the server takes those before them, and with each of them what an item's rows come to. They go in the order of their
 * items: neighbours in the index are written together, and two batches over the same items never wait for each other in a circle.
 */
export async function writeBatch(tx: Transaction, secrets: Secrets, act: Act, additions: readonly Addition[]): Promise<WrittenBatch> {
  const batch = openBatch()
  const folds = openFolds()
  const ordered = additions.toSorted(({ event: a }, { event: b }) => a.item < b.item ? -1 : a.item > b.item ? 1 : 0)
  function* rows(): Generator<readonly CopyValue[]> {
    const histories = historiesOf(ordered).values()
    for (const { event } of ordered) {
      yield eventRow(batch, event)
      const { value: history } = histories.next()
      if (history !== undefined) folds.take(history.before, history.after)
    }
  }
  if (additions.length < COPY_ROWS_MIN) await insertRows(tx, 'custody_event', EVENT_COLUMNS, [...rows()])
  else await copyRows(tx, 'custody_event', EVENT_COLUMNS, rows())
  await folds.write(tx)
  await demandOneDocument(tx, folds.numbers())
  await demandOpen(tx, secrets, additions.map(({ event }) => event))
  await demandTwoAtStores(tx, secrets, additions)
  const closed = batch.close()
  await writeBatchRow(tx, secrets, act, closed)
  return { batchId: closed.id, digest: closed.digest }
}

/** What is asked to be recorded of an item whose events are known. */
export interface Asked { readonly item: ItemId, readonly before: readonly CustodyEvent[], readonly request: CustodyRequest }

/** The events that the law permits, as one batch. Throws its first refusal, with the item. */
export async function writeDecided(tx: Transaction, secrets: Secrets, act: Act, asked: readonly Asked[], at: Time): Promise<void> {
  await writeBatch(tx, secrets, act, asked.map(({ item, before, request }): Addition => {
    const decided = decide({ item, events: before, seen: before.at(-1)?.seq ?? -1 }, request, at)
    if (decided instanceof Refusal) throw new Refusal(decided.code, `item ${item}: ${decided.message}`, decided.at)
    return { before, event: decided[0] }
  }))
}

function eventRow(batch: OpenBatch, event: CustodyEvent): readonly CopyValue[] {
  const text = canonical(event)
  const ordinal = batch.events()
  const leaf = batch.add(event.item, event.seq, text)
  if (leaf === undefined) throw new Refusal<EventCode>('event/too-long', `an event is at most ${EVENT_BYTES_MAX} bytes: shorten its texts, or record its marks with several events`)
  return [event.item, event.seq, batch.id, ordinal, text, Buffer.from(leaf, 'hex')]
}

/** Writes the row of a batch whose events are written, and lets it wait for the logs. */
export async function writeBatchRow(tx: Transaction, secrets: Secrets, { act, by, written }: Act, batch: ClosedBatch): Promise<void> {
  const [secret, digest] = [Buffer.from(batch.secret), Buffer.from(batch.digest)]
  const row = bound(secrets, 'event_batch', { batch_id: batch.id, act, done_by: by, written, events: batch.events, secret, digest })
  await tx.write('INSERT INTO event_batch (batch_id, act, done_by, written, events, secret, digest, row_mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)',
    [row.batch_id, row.act, row.done_by, row.written, row.events, secret, digest, row.row_mac])
  await waitForLogs(tx, secrets, batch.id, digest)
}

interface History { readonly before: readonly CustodyEvent[], readonly after: readonly CustodyEvent[] }

/** Each item's events before the batch and after it. */
function historiesOf(additions: readonly Addition[]): ReadonlyMap<string, History> {
  const histories = new Map<string, History>()
  for (const { before, event } of additions) {
    const held = histories.get(event.item)
    histories.set(event.item, { before: held?.before ?? before, after: [...(held?.after ?? before), event] })
  }
  return histories
}

interface Folds {
  readonly take: (before: readonly CustodyEvent[], after: readonly CustodyEvent[]) => void
  readonly write: (tx: Transaction) => Promise<void>
  /** Keys of the documents' numbers that were added. */
  readonly numbers: () => readonly Uint8Array[]
}

/**
 * Derived rows: new items are copied in; of a changed item only what differs is replaced, keys by their own column. Where nothing but the number
 * of its last event differs, that alone is set, and what somebody wrote into the row behind Muster's back stays for `muster audit` to find.
 */
function openFolds(): Folds {
  const added: Record<FoldTable, (readonly CopyValue[])[]> = { item: [], mark: [], match_key: [], document_number: [] }
  const gone: Record<FoldTable, (readonly CopyValue[])[]> = { item: [], mark: [], match_key: [], document_number: [] }
  const advanced = new Map<number, string[]>()
  return {
    take: (before, after) => {
      const change = changeOfRows(before, after)
      for (const table of FOLD_TABLES) {
        for (const row of change.gone[table]) gone[table].push(row)
        for (const row of change.added[table]) added[table].push(row)
      }
      const { advances } = change
      if (advances === undefined) return
      const items = advanced.get(advances.lastSeq)
      if (items === undefined) advanced.set(advances.lastSeq, [advances.item])
      else items.push(advances.item)
    },
    write: async (tx) => {
      for (const [lastSeq, items] of advanced) await tx.write('UPDATE item SET last_seq = $1 WHERE item_id = ANY($2)', [lastSeq, items])
      if (added.document_number.length + gone.document_number.length > 0) await holdNumbers(tx)
      await removeRows(tx, gone)
      for (const table of FOLD_TABLES) await insertRows(tx, table, FOLD_COLUMNS[table], added[table])
    },
    numbers: () => added.document_number.map(([key]) => key as Uint8Array),
  }
}

const FOLD_TABLES = ['item', 'mark', 'match_key', 'document_number'] as const

async function removeRows(tx: Transaction, gone: Readonly<Record<FoldTable, readonly (readonly CopyValue[])[]>>): Promise<void> {
  if (gone.item.length > 0) await tx.write('DELETE FROM item WHERE item_id = ANY($1)', [gone.item.map(([item]) => item as string)])
  for (const [item, ordinal] of gone.mark) await tx.write('DELETE FROM mark WHERE item_id = $1 AND ordinal = $2', [item as string, ordinal as number])
  for (const [key, item, seq] of gone.document_number) await tx.write('DELETE FROM document_number WHERE document_key = $1 AND item_id = $2 AND seq = $3', [Buffer.from(key as Uint8Array), item as string, seq as number])
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
  for (const { agreement_id } of agreements) await letWait(tx, secrets, agreement_id, 'event', [{ id, bytes: digest }])
}

const WAITING_COLUMNS = ['agreement_id', 'subject', 'subject_id', 'bytes', 'row_mac'] as const

/** What the next period of an agreement's log is to bind or hold: subject `event` or `message` (a digest), or `clear` (an entry's body). */
export async function letWait(tx: Transaction, secrets: Secrets, agreement: string, subject: 'event' | 'message' | 'clear', those: readonly { readonly id: string, readonly bytes: Uint8Array }[]): Promise<void> {
  const rows = those.map(({ id, bytes }) => bound(secrets, 'waiting', { agreement_id: agreement, subject, subject_id: id, bytes: Buffer.from(bytes) }))
  await insertRows(tx, 'waiting', WAITING_COLUMNS, rows.map((row) => WAITING_COLUMNS.map((name) => row[name])))
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
