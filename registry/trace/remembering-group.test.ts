import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Group } from '@muster/core/oprf/group.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { rememberingGroup } from './remembering-group.ts'

const plain = await fastGroup()
const scalars: readonly Uint8Array[] = Array.from({ length: 8 }, (_, i): Uint8Array => new Uint8Array(32).with(0, i + 2))
const messages: readonly Uint8Array[] = scalars.map((_, i): Uint8Array => new Uint8Array([i, 1, 2]))
const dst: Uint8Array = new Uint8Array([1, 2, 3, 4])

/** The group, telling what it is asked to compute. */
function counted(asked: number[]): Group {
  return {
    ...plain,
    multiplyHashed: (s, m, d) => (asked.push(m.length), plain.multiplyHashed(s, m, d)),
    multiplyEach: (s, e) => (asked.push(e.length), plain.multiplyEach(s, e)),
    sumOfProducts: (s, e) => (asked.push(e.length), plain.sumOfProducts(s, e)),
  }
}

test('what is computed again is the same and costs nothing; what is new among it is computed alone', () => {
  const asked: number[] = []
  const group = rememberingGroup(counted(asked))
  const elements = plain.multiplyHashed(scalars, messages, dst)
  const acts = [
    [() => group.multiplyHashed(scalars, messages, dst), elements],
    [() => group.multiplyEach(scalars, elements), plain.multiplyEach(scalars, elements)],
    [() => [group.sumOfProducts(scalars, elements)], [plain.sumOfProducts(scalars, elements)]],
  ] as const
  for (const [act, expected] of acts) {
    asked.length = 0
    assert.deepEqual(act(), expected)
    assert.deepEqual(act(), expected)
    assert.deepEqual(asked, [8])
  }
  asked.length = 0
  assert.deepEqual(group.multiplyEach([...scalars.slice(0, 2), new Uint8Array(32).with(0, 99)], elements.slice(0, 3)).slice(0, 2), plain.multiplyEach(scalars.slice(0, 2), elements.slice(0, 2)))
  assert.deepEqual(asked, [1])
})

test('other bytes, another order, another tag and another operation are other results', () => {
  const group = rememberingGroup(plain)
  const elements = group.multiplyHashed(scalars, messages, dst)
  assert.deepEqual(group.multiplyHashed([...scalars].reverse(), messages, dst), plain.multiplyHashed([...scalars].reverse(), messages, dst))
  assert.deepEqual(group.multiplyHashed(scalars, messages, new Uint8Array([1, 2, 3])), plain.multiplyHashed(scalars, messages, new Uint8Array([1, 2, 3])))
  assert.deepEqual(group.multiplyEach(scalars, elements), plain.multiplyEach(scalars, elements))
  group.sumOfProducts(scalars, elements)
  assert.deepEqual(group.sumOfProducts([...scalars].reverse(), elements), plain.sumOfProducts([...scalars].reverse(), elements))
})

test('whoever changes a result changes nothing that is remembered', () => {
  const group = rememberingGroup(plain)
  const expected = plain.multiplyHashed(scalars, messages, dst)
  for (const result of group.multiplyHashed(scalars, messages, dst)) result.fill(0)
  for (const result of group.multiplyHashed(scalars, messages, dst)) result.fill(0)
  assert.deepEqual(group.multiplyHashed(scalars, messages, dst), expected)
})
