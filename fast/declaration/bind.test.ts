import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { noble } from '@muster/core/bytes/noble.ts'
import { bindLeaf, LEAF_KINDS, SECTION_BYTES_MAX, SECTIONS } from '@muster/core/proof/leaf.ts'
import { binder } from './bind.ts'

test('the fast binding of every kind is that of core, also for empty, missing and very long sections', () => {
  for (let round = 0; round < 20; round++) {
    const secret = randomBytes(32)
    const bind = binder(secret)
    for (const kind of LEAF_KINDS) {
      const lengths = [0, 1, 40, 4095, 4096, 4097, 70_000]
      const sections = SECTIONS[kind].slice(1 + (round % 2)).map((_, i) => randomBytes(lengths[(i + round) % lengths.length] as number))
      const label = randomBytes(32)
      const target = Buffer.alloc(100, 7)
      bind(label, kind, sections, target, 50)
      assert.deepEqual(target.subarray(50, 82), Buffer.from(bindLeaf(noble, secret, label, kind, sections).entry.subarray(32)))
      assert.ok(target.subarray(0, 50).every((byte) => byte === 7) && target.subarray(82).every((byte) => byte === 7))
    }
  }
})

test('wrong lengths and too many sections are refused', () => {
  const bind = binder(new Uint8Array(32))
  const target = Buffer.alloc(32)
  assert.throws(() => binder(new Uint8Array(31)), RangeError)
  assert.throws(() => bind(new Uint8Array(31), 'key', [], target, 0), RangeError)
  assert.throws(() => bind(new Uint8Array(32), 'key', [new Uint8Array(0), new Uint8Array(0)], target, 0), RangeError)
  assert.throws(() => bind(new Uint8Array(32), 'key', [new Uint8Array(SECTION_BYTES_MAX + 1)], target, 0), RangeError)
})
