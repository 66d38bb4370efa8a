// Which of the items that parties declare are one weapon (DESIGN section 5, step 6): those that deliveries tie together, in the order of
// custody. Two records that no delivery ties stay two, however alike they are.
import type { DeclaredItem, Sighting, Whom } from './chain.ts'
import type { PartyId } from './party.ts'
import type { Status } from './status.ts'

/** The sender no longer claims to have it and does not say, or may not yet say, who does. */
const ON_THE_WAY: ReadonlySet<Status | null> = new Set<Status>(['in-transit', 'disputed', 'released'])

const DAY = /^\d{4}-\d{2}-\d{2}$/

function isParty(whom: Whom | null, party: PartyId): boolean {
  return whom !== null && 'party' in whom && whom.party === party
}

/** The day of a stated time; undefined where none is stated. */
export function dayOf(stated: string | null): string | undefined {
  const day = stated?.slice(0, 10)
  return day !== undefined && DAY.test(day) ? day : undefined
}

/** Whether `b` can have come after `a`: true unless both days are known and run backwards. */
function inOrder(a: string | null, b: string | null): boolean {
  const [one, other] = [dayOf(a), dayOf(b)]
  return one === undefined || other === undefined || one <= other
}

/** How surely one record leads to the other: both sides name each other, one does and the other names nobody, or not at all. */
function delivery(from: DeclaredItem, to: DeclaredItem): 'both' | 'one' | undefined {
  if (from.party === to.party || !inOrder(from.releasedWhen, to.acquiredWhen)) return undefined
  const sent = isParty(from.releasedTo, to.party)
  const came = isParty(to.acquiredFrom, from.party)
  if (sent && came) return 'both'
  if (sent && to.acquiredFrom === null) return 'one'
  return came && from.releasedTo === null && ON_THE_WAY.has(from.status) ? 'one' : undefined
}

/**
 * Threads of custody over the sightings, which come in an order that does not depend on who made the dossier. Deliveries that both sides
 * record are tied first; what only one side records ties two sightings only where both are told from chance. No thread is a ring.
 */
export function threadsOf(sorted: readonly Sighting[], isTold: (sighting: Sighting) => boolean): Sighting[][] {
  const next = new Map<Sighting, Sighting>()
  const reached = new Set<Sighting>()
  for (const sure of ['both', 'one'] as const) {
    for (const from of sorted) {
      if (next.has(from)) continue
      const to = sorted.find((each) => !reached.has(each) && delivery(from.item, each.item) === sure && (sure === 'both' || (isTold(from) && isTold(each))) && !leadsTo(next, each, from))
      if (to === undefined) continue
      next.set(from, to)
      reached.add(to)
    }
  }
  return sorted.filter((each) => !reached.has(each)).map((start) => {
    const thread = [start]
    for (let at = next.get(start); at !== undefined; at = next.get(at)) thread.push(at)
    return thread
  })
}

function leadsTo(next: ReadonlyMap<Sighting, Sighting>, from: Sighting, target: Sighting): boolean {
  for (let at: Sighting | undefined = from; at !== undefined; at = next.get(at)) if (at === target) return true
  return false
}
