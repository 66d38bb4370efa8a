// What an audit finds: a row that is not what Muster wrote. It names table, key and, where it can be told, column.
import type { Row } from './row-mac.ts'
import { KEY_COLUMNS, type Table } from './table-class.ts'

/**
 * mac: the row does not carry its mac · leaf: an event does not give its leaf · digest: events do not give their batch's digest · fold: a derived
 * row is not what the events give · log: an entry is not what was signed, or not what its rows give · missing, extra: a row or file that should
 * stand and does not, or the other way round · schema: not as the migrations made it · file: a published file is not what the rows give.
 */
export const FINDING_CODES = ['mac', 'leaf', 'digest', 'fold', 'log', 'missing', 'extra', 'schema', 'file'] as const
export type FindingCode = (typeof FINDING_CODES)[number]

export interface Finding {
  /** 'published': a file, whose key is its path within the data directory. */
  readonly table: Table | 'published'
  /** Key columns as text; bytes in hex. */
  readonly key: Readonly<Record<string, string>>
  readonly column: string | null
  readonly code: FindingCode
  readonly message: string
}

export type Report = (finding: Finding) => void

export type Shown = string | number | bigint | boolean | Uint8Array | readonly string[] | null | undefined

export function cellOf(value: Shown): string {
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex')
  return value === null || value === undefined ? '' : String(value)
}

/** The key of a row as a finding names it. */
export function keyOf(table: Table, row: Row): Record<string, string> {
  return Object.fromEntries(KEY_COLUMNS[table].map((column) => [column, cellOf(row[column])]))
}
