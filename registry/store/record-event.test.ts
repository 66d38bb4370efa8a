import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { CustodyRequest } from '@muster/core/rules/custody-event.ts'
import { explainMark } from '@muster/core/rules/explain.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import { LADDER_LIMITS } from '@muster/core/rules/ladder.ts'
import { auditStore } from './audit.ts'
import { openCase, listCases } from './cases.ts'
import { readCatalogue } from './catalogue.ts'
import { measureChance } from './chance.ts'
import { eventsOf } from './events.ts'
import type { Finding } from './finding.ts'
import { findByLadder, listItems, possibleDuplicates } from './items.ts'
import { photoOf } from './photos.ts'
import { itemState, recordEvent } from './record-event.ts'
import { scratchParty, type ScratchRegister } from './scratch-register.ts'
import { withSnapshot } from './snapshot.ts'

const T = 1_700_000_000
const place = { owner: { is: 'Rio' }, custodian: { is: 'Rio' }, site: { code: 'Depot 1', region: 'North' }, unit: 'unknown' } as const
const common = { by: 'Ana', and: null, reason: 'test', documents: [] } as const
const entered = (serial: string, type = '9П516'): CustodyRequest => ({
  ...common, kind: 'baseline', happened: timeOf(T),
  data: { entry: { identity: { class: 'gripstock', maker: 'unknown', type: { is: type }, year: 'unknown', lot: 'unknown', serial: { is: serial } }, place, marks: [{ text: `№ ${serial}`, place: null, method: 'stamped', condition: 'intact', photo: null, reading: serial }] } },
})
const moved = (code: string): CustodyRequest => ({ ...common, kind: 'moved', happened: timeOf(T + 100), data: { site: { code, region: 'South' } } })

let register: ScratchRegister
const enter = async (serial: string, type?: string): Promise<ItemId> => (await recordEvent(register, { item: 'new', request: entered(serial, type), at: timeOf(T + 1) })).event.item
const look = async (mark: string, classes: string[] = []) => {
  const { ladder } = explainMark(mark, { catalogue: await readCatalogue(undefined), classes, type: undefined, script: 'unknown', condition: 'unknown', limits: LADDER_LIMITS })
  return findByLadder(register.db, ladder)
}

describe('custody events recorded in a register', () => {
  before(async () => { register = await scratchParty() })
  after(async () => register.remove())

  test('an item enters, is found by its mark as written and as copied badly, and is listed by page', async () => {
    const item = await enter('0123')
    await enter('0124')
    assert.deepEqual((await look('9П516 № 0123')).map((hit) => [hit.item, hit.rung, hit.kind]).slice(0, 1), [[item, 'written', 'type']])
    assert.deepEqual((await look('9P516 No 123')).map((hit) => [hit.item === item, hit.rung]).slice(0, 1), [[true, 'written']])
    assert.deepEqual((await look('0l23', ['gripstock'])).some((hit) => hit.item === item), true)
    assert.deepEqual(await look('9П516 № 7777'), [])
    const first = await listItems(register.db, { class: 'gripstock' }, { rows: 1 })
    const second = await listItems(register.db, { class: 'gripstock' }, { rows: 1, after: first.next })
    assert.equal(new Set([...first.items, ...second.items].map((each) => each.item)).size, 2)
    assert.deepEqual((await listItems(register.db, { class: 'missile' }, { rows: 10 })).items, [])
  })

  test('the law refuses, and what it refuses leaves nothing', async () => {
    const item = await enter('0200')
    const destroyed: CustodyRequest = { ...common, kind: 'destroyed', happened: timeOf(T + 50), documents: [{ series: null, number: '7', date: 'unknown' }], data: {} }
    await assert.rejects(recordEvent(register, { item, request: destroyed, at: timeOf(T + 60) }), { code: 'two-people/second-missing' })
    await assert.rejects(recordEvent(register, { item, request: { ...destroyed, and: 'ana ' }, at: timeOf(T + 60) }), { code: 'two-people/same-person' })
    await recordEvent(register, { item, request: { ...destroyed, and: 'Bea' }, at: timeOf(T + 60) })
    await assert.rejects(recordEvent(register, { item, request: moved('Depot 2'), at: timeOf(T + 200) }), { code: 'custody/after-destruction' })
    await assert.rejects(recordEvent(register, { item: '00000000-0000-4000-8000-000000000000' as ItemId, request: moved('Depot 2'), at: timeOf(T + 200) }), { code: 'event/unknown-item' })
    assert.equal((await eventsOf(register.db, item)).length, 2)
    assert.equal((await itemState(register, item)).holding.status, 'destroyed')
  })

  test('a key makes the same recording happen once, and is refused for another', async () => {
    const item = await enter('0300')
    const once = { item, request: moved('Depot 3'), once: 'form 17', at: timeOf(T + 200) }
    const both = await Promise.all([recordEvent(register, once), recordEvent(register, once)])
    assert.deepEqual(both.map(({ again }) => again).sort(), [false, true])
    assert.deepEqual(both.map(({ event }) => event.seq), [1, 1])
    await assert.rejects(recordEvent(register, { ...once, request: moved('Depot 4') }), { code: 'event/key-used-otherwise' })
    assert.equal((await eventsOf(register.db, item)).length, 2)
  })

  test('twenty writers of one item append twenty events, and a person who saw an older state is refused', async () => {
    const item = await enter('0400')
    await Promise.all(Array.from({ length: 20 }, (_, i) => recordEvent(register, { item, request: moved(`Depot ${i}`), at: timeOf(T + 200) })))
    const events = await eventsOf(register.db, item)
    assert.deepEqual(events.map(({ seq }) => seq), Array.from({ length: 21 }, (_, i) => i))
    assert.deepEqual((await itemState(register, item)).holding.place.site, (events[20]?.data as { site: unknown }).site)
    await assert.rejects(recordEvent(register, { item, request: moved('Depot 30'), seen: 19, at: timeOf(T + 300) }), { code: 'custody/changed-since' })
  })

  test('a new serial moves the item to its new keys, and an entry made in error takes it from the search', async () => {
    const item = await enter('0500')
    const identity = { class: 'gripstock', maker: 'unknown', type: { is: '9П516' }, year: 'unknown', lot: 'unknown', serial: { is: '0501' } } as const
    await recordEvent(register, { item, request: { ...common, kind: 'modified', happened: timeOf(T + 100), data: { what: 'plate replaced', identity } }, at: timeOf(T + 200) })
    assert.deepEqual((await look('9П516 № 0500')).filter((hit) => hit.rung === 'written'), [])
    assert.deepEqual((await look('9П516 № 0501')).map((hit) => hit.item).slice(0, 1), [item])
    await recordEvent(register, { item, request: { ...common, kind: 'corrected', happened: timeOf(T + 210), data: { of: 0, how: 'entered-in-error' } }, at: timeOf(T + 220) })
    assert.deepEqual((await look('9П516 № 0501')).filter((hit) => hit.item === item), [])
    assert.equal((await itemState(register, item)).holding.status, 'entered-in-error')
  })

  test('a photo is kept without its metadata under the hash of its original, and an event may not name one that is not there', async () => {
    const copy = Buffer.from('picture')
    const photo = { mediaType: 'image/png', originalSha256: createHash('sha256').update('original').digest(), copy, copySha256: createHash('sha256').update(copy).digest(), width: 1, height: 1 } as const
    const item = await enter('0600')
    const marks = [{ text: '№ 0600', place: null, method: 'stamped', condition: 'intact', photo: Buffer.from(photo.originalSha256).toString('hex') }] as const
    const request: CustodyRequest = { ...common, kind: 'counted', happened: timeOf(T + 100), data: { seen: 'opened', marks } }
    await assert.rejects(recordEvent(register, { item, request, at: timeOf(T + 200) }), { code: 'event/photo-missing' })
    await recordEvent(register, { item, request, photos: [photo], at: timeOf(T + 200) })
    assert.deepEqual((await photoOf(register.db, register.secrets, photo.originalSha256))?.copy, copy)
    await recordEvent(register, { item, request, at: timeOf(T + 300) })
    await register.behindItsBack((connection) => connection.query("UPDATE photo SET copy = 'other'"))
    await assert.rejects(photoOf(register.db, register.secrets, photo.originalSha256), { code: 'row-changed' })
    await register.behindItsBack((connection) => connection.query("UPDATE photo SET copy = 'picture'"))
  })

  test('two people open a case, and items that share class and serial are shown together', async () => {
    await assert.rejects(openCase(register, 'Crate at the border', 'Ana', null, timeOf(T)), { code: 'two-people/second-missing' })
    const opened = await openCase(register, 'Crate at the border', 'Ana', 'Bea', timeOf(T))
    assert.deepEqual(await listCases(register), [opened])
    const pair = [await enter('0700', '9П516'), await enter('0700', '9П58М')].sort()
    const { groups } = await possibleDuplicates(register.db, { groups: 10 })
    assert.deepEqual(groups.map(({ items }) => items.map((each) => each.item)), [pair])
  })

  test('the chance of a mark is measured on the register', async () => {
    const { ladder } = explainMark('9П516 № 0123', { catalogue: await readCatalogue(undefined), classes: [], type: undefined, script: 'unknown', condition: 'unknown', limits: LADDER_LIMITS })
    assert.ok(ladder.verdict === 'readable')
    const measured = await measureChance(register.db, ladder.candidates[0] as (typeof ladder.candidates)[number])
    assert.deepEqual([measured.tried, measured.percent === '1' || measured.percent === '3', measured.pattern], [10_000, true, '0199'], JSON.stringify(measured))
  })

  test('after all of it the audit finds nothing', async () => {
    await sleep(0)
    const found: Finding[] = []
    await withSnapshot(register.db, (snapshot) => auditStore(snapshot, register, (finding) => found.push(finding), { onTotal: () => undefined, onRows: () => undefined }))
    assert.deepEqual(found, [])
  })
})
