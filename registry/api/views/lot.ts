// Lots as they are looked at, by the command and by the API.
import type { Holding } from '@muster/core/rules/holding.ts'
import { fold } from '@muster/core/rules/holding.ts'
import { known } from '@muster/core/rules/item.ts'
import { splitsOf, unbalancedAmong, type Split } from '@muster/core/rules/lot.ts'
import { IN_HAND } from '@muster/core/rules/status.ts'
import { eachItem, UNSEEN, type ReadingProgress } from '../../store/each-item.ts'
import type { Register } from '../../store/register.ts'

const lotView = ({ item, identity, quantity, place, status }: Holding) => ({
  item, class: identity.class, type: known(identity.type) ?? null, lot: known(identity.lot) ?? null, quantity: quantity ?? null, usedUp: quantity === 0, status, site: typeof place.site === 'string' ? null : place.site.code,
})

/** Lots in hand, and splits of which the two sides do not say the same. */
export async function lotsView(register: Pick<Register, 'db'>, progress: ReadingProgress = UNSEEN) {
  const [lots, splits]: [Holding[], Split[]] = [[], []]
  await eachItem(register, progress, (events) => {
    const holding = fold(events)
    if (holding?.quantity === undefined) return
    splits.push(...splitsOf(events))
    if (IN_HAND.includes(holding.status)) lots.push(holding)
  })
  return { lots: lots.map(lotView).sort((a, b) => `${a.class} ${a.type ?? ''} ${a.lot ?? ''} ${a.item}` < `${b.class} ${b.type ?? ''} ${b.lot ?? ''} ${b.item}` ? -1 : 1), unbalanced: unbalancedAmong(splits) }
}
