// A document as a person types it.
import type { Json } from '@muster/core/bytes/canonical.ts'

/** `series/number/date`, `number/date` or `number`; a date that is not there is unknown. */
export function documentOf(text: string): Json {
  const parts = text.split('/').map((part) => part.trim())
  const date = parts.length > 1 && /^\d{4}-\d{2}-\d{2}$/.test(parts.at(-1) ?? '') ? parts.pop() as string : 'unknown'
  const number = parts.pop() ?? ''
  return { series: parts.length === 0 ? null : parts.join('/'), number, date }
}
