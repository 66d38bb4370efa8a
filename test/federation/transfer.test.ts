// A transfer between real registries: two people and a licence, a list by number, its receipt item by item, disputes, what comes back; both registers agree
// afterwards, and neither can be made to say what did not happen.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { addSeconds, timeOf } from '@muster/core/bytes/time.ts'
import type { Document } from '@muster/core/rules/document.ts'
import type { Holding } from '@muster/core/rules/holding.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import type { SaidBody } from '@muster/core/wire/said-body.ts'
import { closeBooks } from '@muster/registry/book/close.ts'
import { auditStore } from '@muster/registry/store/audit.ts'
import { deliverOnce } from '@muster/registry/outbox.ts'
import type { Finding } from '@muster/registry/store/finding.ts'
import { writeMessages } from '@muster/registry/store/messages.ts'
import { itemState } from '@muster/registry/store/record-event.ts'
import { withSnapshot } from '@muster/registry/store/snapshot.ts'
import { dispatchItems, disputeItems, receiveItems, settleTransfer } from '@muster/registry/transfer/act.ts'
import { transferBy, transfers } from '@muster/registry/transfer/view.ts'
import { servedRegistries, type Member, type Served } from './served.ts'
import { clock, enter } from './two.ts'

const TWO = { by: 'A. Petrova', and: 'B. Karimov' }
const ONE = { by: 'C. Orlova', and: null }
const LICENCE: Document = { series: 'EXERCISE', number: '17', date: '2026-03-01' }
let served: Served
let items: ItemId[] = []
let id = ''
const of = (party: string): Member => served.of(party)
const at = (party: string) => ({ register: of(party).home().register, joined: of(party).hall().joined })
const codeOf = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code
const send = async (party: string) => { await deliverOnce(of(party).home(), of(party).hall(), undefined) }
const holdingOf = async (party: string, item: string): Promise<Holding> => (await itemState(of(party).home().register, item)).holding
const standing = async (party: string, transfer: string, later = 0) => (await transferBy(at(party), transfer, undefined, clock() + later)).items.map((item) => item.standing)
const rows = async (party: string) => Promise.all(['message', 'custody_event', 'outbox', 'act_once', 'event_batch'].map(async (table) => (await of(party).home().register.db.read(`SELECT 1 AS one FROM ${table}`)).length))

function dispatch(changes: Partial<Parameters<typeof dispatchItems>[1]> = {}, people: { by: string, and: string | null } = TWO) {
  return dispatchItems(at('AA'), { to: of('BB').party, items, documents: [LICENCE], due: timeOf(clock() + 3600), reason: 'contract 9', note: null, ...changes }, people, clock())
}

before(async () => {
  served = await servedRegistries(['AA', 'BB', 'CC'], { quorum: 2 })
  for (const party of ['AA', 'BB', 'CC']) await of(party).up()
  items = (await enter(of('AA').side(), 'baseline', [
    { type: '9М39', serial: '0101', marks: [{ text: '9М39 № 0101', place: 'tube', method: 'painted', condition: 'intact', photo: 'ab'.repeat(32) }] }, { type: '9М39', serial: '0102' }, { class: 'gripstock', type: '9П516', serial: '77' },
  ])).sort()
})
after(() => served.remove())

test('without a second person, a licence, items of the register, another party or time until the receipt is due nothing is sent and nothing recorded', async () => {
  const before = await rows('AA')
  await assert.rejects(dispatch({}, ONE), codeOf('two-people/second-missing'))
  await assert.rejects(dispatch({ documents: [] }), codeOf('custody/document-missing'))
  await assert.rejects(dispatch({ items: [] }), codeOf('transfer/no-items'))
  await assert.rejects(dispatch({ items: ['00000000-0000-4000-8000-000000000000' as ItemId] }), codeOf('event/unknown-item'))
  await assert.rejects(dispatch({ to: of('AA').party }), codeOf('transfer/no-party'))
  await assert.rejects(dispatch({ due: timeOf(clock() - 1) }), codeOf('transfer/overdue-already'))
  assert.deepEqual(await rows('AA'), before)
})

test('what is sent is on its way in the register, and the receiver is told of it by number, without photos and without a place', async () => {
  ;({ transfer: id } = await dispatch())
  await send('AA')
  for (const item of items) assert.equal((await holdingOf('AA', item)).status, 'in-transit')
  const [notice] = await transfers(at('BB'), clock())
  assert.equal(notice?.body.transfer, id)
  assert.deepEqual(notice.body.items.map(({ identity }) => typeof identity.serial === 'string' ? '' : identity.serial.is).sort(), ['0101', '0102', '77'])
  assert.ok(!JSON.stringify(notice.body).includes('ab'.repeat(32)), 'a photo stays at home')
  assert.deepEqual(notice.body.documents, [LICENCE])
  await assert.rejects(dispatch(), codeOf('custody/not-permitted'))
})

test('the receiver takes in what it received and disputes what it did not: the sender records the one as released and the other as disputed', async () => {
  const places = (await transferBy(at('BB'), id, 'in', clock())).body.items.map(({ identity }, i) => [i, identity.class] as const)
  const missiles = places.flatMap(([i, kind]) => kind === 'missile' ? [i] : [])
  const taken = await receiveItems(at('BB'), id, { items: missiles, happened: timeOf(clock()), note: null }, ONE, clock())
  await disputeItems(at('BB'), id, { what: 'not-received', note: 'The box was empty.' }, ONE, clock())
  await send('BB')
  for (const item of taken.items) {
    const { status, acquired, marks } = await holdingOf('BB', item)
    assert.deepEqual([status, acquired.how, acquired.from, acquired.documents], ['held', 'received', { party: 'AA' }, [LICENCE]])
    assert.ok(marks.every(({ photo }) => photo === null))
  }
  assert.deepEqual((await standing('AA', id)).toSorted(), ['disputed', 'received', 'received'])
  assert.deepEqual(await settleTransfer(at('AA'), id, TWO, clock()), { released: 2, disputed: 1 })
  await assert.rejects(settleTransfer(at('AA'), id, TWO, clock()), codeOf('transfer/nothing-to-settle'))
  const now = await Promise.all(items.map((item) => holdingOf('AA', item)))
  assert.deepEqual(now.map(({ identity, status, released }) => [identity.class, status, released?.to ?? null]).toSorted(), [
    ['gripstock', 'disputed', null], ['missile', 'released', { party: 'BB' }], ['missile', 'released', { party: 'BB' }],
  ])
})

test('an item is received once: not again, not a place that is not listed, and not by two officers at the same moment', async () => {
  await assert.rejects(receiveItems(at('BB'), id, { items: [3], happened: timeOf(clock()), note: null }, ONE, clock()), codeOf('transfer/not-listed'))
  const before = await rows('BB')
  const both = await Promise.allSettled([0, 1].map(() => receiveItems(at('BB'), id, { happened: timeOf(clock()), note: null }, ONE, clock())))
  const refused = both.flatMap((each) => each.status === 'rejected' ? [each.reason as Refusal] : [])
  assert.deepEqual(refused.map(({ code }) => code), ['transfer/changed-meanwhile'])
  assert.equal((await rows('BB'))[1], (before[1] ?? 0) + 1)
  await assert.rejects(receiveItems(at('BB'), id, { happened: timeOf(clock()), note: null }, ONE, clock()), codeOf('transfer/received-already'))
  await send('BB')
  assert.deepEqual(await settleTransfer(at('AA'), id, TWO, clock()), { released: 1, disputed: 0 })
})

test('what comes back is the item that went: one id, one chain of custody', async () => {
  const [item = ''] = (await of('BB').home().register.db.read<{ item_id: string }>("SELECT item_id FROM item WHERE serial = '0101'")).map(({ item_id }) => item_id)
  const back = await dispatchItems(at('BB'), { to: of('AA').party, items: [item as ItemId], documents: [{ ...LICENCE, number: '18' }], due: timeOf(clock() + 3600), reason: 'returned', note: null }, TWO, clock())
  await send('BB')
  const taken = await receiveItems(at('AA'), back.transfer, { happened: timeOf(clock()), note: null, place: { owner: 'unknown', custodian: { is: 'Depot 3' }, site: 'unknown', unit: 'unknown' } }, ONE, clock())
  assert.ok(items.includes(taken.items[0] as ItemId))
  const { status, acquired, released } = await holdingOf('AA', taken.items[0] as string)
  assert.deepEqual([status, acquired.from, released], ['held', { party: 'BB' }, undefined])
})

test('a receipt that is overdue is shown as such at the sender', async () => {
  const [fresh] = await enter(of('AA').side(), 'baseline', [{ serial: '0500' }]) as [ItemId]
  const late = await dispatch({ items: [fresh], due: timeOf(clock() + 60) })
  assert.deepEqual(await standing('AA', late.transfer), ['under-way'])
  assert.deepEqual(await standing('AA', late.transfer, 61), ['overdue'])
})

test('another party\'s receipt, one of another transfer, and one of places that the list has not change nothing at the sender', async () => {
  const [notice] = await transfers(at('AA'), clock())
  const body = { transfer: id, request: notice?.notice.id ?? '', happened: timeOf(clock()), items: [0], note: null }
  const door = async (from: string, said: SaidBody<'transfer/receive'>) => {
    const [message] = await writeMessages(of(from).home().register, of(from).hall().joined, [{ to: of('AA').party, kind: 'transfer/receive', body: { ...said, items: [...said.items] } }], clock())
    const { status, body: told } = await of('AA').answering().message(of('AA').home(), of('AA').hall(), message?.envelope ?? new Uint8Array())
    return [status, (JSON.parse(told) as { code?: string }).code]
  }
  assert.deepEqual(await door('CC', body), [400, 'transfer/unknown'])
  assert.deepEqual(await door('BB', { ...body, transfer: '00'.repeat(16) }), [400, 'transfer/unknown'])
  assert.deepEqual(await door('BB', { ...body, items: [1, 0] }), [400, 'transfer/shape'])
  const before = (await transferBy(at('AA'), id, 'out', clock())).items
  await sleep(1_100)
  assert.deepEqual(await door('BB', { ...body, items: [900] }), [200, undefined])
  assert.deepEqual((await transferBy(at('AA'), id, 'out', clock())).items, before)
})

test('a receiver whose clock is wrong puts no receipt before the dispatch and none into the future', async () => {
  for (const happened of [timeOf(clock() - 86_400), timeOf(clock() + 200)]) {
    const [fresh] = await enter(of('AA').side(), 'baseline', [{ serial: `06${happened.slice(17, 19)}` }]) as [ItemId]
    const { transfer, message } = await dispatch({ items: [fresh] })
    await send('AA')
    await writeMessages(of('BB').home().register, of('BB').hall().joined, [{ to: of('AA').party, kind: 'transfer/receive', about: message.id, body: { transfer, request: message.id, happened, items: [0], note: null } }], clock())
    await send('BB')
    assert.deepEqual(await settleTransfer(at('AA'), transfer, TWO, clock() + 1), { released: 1, disputed: 0 })
    const { released, since } = await holdingOf('AA', fresh)
    assert.ok(released !== undefined && since >= message.payload.time && since <= timeOf(clock() + 1))
  }
})

test('a receipt that comes when the books of its day are closed is entered at the first open moment, and says when it was', async () => {
  const [fresh] = await enter(of('AA').side(), 'baseline', [{ serial: '0777' }]) as [ItemId]
  const { transfer, message } = await dispatch({ items: [fresh] })
  await send('AA')
  const happened = timeOf(clock())
  await writeMessages(of('BB').home().register, of('BB').hall().joined, [{ to: of('AA').party, kind: 'transfer/receive', about: message.id, body: { transfer, request: message.id, happened, items: [0], note: null } }], clock())
  await send('BB')
  await sleep(1_100)
  const until = timeOf(clock())
  await closeBooks(of('AA').home().register, { kind: 'opening', until, by: TWO.by, and: TWO.and, reason: 'end of the exercise', sources: ['Act 17'], questions: [] }, clock())
  assert.deepEqual(await settleTransfer(at('AA'), transfer, TWO, clock() + 5), { released: 1, disputed: 0 })
  const last = (await itemState(of('AA').home().register, fresh)).events.at(-1)
  assert.deepEqual([last?.kind, last?.happened], ['received', addSeconds(until, 1)])
  assert.ok(last?.reason.includes(`received ${happened}, entered late, the books being closed up to ${until}`), last?.reason)
})

test('after all of it the audit of each register finds nothing', async () => {
  for (const party of ['AA', 'BB', 'CC']) {
    const found: Finding[] = []
    const { register } = of(party).home()
    await withSnapshot(register.db, (snapshot) => auditStore(snapshot, register, (finding) => found.push(finding), { onTotal: () => undefined, onRows: () => undefined }))
    // The photo of the fixture was never taken.
    assert.deepEqual(found.filter(({ table }) => table !== 'photo'), [], party)
  }
})
