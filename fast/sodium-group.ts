// The group on libsodium compiled to WebAssembly. The raw functions are called on a fixed scratch area of its memory: the wrappers around
// them allocate for every argument, which costs a tenth of a multiplication.
import sodium from 'libsodium-wrappers-sumo'
import { ELEMENT_BYTES, SCALAR_BYTES } from '@muster/core/oprf/group.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { expandMessageXmd } from '@muster/core/oprf/expand.ts'
import { isScalar } from './scalar.ts'
import { sha512 } from './uniform.ts'

/** The raw exports that are used here; each returns 0 or, where it can fail, −1. Arguments are addresses, the result's first. */
interface Raw {
  readonly HEAPU8: Uint8Array
  _malloc(length: number): number
  _crypto_core_ristretto255_from_hash(out: number, uniform: number): number
  _crypto_core_ristretto255_is_valid_point(element: number): number
  _crypto_core_ristretto255_add(out: number, a: number, b: number): number
  _crypto_scalarmult_ristretto255(out: number, scalar: number, element: number): number
  _crypto_scalarmult_ristretto255_base(out: number, scalar: number): number
  _crypto_core_ristretto255_scalar_reduce(out: number, uniform: number): void
  readonly _crypto_core_ristretto255_scalar_add: (out: number, a: number, b: number) => void
  readonly _crypto_core_ristretto255_scalar_mul: (out: number, a: number, b: number) => void
  _crypto_core_ristretto255_scalar_negate(out: number, a: number): void
  _crypto_core_ristretto255_scalar_invert(out: number, a: number): number
}

const UNIFORM_BYTES = 64

const isZero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0)

/** Loads libsodium once; later calls give the same group. */
export function sodiumGroup(): Promise<Group> {
  loading ??= sodium.ready.then(() => groupOn((sodium as unknown as { readonly libsodium: Raw }).libsodium))
  return loading
}
let loading: Promise<Group> | undefined

/** A fixed place for a result and two arguments in libsodium's memory. */
interface Scratch {
  readonly raw: Raw
  readonly out: number
  readonly a: number
  readonly b: number
  /** Copies bytes of exactly this length to an address. */
  readonly put: (bytes: Uint8Array, at: number, length: number) => void
  readonly result: () => Uint8Array
  /** The result of a call that returned 0; throws what failed otherwise. */
  readonly demand: (code: number, failed: string) => Uint8Array
}

function scratchOn(raw: Raw): Scratch {
  const [out, a, b] = [ELEMENT_BYTES, UNIFORM_BYTES, ELEMENT_BYTES].map((length) => raw._malloc(length)) as [number, number, number]
  const result = () => raw.HEAPU8.slice(out, out + ELEMENT_BYTES)
  return {
    raw, out, a, b, result,
    put: (bytes, at, length) => {
      if (bytes.length !== length) throw new RangeError(`${length} bytes are expected, not ${bytes.length}`)
      raw.HEAPU8.set(bytes, at)
    },
    demand: (code, failed) => {
      if (code !== 0) throw new RangeError(failed)
      return result()
    },
  }
}

function groupOn(raw: Raw): Group {
  const scratch = scratchOn(raw)
  return { ...elementsOn(scratch), ...scalarsOn(scratch), sha512 }
}

type Scalars = Pick<Group, 'hashToScalar' | 'isScalar' | 'scalarAdd' | 'scalarMultiply' | 'scalarNegate' | 'scalarInvert'>

function scalarsOn({ raw, out, a, b, put, result, demand }: Scratch): Scalars {
  const binary = (act: (out: number, a: number, b: number) => unknown) => (left: Uint8Array, right: Uint8Array) => {
    put(left, a, SCALAR_BYTES)
    put(right, b, SCALAR_BYTES)
    act(out, a, b)
    return result()
  }
  return {
    hashToScalar: (message, dst) => {
      put(expandMessageXmd(sha512, message, dst, UNIFORM_BYTES), a, UNIFORM_BYTES)
      raw._crypto_core_ristretto255_scalar_reduce(out, a)
      return result()
    },
    isScalar,
    scalarAdd: binary(raw._crypto_core_ristretto255_scalar_add),
    scalarMultiply: binary(raw._crypto_core_ristretto255_scalar_mul),
    scalarNegate: (scalar) => {
      put(scalar, a, SCALAR_BYTES)
      raw._crypto_core_ristretto255_scalar_negate(out, a)
      return result()
    },
    scalarInvert: (scalar) => {
      put(scalar, a, SCALAR_BYTES)
      return demand(raw._crypto_core_ristretto255_scalar_invert(out, a), 'zero has no inverse')
    },
  }
}

function elementsOn({ raw, out, a, b, put, demand }: Scratch): Omit<Group, keyof Scalars | 'sha512'> {
  const hashToGroup = (message: Uint8Array, dst: Uint8Array) => {
    put(expandMessageXmd(sha512, message, dst, UNIFORM_BYTES), a, UNIFORM_BYTES)
    return demand(raw._crypto_core_ristretto255_from_hash(out, a), 'hashing to the group failed')
  }
  const multiply = (scalar: Uint8Array, element: Uint8Array) => {
    put(scalar, a, SCALAR_BYTES)
    put(element, b, ELEMENT_BYTES)
    return demand(raw._crypto_scalarmult_ristretto255(out, a, b), 'the product is the identity, or the element is not canonical')
  }
  const add = (left: Uint8Array, right: Uint8Array) => {
    put(left, a, ELEMENT_BYTES)
    put(right, b, ELEMENT_BYTES)
    return demand(raw._crypto_core_ristretto255_add(out, a, b), 'an element of the sum is not canonical')
  }
  const isElement = (bytes: Uint8Array) => {
    if (bytes.length !== ELEMENT_BYTES || isZero(bytes)) return false
    put(bytes, a, ELEMENT_BYTES)
    return raw._crypto_core_ristretto255_is_valid_point(a) === 1
  }
  return {
    hashToGroup, isElement, multiply, add,
    areElements: (list) => list.every(isElement),
    multiplyEach: (scalars, elements) => elements.map((element, i) => multiply(scalars[i] as Uint8Array, element)),
    multiplyHashed: (scalars, messages, dst) => messages.map((message, i) => {
      const element = hashToGroup(message, dst)
      return isZero(element) ? element : multiply(scalars[i] as Uint8Array, element)
    }),
    multiplyBase: (scalar) => {
      put(scalar, a, SCALAR_BYTES)
      return demand(raw._crypto_scalarmult_ristretto255_base(out, a), 'the product is the identity')
    },
    sumOfProducts: (scalars, elements) => elements.reduce<Uint8Array>((sum, element, i) => {
      const scalar = scalars[i] as Uint8Array
      return isZero(scalar) ? sum : add(sum, multiply(scalar, element))
    }, new Uint8Array(ELEMENT_BYTES)),
  }
}
