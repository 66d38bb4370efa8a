// Notices of loss, theft and recovery between real registries: told in time, by type and number, and by serial only where two people decide it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { addSeconds, timeOf } from '@muster/core/bytes/time.ts'
import { fold } from '@muster/core/rules/holding.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import { bulletinText, giveNotice, noticesDue, noticesIn, type GivenNotice } from '@muster/registry/notice.ts'
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
  items = await enter(of('AA').side(), 'baseline', [{ type: '9М39', serial: '0101' }, { type: '9М39', serial: '0102' }, { class: 'gripstock', type: '9П516', serial: '77' }, { serial: 'whole' }])
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

test('a bulletin names what and how many, and never a serial number, a region, or who told', async () => {
  for (const notice of await noticesIn(at('AA'))) {
    const text = bulletinText(notice, true)
    assert.match(text, /^EXERCISE · УЧЕНИЕ\n(?:THEFT|RECOVERY) · /)
    assert.match(text, /\d × missile 9М39/)
    for (const secret of ['0101', '0102', 'North', 'BB', 'Petrova', notice.body.notice]) assert.ok(!text.includes(secret), secret)
  }
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
