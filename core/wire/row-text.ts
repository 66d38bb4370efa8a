// The one text of a kept row, by which it is bound (registry/store/row-mac.ts, spec/case.md). How bytes are counted and written is an argument: a register
// has a million rows, and core names no runtime.
import type { Primitives } from '../bytes/primitives.ts'
import { utf8 } from '../bytes/bytes.ts'

/** What a column of such a table can hold. */
export type Cell = string | number | bigint | boolean | Uint8Array | null
export type Row = Readonly<Record<string, Cell>>

export interface Texts { readonly byteLength: (text: string) => number, readonly hex: (bytes: Uint8Array) => string }

/** The table's name and each column but row_mac, by name, each part with its length in bytes. */
export function rowText(table: string, row: Row, { byteLength, hex }: Texts): string {
  const sized = (part: string): string => `${byteLength(part)}:${part}`
  const cellText = (value: Cell): string => value === null ? 'n' : value instanceof Uint8Array ? `x${hex(value)}` : `t${String(value)}`
  let whole = sized(table)
  for (const name of Object.keys(row).sort()) if (name !== 'row_mac') whole += sized(name) + sized(cellText(row[name] as Cell))
  return whole
}

/** SHA-256("muster/row/v1\n" ‖ the row's text): what the log binds of a row that no other row speaks of. */
export function rowDigest(p: Pick<Primitives, 'sha256'>, text: string): Uint8Array {
  return p.sha256(utf8('muster/row/v1\n'), utf8(text))
}
