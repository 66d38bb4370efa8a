// Evidence on file: what convicts a party to anybody, kept as it was found.
import { randomUUID } from 'node:crypto'
import type { Breach } from '@muster/core/bytes/breach.ts'
import { canonical, parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { text } from '@muster/core/bytes/shape.ts'
import { shaped } from '@muster/core/bytes/shaped-json.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { twoPeople } from '@muster/core/rules/two-people.ts'
import { transaction } from './database.ts'
import { insertRows } from './events.ts'
import { bound } from './row-mac.ts'
import type { Register } from './register.ts'
import { letRowWait } from './sole-rows.ts'

/** Two messages of the greatest length in hex, the largest evidence that there is, have less than six million characters. */
const EVIDENCE_CHARACTERS_MAX = 8 * 1_048_576
/** Rows of one code about one party: more says nothing more, and a hostile party could go on for ever. */
const ROWS_MAX = 64
const REASON = text(1_000)
const SETTLEMENT_COLUMNS = ['breach_id', 'agreement_id', 'settled_by', 'settled_and', 'reason', 'settled', 'row_mac'] as const
/** Breaches of a log's own law that its signatures prove: whoever committed one has no declaration cosigned until people have settled it. */
const CONVICTING = ['entry/second-clear', 'mirror/fork', 'witness/fork', 'reader/two-checkpoints', 'reader/two-declarations']

/** The code of a breach on file that convicts the party's log and that nobody has settled; undefined where there is none. */
export async function convictedOf({ db }: Pick<Register, 'db'>, agreement: string, party: string): Promise<string | undefined> {
  const [row] = await db.read<{ code: string }>('SELECT code FROM breach WHERE agreement_id = $1 AND party = $2 AND code = ANY($3) AND NOT EXISTS (SELECT 1 FROM settlement WHERE settlement.breach_id = breach.breach_id) ORDER BY found LIMIT 1', [agreement, party, CONVICTING])
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

export interface FiledBreach { readonly id: string, readonly agreement: string, readonly party: string, readonly code: string, readonly found: string, readonly settled: string | null, readonly evidence: Readonly<Record<string, Json>> }

/** Breaches on file, oldest first, one by one: a hostile party makes its evidence as large as it can. What is not the JSON that was written has no members. */
export async function* filedBreaches({ db }: Pick<Register, 'db'>): AsyncGenerator<FiledBreach> {
  for (const { breach_id } of await db.read<{ breach_id: string }>('SELECT breach_id FROM breach ORDER BY found, breach_id')) {
    const rows = await db.read<{ agreement_id: string, party: string, code: string, found: string, settled: string | null, evidence: string }>(
      'SELECT b.agreement_id, b.party, b.code, b.found, s.settled, b.evidence FROM breach b LEFT JOIN settlement s ON s.breach_id = b.breach_id WHERE b.breach_id = $1', [breach_id])
    for (const { agreement_id, party, code, found, settled, evidence } of rows) yield { id: breach_id, agreement: agreement_id, party, code, found, settled, evidence: membersOf(evidence) }
  }
}

/**
 * Two people settle what is on file against a party under an agreement; what is found later convicts it anew. Resolves to how many were settled. Throws a Refusal
 * where two are not two, the reason does not fit, or nothing is open.
 */
export async function settleBreaches(register: Register, agreement: string, party: string, { by, and, reason }: { readonly by: string, readonly and: string | null, readonly reason: string }, at: number): Promise<number> {
  const refused = twoPeople('settling a breach', by, and)
  if (refused !== undefined) throw refused
  const fitted = shaped('settlement', REASON, reason)
  if (fitted instanceof Refusal) throw fitted
  return transaction(register.db, async (tx) => {
    const open = await tx.read<{ breach_id: string }>('SELECT breach_id FROM breach WHERE agreement_id = $1 AND party = $2 AND NOT EXISTS (SELECT 1 FROM settlement WHERE settlement.breach_id = breach.breach_id) ORDER BY breach_id', [agreement, party])
    if (open.length === 0) throw new Refusal('settlement/nothing-open', `nothing is on file against ${party} under ${agreement} that is not settled`)
    for (const { breach_id } of open) {
      const row = bound(register.secrets, 'settlement', { breach_id, agreement_id: agreement, settled_by: by, settled_and: and ?? '', reason: fitted, settled: timeOf(at) })
      await insertRows(tx, 'settlement', SETTLEMENT_COLUMNS, [SETTLEMENT_COLUMNS.map((name) => row[name])])
      await letRowWait(tx, register.secrets, 'settlement', breach_id, row)
    }
    return open.length
  })
}

function membersOf(evidence: string): Readonly<Record<string, Json>> {
  try {
    return parseJson(Buffer.from(evidence), { bytes: 4 * EVIDENCE_CHARACTERS_MAX, depth: 4 }) as Record<string, Json>
  } catch (error) {
    if (error instanceof Refusal) return {}
    throw error
  }
}
