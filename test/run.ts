// `npm test`: types, lint, then every *.test.ts, and last the line `N passed, N failed` (with `, N skipped` where there are any).
//   npm test                      all of it            npm test -- core/proof cli     only tests whose path contains one of the words
//   npm test -- /a/folder         what is in that folder
//   VERBOSE=1 npm test            with what the tests themselves print
//   SLOW=1 npm test               the *.slow.test.ts as well
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { isAbsolute, join, relative } from 'node:path'
import { env, stdout } from 'node:process'
import { run } from 'node:test'
import type { EventData } from 'node:test'
import { inspect } from 'node:util'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const TEST_LIMIT_MS = 600_000
const SLOW_TEST_LIMIT_MS = 3_600_000
/** Never one a core only: a test that waits for a database leaves its core to another. */
const FILES_AT_ONCE = Math.max(2, Math.min(4, availableParallelism()))
/** Files that took longest are told, so that whoever makes the suite longer sees where it is long. */
const SLOWEST_SHOWN = 12
/** Of what a file printed, so much is kept for the case that it fails as a whole. */
const KEPT_CHARACTERS = 4_000
const NOT_OURS = new Set(['node_modules', '.git'])

type Count = { passed: number, failed: number, skipped: number }
type Told = { readonly count: Count, readonly failures: string[] }

function testFiles(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : testFiles(join(dir, entry.name))
    const slow = entry.name.endsWith('.slow.test.ts')
    return entry.name.endsWith('.test.ts') && (!slow || env.SLOW === '1') ? [join(dir, entry.name)] : []
  })
}

/** A script of ours in a process of its own; its output where it fails. */
async function check(script: string, told: Told): Promise<void> {
  const began = performance.now()
  const child = spawn(process.execPath, [join(root, 'test', script)], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  const output: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk))
  const code = await new Promise<number | null>((done) => child.on('close', done))
  const name = script.replace('.ts', '')
  stdout.write(`${code === 0 ? 'ok  ' : 'FAIL'} ${name}  ${Math.round(performance.now() - began)} ms\n`)
  if (code === 0) told.count.passed += 1
  else {
    told.count.failed += 1
    told.failures.push(`${name}\n${Buffer.concat(output).toString('utf8').trimEnd()}`)
  }
}

const reasonOf = (error: unknown): string => {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const text = cause instanceof Error ? cause.stack ?? cause.message : inspect(cause)
  return text.split('\n').filter((line) => !/^\s+at .*\(?node:internal/.test(line)).join('\n')
}

/** A file's own entry appears beside its tests: it counts only where it failed without one of them failing. */
const isWholeFile = (event: EventData.TestFail | EventData.TestPass): boolean => event.nesting === 0 && event.file !== undefined && event.name.endsWith('.test.ts')

async function runFiles(files: string[], told: Told): Promise<void> {
  const failedIn = new Set<string>()
  const said = new Map<string | undefined, string>()
  const summed = new Set<string>()
  // Without forceExit, which ends a file's process before it has told all its results. What a file leaves open holds it until the limit, and fails it.
  const events = run({ files, concurrency: FILES_AT_ONCE, timeout: env.SLOW === '1' ? SLOW_TEST_LIMIT_MS : TEST_LIMIT_MS })
  events.on('test:pass', (event) => {
    if (event.details.type === 'suite' || isWholeFile(event)) return
    if (event.skip !== undefined && event.skip !== false) {
      told.count.skipped += 1
      stdout.write(`skip ${relative(root, event.file ?? '')}: ${event.name}${typeof event.skip === 'string' ? ` (${event.skip})` : ''}\n`)
    } else told.count.passed += 1
  })
  events.on('test:fail', (event) => {
    const file = relative(root, event.file ?? '')
    const { error } = event.details
    const children = /subtest/.test(error.message) && (error as { failureType?: string }).failureType === 'subtestsFailed'
    if (children || event.details.type === 'suite' || (isWholeFile(event) && failedIn.has(file))) return
    failedIn.add(file)
    told.count.failed += 1
    const name = isWholeFile(event) ? 'the file itself' : event.name
    stdout.write(`FAIL ${file}: ${name}\n`)
    told.failures.push(`${file}:${event.line ?? ''}  ${name}\n${isWholeFile(event) ? `${said.get(event.file) ?? ''}\n` : ''}${reasonOf(error)}`)
  })
  const took: { readonly file: string, readonly ms: number }[] = []
  events.on('test:summary', ({ file, counts, duration_ms: ms }) => {
    if (file === undefined || counts.tests === 0) return
    summed.add(file)
    took.push({ file: relative(root, file), ms })
  })
  const show = ({ file, message }: { readonly file?: string | undefined, readonly message: string }): void => {
    said.set(file, `${said.get(file) ?? ''}${message}`.slice(-KEPT_CHARACTERS))
    if (env.VERBOSE === '1') stdout.write(message)
  }
  events.on('test:stderr', show).on('test:stdout', show)
  events.resume()
  await new Promise<void>((done, broken) => { events.on('end', done).on('error', broken) })
  for (const { file, ms } of took.toSorted((a, b) => b.ms - a.ms).slice(0, SLOWEST_SHOWN)) stdout.write(`took ${file}  ${Math.round(ms)} ms\n`)
  for (const path of files) {
    const file = relative(root, path)
    if (summed.has(path) || failedIn.has(file)) continue
    told.count.failed += 1
    stdout.write(`FAIL ${file}: it has no test, or ended before its tests did\n`)
    told.failures.push(`${file}  it has no test, or ended before its tests did\n${said.get(path) ?? ''}`)
  }
}

const words = process.argv.slice(2)
const told: Told = { count: { passed: 0, failed: 0, skipped: 0 }, failures: [] }
if (words.length === 0) await Promise.all(['typecheck.ts', 'lint.ts'].map((script) => check(script, told)))
const inside = testFiles(root).filter((file) => words.length === 0 || words.some((word) => !isAbsolute(word) && relative(root, file).includes(word)))
const files = [...inside, ...words.filter(isAbsolute).flatMap(testFiles)].sort()
if (files.length > 0) await runFiles(files, told)
for (const failure of told.failures) stdout.write(`\n── ${failure.replaceAll('\n', '\n   ')}\n`)
const { passed, failed, skipped } = told.count
stdout.write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`)
process.exit(failed > 0 || passed === 0 ? 1 : 0)
