// Acts that count once, by a key of their own: who comes second finds that it was done, and what came of it.
import { timeOf } from '@muster/core/bytes/time.ts'
import type { AgreementId } from '@muster/core/rules/agreement.ts'
import { SAID_FAMILIES } from '@muster/core/wire/said-body.ts'
import { transaction, type Transaction } from './database.ts'
import { checkedActs, type ActRow, type FamilyOfAllLogs } from './placed-acts.ts'
import type { Register } from './register.ts'
import { bound } from './row-mac.ts'
import type { Secrets } from './secrets.ts'
import { letRowWait } from './sole-rows.ts'

/** Records acts, all or none; where one was recorded before, that record stands. */
export async function doOnce({ db, secrets }: Pick<Register, 'db' | 'secrets'>, keys: readonly string[], answer: string, at: number): Promise<void> {
  await transaction(db, (tx) => doOnceIn(tx, secrets, keys, answer, at), { idempotencyKey: keys.join(' ') })
}

export async function doOnceIn(tx: Transaction, secrets: Secrets, keys: readonly string[], answer: string, at: number): Promise<void> {
  const rows = [...new Set(keys)].sort().map((key) => bound(secrets, 'act_once', { act_key: key, answer, written: timeOf(at) }))
  await tx.write(
    'INSERT INTO act_once (act_key, answer, written, row_mac) SELECT act_key, $3, $4, row_mac FROM unnest($1::text[], $2::bytea[]) AS act (act_key, row_mac) ON CONFLICT (act_key) DO NOTHING',
    [rows.map(({ act_key }) => act_key), rows.map(({ row_mac }) => row_mac), answer, timeOf(at)])
}

/** Families of acts that are bound in the log of the agreement that their key names second. */
export const BOUND_ACTS = `^(notice|watch|licence|${SAID_FAMILIES.join('|')})/`

/** Records one act of an agreement within the transaction that does it, and lets it wait for the log: `key` is the family, the agreement, and what it is about. */
export async function recordAct(tx: Transaction, secrets: Secrets, [family, agreement, about]: readonly [string, AgreementId, string], answer: string, at: number): Promise<void> {
  const row = bound(secrets, 'act_once', { act_key: `${family} ${agreement} ${about}`, answer, written: timeOf(at) })
  await tx.write('INSERT INTO act_once (act_key, answer, written, row_mac) VALUES ($1, $2, $3, $4)', [row.act_key, row.answer, row.written, row.row_mac])
  await letRowWait(tx, secrets, 'act_once', row.act_key, row, agreement)
}

/** Takes the next place of a family of acts within the transaction: of two at one moment the second finds it taken (a unique violation). */
export async function placeAct(tx: Transaction, secrets: Secrets, family: string, answer: string, at: number): Promise<void> {
  await place(tx, secrets, family, answer, at)
}

/** The same, and lets the act wait for the log of every agreement. */
export async function placeBoundAct(tx: Transaction, secrets: Secrets, family: FamilyOfAllLogs, answer: string, at: number): Promise<void> {
  const row = await place(tx, secrets, family, answer, at)
  await letRowWait(tx, secrets, 'act_once', row.act_key, row)
}

async function place(tx: Transaction, secrets: Secrets, family: string, answer: string, at: number) {
  const [{ taken } = { taken: 0 }] = await tx.read<{ taken: number }>('SELECT count(*) AS taken FROM act_once WHERE starts_with(act_key, $1)', [`${family} `])
  const row = bound(secrets, 'act_once', { act_key: `${family} ${taken}`, answer, written: timeOf(at) })
  await tx.write('INSERT INTO act_once (act_key, answer, written, row_mac) VALUES ($1, $2, $3, $4)', [row.act_key, row.answer, row.written, row.row_mac])
  return row
}

/** Those of the keys that were done, with what came of each. Throws where a row was changed. */
export async function doneAmong({ db, secrets }: Pick<Register, 'db' | 'secrets'>, keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = checkedActs(secrets, await db.read<ActRow>('SELECT act_key, answer, written, row_mac FROM act_once WHERE act_key = ANY($1)', [keys]))
  return new Map(rows.map(({ act_key, answer }) => [act_key, answer]))
}

/** All acts of one family under an agreement, by what each is about. Throws where a row was changed. */
export function actsOf(register: Pick<Register, 'db' | 'secrets'>, family: string, agreement: AgreementId): Promise<ReadonlyMap<string, { readonly answer: string, readonly written: string }>> {
  return actsUnder(register, `${family} ${agreement} `)
}

/** All acts whose key begins so, by the rest of it. Throws where a row was changed. */
async function actsUnder({ db, secrets }: Pick<Register, 'db' | 'secrets'>, begins: string): Promise<ReadonlyMap<string, { readonly answer: string, readonly written: string }>> {
  const rows = checkedActs(secrets, await db.read<ActRow>('SELECT act_key, answer, written, row_mac FROM act_once WHERE starts_with(act_key, $1)', [begins]))
  return new Map(rows.map(({ act_key, answer, written }) => [act_key.slice(begins.length), { answer, written }]))
}
