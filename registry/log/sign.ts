// Signing a log's checkpoint. The order is what a crash may leave: entries in the database, tiles on disk, the checkpoint kept outside the
// database, its row, and last the published file. Whatever was kept may have been seen; so a database that is behind what is kept, or
// whose entries give another root for the kept size, signs nothing.
import { createHash } from 'node:crypto'
import { equal, utf8 } from '@muster/core/bytes/bytes.ts'
import { verifyLogCheckpoint, logKeysOf, signCheckpoint, type SignedCheckpoint } from '@muster/core/proof/checkpoint.ts'
import { rootFromTiles } from '@muster/core/proof/tile.ts'
import { fromUtf8 } from '@muster/core/bytes/bytes.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { join } from 'node:path'
import { mkdir } from 'node:fs/promises'
import { Fault } from '../engine/fault.ts'
import { replaceFile } from '../engine/replace.ts'
import { transaction } from '../store/database.ts'
import { keep, kept } from '../store/kept.ts'
import { bound } from '../store/row-mac.ts'
import { logFolder, originOf, type OwnLog } from './own-log.ts'
import { entriesOf, tilesIn, writeTiles } from '../store/tiles.ts'

export const CHECKPOINT_FILE = 'checkpoint'

/** Name under which the newest signed checkpoint of an origin is kept. */
export function keptName(kind: 'log' | 'witness' | 'reader', origin: string): string {
  return `${kind}-${createHash('sha256').update(origin).digest('hex')}`
}

function secretsOf(log: OwnLog) {
  return { name: originOf(log), ed25519Seed: log.keys.log.ed25519, mldsa44Seed: log.keys.log.mldsa44 }
}

/** The newest checkpoint that this registry ever signed, as kept outside the database. */
export async function keptCheckpoint(log: OwnLog): Promise<(SignedCheckpoint & { readonly text: string }) | undefined> {
  const origin = originOf(log)
  const bytes = await kept(log.dataDir, keptName('log', origin))
  const text = bytes === undefined ? undefined : fromUtf8(bytes)
  if (text === undefined) return undefined
  return { ...verifyLogCheckpoint(p, text, origin, logKeysOf(p, secretsOf(log))), text }
}

export async function logSize(log: OwnLog): Promise<number> {
  const [row] = await log.db.read<{ size: number }>('SELECT coalesce(max(entry_index) + 1, 0) AS size FROM log_entry WHERE agreement_id = $1', [log.agreement.id])
  return row?.size ?? 0
}

/** Throws where the database is behind what was signed, or tells another history. */
function demandContinuation(log: OwnLog, size: number, last: SignedCheckpoint): void {
  if (last.size > size) {
    throw new Fault('database-behind', `the database holds ${size} entries of ${originOf(log)}, and ${last.size} were signed already: it is an older copy. Restore a newer one; nothing is signed until then, since a second history would convict this party.`)
  }
  if (!equal(rootFromTiles(p, last.size, tilesIn(logFolder(log))), last.root)) {
    throw new Fault('log-rewritten', `the first ${last.size} entries of ${originOf(log)} are not those that were signed: run muster audit. Nothing is signed until they are again.`)
  }
}

/** Brings tiles, signature, row and published file up to the entries in the database. `at`: POSIX seconds. Idempotent; also the way to resume. */
export async function signLog(log: OwnLog, at: number): Promise<{ readonly size: number, readonly note: string }> {
  const folder = logFolder(log)
  await mkdir(folder, { recursive: true })
  const last = await keptCheckpoint(log)
  const size = await logSize(log)
  if (last !== undefined && last.size > size) demandContinuation(log, size, last)
  await writeTiles((from, to) => entriesOf(log.db, log.agreement.id, from, to), folder, last?.size ?? 0, size)
  if (last !== undefined) demandContinuation(log, size, last)
  if (last?.size === size) {
    await record(log, size, last.text)
    return { size, note: (await storedNote(log, size)) ?? last.text }
  }
  const note = signCheckpoint(p, { origin: originOf(log), size, root: rootFromTiles(p, size, tilesIn(folder)) }, secretsOf(log), Math.max(at, last?.timestamp ?? 1))
  await keep(log.dataDir, keptName('log', originOf(log)), utf8(note))
  await record(log, size, note)
  return { size, note }
}

async function storedNote(log: OwnLog, size: number): Promise<string | undefined> {
  const [row] = await log.db.read<{ note: string }>('SELECT note FROM checkpoint WHERE agreement_id = $1 AND size = $2', [log.agreement.id, size])
  return row?.note
}

/** The row and the file of a checkpoint; a note with cosignatures that stands already is not replaced by the bare one. */
async function record(log: OwnLog, size: number, note: string): Promise<void> {
  const row = bound(log.secrets, 'checkpoint', { agreement_id: log.agreement.id, size, note })
  await transaction(log.db, (tx) => tx.write('INSERT INTO checkpoint (agreement_id, size, note, row_mac) VALUES ($1, $2, $3, $4) ON CONFLICT (agreement_id, size) DO NOTHING',
    [log.agreement.id, size, note, row.row_mac]))
  await publishNote(log, (await storedNote(log, size)) ?? note)
}

/** Replaces the published checkpoint. */
export async function publishNote(log: OwnLog, note: string): Promise<void> {
  await replaceFile(join(logFolder(log), CHECKPOINT_FILE), note, 0o644)
}

/** Stores a checkpoint with more cosignature lines and publishes it. */
export async function storeCosigned(log: OwnLog, size: number, note: string): Promise<void> {
  const row = bound(log.secrets, 'checkpoint', { agreement_id: log.agreement.id, size, note })
  await transaction(log.db, (tx) => tx.write('UPDATE checkpoint SET note = $3, row_mac = $4 WHERE agreement_id = $1 AND size = $2', [log.agreement.id, size, note, row.row_mac]))
  if (size === await logSize(log)) await publishNote(log, note)
}
