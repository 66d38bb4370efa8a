// Signing a log's checkpoint. The order is what a crash may leave: entries in the database, tiles on disk, the checkpoint kept outside the
// database, its row, and last the published file. Whatever was kept may have been seen; so a database that is behind what is kept, or
// whose entries do not continue it, signs nothing. Published files that are damaged are written again from the entries.
import { createHash } from 'node:crypto'
import { equal, utf8, fromUtf8 } from '@muster/core/bytes/bytes.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { secondsOf } from '@muster/core/bytes/time.ts'
import { verifyLogCheckpoint, logKeysOf, signCheckpoint, type LogKeys, type LogSecrets, type SignedCheckpoint } from '@muster/core/proof/checkpoint.ts'
import { verifyConsistency } from '@muster/core/proof/merkle.ts'
import { formatNote, parseNote } from '@muster/core/proof/note.ts'
import { consistencyFromTiles, rootFromTiles, type TileReader } from '@muster/core/proof/tile.ts'
import type { Checkpoint } from '@muster/core/proof/tree-head.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { join } from 'node:path'
import { mkdir } from 'node:fs/promises'
import { Fault } from '../engine/fault.ts'
import { replaceFile } from '../engine/replace.ts'
import { openTurns } from '../engine/turns.ts'
import { transaction } from '../store/database.ts'
import { keep, kept } from '../store/kept.ts'
import { logSeeds } from '../store/keys.ts'
import { bound, macHolds } from '../store/row-mac.ts'
import { logFolder, originOf, type OwnLog } from './own-log.ts'
import { entriesOf, growTiles, type Growth } from '../store/tiles.ts'

const CHECKPOINT_FILE = 'checkpoint'

/** Name under which the newest signed checkpoint of an origin is kept. */
export function keptName(kind: 'log' | 'witness' | 'reader', origin: string): string {
  return `${kind}-${createHash('sha256').update(origin).digest('hex')}`
}

type Seeds = OwnLog['keys']['log']

const secretsFor = (log: OwnLog, { ed25519, mldsa44 }: Seeds): LogSecrets => ({ name: originOf(log), ed25519Seed: ed25519, mldsa44Seed: mldsa44 })

/** A checkpoint of the log or of a declaration under the newest log keys, dated `at` or, by a clock that runs behind, when they began. */
export function signNewest(log: OwnLog, checkpoint: Checkpoint, at: number): string {
  const { log: seeds, from } = logSeeds(log.keys)
  return signCheckpoint(p, checkpoint, secretsFor(log, seeds), from === undefined ? at : Math.max(at, secondsOf(from)))
}

/** A checkpoint that this registry signed, under whichever of its log keys. */
function ownCheckpoint(log: OwnLog, text: string, origin: string): SignedCheckpoint {
  const all = [...log.keys.later.map((each) => each.log).reverse(), log.keys.log].map((seeds) => logKeysOf(p, secretsFor(log, seeds)))
  const { signatures } = parseNote(text)
  const signed = all.find(({ ed25519 }) => signatures.some(({ name, id }) => name === ed25519.name && id === ed25519.id))
  return verifyLogCheckpoint(p, text, origin, signed ?? all[0] as LogKeys)
}

/** The newest checkpoint that this registry ever signed, as kept outside the database. */
async function keptCheckpoint(log: OwnLog): Promise<(SignedCheckpoint & { readonly text: string }) | undefined> {
  const origin = originOf(log)
  const bytes = await kept(log.dataDir, keptName('log', origin))
  const text = bytes === undefined ? undefined : fromUtf8(bytes)
  if (text === undefined) return undefined
  return { ...ownCheckpoint(log, text, origin), text }
}

async function logSize(log: OwnLog): Promise<number> {
  const [row] = await log.db.read<{ size: number }>('SELECT coalesce(max(entry_index) + 1, 0) AS size FROM log_entry WHERE agreement_id = $1', [log.agreement.id])
  return row?.size ?? 0
}

/** Size of the log and what was signed last. Throws a Fault `database-behind` where the database is an older copy than what was signed. */
export async function demandNotBehind(log: OwnLog): Promise<{ readonly size: number, readonly last: (SignedCheckpoint & { readonly text: string }) | undefined }> {
  const last = await keptCheckpoint(log)
  const size = await logSize(log)
  if (last === undefined || last.size <= size) return { size, last }
  throw new Fault('database-behind', `the database holds ${size} entries of ${originOf(log)}, and ${last.size} were signed already: it is an older copy. Restore a newer one; nothing is signed until then, since a second history would convict this party.`)
}

/** The root of the tree of `size` entries, when it continues what was signed last. */
function continuation(last: SignedCheckpoint | undefined, size: number, tiles: TileReader): Uint8Array | undefined {
  const root = rootFromTiles(p, size, tiles)
  if (last === undefined || last.size === 0) return root
  if (last.size === size) return equal(root, last.root) ? root : undefined
  return verifyConsistency(p, { size1: last.size, size2: size, root1: last.root, root2: root, path: consistencyFromTiles(p, last.size, size, tiles) }) ? root : undefined
}

/** Tiles for all entries in the folder, and their root. First what is new; where that does not fit what stands on disk, all from the entries. */
async function settledRoot(log: OwnLog, last: SignedCheckpoint | undefined, size: number): Promise<Uint8Array> {
  const entries = (from: number, to: number) => entriesOf(log.db, log.agreement.id, from, to)
  const made = async (from: number): Promise<{ growth: Growth, root: Uint8Array } | undefined> => {
    try {
      const growth = await growTiles(entries, logFolder(log), from, size)
      const root = continuation(last, size, growth.tiles)
      return root === undefined ? undefined : { growth, root }
    } catch (error) {
      // A published file is missing or cut off.
      if (error instanceof Refusal && from > 0) return undefined
      throw error
    }
  }
  const settled = await made(last?.size ?? 0) ?? await made(0)
  if (settled === undefined) throw new Fault('log-rewritten', `the first ${last?.size ?? 0} entries of ${originOf(log)} are not those that were signed: run muster audit. Nothing is signed until they are again.`)
  await settled.growth.write()
  return settled.root
}

/** Brings tiles, signature, row and published file up to the entries in the database. `at`: POSIX seconds. Idempotent; also the way to resume. */
export async function signLog(log: OwnLog, at: number): Promise<{ readonly size: number, readonly note: string }> {
  await mkdir(logFolder(log), { recursive: true })
  const { size, last } = await demandNotBehind(log)
  const root = await settledRoot(log, last, size)
  if (last?.size === size) return { size, note: await record(log, size, last.text) }
  const note = signNewest(log, { origin: originOf(log), size, root }, Math.max(at, last?.timestamp ?? 1))
  await keep(log.dataDir, keptName('log', originOf(log)), utf8(note))
  return { size, note: await record(log, size, note) }
}

type Row = { agreement_id: string, size: number, note: string, row_mac: Buffer }

/** The note of a stored checkpoint. Throws where its row was changed. */
function noteIn(log: OwnLog, [row]: readonly Row[]): string | undefined {
  if (row !== undefined && !macHolds(log.secrets, 'checkpoint', { ...row })) throw new Fault('row-changed', `checkpoint ${row.agreement_id} ${row.size} was changed behind Muster's back: nothing is signed; run muster audit`)
  return row?.note
}

/** Row and file of a checkpoint; resolves to the note that stands: one with cosignatures is not replaced by the bare one. */
async function record(log: OwnLog, size: number, note: string): Promise<string> {
  const row = bound(log.secrets, 'checkpoint', { agreement_id: log.agreement.id, size, note })
  await transaction(log.db, (tx) => tx.write('INSERT INTO checkpoint (agreement_id, size, note, row_mac) VALUES ($1, $2, $3, $4) ON CONFLICT (agreement_id, size) DO NOTHING',
    [log.agreement.id, size, note, row.row_mac]))
  const stored = await storedCheckpoint(log, size) ?? note
  await publishNewest(log)
  return stored
}

/** The note of a checkpoint of that size as it stands, with the cosignatures so far. */
export async function storedCheckpoint(log: OwnLog, size: number): Promise<string | undefined> {
  return noteIn(log, await log.db.read<Row>('SELECT agreement_id, size, note, row_mac FROM checkpoint WHERE agreement_id = $1 AND size = $2', [log.agreement.id, size]))
}

const inTurn = openTurns()

/** Publishes the newest checkpoint as its row has it now: whoever comes last publishes what all before it stored. */
async function publishNewest(log: OwnLog): Promise<void> {
  const path = join(logFolder(log), CHECKPOINT_FILE)
  await inTurn(path, async () => {
    const note = noteIn(log, await log.db.read<Row>('SELECT agreement_id, size, note, row_mac FROM checkpoint WHERE agreement_id = $1 ORDER BY size DESC LIMIT 1', [log.agreement.id]))
    if (note !== undefined) await replaceFile(path, note, 0o644)
  })
}

/** The note with the lines of another over the same text; one that stands already is not added again. */
export function withLinesOf(note: string, other: string): string {
  const { text, signatures } = parseNote(note)
  const fresh = parseNote(other).signatures.filter(({ name, id }) => !signatures.some((held) => held.name === name && held.id === id))
  return fresh.length === 0 ? note : formatNote({ text, signatures: [...signatures, ...fresh] })
}

/** Adds the cosignature lines of a note to the stored checkpoint, and to the published one while it is the newest. Resolves to what stands. */
export async function storeCosigned(log: OwnLog, size: number, note: string): Promise<string> {
  const whole = await transaction(log.db, async (tx) => {
    const stored = noteIn(log, await tx.read<Row>('SELECT agreement_id, size, note, row_mac FROM checkpoint WHERE agreement_id = $1 AND size = $2 FOR UPDATE', [log.agreement.id, size]))
    const merged = stored === undefined ? note : withLinesOf(stored, note)
    const row = bound(log.secrets, 'checkpoint', { agreement_id: log.agreement.id, size, note: merged })
    if (merged !== stored) await tx.write('UPDATE checkpoint SET note = $3, row_mac = $4 WHERE agreement_id = $1 AND size = $2', [log.agreement.id, size, merged, row.row_mac])
    return merged
  })
  await publishNewest(log)
  return whole
}
