// Rows that should be there because others name them: what a mac cannot tell, since a row that was removed carries none.
import { createHash } from 'node:crypto'
import { strictJson } from '@muster/core/bytes/shaped-json.ts'
import { parseAgreement } from '@muster/core/rules/agreement.ts'
import { caseActOf } from '@muster/core/rules/case.ts'
import { EVENT_BYTES_MAX } from '@muster/core/rules/custody-event.ts'
import { onceTag } from './act-once.ts'
import { BOUND_ACTS } from './acts-once.ts'
import type { Report } from './finding.ts'
import { ACTS_OF_ALL_LOGS } from './placed-acts.ts'
import type { Row } from './row-mac.ts'
import type { Snapshot } from './snapshot.ts'
import { checkpointDigest, soleDigest, soleName, soleOf, type SoleTable } from './sole-rows.ts'

type Batch = { readonly batch_id: string, readonly act: string, readonly events: number, readonly digest: Buffer }

/** `photos`: originals' hashes in hex that events name. */
export async function auditReferences(snapshot: Snapshot, report: Report, photos: ReadonlySet<string>): Promise<void> {
  const batches = await snapshot.read<Batch>('SELECT batch_id, act, events, digest FROM event_batch')
  await auditImports(snapshot, report, batches)
  await auditPhotos(snapshot, report, photos)
  await auditDocuments(snapshot, report)
  await auditOnce(snapshot, report, batches)
  const joined = await auditAgreements(snapshot, report)
  for (const agreement of joined) await auditBindings(snapshot, report, agreement, batches)
}

async function auditImports(snapshot: Snapshot, report: Report, batches: readonly Batch[]): Promise<void> {
  const runs = new Map((await snapshot.read<{ import_id: string, accepted: number }>('SELECT import_id, accepted FROM import_run')).map((run) => [run.import_id, run.accepted]))
  const held = await snapshot.read<{ import_id: string, rows: number }>('SELECT import_id, count(*) AS rows FROM intake_row GROUP BY import_id')
  for (const { import_id, rows } of held) {
    const accepted = runs.get(import_id)
    runs.delete(import_id)
    if (accepted === undefined) report({ table: 'import_run', key: { import_id }, column: null, code: 'missing', message: `${rows} rows came with this import and it is not there` })
    else if (accepted !== rows) report({ table: 'import_run', key: { import_id }, column: 'accepted', code: 'missing', message: `it accepted ${accepted} rows and ${rows} stand in intake_row` })
  }
  for (const [import_id, accepted] of runs) if (accepted > 0) report({ table: 'import_run', key: { import_id }, column: 'accepted', code: 'missing', message: `it accepted ${accepted} rows and none stand in intake_row` })
  const imported = batches.filter(({ act }) => act.startsWith('import '))
  const events = imported.reduce((sum, batch) => sum + batch.events, 0)
  if (events !== held.reduce((sum, { rows }) => sum + rows, 0)) await nameImported(snapshot, report, imported.map(({ batch_id }) => batch_id))
}

/** Only where the counts differ: which imported items have no row of origin, and which rows no item. */
async function nameImported(snapshot: Snapshot, report: Report, batches: readonly string[]): Promise<void> {
  const origins = new Map<string, string>()
  for await (const rows of snapshot.batches<{ fingerprint: Buffer, item_id: string }>('SELECT fingerprint, item_id FROM intake_row')) for (const { item_id, fingerprint } of rows) origins.set(item_id, fingerprint.toString('hex'))
  for await (const rows of snapshot.batches<{ item_id: string }>('SELECT item_id FROM custody_event WHERE batch_id = ANY($1) AND seq = 0', [batches])) {
    for (const { item_id } of rows) {
      if (!origins.delete(item_id)) report({ table: 'intake_row', key: { fingerprint: '', item_id }, column: null, code: 'missing', message: 'the item came with an import and its row of origin was removed' })
    }
  }
  for (const [item_id, fingerprint] of origins) report({ table: 'intake_row', key: { fingerprint, item_id }, column: null, code: 'extra', message: 'no import brought this item' })
}

async function auditPhotos(snapshot: Snapshot, report: Report, photos: ReadonlySet<string>): Promise<void> {
  const scans = await snapshot.read<{ scan: Buffer }>('SELECT scan FROM paper WHERE scan IS NOT NULL')
  const named = new Set([...photos, ...scans.map(({ scan }) => scan.toString('hex'))])
  if (named.size === 0) return
  const rows = await snapshot.read<{ original_sha256: Buffer }>('SELECT original_sha256 FROM photo')
  const held = new Set(rows.map(({ original_sha256 }) => original_sha256.toString('hex')))
  for (const hash of named) if (!held.has(hash)) report({ table: 'photo', key: { original_sha256: hash }, column: null, code: 'missing', message: 'an event or a paper names this photo and its copy is not there' })
}

/** The bytes of every document that a case has, as they came or as a picture's copy, and no others. */
async function auditDocuments(snapshot: Snapshot, report: Report): Promise<void> {
  const acts = await snapshot.read<{ act: string }>("SELECT act FROM case_act WHERE position('\"document-added\"' in act) > 0")
  const named = new Set(acts.flatMap(({ act }) => {
    const parsed = strictJson('case', EVENT_BYTES_MAX, Buffer.from(act))
    // What somebody wrote by hand may be no act at all; its mac has convicted it.
    const read = parsed instanceof Error ? parsed : caseActOf(parsed.value)
    return !(read instanceof Error) && read.kind === 'document-added' ? [read.data.sha256] : []
  }))
  const documents = await snapshot.read<{ sha256: Buffer, bytes: Buffer }>('SELECT sha256, bytes FROM document')
  for (const { sha256, bytes } of documents) {
    const hash = sha256.toString('hex')
    if (!named.delete(hash)) report({ table: 'document', key: { sha256: hash }, column: null, code: 'extra', message: 'no case has this document' })
    if (createHash('sha256').update(bytes).digest('hex') !== hash) report({ table: 'document', key: { sha256: hash }, column: 'bytes', code: 'digest', message: 'its bytes do not give its hash' })
  }
  const photos = new Set((await snapshot.read<{ original_sha256: Buffer }>('SELECT original_sha256 FROM photo WHERE original_sha256 = ANY($1)', [[...named].map((hash) => Buffer.from(hash, 'hex'))])).map(({ original_sha256 }) => original_sha256.toString('hex')))
  for (const hash of named) if (!photos.has(hash)) report({ table: 'document', key: { sha256: hash }, column: null, code: 'missing', message: 'a case has this document and its bytes are not there' })
}

async function auditOnce(snapshot: Snapshot, report: Report, batches: readonly Batch[]): Promise<void> {
  const tagged = batches.filter(({ act }) => act.includes(' once '))
  if (tagged.length === 0) return
  const rows = await snapshot.read<{ act_key: string }>('SELECT act_key FROM act_once')
  const held = new Set(rows.map(({ act_key }) => onceTag(act_key)))
  for (const { act, batch_id } of tagged) {
    const tag = act.slice(act.indexOf('once '))
    if (!held.has(tag)) report({ table: 'act_once', key: { act_key: tag }, column: null, code: 'missing', message: `batch ${batch_id} was written once under a key whose record was removed` })
  }
}

const NAMING = ['peer', 'waiting', 'log_entry', 'period', 'bound', 'checkpoint', 'declaration', 'key_label', 'later_label', 'message', 'receipted', 'trace', 'paper', 'watch', 'watch_news'] as const

/** Each agreement that other rows name is there, and each of its parties has its key record. Resolves to the ids. */
async function auditAgreements(snapshot: Snapshot, report: Report): Promise<string[]> {
  const rows = await snapshot.read<{ agreement_id: string, bytes: Buffer }>('SELECT agreement_id, bytes FROM agreement')
  const ids = new Set(rows.map(({ agreement_id }) => agreement_id))
  for (const table of NAMING) {
    for (const { agreement_id } of await snapshot.read<{ agreement_id: string }>(`SELECT DISTINCT agreement_id FROM ${table}`)) {
      if (ids.has(agreement_id)) continue
      ids.add(agreement_id)
      report({ table: 'agreement', key: { agreement_id }, column: null, code: 'missing', message: `rows of ${table} name this agreement and it is not there` })
    }
  }
  for (const { agreement_id, bytes } of rows) {
    const agreement = parseAgreement(bytes)
    if (agreement instanceof Error) continue
    const peers = new Set((await snapshot.read<{ party: string }>('SELECT party FROM peer WHERE agreement_id = $1', [agreement_id])).map(({ party }) => party))
    for (const { id } of agreement.parties) if (!peers.has(id)) report({ table: 'peer', key: { agreement_id, party: id }, column: null, code: 'missing', message: 'the agreement has this party and its key record is not there' })
  }
  return rows.map(({ agreement_id }) => agreement_id)
}

const idText = (cell: Row[string] | undefined): string => cell instanceof Uint8Array ? Buffer.from(cell).toString('hex') : String(cell ?? '')

/** Digests of the rows that nothing else speaks of, by their names. */
async function soleDigests(snapshot: Snapshot, agreement_id: string): Promise<Map<string, Buffer>> {
  const digests = new Map<string, Buffer>()
  const put = (table: Exclude<SoleTable, 'checkpoint'>, column: string, rows: readonly Row[], beside?: string): void => {
    for (const row of rows) digests.set(soleName(table, [column, ...(beside === undefined ? [] : [beside])].map((name) => idText(row[name])).join(' ')), soleDigest(table, row))
  }
  type Text = Record<string, string | null>
  type Mixed = Record<string, string | number | Buffer | null>
  put('case_file', 'case_id', await snapshot.read<Text>('SELECT case_id, title, opened_by, opened_and, written FROM case_file'))
  put('breach', 'breach_id', await snapshot.read<Text>('SELECT breach_id, agreement_id, party, code, evidence, found FROM breach WHERE agreement_id = $1', [agreement_id]))
  put('settlement', 'breach_id', await snapshot.read<Text>('SELECT breach_id, agreement_id, settled_by, settled_and, reason, settled FROM settlement WHERE agreement_id = $1', [agreement_id]))
  put('trace', 'trace_id', await snapshot.read<Text>('SELECT trace_id, item_id, agreement_id, state, outcome, dossier_path, started, ended FROM trace WHERE agreement_id = $1', [agreement_id]))
  put('paper', 'paper_id', await snapshot.read<Mixed>('SELECT paper_id, agreement_id, call_id, state, said, scan, done_by, done_and, written FROM paper WHERE agreement_id = $1', [agreement_id]))
  put('watch', 'watch_id', await snapshot.read<Mixed>('SELECT watch_id, agreement_id, party, item_id, find_seq, trace_id, sequence, oprf, labels, started FROM watch WHERE agreement_id = $1', [agreement_id]))
  put('watch_news', 'watch_id', await snapshot.read<Mixed>('SELECT watch_id, label, agreement_id, what, sequence, proof, found FROM watch_news WHERE agreement_id = $1', [agreement_id]), 'label')
  put('case_act', 'case_id', await snapshot.read<Mixed>('SELECT case_id, seq, act, written FROM case_act'), 'seq')
  put('office_act', 'office_id', await snapshot.read<Mixed>('SELECT office_id, seq, kind, person, said, written FROM office_act'), 'seq')
  put('act_once', 'act_key', await snapshot.read<Text>("SELECT act_key, answer, written FROM act_once WHERE act_key ~ $2 AND split_part(act_key, ' ', 2) = $1 OR act_key ~ $3", [agreement_id, BOUND_ACTS, ACTS_OF_ALL_LOGS]))
  for (const { size, note } of await snapshot.read<{ size: number, note: string }>('SELECT size, note FROM checkpoint WHERE agreement_id = $1', [agreement_id])) {
    digests.set(soleName('checkpoint', size), checkpointDigest(agreement_id, size, note))
  }
  return digests
}

const SOLE_KEY: Readonly<Record<Exclude<SoleTable, 'checkpoint'>, readonly string[]>> = {
  case_file: ['case_id'], breach: ['breach_id'], settlement: ['breach_id'], trace: ['trace_id'], paper: ['paper_id'], act_once: ['act_key'], watch: ['watch_id'], watch_news: ['watch_id', 'label'], case_act: ['case_id', 'seq'], office_act: ['office_id', 'seq'],
}

function soleKey({ table, id }: { readonly table: SoleTable, readonly id: string }, agreement_id: string): Record<string, string> {
  if (table === 'checkpoint') return { agreement_id, size: id }
  const names = SOLE_KEY[table]
  const parts = names.length === 1 ? [id] : id.split(' ')
  return Object.fromEntries(names.map((name, i) => [name, parts[i] ?? '']))
}

/** Every batch and message waits for the log or is bound in it, with the digest that it has; and what waits or is bound is there. */
async function auditBindings(snapshot: Snapshot, report: Report, agreement_id: string, batches: readonly Batch[]): Promise<void> {
  const digests = new Map<string, Buffer>()
  for (const { batch_id, digest } of batches) digests.set(`event ${batch_id}`, digest)
  const sole = await soleDigests(snapshot, agreement_id)
  for (const [name, digest] of sole) digests.set(`event ${name}`, digest)
  const messages = await snapshot.read<{ direction: string, message_id: Buffer }>('SELECT direction, message_id FROM message WHERE agreement_id = $1', [agreement_id])
  for (const { direction, message_id } of messages) digests.set(`message ${direction} ${message_id.toString('hex')}`, message_id)
  // The newest checkpoint is bound by the next period, and is held to what is kept outside the database.
  const unbound = new Set([...digests.keys()].filter((name) => !name.startsWith('event checkpoint ')))
  const look = (table: 'waiting' | 'bound', key: Record<string, string>, subject: string, id: string, digest: Buffer): void => {
    const name = `${subject} ${id}`
    const held = digests.get(name)
    unbound.delete(name)
    const spoken = subject === 'event' ? soleOf(id) : undefined
    const named = spoken !== undefined ? { table: spoken.table, key: soleKey(spoken, agreement_id), column: null }
      : subject === 'event' ? { table: 'event_batch' as const, key: { batch_id: id }, column: 'digest' } : { table: 'message' as const, key: { message_id: id }, column: 'message_id' }
    if (held === undefined) report({ ...named, column: null, code: 'missing', message: `it is ${table} in ${agreement_id} and is not there` })
    else if (!held.equals(digest)) report({ ...named, code: 'log', message: `another digest of it is ${table} in ${agreement_id} (${Object.values(key).join(' ')})` })
  }
  for (const { subject, subject_id, bytes } of await snapshot.read<{ subject: string, subject_id: string, bytes: Buffer }>("SELECT subject, subject_id, bytes FROM waiting WHERE agreement_id = $1 AND subject <> 'clear'", [agreement_id])) {
    look('waiting', { agreement_id, subject, subject_id }, subject, subject_id, bytes)
  }
  for await (const rows of snapshot.batches<{ entry_index: number, leaf_index: number, subject: string, subject_id: string, digest: Buffer }>('SELECT entry_index, leaf_index, subject, subject_id, digest FROM bound WHERE agreement_id = $1', [agreement_id])) {
    for (const { entry_index, leaf_index, subject, subject_id, digest } of rows) look('bound', { agreement_id, entry_index: String(entry_index), leaf_index: String(leaf_index) }, subject, subject_id, digest)
  }
  for (const name of unbound) {
    const [subject = '', ...id] = name.split(' ')
    report({ table: 'waiting', key: { agreement_id, subject, subject_id: id.join(' ') }, column: null, code: 'missing', message: 'it neither waits for the log nor is bound in it' })
  }
}
