// The commands of a page, as a reader would type them, run by a test in a folder of its own.
import { spawn, type ChildProcess } from 'node:child_process'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createInterface } from 'node:readline'
import { codeOf } from '../tidy/markdown.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url))
const STARTED_MS_MAX = 60_000
const STOPPED_MS_MAX = 20_000

/** Words of a command line; quotes of either kind keep together what stands between them. */
function wordsOf(line: string): string[] {
  return Array.from(line.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g), ([word]) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'))
}

/** The muster commands of a document's blocks in their order, without `npx muster`. */
export function commandsOf(document: string): string[][] {
  return codeOf(document).map(({ text }) => text).filter((text) => text.startsWith('npx muster ')).map((text) => wordsOf(text).slice(2))
}

export interface Ended { readonly code: number | null, readonly lines: readonly string[], readonly errors: string, readonly ms: number }

function start(words: readonly string[]): ChildProcess {
  return spawn(process.execPath, [join(root, 'cli/main.ts'), ...words], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Runs one command to its end. */
export async function muster(words: readonly string[]): Promise<Ended> {
  const began = performance.now()
  const child = start(words)
  const [out, err]: [string[], string[]] = [[], []]
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk.toString('utf8')))
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk.toString('utf8')))
  const code = await new Promise<number | null>((done) => child.on('close', done))
  return { code, lines: out.join('').split('\n').filter((line) => line !== ''), errors: err.join(''), ms: performance.now() - began }
}

export interface Served { readonly stop: () => Promise<void>, readonly errors: () => string }

/** Starts `muster serve` and resolves when it says its address. */
export async function serve(words: readonly string[]): Promise<Served> {
  const child = start(words)
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => { errors += chunk.toString('utf8') })
  const ended = new Promise<void>((done) => child.once('close', () => { done() }))
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => { reject(new Error(`muster ${words.join(' ')} says nothing: ${errors}`)) }, STARTED_MS_MAX)
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).once('line', () => { clearTimeout(late); resolve() })
    child.once('exit', () => { clearTimeout(late); reject(new Error(`muster ${words.join(' ')} ended: ${errors}`)) })
  })
  return {
    errors: () => errors,
    stop: async () => {
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), STOPPED_MS_MAX)
      await ended
      clearTimeout(late)
    },
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}
