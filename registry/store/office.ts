// What this party's own people may do and did at the API, written once and never changed: a token or an act that waits for a second person begins at seq 0,
// and whoever writes seq 1 first has ended it; what is decided of a person follows on the person's own seq 0. Two processes that write one seq meet at the primary key.
import { randomUUID } from 'node:crypto'
import { canonical } from '@muster/core/bytes/canonical.ts'
import { timeOf, type Time } from '@muster/core/bytes/time.ts'
import { Fault } from '../engine/fault.ts'
import { transaction } from './database.ts'
import type { Register } from './register.ts'
import { bound, macHolds } from './row-mac.ts'
import { letRowWait } from './sole-rows.ts'

/** `token` or `session`, `revoked` or `signed-out`; `asked`, `approved` or `dropped`, `outcome`; `did`, an act of one person; `person`, and of a person `rights`, `invited`, `password`, `pass`, `left`. */
export type OfficeKind = 'token' | 'session' | 'revoked' | 'signed-out' | 'asked' | 'approved' | 'dropped' | 'outcome' | 'did' | 'person' | PersonKind
export type PersonKind = 'rights' | 'invited' | 'password' | 'pass' | 'left'
export type Said = Readonly<Record<string, string>>
export interface OfficeAct { readonly id: string, readonly seq: number, readonly kind: OfficeKind, readonly person: string, readonly said: Said, readonly written: Time }

export type OfficeAt = Pick<Register, 'db' | 'secrets'>
type Row = { office_id: string, seq: number, kind: OfficeKind, person: string, said: string, written: Time, row_mac: Buffer }

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

function actIn({ secrets }: OfficeAt, row: Row): OfficeAct {
  if (!macHolds(secrets, 'office_act', { ...row })) throw new Fault('row-changed', `office_act ${row.office_id} ${row.seq} was changed behind Muster's back: run muster audit`)
  return { id: row.office_id, seq: row.seq, kind: row.kind, person: row.person, said: JSON.parse(row.said) as Said, written: row.written }
}

/** Writes what follows, unless something stands in its place: then false, and nothing is written. */
async function write({ db, secrets }: OfficeAt, { said, ...act }: OfficeAct): Promise<boolean> {
  const row = bound(secrets, 'office_act', { office_id: act.id, seq: act.seq, kind: act.kind, person: act.person, said: canonical(said), written: act.written })
  return transaction(db, async (tx) => {
    const { count } = await tx.write('INSERT INTO office_act (office_id, seq, kind, person, said, written, row_mac) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (office_id, seq) DO NOTHING',
      [row.office_id, row.seq, row.kind, row.person, row.said, row.written, row.row_mac])
    if (count > 0) await letRowWait(tx, secrets, 'office_act', `${act.id} ${act.seq}`, row)
    return count > 0
  })
}

/** Begins one; resolves to its id. */
export async function beginOffice(at: OfficeAt, kind: 'token' | 'asked' | 'did' | 'person', person: string, said: Said, now: number): Promise<string> {
  const id = randomUUID()
  await write(at, { id, seq: 0, kind, person, said, written: timeOf(now) })
  return id
}

/** Begins one under an id that stands for something that happens once; false where it has happened before. */
export function beginOnce(at: OfficeAt, id: string, kind: 'session', person: string, said: Said, now: number): Promise<boolean> {
  return write(at, { id, seq: 0, kind, person, said, written: timeOf(now) })
}

/** What follows on what was read up to `seq`; false where somebody was faster. */
export function followOffice(at: OfficeAt, id: string, seq: number, kind: PersonKind, person: string, said: Said, now: number): Promise<boolean> {
  return write(at, { id, seq: seq + 1, kind, person, said, written: timeOf(now) })
}

/** False where another has ended it before: what is ended stays so. */
export function endOffice(at: OfficeAt, id: string, kind: 'revoked' | 'signed-out' | 'approved' | 'dropped', person: string, now: number): Promise<boolean> {
  return write(at, { id, seq: 1, kind, person, said: {}, written: timeOf(now) })
}

export async function writeOutcome(at: OfficeAt, id: string, person: string, said: Said, now: number): Promise<void> {
  await write(at, { id, seq: 2, kind: 'outcome', person, said, written: timeOf(now) })
}

/** What was written under an id, in order; empty for one that there is not. */
export async function officeOf(at: OfficeAt, id: string): Promise<OfficeAct[]> {
  if (!UUID.test(id)) return []
  const rows = await at.db.read<Row>('SELECT office_id, seq, kind, person, said, written, row_mac FROM office_act WHERE office_id = $1 ORDER BY seq', [id])
  return rows.map((row) => actIn(at, row))
}

/** The newest that began as `kind`, each with what followed; of one person only; those that wait or are under way, `open`, or all. */
export async function officesOf(at: OfficeAt, kind: 'token' | 'session' | 'asked' | 'person', { person, open, since, max }: { readonly person?: string, readonly open: boolean, readonly since?: Time, readonly max: number }): Promise<OfficeAct[][]> {
  const begun = await at.db.read<Row>(
    'SELECT office_id, seq, kind, person, said, written, row_mac FROM office_act o WHERE kind = $1 AND ($2::text IS NULL OR person = $2) AND ($3::text IS NULL OR written >= $3) AND (NOT $4 OR NOT EXISTS (SELECT 1 FROM office_act e WHERE e.office_id = o.office_id AND e.seq = 1)) ORDER BY written DESC, office_id LIMIT $5',
    [kind, person ?? null, since ?? null, open, max])
  const rest = await at.db.read<Row>('SELECT office_id, seq, kind, person, said, written, row_mac FROM office_act WHERE office_id = ANY($1) AND seq > 0 ORDER BY seq', [begun.map(({ office_id }) => office_id)])
  return begun.map((row) => [row, ...rest.filter(({ office_id }) => office_id === row.office_id)].map((each) => actIn(at, each)))
}
