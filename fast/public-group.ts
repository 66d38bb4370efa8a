// The group where nothing is secret, as in a dossier whose inputs and blinds are all open: elements on Muster's own kernel, scalars as
// JavaScript's big integers, **whose time tells their value**. Half a megabyte of libsodium is neither read nor compiled for it.
import { SCALAR_BYTES } from '@muster/core/oprf/group.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { elementsOn } from './kernel-elements.ts'
import { startKernel } from './kernel/kernel.ts'
import { lanesOn } from './kernel/lanes.ts'
import { isScalar } from './scalar.ts'
import { sha512, uniformBytes } from './uniform.ts'

const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n
const ONE = Uint8Array.of(1, ...new Uint8Array(SCALAR_BYTES - 1))
/** RFC 9496, appendix A.1: the generator. */
const GENERATOR = Uint8Array.from(Buffer.from('e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76', 'hex'))

/** For public scalars only. Where the kernel cannot run, libsodium does everything. */
export async function publicGroup(): Promise<Group> {
  const kernel = startKernel()
  if (kernel === undefined) return (await import('./sodium-group.ts')).sodiumGroup()
  const elements = elementsOn(lanesOn(kernel))
  const multiply = (scalar: Uint8Array, element: Uint8Array) => elements.multiplyEach([scalar], [element])[0] as Uint8Array
  return {
    ...elements, ...SCALARS, sha512, multiply,
    isElement: (bytes) => elements.areElements([bytes]),
    multiplyBase: (scalar) => multiply(scalar, GENERATOR),
    add: (a, b) => elements.sumOfProducts([ONE, ONE], [a, b]),
    hashToGroup: (message, dst) => elements.multiplyHashed([ONE], [message], dst)[0] as Uint8Array,
  }
}

/** The hash under each tag that has been asked for; the tags are core's own few. */
const kept = new WeakMap<Uint8Array, ReturnType<typeof uniformBytes>>()

function uniformUnder(dst: Uint8Array): ReturnType<typeof uniformBytes> {
  const known = kept.get(dst) ?? uniformBytes(dst)
  kept.set(dst, known)
  return known
}

const SCALARS: Pick<Group, 'hashToScalar' | 'isScalar' | 'scalarAdd' | 'scalarMultiply' | 'scalarNegate' | 'scalarInvert'> = {
  isScalar,
  hashToScalar: (message, dst) => bytesOf(valueOf(uniformUnder(dst)(message))),
  scalarAdd: (a, b) => bytesOf(scalarOf(a) + scalarOf(b)),
  scalarMultiply: (a, b) => bytesOf(scalarOf(a) * scalarOf(b)),
  scalarNegate: (a) => bytesOf(ORDER - scalarOf(a) % ORDER),
  scalarInvert: (a) => bytesOf(inverseOf(scalarOf(a) % ORDER)),
}

/** Little-endian. */
function valueOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
}

function scalarOf(bytes: Uint8Array): bigint {
  if (bytes.length !== SCALAR_BYTES) throw new RangeError(`${SCALAR_BYTES} bytes are expected, not ${bytes.length}`)
  return valueOf(bytes)
}

function bytesOf(value: bigint): Uint8Array {
  return Uint8Array.from(Buffer.from((value % ORDER).toString(16).padStart(2 * SCALAR_BYTES, '0'), 'hex').reverse())
}

/** By Euclid's algorithm. */
function inverseOf(value: bigint): bigint {
  if (value === 0n) throw new RangeError('zero has no inverse')
  let rest = ORDER
  let divisor = value
  let before = 0n
  let factor = 1n
  while (divisor > 1n) {
    const quotient = rest / divisor
    const remainder = rest - quotient * divisor
    const next = before - quotient * factor
    rest = divisor
    divisor = remainder
    before = factor
    factor = next
  }
  return factor < 0n ? factor + ORDER : factor
}
