// What each kind of event changes in a holding. Whether it may happen at all is decided elsewhere (`status.ts`, `decide.ts`).
import type { CustodyEvent, Entry, EventKind, EventOf, RecordedMark } from './custody-event.ts'
import type { Acquired, Holding } from './holding.ts'
import { namedOf, type Counterparty } from './place.ts'
import type { Quantity } from './item.ts'

type Change = Partial<Holding>

/** The entry that an item's first event brings; undefined where the event brings none. */
export function entryOf(event: Pick<CustodyEvent, 'kind' | 'data'>): Entry | undefined {
  return 'entry' in event.data ? event.data.entry : undefined
}

const HOW: Partial<Record<EventKind, Acquired['how']>> = {
  'baseline': 'baseline', 'manufactured': 'manufactured', 'imported': 'imported', 'received': 'received', 'found': 'found', 'seized': 'seized', 'lot-split': 'split',
}

function acquiredBy(event: CustodyEvent): Acquired {
  const { happened, documents } = event
  const how = HOW[event.kind] ?? 'baseline'
  if (event.kind === 'baseline') return { how, from: event.data.acquired?.from ?? 'unknown', when: event.data.acquired?.when ?? 'unknown', documents }
  const from: Counterparty = event.kind === 'imported' || event.kind === 'received' ? event.data.from : event.kind === 'manufactured' ? 'nil' : 'unknown'
  return { how, from, when: happened, documents }
}

/** The holding after an item's first event; undefined where that event brings no entry. */
export function enter(event: CustodyEvent): Holding | undefined {
  const entry = entryOf(event)
  if (entry === undefined) return undefined
  const { identity, place, quantity } = entry
  return {
    item: event.item, status: 'held', since: event.happened, identity, quantity, place, acquired: acquiredBy(event), released: undefined, transit: undefined,
    marks: [...(entry.marks ?? []), ...marksOf(event)], set: undefined, container: undefined, seals: [], counted: undefined, category: undefined, usableUntil: undefined, nextCheck: undefined,
  }
}

function marksOf(event: CustodyEvent): readonly RecordedMark[] {
  return 'marks' in event.data ? event.data.marks ?? [] : []
}

const gone = (status: 'missing' | 'lost' | 'stolen') => (): Change => ({ status, transit: undefined })

/** What is left of a quantity; undefined where there is none to take from. */
function less(quantity: Quantity | undefined, taken: Quantity | undefined): Quantity | undefined {
  if (quantity === undefined || typeof quantity !== 'number' || typeof taken !== 'number') return quantity
  return quantity - taken
}

/** Ends the item, or takes a part of a lot and leaves the rest as it was. */
const ended = (status: 'expended' | 'destroyed') => (holding: Holding, event: EventOf<'expended'> | EventOf<'destroyed'>): Change => {
  const left = less(holding.quantity, event.data.quantity)
  return typeof left === 'number' && left > 0 && event.data.quantity !== undefined ? { quantity: left } : { status, quantity: left }
}

/** Back in hands, at the stated place or where it was. What comes back from another state has been acquired anew. */
function back(holding: Holding, event: EventOf<'found'> | EventOf<'seized'> | EventOf<'returned'> | EventOf<'imported'>): Change {
  const anew = holding.status === 'released' ? { acquired: acquiredBy(event), released: undefined } : {}
  return { status: 'held', place: event.data.place ?? holding.place, transit: undefined, ...anew }
}

function received(holding: Holding, event: EventOf<'received'>): Change {
  const { transit } = holding
  if (event.data.place === undefined && transit !== undefined) {
    const holder = namedOf(transit.to)
    return {
      status: 'released', transit: undefined, released: { to: transit.to, when: event.happened, documents: [...transit.documents, ...event.documents] },
      place: { owner: holder, custodian: holder, site: 'nil', unit: 'nil' },
    }
  }
  const anew = holding.status === 'released' ? { acquired: acquiredBy(event), released: undefined } : {}
  return { status: 'held', place: event.data.place ?? holding.place, transit: undefined, ...anew }
}

const CHANGES: { readonly [K in EventKind]?: (holding: Holding, event: EventOf<K>) => Change } = {
  'dispatched': (_, { data, happened, documents }) =>
    ({ status: 'in-transit', transit: { to: data.to, abroad: data.abroad, dispatched: happened, due: data.due, documents }, container: undefined }),
  'received': received,
  'receipt-disputed': () => ({ status: 'disputed' }),
  'imported': back,
  'returned': back,
  'found': back,
  'seized': back,
  // Issue changes who has it; who owns it stays.
  'issued': ({ place }, { data }) => ({ status: 'issued', place: { ...place, custodian: data.custodian, site: data.site, unit: data.unit } }),
  'moved': ({ place }, { data }) => ({ place: { ...place, site: data.site, unit: data.unit ?? place.unit } }),
  'packed': (_, { data }) => ({ container: data.container }),
  'unpacked': () => ({ container: undefined }),
  'paired': (_, { data }) => ({ set: { id: data.set, with: data.with } }),
  'unpaired': () => ({ set: undefined }),
  'counted': (_, { data, happened }) => ({ counted: { seen: data.seen, at: happened } }),
  'missing': gone('missing'),
  'lost': gone('lost'),
  'stolen': gone('stolen'),
  'modified': ({ identity }, { data }) => ({ identity: data.identity ?? identity }),
  'expended': ended('expended'),
  'demilitarised': () => ({ status: 'demilitarised' }),
  'destroyed': ended('destroyed'),
  'handed-over': ({ place }, { data }) => ({ place: { ...place, custodian: data.to } }),
  'sealed': ({ seals }, { data }) => ({ seals: [...seals, { seal: data.seal, on: data.on, state: 'intact' }] }),
  'seal-checked': ({ seals }, { data }) => ({ seals: seals.map((each) => each.seal === data.seal ? { ...each, state: data.state } : each) }),
  'seal-broken': ({ seals }, { data }) => ({ seals: seals.map((each) => each.seal === data.seal ? { ...each, state: 'broken' } : each) }),
  'recategorised': ({ nextCheck }, { data }) => ({ category: data.category, nextCheck: data.nextCheck ?? nextCheck }),
  'life-extended': ({ nextCheck }, { data }) => ({ usableUntil: data.until, nextCheck: data.nextCheck ?? nextCheck }),
  'lot-split': ({ quantity }, { data }) => ({ quantity: less(quantity, data.quantity) }),
  'lot-used': ({ quantity }, { data }) => ({ quantity: less(quantity, data.quantity) }),
}

/** What an event changes in the holding before it; marks are only ever added. */
export function changeOf(holding: Holding, event: CustodyEvent): Change {
  const change = CHANGES[event.kind] as ((holding: Holding, event: CustodyEvent) => Change) | undefined
  const marks = marksOf(event)
  return { ...change?.(holding, event), ...(marks.length > 0 ? { marks: [...holding.marks, ...marks] } : {}) }
}
