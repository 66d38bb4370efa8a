// Loading a sheet into the register: every row accepted, refused or loaded before; all of it, or its good rows, in one transaction.
// Crash order: the files beside the database are whole before the commit; before it nothing of the import is in the register, after it all.
// Rows are read, made into events and written in parts, so that memory is bounded and the server writes while the next part is made.
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import type { Time } from '@muster/core/bytes/time.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import { codeOf, Fault } from '../engine/fault.ts'
import { foldValue, type Mapping } from '../intake/mapping.ts'
import { rowMessage } from '../intake/reasons.ts'
import { clip, columnLetter, type IntakeRow, type RowRefusal } from '../intake/row.ts'
import { readSheet, type Opened } from '../intake/sheet.ts'
import { transaction, type Transaction } from './database.ts'
import { openFreshEvents, freshRows, type FreshEvents } from './fresh-batch.ts'
import { openImportFiles, type ImportFiles } from './import-files.ts'
import { eventOfRow, type IntakeContext, type IntakeKind } from './intake-event.ts'
import { openIntakeMac } from './intake-row.ts'
import { openLikenesses } from './likeness.ts'
import type { Register } from './register.ts'
import { bound } from './row-mac.ts'

/** Rows of one part: about 4 MB of lines. */
const PART_ROWS = 4096
/** Rows after which the event loop gets a turn, so that the server is fed while rows are made. */
const BREATH_ROWS = 32
const FILE_NAME_CHARACTERS_MAX = 200
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

/** Tells the transaction to leave nothing: a dry run, or a file of which a row is wrong. */
class Withdrawn extends Error {}

interface Tally { rows: number, accepted: number, wrong: number, already: number }

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
  const files = await openImportFiles(register.dataDir, request.path, request.written, request.lang)
  const id = randomUUID()
  const tally: Tally = { rows: 0, accepted: 0, wrong: 0, already: 0 }
  let likely = 0
  let paths: Awaited<ReturnType<ImportFiles['finish']>> = { refusals: null, duplicates: null }
  try {
    await transaction(register.db, async (tx) => {
      hooks.onStep?.('begun')
      likely = await load(tx, register, request, hooks, files, id, tally)
      paths = await files.finish()
      if (request.dryRun || tally.accepted === 0 || (tally.wrong > 0 && !request.goodRows)) throw new Withdrawn()
      hooks.onStep?.('files-finished')
    })
    hooks.onStep?.('committed')
  } catch (error) {
    if (!(error instanceof Withdrawn)) {
      await files.drop()
      throw error
    }
  }
  const all = request.goodRows || tally.wrong === 0
  const accepted = all ? tally.accepted : 0
  return {
    rows: tally.rows, accepted, refused: tally.rows - accepted - tally.already, already: tally.already, seconds: Math.round(performance.now() - began) / 1000,
    ...paths, wrong: tally.wrong, possibleDuplicates: likely, import: accepted > 0 && !request.dryRun ? id : null, dryRun: request.dryRun,
  }
}

/** Reads the file to its end; writes nothing once it is clear that all would be withdrawn. Resolves to the number of possible duplicates. */
async function load(tx: Transaction, register: Register, request: ImportRequest, hooks: ImportHooks, files: ImportFiles, id: string, tally: Tally): Promise<number> {
  const { db, secrets, file } = register
  const before = await stat(request.path).catch(() => undefined)
  const context: IntakeContext = { as: request.as, party: file.name, by: request.by, and: request.and, written: request.written }
  const fresh = openFreshEvents(tx, secrets, { act: `import ${request.as}`, by: request.by, written: request.written })
  const likenesses = openLikenesses(db, files)
  const intakeLine = openIntakeMac(secrets, id)
  const wasLoaded = await openLoadedBefore(register)
  let header: readonly string[] = []
  const refuse = async (refusal: RowRefusal): Promise<void> => {
    tally.wrong += 1
    await files.refuse(refusal, header)
  }
  const part: (IntakeRow | RowRefusal)[] = []
  const take = async (): Promise<void> => {
    const loaded = await wasLoaded(part)
    let breath = 0
    for (const row of part) {
      if (++breath % BREATH_ROWS === 0) await breathe()
      if (row.kind === 'refusal') await refuse(row)
      else if (loaded.has(hexOf(row.fingerprint))) tally.already += 1
      else {
        const refused = await accept(row, context, fresh, likenesses, intakeLine)
        if (refused === undefined) tally.accepted += 1
        else await refuse(atDate(refused, request.mapping, header))
      }
    }
    await likenesses.compare()
    part.length = 0
    if (request.dryRun || (tally.wrong > 0 && !request.goodRows)) fresh.forget()
    else await fresh.send()
    hooks.onRows?.(tally.rows)
  }
  for await (const row of readSheet(request.path, request.mapping, optionsOf(request, (opened) => {
    header = opened.header
    hooks.onOpened?.(opened)
  }))) {
    tally.rows += 1
    if (part.push(row) < PART_ROWS) continue
    await take()
    if (tally.rows === PART_ROWS) hooks.onStep?.('first-part')
  }
  await take()
  if (request.dryRun || (tally.wrong > 0 && !request.goodRows)) return likenesses.count()
  await fresh.end()
  hooks.onStep?.('parts-sent')
  if (tally.accepted > 0) await writeRun(tx, register, request, id, tally)
  const after = await stat(request.path).catch(() => undefined)
  if (before?.size !== after?.size || before?.mtimeMs !== after?.mtimeMs) throw new Fault('file-changed', `${request.path} was changed while it was read: nothing of it was taken. Run the same command again.`)
  hooks.onStep?.('run-written')
  return likenesses.count()
}

function optionsOf({ keep, sheet, encoding, delimiter }: ImportRequest, onOpened: (opened: Opened) => void) {
  return { keep, onOpened, ...(sheet === undefined ? {} : { sheet }), ...(encoding === undefined ? {} : { encoding }), ...(delimiter === undefined ? {} : { delimiter }) }
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')

/** A refusal for the date, with the column and the value as they stand in the file. */
function atDate(refusal: RowRefusal, mapping: Mapping, header: readonly string[]): RowRefusal {
  const ref = refusal.reason === 'value-too-long' ? undefined : mapping.circumstances.when?.columns[0]
  if (ref === undefined) return refusal
  const at = 'name' in ref ? header.findIndex((name) => foldValue(name) === foldValue(ref.name)) : header.findIndex((_, index) => columnLetter(index) === ref.letter)
  return at < 0 ? refusal : { ...refusal, column: { letter: columnLetter(at), name: header[at] ?? '' }, value: clip(refusal.source[at] ?? '') }
}

type Likenesses = ReturnType<typeof openLikenesses>

async function accept(row: IntakeRow, context: IntakeContext, fresh: FreshEvents, likenesses: Likenesses, intakeLine: (row: IntakeRow, item: string) => string): Promise<RowRefusal | undefined> {
  const item = randomUUID() as string as ItemId
  const repeats = likenesses.repeats(row)
  const event = eventOfRow(row, item, context, repeats)
  if (event.kind === 'refusal') return event
  const folds = freshRows(event)
  if (!fresh.add(event, folds)) {
    return { kind: 'refusal', row: row.row, source: row.source, doubts: row.doubts, value: '', reason: 'value-too-long', message: rowMessage('value-too-long', '65536') }
  }
  fresh.addIntake(intakeLine(row, item))
  await likenesses.take(row, event, folds, repeats)
  return undefined
}

/** Fingerprints, in hex, of the rows of a part that an earlier import loaded. An empty register is not asked for each part. */
async function openLoadedBefore({ db }: Register): Promise<(part: readonly (IntakeRow | RowRefusal)[]) => Promise<ReadonlySet<string>>> {
  const [any] = await db.read('SELECT 1 AS one FROM intake_row LIMIT 1')
  const none: ReadonlySet<string> = new Set()
  if (any === undefined) return async () => none
  return async (part) => {
    const fingerprints = part.flatMap((row) => row.kind === 'row' ? [Buffer.from(row.fingerprint)] : [])
    const rows = await db.read<{ fingerprint: Buffer }>('SELECT fingerprint FROM intake_row WHERE fingerprint = ANY($1)', [fingerprints])
    return new Set(rows.map(({ fingerprint }) => fingerprint.toString('hex')))
  }
}

async function writeRun(tx: Transaction, { secrets }: Register, request: ImportRequest, id: string, tally: Tally): Promise<void> {
  const row = bound(secrets, 'import_run', {
    import_id: id, file_name: basename(request.path).slice(0, FILE_NAME_CHARACTERS_MAX).toWellFormed(), file_sha256: await sha256Of(request.path), mapping_sha256: Buffer.from(request.mappingSha256),
    rows_read: tally.rows, accepted: tally.accepted, refused: tally.wrong, already: tally.already, done_by: request.by, written: request.written,
  })
  await tx.write(
    `INSERT INTO import_run (import_id, file_name, file_sha256, mapping_sha256, rows_read, accepted, refused, already, done_by, written, row_mac)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [row.import_id, row.file_name, row.file_sha256, row.mapping_sha256, row.rows_read, row.accepted, row.refused, row.already, row.done_by, row.written, row.row_mac])
}
