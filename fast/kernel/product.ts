// Multiplication by halved scalars: signed digits of four bits, a table of eight multiples a point, and one row of doublings for a single
// product or for a whole sum. Scalars are halved because the encoding is cheapest for the double of a point (`encode.ts`).
import { c, CACHED, coordinate, ENCODED_BYTES, POINT, SECOND, SUM } from './lanes.ts'
import type { Lanes, Pair } from './lanes.ts'
import { DIGIT_BYTES, DIGITS_AT, POINT_BYTES, SLOT_BYTES, TABLE_BYTES, TABLE_ENTRIES, TABLES_AT, WINDOWS } from './layout.ts'

/** Order of the group, little-endian. */
const ORDER = Uint8Array.from(Buffer.from('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010', 'hex'))
const LANE_BYTES = 8

/** Table `index` becomes the multiples 1 to 8 of POINT. */
export function tabulate(lanes: Lanes, index: number): void {
  const table = TABLES_AT + index * TABLE_BYTES
  lanes.copy(SUM, POINT, POINT_BYTES)
  lanes.cache(table, SUM, c.twiceD)
  for (let i = 1; i < TABLE_ENTRIES; i++) {
    lanes.addPoint(SUM, SUM, table)
    lanes.cache(table + i * POINT_BYTES, SUM, c.twiceD)
  }
}

/**
 * Digits `index` become those of the halved scalars, from −8 to 7 in radix 16, highest first, by the same steps for every scalar. The
 * scalars are below the order.
 */
export function setDigits({ words }: Lanes, index: number, scalars: Pair): void {
  for (let lane = 0; lane < 2; lane++) {
    const half = halved(scalars[lane as 0 | 1])
    let carry = 0
    for (let window = 0; window < WINDOWS; window++) {
      const whole = (((half[window >> 1] as number) >> (4 * (window & 1))) & 15) + carry
      carry = (whole + 8) >> 4
      const digit = whole - (carry << 4)
      const sign = digit >> 31
      const at = (DIGITS_AT + (index * WINDOWS + WINDOWS - 1 - window) * DIGIT_BYTES) / 4 + 2 * lane
      words[at] = (digit ^ sign) - sign
      words[at + 1] = 0
      words[at + 4] = sign
      words[at + 5] = sign
    }
  }
}

/** scalar / 2 modulo the order: the scalar, or the scalar plus the order, shifted down; the same steps for both. */
function halved(scalar: Uint8Array): Uint8Array {
  const odd = -((scalar[0] as number) & 1)
  const half = new Uint8Array(ENCODED_BYTES)
  let carry = 0
  for (let i = 0; i < ENCODED_BYTES; i++) {
    carry += (scalar[i] as number) + ((ORDER[i] as number) & odd)
    if (i > 0) half[i - 1] = (half[i - 1] as number) | ((carry & 1) << 7)
    half[i] = (carry & 0xff) >> 1
    carry >>= 8
  }
  return half
}

/** SUM becomes Σ digits[k] · table[k] over the indices 0 to `count` − 1, in each lane. */
export function sumUp(lanes: Lanes, count: number): void {
  lanes.copy(coordinate(SUM, 0), c.nil, SLOT_BYTES)
  lanes.copy(coordinate(SUM, 1), c.one, SLOT_BYTES)
  lanes.copy(coordinate(SUM, 2), c.one, SLOT_BYTES)
  lanes.copy(coordinate(SUM, 3), c.nil, SLOT_BYTES)
  for (let window = 0; window < WINDOWS; window++) {
    if (window > 0) lanes.sixteenfold(SUM)
    for (let k = 0; k < count; k++) lanes.addDigit(SUM, TABLES_AT + k * TABLE_BYTES, DIGITS_AT + (k * WINDOWS + window) * DIGIT_BYTES)
  }
}

/** SUM becomes in each lane the sum of both lanes. */
export function addLanes(lanes: Lanes): void {
  for (let offset = 0; offset < POINT_BYTES; offset += 2 * LANE_BYTES) {
    lanes.copy(SECOND + offset, SUM + offset + LANE_BYTES, LANE_BYTES)
    lanes.copy(SECOND + offset + LANE_BYTES, SUM + offset, LANE_BYTES)
  }
  lanes.cache(CACHED, SECOND, c.twiceD)
  lanes.addPoint(SUM, SUM, CACHED)
}
