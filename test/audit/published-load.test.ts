// Readings of public registers are bound in the log: which figures were at hand when, and what a source said before, nobody can make otherwise later.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { toHex } from '@muster/core/bytes/bytes.ts'
import { agreementBytes } from '@muster/core/rules/agreement.ts'
import { figuresOf, type PublishedLoad } from '@muster/core/rules/published.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { makeOprfKey } from '@muster/registry/evaluator/key.ts'
import { auditRegister } from '@muster/registry/log/audit.ts'
import { loadPublished, publishedLoads } from '@muster/registry/published/act.ts'
import { joinAgreement } from '@muster/registry/store/agreements.ts'
import { firstKeyRecord, makeAgreementKeys } from '@muster/registry/store/keys.ts'
import { rowMac } from '@muster/registry/store/row-mac.ts'
import { behindItsBack, scratchParty } from '@muster/registry/store/scratch-register.ts'
import { command } from '../federation/command.ts'
import { agreementWith, BASELINE, clock, DRILL, twoRegisters, type Two } from '../federation/two.ts'

let two: Two
const findings = async () => (await auditRegister(two.aa.register, { onTotal: () => undefined, onRows: () => undefined })).findings
const subjects = (of: Pick<Two['aa'], 'register'>, table: 'waiting' | 'bound') => of.register.db.read<{ subject_id: string }>(`SELECT subject_id FROM ${table} WHERE subject_id LIKE 'act_once published %' ORDER BY subject_id`).then((rows) => rows.map(({ subject_id }) => subject_id))
const reading = (quantity: number): PublishedLoad => ({ source: 'Register one', day: '2026-02-01', by: 'C. Orlova', file: 'public.csv', note: null, rows: [{ exporter: 'Northland', importer: 'Southland', model: '9M39', year: 2019, quantity }] })

before(async () => { two = await twoRegisters() })
after(() => two.remove())

test('each reading waits for the log and is bound with the next period; a figure that is restated keeps what was said', async () => {
  const dir = two.aa.register.dataDir
  const file = join(dir, 'public.csv')
  for (const quantity of [12, 10]) {
    await writeFile(file, `supplier;recipient;designation;delivery year;numbers delivered\nNorthland;Southland;9M39;2019;${quantity}\n`)
    await command(dir, `published load ${file} --source Invented --date 2026-0${quantity - 9}-01 --by Orlova`)
  }
  assert.deepEqual([await subjects(two.aa, 'waiting'), await subjects(two.aa, 'bound')], [['act_once published 0', 'act_once published 1'], []])
  assert.deepEqual(await findings(), [])
  await two.period(two.aa)
  assert.deepEqual([await subjects(two.aa, 'waiting'), await subjects(two.aa, 'bound')], [[], ['act_once published 0', 'act_once published 1']])
  assert.deepEqual(await findings(), [])
  assert.deepEqual(figuresOf(await publishedLoads(two.aa.register)).map(({ history }) => history.map(({ quantity }) => quantity)), [[12, 10]])
})

test('a reading that is written anew by who has the register\'s key, taken away, or slipped in is missed', async () => {
  const { register } = two.aa
  const [held] = await register.db.read<{ act_key: string, answer: string, written: string, row_mac: Buffer }>("SELECT act_key, answer, written, row_mac FROM act_once WHERE act_key = 'published 0'")
  assert.ok(held !== undefined)
  const found = async (code: string) => assert.ok((await findings()).some((finding) => finding.table === 'act_once' && finding.code === code), `${code}: ${JSON.stringify(await findings())}`)
  const put = (row: typeof held, statement: string) => behindItsBack(register, async (connection) => { await connection.query(statement, [row.act_key, row.answer, row.written, row.row_mac]) })
  const write = 'UPDATE act_once SET answer = $2, written = $3, row_mac = $4 WHERE act_key = $1'
  const insert = 'INSERT INTO act_once (act_key, answer, written, row_mac) VALUES ($1, $2, $3, $4)'
  const forged = { ...held, answer: held.answer.replace('"quantity":12', '"quantity":10') }
  assert.notEqual(forged.answer, held.answer)
  await put({ ...forged, row_mac: rowMac(register.secrets, 'act_once', forged) }, write)
  await found('log')
  await put(held, write)
  await behindItsBack(register, async (connection) => { await connection.query("DELETE FROM act_once WHERE act_key = 'published 0'") })
  await found('missing')
  await put(held, insert)
  assert.deepEqual(await findings(), [])
  const slipped = { ...held, act_key: 'published 2' }
  await put({ ...slipped, row_mac: rowMac(register.secrets, 'act_once', slipped) }, insert)
  assert.ok((await findings()).length > 0)
  await behindItsBack(register, async (connection) => { await connection.query("DELETE FROM act_once WHERE act_key = 'published 2'") })
  assert.deepEqual(await findings(), [])
})

test('what was read before an agreement was joined is bound in its log too', async () => {
  const register = await scratchParty()
  try {
    for (const quantity of [12, 10]) await loadPublished(register, reading(quantity), clock())
    const party = register.file.party
    const made = await Promise.all([party, 'ZZ' as PartyId].map(async (id) => {
      const keys = await makeAgreementKeys(id === party ? register.dataDir : join(register.folder, 'other'), DRILL)
      return { id, record: await firstKeyRecord(keys, DRILL, id, BASELINE, await makeOprfKey(id === party ? register.dataDir : join(register.folder, 'other'), DRILL)) }
    }))
    const agreement = agreementWith(made.map(({ id, record }) => ({ id, name: { en: id, ru: id }, keyRecord: toHex(p.sha256(record)) })), {})
    await joinAgreement(register, agreementBytes(agreement), new Map(made.map(({ id, record }) => [id, record])), new Map(), clock())
    assert.deepEqual(await subjects({ register }, 'waiting'), ['act_once published 0', 'act_once published 1'])
  } finally {
    await register.remove()
  }
})
