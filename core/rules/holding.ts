// A holding: what an item's events come to, as of one time and as known at another (DESIGN sections 2 and 3). Pure; the events are the truth.
import type { CivilDate, Time } from '../bytes/time.ts'
import type { CustodyEvent, EventKind, EventOf, RecordedMark, RequestOf } from './custody-event.ts'
import type { Document } from './document.ts'
import type { Identity, ItemId, Quantity } from './item.ts'
import { permits, type Status } from './status.ts'
import { changeOf, enter } from './holding-change.ts'
import type { Counterparty, Place } from './place.ts'

/** How the item came; `when` is a time, a coarser date as stated, or a word for unknown. */
export type Acquired = {
  readonly how: 'baseline' | 'manufactured' | 'imported' | 'received' | 'found' | 'seized' | 'split'
  readonly from: Counterparty
  readonly when: string
  readonly documents: readonly Document[]
}
export type Released = { readonly to: Counterparty, readonly when: Time, readonly documents: readonly Document[] }
/** On the way: until `due` its receipt or a dispute is to come. */
export type Transit = { readonly to: Counterparty, readonly abroad: boolean, readonly dispatched: Time, readonly due: Time, readonly documents: readonly Document[] }

export type Holding = {
  readonly item: ItemId
  readonly status: Status
  /** When the status began. */
  readonly since: Time
  readonly identity: Identity
  /** Of a lot or a record without numbers; undefined for one serial-numbered component. */
  readonly quantity: Quantity | undefined
  /** Owner, physical custodian, site and unit; of an item that is gone, where it was last. */
  readonly place: Place
  readonly acquired: Acquired
  readonly released: Released | undefined
  readonly transit: Transit | undefined
  /** All that were ever read, in the order in which they were recorded. */
  readonly marks: readonly RecordedMark[]
  readonly set: { readonly id: string, readonly with: readonly ItemId[] } | undefined
  readonly container: string | undefined
  readonly seals: readonly { readonly seal: string, readonly on: string, readonly state: 'intact' | 'damaged' | 'missing' | 'other-number' | 'broken' }[]
  /** The last count in which it was asked for. */
  readonly counted: { readonly seen: 'opened' | 'sealed' | 'not-accessible', readonly at: Time } | undefined
  readonly category: string | undefined
  readonly usableUntil: string | undefined
  /** The day by which it is to be checked. */
  readonly nextCheck: CivilDate | undefined
}

/**
 * The events that count, in the order in which they happened (then of `seq`): those that a correction in force voids are gone, those that it
 * puts right say what it says. Corrections may be corrected in turn, and what they had changed is then as before.
 */
export function inForce(events: readonly CustodyEvent[]): readonly CustodyEvent[] {
  if (events.every(follows)) return events
  const { voided, instead } = corrections(events)
  return events
    .filter(({ kind, seq }) => kind !== 'corrected' && !voided.has(seq))
    .map((event) => {
      const correction = instead.get(event.seq)
      return correction === undefined ? event : { ...event, ...correction } as CustodyEvent
    })
    .sort((a, b) => a.happened === b.happened ? a.seq - b.seq : a.happened < b.happened ? -1 : 1)
}

/** An event that corrects nothing and happened when it was its turn. */
function follows(event: CustodyEvent, at: number, events: readonly CustodyEvent[]): boolean {
  const before = events[at - 1]
  return event.kind !== 'corrected' && (before === undefined || before.happened < event.happened || (before.happened === event.happened && before.seq < event.seq))
}

type Instead = NonNullable<RequestOf<'corrected'>['data']['instead']>
export type Corrections = {
  /** Sequences that a correction in force says did not occur; corrections among them. */
  readonly voided: ReadonlySet<number>
  readonly instead: ReadonlyMap<number, Instead>
  /** The correction that says that the item was entered in error. */
  readonly error: EventOf<'corrected'> | undefined
}

/** A correction names an earlier event, so that walking back from the newest meets each one after all that could void it. */
export function corrections(events: readonly CustodyEvent[]): Corrections {
  const voided = new Set<number>()
  const instead = new Map<number, Instead>()
  let error: EventOf<'corrected'> | undefined
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i] as CustodyEvent
    if (event.kind !== 'corrected' || voided.has(event.seq)) continue
    const { of, how, instead: right } = event.data
    if (how === 'did-not-occur') voided.add(of)
    else if (how === 'entered-in-error') error ??= event
    else if (right !== undefined && !instead.has(of)) instead.set(of, right)
  }
  return { voided, instead, error }
}

/** The holding after an event that has passed the law. */
export function changed(holding: Holding, event: CustodyEvent): Holding {
  const change = changeOf(holding, event)
  const status = change.status ?? holding.status
  return { ...holding, ...change, since: status === holding.status ? holding.since : event.happened }
}

function foldInForce(events: readonly CustodyEvent[]): Holding | undefined {
  return events.reduce<Holding | undefined>((holding, event) => holding === undefined ? enter(event) : changed(holding, event), undefined)
}

/** The holding that all events come to; undefined where none has entered the item. The events have passed `decide`. */
export function fold(events: readonly CustodyEvent[]): Holding | undefined {
  return enteredInError(events, foldInForce(inForce(events)))
}

/** The same, where `was` is what all events but the last `more` come to: these alone are folded, unless one of them reaches further back. */
export function foldOn(was: Holding, events: readonly CustodyEvent[], more: number): Holding | undefined {
  return events.every(follows) ? events.slice(-more).reduce(changed, was) : fold(events)
}

function enteredInError(events: readonly CustodyEvent[], holding: Holding | undefined): Holding | undefined {
  const { error } = corrections(events)
  return holding === undefined || error === undefined ? holding : { ...holding, status: 'entered-in-error', since: error.happened }
}

/** The holding as of `happenedBy`, as the register knew it at `writtenBy`; both ends included. Undefined before the item was there. */
export function holdingAsOf(events: readonly CustodyEvent[], happenedBy: Time, writtenBy: Time): Holding | undefined {
  const written = events.filter((event) => event.written <= writtenBy)
  return enteredInError(written, foldInForce(inForce(written).filter((event) => event.happened <= happenedBy)))
}

/** A shipment whose receipt or dispute is not there by its due time: the sender asks, and shows it (DESIGN section 3). */
export function overdue(holding: Holding, at: Time): Transit | undefined {
  return holding.status === 'in-transit' && holding.transit !== undefined && at > holding.transit.due ? holding.transit : undefined
}

/** Whether an event of this kind brings an item into the register. */
export function enters(kind: EventKind): boolean {
  return permits('none', kind)
}
