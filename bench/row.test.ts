import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { evaluationCost } from './evaluation-cost.ts'
import { judge, median, shortly } from './row.ts'

test('a median is the middle of the samples whatever their order, and there is none of none', () => {
  assert.equal(median([5, 1, 9]), 5)
  assert.equal(median([4, 1, 9, 6]), 5)
  assert.throws(() => median([]), RangeError)
})

test('a limit is met at its value and missed beyond it, and its text shows both numbers', () => {
  assert.deepEqual(judge({ metric: 'labels', op: '>=', value: 10_000 }, 10_000), { text: 'labels >= 10,000 (measured 10,000)', met: true })
  assert.equal(judge({ metric: 'labels', op: '>=', value: 10_000 }, 9_999.9).met, false)
  assert.deepEqual(judge({ metric: 'ms', op: '<=', value: 150 }, 150.4), { text: 'ms <= 150 (measured 150)', met: false })
})

test('numbers are printed with three digits that count', () => {
  assert.deepEqual([1_234_567, 123.45, 12.34, 1.234, 1.6, 0.5, 2, 0].map(shortly), ['1,234,567', '123', '12.3', '1.23', '1.6', '0.5', '2', '0'])
})

test('the cost of an evaluated batch is told for each of its four steps', async () => {
  const cost = evaluationCost(await fastGroup(), 4)
  assert.deepEqual(Object.keys(cost), ['blinding', 'evaluating', 'verifying', 'finalizing'])
  for (const ms of Object.values(cost) as number[]) assert.ok(ms >= 0)
})
