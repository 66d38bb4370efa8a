// The cryptographic primitives that core calls, behind one interface: noble's by default (`noble.ts`, runs anywhere),
// node:crypto's in the registry and in `verify`. Both are tested on the same inputs.

export interface Primitives {
  /** SHA-256 over the parts, one after the other; 32 bytes. */
  readonly sha256: (...parts: Uint8Array[]) => Uint8Array
  /** HMAC-SHA-256; 32 bytes. */
  readonly hmacSha256: (key: Uint8Array, ...parts: Uint8Array[]) => Uint8Array
  /** RFC 8032 verification; false for any malformed key or signature, never throws. */
  readonly ed25519Verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean
  /** FIPS 204 ML-DSA-44, empty context; false for any malformed key or signature, never throws. */
  readonly mldsa44Verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean
  /** Strict UTF-8 as `fromUtf8` reads it: undefined for overlong forms, surrogates and truncation; a byte order mark stays. */
  readonly textOf: (bytes: Uint8Array) => string | undefined
  /** UTF-8 of a well-formed text; a lone surrogate throws. */
  readonly utf8: (text: string) => Uint8Array
  /** Canonical base64 as `fromBase64` reads it: undefined for any other text. */
  readonly bytesOf64: (text: string) => Uint8Array | undefined
}

/** Secret-key operations; seeds are 32 bytes for both algorithms (FIPS 204 ξ for ML-DSA-44). */
export interface Signing {
  readonly ed25519PublicKey: (seed: Uint8Array) => Uint8Array
  readonly ed25519Sign: (seed: Uint8Array, message: Uint8Array) => Uint8Array
  readonly mldsa44PublicKey: (seed: Uint8Array) => Uint8Array
  readonly mldsa44Sign: (seed: Uint8Array, message: Uint8Array) => Uint8Array
}
