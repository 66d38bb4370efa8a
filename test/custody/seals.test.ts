// A depot of containers in a vault, sealed, checked and opened: as the commands show it, and with a number that somebody used twice.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { CustodyRequest, EventKind, RequestOf } from '@muster/core/rules/custody-event.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import { recordEvent } from '@muster/registry/store/record-event.ts'
import { scratchParty, type ScratchRegister } from '@muster/registry/store/scratch-register.ts'
import { command } from '../federation/command.ts'

let register: ScratchRegister
let days = 0
const items: Record<string, ItemId> = {}

async function put<K extends EventKind>(item: ItemId | 'new', kind: K, data: RequestOf<K>['data']): Promise<ItemId> {
  const at = `2026-01-${String(++days).padStart(2, '0')}T12:00:00Z`
  const request = { kind, happened: at, by: 'A. Petrova', and: 'B. Karimov', reason: 'as ordered', documents: [], data } as CustodyRequest
  return (await recordEvent(register, { item, request, at })).event.item
}
const run = (line: string, options = {}) => command(register.dataDir, line, options)

before(async () => {
  register = await scratchParty()
  for (const [serial, kind] of [['V1', 'container'], ['C4', 'container'], ['C5', 'container'], ['100', 'missile'], ['101', 'missile']] as const) {
    const identity = { class: kind, maker: 'unknown', type: { is: kind === 'missile' ? '9М39' : 'crate' }, year: 'unknown', lot: 'unknown', serial: { is: serial } } as const
    items[serial] = await put('new', 'baseline', { entry: { identity, place: { owner: { is: 'M' }, custodian: { is: 'M' }, site: { code: 'D5', region: 'North' }, unit: 'unknown' } } })
  }
  for (const [serial, container] of [['100', 'C4'], ['101', 'C4'], ['C4', 'V1']] as const) await put(items[serial] as ItemId, 'packed', { container })
  for (const serial of ['100', '101', 'C4']) await put(items[serial] as ItemId, 'sealed', { seal: '7001', on: 'C4' })
  await put(items['100'] as ItemId, 'counted', { seen: 'sealed' })
  await put(items['101'] as ItemId, 'seal-checked', { seal: '7001', state: 'damaged' })
})
after(() => register.remove())

test('a vault shows what lies in its crates, and a crate that was seen sealed is no item that was seen', async () => {
  const { code, json } = await run('container show V1')
  assert.equal(code, 0)
  assert.deepEqual((json.contents as { depth: number, serial: string }[]).map(({ depth, serial }) => `${depth} ${serial}`), ['1 C4', '2 100', '2 101'])
  const told = await run('container show C4', { json: false, lang: 'ru' })
  assert.match(told.out, /100 +2026-01-\d\d тара под пломбой, предмет не осмотрен/)
  assert.deepEqual(((await run('container list')).json.containers as { code: string, within: string | null, items: number }[]).map(({ code: name, within, items: held }) => [name, within, held]), [['C4', 'V1', 2], ['C5', null, 0], ['V1', null, 3]])
})

test('a seal is one seal however many items it closes in, with its state and its history', async () => {
  const { code, json } = await run('seal list')
  assert.deepEqual([code, json.seals], [0, [{ number: '7001', uses: [{ on: 'C4', sites: ['D5'], items: 3, state: 'damaged' }], alarm: null }]])
  const shown = await run('seal show 7001')
  assert.deepEqual((shown.json.events as { event: string }[]).map(({ event }) => event), ['sealed', 'sealed', 'sealed', 'seal-checked'])
  assert.match((await run('seal show 7001', { json: false })).out, /7001 · C4 · D5 · damaged/)
})

test('a number in use twice is an alarm in list and history, and the exit says so', async () => {
  await put(items.C5 as ItemId, 'sealed', { seal: '7001', on: 'C5' })
  const [list, show] = [await run('seal list', { json: false }), await run('seal show 7001', { json: false, lang: 'ru' })]
  assert.deepEqual([list.code, show.code], [1, 1])
  assert.match(list.out, /ALARM: in use twice[^]*alarms: 1/)
  assert.match(show.out, /ТРЕВОГА: номер используется дважды/)
  for (const item of ['100', '101', 'C4']) await put(items[item] as ItemId, 'seal-broken', { seal: '7001', foundBroken: false })
  assert.match((await run('seal list', { json: false })).out, /in use again after it was broken or missing/)
})

test('what is not there is refused, by its name', async () => {
  await assert.rejects(run('seal show 9'), (error) => error instanceof Refusal && error.code === 'seal/unknown')
  await assert.rejects(run('container show X'), (error) => error instanceof Refusal && error.code === 'container/unknown')
})
