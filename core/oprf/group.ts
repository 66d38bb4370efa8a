// The prime-order group under the OPRF (RFC 9497 section 2.1), ristretto255 with SHA-512, behind one interface: noble's by
// default (`noble-group.ts`), libsodium compiled to WebAssembly in the registry and in `verify`.
// Elements and scalars cross it as bytes: 32 bytes each, scalars little-endian.

export interface Group {
  /** hash_to_group with the given DST: expand_message_xmd SHA-512 to 64 bytes, then the one-way map. */
  hashToGroup(message: Uint8Array, dst: Uint8Array): Uint8Array
  /** hash_to_scalar with the given DST: expand_message_xmd SHA-512 to 64 bytes, reduced modulo the order. */
  hashToScalar(message: Uint8Array, dst: Uint8Array): Uint8Array
  /** Canonical encoding of an element that is not the identity. */
  isElement(bytes: Uint8Array): boolean
  /** Canonical encoding of a scalar below the order and above zero. */
  isScalar(bytes: Uint8Array): boolean
  /** scalar · element; both already checked; throws where the product is the identity. */
  multiply(scalar: Uint8Array, element: Uint8Array): Uint8Array
  /** scalar · generator. */
  multiplyBase(scalar: Uint8Array): Uint8Array
  add(a: Uint8Array, b: Uint8Array): Uint8Array
  scalarAdd(a: Uint8Array, b: Uint8Array): Uint8Array
  scalarMultiply(a: Uint8Array, b: Uint8Array): Uint8Array
  scalarNegate(a: Uint8Array): Uint8Array
  scalarInvert(a: Uint8Array): Uint8Array
  sha512(...parts: Uint8Array[]): Uint8Array
}
