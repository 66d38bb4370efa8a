import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type pg from 'pg'
import type { Scratch } from '../store/scratch.ts'
import { scratchRegistry } from '../store/scratch.ts'
import { migrationProblems, schemaFacts, schemaProblems } from './citus-rules.ts'
import { dumpSchema } from './dump.ts'
import { migrationsIn, MIGRATIONS } from './migrate.ts'
import type { Placement } from './placement.ts'
import { PLACEMENT } from './placement.ts'

let scratch: Scratch
before(async () => {
  scratch = await scratchRegistry()
})
after(() => scratch.remove())

/** What is said of the schema after some statements, which are undone. */
async function afterwards<T>(statements: readonly string[], look: (client: pg.ClientBase) => Promise<T>): Promise<T> {
  return scratch.db.session(async (client) => {
    await client.query('BEGIN READ WRITE')
    try {
      for (const statement of statements) await client.query(statement)
      return await look(client)
    } finally {
      await client.query('ROLLBACK')
    }
  })
}

test('the committed dump is the schema that the migrations make', async () => {
  const committed = await readFile(join(MIGRATIONS, 'schema.sql'), 'utf8')
  assert.ok((await scratch.db.session(dumpSchema)) === committed, 'run node cli/bin/muster.js --run registry/store/write-schema.ts and review the difference')
})

test('any change of the schema changes its dump', async () => {
  const before = await scratch.db.session(dumpSchema)
  const changes = [
    'ALTER TABLE item ADD COLUMN extra text', 'ALTER TABLE item ALTER COLUMN class DROP NOT NULL', "ALTER TABLE item ALTER COLUMN class SET DEFAULT 'x'", 'ALTER TABLE mark ALTER COLUMN ordinal TYPE bigint',
    'ALTER TABLE item ADD CONSTRAINT item_class CHECK (class <> chr(32))', 'CREATE INDEX item_extra ON item (class)', 'CREATE UNIQUE INDEX item_one ON item (class)', 'DROP TABLE mark',
    'REVOKE UPDATE ON custody_event FROM CURRENT_USER', 'ALTER TABLE item SET (fillfactor = 50)', 'CREATE UNLOGGED TABLE quick (x int)', 'ALTER TABLE item ENABLE ROW LEVEL SECURITY',
    'ALTER TABLE item ALTER COLUMN class TYPE text COLLATE "POSIX"', 'ALTER TABLE mark ADD CONSTRAINT mark_item FOREIGN KEY (item_id) REFERENCES item (item_id)',
  ]
  const dumps = new Set([before])
  for (const change of changes) {
    const dump = await afterwards([change], dumpSchema)
    assert.ok(!dumps.has(dump), change)
    dumps.add(dump)
  }
  assert.equal(await scratch.db.session(dumpSchema), before)
})

test('what a dump could not describe is an error and not left out', async () => {
  for (const statement of ['CREATE VIEW seen AS SELECT 1 AS x', 'CREATE SEQUENCE counter', "CREATE TYPE colour AS ENUM ('red')", 'CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$', 'CREATE TABLE parts (x int) PARTITION BY LIST (x)']) {
    await assert.rejects(afterwards([statement], dumpSchema), /cannot describe: /, statement)
  }
})

test('the schema keeps to what Citus asks, and so do the words of its migrations', async () => {
  assert.deepEqual(schemaProblems(await scratch.db.session(schemaFacts), PLACEMENT), [])
  for (const { name, sql } of await migrationsIn(MIGRATIONS)) assert.deepEqual(migrationProblems(name, sql), [])
})

test('each breach of the rules of placement is named with its table', async () => {
  const distributed = (column: string, together: string): Placement => ({ kind: 'distributed', column, with: together })
  const breaches: readonly (readonly [readonly string[], RegExp, Readonly<Record<string, Placement>>?])[] = [
    [['CREATE TABLE stray (x int, CONSTRAINT stray_pkey PRIMARY KEY (x))'], /^stray: no placement/],
    [['DROP TABLE photo'], /^photo: placed, and no such table/],
    [['CREATE UNIQUE INDEX serial_once ON item (serial)'], /^item: serial_once does not contain the distribution column item_id/],
    [['ALTER TABLE mark DROP CONSTRAINT mark_pkey'], /^mark: no primary key/],
    [['ALTER TABLE mark DROP COLUMN item_id'], /^mark: its distribution column item_id is missing/],
    [['ALTER TABLE mark ALTER COLUMN item_id TYPE text'], /^mark: item_id is text, the tables that it lies with have uuid/],
    [['ALTER TABLE mark ADD CONSTRAINT mark_photo FOREIGN KEY (photo) REFERENCES photo (original_sha256)'], /^mark: mark_photo refers to photo/],
    [['CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$', 'CREATE TRIGGER t BEFORE INSERT ON item EXECUTE FUNCTION f()'], /^item: the trigger t/],
    [['CREATE SEQUENCE counter'], /^counter: a sequence/],
    [['CREATE TABLE list (code text, CONSTRAINT list_pkey PRIMARY KEY (code))', 'ALTER TABLE list ADD COLUMN item_id uuid REFERENCES item (item_id)'], /^list: .* refers to item/, { ...PLACEMENT, list: { kind: 'reference' } }],
    [['CREATE TABLE far (x uuid, CONSTRAINT far_pkey PRIMARY KEY (x))', 'ALTER TABLE mark ADD CONSTRAINT mark_far FOREIGN KEY (item_id) REFERENCES far (x)'], /^mark: mark_far refers to far/, { ...PLACEMENT, far: distributed('x', 'far') }],
  ]
  for (const [statements, expected, placement] of breaches) {
    const problems = schemaProblems(await afterwards(statements, schemaFacts), placement ?? PLACEMENT)
    assert.match(problems[0] ?? '', expected, statements.join('; '))
    assert.equal(new Set(problems.map((problem) => problem.split(':')[0])).size, 1, problems.join('; '))
  }
  const near = await afterwards(['ALTER TABLE mark ADD CONSTRAINT mark_item FOREIGN KEY (item_id) REFERENCES item (item_id)'], schemaFacts)
  assert.deepEqual(schemaProblems(near, PLACEMENT), [])
})

test('each breach in the words of a migration is named with its statement', () => {
  const problems = (sql: string) => migrationProblems('0009-x', sql)
  assert.deepEqual(problems('CREATE TABLE a (x int PRIMARY KEY)'), ['0009-x, statement 1: primary key without a name'])
  assert.deepEqual(problems('CREATE TABLE a (x int CONSTRAINT a_x CHECK (x > 0), y int UNIQUE, CHECK (y > 1))'), ['0009-x, statement 1: unique without a name', '0009-x, statement 1: check without a name'])
  assert.deepEqual(problems('CREATE TABLE a (x int REFERENCES b (x), CONSTRAINT a_b FOREIGN KEY (x) REFERENCES b (x))'), ['0009-x, statement 1: references without a name'])
  assert.deepEqual(problems("CREATE UNIQUE INDEX i ON a (x); COMMENT ON TABLE a IS 'primary key; create trigger'"), [])
  for (const [sql, what] of [
    ['CREATE TRIGGER t BEFORE INSERT ON a EXECUTE FUNCTION f()', 'a trigger'], ['CREATE EXTENSION pgcrypto', 'an extension'], ['CREATE TABLE a (x bigserial)', 'a counter of one machine'],
    ['WITH RECURSIVE r AS (SELECT 1) SELECT * FROM r', 'a recursive query'], ['INSERT INTO a VALUES (1) ON CONFLICT (x) DO UPDATE SET y = now()', 'now() in ON CONFLICT DO UPDATE'],
    ['CREATE UNLOGGED TABLE a (x int)', 'a table that a crash empties'], ["SELECT create_distributed_table('a', 'x')", 'a placement call, which belongs to placement.ts'],
  ] as const) assert.deepEqual(problems(`SELECT 1; ${sql}`), [`0009-x, statement 2: ${what}`])
})
