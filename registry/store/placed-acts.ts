// Acts that have their places in a family of their own, one after the other, as rows that are held to their macs.
import { Fault } from '../engine/fault.ts'
import type { Reader } from './database.ts'
import { macHolds } from './row-mac.ts'
import type { Secrets } from './secrets.ts'

export type ActRow = { act_key: string, answer: string, written: string, row_mac: Buffer }

export function checkedActs(secrets: Secrets, rows: readonly ActRow[]): readonly ActRow[] {
  for (const row of rows) if (!macHolds(secrets, 'act_once', { ...row })) throw new Fault('row-changed', `act_once ${row.act_key} was changed behind Muster's back: run muster audit`)
  return rows
}

/** Of the families of acts of no agreement those that every log binds: readings of public registers, so that it is provable which figures were at hand when, closings of the books, and rules and inspections of stores. */
export const PUBLISHED_ACTS = 'published'
export const BOOK_ACTS = 'book'
export const STORE_ACTS = 'store'
export type FamilyOfAllLogs = typeof PUBLISHED_ACTS | typeof BOOK_ACTS | typeof STORE_ACTS
export const ACTS_OF_ALL_LOGS = `^(${PUBLISHED_ACTS}|${BOOK_ACTS}|${STORE_ACTS}) `

/** Acts that have their places in a family, in their order. Throws where a row was changed. Found by the index, whatever else stands in the table. */
export async function placedActs({ db, secrets }: { readonly db: Reader, readonly secrets: Secrets }, family: FamilyOfAllLogs): Promise<readonly { readonly answer: string, readonly written: string }[]> {
  const rows = checkedActs(secrets, await db.read<ActRow>('SELECT act_key, answer, written, row_mac FROM act_once WHERE act_key >= $1 AND act_key < $2', [`${family} `, `${family}!`]))
  return rows.toSorted((a, b) => Number(a.act_key.slice(family.length + 1)) - Number(b.act_key.slice(family.length + 1)))
}
