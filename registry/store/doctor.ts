// What `muster doctor` says of a register beside its machine: the party, what it holds, its agreements, logs and newest checkpoints.
import { findPartyFile, type PartyFile } from './party-file.ts'
import { examine, type DoctorFacts, type DoctorOptions } from '../engine/doctor.ts'
import { textOf } from '../engine/fault.ts'
import { keptNames } from './kept.ts'
import { openRegister, type Register } from './register.ts'

export interface LogFacts { readonly agreement: string, readonly entries: number, readonly checkpoint: number | null, readonly waiting: number, readonly declarations: number }
export interface RegisterFacts {
  readonly items: number
  readonly events: number
  readonly imports: number
  readonly agreements: readonly LogFacts[]
  /** Names of what is kept outside the database. */
  readonly kept: readonly string[]
}
export interface Diagnosis extends DoctorFacts { readonly party?: PartyFile, readonly register?: RegisterFacts }

type Count = { readonly items: number, readonly events: number, readonly imports: number }

async function factsOf({ db, dataDir }: Register): Promise<RegisterFacts> {
  const [count] = await db.read<Count>('SELECT (SELECT count(*) FROM item) AS items, (SELECT count(*) FROM custody_event) AS events, (SELECT count(*) FROM import_run) AS imports')
  const agreements = await db.read<{ agreement_id: string }>('SELECT agreement_id FROM agreement ORDER BY agreement_id')
  const logs: LogFacts[] = []
  for (const { agreement_id: id } of agreements) {
    const [log] = await db.read<{ entries: number, checkpoint: number | null, waiting: number, declarations: number }>(
      `SELECT (SELECT count(*) FROM log_entry WHERE agreement_id = $1) AS entries, (SELECT max(size) FROM checkpoint WHERE agreement_id = $1) AS checkpoint,
        (SELECT count(*) FROM waiting WHERE agreement_id = $1) AS waiting, (SELECT count(*) FROM declaration WHERE agreement_id = $1) AS declarations`, [id])
    logs.push({ agreement: id, entries: log?.entries ?? 0, checkpoint: log?.checkpoint ?? null, waiting: log?.waiting ?? 0, declarations: log?.declarations ?? 0 })
  }
  return { items: count?.items ?? 0, events: count?.events ?? 0, imports: count?.imports ?? 0, agreements: logs, kept: await keptNames(dataDir) }
}

/** Facts of machine and register; what cannot be learnt is left out and said among the problems. */
export async function diagnose(dataDir: string, options: DoctorOptions): Promise<Diagnosis> {
  const facts = await examine(dataDir, options)
  const problems = [...facts.problems]
  const attempt = async <T>(act: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await act()
    } catch (error) {
      problems.push(textOf(error))
      return undefined
    }
  }
  const party = await attempt(() => findPartyFile(dataDir))
  if (party === undefined && facts.places !== undefined && problems.length === facts.problems.length) problems.push(`The folder has a database and no muster.json: complete it with muster init --party CODE --name NAME --dir ${dataDir}.`)
  if (party === undefined || facts.server === undefined) return { ...facts, ...(party === undefined ? {} : { party }), problems }
  const register = await attempt(async () => {
    const open = await openRegister(dataDir, options)
    try {
      return await factsOf(open)
    } finally {
      await open.close()
    }
  })
  return { ...facts, party, ...(register === undefined ? {} : { register }), problems }
}
