// What is written of a store: its rule, what an inspection found, and what was remedied, each by two people and bound in every log.
import { canonical } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { refuseStore, storeActOf, storesOf, type Store, type StoreAct } from '@muster/core/rules/store.ts'
import { codeOf } from '../engine/fault.ts'
import { placeBoundAct } from '../store/acts-once.ts'
import { transaction } from '../store/database.ts'
import { STORE_ACTS } from '../store/placed-acts.ts'
import type { Register } from '../store/register.ts'
import { storeActsIn } from '../store/store-acts.ts'

export type KeepingCode = 'store/changed-meanwhile'
const UNIQUE_VIOLATION = '23505'

/** Writes the act and resolves to what its store then is. `at`: POSIX seconds. */
export async function actAtStore({ db, secrets }: Pick<Register, 'db' | 'secrets'>, said: StoreAct, at: number): Promise<Store> {
  const act = storeActOf(said)
  if (act instanceof Refusal) throw act
  return transaction(db, async (tx) => {
    const before = await storeActsIn(tx, secrets)
    const refused = refuseStore(before, act, timeOf(at))
    if (refused !== undefined) throw refused
    await placeBoundAct(tx, secrets, STORE_ACTS, canonical(act), at)
    return storesOf([...before, act]).get(act.site) as Store
  }).catch((error: unknown) => { throw codeOf(error) === UNIQUE_VIOLATION ? new Refusal<KeepingCode>('store/changed-meanwhile', 'somebody else has written of a store meanwhile: look again', 'site') : error })
}
