// Case files: what ties recoveries, incidents, evidence and explanations. Two people open one; what is done in it is in case-acts.ts.
import { randomUUID } from 'node:crypto'
import type { Time } from '@muster/core/bytes/time.ts'
import { caseActOf, decideCase, type CaseId } from '@muster/core/rules/case.ts'
import { transaction } from './database.ts'
import type { Register } from './register.ts'
import { bound } from './row-mac.ts'
import { letRowWait } from './sole-rows.ts'

export interface OpenedCase { readonly id: CaseId, readonly title: string, readonly by: string, readonly and: string, readonly written: Time }

/** Opens a case. Throws the law's Refusal: `two-people/…`, or a title that does not fit. */
export async function openCase(register: Register, title: string, by: string, and: string | null, at: Time): Promise<OpenedCase> {
  const act = caseActOf({ kind: 'opened', by, and, data: { title } })
  if (act instanceof Error) throw act
  const decided = decideCase([], act, at)
  if (decided instanceof Error) throw decided
  const id = randomUUID() as string as CaseId
  const second = decided.and ?? ''
  const row = bound(register.secrets, 'case_file', { case_id: id, title, opened_by: by, opened_and: second, written: at })
  await transaction(register.db, async (tx) => {
    await tx.write('INSERT INTO case_file (case_id, title, opened_by, opened_and, written, row_mac) VALUES ($1, $2, $3, $4, $5, $6)',
      [row.case_id, row.title, row.opened_by, row.opened_and, row.written, row.row_mac])
    await letRowWait(tx, register.secrets, 'case_file', id, row)
  })
  return { id, title, by, and: second, written: at }
}

/** All cases, the newest first. */
export async function listCases({ db }: Register): Promise<OpenedCase[]> {
  const rows = await db.read<{ case_id: string, title: string, opened_by: string, opened_and: string, written: string }>(
    'SELECT case_id, title, opened_by, opened_and, written FROM case_file ORDER BY written DESC, case_id LIMIT 1000')
  return rows.map((row) => ({ id: row.case_id as CaseId, title: row.title, by: row.opened_by, and: row.opened_and, written: row.written }))
}
