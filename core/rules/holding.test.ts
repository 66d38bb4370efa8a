import assert from 'node:assert/strict'
import { test } from 'node:test'
import { act, at, BASELINE, decided, DESTROYED, ENTRY, history, ITEM, OTHER, PLACE, refused } from '../../test/custody/history.ts'
import { drawFrom, pick, shuffled, type Draw } from '../../test/custody/random.ts'
import { Refusal } from '../bytes/refusal.ts'
import type { CustodyEvent, CustodyRequest, RequestOf } from './custody-event.ts'
import { decide } from './decide.ts'
import { fold, foldOn, holdingAsOf, inForce, type Holding } from './holding.ts'
import { checkHistory } from './lawful.ts'

const SITES = ['D5', 'D6', 'D7'].map((code) => ({ code, region: 'North' }))
const LATEST = '9999-12-31T23:59:59Z'

function anyRequest(draw: Draw, hour: number): CustodyRequest {
  const happened = at(hour)
  return pick<() => CustodyRequest>(draw, [
    () => act('moved', happened, { site: pick(draw, SITES) }),
    () => act('issued', happened, { custodian: { is: `Battery ${draw(3)}` }, site: pick(draw, SITES), unit: 'unknown' }),
    () => act('returned', happened, { place: { ...PLACE, site: pick(draw, SITES) } }),
    () => act('dispatched', happened, { to: { name: 'Depot 6' }, abroad: draw(2) === 0, due: at(hour + 48) }),
    () => act('received', happened, draw(2) === 0 ? { from: 'nil' } : { from: 'nil', place: { ...PLACE, site: pick(draw, SITES) } }),
    () => act('receipt-disputed', happened, { what: 'short', by: 'unknown' }),
    () => act('missing', happened, {}),
    () => act('lost', happened, { circumstances: 'not found' }),
    () => act('stolen', happened, { circumstances: 'forced' }),
    () => act('found', happened, {}),
    () => act('counted', happened, { seen: pick(draw, ['opened', 'sealed', 'not-accessible'] as const) }),
    () => act('packed', happened, { container: `C${draw(4)}` }),
    () => act('unpacked', happened, { container: 'C1' }),
    () => act('paired', happened, { set: `S${draw(2)}`, with: [OTHER] }),
    () => act('unpaired', happened, { set: `S${draw(2)}` }),
    () => act('re-marked', happened, { marks: [{ text: `${draw(100)}`, place: null, method: 'stamped', condition: 'intact', photo: null }] }),
    () => act('sealed', happened, { seal: `${draw(9)}`, on: 'container' }),
    () => act('destroyed', happened, {}),
  ])()
}

/** A lawful history of some length; some events happened before others that were written earlier. */
function anyHistory(draw: Draw, length: number): CustodyEvent[] {
  const events = history(BASELINE)
  for (let tries = 0; events.length < length && tries < 400; tries++) {
    const now = tries + 1
    const result = decide({ item: ITEM, events }, anyRequest(draw, draw(4) === 0 ? draw(now) : now), at(now))
    if (!(result instanceof Refusal)) events.push(...result)
  }
  return events
}

const undo = (of: number, hour: number): RequestOf<'corrected'> => act('corrected', at(hour), { of, how: 'did-not-occur' }) as RequestOf<'corrected'>

test('apply, correct, arrive at the old holding: 300 histories, each extended by every act that the law takes', () => {
  let undone = 0
  for (let seed = 1; seed <= 300; seed++) {
    const draw = drawFrom(seed)
    const events = anyHistory(draw, 3 + draw(8))
    const before = fold(events)
    const request = anyRequest(draw, 500)
    const result = decide({ item: ITEM, events }, request, at(500))
    if (result instanceof Refusal) continue
    const applied = [...events, ...result]
    const corrected = [...applied, decided({ item: ITEM, events: applied }, undo(events.length, 501), at(501))]
    assert.deepEqual(fold(corrected), before, `seed ${seed}: ${request.kind}`)
    const again = [...corrected, decided({ item: ITEM, events: corrected }, undo(corrected.length - 1, 502), at(502))]
    assert.deepEqual(fold(again), fold(applied), `seed ${seed}: the correction of the correction of ${request.kind}`)
    assert.equal(checkHistory(again), undefined, `seed ${seed}`)
    const late = { ...result[0], happened: (events[0] as CustodyEvent).happened }
    for (const longer of [applied, corrected, again, [...events, late]]) {
      assert.deepEqual(foldOn(before as Holding, longer, longer.length - events.length), fold(longer), `seed ${seed}: ${request.kind} folded on`)
    }
    undone += 1
  }
  assert.ok(undone > 100, `${undone} acts were undone`)
})

test('several acts are undone in any order that the law permits, and the end is the old holding', () => {
  let whole = 0
  for (let seed = 1; seed <= 150; seed++) {
    const draw = drawFrom(seed * 7919)
    const old = anyHistory(draw, 3)
    let events = old
    for (let i = 0; i < 4; i++) {
      const result = decide({ item: ITEM, events }, anyRequest(draw, 500 + i), at(500 + i))
      if (!(result instanceof Refusal)) events = [...events, ...result]
    }
    let left = shuffled(draw, events.slice(old.length).map(({ seq }) => seq))
    for (let hour = 600; left.length > 0; hour++) {
      const done = left.find((seq) => refused({ events }, undo(seq, hour)) === undefined)
      if (done === undefined) assert.fail(`seed ${seed}: none of ${left.join(', ')} can be undone`)
      events = [...events, decided({ item: ITEM, events }, undo(done, hour), at(hour))]
      left = left.filter((seq) => seq !== done)
    }
    assert.deepEqual(fold(events), fold(old), `seed ${seed}`)
    whole += 1
  }
  assert.equal(whole, 150)
})

test('the register is read as of one time and as known at another', () => {
  let events = history(BASELINE, act('moved', at(10), { site: { code: 'D6', region: 'South' } }))
  events = [...events, decided({ item: ITEM, events }, act('moved', at(5), { site: { code: 'D7', region: 'East' } }), at(20))]
  events = [...events, decided({ item: ITEM, events }, undo(1, 30), at(30))]
  const site = (happened: number, written: number) => {
    const place = holdingAsOf(events, at(happened), at(written))?.place.site
    return typeof place === 'object' ? place.code : place
  }
  assert.equal(holdingAsOf(events, '2023-12-31T00:00:00Z', LATEST), undefined)
  assert.equal(holdingAsOf(events, LATEST, '2023-12-31T00:00:00Z'), undefined)
  assert.deepEqual([site(4, 4), site(6, 15), site(12, 15)], ['D5', 'D5', 'D6'])
  assert.deepEqual([site(6, 20), site(12, 20)], ['D7', 'D6'])
  assert.deepEqual([site(6, 30), site(12, 30)], ['D7', 'D7'])
  assert.deepEqual(holdingAsOf(events, LATEST, LATEST), fold(events))
})

test('what is known at a time never changes when more is written', () => {
  for (let seed = 1; seed <= 100; seed++) {
    const draw = drawFrom(seed * 31)
    const events = anyHistory(draw, 10)
    for (let n = 1; n < events.length; n++) {
      const written = (events[n - 1] as CustodyEvent).written
      if (events[n]?.written === written) continue
      assert.deepEqual(holdingAsOf(events, LATEST, written), fold(events.slice(0, n)), `seed ${seed}, ${n} events`)
    }
  }
})

test('incorrect data are put right by naming the event, and the newest correction in force counts', () => {
  const right = (code: string, hour: number) => act('corrected', at(hour), {
    of: 1, how: 'incorrect-data', instead: { kind: 'moved', happened: at(9), documents: [], data: { site: { code, region: 'North' } } },
  })
  const events = history(BASELINE, act('moved', at(10), { site: { code: 'D6', region: 'South' } }), right('D7', 20), right('D8', 30))
  const site = (all: readonly CustodyEvent[]) => (fold(all)?.place.site as { code: string }).code
  assert.equal(site(events), 'D8')
  assert.equal(site([...events, decided({ item: ITEM, events }, undo(3, 40), at(40))]), 'D7')
  assert.deepEqual(inForce(events).map(({ seq, happened }) => [seq, happened]), [[0, at(0)], [1, at(9)]])
})

test('a correction is refused where it names nothing, leaves nothing, or pulls the ground from under later events', () => {
  const events = history(BASELINE, act('missing', at(1), {}), act('found', at(2), {}))
  const code = (data: RequestOf<'corrected'>['data'], all = events) => refused({ events: all }, act('corrected', at(9), data))
  assert.equal(code({ of: 7, how: 'did-not-occur' }), 'correction/no-such-event')
  assert.equal(code({ of: 3, how: 'did-not-occur' }), 'correction/no-such-event')
  assert.equal(code({ of: 0, how: 'did-not-occur' }), 'correction/first-event')
  assert.equal(code({ of: 1, how: 'entered-in-error' }), 'correction/only-first-event')
  assert.equal(code({ of: 1, how: 'did-not-occur' }), 'correction/breaks-history')
  assert.equal(code({ of: 1, how: 'incorrect-data' }), 'correction/nothing-instead')
  const instead = { kind: 'missing' as const, happened: at(1), documents: [], data: {} }
  assert.equal(code({ of: 1, how: 'did-not-occur', instead }), 'correction/something-instead')
  assert.equal(code({ of: 1, how: 'incorrect-data', instead: { ...instead, happened: at(10) } }), 'correction/happened-after-written')
  assert.equal(code({ of: 1, how: 'incorrect-data', instead: { ...instead, happened: at(3) } }), 'correction/breaks-history')
  assert.equal(code({ of: 1, how: 'incorrect-data', instead: { kind: 'destroyed', happened: at(1), documents: [], data: {} } }), 'correction/breaks-history')
  assert.equal(code({ of: 1, how: 'incorrect-data', instead: { kind: 'found', happened: at(1), documents: [], data: { entry: ENTRY } } }), 'correction/breaks-history')
  const once = history(BASELINE, act('missing', at(1), {}), act('corrected', at(2), { of: 1, how: 'did-not-occur' }))
  assert.equal(code({ of: 1, how: 'did-not-occur' }, once), 'correction/already-corrected')
  assert.equal(code({ of: 2, how: 'incorrect-data', instead }, once), 'correction/of-a-correction')
  assert.equal(code({ of: 2, how: 'did-not-occur' }, once), undefined)
})

test('an item entered in error stays with that status, for every date, and can only be corrected back', () => {
  const events = history(BASELINE, act('missing', at(1), {}), act('corrected', at(5), { of: 0, how: 'entered-in-error' }))
  assert.equal(fold(events)?.status, 'entered-in-error')
  assert.equal(holdingAsOf(events, at(0), at(9))?.status, 'entered-in-error')
  assert.equal(holdingAsOf(events, at(9), at(4))?.status, 'missing')
  assert.equal(refused({ events }, act('found', at(6), {})), 'custody/not-permitted')
  assert.equal(refused({ events }, undo(1, 6)), 'correction/already-corrected')
  assert.equal(fold([...events, decided({ item: ITEM, events }, undo(2, 6), at(6))])?.status, 'missing')
})

test('a destruction that did not take place is taken back by two, and the item lives on', () => {
  const events = history(BASELINE, DESTROYED)
  const back = [...events, decided({ item: ITEM, events }, undo(1, 5), at(5))]
  assert.equal(fold(back)?.status, 'held')
  assert.equal(refused({ events: back }, act('moved', at(6), { site: { code: 'D6', region: 'South' } })), undefined)
})
