// EXERCISE. The seizure, and the traces: the finder's people open a case and load the sheet of what was found, and every component is traced at
// the same time through all twelve registries.
import { timeOf } from '@muster/core/bytes/time.ts'
import { parseNote } from '@muster/core/proof/note.ts'
import { verifyDossier } from '@muster/core/wire/verify.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import { newestDeclaration } from '@muster/registry/log/declare.ts'
import { openHome, systemClock, type Hall, type Home } from '@muster/registry/main.ts'
import { openCase } from '@muster/registry/store/cases.ts'
import { traceFind, type Traced } from '@muster/registry/trace/trace.ts'
import { AGREEMENT } from './agreement.ts'
import { officers } from './custody.ts'
import { seizureSheet } from './inventory.ts'
import { seizureMapping } from './mappings.ts'
import { loadSheet } from './party.ts'
import { ASKER, EXERCISE, stateOf } from './states.ts'
import { COMPONENTS, type Component } from './story.ts'

const BOUND_MS_MAX = 30_000

/** `condition`: of the mark as it was recorded. */
export interface Outcome { readonly component: Component, readonly traced: Traced, readonly condition: string }

export function hallIn(home: Home): Hall {
  const hall = home.halls.get(AGREEMENT)
  if (hall === undefined) throw new Error(`${home.register.dataDir} has not joined ${AGREEMENT}`)
  return hall
}

/** Readers that have cosigned the newest declaration of a registry. */
export async function readersOf(home: Home): Promise<number> {
  const { log, joined: { trust } } = hallIn(home)
  const newest = await newestDeclaration(log)
  if (newest === undefined) return 0
  const held = new Set(parseNote(newest.note).signatures.map(({ name }) => name))
  return trust.readers.filter(({ name }) => held.has(name)).length
}

/** Two people open the case and the sheet is loaded; resolves to the item of each component. */
export async function recordSeizure(folder: string, home: Home): Promise<Map<Component, string>> {
  const [by, and] = officers(ASKER)
  const at = timeOf(systemClock())
  await openCase(home.register, `${EXERCISE}: launchers seized at the northern training ground`, by, and, at)
  const report = await loadSheet(folder, home.register, stateOf(ASKER), seizureSheet(at.slice(0, 10)), seizureMapping(), 'recoveries')
  if (report.accepted !== COMPONENTS.length) throw new Error(`${report.accepted} of ${COMPONENTS.length} components were taken: see ${report.refusals ?? 'the sheet'}`)
  const rows = await home.register.db.read<{ item_id: string }>('SELECT item_id FROM intake_row WHERE import_id = $1 ORDER BY row_number', [report.import])
  return new Map(COMPONENTS.map((component, i) => [component, rows[i]?.item_id as string]))
}

/** Traces all of them at once, so that the silent party's time runs once. `told` hears of each that is concluded. */
export async function traceAll(home: Home, items: ReadonlyMap<Component, string>, told: (outcome: Outcome) => void): Promise<Outcome[]> {
  const tracing = { home, hall: hallIn(home), group: await fastGroup(), own: undefined }
  return Promise.all([...items].map(async ([component, item]) => {
    const traced = await traceFind(tracing, item, { wait_ms: BOUND_MS_MAX, untilSilent: true })
    const [row] = await home.register.db.read<{ condition: string }>('SELECT condition FROM mark WHERE item_id = $1 ORDER BY ordinal', [item])
    const outcome = { component, traced, condition: row?.condition ?? 'unknown' }
    told(outcome)
    await traced.tossed
    return outcome
  }))
}

/** What an outsider with the agreement in hand makes of a dossier; throws where it is not proven. */
export async function verifyOutcome({ component, traced }: Outcome, agreement: Uint8Array): Promise<void> {
  const { verdict, findings } = verifyDossier(nodePrimitives, await fastGroup(), traced.dossier, agreement, systemClock())
  if (verdict !== 'proven') throw new Error(`${component.id}: the dossier is ${verdict}: ${findings.map(({ message }) => message).join('; ')} (${traced.path})`)
}

export function openAsker(dir: string, report: (what: string) => void): Promise<Home> {
  return openHome(dir, { report })
}
