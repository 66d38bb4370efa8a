// A lot of numbers that nobody wrote down: split, used up by several at once, never below zero, both sides of a split together or not at all.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { CustodyRequest } from '@muster/core/rules/custody-event.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import { readBalance } from '@muster/registry/book/read.ts'
import { splitLot, takeFromLot } from '@muster/registry/lot/act.ts'
import { auditStore } from '@muster/registry/store/audit.ts'
import type { Finding } from '@muster/registry/store/finding.ts'
import { itemState, recordEvent } from '@muster/registry/store/record-event.ts'
import { scratchParty, type ScratchRegister } from '@muster/registry/store/scratch-register.ts'
import { withSnapshot } from '@muster/registry/store/snapshot.ts'
import { recordByHand } from '@muster/registry/transfer/by-hand.ts'
import { command } from '../federation/command.ts'

const ONE = { by: 'A. Petrova', and: null }
const START = 1_767_225_600
const ENTERED = '2026-01-01T00:00:00Z'
const codeOf = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code
const taking = (lot: ItemId, quantity: number) => ({ lot, quantity, happened: '2026-01-02T00:00:00Z', reason: 'as ordered', documents: [] })
const now = START + 10 * 86_400

let register: ScratchRegister
let lot: ItemId
let component: ItemId

async function enter(serial: string | undefined, quantity?: number): Promise<ItemId> {
  const identity = { class: 'power-unit', maker: 'unknown', type: { is: '9Б238' }, year: { is: '1989' }, lot: { is: '14' }, serial: serial === undefined ? 'nil' as const : { is: serial } } as const
  const request = {
    kind: 'baseline', happened: ENTERED, by: 'A. Petrova', and: null, reason: 'opening', documents: [],
    data: { entry: { identity, place: { owner: { is: 'M' }, custodian: { is: 'M' }, site: { code: 'D5', region: 'North' }, unit: 'unknown' }, ...(quantity === undefined ? {} : { quantity }) } },
  } as CustodyRequest
  return (await recordEvent(register, { item: 'new', request, at: ENTERED })).event.item
}
const left = async (of: ItemId) => (await itemState(register, of)).holding.quantity
const balance = async () => (await readBalance(register, {}, { from: '2026-01-01T00:00:00Z', until: '2026-02-01T00:00:00Z', knownBy: '2026-02-01T00:00:00Z' })).rows.map((row) => row.closing)

before(async () => {
  register = await scratchParty()
  lot = await enter(undefined, 40)
  component = await enter('7')
})
after(() => register.remove())

test('a split is written on both lots, and nothing is gained or lost by it', async () => {
  const fresh = await splitLot(register, { ...taking(lot, 15), as: '14-2' }, ONE, now)
  assert.deepEqual([await left(lot), await left(fresh), await balance()], [25, 15, [41]])
  const { holding, events } = await itemState(register, fresh)
  assert.deepEqual([holding.identity.lot, holding.acquired.how, events[0]?.data], [{ is: '14-2' }, 'split', { other: lot, quantity: 15, entry: { identity: holding.identity, place: holding.place, quantity: 15 } }])
})

test('no more than there is, not the whole, not nothing, not of one component; nothing is left of what was refused', async () => {
  const rows = async () => (await register.db.read('SELECT 1 AS one FROM custody_event')).length
  const held = await rows()
  for (const [of, quantity, code] of [[lot, 26, 'custody/balance-below-zero'], [lot, 25, 'lot/whole-lot'], [lot, 0, 'lot/nothing-taken'], [lot, 1.5, 'lot/nothing-taken'], [component, 1, 'lot/no-lot'], ['00000000-0000-4000-8000-000000000000' as ItemId, 1, 'event/unknown-item']] as const) {
    await assert.rejects(splitLot(register, taking(of, quantity), ONE, now), codeOf(code), `${quantity}`)
  }
  await assert.rejects(takeFromLot(register, taking(lot, 26), 'training', ONE, now), codeOf('custody/balance-below-zero'))
  assert.equal(await rows(), held)
})

test('of many who take at one moment none takes what another took, and the lot never falls below zero', async () => {
  const ended = await Promise.allSettled(Array.from({ length: 8 }, () => takeFromLot(register, taking(lot, 10), 'training', ONE, now)))
  for (const each of ended) if (each.status === 'rejected') assert.ok(each.reason instanceof Refusal && ['lot/changed-meanwhile', 'custody/balance-below-zero'].includes(String(each.reason.code)), String(each.reason))
  const done = ended.filter(({ status }) => status === 'fulfilled').length
  assert.ok(done >= 1 && done <= 2, `${done} of 8 took`)
  assert.equal(await left(lot), 25 - 10 * done)
})

test('a split by hand on one side is refused, and one that was corrected on one side only is an alarm', async () => {
  await assert.rejects(recordByHand(register, { item: lot, at: '2026-01-12T00:00:00Z', request: { kind: 'lot-split', happened: '2026-01-03T00:00:00Z', ...ONE, reason: 'r', documents: [], data: { other: component, quantity: 1 } } }), codeOf('event/split-by-lot'))
  assert.equal((await command(register.dataDir, 'lot list')).code, 0)
  const { events } = await itemState(register, lot)
  const split = events.find(({ kind }) => kind === 'lot-split')
  await recordEvent(register, { item: lot, at: '2026-01-12T00:00:00Z', request: { kind: 'corrected', happened: '2026-01-12T00:00:00Z', ...ONE, reason: 'r', documents: [], data: { of: split?.seq ?? 0, how: 'did-not-occur' } } })
  const { code, out } = await command(register.dataDir, 'lot list', { json: false, lang: 'ru' })
  assert.equal(code, 1)
  assert.match(out, new RegExp(`ТРЕВОГА: ${lot} отдала ничего, [0-9a-f-]{36} приняла 15`))
})

test('the command splits, uses up and lists, in words', async () => {
  const other = await enter(undefined, 3)
  const fresh = (await command(register.dataDir, `lot split ${other} --quantity 1 --reason training`, { more: ['--by', 'A. Petrova', '--document', 'AB/17/2026-01-05'] })).json.lot as ItemId
  assert.deepEqual((await command(register.dataDir, `lot use ${other} --quantity 2 --for training --reason training`, { more: ['--by', 'A. Petrova'] })).json, { left: 2 - 2 })
  assert.match((await command(register.dataDir, 'lot list', { json: false })).out, /14 +power-unit +9Б238 +used up +D5/)
  assert.equal(await left(fresh), 1)
  await assert.rejects(command(register.dataDir, 'lot split 12 --quantity 1 --reason r'), /the id of a lot/)
})

test('an audit of all this finds nothing', async () => {
  const found: Finding[] = []
  await withSnapshot(register.db, (snapshot) => auditStore(snapshot, register, (finding) => found.push(finding), { onTotal: () => undefined, onRows: () => undefined }))
  assert.deepEqual(found, [])
})
