import assert from 'node:assert/strict'
import { createHmac, randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { CustodyEvent } from '@muster/core/rules/custody-event.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import { transaction } from './database.ts'
import { openRepeats, openLikeness } from './duplicates.ts'
import { leafSalt, writeBatch } from './events.ts'
import { changeOfRows, rowsOf } from './fold-rows.ts'
import { openFreshEvents, writePart } from './fresh-batch.ts'
import { openHmac } from './hmac.ts'
import { openIntakeMac } from './intake-row.ts'
import { rowMac } from './row-mac.ts'
import { scratchParty } from './scratch-register.ts'

const id = (i: number): ItemId => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}` as ItemId
const sorted = (value: unknown): unknown => value !== null && typeof value === 'object'
  ? Array.isArray(value) ? value.map(sorted) : Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, each]) => [name, sorted(each)])) : value

const first = (i: number): CustodyEvent => sorted({
  v: 'muster/event/1', item: id(i), seq: 0, written: timeOf(1_700_000_000), happened: timeOf(1_700_000_000), kind: 'baseline', by: 'Ana "A" \\ Б', and: null, reason: 'r', documents: [],
  data: {
    entry: {
      identity: { class: 'missile', maker: { is: 'ЗиД\\' }, type: { is: '9М39' }, year: { is: '1981' }, lot: { is: '3' }, serial: { is: `0${i}` } },
      place: { owner: 'unknown', custodian: { is: 'R' }, site: { code: 'D', region: 'N' }, unit: 'nil' },
      marks: [{ text: `a\tb\n№ ${i} "\\`, place: null, method: 'unknown', condition: 'intact', photo: null, reading: `0${i}` }],
    },
  },
}) as CustodyEvent

describe('the fast road of an import', () => {
  test('stores the rows that the plain road stores, but for the random ids and secrets of batches', async () => {
    const register = await scratchParty()
    try {
      const events = Array.from({ length: 60 }, (_, i) => first(i))
      const statements = [
        'SELECT item_id, seq, ordinal, event FROM custody_event ORDER BY item_id', 'SELECT * FROM item ORDER BY item_id', 'SELECT * FROM mark ORDER BY item_id', 'SELECT * FROM match_key ORDER BY key, item_id',
        'SELECT act, done_by, written, events FROM event_batch',
      ]
      const act = { act: 'x', by: 'Ana', written: timeOf(1_700_000_000) }
      const all = () => Promise.all(statements.map((statement) => register.db.read(statement)))
      const plain = await transaction(register.db, (tx) => writeBatch(tx, register.secrets, act, events.map((event) => ({ before: [], event })))).then(all)
      await register.behindItsBack((connection) => connection.query('TRUNCATE custody_event, item, mark, match_key, event_batch'))
      const fresh = openFreshEvents()
      for (const event of events) assert.equal(fresh.add(event, rowsOf([event])), true)
      await transaction(register.db, (tx) => writePart(tx, register.secrets, act, fresh.take(true)))
      assert.deepEqual(await all(), plain)
    } finally {
      await register.remove()
    }
  })

  test('an event beyond its longest is not taken', () => {
    const event = first(1)
    const fresh = openFreshEvents()
    assert.equal(fresh.add({ ...event, reason: 'я'.repeat(40_000) }, rowsOf([event])), false)
    assert.equal(fresh.take(true).batches.length, 0)
  })

  test('its HMAC, salts and row macs are the plain ones', () => {
    for (const key of [randomBytes(32), randomBytes(64), Buffer.alloc(0)]) {
      for (const text of ['', 'a', 'я'.repeat(100), 'x'.repeat(5000)]) assert.equal(openHmac(key, 'hex')(text), createHmac('sha256', key).update(text).digest('hex'))
    }
    const secret = randomBytes(32)
    assert.equal(openHmac(secret, 'hex')(`${id(1)}\n7`), leafSalt(secret, id(1), 7).toString('hex'))
    assert.throws(() => openHmac(Buffer.alloc(65), 'hex'), RangeError)
    const secrets = { mac: secret, item: secret, dummy: secret, pad: secret, question: secret, share: secret, person: secret }
    const [fingerprint, item, run] = [randomBytes(32), id(5), id(6)]
    const mac = rowMac(secrets, 'intake_row', { fingerprint, item_id: item, import_id: run, row_number: 12 }).toString('hex')
    assert.equal(openIntakeMac(secret, run)({ row: 12, fingerprint }, item), `\\\\x${fingerprint.toString('hex')}\t${item}\t${run}\t12\t\\\\x${mac}\n`)
  })

  test('what further events change in the rows is the difference of all rows', () => {
    const events = [first(1)]
    const common = { v: 'muster/event/1', item: id(1), written: timeOf(1_700_000_100), by: 'A', and: null, reason: 'r', documents: [] } as const
    const { identity } = (events[0] as Extract<CustodyEvent, { kind: 'baseline' }>).data.entry
    const later = [
      { ...common, kind: 'counted', seq: 1, happened: timeOf(1_700_000_010), data: { seen: 'opened' } },
      { ...common, kind: 'modified', seq: 2, happened: timeOf(1_700_000_020), data: { what: 'plate', identity: { ...identity, serial: { is: '777' } } } },
      { ...common, kind: 're-marked', seq: 3, happened: timeOf(1_700_000_030), data: { marks: [{ text: '777', place: null, method: 'stamped', condition: 'intact', photo: null }] } },
      { ...common, kind: 'corrected', seq: 4, happened: timeOf(1_700_000_040), data: { of: 2, how: 'did-not-occur' } },
      { ...common, kind: 'corrected', seq: 5, happened: timeOf(1_700_000_050), data: { of: 0, how: 'entered-in-error' } },
    ] as const satisfies readonly CustodyEvent[]
    for (const event of later) {
      const before = [...events]
      events.push(event)
      const { gone, added, advances } = changeOfRows(before, events)
      for (const table of ['item', 'mark', 'match_key'] as const) {
        const text = (row: readonly unknown[]) => JSON.stringify(row)
        const rest = new Set(rowsOf(before)[table].map(text))
        for (const row of gone[table]) assert.ok(rest.delete(text(row)), `${event.seq} ${table}: a row goes that was not there`)
        for (const row of added[table]) rest.add(text(row))
        if (table === 'item' && advances !== undefined) for (const row of rowsOf(before).item) if (rest.delete(text(row))) rest.add(text([...row.slice(0, -1), advances.lastSeq]))
        assert.deepEqual([...rest].sort(), rowsOf(events)[table].map(text).sort(), `${event.seq} ${table}`)
      }
    }
  })

  test('rows that repeat one another, and rows that share class and serial and contradict nothing, are known however many there are', () => {
    const repeats = openRepeats()
    for (let i = 1; i <= 30_000; i++) assert.equal(repeats(i, ['a', String(i)]), undefined)
    assert.equal(repeats(30_001, ['a', '777']), 777)
    const like = openLikeness()
    const identity = (maker: string) => ({ class: 'missile', maker: maker === '' ? 'unknown' as const : { is: maker }, type: 'unknown', year: 'unknown', lot: 'unknown', serial: { is: '1' } }) as const
    assert.deepEqual([like(1, 'k', identity('ЗиД')), like(2, 'k', identity('КМЗ')), like(3, 'k', identity('')), like(4, 'k', identity('зид')), like(5, 'other', identity('ЗиД'))], [undefined, undefined, 1, 1, undefined])
  })
})
