// The document that an event rests on: a licence, a waybill, a certificate, an order. A number names one document in its series.
import { utf8 } from '../bytes/bytes.ts'
import { canonical } from '../bytes/canonical.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { date, either, hex, list, nullable, object, oneOf, optional, text, type Shaped } from '../bytes/shape.ts'

export const DOCUMENTS_MAX = 16
export const DOCUMENT_CHARACTERS_MAX = 100

export type DocumentCode = 'document/number-taken'

/** Series and number are two fields, as on the paper; `hash` is the SHA-256 of a scan that the registry keeps. */
export const document = object({
  series: nullable(text(DOCUMENT_CHARACTERS_MAX)),
  number: text(DOCUMENT_CHARACTERS_MAX),
  date: either(date, oneOf('unknown'), 'a date YYYY-MM-DD or "unknown"'),
  hash: optional(hex(32)),
})
export type Document = Shaped<typeof document>

export const documents = list(document, 0, DOCUMENTS_MAX)

export interface NumberedDocument extends Document { readonly series: string }

/** Those that have a series, each number once. A number of no series may be anybody's. */
export function numbered(all: readonly Document[]): NumberedDocument[] {
  const each = all.filter((one): one is NumberedDocument => one.series !== null)
  return each.filter(({ series, number }, i) => each.findIndex((one) => one.series === series && one.number === number) === i)
}

/** By which a number is found; 32 bytes. */
export function keyOfNumber(p: Pick<Primitives, 'sha256'>, series: string, number: string): Uint8Array {
  return p.sha256(utf8(canonical([series, number])))
}

/** Whether two mentions of one number cannot be of one document: its date is stated, and otherwise. */
export function areTwo(a: Document['date'], b: Document['date']): boolean {
  return a !== 'unknown' && b !== 'unknown' && a !== b
}

export interface Gap { readonly from: string, readonly to: string }

/** A number that can be counted: figures alone, not so many that they are no number to a machine. */
const COUNTED = /^[0-9]{1,15}$/

/** The runs of whole numbers between the lowest and the highest that nothing names. */
export function gapsAmong(numbers: readonly string[]): Gap[] {
  const counted = [...new Set(numbers.filter((each) => COUNTED.test(each)).map(Number))].sort((a, b) => a - b)
  return counted.flatMap((number, i) => {
    const before = counted[i - 1]
    return before === undefined || number === before + 1 ? [] : [{ from: String(before + 1), to: String(number - 1) }]
  })
}
