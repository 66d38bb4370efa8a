import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Refusal } from '../bytes/refusal.ts'
import type { CustodyEvent } from './custody-event.ts'
import type { Holding } from './holding.ts'
import { daysSince, lyingTogether, refuseAlone, refuseStore, storeActOf, storesOf, type StoreAct } from './store.ts'

const NOW = '2026-06-01T12:00:00Z'
const NOTHING = { apart: [], twoPersons: false, everyDays: null, on: null, findings: [], finding: null }
const act = (kind: StoreAct['kind'], more: Partial<StoreAct> = {}): StoreAct => {
  const made = storeActOf({ ...NOTHING, kind, site: 'D5', by: 'A. Petrova', and: 'B. Karimov', reason: 'order 7', ...more })
  if (made instanceof Refusal) throw made
  return made
}
const rule = act('rule', { apart: [['missile', 'gripstock']], twoPersons: true, everyDays: 90 })
const inspected = act('inspected', { on: '2026-03-01', findings: ['the lock is loose', 'no list at the door'] })
const code = (refusal: Refusal | undefined) => refusal?.code

test('findings are numbered through the store\'s inspections, each is put right once, and stays in the record', () => {
  const acts = [rule, inspected, act('remedied', { on: '2026-03-05', finding: 1 }), act('inspected', { on: '2026-05-01', findings: ['damp'] })]
  const store = storesOf(acts).get('D5')
  assert.deepEqual([store?.inspected, store?.findings], ['2026-05-01', [
    { number: 1, text: 'the lock is loose', since: '2026-03-01', remedied: '2026-03-05' }, { number: 2, text: 'no list at the door', since: '2026-03-01', remedied: null }, { number: 3, text: 'damp', since: '2026-05-01', remedied: null },
  ]])
  assert.equal(store?.rule?.everyDays, 90)
  assert.equal(storesOf([...acts, act('rule', { everyDays: 30 })]).get('D5')?.rule?.twoPersons, false, 'a later rule stands in the place of the one before')
})

test('each act is refused for what is wrong with it', () => {
  const acts = [rule, inspected, act('remedied', { on: '2026-03-05', finding: 1 })]
  const refused = (kind: StoreAct['kind'], more: Partial<StoreAct>) => code(refuseStore(acts, act(kind, more), NOW))
  assert.equal(refused('remedied', { on: '2026-06-01', finding: 2 }), undefined)
  assert.equal(refused('remedied', { on: '2026-06-01', finding: 1 }), 'store/remedied-already')
  assert.equal(refused('remedied', { on: '2026-06-01', finding: 3 }), 'store/no-such-finding')
  assert.equal(refused('remedied', { on: '2026-06-01', finding: 2, site: 'D6' }), 'store/no-such-finding')
  assert.equal(refused('remedied', { on: '2026-02-28', finding: 2 }), 'store/before-it-was-found')
  assert.equal(refused('inspected', { on: '2026-06-02' }), 'store/to-come')
  assert.equal(refused('rule', { and: 'a. petrova' }), 'two-people/same-person')
  for (const wrong of [{ kind: 'rule', on: '2026-01-01' }, { kind: 'rule', apart: [['missile', 'missile']] }, { kind: 'rule', apart: [['missile']] }, { kind: 'inspected' }, { kind: 'inspected', on: '2026-01-01', twoPersons: true }, { kind: 'remedied', on: '2026-01-01' }, { kind: 'inspected', on: '2026-01-01', finding: 1 }]) {
    const read = storeActOf({ ...NOTHING, site: 'D5', by: 'A', and: 'B', reason: 'r', ...wrong })
    assert.ok(read instanceof Refusal && read.code === 'store/shape', JSON.stringify(wrong))
  }
})

test('what is moved into such a store or out of it takes two people; what is counted there does not', () => {
  const event = (seq: number, kind: string, data: object, and: string | null): CustodyEvent => ({ v: 'muster/event/1', item: 'i', seq, kind, data, happened: '2026-01-01T00:00:00Z', written: '2026-01-01T00:00:00Z', by: 'A. Petrova', and, reason: 'r', documents: [] }) as unknown as CustodyEvent
  const at = (site: string) => event(0, 'baseline', { entry: { identity: { class: 'missile', maker: 'unknown', type: 'unknown', year: 'unknown', lot: 'unknown', serial: 'unknown' }, place: { owner: { is: 'M' }, custodian: { is: 'M' }, site: { code: site, region: 'N' }, unit: 'unknown' } } }, null)
  const moved = (to: string, and: string | null) => event(1, 'moved', { site: { code: to, region: 'N' } }, and)
  const stores = storesOf([rule])
  const told = (before: CustodyEvent, next: CustodyEvent) => code(refuseAlone(stores, [before], next))
  assert.deepEqual([told(at('D5'), moved('D6', null)), told(at('D6'), moved('D5', null)), told(at('D5'), moved('D6', 'A. petrova'))], ['store/two-people', 'store/two-people', 'store/two-people'])
  assert.deepEqual([told(at('D5'), moved('D6', 'B. Karimov')), told(at('D6'), moved('D7', null)), told(at('D5'), event(1, 'counted', { seen: 'opened' }, null))], [undefined, undefined, undefined])
})

test('classes that lie together against the rule are named, with how many there are; what is gone or elsewhere does not count', () => {
  const held = (kind: string, site = 'D5', status = 'held') => ({ status, identity: { class: kind }, place: { site: { code: site, region: 'N' } } }) as unknown as Holding
  const store = storesOf([rule]).get('D5')
  assert.ok(store !== undefined)
  assert.deepEqual(lyingTogether(store, [held('missile'), held('missile'), held('gripstock'), held('power-unit')]), [{ apart: ['missile', 'gripstock'], items: 3 }])
  assert.deepEqual(lyingTogether(store, [held('missile'), held('gripstock', 'D6'), held('gripstock', 'D5', 'lost'), held('gripstock', 'D5', 'in-transit')]), [])
  assert.equal(daysSince('2026-03-01', NOW), 92)
})
