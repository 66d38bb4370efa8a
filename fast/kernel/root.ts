// Powers: inverse and square root of a ratio. These chains of squarings are what decoding and the map from uniform bytes cost.
import { SLOT_BYTES } from './layout.ts'
import { c, m, t } from './lanes.ts'
import type { Lanes } from './lanes.ts'

/** out = a^(2^252 − 3); neither is p0, p1 or p2. */
function power({ copy, multiply, square, squareTimes }: Lanes, out: number, a: number): void {
  /** to = from^(2^times) · by */
  const climb = (to: number, from: number, times: number, by: number) => {
    squareTimes(to, from, times)
    multiply(to, to, by)
  }
  square(t.p0, a)
  climb(t.p1, t.p0, 2, a)
  multiply(t.p0, t.p0, t.p1)
  climb(t.p0, t.p0, 1, t.p1)
  copy(t.p1, t.p0, SLOT_BYTES)
  climb(t.p0, t.p0, 5, t.p1)
  climb(t.p1, t.p0, 10, t.p0)
  climb(t.p2, t.p1, 20, t.p1)
  climb(t.p1, t.p2, 10, t.p0)
  climb(t.p2, t.p1, 50, t.p1)
  climb(t.p0, t.p2, 100, t.p2)
  climb(t.p2, t.p0, 50, t.p1)
  climb(out, t.p2, 2, a)
}

/** out = a^(p − 2) = (a^(2^252 − 3))^8 · a³. Zero stays zero. */
export function invert(lanes: Lanes, out: number, a: number): void {
  const { multiply, square, squareTimes } = lanes
  power(lanes, t.q0, a)
  squareTimes(t.q0, t.q0, 3)
  square(t.q1, a)
  multiply(t.q1, t.q1, a)
  multiply(out, t.q0, t.q1)
}

/** SQRT_RATIO_M1 (RFC 9496 section 4.2): out is the root of u/v, or of √−1·u/v where that is no square; m.root tells which. u and v stay. */
export function squareRootOfRatio(lanes: Lanes, out: number, u: number, v: number): void {
  const { multiply, square, subtractCarried, equals, orMask, choose, absolute } = lanes
  square(t.q0, v)
  multiply(t.q0, t.q0, v)
  square(t.q1, t.q0)
  multiply(t.q1, t.q1, v)
  multiply(t.q1, t.q1, u)
  power(lanes, t.q2, t.q1)
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
