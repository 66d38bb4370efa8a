// One row of a sheet under a mapping: an item with its marks and circumstances, or a refusal that says where and why.
import { MARK_CHARACTERS_MAX } from '@muster/core/rules/custody-event.ts'
import { DOCUMENT_CHARACTERS_MAX } from '@muster/core/rules/document.ts'
import { PART_CHARACTERS_MAX } from '@muster/core/rules/item.ts'
import type { CellFault, SheetRow } from './cells.ts'
import { readDate } from './dates.ts'
import { CIRCUMSTANCE_FIELDS, ITEM_FIELDS, foldValue, isComponentClass, type CircumstanceField, type ColumnRef, type FieldSource, type ItemField, type Mapping, type RowRule } from './mapping.ts'
import { serialDate } from './number.ts'
import { rowMessage, type ReasonCode } from './reasons.ts'
import { clip, columnLetter, type Circumstances, type IntakeItem, type IntakeMark, type IntakeRow, type RowRefusal } from './row.ts'
import { MARKS_MAX, readCell } from './serial.ts'

export const QUANTITY_MAX = 1_000_000_000
/** Distinct values whose folded form is remembered. */
const FOLDS_MAX = 20_000

/** Where each column of the mapping stands; undefined for an optional one that this sheet lacks. */
export type Places = (ref: ColumnRef) => number | undefined

export type Taker = (row: SheetRow, fingerprint: Uint8Array, earlierDoubts: readonly string[]) => IntakeRow | RowRefusal

class Refused extends Error {
  readonly column: number | undefined
  readonly reason: ReasonCode
  readonly detail: string
  readonly value: string

  constructor(reason: ReasonCode, column: number | undefined, detail: string, value: string) {
    super(reason)
    this.column = column
    this.reason = reason
    this.detail = detail
    this.value = value
  }
}

/** A function that reads rows of this sheet. `keep`: kinds of rows that are wanted although the mapping leaves them out. */
export function openTaker(mapping: Mapping, header: readonly string[], places: Places, keep: ReadonlySet<string>): Taker {
  const fold = rememberedFold()
  const used = usedColumns(mapping, places)
  const numbers = [...mapping.marks.map((mark) => mark.column), ...(mapping.item.lot?.columns ?? [])].flatMap((ref) => places(ref) ?? [])
  return (row, fingerprint, earlierDoubts) => {
    const look: Look = { row, places, fold, doubts: new Set(earlierDoubts), header }
    const { doubts } = look
    // Before anything can refuse the row: its cells go to the refusal file as text, and the file must still tell what they were.
    for (const column of numbers) noteAltered(look, column)
    try {
      const rule = mapping.rows.find((candidate) => fits(candidate, row, places, fold))
      if (rule !== undefined && !keep.has(rule.kind)) {
        const column = places(rule.column)
        throw new Refused('out-of-scope', column, rule.kind, cellAt(row, column))
      }
      const fault = row.faults?.find((candidate) => candidate.reason !== 'error-value' || used.has(candidate.column))
      if (fault !== undefined) throw refusedBy(fault)
      const { marks, serial } = marksOf(mapping, look)
      const item = itemOf(mapping, look, rule, serial)
      return { kind: 'row', row: row.row, source: row.cells, fingerprint, item, marks, circumstances: circumstancesOf(mapping, look), doubts: [...doubts].sort() }
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      return refusalOf(row, header, error, [...doubts].sort())
    }
  }
}

function refusedBy(fault: CellFault): Refused {
  return new Refused(fault.reason, fault.column, fault.detail, fault.value)
}

function refusalOf(row: SheetRow, header: readonly string[], error: Refused, doubts: readonly string[]): RowRefusal {
  return {
    kind: 'refusal',
    row: row.row,
    source: row.cells,
    doubts,
    ...(error.column === undefined ? {} : { column: { letter: columnLetter(error.column), name: header[error.column] ?? '' } }),
    value: clip(error.value),
    reason: error.reason,
    message: rowMessage(error.reason, error.detail),
  }
}

function rememberedFold(): (text: string) => string {
  const known = new Map<string, string>()
  return (text) => {
    let folded = known.get(text)
    if (folded === undefined) {
      folded = foldValue(text)
      if (known.size < FOLDS_MAX) known.set(text, folded)
    }
    return folded
  }
}

function usedColumns(mapping: Mapping, places: Places): ReadonlySet<number> {
  const sources = [...Object.values(mapping.item), ...Object.values(mapping.circumstances)]
  const refs = [...sources.flatMap((source) => source.columns), ...mapping.marks.map((mark) => mark.column), ...mapping.rows.map((rule) => rule.column)]
  return new Set(refs.flatMap((ref) => places(ref) ?? []))
}

function cellAt(row: SheetRow, column: number | undefined): string {
  return column === undefined ? '' : row.cells[column] ?? ''
}

function fits(rule: RowRule, row: SheetRow, places: Places, fold: (text: string) => string): boolean {
  const value = fold(cellAt(row, places(rule.column)))
  return rule.is.has(value) || (rule.starts.length > 0 && rule.starts.some((start) => value.startsWith(start)))
}

type Look = { readonly row: SheetRow, readonly places: Places, readonly fold: (text: string) => string, readonly doubts: Set<string>, readonly header: readonly string[] }

/** The value of a field, undefined where nothing is known. */
function fieldOf(source: FieldSource, field: string, look: Look): { text: string, column: number | undefined } | undefined {
  if (source.constant !== undefined) return { text: source.constant, column: undefined }
  let column: number | undefined
  let text = ''
  for (const ref of source.columns) {
    const at = look.places(ref)
    if (at === undefined) continue
    column ??= at
    if (look.row.kinds?.get(at) === 'merged') look.doubts.add('merged-cell')
    const cell = onOneLine(checked(cellAt(look.row, at), at))
    if (cell === '' || (source.blank.size > 0 && source.blank.has(look.fold(cell)))) continue
    text = text === '' ? cell : text + source.join + cell
  }
  if (text === '') {
    if (source.required) throw new Refused('value-missing', column, field, '')
    return undefined
  }
  const most = field === 'document' ? DOCUMENT_CHARACTERS_MAX : PART_CHARACTERS_MAX
  if (text.length > most) throw new Refused('value-too-long', column, String(most), text)
  const known = source.values?.get(look.fold(text))
  if (known !== undefined) return { text: known, column }
  if (source.values === undefined || source.otherwise === 'keep') return { text, column }
  if (source.otherwise === 'refuse') throw new Refused('value-not-in-table', column, field, text)
  look.doubts.add('unknown-value')
  return source.otherwise === 'blank' ? undefined : { text: source.otherwise.value, column }
}

/** What no record of the register may hold: controls other than line breaks and tabs, and half characters. */
function checked(cell: string, column: number): string {
  const bad = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/.exec(cell)?.[0]
  if (bad !== undefined) throw new Refused('control-character', column, `U+${bad.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`, cell)
  if (!cell.isWellFormed()) throw new Refused('control-character', column, 'U+D800–U+DFFF', cell.toWellFormed())
  return cell
}

function onOneLine(cell: string): string {
  return /[\r\n\t]/.test(cell) ? cell.replace(/[\r\n\t]+/g, ' ').trim() : cell.trim()
}

function itemOf(mapping: Mapping, look: Look, rule: RowRule | undefined, serial: string | undefined): IntakeItem {
  const values: Partial<Record<Exclude<ItemField, 'class' | 'quantity'>, string>> = {}
  let itemClass = 'unknown'
  let quantity: number | undefined
  for (const field of ITEM_FIELDS) {
    const source = mapping.item[field]
    const fixed = rule?.set[field]
    const found = fixed === undefined ? (source === undefined ? undefined : fieldOf(source, field, look)) : { text: fixed, column: undefined }
    if (found === undefined) continue
    if (field === 'class') itemClass = classOf(found.text, found.column)
    else if (field === 'quantity') quantity = quantityOf(found.text, found.column)
    else values[field] = field === 'year' ? yearOf(found.text, found.column, source?.dates ?? []) : found.text
  }
  return { class: itemClass, ...values, ...(serial === undefined ? {} : { serial }), ...(quantity === undefined ? {} : { quantity }) }
}

const classes = new Set<string>()

function classOf(text: string, column: number | undefined): string {
  if (classes.has(text)) return text
  if (!isComponentClass(text)) throw new Refused('class-not-a-word', column, '', text)
  if (classes.size < FOLDS_MAX) classes.add(text)
  return text
}

function quantityOf(text: string, column: number | undefined): number {
  const digits = text.replace(/[\s\u00a0]/g, '')
  if (!/^\d{1,10}$/.test(digits) || Number(digits) > QUANTITY_MAX) throw new Refused('unreadable-quantity', column, '', text)
  return Number(digits)
}

function yearOf(text: string, column: number | undefined, forms: readonly string[]): string {
  const year = /^(\d{4})\s*(?:г\.?|год)?$/u.exec(text)?.[1] ?? (forms.length > 0 ? readDate(text, forms)?.slice(0, 4) : undefined)
  if (year === undefined || year < '1800' || year > '2199') throw new Refused('unreadable-year', column, '', text)
  return year
}

function circumstancesOf(mapping: Mapping, look: Look): Circumstances {
  const values: Partial<Record<CircumstanceField, string>> = {}
  for (const field of CIRCUMSTANCE_FIELDS) {
    const source = mapping.circumstances[field]
    if (source === undefined) continue
    const found = fieldOf(source, field, look)
    if (found === undefined) continue
    values[field] = field === 'when' ? dateOf(found.text, found.column, source, look) : found.text
  }
  return values
}

function dateOf(text: string, column: number | undefined, source: FieldSource, look: Look): string {
  const isNumber = column !== undefined && look.row.kinds?.get(column) === 'number'
  const serial = isNumber && source.dates.includes('excel-serial') ? serialDate(Number(text), false, false) : undefined
  const date = serial ?? readDate(text, source.dates.filter((form) => form !== 'excel-serial'), source.offset)
  if (date === undefined) throw new Refused('unreadable-date', column, source.dates.join(', ') || 'YYYY-MM-DD', text)
  return date
}

const MONTHS = 'jan|feb|fev|mar|apr|abr|may|mai|jun|jul|aug|ago|sep|set|oct|out|nov|dec|dez|янв|фев|мар|апр|май|мая|июн|июл|авг|сен|окт|ноя|дек'
const EXPONENT = /^\d(?:[.,]\d+)?E\+\d{2,3}$/i
const MONTH_DATE = new RegExp(`^(?:\\d{1,2}[-. /](?:${MONTHS})[а-я.]*(?:[-. /]\\d{2,4})?|(?:${MONTHS})[а-я.]*[-. /]\\d{2,4})$`, 'iu')

/** A number that the workbook stores as a number or a date may have been typed otherwise (00123, 1E5, 5-77); text that looks as
 *  spreadsheet programs write such values was so changed before it came here. */
function noteAltered(look: Look, column: number): void {
  const kind = look.row.kinds?.get(column)
  const text = cellAt(look.row, column).trim()
  if (kind === undefined && /^\d*$/.test(text)) return
  if (kind === 'number' || kind === 'date' || EXPONENT.test(text) || MONTH_DATE.test(text)) look.doubts.add('spreadsheet-altered')
  if (kind === 'merged') look.doubts.add('merged-cell')
}

function marksOf(mapping: Mapping, look: Look): { marks: IntakeMark[], serial: string | undefined } {
  const marks: IntakeMark[] = []
  for (const source of mapping.marks) {
    const column = look.places(source.column)
    if (column === undefined) continue
    // The one change ever made to the text of a mark: its line breaks are line feeds.
    const cell = checked(cellAt(look.row, column), column).replace(/\r\n?/g, '\n')
    if (cell.length > MARK_CHARACTERS_MAX) throw new Refused('value-too-long', column, String(MARK_CHARACTERS_MAX), cell)
    const reading = readCell(cell, look.header[column] ?? columnLetter(column), source)
    if (reading === undefined) throw new Refused('too-many-marks', column, String(MARKS_MAX), cell)
    marks.push(...reading.marks)
    for (const doubt of reading.doubts) look.doubts.add(doubt)
  }
  return { marks, serial: marks.find((mark) => mark.kind === 'serial' && mark.reading !== undefined)?.reading }
}
