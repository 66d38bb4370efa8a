import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { CustodyEvent, CustodyRequest } from '@muster/core/rules/custody-event.ts'
import { decide } from '@muster/core/rules/decide.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import { auditStore } from './audit.ts'
import { transaction } from './database.ts'
import { writeBatch, type Addition } from './events.ts'
import type { Finding } from './finding.ts'
import { scratchParty, type ScratchRegister } from './scratch-register.ts'
import { withSnapshot } from './snapshot.ts'

const T = 1_700_000_000
const PAIRS = 60
const place = { owner: { is: 'Rio' }, custodian: { is: 'Rio' }, site: { code: 'Depot 1', region: 'North' }, unit: 'unknown' } as const
const common = { by: 'Ana', and: null, reason: 'test', documents: [] } as const
const identity = { class: 'gripstock', maker: 'unknown', type: { is: '9П516' }, year: 'unknown', lot: 'unknown' } as const
const mark = { text: '№ 7 "\\\t', place: null, method: 'stamped', condition: 'intact', photo: null } as const

/** Items `i` and `i + PAIRS` have everything alike but their ids, which stand in no order. */
const id = (i: number): ItemId => `${String((i * 7919) % 10_007).padStart(8, '0')}-0000-4000-8000-${String(i).padStart(12, '0')}` as ItemId
const serial = (i: number): string => `0${i % PAIRS}`
const entered = (i: number): CustodyRequest => ({ ...common, kind: 'baseline', happened: timeOf(T), data: { entry: { identity: { ...identity, serial: { is: serial(i) } }, place, marks: [mark] } } })
const counted: CustodyRequest = { ...common, kind: 'counted', happened: timeOf(T + 100), data: { seen: 'opened' } }

/** What happens to an item besides being counted: to most nothing. */
function further(i: number): CustodyRequest[] {
  switch (i % PAIRS) {
    case 3: return [{ ...common, kind: 'moved', happened: timeOf(T + 101), data: { site: { code: 'Depot 2', region: 'South' } } }]
    case 5: return [{ ...common, kind: 're-marked', happened: timeOf(T + 101), data: { marks: [{ ...mark, text: '8' }] } }, counted]
    case 7: return [{ ...common, kind: 'modified', happened: timeOf(T + 101), data: { what: 'plate', identity: { ...identity, serial: { is: '777' } } } }]
    case 9: return [{ ...common, kind: 'corrected', happened: timeOf(T + 101), data: { of: 0, how: 'entered-in-error' } }]
    default: return []
  }
}

const histories = new Map<number, CustodyEvent[]>()
function added(i: number, request: CustodyRequest): Addition {
  const events = histories.get(i) ?? []
  const decided = decide({ item: id(i), events }, request, timeOf(T + 200))
  if (decided instanceof Error) throw decided
  histories.set(i, [...events, decided[0]])
  return { before: events, event: decided[0] }
}

describe('a batch of custody events', () => {
  let register: ScratchRegister
  const write = (additions: readonly Addition[]) => transaction(register.db, (tx) => writeBatch(tx, register.secrets, { act: 'x', by: 'Ana', written: timeOf(T + 200) }, additions))
  const audited = async () => {
    const found: Finding[] = []
    await withSnapshot(register.db, (snapshot) => auditStore(snapshot, register, (finding) => found.push(finding), { onTotal: () => undefined, onRows: () => undefined }))
    return found.map(({ table, key, column, code }) => ({ table, key, column, code }))
  }
  before(async () => { register = await scratchParty() })
  after(() => register.remove())

  test('leaves, of many at once, what each of them alone leaves, and nothing that an audit finds', async () => {
    const [together, alone] = [0, PAIRS].map((from) => Array.from({ length: PAIRS }, (_, i) => from + i)) as [number[], number[]]
    await write(together.map((i) => added(i, entered(i))))
    await write(together.flatMap((i) => [counted, ...further(i)].map((request) => added(i, request))))
    for (const i of alone) for (const request of [entered(i), counted, ...further(i)]) await write([added(i, request)])
    const stored = async (items: readonly number[]) => {
      const rows = await Promise.all([
        'SELECT * FROM item WHERE item_id = ANY($1) ORDER BY right(item_id::text, 12)', 'SELECT * FROM mark WHERE item_id = ANY($1) ORDER BY right(item_id::text, 12), ordinal',
        'SELECT key, kind, item_id FROM match_key WHERE item_id = ANY($1) ORDER BY right(item_id::text, 12), key', 'SELECT item_id, seq, event FROM custody_event WHERE item_id = ANY($1) ORDER BY right(item_id::text, 12), seq',
      ].map((statement) => register.db.read<{ item_id: string, event?: string }>(statement, [items.map(id)])))
      return rows.map((table) => table.map(({ item_id, event, ...row }) => ({ ...row, event: event?.replace(item_id, '') })))
    }
    const both = [await stored(together), await stored(alone)]
    assert.deepEqual(both[0], both[1])
    const [items, marks, keys, events] = both[0] as [unknown[], unknown[], unknown[], unknown[]]
    assert.deepEqual([items.length, marks.length, keys.length > PAIRS, events.length], [PAIRS, PAIRS + 1, true, 2 * PAIRS + 5])
    assert.deepEqual(await audited(), [])
  })

  test('that only counts items does not hide what somebody wrote into their rows', async () => {
    await register.behindItsBack((connection) => connection.query('UPDATE item SET site = \'elsewhere\' WHERE item_id = $1', [id(1)]))
    await write([added(1, counted)])
    assert.deepEqual(await audited(), [{ table: 'item', key: { item_id: id(1) }, column: 'site', code: 'fold' }])
    await register.behindItsBack((connection) => connection.query('UPDATE item SET site = \'Depot 1\' WHERE item_id = $1', [id(1)]))
    assert.deepEqual(await audited(), [])
  })

  test('with an event that nobody could read again is refused whole', async () => {
    const marks = Array.from({ length: 32 }, () => ({ ...mark, text: '№'.repeat(1_000) }))
    const long = { ...entered(0), data: { entry: { identity: { ...identity, serial: 'nil' }, place, marks } } } as CustodyRequest
    for (const many of [1, PAIRS]) {
      const fresh = Array.from({ length: many }, (_, i) => added(many * 1_000 + i, i === many - 1 ? long : entered(i)))
      await assert.rejects(write(fresh), { code: 'event/too-long' })
      assert.deepEqual(await register.db.read('SELECT 1 FROM custody_event WHERE item_id = ANY($1)', [fresh.map(({ event }) => event.item)]), [])
    }
    assert.deepEqual(await audited(), [])
  })
})
