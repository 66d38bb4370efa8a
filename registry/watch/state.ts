// How things stand with a watch: it follows from the events of the find, from what two people decided, and from the party's newest head.
import { corrections } from '@muster/core/rules/holding.ts'
import { watchState, type WatchState } from '@muster/core/rules/watch.ts'
import type { Hall, Home } from '../home.ts'
import type { Followed } from '../peer/mirror.ts'
import { eventsOf } from '../store/events.ts'
import { endsAmong, type Watch } from '../store/watches.ts'

/** The state of each watch by its id; `followed` is the log of their party, undefined where nothing of it is here. */
export async function statesOf({ register }: Home, { joined }: Hall, watches: readonly Watch[], followed: Followed | undefined): Promise<ReadonlyMap<string, WatchState>> {
  const ended = await endsAmong(register, joined.agreement.id, watches.map(({ id }) => id))
  const newestOprf = followed?.heads.at(-1)?.head.head.oprf
  const states = new Map<string, WatchState>()
  for (const { id, item, findSeq, oprf } of watches) {
    const { voided, instead, error } = corrections(await eventsOf(register.db, item))
    states.set(id, watchState({ ended: ended.has(id), corrected: error !== undefined || voided.has(findSeq) || instead.has(findSeq), oprf, newestOprf }))
  }
  return states
}
