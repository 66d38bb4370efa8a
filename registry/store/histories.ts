// The events of each item, item after item: what folds over a whole register go through.
import type { CustodyEvent } from '@muster/core/rules/custody-event.ts'
import type { Database } from './database.ts'
import { storedEvent } from './events.ts'

/** From one snapshot, in the order of item ids. */
export async function* histories(db: Database): AsyncGenerator<CustodyEvent[]> {
  let events: CustodyEvent[] = []
  for await (const rows of db.batches<{ item_id: string, seq: number, event: string }>('SELECT item_id, seq, event FROM custody_event ORDER BY item_id, seq')) {
    for (const row of rows) {
      if (events.length > 0 && events[0]?.item !== row.item_id) {
        yield events
        events = []
      }
      events.push(storedEvent(row.event, row.item_id, row.seq))
    }
  }
  if (events.length > 0) yield events
}
