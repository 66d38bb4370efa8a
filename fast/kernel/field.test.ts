// The kernel's arithmetic against whole numbers: at the edges of its limbs, at the bounds that its contract allows, and at random.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { startKernel } from './kernel.ts'
import { BYTES_AT, MASKS_AT, slotsFor } from './layout.ts'
import type { Kernel } from './kernel.ts'

const PRIME = 2n ** 255n - 19n
const found = startKernel()
const options = { skip: found === undefined ? 'this engine has no fused multiply-add in WebAssembly' : false }
const kernel = found as Kernel
const slots = slotsFor(['a', 'b', 'c', 'd'], 0)
const memory = found === undefined ? new Uint8Array(0) : new Uint8Array(kernel.memory.buffer)

const edges = [
  0n, 1n, 2n, 18n, 19n, 20n, PRIME - 1n, PRIME, PRIME + 1n, PRIME + 18n, (PRIME - 1n) / 2n, 2n ** 254n, 2n ** 255n - 1n,
  ...[50n, 51n, 101n, 102n, 152n, 153n, 203n, 204n].flatMap((bit) => [2n ** bit - 1n, 2n ** bit, 2n ** 255n - 2n ** bit]),
  /* every limb at half the radix, where the signed limbs are largest */
  [0n, 51n, 102n, 153n, 204n].reduce((sum, bit) => sum + 2n ** (bit + 50n), 0n),
  [0n, 51n, 102n, 153n, 204n].reduce((sum, bit) => sum + 2n ** (bit + 50n) - 2n ** bit, 0n),
]
const random = (name: string) => BigInt(`0x${createHash('sha256').update(name).digest('hex')}`) % 2n ** 255n
const values = [...edges, ...Array.from({ length: 12 }, (_, i) => random(`value ${i}`))]
const modulo = (value: bigint) => ((value % PRIME) + PRIME) % PRIME

type Lanes = readonly [bigint, bigint]

function put(slot: number, lanes: Lanes): void {
  lanes.forEach((value, lane) => {
    for (let i = 0; i < 32; i++) memory[BYTES_AT + 32 * lane + i] = Number((value >> BigInt(8 * i)) & 0xffn)
  })
  kernel.unpack(slot, BYTES_AT, BYTES_AT + 32)
}

function take(slot: number): Lanes {
  kernel.pack(BYTES_AT, BYTES_AT + 32, slot)
  const lane = (at: number) => BigInt(`0x${Buffer.from(memory.subarray(at, at + 32)).reverse().toString('hex')}`)
  return [lane(BYTES_AT), lane(BYTES_AT + 32)]
}

const masks = () => [0, 1].map((lane) => {
  const bytes = memory.subarray(MASKS_AT + 8 * lane, MASKS_AT + 8 * lane + 8)
  assert.ok(bytes.every((byte) => byte === bytes[0] && (byte === 0 || byte === 255)))
  return bytes[0] === 255
})

/** Every value in lane 0 beside another in lane 1, so that no lane leaks into its neighbour. */
const pairs: readonly Lanes[] = values.map((value, i) => [value, values[(i * 7 + 3) % values.length] as bigint])
const both = (lanes: Lanes, other: Lanes, act: (a: bigint, b: bigint) => bigint): Lanes => [modulo(act(lanes[0], other[0])), modulo(act(lanes[1], other[1]))]

test('unpacking and packing give the one number below the prime, bit 255 ignored', options, () => {
  for (const lanes of pairs) {
    put(slots.a, lanes)
    assert.deepEqual(take(slots.a), both(lanes, lanes, (a) => a))
    put(slots.a, [lanes[0] + 2n ** 255n, lanes[1]])
    assert.deepEqual(take(slots.a), both(lanes, lanes, (a) => a))
  }
})

test('products, squares and sums are exact for every pair of edges', options, () => {
  const { a, b, c } = slots
  for (const first of pairs) {
    put(a, first)
    kernel.square(c, a)
    assert.deepEqual(take(c), both(first, first, (x) => x * x))
    kernel.squareTimes(c, a, 7)
    assert.deepEqual(take(c), both(first, first, (x) => { let y = x; for (let i = 0; i < 7; i++) y = y * y % PRIME; return y }))
    for (const second of pairs) {
      put(b, second)
      kernel.multiply(c, a, b)
      assert.deepEqual(take(c), both(first, second, (x, y) => x * y))
      kernel.addCarried(c, a, b)
      assert.deepEqual(take(c), both(first, second, (x, y) => x + y))
      kernel.subtractCarried(c, a, b)
      assert.deepEqual(take(c), both(first, second, (x, y) => x - y))
    }
  }
})

test('a product of a reduced element and an uncarried sum of two or three is exact', options, () => {
  const { a, b, c, d } = slots
  const add = (kernel as unknown as { readonly add: Kernel['multiply'] }).add
  for (const first of pairs) for (const second of pairs.slice(0, 20)) {
    put(a, first)
    put(b, second)
    add(c, a, b)
    kernel.multiply(d, c, a)
    assert.deepEqual(take(d), both(first, second, (x, y) => (x + y) * x))
    add(c, c, a)
    kernel.multiply(d, b, c)
    assert.deepEqual(take(d), both(first, second, (x, y) => (2n * x + y) * y))
  }
})

test('signs, zeros and choices are decided in each lane alone', options, () => {
  const { a, b, c } = slots
  for (const lanes of pairs) {
    put(a, lanes)
    kernel.negative(MASKS_AT, a)
    assert.deepEqual(masks(), lanes.map((value) => modulo(value) % 2n === 1n))
    kernel.zero(MASKS_AT, a)
    assert.deepEqual(masks(), lanes.map((value) => modulo(value) === 0n))
    put(b, [5n, 6n])
    kernel.choose(c, MASKS_AT, a, b)
    assert.deepEqual(take(c), lanes.map((value, lane) => modulo(value) === 0n ? 0n : BigInt(5 + lane)))
  }
  put(a, [PRIME, 0n])
  kernel.zero(MASKS_AT, a)
  assert.deepEqual(masks(), [true, true])
})
