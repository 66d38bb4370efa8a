// Many first events at once, as an import has them: the same rows as `writeBatch` stores (a test compares), made as lines of COPY without a
// value for each cell, and handed over in parts. Memory is that of a part, whatever the number of events.
import { hash, randomBytes, randomUUID } from 'node:crypto'
import { EVENT_BYTES_MAX, type CustodyEvent } from '@muster/core/rules/custody-event.ts'
import { append, emptyFrontier, frontierRoot, type Frontier } from '@muster/core/proof/merkle.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { copyText, line } from './copy.ts'
import type { Transaction } from './database.ts'
import { waitForLogs, type Act } from './events.ts'
import { FOLD_COLUMNS, type FoldRows } from './fold-rows.ts'
import { openHmac } from './hmac.ts'
import { openLines } from './line-buffer.ts'
import { bound } from './row-mac.ts'
import type { Secrets } from './secrets.ts'

/** Leaves of one batch: a path in it is made from all of them, and an audit holds them at once. */
export const BATCH_EVENTS_MAX = 65_536

const UTF8_BYTES_MAX = 3
const LEAF_DOMAIN = Buffer.from('muster/event/v1\n')
const SALT_AT = LEAF_DOMAIN.length
const EVENT_AT = SALT_AT + 32

const COLUMNS = {
  custody_event: ['item_id', 'seq', 'batch_id', 'ordinal', 'event', 'leaf'],
  ...FOLD_COLUMNS,
  intake_row: ['fingerprint', 'item_id', 'import_id', 'row_number', 'row_mac'],
} as const
export type FreshTable = keyof typeof COLUMNS
export const FRESH_TABLES = Object.keys(COLUMNS) as FreshTable[]

/** A batch that takes no more events. */
export interface ClosedBatch { readonly id: string, readonly secret: Uint8Array, readonly digest: Uint8Array, readonly events: number }
/** Lines of each table, and the batches that were closed with them. */
export interface FreshPart { readonly lines: Readonly<Record<FreshTable, Uint8Array<ArrayBuffer>>>, readonly batches: readonly ClosedBatch[] }

export interface FreshEvents {
  /** Adds an item's only event and its rows; false, and nothing added, where it is longer than an event may be. Its members stand in sorted order, so that JSON.stringify is its canonical form. */
  readonly add: (event: CustodyEvent, folds: FoldRows) => boolean
  /** Adds a line of `intake_row`. */
  readonly addIntake: (line: string) => void
  /** What was added since the last call; `last` closes the batch that is still open. */
  readonly take: (last: boolean) => FreshPart
}

interface Batch { readonly id: string, readonly secret: Buffer, readonly salt: (text: string) => string, readonly frontier: Frontier }

function openBatch(): Batch {
  const secret = randomBytes(32)
  return { id: randomUUID(), secret, salt: openHmac(secret, 'binary'), frontier: emptyFrontier() }
}

/** JSON escapes what COPY would take for an end of line or column, with backslashes, which COPY takes for its own. */
function jsonCell(text: string): string {
  return text.includes('\\') ? text.replaceAll('\\', '\\\\') : text
}

function bytesOf(binary: string): Uint8Array {
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}

/** Events go into batches of at most BATCH_EVENTS_MAX. */
export function openFreshEvents(): FreshEvents {
  const scratch = Buffer.alloc(EVENT_AT + EVENT_BYTES_MAX)
  scratch.set(LEAF_DOMAIN)
  const leafed = Buffer.alloc(33)
  const lines = { custody_event: openLines(), item: openLines(), mark: openLines(), match_key: openLines(), intake_row: openLines() } as const
  let batch = openBatch()
  let closed: ClosedBatch[] = []

  function close(): void {
    closed.push({ id: batch.id, secret: new Uint8Array(batch.secret), digest: frontierRoot(p, batch.frontier), events: batch.frontier.size })
    batch = openBatch()
  }

  const add: FreshEvents['add'] = (event, folds) => {
    const text = JSON.stringify(event)
    if (text.length * UTF8_BYTES_MAX > EVENT_BYTES_MAX && Buffer.byteLength(text) > EVENT_BYTES_MAX) return false
    scratch.write(batch.salt(`${event.item}\n${event.seq}`), SALT_AT, 'latin1')
    const length = EVENT_AT + scratch.write(text, EVENT_AT, 'utf8')
    const leaf = hash('sha256', scratch.subarray(0, length), 'hex')
    leafed.write(leaf, 1, 'hex')
    lines.custody_event.add(`${event.item}\t${event.seq}\t${batch.id}\t${batch.frontier.size}\t${jsonCell(text)}\t\\\\x${leaf}\n`)
    append(p, batch.frontier, bytesOf(hash('sha256', leafed, 'binary')))
    for (const row of folds.item) lines.item.add(line(row, FOLD_COLUMNS.item.length))
    for (const row of folds.mark) lines.mark.add(line(row, FOLD_COLUMNS.mark.length))
    for (const row of folds.match_key) lines.match_key.add(line(row, FOLD_COLUMNS.match_key.length))
    if (batch.frontier.size === BATCH_EVENTS_MAX) close()
    return true
  }

  return {
    add,
    addIntake: (text) => { lines.intake_row.add(text) },
    take: (last) => {
      if (last && batch.frontier.size > 0) close()
      const batches = closed
      closed = []
      return { lines: Object.fromEntries(FRESH_TABLES.map((table) => [table, lines[table].take()])) as Record<FreshTable, Uint8Array<ArrayBuffer>>, batches }
    },
  }
}

/** Writes one part; each of its batches waits for the logs. */
export async function writePart(tx: Transaction, secrets: Secrets, act: Act, { lines, batches }: FreshPart): Promise<void> {
  for (const batch of batches) await writeBatchRow(tx, secrets, act, batch)
  for (const table of FRESH_TABLES) if (lines[table].length > 0) await copyText(tx, table, COLUMNS[table], lines[table])
}

async function writeBatchRow(tx: Transaction, secrets: Secrets, { act, by, written }: Act, batch: ClosedBatch): Promise<void> {
  const [secret, digest] = [Buffer.from(batch.secret), Buffer.from(batch.digest)]
  const row = bound(secrets, 'event_batch', { batch_id: batch.id, act, done_by: by, written, events: batch.events, secret, digest })
  await tx.write('INSERT INTO event_batch (batch_id, act, done_by, written, events, secret, digest, row_mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)',
    [row.batch_id, row.act, row.done_by, row.written, row.events, secret, digest, row.row_mac])
  await waitForLogs(tx, secrets, batch.id, digest)
}
