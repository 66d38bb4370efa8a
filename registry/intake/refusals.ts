// The file of refused rows: the source's own columns, then what was wrong, so that it can be corrected in a spreadsheet program and loaded
// again with the same mapping. A cell that a spreadsheet program would take for a formula is written with an apostrophe before it; reading
// the file back takes one apostrophe off, so every source cell comes back as it was. Cells beyond the header's width stand behind the
// added columns.
import { open } from 'node:fs/promises'
import type { SheetRow } from './cells.ts'
import type { RowRefusal } from './row.ts'

/** Columns added behind the source's own. Their presence in a header marks a file of refused rows. */
export const ADDED_COLUMNS = ['muster-row', 'muster-column', 'muster-value', 'muster-reason', 'muster-message', 'muster-doubts'] as const
const DELIMITER = ';'
/** Characters gathered before a write. */
const PENDING_CHARACTERS = 1 << 18

/** A cell that a spreadsheet program could evaluate, or that begins with the guard itself; a dash alone or a plain number cannot harm. */
function needsGuard(cell: string): boolean {
  return /^['=@\t\r＝＠＋－]/.test(cell) || (/^[+-]/.test(cell) && !/^[+-]?(?:\d+(?:[.,]\d+)?)?$/.test(cell))
}

/** The cell with a guard where it needs one; `unguard` gives it back. */
export function guard(cell: string): string {
  return needsGuard(cell) ? `'${cell}` : cell
}

export function unguard(cell: string): string {
  return cell.startsWith("'") ? cell.slice(1) : cell
}

function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[";\r\n,\t|]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(DELIMITER)}\r\n`
}

export type RefusalFile = {
  readonly path: string
  add(refusal: RowRefusal): Promise<void>
  /** Resolves when every byte is on the disk. */
  close(): Promise<void>
}

/** Starts a file of refused rows (UTF-8 with byte order mark, `;`, CRLF, as spreadsheet programs open without questions). An existing
 *  file is never overwritten. `header`: the source's names, as given to `onOpened`. */
export async function createRefusalFile(path: string, header: readonly string[], lang: 'en' | 'ru' = 'en'): Promise<RefusalFile> {
  const file = await open(path, 'wx', 0o600)
  const own = header.filter((name) => !isAdded(name))
  let pending = `\ufeff${csvLine([...own.map(guard), ...ADDED_COLUMNS])}`
  const flush = async (): Promise<void> => {
    const text = pending
    pending = ''
    await file.writeFile(text)
  }
  await flush()
  return {
    path,
    add: async (refusal) => {
      const cells = Array.from({ length: own.length }, (_, index) => guard(refusal.source[index] ?? ''))
      const column = refusal.column === undefined ? '' : `${refusal.column.letter} ${refusal.column.name}`.trim()
      const added = [String(refusal.row), column, refusal.value, refusal.reason, refusal.message[lang], refusal.doubts.join(' ')]
      pending += csvLine([...cells, ...added.map(guard), ...refusal.source.slice(own.length).map(guard)])
      if (pending.length > PENDING_CHARACTERS) await flush()
    },
    close: async () => {
      await flush()
      await file.sync()
      await file.close()
    },
  }
}

function isAdded(name: string): boolean {
  return ADDED_COLUMNS.some((added) => added === name)
}

/** True for the header of a file that `createRefusalFile` wrote. */
export function isReturned(header: readonly string[]): boolean {
  const first = header.indexOf(ADDED_COLUMNS[0])
  return first >= 0 && ADDED_COLUMNS.every((name, index) => header[first + index] === name)
}

/** Reads rows of a file of refused rows back: the added columns fall away, guards come off, doubts of the first reading stay. Rows of any
 *  other file pass unchanged. */
export function openReturn(header: readonly string[]): (row: SheetRow) => { row: SheetRow, doubts: readonly string[] } {
  if (!isReturned(header)) return (row) => ({ row, doubts: [] })
  const first = header.indexOf(ADDED_COLUMNS[0])
  return (row) => {
    const beyond = row.cells.slice(first + ADDED_COLUMNS.length)
    const cells = [...row.cells.slice(0, first), ...beyond].map(unguard)
    while (cells.at(-1) === '') cells.pop()
    const doubts = (row.cells[first + ADDED_COLUMNS.indexOf('muster-doubts')] ?? '').split(' ').filter((doubt) => /^[a-z][a-z0-9-]{0,31}$/.test(doubt))
    return { row: { ...row, cells }, doubts }
  }
}
