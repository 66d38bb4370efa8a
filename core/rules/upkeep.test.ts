import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CustodyEvent } from './custody-event.ts'
import { fold, type Holding } from './holding.ts'
import type { ItemId } from './item.ts'
import { dueBy, lastDayOf } from './upkeep.ts'

const item = '00000000-0000-4000-8000-000000000001' as ItemId
const identity = { class: 'missile', maker: 'unknown', type: { is: '9М39' }, year: 'unknown', lot: 'unknown', serial: { is: '100' } } as const
const place = { owner: { is: 'M' }, custodian: { is: 'M' }, site: { code: 'D5', region: 'North' }, unit: 'unknown' } as const
const event = (seq: number, kind: string, data: object): CustodyEvent => ({ v: 'muster/event/1', item, seq, kind, data, happened: '2026-01-01T00:00:00Z', written: '2026-01-01T00:00:00Z', by: 'A', and: null, reason: 'r', documents: [] }) as unknown as CustodyEvent
const after = (...more: (readonly [string, object])[]): Holding => fold([event(0, 'baseline', { entry: { identity, place } }), ...more.map(([kind, data], i) => event(i + 1, kind, data))]) as Holding

test('a year ends with its last day, a month with its own, and what is no date with none', () => {
  assert.deepEqual(['2030', '2028-02', '2026-02', '2026-04', '2026-05-06', '2026-02-30', 'soon', '2026-13', ''].map(lastDayOf),
    ['2030-12-31', '2028-02-29', '2026-02-28', '2026-04-30', '2026-05-06', undefined, undefined, undefined, undefined])
})

test('a check or a service life is due on its last day and after it, the earlier first', () => {
  const holding = after(['recategorised', { category: 'II', nextCheck: '2027-03-01' }], ['life-extended', { until: '2026-12' }])
  assert.deepEqual([holding.category, holding.nextCheck, holding.usableUntil], ['II', '2027-03-01', '2026-12'])
  assert.deepEqual(dueBy(holding, '2026-12-30'), [])
  assert.deepEqual(dueBy(holding, '2026-12-31'), [{ what: 'usable-until', on: '2026-12-31' }])
  assert.deepEqual(dueBy(holding, '2027-03-01').map(({ what }) => what), ['usable-until', 'next-check'])
})

test('a later check sets the date anew, one without a date leaves it, and of what is gone nothing is due', () => {
  const checked = ['recategorised', { category: 'II', nextCheck: '2026-03-01' }] as const
  assert.equal(after(checked, ['life-extended', { until: '2030', nextCheck: '2028-03-01' }]).nextCheck, '2028-03-01')
  assert.equal(after(checked, ['recategorised', { category: 'III' }]).nextCheck, '2026-03-01')
  assert.deepEqual(dueBy(after(checked, ['lost', { circumstances: 'at sea' }]), '2030-01-01'), [])
})
