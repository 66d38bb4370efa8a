// What reading a sheet yields: one value for each row of the file, accepted or refused. Nothing is left out and nothing is merged.
import type { ReasonCode } from './reasons.ts'

/** What can be said of a written mark (DESIGN section 2), and four ways of having none: `illegible`, `none` (never had one), `not-recorded`, `withheld`.
 *  `unclear`: the cell holds words that the mapping does not know; they are kept and shown to a person. */
export const CONDITIONS = ['intact', 'partly-legible', 'painted-over', 'erased', 'altered', 're-marked', 'illegible', 'none', 'not-recorded', 'withheld', 'unclear'] as const
export type Condition = typeof CONDITIONS[number]

export type IntakeMark = {
  /** The whole cell, verbatim. Two numbers in one cell are two marks with the same text. */
  readonly text: string
  /** What a reader could make out: characters as written, each illegible one as `?`. Undefined where no character can be made out. */
  readonly reading?: string
  /** Illegible characters in `reading`. */
  readonly unknown: number
  /** True where an unknown number of characters is missing beside `reading` ("initials ACV, the rest removed"). */
  readonly fragment: boolean
  readonly condition: Condition
  /** Which part the mark is on, in the mapping's words: frame, barrel, slide … */
  readonly place?: string
  /** `serial` feeds `item.serial`; `other` is a lot, an import mark, an owner's number. */
  readonly kind: 'serial' | 'other'
  /** Header of the column it stands in. */
  readonly column: string
}

export type IntakeItem = {
  readonly class: string
  readonly type?: string
  readonly maker?: string
  readonly model?: string
  readonly year?: string
  readonly lot?: string
  /** The reading of the first mark of a serial column that has one. */
  readonly serial?: string
  readonly calibre?: string
  readonly country?: string
  /** Whole number of pieces, for rows that state a quantity. */
  readonly quantity?: number
}

export type Circumstances = {
  /** `YYYY`, `YYYY-MM`, `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SS`, then the mapping's offset where it states one and there is a time of day. */
  readonly when?: string
  readonly region?: string
  readonly authority?: string
  readonly document?: string
  readonly site?: string
}

export type IntakeRow = {
  readonly kind: 'row'
  /** Row number as a spreadsheet program shows it, from 1, header and blank rows counted. */
  readonly row: number
  /** The row's cells in the file's own order, as text; trailing empty cells are dropped. */
  readonly source: readonly string[]
  /** SHA-256, 32 bytes (fingerprint.ts): the same row of the same file read again has the same one. */
  readonly fingerprint: Uint8Array
  readonly item: IntakeItem
  readonly marks: readonly IntakeMark[]
  readonly circumstances: Circumstances
  /** Sorted, without repetition. */
  readonly doubts: readonly string[]
}

/** A row that is not taken. Its cells go to the refusal file, where they can be corrected and loaded again. */
export type RowRefusal = {
  readonly kind: 'refusal'
  readonly row: number
  readonly source: readonly string[]
  readonly doubts: readonly string[]
  /** Where, or undefined for a refusal of the whole row. */
  readonly column?: { readonly letter: string, readonly name: string }
  /** The offending value, clipped to VALUE_SHOWN characters. */
  readonly value: string
  readonly reason: ReasonCode
  readonly message: { readonly en: string, readonly ru: string }
}

/** Characters of an offending value that a refusal shows. */
export const VALUE_SHOWN = 80

/** At most VALUE_SHOWN characters, never half a surrogate pair, with an ellipsis and the length where something is cut. */
export function clip(value: string): string {
  if (value.length <= VALUE_SHOWN) return value
  const end = value.charCodeAt(VALUE_SHOWN - 1) >= 0xd800 && value.charCodeAt(VALUE_SHOWN - 1) < 0xdc00 ? VALUE_SHOWN - 1 : VALUE_SHOWN
  return `${value.slice(0, end)}… (${value.length})`
}

/** The letters of a column as spreadsheet programs show them: 0 is A, 26 is AA. */
export function columnLetter(index: number): string {
  let letters = ''
  for (let left = index + 1; left > 0; left = Math.floor((left - 1) / 26)) letters = String.fromCharCode(65 + ((left - 1) % 26)) + letters
  return letters
}
