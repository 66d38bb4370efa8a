// Numbers of documents, each one document in its series: an event that would name another under a number that is taken is not written.
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { areTwo, type Document, type DocumentCode } from '@muster/core/rules/document.ts'
import type { Reader, Transaction } from './database.ts'

interface Named { readonly item_id: string, readonly seq: number, readonly series: string, readonly number: string, readonly dated: string | null }

const dateOf = ({ dated }: Pick<Named, 'dated'>): Document['date'] => dated ?? 'unknown'

/** Before its rows change. Acts that name numbered documents go one after the other: of two who take one number at the same moment the second sees the first. */
export async function holdNumbers(tx: Transaction): Promise<void> {
  await tx.write('LOCK TABLE document_number IN SHARE ROW EXCLUSIVE MODE')
}

/** Once rows of these keys (`keyOfNumber`) were added in a transaction that holds the numbers. Throws a Refusal that names both documents of one number. */
export async function demandOneDocument(tx: Transaction, keys: readonly Uint8Array[]): Promise<void> {
  if (keys.length === 0) return
  const rows = await tx.read<Named>('SELECT item_id, seq, series, number, dated FROM document_number WHERE document_key = ANY($1) AND dated IS NOT NULL ORDER BY series, number, item_id, seq', [keys.map((key) => Buffer.from(key))])
  const first = new Map<string, Named>()
  for (const row of rows) {
    const key = JSON.stringify([row.series, row.number])
    const before = first.get(key) ?? row
    first.set(key, before)
    if (areTwo(dateOf(before), dateOf(row))) {
      throw new Refusal<DocumentCode>('document/number-taken', `number ${row.number} of series ${row.series} is the document of ${String(before.dated)} (item ${before.item_id}, event ${before.seq}), and cannot be one of ${String(row.dated)} (item ${row.item_id}, event ${row.seq}): a number names one document in its series`, 'documents')
    }
  }
}

export interface NumberTaken { readonly series: string, readonly number: string, readonly date: Document['date'], readonly events: number }

/** The numbers that events name, of one series or of all, and how many events name each. */
export async function numbersTaken(db: Reader, series: string | undefined): Promise<NumberTaken[]> {
  const rows = await db.read<{ readonly series: string, readonly number: string, readonly dated: string | null, readonly events: number }>(
    'SELECT series, number, max(dated) AS dated, count(*) AS events FROM document_number WHERE $1::text IS NULL OR series = $1 GROUP BY document_key, series, number', [series ?? null])
  const inOrder = new Intl.Collator('en', { numeric: true })
  return rows.map((row) => ({ series: row.series, number: row.number, date: dateOf(row), events: row.events })).sort((a, b) => inOrder.compare(a.series, b.series) || inOrder.compare(a.number, b.number))
}
