import assert from 'node:assert/strict'
import { test } from 'node:test'
import { comparePublished, figuresOf, type PublishedLoad, type PublishedRow } from './published.ts'

const row = (quantity: number, year = 2019): PublishedRow => ({ exporter: 'Northland', importer: 'Southland', model: '9M39', year, quantity })
const load = (day: string, rows: readonly PublishedRow[], source = 'Public register'): PublishedLoad => ({ source, day, by: 'A. Petrova', file: 'x.csv', note: null, rows })

test('deliveries of one year add up, and a figure that is restated or left out keeps what was said before', () => {
  const figures = figuresOf([load('2025-01-01', [row(7), row(5), row(3, 2020)]), load('2026-01-01', [row(10)]), load('2026-02-01', [row(10)])])
  assert.deepEqual(figures.map(({ year, quantity, history }) => [year, quantity, history]), [
    [2019, 10, [{ day: '2025-01-01', quantity: 12 }, { day: '2026-01-01', quantity: 10 }]],
    [2020, null, [{ day: '2025-01-01', quantity: 3 }, { day: '2026-01-01', quantity: null }]],
  ])
})

test('one source says nothing of what another stated', () => {
  assert.deepEqual(figuresOf([load('2025-01-01', [row(12)]), load('2026-01-01', [row(9)], 'Another')]).map(({ source, quantity }) => [source, quantity]), [['Public register', 12], ['Another', 9]])
})

test('what is published and what is recorded stand side by side, either where the other has nothing', () => {
  const reading = { parties: new Map([['Northland', 'AA'], ['Southland', 'BB']]), models: new Map<string, string>() }
  const recorded = [{ exporter: 'AA', importer: 'BB', type: '9М39', year: 2019, dispatched: 8, received: 7 }, { exporter: 'AA', importer: 'BB', type: '9М310', year: 2020, dispatched: 1, received: 1 }]
  const compared = comparePublished(figuresOf([load('2026-01-01', [row(10)])]), recorded, reading, (exporter) => exporter === 'AA')
  assert.deepEqual(compared.map(({ model, year, published, dispatched, received, difference }) => [model, year, published, dispatched, received, difference]), [['9M39', 2019, 10, 8, 7, 2], ['9М310', 2020, null, 1, 1, -1]])
  assert.deepEqual(comparePublished(figuresOf([load('2026-01-01', [row(10)])]), [], reading, () => false), [])
})
