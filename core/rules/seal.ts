// Seals: numbered devices on containers and doors. All that lies in one container records the same seal, so a seal is its number and what it is on. Its
// number is used once: one that is on two things, in two places, or on something again after it was broken or missing, is an alarm.
import type { CustodyEvent, EventOf } from './custody-event.ts'
import { inForce, type Holding } from './holding.ts'
import { IN_HAND } from './status.ts'

type State = Holding['seals'][number]['state']
export type SealAlarm = 'on-two' | 'in-two-places' | 'used-again'

export interface SealUse {
  readonly on: string
  /** Codes of the sites where what it closes is recorded. */
  readonly sites: readonly string[]
  /** Items that record it. */
  readonly items: number
  /** The worst that any of them says of it. */
  readonly state: State
}
export interface Seal { readonly number: string, readonly uses: readonly SealUse[], readonly alarm: SealAlarm | null }

/** From the best to the worst. */
const STATES: readonly State[] = ['intact', 'damaged', 'other-number', 'missing', 'broken']
const ENDED: readonly State[] = ['missing', 'broken']

const worse = (a: State, b: State): State => STATES.indexOf(a) < STATES.indexOf(b) ? b : a

/** All seals that items in hand record, by number. */
export function sealsOf(holdings: Iterable<Holding>): Seal[] {
  const numbers = new Map<string, Map<string, SealUse>>()
  for (const { status, seals, place: { site } } of holdings) {
    if (!IN_HAND.includes(status)) continue
    for (const { seal, on, state } of seals) {
      const uses = numbers.get(seal) ?? new Map<string, SealUse>()
      const held = uses.get(on)
      const sites = new Set([...held?.sites ?? [], ...(typeof site === 'string' ? [] : [site.code])])
      uses.set(on, { on, sites: [...sites].sort(), items: (held?.items ?? 0) + 1, state: held === undefined ? state : worse(held.state, state) })
      numbers.set(seal, uses)
    }
  }
  return [...numbers].map(([number, uses]) => ({ number, uses: [...uses.values()], alarm: alarmOf([...uses.values()]) })).sort((a, b) => a.number < b.number ? -1 : 1)
}

function alarmOf(uses: readonly SealUse[]): SealAlarm | null {
  const inUse = uses.filter(({ state }) => !ENDED.includes(state))
  if (inUse.length > 1) return 'on-two'
  if (inUse.length === 1 && uses.length > 1) return 'used-again'
  return inUse.some(({ sites }) => sites.length > 1) ? 'in-two-places' : null
}

export type SealEvent = EventOf<'sealed'> | EventOf<'seal-checked'> | EventOf<'seal-broken'>

function isOfSeal(event: CustodyEvent): event is SealEvent {
  return event.kind === 'sealed' || event.kind === 'seal-checked' || event.kind === 'seal-broken'
}

/** What an item records of a seal, in the order in which it happened. */
export function historyOfSeal(events: readonly CustodyEvent[], number: string): SealEvent[] {
  return inForce(events).filter(isOfSeal).filter(({ data }) => data.seal === number)
}
