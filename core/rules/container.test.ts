import assert from 'node:assert/strict'
import { test } from 'node:test'
import { containersOf, contentsOf, packingOf } from './container.ts'
import type { Holding } from './holding.ts'

const item = (serial: string, container: string | undefined, { kind = 'missile', site = 'D5', status = 'held' } = {}) =>
  ({ item: serial, status, container, identity: { class: kind, serial: { is: serial } }, place: { site: { code: site, region: 'North' } } }) as unknown as Holding
const box = (code: string, container?: string, site = 'D5') => item(code, container, { kind: 'container', site })
const all = [item('1', 'C4'), item('2', 'C4'), box('C4', 'V1'), box('V1'), item('3', 'V1'), item('4', undefined), item('5', 'C4', { status: 'lost' })]

test('a container holds what lies in the containers in it, each after what it lies in', () => {
  assert.deepEqual(contentsOf(packingOf(all), 'V1').map(({ code, depth, holding }) => [code, depth, holding.item]), [['V1', 1, 'C4'], ['C4', 2, '1'], ['C4', 2, '2'], ['V1', 1, '3']])
  assert.deepEqual(containersOf(packingOf(all)), [{ code: 'C4', within: 'V1', items: 2, sites: ['D5'], alarm: null }, { code: 'V1', within: null, items: 4, sites: ['D5'], alarm: null }])
})

test('a container that nobody entered is known by what was packed into it, and an empty one by itself', () => {
  assert.deepEqual(containersOf(packingOf([item('1', 'C9'), box('C8')])).map(({ code, within, items }) => [code, within, items]), [['C8', null, 0], ['C9', null, 1]])
})

test('records that cannot all be true are alarms: in itself, in two places, two of one code', () => {
  const alarm = (...holdings: Holding[]) => containersOf(packingOf(holdings)).map((each) => [each.code, each.alarm])
  assert.deepEqual(alarm(box('A', 'B'), box('B', 'A'), item('1', 'A')), [['A', 'in-itself'], ['B', 'in-itself']])
  assert.deepEqual(contentsOf(packingOf([box('A', 'A')]), 'A').length, 1)
  assert.deepEqual(alarm(box('A'), item('1', 'A', { site: 'D6' })), [['A', 'in-two-places']])
  assert.deepEqual(alarm(box('A'), box('A')), [['A', 'two-of-one-code']])
})
