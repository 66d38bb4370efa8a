// Closings of the books as they are kept, and the last word on every event: none is written into a closed period, whichever way it came.
import { parseJson } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { Time } from '@muster/core/bytes/time.ts'
import { closedUntil, closingOf, refuseClosed, type ClosingAct } from '@muster/core/rules/closing.ts'
import type { CustodyEvent } from '@muster/core/rules/custody-event.ts'
import type { Reader } from './database.ts'
import { BOOK_ACTS, placedActs } from './placed-acts.ts'
import type { Secrets } from './secrets.ts'

/** All closings in their order, with when each was written. */
export async function closingsIn(db: Reader, secrets: Secrets): Promise<{ readonly act: ClosingAct, readonly written: string }[]> {
  return (await placedActs({ db, secrets }, BOOK_ACTS)).map(({ answer, written }) => {
    const act = closingOf(parseJson(Buffer.from(answer)))
    if (act instanceof Refusal) throw act
    return { act, written }
  })
}

export async function closedIn(db: Reader, secrets: Secrets): Promise<Time | undefined> {
  return closedUntil((await closingsIn(db, secrets)).map(({ act }) => act))
}

/** Once the events stand in the transaction: a closing waits until that ends, or is there already. Throws a Refusal, with the item. */
export async function demandOpen(tx: Reader, secrets: Secrets, events: Iterable<CustodyEvent>): Promise<void> {
  const closed = await closedIn(tx, secrets)
  if (closed === undefined) return
  for (const event of events) {
    const refused = refuseClosed(closed, event)
    if (refused !== undefined) throw new Refusal(refused.code, `item ${event.item}: ${refused.message}`, refused.at)
  }
}
