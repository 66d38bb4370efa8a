// The prime-order group under the OPRF (RFC 9497 section 2.1), ristretto255 with SHA-512, behind one interface: noble's by
// default (`noble-group.ts`), WebAssembly in the registry and in `verify`. All are tested on the same inputs.
// Elements and scalars cross it as bytes: 32 bytes each, scalars little-endian.
//
// An implementation checks shapes for itself but trusts the canonical form: `oprf.ts` asks isElement and isScalar of
// everything that came from outside before any other member sees it.

/** Bytes of an element and of a scalar (RFC 9497 section 4.1: Ne and Ns). */
export const ELEMENT_BYTES = 32
export const SCALAR_BYTES = 32

export interface Group {
  /** hash_to_group with the given DST: expand_message_xmd SHA-512 to 64 bytes, then the one-way map. Never refuses: the identity comes out as zeros. */
  readonly hashToGroup: (message: Uint8Array, dst: Uint8Array) => Uint8Array
  /** hash_to_scalar with the given DST: expand_message_xmd SHA-512 to 64 bytes, reduced modulo the order. */
  readonly hashToScalar: (message: Uint8Array, dst: Uint8Array) => Uint8Array
  /** Canonical encoding of an element that is not the identity; false for any other length, never throws. */
  readonly isElement: (bytes: Uint8Array) => boolean
  /** isElement of every one, and cheaper than asking one by one. */
  readonly areElements: (list: readonly Uint8Array[]) => boolean
  /** Canonical encoding of a scalar below the order and above zero; false for any other length, never throws. */
  readonly isScalar: (bytes: Uint8Array) => boolean
  /** scalar · element; both already checked; throws where the product is the identity. */
  readonly multiply: (scalar: Uint8Array, element: Uint8Array) => Uint8Array
  /** scalars[i] · elements[i], for secret scalars; lists of equal length; throws where a product is the identity. */
  readonly multiplyEach: (scalars: readonly Uint8Array[], elements: readonly Uint8Array[]) => Uint8Array[]
  /**
   * scalars[i] · hash_to_group(messages[i]) under one DST, for secret scalars, without the detour over an encoding in between.
   * A message that maps to the identity comes out as zeros.
   */
  readonly multiplyHashed: (scalars: readonly Uint8Array[], messages: readonly Uint8Array[], dst: Uint8Array) => Uint8Array[]
  /** scalar · generator. */
  readonly multiplyBase: (scalar: Uint8Array) => Uint8Array
  /** Σ scalars[i] · elements[i]; **scalars are public**: the time taken tells them. Zero scalars are allowed; the identity comes out as zeros. */
  readonly sumOfProducts: (scalars: readonly Uint8Array[], elements: readonly Uint8Array[]) => Uint8Array
  /** Sum of two elements; the identity comes out as zeros. */
  readonly add: (a: Uint8Array, b: Uint8Array) => Uint8Array
  readonly scalarAdd: (a: Uint8Array, b: Uint8Array) => Uint8Array
  readonly scalarMultiply: (a: Uint8Array, b: Uint8Array) => Uint8Array
  readonly scalarNegate: (a: Uint8Array) => Uint8Array
  /** Inverse of a scalar that is not zero. */
  readonly scalarInvert: (a: Uint8Array) => Uint8Array
  readonly sha512: (...parts: Uint8Array[]) => Uint8Array
}
