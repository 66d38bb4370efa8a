// The group on Muster's own kernel: two elements at a time, many in one call. What is asked for singly, and all arithmetic of scalars,
// is libsodium's. Both are tested on the same inputs; where the kernel cannot run, libsodium does everything.
import { ELEMENT_BYTES, SCALAR_BYTES } from '@muster/core/oprf/group.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { startKernel } from './kernel/kernel.ts'
import { ENCODED_BYTES, ristrettoOn } from './kernel/ristretto.ts'
import type { Pair, Ristretto } from './kernel/ristretto.ts'
import { sodiumGroup } from './sodium-group.ts'
import { uniformBytes } from './uniform.ts'

/** The fastest group that this machine runs; loaded once. */
export function fastGroup(): Promise<Group> {
  loading ??= sodiumGroup().then((sodium) => {
    const kernel = startKernel()
    return kernel === undefined ? sodium : kernelGroup(ristrettoOn(kernel), sodium)
  })
  return loading
}
let loading: Promise<Group> | undefined

/** The pair at `index` of a list; the last one stands in both lanes where the list has an odd length. */
function pairOf(list: readonly Uint8Array[], pair: number): Pair {
  const first = list[2 * pair] as Uint8Array
  return [first, list[2 * pair + 1] ?? first]
}

const pairsIn = (list: readonly Uint8Array[]) => Math.ceil(list.length / 2)

/** 32 bytes below 2^255 − 19 and even, which the kernel's decoding takes for granted. */
function isCanonicalField(bytes: Uint8Array): boolean {
  if (bytes.length !== ELEMENT_BYTES) return false
  const top = bytes[ELEMENT_BYTES - 1] as number
  if (((bytes[0] as number) & 1) === 1 || top > 0x7f) return false
  return top < 0x7f || (bytes[0] as number) < 0xed || bytes.subarray(1, ELEMENT_BYTES - 1).some((byte) => byte !== 0xff)
}

const isZero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0)

function kernelGroup(ristretto: Ristretto, sodium: Group): Group {
  const { pairsMax } = ristretto

  /** scalar times point for each pair, after `place` has put the pair's points into the kernel. */
  const products = (scalars: readonly Uint8Array[], place: (pair: number) => void): Uint8Array[] => {
    const pairs = pairsIn(scalars)
    const out = new Uint8Array(pairs * 2 * ENCODED_BYTES)
    let key: Pair | undefined
    for (let from = 0; from < pairs; from += pairsMax) {
      const count = Math.min(pairsMax, pairs - from)
      for (let i = 0; i < count; i++) {
        place(from + i)
        ristretto.tabulate(0)
        const pair = pairOf(scalars, from + i)
        if (key === undefined || key[0] !== pair[0] || key[1] !== pair[1]) ristretto.setDigits(0, pair)
        key = pair
        ristretto.sumUp(1)
        ristretto.keep(i)
      }
      ristretto.encodeKept(count, out.subarray(from * 2 * ENCODED_BYTES))
    }
    return scalars.map((_, i) => out.slice(i * ENCODED_BYTES, (i + 1) * ENCODED_BYTES))
  }

  const demandPair = (list: readonly Uint8Array[], pair: number) => {
    const encoded = pairOf(list, pair)
    if (!encoded.every(isCanonicalField) || !ristretto.decode(encoded).every(Boolean)) throw new RangeError(`element ${2 * pair} or the next is not canonical`)
  }
  const demandScalars = (scalars: readonly Uint8Array[], count: number) => {
    if (scalars.length !== count || scalars.some((scalar) => scalar.length !== SCALAR_BYTES)) throw new RangeError(`${count} scalars of ${SCALAR_BYTES} bytes are expected`)
  }

  return {
    ...sodium,
    areElements: (list) => {
      if (!list.every((bytes) => isCanonicalField(bytes) && !isZero(bytes))) return false
      for (let pair = 0; pair < pairsIn(list); pair++) {
        const [first, second] = ristretto.decode(pairOf(list, pair))
        if (!first || !second) return false
      }
      return true
    },
    multiplyEach: (scalars, elements) => {
      demandScalars(scalars, elements.length)
      const results = products(scalars, (pair) => demandPair(elements, pair))
      if (results.some(isZero)) throw new RangeError('a product is the identity')
      return results
    },
    multiplyHashed: (scalars, messages, dst) => {
      demandScalars(scalars, messages.length)
      const uniform = uniformBytes(dst)
      return products(scalars, (pair) => {
        const [first, second] = pairOf(messages, pair)
        const a = uniform(first)
        ristretto.fromUniform([a, second === first ? a : uniform(second)])
      })
    },
    sumOfProducts: (scalars, elements) => {
      demandScalars(scalars, elements.length)
      let sum: Uint8Array = ZERO.slice()
      for (let from = 0; from < elements.length; from += 2 * pairsMax) {
        const part = elements.slice(from, from + 2 * pairsMax)
        const pairs = pairsIn(part)
        for (let pair = 0; pair < pairs; pair++) {
          demandPair(part, pair)
          ristretto.tabulate(pair)
          const [first, second] = pairOf(scalars.slice(from, from + 2 * pairsMax), pair)
          ristretto.setDigits(pair, [first, 2 * pair + 1 < part.length ? second : ZERO])
        }
        ristretto.sumUp(pairs)
        ristretto.addLanes()
        ristretto.keep(0)
        const out = new Uint8Array(2 * ENCODED_BYTES)
        ristretto.encodeKept(1, out)
        sum = from === 0 ? out.slice(0, ENCODED_BYTES) : sodium.add(sum, out.subarray(0, ENCODED_BYTES))
      }
      return sum
    },
  }
}

const ZERO = new Uint8Array(ELEMENT_BYTES)
