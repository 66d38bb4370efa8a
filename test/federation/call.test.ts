// A call to count among real registries: issued to all, answered, declined, objected to, left silent, never reached; each answer held to what its party declared.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Breach } from '@muster/core/bytes/breach.ts'
import { parseJson } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { addSeconds, timeOf } from '@muster/core/bytes/time.ts'
import type { CallBody } from '@muster/core/wire/call-body.ts'
import { failingSignature } from '@muster/core/wire/double-signature.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { catchUp, sequence } from '@muster/registry/main.ts'
import { againstEarlier } from '@muster/registry/call/against.ts'
import { acknowledgeCall, answerCall, countFor, declineCall, issueCall, remindOpen } from '@muster/registry/call/act.ts'
import { callsIssued, callsReceived, heldToDeclaration, type CallRow, type IssuedCall } from '@muster/registry/call/matrix.ts'
import { addressOnPaper, enterPaper, PAPER_DOMAIN } from '@muster/registry/call/paper.ts'
import { declare } from '@muster/registry/log/declare.ts'
import { deliverOnce } from '@muster/registry/outbox.ts'
import { readReply } from '@muster/registry/peer/exchange.ts'
import { receiveMessages, writeMessages } from '@muster/registry/store/messages.ts'
import { recordEvent } from '@muster/registry/store/record-event.ts'
import { dispatchItems, receiveItems } from '@muster/registry/transfer/act.ts'
import { servedRegistries, type Member, type Served, until } from './served.ts'
import { clock, enter } from './two.ts'

const PARTIES = ['AA', 'BB', 'CC', 'DD', 'EE', 'FF']
const TWO = { by: 'A. Petrova', and: 'B. Karimov' }
const HOUR = 3600
let served: Served
let id = ''
const of = (party: string): Member => served.of(party)
const at = (party: string) => ({ register: of(party).home().register, joined: of(party).hall().joined })
const send = (party: string) => deliverOnce(of(party).home(), of(party).hall(), of(party).answering().message)
const codeOf = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code

before(async () => {
  served = await servedRegistries(PARTIES, { liars: 0, quorum: 4 })
  // FF is never up: nobody reaches it.
  for (const party of PARTIES.slice(0, -1)) await of(party).up({ mute: party === 'EE' })
})
after(() => served.remove())

function asked(changes: Partial<CallBody<'call/issue'>> = {}): Omit<CallBody<'call/issue'>, 'call'> {
  return { reason: 'exercise', classes: ['missile', 'gripstock'], types: null, seen: 'opened', asOf: timeOf(clock()), due: timeOf(clock() + HOUR), remind: [], note: null, ...changes }
}
async function call(later = 0): Promise<IssuedCall> {
  return (await callsIssued(at('AA'), clock() + later)).find(({ body }) => body.call === id) as IssuedCall
}
const row = async (party: string, later = 0): Promise<CallRow> => (await call(later)).rows.find((each) => each.party === party) as CallRow
const standings = async (later = 0) => Object.fromEntries((await call(later)).rows.map(({ party, standing }) => [party, standing]))

test('a call goes to every party, the caller too; who has it has given a receipt, and who cannot be reached has not', async () => {
  await enter(of('BB').side(), 'baseline', [{ serial: '0001', type: '9М39' }, { serial: '0002', type: '9М39' }, { serial: '0003', type: '9М313' }, { serial: '4', class: 'gripstock' }, { serial: '5', class: 'container' }])
  await declare(of('BB').hall().log, clock())
  await sequence(of('BB').home(), of('BB').hall())
  ;({ call: id } = await issueCall(at('AA'), asked(), undefined, 'A. Petrova', clock()))
  await send('AA')
  await until(async () => (await callsReceived(at('BB'))).length === 1)
  assert.deepEqual(await standings(), { AA: 'received', BB: 'received', CC: 'received', DD: 'received', EE: 'received', FF: 'under-way' })
  assert.deepEqual((await call()).tally, { addressed: 6, answered: 0, declined: 0, silent: 0 })
})

test('an item counts as it was seen since the call went out: opened, under a whole seal, or only in the records; other classes are not counted', async () => {
  const [first = '', second = ''] = (await of('BB').home().register.db.read<{ item_id: string }>("SELECT item_id FROM item WHERE type LIKE '9_39' ORDER BY serial")).map(({ item_id }) => item_id)
  ;({ call: id } = await issueCall(at('AA'), asked(), undefined, 'A. Petrova', clock()))
  await send('AA')
  await until(async () => (await callsReceived(at('BB'))).some(({ body }) => body.call === id))
  // The count comes after the call, as it does in life: what is in hand is of the call's day, how it was seen is of now.
  await sleep(1_100)
  const head = { happened: timeOf(clock()), by: 'A. Petrova', and: null, reason: 'call', documents: [] }
  for (const [item, seen] of [[first, 'opened'], [second, 'sealed']] as const) {
    await recordEvent(of('BB').home().register, { item: item as never, once: undefined, photos: [], at: timeOf(clock()), request: { ...head, kind: 'counted', data: { seen } } })
  }
  const { answer } = await countFor(at('BB'), id, null, clock())
  assert.deepEqual(answer.counts, [
    { class: 'gripstock', type: null, opened: 0, sealed: 0, records: 1 }, { class: 'missile', type: '9М313', opened: 0, sealed: 0, records: 1 }, { class: 'missile', type: '9М39', opened: 1, sealed: 1, records: 0 },
  ])
})

test('the answer opens the counts that the declaration binds: the caller sees that they are the declared ones, and what differs', async () => {
  await answerCall(at('BB'), id.slice(0, 8), null, TWO, clock())
  await send('BB')
  assert.equal((await row('BB')).standing, 'answered')
  assert.deepEqual((await row('BB')).totals, { opened: 1, sealed: 1, records: 2 })
  const answer = (await row('BB')).answer as CallBody<'call/answer'>
  const elsewhere = { ...answer, declared: { ...answer.declared as NonNullable<typeof answer.declared>, head: 'ab'.repeat(32) } }
  assert.equal((await heldToDeclaration(at('AA'), (await call()).body, of('BB').party, elsewhere)).proof, 'head-not-here')
  await catchUp(of('AA').home(), of('AA').hall())
  assert.deepEqual(await heldToDeclaration(at('AA'), (await call()).body, of('BB').party, answer), { proof: 'proven', differences: [] })
  const fewer = answer.counts.filter(({ class: kind }) => kind !== 'gripstock')
  assert.deepEqual((await heldToDeclaration(at('AA'), (await call()).body, of('BB').party, { ...answer, counts: fewer })).differences, [{ class: 'gripstock', counted: 0, declared: 1 }])
  const other = { ...answer, declared: { ...answer.declared as NonNullable<typeof answer.declared>, counts: { 'missile held': 2 } } }
  assert.equal((await heldToDeclaration(at('AA'), (await call()).body, of('BB').party, other)).proof, 'not-bound')
})

test('a count and a refusal are disclosure: they need two people; an acknowledgement does not', async () => {
  await assert.rejects(answerCall(at('CC'), id, null, { by: 'A. Petrova', and: null }, clock()), codeOf('two-people/second-missing'))
  await assert.rejects(declineCall(at('CC'), id, { stance: 'declines', reason: 'neutrality', note: null }, { by: 'A. Petrova', and: 'a. petrova' }, clock()), codeOf('two-people/same-person'))
  await acknowledgeCall(at('CC'), id, { office: 'National point of contact', expected: timeOf(clock() + 60), by: 'A. Petrova' }, clock())
  await send('CC')
  assert.equal((await row('CC')).standing, 'acknowledged')
})

test('who declines or objects says why in a code; a later answer is the one that counts, and the earlier one is not forgotten', async () => {
  await declineCall(at('CC'), id, { stance: 'objects', reason: 'neutrality', note: 'It neither makes nor sells them.' }, TWO, clock())
  await declineCall(at('DD'), id, { stance: 'declines', reason: 'no-means', note: null }, TWO, clock())
  for (const party of ['CC', 'DD']) await send(party)
  assert.deepEqual((await call()).rows.flatMap(({ party, standing, reason }) => reason === undefined ? [] : [[party, standing, reason]]), [['CC', 'objected', 'neutrality'], ['DD', 'declined', 'no-means']])
  await sleep(1_100)
  await answerCall(at('DD'), id, null, TWO, clock())
  await send('DD')
  const { standing, earlier, totals } = await row('DD')
  assert.deepEqual({ standing, earlier, totals }, { standing: 'answered', earlier: 1, totals: { opened: 0, sealed: 0, records: 0 } })
  assert.deepEqual((await callsReceived(at('DD'))).filter(({ body }) => body.call === id).map((received) => received.standing), ['answered'])
})

test('where two parties use one id for their calls, nobody answers the wrong one: the caller is named', async () => {
  const issued = await issueCall(at('AA'), asked(), [of('BB').party], 'A. Petrova', clock())
  await send('AA')
  await writeMessages(at('CC').register, at('CC').joined, [{ to: of('BB').party, kind: 'call/issue', body: JSON.parse(JSON.stringify({ call: issued.call, ...asked() })) as never }], clock())
  await send('CC')
  await until(async () => (await callsReceived(at('BB'))).filter(({ body }) => body.call === issued.call).length === 2)
  await assert.rejects(answerCall(at('BB'), issued.call, null, TWO, clock()), codeOf('call/unknown'))
  assert.equal((await answerCall(at('BB'), issued.call, null, TWO, clock(), of('AA').party)).payload.to, 'AA')
})

test('when the answer is due, a receipt without a word is silence; without a receipt it accuses nobody; an answer that comes late is shown as late', async () => {
  assert.deepEqual(await standings(2 * HOUR), { AA: 'silent', BB: 'answered', CC: 'objected', DD: 'answered', EE: 'silent', FF: 'unreachable' })
  assert.deepEqual((await call(2 * HOUR)).tally, { addressed: 6, answered: 2, declined: 1, silent: 2 })
  of('AA').later(2 * HOUR)
  await answerCall(at('AA'), id, null, TWO, clock() + 2 * HOUR)
  await send('AA')
  of('AA').later(-2 * HOUR)
  const { standing, late } = await row('AA', 2 * HOUR)
  assert.deepEqual({ standing, late }, { standing: 'answered', late: true })
})

test('an answer is set against the earlier one and what passed in between: what the transfers explain is explained, and the one item more is told', async () => {
  const round = async (): Promise<{ readonly body: CallBody<'call/issue'>, readonly answer: CallBody<'call/answer'> }> => {
    await sleep(1_100)
    const { call: named } = await issueCall(at('AA'), asked(), [of('DD').party], 'A. Petrova', clock())
    await send('AA')
    await until(async () => (await callsReceived(at('DD'))).some(({ body }) => body.call === named))
    await answerCall(at('DD'), named, null, TWO, clock())
    await send('DD')
    const { body, rows } = (await callsIssued(at('AA'), clock())).find((each) => each.body.call === named) as IssuedCall
    return { body, answer: rows.find(({ party }) => party === 'DD')?.answer as CallBody<'call/answer'> }
  }
  const { answer: first } = await round()
  await sleep(1_100)
  const items = await enter(of('AA').side(), 'baseline', [{ serial: '0501', type: '9М39' }, { serial: '0502', type: '9М39' }])
  const { transfer } = await dispatchItems(at('AA'), { to: of('DD').party, items, documents: [{ series: null, number: '17', date: '2026-03-01' }] as never, due: timeOf(clock() + HOUR), reason: 'contract 9', note: null }, TWO, clock())
  await send('AA')
  await receiveItems(at('DD'), transfer, { happened: timeOf(clock()), note: null }, TWO, clock())
  await send('DD')
  await enter(of('DD').side(), 'baseline', [{ serial: '0503', type: '9М39' }])
  const { body, answer: second } = await round()
  const balance = await againstEarlier(at('AA'), body, of('DD').party, second, clock())
  assert.deepEqual([balance?.source, balance?.since], ['answer', first.asOf])
  assert.deepEqual(balance?.rows.map(({ class: kind, received, released, unexplained }) => [kind, received, released, unexplained]), [['missile', 2, 0, 1]])
  // Nothing comparable was said before by who never answered, nor where a call asks for one type only.
  assert.equal(await againstEarlier(at('AA'), body, of('FF').party, second, clock()), undefined)
  assert.equal(await againstEarlier(at('AA'), { ...body, types: ['9М39'] }, of('DD').party, second, clock()), undefined)
})

test('who has the call and has said nothing is reminded at each time that the call names, once more when it is overdue, and never twice for one time', async () => {
  const due = addSeconds(timeOf(clock()), HOUR)
  const reminded = await issueCall(at('AA'), asked({ due, remind: [addSeconds(due, -1200), addSeconds(due, -600)] }), ['BB', 'EE', 'FF'].map((party) => of(party).party), 'A. Petrova', clock())
  await send('AA')
  assert.deepEqual(await remindOpen(at('AA'), clock()), [])
  assert.deepEqual((await remindOpen(at('AA'), clock() + 2500)).filter((party) => party !== 'AA'), ['BB', 'EE'])
  assert.deepEqual(await remindOpen(at('AA'), clock() + 2500), [])
  await answerCall(at('BB'), reminded.call, null, TWO, clock())
  await send('BB')
  assert.deepEqual((await remindOpen(at('AA'), clock() + 2 * HOUR)).sort(), ['AA', 'BB', 'CC', 'DD', 'EE', 'EE', 'EE'], 'nobody answered the first call, EE none of three')
  assert.deepEqual(await remindOpen(at('AA'), clock() + 3 * HOUR), [])
})

test('an addressee speaks for itself only: what it says in another\'s name, in a reply or at the door, changes nothing', async () => {
  const issued = await issueCall(at('AA'), asked(), ['CC', 'FF'].map((party) => of(party).party), 'A. Petrova', clock())
  const [toCc, toFf] = issued.messages as [Message, Message]
  const [forged] = await writeMessages(at('CC').register, at('CC').joined, [{ to: of('AA').party, kind: 'call/decline', body: { call: issued.call, request: toFf.id, stance: 'objects', reason: 'neutrality', note: null } }], clock())
  const [receipt] = await writeMessages(at('CC').register, at('CC').joined, [{ to: of('AA').party, kind: 'receipt', body: { of: [toCc.id] } }], clock())
  const json = ({ envelope }: Message) => parseJson(envelope)
  await assert.rejects(readReply(at('AA').register, at('AA').joined, toCc, { receipt: json(receipt as Message), answers: [json(forged as Message)] }, clock()), (error: unknown) => error instanceof Breach && error.code as string === 'reply/stray')
  await receiveMessages(at('AA').register, at('AA').joined, [forged as Message], undefined, clock())
  const rows = (await callsIssued(at('AA'), clock())).find(({ body }) => body.call === issued.call)?.rows
  assert.deepEqual(rows?.map(({ party, standing }) => [party, standing]), [['CC', 'under-way'], ['FF', 'under-way']])
})

test('an answer for another day, or of classes that were not asked for, and the sixty-fifth word to one call are refused at the door', async () => {
  const issued = await issueCall(at('AA'), asked(), [of('DD').party], 'A. Petrova', clock())
  await send('AA')
  const request = issued.messages[0]?.id ?? ''
  const { asOf } = (await callsReceived(at('DD'))).find(({ body }) => body.call === issued.call)?.body ?? asked()
  const door = async (kind: 'call/answer' | 'call/acknowledge', body: { readonly [name: string]: unknown }) => {
    const [message] = await writeMessages(at('DD').register, at('DD').joined, [{ to: of('AA').party, kind, body: { call: issued.call, request, ...body } }], clock())
    return JSON.parse((await of('AA').answering().message(of('AA').home(), of('AA').hall(), message?.envelope ?? new Uint8Array())).body) as { readonly code?: string }
  }
  const row_ = { type: null, opened: 1, sealed: 0, records: 0 }
  assert.equal((await door('call/answer', { asOf: '1990-01-01T00:00:00Z', counts: [], declared: null, note: null })).code, 'call/other-than-asked')
  assert.equal((await door('call/answer', { asOf, counts: [{ class: 'container', ...row_ }], declared: null, note: null })).code, 'call/other-than-asked')
  for (let i = 0; i < 64; i++) assert.equal((await door('call/acknowledge', { office: `Office ${i}`, expected: null })).code, undefined)
  assert.equal((await door('call/acknowledge', { office: 'one more', expected: null })).code, 'call/too-many')
})

test('an answer to a call that was never sent, or by a party that it was not sent to, is refused at the door and not stored', async () => {
  const issued = (await call()).issues.get(of('BB').party)
  const body = { call: id, request: issued?.id ?? '', office: null, expected: null }
  for (const [from, said] of [['CC', { ...body, request: 'cd'.repeat(32) }], ['CC', body], ['BB', { ...body, call: '00'.repeat(16) }]] as const) {
    const [message] = await writeMessages(of(from).home().register, of(from).hall().joined, [{ to: of('AA').party, kind: 'call/acknowledge', body: said }], clock())
    const { status, body: told } = await of('AA').answering().message(of('AA').home(), of('AA').hall(), message?.envelope ?? new Uint8Array())
    assert.deepEqual([status, (JSON.parse(told) as { code: string }).code], [400, 'call/unknown'], `${from} ${told}`)
  }
  const stored = await of('AA').home().register.db.read("SELECT 1 AS one FROM message WHERE kind = 'call/acknowledge' AND direction = 'in' AND sender = 'BB'")
  assert.equal(stored.length, 0)
})

test('a call that could not be answered is refused before anything is written: unknown class, due in the past, reminders out of order, a state outside', async () => {
  const before = await of('AA').home().register.db.read('SELECT 1 AS one FROM message')
  const refused = (changes: Partial<CallBody<'call/issue'>>, code: string, to?: readonly string[]) => assert.rejects(issueCall(at('AA'), asked(changes), to as never, 'A. Petrova', clock()), codeOf(code))
  await refused({ due: timeOf(clock() - 1), asOf: timeOf(0) }, 'call/over')
  await refused({ classes: ['Missile'] }, 'call/shape')
  await refused({ remind: [timeOf(clock() + 60), timeOf(clock() + 30)] }, 'call/shape')
  await refused({ asOf: timeOf(clock() + 2 * HOUR) }, 'call/shape')
  await refused({}, 'call/no-party', ['ZZ'])
  assert.equal((await of('AA').home().register.db.read('SELECT 1 AS one FROM message')).length, before.length)
})

test('a state without a registry is called by a signed note, and its paper answer stands in the matrix, marked as such; two people enter it', async () => {
  const issued = await issueCall(at('AA'), asked(), [of('BB').party], 'A. Petrova', clock())
  const call_ = async () => (await callsIssued(at('AA'), clock())).find(({ body }) => body.call === issued.call) as IssuedCall
  await assert.rejects(enterPaper(at('AA'), issued.call, 'Ostrava', { kind: 'delivered', on: '2026-03-01' }, undefined, TWO, clock()), codeOf('paper/not-addressed'))
  await assert.rejects(addressOnPaper(at('AA'), issued.call, 'BB', TWO, clock()), codeOf('paper/shape'))
  const note = await addressOnPaper(at('AA'), issued.call, 'Ostravia', TWO, clock())
  assert.match(note, /^EXERCISE · УЧЕНИЕ\n/)
  const text = note.slice(0, note.lastIndexOf('\nAA ed25519 '))
  const [ed25519 = '', mldsa44 = ''] = [...note.matchAll(/^AA (?:ed25519|mldsa44) (.+)$/gm)].map(([, signature]) => signature)
  const keys = at('BB').joined.trust.parties.get(of('AA').party)?.message
  assert.ok(keys !== undefined)
  assert.equal(failingSignature(p, keys, PAPER_DOMAIN, Buffer.from(text), { ed25519, mldsa44 }), undefined)
  assert.equal(failingSignature(p, keys, PAPER_DOMAIN, Buffer.from(text.replace('CALL', 'CALLS')), { ed25519, mldsa44 }), 'ed25519')
  const ostravia = async () => (await call_()).rows.find(({ party }) => party === 'Ostravia')
  assert.deepEqual([(await ostravia())?.standing, (await ostravia())?.code], ['under-way', undefined])
  const today = timeOf(clock()).slice(0, 10)
  const answer = { kind: 'answered', on: today, counts: [{ class: 'missile', opened: 4, sealed: 0, records: 1 }] } as const
  await assert.rejects(enterPaper(at('AA'), issued.call, 'Ostravia', answer, undefined, { by: 'A. Petrova', and: null }, clock()), codeOf('two-people/second-missing'))
  await assert.rejects(enterPaper(at('AA'), issued.call, 'Ostravia', { ...answer, on: '2999-01-01' }, undefined, TWO, clock()), codeOf('paper/from-the-future'))
  await assert.rejects(enterPaper(at('AA'), issued.call, 'Ostravia', { ...answer, counts: [{ class: 'missile', opened: -4, sealed: 0, records: 1 }] }, undefined, TWO, clock()), codeOf('paper/shape'))
  await enterPaper(at('AA'), issued.call, 'Ostravia', { kind: 'delivered', on: today }, undefined, TWO, clock())
  assert.equal((await ostravia())?.standing, 'received')
  await enterPaper(at('AA'), issued.call, 'Ostravia', answer, undefined, TWO, clock())
  assert.deepEqual([(await ostravia())?.standing, (await ostravia())?.totals], ['answered', { opened: 4, sealed: 0, records: 1 }])
  assert.deepEqual((await call_()).tally, { addressed: 2, answered: 1, declined: 0, silent: 0 })
  assert.deepEqual((await remindOpen(at('AA'), clock() + 2 * HOUR)).filter((party) => (party as string) === 'Ostravia'), [])
})
