// A writer of WebAssembly modules, as much of the binary format (WebAssembly core specification 3.0, chapter 5) as the kernel needs:
// functions of 32-bit integers, one memory, SIMD and relaxed SIMD. An expression is the list of its bytes, operands first.

import { CONSTANTS_AT, CONSTANTS_MAX, VECTOR_BYTES } from './layout.ts'

/** Bytes of an instruction sequence. */
export type Code = readonly number[]

/** One function: parameters are i32, no result; locals are numbered after the parameters, i32 first, then i64, then v128. */
export interface WasmFunction {
  readonly name: string
  readonly params: number
  readonly i32: number
  readonly i64: number
  readonly v128: number
  readonly body: Code
}

const I32 = 0x7f
const I64 = 0x7e
const V128 = 0x7b
const VOID = 0x40
const SIMD = 0xfd
const V128_ALIGN = 4
const I64_ALIGN = 3

function unsigned(value: number): number[] {
  const bytes: number[] = []
  for (let left = value; ; left >>>= 7) {
    if (left < 0x80) return [...bytes, left]
    bytes.push((left & 0x7f) | 0x80)
  }
}

function signed(value: bigint): number[] {
  const bytes: number[] = []
  for (let left = value; ; left >>= 7n) {
    const low = Number(left & 0x7fn)
    if ((left < 64n && left >= -64n)) return [...bytes, low]
    bytes.push(low | 0x80)
  }
}

const simd = (opcode: number) => (...operands: readonly Code[]): Code => [...operands.flat(), SIMD, ...unsigned(opcode)]
const plain = (opcode: number) => (...operands: readonly Code[]): Code => [...operands.flat(), opcode]

export const get = (local: number): Code => [0x20, ...unsigned(local)]
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)]
export const i32Const = (value: number): Code => [0x41, ...signed(BigInt(value))]
export const i64Const = (value: bigint): Code => [0x42, ...signed(BigInt.asIntN(64, value))]
export const i32Add = plain(0x6a)
const i32Sub = plain(0x6b)

export const i64Load = (address: Code, offset: number): Code => [...address, 0x29, I64_ALIGN, ...unsigned(offset)]
export const i64Store = (address: Code, offset: number, value: Code): Code => [...address, ...value, 0x37, I64_ALIGN, ...unsigned(offset)]
export const i64And = plain(0x83)
export const i64Or = plain(0x84)
export const i64Shl = plain(0x86)
export const i64ShrU = plain(0x88)

export const load = (address: Code, offset: number): Code => [...address, SIMD, 0x00, V128_ALIGN, ...unsigned(offset)]
export const store = (address: Code, offset: number, value: Code): Code => [...address, ...value, SIMD, 0x0b, V128_ALIGN, ...unsigned(offset)]

const constants: bigint[] = []

/** The same 64 bits in both lanes, from the constants. */
export function both(bits: bigint): Code {
  const lane = BigInt.asUintN(64, bits)
  const known = constants.indexOf(lane)
  const at = known >= 0 ? known : constants.push(lane) - 1
  if (at >= CONSTANTS_MAX) throw new RangeError(`the area of constants holds ${CONSTANTS_MAX}`)
  return load(i32Const(CONSTANTS_AT), at * VECTOR_BYTES)
}

/** The same double in both lanes. */
export function bothDouble(value: number): Code {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  return both(view.getBigUint64(0))
}

export const i64x2Splat = simd(0x12)
export const replaceLane1 = (vector: Code, value: Code): Code => [...vector, ...value, SIMD, 0x1e, 1]
export const extractLane = (vector: Code, lane: 0 | 1): Code => [...vector, SIMD, 0x1d, lane]
export const and = simd(0x4e)
export const or = simd(0x50)
export const xor = simd(0x51)
/** bitselect(a, b, mask): bits of a where the mask is one, of b where it is zero. */
export const bitselect = simd(0x52)
export const i64x2Neg = simd(0xc1)
export const i64x2Add = simd(0xce)
export const i64x2Eq = simd(0xd6)
export const shiftLeft = (vector: Code, bits: number): Code => [...vector, ...i32Const(bits), SIMD, ...unsigned(0xcb)]
export const shiftRight = (vector: Code, bits: number): Code => [...vector, ...i32Const(bits), SIMD, ...unsigned(0xcd)]
export const f64x2Add = simd(0xf0)
export const f64x2Sub = simd(0xf1)
/** a·b + c; whether it rounds once or twice is the machine's choice, which the kernel tests before it is used. */
export const f64x2MultiplyAdd = simd(0x107)

/** Runs `body` with the local counting down from its present value to 1. */
export function countDown(local: number, body: Code): Code {
  return [0x03, VOID, ...body, ...i32Sub(get(local), i32Const(1)), 0x22, ...unsigned(local), 0x0d, 0x00, 0x0b]
}

const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()]
const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content]
const text = (name: string): Code => [...unsigned(name.length), ...[...name].map((letter) => letter.charCodeAt(0))]

export const callTo = (index: number, ...operands: readonly Code[]): Code => [...operands.flat(), 0x10, ...unsigned(index)]

const laneBytes = (lane: bigint) => Array.from({ length: 8 }, (_, i) => Number((lane >> BigInt(8 * i)) & 0xffn))

function codeOf(each: WasmFunction): Code {
  const locals = ([[each.i32, I32], [each.i64, I64], [each.v128, V128]] as const).filter(([count]) => count > 0)
  const content = [...vector(locals.map(([count, type]) => [...unsigned(count), type])), ...each.body, 0x0b]
  return [...unsigned(content.length), ...content]
}

/** A module that exports `memory`, of fixed size in pages of 64 KiB with the constants in it, and every function under its name. */
export function moduleOf(functions: readonly WasmFunction[], pages: number): Uint8Array<ArrayBuffer> {
  const types = functions.map((each) => [0x60, ...vector(Array.from({ length: each.params }, () => [I32])), 0x00])
  const exports = functions.map((each, i) => [...text(each.name), 0x00, ...unsigned(i)])
  return Uint8Array.from([
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
    ...section(1, vector(types)),
    ...section(3, vector(functions.map((_, i) => unsigned(i)))),
    ...section(5, [1, 0x01, ...unsigned(pages), ...unsigned(pages)]),
    ...section(7, vector([...exports, [...text('memory'), 0x02, 0]])),
    ...section(10, vector(functions.map(codeOf))),
    ...section(11, vector([[0x00, ...i32Const(CONSTANTS_AT), 0x0b, ...vector(constants.flatMap((lane) => [...laneBytes(lane), ...laneBytes(lane)].map((byte) => [byte])))]])),
  ])
}
