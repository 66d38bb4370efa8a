import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { openTurns } from './turns.ts'

test('acts of one name run one after the other in their order, also after one that failed; others run beside them', async () => {
  const inTurn = openTurns()
  const seen: string[] = []
  const act = (name: string, ms: number, fails = false) => async () => {
    seen.push(`${name} begins`)
    await pause(ms)
    seen.push(`${name} ends`)
    if (fails) throw new Error(name)
    return name
  }
  const [first, second, third, other] = await Promise.allSettled([inTurn('a', act('1', 30)), inTurn('a', act('2', 10, true)), inTurn('a', act('3', 1)), inTurn('b', act('b', 1))])
  assert.deepEqual(seen.filter((each) => !each.startsWith('b')), ['1 begins', '1 ends', '2 begins', '2 ends', '3 begins', '3 ends'])
  assert.ok(seen.indexOf('b ends') < seen.indexOf('1 ends'))
  assert.deepEqual([first, third, other].map((each) => each.status === 'fulfilled' ? each.value : each.status), ['1', '3', 'b'])
  assert.equal(second.status === 'rejected' ? (second.reason as Error).message : second.status, '2')
})
