// Bulk writing by COPY in its text format: a tab between columns, a line a row, \N for nothing.
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { from } from 'pg-copy-streams'
import type { Transaction } from './database.ts'
import { openLines } from './line-buffer.ts'

const CHUNK_BYTES = 65_536
const IDENTIFIER = /^[a-z_][a-z0-9_]{0,62}$/
const SPECIAL = /[\\\n\r\t]/
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

export type CopyValue = string | number | bigint | boolean | Uint8Array | readonly string[] | null | undefined

/** A text as COPY reads it; throws RangeError for what no column holds. */
function escaped(text: string): string {
  if (!text.isWellFormed() || text.includes('\0')) throw new RangeError('a text with a lone surrogate or a zero character cannot be stored')
  return SPECIAL.test(text) ? text.replace(/[\\\n\r\t]/g, (character) => ESCAPES[character] as string) : text
}

function field(value: CopyValue): string {
  if (value === undefined || value === null) return '\\N'
  switch (typeof value) {
    case 'string':
      return escaped(value)
    case 'number':
      if (!Number.isFinite(value)) throw new RangeError(`${value} is no number that a column holds`)
      return String(value)
    case 'bigint':
      return String(value)
    case 'boolean':
      return value ? 't' : 'f'
    default:
      if (value instanceof Uint8Array) return `\\\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`
      return escaped(`{${value.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join(',')}}`)
  }
}

/** One line of COPY. */
export function line(row: readonly CopyValue[], columns: number): string {
  if (row.length !== columns) throw new RangeError(`a row has ${row.length} values for ${columns} columns`)
  let text = ''
  for (let i = 0; i < columns; i++) text += (i === 0 ? '' : '\t') + field(row[i])
  return `${text}\n`
}

type Rows = Iterable<readonly CopyValue[]> | AsyncIterable<readonly CopyValue[]>

async function* chunks(rows: Rows, columns: number): AsyncGenerator<Uint8Array> {
  const lines = openLines(2 * CHUNK_BYTES)
  // A synchronous iterable is walked without a promise for each row, which would cost more than the row.
  if (Symbol.iterator in rows) {
    for (const row of rows) {
      lines.add(line(row, columns))
      if (lines.length() >= CHUNK_BYTES) yield lines.take()
    }
  } else {
    for await (const row of rows) {
      lines.add(line(row, columns))
      if (lines.length() >= CHUNK_BYTES) yield lines.take()
    }
  }
  if (lines.length() > 0) yield lines.take()
}

/**
 * Writes rows into a table by COPY, as fast as the server takes them and no faster; resolves to their number. Names are the code's own, never a user's.
 * A row that cannot be written, or an error of the iterable, fails the transaction.
 */
export async function copyRows(tx: Transaction, table: string, columns: readonly string[], rows: Rows): Promise<number> {
  const stream = openCopy(tx, table, columns)
  await pipeline(Readable.from(chunks(rows, columns.length), { objectMode: false, highWaterMark: CHUNK_BYTES }), stream)
  return stream.rowCount
}

function openCopy(tx: Transaction, table: string, columns: readonly string[]) {
  const wrong = [table, ...columns].find((name) => !IDENTIFIER.test(name))
  if (wrong !== undefined || columns.length === 0) throw new RangeError(`COPY needs plain names of a table and its columns, not ${JSON.stringify(wrong ?? columns)}`)
  return tx.connection.query(from(`COPY "${table}" (${columns.map((name) => `"${name}"`).join(', ')}) FROM STDIN`))
}

/** The same for lines that stand ready, as `line` makes them. */
export async function copyText(tx: Transaction, table: string, columns: readonly string[], text: Uint8Array): Promise<number> {
  const stream = openCopy(tx, table, columns)
  function* pieces(): Generator<Uint8Array> {
    for (let at = 0; at < text.length; at += CHUNK_BYTES) yield text.subarray(at, at + CHUNK_BYTES)
  }
  await pipeline(Readable.from(pieces(), { objectMode: false, highWaterMark: CHUNK_BYTES }), stream)
  return stream.rowCount
}
