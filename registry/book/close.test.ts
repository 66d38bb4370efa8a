// Books that are closed: what no road brings into a closed period, who may open it again, and what happens where somebody writes at that moment.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { secondsOf } from '@muster/core/bytes/time.ts'
import type { CustodyRequest, EventKind, RequestOf } from '@muster/core/rules/custody-event.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import { command } from '../../test/federation/command.ts'
import { parseMapping } from '../intake/mapping-file.ts'
import { auditStore } from '../store/audit.ts'
import { closedIn } from '../store/closings.ts'
import type { Finding } from '../store/finding.ts'
import { importSheet } from '../store/intake-store.ts'
import { recordEvent } from '../store/record-event.ts'
import { scratchParty, type ScratchRegister } from '../store/scratch-register.ts'
import { withSnapshot } from '../store/snapshot.ts'
import { closeBooks, type Closing } from './close.ts'

const NOW = secondsOf('2026-02-01T12:00:00Z')
const codeOf = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code
const MAPPING = '{"format":"muster-mapping/1","title":"t","item":{"class":"class","type":"type"},"marks":[{"column":"serial"}],"circumstances":{"when":{"column":"when","dates":["YYYY-MM-DD"]}}}'

let register: ScratchRegister
let item: ItemId

async function put<K extends EventKind>(of: ItemId | 'new', kind: K, happened: string, data: RequestOf<K>['data'], written = '2026-02-01'): Promise<ItemId> {
  const request = { kind, happened: `${happened}T12:00:00Z`, by: 'A. Petrova', and: 'B. Karimov', reason: 'as ordered', documents: [], data } as CustodyRequest
  return (await recordEvent(register, { item: of, request, at: `${written}T12:00:00Z` })).event.item
}
const closing = (kind: Closing['kind'], until: string, people: readonly [string, string], changes: Partial<Closing> = {}): Closing =>
  ({ kind, until: `${until}T23:59:59Z`, by: people[0], and: people[1], reason: 'end of the year', sources: kind === 'opening' ? ['Акт № 17'] : [], questions: kind === 'opening' ? ['where is 103'] : [], ...changes })
const close = (...said: Parameters<typeof closing>) => closeBooks(register, closing(...said), NOW)
const move = (happened: string) => put(item, 'moved', happened, { site: { code: 'D6', region: 'South' } })

before(async () => {
  register = await scratchParty()
  const identity = { class: 'missile', maker: 'unknown', type: { is: '9М39' }, year: 'unknown', lot: 'unknown', serial: { is: '100' } } as const
  item = await put('new', 'baseline', '2024-06-01', { entry: { identity, place: { owner: { is: 'M' }, custodian: { is: 'M' }, site: { code: 'D5', region: 'North' }, unit: 'unknown' } } }, '2024-06-01')
})
after(() => register.remove())

test('an opening balance is an act of two people with its sources, what is open and what was there', async () => {
  await assert.rejects(close('opening', '2024-12-31', ['A. Petrova', 'a. petrova']), codeOf('two-people/same-person'))
  const { rows, questions } = await close('opening', '2024-12-31', ['A. Petrova', 'B. Karimov'])
  assert.deepEqual([rows, questions], [[{ class: 'missile', type: '9М39', items: 1, uncounted: 0 }], ['where is 103']])
})

test('nothing that happened then is recorded any more, by no road; a correction is', async () => {
  await close('closed', '2025-12-31', ['A. Petrova', 'B. Karimov'])
  await assert.rejects(move('2025-03-01'), codeOf('closing/closed'))
  await assert.rejects(put('new', 'found', '2025-12-31', { entry: { identity: { class: 'missile', maker: 'unknown', type: 'unknown', year: 'unknown', lot: 'unknown', serial: 'unknown' }, place: { owner: 'unknown', custodian: 'unknown', site: 'unknown', unit: 'unknown' } } }), codeOf('closing/closed'))
  const path = join(register.folder, 'sheet.csv')
  await writeFile(path, 'class;type;serial;when\nmissile;9М39;201;2025-06-01\nmissile;9М39;202;2026-01-05\n')
  const report = await importSheet(register, { path, as: 'items', mapping: parseMapping(MAPPING), mappingSha256: Buffer.alloc(32), goodRows: true, dryRun: false, keep: [], by: 'A. Petrova', and: null, written: '2026-02-01T12:00:00Z', lang: 'en' })
  assert.deepEqual([report.accepted, report.refused], [1, 1])
  await move('2026-01-15')
  await put(item, 'corrected', '2026-01-31', { of: 0, how: 'incorrect-data', instead: { kind: 'baseline', happened: '2024-05-01T12:00:00Z', documents: [], data: { entry: { identity: { class: 'missile', maker: 'unknown', type: { is: '9М39' }, year: 'unknown', lot: 'unknown', serial: { is: '100' } }, place: { owner: { is: 'M' }, custodian: { is: 'M' }, site: { code: 'D5', region: 'North' }, unit: 'unknown' } } } } })
})

test('who closed it does not open it again; two others do, and then it takes what happened', async () => {
  await assert.rejects(close('reopened', '2025-06-30', ['C. Orlova', 'B. Karimov']), codeOf('closing/own-closing'))
  await assert.rejects(close('reopened', '2026-01-31', ['C. Orlova', 'D. Sokol']), codeOf('closing/nothing-closed'))
  await close('reopened', '2025-06-30', ['C. Orlova', 'D. Sokol'])
  await assert.rejects(move('2025-06-30'), codeOf('closing/closed'))
  await move('2025-09-01')
})

test('of many who write and one who closes at one moment, each event stands before the closing or is refused; of two who close, one does', async () => {
  const settled = await Promise.allSettled([...Array.from({ length: 12 }, (_, i) => move(`2025-10-${String(10 + i)}`)), close('closed', '2025-11-30', ['A. Petrova', 'B. Karimov']), close('closed', '2025-11-30', ['E. Li', 'F. Ng'])])
  const refusals = settled.flatMap((each) => each.status === 'rejected' ? [each.reason as unknown] : [])
  for (const error of refusals) assert.ok(error instanceof Refusal && ['closing/closed', 'closing/changed-meanwhile', 'closing/not-later'].includes(String(error.code)), String(error))
  assert.ok(settled.slice(-2).filter(({ status }) => status === 'fulfilled').length < 2)
  if (await closedIn(register.db, register.secrets) === '2025-06-30T23:59:59Z') await close('closed', '2025-11-30', ['A. Petrova', 'B. Karimov'])
  await assert.rejects(move('2025-11-30'), codeOf('closing/closed'))
})

test('the command tells the periods, and audit finds an act that was changed behind the back of it', async () => {
  const { json } = await command(register.dataDir, 'book periods')
  assert.deepEqual([json.closedUntil, (json.acts as { kind: string }[]).map(({ kind }) => kind)], ['2025-11-30T23:59:59Z', ['opening', 'closed', 'reopened', 'closed']])
  const { out } = await command(register.dataDir, 'book periods', { json: false, lang: 'ru' })
  assert.match(out, /начальный остаток: 2024-12-31[\s\S]*источник: Акт № 17[\s\S]*открыто: where is 103[\s\S]*снова открыто после/)
  const audit = async (): Promise<readonly Finding[]> => {
    const found: Finding[] = []
    await withSnapshot(register.db, (snapshot) => auditStore(snapshot, register, (finding) => found.push(finding), { onTotal: () => undefined, onRows: () => undefined }))
    return found
  }
  assert.deepEqual(await audit(), [])
  await register.behindItsBack((connection) => connection.query("UPDATE act_once SET answer = replace(answer, '2025-11-30', '2024-11-30') WHERE act_key = 'book 3'"))
  assert.deepEqual((await audit()).map(({ table, key }) => [table, key]), [['act_once', { act_key: 'book 3' }]])
  await assert.rejects(move('2025-11-01'), /was changed behind Muster's back/)
})
