// Events against their leaves, leaves against the digest of their batch, in the order of batches. Whoever rewrites an event and its leaf meets
// the digest; whoever rewrites that too has no mac for it, and with a stolen key still meets what the log bound.
import { equal } from '@muster/core/bytes/bytes.ts'
import { append, emptyFrontier, frontierRoot, leafHash, type Frontier } from '@muster/core/proof/merkle.ts'
import { isEventKind, parseEvent, type CustodyEvent } from '@muster/core/rules/custody-event.ts'
import { eventLeaf } from '@muster/core/wire/period.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import type { Report } from './finding.ts'
import { openHmac } from './hmac.ts'
import { photosNamed } from './photos.ts'
import type { Snapshot } from './snapshot.ts'

interface EventRow { readonly item_id: string, readonly seq: number, readonly batch_id: string, readonly ordinal: number, readonly event: string, readonly leaf: Buffer }
interface BatchRow { readonly batch_id: string, readonly act: string, readonly events: number, readonly secret: Buffer, readonly digest: Buffer }

interface Walk { readonly salt: ((text: string) => string) | undefined, readonly batch: BatchRow | undefined, readonly id: string, readonly frontier: Frontier, wrong: boolean, next: number }

/** Photos that the events name, in hex, are put into `photos`. */
export async function auditEvents(snapshot: Snapshot, report: Report, photos: Set<string>, onRows: (rows: number) => void): Promise<void> {
  const batches = new Map((await snapshot.read<BatchRow & Record<string, unknown>>('SELECT batch_id, act, events, secret, digest FROM event_batch')).map((row) => [row.batch_id, row]))
  const seen = new Set<string>()
  let walk: Walk | undefined
  const end = (): void => { if (walk !== undefined) endBatch(walk, report) }
  for await (const rows of snapshot.batches<EventRow & Record<string, unknown>>('SELECT item_id, seq, batch_id, ordinal, event, leaf FROM custody_event ORDER BY batch_id, ordinal')) {
    for (const row of rows) {
      if (walk?.id !== row.batch_id) {
        end()
        seen.add(row.batch_id)
        const batch = batches.get(row.batch_id)
        walk = { salt: batch === undefined ? undefined : openHmac(batch.secret, 'binary'), batch, id: row.batch_id, frontier: emptyFrontier(), wrong: false, next: 0 }
        if (walk.batch === undefined) report({ table: 'event_batch', key: { batch_id: row.batch_id }, column: null, code: 'missing', message: 'events stand in a batch that is not there' })
      }
      checkEvent(walk, row, report, photos)
    }
    onRows(rows.length)
  }
  end()
  for (const [id, { events }] of batches) if (!seen.has(id) && events > 0) report({ table: 'event_batch', key: { batch_id: id }, column: null, code: 'missing', message: `all of its ${events} events were removed` })
}

function checkEvent(walk: Walk, row: EventRow, report: Report, photos: Set<string>): void {
  const { item_id, seq, ordinal, leaf } = row
  const key = { item_id, seq: String(seq) }
  const found = (column: string | null, code: 'leaf' | 'missing', message: string): void => {
    walk.wrong = true
    report({ table: 'custody_event', key, column, code, message })
  }
  if (walk.batch === undefined || walk.salt === undefined) {
    report({ table: 'custody_event', key, column: 'batch_id', code: 'extra', message: 'it stands in no batch that Muster wrote' })
    return
  }
  if (ordinal !== walk.next) found('ordinal', 'missing', `it stands at place ${ordinal} of its batch, where place ${walk.next} follows: an event was moved, removed or slipped in`)
  walk.next = ordinal + 1
  append(p, walk.frontier, leafHash(p, leaf))
  const bytes = Buffer.from(row.event, 'utf8')
  if (!equal(eventLeaf(p, Buffer.from(walk.salt(`${item_id}\n${seq}`), 'latin1'), bytes), leaf)) {
    found('event', 'leaf', 'the event does not give the leaf beside it: one of them, its item or its place was changed')
    return
  }
  // The leaf holds, so these are the bytes that were written, or somebody made both; then what they say is read with all suspicion.
  const event = readEvent(row.event) ?? parseEvent(bytes)
  if (event instanceof Error || event.item !== item_id || event.seq !== seq) found('event', 'leaf', 'the event is not of this item and place')
  else for (const hash of photosNamed(event)) photos.add(hash)
}

/** An event as JSON, five times faster than `parseEvent`; undefined for what is not the shape of one at first sight. */
export function readEvent(text: string): CustodyEvent | undefined {
  try {
    const event = JSON.parse(text) as CustodyEvent | null
    return typeof event === 'object' && event !== null && isEventKind(event.kind) && typeof event.data === 'object' && (event.data as object | null) !== null ? event : undefined
  } catch {
    return undefined
  }
}

function endBatch({ batch, frontier, wrong, next }: Walk, report: Report): void {
  if (batch === undefined) return
  const key = { batch_id: batch.batch_id }
  if (next < batch.events) {
    report({ table: 'custody_event', key: { ...key, ordinal: String(next) }, column: 'ordinal', code: 'missing', message: `nothing stands at place ${next} of its batch or after it, and ${batch.events} events were written` })
  }
  if (frontier.size !== batch.events) {
    report({ table: 'event_batch', key, column: 'events', code: 'missing', message: `${frontier.size} events stand in it and ${batch.events} were written` })
  } else if (!equal(frontierRoot(p, frontier), batch.digest)) {
    report({ table: 'event_batch', key, column: 'digest', code: 'digest', message: wrong ? 'its events do not give its digest' : 'its events do not give its digest: an event was rewritten together with its leaf' })
  }
}
