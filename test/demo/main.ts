// EXERCISE. `npm run demo`: twelve registries among invented states, each its own processes, database and keys; inventories loaded, declared and
// cosigned; 36 seized launcher components traced, and every dossier verified from outside. Then it stays up, serving the published files.
//   npm run demo                         until Ctrl-C            npm run demo -- --lang ru
//   npm run demo -- --exit --json        ends by itself; its last line is one JSON object
//   npm run demo -- --dir FOLDER         in a new or empty folder instead of a fresh one in the temporary folder
import { enableCompileCache, flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { env, stderr, stdout, argv } from 'node:process'
import { parseArgs } from 'node:util'
import { EXIT, failureOf, failureText } from '../../cli/errors.ts'
import { languageOf } from '../../cli/language.ts'
import { stopOnSignals } from '../../cli/stop.ts'
import { makeFolder } from './folder.ts'
import { EXERCISE } from './states.ts'
import { openTeller } from './told.ts'

const STEPS = 11

/** What the registries' processes load and this one does not. */
const LOADED_BY_OTHERS = ['../../cli/verbs/serve.ts', '../../registry/evaluator/evaluate.ts', '../../fast/label-pool.ts', '../../core/oprf/noble-group.ts', '../../registry/trace/trace.ts'] as const

/**
 * Forty processes load the same modules, many at the same moment: this one compiles them for all (1.1 s of processor time each without, 0.5 s with),
 * into the launcher's folder for compiled code, or the demo's own where there is none.
 */
async function compiledOnce(folder: string): Promise<typeof import('./play.ts')> {
  env.NODE_COMPILE_CACHE ??= join(folder, '.compiled')
  enableCompileCache(env.NODE_COMPILE_CACHE)
  const play = await import('./play.ts')
  for (const module of LOADED_BY_OTHERS) await import(module)
  flushCompileCache()
  return play
}

async function main(): Promise<number> {
  const { values } = parseArgs({ args: argv.slice(2), options: { exit: { type: 'boolean' }, json: { type: 'boolean' }, dir: { type: 'string' }, lang: { type: 'string' } } })
  const lang = languageOf(values.lang, env) ?? 'en'
  const json = values.json === true
  const write = (line: string): void => { (json ? stderr : stdout).write(`${line}\n`) }
  const teller = openTeller(lang, STEPS, write, { write: (text) => { stderr.write(text) }, columns: stderr.isTTY ? stderr.columns : undefined }, () => performance.now())
  const stopped = stopOnSignals(env.MUSTER_LAUNCHER)
  try {
    const folder = await makeFolder(values.dir)
    const { playExercise } = await compiledOnce(folder)
    return await playExercise({ folder, teller, stopped, environment: env, stay: values.exit !== true, json, answer: (value) => { stdout.write(`${JSON.stringify(value)}\n`) } })
  } catch (thrown) {
    if (stopped.aborted) {
      write(`${EXERCISE} │ ${lang === 'en' ? 'stopped' : 'остановлено'}`)
      return EXIT.ok
    }
    const failure = failureOf(thrown, lang)
    stderr.write(`${EXERCISE} │ ${failureText(failure, lang)}\n`)
    return failure.exit
  }
}

process.exitCode = await main()
