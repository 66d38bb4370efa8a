// The one door by which a signed or hashed JSON document comes in: bounded, strict, canonical (RFC 8785), and of one shape.
import { equal } from './bytes.ts'
import { canonicalBytes, JSON_LIMITS, parseJson, type Json } from './canonical.ts'
import { plainCanonical } from './plain-canonical.ts'
import { Refusal } from './refusal.ts'
import { fit, type Shape } from './shape.ts'

export type ShapeCode<Door extends string> = `${Door}/shape`
export type JsonCode<Door extends string> = `${Door}/too-long` | `${Door}/json` | `${Door}/not-canonical` | ShapeCode<Door>

/** A value that has been parsed already. Refused with the member that does not fit. */
export function shaped<T, Door extends string>(door: Door, shape: Shape<T>, value: unknown): T | Refusal<ShapeCode<Door>> {
  const fitted = fit(shape, value)
  return 'value' in fitted ? fitted.value : new Refusal(`${door}/shape`, `${door}: ${fitted.misfit.at}: expected ${fitted.misfit.expected}`, fitted.misfit.at)
}

/** Strict JSON (no duplicate names, no lone surrogates, no numbers beyond 2^53) of at most `bytesMax` bytes; the refusal names the byte. */
export function strictJson<Door extends string>(door: Door, bytesMax: number, bytes: Uint8Array): { readonly value: Json } | Refusal<JsonCode<Door>> {
  if (bytes.length > bytesMax) return new Refusal(`${door}/too-long`, `${door}: at most ${bytesMax} bytes are read, these are ${bytes.length}`)
  try {
    return { value: parseJson(bytes) }
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
    return new Refusal(`${door}/json`, `${door}: ${thrown.message}`, thrown.at)
  }
}

/**
 * Canonical bytes of one shape. The bytes are what was signed or hashed, so any other writing of the same values is refused.
 * `textOf`: strict UTF-8, the runtime's own where there is one.
 */
export function shapedJson<T, Door extends string>(
  door: Door, shape: Shape<T>, bytesMax: number, bytes: Uint8Array, textOf?: (bytes: Uint8Array) => string | undefined,
): T | Refusal<JsonCode<Door>> {
  const plain = bytes.length <= bytesMax ? plainCanonical(bytes, JSON_LIMITS.depth, textOf) : undefined
  if (plain !== undefined) return shaped(door, shape, plain)
  const parsed = strictJson(door, bytesMax, bytes)
  if (parsed instanceof Refusal) return parsed
  const value = shaped(door, shape, parsed.value)
  if (value instanceof Refusal) return value
  if (!equal(canonicalBytes(parsed.value), bytes)) return new Refusal(`${door}/not-canonical`, `${door}: these bytes are not the RFC 8785 form of what they say`)
  return value
}
