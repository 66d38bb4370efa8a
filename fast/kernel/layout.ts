// The kernel's memory, place by place: constants, scratch, bytes on their way in and out, masks, named slots, what the encoding keeps, tables
// and digits. The code of `written.ts` has the first of these addresses in it.

const LIMBS = 5
export const VECTOR_BYTES = 16

/** Bytes of an element pair: five limbs of two lanes. */
export const SLOT_BYTES = LIMBS * VECTOR_BYTES
export const POINT_BYTES = 4 * SLOT_BYTES
/** Multiples 1 to 8 of a point, cached. */
export const TABLE_ENTRIES = 8
export const TABLE_BYTES = TABLE_ENTRIES * POINT_BYTES
/** A signed digit of each lane: two absolute values from 0 to 8, then two sign masks. */
export const DIGIT_BYTES = 32

/** Where the constants of a module begin in its memory: code reads them there, since an engine builds an immediate vector in three instructions. */
export const CONSTANTS_AT = 0
export const CONSTANTS_MAX = 128

/** Slots that the formulas of points use between their steps; nothing in them outlives a call. */
const SCRATCH_SLOTS = 12
export const SCRATCH_AT = CONSTANTS_AT + CONSTANTS_MAX * VECTOR_BYTES

/** Pairs that are worked on together: one inversion encodes them all, one row of doublings serves them all in a sum. */
export const PAIRS_MAX = 64
/** Windows of four bits in a scalar. */
export const WINDOWS = 64
/** Slots that the encoding keeps of each pair. */
export const STATE_SLOTS = 9

const NAMED_SLOTS = 64
const PAGE_BYTES = 65_536

/** Two times 32 bytes on their way in, and out. */
export const BYTES_AT = SCRATCH_AT + SCRATCH_SLOTS * SLOT_BYTES
export const MASKS_AT = BYTES_AT + 128
export const SLOTS_AT = MASKS_AT + 128
export const STATES_AT = SLOTS_AT + NAMED_SLOTS * SLOT_BYTES
export const TABLES_AT = STATES_AT + PAIRS_MAX * STATE_SLOTS * SLOT_BYTES
export const DIGITS_AT = TABLES_AT + PAIRS_MAX * TABLE_BYTES
const END = DIGITS_AT + PAIRS_MAX * WINDOWS * DIGIT_BYTES
export const PAGES = Math.ceil(END / PAGE_BYTES)

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
