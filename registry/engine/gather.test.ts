import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { gather } from './gather.ts'

test('what is asked while an act is under way is done together in the next, in its order and not beyond its bound; keys do not wait for one another', async () => {
  const acts: [string, number[]][] = []
  const { join } = gather(async (key, items: readonly number[]) => {
    acts.push([key, [...items]])
    await sleep(5)
    return items.map((item) => item * 10)
  }, 3)
  assert.deepEqual(await Promise.all([...[1, 2, 3, 4, 5, 6].map((n) => join('a', n)), join('b', 7)]), [10, 20, 30, 40, 50, 60, 70])
  assert.deepEqual(acts, [['a', [1]], ['b', [7]], ['a', [2, 3, 4]], ['a', [5, 6]]])
  assert.equal(await join('a', 8), 80)
})

test('where an act of several fails each is done alone: only the one at fault hears of it, and the lane goes on', async () => {
  const acts: number[][] = []
  const { join } = gather(async (_, items: readonly number[]) => {
    acts.push([...items])
    await sleep(1)
    if (items.includes(3)) throw new Error('three')
    return items
  }, 8)
  const told = await Promise.allSettled([1, 2, 3, 4].map((n) => join('a', n)))
  assert.deepEqual(told.map((each) => each.status === 'fulfilled' ? each.value : String(each.reason)), [1, 2, 'Error: three', 4])
  assert.deepEqual(acts, [[1], [2, 3, 4], [2], [3], [4]])
  assert.equal(await join('a', 5), 5)
})
