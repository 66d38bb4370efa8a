// The schedule of an agreement, and what is owed under it; the model agreements that ship as examples.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { toHex } from '@muster/core/bytes/bytes.ts'
import { secondsOf, timeOf } from '@muster/core/bytes/time.ts'
import { agreementBytes, parseAgreement } from '@muster/core/rules/agreement.ts'
import { openable } from '@muster/core/rules/disclosure.ts'
import { addMonths, scheduled } from '@muster/core/rules/duty.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { dutiesOf, reportExchange } from '@muster/registry/agreement/duties.ts'
import { acknowledgeCall, issueCall } from '@muster/registry/call/act.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { recordProduction, stateReturn } from '@muster/registry/production/act.ts'
import { joinAgreement } from '@muster/registry/store/agreements.ts'
import { openRegister } from '@muster/registry/store/register.ts'
import { deliverOnce } from '@muster/registry/outbox.ts'
import { makeParty, servedRegistries, type Member, type Served } from './served.ts'
import { agreementWith, clock, DRILL } from './two.ts'

const ROOT = join(import.meta.dirname, '../..')
const DAY = 86_400
const YEAR_AGO = addMonths(timeOf(clock()), -13)
const ONE = { by: 'A. Petrova', and: null }
let served: Served
const at = (party: string) => ({ register: of(party).home().register, joined: of(party).hall().joined })
const of = (party: string): Member => served.of(party)
const codeOf = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code

before(async () => {
  served = await servedRegistries(['AA', 'BB'], {
    exchanges: [{ what: 'holdings', from: YEAR_AGO, everyMonths: 12, dueDays: 90 }, { what: 'declaration', from: YEAR_AGO, everyMonths: 12, dueDays: 1 }],
    escalation: [{ subject: 'calls', afterSeconds: DAY, office: 'Head of the body' }, { subject: 'calls', afterSeconds: 9 * DAY, office: 'Minister' }],
    deadlines: { openSeconds: 60, answerSeconds: 3600, receiptSeconds: 60, lookSeconds: DAY, callAcknowledgeSeconds: DAY, callAnswerSeconds: 10 * DAY },
  })
  for (const party of ['AA', 'BB']) await of(party).up()
})
after(() => served.remove())

test('a schedule goes by calendar months, and a period is owed once it has ended', () => {
  assert.equal(addMonths('2024-01-31T00:00:00Z', 1), '2024-02-29T00:00:00Z')
  assert.equal(addMonths('2023-12-31T10:00:00Z', 2), '2024-02-29T10:00:00Z')
  const exchange = { what: 'exports', from: '2026-01-01T00:00:00Z', everyMonths: 6, dueDays: 60 } as const
  assert.deepEqual(scheduled(exchange, '2026-06-30T23:59:59Z'), [])
  assert.deepEqual(scheduled(exchange, '2026-07-01T00:00:00Z'), [{ from: '2026-01-01T00:00:00Z', until: '2026-07-01T00:00:00Z', due: '2026-08-30T00:00:00Z' }])
})

test('what is owed by a schedule is due, done when it was told, and late when its day has passed', async () => {
  const states = async (party: string, now = clock()) => (await dutiesOf(at(party), now)).filter(({ what }) => what.startsWith('exchange/')).map(({ what, by, state }) => `${what.slice(9)} ${by} ${state}`).sort()
  assert.deepEqual(await states('AA'), ['declaration AA late', 'declaration BB late', 'holdings AA due', 'holdings BB due'])
  await assert.rejects(reportExchange(at('AA'), { what: 'exports', rows: [], note: null }, ONE, clock()), codeOf('agreement/no-such-exchange'))
  await reportExchange(at('AA'), { what: 'holdings', rows: [{ class: 'missile', type: '9М39', with: null, items: 40 }], note: null }, ONE, clock())
  await deliverOnce(of('AA').home(), of('AA').hall(), undefined)
  for (const party of ['AA', 'BB']) assert.deepEqual(await states(party), ['declaration AA late', 'declaration BB late', 'holdings AA done', 'holdings BB due'], party)
  assert.ok((await states('AA', clock() + 60 * DAY)).includes('holdings BB late'))
})

test('a call is not issued with less time than agreed; its acknowledgement and answer are owed, and a delay comes to the offices step by step', async () => {
  const asked = (due: string) => issueCall(at('AA'), { reason: 'exercise', classes: null, types: null, seen: 'opened', asOf: timeOf(clock()), due, remind: [], note: null }, ['BB' as PartyId], 'A. Petrova', clock())
  await assert.rejects(asked(timeOf(clock() + 9 * DAY)), codeOf('call/sooner-than-agreed'))
  const due = timeOf(clock() + 11 * DAY)
  const { call } = await asked(due)
  await deliverOnce(of('AA').home(), of('AA').hall(), undefined)
  const owed = async (party: string, now: number) => (await dutiesOf(at(party), now)).filter(({ what }) => what.startsWith('call/')).map(({ what, by, state, office }) => [what, by, state, office])
  assert.deepEqual(await owed('BB', clock() + 3 * DAY), [['call/acknowledge', 'BB', 'late', 'Head of the body'], ['call/answer', 'BB', 'due', null]])
  await acknowledgeCall(at('BB'), call, { office: null, expected: null, by: 'B. Karimov' }, clock())
  await deliverOnce(of('BB').home(), of('BB').hall(), undefined)
  for (const party of ['AA', 'BB']) assert.deepEqual((await owed(party, clock() + 21 * DAY)).toSorted(), [['call/acknowledge', 'BB', 'done', null], ['call/answer', 'BB', 'late', 'Minister']], party)
  assert.equal((await dutiesOf(at('AA'), clock())).find(({ what }) => what === 'call/answer')?.due, due)
})

test('the history of an item with an event that the agreement closes is opened by nobody, or by officers only', () => {
  const rules = { sections: [], events: [{ kind: 'issued', rule: 'officers' }, { kind: 'lost', rule: 'never' }] } as const
  const by = (standing: boolean) => ({ sections: ['status', 'history'] as const, standing })
  assert.deepEqual(openable(by(true), ['baseline'], rules), ['status', 'history'])
  assert.deepEqual(openable(by(true), ['baseline', 'issued'], rules), ['status'])
  assert.deepEqual(openable(by(false), ['baseline', 'issued'], rules), ['status', 'history'])
  assert.deepEqual(openable(by(false), ['baseline', 'lost'], rules), ['status'])
})

test('the returns of a licensed maker that the model after the kind of 2005 names are due and late by its dates, on both sides, and for nobody else', async () => {
  const folder = join(served.folder, 'licensed')
  const made = await Promise.all((['QA', 'QB'] as PartyId[]).map((code) => makeParty(folder, code)))
  const settings = JSON.parse(await readFile(join(ROOT, 'examples/agreements/two-2005.json'), 'utf8')) as Record<string, unknown>
  const agreement = agreementWith(made.map(({ party, record }) => ({ id: party, name: { en: party, ru: party }, keyRecord: toHex(p.sha256(record)) })), settings)
  const records = new Map(made.map(({ party, record }) => [party, record]))
  const began = secondsOf('2026-06-01T00:00:00Z')
  const sides = await Promise.all(made.map(async ({ dataDir }) => {
    const register = await openRegister(dataDir)
    return { register, joined: await joinAgreement(register, agreementBytes(agreement), records, new Map(), began) }
  }))
  const owed = (when: string) => Promise.all(sides.map(async (side) => (await dutiesOf(side, secondsOf(when))).filter(({ what }) => what === 'production/return').map(({ by, to, about, due, state }) => [by, to, about, due, state])))
  const row = (state: string) => [['QB', 'QA', 'E-5 2026-01-01T00:00:00Z/2026-07-01T00:00:00Z', '2026-08-30T00:00:00Z', state]]
  try {
    assert.deepEqual(await owed('2026-06-30T23:59:59Z'), [[], []])
    assert.deepEqual([await owed('2026-07-02T00:00:00Z'), await owed('2026-08-31T00:00:00Z')], [[row('due'), row('due')], [row('late'), row('late')]])
    const [licensor, licensee] = sides as [(typeof sides)[number], (typeof sides)[number]]
    await recordProduction(licensee.register, { identity: { class: 'missile', type: { is: 'E-5' }, maker: { is: 'Exercise works 1' }, year: { is: '2026' }, lot: { is: '1' } }, serials: ['1', '2'], site: 'unknown', happened: '2026-06-30T00:00:00Z', reason: 'manufactured' }, ONE, secondsOf('2026-07-01T00:00:00Z'))
    const stating = (side: typeof licensee, when: string) => stateReturn(side, { type: 'E-5', note: null }, ONE, secondsOf(when))
    await assert.rejects(stating(licensor, '2026-07-03T00:00:00Z'), codeOf('production/no-such-term'))
    await assert.rejects(stating(licensee, '2026-06-30T00:00:00Z'), codeOf('production/no-such-term'))
    const { body, message } = await stating(licensee, '2026-08-29T00:00:00Z')
    assert.deepEqual([message.payload.to, body.rows.map(({ made: count, opened }) => [count, opened?.serials])], ['QA', [[2, ['1', '2']]]])
    assert.deepEqual((await owed('2026-08-31T00:00:00Z'))[1], row('done'))
  } finally {
    for (const { register } of sides) await register.close()
  }
})

test('each model agreement becomes a valid agreement among exercise states', async () => {
  for (const [file, codes] of [['many-2003', ['QA', 'QB', 'QC', 'QD', 'QE']], ['two-2005', ['QA', 'QB']]] as const) {
    const made = await Promise.all(codes.map((code) => makeParty(join(served.folder, file), code as PartyId)))
    const out = join(served.folder, `${file}.json`)
    const records = made.flatMap(({ party, dataDir }) => ['--record', join(dataDir, `record-${party}.json`)])
    for (const { party, dataDir, record } of made) await writeFile(join(dataDir, `record-${party}.json`), record)
    await promisify(execFile)(process.execPath, [join(ROOT, 'cli/main.ts'), 'agreement', 'draft', DRILL, ...records, '--settings', join(ROOT, `examples/agreements/${file}.json`), '--exercise', '--out', out])
    const agreement = parseAgreement(new Uint8Array(await readFile(out)))
    assert.ok(!(agreement instanceof Error), agreement instanceof Error ? agreement.message : '')
    assert.equal(agreement.parties.length, codes.length)
    assert.ok(JSON.stringify(agreement.title).includes('EXERCISE'))
  }
})
