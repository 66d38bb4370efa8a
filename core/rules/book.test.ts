import assert from 'node:assert/strict'
import { test } from 'node:test'
import { act, at, BASELINE, decided, ENTRY, history, ITEM, OTHER, PLACE } from '../../test/custody/history.ts'
import { drawFrom, pick } from '../../test/custody/random.ts'
import { addSeconds } from '../bytes/time.ts'
import { Refusal } from '../bytes/refusal.ts'
import { bookOf, changesBetween, withBook, type Account, type Period } from './book.ts'
import type { CustodyEvent, CustodyRequest } from './custody-event.ts'
import { decide } from './decide.ts'
import { holdingAsOf } from './holding.ts'
import { IN_HAND } from './status.ts'

const LATEST = '9999-12-31T23:59:59Z'
const D6 = { code: 'D6', region: 'South' }
const D5: Account = { site: 'D5' }
const period = (from: number, until: number, knownBy = LATEST): Period => ({ from: at(from), until: at(until), knownBy })
const numbers = (book: ReturnType<typeof bookOf>) => book === undefined ? undefined : [book.stated, book.opening, book.lines.map((line) => [line.event.kind, line.in, line.out]), book.closing]
/** Written later than it happened. */
const written = (events: readonly CustodyEvent[], request: CustodyRequest, hour: number): CustodyEvent[] => [...events, decided({ item: ITEM, events }, request, at(hour))]

test('an item comes into one account and goes out of the other; what moves nothing has no line, but in the card of the item', () => {
  const events = history(BASELINE, act('counted', at(5), { seen: 'opened' }), act('moved', at(10), { site: D6 }))
  assert.deepEqual(numbers(bookOf(events, D5, period(1, 20))), [1, 1, [['moved', 0, 1]], 0])
  assert.deepEqual(numbers(bookOf(events, { site: 'D6' }, period(1, 20))), [0, 0, [['moved', 1, 0]], 1])
  assert.deepEqual(numbers(bookOf(events, {}, period(1, 20))), [1, 1, [], 1])
  assert.deepEqual(numbers(bookOf(events, { item: ITEM }, period(0, 20))), [0, 0, [['baseline', 1, 0], ['counted', 0, 0], ['moved', 0, 0]], 1])
  assert.equal(bookOf(events, { site: 'D7' }, period(1, 20)), undefined)
  assert.equal(bookOf(events, { class: 'gripstock' }, period(0, 20)), undefined)
})

test('both ends of a period belong to it', () => {
  const events = history(BASELINE, act('moved', at(10), { site: D6 }))
  assert.deepEqual(numbers(bookOf(events, D5, period(10, 10))), [1, 1, [['moved', 0, 1]], 0])
  assert.deepEqual(numbers(bookOf(events, { site: 'D6' }, { from: addSeconds(at(10), 1), until: at(20), knownBy: LATEST })), [1, 1, [], 1])
})

test('what is written later of a time before moves the opening and is named; the book of then stands as it was', () => {
  const events = written(history(BASELINE), act('moved', at(10), { site: D6 }), 40)
  const book = bookOf(events, D5, period(20, 50))
  assert.deepEqual([book?.stated, book?.opening, book?.late.map(({ kind }) => kind), book?.closing], [1, 0, ['moved'], 0])
  assert.deepEqual(numbers(bookOf(events, D5, period(20, 50, at(39)))), [1, 1, [], 1], 'as it was known the hour before')
  const undone = written(events, act('corrected', at(60), { of: 1, how: 'did-not-occur' }), 60)
  const later = bookOf(undone, D5, period(50, 70))
  assert.deepEqual([later?.stated, later?.opening, later?.late.map(({ kind }) => kind), later?.closing], [0, 1, ['corrected'], 1])
})

test('a lot counts what is left of it; one of unknown number stands in no sum and is told', () => {
  const lot = (quantity: number | 'unknown') => act('baseline', at(0), { entry: { ...ENTRY, quantity } })
  const events = history(lot(40), act('lot-used', at(5), { quantity: 3, for: 'training' }), act('lot-split', at(6), { other: OTHER, quantity: 10 }))
  assert.deepEqual(numbers(bookOf(events, {}, period(1, 9))), [40, 40, [['lot-used', 0, 3], ['lot-split', 0, 10]], 27])
  const unknown = bookOf(history(lot('unknown')), {}, period(1, 9))
  assert.deepEqual([unknown?.closing, unknown?.uncounted], [0, true])
})

test('what was entered in error stands in no book, and is late in that of a period which had it', () => {
  const events = written(history(BASELINE), act('corrected', at(30), { of: 0, how: 'entered-in-error' }), 30)
  assert.equal(bookOf(events, {}, period(31, 40)), undefined)
  const book = bookOf(events, {}, period(20, 40))
  assert.deepEqual([book?.stated, book?.opening, book?.late.map(({ kind }) => kind), book?.closing], [1, 0, ['corrected'], 0])
})

test('a row sums its items: stated + late + in − out = closing', () => {
  const one = bookOf(history(BASELINE, act('moved', at(10), { site: D6 })), D5, period(1, 20))
  const two = bookOf(written(history(BASELINE), act('moved', at(0), { site: D6 }), 30), D5, period(1, 40))
  assert.ok(one !== undefined && two !== undefined)
  assert.deepEqual(withBook(withBook(undefined, one), two), { class: 'missile', type: '9M39', stated: 2, late: -1, in: 0, out: 1, closing: 0, uncounted: 0 })
})

function anyHistory(seed: number): CustodyEvent[] {
  const draw = drawFrom(seed)
  const events = history(BASELINE)
  for (let hour = 1; hour < 60; hour++) {
    const happened = at(draw(3) === 0 ? draw(hour) : hour)
    const request = pick<() => CustodyRequest>(draw, [
      () => act('moved', happened, { site: pick(draw, [D6, { code: 'D5', region: 'North' }]) }), () => act('lost', happened, { circumstances: 'not found' }), () => act('found', happened, {}),
      () => act('issued', happened, { custodian: { is: 'Battery 1' }, site: D6, unit: 'unknown' }), () => act('returned', happened, { place: PLACE }), () => act('counted', happened, { seen: 'opened' }),
      () => act('corrected', at(hour), { of: draw(events.length), how: 'did-not-occur' }),
    ])()
    const result = decide({ item: ITEM, events }, request, at(hour))
    if (!(result instanceof Refusal)) events.push(...result)
  }
  return events
}

test('of 400 histories with late entries and corrections, for any account, period and day of knowledge: the sums hold, and each end is what the holding of that day says', () => {
  let [late, lines] = [0, 0]
  for (let seed = 1; seed <= 400; seed++) {
    const events = anyHistory(seed)
    const draw = drawFrom(seed + 1_000)
    const account = pick(draw, [D5, { site: 'D6' }, { custodian: 'Battery 1' }, {}])
    const from = draw(50)
    const reading = period(from, from + draw(20), at(draw(70)))
    const book = bookOf(events, account, reading)
    const counted = (happenedBy: string, writtenBy: string): number => {
      const holding = holdingAsOf(events, happenedBy, writtenBy)
      if (holding === undefined || !IN_HAND.includes(holding.status)) return 0
      const site = typeof holding.place.site === 'string' ? undefined : holding.place.site.code
      const custodian = typeof holding.place.custodian === 'string' ? undefined : holding.place.custodian.is
      return (account.site === undefined || account.site === site) && (account.custodian === undefined || account.custodian === custodian) ? 1 : 0
    }
    const before = addSeconds(reading.from, -1)
    assert.deepEqual([book?.stated ?? 0, book?.opening ?? 0, book?.closing ?? 0], [counted(before, before < reading.knownBy ? before : reading.knownBy), counted(before, reading.knownBy), counted(reading.until, reading.knownBy)], `seed ${seed}`)
    if (book === undefined) continue
    assert.equal(book.opening + book.lines.reduce((sum, line) => sum + line.in - line.out, 0), book.closing, `seed ${seed}`)
    assert.equal(book.late.length > 0, book.stated !== book.opening, `seed ${seed}: what moved the opening is named`)
    late += book.late.length
    lines += book.lines.length
  }
  assert.ok(late > 50 && lines > 100, `${late} late entries and ${lines} lines are enough to mean something`)
})

test('what changed between two days is told with the events that explain it, a late entry among them; of what did not change nothing is said', () => {
  const events = written(history(BASELINE, act('moved', at(10), { site: D6 })), act('issued', at(8), { custodian: { is: 'Battery 1' }, site: { code: 'D5', region: 'North' }, unit: 'unknown' }), 30)
  assert.equal(changesBetween(events, at(11), at(20)), undefined)
  const moved = changesBetween(events, at(5), at(20))
  assert.deepEqual([moved?.differences, moved?.events.map(({ kind }) => kind)], [[{ what: 'site', was: 'D5', is: 'D6' }], ['moved']])
  const late = changesBetween(events, at(20), at(40))
  assert.deepEqual([late?.differences, late?.events.map(({ kind }) => kind)], [[{ what: 'status', was: 'held', is: 'issued' }, { what: 'custodian', was: 'Depot 5', is: 'Battery 1' }], ['issued']])
  const entered = changesBetween(events, addSeconds(at(0), -1), at(5))
  assert.deepEqual(entered?.differences.find(({ what }) => what === 'status'), { what: 'status', was: null, is: 'held' })
})
