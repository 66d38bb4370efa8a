// Quantities that a public register of transfers states, set beside what a register recorded. A figure that a later load restates keeps its history, and
// one that a later load of the same source leaves out is withdrawn. Pure.
import { integer, list, nullable, object, text, date, type Shaped } from '../bytes/shape.ts'
import type { CivilDate } from '../bytes/time.ts'
import { fieldForm } from './match-key.ts'

export const PUBLISHED_ROWS_MAX = 20_000
const QUANTITY_MAX = 1_000_000_000
const name = text(200)

/** Of one exporter, importer, model and year, in the source's own words. */
export const publishedRow = object({ exporter: name, importer: name, model: name, year: integer(1900, 9999), quantity: integer(0, QUANTITY_MAX) })
export type PublishedRow = Shaped<typeof publishedRow>
/** One reading of a source on a day. */
export const publishedLoad = object({ source: name, day: date, by: name, file: name, note: nullable(text(1_000)), rows: list(publishedRow, 1, PUBLISHED_ROWS_MAX) })
export type PublishedLoad = Shaped<typeof publishedLoad>

export type PublishedCode = 'published/no-column' | 'published/no-number' | 'published/no-rows' | 'published/too-many-rows' | 'published/same-again' | 'published/changed-meanwhile'

/** What a source said of one figure on a day; null: nothing any more. */
export interface Said { readonly day: CivilDate, readonly quantity: number | null }
export interface Figure extends Pick<PublishedRow, 'exporter' | 'importer' | 'model' | 'year'> {
  readonly source: string
  /** The newest. */
  readonly quantity: number | null
  /** Each change, oldest first: the first statement and every one that restates it. */
  readonly history: readonly Said[]
}

const keyOf = ({ exporter, importer, model, year }: Omit<PublishedRow, 'quantity'>): string => JSON.stringify([exporter, importer, model, year])

/** Rows of one key are deliveries of one year and add up. */
export function summed(rows: readonly PublishedRow[]): PublishedRow[] {
  const sums = new Map<string, PublishedRow>()
  for (const row of rows) sums.set(keyOf(row), { ...row, quantity: row.quantity + (sums.get(keyOf(row))?.quantity ?? 0) })
  return [...sums.values()]
}

/** All figures over loads in the order in which they were loaded. */
export function figuresOf(loads: readonly PublishedLoad[]): Figure[] {
  const figures = new Map<string, Figure>()
  for (const { source, day, rows } of loads) {
    const stated = new Map(summed(rows).map((row) => [`${source}\n${keyOf(row)}`, row]))
    const put = (key: string, about: Omit<Figure, 'quantity' | 'history'>, quantity: number | null): void => {
      const held = figures.get(key)
      if (held === undefined || held.quantity !== quantity) figures.set(key, { ...about, quantity, history: [...held?.history ?? [], { day, quantity }] })
    }
    for (const [key, { quantity, ...row }] of stated) put(key, { ...row, source }, quantity)
    for (const [key, held] of figures) if (held.source === source && !stated.has(key)) put(key, held, null)
  }
  return [...figures.values()]
}

/** Items that the register recorded, in parties' codes and the types of its own records. */
export interface Recorded { readonly exporter: string, readonly importer: string, readonly type: string, readonly year: number, readonly dispatched: number, readonly received: number }
/** How the source's words are to be read: a state's name as a party's code, a model's as a type; what stands in neither is read as it is. */
export interface Reading { readonly parties: ReadonlyMap<string, string>, readonly models: ReadonlyMap<string, string> }

export interface Compared extends Omit<Recorded, 'type'> { readonly model: string, readonly figures: readonly Figure[], readonly published: number | null, /** What was published less what was dispatched. */ readonly difference: number }

/** Side by side, of the pairs of parties that `between` names: every figure with what was recorded, and what was recorded and nobody published. */
export function comparePublished(figures: readonly Figure[], recorded: readonly Recorded[], { parties, models }: Reading, between: (exporter: string, importer: string) => boolean): Compared[] {
  const rows = new Map<string, Compared>()
  const at = (exporter: string, importer: string, model: string, year: number): readonly [string, Compared] => {
    const key = JSON.stringify([exporter, importer, fieldForm(model) ?? model, year])
    return [key, rows.get(key) ?? { exporter, importer, model, year, dispatched: 0, received: 0, figures: [], published: null, difference: 0 }]
  }
  for (const figure of figures) {
    const [exporter, importer] = [parties.get(figure.exporter) ?? figure.exporter, parties.get(figure.importer) ?? figure.importer]
    if (!between(exporter, importer)) continue
    const [key, row] = at(exporter, importer, models.get(figure.model) ?? figure.model, figure.year)
    rows.set(key, { ...row, figures: [...row.figures, figure], published: figure.quantity === null ? row.published : (row.published ?? 0) + figure.quantity })
  }
  for (const { exporter, importer, type, year, dispatched, received } of recorded) {
    const [key, row] = at(exporter, importer, type, year)
    rows.set(key, { ...row, dispatched: row.dispatched + dispatched, received: row.received + received })
  }
  return [...rows.values()].map((row) => ({ ...row, difference: (row.published ?? 0) - row.dispatched })).toSorted((a, b) => a.year - b.year || (a.model < b.model ? -1 : 1))
}
