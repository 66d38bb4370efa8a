import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawn, refuseDispatch, verdictOn, type Certified } from './certificate.ts'
import type { Identity } from './item.ts'

const AT = '2026-04-01T00:00:00Z'
const AFTER = '2026-04-01T00:00:01Z'
const item = (type: string | undefined, serial = '0101', kind = 'missile'): Identity => ({ class: kind, maker: 'unknown', type: type === undefined ? 'unknown' : { is: type }, year: 'unknown', lot: 'unknown', serial: { is: serial } })
const TYPED: Certified = { until: AT, items: [{ class: 'missile', type: '9М39', quantity: 2 }, { class: 'missile', type: null, quantity: 1 }] }
const code = (certified: Certified, before: readonly Identity[], items: readonly Identity[], { withdrawn = false, at = AT } = {}) => refuseDispatch(certified, withdrawn, before, items, at)?.code

test('an item is drawn from the row of its type in either alphabet, else from that of its class', () => {
  assert.deepEqual(drawn(TYPED.items, [item('9М39'), item('9M39'), item('9М310'), item(undefined), item('9П516', '1', 'gripstock')]), [2, 2])
})

test('every row is held to its quantity over all that was drawn before, and a full row takes nothing from another', () => {
  assert.equal(code(TYPED, [item('9М39')], [item('9М39')]), undefined)
  assert.equal(code(TYPED, [item('9М39'), item('9М39')], [item('9М39')]), 'certificate/beyond-quantity')
  assert.equal(code(TYPED, [], [item('9М310'), item('9М310')]), 'certificate/beyond-quantity')
  assert.equal(code(TYPED, [item('9М39'), item('9М39'), item('9М39')], [item('9М310')]), undefined)
})

test('what no row lists is refused, by its class, its type or its number', () => {
  const serials: Certified = { until: AT, items: [{ class: 'missile', type: '9М39', quantity: 1, serials: ['КА-17'] }] }
  assert.equal(code(TYPED, [], [item('9П516', '1', 'gripstock')]), 'certificate/other-item')
  assert.equal(code(serials, [], [item('9М39', '0102')]), 'certificate/other-item')
  assert.equal(code(serials, [], [item('9М39', 'KA-17')]), undefined)
  assert.equal(code(serials, [], [{ ...item('9М39'), serial: 'unreadable' }]), 'certificate/other-item')
})

test('a certificate carries nothing once it is withdrawn, nor after its last second', () => {
  assert.equal(code(TYPED, [], [item('9М39')], { withdrawn: true }), 'certificate/withdrawn')
  assert.equal(code(TYPED, [], [item('9М39')], { at: AFTER }), 'certificate/expired')
})

test('the issuer calls another text altered before it calls it expired, and one that it has not issued unknown', () => {
  const known = { hash: 'aa', until: AT, withdrawn: false }
  assert.deepEqual([
    verdictOn(known, 'aa', AT), verdictOn(known, 'aa', AFTER), verdictOn({ ...known, withdrawn: true }, 'aa', AFTER), verdictOn({ ...known, withdrawn: true }, 'bb', AFTER), verdictOn(undefined, 'aa', AT),
  ], ['genuine', 'expired', 'withdrawn', 'altered', 'unknown'])
})
