// Directories of offices between two registers: stated, found by a message when it arrives, rerouted without moving what is due; terms side by side.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { addSeconds, timeOf } from '@muster/core/bytes/time.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import type { Directory, Office } from '@muster/core/rules/office.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { TermRow } from '@muster/core/rules/terms-map.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { sodiumGroup } from '@muster/fast/sodium-group.ts'
import { answerCall, issueCall } from '@muster/registry/call/act.ts'
import { callsIssued, callsReceived } from '@muster/registry/call/matrix.ts'
import { reroute, stateDirectory, stateTerms } from '@muster/registry/directory/act.ts'
import { directoriesOf, directoryBy, officesOf, termsWith } from '@muster/registry/directory/view.ts'
import { requestBy } from '@muster/registry/request/view.ts'
import { ask, findOf, formalOf, hand, openDoor, question, say, type Door } from './asked.ts'
import { command } from './command.ts'
import { clock, enter, twoRegisters, type Side, type Two } from './two.ts'

const BY = { by: 'A. Petrova', and: null }
const TWO = { by: 'A. Petrova', and: 'B. Karimov' }
const ALWAYS: Office['hours'] = [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', until: '24:00' }]
const office = (code: string, changes: Partial<Office> = {}): Office => ({ code, names: { en: `Office ${code}`, ru: `Отдел ${code}` }, subjects: [], hours: ALWAYS, closed: [], from: null, until: null, otherwise: null, ...changes })
const TODAY = timeOf(clock()).slice(0, 10)
const FIRST: Directory = { offices: [office('tracing', { subjects: ['trace', 'call'], closed: [{ from: TODAY, until: addSeconds(timeOf(clock()), 86_400).slice(0, 10) }], otherwise: 'duty' }), office('duty'), office('gone', { until: '2026-01-02' })] }
const SECOND: Directory = { offices: [office('tracing', { subjects: ['trace'] }), office('counting', { subjects: ['call'] })] }
const term = (code: string) => ({ code, text: code })
const row = (own: string, theirs: string | null, relation: TermRow['relation']): TermRow => ({ what: 'designation', own: term(own), theirs: theirs === null ? null : term(theirs), relation, note: null })

let two: Two
let group: Group
let toBbDoor: Door
let toAaDoor: Door
let formal: Message
let call: Message
const home = (side: Side) => ({ register: side.register, joined: side.joined })
const codeOf = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code
const toAa = (message: Message) => hand(two.bb, toAaDoor, message)
const toBb = (message: Message) => hand(two.aa, toBbDoor, message)
const placed = async (side: Side, message: Message) => (await officesOf(home(side), [message])).get(message.id)

before(async () => {
  group = await sodiumGroup()
  two = await twoRegisters({ standing: null, batches: [16], openOneIn: 1000 })
  await enter(two.bb, 'baseline', [{ type: '9M39', serial: '77123' }])
  const { head } = await two.declare(two.bb)
  const [item = ''] = await enter(two.aa, 'seized', [{ type: '9M39', serial: '77123' }])
  await two.period(two.aa)
  toBbDoor = openDoor(two.bb, group)
  toAaDoor = openDoor(two.aa, group)
  for (const message of await stateDirectory(home(two.bb), FIRST, BY, clock())) await toAa(message)
  const find = await findOf(two.aa, item)
  formal = (await ask(two.aa, toBbDoor, formalOf(await question(group, two.aa, two.bb, toBbDoor, head, [find]), find))).request
  call = (await issueCall(home(two.aa), { reason: 'exercise', classes: null, types: null, seen: 'records', asOf: timeOf(clock()), due: timeOf(clock() + 200), remind: [], note: null }, ['BB' as PartyId], 'A. Petrova', clock())).messages[0] as Message
  await toBb(call)
})
after(async () => {
  await toBbDoor.evaluator.close()
  await toAaDoor.evaluator.close()
  await two.remove()
})

test('a message finds its office when it arrives, and both sides say which: a newer directory finds other offices for what arrives after it alone', async () => {
  const duty = { by: 'deputy', office: 'duty', instead: 'tracing' }
  for (const side of [two.aa, two.bb]) assert.deepEqual([await placed(side, formal), await placed(side, call)], [duty, duty], side.party)
  await new Promise((resolve) => setTimeout(resolve, 1100))
  for (const message of await stateDirectory(home(two.bb), SECOND, BY, clock())) await toAa(message)
  for (const side of [two.aa, two.bb]) {
    assert.deepEqual(await placed(side, formal), duty, side.party)
    assert.deepEqual((await directoriesOf(home(side), two.bb.party)).map(({ body }) => body.offices.length), [3, 2], side.party)
    assert.deepEqual((await directoryBy(home(side), two.bb.party, timeOf(clock())))?.body, SECOND, side.party)
  }
  assert.deepEqual(await placed(two.bb, await noteToBb()), { by: 'no-office', office: null })
  assert.deepEqual(await placed(two.aa, (await toAaNotice())), { by: 'no-directory', office: null })
})

/** A word of a family of which no office answers. */
async function noteToBb(): Promise<Message> {
  const message = await say(two.aa, { to: two.bb.party, kind: 'directory/terms', body: { rows: [row('a', null, 'none')] } })
  await toBb(message)
  return message
}

async function toAaNotice(): Promise<Message> {
  const message = await say(two.bb, { to: two.aa.party, kind: 'directory/terms', body: { rows: [row('x', null, 'none')] } })
  await toAa(message)
  return message
}

test('a rerouted trace and a rerouted call are due when they were, on both sides, and an answer beyond that is late', async () => {
  const dues = async (side: Side) => [(await requestBy(home(side), formal.id, clock())).due, (await requestBy(home(side), formal.id, clock())).standing.due]
  const [aa, bb] = [await dues(two.aa), await dues(two.bb)]
  for (const message of [formal, call]) await toAa(await reroute(home(two.bb), message.id.slice(0, 12), { to: 'counting', reason: 'other-in-charge', note: null }, BY, clock() + 300))
  for (const side of [two.aa, two.bb]) for (const message of [formal, call]) assert.deepEqual(await placed(side, message), { by: 'rerouted', office: 'counting', reason: 'other-in-charge' }, side.party)
  assert.deepEqual([await dues(two.aa), await dues(two.bb)], [aa, bb])
  const due = addSeconds(formal.payload.time, 3600)
  assert.deepEqual(aa, [due, due])
  for (const side of [two.aa, two.bb]) {
    assert.equal((await requestBy(home(side), formal.id, clock() + 3500)).standing.overdue, false)
    assert.equal((await requestBy(home(side), formal.id, clock() + 3601)).standing.overdue, true)
  }
  const [received] = await callsReceived(home(two.bb))
  assert.equal(received?.body.due, call.payload.body.due)
  const rows = async (at: number) => (await callsIssued(home(two.aa), at))[0]?.rows.map(({ standing, late }) => [standing, late])
  assert.deepEqual(await rows(clock() + 601), [['silent', false]])
  const answer = await answerCall(home(two.bb), received?.body.call ?? '', null, TWO, clock() + 250)
  await toAa(answer)
  assert.deepEqual(await rows(clock() + 601), [['answered', true]])
})

test('who did not receive a message sends it nowhere, and a rerouting of what was not sent, to nobody, or by another form is refused', async () => {
  const to = (changes: object = {}) => ({ to: 'tracing', reason: 'urgent' as const, note: null, ...changes })
  await assert.rejects(reroute(home(two.aa), formal.id, to(), BY, clock()), codeOf('directory/not-received'))
  for (const id of ['', formal.id.slice(0, 7), '%%%%%%%%', 'ab'.repeat(32)]) await assert.rejects(reroute(home(two.bb), id, to(), BY, clock()), codeOf('directory/not-received'))
  await assert.rejects(reroute(home(two.bb), formal.id, to({ to: 'nobody' }), BY, clock()), codeOf('directory/no-office'))
  await assert.rejects(reroute(home(two.bb), formal.id, to({ to: 'counting' }), BY, clock()), codeOf('directory/there-already'))
  const own = (await directoriesOf(home(two.aa), two.bb.party))[0]?.message.id ?? ''
  await assert.rejects(reroute(home(two.aa), own, to(), BY, clock()), codeOf('directory/none'))
  const told = async (body: { readonly [name: string]: string | null }, from: Side = two.bb) => from === two.bb ? toAa(await say(two.bb, { to: two.aa.party, kind: 'directory/rerouted', body })) : toBb(await say(two.aa, { to: two.bb.party, kind: 'directory/rerouted', body }))
  const body = { request: formal.id, from: null, to: 'tracing', reason: 'urgent', note: null }
  await assert.rejects(told({ ...body, request: 'ab'.repeat(32) }), /directory\/unknown/)
  await assert.rejects(told(body, two.aa), /directory\/unknown/)
  await assert.rejects(told({ ...body, reason: 'because' }), /directory\/shape/)
  assert.equal((await placed(two.aa, formal))?.office, 'counting')
})

test('offices are on the command line in both languages: stated from a file, shown at a time, filtered by, sent on to', async () => {
  const dir = two.bb.register.dataDir
  const file = join(dir, 'offices.json')
  await writeFile(file, JSON.stringify(SECOND))
  assert.deepEqual((await command(dir, `directory state ${file} --by Petrova`)).json.to, ['AA'])
  await writeFile(file, JSON.stringify({ offices: [...SECOND.offices, office('tracing')] }))
  await assert.rejects(command(dir, `directory state ${file} --by Petrova`), codeOf('directory/shape'))
  const shown = await command(dir, 'directory show')
  assert.deepEqual((shown.json.finds as Record<string, unknown>).call, { by: 'hours', office: 'counting' })
  for (const [lang, words] of [['en', /Office counting/], ['ru', /Отдел counting/]] as const) assert.match((await command(dir, 'directory show', { lang, json: false })).out, words)
  await assert.rejects(command(dir, 'directory show BB --at 2026-01-01T00:00:00Z'), codeOf('directory/none'))
  const list = async (code: string) => ((await command(dir, `request list --all --office ${code}`)).json.requests as { id: string }[]).map(({ id }) => id)
  assert.deepEqual([await list('counting'), await list('tracing')], [[formal.id], []])
  assert.match((await command(dir, `directory route ${formal.id.slice(0, 12)} --to tracing --reason not-its-subject --by Petrova`, { lang: 'ru', json: false })).out, /Срок прежний/)
  assert.deepEqual([await list('counting'), await list('tracing')], [[], [formal.id]])
  assert.match((await command(dir, 'call list', { json: false })).out, /counting, rerouted: other-in-charge/)
  // The same for machines, on the side that received the call and in the matrix of the side that issued it.
  const lies = { by: 'rerouted', office: 'counting', reason: 'other-in-charge' }
  assert.deepEqual(((await command(dir, 'call list')).json.received as { office: unknown }[]).map(({ office: where }) => where), [lies])
  const matrix = (await command(two.aa.register.dataDir, `call show ${call.payload.body.call as string}`)).json.matrix as { party: string, office: unknown }[]
  assert.deepEqual(matrix.map(({ party, office: where }) => [party, where]), [['BB', lies]])
  for (const lang of ['en', 'ru'] as const) assert.match((await command(two.aa.register.dataDir, `call show ${call.payload.body.call as string}`, { lang, json: false })).out, lang === 'en' ? /counting, rerouted: other-in-charge/ : /counting, переадресовано: other-in-charge/)
  const { json } = await command(dir, `correspondence ${call.payload.body.call as string} --out ${join(dir, 'call.json')}`)
  assert.equal((json.offices as Record<string, { office: string }>)[call.id]?.office, 'counting')
})

test('terms of both parties stand side by side: what both say alike, otherwise, or one alone; the newest statement of each counts', async () => {
  await toAa(await stateTerms(home(two.bb), two.aa.party, { rows: [row('x', 'a', 'same'), row('y', 'b', 'same'), row('z', null, 'none')] }, BY, clock()))
  await toAa(await stateTerms(home(two.bb), two.aa.party, { rows: [row('x', 'a', 'broader'), row('y', 'b', 'same'), row('z', null, 'none')] }, BY, clock()))
  const dir = two.aa.register.dataDir
  const file = join(dir, 'terms.json')
  await writeFile(file, JSON.stringify({ rows: [row('a', 'x', 'narrower'), row('b', 'y', 'overlaps'), row('c', null, 'none')] }))
  await command(dir, `directory terms state ${file} --to BB --by Petrova`)
  const mine = await termsWith(home(two.aa), two.bb.party)
  assert.deepEqual(mine.rows.map(({ here, there, standing }) => [here?.code ?? null, there?.code ?? null, standing]), [['a', 'x', 'agree'], ['b', 'y', 'contradict'], ['c', null, 'one'], [null, 'z', 'one']])
  assert.deepEqual(((await command(dir, 'directory terms show BB')).json.rows as { standing: string }[]).map(({ standing }) => standing), ['agree', 'contradict', 'one', 'one'])
  for (const [lang, words] of [['en', /CONTRADICT/], ['ru', /ПРОТИВОРЕЧАТ/]] as const) assert.match((await command(dir, 'directory terms show BB', { lang, json: false })).out, words)
  await assert.rejects(stateTerms(home(two.aa), two.aa.party, { rows: [row('a', null, 'none')] }, BY, clock()), codeOf('directory/no-party'))
  await assert.rejects(stateTerms(home(two.aa), two.bb.party, { rows: [row('a', null, 'same')] }, BY, clock()), codeOf('directory/shape'))
})
