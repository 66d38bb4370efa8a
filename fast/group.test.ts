// The groups side by side: every member of the interface, on the same inputs, the edges of both encodings included.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expandMessageXmd } from '@muster/core/oprf/expand.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { nobleGroup as noble } from '@muster/core/oprf/noble-group.ts'
import { fastGroup } from './kernel-group.ts'
import { startKernel } from './kernel/kernel.ts'
import { publicGroup } from './public-group.ts'
import { sodiumGroup } from './sodium-group.ts'
import { sha512, uniformBytes } from './uniform.ts'

const sodium = await sodiumGroup()
const kernel = await fastGroup()
const fast: readonly (readonly [string, Group])[] = [['libsodium', sodium], ['the kernel', kernel], ['the kernel in public', await publicGroup()]]

const PRIME = 2n ** 255n - 19n
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n
const bytesOf = (value: bigint) => Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn))
const text = (value: string) => new Uint8Array(Buffer.from(value))
const DST = text('muster/test')
const scalars = Array.from({ length: 131 }, (_, i) => noble.hashToScalar(text(`scalar ${i}`), DST))
const messages = Array.from({ length: 131 }, (_, i) => text('m'.repeat(i * 3)))
const elements = messages.map((message) => noble.hashToGroup(message, DST))

/** Field elements near every bound of the encoding and of the kernel's limbs, and many in between. */
const fieldEdges = [
  ...Array.from({ length: 80 }, (_, i) => BigInt(i)), ...Array.from({ length: 40 }, (_, i) => PRIME - 20n + BigInt(i)), ...Array.from({ length: 40 }, (_, i) => 2n ** 255n - 20n + BigInt(i)),
  ...[51n, 102n, 153n, 204n, 254n].flatMap((bit) => [2n ** bit - 2n, 2n ** bit, 2n ** bit + 2n]), (PRIME - 1n) / 2n, (PRIME + 1n) / 2n, 2n ** 256n - 1n,
]
const edges = [
  ...fieldEdges.map(bytesOf), ...elements.slice(0, 20), ...elements.slice(0, 20).map((element) => element.with(31, element[31]! | 0x80)),
  ...elements.slice(0, 20).map((element) => element.with(0, element[0]! ^ 1)), ...Array.from({ length: 120 }, (_, i) => sha512(text(`random ${i}`)).slice(0, 32).map((byte, at) => at === 31 ? byte & 0x7f : at === 0 ? byte & 0xfe : byte)),
  new Uint8Array(0), new Uint8Array(31), new Uint8Array(33), elements[0]!.slice(0, 31), Uint8Array.of(...elements[0]!, 0),
]

test('this machine runs the kernel', { skip: startKernel() === undefined ? 'its engine has no fused multiply-add in WebAssembly, so that libsodium does everything' : false }, () => {
  assert.notEqual(kernel, sodium)
})

test('all groups take and refuse the same encodings of elements and scalars', () => {
  const taken = edges.map(noble.isElement)
  assert.ok(taken.filter(Boolean).length > 60 && taken.filter((each) => !each).length > 200)
  const scalarEdges = [...edges, ...[0n, 1n, ORDER - 1n, ORDER, ORDER + 1n, 2n ** 253n, 2n ** 252n].map(bytesOf)]
  for (const [name, group] of fast) {
    edges.forEach((edge, i) => {
      assert.equal(group.isElement(edge), taken[i], `${name}, element ${i}`)
      assert.equal(group.areElements([edge]), taken[i], `${name}, element ${i} alone`)
      assert.equal(group.areElements([elements[0]!, edge]), taken[i], `${name}, element ${i} second`)
      assert.equal(group.areElements([edge, elements[0]!, elements[1]!]), taken[i], `${name}, element ${i} first of three`)
    })
    for (const edge of scalarEdges) assert.equal(group.isScalar(edge), noble.isScalar(edge), name)
  }
})

test('all groups hash to the same elements and scalars', () => {
  for (const [name, group] of fast) {
    for (const message of messages.slice(0, 40)) {
      assert.deepEqual(group.hashToGroup(message, DST), noble.hashToGroup(message, DST), name)
      assert.deepEqual(group.hashToScalar(message, DST), noble.hashToScalar(message, DST), name)
    }
    assert.deepEqual(group.sha512(text('a'), text('bc')), noble.sha512(text('abc')))
    assert.deepEqual(group.sha512(), noble.sha512(new Uint8Array(0)))
  }
})

test('all groups multiply alike, singly and in lists of every parity around the size of a chunk', () => {
  const one = bytesOf(1n)
  const special = [one, bytesOf(2n), bytesOf(7n), bytesOf(8n), bytesOf(9n), bytesOf(16n), bytesOf(ORDER - 1n), bytesOf(ORDER - 2n), bytesOf((ORDER + 1n) / 2n), bytesOf((ORDER - 1n) / 2n), bytesOf(2n ** 252n)]
  for (const [name, group] of fast) {
    for (const scalar of special) {
      assert.deepEqual(group.multiplyEach([scalar, scalars[0]!], [elements[0]!, elements[1]!]), noble.multiplyEach([scalar, scalars[0]!], [elements[0]!, elements[1]!]), name)
      assert.deepEqual(group.multiply(scalar, elements[2]!), noble.multiply(scalar, elements[2]!), name)
      assert.deepEqual(group.multiplyBase(scalar), noble.multiplyBase(scalar), name)
    }
    assert.deepEqual(group.multiplyEach([one], [elements[0]!]), [elements[0]], name)
    for (const size of [0, 1, 2, 3, 127, 128, 129, 131]) {
      const [some, points] = [scalars.slice(0, size), elements.slice(0, size)]
      assert.deepEqual(group.multiplyEach(some, points), sodium.multiplyEach(some, points), `${name}, ${size}`)
      assert.deepEqual(group.multiplyHashed(some, messages.slice(0, size), DST), some.map((scalar, i) => sodium.multiply(scalar, points[i]!)), `${name}, ${size} hashed`)
    }
  }
  assert.deepEqual(noble.multiplyEach(scalars.slice(0, 9), elements.slice(0, 9)), sodium.multiplyEach(scalars.slice(0, 9), elements.slice(0, 9)))
  assert.deepEqual(noble.multiplyHashed(scalars.slice(0, 9), messages.slice(0, 9), DST), sodium.multiplyHashed(scalars.slice(0, 9), messages.slice(0, 9), DST))
})

test('all groups sum products alike, with zero scalars, equal elements, sums that vanish and more than one chunk', () => {
  const zero = new Uint8Array(32)
  const [a, b] = [elements[0]!, elements[1]!]
  const [s, minus] = [scalars[0]!, noble.scalarNegate(scalars[0]!)]
  const sums: (readonly [readonly Uint8Array[], readonly Uint8Array[]])[] = [
    [[], []], [[s], [a]], [[zero], [a]], [[s, zero], [a, b]], [[zero, s], [a, b]], [[s, s], [a, a]], [[s, minus], [a, a]], [[s, s, minus], [a, b, a]], [[s, minus, s, minus], [a, a, b, b]],
    ...[3, 64, 128, 129, 131].map((size) => [scalars.slice(0, size), elements.slice(0, size)] as const),
  ]
  for (const [name, group] of fast) sums.forEach(([some, points], i) => assert.deepEqual(group.sumOfProducts(some, points), noble.sumOfProducts(some, points), `${name}, sum ${i}`))
  assert.deepEqual(kernel.sumOfProducts([s, minus], [a, a]), zero)
})

test('all groups add elements and compute with scalars alike', () => {
  const zero = new Uint8Array(32)
  const minusOne = bytesOf(ORDER - 1n)
  for (const [name, group] of fast) {
    for (const [a, b] of [[scalars[0]!, scalars[1]!], [minusOne, minusOne], [minusOne, bytesOf(1n)], [bytesOf(1n), scalars[2]!]] as const) {
      assert.deepEqual(group.scalarAdd(a, b), noble.scalarAdd(a, b), name)
      assert.deepEqual(group.scalarMultiply(a, b), noble.scalarMultiply(a, b), name)
      assert.deepEqual(group.scalarNegate(a), noble.scalarNegate(a), name)
      assert.deepEqual(group.scalarInvert(a), noble.scalarInvert(a), name)
    }
    assert.deepEqual(group.scalarNegate(zero), zero, name)
    const negative = noble.multiply(minusOne, elements[0]!)
    for (const [a, b] of [[elements[0]!, elements[1]!], [elements[0]!, elements[0]!], [elements[0]!, negative]] as const) assert.deepEqual(group.add(a, b), noble.add(a, b), name)
    assert.deepEqual(group.add(elements[0]!, negative), zero, name)
  }
})

test('what has the wrong shape, or a product that vanishes, throws instead of answering', () => {
  for (const [name, group] of [...fast, ['noble', noble] as const]) {
    const throws = (act: () => unknown) => assert.throws(act, Error, name)
    throws(() => group.multiplyEach([new Uint8Array(32)], [elements[0]!]))
    throws(() => group.multiplyEach([scalars[0]!], [bytesOf(PRIME)]))
    throws(() => group.multiplyEach([scalars[0]!], [elements[0]!.slice(0, 31)]))
    throws(() => group.multiply(scalars[0]!, bytesOf(PRIME + 2n)))
    throws(() => group.scalarInvert(new Uint8Array(32)))
  }
  assert.throws(() => kernel.multiplyEach([scalars[0]!, new Uint8Array(31)], elements.slice(0, 2)), RangeError)
  assert.throws(() => kernel.sumOfProducts(scalars.slice(0, 1), elements.slice(0, 2)), RangeError)
})

test('the two ways to uniform bytes agree for every length of message and tag', () => {
  for (const tag of [1, 43, 255, 256].map((length) => new Uint8Array(length).fill(5))) {
    const uniform = uniformBytes(tag)
    for (const length of [0, 1, 111, 112, 127, 128, 4096, 4097]) {
      const message = new Uint8Array(length).fill(length & 0xff)
      assert.deepEqual(new Uint8Array(uniform(message)), expandMessageXmd(noble.sha512, message, tag, 64), `${tag.length}, ${length}`)
    }
  }
  assert.throws(() => uniformBytes(new Uint8Array(0))(DST), RangeError)
})
