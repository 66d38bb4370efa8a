// From a component's steps to the custody events that each of its holders recorded, as the law of core/rules demands them: a transfer abroad
// takes two people and a licence, its receipt is confirmed at the sender and recorded by the receiver, a destruction has two people and a certificate.
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { addSeconds, type Time } from '@muster/core/bytes/time.ts'
import type { CustodyEvent, CustodyRequest, Entry } from '@muster/core/rules/custody-event.ts'
import { decide } from '@muster/core/rules/decide.ts'
import type { Identity, ItemId } from '@muster/core/rules/item.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { EXERCISE, stateOf } from './states.ts'
import type { Component, Kind, Step } from './story.ts'

const DAY_SECONDS = 86_400
const JOURNEY_SECONDS = 20 * DAY_SECONDS
const DUE_SECONDS = 60 * DAY_SECONDS

/** The index under which a component of a kind is known, in the alphabet of the clerk. */
export const TYPES: Readonly<Record<Kind, { readonly cyrillic: string, readonly latin: string }>> = {
  'missile': { cyrillic: '9М39', latin: '9M39' },
  'gripstock': { cyrillic: '9П516', latin: '9P516' },
  'power-unit': { cyrillic: '9Б238', latin: '9B238' },
}

const MAKERS: Readonly<Record<State['alphabet'], string>> = { cyrillic: 'Завод А (учебный)', latin: 'Plant B (exercise)' }
type State = ReturnType<typeof stateOf>

/** What one holder records of one component. `mark`: the item that stands in its sheet already; undefined where these acts enter it. */
export interface Recorded {
  readonly party: PartyId
  readonly component: string
  readonly mark: string | undefined
  readonly requests: readonly CustodyRequest[]
}

/** Officers of a state; two where two are due. */
export function officers(party: PartyId): readonly [string, string] {
  return stateOf(party).alphabet === 'cyrillic' ? [`Делопроизводитель ${party} (учение)`, `Начальник службы ${party} (учение)`] : [`Records officer ${party} (exercise)`, `Head of service ${party} (exercise)`]
}

function entryOf(party: PartyId, kind: Kind, mark: string, more: Partial<Identity>): Entry {
  const { alphabet, title } = stateOf(party)
  const own = { is: alphabet === 'cyrillic' ? title.ru : title.en }
  return {
    identity: { class: kind, maker: 'unknown', type: { is: TYPES[kind][alphabet] }, year: 'unknown', lot: 'unknown', ...more, serial: { is: mark } },
    place: { owner: own, custodian: own, site: { code: `${party}-1`, region: `${party} North (exercise)` }, unit: 'unknown' },
    marks: [{ text: mark, place: null, method: 'painted', condition: 'intact', photo: null, reading: mark }],
  }
}

const at = (day: string): Time => `${day}T09:00:00Z`

function head(party: PartyId, happened: Time, series: string, id: string) {
  const [by, and] = officers(party)
  return { happened, by, and, reason: EXERCISE, documents: [{ series, number: `${party}-${id}`, date: happened.slice(0, 10), }] }
}

type Sink = (party: PartyId, request: CustodyRequest) => void

function deliver(component: Component, step: Extract<Step, { step: 'delivered' }>, sink: Sink): void {
  const { from, to, on, mark } = step
  const arrived = at(on)
  const sent = addSeconds(arrived, -JOURNEY_SECONDS)
  sink(from, { kind: 'dispatched', ...head(from, sent, 'LIC', component.id), data: { to: { party: to }, abroad: true, due: addSeconds(sent, DUE_SECONDS) } })
  sink(from, { kind: 'received', ...head(from, arrived, 'RCP', component.id), data: { from: { party: from } } })
  if (mark !== null) sink(to, { kind: 'imported', ...head(to, arrived, 'IMP', component.id), data: { from: { party: from }, entry: entryOf(to, component.kind, mark, {}) } })
}

function end(component: Component, step: Extract<Step, { party: PartyId, on: string }> & { readonly step: Exclude<Step['step'], 'made' | 'stocked' | 'delivered'> }, sink: Sink): void {
  const { party, on } = step
  const base = head(party, at(on), 'ACT', component.id)
  const certificate = `${party}-${component.id}`
  switch (step.step) {
    case 'missing': return sink(party, { kind: 'missing', ...base, data: {} })
    case 'lost':
    case 'stolen': return sink(party, { kind: step.step, ...base, data: { circumstances: EXERCISE } })
    case 'expended': return sink(party, { kind: 'expended', ...base, data: { in: 'training' } })
    case 'demilitarised': return sink(party, { kind: 'demilitarised', ...base, data: { certificate } })
    case 'destroyed': return sink(party, { kind: 'destroyed', ...base, data: { certificate } })
  }
}

/** What each holder records besides its sheet, holder by holder. */
export function recordsOf(component: Component): Recorded[] {
  const held = new Map<PartyId, { mark: string | undefined, requests: CustodyRequest[] }>()
  const sink: Sink = (party, request) => {
    const record = held.get(party) ?? { mark: undefined, requests: [] }
    held.set(party, record)
    record.requests.push(request)
  }
  for (const step of component.steps) {
    if (step.step === 'stocked') held.set(step.party, { mark: step.mark, requests: [] })
    else if (step.step === 'delivered') deliver(component, step, sink)
    else if (step.step === 'made') {
      const { party, on, mark } = step
      const maker = { is: MAKERS[stateOf(party).alphabet] }
      sink(party, { kind: 'manufactured', ...head(party, at(on), 'PAS', component.id), data: { entry: entryOf(party, component.kind, mark, { maker, year: { is: on.slice(0, 4) }, lot: { is: '1' } }) } })
    } else end(component, step, sink)
  }
  return [...held].filter(([, { requests }]) => requests.length > 0).map(([party, record]) => ({ party, component: component.id, ...record }))
}

export interface Addition { readonly before: readonly CustodyEvent[], readonly event: CustodyEvent }

/** The events by which these requests follow on an item's own, each passed by the law. Throws the Refusal of one that may not. */
export function additions(item: ItemId, held: readonly CustodyEvent[], requests: readonly CustodyRequest[], written: Time): Addition[] {
  const events = [...held]
  return requests.map((request) => {
    const decided = decide({ item, events }, request, written)
    if (decided instanceof Refusal) throw decided
    const before = [...events]
    events.push(decided[0])
    return { before, event: decided[0] }
  })
}
