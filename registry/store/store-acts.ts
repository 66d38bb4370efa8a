// Rules and inspections of stores as they are kept, and the last word on who moves what in them.
import { parseJson } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { refuseAlone, storeActOf, storesOf, type StoreAct } from '@muster/core/rules/store.ts'
import type { Reader } from './database.ts'
import type { Addition } from './events.ts'
import { placedActs, STORE_ACTS } from './placed-acts.ts'
import type { Secrets } from './secrets.ts'

/** All acts in their order. */
export async function storeActsIn(db: Reader, secrets: Secrets): Promise<StoreAct[]> {
  return (await placedActs({ db, secrets }, STORE_ACTS)).map(({ answer }) => {
    const act = storeActOf(parseJson(Buffer.from(answer)))
    if (act instanceof Refusal) throw act
    return act
  })
}

/** Throws a Refusal, with the item, where one person moves what takes two. */
export async function demandTwoAtStores(tx: Reader, secrets: Secrets, additions: readonly Addition[]): Promise<void> {
  const stores = storesOf(await storeActsIn(tx, secrets))
  if (stores.size === 0) return
  for (const { before, event } of additions) {
    const refused = refuseAlone(stores, before, event)
    if (refused !== undefined) throw new Refusal(refused.code, `item ${event.item}: ${refused.message}`, refused.at)
  }
}
