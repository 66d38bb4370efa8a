// The group on @noble/curves: runs anywhere, and is what every faster implementation is measured against.
import { pippenger } from '@noble/curves/abstract/curve.js'
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { concat } from '../bytes/bytes.ts'
import { expandMessageXmd } from './expand.ts'
import { ELEMENT_BYTES, SCALAR_BYTES } from './group.ts'
import type { Group } from './group.ts'

const Point = ristretto255.Point
type RistrettoPoint = InstanceType<typeof Point>
const ORDER = Point.Fn.ORDER

/** 64 uniform bytes give an element or a scalar within 2^-128 of uniform (RFC 9497 section 4.1). */
const UNIFORM_BYTES = 64

const sha512Of = (...parts: Uint8Array[]) => sha512(concat(...parts))

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number)
  return value
}

function scalarBytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(SCALAR_BYTES)
  for (let i = 0, left = value; i < SCALAR_BYTES; i++, left >>= 8n) bytes[i] = Number(left & 0xffn)
  return bytes
}

/** noble throws for every encoding that is not canonical; the identity is canonical, so it is asked for apart. */
function decode(bytes: Uint8Array): RistrettoPoint | undefined {
  if (bytes.length !== ELEMENT_BYTES) return undefined
  try {
    const point = Point.fromBytes(bytes)
    return point.is0() ? undefined : point
  } catch {
    return undefined
  }
}

function multiply(scalar: Uint8Array, element: Uint8Array): Uint8Array {
  return Point.fromBytes(element).multiply(littleEndian(scalar)).toBytes()
}

/** The hashing to the group, before any encoding. `deriveToCurve` is the element derivation of RFC 9496 section 4.3.4. */
function hashed(message: Uint8Array, dst: Uint8Array): RistrettoPoint {
  return ristretto255_hasher.deriveToCurve!(expandMessageXmd(sha512Of, message, dst, UNIFORM_BYTES))
}

function sumOfProducts(scalars: readonly Uint8Array[], elements: readonly Uint8Array[]): Uint8Array {
  if (elements.length === 0) return Point.ZERO.toBytes()
  return pippenger(Point, elements.map((element) => Point.fromBytes(element)), scalars.map(littleEndian)).toBytes()
}

export const nobleGroup: Group = {
  hashToGroup: (message, dst) => hashed(message, dst).toBytes(),
  hashToScalar: (message, dst) => scalarBytes(littleEndian(expandMessageXmd(sha512Of, message, dst, UNIFORM_BYTES)) % ORDER),
  isElement: (bytes) => decode(bytes) !== undefined,
  areElements: (list) => list.every((bytes) => decode(bytes) !== undefined),
  isScalar: (bytes) => {
    if (bytes.length !== SCALAR_BYTES) return false
    const value = littleEndian(bytes)
    return value > 0n && value < ORDER
  },
  multiply,
  multiplyEach: (scalars, elements) => elements.map((element, i) => multiply(scalars[i] as Uint8Array, element)),
  multiplyHashed: (scalars, messages, dst) => messages.map((message, i) => {
    const point = hashed(message, dst)
    return point.is0() ? point.toBytes() : point.multiply(littleEndian(scalars[i] as Uint8Array)).toBytes()
  }),
  multiplyBase: (scalar) => Point.BASE.multiply(littleEndian(scalar)).toBytes(),
  sumOfProducts,
  add: (a, b) => Point.fromBytes(a).add(Point.fromBytes(b)).toBytes(),
  scalarAdd: (a, b) => scalarBytes((littleEndian(a) + littleEndian(b)) % ORDER),
  scalarMultiply: (a, b) => scalarBytes((littleEndian(a) * littleEndian(b)) % ORDER),
  scalarNegate: (a) => scalarBytes((ORDER - littleEndian(a)) % ORDER),
  scalarInvert: (a) => scalarBytes(Point.Fn.inv(littleEndian(a))),
  sha512: sha512Of,
}
