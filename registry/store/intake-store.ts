// Loading a sheet into the register: every row accepted, refused or loaded before; all of it, or its good rows, in one transaction.
// Crash order: the files beside the database are whole before the commit; before it nothing of the import is in the register, after it all.
// Rows are read and made into lines (import-maker.ts), those of a large file on a thread of its own, and written here in parts: memory is
// bounded, and the server writes one part while the next is made.
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { secondsOf, type Time } from '@muster/core/bytes/time.ts'
import { codeOf, Fault } from '../engine/fault.ts'
import type { Mapping } from '../intake/mapping.ts'
import type { Opened } from '../intake/sheet.ts'
import type { CloseCode } from '../book/close.ts'
import type { ProductionActCode } from '../production/act.ts'
import { placeAct } from './acts-once.ts'
import { closedIn } from './closings.ts'
import { transaction, type Reader, type Transaction } from './database.ts'
import { writePart } from './fresh-batch.ts'
import { dropImportFiles, planImportFiles, type ImportPaths } from './import-files.ts'
import { makeImport, type Made } from './import-maker.ts'
import { makeOnThread } from './import-thread.ts'
import type { IntakeKind } from './intake-event.ts'
import { alikeInRegister } from './likeness.ts'
import type { Register } from './register.ts'
import { bound } from './row-mac.ts'

const FILE_NAME_CHARACTERS_MAX = 200
/** A file up to this size is made without a thread: to start one costs as much as some thousand rows. */
const UNTHREADED_BYTES_MAX = 262_144
const UNIQUE_VIOLATION = '23505'

export interface ImportRequest {
  readonly path: string
  readonly as: IntakeKind
  readonly mapping: Mapping
  readonly mappingSha256: Uint8Array
  /** Take the good rows and refuse the others; otherwise one refused row refuses the file. */
  readonly goodRows: boolean
  readonly dryRun: boolean
  /** Kinds of rows that the mapping leaves out and that are wanted all the same. */
  readonly keep: readonly string[]
  readonly sheet?: string | undefined
  readonly encoding?: string | undefined
  readonly delimiter?: string | undefined
  readonly by: string
  readonly and: string | null
  readonly written: Time
  readonly lang: 'en' | 'ru'
}

/** rows = accepted + refused + already. `wrong`: rows with a reason in the file of refusals; without `goodRows` one of them refuses all. */
export interface ImportReport {
  readonly rows: number
  readonly accepted: number
  readonly refused: number
  readonly already: number
  readonly seconds: number
  readonly refusals: string | null
  readonly wrong: number
  /** Rows of this file that may be the same item as another row or as an item of the register. */
  readonly possibleDuplicates: number
  readonly duplicates: string | null
  readonly import: string | null
  readonly dryRun: boolean
}

export interface ImportHooks {
  readonly onOpened?: (opened: Opened) => void
  /** Rows read so far. */
  readonly onRows?: (rows: number) => void
  /** Called as each step begins; a test kills the process there. */
  readonly onStep?: (step: ImportStep) => void
}
export const IMPORT_STEPS = ['begun', 'first-part', 'parts-sent', 'run-written', 'files-finished', 'committed'] as const
export type ImportStep = (typeof IMPORT_STEPS)[number]

/** Tells the transaction to leave nothing: a dry run, a file of which a row is wrong, or one that brings nothing new. */
class Withdrawn extends Error {
  readonly made: Made

  constructor(made: Made) {
    super('withdrawn')
    this.made = made
  }
}

async function sha256Of(path: string): Promise<Buffer> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer)
  return hash.digest()
}

/**
 * Loads one file. Rejects with SheetRefused where it cannot be read as a whole; the register is then as before. Of two imports of one file at
 * the same time the later finds its rows loaded by the earlier.
 */
export async function importSheet(register: Register, request: ImportRequest, hooks: ImportHooks = {}): Promise<ImportReport> {
  try {
    return await importOnce(register, request, hooks)
  } catch (error) {
    if (codeOf(error) !== UNIQUE_VIOLATION) throw error
    return importOnce(register, request, hooks)
  }
}

async function importOnce(register: Register, request: ImportRequest, hooks: ImportHooks): Promise<ImportReport> {
  const began = performance.now()
  const paths = await planImportFiles(register.dataDir, request.path, request.written)
  const id = randomUUID()
  let made: Made | undefined
  try {
    await transaction(register.db, async (tx) => {
      hooks.onStep?.('begun')
      made = await load(tx, register, request, hooks, paths, id)
      hooks.onStep?.('files-finished')
    })
    hooks.onStep?.('committed')
  } catch (error) {
    if (!(error instanceof Withdrawn)) {
      await dropImportFiles(paths)
      throw error
    }
    made = error.made
  }
  if (made === undefined) throw new Error('an import ended without a result')
  return reportOf(made, request, id, began)
}

function reportOf(made: Made, request: ImportRequest, id: string, began: number): ImportReport {
  const { rows, already, wrong } = made
  const accepted = request.goodRows || wrong === 0 ? made.accepted : 0
  return {
    rows, accepted, refused: rows - accepted - already, already, seconds: Math.round(performance.now() - began) / 1000, refusals: made.refusals, wrong,
    possibleDuplicates: made.possibleDuplicates, duplicates: made.duplicates, import: accepted > 0 && !request.dryRun ? id : null, dryRun: request.dryRun,
  }
}

/** Throws Withdrawn where nothing is to be kept. */
async function load(tx: Transaction, register: Register, request: ImportRequest, hooks: ImportHooks, files: ImportPaths, id: string): Promise<Made> {
  const { db, secrets, file } = register
  const before = await stat(request.path).catch(() => undefined)
  const act = { act: `import ${request.as}`, by: request.by, written: request.written }
  const { sheet, encoding, delimiter } = request
  const [rows, items] = [await db.read('SELECT 1 AS one FROM intake_row LIMIT 1'), await db.read('SELECT 1 AS one FROM match_key LIMIT 1')]
  // Whoever records production at the same moment would take the same place: neither sees the other's numbers before one of them is written.
  if (request.as === 'production') await placeAct(tx, secrets, 'manufactured', id, secondsOf(request.written))
  const closed = await closedIn(db, secrets)
  let parts = 0
  const make = before === undefined || before.size > UNTHREADED_BYTES_MAX ? makeOnThread : makeImport
  const made = await make({
    path: request.path, mapping: request.mapping, importId: id, macSecret: new Uint8Array(secrets.mac), files, lang: request.lang, goodRows: request.goodRows, dryRun: request.dryRun,
    options: { keep: request.keep, ...(sheet === undefined ? {} : { sheet }), ...(encoding === undefined ? {} : { encoding }), ...(delimiter === undefined ? {} : { delimiter }) },
    context: { as: request.as, party: file.name, by: request.by, and: request.and, written: request.written, closed },
    holds: { rows: rows.length > 0, items: items.length > 0 },
  }, {
    // Another connection reads them: what this import has written itself is not what was there before.
    loaded: (fingerprints) => loadedOf(db, fingerprints),
    alike: (asked) => alikeInRegister(db, asked),
    write: async (part) => {
      await writePart(tx, secrets, act, part)
      if (++parts === 1) hooks.onStep?.('first-part')
    },
    opened: (opened) => hooks.onOpened?.(opened),
    rows: (read) => hooks.onRows?.(read),
  })
  hooks.onStep?.('parts-sent')
  if (request.as === 'production') await refuseMadeTwice(tx, id)
  if (request.dryRun || made.accepted === 0 || (made.wrong > 0 && !request.goodRows)) throw new Withdrawn(made)
  // A closing that was under way has waited for the parts, or is there by now.
  if (await closedIn(tx, secrets) !== closed) throw new Refusal<CloseCode>('closing/changed-meanwhile', 'the books were closed while the file was read: nothing of it was taken; run the same command again', 'until')
  await writeRun(tx, register, request, id, made)
  const after = await stat(request.path).catch(() => undefined)
  if (before?.size !== after?.size || before?.mtimeMs !== after?.mtimeMs) throw new Fault('file-changed', `${request.path} was changed while it was read: nothing of it was taken. Run the same command again.`)
  hooks.onStep?.('run-written')
  return made
}

async function loadedOf(db: Reader, fingerprints: readonly Uint8Array[]): Promise<ReadonlySet<string>> {
  const rows = await db.read<{ fingerprint: Buffer }>('SELECT fingerprint FROM intake_row WHERE fingerprint = ANY($1)', [fingerprints.map((each) => Buffer.from(each))])
  return new Set(rows.map(({ fingerprint }) => fingerprint.toString('hex')))
}

/** Throws where the register has a number of this import once more, of the same class, type and maker. */
async function refuseMadeTwice(tx: Transaction, id: string): Promise<void> {
  const made = await tx.read<{ item_id: string }>('SELECT item_id FROM intake_row WHERE import_id = $1', [id])
  const [twice] = await tx.read<{ serial: string }>(
    'SELECT serial FROM item WHERE type IS NOT NULL AND maker IS NOT NULL AND serial IS NOT NULL GROUP BY class, type, maker, serial HAVING count(*) > 1 AND bool_or(item_id = ANY($1)) LIMIT 1', [made.map(({ item_id }) => item_id)])
  if (twice !== undefined) throw new Refusal<ProductionActCode>('production/number-made', `${twice.serial} of that type and maker stands in the register already, or twice in the file`, 'serial')
}

async function writeRun(tx: Transaction, { secrets }: Register, request: ImportRequest, id: string, tally: Made): Promise<void> {
  const row = bound(secrets, 'import_run', {
    import_id: id, file_name: basename(request.path).slice(0, FILE_NAME_CHARACTERS_MAX).toWellFormed(), file_sha256: await sha256Of(request.path), mapping_sha256: Buffer.from(request.mappingSha256),
    rows_read: tally.rows, accepted: tally.accepted, refused: tally.wrong, already: tally.already, done_by: request.by, written: request.written,
  })
  await tx.write(
    `INSERT INTO import_run (import_id, file_name, file_sha256, mapping_sha256, rows_read, accepted, refused, already, done_by, written, row_mac)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [row.import_id, row.file_name, row.file_sha256, row.mapping_sha256, row.rows_read, row.accepted, row.refused, row.already, row.done_by, row.written, row.row_mac])
}
