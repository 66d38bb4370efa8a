// The book of an account: what was there, what came in, what went out and what is there, line by line, for any period and as the register knew it on any
// day (DESIGN sections 2 and 3). An account is what is in hand of a class, in a place, with somebody; a line moves its balance.
import { isDate, isTime, type Time } from '../bytes/time.ts'
import type { CustodyEvent } from './custody-event.ts'
import { enter } from './holding-change.ts'
import { changed, corrections, holdingAsOf, inForce, type Holding } from './holding.ts'
import { known, type Identity, type ItemId, type Part } from './item.ts'
import { IN_HAND } from './status.ts'

/** What is held to an account; what is left out says nothing. */
export interface Account { readonly item?: ItemId | undefined, readonly class?: string | undefined, readonly type?: string | undefined, readonly custodian?: string | undefined, readonly site?: string | undefined, readonly unit?: string | undefined }

/** A day's first or last second, or a time as it stands; undefined for any other text. */
export function momentOf(text: string, end: 'first' | 'last'): Time | undefined {
  return isDate(text) ? `${text}T${end === 'first' ? '00:00:00' : '23:59:59'}Z` : isTime(text) ? text : undefined
}

/** Before every event. */
export const BEGINNING: Time = '0001-01-01T00:00:00Z'

/** Both ends included; `knownBy`: what was written later is not read. */
export interface Period { readonly from: Time, readonly until: Time, readonly knownBy: Time }

export interface BookLine {
  readonly event: CustodyEvent
  readonly identity: Identity
  readonly in: number
  readonly out: number
}

/** One item in an account over a period. */
export interface ItemBook {
  readonly item: ItemId
  readonly identity: Identity
  /** What the book said before the period began, when it began. */
  readonly stated: number
  /** The same as it is known now: other than `stated` where something was written later of a time before. */
  readonly opening: number
  /** What was written since of a time before, where it moved the opening. */
  readonly late: readonly CustodyEvent[]
  readonly lines: readonly BookLine[]
  readonly closing: number
  /** There, and of a number that nobody knows: it stands in no sum. */
  readonly uncounted: boolean
}

interface Step { readonly event: CustodyEvent, readonly holding: Holding }

/** What each event in force makes of the item, in the order in which they happened; none of an item that was entered in error. */
function stepsOf(events: readonly CustodyEvent[]): Step[] {
  if (corrections(events).error !== undefined) return []
  let holding: Holding | undefined
  return inForce(events).flatMap((event): Step[] => {
    holding = holding === undefined ? enter(event) : changed(holding, event)
    return holding === undefined ? [] : [{ event, holding }]
  })
}

const says = (asked: string | undefined, part: Part): boolean => asked === undefined || known(part) === asked

function belongs({ item, class: kind, type, custodian, site, unit }: Account, { item: of, identity, place, status }: Holding): boolean {
  return IN_HAND.includes(status) && (item === undefined || item === of) && (kind === undefined || identity.class === kind) && says(type, identity.type) && says(custodian, place.custodian) && says(unit, place.unit)
    && (site === undefined || (typeof place.site !== 'string' && place.site.code === site))
}

/** One serial-numbered component counts one, a lot what is left of it; 0 of what does not belong or has no number. */
function countIn(account: Account, holding: Holding | undefined): number {
  if (holding === undefined || !belongs(account, holding)) return 0
  return holding.quantity === undefined ? 1 : typeof holding.quantity === 'number' ? holding.quantity : 0
}

/** Of an item's events the part that concerns an account; undefined where there is none. An account of one item has a line for every event. */
export function bookOf(events: readonly CustodyEvent[], account: Account, { from, until, knownBy }: Period): ItemBook | undefined {
  const steps = stepsOf(events.filter(({ written }) => written <= knownBy)).filter(({ event }) => event.happened <= until)
  const thenSteps = stepsOf(events.filter(({ written }) => written < from && written <= knownBy)).filter(({ event }) => event.happened < from)
  const lines: BookLine[] = []
  let [count, opening] = [0, 0]
  for (const { event, holding } of steps) {
    const now = countIn(account, holding)
    if (event.happened < from) opening = now
    else if (now !== count || account.item !== undefined) lines.push({ event, identity: holding.identity, in: Math.max(0, now - count), out: Math.max(0, count - now) })
    count = now
  }
  const stated = countIn(account, thenSteps.at(-1)?.holding)
  const last = steps.at(-1)?.holding
  const uncounted = last !== undefined && belongs(account, last) && typeof last.quantity === 'string'
  const identity = (last ?? thenSteps.at(-1)?.holding)?.identity
  if (identity === undefined || (stated === 0 && opening === 0 && lines.length === 0 && !uncounted)) return undefined
  const late = stated === opening ? [] : events.filter(({ written, happened, kind }) => written >= from && written <= knownBy && (happened < from || kind === 'corrected'))
  return { item: (events[0] as CustodyEvent).item, identity, stated, opening, late, lines, closing: count, uncounted }
}

/** One class and type of an account: stated + late + in − out = closing, so that a row with `late` is one that the book of then does not give. */
export interface BookRow { readonly class: string, readonly type: string | null, readonly stated: number, readonly late: number, readonly in: number, readonly out: number, readonly closing: number, readonly uncounted: number }

/** A row with one more item in it. */
export function withBook(row: BookRow | undefined, { identity, stated, opening, lines, closing, uncounted }: ItemBook): BookRow {
  const sum = (way: 'in' | 'out') => lines.reduce((all, line) => all + line[way], 0)
  const was = row ?? { class: identity.class, type: known(identity.type) ?? null, stated: 0, late: 0, in: 0, out: 0, closing: 0, uncounted: 0 }
  return { ...was, stated: was.stated + stated, late: was.late + opening - stated, in: was.in + sum('in'), out: was.out + sum('out'), closing: was.closing + closing, uncounted: was.uncounted + (uncounted ? 1 : 0) }
}

/** What is other about an item; `was` and `is` null where there was or is nothing. */
export interface Difference { readonly what: 'status' | 'owner' | 'custodian' | 'site' | 'unit' | 'quantity' | 'category' | 'usable-until' | 'next-check' | 'container' | 'marks' | 'identity', readonly was: string | null, readonly is: string | null }
export interface Changes { readonly item: ItemId, readonly identity: Identity, readonly differences: readonly Difference[], /** What explains it, in the order in which it was written. */ readonly events: readonly CustodyEvent[] }

function facts(holding: Holding | undefined): Readonly<Record<Difference['what'], string | null>> {
  const text = (part: Part | undefined): string | null => part === undefined ? null : typeof part === 'string' ? part : part.is
  const site = holding?.place.site
  const parts = holding === undefined ? [] : [holding.identity.class, ...(['maker', 'type', 'year', 'lot', 'serial'] as const).map((name) => text(holding.identity[name]))]
  return {
    'status': holding?.status ?? null, 'owner': text(holding?.place.owner), 'custodian': text(holding?.place.custodian), 'site': site === undefined ? null : typeof site === 'string' ? site : site.code, 'unit': text(holding?.place.unit),
    'quantity': holding?.quantity === undefined ? null : String(holding.quantity), 'category': holding?.category ?? null, 'usable-until': holding?.usableUntil ?? null, 'next-check': holding?.nextCheck ?? null, 'container': holding?.container ?? null,
    'marks': holding === undefined ? null : String(holding.marks.length), 'identity': holding === undefined ? null : parts.join(' '),
  }
}

/** What the register said of an item at one time and at a later one, each as it was known then; undefined where nothing was written and nothing fell due. */
export function changesBetween(events: readonly CustodyEvent[], earlier: Time, later: Time): Changes | undefined {
  const between = events.filter(({ written, happened }) => written <= later && (written > earlier || (happened > earlier && happened <= later)))
  const [before, after] = [holdingAsOf(events, earlier, earlier), holdingAsOf(events, later, later)]
  const identity = (after ?? before)?.identity
  if (between.length === 0 || identity === undefined) return undefined
  const [was, is] = [facts(before), facts(after)]
  const names = Object.keys(is) as Difference['what'][]
  return { item: (events[0] as CustodyEvent).item, identity, differences: names.flatMap((what) => was[what] === is[what] ? [] : { what, was: was[what], is: is[what] }), events: between }
}
