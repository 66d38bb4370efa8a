// Encoding of many doubled points with one inversion. The double of (X : Y : Z : T) is, with e = 2XY, f = Z² + dT², g = Y² + X², h = Z² − dT²,
// the point (e·h : f·g : f·h : e·g); whatever the encoding of RFC 9496 section 4.3.2 takes roots of is a square of known root there, so that
// all that is left is 1/(e·f·g·h). Hamburg's observation; the same encoding comes out.
import { BYTES_AT, SLOT_BYTES, STATE_SLOTS, STATES_AT } from './layout.ts'
import { c, coordinate, ENCODED_BYTES, m, SUM, t } from './lanes.ts'
import type { Lanes } from './lanes.ts'
import { invert } from './root.ts'

/** What is kept of each pair; IDENTITY holds a mask. */
const [E, F, G, H, EG, FH, WEIGHT, BEFORE, IDENTITY] = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const
const state = (pair: number, index: number) => STATES_AT + (pair * STATE_SLOTS + index) * SLOT_BYTES

/** Keeps what the encoding of 2·SUM needs as number `pair`. */
export function keep(lanes: Lanes, pair: number): void {
  const { multiply, square, addCarried, subtractCarried } = lanes
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
  lanes.zero(at(IDENTITY), at(WEIGHT))
  lanes.choose(at(WEIGHT), at(IDENTITY), c.one, at(WEIGHT))
}

/** The canonical encodings of 2·SUM as kept under 0 to `pairs` − 1: 64 bytes a pair into `out`. The identity comes out as zeros. */
export function encodeKept(lanes: Lanes, pairs: number, out: Uint8Array): void {
  const { multiply, copy } = lanes
  const [running, inverse] = [t.t0, t.t1] as const
  copy(running, c.one, SLOT_BYTES)
  for (let pair = 0; pair < pairs; pair++) {
    copy(state(pair, BEFORE), running, SLOT_BYTES)
    multiply(running, running, state(pair, WEIGHT))
  }
  invert(lanes, running, running)
  for (let pair = pairs - 1; pair >= 0; pair--) {
    multiply(inverse, running, state(pair, BEFORE))
    multiply(running, running, state(pair, WEIGHT))
    encode(lanes, t.t2, pair, inverse)
    lanes.pack(BYTES_AT, BYTES_AT + ENCODED_BYTES, t.t2)
    out.set(lanes.bytes.subarray(BYTES_AT, BYTES_AT + 2 * ENCODED_BYTES), pair * 2 * ENCODED_BYTES)
  }
}

/** s = the encoding of the double kept as `pair`, given 1/(e·f·g·h). Where its T/Z is negative it is turned by a torsion point first. */
function encode(lanes: Lanes, s: number, pair: number, inverse: number): void {
  const { multiply, subtractCarried, negative, choose } = lanes
  const at = (index: number) => state(pair, index)
  const [zInverse, tInverse, e, g, h, magic] = [t.t3, t.t4, t.t5, t.t6, t.t7, t.t8] as const
  multiply(zInverse, at(EG), inverse)
  multiply(tInverse, at(FH), inverse)
  multiply(s, at(EG), zInverse)
  negative(m.other, s)
  choose(e, m.other, at(G), at(E))
  subtractCarried(s, c.nil, at(E))
  choose(g, m.other, s, at(G))
  multiply(s, at(F), c.sqrtM1)
  choose(h, m.other, s, at(H))
  choose(magic, m.other, c.sqrtM1, c.invsqrtAMinusD)
  multiply(s, h, e)
  multiply(s, s, zInverse)
  negative(m.sign, s)
  lanes.negateWhere(g, m.sign, t.t9)
  multiply(tInverse, tInverse, g)
  multiply(magic, magic, tInverse)
  subtractCarried(s, h, g)
  multiply(s, s, magic)
  lanes.absolute(s, t.t9)
  choose(s, at(IDENTITY), c.nil, s)
}
