// A custody event: what happened to an item, when it happened and when that was written, by whom, why and on what document (DESIGN
// section 3, spec/event.md). Append-only: a wrong event is corrected by another one, `corrected`, which names it.
import { canonicalBytes, type Json } from '../bytes/canonical.ts'
import type { Refusal } from '../bytes/refusal.ts'
import { shaped, shapedJson, type JsonCode } from '../bytes/shaped-json.ts'
import { tagged } from '../bytes/schema.ts'
import { anyJson, anyObject, boolean, date, hex, integer, list, misfit, nullable, object, oneOf, optional, stated, text, time, verbatim, type Shape, type Shaped } from '../bytes/shape.ts'
import type { Time } from '../bytes/time.ts'
import { documents, type Document } from './document.ts'
import { identity, itemId, optionalQuantity, quantity, type ItemId } from './item.ts'
import { counterparty, named, place, site } from './place.ts'

export const EVENT_VERSION = 'muster/event/1'
export const EVENT_BYTES_MAX = 65_536
export const SEQ_MAX = 99_999
export const PERSON_CHARACTERS_MAX = 200
export const REASON_CHARACTERS_MAX = 500
export const MARKS_MAX = 32
export const MARK_CHARACTERS_MAX = 1000
export const SET_ITEMS_MAX = 16

export const EVENT_KINDS = [
  'baseline', 'manufactured', 'imported', 'dispatched', 'received', 'receipt-disputed', 'issued', 'returned', 'moved', 'packed', 'unpacked', 'paired', 'unpaired',
  'counted', 'found', 'missing', 'lost', 'stolen', 'seized', 're-marked', 'modified', 'expended', 'demilitarised', 'destroyed', 'handed-over', 'sealed',
  'seal-checked', 'seal-broken', 'recategorised', 'life-extended', 'lot-split', 'lot-used', 'corrected',
] as const
export type EventKind = (typeof EVENT_KINDS)[number]
export type CorrectableKind = Exclude<EventKind, 'corrected'>

const KINDS: ReadonlySet<unknown> = new Set(EVENT_KINDS)

export function isEventKind(value: unknown): value is EventKind {
  return KINDS.has(value)
}

export const MARK_METHODS = ['stamped', 'engraved', 'painted', 'label', 'plate', 'ink', 'unknown'] as const
export const MARK_CONDITIONS = ['intact', 'partly-legible', 'painted-over', 'erased', 'altered', 're-marked', 'unknown'] as const

/**
 * What somebody read off an item: the text as it stands there, where, how it was made, its condition, SHA-256 of the photo's original.
 * `reading`: the serial number as far as it could be made out, with `?` for an illegible character; left out where the mark holds none.
 */
export const recordedMark = object({
  text: verbatim(MARK_CHARACTERS_MAX), place: nullable(text(PERSON_CHARACTERS_MAX)), method: oneOf(...MARK_METHODS), condition: oneOf(...MARK_CONDITIONS), photo: nullable(hex(32)),
  reading: optional(verbatim(MARK_CHARACTERS_MAX)),
})
/** A mark as recorded with an event. */
export type RecordedMark = Shaped<typeof recordedMark>

const note = text(REASON_CHARACTERS_MAX)
const code = text(100)
const marks = optional(list(recordedMark, 0, MARKS_MAX))

/** How an item came to the party that records it, when known; `when` is a date, a time, or in which way there is none. */
const acquisition = object({ from: counterparty, when: text(20) })

/** With it an item enters the register: who and what it is. */
const entry = object({ identity, place, quantity: optionalQuantity, marks })
export type Entry = Shaped<typeof entry>

/** What stands in the place of a corrected event; `data` is of the shape of `kind`, checked by `withData`. */
const instead = object({
  kind: stated<CorrectableKind>((value, at) => isEventKind(value) && value !== 'corrected' ? value : misfit(at, 'a kind of event other than corrected'),
    () => ({ enum: EVENT_KINDS.filter((kind) => kind !== 'corrected') })),
  happened: time,
  documents,
  data: anyObject,
})

const CORRECTED = { of: integer(0, SEQ_MAX), how: oneOf('did-not-occur', 'incorrect-data', 'entered-in-error') }

/** What each kind of event says besides its head. Lots, container seals, hand-over and books have their shapes here. */
export const DATA = {
  'baseline': object({ entry, acquired: optional(acquisition) }),
  'manufactured': object({ entry }),
  'imported': object({ entry: optional(entry), from: counterparty, place: optional(place) }),
  /** `abroad`: to another state, so that owner and custodian change with the receipt; `place`: where it goes within the party. */
  'dispatched': object({ to: counterparty, abroad: boolean, due: time, place: optional(place) }),
  /** The receiver's own record, or at the sender the receiver's confirmation; `receipt`: id of the message that brought it. */
  'received': object({ from: counterparty, entry: optional(entry), place: optional(place), receipt: optional(hex(32)), marks }),
  'receipt-disputed': object({ what: oneOf('not-received', 'short', 'other-marks', 'damaged', 'not-ordered'), by: counterparty, receipt: optional(hex(32)) }),
  'issued': object({ custodian: named, site, unit: named }),
  'returned': object({ place }),
  'moved': object({ site, unit: optional(named) }),
  'packed': object({ container: code }),
  'unpacked': object({ container: code }),
  'paired': object({ set: code, with: list(itemId, 1, SET_ITEMS_MAX) }),
  'unpaired': object({ set: code }),
  'counted': object({ seen: oneOf('opened', 'sealed', 'not-accessible'), call: optional(hex(32)), agrees: optional(boolean), marks }),
  'found': object({ entry: optional(entry), place: optional(place), marks }),
  'missing': object({ lastSeen: optional(time) }),
  'lost': object({ circumstances: note }),
  'stolen': object({ circumstances: note }),
  /** A weapon taken from somebody: from then on it is in the finder's custody. `region`: where, as coarsely as other parties may know. */
  'seized': object({ entry: optional(entry), place: optional(place), region: optional(code), recovery: optional(code), marks }),
  're-marked': object({ marks: list(recordedMark, 1, MARKS_MAX) }),
  'modified': object({ what: note, identity: optional(identity), marks }),
  'expended': object({ in: oneOf('training', 'lot-test', 'operations'), quantity: optionalQuantity }),
  'demilitarised': object({ certificate: optional(code) }),
  'destroyed': object({ certificate: optional(code), quantity: optionalQuantity }),
  'handed-over': object({ site, from: named, to: named, expected: integer(0, 1_000_000_000), seen: integer(0, 1_000_000_000) }),
  'sealed': object({ seal: code, on: code }),
  'seal-checked': object({ seal: code, state: oneOf('intact', 'damaged', 'missing', 'other-number') }),
  'seal-broken': object({ seal: code, foundBroken: boolean }),
  /** `nextCheck`: the day by which it is to be looked at again. */
  'recategorised': object({ category: code, nextCheck: optional(date) }),
  'life-extended': object({ until: text(20), nextCheck: optional(date) }),
  /** On the lot that gives and on the one that takes; the new lot's own first event carries `entry`. */
  'lot-split': object({ other: itemId, quantity, entry: optional(entry) }),
  'lot-used': object({ quantity, for: note }),
  'corrected': object({ ...CORRECTED, instead: optional(instead) }),
} as const satisfies Record<EventKind, Shape<Json>>

/** What a person asks to be recorded: an event without the fields that the registry gives it. */
export type RequestOf<K extends EventKind> = {
  readonly kind: K
  readonly happened: Time
  readonly by: string
  /** The second person, where two are due or present. */
  readonly and: string | null
  readonly reason: string
  readonly documents: readonly Document[]
  readonly data: Shaped<(typeof DATA)[K]>
}
export type CustodyRequest = { [K in EventKind]: RequestOf<K> }[EventKind]

export type EventOf<K extends EventKind> = RequestOf<K> & {
  readonly v: typeof EVENT_VERSION
  readonly item: ItemId
  /** Position among the item's events, from 0. */
  readonly seq: number
  readonly written: Time
}
export type CustodyEvent = { [K in EventKind]: EventOf<K> }[EventKind]

const HEAD = {
  kind: stated<EventKind>((value, at) => isEventKind(value) ? value : misfit(at, `a kind of event: ${EVENT_KINDS.join(', ')}`), () => ({ enum: EVENT_KINDS })),
  happened: time, by: text(PERSON_CHARACTERS_MAX), and: nullable(text(PERSON_CHARACTERS_MAX)), reason: text(REASON_CHARACTERS_MAX), documents,
  data: anyJson,
}
const requestHead = object(HEAD)
const eventHead = object({ v: oneOf(EVENT_VERSION), item: itemId, seq: integer(0, SEQ_MAX), written: time, ...HEAD })

function withData<T extends { readonly kind: EventKind, readonly data: Json }>(head: T): T {
  const shape: Shape<Json> = DATA[head.kind]
  const data = shape(head.data, 'data')
  if (head.kind === 'corrected') {
    const { instead } = data as RequestOf<'corrected'>['data']
    if (instead !== undefined) DATA[instead.kind](instead.data, 'data.instead.data')
  }
  return { ...head, data }
}

/** What is said of each kind; what stands in a corrected event's place is of its own kind. */
const dataSchemas = (head: Shape<unknown>) => () => {
  const { corrected, ...correctable } = DATA
  const replaced = object({ ...CORRECTED, instead: optional(stated(instead, () => tagged(instead, 'kind', 'data', correctable))) })
  return tagged(head, 'kind', 'data', { ...correctable, corrected: replaced satisfies typeof corrected })
}

export const requestShape: Shape<CustodyRequest> = stated((value, at) => withData(requestHead(value, at)) as CustodyRequest, dataSchemas(requestHead))
export const eventShape: Shape<CustodyEvent> = stated((value, at) => withData(eventHead(value, at)) as CustodyEvent, dataSchemas(eventHead))

export type EventCode = JsonCode<'event'>

/** A request from outside (a form, a command, a row) as the law reads it. Refused with the member that does not fit. */
export function requestOf(value: unknown): CustodyRequest | Refusal<EventCode> {
  return shaped('event', requestShape, value)
}

/** The canonical bytes of an event, as hashed into a batch (spec/event.md). */
export function eventBytes(event: CustodyEvent): Uint8Array {
  return canonicalBytes(event)
}

/** Canonical bytes as an event; anything else is refused. */
export function parseEvent(bytes: Uint8Array): CustodyEvent | Refusal<EventCode> {
  return shapedJson('event', eventShape, EVENT_BYTES_MAX, bytes)
}
