// A store with a rule: what lies together against it, who may move what in it, and what its inspections found.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { CustodyRequest } from '@muster/core/rules/custody-event.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import type { StoreAct } from '@muster/core/rules/store.ts'
import { actAtStore } from '@muster/registry/keeping/act.ts'
import { handOver } from '@muster/registry/keeping/hand-over.ts'
import { auditStore } from '@muster/registry/store/audit.ts'
import type { Finding } from '@muster/registry/store/finding.ts'
import { itemState, recordEvent } from '@muster/registry/store/record-event.ts'
import { scratchParty, type ScratchRegister } from '@muster/registry/store/scratch-register.ts'
import { withSnapshot } from '@muster/registry/store/snapshot.ts'
import { command } from '../federation/command.ts'

const AT = '2026-01-02T00:00:00Z'
const PEOPLE = ['--by', 'A. Petrova', '--and', 'B. Karimov']
const codeOf = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code
const run = (line: string, more: readonly string[] = [], options = {}) => command(register.dataDir, line, { more, ...options })

let register: ScratchRegister
let missile: ItemId

async function put(item: ItemId | 'new', kind: 'baseline' | 'moved', data: object, and: string | null = null): Promise<ItemId> {
  const request = { kind, happened: AT, by: 'A. Petrova', and, reason: 'as ordered', documents: [], data } as unknown as CustodyRequest
  return (await recordEvent(register, { item, request, at: AT })).event.item
}
const enter = (kind: string, serial: string) => put('new', 'baseline', { entry: { identity: { class: kind, maker: 'unknown', type: 'unknown', year: 'unknown', lot: 'unknown', serial: { is: serial } }, place: { owner: { is: 'M' }, custodian: { is: 'M' }, site: { code: 'D5', region: 'North' }, unit: 'unknown' } } })

before(async () => {
  register = await scratchParty()
  missile = await enter('missile', '1')
  await enter('gripstock', '2')
})
after(() => register.remove())

test('before there is a rule nothing is against one', async () => {
  const { code, out } = await run('store list', [], { json: false })
  assert.deepEqual([code, /No store has a rule yet/.test(out)], [0, true])
})

test('a rule takes two people; what lies against it is named, and a store that nobody inspected is overdue', async () => {
  await assert.rejects(run('store rule D5 --apart missile,gripstock --reason order', ['--by', 'A. Petrova']), codeOf('store/shape'))
  await run('store rule D5 --apart missile,gripstock --two-persons --every 90 --reason order', PEOPLE)
  const { code, out } = await run('store list', [], { json: false, lang: 'ru' })
  assert.equal(code, 1)
  assert.match(out, /D5: не проверялось – ПРОСРОЧЕНО[^]*раздельно: missile, gripstock; вдвоём; проверка каждые 90 дней[^]*ВОПРЕКИ ПРАВИЛУ: вместе лежат missile и gripstock \(предметов: 2\)/)
})

test('from then on one person moves nothing out of it, and two do', async () => {
  const data = { site: { code: 'D6', region: 'North' } }
  await assert.rejects(put(missile, 'moved', data), codeOf('store/two-people'))
  await assert.rejects(put(missile, 'moved', data, 'a.  petrova'), codeOf('store/two-people'))
  await put(missile, 'moved', data, 'B. Karimov')
  assert.deepEqual(((await run('store list')).json.stores as { together: object[] }[])[0]?.together, [])
})

test('an inspection leaves findings open, with their age, until each is put right', async () => {
  const today = new Date().toISOString().slice(0, 10)
  await run(`store inspected D5 --on ${today} --reason yearly`, [...PEOPLE, '--finding', 'the lock is loose', '--finding', 'damp'])
  const open = await run('store list', [], { json: false })
  assert.match(open.out, /inspected \d{4}-\d{2}-\d{2}, 0 days ago\n[^]*1\. [\d-]{10} the lock is loose – open for 0 days\n +2\./)
  for (const finding of ['1', '2']) await run(`store remedied D5 --finding ${finding} --reason mended`, PEOPLE)
  assert.equal((await run('store list')).code, 0)
  await assert.rejects(run('store remedied D5 --finding 2 --reason again', PEOPLE), codeOf('store/remedied-already'))
  await assert.rejects(run('store remedied D5 --finding lock --reason r', PEOPLE), /the number of the finding/)
})

test('of two who write of stores at one moment both are written, or the second is told to look again', async () => {
  const rule = (site: string): StoreAct => ({ kind: 'rule', site, by: 'A. Petrova', and: 'B. Karimov', reason: 'r', apart: [], twoPersons: false, everyDays: null, on: null, findings: [], finding: null })
  const ended = await Promise.allSettled(['S1', 'S2', 'S3', 'S4'].map((site) => actAtStore(register, rule(site), 1_767_312_000)))
  for (const each of ended) if (each.status === 'rejected') assert.ok(codeOf('store/changed-meanwhile')(each.reason), String(each.reason))
  const done = ended.filter(({ status }) => status === 'fulfilled').length
  assert.equal(((await run('store list')).json.stores as object[]).length, 1 + done)
  assert.ok(done >= 1)
})

test('a place passes from one custodian to the next by joint count: what both saw is handed over, the rest is missing, in one act of two', async () => {
  const there = await Promise.all(['11', '12', '13'].map((serial) => enter('power-unit', serial)))
  const lost = there[1] as ItemId
  const rows = async () => (await register.db.read('SELECT 1 AS one FROM custody_event')).length
  const held = await rows()
  const said = { site: 'D5', from: 'M', to: 'N', missing: [lost], happened: '2026-01-03T00:00:00Z', reason: 'order 9', documents: [] }
  const two = { by: 'A. Petrova', and: 'B. Karimov' }
  const at = 1_767_484_800
  for (const [changes, people, code] of [
    [{}, { by: 'A. Petrova', and: null }, 'two-people/second-missing'], [{}, { by: 'A. Petrova', and: 'a. petrova' }, 'two-people/same-person'], [{ to: ' m' }, two, 'hand-over/same-custodian'],
    [{ site: 'D9' }, two, 'hand-over/nothing-there'], [{ from: 'X' }, two, 'hand-over/nothing-there'], [{ missing: [missile] }, two, 'hand-over/not-there'],
  ] as const) await assert.rejects(handOver(register, { ...said, ...changes }, people, at), codeOf(code), code)
  assert.equal(await rows(), held)
  assert.deepEqual(await handOver(register, said, two, at), { expected: 4, seen: 3 })
  const custodians = await Promise.all(there.map(async (item) => (await itemState(register, item)).holding))
  assert.deepEqual(custodians.map(({ status, place }) => [status, place.custodian]), [['held', { is: 'N' }], ['missing', { is: 'M' }], ['held', { is: 'N' }]])
  const last = (await itemState(register, there[0] as ItemId)).events.at(-1)
  assert.deepEqual([last?.by, last?.and, last?.data], ['A. Petrova', 'B. Karimov', { site: { code: 'D5', region: 'North' }, from: { is: 'M' }, to: { is: 'N' }, expected: 4, seen: 3 }])
  const back = await run('store hand-over D5 --from N --to M --reason back', PEOPLE, { json: false, lang: 'ru' })
  assert.match(back.out, /Передано: 3 из 3; отсутствует: 0/)
})

test('of two hand-overs of one place at one moment one is done', async () => {
  const said = (to: string) => ({ site: 'D5', from: 'M', to, missing: [], happened: '2026-01-04T00:00:00Z', reason: 'r', documents: [] })
  const ended = await Promise.allSettled(['X', 'Y', 'Z'].map((to) => handOver(register, said(to), { by: 'A. Petrova', and: 'B. Karimov' }, Math.floor(Date.now() / 1000))))
  assert.equal(ended.filter(({ status }) => status === 'fulfilled').length, 1)
  for (const each of ended) if (each.status === 'rejected') assert.ok(codeOf('hand-over/changed-meanwhile')(each.reason) || codeOf('hand-over/nothing-there')(each.reason), String(each.reason))
})

test('an audit of all this finds nothing', async () => {
  const found: Finding[] = []
  await withSnapshot(register.db, (snapshot) => auditStore(snapshot, register, (finding) => found.push(finding), { onTotal: () => undefined, onRows: () => undefined }))
  assert.deepEqual(found, [])
})
