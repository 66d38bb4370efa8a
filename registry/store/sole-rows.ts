// Rows that no other row speaks of: a case, a breach on file, its settlement, a trace, a paper, a find on watch and its news, an act of a case or of the own people, who said what of a call or a transfer, a signed checkpoint. A digest of each is bound in the log beside the
// batches of events, so that one that was removed is missed, and one that was written anew with a stolen key is convicted.
import { rowDigest } from '@muster/core/wire/row-text.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import type { Transaction } from './database.ts'
import { letWait, waitForLogs } from './events.ts'
import { rowTextOf, type Row } from './row-mac.ts'
import type { Secrets } from './secrets.ts'

export type SoleTable = 'case_file' | 'breach' | 'settlement' | 'trace' | 'paper' | 'act_once' | 'checkpoint' | 'watch' | 'watch_news' | 'case_act' | 'office_act'

/** What the row is called among what waits and what is bound; `id` is a UUID, the key of an act, the size of a checkpoint, or a UUID with the rest of the row's key. */
export function soleName(table: SoleTable, id: string | number): string {
  return `${table} ${id}`
}

/** The table and id of such a name; undefined for the id of a batch. */
export function soleOf(name: string): { readonly table: SoleTable, readonly id: string } | undefined {
  const [, table, id] = /^(case_file|breach|settlement|trace|paper|act_once|checkpoint|watch|watch_news|case_act|office_act) (.+)$/.exec(name) ?? []
  return table === undefined || id === undefined ? undefined : { table: table as SoleTable, id }
}

/** SHA-256("muster/row/v1\n" ‖ the row as its mac covers it). */
export function soleDigest(table: SoleTable, row: Row): Buffer {
  return Buffer.from(rowDigest(p, rowTextOf(table, row)))
}

/** The part of a checkpoint that stays as it is while cosignatures are added. */
export function checkpointDigest(agreement_id: string, size: number, note: string): Buffer {
  return soleDigest('checkpoint', { agreement_id, size, text: note.slice(0, note.indexOf('\n\n') + 1) })
}

/** Lets a row wait for the log of its agreement, or, where it belongs to none, of each. */
export async function letRowWait(tx: Transaction, secrets: Secrets, table: SoleTable, id: string, row: Row, agreement = row['agreement_id']): Promise<void> {
  const [name, digest] = [soleName(table, id), soleDigest(table, row)]
  if (typeof agreement === 'string') await letWait(tx, secrets, agreement, 'event', [{ id: name, bytes: digest }])
  else await waitForLogs(tx, secrets, name, digest)
}
