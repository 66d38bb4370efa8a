import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ABROAD, act, at, BASELINE, decided, ENTRY, history, ITEM, PAPER, PLACE } from '../../test/custody/history.ts'
import { Refusal } from '../bytes/refusal.ts'
import { SECTIONS } from '../proof/leaf.ts'
import { agreementOf } from './agreement.ts'
import { EVENT_KINDS, type CustodyEvent } from './custody-event.ts'
import { approve, approveByRule } from './disclosure.ts'
import type { PartyId } from './party.ts'
import { fold, type Holding } from './holding.ts'
import { parseSection, SECTION_BYTES_MAX, sectionList, sectionsOf } from './section.ts'
import { DISCLOSED_SECTIONS } from './terms.ts'

const heldOf = (events: readonly CustodyEvent[]): Holding => fold(events) as Holding
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

test('the sections are those of an item leaf after its kind, in the order in which they are bound', () => {
  assert.deepEqual(['kind', ...DISCLOSED_SECTIONS], SECTIONS.item)
  const events = history(BASELINE)
  assert.deepEqual(sectionList(heldOf(events), events), DISCLOSED_SECTIONS.map((name) => sectionsOf(heldOf(events), events)[name]))
})

test('a section is read back as what it says, and only from its own bytes', () => {
  const events = history(BASELINE, ABROAD, act('received', at(3), { from: 'nil' }))
  const sections = sectionsOf(heldOf(events), events)
  for (const name of DISCLOSED_SECTIONS) assert.ok(!(parseSection(name, sections[name]) instanceof Refusal), name)
  assert.deepEqual(parseSection('released', sections.released), { to: { party: 'QQ' }, when: at(3), documents: [PAPER, PAPER] })
  const status = parseSection('status', sections.status)
  assert.ok(status !== undefined && !(status instanceof Refusal))
  assert.deepEqual([status.status, status.since, status.serial, status.lot], ['released', at(3), { is: '01234' }, 'unknown'])
  assert.equal((parseSection('unit', sections.site) as Refusal).code, 'section/shape')
  assert.equal((parseSection('site', new TextEncoder().encode(`${textOf(sections.site)} `)) as Refusal).code, 'section/not-canonical')
  assert.equal(parseSection('released', new Uint8Array(0)), undefined)
})

test('no person, store, circumstance or coordinate is in any section', () => {
  const place = { ...PLACE, site: { code: 'SECRET-STORE', region: '40.1812, 44.5136' }, unit: { is: 'Battery at 40°10\'' } }
  const events = history(act('baseline', at(0), { entry: { ...ENTRY, place } }), act('lost', at(1), { circumstances: 'SECRET-STORE was empty' }, { reason: 'a SECRET-STORE count' }))
  const all = Object.values(sectionsOf(heldOf(events), events)).map(textOf).join('\n')
  for (const word of ['Petrova', 'Karimov', 'SECRET', '40.18', '40°', 'Depot 5', 'Ministry']) assert.ok(!all.includes(word), word)
  assert.ok(all.includes('"region":"withheld"') && all.includes('"unit":"withheld"'))
})

test('nothing of a shipment\'s time, papers or receiver is told before its receipt, and all of it after', () => {
  const sent = history(BASELINE, act('dispatched', at(7), { to: { name: 'Ruritania' }, abroad: true, due: at(72) }, { documents: [{ series: null, number: 'L-99', date: '2024-01-02' }] }))
  const before = Object.values(sectionsOf(heldOf(sent), sent)).map(textOf).join('\n')
  for (const word of [at(7), at(72), 'L-99', '2024-01-02', 'Ruritania']) assert.ok(!before.includes(word), word)
  assert.equal(sectionsOf(heldOf(sent), sent).released.length, 0)
  assert.ok(before.includes('in-transit') && before.includes('"happened":"withheld"'))
  const received = [...sent, decided({ item: ITEM, events: sent }, act('received', at(30), { from: 'nil' }), at(30))]
  const after = Object.values(sectionsOf(heldOf(received), received)).map(textOf).join('\n')
  for (const word of [at(7), at(30), 'L-99', 'Ruritania']) assert.ok(after.includes(word), word)
})

test('a long history keeps its first and its newest events and says how many it leaves out', () => {
  const papers = Array.from({ length: 16 }, (_, i) => ({ series: null, number: `${i}`.padStart(100, '0'), date: '2024-01-01' as const }))
  const events = history(BASELINE, ...Array.from({ length: 150 }, (_, i) => act('counted', at(i + 1), { seen: 'opened' }, { documents: papers })))
  const bytes = sectionsOf(heldOf(events), events).history
  assert.ok(bytes.length <= SECTION_BYTES_MAX)
  const told = parseSection('history', bytes)
  assert.ok(told !== undefined && !(told instanceof Refusal))
  assert.ok(told.leftOut > 0)
  assert.equal(told.events.length + told.leftOut, events.length)
  assert.deepEqual([told.events[0]?.seq, told.events[1]?.seq, told.events.at(-1)?.seq], [0, told.leftOut + 1, 150])
})

test('every kind of event and a correction can stand in a history', () => {
  const events = history(BASELINE, act('missing', at(1), {}), act('corrected', at(2), { of: 1, how: 'did-not-occur' }))
  const told = parseSection('history', sectionsOf(heldOf(events), events).history)
  assert.ok(told !== undefined && !(told instanceof Refusal))
  assert.deepEqual(told.events.map(({ kind, correction }) => [kind, correction]), [['baseline', null], ['missing', null], ['corrected', { of: 1, how: 'did-not-occur' }]])
  assert.equal(EVENT_KINDS.length, 33)
})

test('disclosure takes two different people, or a standing rule that two approved', () => {
  assert.equal((approve(['status'], 'A', null, at(0)) as Refusal).code, 'two-people/second-missing')
  assert.equal((approve(['status'], 'A', 'a', at(0)) as Refusal).code, 'two-people/same-person')
  assert.equal((approve([], 'A', 'B', at(0)) as Refusal).code, 'disclosure/no-sections')
  assert.deepEqual(approve(['history', 'status'], 'A', 'B', at(0)), { sections: ['status', 'history'], by: ['A', 'B'], standing: false, at: at(0) })
  const agreement = { standing: null } as unknown as Exclude<ReturnType<typeof agreementOf>, Refusal>
  assert.equal((approveByRule(agreement, 'AA' as PartyId, at(0)) as Refusal).code, 'disclosure/no-standing-rule')
  const standing = { sections: ['site'], approvedBy: ['A', 'B'], except: ['BB' as PartyId] } as const
  assert.equal((approveByRule({ ...agreement, standing }, 'BB' as PartyId, at(0)) as Refusal).code, 'disclosure/no-standing-rule')
  assert.deepEqual(approveByRule({ ...agreement, standing }, 'AA' as PartyId, at(0)), { sections: ['site'], by: ['A', 'B'], standing: true, at: at(0) })
})
