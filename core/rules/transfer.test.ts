import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ITEM_STANDINGS, transferItems, transferTally, type TransferWord } from './transfer.ts'

const DUE = '2026-04-01T00:00:00Z'
const AFTER = '2026-04-01T00:00:01Z'
const received = (id: string, time: string, ...items: number[]): TransferWord => ({ kind: 'received', id, time, happened: time, items })
const disputed = (id: string, time: string, ...items: number[]): TransferWord => ({ kind: 'disputed', id, time, items: items.map((item) => ({ item, what: 'not-received' as const })) })
const standings = (words: readonly TransferWord[], at: string, listed = 3) => transferItems(listed, words, DUE, at).map(({ standing }) => standing)

test('each listed item stands by the newest word of it; what nobody spoke of is under way until the receipt is due, and then overdue', () => {
  const words = [received('r', '2026-03-02T00:00:00Z', 0), disputed('d', '2026-03-03T00:00:00Z', 2)]
  assert.deepEqual(standings(words, DUE), ['received', 'under-way', 'disputed'])
  assert.deepEqual(standings(words, AFTER), ['received', 'overdue', 'disputed'])
})

test('a receipt is for good, in whatever order the words arrive: no later dispute takes it back, and an earlier one ends with it', () => {
  const words = [disputed('d1', '2026-03-01T00:00:00Z', 0), received('r', '2026-03-02T00:00:00Z', 0), disputed('d2', '2026-03-03T00:00:00Z', 0), received('r2', '2026-03-04T00:00:00Z', 0)]
  for (const order of [words, words.toReversed()]) {
    const [item] = transferItems(1, order, DUE, AFTER)
    assert.deepEqual([item?.standing, item?.word, item?.what], ['received', 'r', undefined])
  }
})

test('a place that the list does not have adds nothing to it', () => {
  assert.deepEqual(standings([received('r', '2026-03-02T00:00:00Z', 1, 7), disputed('d', '2026-03-02T00:00:00Z', 1023)], DUE, 2), ['under-way', 'received'])
})

test('the tally adds up to what was listed', () => {
  const tally = transferTally(transferItems(5, [received('r', '2026-03-02T00:00:00Z', 0, 1), disputed('d', '2026-03-03T00:00:00Z', 2)], DUE, AFTER))
  assert.deepEqual(tally, { 'under-way': 0, 'received': 2, 'disputed': 1, 'overdue': 2 })
  assert.deepEqual(Object.keys(tally).sort(), [...ITEM_STANDINGS].sort())
})
