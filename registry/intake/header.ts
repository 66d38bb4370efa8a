// Where the table begins. With a mapping: the first row that names all its columns. Without: the row with the most known column words in
// Russian, English or Portuguese, and a proposal of what each column means, with samples, for a person to correct.
import type { SheetRow } from './cells.ts'
import { ITEM_FIELDS, CIRCUMSTANCE_FIELDS, MAPPING_FORMAT, foldValue, type ColumnRef, type Mapping } from './mapping.ts'
import { columnLetter } from './row.ts'
import { SheetRefused } from './reasons.ts'
import { isReturned, unguard } from './refusals.ts'
import type { Places } from './take.ts'

/** Rows with cells that are searched for the header. */
export const HEADER_ROWS_MAX = 50
const SAMPLES = 3
/** Of the names found, in a refusal. */
const SHOWN_CHARACTERS = 500

export type Header = { readonly row: number, readonly names: readonly string[], readonly places: Places }

function refsOf(mapping: Mapping): { readonly ref: ColumnRef, readonly optional: boolean }[] {
  const fields = [...Object.values(mapping.item), ...Object.values(mapping.circumstances)]
  return [
    ...fields.flatMap((field) => field.columns.map((ref) => ({ ref, optional: field.optional }))),
    ...mapping.marks.map((mark) => ({ ref: mark.column, optional: mark.optional })),
    ...mapping.rows.map((rule) => ({ ref: rule.column, optional: false })),
  ]
}

/** A merged title is one name, not one for each column it spans. */
function ownNames(row: SheetRow): string[] {
  const names = row.cells.map((cell, column) => (row.kinds?.get(column) === 'merged' ? '' : cell.trim()))
  return isReturned(names) ? names.map(unguard) : names
}

/** The header among the first rows of the sheet, and where it puts the mapping's columns. Throws SheetRefused naming what is missing. */
export function findHeader(rows: readonly SheetRow[], mapping: Mapping): Header {
  const refs = refsOf(mapping)
  const needed = new Map(refs.flatMap(({ ref, optional }) => ('name' in ref && !optional ? [[foldValue(ref.name), ref.name] as const] : [])))
  if (mapping.header === 0 && needed.size === 0) return { row: 0, names: [], places: byLetter }
  const chosen = mapping.header === undefined ? bestRow(rows, [...needed.keys()]) : rows.find((row) => row.row === mapping.header)
  const names = chosen === undefined ? [] : ownNames(chosen)
  const folded = names.map(foldValue)
  const missing = [...needed].flatMap(([name, asWritten]) => (folded.includes(name) ? [] : [`"${asWritten}"`]))
  if (chosen === undefined || missing.length > 0) {
    throw new SheetRefused('no-header', `${missing.join(', ')} ≠ ${names.filter((name) => name !== '').join(', ').slice(0, SHOWN_CHARACTERS)}`)
  }
  for (const { ref } of refs) {
    if (!('name' in ref)) continue
    const name = foldValue(ref.name)
    if (folded.indexOf(name) !== folded.lastIndexOf(name)) throw new SheetRefused('ambiguous-column', `"${ref.name}" (${columnLetter(folded.indexOf(name))}, ${columnLetter(folded.lastIndexOf(name))})`)
  }
  const places = new Map(folded.map((name, index) => [name, index]))
  const known = new Map(refs.map(({ ref }) => [ref, 'name' in ref ? places.get(foldValue(ref.name)) : byLetter(ref)]))
  return { row: chosen.row, names, places: (ref) => (known.has(ref) ? known.get(ref) : 'name' in ref ? places.get(foldValue(ref.name)) : byLetter(ref)) }
}

function byLetter(ref: ColumnRef): number | undefined {
  if ('name' in ref) return undefined
  let index = 0
  for (const letter of ref.letter) index = index * 26 + letter.charCodeAt(0) - 64
  return index - 1
}

function bestRow(rows: readonly SheetRow[], needed: readonly string[]): SheetRow | undefined {
  let best: SheetRow | undefined
  let bestCount = -1
  for (const row of rows) {
    const names = new Set(ownNames(row).map(foldValue))
    const count = needed.filter((name) => names.has(name)).length
    if (count > bestCount) [best, bestCount] = [row, count]
    if (count === needed.length) return row
  }
  return best
}

type Field = typeof ITEM_FIELDS[number] | typeof CIRCUMSTANCE_FIELDS[number] | 'serial'

/** Words that columns go by, folded; the first field whose word the name begins with or equals, the longest word first. */
const WORDS: Readonly<Record<Field, readonly string[]>> = {
  serial: ['serial', 'serial number', 'serial no', 's/n', 'sn', 'number', 'no.', 'número de série', 'numero serie', 'nº de série', 'série', 'número', '№', 'номер', 'заводской номер', 'зав. №', 'зав. номер', 'зав.№', 'заводской №', 'серийный номер', 'номер изделия', '№ изделия'],
  class: ['class', 'kind', 'category', 'classe', 'tipo', 'espécie', 'вид', 'класс', 'наименование', 'изделие', 'категория'],
  type: ['type', 'designation', 'item', 'тип', 'индекс', 'марка изделия', 'обозначение', 'designação'],
  maker: ['maker', 'manufacturer', 'make', 'brand', 'marca', 'fabricante', 'изготовитель', 'завод', 'завод-изготовитель', 'производитель', 'марка'],
  model: ['model', 'modelo', 'модель'],
  year: ['year', 'year of manufacture', 'ano', 'ano de fabricação', 'год', 'год выпуска', 'год изготовления', 'г.в.'],
  lot: ['lot', 'batch', 'lote', 'партия', '№ партии', 'номер партии'],
  calibre: ['calibre', 'caliber', 'калибр'],
  country: ['country', 'país', 'pais', 'país de origem', 'страна', 'страна изготовления'],
  quantity: ['quantity', 'qty', 'count', 'quantidade', 'qtd', 'количество', 'кол-во', 'кол.'],
  when: ['date', 'date of seizure', 'data', 'data registro', 'data da apreensão', 'дата', 'дата изъятия', 'дата учёта'],
  region: ['region', 'province', 'city', 'bairro', 'município', 'região', 'район', 'регион', 'область', 'место'],
  authority: ['authority', 'unit', 'police', 'delegacia', 'circunscrição', 'órgão', 'орган', 'подразделение', 'воинская часть', 'в/ч'],
  document: ['document', 'case', 'report', 'número procedimento', 'procedimento', 'inquérito', 'документ', 'акт', 'дело', 'основание'],
  site: ['site', 'store', 'warehouse', 'location', 'depósito', 'склад', 'хранилище', 'место хранения'],
}

const BY_WORD: readonly (readonly [string, Field])[] = Object.entries(WORDS)
  .flatMap(([field, words]) => words.map((word) => [foldValue(word), field as Field] as const))
  .sort(([a], [b]) => b.length - a.length)

function fieldFor(name: string): Field | undefined {
  const folded = foldValue(name)
  return (BY_WORD.find(([word]) => folded === word) ?? BY_WORD.find(([word]) => word.length > 2 && folded.startsWith(word) && !/\p{L}/u.test(folded.charAt(word.length))))?.[1]
}

export type ProposedColumn = { readonly letter: string, readonly name: string, readonly samples: readonly string[], readonly field?: Field }
export type Proposal = {
  readonly headerRow: number
  readonly columns: readonly ProposedColumn[]
  /** A mapping file to start from, as JSON value; it has each proposed field once. */
  readonly draft: Readonly<Record<string, unknown>>
}

/** What the columns of an unknown sheet probably mean, from its first rows. Throws SheetRefused where no row looks like a header. */
export function proposeColumns(rows: readonly SheetRow[]): Proposal {
  let header: SheetRow | undefined
  let bestScore = 0
  for (const row of rows.slice(0, HEADER_ROWS_MAX)) {
    const names = ownNames(row)
    const known = new Set(names.flatMap((name) => fieldFor(name) ?? [])).size
    const named = names.filter((name) => /\p{L}|№/u.test(name)).length
    // Known words decide; among rows without any, the first with two names.
    const score = known * 1000 + (named >= 2 ? 1 : 0)
    if (score > bestScore) [header, bestScore] = [row, score]
  }
  if (header === undefined) throw new SheetRefused('no-header', 'no row among the first holds two names')
  const below = rows.filter((row) => row.row > header.row)
  const taken = new Set<Field>()
  const columns = ownNames(header).map((name, column): ProposedColumn => {
    const field = fieldFor(name)
    const free = field !== undefined && !taken.has(field)
    if (free) taken.add(field)
    const samples = [...new Set(below.flatMap((row) => (row.cells[column] ?? '').trim() || []))].slice(0, SAMPLES).map((sample) => sample.slice(0, 60))
    return { letter: columnLetter(column), name, samples, ...(free ? { field } : {}) }
  })
  return { headerRow: header.row, columns, draft: draftOf(columns) }
}

function draftOf(columns: readonly ProposedColumn[]): Readonly<Record<string, unknown>> {
  const repeated = (name: string): boolean => columns.filter((other) => foldValue(other.name) === foldValue(name)).length > 1
  const refOf = (column: ProposedColumn): unknown => (repeated(column.name) ? { letter: column.letter } : column.name)
  const section = (fields: readonly Field[]): Record<string, unknown> => Object.fromEntries(
    columns.flatMap((column) => (column.field !== undefined && fields.includes(column.field) ? [[column.field, { column: refOf(column) }]] : [])))
  const item = section(ITEM_FIELDS)
  return {
    format: MAPPING_FORMAT,
    title: '',
    item: { class: { constant: 'unknown' }, ...item },
    marks: columns.filter((column) => column.field === 'serial').map((column) => ({ column: refOf(column) })),
    circumstances: section(CIRCUMSTANCE_FIELDS),
  }
}
