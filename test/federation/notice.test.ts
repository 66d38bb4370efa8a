// Notices of loss, theft and recovery between real registries: told in time, by type and number, and by serial only where two people decide it.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { canonicalBytes, parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { addSeconds, timeOf } from '@muster/core/bytes/time.ts'
import { fold } from '@muster/core/rules/holding.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import { agreementBytes } from '@muster/core/rules/agreement.ts'
import { verifyAviationNotice } from '@muster/core/wire/aviation-notice.ts'
import { aviationText } from '@muster/core/wire/aviation-text.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { dueToAviation, giveToAviation, handedOut, RECIPIENTS_FILE } from '@muster/registry/aviation.ts'
import { giveNotice, noticesDue, noticesIn, type GivenNotice } from '@muster/registry/notice.ts'
import { deliverOnce } from '@muster/registry/outbox.ts'
import { auditStore } from '@muster/registry/store/audit.ts'
import { eventsOf } from '@muster/registry/store/events.ts'
import type { Finding } from '@muster/registry/store/finding.ts'
import { writeMessages } from '@muster/registry/store/messages.ts'
import { recordEvent } from '@muster/registry/store/record-event.ts'
import { withSnapshot } from '@muster/registry/store/snapshot.ts'
import { servedRegistries, type Member, type Served } from './served.ts'
import { clock, enter } from './two.ts'

const TWO = { by: 'A. Petrova', and: 'B. Karimov' }
const ONE = { by: 'A. Petrova', and: null }
const DAY = 86_400
let served: Served
let items: ItemId[] = []
const of = (party: string): Member => served.of(party)
const at = (party: string) => ({ register: of(party).home().register, joined: of(party).hall().joined })
const codeOf = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code
const give = (changes: Partial<Parameters<typeof giveNotice>[1]> = {}, people: { by: string, and: string | null } = ONE) => giveNotice(at('AA'), {
  kind: 'theft', items: items.slice(0, 2), discovered: timeOf(clock()), region: 'North', circumstances: 'in-store', numbers: false, follows: null, note: null, ...changes,
}, people, clock())
const received = async (party: string): Promise<GivenNotice[]> => (await noticesIn(at(party))).filter(({ direction }) => direction === 'in')

before(async () => {
  served = await servedRegistries(['AA', 'BB', 'CC'], { quorum: 2, deadlines: { openSeconds: 60, answerSeconds: 3600, receiptSeconds: 60, lookSeconds: DAY, noticeSeconds: 3 * DAY } })
  for (const party of ['AA', 'BB', 'CC']) await of(party).up()
  items = await enter(of('AA').side(), 'baseline', [{ type: '9М39', serial: '0101', lot: 'LOT-7' }, { type: '9М39', serial: '0102', lot: 'LOT-7' }, { class: 'gripstock', type: '9П516', serial: '77' }, { serial: 'whole' }])
  const event = (item: ItemId, kind: 'stolen' | 'lost') => recordEvent(of('AA').home().register, { item, at: timeOf(clock()), request: { kind, happened: timeOf(clock()), by: 'A. Petrova', and: null, reason: 'count', documents: [], data: { circumstances: 'not at its place' } } })
  for (const item of items.slice(0, 2)) await event(item, 'stolen')
  await event(items[2] as ItemId, 'lost')
})
after(() => served.remove())

test('what is lost or stolen waits for its notice, and is overdue when the agreement\'s time has passed', async () => {
  const waiting = await noticesDue(at('AA'), clock())
  assert.deepEqual(waiting.map(({ kind, overdue }) => [kind, overdue]).toSorted(), [['loss', false], ['theft', false], ['theft', false]])
  assert.equal(waiting[0]?.due, addSeconds(waiting[0]?.since ?? '', 3 * DAY))
  assert.ok((await noticesDue(at('AA'), clock() + 3 * DAY + 60)).every(({ overdue }) => overdue))
})

test('a notice tells every other party how many of each type, and no number; one that lists numbers takes two people and goes to whom they name', async () => {
  await give()
  await deliverOnce(of('AA').home(), of('AA').hall(), undefined)
  for (const party of ['BB', 'CC']) {
    const [notice] = await received(party)
    assert.deepEqual([notice?.kind, notice?.with, notice?.body.items, notice?.body.listed], ['theft', ['AA'], [{ class: 'missile', type: '9М39', items: 2 }], null])
    assert.ok(!JSON.stringify(notice).includes('0101'))
  }
  await assert.rejects(give({ numbers: true }), codeOf('two-people/second-missing'))
  await give({ numbers: true, to: [of('BB').party] }, TWO)
  await deliverOnce(of('AA').home(), of('AA').hall(), undefined)
  assert.deepEqual((await received('BB')).at(-1)?.body.listed?.map(({ serial }) => typeof serial === 'string' ? serial : serial.is).sort(), ['0101', '0102'])
  assert.equal((await received('CC')).length, 1)
  assert.deepEqual((await noticesDue(at('AA'), clock())).map(({ kind }) => kind), ['loss'])
})

test('notice is given of what the register says happened, of items that it holds, to parties of the agreement, and not before it was discovered', async () => {
  const before = (await of('AA').home().register.db.read('SELECT 1 AS one FROM message')).length
  await assert.rejects(give({ items: [items[3] as ItemId] }), codeOf('notice/other-status'))
  await assert.rejects(give({ kind: 'loss' }), codeOf('notice/other-status'))
  await assert.rejects(give({ kind: 'recovery', items: [items[3] as ItemId] }), codeOf('notice/other-status'))
  await assert.rejects(give({ items: ['00000000-0000-4000-8000-000000000000' as ItemId] }), codeOf('event/unknown-item'))
  await assert.rejects(give({ items: [] }), codeOf('notice/no-items'))
  await assert.rejects(give({ to: [of('AA').party] }), codeOf('notice/no-party'))
  await assert.rejects(give({ discovered: timeOf(clock() + 60) }), codeOf('notice/not-discovered-yet'))
  assert.equal((await of('AA').home().register.db.read('SELECT 1 AS one FROM message')).length, before)
})

test('a recovery is told of what was seized', async () => {
  const [found] = await enter(of('BB').side(), 'seized', [{ type: '9М39', serial: '0101' }]) as [ItemId]
  assert.equal(fold(await eventsOf(of('BB').home().register.db, found))?.acquired.how, 'seized')
  await giveNotice(at('BB'), { kind: 'recovery', items: [found], discovered: timeOf(clock()), region: null, circumstances: 'seized', numbers: true, follows: null, note: null }, TWO, clock())
  await deliverOnce(of('BB').home(), of('BB').hall(), undefined)
  const told = (await received('AA')).at(-1)
  assert.deepEqual([told?.kind, told?.with, told?.body.circumstances, told?.body.listed?.length], ['recovery', ['BB'], 'seized', 1])
})

const LIST = { v: 'muster/recipients/1', dueSeconds: DAY, recipients: [{ id: 'caa', name: 'Civil Aviation Authority' }, { id: 'airport', name: 'Airport operator' }] }
const keepList = (list: unknown) => writeFile(join(of('AA').dataDir, RECIPIENTS_FILE), JSON.stringify(list))
const given = async (): Promise<GivenNotice[]> => (await noticesIn(at('AA'))).filter(({ direction }) => direction === 'out')

/** A text as somebody who looks for something in it would read it: as it stands, and every run of base64 or hex in it decoded. */
function readings(text: string): string[] {
  const decoded = (text.match(/[A-Za-z0-9+/=]{8,}/g) ?? []).flatMap((run) => [Buffer.from(run, 'base64').toString('latin1'), Buffer.from(run, 'base64').toString('utf8'), Buffer.from(run, 'hex').toString('utf8')])
  return [text, ...decoded]
}

test('aviation authorities are due what was lost or stolen by the party\'s own rule, or by the agreement\'s time', async () => {
  const [first] = await given()
  assert.deepEqual(await dueToAviation(at('AA'), await given(), clock()), [], 'without a list nobody is due anything')
  await assert.rejects(giveToAviation(at('AA'), first as GivenNotice, undefined, ONE, clock()), codeOf('aviation/no-recipients'))
  await keepList({ ...LIST, recipients: [...LIST.recipients, LIST.recipients[0]] })
  await assert.rejects(giveToAviation(at('AA'), first as GivenNotice, undefined, ONE, clock()), codeOf('recipients/shape'))
  await keepList({ ...LIST, dueSeconds: null })
  assert.equal((await dueToAviation(at('AA'), await given(), clock()))[0]?.due, addSeconds(first?.body.discovered ?? '', 3 * DAY))
  await keepList(LIST)
  const due = await dueToAviation(at('AA'), await given(), clock())
  assert.deepEqual([due.length, due[0]?.recipient, due[0]?.due, due[0]?.overdue], [2 * (await given()).length, 'caa', addSeconds(first?.body.discovered ?? '', DAY), false])
  assert.ok((await dueToAviation(at('AA'), await given(), clock() + 2 * DAY)).every(({ overdue }) => overdue))
})

test('what aviation authorities are given is signed, names type and number, and in no byte a serial, a lot, a place or a person', async () => {
  const notices = await given()
  assert.ok(notices.some(({ body }) => body.listed !== null), 'one of them lists numbers to a party')
  for (const notice of notices) {
    const { document, handed } = await giveToAviation(at('AA'), notice, undefined, ONE, clock())
    assert.deepEqual(handed.map(({ recipient }) => recipient), ['caa', 'airport'])
    const verified = verifyAviationNotice(p, document, agreementBytes(served.agreement))
    assert.ok(verified.verdict === 'proven', JSON.stringify(verified.findings))
    assert.equal(verifyAviationNotice(p, document, undefined).verdict, 'consistent')
    const text = aviationText(verified.notice, createHash('sha256').update(document).digest('hex'))
    assert.match(text, /^EXERCISE · УЧЕНИЕ\n/)
    assert.match(text, /NOTICE OF THEFT[\s\S]+2 × missile 9М39[\s\S]+ХИЩЕНИЕ[\s\S]+2 × missile 9М39/)
    assert.ok(text.includes(notice.body.notice))
    // Numbers of four digits stand in random text by chance: each is looked for as a word of its own.
    for (const seen of [...readings(text), ...readings(document.toString('utf8'))]) {
      for (const secret of ['LOT-7', 'North', 'Depot', 'Petrova', 'Karimov', 'not at its place', ...items]) assert.ok(!seen.includes(secret), secret)
      assert.doesNotMatch(seen, /(?<![0-9A-Za-z+/=:.-])010[12](?![0-9A-Za-z+/=:.-])/)
    }
    const { signatures: _, keyRecord: __, ...words } = JSON.parse(document.toString('utf8')) as Record<string, unknown>
    assert.deepEqual(Object.keys(words).sort(), ['agreement', 'discovered', 'exercise', 'items', 'kind', 'made', 'marking', 'name', 'notice', 'party', 'v'])
    assert.deepEqual(words['items'], notice.body.items)
  }
  assert.deepEqual(await dueToAviation(at('AA'), await given(), clock()), [])
})

test('who was given what, and when, is on record; who has it is not given it again, and a later recipient gets the same bytes', async () => {
  const [notice] = await given() as [GivenNotice]
  const [first] = await handedOut(at('AA'), notice.body.notice)
  assert.deepEqual([first?.recipient, first?.by], ['airport', 'A. Petrova'])
  await assert.rejects(giveToAviation(at('AA'), notice, ['caa'], ONE, clock()), codeOf('aviation/given-already'))
  await assert.rejects(giveToAviation(at('AA'), notice, ['nobody'], ONE, clock()), codeOf('aviation/unknown-recipient'))
  await keepList({ ...LIST, recipients: [...LIST.recipients, { id: 'icao', name: 'A regional office' }] })
  const { document, handed } = await giveToAviation(at('AA'), notice, undefined, TWO, clock() + 60)
  assert.deepEqual([handed.map(({ recipient }) => recipient), handed[0]?.sha256], [['icao'], first?.sha256])
  assert.equal(createHash('sha256').update(document).digest('hex'), first?.sha256)
  const [theirs] = await received('BB') as [GivenNotice]
  await writeFile(join(of('BB').dataDir, RECIPIENTS_FILE), JSON.stringify(LIST))
  await assert.rejects(giveToAviation(at('BB'), theirs, undefined, ONE, clock()), codeOf('aviation/own-notices-only'))
})

test('a document of which a word is changed, or that another signed, is refused', async () => {
  const [notice] = await given() as [GivenNotice]
  const { document } = await giveToAviation(at('AA'), notice, undefined, ONE, clock())
  const whole = parseJson(document) as Record<string, Json>
  const agreed = agreementBytes(served.agreement)
  const [row] = whole['items'] as Record<string, Json>[]
  const other = parseJson(of('BB').hall().joined.trust.parties.get(of('BB').party)?.record.bytes ?? new Uint8Array())
  const forged: readonly (readonly [string, Record<string, Json>])[] = [
    ['aviation/signature', { ...whole, items: [{ ...row, items: 3 }] }], ['aviation/signature', { ...whole, discovered: '2020-01-01' }], ['aviation/not-of-the-agreement', { ...whole, exercise: false }],
    ['aviation/not-a-party', { ...whole, party: 'ZZ' }], ['key-record/hash', { ...whole, keyRecord: other }], ['aviation/shape', { ...whole, items: [{ ...row, serial: '0101' }] }], ['aviation/shape', { ...whole, site: 'Depot 3' }],
  ]
  for (const [code, change] of forged) {
    const { verdict, findings } = verifyAviationNotice(p, canonicalBytes(change), agreed)
    assert.deepEqual([verdict, findings[0]?.code], ['refused', code])
  }
  assert.equal(verifyAviationNotice(p, canonicalBytes({ ...whole, keyRecord: other }), undefined).findings[0]?.code, 'aviation/not-a-party')
})

test('a notice that lists another number of items than it counts, or none, is refused at the door', async () => {
  const [given] = (await noticesIn(at('AA'))).filter(({ body }) => body.listed !== null) as [GivenNotice]
  const hostile = [{ ...given.body, items: [{ class: 'missile', type: null, items: 3 }] }, { ...given.body, items: [] }, { ...given.body, site: 'Depot 3' }]
  for (const body of hostile) {
    const [message] = await writeMessages(of('CC').home().register, of('CC').hall().joined, [{ to: of('AA').party, kind: 'theft/notice', body: JSON.parse(JSON.stringify(body)) as never }], clock())
    const { status, body: told } = await of('AA').answering().message(of('AA').home(), of('AA').hall(), message?.envelope ?? new Uint8Array())
    assert.deepEqual([status, (JSON.parse(told) as { code: string }).code], [400, 'theft/shape'])
  }
})

test('after all of it the audit finds nothing', async () => {
  const { register } = of('AA').home()
  const found: Finding[] = []
  await withSnapshot(register.db, (snapshot) => auditStore(snapshot, register, (finding) => found.push(finding), { onTotal: () => undefined, onRows: () => undefined }))
  assert.deepEqual(found, [])
})
