import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Identity } from './item.ts'
import { lookUpKeys } from './reconcile.ts'
import { NOTHING_SHOWN, withShown, type ShownItem } from './shown-item.ts'

const identity = (serial: string): Identity => ({ class: 'missile', maker: 'unknown', type: { is: '9М39' }, year: 'unknown', lot: 'unknown', serial: { is: serial } })
const item = (serial: string, changes: Partial<ShownItem> = {}): ShownItem => ({ identity: identity(serial), way: 'to', year: '1990', documents: [{ series: null, number: '17', date: '1990-02-01' }], ...changes })
const keyOf = (serial: string, n = 0): Uint8Array => lookUpKeys(identity(serial))[n]?.key as Uint8Array
const ROWS = [{ class: 'missile', year: '1990', to: 2, from: 0 }]

test('each key of each counted item is shown once, over as many batches as there are', () => {
  const first = withShown(NOTHING_SHOWN, ROWS, [{ input: keyOf('1001'), item: item('1001') }, { input: keyOf('1001', 1), item: item('1001') }])
  assert.ok(first !== undefined)
  assert.ok(withShown(first, ROWS, [{ input: keyOf('1002'), item: item('1002') }]) !== undefined)
  assert.equal(withShown(first, ROWS, [{ input: keyOf('1001'), item: item('1001') }]), undefined, 'the same question twice')
})

test('more different items than were counted, a row that was not, another item\'s key, and an item of no document are not those of the transfers', () => {
  const two = withShown(NOTHING_SHOWN, ROWS, ['1001', '1002'].map((serial) => ({ input: keyOf(serial), item: item(serial) })))
  assert.ok(two !== undefined)
  assert.equal(withShown(two, ROWS, [{ input: keyOf('1003'), item: item('1003') }]), undefined)
  assert.ok(withShown(two, ROWS, [{ input: keyOf('1002', 1), item: item('1002') }]) !== undefined)
  for (const changes of [{ year: '1991' }, { way: 'from' as const }, { documents: [] }]) assert.equal(withShown(NOTHING_SHOWN, ROWS, [{ input: keyOf('1001'), item: item('1001', changes) }]), undefined, JSON.stringify(changes))
  assert.equal(withShown(NOTHING_SHOWN, ROWS, [{ input: keyOf('1002'), item: item('1001') }]), undefined)
})
