// Loads of public registers of transfers, each kept whole with its source and day, and what the register recorded beside them.
import { canonical, parseJson } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { shaped } from '@muster/core/bytes/shaped-json.ts'
import { known } from '@muster/core/rules/item.ts'
import { PUBLISHED_ROWS_MAX, publishedLoad, summed, type PublishedCode, type PublishedLoad, type PublishedRow, type Recorded } from '@muster/core/rules/published.ts'
import { codeOf } from '../engine/fault.ts'
import { openCsv } from '../intake/csv.ts'
import type { At } from '../said.ts'
import { placeBoundAct } from '../store/acts-once.ts'
import { transaction } from '../store/database.ts'
import { placedActs, PUBLISHED_ACTS } from '../store/placed-acts.ts'
import type { Register } from '../store/register.ts'
import { transfers } from '../transfer/view.ts'

const UNIQUE_VIOLATION = '23505'
/** The columns of a figure, by the words that public registers have for them. */
const COLUMNS: Readonly<Record<keyof PublishedRow, readonly string[]>> = {
  exporter: ['supplier', 'exporter'], importer: ['recipient', 'importer'], model: ['designation', 'model'], year: ['delivery year', 'year'], quantity: ['numbers delivered', 'quantity'],
}

/** The figures of a file; a row without a number or a year is refused with its place. Throws a Refusal, or SheetRefused for what is no table. */
export async function readPublished(path: string): Promise<PublishedRow[]> {
  let places: Record<keyof PublishedRow, number> | undefined
  const rows: PublishedRow[] = []
  for await (const some of (await openCsv(path)).rows()) {
    for (const { row, cells } of some) {
      const texts = cells.map((cell) => cell.trim())
      if (places === undefined) {
        places = placesIn(texts)
        continue
      }
      if (texts.every((each) => each === '')) continue
      const { exporter, importer, model, year, quantity } = places
      const read = { exporter: texts[exporter] ?? '', importer: texts[importer] ?? '', model: texts[model] ?? '', year: Number(texts[year]), quantity: Number(texts[quantity]) }
      if (!Number.isSafeInteger(read.year) || !Number.isSafeInteger(read.quantity) || texts[quantity] === '') throw new Refusal<PublishedCode>('published/no-number', `row ${row}: the year and the quantity are whole numbers`, row)
      if (rows.push(read) > PUBLISHED_ROWS_MAX) throw new Refusal<PublishedCode>('published/too-many-rows', `at most ${PUBLISHED_ROWS_MAX} rows are read`, row)
    }
  }
  if (rows.length === 0) throw new Refusal<PublishedCode>('published/no-rows', 'the file has no row')
  return summed(rows)
}

function placesIn(header: readonly string[]): Record<keyof PublishedRow, number> {
  const at = (member: keyof PublishedRow): number => {
    const place = header.findIndex((title) => COLUMNS[member].includes(title.toLowerCase()))
    if (place < 0) throw new Refusal<PublishedCode>('published/no-column', `no column is called ${COLUMNS[member].join(' or ')}`, member)
    return place
  }
  return { exporter: at('exporter'), importer: at('importer'), model: at('model'), year: at('year'), quantity: at('quantity') }
}

/** All loads, in the order in which they were made. */
export async function publishedLoads(register: Register): Promise<PublishedLoad[]> {
  return (await placedActs(register, PUBLISHED_ACTS)).map(({ answer }) => {
    const load = shaped('published', publishedLoad, parseJson(new TextEncoder().encode(answer)))
    if (load instanceof Refusal) throw load
    return load
  })
}

/** Keeps one reading of a source, and lets it wait for every log. Refused where it says nothing else than the newest of that source. */
export async function loadPublished(register: Register, said: PublishedLoad, at: number): Promise<void> {
  const load = shaped('published', publishedLoad, said)
  if (load instanceof Refusal) throw load
  const last = (await publishedLoads(register)).findLast(({ source }) => source === load.source)
  if (last !== undefined && canonical(last.rows) === canonical(load.rows)) throw new Refusal<PublishedCode>('published/same-again', `${load.source} said the same on ${last.day}: nothing is restated`, 'rows')
  await transaction(register.db, (tx) => placeBoundAct(tx, register.secrets, PUBLISHED_ACTS, canonical(load), at)).catch((error: unknown) => {
    throw codeOf(error) === UNIQUE_VIOLATION ? new Refusal<PublishedCode>('published/changed-meanwhile', 'somebody else has loaded figures meanwhile: look again') : error
  })
}

/** What was dispatched and received under the agreement, by type and the year of the notice. */
export async function recordedTransfers(home: At, at: number): Promise<Recorded[]> {
  const self = home.register.file.party
  return (await transfers(home, at)).flatMap(({ direction, with: party, notice, body, items }) => body.items.map(({ identity }, i): Recorded => ({
    exporter: direction === 'out' ? self : party, importer: direction === 'out' ? party : self, type: known(identity.type) ?? identity.class, year: Number(notice.payload.time.slice(0, 4)), dispatched: 1, received: items[i]?.standing === 'received' ? 1 : 0,
  })))
}
