import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { canonical, type Json } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { parseEvent, requestOf } from '@muster/core/rules/custody-event.ts'
import { decide } from '@muster/core/rules/decide.ts'
import { fold } from '@muster/core/rules/holding.ts'
import { recordedFind } from '@muster/core/rules/recovered-mark.ts'
import { parseMapping } from '../intake/mapping-file.ts'
import { withSnapshot } from './snapshot.ts'
import { auditStore } from './audit.ts'
import type { Finding } from './finding.ts'
import { importSheet, type ImportRequest } from './intake-store.ts'
import { scratchParty, type ScratchRegister } from './scratch-register.ts'

const MAPPING = JSON.stringify({
  format: 'muster-mapping/1', title: 'test', item: { class: 'class', type: 'type', maker: 'maker', year: 'year', lot: 'lot', calibre: 'calibre', quantity: 'quantity' },
  marks: [{ column: 'serial', separators: [';'], illegible: '?', phrases: [{ words: ['removed'], condition: 'erased' }, { is: ['none'], condition: 'none' }] }],
  circumstances: { when: { column: 'when', dates: ['DD.MM.YYYY'] }, region: 'region', site: 'site', document: 'paper' },
})
const HEADER = 'class;type;maker;year;lot;calibre;quantity;serial;when;region;site;paper'
const ROWS = [
  'gripstock;9П516;ЗиД;1981;3;;;0123;01.02.1990;North;Depot 1;12/90',
  'gripstock;9П516;ЗиД;1981;3;;;0123;01.02.1990;North;Depot 1;12/90',
  'missile;9М39;;1982;;;;А-77 (removed);;;;',
  'missile;;;;;72;;"""quoted"" \\ back; 4?6";03.04.1991;;;',
  'power-unit;;;;;;40;none;;;;',
  'missile;;;;;;;;;;;',
]

let register: ScratchRegister
const request = (path: string, more: Partial<ImportRequest> = {}): ImportRequest => ({
  path, as: 'items', mapping: parseMapping(MAPPING), mappingSha256: createHash('sha256').update(MAPPING).digest(), goodRows: false, dryRun: false, keep: [], by: 'Ana', and: null,
  written: timeOf(1_750_000_000), lang: 'en', ...more,
})

async function sheet(name: string, rows: readonly string[]): Promise<string> {
  const path = join(register.folder, name)
  await writeFile(path, `${HEADER}\n${rows.join('\n')}\n`)
  return path
}

async function countOf(table: string): Promise<number> {
  return (await register.db.read<{ n: number }>(`SELECT count(*) AS n FROM ${table}`))[0]?.n ?? -1
}

async function findings(): Promise<Finding[]> {
  const found: Finding[] = []
  await withSnapshot(register.db, (snapshot) => auditStore(snapshot, register, (finding) => found.push(finding), { onTotal: () => undefined, onRows: () => undefined }))
  return found
}

describe('a sheet loaded into a register', () => {
  before(async () => { register = await scratchParty() })
  after(async () => register.remove())

  test('a dry run counts everything and leaves nothing', async () => {
    const report = await importSheet(register, request(await sheet('dry.csv', ROWS), { dryRun: true }))
    assert.deepEqual([report.rows, report.accepted, report.refused, report.already, report.possibleDuplicates, report.import], [6, 6, 0, 0, 2, null])
    for (const table of ['item', 'custody_event', 'intake_row', 'import_run', 'event_batch']) assert.equal(await countOf(table), 0, table)
  })

  test('one wrong row refuses the file, names row, column and value, and leaves nothing', async () => {
    const report = await importSheet(register, request(await sheet('wrong.csv', [...ROWS, 'missile;;;81;;;;5;;;;', 'missile;;;1981;;;;6;01.01.2199;;;'])))
    assert.deepEqual([report.rows, report.accepted, report.refused, report.already, report.wrong], [8, 0, 8, 0, 2])
    assert.equal(await countOf('custody_event'), 0)
    const file = readFileSync(report.refusals as string, 'utf8')
    assert.match(file, /;8;D year;81;unreadable-year;/)
    assert.match(file, /;9;I when;01\.01\.2199;date-to-come;/)
  })

  test('good rows only takes the others; the refused ones are corrected and loaded from the refusal file; a third time adds nothing', async () => {
    const path = await sheet('good.csv', [...ROWS, 'missile;;;81;;;;5;;;;'])
    const first = await importSheet(register, request(path, { goodRows: true }))
    assert.deepEqual([first.rows, first.accepted, first.refused, first.already, first.possibleDuplicates], [7, 6, 1, 0, 2])
    assert.equal(await countOf('item'), 6)
    const again = await importSheet(register, request(path, { goodRows: true }))
    assert.deepEqual([again.accepted, again.refused, again.already, again.import], [0, 1, 6, null])
    const corrected = join(register.folder, 'corrected.csv')
    await writeFile(corrected, readFileSync(first.refusals as string, 'utf8').replace(';81;', ';1981;'))
    const third = await importSheet(register, request(corrected))
    assert.deepEqual([third.rows, third.accepted, third.refused, third.already], [1, 1, 0, 0])
    assert.equal(await countOf('import_run'), 2)
    assert.deepEqual(await findings(), [])
  })

  test('each event is canonical, is what the law of custody would have appended, and says what the row said', async () => {
    const rows = await register.db.read<{ event: string }>('SELECT event FROM custody_event')
    for (const { event: text } of rows) {
      const event = parseEvent(Buffer.from(text))
      assert.ok(!(event instanceof Error), text)
      assert.equal(canonical(JSON.parse(text) as Json), text)
      const { item, seq, written, v, ...asked } = event
      const decided = decide({ item, events: [] }, requestOf(asked) as Exclude<ReturnType<typeof requestOf>, Error>, written)
      assert.deepEqual(decided, [event], `${seq} ${v}`)
    }
    const holdings = rows.map(({ event: text }) => fold([parseEvent(Buffer.from(text)) as never]))
    const serials = holdings.map((holding) => holding?.identity.serial)
    assert.equal(serials.filter((serial) => typeof serial === 'object' && serial.is === '0123').length, 2)
    assert.ok(serials.includes('nil') && serials.includes('unreadable') && serials.includes('unknown'), JSON.stringify(serials))
    const fragment = holdings.find((holding) => holding?.marks[0]?.text === 'А-77 (removed)')
    assert.deepEqual([fragment?.marks[0]?.condition, fragment?.marks[0]?.reading, fragment?.identity.serial], ['partly-legible', 'А-77', 'unreadable'])
    assert.equal(holdings.find((holding) => holding?.quantity === 40)?.identity.serial, 'nil')
  })

  test('recoveries are seized into the finder\'s custody, and every reading of a cell can be looked up', async () => {
    const report = await importSheet(register, request(await sheet('seized.csv', ['missile;;;;;;;9А881; 9А882;05.05.2019;South;;77/19'.replace('9А881; 9А882', '"9А881; 9А882"')]), { as: 'recoveries', and: 'Bea' }))
    assert.equal(report.accepted, 1)
    const [row] = await register.db.read<{ event: string }>("SELECT event FROM custody_event WHERE event LIKE '%seized%'")
    const event = parseEvent(Buffer.from(row?.event ?? ''))
    assert.ok(!(event instanceof Error) && event.kind === 'seized')
    assert.deepEqual([event.happened, event.and, event.data.region, event.data.entry?.place.custodian, event.documents[0]?.number], ['2019-05-05T00:00:00Z', 'Bea', 'South', { is: 'Rio' }, '77/19'])
    assert.deepEqual(recordedFind(event)?.queries.map(({ serial }) => serial), ['9А881', '9А882'])
  })

  test('what was made enters as made, by maker, type and day; a row that leaves one out is refused, and a number that was made before refuses the file', async () => {
    const made = (name: string, rows: readonly string[], more: Partial<ImportRequest> = {}) => sheet(name, rows).then((path) => importSheet(register, request(path, { as: 'production', ...more })))
    const good = ['missile;9М41;Works 1;2025;7;;;P-1;03.02.2025;North;Store 2;', 'missile;9М41;Works 1;2025;7;;;P-2;04.02.2025;;;', 'power-unit;9Б41;Works 1;2025;8;;40;none;04.02.2025;;;']
    const report = await made('made.csv', good)
    assert.deepEqual([report.accepted, report.refused], [3, 0])
    const rows = await register.db.read<{ event: string }>("SELECT event FROM custody_event WHERE event LIKE '%\"kind\":\"manufactured\"%'")
    const events = rows.map(({ event }) => parseEvent(Buffer.from(event)))
    const [first] = events.map((event) => event instanceof Error ? undefined : fold([event])).filter((holding) => typeof holding?.identity.serial === 'object' && holding.identity.serial.is === 'P-1')
    assert.deepEqual([events.length, first?.identity.maker, first?.acquired.how, first?.acquired.when, first?.place.owner], [3, { is: 'Works 1' }, 'manufactured', '2025-02-03T00:00:00Z', { is: 'Rio' }])
    for (const event of events) {
      assert.ok(!(event instanceof Error))
      const { item, seq: _, written, v: __, ...asked } = event
      assert.deepEqual(decide({ item, events: [] }, requestOf(asked) as Exclude<ReturnType<typeof requestOf>, Error>, written), [event])
    }
    const refused = await made('unsaid.csv', ['missile;9М41;;2025;7;;;P-3;03.02.2025;;;', 'missile;;Works 1;2025;7;;;P-3;03.02.2025;;;', 'missile;9М41;Works 1;2025;7;;;P-3;;;;', 'missile;9М41;Works 1;2025;7;;;P-3;2025-02;;;', ...good])
    assert.deepEqual([refused.wrong, refused.already, refused.accepted], [4, 3, 0])
    assert.match(readFileSync(refused.refusals as string, 'utf8'), /value-missing[\s\S]+value-missing[\s\S]+value-missing[\s\S]+unreadable-date/)
    const before = await countOf('item')
    for (const twice of [['missile;9М41;Works 1;2026;9;;;P-2;05.02.2025;;;'], ['missile;9М41;Works 1;2026;9;;;P-9;05.02.2025;;;', 'missile;9М41;Works 1;2026;10;;;P-9;05.02.2025;;;']]) {
      await assert.rejects(made('again.csv', twice, { goodRows: true }), (error) => error instanceof Refusal && error.code === 'production/number-made')
    }
    assert.equal(await countOf('item'), before)
    assert.equal((await made('other.csv', ['missile;9М41;Works 2;2025;7;;;P-2;05.02.2025;;;'])).accepted, 1, 'another maker has its own numbers')
    const racing = await Promise.allSettled([made('race-1.csv', ['missile;9М41;Works 1;2025;11;;;P-20;05.02.2025;;;']), made('race-2.csv', ['missile;9М41;Works 1;2025;12;;;P-20;05.02.2025;;;'])])
    assert.deepEqual(racing.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
    assert.deepEqual(await findings(), [])
  })

  test('two imports of one file at the same time add its rows once', async () => {
    const path = await sheet('twice.csv', Array.from({ length: 300 }, (_, i) => `missile;;;;;;;Z${1000 + i};;;;`))
    const both = await Promise.all([importSheet(register, request(path)), importSheet(register, request(path))])
    assert.deepEqual(both.map(({ accepted, already }) => accepted + already), [300, 300])
    assert.equal(both.reduce((sum, { accepted }) => sum + accepted, 0), 300)
    assert.deepEqual(await findings(), [])
  })

  test('a row that shares class and serial with an item of the register is shown, with that item', async () => {
    const report = await importSheet(register, request(await sheet('like.csv', ['missile;;;1999;;;;Z1007;;;;'])))
    assert.equal(report.possibleDuplicates, 1)
    assert.match(readFileSync(report.duplicates as string, 'utf8'), /^2;[0-9a-f-]{36};same-class-and-serial;"Z1007"\r$/m)
    assert.equal(readdirSync(join(register.dataDir, 'refusals')).filter((name) => name.includes('.part-')).length, 0)
  })
})

const RIO = fileURLToPath(new URL('../../../shared/data/seized-weapons/rio-2017.xlsx', import.meta.url))
const RIO_MAPPING = readFileSync(new URL('../../examples/mappings/rio.json', import.meta.url), 'utf8')

test('the weapons seized in Rio in 2017 load: every row accounted for, every weapon a recovery', { skip: existsSync(RIO) ? false : '../shared/data/seized-weapons is absent' }, async () => {
  const rio = await scratchParty()
  try {
    const asked = { path: RIO, as: 'recoveries', mapping: parseMapping(RIO_MAPPING), mappingSha256: Buffer.alloc(32), goodRows: true, dryRun: false, keep: [], by: 'Ana', and: null, written: timeOf(1_750_000_000), lang: 'en' } as const
    const report = await importSheet(rio, asked)
    assert.deepEqual([report.rows, report.accepted, report.refused, report.already], [30_627, 13_725, 16_902, 0])
    const again = await importSheet(rio, asked)
    assert.deepEqual([again.rows, again.accepted, again.refused, again.already], [30_627, 0, 16_902, 13_725])
    const kinds = await rio.db.read<{ kind: string, n: number }>("SELECT event::jsonb->>'kind' AS kind, count(*) AS n FROM custody_event GROUP BY 1")
    assert.deepEqual(kinds, [{ kind: 'seized', n: 13_725 }])
  } finally {
    await rio.remove()
  }
})
