import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { copyFileSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Breach } from '@muster/core/bytes/breach.ts'
import { verifyAbsent, verifyEntry, verifyPresent } from '@muster/core/proof/absence.ts'
import { nodePrimitives } from '../primitives.ts'
import { buildDeclaration, type DeclaredLeaf } from './build.ts'
import { openCopy } from './copy.ts'

const base = mkdtempSync(join(tmpdir(), 'muster-copy-'))
after(() => rmSync(base, { recursive: true, force: true }))
const SIZE = 258 * 256

const labelOf = (i: number): Buffer => createHash('sha256').update(`label ${i}`).digest()
const folder = join(base, 'whole')
const leaves = Array.from({ length: SIZE - 2 }, (_, i): DeclaredLeaf => ({ kind: 'key', label: labelOf(i), sections: [] }))
const built = await buildDeclaration({ folder, step: 256, secret: new Uint8Array(32), leaves })
const tree = { size: built.size, root: built.root }

test('every label asked for is proven present or absent, as the law demands', () => {
  const copy = openCopy(folder, tree)
  for (let i = 0; i < SIZE - 2; i += 37) {
    const found = copy.prove(labelOf(i))
    assert.ok('present' in found)
    assert.equal(found.present.index, built.indexes[i])
    assert.equal(copy.find(labelOf(i)), built.indexes[i])
    assert.equal(verifyPresent(nodePrimitives, tree, labelOf(i), found.present), undefined)
  }
  const edges = [0x00, 0x01, 0xfe, 0xff].map((byte) => Buffer.alloc(32, byte).fill(0x77, 31))
  for (const label of [...edges, ...Array.from({ length: 2000 }, () => randomBytes(32))]) {
    const found = copy.prove(label)
    assert.ok('absent' in found)
    assert.equal(copy.find(label), undefined)
    assert.equal(verifyAbsent(nodePrimitives, tree, label, found.absent), undefined)
  }
})

test('labels next to every edge of a bundle are found on the right side of it', () => {
  const copy = openCopy(folder, tree)
  for (let edge = 256; edge < SIZE; edge += 256) {
    for (const index of [edge - 1, edge]) {
      const { entry } = copy.proveIndex(index)
      const above = Buffer.from(entry.subarray(0, 32))
      assert.equal(copy.find(above), index)
      above[31] = (above[31] as number) ^ 1
      const found = copy.prove(above)
      assert.ok('absent' in found)
      assert.equal(verifyAbsent(nodePrimitives, tree, above, found.absent), undefined)
    }
  }
})

test('any index is proven, sentinels included, and none beyond the size', () => {
  const copy = openCopy(folder, tree)
  for (const index of [0, 1, 255, 256, 65_535, 65_536, SIZE - 1]) assert.equal(verifyEntry(nodePrimitives, tree, copy.proveIndex(index)), undefined)
  assert.throws(() => copy.proveIndex(SIZE), RangeError)
  assert.throws(() => copy.proveIndex(-1), RangeError)
  assert.throws(() => copy.find(new Uint8Array(31)), RangeError)
})

test('labels that crowd at one end of the range are found all the same', async () => {
  const crowded = Array.from({ length: 20 * 256 - 2 }, (_, i): DeclaredLeaf => {
    const label = labelOf(i)
    return { kind: 'key', label: label.fill(i % 3 === 0 ? 0 : 0xff, 0, 20), sections: [] }
  })
  const where = join(base, 'crowded')
  const made = await buildDeclaration({ folder: where, step: 256, secret: new Uint8Array(32), leaves: crowded })
  const copy = openCopy(where, made)
  for (const [i, leaf] of crowded.entries()) assert.equal(copy.find(leaf.label), made.indexes[i])
})

/** A copy of the folder with one thing broken; what opening it or proving all of one bundle's neighbourhood throws. */
function broken(name: string, damage: (at: (path: string) => string) => void): Error {
  const where = join(base, name)
  cpSync(folder, where, { recursive: true })
  damage((path) => join(where, path))
  try {
    const copy = openCopy(where, tree)
    for (let index = 0; index < SIZE; index += 256) copy.proveIndex(index)
  } catch (error) {
    if (error instanceof Breach) return error
    throw error
  }
  throw new Error(`${name} was not noticed`)
}

test('a file that is truncated, swapped, damaged or missing is named in the breach', () => {
  const swap = (a: string, b: string): void => {
    const bytes = readFileSync(a)
    copyFileSync(b, a)
    writeFileSync(b, bytes)
  }
  const flip = (path: string): void => {
    const bytes = readFileSync(path)
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 1
    writeFileSync(path, bytes)
  }
  const cases: [string, RegExp, (at: (path: string) => string) => void][] = [
    ['truncated-tile', /^tile\/0\/100 /, (at) => truncateSync(at('tile/0/100'), 8191)],
    ['truncated-bundle', /^tile\/entries\/100 /, (at) => truncateSync(at('tile/entries/100'), 16_000)],
    ['long-bundle', /^tile\/entries\/100 /, (at) => writeFileSync(at('tile/entries/100'), Buffer.alloc(20_000))],
    ['swapped-tiles', /^tile\/0\/100 /, (at) => swap(at('tile/0/100'), at('tile/0/101'))],
    ['swapped-bundles', /^tile\/entries\/100 /, (at) => swap(at('tile/entries/100'), at('tile/entries/101'))],
    ['missing-bundle', /^tile\/entries\/257 /, (at) => unlinkSync(at('tile/entries/257'))],
    ['flipped-full-tile', /^tile\/1\/000 /, (at) => flip(at('tile/1/000'))],
    ['flipped-edge-tile', /tile\/1\/001\.p\/2/, (at) => flip(at('tile/1/001.p/2'))],
    ['missing-top', /^tile\/2\/000\.p\/1 /, (at) => unlinkSync(at('tile/2/000.p/1'))],
  ]
  for (const [name, message, damage] of cases) assert.match(broken(name, damage).message, message, name)
})

test('swapped bundles can send a search astray but never give a proof', () => {
  const where = join(base, 'astray')
  cpSync(folder, where, { recursive: true })
  const [a, b] = [join(where, 'tile/entries/010'), join(where, 'tile/entries/200')]
  const bytes = readFileSync(a)
  copyFileSync(b, a)
  writeFileSync(b, bytes)
  const copy = openCopy(where, tree)
  const whole = openCopy(folder, tree)
  for (let index = 10 * 256; index < 11 * 256; index++) {
    assert.throws(() => copy.prove(whole.proveIndex(index).entry.subarray(0, 32)), Breach)
  }
})

test('no descriptor stays open however many look-ups there are', { skip: existsSync('/proc/self/fd') ? false : 'this system does not list open descriptors' }, () => {
  const open = (): number => readdirSync('/proc/self/fd').length
  const before = open()
  const copies = Array.from({ length: 20 }, () => openCopy(folder, tree))
  for (const copy of copies) for (let i = 0; i < 50; i++) copy.prove(randomBytes(32))
  assert.equal(open(), before)
})
