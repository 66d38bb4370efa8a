// What a study or a test reads from a data directory: the newest find of each item, and all match keys.
import type { CustodyEvent } from '@muster/core/rules/custody-event.ts'
import { storedEvent } from '@muster/registry/store/events.ts'
import { openRegister } from '@muster/registry/store/register.ts'

/** The newest event by which each item was found or seized, by item id. */
export async function eventsBy(dataDir: string): Promise<Map<string, CustodyEvent>> {
  const register = await openRegister(dataDir)
  try {
    const found = new Map<string, CustodyEvent>()
    for await (const rows of register.db.batches<{ item_id: string, seq: number, event: string }>('SELECT item_id, seq, event FROM custody_event ORDER BY item_id, seq')) {
      for (const { item_id, seq, event } of rows) {
        const read = storedEvent(event, item_id, seq)
        if (read.kind === 'seized' || read.kind === 'found') found.set(item_id, read)
      }
    }
    return found
  } finally {
    await register.close()
  }
}

/** Hex of every match key under which the register holds an item. */
export async function keysHeld(dataDir: string): Promise<Set<string>> {
  const register = await openRegister(dataDir)
  try {
    const rows = await register.db.read<{ key: Buffer }>('SELECT DISTINCT key FROM match_key')
    return new Set(rows.map(({ key }) => key.toString('hex')))
  } finally {
    await register.close()
  }
}
