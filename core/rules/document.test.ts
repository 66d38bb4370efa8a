import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toHex } from '../bytes/bytes.ts'
import { noble } from '../bytes/noble.ts'
import { areTwo, gapsAmong, keyOfNumber, numbered } from './document.ts'

test('one number of one series with two dates is two documents; a date that nobody knows contradicts none', () => {
  assert.equal(areTwo('2026-03-01', '2026-03-02'), true)
  assert.equal(areTwo('2026-03-01', '2026-03-01'), false)
  assert.equal(areTwo('2026-03-01', 'unknown'), false)
  assert.equal(areTwo('unknown', 'unknown'), false)
})

test('what has a series counts, each number once; series and number are never run together', () => {
  const of = (series: string | null, number: string) => ({ series, number, date: 'unknown' as const })
  assert.deepEqual(numbered([of(null, '17'), of('AB', '17'), of('AB', '17'), of('AB', '018')]).map(({ series, number }) => `${series} ${number}`), ['AB 17', 'AB 018'])
  const keys = [['A', 'B1'], ['AB', '1'], ['AB', '01'], ['AB ', '1'], ['А', 'B1']].map(([series, number]) => toHex(keyOfNumber(noble, series as string, number as string)))
  assert.equal(new Set(keys).size, keys.length)
})

test('gaps lie between the lowest and the highest number; what is no number leaves none', () => {
  assert.deepEqual(gapsAmong(['3', '07', '5', 'б/н', '5', '12', '9'.repeat(16)]), [{ from: '4', to: '4' }, { from: '6', to: '6' }, { from: '8', to: '11' }])
  assert.deepEqual(gapsAmong([]), [])
  assert.deepEqual(gapsAmong(['1', '2', '3']), [])
})
