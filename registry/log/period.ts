// Closing a period (DESIGN section 4): what waits becomes entries of the log, in one transaction. Each period adds exactly one binding of
// events and one of messages, also when there were none, so the log's growth tells nobody what moves; clear entries stand beside them.
// A crash before the commit leaves everything waiting; after it the entries are durable, and tiles and signature follow by the normal path.
import { randomBytes } from 'node:crypto'
import { timeOf } from '@muster/core/bytes/time.ts'
import { boundEntry, clearEntry } from '@muster/core/wire/entry.ts'
import { bindDigest, periodSize, periodTree, type PeriodTree } from '@muster/core/wire/period.ts'
import { toHex } from '@muster/core/bytes/bytes.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { transaction, type Transaction } from '../store/database.ts'
import { insertRows } from '../store/events.ts'
import { macHolds, bound as bindRow } from '../store/row-mac.ts'
import { derive, type Secrets } from '../store/secrets.ts'
import { checkpointDigest, soleName } from '../store/sole-rows.ts'
import { Fault } from '../engine/fault.ts'
import type { OwnLog } from './own-log.ts'

/** Digests bound in one period; more wait for the next. */
const MEMBERS_MAX = 100_000

interface Waiting { readonly agreement_id: string, readonly subject: string, readonly subject_id: string, readonly bytes: Buffer, readonly row_mac: Buffer }
type CheckpointRow = { agreement_id: string, size: number, note: string, row_mac: Buffer }
interface Member { readonly subject_id: string, readonly salt: Buffer, readonly digest: Buffer }

/** Padding leaf `i` of the tree at an entry: made again from the register's key when a path is asked for. */
function padding(secrets: Secrets, agreement: string, entryIndex: number, count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => derive(secrets.pad, agreement, `\n${entryIndex}\n${i}`))
}

/** The tree of a period's members at its entry. */
export function treeOf(secrets: Secrets, agreement: string, entryIndex: number, members: readonly { readonly salt: Uint8Array, readonly digest: Uint8Array }[]): PeriodTree {
  const bindings = members.map(({ salt, digest }) => bindDigest(p, salt, digest))
  return periodTree(p, bindings, padding(secrets, agreement, entryIndex, periodSize(bindings.length) - bindings.length))
}

/** Adds one period's entries; resolves to the log's new size. `at`: POSIX seconds. */
export async function closePeriod(log: OwnLog, at: number): Promise<number> {
  const agreement = log.agreement.id
  return transaction(log.db, async (tx) => {
    let index = await nextIndex(tx, agreement)
    const clear = await take(tx, log.secrets, agreement, 'clear')
    for (const { bytes } of clear) await addEntry(tx, agreement, index++, clearEntry(bytes))
    for (const subject of ['event', 'message'] as const) {
      const members = (await take(tx, log.secrets, agreement, subject)).map(({ subject_id, bytes }): Member => ({ subject_id, salt: randomBytes(32), digest: bytes }))
      if (subject === 'event') members.push(...await lastCheckpoint(tx, log.secrets, agreement))
      await bindMembers(tx, log, subject, index++, members, timeOf(at))
    }
    return index
  })
}

async function nextIndex(tx: Transaction, agreement: string): Promise<number> {
  const [row] = await tx.read<{ next: number }>('SELECT coalesce(max(entry_index) + 1, 0) AS next FROM log_entry WHERE agreement_id = $1', [agreement])
  return row?.next ?? 0
}

/** Takes what waits, checking each row: a binding that somebody slipped in must not be signed. */
async function take(tx: Transaction, secrets: Secrets, agreement: string, subject: string): Promise<Waiting[]> {
  const rows = await tx.read<Waiting>(
    'SELECT agreement_id, subject, subject_id, bytes, row_mac FROM waiting WHERE agreement_id = $1 AND subject = $2 ORDER BY subject_id LIMIT $3', [agreement, subject, MEMBERS_MAX])
  for (const row of rows) {
    if (!macHolds(secrets, 'waiting', { ...row })) throw new Fault('row-changed', `waiting ${agreement} ${subject} ${row.subject_id} was changed behind Muster's back: nothing is signed; run muster audit`)
  }
  if (rows.length > 0) {
    await tx.write('DELETE FROM waiting WHERE agreement_id = $1 AND subject = $2 AND subject_id = ANY($3)', [agreement, subject, rows.map((row) => row.subject_id)])
  }
  return rows
}

/** The newest signed checkpoint, where no period has bound it: so the log itself says which of its checkpoints there were. */
async function lastCheckpoint(tx: Transaction, secrets: Secrets, agreement: string): Promise<Member[]> {
  const [row] = await tx.read<CheckpointRow>('SELECT agreement_id, size, note, row_mac FROM checkpoint WHERE agreement_id = $1 ORDER BY size DESC LIMIT 1', [agreement])
  if (row === undefined) return []
  if (!macHolds(secrets, 'checkpoint', { ...row })) throw new Fault('row-changed', `checkpoint ${agreement} ${row.size} was changed behind Muster's back: nothing is signed; run muster audit`)
  const subject_id = soleName('checkpoint', row.size)
  const held = await tx.read('SELECT 1 AS one FROM bound WHERE agreement_id = $1 AND subject_id = $2', [agreement, subject_id])
  return held.length > 0 ? [] : [{ subject_id, salt: randomBytes(32), digest: checkpointDigest(agreement, row.size, row.note) }]
}

async function bindMembers(tx: Transaction, log: OwnLog, subject: 'event' | 'message', index: number, members: readonly Member[], closed: string): Promise<void> {
  const agreement = log.agreement.id
  const tree = treeOf(log.secrets, agreement, index, members)
  await addEntry(tx, agreement, index, boundEntry(tree.root))
  const period = bindRow(log.secrets, 'period', { agreement_id: agreement, subject, entry_index: index, closed, members: members.length })
  await tx.write('INSERT INTO period (agreement_id, subject, entry_index, closed, members, row_mac) VALUES ($1, $2, $3, $4, $5, $6)',
    [agreement, subject, index, closed, members.length, period.row_mac])
  const places = new Map(tree.leaves.map((leaf, i) => [toHex(leaf), i]))
  const rows = members.map(({ subject_id, salt, digest }) => {
    const leaf_index = places.get(toHex(bindDigest(p, salt, digest))) as number
    const row = bindRow(log.secrets, 'bound', { agreement_id: agreement, entry_index: index, leaf_index, subject, subject_id, salt, digest })
    return [agreement, index, leaf_index, subject, subject_id, salt, digest, row.row_mac]
  })
  await insertRows(tx, 'bound', ['agreement_id', 'entry_index', 'leaf_index', 'subject', 'subject_id', 'salt', 'digest', 'row_mac'], rows)
}

async function addEntry(tx: Transaction, agreement: string, index: number, entry: Uint8Array): Promise<void> {
  await tx.write('INSERT INTO log_entry (agreement_id, entry_index, entry) VALUES ($1, $2, $3)', [agreement, index, Buffer.from(entry)])
}
