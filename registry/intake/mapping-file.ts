// Reads a mapping file (spec/mapping.md). Strictly: an unknown member is refused by name, since a misspelt rule that is silently ignored
// would let wrong rows in.
import { DELIMITERS } from './csv.ts'
import { parseEncoding } from './encoding.ts'
import {
  CIRCUMSTANCE_FIELDS, ITEM_FIELDS, MAPPING_FORMAT, foldValue, isComponentClass, type ColumnRef, type FieldSource, type ItemField, type MarkSource, type Mapping, type Otherwise, type Phrase, type RowRule,
} from './mapping.ts'
import { CONDITIONS } from './row.ts'

/** A mapping that says something unclear; `at` is the member, as in `marks[0].phrases[2].condition`. */
export class MappingRefused extends Error {
  readonly at: string

  constructor(at: string, problem: string) {
    super(`mapping: ${at === '' ? 'the file' : at} ${problem}`)
    this.name = 'MappingRefused'
    this.at = at
  }
}

/** Characters of a mapping file. */
export const MAPPING_CHARACTERS_MAX = 1 << 20
/** Members of one list or table. */
const LIST_MAX = 10_000

/** Reads a mapping file; throws MappingRefused, which names the member. */
export function parseMapping(text: string): Mapping {
  if (text.length > MAPPING_CHARACTERS_MAX) throw new MappingRefused('', 'is larger than 1 MiB')
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (cause) {
    throw new MappingRefused('', `is no JSON: ${cause instanceof Error ? cause.message : ''}`)
  }
  const file = members(value, '', ['format', 'title', 'sheet', 'header', 'encoding', 'delimiter', 'rows', 'item', 'marks', 'circumstances'])
  if (file.format !== MAPPING_FORMAT) throw new MappingRefused('format', `must be "${MAPPING_FORMAT}"`)
  const item = fields(file.item, 'item', ITEM_FIELDS)
  checkClasses(item.class)
  if (item.class === undefined) throw new MappingRefused('item.class', 'is missing: every item has a class, if need be {"constant": "unknown"}')
  if (file.header !== undefined && !(Number.isInteger(file.header) && (file.header as number) >= 0 && (file.header as number) <= 1_000_000)) throw new MappingRefused('header', 'must be a row number, or 0 for a table without header')
  return {
    title: optionalText(file.title, 'title') ?? '',
    ...given('sheet', optionalText(file.sheet, 'sheet')),
    ...given('header', file.header as number | undefined),
    ...given('encoding', checkedEncoding(optionalText(file.encoding, 'encoding'))),
    ...given('delimiter', checkedDelimiter(optionalText(file.delimiter, 'delimiter'))),
    rows: list(file.rows, 'rows').map((rule, index) => parseRule(rule, `rows[${index}]`)),
    item,
    marks: list(file.marks, 'marks').map((mark, index) => parseMark(mark, `marks[${index}]`)),
    circumstances: fields(file.circumstances, 'circumstances', CIRCUMSTANCE_FIELDS),
  }
}

/** What the mapping itself calls a class must be one; what the sheet says is checked row by row. */
function checkClasses(source: FieldSource | undefined): void {
  const named = [...(source?.values?.values() ?? []), source?.constant, typeof source?.otherwise === 'object' ? source.otherwise.value : undefined]
  for (const name of named) if (name !== undefined && !isComponentClass(name)) throw new MappingRefused('item.class', `names "${name}", but a class is 1 to 40 of a-z, 0-9 and dash, a letter first`)
}

function given<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [key in K]?: V }
}

function members(value: unknown, at: string, allowed: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new MappingRefused(at, 'must be an object')
  for (const key of Object.keys(value)) if (!allowed.includes(key)) throw new MappingRefused(at === '' ? key : `${at}.${key}`, `is not known here; known are ${allowed.join(', ')}`)
  return value as Readonly<Record<string, unknown>>
}

function list(value: unknown, at: string): readonly unknown[] {
  if (value === undefined) return []
  if (!Array.isArray(value) || value.length > LIST_MAX) throw new MappingRefused(at, `must be a list of at most ${LIST_MAX}`)
  return value
}

function optionalText(value: unknown, at: string): string | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'string' || value.length > 1000) throw new MappingRefused(at, 'must be a text of at most 1,000 characters')
  return value
}

function needText(value: unknown, at: string): string {
  const text = optionalText(value, at)
  if (text === undefined || text === '') throw new MappingRefused(at, 'must be a text that is not empty')
  return text
}

function texts(value: unknown, at: string): readonly string[] {
  return list(value, at).map((entry, index) => needText(entry, `${at}[${index}]`))
}

function folded(value: unknown, at: string): ReadonlySet<string> {
  return new Set(texts(value, at).map(foldValue))
}

function flag(value: unknown, at: string): boolean {
  if (value !== undefined && typeof value !== 'boolean') throw new MappingRefused(at, 'must be true or false')
  return value === true
}

function oneOf<T extends string>(value: unknown, at: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value)
  if (found === undefined) throw new MappingRefused(at, `must be one of ${allowed.join(', ')}`)
  return found
}

function checkedEncoding(name: string | undefined): string | undefined {
  try {
    return name === undefined ? undefined : parseEncoding(name)
  } catch (cause) {
    throw new MappingRefused('encoding', `is unknown: ${cause instanceof Error ? cause.message : ''}`)
  }
}

function checkedDelimiter(delimiter: string | undefined): string | undefined {
  return delimiter === undefined ? undefined : oneOf(delimiter, 'delimiter', DELIMITERS)
}

function columnRef(value: unknown, at: string): ColumnRef {
  if (typeof value === 'string') return { name: needText(value, at) }
  const letter = needText(members(value, at, ['letter']).letter, `${at}.letter`)
  if (!/^[A-Z]{1,3}$/.test(letter)) throw new MappingRefused(`${at}.letter`, 'must be the letters of a column, as in {"letter": "B"}')
  return { letter }
}

function fields<F extends string>(value: unknown, at: string, allowed: readonly F[]): Readonly<Partial<Record<F, FieldSource>>> {
  const found: Partial<Record<F, FieldSource>> = {}
  const given = members(value ?? {}, at, allowed)
  for (const field of allowed) if (given[field] !== undefined) found[field] = parseField(given[field], `${at}.${field}`)
  return found
}

function parseField(value: unknown, at: string): FieldSource {
  const given = typeof value === 'string'
    ? { column: value }
    : members(value, at, ['column', 'columns', 'join', 'constant', 'values', 'otherwise', 'blank', 'required', 'optional', 'dates', 'offset'])
  const columns = given.column !== undefined ? [columnRef(given.column, `${at}.column`)] : list(given.columns, `${at}.columns`).map((entry, index) => columnRef(entry, `${at}.columns[${index}]`))
  const constant = optionalText(given.constant, `${at}.constant`)
  if ((columns.length > 0) === (constant !== undefined)) throw new MappingRefused(at, 'needs either "column" (or "columns") or "constant"')
  const values = given.values === undefined ? undefined : valueTable(given.values, `${at}.values`)
  const dates = texts(given.dates, `${at}.dates`)
  for (const [index, date] of dates.entries()) if (!/^(?:excel-serial|(?=.*YYYY)(?:YYYY|MM|DD|HH|mm|ss|[ .:/T-])+)$/.test(date)) throw new MappingRefused(`${at}.dates[${index}]`, 'must be written with YYYY MM DD HH mm ss, as in "DD.MM.YYYY", or be "excel-serial"')
  const offset = optionalText(given.offset, `${at}.offset`)
  if (offset !== undefined && !/^(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/.test(offset)) throw new MappingRefused(`${at}.offset`, 'must be Z or a difference from UTC, as in "-03:00"')
  return {
    columns,
    join: optionalText(given.join, `${at}.join`) ?? ' ',
    ...(constant === undefined ? {} : { constant }),
    ...(values === undefined ? {} : { values }),
    otherwise: parseOtherwise(given.otherwise, `${at}.otherwise`, values !== undefined),
    blank: folded(given.blank, `${at}.blank`),
    required: flag(given.required, `${at}.required`),
    optional: flag(given.optional, `${at}.optional`),
    dates,
    ...(offset === undefined ? {} : { offset }),
  }
}

function valueTable(value: unknown, at: string): ReadonlyMap<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new MappingRefused(at, 'must be an object of texts')
  const table = new Map<string, string>()
  for (const [key, meaning] of Object.entries(value)) {
    const from = foldValue(key)
    const to = needText(meaning, `${at}["${key}"]`)
    if (table.has(from) && table.get(from) !== to) throw new MappingRefused(`${at}["${key}"]`, 'stands there twice with two meanings (case, accents and spaces make no difference)')
    table.set(from, to)
  }
  if (table.size === 0 || table.size > LIST_MAX) throw new MappingRefused(at, `must have 1 to ${LIST_MAX} members`)
  return table
}

/** Where a table is given, a value outside of it is refused unless the mapping says otherwise. */
function parseOtherwise(value: unknown, at: string, hasTable: boolean): Otherwise {
  if (value === undefined) return hasTable ? 'refuse' : 'keep'
  if (!hasTable) throw new MappingRefused(at, 'has a meaning only beside "values"')
  if (typeof value === 'object') return { value: needText(members(value, at, ['value']).value, `${at}.value`) }
  return oneOf(value, at, ['keep', 'refuse', 'blank'] as const)
}

function parseRule(value: unknown, at: string): RowRule {
  const given = members(value, at, ['column', 'is', 'starts', 'kind', 'set'])
  const rule = { column: columnRef(given.column, `${at}.column`), is: folded(given.is, `${at}.is`), starts: texts(given.starts, `${at}.starts`).map(foldValue) }
  if (rule.is.size + rule.starts.length === 0) throw new MappingRefused(at, 'needs "is" or "starts"')
  const kind = needText(given.kind, `${at}.kind`)
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(kind)) throw new MappingRefused(`${at}.kind`, 'must be one word of small Latin letters, as for --keep')
  const set: Partial<Record<ItemField, string>> = {}
  const values = members(given.set ?? {}, `${at}.set`, ITEM_FIELDS)
  for (const field of ITEM_FIELDS) if (values[field] !== undefined) set[field] = needText(values[field], `${at}.set.${field}`)
  if (set.class !== undefined && !isComponentClass(set.class)) throw new MappingRefused(`${at}.set.class`, 'must be 1 to 40 of a-z, 0-9 and dash, a letter first')
  return { ...rule, kind, set }
}

function parseMark(value: unknown, at: string): MarkSource {
  const given = members(value, at, ['column', 'kind', 'optional', 'separators', 'illegible', 'illegibleRuns', 'legends', 'places', 'prefixes', 'phrases', 'empty', 'place'])
  const legends = texts(given.legends, `${at}.legends`)
  for (const [index, legend] of legends.entries()) if (legend.split('%').length !== 2) throw new MappingRefused(`${at}.legends[${index}]`, 'must hold one %, which stands for the sign explained')
  const place = optionalText(given.place, `${at}.place`)
  return {
    column: columnRef(given.column, `${at}.column`),
    kind: given.kind === undefined ? 'serial' : oneOf(given.kind, `${at}.kind`, ['serial', 'other']),
    optional: flag(given.optional, `${at}.optional`),
    separators: texts(given.separators, `${at}.separators`),
    illegible: optionalText(given.illegible, `${at}.illegible`) ?? '?*',
    illegibleRuns: optionalText(given.illegibleRuns, `${at}.illegibleRuns`) ?? '',
    legends: legends.map((legend) => foldValue(legend)),
    places: given.places === undefined ? [] : [...valueTable(given.places, `${at}.places`)],
    prefixes: folded(given.prefixes, `${at}.prefixes`),
    phrases: list(given.phrases, `${at}.phrases`).map((phrase, index) => parsePhrase(phrase, `${at}.phrases[${index}]`)),
    empty: given.empty === undefined ? 'not-recorded' : oneOf(given.empty, `${at}.empty`, [...CONDITIONS, 'skip'] as const),
    ...(place === undefined ? {} : { place }),
  }
}

function parsePhrase(value: unknown, at: string): Phrase {
  const given = members(value, at, ['is', 'words', 'condition', 'whole', 'doubt'])
  const phrase = { is: folded(given.is, `${at}.is`), words: texts(given.words, `${at}.words`).map(foldValue), whole: flag(given.whole, `${at}.whole`) }
  if (phrase.is.size + phrase.words.length === 0) throw new MappingRefused(at, 'needs "is" or "words"')
  const doubt = optionalText(given.doubt, `${at}.doubt`)
  if (doubt !== undefined && !/^[a-z][a-z0-9-]{0,31}$/.test(doubt)) throw new MappingRefused(`${at}.doubt`, 'must be one word of small Latin letters')
  if (given.condition === undefined && doubt === undefined) throw new MappingRefused(at, 'says nothing: it needs "condition" or "doubt"')
  return {
    ...phrase,
    ...(given.condition === undefined ? {} : { condition: oneOf(given.condition, `${at}.condition`, CONDITIONS) }),
    ...(doubt === undefined ? {} : { doubt }),
  }
}
