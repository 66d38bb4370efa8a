import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromHex, toHex, utf8 } from '../bytes/bytes.ts'
import { noble as p } from '../bytes/noble.ts'
import {
  append,
  consistencyPath,
  emptyFrontier,
  emptyRoot,
  frontierRoot,
  HASH_BYTES,
  inclusionPath,
  inclusionRanges,
  innerHash,
  leafHash,
  rootFromInclusion,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts'

// The eight entries and the roots over the first 1 to 8 of them that implementations of RFC 6962 have been checked against since 2013.
const ENTRIES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map((text) => fromHex(text) as Uint8Array)
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]
const SIZE_MAX = 40
const leaves = Array.from({ length: SIZE_MAX }, (_, i) => leafHash(p, utf8(`entry ${i}`)))
const roots = Array.from({ length: SIZE_MAX + 1 }, (_, size) => rootOf(p, leaves, 0, size))
const flipped = (hash: Uint8Array) => hash.map((byte, i) => (i === 31 ? byte ^ 1 : byte))

test('the known roots of RFC 6962 come out, the empty one too', () => {
  assert.equal(toHex(emptyRoot(p)), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  assert.deepEqual(rootOf(p, []), emptyRoot(p))
  const hashes = ENTRIES.map((entry) => leafHash(p, entry))
  for (const [i, root] of ROOTS.entries()) assert.equal(toHex(rootOf(p, hashes, 0, i + 1)), root)
})

test('the root is the recursive definition, whichever way it is built', () => {
  const defined = (hashes: readonly Uint8Array[]): Uint8Array => {
    if (hashes.length < 2) return hashes[0] ?? emptyRoot(p)
    const split = 2 ** Math.floor(Math.log2(hashes.length - 1))
    return innerHash(p, defined(hashes.slice(0, split)), defined(hashes.slice(split)))
  }
  const frontier = emptyFrontier()
  for (let size = 0; size <= SIZE_MAX; size++) {
    assert.deepEqual(roots[size], defined(leaves.slice(0, size)))
    assert.deepEqual(frontierRoot(p, frontier), roots[size])
    if (size < SIZE_MAX) append(p, frontier, leaves[size] as Uint8Array)
  }
})

test('every inclusion proof up to 40 leaves verifies, and no changed one does', () => {
  for (let size = 1; size <= SIZE_MAX; size++) {
    const root = roots[size] as Uint8Array
    for (let index = 0; index < size; index++) {
      const leaf = leaves[index] as Uint8Array
      const path = inclusionPath(p, leaves.slice(0, size), index)
      const proof = { index, size, leafHash: leaf, root, path }
      assert.ok(verifyInclusion(p, proof))
      const changed = [
        { ...proof, leafHash: flipped(leaf) },
        { ...proof, root: flipped(root) },
        { ...proof, path: [...path, root] },
        ...(path.length === 0 ? [] : [{ ...proof, path: path.slice(1) }, { ...proof, path: path.slice(0, -1) }]),
        ...path.map((_, i) => ({ ...proof, path: path.map((hash, k) => (k === i ? flipped(hash) : hash)) })),
        ...Array.from({ length: size + 1 }, (_, other) => ({ ...proof, index: other })).filter((other) => other.index !== index),
      ]
      for (const wrong of changed) assert.ok(!verifyInclusion(p, wrong), `${index} of ${size}`)
    }
  }
})

test('every consistency proof up to 40 leaves verifies, and no changed one does', () => {
  for (let size2 = 1; size2 <= SIZE_MAX; size2++) {
    for (let size1 = 1; size1 <= size2; size1++) {
      const path = consistencyPath(p, leaves, size1, size2)
      const proof = { size1, size2, root1: roots[size1] as Uint8Array, root2: roots[size2] as Uint8Array, path }
      assert.ok(verifyConsistency(p, proof), `${size1} to ${size2}`)
      assert.ok(!verifyConsistency(p, { ...proof, root1: flipped(proof.root1) }))
      assert.ok(!verifyConsistency(p, { ...proof, root2: flipped(proof.root2) }))
      assert.ok(!verifyConsistency(p, { ...proof, path: [...path, proof.root1] }))
      if (path.length > 0) {
        assert.ok(!verifyConsistency(p, { ...proof, path: path.slice(1) }))
        assert.ok(!verifyConsistency(p, { ...proof, path: path.slice(0, -1) }))
        for (let i = 0; i < path.length; i++) assert.ok(!verifyConsistency(p, { ...proof, path: path.map((hash, k) => (k === i ? flipped(hash) : hash)) }))
        assert.ok(!verifyConsistency(p, { ...proof, size1: size2, size2: size1, root1: proof.root2, root2: proof.root1 }))
      }
    }
  }
})

test('equal sizes hold by equal roots and an empty path; from 0 to more nothing holds', () => {
  const root = roots[3] as Uint8Array
  const empty = emptyRoot(p)
  assert.ok(verifyConsistency(p, { size1: 3, size2: 3, root1: root, root2: root, path: [] }))
  assert.ok(verifyConsistency(p, { size1: 0, size2: 0, root1: empty, root2: empty, path: [] }))
  assert.ok(!verifyConsistency(p, { size1: 3, size2: 3, root1: root, root2: root, path: [root] }))
  assert.ok(!verifyConsistency(p, { size1: 3, size2: 3, root1: root, root2: empty, path: [] }))
  assert.ok(!verifyConsistency(p, { size1: 0, size2: 3, root1: empty, root2: root, path: [] }))
  assert.ok(!verifyConsistency(p, { size1: 0, size2: 3, root1: empty, root2: root, path: [root] }))
})

test('sizes, indexes and hashes out of range make a proof false, not an exception', () => {
  const root = roots[1] as Uint8Array
  for (const size of [0, -1, 0.5, NaN, Infinity, 2 ** 53]) {
    assert.ok(!verifyInclusion(p, { index: 0, size, leafHash: root, root, path: [] }))
    assert.ok(!verifyConsistency(p, { size1: size === 0 ? -1 : size, size2: size === 0 ? -1 : size, root1: root, root2: root, path: [] }))
  }
  for (const index of [1, -1, 0.5, NaN, 2 ** 53]) assert.ok(!verifyInclusion(p, { index, size: 1, leafHash: root, root, path: [] }))
  assert.ok(!verifyInclusion(p, { index: 0, size: 1, leafHash: root.subarray(1), root: root.subarray(1), path: [] }))
  assert.ok(!verifyConsistency(p, { size1: 1, size2: 1, root1: root.subarray(1), root2: root.subarray(1), path: [] }))
  assert.ok(!verifyInclusion(p, { index: 0, size: 2, leafHash: root, root, path: [new Uint8Array(33)] }))
  assert.ok(!verifyInclusion(p, { index: 0, size: 2, leafHash: root, root, path: Array.from({ length: 100_000 }, () => root) }))
})

test('sizes up to 2^53 - 1 give the roots that whole-number arithmetic gives', () => {
  const sibling = (level: number) => leafHash(p, utf8(`level ${level}`))
  let state = 99n
  const random = (below: bigint) => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & ((1n << 64n) - 1n)
    return (state >> 11n) % below
  }
  for (let round = 0; round < 400; round++) {
    const size = round === 0 ? BigInt(Number.MAX_SAFE_INTEGER) : 1n + random(1n << (1n + random(53n)))
    const index = round === 0 ? size - 1n : random(size)
    if (size > BigInt(Number.MAX_SAFE_INTEGER)) continue
    // RFC 9162 section 2.1.3.2 read backwards: at each level there is a sibling unless the hash stands alone at the right edge.
    let [at, last, level] = [index, size - 1n, 0]
    const path: Uint8Array[] = []
    let root = leafHash(p, utf8('leaf'))
    const leaf = root
    for (; last > 0n; at >>= 1n, last >>= 1n, level++) {
      if (at === last && at % 2n === 0n) continue
      path.push(sibling(level))
      root = at % 2n === 1n ? innerHash(p, sibling(level), root) : innerHash(p, root, sibling(level))
    }
    const proof = { index: Number(index), size: Number(size), leafHash: leaf, path }
    assert.deepEqual(rootFromInclusion(p, proof), root, `${index} of ${size}`)
    assert.equal(inclusionRanges(Number(index), Number(size)).length, path.length)
    assert.equal(root.length, HASH_BYTES)
  }
})
