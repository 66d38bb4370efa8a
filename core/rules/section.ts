// The sections of an item's leaf in a declaration (DESIGN section 4, spec/event.md): what an answer can open, one by one. Canonical JSON; an
// unused one is empty. No persons, no coordinates, no store, and nothing of a shipment's times or papers before its receipt (DESIGN section 10).
import { canonicalBytes, type Json } from '../bytes/canonical.ts'
import type { Refusal } from '../bytes/refusal.ts'
import { either, integer, list, nullable, object, oneOf, text, time, type Shape, type Shaped } from '../bytes/shape.ts'
import { shapedJson, type JsonCode } from '../bytes/shaped-json.ts'
import { EVENT_KINDS, recordedMark, SEQ_MAX, type CustodyEvent } from './custody-event.ts'
import { document, documents, DOCUMENTS_MAX, type Document } from './document.ts'
import type { Acquired, Holding } from './holding.ts'
import { componentClass, part, quantity } from './item.ts'
import { counterparty, named, NAME_CHARACTERS_MAX, type Named } from './place.ts'
import { STATUSES } from './status.ts'
import { DISCLOSED_SECTIONS, type DisclosedSection } from './terms.ts'

/** The canonical bytes of one section; a longer list of marks or events keeps its first and its newest, and says how many it leaves out. */
export const SECTION_BYTES_MAX = 262_144
const LIST_BYTES_MAX = SECTION_BYTES_MAX - 1024
const ENTRIES_MAX = 100_000

const timeOrWithheld = either(time, oneOf('withheld'), 'a time or "withheld"')
const HOW = ['baseline', 'manufactured', 'imported', 'received', 'found', 'seized', 'split'] as const satisfies readonly Acquired['how'][]
const correction = object({ of: integer(0, SEQ_MAX), how: text(40) })

/** What each section says. */
export const SECTION = {
  status: object({
    status: oneOf(...STATUSES), since: timeOrWithheld, class: componentClass, maker: part, type: part, year: part, lot: part, serial: part, quantity: nullable(quantity),
  }),
  acquired: object({ how: oneOf(...HOW), from: counterparty, when: text(20), documents }),
  released: object({ to: counterparty, when: time, documents: list(document, 0, 2 * DOCUMENTS_MAX) }),
  site: object({ region: named }),
  unit: object({ unit: named }),
  marks: object({ marks: list(recordedMark, 0, ENTRIES_MAX), leftOut: integer(0, ENTRIES_MAX) }),
  history: object({
    events: list(object({
      seq: integer(0, SEQ_MAX), kind: oneOf(...EVENT_KINDS), happened: timeOrWithheld, written: timeOrWithheld, documents, correction: nullable(correction),
    }), 0, ENTRIES_MAX),
    leftOut: integer(0, ENTRIES_MAX),
  }),
} as const satisfies Record<DisclosedSection, Shape<Json>>

export type SectionOf<Name extends DisclosedSection> = Shaped<(typeof SECTION)[Name]>
export type SectionCode = JsonCode<'section'>

/** An opened section as what it says; undefined for the empty one, a refusal for anything but its canonical bytes. */
export function parseSection<Name extends DisclosedSection>(name: Name, bytes: Uint8Array): SectionOf<Name> | undefined | Refusal<SectionCode> {
  return bytes.length === 0 ? undefined : shapedJson('section', SECTION[name] as unknown as Shape<SectionOf<Name>>, SECTION_BYTES_MAX, bytes)
}

/** The sections of an item, from its holding and all events behind it. Keys in the order in which they are bound. */
export function sectionsOf(holding: Holding, events: readonly CustodyEvent[]): Readonly<Record<DisclosedSection, Uint8Array>> {
  const { identity, place, released, acquired } = holding
  const { class: kind, maker, type, year, lot, serial } = identity
  const underway = holding.status === 'in-transit'
  return {
    status: canonicalBytes({
      status: holding.status, since: underway ? 'withheld' : holding.since, class: kind, maker, type, year, lot, serial, quantity: holding.quantity ?? null,
    } satisfies SectionOf<'status'>),
    acquired: canonicalBytes({ ...acquired, documents: papers(acquired.documents) } satisfies SectionOf<'acquired'>),
    released: released === undefined ? new Uint8Array(0) : canonicalBytes({ ...released, documents: papers(released.documents) } satisfies SectionOf<'released'>),
    site: canonicalBytes({ region: typeof place.site === 'string' ? place.site : coarse({ is: place.site.region }) } satisfies SectionOf<'site'>),
    unit: canonicalBytes({ unit: coarse(place.unit) } satisfies SectionOf<'unit'>),
    marks: bounded('marks', holding.marks),
    history: bounded('events', events.map((event) => historyEntry(event, underway && event.kind === 'dispatched' && event.happened === holding.transit?.dispatched))),
  }
}

/** The same, as the list that a leaf binds after its kind. */
export function sectionList(holding: Holding, events: readonly CustodyEvent[]): readonly Uint8Array[] {
  const sections = sectionsOf(holding, events)
  return DISCLOSED_SECTIONS.map((name) => sections[name])
}

function historyEntry(event: CustodyEvent, withheld: boolean): SectionOf<'history'>['events'][number] {
  const { seq, kind, happened, written } = event
  const right = event.kind === 'corrected' ? { of: event.data.of, how: event.data.how } : null
  return withheld
    ? { seq, kind, happened: 'withheld', written: 'withheld', documents: [], correction: right }
    : { seq, kind, happened, written, documents: papers(event.documents), correction: right }
}

/** Series, number and date; the scan's hash stays at home. */
function papers(all: readonly Document[]): readonly Document[] {
  return all.map(({ series, number, date }) => ({ series, number, date }))
}

/** Two decimal numbers or a degree sign next to digits: coordinates that somebody wrote into a name. */
const COORDINATES = /\d{1,3}[.,]\d{3,}\D{1,5}\d{1,3}[.,]\d{3,}|\d\s*[°º˚]|\b\d{1,2}[A-Z]{3}\s?\d{4,10}\b/

function coarse(name: Named): Named {
  return typeof name === 'object' && (COORDINATES.test(name.is) || name.is.length > NAME_CHARACTERS_MAX) ? 'withheld' : name
}

/** Keeps the first entry and as many of the newest as fit. */
function bounded(member: 'marks' | 'events', entries: readonly Json[]): Uint8Array {
  const whole = canonicalBytes({ [member]: entries, leftOut: 0 })
  if (whole.length <= SECTION_BYTES_MAX) return whole
  const [first, ...rest] = entries as [Json, ...Json[]]
  let room = LIST_BYTES_MAX - canonicalBytes(first).length
  let from = rest.length
  while (from > 0) {
    const needed = canonicalBytes(rest[from - 1] as Json).length + 1
    if (needed > room) break
    room -= needed
    from -= 1
  }
  return canonicalBytes({ [member]: [first, ...rest.slice(from)], leftOut: from })
}
