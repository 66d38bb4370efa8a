import assert from 'node:assert/strict'
import { test } from 'node:test'
import { balanceOf, countedItems, declaredItems, statedBefore, type Passed, type Stated } from './balance.ts'

const day = (n: number) => `2026-03-0${n}T00:00:00Z`
const stated = (asOf: string, items: Record<string, number>, source: Stated['source'] = 'answer'): Stated => ({ source, asOf, items: new Map(Object.entries(items)) })
const passed = (kind: string, received: string, way: Passed['way']): Passed => ({ class: kind, received, way })

test('what was there before, with what came and without what went, is what is there now; every other row says by how much it is not', () => {
  const { rows, since } = balanceOf(stated(day(1), { missile: 10, gripstock: 4 }), stated(day(5), { missile: 11, gripstock: 3, battery: 2 }), [
    passed('missile', day(2), 'to'), passed('missile', day(3), 'to'), passed('missile', day(4), 'from'), passed('gripstock', day(2), 'from'),
  ], null)
  assert.equal(since, day(1))
  assert.deepEqual(rows.map(({ class: kind, before, received, released, now, unexplained }) => [kind, before, received, released, now, unexplained]), [
    ['battery', 0, 0, 0, 2, 2], ['gripstock', 4, 0, 1, 3, 0], ['missile', 10, 2, 1, 11, 0],
  ])
})

test('an item counts from the day it was received: not of the day before, nor of the earlier count\'s own day, nor after the later one', () => {
  const move = (received: string) => balanceOf(stated(day(2), { missile: 1 }), stated(day(4), { missile: 1 }), [passed('missile', received, 'to')], null).rows[0]?.received
  assert.deepEqual([day(1), day(2), day(3), day(4), day(5)].map(move), [0, 0, 1, 1, 0])
})

test('a class that passed and was never counted is a row; a class that was not asked for is none', () => {
  const rows = (classes: readonly string[] | null) => balanceOf(stated(day(1), {}), stated(day(3), {}), [passed('gripstock', day(2), 'to'), passed('missile', day(2), 'from')], classes).rows.map(({ class: kind, unexplained }) => [kind, unexplained])
  assert.deepEqual(rows(null), [['gripstock', -1], ['missile', 1]])
  assert.deepEqual(rows(['missile']), [['missile', 1]])
})

test('the statement before is the newest that is earlier, and of one day the answer', () => {
  const all = [stated(day(3), {}), stated(day(1), {}), stated(day(2), {}), stated(day(2), {}, 'declaration'), stated(day(3), {}, 'declaration')]
  assert.deepEqual(statedBefore(all, day(3)), all[2])
  assert.equal(statedBefore(all, day(1)), undefined)
})

test('however seen, an item is counted; of a declaration only what is in hand', () => {
  assert.deepEqual([...countedItems([{ class: 'missile', type: 'A', opened: 1, sealed: 2, records: 3 }, { class: 'missile', type: null, opened: 1, sealed: 0, records: 0 }])], [['missile', 7]])
  assert.deepEqual([...declaredItems({ 'missile held': 4, 'missile in-transit': 1, 'missile destroyed': 9, 'gripstock lost': 2 })], [['missile', 5]])
})
