import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { noble } from '@muster/core/bytes/noble.ts'
import { inclusionPath, leafHash, rootOf } from '@muster/core/proof/merkle.ts'
import { leafHashInto, pathIn, rowsOf } from './rows.ts'

test('the leaf hash of an entry is that of core, written where it belongs', () => {
  const entries = randomBytes(3 * 64)
  const target = Buffer.alloc(3 * 32)
  for (let i = 0; i < 3; i++) leafHashInto(target, i * 32, entries, i * 64)
  assert.deepEqual(target, Buffer.concat([0, 1, 2].map((i) => leafHash(noble, entries.subarray(i * 64, i * 64 + 64)))))
})

test('root and every path of a tree of any width are those of core', () => {
  for (const width of [1, 2, 3, 7, 8, 100, 255, 256]) {
    const hashes = Array.from({ length: width }, () => new Uint8Array(randomBytes(32)))
    const rows = rowsOf(Buffer.concat(hashes))
    assert.deepEqual(Buffer.from(rows.at(-1) as Uint8Array), Buffer.from(rootOf(noble, hashes)))
    for (let i = 0; i < width; i++) assert.deepEqual(pathIn(rows, i).map((hash) => new Uint8Array(hash)), inclusionPath(noble, hashes, i).map((hash) => new Uint8Array(hash)))
  }
})
