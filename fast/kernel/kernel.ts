// The kernel as it runs: its module started, and the test that says whether this machine may use it.
import { BYTES_AT, slotsFor } from './layout.ts'
import { MODULE } from './module.ts'

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

/** A kernel of its own memory; undefined where the engine has no relaxed SIMD, or where its multiply-add rounds twice. */
export function startKernel(): Kernel | undefined {
  const module = new Uint8Array(Buffer.from(MODULE, 'base64'))
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
