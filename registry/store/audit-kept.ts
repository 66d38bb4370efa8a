// Rows under row_mac, each read and its mac made anew; and the schema's own records.
import { kept } from './kept.ts'
import { cellOf, keyOf, type Report } from './finding.ts'
import type { Register } from './register.ts'
import { macHolds, type Row } from './row-mac.ts'
import { keptMigrations, SCHEMA_KEPT } from './schema-kept.ts'
import type { Snapshot } from './snapshot.ts'
import { KEPT_TABLES, type KeptTable } from './table-class.ts'

/** Rows whose bytes are large are read a few at a time. */
const ROWS_A_BATCH: Readonly<Partial<Record<KeptTable, number>>> = { photo: 4, message: 100, declaration: 20, agreement: 20 }

export async function auditKept(snapshot: Snapshot, { secrets }: Register, report: Report, onRows: (rows: number) => void): Promise<void> {
  for (const table of KEPT_TABLES) {
    for await (const rows of snapshot.batches<Record<string, never>>(`SELECT * FROM ${table}`, [], ROWS_A_BATCH[table])) {
      for (const row of rows as readonly Row[]) {
        if (!macHolds(secrets, table, row)) report({ table, key: keyOf(table, row), column: null, code: 'mac', message: 'the row does not carry the mac that Muster gave it: it was changed or slipped in' })
      }
      onRows(rows.length)
    }
  }
}

export async function auditSchema(snapshot: Snapshot, { dataDir }: Register, report: Report): Promise<void> {
  const turns = await snapshot.read<{ turn: boolean }>('SELECT turn FROM schema_turn')
  if (!turns.some(({ turn }) => turn)) report({ table: 'schema_turn', key: { turn: 'true' }, column: 'turn', code: 'missing', message: 'its one row is gone: nothing can migrate' })
  for (const { turn } of turns) if (!turn) report({ table: 'schema_turn', key: { turn: cellOf(turn) }, column: 'turn', code: 'extra', message: 'a row that Muster never writes' })
  const bytes = await kept(dataDir, SCHEMA_KEPT)
  const known = new Map(keptMigrations(bytes).map((each) => [each.name, each]))
  const rows = await snapshot.read<{ name: string, sha256: string, applied: string }>('SELECT name, sha256, applied FROM schema_migration')
  for (const row of rows) {
    const held = known.get(row.name)
    known.delete(row.name)
    if (held === undefined) report({ table: 'schema_migration', key: { name: row.name }, column: null, code: 'extra', message: 'a migration that this register never recorded' })
    for (const column of ['sha256', 'applied'] as const) {
      if (held !== undefined && held[column] !== row[column]) report({ table: 'schema_migration', key: { name: row.name }, column, code: 'schema', message: `${row[column]} stands where ${held[column]} was recorded` })
    }
  }
  for (const name of known.keys()) report({ table: 'schema_migration', key: { name }, column: null, code: 'missing', message: 'the record of this migration was removed' })
}
