// The kernel as it runs: its module written and started, its memory laid out, and the test that says whether this machine may use it.
import { fieldFunctions, SLOT_BYTES } from './field.ts'
import { DIGIT_BYTES, pointFunctions, POINT_BYTES, SCRATCH_BYTES, TABLE_BYTES } from './point.ts'
import { CONSTANTS_END, moduleOf } from './wasm.ts'

/** Pairs that are worked on together: one inversion encodes them all, one row of doublings serves them all in a sum. */
export const PAIRS_MAX = 64
/** Windows of four bits in a scalar. */
export const WINDOWS = 64
/** Slots that the encoding keeps of each pair. */
export const STATE_SLOTS = 9

const NAMED_SLOTS = 64
const PAGE_BYTES = 65_536

const SCRATCH_AT = CONSTANTS_END
/** Two times 32 bytes on their way in, and out. */
export const BYTES_AT = SCRATCH_AT + SCRATCH_BYTES
export const MASKS_AT = BYTES_AT + 128
export const SLOTS_AT = MASKS_AT + 128
export const STATES_AT = SLOTS_AT + NAMED_SLOTS * SLOT_BYTES
export const TABLES_AT = STATES_AT + PAIRS_MAX * STATE_SLOTS * SLOT_BYTES
export const DIGITS_AT = TABLES_AT + PAIRS_MAX * TABLE_BYTES
const END = DIGITS_AT + PAIRS_MAX * WINDOWS * DIGIT_BYTES

/** What of the WebAssembly interface is used here; the compiler's libraries name it only together with a browser. */
declare const WebAssembly: {
  readonly validate: (module: Uint8Array<ArrayBuffer>) => boolean
  readonly Module: new (module: Uint8Array<ArrayBuffer>) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

type Unary = (out: number, a: number) => void
type Binary = (out: number, a: number, b: number) => void

/** What the module exports; every argument but a count is an address. Contracts in `field.ts` and `point.ts`. */
export interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer }
  readonly multiply: Binary
  readonly square: Unary
  readonly squareTimes: (out: number, a: number, times: number) => void
  readonly addCarried: Binary
  readonly subtractCarried: Binary
  readonly negative: Unary
  readonly zero: Unary
  readonly choose: (out: number, mask: number, a: number, b: number) => void
  readonly unpack: (out: number, bytes0: number, bytes1: number) => void
  readonly pack: (bytes0: number, bytes1: number, a: number) => void
  readonly double: Unary
  readonly addPoint: Binary
  readonly cache: (out: number, point: number, twiceD: number) => void
  readonly sixteenfold: (point: number) => void
  readonly addDigit: (point: number, table: number, digit: number) => void
}

/** A named place in memory for each name. */
export function slotsFor<const Names extends readonly string[]>(names: Names, from: number): Record<Names[number], number> {
  if (from + names.length > NAMED_SLOTS) throw new RangeError(`the kernel has ${NAMED_SLOTS} named slots`)
  return Object.fromEntries(names.map((name, i) => [name, SLOTS_AT + (from + i) * SLOT_BYTES])) as Record<Names[number], number>
}

/** Consecutive slots for a point. */
export function pointSlots(from: number): number {
  if (from + POINT_BYTES / SLOT_BYTES > NAMED_SLOTS) throw new RangeError(`the kernel has ${NAMED_SLOTS} named slots`)
  return SLOTS_AT + from * SLOT_BYTES
}

/** A kernel of its own memory; undefined where the engine has no relaxed SIMD, or where its multiply-add rounds twice. */
export function startKernel(): Kernel | undefined {
  const fields = fieldFunctions()
  const module = moduleOf([...fields, ...pointFunctions(fields.length, { at: SCRATCH_AT })], Math.ceil(END / PAGE_BYTES))
  if (!WebAssembly.validate(module)) return undefined
  const kernel = new WebAssembly.Instance(new WebAssembly.Module(module)).exports as Kernel
  return multipliesExactly(kernel) ? kernel : undefined
}

/** (2^255 − 20)² = 1: the product of the largest limbs there are comes out right only if nothing is rounded on the way. */
function multipliesExactly(kernel: Kernel): boolean {
  const bytes = new Uint8Array(kernel.memory.buffer, BYTES_AT, 64)
  const { a } = slotsFor(['a'], 0)
  const minusOne = Uint8Array.from({ length: 32 }, (_, i) => i === 0 ? 0xec : i === 31 ? 0x7f : 0xff)
  const odd = Uint8Array.from({ length: 32 }, (_, i) => i === 31 ? 0x35 : (i * 73 + 41) & 0xff)
  bytes.set(minusOne, 0)
  bytes.set(odd, 32)
  kernel.unpack(a, BYTES_AT, BYTES_AT + 32)
  kernel.squareTimes(a, a, 3)
  kernel.pack(BYTES_AT, BYTES_AT + 32, a)
  const value = littleEndian(bytes.subarray(32))
  return littleEndian(bytes.subarray(0, 32)) === 1n && value === littleEndian(odd) ** 8n % (2n ** 255n - 19n)
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
}
