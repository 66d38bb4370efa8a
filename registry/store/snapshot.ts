// One state of the whole database for as long as it is read, on one connection: what is written meanwhile is not seen.
import type pg from 'pg'
import type { Database, Reader, Value } from './database.ts'

const ROWS_A_BATCH = 2_000
const STATEMENT_MS_MAX = 600_000

export interface Snapshot extends Reader {
  /** All rows of a statement, in batches; other statements may run between them. */
  readonly batches: <Row extends pg.QueryResultRow>(statement: string, values?: readonly Value[], rowsMax?: number) => AsyncGenerator<Row[]>
}

/** Reads within one snapshot; nothing can be written in it. */
export async function withSnapshot<T>(db: Database, act: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  return db.session(async (connection) => {
    await connection.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    await connection.query(`SET LOCAL statement_timeout = ${STATEMENT_MS_MAX}`)
    await connection.query(`SET LOCAL idle_in_transaction_session_timeout = ${STATEMENT_MS_MAX}`)
    let cursors = 0
    const read: Reader['read'] = async <Row extends pg.QueryResultRow>(statement: string, values: readonly Value[] = []) => (await connection.query<Row>(statement, [...values])).rows
    async function* batches<Row extends pg.QueryResultRow>(statement: string, values: readonly Value[] = [], rowsMax = ROWS_A_BATCH): AsyncGenerator<Row[]> {
      const name = `walk${++cursors}`
      await connection.query(`DECLARE ${name} NO SCROLL CURSOR FOR ${statement}`, [...values])
      try {
        for (;;) {
          const { rows } = await connection.query<Row>(`FETCH ${rowsMax} FROM ${name}`)
          if (rows.length > 0) yield rows
          if (rows.length < rowsMax) break
        }
      } finally {
        await connection.query(`CLOSE ${name}`)
      }
    }
    const result = await act({ read, batches })
    await connection.query('COMMIT')
    return result
  })
}
