// Everything that the database says, made anew from the events, the keys and what is kept outside it. What somebody changed behind Muster's back, a
// superuser of the database included, is named by table and key. Reads one state of the database and writes nothing.
import { auditEvents } from './audit-events.ts'
import { auditFolds } from './audit-folds.ts'
import { auditKept, auditSchema } from './audit-kept.ts'
import { auditOutbox } from './audit-outbox.ts'
import { auditReceipts } from './audit-receipts.ts'
import { auditReferences } from './audit-references.ts'
import type { Report } from './finding.ts'
import type { Register } from './register.ts'
import type { Snapshot } from './snapshot.ts'
import { KEPT_TABLES } from './table-class.ts'

export interface AuditProgress {
  /** Rows that will be read, once it is known. */
  readonly onTotal: (rows: number) => void
  readonly onRows: (rows: number) => void
}

/** All but the logs, which `registry/log/audit.ts` adds. */
export async function auditStore(snapshot: Snapshot, register: Register, report: Report, { onTotal, onRows }: AuditProgress): Promise<void> {
  let total = 0
  for (const table of [...KEPT_TABLES, 'custody_event', 'custody_event']) total += (await snapshot.read<{ rows: number }>(`SELECT count(*) AS rows FROM ${table}`))[0]?.rows ?? 0
  onTotal(total)
  const photos = new Set<string>()
  await auditSchema(snapshot, register, report)
  await auditKept(snapshot, register, report, onRows)
  await auditEvents(snapshot, report, photos, onRows)
  await auditFolds(snapshot, report, onRows)
  await auditReferences(snapshot, report, photos)
  await auditOutbox(snapshot, report)
  await auditReceipts(snapshot, report)
}
