// The mapping: what the columns of somebody's sheet mean. Format: spec/mapping.md; read by mapping-file.ts.
import { fit } from '@muster/core/bytes/shape.ts'
import { componentClass } from '@muster/core/rules/item.ts'
import type { Condition } from './row.ts'

export const MAPPING_FORMAT = 'muster-mapping/1'

/** Name as in the header, or letter where the header does not tell columns apart. */
export type ColumnRef = { readonly name: string } | { readonly letter: string }

/** A value that a table does not know: taken as it is, the row refused, left blank, or one fixed value. */
export type Otherwise = 'keep' | 'refuse' | 'blank' | { readonly value: string }

export type FieldSource = {
  readonly columns: readonly ColumnRef[]
  readonly join: string
  readonly constant?: string
  /** Keyed by `foldValue` of what the sheet says. */
  readonly values?: ReadonlyMap<string, string>
  readonly otherwise: Otherwise
  /** What the sheet writes for "nothing known", folded. */
  readonly blank: ReadonlySet<string>
  readonly required: boolean
  /** The sheet may lack these columns. */
  readonly optional: boolean
  readonly dates: readonly string[]
  /** `Z` or `±HH:MM`, put after a time of day. */
  readonly offset?: string
}

export const ITEM_FIELDS = ['class', 'type', 'maker', 'model', 'year', 'lot', 'calibre', 'country', 'quantity'] as const
export type ItemField = typeof ITEM_FIELDS[number]
export const CIRCUMSTANCE_FIELDS = ['when', 'region', 'authority', 'document', 'site'] as const
export type CircumstanceField = typeof CIRCUMSTANCE_FIELDS[number]

export type Phrase = {
  /** The whole cell, folded, end punctuation dropped. */
  readonly is: ReadonlySet<string>
  /** Beginnings of words anywhere in the cell, folded. */
  readonly words: readonly string[]
  readonly condition?: Condition
  /** The number beside these words is complete all the same ("restored with acid"). */
  readonly whole: boolean
  readonly doubt?: string
}

export type MarkSource = {
  readonly column: ColumnRef
  readonly kind: 'serial' | 'other'
  readonly optional: boolean
  readonly separators: readonly string[]
  /** Each of these characters stands for one illegible character. */
  readonly illegible: string
  /** Two or more of these characters in a row do. */
  readonly illegibleRuns: string
  /** Explanations of a wildcard of the writer's own, `%` standing for it: "where % may be". */
  readonly legends: readonly string[]
  /** Beginnings of words, folded, that name a part. */
  readonly places: readonly (readonly [string, string])[]
  /** Written before a number and no part of it, folded. */
  readonly prefixes: ReadonlySet<string>
  readonly phrases: readonly Phrase[]
  /** What an empty cell means; `skip`: no mark at all. */
  readonly empty: Condition | 'skip'
  readonly place?: string
}

export type RowRule = {
  readonly column: ColumnRef
  readonly is: ReadonlySet<string>
  readonly starts: readonly string[]
  /** The word for `--keep`. */
  readonly kind: string
  /** Values for fields of the item where such rows are kept. */
  readonly set: Readonly<Partial<Record<ItemField, string>>>
}

export type Mapping = {
  readonly title: string
  readonly sheet?: string
  /** Row number of the header, where it cannot be found by its names; 0 for a table without one. */
  readonly header?: number
  readonly encoding?: string
  readonly delimiter?: string
  /** The first rule that fits decides; a row that fits none is taken. */
  readonly rows: readonly RowRule[]
  readonly item: Readonly<Partial<Record<ItemField, FieldSource>>>
  readonly marks: readonly MarkSource[]
  readonly circumstances: Readonly<Partial<Record<CircumstanceField, FieldSource>>>
}

/** Two spellings that differ in case, accents, width or white space only are one value. */
export function foldValue(text: string): string {
  if (/^[!-~]*$/.test(text)) return text.toUpperCase()
  return text.normalize('NFKD').replace(/\p{M}+/gu, '').replace(/\s+/g, ' ').trim().toUpperCase()
}

export function isComponentClass(name: string): boolean {
  return 'value' in fit(componentClass, name)
}
