// Workbooks of Excel 2007 and later (ECMA-376), streamed from a file by path: nothing is unpacked to disk and no formula is evaluated.
// The sheet is unpacked twice: once to see that all of it is there and what cells are merged, then row by row.
import { openArchive, type Archive } from './archive.ts'
import { COLUMNS_MAX, CELL_CHARACTERS_MAX, faultOf, type CellFault, type CellKind, type SheetRow } from './cells.ts'
import { plainNumber, serialDate } from './number.ts'
import { SheetRefused } from './reasons.ts'
import { columnLetter } from './row.ts'
import { openWorkbook, unescapeText, type SheetEntry, type Workbook } from './workbook.ts'
import { openXml } from './xml.ts'

export const SHEET_ROWS_MAX = 1_048_576
const SHEET_COLUMNS_MAX = 16_384
export const MERGED_RANGES_MAX = 1 << 16
/** Cells that merged ranges fill, in all. */
export const MERGED_CELLS_MAX = 1 << 22

export type Xlsx = { readonly sheet: string, rows(): AsyncIterable<readonly SheetRow[]>, close(): void }

/** Opens a workbook at one sheet: the named or numbered one, else the only one that holds data. Throws SheetRefused. */
export async function openXlsx(path: string, choice?: string): Promise<Xlsx> {
  const archive = await openArchive(path)
  try {
    const book = await openWorkbook(archive)
    const { entry, merged } = await chooseSheet(archive, book, choice)
    return { sheet: entry.name, rows: () => rowsOf(archive, book, entry, merged), close: () => { archive.close() } }
  } catch (error) {
    archive.close()
    throw error
  }
}

type Range = { readonly top: number, readonly left: number, readonly bottom: number, readonly right: number }
type Survey = { readonly holdsData: boolean, readonly merged: readonly Range[] }

async function chooseSheet(archive: Archive, book: Workbook, choice: string | undefined): Promise<{ entry: SheetEntry, merged: readonly Range[] }> {
  const listed = book.sheets.map((sheet) => `"${sheet.name}"`).join(', ')
  if (choice !== undefined) {
    const entry = book.sheets.find((sheet) => sheet.name === choice) ?? (/^[1-9]\d{0,3}$/.test(choice) ? book.sheets[Number(choice) - 1] : undefined)
    if (entry === undefined) throw new SheetRefused('no-sheet', `"${choice}" (${listed})`)
    return { entry, merged: (await survey(archive, entry)).merged }
  }
  const full: { entry: SheetEntry, merged: readonly Range[] }[] = []
  for (const entry of book.sheets) {
    if (!entry.visible) continue
    const { holdsData, merged } = await survey(archive, entry)
    if (holdsData) full.push({ entry, merged })
  }
  if (full.length > 1) throw new SheetRefused('sheet-choice', full.map(({ entry }) => `"${entry.name}"`).join(', '))
  const only = full[0]
  if (only === undefined) throw new SheetRefused('no-sheet', `with data (${listed})`)
  return only
}

const MERGE = /<(?:\w+:)?mergeCell\s[^<>]*?ref\s*=\s*["']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})["']/g
/** Longer than any mergeCell element. */
const OVERLAP_BYTES = 512

/** Reads a sheet to its end, which proves that all of it is there, for what stands behind its rows but is needed before them. */
async function survey(archive: Archive, entry: SheetEntry): Promise<Survey> {
  const merged = new Map<string, Range>()
  let holdsData = false
  let tail = Buffer.alloc(0)
  for await (const chunk of archive.read(entry.part)) {
    const bytes = Buffer.concat([tail, chunk])
    if (!holdsData) holdsData = bytes.includes('<v>') || bytes.includes('<is>') || bytes.includes(':v>') || bytes.includes(':is>') || bytes.includes('<f>')
    if (bytes.includes('mergeCell')) {
      for (const [, left = '', top = '', right = '', bottom = ''] of bytes.toString('latin1').matchAll(MERGE)) {
        merged.set(`${left}${top}`, { left: columnIndex(left), top: Number(top), right: columnIndex(right), bottom: Number(bottom) })
        if (merged.size > MERGED_RANGES_MAX) throw new SheetRefused('archive-bomb', `more than ${MERGED_RANGES_MAX} merged ranges`)
      }
    }
    tail = bytes.subarray(Math.max(0, bytes.length - OVERLAP_BYTES))
  }
  return { holdsData, merged: [...merged.values()].sort((a, b) => a.top - b.top) }
}

/** 0 for A. */
function columnIndex(letters: string): number {
  let index = 0
  for (const letter of letters) index = index * 26 + letter.charCodeAt(0) - 64
  return index - 1
}

type RawCell = { column: number, type: string, style: number, formula: boolean, stored: boolean, text: string }

/** The state of one pass over a sheet. */
type Pass = {
  readonly book: Workbook
  readonly refuse: (problem: string) => never
  readonly done: SheetRow[]
  row: number
  column: number
  cells: string[]
  kinds: Map<number, CellKind> | undefined
  faults: CellFault[] | undefined
  cell: RawCell | undefined
  inText: boolean
  hints: number
}

async function* rowsOf(archive: Archive, book: Workbook, entry: SheetEntry, merged: readonly Range[]): AsyncIterable<readonly SheetRow[]> {
  const refuse = (problem: string): never => { throw new SheetRefused('xml-refused', `${entry.part}: ${problem}`) }
  const pass: Pass = { book, refuse, done: [], row: 0, column: -1, cells: [], kinds: undefined, faults: undefined, cell: undefined, inText: false, hints: 0 }
  const fill = openFill(merged)
  const xml = openXml(entry.part, {
    open: (name, attributes) => { onOpen(pass, name, attributes) },
    text: (piece) => {
      const cell = pass.cell
      if (pass.inText && cell !== undefined && cell.text.length <= CELL_CHARACTERS_MAX) cell.text = (cell.text + piece).slice(0, CELL_CHARACTERS_MAX + 1)
    },
    close: (name) => { onClose(pass, name) },
  })
  for await (const chunk of archive.read(entry.part)) {
    xml.write(chunk)
    if (pass.done.length > 0) yield fill(pass.done.splice(0))
  }
  xml.end()
  if (pass.done.length > 0) yield fill(pass.done.splice(0))
}

function onOpen(pass: Pass, name: string, attributes: Readonly<Record<string, string>>): void {
  if (name === 'c') startCell(pass, attributes)
  else if (name === 'v' || name === 't') {
    pass.inText = pass.cell !== undefined && pass.hints === 0
    if (pass.cell !== undefined && pass.hints === 0) pass.cell.stored = true
  } else if (name === 'f' && pass.cell !== undefined) pass.cell.formula = true
  else if (name === 'rPh') pass.hints += 1
  else if (name === 'row') {
    const row = attributes.r === undefined ? pass.row + 1 : /^[1-9]\d{0,6}$/.test(attributes.r) ? Number(attributes.r) : 0
    if (row <= pass.row || row > SHEET_ROWS_MAX) pass.refuse(`row ${clipped(attributes.r)} stands after row ${pass.row}`)
    pass.row = row
    pass.column = -1
  }
}

function onClose(pass: Pass, name: string): void {
  if (name === 'v' || name === 't') pass.inText = false
  else if (name === 'c') endCell(pass)
  else if (name === 'rPh') pass.hints -= 1
  else if (name === 'row') endRow(pass)
}

function clipped(text: string | undefined): string {
  return (text ?? '').slice(0, 20)
}

function startCell(pass: Pass, attributes: Readonly<Record<string, string>>): void {
  let column = pass.column + 1
  if (attributes.r !== undefined) {
    const place = /^([A-Z]{1,3})(\d{1,7})$/.exec(attributes.r)
    column = place === null ? -1 : columnIndex(place[1] as string)
    if (place === null || Number(place[2]) !== pass.row || column <= pass.column) pass.refuse(`cell ${clipped(attributes.r)} stands in row ${pass.row} after column ${pass.column + 1}`)
  }
  if (column >= SHEET_COLUMNS_MAX || pass.row === 0) pass.refuse('a cell stands outside of the sheet')
  pass.column = column
  pass.cell = { column, type: attributes.t ?? 'n', style: Number(attributes.s ?? 0), formula: false, stored: false, text: '' }
}

function endCell(pass: Pass): void {
  const cell = pass.cell
  pass.cell = undefined
  if (cell === undefined || (!cell.stored && !cell.formula)) return
  const at = (): string => `${columnLetter(cell.column)}${pass.row}`
  const fault = (reason: CellFault['reason'], detail: string, value: string): void => {
    (pass.faults ??= []).push({ column: cell.column, reason, detail, value })
  }
  if (cell.column >= COLUMNS_MAX) {
    if (pass.faults?.some((known) => known.reason === 'too-many-columns') !== true) fault('too-many-columns', `more than ${COLUMNS_MAX}`, clipped(cell.text))
    return
  }
  if (!cell.stored) {
    fault('formula-without-value', at(), '')
    return
  }
  const text = valueOf(pass, cell)
  if (text === undefined) fault('unreadable-cell', at(), cell.text)
  else if (cell.type === 'e') fault('error-value', text, text)
  const kept = text ?? cell.text
  if (kept === '') return
  const wrong = faultOf(kept, cell.column, () => 0)
  if (wrong !== undefined) fault(wrong.reason, wrong.reason === 'cell-too-long' ? `more than ${CELL_CHARACTERS_MAX}` : wrong.detail, wrong.value)
  while (pass.cells.length < cell.column) pass.cells.push('')
  pass.cells.push(wrong?.value ?? kept)
}

/** The text of a stored value, its kind noted where it is not text; undefined where the file breaks its own format. */
function valueOf(pass: Pass, cell: RawCell): string | undefined {
  const { type, text, column } = cell
  const note = (kind: CellKind): void => { (pass.kinds ??= new Map<number, CellKind>()).set(column, kind) }
  if (type === 's') return /^\d{1,7}$/.test(text) ? pass.book.texts[Number(text)] : undefined
  if (type === 'str' || type === 'inlineStr') return unescapeText(text)
  if (type === 'e') return text
  if (type === 'b') {
    note('boolean')
    return text === '1' ? 'TRUE' : text === '0' ? 'FALSE' : undefined
  }
  if (type === 'd') {
    note('date')
    return /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?Z?)?$/.test(text) ? text.slice(0, 19) : undefined
  }
  if (type !== 'n') return undefined
  if (text === '') return ''
  const look = pass.book.looks[cell.style] ?? 'number'
  const shown = look === 'number' ? undefined : serialDate(Number(text), pass.book.since1904, look === 'moment')
  note(shown === undefined ? 'number' : 'date')
  return shown ?? plainNumber(text)
}

function endRow(pass: Pass): void {
  if (pass.cells.length > 0 || pass.faults !== undefined) {
    pass.done.push({
      row: pass.row,
      cells: pass.cells,
      ...(pass.kinds === undefined ? {} : { kinds: pass.kinds }),
      ...(pass.faults === undefined ? {} : { faults: pass.faults }),
    })
  }
  pass.cells = []
  pass.kinds = undefined
  pass.faults = undefined
}

/** Gives each cell of a merged range the value of its first, marked as such. Rows that have no cell of their own stay no rows. */
function openFill(merged: readonly Range[]): (rows: SheetRow[]) => SheetRow[] {
  let next = 0
  let filled = 0
  let active: { range: Range, value: string }[] = []
  const fillRow = (row: SheetRow): SheetRow => {
    active = active.filter(({ range }) => range.bottom >= row.row)
    for (let range = merged[next]; range !== undefined && range.top <= row.row; range = merged[++next]) {
      const value = range.top === row.row ? row.cells[range.left] ?? '' : ''
      if (value !== '' && range.bottom >= row.row) active.push({ range, value })
    }
    if (active.length === 0) return row
    const cells = [...row.cells]
    const kinds = new Map(row.kinds)
    for (const { range, value } of active) {
      for (let column = range.left; column <= Math.min(range.right, COLUMNS_MAX - 1); column++) {
        if ((cells[column] ?? '') !== '' || (column === range.left && row.row === range.top)) continue
        if (++filled > MERGED_CELLS_MAX) throw new SheetRefused('archive-bomb', `merged ranges fill more than ${MERGED_CELLS_MAX} cells`)
        while (cells.length < column) cells.push('')
        cells[column] = value
        kinds.set(column, 'merged')
      }
    }
    return { ...row, cells, kinds }
  }
  return (rows) => (merged.length === 0 ? rows : rows.map(fillRow))
}
