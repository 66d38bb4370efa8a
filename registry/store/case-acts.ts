// What is done in a case, act by act, each decided by the law on all acts before it, and bound in every log.
import { createHash } from 'node:crypto'
import { canonical } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { Time } from '@muster/core/bytes/time.ts'
import { caseActOf, decideCase, DOCUMENT_BYTES_MAX, type CaseAct, type CaseActOf, type CaseId, type WrittenAct } from '@muster/core/rules/case.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import { recordedFind } from '@muster/core/rules/recovered-mark.ts'
import { Fault } from '../engine/fault.ts'
import type { Photo } from '../intake/photo.ts'
import { transaction, type Reader, type Transaction } from './database.ts'
import { eventsOf } from './events.ts'
import { storePhotos } from './photos.ts'
import type { Register } from './register.ts'
import { bound, macHolds } from './row-mac.ts'
import type { Secrets } from './secrets.ts'
import { letRowWait } from './sole-rows.ts'

type FileRow = { case_id: CaseId, title: string, opened_by: string, opened_and: string, written: string, row_mac: Buffer }
type ActRow = { case_id: CaseId, seq: number, act: string, written: string, row_mac: Buffer }
type Told = Omit<CaseActOf<'watch-told'>['data'], 'id'>

export type CaseFileCode = 'case/unknown' | 'case/no-find' | 'case/document'

/** By whom the registry's own acts are. */
const REGISTRY = 'Muster'

/** The row of a case with its acts after the opening, as they are kept; undefined where there is none. Throws where a row was changed. */
export async function caseRows(db: Reader, secrets: Secrets, id: CaseId): Promise<{ readonly file: FileRow, readonly acts: readonly ActRow[] } | undefined> {
  const [file] = await db.read<FileRow>('SELECT case_id, title, opened_by, opened_and, written, row_mac FROM case_file WHERE case_id = $1', [id])
  if (file === undefined) return undefined
  const acts = await db.read<ActRow>('SELECT case_id, seq, act, written, row_mac FROM case_act WHERE case_id = $1 ORDER BY seq', [id])
  if (!macHolds(secrets, 'case_file', { ...file })) throw new Fault('row-changed', `case_file ${id} was changed behind Muster's back: run muster audit`)
  for (const act of acts) if (!macHolds(secrets, 'case_act', { ...act })) throw new Fault('row-changed', `case_act ${id} ${act.seq} was changed behind Muster's back: run muster audit`)
  return { file, acts }
}

/** All acts of a case, its opening first. */
export async function caseActs(db: Reader, secrets: Secrets, id: CaseId): Promise<WrittenAct[]> {
  const rows = await caseRows(db, secrets, id)
  if (rows === undefined) throw new Refusal<CaseFileCode>('case/unknown', `the register holds no case ${id}`, 'id')
  const { file, acts } = rows
  const opened: WrittenAct = { kind: 'opened', by: file.opened_by, and: file.opened_and, data: { title: file.title }, seq: 0, written: file.written }
  return [opened, ...acts.map(({ act, seq, written }): WrittenAct => {
    const read = caseActOf(JSON.parse(act))
    if (read instanceof Refusal) throw read
    return { ...read, seq, written }
  })]
}

async function append(tx: Transaction, secrets: Secrets, id: CaseId, { seq, written, ...act }: WrittenAct): Promise<void> {
  const row = bound(secrets, 'case_act', { case_id: id, seq, act: canonical(act), written })
  await tx.write('INSERT INTO case_act (case_id, seq, act, written, row_mac) VALUES ($1, $2, $3, $4, $5)', [row.case_id, row.seq, row.act, row.written, row.row_mac])
  await letRowWait(tx, secrets, 'case_act', `${id} ${seq}`, row)
}

/** Decides and appends within a transaction; whoever acts in the case at the same time waits. */
async function appendDecided(tx: Transaction, secrets: Secrets, id: CaseId, request: CaseAct, at: Time): Promise<WrittenAct> {
  await tx.read('SELECT case_id FROM case_file WHERE case_id = $1 FOR UPDATE', [id])
  const decided = decideCase(await caseActs(tx, secrets, id), request, at)
  if (decided instanceof Refusal) throw decided
  await append(tx, secrets, id, decided)
  return decided
}

/** The bytes of a document: a picture is kept without its metadata, under the hash of its original. */
export type DocumentBytes = { readonly bytes: Uint8Array, readonly mediaType: string } | { readonly photo: Photo }

/** Appends one act. Throws the law's Refusal, `case/unknown`, or `case/no-find` where a recovery names an item that was neither found nor seized here. */
export async function actInCase(register: Register, id: CaseId, value: unknown, at: Time, document?: DocumentBytes): Promise<WrittenAct> {
  const request = caseActOf(value)
  if (request instanceof Refusal) throw request
  const { db, secrets } = register
  if (request.kind === 'recovery-added') for (const item of request.data.items) await demandFind(register, item)
  if (request.kind === 'document-added') demandDocument(request, document)
  return transaction(db, async (tx) => {
    if (document !== undefined) await storeDocument(tx, secrets, document, request.by, at)
    const act = await appendDecided(tx, secrets, id, request, at)
    if (request.kind === 'recovery-added') for (const told of await toldOf(tx, request.data.items)) await appendTold(tx, secrets, id, told, at)
    return act
  })
}

async function demandFind({ db }: Register, item: ItemId): Promise<void> {
  const events = await eventsOf(db, item)
  if (!events.some((event) => recordedFind(event) !== undefined)) throw new Refusal<CaseFileCode>('case/no-find', `item ${item} was neither found nor seized here`, 'data.items')
}

function demandDocument({ data: { sha256, bytes } }: CaseActOf<'document-added'>, document: DocumentBytes | undefined): void {
  const hash = document === undefined ? undefined : 'photo' in document ? Buffer.from(document.photo.originalSha256).toString('hex') : createHash('sha256').update(document.bytes).digest('hex')
  if (hash !== sha256 || bytes > DOCUMENT_BYTES_MAX) throw new Refusal<CaseFileCode>('case/document', 'the document comes with its bytes, which give its hash', 'data.sha256')
}

async function storeDocument(tx: Transaction, secrets: Secrets, document: DocumentBytes, by: string, at: Time): Promise<void> {
  if ('photo' in document) return storePhotos(tx, secrets, [document.photo], by, at)
  const sha256 = createHash('sha256').update(document.bytes).digest()
  if ((await tx.read('SELECT sha256 FROM document WHERE sha256 = $1', [sha256])).length > 0) return
  const row = bound(secrets, 'document', { sha256, bytes: Buffer.from(document.bytes), media_type: document.mediaType, taken_by: by, written: at })
  await tx.write('INSERT INTO document (sha256, bytes, media_type, taken_by, written, row_mac) VALUES ($1, $2, $3, $4, $5, $6)', [row.sha256, row.bytes, row.media_type, row.taken_by, row.written, row.row_mac])
}

/** The news of watches over these items that was told before a case held them. */
async function toldOf(tx: Transaction, items: readonly ItemId[]): Promise<Told[]> {
  const rows = await tx.read<{ watch_id: string, item_id: ItemId, party: Told['party'], agreement_id: Told['agreement'], what: Told['what'], label: Buffer, sequence: number }>(
    'SELECT n.watch_id, w.item_id, w.party, n.agreement_id, n.what, n.label, n.sequence FROM watch_news n JOIN watch w ON w.watch_id = n.watch_id WHERE w.item_id = ANY($1) ORDER BY n.found, n.watch_id, n.label', [items])
  return rows.map((row) => ({ watch: row.watch_id, item: row.item_id, party: row.party, agreement: row.agreement_id, what: row.what, label: row.label.toString('hex'), sequence: row.sequence }))
}

const LABEL_SHOWN = 8

async function appendTold(tx: Transaction, secrets: Secrets, id: CaseId, told: Told, at: Time): Promise<void> {
  const name = `watch-${told.watch.slice(0, LABEL_SHOWN)}-${told.label.slice(0, LABEL_SHOWN)}`
  await appendDecided(tx, secrets, id, { kind: 'watch-told', by: REGISTRY, and: null, data: { id: name, ...told } }, at)
}

/** Each case that holds the item gets the news as a fact to rest on, within the transaction that writes the news. */
export async function tellCases(tx: Transaction, secrets: Secrets, told: Told, at: Time): Promise<void> {
  const rows = await tx.read<{ case_id: CaseId, act: string }>("SELECT case_id, act FROM case_act WHERE position($1 in act) > 0 AND position('\"recovery-added\"' in act) > 0 ORDER BY case_id, seq", [told.item])
  const cases = rows.filter(({ act }) => {
    const read = caseActOf(JSON.parse(act))
    return !(read instanceof Refusal) && read.kind === 'recovery-added' && read.data.items.includes(told.item)
  })
  for (const id of new Set(cases.map(({ case_id }) => case_id))) await appendTold(tx, secrets, id, told, at)
}
