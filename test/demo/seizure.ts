// EXERCISE. The seizure: the finder's people open a case and load the sheet of what was found; then every component is traced through all
// twelve registries, some asking while others wait for the silent one. Tracing has a process of its own, which may be ended at any moment.
import { fork } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { Conclusion } from '@muster/core/rules/chain.ts'
import { parseNote } from '@muster/core/proof/note.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { sequence, systemClock, type Hall, type Home } from '@muster/registry/main.ts'
import { openCase } from '@muster/registry/store/cases.ts'
import { verifyFiles } from '../../cli/verify/files.ts'
import { AGREEMENT } from './agreement.ts'
import { officers } from './custody.ts'
import { seizureSheet } from './inventory.ts'
import { seizureMapping } from './mappings.ts'
import { loadSheet } from './party.ts'
import { ASKER, EXERCISE, stateOf } from './states.ts'
import { COMPONENTS, type Component } from './story.ts'

const TRACER = fileURLToPath(new URL('./tracer.ts', import.meta.url))

/** One component that is to be traced, by its id in the story and its item in the register. */
export interface Errand { readonly id: string, readonly item: string }
export interface Errands { readonly dir: string, readonly errands: readonly Errand[] }
/** `condition`: of the mark as it was recorded. `path`: of the dossier. */
export interface TracedErrand { readonly id: string, readonly condition: string, readonly conclusion: Conclusion, readonly path: string, readonly ms: number }
export type TracerReply = TracedErrand | { readonly failure: string }

export type Outcome = Omit<TracedErrand, 'id'> & { readonly component: Component }

export function hallIn(home: Home): Hall {
  const hall = home.halls.get(AGREEMENT)
  if (hall === undefined) throw new Error(`${home.register.dataDir} has not joined ${AGREEMENT}`)
  return hall
}

/** Readers that have cosigned a declaration, by its published checkpoint; the party's own two lines are no reader's. */
export async function readersOf(folder: string): Promise<number> {
  const names = parseNote(await readFile(join(folder, 'checkpoint'))).signatures.map(({ name }) => name)
  return new Set(names).size - 1
}

/** Two people open the case and load the sheet; the period is closed, so that the finds are in the log. */
export async function recordSeizure(folder: string, home: Home): Promise<Errand[]> {
  const [by, and] = officers(ASKER)
  const at = timeOf(systemClock())
  await openCase(home.register, `${EXERCISE}: launchers seized at the northern training ground`, by, and, at)
  const report = await loadSheet(folder, home.register, stateOf(ASKER), seizureSheet(at.slice(0, 10)), seizureMapping(), 'recoveries')
  if (report.accepted !== COMPONENTS.length) throw new Error(`${report.accepted} of ${COMPONENTS.length} components were taken: see ${report.refusals ?? 'the sheet'}`)
  await sequence(home, hallIn(home))
  const rows = await home.register.db.read<{ item_id: string }>('SELECT item_id FROM intake_row WHERE import_id = $1 ORDER BY row_number', [report.import])
  return COMPONENTS.map(({ id }, i) => ({ id, item: rows[i]?.item_id as string }))
}

/** Traces all of them. `told` hears of each as it is concluded; resolves in the story's order. */
export async function traceAll(folder: string, dir: string, errands: readonly Errand[], stopped: AbortSignal, told: (outcome: Outcome) => void): Promise<Outcome[]> {
  const log = join(folder, 'trace.log')
  const out = openSync(log, 'a', 0o600)
  const child = fork(TRACER, [], { stdio: ['ignore', out, out, 'ipc'], execArgv: [], detached: true })
  closeSync(out)
  const kill = (): void => { child.kill('SIGKILL') }
  stopped.addEventListener('abort', kill, { once: true })
  const outcomes: Outcome[] = []
  await new Promise<void>((resolve, reject) => {
    child.on('message', (reply: TracerReply) => {
      if ('failure' in reply) return reject(new Error(`${reply.failure} (see ${log})`))
      const { id, ...traced } = reply
      const outcome = { ...traced, component: COMPONENTS.find((each) => each.id === id) as Component }
      outcomes.push(outcome)
      return told(outcome)
    })
    child.once('error', reject)
    // The end of the channel, not of the process: by then all that was told has been heard.
    child.once('disconnect', () => {
      if (outcomes.length === errands.length) resolve()
      else reject(new Error(stopped.aborted ? 'stopped' : `tracing ended after ${outcomes.length} of ${errands.length}: see ${log}`))
    })
    child.send({ dir, errands } satisfies Errands)
  }).finally(() => {
    stopped.removeEventListener('abort', kill)
    kill()
  })
  return COMPONENTS.map(({ id }) => outcomes.find(({ component }) => component.id === id) as Outcome)
}

/** What an outsider with the agreement in hand makes of a dossier file; throws where it is not proven. */
export async function verifyOutcome({ component, path }: Outcome, agreementPath: string): Promise<void> {
  const { verdict, findings } = verifyFiles(await fastGroup(), path, agreementPath, systemClock())
  if (verdict !== 'proven') throw new Error(`${component.id}: the dossier is ${verdict}: ${findings.map(({ message }) => message).join('; ')} (${path})`)
}
