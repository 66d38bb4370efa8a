// The door of intake: a file and a mapping in, one value for each row out.
import type { IntakeRow, RowRefusal } from './row.ts'
import type { Mapping } from './mapping.ts'

export type ReadOptions = {
  /** Kinds of rows that the mapping leaves out and that are wanted all the same (`--keep`). */
  readonly keep?: readonly string[]
  /** Name or 1-based number of the sheet of a workbook; over the mapping's own. */
  readonly sheet?: string
  /** Encoding of a CSV file (`ENCODINGS`); over the mapping's own; detected where neither says. */
  readonly encoding?: string
  /** One of `,` `;` tab `|`; detected where undefined. */
  readonly delimiter?: string
  /** Called once, before the first row. */
  readonly onOpened?: (opened: Opened) => void
}

/** What was found out about the file before its first row. */
export type Opened = {
  readonly format: 'csv' | 'xlsx'
  readonly encoding?: string
  readonly delimiter?: string
  readonly sheet?: string
  readonly headerRow: number
  /** Names as the file has them, in its order. */
  readonly header: readonly string[]
}

/** Rows of a CSV or XLSX file, in file order, each exactly once: rows without any cell are not rows. Throws SheetRefused where the
 *  file as a whole cannot be read; then nothing of it may be kept. Memory is bounded by the shared strings of a workbook. */
export declare function readSheet(path: string, mapping: Mapping, options?: ReadOptions): AsyncIterable<IntakeRow | RowRefusal>
