import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Holding } from './holding.ts'
import type { Identity } from './item.ts'
import type { PartyId } from './party.ts'
import { batchesOf, grantOf, KEYS_AN_ITEM, lookUpKeys, passingsOf, reconciled, sideBySide, tableOf, type LookedUpAs, type Passing } from './reconcile.ts'

const B = 'BB' as PartyId
const identity = (serial: string, type = '9М39'): Identity => ({ class: 'missile', maker: 'unknown', type: { is: type }, year: 'unknown', lot: 'unknown', serial: { is: serial } })
const held = (changes: Partial<Holding>) => ({ identity: identity('1'), acquired: { how: 'baseline', from: 'unknown', when: 'unknown', documents: [] }, released: undefined, ...changes }) as Holding
const passing = (year: string, way: Passing['way'], kind = 'missile'): Passing => ({ class: kind, year, way })

test('an item passed where it came from the other party or went to it, in the year in which it did; to and from others it did not', () => {
  const released = { to: { party: B }, when: '1990-06-21T09:00:00Z', documents: [] }
  assert.deepEqual(passingsOf(held({ released }), B), [passing('1990', 'to')])
  assert.deepEqual(passingsOf(held({ released }), 'CC' as PartyId), [])
  assert.deepEqual(passingsOf(held({ acquired: { how: 'received', from: { party: B }, when: '1988', documents: [] }, released }), B), [passing('1988', 'from'), passing('1990', 'to')])
  assert.deepEqual(passingsOf(held({ acquired: { how: 'received', from: { party: B }, when: 'withheld', documents: [] } }), B), [passing('unknown', 'from')])
  assert.deepEqual(passingsOf(held({ acquired: { how: 'received', from: { name: 'BB' }, when: '1988', documents: [] } }), B), [])
})

test('what one released stands beside what the other acquired, and the grant is the smaller of each', () => {
  const own = tableOf([passing('1990', 'to'), passing('1990', 'to'), passing('1991', 'to'), passing('1990', 'from')])
  const other = tableOf([passing('1990', 'from'), passing('1990', 'to'), passing('1990', 'to'), passing('1991', 'from', 'gripstock')])
  assert.deepEqual(sideBySide(own, other).map((row) => [row.class, row.year, row.way, row.own, row.other]), [
    ['gripstock', '1991', 'to', 0, 1], ['missile', '1990', 'to', 2, 1], ['missile', '1990', 'from', 1, 2], ['missile', '1991', 'to', 1, 0],
  ])
  assert.equal(grantOf(own, other), 2)
  assert.equal(grantOf(other, own), 2)
})

test('a grant is padded to the agreed sizes round by round, nothing to the smallest', () => {
  const sizes = [16, 64, 256, 1024]
  assert.deepEqual([0, 1, 2, 5, 17].map((grant) => batchesOf(grant, sizes)), [[16, 16], [16, 16], [16, 64], [16, 256], [64, 256]])
  assert.deepEqual(batchesOf(70, sizes), [256, 1024, 64])
  assert.equal(batchesOf(102_400, sizes).reduce((sum, size) => sum + size, 0), 102_400 * KEYS_AN_ITEM)
})

test('an item is looked up under type and class in every reading that its other holder\'s clerks may have written; one that cannot be read under none', () => {
  const keys = (serial: string) => lookUpKeys(identity(serial)).map(({ kind, key }) => `${kind} ${Buffer.from(key).toString('hex')}`)
  assert.ok(keys('Б-107443').some((key) => keys('B107443').includes(key)))
  assert.ok(keys('0473182').some((key) => keys('473182').includes(key)))
  assert.equal(keys('ABC-00123').length, KEYS_AN_ITEM, 'as many as a mark of three letters and leading zeros has')
  assert.deepEqual(keys('К??7?'), [])
})

test('of a row that differs by number and by items the greater counts: one missing item is both', () => {
  const compared = sideBySide([{ class: 'missile', year: '1990', to: 5, from: 0 }], [{ class: 'missile', year: '1990', to: 0, from: 4 }])
  const items = (found: readonly LookedUpAs[]) => found.map((each) => ({ ...passing('1990', 'to'), found: each }))
  const [row] = reconciled(compared, items(['type', 'type', 'class', 'type', 'not-declared']))
  assert.deepEqual([row?.asked, row?.declared, row?.differences], [5, 4, 1])
  assert.equal(reconciled(compared, items(['not-declared', 'not-declared', 'type', 'type', 'beyond-the-grant']))[0]?.differences, 2)
})
