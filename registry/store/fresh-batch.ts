// Many first events at once, as an import has them: the same rows as `writeBatch` stores (a test compares), made as lines of COPY without a
// value for each cell, and sent in parts while the next part is made. Memory is that of two parts, whatever the number of events.
import { hash, randomBytes, randomUUID } from 'node:crypto'
import { EVENT_BYTES_MAX, type CustodyEvent } from '@muster/core/rules/custody-event.ts'
import { append, emptyFrontier, frontierRoot, leafHash, type Frontier } from '@muster/core/proof/merkle.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { copyText, escaped, line } from './copy.ts'
import type { Transaction } from './database.ts'
import { waitForLogs, type Act } from './events.ts'
import { FOLD_COLUMNS, rowsOf, type FoldRows } from './fold-rows.ts'
import { openHmac } from './hmac.ts'
import { bound } from './row-mac.ts'
import type { Secrets } from './secrets.ts'

/** Leaves of one batch: a path in it is made from all of them, and an audit holds them at once. */
export const BATCH_EVENTS_MAX = 65_536

/** Bytes of one UTF-16 unit in UTF-8, at most. */
const UTF8_BYTES_MAX = 3
const LEAF_DOMAIN = Buffer.from('muster/event/v1\n')
const SALT_AT = LEAF_DOMAIN.length
const EVENT_AT = SALT_AT + 32

const COLUMNS = {
  custody_event: ['item_id', 'seq', 'batch_id', 'ordinal', 'event', 'leaf'],
  ...FOLD_COLUMNS,
  intake_row: ['fingerprint', 'item_id', 'import_id', 'row_number', 'row_mac'],
} as const
type Lines = Record<keyof typeof COLUMNS, string>

const noLines = (): Lines => ({ custody_event: '', item: '', mark: '', match_key: '', intake_row: '' })

export interface FreshEvents {
  /** Adds an item's only event and its rows; false, and nothing added, where it is longer than an event may be. Its members stand in sorted order, so that JSON.stringify is its canonical form. */
  readonly add: (event: CustodyEvent, folds: FoldRows) => boolean
  /** Adds a line of `intake_row`. */
  readonly addIntake: (line: string) => void
  /** Drops what was added since the last call of `send`. */
  readonly forget: () => void
  /** Sends what was added. Resolves when the part before it is written: one part is on its way while the next is made. */
  readonly send: () => Promise<void>
  /** Sends the rest, and the batch that is still open. */
  readonly end: () => Promise<void>
}

interface Batch { readonly id: string, readonly secret: Buffer, readonly salt: (text: string) => string, readonly frontier: Frontier }

function openBatch(): Batch {
  const secret = randomBytes(32)
  return { id: randomUUID(), secret, salt: openHmac(secret, 'binary'), frontier: emptyFrontier() }
}

/** Writes within one transaction. Events go into batches of at most BATCH_EVENTS_MAX, each of which waits for the logs. */
export function openFreshEvents(tx: Transaction, secrets: Secrets, act: Act): FreshEvents {
  const scratch = Buffer.alloc(EVENT_AT + EVENT_BYTES_MAX)
  scratch.set(LEAF_DOMAIN)
  let batch = openBatch()
  let closed: Batch[] = []
  let lines = noLines()
  let sending: Promise<void> = Promise.resolve()

  const add: FreshEvents['add'] = (event, folds) => {
    const text = JSON.stringify(event)
    if (text.length * UTF8_BYTES_MAX > EVENT_BYTES_MAX && Buffer.byteLength(text) > EVENT_BYTES_MAX) return false
    scratch.write(batch.salt(`${event.item}\n${event.seq}`), SALT_AT, 'latin1')
    const bytes = scratch.write(text, EVENT_AT, 'utf8')
    const leaf = hash('sha256', scratch.subarray(0, EVENT_AT + bytes), 'hex')
    lines.custody_event += `${event.item}\t${event.seq}\t${batch.id}\t${batch.frontier.size}\t${escaped(text)}\t\\\\x${leaf}\n`
    append(p, batch.frontier, leafHash(p, Buffer.from(leaf, 'hex')))
    for (const table of ['item', 'mark', 'match_key'] as const) for (const row of folds[table]) lines[table] += line(row, FOLD_COLUMNS[table].length)
    if (batch.frontier.size === BATCH_EVENTS_MAX) {
      closed.push(batch)
      batch = openBatch()
    }
    return true
  }

  async function write(part: Lines, batches: readonly Batch[]): Promise<void> {
    for (const each of batches) await writeBatchRow(tx, secrets, act, each)
    for (const table of Object.keys(COLUMNS) as (keyof Lines)[]) {
      if (part[table] !== '') await copyText(tx, table, COLUMNS[table], Buffer.from(part[table]))
    }
  }

  async function send(): Promise<void> {
    const [part, batches, before] = [lines, closed, sending]
    lines = noLines()
    closed = []
    await before
    sending = write(part, batches)
    // Whoever awaits the next part hears of it.
    sending.catch(() => undefined)
  }

  async function end(): Promise<void> {
    if (batch.frontier.size > 0) closed.push(batch)
    await send()
    await sending
  }

  return { add, addIntake: (text) => { lines.intake_row += text }, forget: () => { lines = noLines() }, send, end }
}

async function writeBatchRow(tx: Transaction, secrets: Secrets, { act, by, written }: Act, { id, secret, frontier }: Batch): Promise<void> {
  const digest = Buffer.from(frontierRoot(p, frontier))
  const row = bound(secrets, 'event_batch', { batch_id: id, act, done_by: by, written, events: frontier.size, secret, digest })
  await tx.write('INSERT INTO event_batch (batch_id, act, done_by, written, events, secret, digest, row_mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)',
    [row.batch_id, row.act, row.done_by, row.written, row.events, secret, digest, row.row_mac])
  await waitForLogs(tx, secrets, id, digest)
}

/** Derived rows of a first event. */
export function freshRows(event: CustodyEvent): FoldRows {
  return rowsOf([event])
}
