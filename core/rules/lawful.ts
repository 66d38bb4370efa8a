// A whole history against the law, event by event: what an auditor and a restored registry recompute. The law's own requests are replayed, so
// that an event which could never have been accepted is named.
import { Refusal } from '../bytes/refusal.ts'
import type { CustodyEvent, CustodyRequest } from './custody-event.ts'
import { decide, type DecideCode } from './decide.ts'

export type LawfulCode = DecideCode | 'history/other-item' | 'history/sequence'

/** Undefined where each event could be recorded after those before it at the time at which it was written. */
export function checkHistory(events: readonly CustodyEvent[]): { readonly seq: number, readonly refusal: Refusal<LawfulCode> } | undefined {
  for (const [i, event] of events.entries()) {
    const first = events[0] as CustodyEvent
    if (event.item !== first.item) return { seq: i, refusal: new Refusal('history/other-item', `event ${i} is of item ${event.item}, not of ${first.item}`, 'item') }
    if (event.seq !== i) return { seq: i, refusal: new Refusal('history/sequence', `event ${event.seq} stands where event ${i} should`, 'seq') }
    const { item, written, kind, happened, by, and, reason, documents, data } = event
    const decided = decide({ item, events: events.slice(0, i) }, { kind, happened, by, and, reason, documents, data } as CustodyRequest, written)
    if (decided instanceof Refusal) return { seq: i, refusal: decided }
  }
  return undefined
}
