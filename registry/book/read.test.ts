// Books of a real register: a year of two depots, read as cards, numbers and balances, by the reader and by the command.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { Account } from '@muster/core/rules/book.ts'
import type { CustodyRequest, EventKind, RequestOf } from '@muster/core/rules/custody-event.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import { command } from '../../test/federation/command.ts'
import { recordEvent } from '../store/record-event.ts'
import { scratchParty, type ScratchRegister } from '../store/scratch-register.ts'
import { readBalance, readCard, readChanges, readDue } from './read.ts'

const NORTH = { code: 'D5', region: 'North' }
const SOUTH = { code: 'D6', region: 'South' }
const day = (date: string) => `${date}T12:00:00Z`
const YEAR = { from: '2025-01-01T00:00:00Z', until: '2025-12-31T23:59:59Z', knownBy: '2026-06-01T00:00:00Z' }

let register: ScratchRegister
const items: ItemId[] = []

async function put<K extends EventKind>(item: ItemId | 'new', kind: K, happened: string, data: RequestOf<K>['data'], written = happened): Promise<ItemId> {
  const request = { kind, happened: day(happened), by: 'A. Petrova', and: 'B. Karimov', reason: 'as ordered', documents: [{ series: 'AB', number: happened, date: happened }], data } as CustodyRequest
  return (await recordEvent(register, { item, request, at: day(written) })).event.item
}

before(async () => {
  register = await scratchParty()
  for (const serial of ['100', '101', '102', '103']) {
    const identity = { class: 'missile', maker: 'unknown', type: { is: '9М39' }, year: { is: '1989' }, lot: 'unknown', serial: { is: serial } } as const
    items.push(await put('new', 'baseline', '2024-06-01', { entry: { identity, place: { owner: { is: 'Ministry' }, custodian: { is: 'Depot 5' }, site: NORTH, unit: 'unknown' } } }))
  }
  const [first, second, third] = items as [ItemId, ItemId, ItemId]
  await put(first, 'moved', '2025-02-01', { site: SOUTH })
  await put(second, 'moved', '2025-03-01', { site: SOUTH })
  await put(second, 'moved', '2025-09-01', { site: NORTH })
  // Written in 2025 of 2024.
  await put(third, 'lost', '2024-11-01', { circumstances: 'not found' }, '2025-05-01')
})
after(() => register.remove())

test('the card of a place runs from its opening to its closing, in the order of what happened', async () => {
  const { opening, lines, closing } = await readCard(register, { site: 'D5' }, YEAR)
  assert.deepEqual([opening, lines.map((line) => [line.event.happened.slice(0, 10), line.in, line.out, line.balance]), closing], [3, [['2025-02-01', 0, 1, 2], ['2025-03-01', 0, 1, 1], ['2025-09-01', 1, 0, 2]], 2])
  const asKnown = await readCard(register, { site: 'D5' }, { ...YEAR, knownBy: '2025-04-01T00:00:00Z' })
  assert.deepEqual([asKnown.opening, asKnown.closing], [4, 2], 'as it was known in April, nothing was lost')
})

test('the balance of a period holds row by row, or names the entry by which it does not', async () => {
  const broken = await readBalance(register, {}, YEAR)
  assert.deepEqual(broken.rows, [{ class: 'missile', type: '9М39', stated: 4, late: -1, in: 0, out: 0, closing: 3, uncounted: 0 }])
  assert.deepEqual(broken.late.map(({ item, late }) => [item, late.map(({ kind, written }) => [kind, written])]), [[items[2], [['lost', day('2025-05-01')]]]])
  const whole = await readBalance(register, { class: 'missile' }, { ...YEAR, from: '2026-01-01T00:00:00Z', until: '2026-05-01T00:00:00Z' })
  assert.deepEqual([whole.rows.map(({ stated, late, closing }) => [stated, late, closing]), whole.late], [[[3, 0, 3]], []])
})

test('a period that ends before it begins is refused', async () => {
  const period = { ...YEAR, until: '2024-01-01T00:00:00Z' }
  await assert.rejects(readCard(register, {}, period), (error) => error instanceof Refusal && error.code === 'book/period' && error.at === 'until')
  await assert.rejects(readChanges(register, YEAR.until, YEAR.from), (error) => error instanceof Refusal && error.code === 'book/period')
})

test('what changed in a month: three items of four are not spoken of', async () => {
  const all = await readChanges(register, '2025-01-31T23:59:59Z', '2025-02-28T23:59:59Z')
  assert.deepEqual(all.map(({ item, differences }) => [item, differences]), [[items[0], [{ what: 'site', was: 'D5', is: 'D6' }]]])
})

test('the command gives card, numbers, balance and changes, by days, in both languages', async () => {
  const at = (line: string, options = {}) => command(register.dataDir, line, options)
  const card = await at('book card --site D5 --from 2025-01-01 --until 2025-12-31')
  assert.deepEqual([card.code, card.json.opening, (card.json.lines as { in: number, out: number, balance: number }[]).map((line) => [line.in, line.out, line.balance]), card.json.closing], [0, 3, [[0, 1, 2], [0, 1, 1], [1, 0, 2]], 2])
  const balance = await at('book balance --from 2025-01-01 --until 2025-12-31')
  assert.equal(balance.code, 1, 'a balance that does not hold is no')
  assert.deepEqual((balance.json.broken as { serial: string }[]).map(({ serial }) => serial), ['102'])
  const numbers = await at('book numbers --site D6 --from 2025-01-01 --until 2025-12-31')
  assert.deepEqual((numbers.json.items as { serial: string, opening: number, closing: number }[]).map(({ serial, opening, closing }) => [serial, opening, closing]).sort(), [['100', 0, 1], ['101', 0, 0]])
  const item = await at(`book card --item ${String(items[1])}`, { json: false, lang: 'ru' })
  assert.match(item.out, /на начало: 0[\s\S]*начальный остаток[\s\S]*перемещено[\s\S]*AB 2025-09-01[\s\S]*на конец: 1/)
  const changes = await at('book changes --from 2025-01-31 --until 2025-02-28', { json: false })
  assert.match(changes.out, /9М39 100[\s\S]*site[\s\S]*D5[\s\S]*D6[\s\S]*moved/)
  await assert.rejects(at('book card --from tomorrow'), /--from tomorrow/)
  await assert.rejects(at('book card --item 12'), /--item 12/)
  await assert.rejects(at('book card --item 00000000-0000-4000-8000-000000000001'), /the register has no item 00000000/)
})

test('what falls due of an account stands in the order of its days, with what is overdue first, and nothing of what is gone', async () => {
  const [first, second, third, fourth] = items as [ItemId, ItemId, ItemId, ItemId]
  await put(first, 'recategorised', '2026-01-10', { category: 'II', nextCheck: '2026-09-01' })
  await put(second, 'life-extended', '2026-01-11', { until: '2026-03', nextCheck: '2026-02-01' })
  await put(fourth, 'recategorised', '2026-01-12', { category: 'I', nextCheck: '2027-01-01' })
  const due = async (account: Account, until: string) => (await readDue(register, account, until, '2026-06-01T00:00:00Z')).map(({ item, what, on }) => [item, what, on])
  assert.deepEqual(await due({}, '2026-12-31'), [[second, 'next-check', '2026-02-01'], [second, 'usable-until', '2026-03-31'], [first, 'next-check', '2026-09-01']])
  assert.deepEqual([await due({ site: 'D6' }, '2026-12-31'), await due({ item: fourth }, '2027-01-01'), await due({ item: third }, '2099-01-01'), await due({}, '2026-01-31')], [[[first, 'next-check', '2026-09-01']], [[fourth, 'next-check', '2027-01-01']], [], []])
  const { code, out } = await command(register.dataDir, 'book due --until 2026-12-31', { json: false, lang: 'ru' })
  assert.equal(code, 0)
  assert.match(out, /2026-02-01 +следующая проверка[^]*2026-03-31 +конец срока службы[^]*2026-09-01 +следующая проверка +missile +9М39 +100 +II +D6/)
})
