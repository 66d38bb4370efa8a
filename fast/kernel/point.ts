// Points of the Edwards curve −x² + y² = 1 + d·x²·y² on two lanes, in extended coordinates (Hisil, Wong, Carter, Dawson 2008): X, Y, Z, T
// with T = X·Y/Z, four slots one after the other. A *cached* point is what an addition wants of its second operand: Y+X, Y−X, 2·Z, 2·d·T.
//
// Every function runs the same instructions on the same addresses whatever the scalar: a digit is read by masking all eight multiples.
import { and, bitselect, both, bothDouble, callTo, f64x2Add, f64x2Sub, get, i32Add, i32Const, i64x2Eq, load, or, set, store, xor } from './wasm.ts'
import { FIELD, carriedStore, limbs } from './field.ts'
import { POINT_BYTES, SLOT_BYTES, TABLE_ENTRIES, VECTOR_BYTES } from './layout.ts'
import type { Code, WasmFunction } from './wasm.ts'

const SIGN_BIT = 1n << 63n
const X = 0
const Y = 1
const Z = 2
const T = 3

const field = (name: keyof typeof FIELD, ...operands: readonly Code[]) => callTo(FIELD[name], ...operands)
const coordinate = (point: Code, index: number): Code => index === 0 ? point : i32Add(point, i32Const(index * SLOT_BYTES))

/** Slots that the functions of this file use between their steps; nothing in them outlives a call. */
export interface Scratch { readonly at: number }
const SCRATCH_SLOTS = 8

/** The four products that end a doubling and an addition: X = E·F, Y = G·H, Z = F·G, and T = E·H where it is wanted. */
function products(out: Code, slot: (i: number) => Code, withT: boolean): Code {
  const [e, f, g, h] = [slot(4), slot(5), slot(6), slot(7)] as const
  return [
    ...field('multiply', coordinate(out, X), e, f), ...field('multiply', coordinate(out, Y), g, h), ...field('multiply', coordinate(out, Z), f, g),
    ...(withT ? field('multiply', coordinate(out, T), e, h) : []),
  ]
}

/**
 * double(out, p): all of E, F, G, H with the opposite sign of the usual formulas, which leaves the products as they are. E, F and G are
 * reduced, H is a sum of two.
 */
function double(scratch: Scratch, withT: boolean): WasmFunction {
  const slot = (i: number) => i32Const(scratch.at + i * SLOT_BYTES)
  const limb = (i: number, k: number) => load(slot(i), k * VECTOR_BYTES)
  const [xx, yy, zz, sum] = [0, 1, 2, 3] as const
  const difference = (k: number) => f64x2Sub(limb(xx, k), limb(yy, k))
  const body = [
    ...field('square', slot(xx), coordinate(get(1), X)), ...field('square', slot(yy), coordinate(get(1), Y)), ...field('square', slot(zz), coordinate(get(1), Z)),
    ...field('addCarried', slot(sum), coordinate(get(1), X), coordinate(get(1), Y)), ...field('square', slot(sum), slot(sum)),
    ...limbs.flatMap((k) => store(slot(7), k * VECTOR_BYTES, f64x2Add(limb(xx, k), limb(yy, k)))),
    ...carriedStore(slot(4), limbs.map((k) => f64x2Sub(limb(7, k), limb(sum, k))), 2),
    ...carriedStore(slot(5), limbs.map((k) => f64x2Add(difference(k), f64x2Add(limb(zz, k), limb(zz, k)))), 2),
    ...carriedStore(slot(6), limbs.map(difference), 2),
    ...products(get(0), slot, withT),
  ]
  return { name: withT ? 'double' : 'doubleWithoutT', params: 2, i32: 0, i64: 0, v128: 10, body }
}

/** add(out, p, q): q is cached. E and G are reduced, F and H sums of two. */
function add(scratch: Scratch): WasmFunction {
  const slot = (i: number) => i32Const(scratch.at + i * SLOT_BYTES)
  const limb = (i: number, k: number) => load(slot(i), k * VECTOR_BYTES)
  const [a, b, c, d] = [0, 1, 2, 3] as const
  const body = [
    ...field('subtract', slot(a), coordinate(get(1), Y), coordinate(get(1), X)), ...field('multiply', slot(a), slot(a), coordinate(get(2), 1)),
    ...field('add', slot(b), coordinate(get(1), Y), coordinate(get(1), X)), ...field('multiply', slot(b), slot(b), coordinate(get(2), 0)),
    ...field('multiply', slot(c), coordinate(get(1), T), coordinate(get(2), 3)), ...field('multiply', slot(d), coordinate(get(1), Z), coordinate(get(2), 2)),
    ...carriedStore(slot(4), limbs.map((k) => f64x2Sub(limb(b, k), limb(a, k))), 3),
    ...limbs.flatMap((k) => store(slot(5), k * VECTOR_BYTES, f64x2Sub(limb(d, k), limb(c, k)))),
    ...carriedStore(slot(6), limbs.map((k) => f64x2Add(limb(d, k), limb(c, k))), 3),
    ...limbs.flatMap((k) => store(slot(7), k * VECTOR_BYTES, f64x2Add(limb(b, k), limb(a, k)))),
    ...products(get(0), slot, true),
  ]
  return { name: 'addPoint', params: 3, i32: 0, i64: 0, v128: 10, body }
}

/** cache(out, p, twiceD): the cached form; `twiceD` is the address of 2·d. */
const cache: WasmFunction = {
  name: 'cache', params: 3, i32: 0, i64: 0, v128: 0,
  body: [
    ...field('addCarried', coordinate(get(0), 0), coordinate(get(1), Y), coordinate(get(1), X)),
    ...field('subtractCarried', coordinate(get(0), 1), coordinate(get(1), Y), coordinate(get(1), X)),
    ...field('add', coordinate(get(0), 2), coordinate(get(1), Z), coordinate(get(1), Z)),
    ...field('multiply', coordinate(get(0), 3), coordinate(get(1), T), get(2)),
  ],
}

/** sixteenfold(p): p becomes 16·p. */
function sixteenfold(doubleIndex: number, withoutTIndex: number): WasmFunction {
  const once = callTo(withoutTIndex, get(0), get(0))
  return { name: 'sixteenfold', params: 1, i32: 0, i64: 0, v128: 0, body: [...once, ...once, ...once, ...callTo(doubleIndex, get(0), get(0))] }
}

/** addDigit(p, table, digit): p grows by digit times the table's point, the identity for digit 0. */
function addDigit(scratch: Scratch, addIndex: number): WasmFunction {
  const chosen = i32Const(scratch.at + SCRATCH_SLOTS * SLOT_BYTES)
  const mask = (multiple: number) => 3 + multiple
  const [sign, plus, minus] = [3 + TABLE_ENTRIES + 1, 3 + TABLE_ENTRIES + 2, 3 + TABLE_ENTRIES + 3] as const
  const IDENTITY = [1, 1, 2, 0] as const
  const at = (index: number, k: number) => index * SLOT_BYTES + k * VECTOR_BYTES
  const masked = (index: number, k: number): Code => {
    const ofIdentity = k === 0 && IDENTITY[index] !== 0 ? and(get(mask(0)), bothDouble(IDENTITY[index] as number)) : both(0n)
    return Array.from({ length: TABLE_ENTRIES }, (_, i) => i).reduce<Code>(
      (all, entry) => or(all, and(load(get(1), entry * POINT_BYTES + at(index, k)), get(mask(entry + 1)))), ofIdentity)
  }
  const body = [
    ...Array.from({ length: TABLE_ENTRIES + 1 }, (_, multiple) => set(mask(multiple), i64x2Eq(load(get(2), 0), both(BigInt(multiple))))).flat(),
    ...set(sign, load(get(2), VECTOR_BYTES)),
    ...limbs.flatMap((k) => [
      ...set(plus, masked(0, k)), ...set(minus, masked(1, k)),
      ...store(chosen, at(0, k), bitselect(get(minus), get(plus), get(sign))), ...store(chosen, at(1, k), bitselect(get(plus), get(minus), get(sign))),
      ...store(chosen, at(2, k), masked(2, k)),
      ...store(chosen, at(3, k), xor(masked(3, k), and(get(sign), both(SIGN_BIT)))),
    ]),
    ...callTo(addIndex, get(0), get(0), chosen),
  ]
  return { name: 'addDigit', params: 3, i32: 0, i64: 0, v128: TABLE_ENTRIES + 4, body }
}

/** The functions of this file; in the module they begin at `first`, behind those of the field. */
export function pointFunctions(first: number, scratch: Scratch): WasmFunction[] {
  return [double(scratch, true), double(scratch, false), add(scratch), cache, sixteenfold(first, first + 1), addDigit(scratch, first + 2)]
}
