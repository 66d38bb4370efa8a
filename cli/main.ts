// The command line. It alone reads the environment and the clock, and alone writes to the terminal.
import { resolve } from 'node:path'
import { env, stderr, stdout } from 'node:process'
import { readArgs } from './args.ts'
import { EXIT, failureOf, failureText, usage } from './errors.ts'
import { overview, verbHelp } from './help.ts'
import { languageOf } from './language.ts'
import { startProgress } from './progress.ts'
import { stopOnSignals } from './stop.ts'
import { printable, tableLines } from './table.ts'
import type { Args, Context, Lang, Verb } from './verb.ts'
import { loadVerb } from './verbs.ts'

const DEFAULT_DIR = 'muster-data'
/** Columns of a table where no terminal says how wide it is. */
const COLUMNS_WITHOUT_TERMINAL = 120
/** Work that a verb left behind gets this long to end once the verb has. */
const LINGER_MS = 2_000

/** What others wrote must not reach the terminal as anything but text. */
const safe = (text: string): string => text.split('\n').map(printable).join('\n')
const writeLine = (line: string): void => { stdout.write(`${safe(line)}\n`) }

function contextOf(args: Args, lang: Lang): Context {
  const json = args.flag('json')
  let stop: AbortSignal | undefined
  return {
    args, json, lang,
    dir: resolve(args.text('dir') ?? DEFAULT_DIR),
    databaseUrl: env.DATABASE_URL === '' ? undefined : env.DATABASE_URL,
    out: writeLine,
    answer: (value) => { writeLine(JSON.stringify(value)) },
    table: (columns, rows) => {
      if (!json) for (const line of tableLines(columns, rows, stdout.columns ?? COLUMNS_WITHOUT_TERMINAL)) writeLine(line)
    },
    progress: (label, total) => startProgress(label, total, {
      write: (text) => { stderr.write(text) }, columns: !json && stderr.isTTY ? stderr.columns : undefined,
    }, () => performance.now()),
    clear: () => { if (!json && stdout.isTTY) stdout.write('\u001b[2J\u001b[H') },
    stderr: (line) => { stderr.write(`${safe(line)}\n`) },
    say: (words) => words[lang],
    stopped: () => (stop ??= stopOnSignals(env.MUSTER_LAUNCHER)),
  }
}

/** `--lang ru` or `--lang=ru` before anything else is read, so that even a wrong command line is answered in the right language. */
function askedLanguage(words: readonly string[]): string | undefined {
  const at = words.findIndex((word) => word === '--lang' || word.startsWith('--lang='))
  if (at < 0) return undefined
  return words[at]?.startsWith('--lang=') === true ? words[at].slice('--lang='.length) : words[at + 1] ?? ''
}

async function run(words: readonly string[], lang: Lang): Promise<number> {
  const [name, ...rest] = words
  if (name === undefined || name === '--help' || name === '-h' || (name === 'help' && (rest[0] ?? '--').startsWith('-'))) {
    for (const line of await overview(lang)) writeLine(line)
    return name === undefined ? EXIT.usage : EXIT.ok
  }
  const verb = await loadVerb(name === 'help' ? rest[0] ?? '' : name, lang)
  const args = readArgs(verb, name === 'help' ? ['--help'] : rest, lang)
  if (args.flag('help')) {
    for (const line of verbHelp(verb, lang)) writeLine(line)
    return EXIT.ok
  }
  const context = contextOf(args, lang)
  const told = await tellExercise(verb, context)
  const code = await verb.run(context)
  if (!told) await tellExercise(verb, context)
  return code
}

/** Every screen about a register of an exercise says so, on standard error, where it is in no pipe's way; what machines read has it as a member. */
async function tellExercise(verb: Verb, context: Context): Promise<boolean> {
  if (context.json || !verb.usage.some((line) => line.includes('--dir'))) return true
  const { findPartyFile } = await import('@muster/registry/store/party-file.ts')
  // A file that cannot be read is the verb's own to complain of.
  const party = await findPartyFile(context.dir).catch(() => undefined)
  if (party?.exercise === true) context.stderr(context.say({ en: `EXERCISE · ${party.party} · everything in this register is invented`, ru: `УЧЕНИЯ · ${party.party} · всё в этом реестре вымышлено` }))
  return party !== undefined
}

/** Tells a failure on standard error and, where machines listen, as the last JSON line; returns the exit code. */
function report(thrown: unknown, lang: Lang, json: boolean): number {
  const failure = failureOf(thrown, lang)
  const { kind, code, message, next } = failure
  if (json) writeLine(JSON.stringify({ error: { kind, code, message, ...(next === undefined ? {} : { next }) } }))
  stderr.write(`${safe(failureText(failure, lang))}\n`)
  return failure.exit
}

async function main(words: readonly string[]): Promise<void> {
  const json = words.includes('--json')
  const asked = askedLanguage(words)
  const lang = languageOf(asked, env)
  process.on('uncaughtException', (error) => { process.exit(report(error, lang ?? 'en', json)) })
  stdout.on('error', (error: NodeJS.ErrnoException) => { process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.fault) })
  try {
    if (lang === undefined) throw usage(`--lang ${asked ?? ''}: en, ru`)
    process.exitCode = await run(words, lang)
  } catch (thrown) {
    process.exitCode = report(thrown, lang ?? 'en', json)
  }
  setTimeout(() => process.exit(), LINGER_MS).unref()
}

await main(process.argv.slice(2))
