import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { CopyValue } from './copy.ts'
import { copyRows } from './copy.ts'
import type { Database } from './database.ts'
import { transaction } from './database.ts'
import type { Scratch } from './scratch.ts'
import { scratchRegistry } from './scratch.ts'

let scratch: Scratch
let db: Database
before(async () => {
  scratch = await scratchRegistry()
  db = scratch.db
  await transaction(db, async (tx) => {
    await tx.write('CREATE TABLE copied (i bigint, t text, b bytea, f boolean, l text[])')
  })
})
after(() => scratch.remove())

const COLUMNS = ['i', 't', 'b', 'f', 'l']

const copy = (rows: Iterable<readonly CopyValue[]> | AsyncIterable<readonly CopyValue[]>) => transaction(db, (tx) => copyRows(tx, 'copied', COLUMNS, rows))

test('every value is copied as it is, whatever it contains', async () => {
  const texts = ['', '\\N', '\\', '\t', '\n', '\r\n', '\\.', 'a\\tb', '"', "'", '{}', 'NULL', '9П516 № 0123', '𝟘🚀', '\u2028', ' '.repeat(70_000), '\\\\.\n\\.']
  const rows = texts.map((text, i): CopyValue[] => [i, text, Uint8Array.from([0, 9, 10, 92, 255, i]), i % 2 === 0, [text, 'x,"y"\\', 'NULL', '']])
  rows.push([2n ** 53n - 1n, undefined, null, undefined, null])
  assert.equal(await copy(rows), rows.length)
  const back = await db.read<{ i: number; t: string | null; b: Buffer | null; f: boolean | null; l: string[] | null }>('SELECT * FROM copied ORDER BY i')
  assert.deepEqual(back.map(({ t }) => t), [...texts, null])
  assert.deepEqual(back.map(({ l }) => l), [...texts.map((text) => [text, 'x,"y"\\', 'NULL', '']), null])
  assert.deepEqual([...(back[3]?.b ?? [])], [0, 9, 10, 92, 255, 3])
  assert.deepEqual(back.slice(0, 2).map(({ f }) => f), [true, false])
  assert.equal(back.at(-1)?.i, 2 ** 53 - 1)
})

test('rows that come one by one from elsewhere are copied too, and none is copied when they break off', async () => {
  await transaction(db, (tx) => tx.write('DELETE FROM copied'))
  async function* rows(breakAt: number) {
    for (let i = 0; i < 5_000; i++) {
      if (i === breakAt) throw new Error('the file ends in the middle of a row')
      yield [i, 'x'.repeat(100), undefined, true, undefined]
    }
  }
  await assert.rejects(copy(rows(4_000)), /the file ends in the middle of a row/)
  assert.deepEqual(await db.read('SELECT count(*) FROM copied'), [{ count: 0 }])
  assert.equal(await copy(rows(-1)), 5_000)
  assert.deepEqual(await db.read('SELECT count(*) FROM copied'), [{ count: 5_000 }])
})

test('what no column can hold is refused before it is sent, and the connection stays of use', async () => {
  for (const row of [['x', 'y'], [1, 'lone \ud800', null, null, null], [1, 'zero \0', null, null, null], [Number.NaN, '', null, null, null]] as CopyValue[][]) await assert.rejects(copy([row]), RangeError)
  await assert.rejects(copy([['no number', '', null, null, null]]), { code: '22P02' })
  await assert.rejects(transaction(db, (tx) => copyRows(tx, 'copied; DROP TABLE copied', COLUMNS, [])), RangeError)
  await assert.rejects(transaction(db, (tx) => copyRows(tx, 'copied', [], [])), RangeError)
  assert.equal(await copy([]), 0)
})

test('a source is read no faster than the server takes it', async () => {
  let made = 0
  let ahead_max = 0
  let taken = 0
  const rows = function* () {
    for (; made < 20_000; made++) {
      ahead_max = Math.max(ahead_max, made - taken)
      yield [made, 'x'.repeat(1_000), null, null, null]
    }
  }
  await transaction(db, async (tx) => {
    const write = (tx.connection as unknown as { connection: { stream: { write(chunk: Uint8Array, ...rest: unknown[]): boolean } } }).connection.stream
    const real = write.write.bind(write)
    write.write = (chunk, ...rest) => {
      taken += chunk.length / 1_010
      return real(chunk, ...rest)
    }
    await copyRows(tx, 'copied', COLUMNS, rows())
  })
  assert.ok(ahead_max < 2_000, `${ahead_max} rows of 20,000 were made ahead`)
})

test('a connection that is cut in the middle of a copy ends it with an error', async () => {
  async function* rows(pid: number) {
    for (let i = 0; i < 100_000; i++) {
      if (i === 50_000) await db.read('SELECT pg_terminate_backend($1)', [pid])
      yield [i, 'x'.repeat(200), null, null, null]
    }
  }
  await assert.rejects(transaction(db, async (tx) => {
    const [self] = await tx.read<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    await copyRows(tx, 'copied', COLUMNS, rows(self?.pid ?? 0))
  }), { code: 'database-unreachable' })
})
