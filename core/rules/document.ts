// The document that an event rests on: a licence, a waybill, a certificate, an order.
import { date, either, hex, list, nullable, object, oneOf, optional, text, type Shaped } from '../bytes/shape.ts'

export const DOCUMENTS_MAX = 16
export const DOCUMENT_CHARACTERS_MAX = 100

/** Series and number are two fields, as on the paper; `hash` is the SHA-256 of a scan that the registry keeps. */
export const document = object({
  series: nullable(text(DOCUMENT_CHARACTERS_MAX)),
  number: text(DOCUMENT_CHARACTERS_MAX),
  date: either(date, oneOf('unknown'), 'a date YYYY-MM-DD or "unknown"'),
  hash: optional(hex(32)),
})
export type Document = Shaped<typeof document>

export const documents = list(document, 0, DOCUMENTS_MAX)
