// The party's own declarations as others may have looked things up in them: by head, and which is the newest that its signed log holds.
import { fromHex } from '@muster/core/bytes/bytes.ts'
import type { Time } from '@muster/core/bytes/time.ts'
import type { AgreementId } from '@muster/core/rules/agreement.ts'
import { clearEntry } from '@muster/core/wire/entry.ts'
import { readHead, type ReadHead } from '@muster/core/wire/head.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { Fault } from '../engine/fault.ts'
import type { Register } from './register.ts'
import { macHolds } from './row-mac.ts'

export interface OwnDeclaration {
  readonly head: ReadHead
  /** From which every salt of its leaves comes. */
  readonly secret: Buffer
  /** What was written by then was known to it. */
  readonly knownAt: Time
}

type Row = { agreement_id: string, sequence: number, head: Buffer, head_sha256: Buffer, secret: Buffer, dummies: number, known_at: string, note: string, row_mac: Buffer }
const COLUMNS = 'agreement_id, sequence, head, head_sha256, secret, dummies, known_at, note, row_mac'
type At = Pick<Register, 'db' | 'secrets'>

function read({ secrets }: At, row: Row): OwnDeclaration {
  if (!macHolds(secrets, 'declaration', { ...row })) throw new Fault('row-changed', `declaration ${row.agreement_id} ${row.sequence} was changed behind Muster's back: run muster audit`)
  const head = readHead(p, row.head)
  if (head instanceof Error) throw head
  return { head, secret: row.secret, knownAt: row.known_at }
}

/** The declaration under a head; undefined where this party declared none such. */
export async function declarationUnder(register: At, agreement: AgreementId, headHash: string): Promise<OwnDeclaration | undefined> {
  const [row] = await register.db.read<Row>(
    `SELECT ${COLUMNS} FROM declaration WHERE agreement_id = $1 AND head_sha256 = $2`,
    [agreement, Buffer.from(fromHex(headHash) as Uint8Array)])
  return row === undefined ? undefined : read(register, row)
}

/** The declaration under a head, where the next that the signed log holds is under another OPRF key: the last to be searched under its own. */
export async function lastUnderItsKey(register: At, agreement: AgreementId, headHash: string): Promise<OwnDeclaration | undefined> {
  const declaration = await declarationUnder(register, agreement, headHash)
  if (declaration === undefined) return undefined
  const [row] = await register.db.read<Row>(`SELECT ${COLUMNS} FROM declaration WHERE agreement_id = $1 AND sequence = $2`, [agreement, declaration.head.head.sequence + 1])
  const next = row === undefined ? undefined : read(register, row).head
  return next === undefined || next.head.oprf === declaration.head.head.oprf || !await isLogged(register, agreement, next) ? undefined : declaration
}

/** Heads that were found in the signed log; a log never loses an entry. */
const logged = new WeakMap<object, Set<string>>()

async function isLogged({ db }: At, agreement: AgreementId, { bytes, hash }: ReadHead): Promise<boolean> {
  const found = logged.get(db) ?? new Set<string>()
  logged.set(db, found)
  if (found.has(hash)) return true
  const rows = await db.read(
    'SELECT entry_index FROM log_entry WHERE agreement_id = $1 AND entry = $2 AND entry_index < (SELECT coalesce(max(size), 0) FROM checkpoint WHERE agreement_id = $1) LIMIT 1',
    [agreement, Buffer.from(clearEntry(bytes))])
  if (rows.length > 0) found.add(hash)
  return rows.length > 0
}

/** The newest declaration whose head stands in the log under a signed checkpoint; one that waits for its period is not said yet. */
export async function newestSaid(register: At, agreement: AgreementId): Promise<OwnDeclaration | undefined> {
  const rows = await register.db.read<Row>(
    `SELECT ${COLUMNS} FROM declaration WHERE agreement_id = $1 ORDER BY sequence DESC LIMIT 8`, [agreement])
  for (const row of rows) {
    const declaration = read(register, row)
    if (await isLogged(register, agreement, declaration.head)) return declaration
  }
  return undefined
}
