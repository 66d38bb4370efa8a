// The making half of an import: reads the file to its end and makes each row into lines of COPY or a refusal. It runs on a thread of its own, so that
// the server writes one part while the next is made, and asks its host for what stands in the register.
import { randomUUID } from 'node:crypto'
import type { ItemId } from '@muster/core/rules/item.ts'
import { foldValue, type Mapping } from '../intake/mapping.ts'
import { rowMessage } from '../intake/reasons.ts'
import { clip, columnLetter, type IntakeRow, type RowRefusal } from '../intake/row.ts'
import { readSheet, type Opened, type ReadOptions } from '../intake/sheet.ts'
import { openFreshEvents, type FreshPart } from './fresh-batch.ts'
import { rowsOf } from './fold-rows.ts'
import { openImportFiles, type ImportPaths } from './import-files.ts'
import { eventOfRow, type IntakeContext } from './intake-event.ts'
import { openIntakeMac } from './intake-row.ts'
import { openLikenesses, type Alike, type Fresh } from './likeness.ts'

/** Rows of one part: about 6 MB of lines. */
const PART_ROWS = 4096

/** Everything that a thread can be given: values, no functions. */
export interface MakerOrder {
  readonly path: string
  readonly mapping: Mapping
  readonly options: Omit<ReadOptions, 'onOpened'>
  readonly context: IntakeContext
  readonly importId: string
  readonly macSecret: Uint8Array
  readonly files: ImportPaths
  readonly lang: 'en' | 'ru'
  readonly goodRows: boolean
  readonly dryRun: boolean
  /** Whether the register holds rows of earlier imports, and items: an empty one is not asked. */
  readonly holds: { readonly rows: boolean, readonly items: boolean }
}

export interface MakerHost {
  /** Those of these fingerprints, in hex, that an earlier import loaded. */
  readonly loaded: (fingerprints: readonly Uint8Array[]) => Promise<ReadonlySet<string>>
  readonly alike: (asked: readonly Fresh[]) => Promise<readonly Alike[]>
  /** Resolves when the part is written. */
  readonly write: (part: FreshPart) => Promise<void>
  readonly opened: (opened: Opened) => void
  readonly rows: (rows: number) => void
}

export interface Made {
  readonly rows: number
  readonly accepted: number
  readonly wrong: number
  readonly already: number
  readonly possibleDuplicates: number
  readonly refusals: string | null
  readonly duplicates: string | null
}

/** Reads and makes all; resolves when the last part is written and the files beside the database are whole. Rejects with SheetRefused. */
export async function makeImport(order: MakerOrder, host: MakerHost): Promise<Made> {
  const files = openImportFiles(order.files, order.lang)
  const likenesses = openLikenesses(files, order.holds.items ? host.alike : undefined)
  const fresh = openFreshEvents()
  const intakeLine = openIntakeMac(order.macSecret, order.importId)
  const tally = { rows: 0, accepted: 0, wrong: 0, already: 0 }
  let header: readonly string[] = []
  let writing: Promise<void> = Promise.resolve()
  // Once it is clear that all would be withdrawn, nothing more is sent.
  const withdrawn = (): boolean => order.dryRun || (tally.wrong > 0 && !order.goodRows)

  const take = (row: IntakeRow): RowRefusal | Promise<void> | undefined => {
    const item = randomUUID() as string as ItemId
    const repeats = likenesses.repeats(row)
    const event = eventOfRow(row, item, order.context, repeats)
    if (event.kind === 'refusal') return atDate(event, order.mapping, header)
    const folds = rowsOf([event])
    if (!fresh.add(event, folds)) {
      return { kind: 'refusal', row: row.row, source: row.source, doubts: row.doubts, value: '', reason: 'value-too-long', message: rowMessage('value-too-long', '65536') }
    }
    fresh.addIntake(intakeLine(row, item))
    tally.accepted += 1
    return likenesses.take(row, event, folds, repeats)
  }

  const finishPart = async (part: readonly (IntakeRow | RowRefusal)[], last: boolean): Promise<void> => {
    const fingerprints = order.holds.rows ? part.flatMap((row) => row.kind === 'row' ? [row.fingerprint] : []) : []
    const loaded = fingerprints.length === 0 ? undefined : await host.loaded(fingerprints)
    for (const row of part) {
      if (row.kind === 'row' && loaded?.has(hexOf(row.fingerprint)) === true) {
        tally.already += 1
        continue
      }
      const taken = row.kind === 'refusal' ? row : take(row)
      if (taken instanceof Promise) await taken
      else if (taken !== undefined) {
        tally.wrong += 1
        await files.refuse(taken, header)
      }
    }
    await likenesses.compare()
    const made = fresh.take(last)
    await writing
    host.rows(tally.rows)
    if (withdrawn()) return
    writing = host.write(made)
    // Whoever awaits the next part hears of it.
    writing.catch(() => undefined)
  }

  let part: (IntakeRow | RowRefusal)[] = []
  for await (const row of readSheet(order.path, order.mapping, { ...order.options, onOpened: (opened) => {
    header = opened.header
    host.opened(opened)
  } })) {
    tally.rows += 1
    if (part.push(row) < PART_ROWS) continue
    await finishPart(part, false)
    part = []
  }
  await finishPart(part, true)
  await writing
  return { ...tally, possibleDuplicates: likenesses.count(), ...await files.finish() }
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')

/** A refusal for the date, with the column and the value as they stand in the file. */
function atDate(refusal: RowRefusal, mapping: Mapping, header: readonly string[]): RowRefusal {
  const ref = mapping.circumstances.when?.columns[0]
  if (ref === undefined) return refusal
  const at = 'name' in ref ? header.findIndex((name) => foldValue(name) === foldValue(ref.name)) : header.findIndex((_, index) => columnLetter(index) === ref.letter)
  return at < 0 ? refusal : { ...refusal, column: { letter: columnLetter(at), name: header[at] ?? '' }, value: clip(refusal.source[at] ?? '') }
}
