// `npm run bench`: every row beside its peer and its limit.
//   --quick      smaller inputs; ends within three minutes
//   --only NAME  this row; may be given again
//   --json       one JSON object as the last line
//   --write      figures of a full run into docs/bench.md
// Exit 0: all limits met · 1: a limit missed · 2: usage · 3: a row could not be measured.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { EXIT } from '../cli/errors.ts'
import { clock } from '../cli/progress.ts'
import { findRows, measureAll, type FoundRow, type Measured } from './measure.ts'
import { load, machine, machineText, missed, page, table } from './report.ts'

const QUICK_MS_MAX = 175_000
const COLUMNS_WITHOUT_TERMINAL = 160
const PAGE = fileURLToPath(new URL('../docs/bench.md', import.meta.url))

interface Words { readonly quick: boolean, readonly json: boolean, readonly write: boolean, readonly only: readonly string[] }

function words(): Words | string {
  try {
    const { values } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'boolean' }, write: { type: 'boolean' }, only: { type: 'string', multiple: true } } })
    const { quick = false, json = false, write = false, only = [] } = values
    return quick && write ? '--write takes the figures of a full run: leave --quick out' : { quick, json, write, only }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function chosen(rows: readonly FoundRow[], only: readonly string[]): readonly FoundRow[] | string {
  const unknown = only.find((name) => !rows.some(({ row }) => row.name === name))
  if (unknown !== undefined) return `--only ${unknown}: there is no such row; there are ${rows.map(({ row }) => row.name).join(', ')}`
  return only.length === 0 ? rows : rows.filter(({ row }) => only.includes(row.name))
}

function refuse(message: string): void {
  process.stderr.write(`bench: ${message}\n  → npm run bench -- [--quick] [--only NAME] [--json] [--write]\n`)
  process.exitCode = EXIT.usage
}

/** Puts one row's figures into the page as soon as they are there: what is stopped later does not lose them. */
function keepRow(row: Measured, before: readonly number[]): void {
  const text = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : ''
  writeFileSync(PAGE, page(text, [row], `${new Date().toISOString().slice(0, 10)} on ${machineText(machine())}; load ${before.join(' ')} at the start, ${load().join(' ')} after`))
}

function report(told: Words, measured: readonly Measured[], before: readonly number[], seconds: number): void {
  const after = load()
  const here = machine()
  const failed = measured.filter(({ result }) => result === undefined)
  const loadText = `load ${before.join(' ')} before, ${after.join(' ')} after`
  for (const { name, error } of failed) process.stderr.write(`bench: ${name}: ${error ?? ''}\n`)
  if (told.json) process.stdout.write(`${JSON.stringify({ quick: told.quick, machine: here, load: { before, after }, seconds, rows: measured })}\n`)
  else process.stdout.write(`${[...table(measured, process.stdout.columns ?? COLUMNS_WITHOUT_TERMINAL), '', `${machineText(here)}; ${loadText}; ${clock(seconds * 1000)}`].join('\n')}\n`)
  process.exitCode = failed.length > 0 ? EXIT.fault : measured.some(missed) ? EXIT.no : EXIT.ok
}

async function bench(): Promise<void> {
  const told = words()
  if (typeof told === 'string') return refuse(told)
  const rows = chosen(await findRows(), told.only)
  if (typeof rows === 'string') return refuse(rows)
  const before = load()
  const began = performance.now()
  const measured = await measureAll(rows, told.quick ? 'quick' : 'full', told.quick ? QUICK_MS_MAX : Infinity, (line) => process.stderr.write(`bench ${line}\n`), (row) => { if (told.write) keepRow(row, before) })
  report(told, measured, before, (performance.now() - began) / 1000)
}

await bench()
