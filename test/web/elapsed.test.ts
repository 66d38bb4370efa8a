import assert from 'node:assert/strict'
import { test } from 'node:test'
import { elapsed } from '../../web/dossier/elapsed.ts'

test('what lies between two dates is told in the largest unit of which there are two, in either language', () => {
  const told = [['2014-01-01', '2025-06-01'], ['2024-02-01T00:00:00Z', '2025-03-05'], ['2024-02-01', '2024-03-02'], ['2024-02-01', '2024-02-02T23:00:00Z']] as const
  assert.deepEqual(told.map(([from, to]) => elapsed(from, to, 'en')), ['11 years', '13 months', '30 days', '1 day'])
  assert.deepEqual(told.map(([from, to]) => elapsed(from, to, 'ru')), ['11 лет', '13 месяцев', '30 дней', '1 день'])
})

test('nothing is told where a date is not known to the day, or nothing lies between', () => {
  for (const [from, to] of [['2014', '2025-06-01'], [null, '2025-06-01'], ['2025-06-01', null], ['2025-06-01', '2025-06-01T23:00:00Z'], ['2025-06-02', '2025-06-01'], ['unknown', '2025-06-01']] as const) assert.equal(elapsed(from, to, 'en'), undefined)
})
