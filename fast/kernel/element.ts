// Elements of ristretto255 into the kernel: from uniform bytes and from their encoding (RFC 9496 sections 4.3.4 and 4.3.1).
import { SLOT_BYTES } from './layout.ts'
import { c, CACHED, coordinate, ENCODED_BYTES, m, POINT, SECOND, t } from './lanes.ts'
import type { Lanes, Pair } from './lanes.ts'
import { squareRootOfRatio } from './root.ts'

/** MAP of the lower 255 bits of each lane. */
function map(lanes: Lanes, point: number, pair: Pair): void {
  const { multiply, square, addCarried, subtractCarried, choose, absolute } = lanes
  const [r, u, v, s, other, n, w0, w2] = [t.t0, t.t1, t.t2, t.t3, t.t4, t.t5, t.t6, t.t7] as const
  lanes.put(t.t8, pair)
  square(r, t.t8)
  multiply(r, r, c.sqrtM1)
  addCarried(u, r, c.one)
  multiply(u, u, c.oneMinusDSquared)
  multiply(v, r, c.d)
  subtractCarried(v, c.minusOne, v)
  addCarried(other, r, c.d)
  multiply(v, v, other)
  squareRootOfRatio(lanes, s, u, v)
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
export function fromUniform(lanes: Lanes, [first, second]: Pair): void {
  map(lanes, SECOND, [first.subarray(0, ENCODED_BYTES), second.subarray(0, ENCODED_BYTES)])
  map(lanes, POINT, [first.subarray(ENCODED_BYTES), second.subarray(ENCODED_BYTES)])
  lanes.cache(CACHED, SECOND, c.twiceD)
  lanes.addPoint(POINT, POINT, CACHED)
}

/**
 * POINT becomes the decoded element of each lane. True in each lane that holds one, the identity included. The bytes are below the prime and
 * even: the caller has looked.
 */
export function decode(lanes: Lanes, pair: Pair): readonly [boolean, boolean] {
  const { multiply, square, addCarried, subtractCarried, copy, absolute, truthOf } = lanes
  const [s, ss, u1, u2, v, root, x] = [t.t0, t.t1, t.t2, t.t3, t.t4, t.t5, t.t6] as const
  lanes.put(s, pair)
  square(ss, s)
  subtractCarried(u1, c.one, ss)
  addCarried(u2, c.one, ss)
  square(t.t7, u2)
  square(v, u1)
  multiply(v, v, c.d)
  subtractCarried(v, c.nil, v)
  subtractCarried(v, v, t.t7)
  multiply(t.t7, t.t7, v)
  squareRootOfRatio(lanes, root, c.one, t.t7)
  const isSquare = truthOf(m.root)
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
  lanes.negative(m.sign, coordinate(POINT, 3))
  lanes.zero(m.other, coordinate(POINT, 1))
  const odd = truthOf(m.sign)
  const nil = truthOf(m.other)
  return [isSquare[0] && !odd[0] && !nil[0], isSquare[1] && !odd[1] && !nil[1]]
}
