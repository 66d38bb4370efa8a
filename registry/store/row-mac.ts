// Rows that are not folds of events carry row_mac: whoever writes to the database behind Muster's back, superuser or not, has no key to
// make it, and `muster audit` names the row.
import { timingSafeEqual } from 'node:crypto'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import type { Secrets } from './secrets.ts'

/** What a column of such a table can hold. */
export type Cell = string | number | bigint | boolean | Uint8Array | null
export type Row = Readonly<Record<string, Cell>>

function cellText(value: Cell): string {
  if (value === null) return 'n'
  if (value instanceof Uint8Array) return `x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`
  return `t${String(value)}`
}

/** The table's name and each column but row_mac, by name, each part with its length. */
export function rowText(table: string, row: Row): string {
  let text = sized(table)
  for (const name of Object.keys(row).sort()) if (name !== 'row_mac') text += sized(name) + sized(cellText(row[name] as Cell))
  return text
}

/** HMAC-SHA-256 over the row's text. */
export function rowMac(secrets: Secrets, table: string, row: Row): Buffer {
  return Buffer.from(p.hmacSha256(secrets.mac, Buffer.from(rowText(table, row))))
}

function sized(text: string): string {
  return `${Buffer.byteLength(text)}:${text}`
}

export function macHolds(secrets: Secrets, table: string, row: Row): boolean {
  const mac = row['row_mac']
  return mac instanceof Uint8Array && mac.length === 32 && timingSafeEqual(mac, rowMac(secrets, table, row))
}

/** The row with its mac. */
export function bound<R extends Row>(secrets: Secrets, table: string, row: R): R & { readonly row_mac: Buffer } {
  return { ...row, row_mac: rowMac(secrets, table, row) }
}
