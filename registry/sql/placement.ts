// Where each table lies when the database is a Citus cluster. Everywhere else this is only what the rules of citus-rules.ts are checked against.
import type pg from 'pg'

export type Placement =
  /** Spread by one column; tables of one `with` and one column type lie together. */
  | { readonly kind: 'distributed'; readonly column: string; readonly with: string }
  /** Whole on every machine: rarely written. */
  | { readonly kind: 'reference' }
  /** On the coordinator only: the schema's own records. */
  | { readonly kind: 'local' }

function by(column: string, together: string): Placement {
  return { kind: 'distributed', column, with: together }
}

const local: Placement = { kind: 'local' }

/** In the order in which they are placed: the first of each `with` opens the group. A table that is not named here fails the test of the schema. */
export const PLACEMENT: Readonly<Record<string, Placement>> = {
  item: by('item_id', 'item'),
  custody_event: by('item_id', 'item'),
  mark: by('item_id', 'item'),
  match_key: by('key', 'match_key'),
  document_number: by('document_key', 'match_key'),
  key_label: by('key', 'match_key'),
  later_label: by('key', 'match_key'),
  intake_row: by('fingerprint', 'intake_row'),
  event_batch: by('batch_id', 'event_batch'),
  import_run: by('import_id', 'import_run'),
  photo: by('original_sha256', 'photo'),
  case_file: by('case_id', 'case_file'),
  case_act: by('case_id', 'case_file'),
  document: by('sha256', 'document'),
  act_once: by('act_key', 'act_once'),
  agreement: by('agreement_id', 'agreement'),
  peer: by('agreement_id', 'agreement'),
  waiting: by('agreement_id', 'agreement'),
  outbox: by('agreement_id', 'agreement'),
  log_entry: by('agreement_id', 'agreement'),
  period: by('agreement_id', 'agreement'),
  bound: by('agreement_id', 'agreement'),
  checkpoint: by('agreement_id', 'agreement'),
  declaration: by('agreement_id', 'agreement'),
  cosigned: by('origin', 'cosigned'),
  message: by('sender', 'message'),
  receipted: by('giver', 'message'),
  breach: by('breach_id', 'breach'),
  settlement: by('breach_id', 'breach'),
  paper: by('paper_id', 'paper'),
  trace: by('trace_id', 'trace'),
  watch: by('watch_id', 'watch'),
  watch_news: by('watch_id', 'watch'),
  office_act: by('office_id', 'office_act'),
  office_answer: by('answer_key', 'office_answer'),
  schema_migration: local,
  schema_turn: local,
}

interface Call {
  readonly table: string
  readonly statement: string
  readonly values: readonly string[]
}

/** The calls that place what is not placed yet, one a transaction. `placed` are the tables that Citus already knows. */
export function placementCalls(placement: Readonly<Record<string, Placement>>, existing: ReadonlySet<string>, placed: ReadonlySet<string>): Call[] {
  const first = new Map<string, string>()
  const calls: Call[] = []
  for (const [table, place] of Object.entries(placement)) {
    if (place.kind === 'local' || !existing.has(table)) continue
    if (place.kind === 'reference') {
      if (!placed.has(table)) calls.push({ table, statement: 'SELECT create_reference_table($1::regclass)', values: [table] })
      continue
    }
    const leader = first.get(place.with)
    if (leader === undefined) first.set(place.with, table)
    if (placed.has(table)) continue
    calls.push({ table, statement: 'SELECT create_distributed_table($1::regclass, $2, colocate_with => $3)', values: [table, place.column, leader ?? 'none'] })
  }
  return calls
}

/** Places the tables where the extension is present; does nothing elsewhere. Each call is durable before the next, and what was placed is not placed again. */
export async function placeTables(connection: pg.ClientBase, placement: Readonly<Record<string, Placement>>): Promise<string[]> {
  const { rowCount } = await connection.query("SELECT 1 FROM pg_extension WHERE extname = 'citus'")
  if (rowCount === 0) return []
  const names = async (statement: string) => new Set((await connection.query<{ name: string }>(statement)).rows.map((row) => row.name))
  const existing = await names("SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
  const placed = await names('SELECT c.relname AS name FROM citus_tables t JOIN pg_class c ON c.oid = t.table_name')
  const calls = placementCalls(placement, existing, placed)
  for (const { statement, values } of calls) {
    await connection.query('BEGIN READ WRITE')
    await connection.query(statement, [...values])
    await connection.query('COMMIT')
  }
  return calls.map((call) => call.table)
}
