// The schema as text, written from PostgreSQL's catalogue by its own functions (pg_get_constraintdef and its like), in an order of names.
// Everything that a table may carry is in it, also what our rules forbid, so that nothing can hide; a kind of object that it cannot describe is an error.
import type pg from 'pg'

const DESCRIBED = new Set(['r', 'i'])

const OBJECTS = `
SELECT c.relname AS name, c.relkind::text AS kind, c.relpersistence::text AS persistence, c.relrowsecurity AS secured,
  coalesce(array_to_string(c.reloptions, ', '), '') AS options
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind <> 't'
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')
ORDER BY c.relname COLLATE "C"`

const COLUMNS = `
SELECT c.relname AS table, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS required, a.attidentity::text AS identity, a.attgenerated::text AS generated,
  CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END AS collation,
  CASE WHEN a.attstorage <> t.typstorage THEN CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END END AS storage,
  pg_get_expr(d.adbin, d.adrelid) AS preset
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.relname COLLATE "C", a.attnum`

// A NOT NULL is said with its column; PostgreSQL 18 keeps it as a constraint too, older ones do not.
const CONSTRAINTS = `
SELECT c.relname AS table, x.conname AS name, pg_get_constraintdef(x.oid) AS definition
FROM pg_constraint x
JOIN pg_class c ON c.oid = x.conrelid
WHERE c.relnamespace = 'public'::regnamespace AND x.contype <> 'n'
ORDER BY c.relname COLLATE "C", x.contype = 'p' DESC, x.conname COLLATE "C"`

const INDEXES = `
SELECT c.relname AS table, pg_get_indexdef(i.indexrelid) AS definition
FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_class n ON n.oid = i.indexrelid
WHERE c.relnamespace = 'public'::regnamespace AND NOT EXISTS (SELECT 1 FROM pg_constraint x WHERE x.conindid = i.indexrelid AND x.contype IN ('p', 'u', 'x'))
ORDER BY n.relname COLLATE "C"`

const TRIGGERS = `
SELECT c.relname AS table, pg_get_triggerdef(t.oid) AS definition
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal
ORDER BY t.tgname COLLATE "C"`

// Who may do less than the owner: a revoked privilege is part of the schema. Names of roles are the installation's own.
const PRIVILEGES = `
SELECT c.relname AS table, 'owner' AS holder, string_agg(p.name, ', ' ORDER BY p.name) AS privileges
FROM pg_class c
CROSS JOIN (VALUES ('DELETE'), ('INSERT'), ('SELECT'), ('TRUNCATE'), ('UPDATE')) AS p(name)
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relacl IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM aclexplode(c.relacl) g WHERE g.grantee = c.relowner AND g.privilege_type = p.name)
GROUP BY c.relname
ORDER BY c.relname COLLATE "C"`

const OTHERS = `
SELECT 'type ' || typname AS name FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd', 'r')
UNION ALL SELECT 'function ' || proname FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e')
UNION ALL SELECT 'rule ' || rulename FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
UNION ALL SELECT 'policy ' || polname FROM pg_policy
UNION ALL SELECT 'child of ' || inhparent::regclass::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhparent WHERE c.relkind IN ('r', 'p')
ORDER BY name`

interface Column {
  readonly table: string
  readonly name: string
  readonly type: string
  readonly required: boolean
  readonly identity: string
  readonly generated: string
  readonly collation: string | null
  readonly preset: string | null
  readonly storage: string | null
}

function columnText(column: Column): string {
  const { name, type, collation, required, identity, generated, preset, storage } = column
  const words = [name, type]
  if (storage !== null) words.push(`STORAGE ${storage}`)
  if (collation !== null) words.push(`COLLATE ${collation}`)
  if (required) words.push('NOT NULL')
  if (identity !== '') words.push(`GENERATED ${identity === 'a' ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY`)
  if (preset !== null) words.push(generated === '' ? `DEFAULT ${preset}` : `GENERATED ALWAYS AS (${preset}) ${generated === 's' ? 'STORED' : 'VIRTUAL'}`)
  return words.join(' ')
}

interface OfTable {
  readonly table: string
  readonly name?: string
  readonly definition: string
}

async function rowsOf<Row extends pg.QueryResultRow>(connection: pg.ClientBase, statement: string): Promise<Row[]> {
  return (await connection.query<Row>(statement)).rows
}

/** The whole schema `public` as SQL that a person reviews; equal schemas give equal text. Throws on an object of a kind that it does not describe. */
export async function dumpSchema(connection: pg.ClientBase): Promise<string> {
  const objects = await rowsOf<{ name: string; kind: string; persistence: string; secured: boolean; options: string }>(connection, OBJECTS)
  const others = await rowsOf<{ name: string }>(connection, OTHERS)
  const strange = [...objects.filter(({ kind }) => !DESCRIBED.has(kind)).map(({ name, kind }) => `${name} of kind ${kind}`), ...others.map(({ name }) => name)]
  if (strange.length > 0) throw new Error(`the schema holds what its dump cannot describe: ${strange.join(', ')}`)
  const columns = await rowsOf<Column & pg.QueryResultRow>(connection, COLUMNS)
  const constraints = await rowsOf<OfTable & pg.QueryResultRow>(connection, CONSTRAINTS)
  const indexes = await rowsOf<OfTable & pg.QueryResultRow>(connection, INDEXES)
  const triggers = await rowsOf<OfTable & pg.QueryResultRow>(connection, TRIGGERS)
  const privileges = await rowsOf<{ table: string; privileges: string }>(connection, PRIVILEGES)
  const tables = objects.filter(({ kind }) => kind === 'r').map(({ name, persistence, secured, options }) => {
    const of = (list: readonly OfTable[]) => list.filter(({ table }) => table === name)
    const inside = [
      ...columns.filter(({ table }) => table === name).map(columnText),
      ...of(constraints).map((constraint) => `CONSTRAINT ${constraint.name ?? ''} ${constraint.definition}`),
    ]
    const revoked = privileges.find(({ table }) => table === name)
    return [
      `CREATE ${persistence === 'u' ? 'UNLOGGED ' : ''}TABLE ${name} (\n  ${inside.join(',\n  ')}\n)${options === '' ? '' : ` WITH (${options})`};`,
      ...of(indexes).map(({ definition }) => `${definition.replace(' ON public.', ' ON ')};`),
      ...of(triggers).map(({ definition }) => `${definition};`),
      ...(secured ? [`ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY;`] : []),
      ...(revoked === undefined ? [] : [`REVOKE ${revoked.privileges} ON ${name} FROM its owner;`]),
    ].join('\n')
  })
  return `-- The schema as the catalogue tells it, after all migrations. Written by registry/store/write-schema.ts; a test compares it.\n\n${tables.join('\n\n')}\n`
}
