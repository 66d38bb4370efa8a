import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { toHex } from '../bytes/bytes.ts'
import { chanceOf, chanceOfTrace, madeUpKeys, patternOf, toldFromChance } from './chance.ts'
import { fieldsOfKey, keysOfReading } from './match-key.ts'

const sha256 = (...parts: Uint8Array[]): Uint8Array => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
const seed = new Uint8Array(32).fill(7)
const key = (reading: string): Uint8Array => keysOfReading(reading, ['missile'], { maker: undefined, type: undefined, year: undefined, lot: undefined })[0]?.bytes ?? new Uint8Array(0)
const serials = (reading: string, rung: 'written' | 'wildcard', count = 500): string[] =>
  (madeUpKeys(key(reading), rung, seed, sha256, count) ?? []).map((bytes) => fieldsOfKey(bytes)?.fields.at(-1) ?? '')

test('a pattern keeps letters and leading zeros', () => {
  assert.equal(patternOf('KA10203'), 'KA99999')
  assert.equal(patternOf('0012'), '0019')
  assert.equal(patternOf('500'), '199')
  assert.equal(patternOf('9П516'), '1П999')
})

test('made-up marks have the pattern of the mark and are never the mark', () => {
  for (const made of serials('KA1020', 'written')) assert.match(made, /^KA[0-9]{4}$/)
  for (const made of serials('51', 'written')) assert.match(made, /^[1-9][0-9]$/)
  assert.ok(!serials('51', 'written').includes('51'))
})

test('on the wildcard rung exactly one digit is another', () => {
  for (const made of serials('KA5173', 'wildcard')) assert.equal(Array.from(made).filter((character, i) => character !== 'KA5173'[i]).length, 1)
})

test('the same seed gives the same marks, another seed others, a stated count that many', () => {
  const once = madeUpKeys(key('KA1020'), 'written', seed, sha256, 20)?.map(toHex)
  assert.deepEqual(madeUpKeys(key('KA1020'), 'written', seed, sha256, 20)?.map(toHex), once)
  assert.notDeepEqual(madeUpKeys(key('KA1020'), 'written', new Uint8Array(32), sha256, 20)?.map(toHex), once)
  assert.equal(once?.length, 20)
  assert.equal(madeUpKeys(key('KA1020'), 'written', seed, sha256)?.length, 10_000)
  assert.throws(() => madeUpKeys(key('KA1020'), 'written', new Uint8Array(31), sha256, 1), RangeError)
})

test('digits are drawn without bias', () => {
  const counts = new Array<number>(10).fill(0)
  for (const made of serials('K55', 'written', 20_000)) counts[Number(made[2])] = (counts[Number(made[2])] ?? 0) + 1
  for (const count of counts) assert.ok(Math.abs(count - 2000) < 250, String(counts))
})

test('a mark without a digit, or bytes that are no key, cannot be measured', () => {
  assert.equal(madeUpKeys(key('KAB'), 'written', seed, sha256, 1), undefined)
  assert.equal(madeUpKeys(key('0'), 'written', seed, sha256, 1), undefined)
  assert.equal(madeUpKeys(new Uint8Array(3), 'written', seed, sha256, 1), undefined)
})

test('a chance is rounded up, never down', () => {
  for (const [hits, percent] of [[0, '0.1'], [10, '0.1'], [11, '1'], [100, '1'], [101, '3'], [300, '3'], [301, '10'], [1000, '10'], [1001, '30'], [3000, '30'], [3001, '100'], [10_000, '100']] as const) assert.equal(chanceOf(hits, 10_000), percent)
})

test('the chance of a trace grows with the candidates tried, and above five per cent nothing is told', () => {
  assert.equal(chanceOfTrace('0.1', 3), 0.3)
  assert.equal(chanceOfTrace('30', 7), 100)
  assert.ok(toldFromChance('1', 5))
  assert.ok(!toldFromChance('1', 6))
  assert.ok(toldFromChance('0.1', 50))
  assert.ok(!toldFromChance('10', 1))
})

test('a dense register is told apart from a sparse one', () => {
  const dense = new Set(Array.from({ length: 900 }, (_, i) => toHex(key(String(100 + i)))))
  const sparse = new Set([toHex(key('517')), toHex(key('951'))])
  const made = madeUpKeys(key('517'), 'written', seed, sha256) ?? []
  const rate = (held: ReadonlySet<string>): number => made.filter((bytes) => held.has(toHex(bytes))).length
  assert.equal(chanceOf(rate(dense), made.length), '100')
  assert.equal(chanceOf(rate(sparse), made.length), '1')
})
