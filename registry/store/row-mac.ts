// Rows that are not folds of events carry row_mac: whoever writes to the database behind Muster's back, superuser or not, has no key to
// make it, and `muster audit` names the row.
import { timingSafeEqual } from 'node:crypto'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { rowText, type Row, type Texts } from '@muster/core/wire/row-text.ts'
import type { Secrets } from './secrets.ts'

export type { Row } from '@muster/core/wire/row-text.ts'

const TEXTS: Texts = { byteLength: (text) => Buffer.byteLength(text), hex: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex') }

/** The row as its mac and its digest cover it. */
export function rowTextOf(table: string, row: Row): string {
  return rowText(table, row, TEXTS)
}

/** HMAC-SHA-256 over the row's text. */
export function rowMac(secrets: Secrets, table: string, row: Row): Buffer {
  return Buffer.from(p.hmacSha256(secrets.mac, Buffer.from(rowTextOf(table, row))))
}

export function macHolds(secrets: Secrets, table: string, row: Row): boolean {
  const mac = row['row_mac']
  return mac instanceof Uint8Array && mac.length === 32 && timingSafeEqual(mac, rowMac(secrets, table, row))
}

/** The row with its mac. */
export function bound<R extends Row>(secrets: Secrets, table: string, row: R): R & { readonly row_mac: Buffer } {
  return { ...row, row_mac: rowMac(secrets, table, row) }
}
