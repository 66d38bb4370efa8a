import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { orderOf } from './sort.ts'

const COUNT = 5000
const label = (entries: Buffer, i: number): Buffer => entries.subarray(i * 64, i * 64 + 32)

for (const [name, disturb] of [
  ['random', () => undefined],
  ['that share their first four bytes', (entry: Buffer) => entry.fill(0xab, 0, 4)],
  ['that share all but the last byte', (entry: Buffer) => entry.fill(0xab, 0, 31)],
  ['from the two ends of the range', (entry: Buffer) => entry.fill((entry[40] as number) & 1 ? 0xff : 0, 0, 5)],
] as const) {
  test(`labels ${name} come out in ascending order, equal ones in the order given`, () => {
    const entries = randomBytes(COUNT * 64)
    for (let i = 0; i < COUNT; i++) disturb(entries.subarray(i * 64, (i + 1) * 64))
    const order = orderOf(entries, COUNT)
    assert.equal(new Set(order).size, COUNT)
    for (let place = 1; place < COUNT; place++) {
      const [before, after] = [order[place - 1] as number, order[place] as number]
      assert.ok(label(entries, before).compare(label(entries, after)) < 0 || (label(entries, before).equals(label(entries, after)) && before < after))
    }
  })
}
