// The kernel's memory by names, and the steps on field elements of which the formulas of ristretto255 are made. Two elements stand side by
// side in everything here. Nothing is reentrant: slots and masks are shared by all formulas of one kernel.
import { BYTES_AT, MASKS_AT, pointSlots, SLOT_BYTES, slotsFor } from './layout.ts'
import type { Kernel } from './kernel.ts'

export const ENCODED_BYTES = 32

const PRIME = 2n ** 255n - 19n
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n

/** Constants of RFC 9496 section 4.1 under its names; `nil`, `one`, `minusOne` and `twiceD` besides. */
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

/** Slots of the constants. */
export const c = slotsFor(CONSTANT_NAMES, 0)
/** Slots for temporaries: p of powers, q of square roots, t of the formulas. Whatever is called in between overwrites its own letter. */
export const t = slotsFor(['p0', 'p1', 'p2', 'q0', 'q1', 'q2', 'q3', 'q4', 'q5', 'q6', 't0', 't1', 't2', 't3', 't4', 't5', 't6', 't7', 't8', 't9'], 10)
/** Points: the operand of a multiplication, a helper, its cached form, and the result. */
export const POINT = pointSlots(30)
export const SECOND = pointSlots(34)
export const CACHED = pointSlots(38)
export const SUM = pointSlots(42)
/** Masks. `sign` is what `absolute` leaves. */
export const m = { root: MASKS_AT, flipped: MASKS_AT + 16, turned: MASKS_AT + 32, sign: MASKS_AT + 48, other: MASKS_AT + 64 } as const

/** Coordinate 0 to 3 (X, Y, Z, T) of a point. */
export const coordinate = (point: number, index: number) => point + index * SLOT_BYTES

/** Two encodings, uniform strings or scalars: one for each lane. */
export type Pair = readonly [Uint8Array, Uint8Array]

export interface Lanes extends Kernel {
  readonly bytes: Uint8Array
  readonly words: Int32Array
  /** slot = 32 bytes a lane, little-endian, bit 255 ignored. */
  readonly put: (slot: number, pair: Pair) => void
  readonly copy: (to: number, from: number, length: number) => void
  /** slot = −slot in the lanes of the mask. */
  readonly negateWhere: (slot: number, mask: number, temporary: number) => void
  readonly absolute: (slot: number, temporary: number) => void
  readonly equals: (mask: number, a: number, b: number, temporary: number) => void
  /** mask = mask or other. */
  readonly orMask: (mask: number, other: number) => void
  /** Whether each lane of a mask is ones. */
  readonly truthOf: (mask: number) => readonly [boolean, boolean]
}

export function lanesOn(kernel: Kernel): Lanes {
  const bytes = new Uint8Array(kernel.memory.buffer)
  const words = new Int32Array(kernel.memory.buffer)
  const { subtractCarried, negative, zero, choose } = kernel
  const put = (slot: number, [first, second]: Pair) => {
    bytes.set(first, BYTES_AT)
    bytes.set(second, BYTES_AT + ENCODED_BYTES)
    kernel.unpack(slot, BYTES_AT, BYTES_AT + ENCODED_BYTES)
  }
  const negateWhere = (slot: number, mask: number, temporary: number) => {
    subtractCarried(temporary, c.nil, slot)
    choose(slot, mask, temporary, slot)
  }
  for (const name of CONSTANT_NAMES) {
    const constant = Uint8Array.from({ length: ENCODED_BYTES }, (_, i) => Number((CONSTANTS[name] >> BigInt(8 * i)) & 0xffn))
    put(c[name], [constant, constant])
  }
  return {
    ...kernel, bytes, words, put, negateWhere,
    copy: (to, from, length) => void bytes.copyWithin(to, from, from + length),
    absolute: (slot, temporary) => {
      negative(m.sign, slot)
      negateWhere(slot, m.sign, temporary)
    },
    equals: (mask, a, b, temporary) => {
      subtractCarried(temporary, a, b)
      zero(mask, temporary)
    },
    orMask: (mask, other) => {
      for (let i = 0; i < 4; i++) words[mask / 4 + i] = (words[mask / 4 + i] as number) | (words[other / 4 + i] as number)
    },
    truthOf: (mask) => [words[mask / 4] !== 0, words[mask / 4 + 2] !== 0],
  }
}
