// All finds of the own register, one after the other: the newest event by which each item was found or seized, with its ladder and, for what
// can be read, the path to the log. Finds of one import share a tree and a place, so that a path costs its own length.
import type { CustodyEvent } from '@muster/core/rules/custody-event.ts'
import type { Ladder } from '@muster/core/rules/ladder.ts'
import { ladderOfFind, recordedFind } from '@muster/core/rules/recovered-mark.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '../engine/fault.ts'
import { batchTree, placeOf, type BatchTree } from '../log/binding-proof.ts'
import type { OwnLog } from '../log/own-log.ts'
import { leafSalt, storedEvent } from '../store/events.ts'
import type { BoundFind } from './find.ts'

const POLL_MS = 100
/** Rows of one fetch: the statement rests while they are asked for, and a server ends what rests for two minutes. */
const ROWS_AT_ONCE = 500
/** Batches of events whose trees are kept at hand. */
const TREES_MAX = 1000

type Row = { readonly item_id: string, readonly seq: number, readonly event: string, readonly leaf: Buffer, readonly batch_id: string, readonly ordinal: number, readonly secret: Buffer }
type Readable = Extract<Ladder, { verdict: 'readable' }>

export interface Find {
  readonly item: string
  /** The first mark as it was copied from the item; the serial where no mark is recorded; null where there is neither. */
  readonly mark: string | null
  readonly condition: string
  readonly ladder: Ladder
}
/** A find of which something can be asked. */
export interface ReadableFind extends BoundFind { readonly mark: string | null, readonly ladder: Readable }

interface Grown { readonly tree: BatchTree, readonly place: Omit<BoundFind['path'], 'batch'> }

/** How many items the register holds: no more finds than that will come. */
export async function itemCount({ db }: Pick<OwnLog, 'db'>): Promise<number> {
  const [row] = await db.read<{ items: number }>('SELECT count(*) AS items FROM item')
  return row?.items ?? 0
}

/** Finds in the order of their item ids. Of an open period each find waits up to `wait_ms`; then a Fault `not-bound` is thrown. */
export async function* findsOf(log: OwnLog, wait_ms: number): AsyncGenerator<ReadableFind | Find> {
  const grown = new Map<string, Grown>()
  for await (const { row, event } of newestFinds(log)) {
    const found = recordedFind(event)
    if (found === undefined) continue
    const ladder = ladderOfFind(found.queries)
    const { serial } = found.identity
    const mark = event.data.entry?.marks?.[0]?.text ?? (typeof serial === 'object' ? serial.is : null)
    if (ladder.verdict === 'unreadable') yield { item: row.item_id, mark, condition: found.condition, ladder }
    else yield { ...await boundRow(log, row, event, grown, wait_ms), mark, ladder }
  }
}

/** The newest find of each item that has one. */
async function* newestFinds({ db }: OwnLog): AsyncGenerator<{ row: Row, event: Extract<CustodyEvent, { kind: 'seized' | 'found' }> }> {
  let last: { row: Row, event: Extract<CustodyEvent, { kind: 'seized' | 'found' }> } | undefined
  for await (const rows of db.batches<Row>(
    'SELECT e.item_id, e.seq, e.event, e.leaf, e.batch_id, e.ordinal, b.secret FROM custody_event e JOIN event_batch b ON b.batch_id = e.batch_id ORDER BY e.item_id, e.seq', [], ROWS_AT_ONCE)) {
    for (const row of rows) {
      if (last !== undefined && last.row.item_id !== row.item_id) {
        yield last
        last = undefined
      }
      const event = storedEvent(row.event, row.item_id, row.seq)
      if (event.kind === 'seized' || event.kind === 'found') last = { row, event }
    }
  }
  if (last !== undefined) yield last
}

async function boundRow(log: OwnLog, row: Row, event: CustodyEvent, grown: Map<string, Grown>, wait_ms: number): Promise<Omit<BoundFind, 'ladder'>> {
  const held = grown.get(row.batch_id)
  const { tree, place } = held ?? { tree: await batchTree(log, row.batch_id), place: await placeWhenBound(log, row.batch_id, wait_ms) }
  if (held === undefined) {
    if (grown.size >= TREES_MAX) grown.delete(grown.keys().next().value as string)
    grown.set(row.batch_id, { tree, place })
  }
  return {
    item: row.item_id, event, eventText: row.event, leaf: new Uint8Array(row.leaf), salt: new Uint8Array(leafSalt(row.secret, row.item_id, row.seq)),
    path: { batch: tree.path(row.ordinal), ...place },
  }
}

async function placeWhenBound(log: OwnLog, batchId: string, wait_ms: number): Promise<Grown['place']> {
  for (const end = performance.now() + wait_ms; ;) {
    const place = await placeOf(log, batchId)
    if (place !== undefined) return place
    if (performance.now() >= end) throw new Fault('not-bound', `finds of batch ${batchId} are not in the log after ${Math.round(wait_ms / 1000)} s: is muster serve running on this data directory?`)
    await sleep(POLL_MS)
  }
}
