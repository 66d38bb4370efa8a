// Evidence on file: what convicts a party to anybody, kept as it was found.
import { randomUUID } from 'node:crypto'
import type { Breach } from '@muster/core/bytes/breach.ts'
import { canonical, parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { transaction } from './database.ts'
import { bound } from './row-mac.ts'
import type { Register } from './register.ts'
import { letRowWait } from './sole-rows.ts'

const EVIDENCE_CHARACTERS_MAX = 4 * 1_048_576
const EVIDENCE_BYTES_MAX = 4 * EVIDENCE_CHARACTERS_MAX
/** Rows of one code about one party: more says nothing more, and a hostile party could go on for ever. */
const ROWS_MAX = 64
/** Breaches of a log's own law that its signatures prove: whoever committed one has no declaration cosigned until people have settled it. */
const CONVICTING = ['entry/second-clear', 'mirror/fork', 'witness/fork', 'reader/two-checkpoints', 'reader/two-declarations']

/** The code of a breach on file that convicts the party's log; undefined where there is none. */
export async function convictedOf({ db }: Pick<Register, 'db'>, agreement: string, party: string): Promise<string | undefined> {
  const [row] = await db.read<{ code: string }>('SELECT code FROM breach WHERE agreement_id = $1 AND party = $2 AND code = ANY($3) ORDER BY found LIMIT 1', [agreement, party, CONVICTING])
  return row?.code
}

function jsonOf(value: unknown): Json {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (Array.isArray(value)) return value.map(jsonOf)
  return typeof value === 'number' || typeof value === 'string' ? value : String(value)
}

/** Stores a breach with its evidence; the same evidence is stored once, and of one code so many as are needed. */
export async function recordBreach(register: Register, agreement: string, party: string, breach: Breach, at: number): Promise<void> {
  const evidence = canonical({ message: breach.message, ...Object.fromEntries(Object.entries(breach.evidence).map(([name, value]) => [name, jsonOf(value)])) }).slice(0, EVIDENCE_CHARACTERS_MAX)
  const row = bound(register.secrets, 'breach', { breach_id: randomUUID(), agreement_id: agreement, party, code: breach.code, evidence, found: timeOf(at) })
  await transaction(register.db, async (tx) => {
    const held = await tx.read('SELECT breach_id FROM breach WHERE agreement_id = $1 AND party = $2 AND code = $3 AND evidence = $4', [agreement, party, breach.code, evidence])
    const [{ rows } = { rows: 0 }] = await tx.read<{ rows: number }>('SELECT count(*) AS rows FROM breach WHERE agreement_id = $1 AND party = $2 AND code = $3', [agreement, party, breach.code])
    if (held.length > 0 || rows >= ROWS_MAX) return
    await tx.write('INSERT INTO breach (breach_id, agreement_id, party, code, evidence, found, row_mac) VALUES ($1, $2, $3, $4, $5, $6, $7)',
      [row.breach_id, row.agreement_id, row.party, row.code, row.evidence, row.found, row.row_mac])
    await letRowWait(tx, register.secrets, 'breach', row.breach_id, row)
  })
}

export interface FiledBreach { readonly id: string, readonly agreement: string, readonly party: string, readonly code: string, readonly found: string, readonly evidence: Readonly<Record<string, Json>> }

/** Breaches on file, oldest first. Evidence that was longer than is kept cannot be read and has no members. */
export async function filedBreaches({ db }: Pick<Register, 'db'>): Promise<FiledBreach[]> {
  const rows = await db.read<{ breach_id: string, agreement_id: string, party: string, code: string, found: string, evidence: string }>(
    'SELECT breach_id, agreement_id, party, code, found, evidence FROM breach ORDER BY found, breach_id')
  return rows.map(({ breach_id, agreement_id, party, code, found, evidence }) => ({ id: breach_id, agreement: agreement_id, party, code, found, evidence: membersOf(evidence) }))
}

function membersOf(evidence: string): Readonly<Record<string, Json>> {
  try {
    return parseJson(Buffer.from(evidence), { bytes: EVIDENCE_BYTES_MAX, depth: 4 }) as Record<string, Json>
  } catch (error) {
    if (error instanceof Refusal) return {}
    throw error
  }
}
