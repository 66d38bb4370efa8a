// The short road into canonical JSON: where the runtime's own parser and printer agree with the bytes, and keys, numbers, depth and strings are
// what RFC 8785 and our limits demand, the value or its text is known. Everything else takes the long road of `canonical.ts`, which says what is wrong.
import { fromUtf8 } from './bytes.ts'
import type { Json } from './canonical.ts'

const BRACKET = /[[\]{}]/g
/** A surrogate written as an escape is lone, or should stand as a character. */
const ESCAPED_SURROGATE = '\\ud'

/**
 * The value of bytes that are plainly the RFC 8785 form of what they say; undefined where that takes a closer look. Never throws.
 * `textOf`: strict UTF-8, the runtime's own where there is one.
 */
export function plainCanonical(bytes: Uint8Array, depthMax: number, textOf: (bytes: Uint8Array) => string | undefined = fromUtf8): Json | undefined {
  const text = textOf(bytes)
  if (text === undefined || text.includes(ESCAPED_SURROGATE) || !isShallow(text, depthMax)) return undefined
  try {
    const value = JSON.parse(text) as Json
    return JSON.stringify(value) === text && isOrdered(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** The RFC 8785 text of a value whose members stand in order already; undefined where that takes a closer look. */
export function plainText(value: Json): string | undefined {
  const text = isOrdered(value) ? JSON.stringify(value) : undefined
  return text?.includes(ESCAPED_SURROGATE) === true ? undefined : text
}

/** Counts every bracket, those inside strings too: a text full of them is not refused, it only takes the long road. */
function isShallow(text: string, depthMax: number): boolean {
  let depth = 0
  for (BRACKET.lastIndex = 0; BRACKET.test(text);) {
    const bracket = text.charAt(BRACKET.lastIndex - 1)
    depth += bracket === '[' || bracket === '{' ? 1 : -1
    if (depth > depthMax) return false
  }
  return true
}

/** Members ascend by UTF-16 units, numbers lie within 2^53 − 1, and nothing is there that JSON has no form for. */
function isOrdered(value: Json): boolean {
  if (typeof value === 'number') return Math.abs(value) <= Number.MAX_SAFE_INTEGER
  if (typeof value !== 'object' || value === null) return value === null || typeof value === 'string' || typeof value === 'boolean'
  if (Array.isArray(value)) {
    for (const item of value as readonly Json[]) if (!isOrdered(item)) return false
    return true
  }
  const members = value as { readonly [key: string]: Json }
  let before: string | undefined
  for (const key of Object.keys(members)) {
    if ((before !== undefined && before >= key) || !isOrdered(members[key] as Json)) return false
    before = key
  }
  return true
}
