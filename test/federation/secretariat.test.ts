// A secretariat that an agreement names, and three real registries that tell it who answered which call: what it sees, what it never sees, and that nobody
// else sees it.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { timeOf } from '@muster/core/bytes/time.ts'
import { agreementBytes } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { toldMatrix, type ToldRow } from '@muster/core/rules/secretariat.ts'
import type { TellingOf } from '@muster/core/wire/ticket.ts'
import { askCalls, askDuties, makeSecretariat, readSecretariat, secretariatTicket, type SecretariatKeys } from '@muster/registry/ask-as-secretariat.ts'
import { acknowledgeCall, answerCall, declineCall, issueCall } from '@muster/registry/call/act.ts'
import { callsReceived } from '@muster/registry/call/matrix.ts'
import { deliverOnce } from '@muster/registry/outbox.ts'
import { ticketFor } from '@muster/registry/peer/client.ts'
import { servedRegistries, type Member, type Served } from './served.ts'
import { clock, DRILL, enter } from './two.ts'

const TWO = { by: 'A. Petrova', and: 'B. Karimov' }
const PARTIES = ['AA', 'BB', 'CC'] as const
const SERIALS = ['70114', '70115', '81', 'К-0207']
const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))

const made = makeSecretariat('secretariat')
const keys = readSecretariat(Buffer.from(made.file))
const folder = mkdtempSync(join(tmpdir(), 'muster-secretariat-'))
let served: Served
let call = ''
const of = (party: string): Member => served.of(party)
const at = (party: string) => ({ register: of(party).home().register, joined: of(party).hall().joined })
const send = (party: string) => deliverOnce(of(party).home(), of(party).hall(), of(party).answering().message)
const url = (party: string) => `http://127.0.0.1:${of(party).port}`
const registry = (party: string) => ({ party: party as PartyId, url: url(party) })

before(async () => {
  served = await servedRegistries([...PARTIES], {
    liars: 0, quorum: 2, secretariats: [{ id: 'secretariat', name: { en: 'Secretariat of the exercise', ru: 'Секретариат учения' }, ...made.keys }],
    deadlines: { openSeconds: 60, answerSeconds: 3600, receiptSeconds: 60, lookSeconds: 86_400, callAcknowledgeSeconds: 3_600 },
  })
  for (const party of PARTIES) await of(party).up()
  await enter(of('BB').side(), 'baseline', SERIALS.slice(0, 3).map((serial) => ({ serial, type: '9М39' })))
  await enter(of('AA').side(), 'baseline', [{ serial: SERIALS[3] as string, class: 'gripstock' }])
  writeFileSync(join(folder, 'keys.json'), made.file)
  writeFileSync(join(folder, 'agreement.json'), agreementBytes(served.agreement));
  ({ call } = await issueCall(at('AA'), { reason: 'exercise', classes: null, types: ['9М39'], seen: 'opened', asOf: timeOf(clock()), due: timeOf(clock() + 3_600), remind: [], note: 'no. 70114 is asked for' }, ['BB', 'CC'] as PartyId[], 'A. Petrova', clock()))
  await send('AA')
  for (const party of ['BB', 'CC']) for (const end = performance.now() + 20_000; (await callsReceived(at(party))).length === 0;) {
    assert.ok(performance.now() < end, `${party} does not get the call`)
    await sleep(50)
  }
})
after(async () => {
  rmSync(folder, { recursive: true, force: true })
  await served.remove()
})

const matrix = async (...parties: readonly string[]): Promise<ToldRow[]> => toldMatrix(await Promise.all(parties.map((party) => askCalls(keys, registry(party), DRILL, clock()))))
const rowOf = (rows: readonly ToldRow[], to: string) => rows.find((row) => row.to === to && row.call === call) as ToldRow
const seen = ({ caller, addressee, contradiction }: ToldRow) => [caller?.standing ?? null, addressee?.standing ?? null, contradiction]

test('the matrix is put together from all registries that answer: who has the call, who says so, and what only one side has is shown as such', async () => {
  assert.deepEqual(seen(rowOf(await matrix(...PARTIES), 'BB')), ['received', 'open', null])
  await acknowledgeCall(at('CC'), call, { office: 'Office of Mr. N', expected: null, by: 'A. Petrova' }, clock())
  await answerCall(at('BB'), call, 'three, 70114 among them', TWO, clock())
  const before = await matrix(...PARTIES)
  assert.deepEqual(seen(rowOf(before, 'BB')), ['received', 'answered', 'word-not-here'])
  await send('BB')
  await send('CC')
  const rows = await matrix(...PARTIES)
  assert.deepEqual([seen(rowOf(rows, 'BB')), seen(rowOf(rows, 'CC'))], [['answered', 'answered', null], ['acknowledged', 'acknowledged', null]])
  assert.deepEqual(rowOf(rows, 'BB').caller?.numbers, [{ class: 'missile', opened: 0, sealed: 0, records: 3 }])
  assert.deepEqual(rowOf(rows, 'BB').caller?.numbers, rowOf(rows, 'BB').addressee?.numbers)
  assert.deepEqual([seen(rowOf(await matrix('AA'), 'BB')), seen(rowOf(await matrix('BB'), 'BB'))], [['answered', null, null], [null, 'answered', null]])
})

test('another word there, another number there, a call that its caller does not have, and one that was received and is not there, are contradictions', async () => {
  const told = await Promise.all(PARTIES.map((party) => askCalls(keys, registry(party), DRILL, clock())))
  const [aa, bb, cc] = told as [(typeof told)[number], (typeof told)[number], (typeof told)[number]]
  const received = bb.received[0] as (typeof bb.received)[number]
  const told1 = (changes: object) => rowOf(toldMatrix([aa, { ...bb, received: [{ ...received, ...changes }] }, cc]), 'BB').contradiction
  assert.equal(told1({ standing: 'declined', numbers: null }), 'other-word')
  assert.equal(told1({ numbers: [{ class: 'missile', opened: 3, sealed: 0, records: 0 }] }), 'other-numbers')
  assert.equal(told1({ standing: 'open', said: null, numbers: null }), 'word-not-given')
  assert.equal(told1({ call: 'ab'.repeat(16) }), 'not-received')
  assert.equal(toldMatrix([aa, { ...bb, received: [{ ...received, call: 'ab'.repeat(16) }] }]).find((row) => row.call === 'ab'.repeat(16))?.contradiction, 'not-issued')
  assert.equal(toldMatrix([{ ...aa, issued: [] }, bb]).find(({ to }) => to === 'BB')?.contradiction, 'not-issued')
  assert.equal(toldMatrix([aa, { ...aa, issued: [] }, bb]).length, 2, 'the second that speaks for AA is not heard')
})

const get = (party: string, what: string, headers: Record<string, string> = {}) => fetch(`${url(party)}/secretariat/${DRILL}/${what}`, { headers })
const ticket = (host: string, what: TellingOf, changes: Partial<SecretariatKeys> = {}, time = clock()) => secretariatTicket({ ...keys, ...changes }, host as PartyId, DRILL, what, time)

test('no byte of an answer is a serial number, an id of an item, a mark or a text that somebody wrote', async () => {
  for (const party of PARTIES) {
    const { db } = of(party).home().register
    const items = await db.read<{ item_id: string, serial: string | null }>('SELECT item_id, serial FROM item')
    const words = [...SERIALS, ...items.flatMap(({ item_id, serial }) => [item_id, ...(serial === null ? [] : [serial])]), '9М39', '9M39', 'Office of Mr. N', 'asked for', 'among them', 'Petrova']
    for (const what of ['calls', 'duties'] as const) {
      const response = await get(party, what, ticket(party, what))
      assert.equal(response.status, 200)
      // Times and ids of calls are digits too: what they are is left out before the rest is searched.
      const text = JSON.stringify(JSON.parse(await response.text()), (_, value: unknown) => typeof value === 'string' && /^([0-9a-f]{32}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$/.test(value) ? '' : value)
      for (const word of words) assert.ok(!text.includes(word), `${party} ${what}: ${word}`)
    }
  }
})

test('nobody but the secretariat is told: no ticket, another\'s, another host\'s, another question\'s, an old one, a party\'s, one signature that does not hold', async () => {
  const absent = await (await get('BB', 'nothing')).text()
  const stranger = readSecretariat(Buffer.from(makeSecretariat('secretariat').file))
  const [header = ''] = Object.values(ticket('BB', 'calls'))
  const [id, time, ed25519, mldsa44] = header.split(' ') as [string, string, string, string]
  const spoilt = (text: string) => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`
  const { keys: { message } } = at('AA').joined
  const wrong: Record<string, string>[] = [
    {}, ticket('BB', 'calls', stranger), ticket('BB', 'calls', { id: 'other' }), ticket('AA', 'calls'), ticket('BB', 'duties'), ticket('BB', 'calls', {}, clock() - 302), ticket('BB', 'calls', {}, clock() + 302),
    ticketFor(message.ed25519, 'AA' as PartyId, 'BB' as PartyId, DRILL, clock()),
    ...[[id, time, spoilt(ed25519), mldsa44], [id, time, ed25519, spoilt(mldsa44)], [id, time, ed25519], [id, time, ed25519, mldsa44, 'x'], [id, timeOf(clock() + 1), ed25519, mldsa44]].map((parts) => ({ 'muster-ticket': parts.join(' ') })),
  ]
  for (const headers of wrong) {
    const response = await get('BB', 'calls', headers)
    assert.deepEqual([response.status, await response.text()], [404, absent], JSON.stringify(headers).slice(0, 120))
  }
  // What is the secretariat's opens no declaration.
  assert.equal((await fetch(`${url('BB')}/d/${DRILL}/${'0'.repeat(64)}/head.json`, { headers: ticket('BB', 'calls') })).status, 404)
  assert.equal((await get('BB', 'calls', ticket('BB', 'calls'))).status, 200)
})

test('numbers are told where the agreement opens the status of items without asking officers, and nowhere else', async () => {
  const { joined } = at('BB')
  const { callsTold } = await import('@muster/registry/secretariat.ts')
  const closed = { register: at('BB').register, joined: { ...joined, agreement: { ...joined.agreement, standing: null } } }
  assert.deepEqual((await callsTold(closed, clock())).received.map(({ numbers, standing }) => [standing, numbers]), [['answered', null]])
})

test('a refusal is told with its code; what is owed is told by each side', async () => {
  await declineCall(at('CC'), call, { stance: 'objects', reason: 'neutrality', note: 'words' }, TWO, clock())
  await send('CC')
  const row = rowOf(await matrix(...PARTIES), 'CC')
  assert.deepEqual([seen(row), row.caller?.reason, row.caller?.numbers], [['objected', 'objected', null], 'neutrality', null])
  const duties = await askDuties(keys, registry('AA'), DRILL, clock())
  assert.ok(duties.duties.some(({ by, state, about }) => by === 'BB' && state === 'done' && about === call), JSON.stringify(duties.duties))
})

function muster(...words: readonly string[]): Promise<{ readonly code: number, readonly out: string, readonly err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, 'secretariat', ...words], { env: { ...process.env, MUSTER_LANG: 'en' } }, (error, out, err) => { resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }) })
  })
}

/** What it prints until it has printed two lines and is stopped. */
function watched(...words: readonly string[]): Promise<string[]> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, 'secretariat', ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.split('\n').length > 2) child.kill('SIGTERM')
    })
    child.on('close', () => { resolve(said.split('\n').filter((line) => line !== '')) })
  })
}

test('muster secretariat shows it in both languages, marks an exercise, and names who does not answer or speaks for another', async () => {
  const common = ['--agreement', join(folder, 'agreement.json'), '--keys', join(folder, 'keys.json'), '--registry', `AA=${url('AA')}`, '--registry', `BB=${url('BB')}`]
  const shown = await muster('calls', ...common, '--registry', `CC=${url('BB')}`)
  assert.equal(shown.code, 0, shown.err)
  assert.match(shown.out, /^EXERCISE · exercise-2 · \d{4}-/)
  assert.match(shown.out, /AA → BB .*counted.*missile 0\/0\/3/)
  assert.match(shown.out, /CC does not answer: CC shows nothing to this secretariat/)
  assert.match((await muster('calls', ...common, '--registry', 'CC=http://127.0.0.1:9', '--lang', 'ru')).out, /УЧЕНИЯ[^]*подсчитано[^]*CC не отвечает/)
  const json = JSON.parse((await muster('duties', ...common, '--json')).out) as { exercise: boolean, duties: { toldBy: string }[] }
  assert.deepEqual([json.exercise, [...new Set(json.duties.map(({ toldBy }) => toldBy))].sort()], [true, ['AA', 'BB']])
  const lines = await watched('calls', ...common, '--watch', '1', '--json')
  assert.ok(lines.length >= 2 && lines.every((line) => (JSON.parse(line) as { calls: unknown[] }).calls.length === 2), lines.join('\n'))
  const init = await muster('init', '--id', 'second', '--name', 'Second', '--out', join(folder, 'second.json'), '--json')
  assert.equal((JSON.parse(init.out) as { member: { id: string } }).member.id, 'second')
  assert.equal((await muster('init', '--id', 'second', '--name', 'Second', '--out', join(folder, 'second.json'))).code, 3)
  assert.equal((await muster('calls', ...common, '--registry', 'ZZ=http://127.0.0.1:9')).code, 2)
})
