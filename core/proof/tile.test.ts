import assert from 'node:assert/strict'
import { test } from 'node:test'
import { concat, utf8 } from '../bytes/bytes.ts'
import { noble as p } from '../bytes/noble.ts'
import { Refusal } from '../bytes/refusal.ts'
import { consistencyPath, HASH_BYTES, inclusionPath, leafHash, rootOf, verifyConsistency, verifyInclusion } from './merkle.ts'
import {
  consistencyFromTiles,
  decodeBundle,
  encodeBundle,
  entriesPath,
  inclusionFromTiles,
  levelAbove,
  parseTilePath,
  rootFromTiles,
  TILE_BYTES,
  tilePath,
  tileRoot,
  tilesForConsistency,
  tilesForInclusion,
  tilesForRoot,
  tilesOf,
  type TileReader,
} from './tile.ts'

const SIZE = 70_000
const leaves = Array.from({ length: SIZE }, (_, i) => leafHash(p, utf8(`${i}`)))
const levels = [concat(...leaves)]
while ((levels.at(-1) as Uint8Array).length >= TILE_BYTES) levels.push(levelAbove(p, levels.at(-1) as Uint8Array))

const read: TileReader = (level, index, width) => {
  const start = index * TILE_BYTES
  return (levels[level] as Uint8Array).subarray(start, start + width * HASH_BYTES)
}

test('a tree of 70,000 has the tiles that the standard counts', () => {
  const tiles = [...tilesOf(SIZE)]
  const count = (level: number, width: number) => tiles.filter((tile) => tile.level === level && tile.width === width).length
  assert.deepEqual([count(0, 256), count(0, 112), count(1, 256), count(1, 17), count(2, 1), tiles.length], [273, 1, 1, 1, 1, 277])
  assert.deepEqual([...tilesOf(256)], [{ level: 0, index: 0, width: 256 }, { level: 1, index: 0, width: 1 }])
  assert.deepEqual([...tilesOf(0)], [])
})

test('growing step by step needs, in sum, every tile of the end size', () => {
  const key = (tile: object) => JSON.stringify(tile)
  const seen = new Set<string>()
  let size = 0
  for (const step of [1, 254, 1, 1, 255, 256, 1000, 63_000, 5000, 231, 1]) {
    for (const tile of tilesOf(size + step, size)) seen.add(key(tile))
    size += step
    for (const tile of tilesOf(size)) assert.ok(seen.has(key(tile)), `${size}: ${key(tile)}`)
  }
  assert.equal(size, SIZE)
  assert.deepEqual([...tilesOf(size, size)], [])
})

test('paths are those of the standard and read back; any other writing is refused', () => {
  assert.equal(tilePath(0, 1_234_067), 'tile/0/x001/x234/067')
  assert.equal(tilePath(63, 0, 1), 'tile/63/000.p/1')
  assert.equal(entriesPath(1_000, 255), 'tile/entries/x001/000.p/255')
  for (const index of [0, 999, 1000, 999_999, 1_000_000, 2 ** 45]) {
    for (const width of [1, 255, 256]) {
      assert.deepEqual(parseTilePath(tilePath(7, index, width)), { level: 7, index, width })
      assert.deepEqual(parseTilePath(entriesPath(index, width)), { level: 'entries', index, width })
    }
  }
  const wrong = ['tile/64/000', 'tile/00/000', 'tile/0/00', 'tile/0/x000/001', 'tile/0/001/000', 'tile/0/000.p/256', 'tile/0/000.p/0', 'tile/0/000.p/01', 'tile/0/../000', 'tile/-1/000', '/tile/0/000', 'tile/0/000/', 'tile/0/x001/x000']
  for (const path of wrong) assert.equal(parseTilePath(path), undefined, path)
})

test('roots and proofs from tiles equal those from leaf hashes, and read only the tiles that were listed', () => {
  for (const size of [1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, SIZE]) {
    const listed = (tiles: readonly object[]): TileReader => (level, index, width) => {
      assert.ok(tiles.some((tile) => JSON.stringify(tile) === JSON.stringify({ level, index, width })), `unlisted ${level}/${index}.${width}`)
      return read(level, index, width)
    }
    const tiles = new Set([...tilesOf(size)].map((tile) => JSON.stringify(tile)))
    const root = rootFromTiles(p, size, listed(tilesForRoot(size)))
    if (size < 600 || size === SIZE) assert.deepEqual(root, rootOf(p, leaves, 0, size))
    for (const tile of tilesForRoot(size)) assert.ok(tiles.has(JSON.stringify(tile)))
    for (const index of [0, Math.floor(size / 3), size - 1]) {
      const path = inclusionFromTiles(p, index, size, listed(tilesForInclusion(index, size)))
      if (size < 600) assert.deepEqual(path, inclusionPath(p, leaves.slice(0, size), index))
      assert.ok(verifyInclusion(p, { index, size, leafHash: leaves[index] as Uint8Array, root, path }))
      for (const tile of tilesForInclusion(index, size)) assert.ok(tiles.has(JSON.stringify(tile)))
    }
    for (const from of [1, Math.ceil(size / 2), Math.max(1, size - 1), size]) {
      const path = consistencyFromTiles(p, from, size, listed(tilesForConsistency(from, size)))
      if (size < 600) assert.deepEqual(path, consistencyPath(p, leaves, from, size))
      // A tree's tiles hold those of every smaller tree as the beginnings of their own.
      const root1 = rootFromTiles(p, from, read)
      assert.ok(verifyConsistency(p, { size1: from, size2: size, root1, root2: root, path }))
    }
  }
  assert.throws(() => inclusionFromTiles(p, 5, 5, read), RangeError)
  assert.throws(() => consistencyFromTiles(p, 0, 5, read), RangeError)
})

test('a tile of another length than asked is refused by its path', () => {
  const truncated: TileReader = (level, index, width) => read(level, index, width).subarray(1)
  assert.throws(() => inclusionFromTiles(p, 0, 300, truncated), (error) => error instanceof Refusal && error.code === 'tile/length' && error.at === 'tile/0/000')
})

test('a full tile hashes to one hash of the level above', () => {
  assert.deepEqual(tileRoot(p, read(0, 3, 256)), rootOf(p, leaves, 768, 1024))
  assert.deepEqual(levelAbove(p, new Uint8Array(TILE_BYTES - HASH_BYTES)), new Uint8Array(0))
})

test('entry bundles come back as they were, and no byte may be missing or left over', () => {
  const entries = [new Uint8Array(0), utf8('one'), new Uint8Array(65_535).fill(7), ...Array.from({ length: 253 }, (_, i) => utf8(`${i}`))]
  const bundle = encodeBundle(entries)
  assert.deepEqual(decodeBundle(bundle, 256), entries)
  const refused = (bytes: Uint8Array, width: number, code: string) =>
    assert.throws(() => decodeBundle(bytes, width), (error) => error instanceof Refusal && error.code === code && typeof error.at === 'number')
  refused(bundle, 255, 'bundle/trailing')
  refused(bundle, 257, 'bundle/truncated')
  refused(bundle.subarray(0, -1), 256, 'bundle/truncated')
  refused(Uint8Array.of(0), 1, 'bundle/truncated')
  assert.throws(() => encodeBundle([new Uint8Array(65_536)]), (error) => error instanceof Refusal && error.code === 'bundle/entry-too-long')
  assert.throws(() => encodeBundle([...entries, utf8('x')]), (error) => error instanceof Refusal && error.code === 'bundle/too-wide')
})
