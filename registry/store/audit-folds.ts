// The derived rows against the events: folded anew, item by item, and compared column by column.
import type { CustodyEvent } from '@muster/core/rules/custody-event.ts'
import { readEvent } from './audit-events.ts'
import type { CopyValue } from './copy.ts'
import { cellOf, type Report } from './finding.ts'
import { FOLD_COLUMNS, NO_ROWS, rowsOf, type FoldRows, type FoldTable } from './fold-rows.ts'
import type { Snapshot } from './snapshot.ts'
import { KEY_COLUMNS } from './table-class.ts'

const ITEMS_A_PART = 1_000
const TABLES = ['item', 'mark', 'match_key', 'document_number'] as const

type Cells = Readonly<Record<string, CopyValue>>
interface EventRow { readonly item_id: string, readonly seq: number, readonly event: string }
type Matched = Record<FoldTable, number>

export async function auditFolds(snapshot: Snapshot, report: Report, onRows: (rows: number) => void): Promise<void> {
  const matched: Matched = { item: 0, mark: 0, match_key: 0, document_number: 0 }
  let part = new Map<string, CustodyEvent[]>()
  const flush = async (): Promise<void> => {
    await compare(snapshot, part, report, matched)
    part = new Map()
  }
  let last: { readonly item: string, readonly next: number } | undefined
  for await (const rows of snapshot.batches<EventRow & Record<string, unknown>>('SELECT item_id, seq, event FROM custody_event ORDER BY item_id, seq')) {
    for (const { item_id, seq, event: text } of rows) {
      const next = last?.item === item_id ? last.next : 0
      if (seq !== next) report({ table: 'custody_event', key: { item_id, seq: String(next) }, column: 'seq', code: 'missing', message: `event ${next} of the item is not there, and event ${seq} is` })
      last = { item: item_id, next: seq + 1 }
      if (!part.has(item_id) && part.size >= ITEMS_A_PART) await flush()
      const event = readEvent(text)
      if (event === undefined) continue
      const held = part.get(item_id)
      if (held === undefined) part.set(item_id, [event])
      else held.push(event)
    }
    onRows(rows.length)
  }
  await flush()
  for (const table of TABLES) await findExtra(snapshot, table, matched[table], report)
}

function named(table: FoldTable, row: readonly CopyValue[]): Cells {
  return Object.fromEntries(FOLD_COLUMNS[table].map((column, i) => [column, row[i]]))
}

function nameOf(table: FoldTable, row: Cells): string {
  return KEY_COLUMNS[table].map((column) => cellOf(row[column])).join(' ')
}

/** Expected rows of some items, by key. */
function expectedOf(part: ReadonlyMap<string, readonly CustodyEvent[]>): Record<FoldTable, Map<string, Cells>> {
  const expected: Record<FoldTable, Map<string, Cells>> = { item: new Map(), mark: new Map(), match_key: new Map(), document_number: new Map() }
  for (const events of part.values()) {
    const made = foldable(events)
    for (const table of TABLES) {
      for (const row of made[table]) {
        const cells = named(table, row)
        expected[table].set(nameOf(table, cells), cells)
      }
    }
  }
  return expected
}

/** Events that somebody wrote by hand may fold to nothing at all; their leaves have convicted them already. */
function foldable(events: readonly CustodyEvent[]): FoldRows {
  try {
    return rowsOf(events)
  } catch {
    return NO_ROWS
  }
}

/** Each table's rows of some items, by the column that it is spread by. */
const ROWS: Readonly<Record<FoldTable, { readonly by: string, readonly statement: string }>> = {
  item: { by: 'item_id', statement: 'SELECT * FROM item WHERE item_id = ANY($1)' }, mark: { by: 'item_id', statement: 'SELECT * FROM mark WHERE item_id = ANY($1)' },
  match_key: { by: 'key', statement: 'SELECT * FROM match_key WHERE key = ANY($1)' }, document_number: { by: 'document_key', statement: 'SELECT * FROM document_number WHERE document_key = ANY($1)' },
}

async function compare(snapshot: Snapshot, part: ReadonlyMap<string, readonly CustodyEvent[]>, report: Report, matched: Matched): Promise<void> {
  if (part.size === 0) return
  const expected = expectedOf(part)
  const ids = [...part.keys()]
  for (const table of TABLES) {
    const { by, statement } = ROWS[table]
    const named = by === 'item_id' ? ids : [...new Set([...expected[table].values()].map((cells) => Buffer.from(cells[by] as Uint8Array)))]
    const rows = named.length === 0 ? [] : await snapshot.read<Record<string, never>>(statement, [named])
    for (const row of rows as readonly Cells[]) {
      const wanted = expected[table].get(nameOf(table, row))
      if (wanted === undefined) continue
      expected[table].delete(nameOf(table, row))
      matched[table] += 1
      for (const column of Object.keys(row)) {
        if (cellOf(row[column]) !== cellOf(wanted[column]) || (row[column] === null) !== (wanted[column] === null || wanted[column] === undefined)) {
          report({ table, key: keyText(table, row), column, code: 'fold', message: `"${cellOf(row[column])}" stands where the events give "${cellOf(wanted[column])}"` })
        }
      }
    }
    for (const missing of expected[table].values()) report({ table, key: keyText(table, missing), column: null, code: 'missing', message: 'the events give this row and it is not there' })
  }
}

function keyText(table: FoldTable, row: Cells): Record<string, string> {
  return Object.fromEntries(KEY_COLUMNS[table].map((column) => [column, cellOf(row[column])]))
}

/** Rows that no events give: looked for only where the table holds more rows than were matched. */
async function findExtra(snapshot: Snapshot, table: FoldTable, matched: number, report: Report): Promise<void> {
  const [count] = await snapshot.read<{ rows: number }>(`SELECT count(*) AS rows FROM ${table}`)
  if (count?.rows === matched) return
  for await (const rows of snapshot.batches<Record<string, never>>(`SELECT * FROM ${table}`)) {
    const items = [...new Set((rows as readonly Cells[]).map(({ item_id }) => cellOf(item_id)))]
    const events = await snapshot.read<EventRow & Record<string, unknown>>('SELECT item_id, seq, event FROM custody_event WHERE item_id = ANY($1) ORDER BY item_id, seq', [items])
    const part = new Map<string, CustodyEvent[]>()
    for (const { item_id, event: text } of events) {
      const event = readEvent(text)
      if (event !== undefined) part.set(item_id, [...(part.get(item_id) ?? []), event])
    }
    const expected = expectedOf(part)[table]
    for (const row of rows as readonly Cells[]) {
      if (!expected.has(nameOf(table, row))) report({ table, key: keyText(table, row), column: null, code: 'extra', message: 'no event gives this row' })
    }
  }
}
