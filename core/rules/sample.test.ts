// The size of a sample: published figures, the ends of the range, ties in whole numbers, and what a drawn sample misses in the long run.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noble } from '../bytes/noble.ts'
import { u64 } from '../bytes/bytes.ts'
import { Refusal } from '../bytes/refusal.ts'
import { drawIndices } from './draw.ts'
import { missedChance, noticedLoss, sampleSize, smallerSamples, type Wanted } from './sample.ts'

const size = (items: number, missing: number, confidence = 9500) => sampleSize({ items, missing, confidence })
const code = (result: unknown) => result instanceof Refusal ? [result.code, result.at] : result

/** C(n, k) in whole numbers. */
function choose(n: number, k: number): bigint {
  let result = 1n
  for (let i = 0; i < k; i++) result = result * BigInt(n - i) / BigInt(i + 1)
  return result
}

test('20,000 items of which 20 are missing take 2,781 to be noticed with 95 %, 200 missing take 296, and 5 of 500 take 225', () => {
  assert.deepEqual([size(20_000, 20), size(20_000, 200), size(500, 5)], [2781, 296, 225])
})

test('every size is the smallest that whole numbers allow, for each number missing of up to 40 items and at confidences that tie', () => {
  for (let items = 1; items <= 40; items++) {
    for (let missing = 1; missing <= items; missing++) {
      for (const confidence of [1, 5000, 7500, 9000, 9500, 9999]) {
        const enough = (sample: number) => choose(items - missing, sample) * 10_000n <= choose(items, sample) * BigInt(10_000 - confidence)
        const expected = Array.from({ length: items }, (_, i) => i + 1).find(enough)
        assert.equal(size(items, missing, confidence), expected, `${missing} of ${items} at ${confidence}`)
      }
    }
  }
})

test('where everything is missing one item tells, where one is missing nearly all must be seen, and no number makes it slow', () => {
  assert.deepEqual([size(7, 7), size(1, 1), size(100, 1), size(100, 1, 9999)], [1, 1, 95, 100])
  assert.equal(size(1_000_000_000, 1_000_000_000), 1)
  assert.equal(typeof size(1_000_000_000, 30_000), 'number')
  // An exact half: one of two items at 50 %.
  assert.equal(size(2, 1, 5000), 1)
})

test('nothing missing, more missing than there is, no items and certainty are refused by their member', () => {
  assert.deepEqual(code(size(100, 0)), ['sample/missing', 'missing'])
  assert.deepEqual(code(size(100, 101)), ['sample/missing', 'missing'])
  assert.deepEqual(code(size(100, 1.5)), ['sample/missing', 'missing'])
  assert.deepEqual(code(size(0, 1)), ['sample/items', 'items'])
  assert.deepEqual(code(size(1_000_000_001, 1)), ['sample/items', 'items'])
  for (const confidence of [0, 10_000, Number.NaN, 95.5]) assert.deepEqual(code(size(100, 1, confidence)), ['sample/confidence', 'confidence'])
})

test('a smaller sample misses the loss more often and notices only a larger one; the whole sample notices what was wanted', () => {
  const wanted: Wanted = { items: 20_000, missing: 20, confidence: 9500 }
  const rows = smallerSamples(wanted, 2781)
  assert.deepEqual(rows.map(({ sample, noticed }) => [sample, noticed]), [[2781, 20], [2085, 28], [1390, 42], [695, 85], [278, 213]])
  assert.ok(rows.every(({ missed }, i) => i === 0 || missed > (rows[i - 1] as (typeof rows)[number]).missed))
  assert.ok((rows[0]?.missed ?? 1) <= 0.05 && missedChance(wanted, 2780) > 0.05)
  assert.equal(noticedLoss(wanted, 0), undefined)
  assert.equal(noticedLoss({ items: 100, confidence: 9500 }, 100), 1)
  assert.deepEqual(smallerSamples({ items: 5, missing: 5, confidence: 9500 }, 1).map(({ sample }) => sample), [1])
})

test('over four thousand seeds a drawn sample misses the loss as often as the law says', () => {
  const wanted: Wanted = { items: 256, missing: 12, confidence: 9000 }
  const sample = sampleSize(wanted) as number
  const seeds = 4000
  let missed = 0
  for (let i = 0; i < seeds; i++) {
    const drawn = drawIndices(noble, noble.sha256(u64(i)), wanted.items, sample) as number[]
    if (drawn.every((index) => index >= wanted.missing)) missed += 1
  }
  const expected = missedChance(wanted, sample)
  assert.ok(expected <= 0.1)
  // Four standard deviations of a frequency over that many draws; the seeds are fixed, so this never flickers.
  assert.ok(Math.abs(missed / seeds - expected) < 4 * Math.sqrt(expected * (1 - expected) / seeds), `${missed / seeds} for ${expected}`)
})
