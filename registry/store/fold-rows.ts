// The rows that are folds of an item's events: what `writeBatch` stores and `muster audit` makes again.
import { keyOfNumber, numbered } from '@muster/core/rules/document.ts'
import { enter } from '@muster/core/rules/holding-change.ts'
import { corrections, fold, foldOn, inForce, type Holding } from '@muster/core/rules/holding.ts'
import type { CustodyEvent } from '@muster/core/rules/custody-event.ts'
import { known, type Identity, type Part, type Unknown } from '@muster/core/rules/item.ts'
import { keysOfItem } from '@muster/core/rules/match-key.ts'
import type { Named, Site } from '@muster/core/rules/place.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { line, type CopyValue } from './copy.ts'

/** Columns of each derived table, in the order in which rows are made here. */
export const FOLD_COLUMNS = {
  item: ['item_id', 'class', 'type', 'maker', 'year', 'lot', 'serial', 'status', 'owner', 'custodian', 'site', 'unit', 'last_seq'],
  mark: ['item_id', 'ordinal', 'text', 'condition', 'place', 'method', 'photo'],
  match_key: ['key', 'item_id', 'kind'],
  document_number: ['document_key', 'item_id', 'seq', 'series', 'number', 'dated'],
} as const
export type FoldTable = keyof typeof FOLD_COLUMNS
export type FoldRows = { readonly [T in FoldTable]: readonly (readonly CopyValue[])[] }

/** An unknown part keeps its word behind a sign that no value begins with, so that `unknown` and a maker of that name differ. */
const UNSTATED = '\u2205'

function partCell(part: Part): string {
  return known(part) ?? UNSTATED + (part as string)
}

function partOfCell(cell: string | null): Part {
  if (cell === null) return 'unknown'
  return cell.startsWith(UNSTATED) ? cell.slice(UNSTATED.length) as Unknown : { is: cell }
}

/** A cell as people read it: its value, or the word for having none. */
export function cellText(cell: string | null): string {
  return cell === null ? 'unknown' : cell.startsWith(UNSTATED) ? cell.slice(UNSTATED.length) : cell
}

/** The identity in a row of `item`. */
export interface ItemRow { readonly item_id: string, readonly class: string, readonly type: string | null, readonly maker: string | null, readonly year: string | null, readonly lot: string | null, readonly serial: string | null }

export function identityOfRow(row: ItemRow): Identity {
  return { class: row.class, maker: partOfCell(row.maker), type: partOfCell(row.type), year: partOfCell(row.year), lot: partOfCell(row.lot), serial: partOfCell(row.serial) }
}

function namedCell(named: Named): string {
  return typeof named === 'string' ? UNSTATED + named : named.is
}

function siteCell(site: Site): string {
  return typeof site === 'string' ? UNSTATED + site : site.code
}

/** What the events come to. Of most items there is one event, and of an import nothing else: it folds to what it enters. */
function holdingOf(events: readonly CustodyEvent[]): Holding | undefined {
  const [first] = events
  return events.length === 1 && first !== undefined && first.kind !== 'corrected' ? enter(first) : fold(events)
}

export const NO_ROWS: FoldRows = { item: [], mark: [], match_key: [], document_number: [] }

/** All derived rows of one item from all its events. */
export function rowsOf(events: readonly CustodyEvent[]): FoldRows {
  const holding = holdingOf(events)
  return holding === undefined ? NO_ROWS : { item: [itemRow(holding, events.length - 1)], mark: markRows(holding), match_key: keyRows(holding), document_number: documentRows(events, holding) }
}

export interface FoldChange {
  readonly gone: FoldRows
  readonly added: FoldRows
  /** Where the item's row stays but for the number of its last event: that number. The row is then neither gone nor added. */
  readonly advances?: { readonly item: string, readonly lastSeq: number }
}

/** What further events of an item change in its derived rows. Most touch neither its identity nor its marks, and then no key is made. */
export function changeOfRows(before: readonly CustodyEvent[], after: readonly CustodyEvent[]): FoldChange {
  if (before.length === 0) return { gone: NO_ROWS, added: rowsOf(after) }
  const was = holdingOf(before)
  const is = was === undefined ? undefined : foldOn(was, after, after.length - before.length)
  if (was === undefined || is === undefined) return { gone: rowsOf(before), added: rowsOf(after) }
  const sameMarks = was.marks.length === is.marks.length && was.marks.every((mark, i) => mark === is.marks[i])
  const sameKeys = was.identity === is.identity && (was.status === 'entered-in-error') === (is.status === 'entered-in-error')
  const sameItem = was.identity === is.identity && was.status === is.status && was.place === is.place
  const lastSeq = after.length - 1
  const documents = namesNumbers(after.slice(before.length)) ? differing(documentRows(before, was), documentRows(after, is)) : NO_CHANGE
  const mark = sameMarks ? NO_CHANGE : differing(markRows(was), markRows(is))
  const key = sameKeys ? NO_CHANGE : differing(keyRows(was), keyRows(is))
  const item = sameItem ? NO_CHANGE : { gone: [itemRow(was, before.length - 1)], added: [itemRow(is, lastSeq)] }
  return {
    gone: { item: item.gone, mark: mark.gone, match_key: key.gone, document_number: documents.gone },
    added: { item: item.added, mark: mark.added, match_key: key.added, document_number: documents.added },
    ...(sameItem ? { advances: { item: is.item, lastSeq } } : {}),
  }
}

type Rows = readonly (readonly CopyValue[])[]
const NO_CHANGE: { readonly gone: Rows, readonly added: Rows } = { gone: [], added: [] }

function differing(was: Rows, is: Rows): { readonly gone: Rows, readonly added: Rows } {
  const rest = new Map(was.map((row) => [line(row, row.length), row]))
  const added = is.filter((row) => !rest.delete(line(row, row.length)))
  return { gone: [...rest.values()], added }
}

function itemRow({ item, identity, status, place }: Holding, lastSeq: number): readonly CopyValue[] {
  const { maker, type, year, lot, serial } = identity
  return [
    item, identity.class, partCell(type), partCell(maker), partCell(year), partCell(lot), partCell(serial), status,
    namedCell(place.owner), namedCell(place.custodian), siteCell(place.site), namedCell(place.unit), lastSeq,
  ]
}

function markRows({ item, marks }: Holding): (readonly CopyValue[])[] {
  return marks.map((mark, i) => [item, i, mark.text, mark.condition, mark.place, mark.method, mark.photo === null ? null : Buffer.from(mark.photo, 'hex')])
}

function keyRows({ item, identity, status }: Holding): (readonly CopyValue[])[] {
  if (status === 'entered-in-error') return []
  return keysOfItem(identity).map(({ kind, bytes }) => [bytes, item, kind])
}

/** Whether these events can change where numbers of documents are named: most cannot. */
function namesNumbers(events: readonly CustodyEvent[]): boolean {
  return events.some(({ kind, documents }) => kind === 'corrected' || documents.some(({ series }) => series !== null))
}

/** What came from another state came on its papers, which have that state's numbers: they take none here, or whoever sends could take them all. */
function isOnForeignPapers(event: CustodyEvent): boolean {
  return event.kind === 'imported' || (event.kind === 'received' && typeof event.data.from === 'object' && 'party' in event.data.from)
}

/** One row for each numbered document of this party that an event in force names, a correction too; what was entered in error takes no number. */
function documentRows(events: readonly CustodyEvent[], { status }: Holding): (readonly CopyValue[])[] {
  if (!namesNumbers(events)) return []
  const { voided } = corrections(events)
  const counting = [...(status === 'entered-in-error' ? [] : inForce(events)), ...events.filter(({ kind, seq }) => kind === 'corrected' && !voided.has(seq))]
  return counting.filter((event) => !isOnForeignPapers(event)).flatMap(({ item, seq, documents }) => numbered(documents).map(({ series, number, date }) => [keyOfNumber(p, series, number), item, seq, series, number, date === 'unknown' ? null : date]))
}
