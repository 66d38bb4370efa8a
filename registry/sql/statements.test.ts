import assert from 'node:assert/strict'
import { test } from 'node:test'
import { statementsOf, wordsOf } from './statements.ts'

test('a file is cut at its semicolons and nowhere else', () => {
  const sql = `-- a; comment
    CREATE TABLE a (x text DEFAULT ';''--'); /* one ; two */ ;;
    CREATE FUNCTION f() RETURNS void AS $body$ BEGIN; PERFORM 'x'; END $body$ LANGUAGE plpgsql;
    INSERT INTO "odd;name" VALUES ($$;$$, 'it''s; fine')`
  assert.deepEqual(statementsOf(sql).map((text) => text.replace(/\s+/g, ' ')), [
    "CREATE TABLE a (x text DEFAULT ';''--')",
    "CREATE FUNCTION f() RETURNS void AS $body$ BEGIN; PERFORM 'x'; END $body$ LANGUAGE plpgsql",
    `INSERT INTO "odd;name" VALUES ($$;$$, 'it''s; fine')`,
  ])
  assert.deepEqual(statementsOf(' -- nothing\n;'), [])
})

test('a quote or comment that never ends is named by its line', () => {
  assert.throws(() => statementsOf("SELECT 1;\nSELECT 'open"), /line 2: ' opens/)
  assert.throws(() => statementsOf('SELECT 1 /* open'), /line 1/)
})

test('the words of a statement do not contain what is quoted', () => {
  assert.equal(wordsOf("SELECT  'CREATE TRIGGER',\n $$ create trigger $$ FROM A"), "select '', '' from a")
})
