// Finds the rows and measures them one after the other, each in a process of its own.

import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { clock } from '../cli/progress.ts'
import { durations, keepDuration, type Speed } from './cache.ts'
import type { BenchResult, BenchRow } from './row.ts'

const ERROR_CHARACTERS_MAX = 4_000
/** What a row stopped at its time may still take to put its things away. */
const GRACE_MS = 4_000
/** For a row of which nothing is known. */
const SECONDS_UNKNOWN = { full: 60, quick: 15 } as const

export interface FoundRow { readonly file: string, readonly row: BenchRow }

export interface Measured {
  readonly name: string
  readonly claim: string
  readonly seconds: number
  readonly result?: BenchResult
  /** Why there is no result. */
  readonly error?: string
}

const here = fileURLToPath(new URL('.', import.meta.url))

/** The files of this folder that have a default export, by name. Others may be programs: they are not loaded. */
export async function findRows(): Promise<FoundRow[]> {
  const names = readdirSync(here).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts')).sort()
  const files = names.map((name) => join(here, name)).filter((file) => /^export default /m.test(readFileSync(file, 'utf8')))
  return Promise.all(files.map(async (file) => ({ file, row: (await import(pathToFileURL(file).href) as { readonly default: BenchRow }).default })))
}

function expected({ name, seconds = SECONDS_UNKNOWN }: BenchRow, speed: Speed): number {
  return durations()[name]?.[speed] ?? seconds[speed]
}

/** Measures in turn; `tell` hears where it stands, and `keep` each row as it is measured. What is not done `withinMs` after the start is stopped and reported as not measured. */
export async function measureAll(rows: readonly FoundRow[], speed: Speed, withinMs: number, tell: (line: string) => void, keep: (row: Measured) => void): Promise<Measured[]> {
  const began = performance.now()
  const done: Measured[] = []
  for (const [i, { file, row }] of rows.entries()) {
    const leftMs = withinMs - (performance.now() - began)
    const toGo = rows.slice(i).reduce((sum, each) => sum + expected(each.row, speed), 0)
    tell(`${i + 1}/${rows.length} ${row.name}: about ${clock(expected(row, speed) * 1000)}, ${clock(Math.min(toGo * 1000, leftMs))} to the end`)
    const start = performance.now()
    const outcome = leftMs <= GRACE_MS ? { error: 'not begun: the time is over' } : await measureOne(file, speed, leftMs - GRACE_MS)
    const seconds = (performance.now() - start) / 1000
    if ('result' in outcome) keepDuration(row.name, speed, seconds)
    const measured = { name: row.name, claim: row.claim, seconds, ...outcome }
    keep(measured)
    done.push(measured)
  }
  return done
}

async function measureOne(file: string, speed: Speed, withinMs: number): Promise<{ readonly result: BenchResult } | { readonly error: string }> {
  const child = spawn(process.execPath, [join(here, 'run-row.ts'), file, speed], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  let late = false
  child.stdout.setEncoding('utf8').on('data', (text: string) => { output += text })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { errors = (errors + text).slice(-ERROR_CHARACTERS_MAX) })
  const stopping = Number.isFinite(withinMs) ? setTimeout(() => { late = true; child.kill('SIGTERM') }, withinMs) : undefined
  const killing = Number.isFinite(withinMs) ? setTimeout(() => child.kill('SIGKILL'), withinMs + GRACE_MS / 2) : undefined
  const code = await new Promise<number | null>((resolve) => { child.once('close', resolve) })
  clearTimeout(stopping)
  clearTimeout(killing)
  if (late) return { error: 'stopped: the time is over' }
  if (code !== 0) return { error: errors.trim() === '' ? `ended with code ${String(code)}` : errors.trim() }
  return { result: JSON.parse(output.trimEnd().split('\n').at(-1) ?? '') as BenchResult }
}
