// The door of intake: a file and a mapping in, one value for each row out.
import { open } from 'node:fs/promises'
import type { SheetRow } from './cells.ts'
import { openCsv, FILE_BYTES_MAX } from './csv.ts'
import { openFingerprints } from './fingerprint.ts'
import { findHeader, HEADER_ROWS_MAX, proposeColumns, type Header, type Proposal } from './header.ts'
import type { Mapping } from './mapping.ts'
import { SheetRefused } from './reasons.ts'
import { openReturn } from './refusals.ts'
import { clip, type IntakeRow, type RowRefusal } from './row.ts'
import { openTaker } from './take.ts'
import { openXlsx } from './xlsx.ts'

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
  /** 0 for a sheet without header. */
  readonly headerRow: number
  /** Names as the file has them, in its order. */
  readonly header: readonly string[]
}

/** Rows of a CSV or XLSX file, in file order, each exactly once: rows without any cell are not rows, rows above the header are not the
 *  table's. Throws SheetRefused where the file as a whole cannot be read, also after rows were read; then nothing of it may be kept.
 *  Memory is bounded by the shared texts of a workbook and 24 bytes a row. */
export async function* readSheet(path: string, mapping: Mapping, options: ReadOptions = {}): AsyncIterable<IntakeRow | RowRefusal> {
  const table = await openTable(path, { ...fromMapping(mapping), ...options })
  const rows = table.rows()[Symbol.asyncIterator]()
  try {
    const { head, rest } = await readHead(rows)
    const header = findHeader(head, mapping)
    if (header.names.length > 1024) throw new SheetRefused('too-many-header-columns', String(header.names.length))
    options.onOpened?.({ ...table.facts, headerRow: header.row, header: header.names })
    const take = openReader(mapping, header, new Set(options.keep))
    for (const row of head) if (row.row > header.row) yield take(row)
    for (const row of rest) yield take(row)
    for (let next = await rows.next(); next.done !== true; next = await rows.next()) for (const row of next.value) yield take(row)
  } finally {
    // A reader that stops early leaves no file open.
    await rows.return?.()
    table.close()
  }
}

/** What the columns of a sheet probably mean, and a mapping to start from. Throws SheetRefused. */
export async function proposeSheet(path: string, options: Omit<ReadOptions, 'keep' | 'onOpened'> = {}): Promise<Proposal> {
  const table = await openTable(path, options)
  const rows = table.rows()[Symbol.asyncIterator]()
  try {
    const { head } = await readHead(rows)
    return proposeColumns(head)
  } finally {
    await rows.return?.()
    table.close()
  }
}

function fromMapping(mapping: Mapping): ReadOptions {
  return {
    ...(mapping.sheet === undefined ? {} : { sheet: mapping.sheet }),
    ...(mapping.encoding === undefined ? {} : { encoding: mapping.encoding }),
    ...(mapping.delimiter === undefined ? {} : { delimiter: mapping.delimiter }),
  }
}

function openReader(mapping: Mapping, header: Header, keep: ReadonlySet<string>): (row: SheetRow) => IntakeRow | RowRefusal {
  const fingerprint = openFingerprints()
  const returned = openReturn(header.names)
  const take = openTaker(mapping, header.names, header.places, keep)
  return (raw) => {
    const { row, doubts } = returned(raw)
    return take(row, fingerprint(row.cells), doubts)
  }
}

async function readHead(rows: AsyncIterator<readonly SheetRow[]>): Promise<{ head: SheetRow[], rest: SheetRow[] }> {
  const head: SheetRow[] = []
  while (head.length < HEADER_ROWS_MAX) {
    const next = await rows.next()
    if (next.done === true) break
    head.push(...next.value)
  }
  return { head: head.slice(0, HEADER_ROWS_MAX), rest: head.slice(HEADER_ROWS_MAX) }
}

type Table = { readonly facts: Omit<Opened, 'headerRow' | 'header'>, rows(): AsyncIterable<readonly SheetRow[]>, close(): void }

async function openTable(path: string, options: ReadOptions): Promise<Table> {
  if (await isWorkbook(path)) {
    const xlsx = await openXlsx(path, options.sheet)
    return { facts: { format: 'xlsx', sheet: xlsx.sheet }, rows: () => xlsx.rows(), close: () => { xlsx.close() } }
  }
  const csv = await openCsv(path, options)
  return { facts: { format: 'csv', encoding: csv.encoding, delimiter: csv.delimiter }, rows: () => csv.rows(), close: () => undefined }
}

const START_BYTES = 4096

/** True for a zip file, false for what may be delimited text; anything else that is known is refused by its name. */
async function isWorkbook(path: string): Promise<boolean> {
  const file = await open(path).catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') throw new SheetRefused('not-found', clip(path), { cause })
    throw cause
  })
  try {
    const facts = await file.stat()
    if (!facts.isFile()) throw new SheetRefused('not-a-sheet', 'a folder or a device')
    if (facts.size > FILE_BYTES_MAX) throw new SheetRefused('file-too-large', `${FILE_BYTES_MAX / 2 ** 30} GiB`)
    if (facts.size === 0) throw new SheetRefused('empty-file')
    const start = (await file.read(Buffer.alloc(START_BYTES), 0, START_BYTES, 0)).buffer
    const text = start.toString('latin1')
    if (text.startsWith('PK\x03\x04') || text.startsWith('PK\x05\x06')) return true
    if (text.startsWith('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1')) {
      const rest = (await file.read(Buffer.alloc(1 << 16), 0, 1 << 16, 0)).buffer.toString('latin1') + (await file.read(Buffer.alloc(1 << 16), 0, 1 << 16, Math.max(0, facts.size - (1 << 16)))).buffer.toString('latin1')
      throw new SheetRefused(rest.includes(Buffer.from('EncryptedPackage', 'utf16le').toString('latin1')) ? 'encrypted' : 'old-excel')
    }
    if (/^\x09[\x00\x02\x04\x08]/.test(text)) throw new SheetRefused('old-excel')
    if (text.startsWith('%PDF')) throw new SheetRefused('not-a-sheet', 'a PDF file')
    if (/^(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|table|\?xml)/i.test(text)) throw new SheetRefused('not-a-sheet', 'a web page or XML')
    return false
  } finally {
    await file.close()
  }
}
