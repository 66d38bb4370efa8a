// The whole register read once, item by item, in one state of the database.
import type { CustodyEvent } from '@muster/core/rules/custody-event.ts'
import { fold, type Holding } from '@muster/core/rules/holding.ts'
import { storedEvent } from './events.ts'
import type { Register } from './register.ts'
import { withSnapshot } from './snapshot.ts'

export interface ReadingProgress { readonly onTotal: (events: number) => void, readonly onEvents: (events: number) => void }
export const UNSEEN: ReadingProgress = { onTotal: () => undefined, onEvents: () => undefined }

/** The events of every item, one item after the other. */
export async function eachItem({ db }: Pick<Register, 'db'>, { onTotal, onEvents }: ReadingProgress, act: (events: readonly CustodyEvent[]) => void): Promise<void> {
  await withSnapshot(db, async (snapshot) => {
    const [{ events: total } = { events: 0 }] = await snapshot.read<{ events: number }>('SELECT count(*) AS events FROM custody_event')
    onTotal(total)
    let held: CustodyEvent[] = []
    for await (const rows of snapshot.batches<{ item_id: string, seq: number, event: string }>('SELECT item_id, seq, event FROM custody_event ORDER BY item_id, seq')) {
      for (const { item_id, seq, event } of rows) {
        if (held[0] !== undefined && held[0].item !== item_id) {
          act(held)
          held = []
        }
        held.push(storedEvent(event, item_id, seq))
      }
      onEvents(rows.length)
    }
    if (held.length > 0) act(held)
  })
}

/** What all events of each item come to, of the items that are asked for. */
export async function holdingsThat(register: Pick<Register, 'db'>, wanted: (holding: Holding) => boolean, progress: ReadingProgress = UNSEEN): Promise<Holding[]> {
  const holdings: Holding[] = []
  await eachItem(register, progress, (events) => {
    const holding = fold(events)
    if (holding !== undefined && wanted(holding)) holdings.push(holding)
  })
  return holdings
}
