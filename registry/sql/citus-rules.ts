// What the schema must keep to, so that one SQL serves PostgreSQL and Citus: placement and words of the migrations, checked against the catalogue.
import type pg from 'pg'
import type { Placement } from './placement.ts'
import { statementsOf, wordsOf } from './statements.ts'

interface Key {
  readonly table: string
  readonly name: string
  readonly kind: 'p' | 'u' | 'x'
  readonly columns: readonly string[]
}

interface Reference {
  readonly table: string
  readonly name: string
  readonly columns: readonly string[]
  readonly target: string
  readonly targetColumns: readonly string[]
}

export interface SchemaFacts {
  readonly columns: ReadonlyMap<string, ReadonlyMap<string, string>>
  readonly keys: readonly Key[]
  readonly references: readonly Reference[]
  readonly triggers: readonly { readonly table: string; readonly name: string }[]
  readonly sequences: readonly string[]
}

const COLUMNS = `
SELECT c.relname AS table, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped`

// Unique indexes without a constraint bind the same way, so keys are read from the indexes; an expression has no column name.
const KEYS = `
SELECT c.relname AS table, n.relname AS name, CASE WHEN i.indisprimary THEN 'p' WHEN i.indisexclusion THEN 'x' ELSE 'u' END AS kind,
  ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey)) AS columns
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class n ON n.oid = i.indexrelid
WHERE c.relnamespace = 'public'::regnamespace AND (i.indisunique OR i.indisexclusion)`

const REFERENCES = `
SELECT c.relname AS table, x.conname AS name, t.relname AS target,
  ARRAY(SELECT a.attname::text FROM unnest(x.conkey) WITH ORDINALITY k(n, i) JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.n ORDER BY k.i) AS columns,
  ARRAY(SELECT a.attname::text FROM unnest(x.confkey) WITH ORDINALITY k(n, i) JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.n ORDER BY k.i) AS "targetColumns"
FROM pg_constraint x JOIN pg_class c ON c.oid = x.conrelid JOIN pg_class t ON t.oid = x.confrelid
WHERE x.contype = 'f' AND c.relnamespace = 'public'::regnamespace`

const TRIGGERS = `
SELECT c.relname AS table, t.tgname AS name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal`

const SEQUENCES = "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'"

export async function schemaFacts(connection: pg.ClientBase): Promise<SchemaFacts> {
  const columns = new Map<string, Map<string, string>>()
  for (const { table, name, type } of (await connection.query<{ table: string; name: string; type: string }>(COLUMNS)).rows) {
    columns.set(table, (columns.get(table) ?? new Map<string, string>()).set(name, type))
  }
  const keys = (await connection.query<Key & pg.QueryResultRow>(KEYS)).rows
  const references = (await connection.query<Reference & pg.QueryResultRow>(REFERENCES)).rows
  const triggers = (await connection.query<{ table: string; name: string }>(TRIGGERS)).rows
  const sequences = (await connection.query<{ name: string }>(SEQUENCES)).rows.map(({ name }) => name)
  return { columns, keys, references, triggers, sequences }
}

type Placements = Readonly<Record<string, Placement>>

function placementProblems(facts: SchemaFacts, placement: Placements): string[] {
  const problems: string[] = []
  const types = new Map<string, string>()
  for (const table of facts.columns.keys()) if (placement[table] === undefined) problems.push(`${table}: no placement is named for it`)
  for (const [table, place] of Object.entries(placement)) {
    const columns = facts.columns.get(table)
    if (columns === undefined) problems.push(`${table}: placed, and no such table`)
    if (columns === undefined || place.kind !== 'distributed') continue
    const type = columns.get(place.column)
    if (type === undefined) problems.push(`${table}: its distribution column ${place.column} is missing`)
    else if ((types.get(place.with) ?? type) !== type) problems.push(`${table}: ${place.column} is ${type}, the tables that it lies with have ${types.get(place.with) ?? ''}`)
    else types.set(place.with, type)
  }
  return problems
}

function keyProblems(facts: SchemaFacts, placement: Placements): string[] {
  const problems = facts.keys.flatMap(({ table, name, columns }) => {
    const place = placement[table]
    return place?.kind === 'distributed' && !columns.includes(place.column) ? [`${table}: ${name} does not contain the distribution column ${place.column}`] : []
  })
  const keyed = new Set(facts.keys.filter(({ kind }) => kind === 'p').map(({ table }) => table))
  for (const table of facts.columns.keys()) if (!keyed.has(table)) problems.push(`${table}: no primary key`)
  return problems
}

function referenceProblem({ table, name, columns, target, targetColumns }: Reference, placement: Placements): string | undefined {
  const from = placement[table]
  const to = placement[target]
  if (from?.kind === 'local' && to?.kind === 'local') return undefined
  if (to?.kind === 'reference' && from !== undefined && from.kind !== 'local') return undefined
  const together = from?.kind === 'distributed' && to?.kind === 'distributed' && from.with === to.with
  const by = together ? columns.indexOf(from.column) : -1
  if (together && by >= 0 && targetColumns[by] === to.column) return undefined
  return `${table}: ${name} refers to ${target}, which does not lie with it by the distribution column`
}

/** What in a schema Citus would refuse, or do differently; one sentence each, empty where all is well. */
export function schemaProblems(facts: SchemaFacts, placement: Placements): string[] {
  return [
    ...placementProblems(facts, placement),
    ...keyProblems(facts, placement),
    ...facts.references.map((reference) => referenceProblem(reference, placement)).filter((problem) => problem !== undefined),
    ...facts.triggers.map(({ table, name }) => `${table}: the trigger ${name}`),
    ...facts.sequences.map((name) => `${name}: a sequence counts on one machine only; ids are made by the client`),
  ]
}

const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [/\bcreate (or replace )?(constraint )?trigger\b/, 'a trigger'],
  [/\bcreate (or replace )?(function|procedure|view|materialized view)\b/, 'code or a view in the database'],
  [/\bcreate extension\b/, 'an extension'],
  [/\bcreate (unlogged|temp|temporary) table\b/, 'a table that a crash empties'],
  [/\w (small|big)?serial\b|\bas identity\b/, 'a counter of one machine'],
  [/\bwith recursive\b/, 'a recursive query'],
  [/\bon conflict\b.*\bdo update\b.*\bnow\(\)/, 'now() in ON CONFLICT DO UPDATE'],
  [/\b(create_distributed_table|create_reference_table)\b/, 'a placement call, which belongs to placement.ts'],
]
const CONSTRAINT = /\b(primary key|unique(?! index)|foreign key|exclude|check|references)\b/g

function unnamed(words: string): string[] {
  // The target of a named foreign key is part of it.
  const text = words.replace(/(foreign key ?\([^)]*\)) ?references\b/g, '$1')
  return [...text.matchAll(CONSTRAINT)].filter((match) => !/constraint ("[^"]+"|\w+) $/.test(text.slice(0, match.index))).map((match) => match[0])
}

/** What in the words of a migration breaks the rules: constraints without a name, and statements that are refused. */
export function migrationProblems(name: string, sql: string): string[] {
  return statementsOf(sql).flatMap((statement, i) => {
    const words = wordsOf(statement)
    const at = `${name}, statement ${i + 1}`
    const found = FORBIDDEN.filter(([pattern]) => pattern.test(words)).map(([, what]) => `${at}: ${what}`)
    const constraints = /^(create table|alter table)\b/.test(words) ? unnamed(words).map((what) => `${at}: ${what} without a name`) : []
    return [...found, ...constraints]
  })
}
