// What Muster's own kernel does of a group: two elements at a time, many in one call.
import { ELEMENT_BYTES, SCALAR_BYTES } from '@muster/core/oprf/group.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { decode, fromUniform } from './kernel/element.ts'
import { encodeKept, keep } from './kernel/encode.ts'
import { PAIRS_MAX } from './kernel/layout.ts'
import type { Lanes, Pair } from './kernel/lanes.ts'
import { addLanes, setDigits, sumUp, tabulate } from './kernel/product.ts'
import { uniformBytes } from './uniform.ts'

type Bytes = readonly Uint8Array[]
const PAIR_BYTES = 2 * ELEMENT_BYTES
const ZERO = new Uint8Array(ELEMENT_BYTES)
const ONE = Uint8Array.of(1, ...new Uint8Array(SCALAR_BYTES - 1))

export type Elements = Pick<Group, 'areElements' | 'multiplyEach' | 'multiplyHashed' | 'sumOfProducts'>

export function elementsOn(lanes: Lanes): Elements {
  return {
    areElements: (list) => list.every((bytes) => isCanonicalField(bytes) && !isZero(bytes)) && pairsOf(list).every((pair) => decode(lanes, pair).every(Boolean)),
    multiplyEach: (scalars, elements) => {
      const pairs = pairsOf(elements)
      const results = products(lanes, demandScalars(scalars, elements.length), (i) => place(lanes, pairs[i] as Pair))
      if (results.some(isZero)) throw new RangeError('a product is the identity')
      return results
    },
    multiplyHashed: (scalars, messages, dst) => {
      const uniform = uniformBytes(dst)
      const pairs = pairsOf(messages)
      return products(lanes, demandScalars(scalars, messages.length), (i) => {
        const [first, second] = pairs[i] as Pair
        fromUniform(lanes, [uniform(first), uniform(second)])
      })
    },
    sumOfProducts: (scalars, elements) => {
      demandScalars(scalars, elements.length)
      let sum: Uint8Array = ZERO.slice()
      for (let from = 0; from < elements.length; from += 2 * PAIRS_MAX) {
        const part = sumOfChunk(lanes, scalars.slice(from, from + 2 * PAIRS_MAX), elements.slice(from, from + 2 * PAIRS_MAX))
        sum = from === 0 ? part : sumOfChunk(lanes, [ONE, ONE], [sum, part])
      }
      return sum
    },
  }
}

/** scalars[i] times the points that `placePair` puts into the kernel, a pair at a time. */
function products(lanes: Lanes, scalars: Bytes, placePair: (index: number) => void): Uint8Array[] {
  const pairs = pairsOf(scalars)
  const out = new Uint8Array(pairs.length * PAIR_BYTES)
  let set: Pair | undefined
  for (let from = 0; from < pairs.length; from += PAIRS_MAX) {
    const chunk = pairs.slice(from, from + PAIRS_MAX)
    chunk.forEach((pair, i) => {
      placePair(from + i)
      tabulate(lanes, 0)
      if (set === undefined || set[0] !== pair[0] || set[1] !== pair[1]) setDigits(lanes, 0, pair)
      set = pair
      sumUp(lanes, 1)
      keep(lanes, i)
    })
    encodeKept(lanes, chunk.length, out.subarray(from * PAIR_BYTES))
  }
  return scalars.map((_, i) => out.slice(i * ELEMENT_BYTES, (i + 1) * ELEMENT_BYTES))
}

/** Σ over at most 2 · PAIRS_MAX products, even positions in one lane and odd ones in the other. */
function sumOfChunk(lanes: Lanes, scalars: Bytes, elements: Bytes): Uint8Array {
  const pairs = pairsOf(elements)
  pairs.forEach((pair, i) => {
    place(lanes, pair)
    tabulate(lanes, i)
    setDigits(lanes, i, [scalars[2 * i] as Uint8Array, scalars[2 * i + 1] ?? ZERO])
  })
  sumUp(lanes, pairs.length)
  addLanes(lanes)
  keep(lanes, 0)
  const out = new Uint8Array(PAIR_BYTES)
  encodeKept(lanes, 1, out)
  return out.slice(0, ELEMENT_BYTES)
}

/** The list in twos; the last one stands in both lanes where the length is odd. */
function pairsOf(list: Bytes): Pair[] {
  return Array.from({ length: Math.ceil(list.length / 2) }, (_, i) => [list[2 * i] as Uint8Array, list[2 * i + 1] ?? list[2 * i] as Uint8Array])
}

function place(lanes: Lanes, pair: Pair): void {
  if (!pair.every(isCanonicalField) || !decode(lanes, pair).every(Boolean)) throw new RangeError('an element is not canonical')
}

function demandScalars(scalars: Bytes, count: number): Bytes {
  if (scalars.length !== count || scalars.some((scalar) => scalar.length !== SCALAR_BYTES)) throw new RangeError(`${count} scalars of ${SCALAR_BYTES} bytes are expected`)
  return scalars
}

/** 32 bytes below 2^255 − 19 and even, which the kernel's decoding takes for granted. */
function isCanonicalField(bytes: Uint8Array): boolean {
  if (bytes.length !== ELEMENT_BYTES) return false
  const top = bytes[ELEMENT_BYTES - 1] as number
  if (((bytes[0] as number) & 1) === 1 || top > 0x7f) return false
  return top < 0x7f || (bytes[0] as number) < 0xed || bytes.subarray(1, ELEMENT_BYTES - 1).some((byte) => byte !== 0xff)
}

const isZero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0)
