// A store with a rule: what lies together against it, who may move what in it, and what its inspections found.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { CustodyRequest } from '@muster/core/rules/custody-event.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import type { StoreAct } from '@muster/core/rules/store.ts'
import { actAtStore } from '@muster/registry/keeping/act.ts'
import { auditStore } from '@muster/registry/store/audit.ts'
import type { Finding } from '@muster/registry/store/finding.ts'
import { recordEvent } from '@muster/registry/store/record-event.ts'
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

test('an audit of all this finds nothing', async () => {
  const found: Finding[] = []
  await withSnapshot(register.db, (snapshot) => auditStore(snapshot, register, (finding) => found.push(finding), { onTotal: () => undefined, onRows: () => undefined }))
  assert.deepEqual(found, [])
})
