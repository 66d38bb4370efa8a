// `muster declare`: the register as of now becomes a sorted declaration (DESIGN section 4). In this order: labels of new keys from the
// label process, leaves, tree and tiles in a folder that nobody serves, head and checkpoint, the folder's final name, and last one
// transaction that records the declaration and lets its head wait for the log. A crash before it leaves a folder that no row and no log
// names: nobody can know its name, and the next run removes it. One run at a time, by lock.
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { toBase64 } from '@muster/core/bytes/bytes.ts'
import { timeOf, type Time } from '@muster/core/bytes/time.ts'
import { itemLabel, itemsBytes } from '@muster/core/proof/leaf.ts'
import { declarationOrigin } from '@muster/core/rules/agreement.ts'
import { addCount } from '@muster/core/rules/call.ts'
import { holdingAsOf } from '@muster/core/rules/holding.ts'
import { keysOfItem } from '@muster/core/rules/match-key.ts'
import { sectionList } from '@muster/core/rules/section.ts'
import type { Status } from '@muster/core/rules/status.ts'
import { bindCounts } from '@muster/core/wire/call-body.ts'
import { CLEAR, clearEntry } from '@muster/core/wire/entry.ts'
import { FOLDING_VERSION, headBytes, headHash, readHead, type Head, type ReadHead } from '@muster/core/wire/head.ts'
import { buildDeclaration, dummiesFor, dummyLeaf, type DeclaredLeaf } from '@muster/fast/declaration/build.ts'
import { openCopy } from '@muster/fast/declaration/copy.ts'
import { CHECKPOINT_FILE, folderReader } from '@muster/fast/declaration/files.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { Fault } from '../engine/fault.ts'
import { takeOffice } from '../engine/lease.ts'
import { replaceFile, syncFolder } from '../engine/replace.ts'
import { openTurns } from '../engine/turns.ts'
import { transaction } from '../store/database.ts'
import { letWait } from '../store/events.ts'
import { histories } from '../store/histories.ts'
import { keepLabels, labelsUnder, type Labels } from '../store/labels.ts'
import { bound, macHolds } from '../store/row-mac.ts'
import { countsSalt, dummyPreimage, itemSecret } from '../store/secrets.ts'
import { labelsOfOwnKeys } from './label-process.ts'
import { declarationFolder, oprfOf, originOf, type OwnLog } from './own-log.ts'
import { demandNotBehind, signNewest, withLinesOf } from './sign.ts'

export const HEAD_FILE = 'head.json'
const BUILDING = '.building-'
const PUBLIC = 0o644

export interface StoredDeclarationRow {
  readonly sequence: number
  readonly head: ReadHead
  readonly secret: Buffer
  readonly dummies: number
  readonly knownAt: Time
  /** The checkpoint with the readers' cosignatures so far. */
  readonly note: string
}

export interface Declared { readonly head: ReadHead, readonly items: number, readonly keys: number, readonly dummies: number, readonly folder: string }

type Row = { agreement_id: string, sequence: number, head: Buffer, head_sha256: Buffer, secret: Buffer, dummies: number, known_at: string, note: string, row_mac: Buffer }

const COLUMNS = 'agreement_id, sequence, head, head_sha256, secret, dummies, known_at, note, row_mac'
type At = Pick<OwnLog, 'db' | 'agreement' | 'secrets'>

function declarationIn({ secrets }: Pick<At, 'secrets'>, [row]: readonly Row[]): StoredDeclarationRow | undefined {
  if (row === undefined) return undefined
  if (!macHolds(secrets, 'declaration', { ...row })) throw new Fault('row-changed', `declaration ${row.agreement_id} ${row.sequence} was changed behind Muster's back: run muster audit`)
  const head = readHead(p, row.head)
  if (head instanceof Error) throw head
  return { sequence: row.sequence, head, secret: row.secret, dummies: row.dummies, knownAt: row.known_at, note: row.note }
}

/** The party's newest declaration; undefined before the first. Throws where its row was changed. */
export async function newestDeclaration(log: At): Promise<StoredDeclarationRow | undefined> {
  return declarationIn(log, await log.db.read<Row>(`SELECT ${COLUMNS} FROM declaration WHERE agreement_id = $1 ORDER BY sequence DESC LIMIT 1`, [log.agreement.id]))
}

/** The declaration under a head; undefined where this party made none of that hash. */
export async function declarationOf(log: At, headHash: string): Promise<StoredDeclarationRow | undefined> {
  return declarationIn(log, await log.db.read<Row>(`SELECT ${COLUMNS} FROM declaration WHERE agreement_id = $1 AND head_sha256 = $2`, [log.agreement.id, Buffer.from(headHash, 'hex')]))
}

/** The newest declaration whose head stands in the log under a signed checkpoint: one that waits for its period cannot be read by anybody. */
export async function newestReadable(log: OwnLog): Promise<StoredDeclarationRow | undefined> {
  const newest = await newestDeclaration(log)
  return newest === undefined || await isSigned(log, newest) ? newest : declarationBefore(log, newest)
}

/** The declaration before one; undefined before the first. */
export async function declarationBefore(log: At, { sequence }: StoredDeclarationRow): Promise<StoredDeclarationRow | undefined> {
  return declarationIn(log, await log.db.read<Row>(`SELECT ${COLUMNS} FROM declaration WHERE agreement_id = $1 AND sequence = $2`, [log.agreement.id, sequence - 1]))
}

/** Heads that were found under a signed checkpoint; a log never loses an entry. */
const signed = new WeakMap<object, Set<string>>()

async function isSigned(log: OwnLog, { head }: StoredDeclarationRow): Promise<boolean> {
  const found = signed.get(log.db) ?? new Set<string>()
  signed.set(log.db, found)
  if (found.has(head.hash)) return true
  const rows = await log.db.read(
    'SELECT 1 AS one FROM log_entry WHERE agreement_id = $1 AND entry = $2 AND entry_index < (SELECT coalesce(max(size), 0) FROM checkpoint WHERE agreement_id = $1) LIMIT 1',
    [log.agreement.id, Buffer.from(clearEntry(head.bytes))])
  if (rows.length > 0) found.add(head.hash)
  return rows.length > 0
}

/** The label of an item of this register under the agreement. */
function labelOfItem(log: Pick<OwnLog, 'secrets' | 'agreement'>, item: string): Uint8Array {
  return itemLabel(p, item, itemSecret(log.secrets, log.agreement.id, item))
}

/**
 * Declares the register as of `at` (POSIX seconds). `progress` hears labels done and labels in all. Faults: `already-declaring`;
 * `database-behind` or `row-changed` where the log holds what the database does not know; `clock-behind`.
 */
export async function declare(log: OwnLog, at: number, progress?: (done: number, of: number) => void): Promise<Declared> {
  const idle = log.notInForce?.(at)
  if (idle !== undefined) throw idle
  const office = await takeOffice(log.dataDir, 'declare')
  try {
    return await declareAlone(log, at, progress)
  } finally {
    office.release()
  }
}

async function declareAlone(log: OwnLog, at: number, progress?: (done: number, of: number) => void): Promise<Declared> {
  await demandNotBehind(log)
  const previous = await newestDeclaration(log)
  await demandLast(log, previous)
  const asOf = timeOf(at)
  if (previous !== undefined && asOf < previous.head.head.asOf) {
    throw new Fault('clock-behind', `this machine's clock says ${asOf}, and the last declaration is as of ${previous.head.head.asOf}: set the clock. A declaration of an earlier date would convict this party.`)
  }
  const { leaves: items, keys } = await itemLeaves(log, asOf, previous)
  const earlier = await labelsUnder(log)
  const labels = await keyLabels(log, earlier.pop() as Labels, keys, progress)
  const all = [...items, ...[...earlier, labels].flatMap((under) => keyLeaves(keys, under))]
  const size = dummiesFor(all.length + (previous?.dummies ?? 0), log.agreement.step, previous?.head.head.size ?? 0)
  const dummies = (previous?.dummies ?? 0) + size
  for (let i = 0; i < dummies; i++) all.push(dummyLeaf(dummyPreimage(log.secrets, log.agreement.id, i)))
  const secret = randomBytes(32)
  const root = dirname(declarationFolder(log, 'x'))
  await clearUnfinished(log, root)
  const building = join(root, `${BUILDING}${previous === undefined ? 0 : previous.sequence + 1}`)
  const before = previous === undefined ? {} : { previous: { size: previous.head.head.size, read: folderReader(declarationFolder(log, previous.head.hash)) } }
  const built = await buildDeclaration({ folder: building, step: log.agreement.step, secret, leaves: all, ...before })
  const head = headOf(log, built, asOf, previous, secret, items)
  await publish(log, head, building, at)
  await recordDeclaration(log, head, secret, dummies, asOf, labels)
  return { head, items: items.length, keys: labels.size, dummies, folder: declarationFolder(log, head.hash) }
}

interface ItemLeaf extends DeclaredLeaf { readonly status: Status, readonly class: string }

/** A leaf for every item ever held since the baseline, and the items of each match key, by hex. */
async function itemLeaves(log: OwnLog, asOf: Time, previous: StoredDeclarationRow | undefined): Promise<{ leaves: ItemLeaf[], keys: Map<string, Uint8Array[]> }> {
  const leaves: ItemLeaf[] = []
  const keys = new Map<string, Uint8Array[]>()
  const { classes } = log.agreement.scope
  const before = previous === undefined || classes === null ? undefined : openCopy(declarationFolder(log, previous.head.hash), { size: previous.head.head.size, root: Buffer.from(previous.head.head.root, 'base64') })
  for await (const events of histories(log.db)) {
    const holding = holdingAsOf(events, asOf, asOf)
    if (holding === undefined) continue
    const label = labelOfItem(log, holding.item)
    // What was once declared stays, also when its class was put right to one that the agreement does not cover.
    if (classes !== null && !classes.includes(holding.identity.class) && before?.find(label) === undefined) continue
    leaves.push({ kind: 'item', label, sections: sectionList(holding, events.filter((event) => event.written <= asOf)), status: holding.status, class: holding.identity.class })
    if (holding.status === 'entered-in-error') continue
    for (const { bytes } of keysOfItem(holding.identity)) {
      const name = Buffer.from(bytes).toString('hex')
      const sharing = keys.get(name)
      if (sharing === undefined) keys.set(name, [label])
      else sharing.push(label)
    }
  }
  return { leaves, keys }
}

/** Labels under the newest OPRF key, of all keys that were ever declared under it and of the new ones, by hex. A key that no item has any more keeps its label. */
async function keyLabels(log: OwnLog, known: Labels, keys: ReadonlyMap<string, unknown>, progress?: (done: number, of: number) => void): Promise<Map<string, Uint8Array>> {
  const labels = new Map(known)
  const fresh = [...keys.keys()].filter((name) => !labels.has(name))
  const made = await labelsOfOwnKeys(log, fresh.map((name) => Buffer.from(name, 'hex')), progress)
  fresh.forEach((name, i) => labels.set(name, made[i] as Uint8Array))
  return labels
}

function keyLeaves(keys: ReadonlyMap<string, readonly Uint8Array[]>, labels: Labels): DeclaredLeaf[] {
  return [...labels].map(([name, label]) => ({ kind: 'key', label, sections: [itemsBytes(keys.get(name) ?? [])] }))
}

/** What is counted: items by class and status. Bound in the head, opened when a call asks for it. */
function countsBinding(secret: Uint8Array, items: readonly ItemLeaf[]): string {
  const counts: Record<string, number> = {}
  for (const { class: kind, status } of items) addCount(counts, kind, status)
  return bindCounts(p, countsSalt(secret), counts)
}

function headOf(log: OwnLog, built: { size: number, root: Uint8Array }, asOf: Time, previous: StoredDeclarationRow | undefined, secret: Uint8Array, items: readonly ItemLeaf[]): ReadHead {
  const oprf = toBase64(oprfOf(log))
  const whole: Head = {
    v: 'muster/head/1', agreement: log.agreement.id, party: log.party, sequence: previous === undefined ? 0 : previous.sequence + 1, asOf,
    previous: previous?.head.hash ?? null, oprf, folding: FOLDING_VERSION, size: built.size, root: toBase64(built.root), counts: countsBinding(secret, items),
    rekeyed: previous !== undefined && previous.head.head.oprf !== oprf,
  }
  return { head: whole, bytes: headBytes(whole), hash: headHash(p, whole) }
}

/** Removes folders that a run left which did not come to its end. What a row or the log names is never touched. */
async function clearUnfinished(log: OwnLog, root: string): Promise<void> {
  await mkdir(root, { recursive: true })
  const rows = await log.db.read<{ head_sha256: Buffer }>('SELECT head_sha256 FROM declaration WHERE agreement_id = $1', [log.agreement.id])
  const named = new Set(rows.map(({ head_sha256 }) => head_sha256.toString('hex')))
  for (const name of await readdir(root)) if (!named.has(name)) await rm(join(root, name), { recursive: true, force: true })
}

/** The newest declaration that the log or its waiting entries name is the newest that the database knows: else its row is gone, and the next head would be a second one. */
async function demandLast(log: OwnLog, previous: StoredDeclarationRow | undefined): Promise<void> {
  const rows = await log.db.read<{ entry: Buffer }>('SELECT entry FROM log_entry WHERE agreement_id = $1 AND get_byte(entry, 0) = $2', [log.agreement.id, CLEAR])
  for (const { entry } of rows) {
    const head = readHead(p, new Uint8Array(entry.subarray(1)))
    if (head instanceof Error) continue
    const { sequence } = head.head
    if (sequence > (previous?.sequence ?? -1) || (sequence === previous?.sequence && head.hash !== previous.head.hash)) {
      throw new Fault('row-changed', `the log names declaration ${sequence} of ${log.agreement.id}, head ${head.hash}, and the database does not know it: run muster audit. Nothing is declared until its row is there again.`)
    }
  }
}

async function publish(log: OwnLog, head: ReadHead, building: string, at: number): Promise<void> {
  const origin = declarationOrigin(originOf(log), head.hash)
  const root = Buffer.from(head.head.root, 'base64')
  await replaceFile(join(building, HEAD_FILE), head.bytes, PUBLIC)
  await replaceFile(join(building, CHECKPOINT_FILE), signNewest(log, { origin, size: head.head.size, root }, at), PUBLIC)
  await rename(building, declarationFolder(log, head.hash))
  await syncFolder(dirname(building))
}

async function recordDeclaration(log: OwnLog, head: ReadHead, secret: Buffer, dummies: number, knownAt: Time, labels: Labels): Promise<void> {
  const note = await readFile(join(declarationFolder(log, head.hash), CHECKPOINT_FILE), 'utf8')
  const agreement_id = log.agreement.id
  const row = bound(log.secrets, 'declaration', {
    agreement_id, sequence: head.head.sequence, head: head.bytes, head_sha256: Buffer.from(head.hash, 'hex'), secret, dummies, known_at: knownAt, note,
  })
  await transaction(log.db, async (tx) => {
    await keepLabels(tx, log, labels)
    await tx.write('INSERT INTO declaration (agreement_id, sequence, head, head_sha256, secret, dummies, known_at, note, row_mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)',
      [agreement_id, row.sequence, Buffer.from(row.head), row.head_sha256, row.secret, row.dummies, row.known_at, row.note, row.row_mac])
    await letWait(tx, log.secrets, agreement_id, 'clear', [{ id: `2-head-${String(row.sequence).padStart(8, '0')}`, bytes: head.bytes }])
  })
}

/** Adds the readers' lines of a note to the stored and the published checkpoint of a declaration. Resolves to what stands. */
export async function storeRead(log: OwnLog, declaration: StoredDeclarationRow, note: string): Promise<string> {
  const { sequence, head } = declaration
  await transaction(log.db, async (tx) => {
    const stored = declarationIn(log, await tx.read<Row>(`SELECT ${COLUMNS} FROM declaration WHERE agreement_id = $1 AND sequence = $2 FOR UPDATE`, [log.agreement.id, sequence]))
    if (stored === undefined) throw gone(log, sequence)
    const whole = withLinesOf(stored.note, note)
    const row = bound(log.secrets, 'declaration', {
      agreement_id: log.agreement.id, sequence, head: head.bytes, head_sha256: Buffer.from(head.hash, 'hex'), secret: stored.secret, dummies: stored.dummies, known_at: stored.knownAt, note: whole,
    })
    await tx.write('UPDATE declaration SET note = $3, row_mac = $4 WHERE agreement_id = $1 AND sequence = $2', [log.agreement.id, sequence, whole, row.row_mac])
  })
  return publishRead(log, declaration)
}

const inTurn = openTurns()

/**
 * Publishes the checkpoint as its row has it now, where the file says something else: of two readers that answer at once the later publishes
 * both, and what a crash left unpublished is made up for. Resolves to the note.
 */
export async function publishRead(log: OwnLog, { sequence, head }: StoredDeclarationRow): Promise<string> {
  const path = join(declarationFolder(log, head.hash), CHECKPOINT_FILE)
  return inTurn(path, async () => {
    const stored = declarationIn(log, await log.db.read<Row>(`SELECT ${COLUMNS} FROM declaration WHERE agreement_id = $1 AND sequence = $2`, [log.agreement.id, sequence]))
    if (stored === undefined) throw gone(log, sequence)
    const published = await readFile(path, 'utf8').catch(() => undefined)
    if (published !== stored.note) await replaceFile(path, stored.note, PUBLIC)
    return stored.note
  })
}

function gone(log: OwnLog, sequence: number): Fault {
  return new Fault('row-changed', `declaration ${log.agreement.id} ${sequence} is gone: run muster audit`)
}
