import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ItemId, Quantity } from './item.ts'
import { unbalancedAmong, type Split } from './lot.ts'

const [A, B, C] = ['a', 'b', 'c'] as [ItemId, ItemId, ItemId]
const gives = (from: ItemId, to: ItemId, quantity: Quantity): Split => ({ from, to, quantity, side: 'gives' })
const takes = (from: ItemId, to: ItemId, quantity: Quantity): Split => ({ from, to, quantity, side: 'takes' })

test('two sides that say the same balance, in whatever order and parts; one that says less, more or nothing does not', () => {
  assert.deepEqual(unbalancedAmong([takes(A, B, 5), gives(A, B, 5), gives(B, C, 2), takes(B, C, 2)]), [])
  assert.deepEqual(unbalancedAmong([gives(A, B, 2), gives(A, B, 3), takes(A, B, 5)]), [])
  assert.deepEqual(unbalancedAmong([gives(A, B, 'unknown'), takes(A, B, 'unknown')]), [])
  assert.deepEqual(unbalancedAmong([gives(A, B, 5), takes(A, B, 4)]), [{ from: A, to: B, given: 5, taken: 4 }])
  assert.deepEqual(unbalancedAmong([takes(A, B, 5)]), [{ from: A, to: B, given: null, taken: 5 }])
  assert.deepEqual(unbalancedAmong([gives(A, B, 5), takes(A, C, 5)]).length, 2)
})
