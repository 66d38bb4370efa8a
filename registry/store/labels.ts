// Labels of the match keys that this party ever declared, by the OPRF key that they were made under. A label stays for ever, whatever key is in force.
import { equal, toHex } from '@muster/core/bytes/bytes.ts'
import type { AgreementId } from '@muster/core/rules/agreement.ts'
import { Fault } from '../engine/fault.ts'
import type { Database, Transaction } from './database.ts'
import { insertRows } from './events.ts'
import { bound, macHolds } from './row-mac.ts'
import type { Secrets } from './secrets.ts'

/** Where labels are kept: the party's OPRF public keys, oldest first. */
interface At { readonly db: Database, readonly secrets: Secrets, readonly agreement: { readonly id: AgreementId }, readonly oprfs: readonly Uint8Array[] }

/** By match key, hex. */
export type Labels = ReadonlyMap<string, Uint8Array>

type Row = { key: Buffer, agreement_id: string, label: Buffer, row_mac: Buffer }
type LaterRow = Row & { oprf: Buffer }

/** Of each OPRF key, in their order. A row that was changed is a Fault. */
export async function labelsUnder({ db, secrets, agreement: { id }, oprfs }: At): Promise<Labels[]> {
  const first = await db.read<Row>('SELECT key, agreement_id, label, row_mac FROM key_label WHERE agreement_id = $1', [id])
  const later = oprfs.length < 2 ? [] : await db.read<LaterRow>('SELECT key, agreement_id, oprf, label, row_mac FROM later_label WHERE agreement_id = $1', [id])
  for (const [table, rows] of [['key_label', first], ['later_label', later]] as const) {
    for (const row of rows) if (!macHolds(secrets, table, { ...row })) throw new Fault('row-changed', `${table} ${row.key.toString('hex')} ${row.agreement_id} was changed behind Muster's back: nothing is declared; run muster audit`)
  }
  return oprfs.map((oprf, i) => new Map((i === 0 ? first : later.filter((row) => equal(row.oprf, oprf))).map(({ key, label }) => [toHex(key), label])))
}

/** Keeps labels under the newest OPRF key; those that stand already are kept. */
export async function keepLabels(tx: Transaction, { secrets, agreement: { id: agreement_id }, oprfs }: Omit<At, 'db'>, labels: Labels): Promise<void> {
  const oprf = oprfs.length === 1 ? undefined : Buffer.from(oprfs.at(-1) as Uint8Array)
  const rows = oprf === undefined
    ? await tx.read<{ key: Buffer }>('SELECT key FROM key_label WHERE agreement_id = $1', [agreement_id])
    : await tx.read<{ key: Buffer }>('SELECT key FROM later_label WHERE agreement_id = $1 AND oprf = $2', [agreement_id, oprf])
  const known = new Set(rows.map(({ key }) => toHex(key)))
  const fresh = [...labels].filter(([name]) => !known.has(name)).map(([name, label]) => ({ key: Buffer.from(name, 'hex'), agreement_id, label }))
  if (oprf === undefined) {
    await insertRows(tx, 'key_label', ['key', 'agreement_id', 'label', 'row_mac'], fresh.map((row) => [row.key, agreement_id, row.label, bound(secrets, 'key_label', row).row_mac]))
  } else {
    await insertRows(tx, 'later_label', ['key', 'agreement_id', 'oprf', 'label', 'row_mac'], fresh.map((row) => [row.key, agreement_id, oprf, row.label, bound(secrets, 'later_label', { ...row, oprf }).row_mac]))
  }
}
