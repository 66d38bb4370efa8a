// What a superuser of the database does to a register, and that `muster audit` names it: each column of each table in turn, rows removed and slipped
// in, and a forger who has the register's key as well. Every table holds rows, by real acts where there are any.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import type pg from 'pg'
import { Breach } from '@muster/core/bytes/breach.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { leafHash, rootOf } from '@muster/core/proof/merkle.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import { boundEntry } from '@muster/core/wire/entry.ts'
import { eventLeaf } from '@muster/core/wire/period.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { parseMapping } from '@muster/registry/intake/mapping-file.ts'
import { changeKeys } from '@muster/registry/keys.ts'
import { auditRegister } from '@muster/registry/log/audit.ts'
import { treeOf } from '@muster/registry/log/period.ts'
import { issueCall } from '@muster/registry/call/act.ts'
import { addressOnPaper } from '@muster/registry/call/paper.ts'
import { recordBreach, settleBreaches } from '@muster/registry/store/breaches.ts'
import { actInCase } from '@muster/registry/store/case-acts.ts'
import { openCase } from '@muster/registry/store/cases.ts'
import { transaction } from '@muster/registry/store/database.ts'
import { leafSalt } from '@muster/registry/store/events.ts'
import { cellOf, keyOf, type Finding } from '@muster/registry/store/finding.ts'
import { importSheet } from '@muster/registry/store/intake-store.ts'
import { writeMessages } from '@muster/registry/store/messages.ts'
import { recordEvent } from '@muster/registry/store/record-event.ts'
import { bound, rowMac, type Row } from '@muster/registry/store/row-mac.ts'
import { letRowWait } from '@muster/registry/store/sole-rows.ts'
import { behindItsBack } from '@muster/registry/store/scratch-register.ts'
import { KEY_COLUMNS, TABLE_CLASS, type Table } from '@muster/registry/store/table-class.ts'
import { makePerson } from '@muster/registry/store/persons.ts'
import { makeToken, revokeToken } from '@muster/registry/store/tokens.ts'
import { writeNews, writeWatch } from '@muster/registry/store/watches.ts'
import { twoRegisters, type Two } from '../federation/two.ts'

const TABLES = Object.keys(TABLE_CLASS) as Table[]
const SILENT = { onTotal: () => undefined, onRows: () => undefined }
const MAPPING = '{"format":"muster-mapping/1","title":"t","item":{"class":"class","type":"type"},"marks":[{"column":"serial"}],"circumstances":{}}'

let two: Two
let item: ItemId
const register = () => two.aa.register
const audit = async (): Promise<readonly Finding[]> => (await auditRegister(register(), SILENT)).findings
/** One connection for all that the superuser does; `leave` ends it. */
let superuser: pg.ClientBase
let leave: () => void = () => undefined
let left: Promise<void>
const asSuperuser = async (statement: string, values: unknown[] = []) => (await superuser.query<Record<string, never>>(statement, values)).rows as Row[]

async function becomeSuperuser(): Promise<void> {
  const leaving = new Promise<void>((resolve) => { leave = resolve })
  await new Promise<void>((resolve, reject) => {
    left = behindItsBack(register(), async (connection) => {
      superuser = connection
      // What is put back a moment later need not be on disk.
      await connection.query('SET synchronous_commit = off')
      resolve()
      await leaving
    })
    left.catch(reject)
  })
}

async function seed(): Promise<void> {
  const { aa } = two
  const now = two.now()
  const path = join(aa.register.dataDir, '..', 'sheet.csv')
  await writeFile(path, `class;type;serial\n${Array.from({ length: 20 }, (_, i) => `missile;9М39;77${i}0`).join('\n')}\n`)
  await importSheet(aa.register, { path, as: 'items', mapping: parseMapping(MAPPING), mappingSha256: Buffer.alloc(32), goodRows: false, dryRun: false, keep: [], by: 'A. Petrova', and: null, written: timeOf(now), lang: 'en' })
  item = (await aa.register.db.read<{ item_id: ItemId }>('SELECT item_id FROM item ORDER BY item_id LIMIT 1'))[0]?.item_id as ItemId
  const photo = { mediaType: 'image/png', originalSha256: createHash('sha256').update('o').digest(), copy: Buffer.from('c'), copySha256: createHash('sha256').update('c').digest(), width: 1, height: 1 } as const
  const marks = [{ text: '7700', place: 'tube', method: 'stamped', condition: 'intact', photo: Buffer.from(photo.originalSha256).toString('hex') }] as const
  await recordEvent(aa.register, { item, once: 'count 1', photos: [photo], at: timeOf(now), request: { kind: 'counted', happened: timeOf(now), by: 'A', and: null, reason: 'count', documents: [{ series: 'AB', number: '17', date: '2026-03-01' }], data: { seen: 'opened', marks } } })
  const { id } = await openCase(aa.register, 'A crate', 'A. Petrova', 'B. Karimov', timeOf(now))
  const bytes = Buffer.from('%PDF-1.7 a report')
  await actInCase(aa.register, id, {
    kind: 'document-added', by: 'A. Petrova', and: null,
    data: { id: 'report', title: 'A report', sha256: createHash('sha256').update(bytes).digest('hex'), mediaType: 'application/pdf', bytes: bytes.length, date: '2026-03', source: 'a finder', marking: { level: 'exercise', caveats: [] } },
  }, timeOf(now), { bytes, mediaType: 'application/pdf' })
  await actInCase(aa.register, id, { kind: 'incident-added', by: 'A. Petrova', and: null, data: { id: 'attack', kind: 'attack', when: '2026-03', region: 'North', what: 'an aircraft was hit', source: 'an agency' } }, timeOf(now))
  const watch = { id: '22222222-2222-4222-8222-222222222222', agreement: aa.joined.agreement.id, party: two.bb.party, item, findSeq: 0, trace: '11111111-1111-4111-8111-111111111111', sequence: 0, oprf: Buffer.alloc(32, 3).toString('base64'), labels: [{ element: 0, label: '11'.repeat(32), present: false }], started: timeOf(now) }
  await transaction(aa.register.db, async (tx) => {
    await writeWatch(tx, aa.register.secrets, watch)
    await writeNews(tx, aa.register.secrets, watch.agreement, { watch: watch.id, label: '11'.repeat(32), what: 'appeared', sequence: 1, proof: '{}', found: timeOf(now) })
  })
  await makePerson(aa.register, { person: 'A. Petrova', rights: { roles: ['investigator'], scope: { sites: ['D5'], units: [] } } }, { by: 'B. Karimov', and: 'C. Orlova' }, now)
  const { id: token } = await makeToken(aa.register, { person: 'A. Petrova', by: 'B. Karimov' }, now)
  await revokeToken(aa.register, token, 'B. Karimov', now)
  await two.period(aa)
  await two.declare(aa)
  await changeKeys(aa, aa, { purposes: ['oprf'], compromisedSince: timeOf(now), by: 'A. Petrova', and: 'B. Karimov' }, now)
  await two.declare(aa)
  await recordBreach(aa.register, aa.joined.agreement.id, 'BB', new Breach('mirror/fork', 'two roots', { first: 'a', second: 'b' }), now)
  await settleBreaches(aa.register, aa.joined.agreement.id, 'BB', { by: 'A. Petrova', and: 'B. Karimov', reason: 'a disk was lost' }, now)
  const { call } = await issueCall({ register: aa.register, joined: aa.joined }, { reason: 'exercise', classes: null, types: null, seen: 'opened', asOf: timeOf(now), due: timeOf(now + 3600), remind: [], note: null }, [two.bb.party], 'A. Petrova', now)
  await addressOnPaper({ register: aa.register, joined: aa.joined }, call, 'Ostravia', { by: 'A. Petrova', and: 'B. Karimov' }, now)
  await writeMessages(aa.register, aa.joined, [{ to: two.bb.party, kind: 'receipt', body: { of: ['08', '09', '0a'].map((byte) => byte.repeat(32)) } }], now)
  const rows = [
    ['trace', bound(aa.register.secrets, 'trace', { trace_id: '11111111-1111-4111-8111-111111111111', item_id: item, agreement_id: aa.joined.agreement.id, state: 'ended', outcome: 'absent', dossier_path: 'd', started: timeOf(now), ended: timeOf(now) })],
    ['message', bound(aa.register.secrets, 'message', { sender: 'AA', agreement_id: aa.joined.agreement.id, receiver: 'BB', sequence: 7, direction: 'out', message_id: Buffer.alloc(32, 7), kind: 'receipt', about: Buffer.alloc(32, 8), envelope: Buffer.from('{}'), stored: timeOf(now) })],
    ['office_answer', bound(aa.register.secrets, 'office_answer', { answer_key: Buffer.alloc(32, 1), request: Buffer.alloc(32, 2), person: 'A. Petrova', status: 200, answer: '{}', written: timeOf(now) })],
    ['waiting', bound(aa.register.secrets, 'waiting', { agreement_id: aa.joined.agreement.id, subject: 'message', subject_id: `out ${'07'.repeat(32)}`, bytes: Buffer.alloc(32, 7) })],
  ] as const
  for (const [table, row] of rows) {
    const columns = Object.keys(row)
    await transaction(aa.register.db, async (tx) => {
      await tx.write(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map((_, i) => `$${i + 1}`).join(', ')})`, Object.values(row))
      if (table === 'trace') await letRowWait(tx, aa.register.secrets, table, row.trace_id, row)
    })
  }
}

/** An expression for another value of the column's type, from the value that stands there. */
function otherValue(type: string, column: string): string {
  switch (type) {
    case 'bytea': return `CASE WHEN ${column} IS NULL OR length(${column}) = 0 THEN '\\x00'::bytea ELSE set_byte(${column}, 0, get_byte(${column}, 0) # 1) END`
    case 'text': return `coalesce(${column}, '') || 'x'`
    case 'uuid': return 'gen_random_uuid()'
    case 'integer': case 'bigint': return `${column} + 1000`
    case 'boolean': return `NOT ${column}`
    case 'timestamp with time zone': return `${column} + interval '1 second'`
    default: throw new Error(`no other value for ${type}`)
  }
}

async function restoring(table: Table, act: () => Promise<void>): Promise<void> {
  await asSuperuser(`CREATE TEMPORARY TABLE backup_of AS SELECT * FROM ${table}`)
  try {
    await act()
  } finally {
    await asSuperuser(`DELETE FROM ${table}`)
    await asSuperuser(`INSERT INTO ${table} SELECT * FROM backup_of`)
    await asSuperuser('DROP TABLE backup_of')
  }
}

const names = (finding: Finding, table: Table, keys: readonly Record<string, string>[]): boolean =>
  finding.table === table && keys.some((key) => Object.entries(key).every(([column, value]) => finding.key[column] === undefined || finding.key[column] === value) && Object.keys(key).some((column) => finding.key[column] !== undefined))

describe('a register changed behind Muster\'s back', () => {
  before(async () => {
    two = await twoRegisters()
    await seed()
    await becomeSuperuser()
    await asSuperuser('ALTER TABLE schema_turn DROP CONSTRAINT schema_turn_one')
  })
  after(async () => {
    leave()
    await left
    await two.remove()
  })

  test('every table of the database has a class and the key that the database gives it, and holds a row', async () => {
    const tables = await asSuperuser("SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1")
    assert.deepEqual(tables.map(({ name }) => name), [...TABLES].sort())
    for (const table of TABLES) {
      const key = await asSuperuser(`SELECT a.attname::text AS name FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) WHERE i.indrelid = '${table}'::regclass AND i.indisprimary`)
      assert.deepEqual(key.map(({ name }) => cellOf(name)).sort(), [...KEY_COLUMNS[table]].sort(), table)
      assert.ok(Number((await asSuperuser(`SELECT count(*) AS n FROM ${table}`))[0]?.n) > 0, `${table} is empty`)
    }
  })

  test('as it was written, the audit finds nothing', async () => {
    assert.deepEqual(await audit(), [])
  })

  for (const table of TABLES) {
    test(`${table}: each column changed in turn is found, and the row named`, async () => {
      const columns = await asSuperuser("SELECT column_name::text AS name, data_type::text AS type FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1 ORDER BY ordinal_position", [table])
      for (const { name, type } of columns) {
        await restoring(table, async () => {
          const order = KEY_COLUMNS[table].join(', ')
          const [before] = await asSuperuser(`SELECT *, ctid::text AS place FROM ${table} ORDER BY ${order} LIMIT 1`)
          const [changed] = await asSuperuser(`UPDATE ${table} SET ${cellOf(name)} = ${otherValue(cellOf(type), cellOf(name))} WHERE ctid = '${cellOf(before?.place)}'::tid RETURNING *`)
          assert.notEqual(cellOf(changed?.[cellOf(name)]), cellOf(before?.[cellOf(name)]), `${table}.${cellOf(name)} was not changed`)
          const found = await audit()
          assert.ok(found.some((finding) => names(finding, table, [keyOf(table, before as Row), keyOf(table, changed as Row)])), `${table}.${cellOf(name)}: ${JSON.stringify(found)}`)
        })
      }
      assert.deepEqual(await audit(), [], `${table} is whole again`)
    })
  }

  test('a row slipped into any table is found', async () => {
    for (const table of TABLES.filter((name) => name !== 'schema_turn')) {
      await restoring(table, async () => {
        const key = KEY_COLUMNS[table].at(-1) as string
        const [{ type } = { type: '' }] = await asSuperuser('SELECT data_type::text AS type FROM information_schema.columns WHERE table_name = $1 AND column_name = $2', [table, key])
        const columns = (await asSuperuser("SELECT column_name::text AS name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1 ORDER BY ordinal_position", [table])).map(({ name }) => cellOf(name))
        const values = columns.map((column) => column === key ? otherValue(cellOf(type), column) : column)
        const [added] = await asSuperuser(`INSERT INTO ${table} (${columns.join(', ')}) SELECT ${values.join(', ')} FROM ${table} ORDER BY ${KEY_COLUMNS[table].join(', ')} LIMIT 1 RETURNING *`)
        const found = await audit()
        assert.ok(found.some((finding) => names(finding, table, [keyOf(table, added as Row)])), `${table}: ${JSON.stringify(found)}`)
      })
    }
  })

  test('a row removed from any table is found, the first as well as the last', async () => {
    // Answers are kept for a day only, and go by themselves.
    for (const table of TABLES.filter((name) => name !== 'office_answer')) {
      for (const direction of ['ASC', 'DESC']) {
        await restoring(table, async () => {
          const order = KEY_COLUMNS[table].map((column) => `${column} ${direction}`).join(', ')
          await asSuperuser(`DELETE FROM ${table} WHERE ctid = (SELECT ctid FROM ${table} ORDER BY ${order} LIMIT 1)`)
          assert.ok((await audit()).some((finding) => finding.table === table), `${table} ${direction}: a removed row was not missed`)
        })
      }
    }
    assert.deepEqual(await audit(), [])
  })

  test('the last event of a batch, removed, is missed at its place', async () => {
    await restoring('custody_event', async () => {
      const [last] = await asSuperuser('SELECT batch_id, ordinal FROM custody_event ORDER BY ordinal DESC LIMIT 1')
      await asSuperuser('DELETE FROM custody_event WHERE batch_id = $1 AND ordinal = $2', [last?.batch_id, last?.ordinal])
      const key = { batch_id: cellOf(last?.batch_id), ordinal: cellOf(last?.ordinal) }
      assert.ok((await audit()).some((finding) => finding.table === 'custody_event' && isDeepStrictEqual(finding.key, key)))
    })
  })

  test('a case, a breach, a settlement, a trace, a paper or a checkpoint written anew by who has the register\'s key is convicted by what the log bound', async () => {
    await two.period(two.aa)
    assert.deepEqual(await audit(), [])
    for (const [table, column] of [['case_file', 'title'], ['breach', 'evidence'], ['settlement', 'reason'], ['trace', 'outcome'], ['paper', 'said'], ['watch', 'labels'], ['watch_news', 'proof'], ['case_act', 'act'], ['office_act', 'said'], ['checkpoint', 'note']] as const) {
      await restoring(table, async () => {
        const [row] = await asSuperuser(`SELECT * FROM ${table} ORDER BY ${KEY_COLUMNS[table].join(', ')} LIMIT 1`)
        assert.ok(row !== undefined)
        const forged = { ...row, [column]: `x${cellOf(row[column])}` }
        const places = KEY_COLUMNS[table].map((name, i) => `${name} = $${i + 3}`).join(' AND ')
        await asSuperuser(`UPDATE ${table} SET ${column} = $1, row_mac = $2 WHERE ${places}`, [forged[column], rowMac(register().secrets, table, forged), ...KEY_COLUMNS[table].map((name) => row[name])])
        const found = await audit()
        assert.ok(found.some((finding) => finding.code === 'log' && names(finding, table, [keyOf(table, row)])), `${table}: ${JSON.stringify(found)}`)
      })
    }
  })

  test('an event rewritten with its leaf is convicted by the digest; the batch rewritten too, by the log; the log rewritten too, by what was signed', async () => {
    const { secrets } = register()
    const [event] = await asSuperuser('SELECT e.*, b.secret FROM custody_event e JOIN event_batch b USING (batch_id) WHERE e.item_id = $1 AND e.seq = 0', [item])
    assert.ok(event !== undefined)
    const text = cellOf(event['event']).replace('"imported', '"imporTed')
    assert.notEqual(text, cellOf(event['event']))
    const leaf = Buffer.from(eventLeaf(p, leafSalt(event['secret'] as Uint8Array, item, 0), Buffer.from(text)))
    await asSuperuser('UPDATE custody_event SET event = $1, leaf = $2 WHERE item_id = $3 AND seq = 0', [text, leaf, item])
    const convicted = async (code: Finding['code'], table: Table) => {
      const found = await audit()
      assert.ok(found.length > 0 && found.some((finding) => finding.code === code && finding.table === table), JSON.stringify(found))
    }
    await convicted('digest', 'event_batch')

    const batch = event['batch_id'] as string
    const leaves = await asSuperuser('SELECT leaf FROM custody_event WHERE batch_id = $1 ORDER BY ordinal', [batch])
    const digest = Buffer.from(rootOf(p, leaves.map((row) => leafHash(p, row['leaf'] as Uint8Array))))
    const remac = async (table: Table, where: string, values: unknown[]) => {
      for (const row of await asSuperuser(`SELECT * FROM ${table} WHERE ${where}`, values)) {
        const key = KEY_COLUMNS[table]
        await asSuperuser(`UPDATE ${table} SET row_mac = $1 WHERE ${key.map((column, i) => `${column} = $${i + 2}`).join(' AND ')}`, [rowMac(secrets, table, row), ...key.map((column) => row[column])])
      }
    }
    await asSuperuser('UPDATE event_batch SET digest = $1 WHERE batch_id = $2', [digest, batch])
    await convicted('mac', 'event_batch')
    await remac('event_batch', 'batch_id = $1', [batch])
    await convicted('log', 'event_batch')

    await asSuperuser('UPDATE bound SET digest = $1 WHERE subject_id = $2', [digest, batch])
    await remac('bound', 'subject_id = $1', [batch])
    await convicted('log', 'log_entry')
    const [place] = await asSuperuser('SELECT agreement_id, entry_index FROM bound WHERE subject_id = $1', [batch])
    const members = await asSuperuser('SELECT salt, digest FROM bound WHERE entry_index = $1', [place?.['entry_index']])
    const entry = boundEntry(treeOf(secrets, cellOf(place?.['agreement_id']), Number(place?.['entry_index']), members as unknown as { salt: Uint8Array, digest: Uint8Array }[]).root)
    await asSuperuser('UPDATE log_entry SET entry = $1 WHERE entry_index = $2', [Buffer.from(entry), place?.['entry_index']])
    await convicted('log', 'log_entry')
  })
})
