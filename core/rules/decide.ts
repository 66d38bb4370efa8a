// The law of custody: whether a person may record what they say happened (DESIGN section 3). Pure: the item's events, the request and the
// time are all that it knows; it returns the event to append, or a refusal with a code and what to do.
import { Refusal } from '../bytes/refusal.ts'
import type { Time } from '../bytes/time.ts'
import { checkAct, checkWalk, needsTwo, type ActCode } from './act.ts'
import { checkCorrection, type CorrectionCode } from './correction.ts'
import { EVENT_VERSION, SEQ_MAX, type CustodyEvent, type CustodyRequest } from './custody-event.ts'
import { fold, inForce, type Holding } from './holding.ts'
import type { ItemId } from './item.ts'
import type { Site } from './place.ts'
import { MOVES } from './status.ts'
import { twoPeople, type TwoPeopleCode } from './two-people.ts'

export type ItemState = {
  readonly item: ItemId
  /** All events of the item, in the order of `seq`. */
  readonly events: readonly CustodyEvent[]
  /** Codes of the sites where a count is open. */
  readonly sitesBeingCounted?: ReadonlySet<string>
  /** The last `seq` that the person saw; a newer event makes their request stale. */
  readonly seen?: number
}

export type DecideCode = ActCode | TwoPeopleCode | CorrectionCode
  | 'custody/changed-since' | 'custody/too-many-events' | 'custody/happened-after-written' | 'custody/written-before-last' | 'custody/being-counted' | 'custody/out-of-order'

/** The event to append, as a list of one, or why not. `at` is when it is written. */
export function decide(state: ItemState, request: CustodyRequest, at: Time): readonly [CustodyEvent] | Refusal<DecideCode> {
  const { events } = state
  const holding = fold(events)
  const { and, by, data, documents, happened, kind, reason } = request
  // In the order of canonical JSON, which then has nothing to sort.
  const event = { and, by, data, documents, happened, item: state.item, kind, reason, seq: events.length, v: EVENT_VERSION, written: at } as CustodyEvent
  const refused = checkHead(state, event)
    ?? checkAct(holding, event)
    ?? checkPeople(events, request)
    ?? (event.kind === 'corrected' ? checkCorrection(events, event, state.sitesBeingCounted) : checkCounting(state, holding, event) ?? checkOrder(events, event))
  return refused ?? [event]
}

function checkHead({ events, seen }: ItemState, event: CustodyEvent): Refusal<DecideCode> | undefined {
  const last = events.at(-1)
  if (seen !== undefined && seen !== (last?.seq ?? -1)) {
    return new Refusal('custody/changed-since', `the item has changed since event ${seen} that this rests on: look at event ${last?.seq ?? -1} and decide again`, 'seq')
  }
  if (events.length > SEQ_MAX) return new Refusal('custody/too-many-events', `an item has at most ${SEQ_MAX + 1} events`, 'seq')
  if (event.happened > event.written) {
    return new Refusal('custody/happened-after-written', `it cannot have happened at ${event.happened}: it is ${event.written} now`, 'happened')
  }
  if (last !== undefined && event.written < last.written) {
    return new Refusal('custody/written-before-last', `the last event was written at ${last.written} and the clock says ${event.written}: set the clock`, 'written')
  }
  return undefined
}

/** What takes an act of two people back, or puts it in the place of another, takes two people as well. */
function checkPeople(events: readonly CustodyEvent[], request: CustodyRequest): Refusal<DecideCode> | undefined {
  if (needsTwo(request)) return twoPeople(request.kind === 'destroyed' ? 'destruction' : 'transfer abroad', request.by, request.and)
  if (request.kind !== 'corrected') return undefined
  const { of, instead } = request.data
  const corrected = events[of]
  const due = (corrected !== undefined && needsTwo(corrected)) || (instead !== undefined && needsTwo(instead))
  return due ? twoPeople('a correction of destruction or transfer abroad', request.by, request.and) : undefined
}

function codeOf(site: Site | undefined): string | undefined {
  return typeof site === 'object' ? site.code : undefined
}

/** Where an event takes the item; undefined where it leaves it. */
function targetOf({ data }: CustodyEvent): Site | undefined {
  if ('site' in data) return data.site
  const place = 'place' in data ? data.place : undefined
  return place !== undefined && place !== null && typeof place === 'object' ? place.site : undefined
}

function checkCounting({ sitesBeingCounted }: ItemState, holding: Holding | undefined, event: CustodyEvent): Refusal<DecideCode> | undefined {
  if (sitesBeingCounted === undefined || holding === undefined || !(MOVES.includes(event.kind) || targetOf(event) !== undefined)) return undefined
  for (const site of [codeOf(holding.place.site), codeOf(targetOf(event))]) {
    if (site !== undefined && sitesBeingCounted.has(site)) {
      return new Refusal('custody/being-counted', `a count is open at ${site}: what is being counted does not move; record it when the count is closed`, 'happened')
    }
  }
  return undefined
}

/** What is written late must fit between what happened before and after it. */
function checkOrder(events: readonly CustodyEvent[], event: CustodyEvent): Refusal<DecideCode> | undefined {
  const before = inForce(events)
  const last = before.at(-1)
  if (last === undefined || event.happened >= last.happened) return undefined
  const { refused } = checkWalk(inForce([...events, event]))
  if (refused === undefined) return undefined
  return new Refusal('custody/out-of-order', refused.event.seq === event.seq
    ? `at ${event.happened}: ${refused.refusal.message}` : `event ${refused.event.seq} (${refused.event.kind}) could then not follow: ${refused.refusal.message}`, 'happened')
}
