// Many first events at once, as an import has them: the same rows as `writeBatch` stores (a test compares), made as lines of COPY without a
// value for each cell, and handed over in parts. Memory is that of a part, whatever the number of events.
import type { CustodyEvent } from '@muster/core/rules/custody-event.ts'
import { copyText, line } from './copy.ts'
import type { Transaction } from './database.ts'
import { EVENT_COLUMNS, writeBatchRow, type Act } from './events.ts'
import { FOLD_COLUMNS, type FoldRows } from './fold-rows.ts'
import { openLines } from './line-buffer.ts'
import { BATCH_EVENTS_MAX, openBatch, type ClosedBatch } from './open-batch.ts'
import type { Secrets } from './secrets.ts'

const COLUMNS = {
  custody_event: EVENT_COLUMNS,
  ...FOLD_COLUMNS,
  intake_row: ['fingerprint', 'item_id', 'import_id', 'row_number', 'row_mac'],
} as const
export type FreshTable = keyof typeof COLUMNS
export const FRESH_TABLES = Object.keys(COLUMNS) as FreshTable[]

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

/** JSON escapes what COPY would take for an end of line or column, with backslashes, which COPY takes for its own. */
function jsonCell(text: string): string {
  return text.includes('\\') ? text.replaceAll('\\', '\\\\') : text
}

/** Events go into batches of at most BATCH_EVENTS_MAX. */
export function openFreshEvents(): FreshEvents {
  const lines = { custody_event: openLines(), item: openLines(), mark: openLines(), match_key: openLines(), document_number: openLines(), intake_row: openLines() } as const
  let batch = openBatch()
  let closed: ClosedBatch[] = []

  function close(): void {
    closed.push(batch.close())
    batch = openBatch()
  }

  const add: FreshEvents['add'] = (event, folds) => {
    const text = JSON.stringify(event)
    const ordinal = batch.events()
    const leaf = batch.add(event.item, event.seq, text)
    if (leaf === undefined) return false
    lines.custody_event.add(`${event.item}\t${event.seq}\t${batch.id}\t${ordinal}\t${jsonCell(text)}\t\\\\x${leaf}\n`)
    for (const row of folds.item) lines.item.add(line(row, FOLD_COLUMNS.item.length))
    for (const row of folds.mark) lines.mark.add(line(row, FOLD_COLUMNS.mark.length))
    for (const row of folds.match_key) lines.match_key.add(line(row, FOLD_COLUMNS.match_key.length))
    for (const row of folds.document_number) lines.document_number.add(line(row, FOLD_COLUMNS.document_number.length))
    if (batch.events() === BATCH_EVENTS_MAX) close()
    return true
  }

  return {
    add,
    addIntake: (text) => { lines.intake_row.add(text) },
    take: (last) => {
      if (last && batch.events() > 0) close()
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
