import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addSeconds, isDate, isTime, secondsOf, timeOf } from './time.ts'

test('a time is the one form of a second that exists, and nothing else', () => {
  for (const good of ['1900-01-01T00:00:00Z', '1970-01-01T00:00:00Z', '2000-02-29T23:59:59Z', '2024-02-29T12:00:00Z', '9999-12-31T23:59:59Z']) assert.ok(isTime(good), good)
  for (const bad of ['1899-12-31T23:59:59Z', '1900-02-29T00:00:00Z', '2023-02-29T00:00:00Z', '2024-04-31T00:00:00Z', '2024-13-01T00:00:00Z', '2024-00-10T00:00:00Z',
    '2024-01-00T00:00:00Z', '2024-01-01T24:00:00Z', '2024-01-01T00:60:00Z', '2024-01-01T00:00:60Z', '2024-01-01T00:00:00z', '2024-01-01 00:00:00Z',
    '2024-01-01T00:00:00.0Z', '2024-01-01T00:00:00+00:00', '2024-1-1T00:00:00Z', '', '2024-01-01T00:00:00Z\n', '٢٠٢٤-01-01T00:00:00Z']) assert.ok(!isTime(bad), bad)
  assert.ok(!isTime(17))
  assert.ok(isDate('2024-02-29') && !isDate('2100-02-29') && !isDate('2024-02-29T00:00:00Z'))
})

test('the arithmetic agrees with the runtime calendar at 20,000 seconds spread over all the years', () => {
  const first = Date.UTC(1900, 0, 1) / 1000
  const last = Date.UTC(9999, 11, 31, 23, 59, 59) / 1000
  for (let i = 0; i <= 20_000; i++) {
    const seconds = Math.floor(first + ((last - first) * i) / 20_000)
    const expected = new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
    assert.equal(timeOf(seconds), expected)
    assert.equal(secondsOf(expected), seconds)
  }
})

test('seconds are added across a leap day and a turn of the year, and leave the range only with an error', () => {
  assert.equal(addSeconds('2024-02-28T23:59:59Z', 1), '2024-02-29T00:00:00Z')
  assert.equal(addSeconds('2023-12-31T23:59:59Z', 1), '2024-01-01T00:00:00Z')
  assert.equal(addSeconds('2024-03-01T00:00:00Z', -86_400), '2024-02-29T00:00:00Z')
  assert.throws(() => addSeconds('9999-12-31T23:59:59Z', 1), RangeError)
  assert.throws(() => addSeconds('1900-01-01T00:00:00Z', -1), RangeError)
  assert.throws(() => timeOf(0.5), RangeError)
  assert.throws(() => timeOf(Number.NaN), RangeError)
  assert.throws(() => secondsOf('yesterday'), RangeError)
})

test('later times are greater as text', () => {
  const times = ['9999-12-31T23:59:59Z', '1900-01-01T00:00:00Z', '2024-02-29T12:00:00Z', '2024-02-29T11:59:59Z']
  assert.deepEqual([...times].sort(), [...times].sort((a, b) => secondsOf(a) - secondsOf(b)))
})
