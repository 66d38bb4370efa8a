// Arithmetic modulo 2^255 − 19 on two elements at once, one in each 64-bit lane of a vector, in doubles and fused multiply-adds.
//
// An element is five limbs of radix 2^51, whole numbers held as doubles, signed; in memory a slot of five vectors. A product of two limbs
// has up to 102 bits. Added to 3·2^102, one fused multiply-add rounds it to a multiple of 2^51, the high half; a second one gives exactly
// what was rounded away, the low half. Both sums lie in one binade, so their bit patterns are linear in the halves, and 64-bit integer
// additions of the patterns add the halves up; what the patterns carry besides is one known constant a column, taken off at the end.
//
// Bounds. *Reduced*: every limb within ±(2^50 + 2^16). A product of limbs must stay within ±2^102, so that `multiply` takes a reduced
// element and a sum of at most three reduced ones (in either place), and `square` takes a reduced one. Both give reduced ones. `carry`
// reduces a sum of up to 2^40 terms.
import { VECTOR_BYTES } from './layout.ts'
import {
  and, bitselect, both, bothDouble, callTo, countDown, extractLane, f64x2Add, f64x2MultiplyAdd, f64x2Sub, get, i64And, i64Const, i64Load, i64Or, i64Shl,
  i64ShrU, i64Store, i64x2Add, i64x2Eq, i64x2Neg, i64x2Splat, load, or, replaceLane1, set, shiftLeft, shiftRight, store,
} from './wasm.ts'
import type { Code, WasmFunction } from './wasm.ts'

const LIMBS = 5
const LIMB_BITS = 51

const LIMB_MASK = (1n << 51n) - 1n
const HIGH = 3 * 2 ** 102
const LOW = 3 * 2 ** 51
/** What the bit patterns of HIGH + 2^51·n and LOW + n hold besides n. */
const HIGH_PATTERN = 0x4668000000000000n
const LOW_PATTERN = 0x4338000000000000n
/** Limbs of 2^255 − 19. */
const PRIME = [LIMB_MASK - 18n, LIMB_MASK, LIMB_MASK, LIMB_MASK, LIMB_MASK] as const
/** Columns are within ±2^59 before the carry; this multiple of the prime lifts them above zero. */
const LIFT = 1n << 9n
/** Half the radix: taken off after the carry, so that limbs are signed. */
const CENTRE = 1n << 50n

const vectorOf = (address: Code, limb: number) => load(address, limb * VECTOR_BYTES)
const storeLimb = (address: Code, limb: number, value: Code) => store(address, limb * VECTOR_BYTES, value)
export const limbs = Array.from({ length: LIMBS }, (_, i) => i)

/** 19 times an integer vector that stands in a local. */
const nineteen = (local: number): Code => i64x2Add(i64x2Add(shiftLeft(get(local), 4), shiftLeft(get(local), 1)), get(local))

interface Product { readonly a: number, readonly b: number, readonly column: number }

/** Locals of a multiplication behind its parameters: operands, columns, three temporaries, the two constants. */
function productLocals(params: number) {
  const at = (offset: number) => (i: number) => params + offset + i
  return { a: at(0), b: at(5), column: at(10), high: params + 20, carries: at(21), highConst: params + 26, lowConst: params + 27, count: 28 }
}
type ProductLocals = ReturnType<typeof productLocals>

/** All halves of all products into ten columns; the constants that the columns then carry come with the code. */
function accumulate(locals: ProductLocals, products: readonly Product[]): { code: Code, surplus: bigint[] } {
  const surplus = new Array<bigint>(2 * LIMBS).fill(0n)
  const started = new Array<boolean>(2 * LIMBS).fill(false)
  const code: Code[] = [set(locals.highConst, bothDouble(HIGH)), set(locals.lowConst, bothDouble(HIGH + LOW))]
  const into = (column: number, value: Code, pattern: bigint) => {
    code.push(set(locals.column(column), started[column] === true ? i64x2Add(get(locals.column(column)), value) : value))
    started[column] = true
    surplus[column] = (surplus[column] as bigint) + pattern
  }
  for (const { a, b, column } of products) {
    code.push(set(locals.high, f64x2MultiplyAdd(get(a), get(b), get(locals.highConst))))
    into(column, f64x2MultiplyAdd(get(a), get(b), f64x2Sub(get(locals.lowConst), get(locals.high))), LOW_PATTERN)
    into(column + 1, get(locals.high), HIGH_PATTERN)
  }
  return { code: code.flat(), surplus }
}

/** Columns 5 to 9 are worth 19 times columns 0 to 4; one parallel carry leaves reduced limbs, stored at parameter 0. */
function foldAndStore(locals: ProductLocals, surplus: readonly bigint[]): Code {
  const fold = limbs.map((k) => {
    const constant = LIFT * (PRIME[k] as bigint) + CENTRE - (surplus[k] as bigint) - 19n * (surplus[k + LIMBS] as bigint)
    return set(locals.column(k), i64x2Add(i64x2Add(get(locals.column(k)), nineteen(locals.column(k + LIMBS))), both(constant)))
  })
  const carries = limbs.map((k) => set(locals.carries(k), shiftRight(get(locals.column(k)), LIMB_BITS)))
  const results = limbs.map((k) => {
    const carried = k === 0 ? nineteen(locals.carries(LIMBS - 1)) : get(locals.carries(k - 1))
    const limb = i64x2Add(and(get(locals.column(k)), both(LIMB_MASK)), carried)
    return storeLimb(get(0), k, f64x2Sub(or(limb, both(0x4330000000000000n)), bothDouble(2 ** 52 + Number(CENTRE))))
  })
  return [...fold, ...carries, ...results].flat()
}

/** multiply(out, a, b): 25 products. */
function multiply(): WasmFunction {
  const locals = productLocals(3)
  const loads = limbs.flatMap((i) => [...set(locals.a(i), vectorOf(get(1), i)), ...set(locals.b(i), vectorOf(get(2), i))])
  const products = limbs.flatMap((i) => limbs.map((j) => ({ a: locals.a(i), b: locals.b(j), column: i + j })))
  const { code, surplus } = accumulate(locals, products)
  return { name: 'multiply', params: 3, i32: 0, i64: 0, v128: locals.count, body: [...loads, ...code, ...foldAndStore(locals, surplus)] }
}

/** square(out, a): 15 products, the mixed ones with one limb doubled. */
function square(): WasmFunction {
  const locals = productLocals(2)
  const loads = limbs.flatMap((i) => [...set(locals.a(i), vectorOf(get(1), i)), ...set(locals.b(i), f64x2Add(get(locals.a(i)), get(locals.a(i))))])
  const products = limbs.flatMap((i) => limbs.slice(i).map((j) => ({ a: i === j ? locals.a(i) : locals.b(i), b: locals.a(j), column: i + j })))
  const { code, surplus } = accumulate(locals, products)
  return { name: 'square', params: 2, i32: 0, i64: 0, v128: locals.count, body: [...loads, ...code, ...foldAndStore(locals, surplus)] }
}

/** squareTimes(out, a, n): n squarings, n at least 1. */
function squareTimes(squareIndex: number): WasmFunction {
  const body = [...callTo(squareIndex, get(0), get(1)), ...set(1, get(0))]
  return { name: 'squareTimes', params: 3, i32: 0, i64: 0, v128: 0, body: countDown(2, body) }
}

/**
 * Code that reduces five limb values and stores them: each is rounded to a multiple of 2^51, which moves up (times 19 from the last to the
 * first). `first` is the first of ten free locals; `values` may use none of them.
 */
export function carriedStore(address: Code, values: readonly Code[], first: number): Code {
  const value = (k: number) => first + k
  const rounded = (k: number) => first + LIMBS + k
  const round = limbs.flatMap((k) => [
    ...set(value(k), values[k] as Code),
    ...set(rounded(k), f64x2Sub(f64x2Add(get(value(k)), bothDouble(HIGH)), bothDouble(HIGH))),
  ])
  const results = limbs.flatMap((k) => {
    const below = k === 0 ? LIMBS - 1 : k - 1
    const share = bothDouble((k === 0 ? 19 : 1) / 2 ** LIMB_BITS)
    return storeLimb(address, k, f64x2MultiplyAdd(get(rounded(below)), share, f64x2Sub(get(value(k)), get(rounded(k)))))
  })
  return [...round, ...results]
}

type Binary = (a: Code, b: Code) => Code
const limbwise = (name: string, act: Binary): WasmFunction => ({
  name, params: 3, i32: 0, i64: 0, v128: 0,
  body: limbs.flatMap((i) => storeLimb(get(0), i, act(vectorOf(get(1), i), vectorOf(get(2), i)))),
})
const carried = (name: string, act: Binary): WasmFunction => ({
  name, params: 3, i32: 0, i64: 0, v128: 10,
  body: carriedStore(get(0), limbs.map((i) => act(vectorOf(get(1), i), vectorOf(get(2), i))), 3),
})

/** Sequential carry over integer limbs in the locals from `first`; the carry of the last comes back 19-fold, or is dropped. */
function ripple(first: number, temporary: number, wrap: boolean): Code {
  const steps = limbs.flatMap((k) => {
    const mask = set(first + k, and(get(first + k), both(LIMB_MASK)))
    if (k === LIMBS - 1 && !wrap) return mask
    const up = set(temporary, shiftRight(get(first + k), LIMB_BITS))
    const next = k === LIMBS - 1 ? set(first, i64x2Add(get(first), nineteen(temporary))) : set(first + k + 1, i64x2Add(get(first + k + 1), get(temporary)))
    return [...up, ...mask, ...next]
  })
  return steps
}

/** The one integer form below the prime of the element at `address`, into the integer locals from `first`. Limbs within ±2^52. */
function frozen(address: Code, first: number, temporary: number): Code {
  const toIntegers = limbs.flatMap((k) => {
    const pattern = f64x2Add(vectorOf(address, k), bothDouble(LOW))
    return set(first + k, i64x2Add(pattern, both(8n * (PRIME[k] as bigint) - LOW_PATTERN)))
  })
  const over = limbs.reduce<Code>((carry, k) => shiftRight(i64x2Add(get(first + k), carry), LIMB_BITS), both(19n))
  const subtract = [...set(temporary, over), ...set(first, i64x2Add(get(first), nineteen(temporary)))]
  return [...toIntegers, ...ripple(first, temporary, true), ...ripple(first, temporary, true), ...subtract, ...ripple(first, temporary, false)]
}

/** negative(mask, a): all ones in each lane whose element is odd in its canonical form. */
const negative: WasmFunction = {
  name: 'negative', params: 2, i32: 0, i64: 0, v128: 6,
  body: [...frozen(get(1), 2, 7), ...store(get(0), 0, i64x2Neg(and(get(2), both(1n))))],
}

/** zero(mask, a): all ones in each lane whose element is zero. */
const zero: WasmFunction = {
  name: 'zero', params: 2, i32: 0, i64: 0, v128: 6,
  body: [
    ...frozen(get(1), 2, 7),
    ...store(get(0), 0, i64x2Eq(limbs.slice(1).reduce<Code>((sum, k) => or(sum, get(2 + k)), get(2)), both(0n))),
  ],
}

/** choose(out, mask, a, b): a in the lanes where the mask is ones, b elsewhere. */
const choose: WasmFunction = {
  name: 'choose', params: 4, i32: 0, i64: 0, v128: 1,
  body: [
    ...set(4, load(get(1), 0)),
    ...limbs.flatMap((i) => storeLimb(get(0), i, bitselect(vectorOf(get(2), i), vectorOf(get(3), i), get(4)))),
  ],
}

/** unpack(out, bytes0, bytes1): 32 little-endian bytes a lane, bit 255 ignored; reduced. */
const unpack: WasmFunction = {
  name: 'unpack', params: 3, i32: 0, i64: 0, v128: 10,
  body: carriedStore(get(0), limbs.map((k) => {
    const lane = (address: Code) => {
      const bit = k * LIMB_BITS
      const word = Math.floor(bit / 64)
      const shift = bit % 64
      const low = i64ShrU(i64Load(address, word * 8), i64Const(BigInt(shift)))
      const whole = shift + LIMB_BITS > 64 ? i64Or(low, i64Shl(i64Load(address, word * 8 + 8), i64Const(BigInt(64 - shift)))) : low
      return i64And(whole, i64Const(LIMB_MASK))
    }
    const integers = replaceLane1(i64x2Splat(lane(get(1))), lane(get(2)))
    return f64x2Sub(or(integers, both(0x4330000000000000n)), bothDouble(2 ** 52))
  }), 3),
}

/** pack(bytes0, bytes1, a): the canonical 32 bytes of each lane. */
const pack: WasmFunction = {
  name: 'pack', params: 3, i32: 0, i64: 0, v128: 6,
  body: [
    ...frozen(get(2), 3, 8),
    ...([0, 1] as const).flatMap((lane) => {
      const limb = (k: number) => extractLane(get(3 + k), lane)
      const word = (k: number) => {
        const skipped = 64 * k - LIMB_BITS * k
        const low = i64ShrU(limb(k), i64Const(BigInt(skipped)))
        return i64Or(low, i64Shl(limb(k + 1), i64Const(BigInt(LIMB_BITS - skipped))))
      }
      return [0, 1, 2, 3].flatMap((k) => i64Store(get(lane), 8 * k, word(k)))
    }),
  ],
}

/** Index of each function of this file in the module, which begins with them. */
export const FIELD = { multiply: 0, square: 1, squareTimes: 2, add: 3, subtract: 4, addCarried: 5, subtractCarried: 6, negative: 7, zero: 8, choose: 9, unpack: 10, pack: 11 } as const

/** The functions, in the order of FIELD. Every argument is an address; `out` may be one of the operands. */
export function fieldFunctions(): WasmFunction[] {
  return [
    multiply(), square(), squareTimes(FIELD.square), limbwise('add', f64x2Add), limbwise('subtract', f64x2Sub),
    carried('addCarried', f64x2Add), carried('subtractCarried', f64x2Sub), negative, zero, choose, unpack, pack,
  ]
}
