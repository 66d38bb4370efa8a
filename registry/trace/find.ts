// The find that is traced: its event in the own register, bound in the own log, under a checkpoint that the others have cosigned.
import { setTimeout as sleep } from 'node:timers/promises'
import { parseNote } from '@muster/core/proof/note.ts'
import { parseCheckpoint } from '@muster/core/proof/tree-head.ts'
import { recordedFind, ladderOfFind } from '@muster/core/rules/recovered-mark.ts'
import type { CustodyEvent } from '@muster/core/rules/custody-event.ts'
import type { Ladder } from '@muster/core/rules/ladder.ts'
import type { BindingPath } from '@muster/core/wire/trace-body.ts'
import { Fault } from '../engine/fault.ts'
import { boundEvent, tlogProof } from '../log/binding-proof.ts'
import { isSound, type OwnLog } from '../log/own-log.ts'
import { eventsOf } from '../store/events.ts'

const POLL_MS = 100

export interface BoundFind {
  readonly item: string
  readonly event: CustodyEvent
  readonly eventText: string
  readonly leaf: Uint8Array
  readonly salt: Uint8Array
  readonly path: Omit<BindingPath, 'proof'>
  readonly ladder: Ladder
}

/** The newest event that records the item as found or seized, with its ladder; throws where there is none. */
async function findOf(log: OwnLog, item: string): Promise<{ readonly event: CustodyEvent, readonly ladder: Ladder }> {
  const events = await eventsOf(log.db, item)
  for (const event of events.toReversed()) {
    const find = recordedFind(event)
    if (find !== undefined) return { event, ladder: ladderOfFind(find.queries) }
  }
  throw new Fault('no-find', `item ${item} was neither found nor seized here: only a find is traced`)
}

/** The find with its path to the log; undefined while its period is open. */
export async function boundFind(log: OwnLog, item: string): Promise<BoundFind | undefined> {
  const { event, ladder } = await findOf(log, item)
  const bound = await boundEvent(log, item, event.seq)
  return bound === undefined ? undefined : { item, event, eventText: bound.event, leaf: new Uint8Array(bound.leaf), salt: new Uint8Array(bound.salt), path: bound.path, ladder }
}

interface Checkpoint { readonly size: number, readonly note: string, readonly lines: number }

/** The checkpoint with the most cosigners among those that hold an entry, the oldest such one. */
async function bestCheckpoint(log: OwnLog, entry: number): Promise<Checkpoint | undefined> {
  const rows = await log.db.read<{ size: number, note: string }>('SELECT size, note FROM checkpoint WHERE agreement_id = $1 AND size > $2 ORDER BY size LIMIT 32', [log.agreement.id, entry])
  const sound = rows.filter(({ note }) => isSound(log, note))
  // All that were signed soon after are under keys that were taken since.
  if (sound.length === 0 && rows.length > 0) sound.push(...(await log.db.read<{ size: number, note: string }>('SELECT size, note FROM checkpoint WHERE agreement_id = $1 ORDER BY size DESC LIMIT 1', [log.agreement.id])).filter(({ note }) => isSound(log, note)))
  return sound.map((row) => ({ ...row, lines: new Set(parseNote(row.note).signatures.map(({ name }) => name)).size - 1 })).reduce<Checkpoint | undefined>((best, row) => best === undefined || row.lines > best.lines ? row : best, undefined)
}

/** Once a quorum has cosigned, how much longer the others are waited for. */
const STRAGGLERS_MS = 3_000

/**
 * tlog-proof of an entry: at once when all of `reachable` parties have cosigned, soon after a quorum has, and with what is there when `wait_ms` have
 * passed. Who had not cosigned answers `not-cosigned`, and can be asked again later.
 */
export async function cosignedProof(log: OwnLog, entry: number, wait_ms: number, reachable = log.agreement.parties.length): Promise<string> {
  const { quorum } = log.agreement
  let end = performance.now() + wait_ms
  for (;;) {
    const best = await bestCheckpoint(log, entry)
    if (best !== undefined && best.lines >= quorum) end = Math.min(end, performance.now() + STRAGGLERS_MS)
    if (best !== undefined && (best.lines >= reachable || performance.now() >= end)) {
      parseCheckpoint(parseNote(best.note).text)
      return tlogProof(log, entry, best.note)
    }
    if (performance.now() >= end) throw new Fault('not-cosigned', `entry ${entry} of the log is under no signed checkpoint yet: let muster serve run, or wait for the next period`)
    await sleep(POLL_MS)
  }
}

/** Waits until the find is bound: the next period of the log at the latest. */
export async function untilBound(log: OwnLog, item: string, wait_ms: number): Promise<BoundFind> {
  for (const end = performance.now() + wait_ms; ;) {
    const find = await boundFind(log, item)
    if (find !== undefined) return find
    if (performance.now() >= end) throw new Fault('not-bound', `the find of item ${item} is not in the log after ${Math.round(wait_ms / 1000)} s: is muster serve running on this data directory?`)
    await sleep(POLL_MS)
  }
}
