// `muster audit`: the store, and each log against what was signed, what is published and what its rows give.
import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { equal } from '@muster/core/bytes/bytes.ts'
import { append, emptyFrontier, frontierRoot, leafHash, type Frontier } from '@muster/core/proof/merkle.ts'
import { decodeBundle, entriesPath, TILE_WIDTH } from '@muster/core/proof/tile.ts'
import { parseCheckpoint } from '@muster/core/proof/tree-head.ts'
import { parseNote } from '@muster/core/proof/note.ts'
import { isAgreementId, logOrigin, parseAgreement, type AgreementId } from '@muster/core/rules/agreement.ts'
import { BOUND, boundEntry, CLEAR, parseEntry } from '@muster/core/wire/entry.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { codeOf } from '../engine/fault.ts'
import { keyRecordAct } from '../store/key-records.ts'
import { auditStore, type AuditProgress } from '../store/audit.ts'
import type { Reader } from '../store/database.ts'
import type { Finding, Report } from '../store/finding.ts'
import { kept, keptNames } from '../store/kept.ts'
import type { Register } from '../store/register.ts'
import { withSnapshot, type Snapshot } from '../store/snapshot.ts'
import { auditCheckpoint, auditDeclarations, auditTiles, publishedOf, type Published } from './audit-published.ts'
import { treeOf } from './period.ts'
import { keptName } from './sign.ts'

/** Findings that are listed one by one; all are counted. */
export const FINDINGS_LISTED_MAX = 10_000

/** Entries missing in one place, or published otherwise, that are named one by one. */
const GAPS_NAMED_MAX = 16

/** Between what is kept outside the database and its row lies one transaction. */
const ROW_MS_MAX = 5_000
const ROW_POLL_MS = 50

export interface Audit { readonly findings: readonly Finding[], readonly count: number, readonly agreements: readonly string[] }

interface Signed { readonly size: number, readonly root: Uint8Array }

/** What was kept before the snapshot: of a log that grows meanwhile, the snapshot holds at least this much. */
async function signedOf(register: Register, id: AgreementId): Promise<Signed | undefined> {
  const bytes = await kept(register.dataDir, keptName('log', logOrigin(register.file.party, id)))
  if (bytes === undefined) return undefined
  const { size, root } = parseCheckpoint(parseNote(Buffer.from(bytes).toString('utf8')).text)
  return { size, root }
}

async function publishedIds({ dataDir }: Register): Promise<AgreementId[]> {
  const names: string[] = await readdir(join(dataDir, 'published')).catch((error: unknown): string[] => {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  })
  return names.flatMap((name) => isAgreementId(name) ? [name] : [])
}

/** Audits a register. Resolves with what was found; throws only where the machine fails. */
export async function auditRegister(register: Register, progress: AuditProgress): Promise<Audit> {
  const findings: Finding[] = []
  let count = 0
  const report: Report = (finding) => {
    count += 1
    if (findings.length < FINDINGS_LISTED_MAX) findings.push(finding)
  }
  const rows = await register.db.read<{ agreement_id: AgreementId }>('SELECT DISTINCT agreement_id FROM log_entry UNION SELECT agreement_id FROM agreement')
  const ids = [...new Set([...rows.map(({ agreement_id }) => agreement_id), ...await publishedIds(register)])].sort()
  const signed = new Map<AgreementId, Signed | undefined>()
  for (const id of ids) signed.set(id, await signedOf(register, id))
  const published = new Map<AgreementId, Published>()
  for (const id of ids) published.set(id, await publishedOf(register.dataDir, id))
  const cosigned = (await keptNames(register.dataDir)).filter((name) => /^(witness|reader)-/.test(name))
  await untilWritten(register.db, signed, cosigned)
  await withSnapshot(register.db, async (snapshot) => {
    await auditStore(snapshot, register, report, progress)
    for (const id of ids) {
      const last = signed.get(id)
      const files = published.get(id)
      const whole = await auditLog(snapshot, register, id, last, report)
      if (files !== undefined && last !== undefined && last.size > 0) {
        await auditCheckpoint(snapshot, id, files, report)
        // Of entries that were changed the rows are named; what is published is then what shows which.
        if (whole) await auditTiles(snapshot, register, id, last.size, files, report)
      }
      await auditDeclarations(snapshot, register, id, files ?? { notes: new Map() }, report)
    }
    await auditCosigned(snapshot, cosigned, report)
  })
  return { findings, count, agreements: ids }
}

/** What is signed or cosigned is kept outside before its row is written: where the register is served meanwhile, the row is waited for. */
async function untilWritten(db: Reader, signed: ReadonlyMap<AgreementId, Signed | undefined>, cosigned: readonly string[]): Promise<void> {
  const due = async (): Promise<boolean> => {
    for (const [id, last] of signed) if (last !== undefined && await lacksCheckpoint(db, id, last)) return true
    return (await lackingCosigned(db, cosigned)).length > 0
  }
  for (const end = performance.now() + ROW_MS_MAX; await due() && performance.now() < end;) await sleep(ROW_POLL_MS)
}

async function lacksCheckpoint(reader: Reader, id: AgreementId, { size }: Signed): Promise<boolean> {
  return size > 0 && (await reader.read('SELECT 1 AS one FROM checkpoint WHERE agreement_id = $1 AND size = $2', [id, size])).length === 0
}

async function lackingCosigned(reader: Reader, names: readonly string[]): Promise<string[]> {
  const rows = await reader.read<{ origin: string, cosigner: 'witness' | 'reader' }>('SELECT origin, cosigner FROM cosigned')
  const held = new Set(rows.map(({ origin, cosigner }) => keptName(cosigner, origin)))
  return names.filter((name) => !held.has(name))
}

/** Each origin for which something was cosigned, as kept outside the database, has its row. */
async function auditCosigned(snapshot: Snapshot, names: readonly string[], report: Report): Promise<void> {
  for (const name of await lackingCosigned(snapshot, names)) report({ table: 'cosigned', key: { kept: name }, column: null, code: 'missing', message: 'what was cosigned is kept outside the database, and its row is not there' })
}

interface EntryRow { readonly entry_index: number, readonly entry: Buffer }
interface PeriodRow { readonly subject: string, readonly entry_index: number, readonly members: number }

/** True where the entries are those that were signed. */
async function auditLog(snapshot: Snapshot, register: Register, id: AgreementId, signed: Signed | undefined, report: Report): Promise<boolean> {
  const key = (index: number) => ({ agreement_id: id, entry_index: String(index) })
  const periods = new Map((await snapshot.read<PeriodRow & Record<string, unknown>>('SELECT subject, entry_index, members FROM period WHERE agreement_id = $1', [id])).map((row) => [row.entry_index, row]))
  const clear = await clearBodies(snapshot, id)
  await addFormer(snapshot, id, clear)
  const published = openPublished(register.dataDir, id)
  const frontier: Frontier = emptyFrontier()
  let named = false
  /** Entries that are published otherwise: theirs is the fault where the root is not the one that was signed, and else the file's. */
  const unlike: number[] = []
  let next = 0
  let root: Uint8Array | undefined
  const found = (index: number, column: string | null, code: Finding['code'], message: string): void => {
    named = true
    report({ table: 'log_entry', key: key(index), column, code, message })
  }
  for await (const rows of snapshot.batches<EntryRow & Record<string, unknown>>('SELECT entry_index, entry FROM log_entry WHERE agreement_id = $1 ORDER BY entry_index', [id])) {
    for (const { entry_index: index, entry } of rows) {
      if (index !== next) {
        for (let gap = next; gap < index && gap < next + GAPS_NAMED_MAX; gap++) found(gap, null, 'missing', 'the entry was removed')
        found(index, 'entry_index', 'extra', `entry ${next} was to follow here`)
      }
      next = index + 1
      if (!named) append(p, frontier, leafHash(p, entry))
      if (frontier.size === signed?.size && root === undefined) root = frontierRoot(p, frontier)
      const out = signed !== undefined && index < signed.size ? await published(index, signed.size) : undefined
      if (out !== undefined && !equal(out, entry) && unlike.length < GAPS_NAMED_MAX) unlike.push(index)
      const period = periods.get(index)
      periods.delete(index)
      await checkMeaning(snapshot, register, id, index, entry, period, clear, found, report)
    }
  }
  for (const [index, { subject }] of periods) report({ table: 'period', key: { agreement_id: id, subject, entry_index: String(index) }, column: null, code: 'extra', message: 'the log has no such entry' })
  if (signed !== undefined && next < signed.size) found(next, null, 'missing', `the log was signed at ${signed.size} entries and ${next} are there`)
  else if (signed !== undefined && signed.size > 0 && (named || root === undefined || !equal(root, signed.root))) {
    for (const index of unlike) found(index, 'entry', 'log', 'another entry is published and signed')
    if (!named) found(signed.size - 1, 'entry', 'log', `the first ${signed.size} entries are not those that were signed`)
  }
  if (signed !== undefined && await lacksCheckpoint(snapshot, id, signed)) report({ table: 'checkpoint', key: { agreement_id: id, size: String(signed.size) }, column: null, code: 'missing', message: 'this checkpoint was signed, and its row is not there' })
  await auditHeads(snapshot, id, report)
  return !named
}

/** What clear entries may say, in hex: the agreement, the parties' key records, first and later ones, the heads of the declarations. */
async function clearBodies(snapshot: Snapshot, id: AgreementId): Promise<Set<string>> {
  const bodies = new Set<string>()
  for (const statement of ['SELECT bytes AS body FROM agreement WHERE agreement_id = $1', 'SELECT key_record AS body FROM peer WHERE agreement_id = $1', 'SELECT head AS body FROM declaration WHERE agreement_id = $1']) {
    for (const { body } of await snapshot.read<{ body: Buffer }>(statement, [id])) bodies.add(body.toString('hex'))
  }
  for (const { answer } of await snapshot.read<{ answer: string }>('SELECT answer FROM act_once WHERE starts_with(act_key, $1)', [`key-record/${id}/`])) bodies.add(Buffer.from(answer).toString('hex'))
  return bodies
}

/** Texts that the agreement in force amends, each named by the hash of its bytes in the one after it. */
async function addFormer(snapshot: Snapshot, id: AgreementId, clear: Set<string>): Promise<void> {
  const entries = await snapshot.read<{ entry: Buffer }>('SELECT entry FROM log_entry WHERE agreement_id = $1 AND get_byte(entry, 0) = $2', [id, CLEAR])
  const byHash = new Map(entries.map(({ entry }) => [createHash('sha256').update(entry.subarray(1)).digest('hex'), entry.subarray(1)]))
  const [row] = await snapshot.read<{ bytes: Buffer }>('SELECT bytes FROM agreement WHERE agreement_id = $1', [id])
  for (let text: Buffer | undefined = row?.bytes; text !== undefined;) {
    clear.add(text.toString('hex'))
    const read = parseAgreement(new Uint8Array(text))
    text = read instanceof Error || read.former === undefined ? undefined : byHash.get(read.former)
  }
}

async function checkMeaning(
  snapshot: Snapshot, register: Register, id: AgreementId, index: number, entry: Buffer, period: PeriodRow | undefined, clear: ReadonlySet<string>,
  found: (index: number, column: string | null, code: Finding['code'], message: string) => void, report: Report,
): Promise<void> {
  if (entry[0] !== BOUND) {
    if (clear.has(entry.subarray(1).toString('hex'))) return
    const read = parseEntry(p, entry)
    const body = read instanceof Error || read.kind !== 'clear' ? undefined : read.body
    if (body?.what === 'key-record' && body.read.record.sequence > 0) {
      const { party, sequence } = body.read.record
      report({ table: 'act_once', key: { act_key: keyRecordAct(id, party, sequence) }, column: null, code: 'missing', message: `entry ${index} of the log is this key record, and its row is not there` })
      return
    }
    const sequence = body?.what === 'head' ? body.read.head.sequence : undefined
    const [declared] = sequence === undefined ? [true] : await snapshot.read('SELECT 1 AS one FROM declaration WHERE agreement_id = $1 AND sequence = $2', [id, sequence])
    if (declared === undefined) report({ table: 'declaration', key: { agreement_id: id, sequence: String(sequence) }, column: null, code: 'missing', message: `entry ${index} of the log is its head, and its row is not there` })
    else found(index, 'entry', 'log', 'a clear entry that no agreement, key record or declaration of the register gives')
    return
  }
  if (period === undefined) {
    report({ table: 'period', key: { agreement_id: id, subject: '', entry_index: String(index) }, column: null, code: 'missing', message: 'the log has an entry of a period whose record is not there' })
    return
  }
  const members = await snapshot.read<{ salt: Buffer, digest: Buffer }>('SELECT salt, digest FROM bound WHERE agreement_id = $1 AND entry_index = $2', [id, index])
  if (members.length !== period.members) {
    report({ table: 'bound', key: { agreement_id: id, entry_index: String(index), leaf_index: '' }, column: null, code: 'missing', message: `${period.members} digests were bound here and ${members.length} are there` })
  } else if (!equal(boundEntry(treeOf(register.secrets, id, index, members).root), entry)) found(index, 'entry', 'log', 'what was bound here does not give the entry')
}

/** Declarations follow one another from the first; the log holds each of their heads, or it waits. */
async function auditHeads(snapshot: Snapshot, id: AgreementId, report: Report): Promise<void> {
  const rows = await snapshot.read<{ sequence: number }>('SELECT sequence FROM declaration WHERE agreement_id = $1 ORDER BY sequence', [id])
  const first = rows[0]?.sequence ?? 0
  rows.forEach(({ sequence }, i) => {
    if (i > 0 && sequence !== (rows[i - 1]?.sequence ?? 0) + 1) report({ table: 'declaration', key: { agreement_id: id, sequence: String(sequence - 1) }, column: null, code: 'missing', message: 'declarations follow one another, and this one is not there' })
  })
  for (let sequence = 0; sequence < Math.min(first, 2); sequence++) report({ table: 'declaration', key: { agreement_id: id, sequence: String(sequence) }, column: null, code: 'missing', message: 'declarations follow one another from 0, and this one is not there' })
}

/** Entries as the published bundles hold them; undefined where a bundle cannot be read. The last bundle is kept at hand. */
function openPublished(dataDir: string, id: AgreementId): (index: number, size: number) => Promise<Uint8Array | undefined> {
  let held: { readonly at: number, readonly entries: readonly Uint8Array[] } | undefined
  return async (index, size) => {
    const at = Math.floor(index / TILE_WIDTH)
    if (held?.at !== at) {
      const width = Math.min(TILE_WIDTH, size - at * TILE_WIDTH)
      const entries = await readFile(join(dataDir, 'published', id, 'log', entriesPath(at, width))).then((bytes) => decodeBundle(bytes, width)).catch(() => [])
      held = { at, entries }
    }
    return held.entries[index - at * TILE_WIDTH]
  }
}
