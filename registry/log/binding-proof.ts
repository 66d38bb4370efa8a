// The way from what was recorded to the log: event → batch → period's tree → entry → tlog-proof (DESIGN section 4).
import { concat, equal, toHex } from '@muster/core/bytes/bytes.ts'
import { inclusionPath, leafHash } from '@muster/core/proof/merkle.ts'
import { inclusionFromTiles } from '@muster/core/proof/tile.ts'
import { formatTlogProof } from '@muster/core/proof/tlog-proof.ts'
import { parseCheckpoint } from '@muster/core/proof/tree-head.ts'
import { parseNote } from '@muster/core/proof/note.ts'
import { bindDigest, periodSize } from '@muster/core/wire/period.ts'
import type { BindingPath } from '@muster/core/wire/trace-body.ts'
import { pathIn, rowsOf } from '@muster/fast/declaration/rows.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { leafSalt } from '../store/events.ts'
import { logFolder, type OwnLog } from './own-log.ts'
import { treeOf } from './period.ts'
import { tilesIn } from '../store/tiles.ts'

export interface BoundEvent {
  readonly event: string
  readonly leaf: Buffer
  readonly salt: Buffer
  /** Without `proof`, which is a place in the list that the message carries. */
  readonly path: Omit<BindingPath, 'proof'>
}

interface EventRow { readonly event: string, readonly leaf: Buffer, readonly batch_id: string, readonly ordinal: number, readonly secret: Buffer }
interface BoundRow { readonly entry_index: number, readonly leaf_index: number, readonly salt: Buffer, readonly digest: Buffer }

/** An event of the register with its path to an entry of this log; undefined while its period is still open. */
export async function boundEvent(log: OwnLog, item: string, seq: number): Promise<BoundEvent | undefined> {
  const [row] = await log.db.read<EventRow>(
    'SELECT e.event, e.leaf, e.batch_id, e.ordinal, b.secret FROM custody_event e JOIN event_batch b ON b.batch_id = e.batch_id WHERE e.item_id = $1 AND e.seq = $2', [item, seq])
  if (row === undefined) throw new RangeError(`the register holds no event ${seq} of item ${item}`)
  const place = await placeOf(log, row.batch_id)
  if (place === undefined) return undefined
  const tree = await batchTree(log, row.batch_id)
  return { event: row.event, leaf: row.leaf, salt: leafSalt(row.secret, item, seq), path: { batch: tree.path(row.ordinal), ...place } }
}

/** The tree of one batch of events. */
export interface BatchTree { readonly path: (ordinal: number) => BindingPath['batch'] }

/** The tree of the last batch asked for: finds of one import share theirs, and a hundred thousand hashes are made once. */
const batches = new WeakMap<object, { readonly id: string, readonly tree: BatchTree }>()

/** The tree over the leaves of a batch, whole: each path costs its own length. */
export async function batchTree(log: Pick<OwnLog, 'db'>, batchId: string): Promise<BatchTree> {
  const held = batches.get(log.db)
  if (held?.id === batchId) return held.tree
  const leaves = await log.db.read<{ leaf: Buffer }>('SELECT leaf FROM custody_event WHERE batch_id = $1 ORDER BY ordinal', [batchId])
  const rows = rowsOf(concat(...leaves.map(({ leaf }) => leafHash(p, leaf))))
  const tree: BatchTree = { path: (ordinal) => ({ index: ordinal, size: leaves.length, path: pathIn(rows, ordinal).map(toHex) }) }
  batches.set(log.db, { id: batchId, tree })
  return tree
}

/** Where a digest (a batch, a message) was bound; undefined while it waits. */
export async function placeOf(log: OwnLog, subjectId: string): Promise<Pick<BindingPath, 'period' | 'entry'> | undefined> {
  const agreement = log.agreement.id
  const [own] = await log.db.read<BoundRow>('SELECT entry_index, leaf_index, salt, digest FROM bound WHERE agreement_id = $1 AND subject_id = $2', [agreement, subjectId])
  if (own === undefined) return undefined
  const members = await log.db.read<BoundRow>('SELECT entry_index, leaf_index, salt, digest FROM bound WHERE agreement_id = $1 AND entry_index = $2', [agreement, own.entry_index])
  const tree = treeOf(log.secrets, agreement, own.entry_index, members)
  const binding = bindDigest(p, own.salt, own.digest)
  const index = tree.leaves.findIndex((leaf) => equal(leaf, binding))
  const path = inclusionPath(p, tree.leaves.map((leaf) => leafHash(p, leaf)), index)
  return { period: { salt: toHex(own.salt), index, size: periodSize(members.length), path: path.map(toHex) }, entry: own.entry_index }
}

/** The inclusion path of an entry under a checkpoint of this log. */
function entryPath(log: Pick<OwnLog, 'dataDir' | 'agreement'>, index: number, size: number): Uint8Array[] {
  return inclusionFromTiles(p, index, size, tilesIn(logFolder(log)))
}

/** The tlog-proof of an entry under a checkpoint note of this log, cosignatures and all. */
export function tlogProof(log: Pick<OwnLog, 'dataDir' | 'agreement'>, index: number, note: string): string {
  const { size } = parseCheckpoint(parseNote(note).text)
  return formatTlogProof({ index, path: entryPath(log, index, size), checkpoint: note })
}
