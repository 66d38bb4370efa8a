import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ABROAD, act, at, BASELINE, decided, DESTROYED, ENTRY, history, ITEM, OTHER, PLACE, refused } from '../../test/custody/history.ts'
import { EVENT_KINDS, parseEvent, eventBytes, requestOf, type CustodyRequest } from './custody-event.ts'
import { decide } from './decide.ts'
import { fold, overdue } from './holding.ts'
import { checkHistory } from './lawful.ts'
import { PERMITTED, permits, STATUSES } from './status.ts'
import type { PartyId } from './party.ts'

test('a destroyed item has no later event but a correction', () => {
  const events = history(BASELINE, DESTROYED)
  for (const kind of EVENT_KINDS) {
    if (kind === 'corrected') continue
    assert.equal(refused({ events }, { ...act('missing', at(5), {}), kind } as CustodyRequest), 'custody/after-destruction', kind)
  }
  // A late paper about the time before the destruction is no exception.
  assert.equal(refused({ events }, act('moved', at(1), { site: { code: 'D6', region: 'South' } }), at(5)), 'custody/after-destruction')
  assert.equal(refused({ events }, act('corrected', at(5), { of: 1, how: 'did-not-occur' })), undefined)
})

test('what is being counted does not move, from there nor to there, and may be counted and reported', () => {
  const events = history(BASELINE)
  const open = new Set(['D5'])
  const move = act('moved', at(1), { site: { code: 'D6', region: 'South' } })
  assert.equal(refused({ events, sitesBeingCounted: open }, move), 'custody/being-counted')
  assert.equal(refused({ events, sitesBeingCounted: new Set(['D6']) }, move), 'custody/being-counted')
  assert.equal(refused({ events, sitesBeingCounted: new Set(['D7']) }, move), undefined)
  assert.equal(refused({ events, sitesBeingCounted: open }, ABROAD), 'custody/being-counted')
  assert.equal(refused({ events, sitesBeingCounted: open }, act('destroyed', at(1), {})), 'custody/being-counted')
  assert.equal(refused({ events, sitesBeingCounted: open }, act('counted', at(1), { seen: 'opened' })), undefined)
  assert.equal(refused({ events, sitesBeingCounted: open }, act('missing', at(1), {})), undefined)
  const moved = history(BASELINE, move)
  assert.equal(refused({ events: moved, sitesBeingCounted: open }, act('corrected', at(2), { of: 1, how: 'did-not-occur' })), 'correction/being-counted')
})

test('destruction and transfer abroad take two different people and a paper, and so does taking them back', () => {
  const events = history(BASELINE)
  for (const request of [ABROAD, DESTROYED]) {
    assert.equal(refused({ events }, { ...request, and: null }), 'two-people/second-missing')
    assert.equal(refused({ events }, { ...request, by: 'A. Petrova', and: ' a.  petrova ' }), 'two-people/same-person')
    assert.equal(refused({ events }, { ...request, documents: [] }), 'custody/document-missing')
    assert.equal(refused({ events }, request), undefined)
    const after = history(BASELINE, request)
    assert.equal(refused({ events: after }, act('corrected', at(5), { of: 1, how: 'did-not-occur' }, { and: null })), 'two-people/second-missing')
  }
  const home = act('dispatched', at(1), { to: { name: 'Depot 6' }, abroad: false, due: at(72) }, { and: null, documents: [] })
  assert.equal(refused({ events }, home), undefined)
  const lie = act('corrected', at(5), { of: 1, how: 'incorrect-data', instead: { kind: 'destroyed', happened: at(2), documents: [], data: {} } }, { and: null })
  assert.equal(refused({ events: history(BASELINE, act('missing', at(1), {})) }, lie), 'two-people/second-missing')
})

test('owner and custodian are two fields: an issue changes who has the item and never who owns it', () => {
  const issued = history(BASELINE, act('issued', at(1), { custodian: { is: 'Battery 2' }, site: { code: 'B2', region: 'North' }, unit: { is: 'Battery 2' } }))
  const holding = fold(issued)
  assert.deepEqual(holding?.place, { owner: { is: 'Ministry' }, custodian: { is: 'Battery 2' }, site: { code: 'B2', region: 'North' }, unit: { is: 'Battery 2' } })
  assert.equal(holding.status, 'issued')
})

test('a shipment has a receipt or a dispute by its due time, or it is overdue', () => {
  const sent = history(BASELINE, ABROAD)
  const underway = fold(sent)
  assert.ok(underway !== undefined && overdue(underway, at(72)) === undefined)
  assert.equal(overdue(underway, at(73))?.due, at(72))
  assert.equal(refused({ events: history(BASELINE) }, act('dispatched', at(1), { to: 'unknown', abroad: true, due: at(1) })), 'custody/due-before-dispatch')
  const disputed = fold([...sent, decided({ item: ITEM, events: sent }, act('receipt-disputed', at(80), { what: 'short', by: { party: 'QQ' as PartyId } }), at(80))])
  assert.ok(disputed !== undefined && disputed.status === 'disputed' && overdue(disputed, at(99)) === undefined)
  const confirmed = fold([...sent, decided({ item: ITEM, events: sent }, act('received', at(40), { from: 'nil' }), at(80))])
  assert.equal(confirmed?.status, 'released')
  assert.deepEqual(confirmed.released, { to: { party: 'QQ' }, when: at(40), documents: [...ABROAD.documents, ...ABROAD.documents] })
  assert.deepEqual(confirmed.place.owner, { is: 'QQ' })
})

test('a receipt within the party says where the item is, one abroad leaves that to the other state', () => {
  const home = history(BASELINE, act('dispatched', at(1), { to: { name: 'Depot 6' }, abroad: false, due: at(72) }))
  assert.equal(refused({ events: home }, act('received', at(2), { from: { name: 'Depot 5' } })), 'custody/place-missing')
  const place = { ...PLACE, custodian: { is: 'Depot 6' } }
  assert.equal(fold([...home, decided({ item: ITEM, events: home }, act('received', at(2), { from: { name: 'Depot 5' }, place }), at(2))])?.status, 'held')
  assert.equal(refused({ events: history(BASELINE, ABROAD) }, act('received', at(2), { from: 'nil', place })), 'custody/other-receiver-side')
})

test('what did not happen yet is not written, and the clock of the register does not run back', () => {
  assert.equal(refused({ events: [] }, BASELINE, '2023-12-31T23:59:59Z'), 'custody/happened-after-written')
  const events = history(BASELINE, act('missing', at(5), {}))
  assert.equal(refused({ events }, act('found', at(1), {}), at(4)), 'custody/written-before-last')
})

test('a person who has not seen the newest event decides again', () => {
  const events = history(BASELINE, act('missing', at(1), {}))
  assert.equal(refused({ events, seen: 0 }, act('found', at(2), {})), 'custody/changed-since')
  assert.equal(refused({ events, seen: 1 }, act('found', at(2), {})), undefined)
  assert.equal(refused({ events: [], seen: -1 }, BASELINE), undefined)
})

test('an item enters once, with who and what it is', () => {
  assert.equal(refused({ events: [] }, act('missing', at(0), {})), 'custody/not-entered')
  assert.equal(refused({ events: [] }, act('found', at(0), {})), 'custody/entry-missing')
  assert.equal(refused({ events: history(BASELINE, act('missing', at(1), {})) }, act('found', at(2), { entry: ENTRY })), 'custody/entry-again')
})

test('missing, found, lost, stolen and seized follow on one another as the table says', () => {
  const seizedAgain = history(BASELINE, act('missing', at(1), {}), act('lost', at(2), { circumstances: 'not in any store' }),
    act('stolen', at(3), { circumstances: 'a door was forced' }), act('seized', at(4), { region: 'East' }))
  const holding = fold(seizedAgain)
  assert.equal(holding?.status, 'held')
  assert.equal(holding.since, at(4))
  assert.equal(holding.acquired.how, 'baseline')
  assert.equal(refused({ events: history(BASELINE) }, act('found', at(1), {})), 'custody/not-permitted')
})

test('every refusal by status and only those: the law and the table agree for each kind in each status', () => {
  const ways: Record<string, CustodyRequest[]> = {
    'none': [], 'held': [BASELINE], 'issued': [BASELINE, act('issued', at(1), { custodian: 'unknown', site: 'unknown', unit: 'unknown' })], 'in-transit': [BASELINE, ABROAD],
    'disputed': [BASELINE, ABROAD, act('receipt-disputed', at(3), { what: 'short', by: 'unknown' })], 'released': [BASELINE, ABROAD, act('received', at(3), { from: 'nil' })],
    'missing': [BASELINE, act('missing', at(1), {})], 'lost': [BASELINE, act('lost', at(1), { circumstances: 'x' })], 'stolen': [BASELINE, act('stolen', at(1), { circumstances: 'x' })],
    'expended': [BASELINE, act('expended', at(1), { in: 'training' })], 'demilitarised': [BASELINE, act('demilitarised', at(1), {})], 'destroyed': [BASELINE, act('destroyed', at(1), {})],
    'entered-in-error': [BASELINE, act('corrected', at(1), { of: 0, how: 'entered-in-error' })],
  }
  assert.deepEqual(Object.keys(ways).sort(), ['none', ...STATUSES].sort())
  const byStatus = new Set(['custody/not-permitted', 'custody/not-entered', 'custody/after-destruction'])
  for (const [status, requests] of Object.entries(ways)) {
    const events = history(...requests)
    assert.equal(fold(events)?.status ?? 'none', status)
    for (const kind of EVENT_KINDS) {
      const code = refused({ events }, { ...act('missing', at(9), {}), kind, data: { to: 'unknown', from: 'unknown', site: 'unknown', with: [], of: 99, due: at(90), custodian: 'unknown' } } as unknown as CustodyRequest)
      assert.equal(code !== undefined && byStatus.has(code), !permits(status as keyof typeof PERMITTED, kind), `${kind} when ${status}: ${code}`)
    }
  }
})

test('what is written late must fit between what happened before and after it', () => {
  const events = history(BASELINE, act('missing', at(10), {}), act('found', at(20), {}))
  assert.equal(refused({ events }, act('moved', at(5), { site: { code: 'D6', region: 'South' } }), at(30)), undefined)
  assert.equal(refused({ events }, act('moved', at(15), { site: { code: 'D6', region: 'South' } }), at(30)), 'custody/out-of-order')
  assert.equal(refused({ events }, act('stolen', at(5), { circumstances: 'x' }), at(30)), 'custody/out-of-order')
})

test('the balance of a lot never falls below zero, and nothing is taken from one component', () => {
  const lot = act('baseline', at(0), { entry: { ...ENTRY, quantity: 10 } })
  const some = history(lot, act('expended', at(1), { in: 'training', quantity: 4 }))
  assert.deepEqual([fold(some)?.status, fold(some)?.quantity], ['held', 6])
  assert.equal(refused({ events: some }, act('destroyed', at(2), { quantity: 7 })), 'custody/balance-below-zero')
  const none = history(lot, act('expended', at(1), { in: 'training', quantity: 4 }), act('destroyed', at(2), { quantity: 6 }))
  assert.deepEqual([fold(none)?.status, fold(none)?.quantity], ['destroyed', 0])
  assert.equal(refused({ events: history(BASELINE) }, act('lot-used', at(1), { quantity: 1, for: 'training' })), 'custody/not-permitted')
  const wrong = act('corrected', at(5), { of: 1, how: 'incorrect-data', instead: { kind: 'expended', happened: at(1), documents: [], data: { in: 'training', quantity: 9 } } })
  assert.equal(refused({ events: [...some, decided({ item: ITEM, events: some }, act('expended', at(2), { in: 'training', quantity: 5 }), at(2))] }, wrong), 'correction/breaks-history')
})

test('marks are added and never overwritten', () => {
  const mark = (text: string) => ({ text, place: null, method: 'painted', condition: 'intact', photo: null } as const)
  const entered = act('baseline', at(0), { entry: { ...ENTRY, marks: [mark('9М39 № 01234')] } })
  const events = history(entered, act('re-marked', at(1), { marks: [mark('77')] }), act('counted', at(2), { seen: 'opened', marks: [mark('9M39 01234')] }))
  assert.deepEqual(fold(events)?.marks.map(({ text }) => text), ['9М39 № 01234', '77', '9M39 01234'])
})

test('a seal is checked or broken only where it was put, and a set is left only where it was entered', () => {
  const events = history(BASELINE, act('sealed', at(1), { seal: '7001', on: 'container 4' }), act('paired', at(1), { set: 'S1', with: [OTHER] }))
  assert.equal(refused({ events }, act('seal-broken', at(2), { seal: '7002', foundBroken: true })), 'custody/no-such-seal')
  assert.equal(refused({ events }, act('seal-checked', at(2), { seal: '7001', state: 'intact' })), undefined)
  assert.equal(refused({ events }, act('unpaired', at(2), { set: 'S2' })), 'custody/not-in-this-set')
  assert.equal(refused({ events }, act('paired', at(2), { set: 'S2', with: [OTHER] })), 'custody/not-in-this-set')
  assert.equal(refused({ events: history(BASELINE) }, act('paired', at(2), { set: 'S2', with: [ITEM] })), 'custody/not-in-this-set')
})

test('a whole history is lawful, and an event changed behind the back of the law is named', () => {
  const events = history(BASELINE, act('missing', at(1), {}), act('found', at(2), {}), DESTROYED)
  const late = events.map((event, i) => i === 3 ? { ...event, happened: at(2) } : event)
  assert.equal(checkHistory(late), undefined)
  assert.equal(checkHistory(events.with(3, { ...events[3], and: null } as never))?.refusal.code, 'two-people/second-missing')
  assert.deepEqual(checkHistory(events.toSpliced(1, 1))?.refusal.code, 'history/sequence')
  assert.equal(checkHistory(events.with(2, { ...events[2], item: OTHER } as never))?.seq, 2)
})

test('an event is its canonical bytes and no others, and a request from outside is read strictly', () => {
  const [event] = decide({ item: ITEM, events: [] }, BASELINE, at(3)) as readonly [never]
  assert.deepEqual(parseEvent(eventBytes(event)), event)
  const bytes = new TextEncoder().encode(new TextDecoder().decode(eventBytes(event)).replace('{', '{ '))
  assert.equal((parseEvent(bytes) as { code?: string }).code, 'event/not-canonical')
  const wrong = requestOf({ ...BASELINE, data: { entry: { ...ENTRY, place: { ...PLACE, site: { code: 'D5', region: 'North', latitude: 1 } } } } })
  assert.match((wrong as Error).message, /data\.entry\.place\.site/)
  assert.match((requestOf({ ...BASELINE, reason: '' }) as Error).message, /reason/)
  assert.deepEqual(requestOf(BASELINE), BASELINE)
})
