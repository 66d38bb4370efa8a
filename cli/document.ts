// A document as a person types it.
import type { Json } from '@muster/core/bytes/canonical.ts'
import { fit } from '@muster/core/bytes/shape.ts'
import { documents, type Document } from '@muster/core/rules/document.ts'
import { usage } from './errors.ts'
import type { Context } from './verb.ts'

/** `series/number/date`, `number/date` or `number`; a date that is not there is unknown. */
export function documentOf(text: string): Json {
  const parts = text.split('/').map((part) => part.trim())
  const date = parts.length > 1 && /^\d{4}-\d{2}-\d{2}$/.test(parts.at(-1) ?? '') ? parts.pop() as string : 'unknown'
  const number = parts.pop() ?? ''
  return { series: parts.length === 0 ? null : parts.join('/'), number, date }
}

/** Those given with --document. */
export function documentsIn(context: Context): readonly Document[] {
  const fitted = fit(documents, context.args.texts('document').map(documentOf))
  if ('misfit' in fitted) throw usage(`--document: ${fitted.misfit.at}: ${fitted.misfit.expected}`)
  return fitted.value
}
