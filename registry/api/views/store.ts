// Stores as they are looked at, by the command and by the API.
import { timeOf } from '@muster/core/bytes/time.ts'
import { daysSince, lyingTogether, storesOf, type Store } from '@muster/core/rules/store.ts'
import { holdingsThat, type ReadingProgress } from '../../store/each-item.ts'
import type { Register } from '../../store/register.ts'
import { storeActsIn } from '../../store/store-acts.ts'

export const storeView = ({ site, rule, inspected, findings }: Store) => ({
  site, rule: rule === undefined ? null : { apart: rule.apart, twoPersons: rule.twoPersons, everyDays: rule.everyDays, by: rule.by, and: rule.and, reason: rule.reason }, inspected, findings,
})

/** Each store with its rule, what lies in it against that, how long ago it was inspected, and what was found and is still open, with its age in days. */
export async function storesView({ db, secrets }: Pick<Register, 'db' | 'secrets'>, now: number, progress?: ReadingProgress) {
  const stores = storesOf(await storeActsIn(db, secrets))
  const holdings = stores.size === 0 ? [] : await holdingsThat({ db }, ({ place: { site } }) => typeof site === 'object' && (stores.get(site.code)?.rule?.apart.length ?? 0) > 0, progress)
  const at = timeOf(now)
  return {
    stores: [...stores.values()].sort((a, b) => a.site < b.site ? -1 : 1).map((store) => {
      const age = store.inspected === null ? null : daysSince(store.inspected, at)
      const every = store.rule?.everyDays ?? null
      return {
        ...storeView(store), together: lyingTogether(store, holdings), inspectedDays: age, overdue: every !== null && (age === null || age > every),
        open: store.findings.filter(({ remedied }) => remedied === null).map(({ number, text, since }) => ({ number, text, since, days: daysSince(since, at) })),
      }
    }),
  }
}
