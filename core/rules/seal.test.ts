import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Holding } from './holding.ts'
import { sealsOf } from './seal.ts'

type Seals = Holding['seals']
const holding = (site: string, seals: Seals, status: Holding['status'] = 'held') => ({ status, seals, place: { site: { code: site, region: 'North' } } }) as unknown as Holding
const on = (seal: string, what: string, state: Seals[number]['state'] = 'intact'): Seals => [{ seal, on: what, state }]
const alarms = (...all: Holding[]) => sealsOf(all).map(({ number, alarm }) => [number, alarm])

test('all that lies in one container records one seal, and the worst that one of them says of it counts', () => {
  const [seal] = sealsOf([holding('D5', on('7001', 'C4')), holding('D5', on('7001', 'C4', 'damaged')), holding('D5', on('7001', 'C4'))])
  assert.deepEqual(seal, { number: '7001', uses: [{ on: 'C4', sites: ['D5'], items: 3, state: 'damaged' }], alarm: null })
})

test('a number on two things is an alarm, and so is one container in two places', () => {
  assert.deepEqual(alarms(holding('D5', on('7001', 'C4')), holding('D5', on('7001', 'C5'))), [['7001', 'on-two']])
  assert.deepEqual(alarms(holding('D5', on('7001', 'C4')), holding('D6', on('7001', 'C4'))), [['7001', 'in-two-places']])
  assert.deepEqual(alarms(holding('D5', on('7001', 'C4')), holding('D6', on('7002', 'C4'))), [['7001', null], ['7002', null]])
})

test('a seal is used once: broken or missing here and on something there is an alarm, broken on both none', () => {
  for (const ended of ['broken', 'missing'] as const) assert.deepEqual(alarms(holding('D5', on('7001', 'C4', ended)), holding('D6', on('7001', 'C5'))), [['7001', 'used-again']])
  assert.deepEqual(alarms(holding('D5', on('7001', 'C4', 'broken')), holding('D6', on('7001', 'C5', 'broken'))), [['7001', null]])
})

test('what is no longer in hand raises no alarm', () => {
  assert.deepEqual(alarms(holding('D5', on('7001', 'C4'), 'released'), holding('D6', on('7001', 'C5'))), [['7001', null]])
})
