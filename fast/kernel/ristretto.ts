// ristretto255 (RFC 9496) on the kernel: decoding, the map from uniform bytes, multiplication, sums, and the encoding of many doubled points
// with one inversion. The formulas run as calls from here, a field operation each; what takes the time, the squarings and the additions of
// a multiplication, stays inside the kernel.
//
// Scalars are halved before a multiplication, because the encoding is cheapest for the double of a point: with e, f, g, h of the doubling
// at hand no square root is left in it.
import { SLOT_BYTES } from './field.ts'
import { BYTES_AT, DIGITS_AT, MASKS_AT, PAIRS_MAX, pointSlots, slotsFor, STATE_SLOTS, STATES_AT, TABLES_AT, WINDOWS } from './kernel.ts'
import type { Kernel } from './kernel.ts'
import { DIGIT_BYTES, POINT_BYTES, TABLE_BYTES, TABLE_ENTRIES } from './point.ts'

const PRIME = 2n ** 255n - 19n
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n
/** Constants of RFC 9496 section 4.1 by their names there; `twiceD` and `half…` are ours. */
const CONSTANTS = {
  nil: 0n,
  one: 1n,
  minusOne: PRIME - 1n,
  d: D,
  twiceD: 2n * D % PRIME,
  sqrtM1: 19681161376707505956807079304988542015446066515923890162744021073123829784752n,
  sqrtAdMinusOne: 25063068953384623474111414158702152701244531502492656460079210482610430750235n,
  invsqrtAMinusD: 54469307008909316920995813868745141605393597292927456921205312896311721017578n,
  oneMinusDSquared: PRIME + 1n - D ** 2n % PRIME,
  dMinusOneSquared: (D - 1n) ** 2n % PRIME,
} as const
const CONSTANT_NAMES = Object.keys(CONSTANTS) as (keyof typeof CONSTANTS)[]

const c = slotsFor(CONSTANT_NAMES, 0)
/** Temporaries: p0 to p2 of powers, q0 to q6 of square roots, t0 to t9 of the formulas. */
const t = slotsFor(['p0', 'p1', 'p2', 'q0', 'q1', 'q2', 'q3', 'q4', 'q5', 'q6', 't0', 't1', 't2', 't3', 't4', 't5', 't6', 't7', 't8', 't9'], 10)
const [POINT, SECOND, CACHED, SUM] = [pointSlots(30), pointSlots(34), pointSlots(38), pointSlots(42)] as const
const m = { root: MASKS_AT, flipped: MASKS_AT + 16, turned: MASKS_AT + 32, a: MASKS_AT + 48, b: MASKS_AT + 64, identity: MASKS_AT + 80 } as const
const coordinate = (point: number, index: number) => point + index * SLOT_BYTES

export const ENCODED_BYTES = 32

/** Two encodings, uniform strings or scalars: one for each lane. */
export type Pair = readonly [Uint8Array, Uint8Array]

export type Ristretto = ReturnType<typeof ristrettoOn>

/** Operations on pairs; scalars and points stand in the kernel's memory between calls, so that nothing here is reentrant. */
export function ristrettoOn(kernel: Kernel) {
  const bytes = new Uint8Array(kernel.memory.buffer)
  const words = new Int32Array(kernel.memory.buffer)
  const { multiply, square, squareTimes, addCarried, subtractCarried, negative, zero, choose } = kernel

  const unpack = (slot: number, [first, second]: Pair) => {
    bytes.set(first, BYTES_AT)
    bytes.set(second, BYTES_AT + ENCODED_BYTES)
    kernel.unpack(slot, BYTES_AT, BYTES_AT + ENCODED_BYTES)
  }
  for (const name of CONSTANT_NAMES) {
    const constant = Uint8Array.from({ length: ENCODED_BYTES }, (_, i) => Number((CONSTANTS[name] >> BigInt(8 * i)) & 0xffn))
    unpack(c[name], [constant, constant])
  }

  const copy = (to: number, from: number, length: number) => bytes.copyWithin(to, from, from + length)
  const negateWhere = (slot: number, mask: number, temporary: number) => {
    subtractCarried(temporary, c.nil, slot)
    choose(slot, mask, temporary, slot)
  }
  const absolute = (slot: number, temporary: number) => {
    negative(m.a, slot)
    negateWhere(slot, m.a, temporary)
  }
  const equals = (mask: number, a: number, b: number, temporary: number) => {
    subtractCarried(temporary, a, b)
    zero(mask, temporary)
  }
  const orMask = (mask: number, other: number) => {
    for (let i = 0; i < 16; i += 4) words[(mask + i) / 4] = (words[(mask + i) / 4] as number) | (words[(other + i) / 4] as number)
  }
  /** Whether each lane of a mask is ones. */
  const lanes = (mask: number): readonly [boolean, boolean] => [words[mask / 4] !== 0, words[mask / 4 + 2] !== 0]

  /** out = a^(2^252 − 3); neither a nor out is p0, p1 or p2. */
  function power(out: number, a: number): void {
    const climb = (to: number, from: number, times: number, by: number) => {
      squareTimes(to, from, times)
      multiply(to, to, by)
    }
    square(t.p0, a)
    climb(t.p1, t.p0, 2, a)
    multiply(t.p0, t.p0, t.p1)
    climb(t.p0, t.p0, 1, t.p1)
    climb(t.p0, t.p0, 5, copied(t.p1, t.p0))
    climb(t.p1, t.p0, 10, t.p0)
    climb(t.p2, t.p1, 20, t.p1)
    climb(t.p1, t.p2, 10, t.p0)
    climb(t.p2, t.p1, 50, t.p1)
    climb(t.p0, t.p2, 100, t.p2)
    climb(t.p2, t.p0, 50, t.p1)
    climb(out, t.p2, 2, a)
  }
  const copied = (to: number, from: number) => {
    copy(to, from, SLOT_BYTES)
    return to
  }

  /** out = a^(p − 2) = (a^(2^252 − 3))^8 · a³. Zero stays zero. */
  function invert(out: number, a: number): void {
    power(t.q0, a)
    squareTimes(t.q0, t.q0, 3)
    square(t.q1, a)
    multiply(t.q1, t.q1, a)
    multiply(out, t.q0, t.q1)
  }

  /** SQRT_RATIO_M1 (section 4.2): out is the root of u/v, or of √−1·u/v where that is no square; m.root tells which. u and v stay. */
  function squareRootOfRatio(out: number, u: number, v: number): void {
    square(t.q0, v)
    multiply(t.q0, t.q0, v)
    square(t.q1, t.q0)
    multiply(t.q1, t.q1, v)
    multiply(t.q1, t.q1, u)
    power(t.q2, t.q1)
    multiply(t.q2, t.q2, t.q0)
    multiply(t.q2, t.q2, u)
    square(t.q3, t.q2)
    multiply(t.q3, t.q3, v)
    subtractCarried(t.q4, c.nil, u)
    multiply(t.q5, t.q4, c.sqrtM1)
    equals(m.root, t.q3, u, t.q6)
    equals(m.flipped, t.q3, t.q4, t.q6)
    equals(m.turned, t.q3, t.q5, t.q6)
    orMask(m.root, m.flipped)
    orMask(m.turned, m.flipped)
    multiply(t.q6, t.q2, c.sqrtM1)
    choose(out, m.turned, t.q6, t.q2)
    absolute(out, t.q6)
  }

  /** Element derivation (section 4.3.4, MAP) of the lower 255 bits of each lane. */
  function map(point: number, pair: Pair): void {
    const [r, u, v, s, other, n, w0, w2] = [t.t0, t.t1, t.t2, t.t3, t.t4, t.t5, t.t6, t.t7] as const
    unpack(t.t8, pair)
    square(r, t.t8)
    multiply(r, r, c.sqrtM1)
    addCarried(u, r, c.one)
    multiply(u, u, c.oneMinusDSquared)
    multiply(v, r, c.d)
    subtractCarried(v, c.minusOne, v)
    addCarried(other, r, c.d)
    multiply(v, v, other)
    squareRootOfRatio(s, u, v)
    multiply(other, s, t.t8)
    absolute(other, t.t9)
    subtractCarried(other, c.nil, other)
    choose(s, m.root, s, other)
    choose(other, m.root, c.minusOne, r)
    subtractCarried(n, r, c.one)
    multiply(n, n, other)
    multiply(n, n, c.dMinusOneSquared)
    subtractCarried(n, n, v)
    multiply(w0, s, v)
    addCarried(w0, w0, w0)
    multiply(n, n, c.sqrtAdMinusOne)
    square(s, s)
    subtractCarried(w2, c.one, s)
    addCarried(s, c.one, s)
    multiply(coordinate(point, 0), w0, s)
    multiply(coordinate(point, 1), w2, n)
    multiply(coordinate(point, 2), n, s)
    multiply(coordinate(point, 3), w0, w2)
  }

  /** POINT becomes the element of 64 uniform bytes in each lane: the sum of two maps. */
  function fromUniform([first, second]: Pair): void {
    map(SECOND, [first.subarray(0, ENCODED_BYTES), second.subarray(0, ENCODED_BYTES)])
    map(POINT, [first.subarray(ENCODED_BYTES), second.subarray(ENCODED_BYTES)])
    kernel.cache(CACHED, SECOND, c.twiceD)
    kernel.addPoint(POINT, POINT, CACHED)
  }

  /** POINT becomes the decoded element of each lane (section 4.3.1); false in each lane that holds no square root, a negative T or Y = 0. */
  function decode(pair: Pair): readonly [boolean, boolean] {
    const [s, ss, u1, u2, v, root, x] = [t.t0, t.t1, t.t2, t.t3, t.t4, t.t5, t.t6] as const
    unpack(s, pair)
    square(ss, s)
    subtractCarried(u1, c.one, ss)
    addCarried(u2, c.one, ss)
    square(t.t7, u2)
    square(v, u1)
    multiply(v, v, c.d)
    subtractCarried(v, c.nil, v)
    subtractCarried(v, v, t.t7)
    multiply(t.t7, t.t7, v)
    squareRootOfRatio(root, c.one, t.t7)
    const square1 = lanes(m.root)
    multiply(u2, u2, root)
    multiply(x, s, u2)
    addCarried(x, x, x)
    absolute(x, t.t8)
    multiply(u2, u2, root)
    multiply(u2, u2, v)
    copy(coordinate(POINT, 0), x, SLOT_BYTES)
    multiply(coordinate(POINT, 1), u1, u2)
    copy(coordinate(POINT, 2), c.one, SLOT_BYTES)
    multiply(coordinate(POINT, 3), x, coordinate(POINT, 1))
    negative(m.a, coordinate(POINT, 3))
    zero(m.b, coordinate(POINT, 1))
    const odd = lanes(m.a)
    const nil = lanes(m.b)
    return [square1[0] && !odd[0] && !nil[0], square1[1] && !odd[1] && !nil[1]]
  }

  /** Table `index` becomes the multiples 1 to 8 of POINT. */
  function tabulate(index: number): void {
    const table = TABLES_AT + index * TABLE_BYTES
    copy(SUM, POINT, POINT_BYTES)
    kernel.cache(table, SUM, c.twiceD)
    for (let i = 1; i < TABLE_ENTRIES; i++) {
      kernel.addPoint(SUM, SUM, table)
      kernel.cache(table + i * POINT_BYTES, SUM, c.twiceD)
    }
  }

  /**
   * Digits `index` become those of the halved scalars, from −8 to 7 in radix 16, highest first, by the same steps for every scalar.
   * The scalars are below the order.
   */
  function setDigits(index: number, scalars: Pair): void {
    for (let lane = 0; lane < 2; lane++) {
      const half = halved(scalars[lane as 0 | 1])
      let carry = 0
      for (let window = 0; window < WINDOWS; window++) {
        const nibble = ((half[window >> 1] as number) >> (4 * (window & 1))) & 15
        const whole = nibble + carry
        carry = (whole + 8) >> 4
        const digit = whole - (carry << 4)
        const sign = digit >> 31
        const at = (DIGITS_AT + (index * WINDOWS + WINDOWS - 1 - window) * DIGIT_BYTES) / 4 + 2 * lane
        words[at] = (digit ^ sign) - sign
        words[at + 1] = 0
        words[at + 4] = sign
        words[at + 5] = sign
      }
    }
  }

  const clear = (point: number) => {
    copy(coordinate(point, 0), c.nil, SLOT_BYTES)
    copy(coordinate(point, 1), c.one, SLOT_BYTES)
    copy(coordinate(point, 2), c.one, SLOT_BYTES)
    copy(coordinate(point, 3), c.nil, SLOT_BYTES)
  }

  /** SUM becomes Σ digits[k] · table[k] over the indices 0 to `count` − 1. */
  function sumUp(count: number): void {
    clear(SUM)
    for (let window = 0; window < WINDOWS; window++) {
      if (window > 0) kernel.sixteenfold(SUM)
      for (let k = 0; k < count; k++) kernel.addDigit(SUM, TABLES_AT + k * TABLE_BYTES, DIGITS_AT + (k * WINDOWS + window) * DIGIT_BYTES)
    }
  }

  /** SUM becomes SUM of lane 0 plus SUM of lane 1, in lane 0. */
  function addLanes(): void {
    for (let at = SUM; at < SUM + POINT_BYTES; at += 16) {
      copy(at - SUM + SECOND, at + 8, 8)
      copy(at - SUM + SECOND + 8, at, 8)
    }
    kernel.cache(CACHED, SECOND, c.twiceD)
    kernel.addPoint(SUM, SUM, CACHED)
  }

  const state = (pair: number, index: number) => STATES_AT + (pair * STATE_SLOTS + index) * SLOT_BYTES
  const [E, F, G, H, EG, FH, WEIGHT, BEFORE, IDENTITY] = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const

  /** Keeps what the encoding of 2·SUM needs as number `pair`. */
  function keep(pair: number): void {
    const at = (index: number) => state(pair, index)
    const [xx, yy, zz, dtt] = [t.t0, t.t1, t.t2, t.t3] as const
    square(xx, coordinate(SUM, 0))
    square(yy, coordinate(SUM, 1))
    square(zz, coordinate(SUM, 2))
    square(dtt, coordinate(SUM, 3))
    multiply(dtt, dtt, c.d)
    multiply(at(E), coordinate(SUM, 0), coordinate(SUM, 1))
    addCarried(at(E), at(E), at(E))
    addCarried(at(F), zz, dtt)
    addCarried(at(G), yy, xx)
    subtractCarried(at(H), zz, dtt)
    multiply(at(EG), at(E), at(G))
    multiply(at(FH), at(F), at(H))
    multiply(at(WEIGHT), at(EG), at(FH))
    zero(at(IDENTITY), at(WEIGHT))
    choose(at(WEIGHT), at(IDENTITY), c.one, at(WEIGHT))
  }

  /** The canonical encodings of 2·SUM as kept under 0 to `pairs` − 1: 64 bytes a pair into `out`. The identity comes out as zeros. */
  function encodeKept(pairs: number, out: Uint8Array): void {
    const running = t.t0
    copy(running, c.one, SLOT_BYTES)
    for (let pair = 0; pair < pairs; pair++) {
      copy(state(pair, BEFORE), running, SLOT_BYTES)
      multiply(running, running, state(pair, WEIGHT))
    }
    invert(running, running)
    for (let pair = pairs - 1; pair >= 0; pair--) {
      multiply(t.t1, running, state(pair, BEFORE))
      multiply(running, running, state(pair, WEIGHT))
      encode(pair, t.t1)
      kernel.pack(BYTES_AT, BYTES_AT + ENCODED_BYTES, t.t2)
      out.set(bytes.subarray(BYTES_AT, BYTES_AT + 2 * ENCODED_BYTES), pair * 2 * ENCODED_BYTES)
    }
  }

  /**
   * t2 = the encoding of the kept double, given 1/(e·f·g·h). The doubled point is (e·h : f·g : f·h : e·g) up to a factor; where x·y/z² of it is
   * negative the point is turned by the torsion that swaps e and g and makes h of f, as in section 4.3.2.
   */
  function encode(pair: number, inverse: number): void {
    const at = (index: number) => state(pair, index)
    const [s, zInverse, tInverse, e, g, h, magic] = [t.t2, t.t3, t.t4, t.t5, t.t6, t.t7, t.t8] as const
    multiply(zInverse, at(EG), inverse)
    multiply(tInverse, at(FH), inverse)
    multiply(s, at(EG), zInverse)
    negative(m.b, s)
    choose(e, m.b, at(G), at(E))
    subtractCarried(s, c.nil, at(E))
    choose(g, m.b, s, at(G))
    multiply(s, at(F), c.sqrtM1)
    choose(h, m.b, s, at(H))
    choose(magic, m.b, c.sqrtM1, c.invsqrtAMinusD)
    multiply(s, h, e)
    multiply(s, s, zInverse)
    negative(m.a, s)
    negateWhere(g, m.a, t.t9)
    multiply(tInverse, tInverse, g)
    multiply(magic, magic, tInverse)
    subtractCarried(s, h, g)
    multiply(s, s, magic)
    absolute(s, t.t9)
    choose(s, at(IDENTITY), c.nil, s)
  }

  return { fromUniform, decode, tabulate, setDigits, sumUp, addLanes, keep, encodeKept, pairsMax: PAIRS_MAX }
}

/** Order of the group, little-endian. */
const ORDER = Uint8Array.from(Buffer.from('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010', 'hex'))

/** scalar / 2 modulo the order: the scalar, or the scalar plus the order, shifted down; the same steps for both. */
function halved(scalar: Uint8Array): Uint8Array {
  const odd = -((scalar[0] as number) & 1)
  const half = new Uint8Array(ENCODED_BYTES)
  let carry = 0
  for (let i = 0; i < ENCODED_BYTES; i++) {
    carry += (scalar[i] as number) + ((ORDER[i] as number) & odd)
    if (i > 0) half[i - 1] = (half[i - 1] as number) | ((carry & 1) << 7)
    half[i] = (carry & 0xff) >> 1
    carry >>= 8
  }
  return half
}
