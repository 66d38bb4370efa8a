import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filesOfPack } from './pack.ts'
import { tilesOf } from './tile.ts'

test('the packs of a tree hold every bundle and lowest tile once, in order, and nothing beyond it', () => {
  for (const bundles of [1, 63, 64, 65, 200]) {
    const all = Array.from({ length: 6 }, (_, pack) => filesOfPack(256 * bundles, pack))
    assert.deepEqual(all.map((files) => files.length), all.map((_, pack) => 2 * Math.max(0, Math.min(64, bundles - 64 * pack))))
    const paths = all.flat().map(({ path }) => path)
    assert.equal(new Set(paths).size, 2 * [...tilesOf(256 * bundles)].filter(({ level }) => level === 0).length)
    assert.deepEqual(all.flat().map(({ bytes }) => bytes), paths.map((path) => path.includes('entries') ? 16_896 : 8_192))
  }
  assert.deepEqual(filesOfPack(256, 0).map(({ path }) => path), ['tile/entries/000', 'tile/0/000'])
})
