// One row as it stands in the file, whatever the file's format: text cells, and what the format says of them.
import type { ReasonCode } from './reasons.ts'
import { INVALID_MARK } from './encoding.ts'

/** Characters of one cell; a spreadsheet program allows 32,767. */
export const CELL_CHARACTERS_MAX = 32_768
/** Columns of one row; the widest registers known have some two hundred. */
export const COLUMNS_MAX = 1024
/** Rows of one file; a spreadsheet program allows 1,048,576. */
export const ROWS_MAX = 10_000_000

/** What the workbook stored where it was no text: a program may have changed what was typed. `merged`: copied from the range's first cell. */
export type CellKind = 'number' | 'date' | 'boolean' | 'merged'

export type CellFault = { readonly column: number, readonly reason: ReasonCode, readonly detail: string, readonly value: string }

export type SheetRow = {
  readonly row: number
  /** Trailing empty cells are dropped. */
  readonly cells: readonly string[]
  /** By column; undefined where all cells are text. */
  readonly kinds?: ReadonlyMap<number, CellKind>
  /** What the format's reader found wrong; the row is to be refused for the first of them, unless it is out of scope or before the header. */
  readonly faults?: readonly CellFault[]
}

/** What no cell of any format may hold. `takeOffset` gives the place in the file of the next byte that was no UTF-8. */
export function faultOf(text: string, column: number, takeOffset: () => number): CellFault | undefined {
  if (text.length > CELL_CHARACTERS_MAX) return { column, reason: 'cell-too-long', detail: String(text.length), value: text }
  if (text.includes(INVALID_MARK)) {
    let first: number | undefined
    for (const character of text) if (character === INVALID_MARK) first ??= takeOffset()
    return { column, reason: 'invalid-utf8', detail: String(first ?? 0), value: text.replaceAll(INVALID_MARK, '\ufffd') }
  }
  return text.includes('\0') ? { column, reason: 'control-character', detail: 'U+0000', value: text.replaceAll('\0', '\ufffd') } : undefined
}
