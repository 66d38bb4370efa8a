// A number names one document in its series, whoever takes it first, also where several do at one moment and where a correction gives it back.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { CustodyRequest, EventKind, RequestOf } from '@muster/core/rules/custody-event.ts'
import type { Document } from '@muster/core/rules/document.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { documentsView } from '../api/views/book.ts'
import { auditStore } from './audit.ts'
import type { Finding } from './finding.ts'
import { recordEvent } from './record-event.ts'
import { migrate } from '../sql/migrate.ts'
import { behindItsBack, scratchParty, type ScratchRegister } from './scratch-register.ts'
import { withSnapshot } from './snapshot.ts'

const PLACE = { owner: { is: 'M' }, custodian: { is: 'M' }, site: { code: 'D5', region: 'North' }, unit: 'unknown' } as const
const taken = (error: unknown) => error instanceof Refusal && error.code === 'document/number-taken'

let register: ScratchRegister
const items: ItemId[] = []

async function put<K extends EventKind>(of: ItemId | 'new', kind: K, data: RequestOf<K>['data'], documents: readonly Document[]): Promise<ItemId> {
  const request = { kind, happened: '2026-02-01T12:00:00Z', by: 'A. Petrova', and: 'B. Karimov', reason: 'as ordered', documents, data } as CustodyRequest
  return (await recordEvent(register, { item: of, request, at: '2026-02-02T12:00:00Z' })).event.item
}
const enter = (serial: string, documents: readonly Document[]) => put('new', 'baseline', { entry: { identity: { class: 'missile', maker: 'unknown', type: { is: '9М39' }, year: 'unknown', lot: 'unknown', serial: { is: serial } }, place: PLACE } }, documents)
const move = (item: number, ...documents: Document[]) => put(items[item] as ItemId, 'moved', { site: { code: 'D6', region: 'South' } }, documents)
const document = (number: string, date: string, series: string | null = 'AB'): Document => ({ series, number, date })

before(async () => {
  register = await scratchParty()
  for (let i = 0; i < 8; i++) items.push(await enter(String(100 + i), [document('1', '2024-01-09', 'OP')]))
})
after(() => register.remove())

test('one document is named by many events, and no other under its number, in words that name both', async () => {
  await move(0, document('17', '2026-01-30'))
  await move(1, document('17', '2026-01-30'))
  await move(2, document('17', 'unknown'))
  await assert.rejects(move(3, document('18', '2026-01-31'), document('17', '2026-01-31')), (error: Error) => taken(error) && new RegExp(`number 17 of series AB is the document of 2026-01-3[01] \\(item [0-9a-f-]{36}, event 1\\), and cannot be one of 2026-01-3[01]`).test(error.message))
  await move(3, document('17', '2026-01-31', 'АБ'), document('17', '2026-01-31', null), document('18', '2026-01-31'))
  await move(4, document('17', '2020-01-01', null))
})

test('papers of another state take no number here, whatever they are called', async () => {
  const entry = { identity: { class: 'missile', maker: 'unknown', type: 'unknown', year: 'unknown', lot: 'unknown', serial: { is: '900' } }, place: PLACE } as const
  await put('new', 'received', { from: { party: 'QQ' as PartyId }, entry }, [document('17', '2019-01-01'), document('44', '2019-01-01')])
  await put('new', 'imported', { from: { name: 'A works' }, entry }, [document('17', '2018-01-01')])
  assert.deepEqual((await documentsView(register, 'AB')).documents.map(({ number }) => number), ['17', '18'])
  await assert.rejects(put('new', 'received', { from: { name: 'Depot 9' }, entry }, [document('17', '2019-01-01')]), taken)
})

test('nothing is left of what was refused', async () => {
  const { documents } = await documentsView(register, 'AB')
  assert.deepEqual(documents, [{ series: 'AB', number: '17', date: '2026-01-30', events: 3 }, { series: 'AB', number: '18', date: '2026-01-31', events: 1 }])
})

test('of many who take one number at one moment for documents of different dates, those of one date have it', async () => {
  const dates = items.map((_, i) => `2026-01-${String(10 + i % 4)}`)
  const ended = await Promise.allSettled(items.map((_, i) => move(i, document('30', dates[i] as string))))
  const done = new Set(dates.filter((_, i) => ended[i]?.status === 'fulfilled'))
  assert.equal(done.size, 1)
  for (const each of ended) if (each.status === 'rejected') assert.ok(taken(each.reason), String(each.reason))
  assert.equal((await documentsView(register, 'AB')).documents.at(-1)?.events, 2)
})

test('a correction gives a number back, and cannot be taken back once another document has it', async () => {
  const item = items[5] as ItemId
  await move(5, document('41', '2026-01-01'))
  const { seq } = (await register.db.read<{ seq: number }>('SELECT max(seq) AS seq FROM custody_event WHERE item_id = $1', [item]))[0] as { seq: number }
  await put(item, 'corrected', { of: seq, how: 'incorrect-data', instead: { kind: 'moved', happened: '2026-02-01T12:00:00Z', documents: [document('40', '2026-01-01')], data: { site: { code: 'D6', region: 'South' } } } }, [])
  await move(6, document('41', '2026-01-02'))
  await assert.rejects(put(item, 'corrected', { of: seq + 1, how: 'did-not-occur' }, []), taken)
  await assert.rejects(put(item, 'corrected', { of: 0, how: 'incorrect-data', instead: { kind: 'baseline', happened: '2026-02-01T12:00:00Z', documents: [document('41', '2026-01-03')], data: { entry: { identity: { class: 'missile', maker: 'unknown', type: 'unknown', year: 'unknown', lot: 'unknown', serial: 'unknown' }, place: PLACE } } } }, []), taken)
})

test('the register of documents stands in the order of its numbers and names the gaps, series by series', async () => {
  const { documents, gaps } = await documentsView(register, undefined)
  assert.deepEqual(documents.map(({ series, number }) => `${series} ${number}`), ['AB 17', 'AB 18', 'AB 30', 'AB 40', 'AB 41', 'OP 1', 'АБ 17'])
  assert.deepEqual(gaps, [{ series: 'AB', from: '19', to: '29' }, { series: 'AB', from: '31', to: '39' }])
})

test('the rows are what the events give: an audit of all this finds nothing', async () => {
  const found: Finding[] = []
  await withSnapshot(register.db, (snapshot) => auditStore(snapshot, register, (finding) => found.push(finding), { onTotal: () => undefined, onRows: () => undefined }))
  assert.deepEqual(found, [])
})

test('a register that was written before numbers were kept has them once its schema is brought up to date', async () => {
  await move(7, document('ю "17"\\', 'unknown'))
  const rows = () => register.db.read("SELECT * FROM document_number WHERE item_id NOT IN (SELECT item_id FROM custody_event WHERE event LIKE '%corrected%') ORDER BY document_key, item_id, seq")
  const before = await rows()
  assert.ok(before.length > 10)
  await behindItsBack(register, async (connection) => {
    await connection.query('DROP TABLE document_number')
    await connection.query("DELETE FROM schema_migration WHERE name = '0010-document-numbers'")
    assert.deepEqual(await migrate(connection), ['0010-document-numbers'])
    await connection.query('GRANT ALL ON document_number TO PUBLIC')
  })
  assert.deepEqual(await rows(), before)
})
