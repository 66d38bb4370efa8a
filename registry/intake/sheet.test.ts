import test, { after, before } from 'node:test'
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { forgeWorkbook } from './forge-workbook.ts'
import type { Mapping } from './mapping.ts'
import { parseMapping } from './mapping-file.ts'
import { SheetRefused } from './reasons.ts'
import { createRefusalFile, guard, unguard } from './refusals.ts'
import { clip, columnLetter, type IntakeRow, type RowRefusal } from './row.ts'
import { proposeSheet, readSheet, type Opened, type ReadOptions } from './sheet.ts'
import { readDate } from './dates.ts'

const ROOT = join(import.meta.dirname, '../..')
const SEIZED = join(ROOT, '../shared/data/seized-weapons')
const noData = existsSync(SEIZED) ? false : '../shared/data is absent'
const mappingOf = (name: string): Mapping => parseMapping(readFileSync(join(ROOT, 'examples/mappings', name), 'utf8'))

let folder = ''
before(() => { folder = mkdtempSync(join(tmpdir(), 'muster-sheet-')) })
after(() => { rmSync(folder, { recursive: true }) })

let files = 0
function fileOf(bytes: string | Uint8Array): string {
  const path = join(folder, `file-${files++}`)
  writeFileSync(path, bytes)
  return path
}

async function readAll(path: string, mapping: Mapping, options: ReadOptions = {}): Promise<{ rows: IntakeRow[], refusals: RowRefusal[], opened: Opened }> {
  const rows: IntakeRow[] = []
  const refusals: RowRefusal[] = []
  let opened: Opened | undefined
  for await (const one of readSheet(path, mapping, { ...options, onOpened: (facts) => { opened = facts } })) {
    if (one.kind === 'row') rows.push(one)
    else refusals.push(one)
  }
  assert.ok(opened !== undefined)
  return { rows, refusals, opened }
}

async function writeRefusals(refusals: readonly RowRefusal[], header: readonly string[]): Promise<string> {
  const file = await createRefusalFile(join(folder, `refused-${files++}.csv`), header)
  for (const refusal of refusals) await file.add(refusal)
  await file.close()
  return file.path
}

const SIMPLE = parseMapping(JSON.stringify({
  format: 'muster-mapping/1',
  item: { class: { column: 'kind', values: { tube: 'missile', grip: 'gripstock' } }, lot: { column: 'lot', optional: true }, quantity: { column: 'qty', optional: true }, year: { column: 'year', optional: true } },
  marks: [{ column: 'serial' }],
  circumstances: { when: { column: 'date', optional: true, dates: ['DD.MM.YYYY', 'excel-serial'] } },
}))

test('the exercise stock sheet is read: encoding, header below a title, unknown things as values, every row accounted for', async () => {
  const { rows, refusals, opened } = await readAll(join(ROOT, 'examples/sheets/ru-stock.csv'), mappingOf('ru-stock.json'))
  assert.deepEqual({ ...opened, header: opened.header.length }, { format: 'csv', encoding: 'windows-1251', delimiter: ';', headerRow: 3, header: 12 })
  assert.deepEqual(rows.map((row) => [row.row, row.item.class, row.item.serial, row.marks.map((mark) => mark.condition).join()]), [
    [4, 'missile', 'Б-04417', 'intact'], [5, 'missile', 'Б-04418', 'intact'], [6, 'missile', 'Б-0441?', 'partly-legible'], [7, 'gripstock', '00731', 'intact'], [8, 'gripstock', '00732', 'intact,intact'],
    [9, 'gripstock', undefined, 'painted-over'], [10, 'gripstock', undefined, 'erased'], [11, 'power-unit', undefined, 'not-recorded'], [12, 'power-unit', undefined, 'none'], [14, 'missile', undefined, 'withheld'], [15, 'container', 'К-14', 'intact'],
  ])
  assert.deepEqual(rows.find((row) => row.row === 11)?.item, { class: 'power-unit', type: '9Б238', maker: 'Завод В (учебный)', year: '1989', lot: 'партия 7', quantity: 48 })
  assert.deepEqual(rows[0]?.circumstances, { when: '2024-04-03', document: 'Акт № 17', site: 'Склад 1' })
  assert.deepEqual(refusals.map(({ row, reason, column, value }) => ({ row, reason, column, value })), [
    { row: 13, reason: 'unreadable-date', column: { letter: 'J', name: 'Дата учёта' }, value: 'апрель 2024' },
    { row: 16, reason: 'out-of-scope', column: { letter: 'A', name: '№ п/п' }, value: 'Итого' },
  ])
})

test('the short exercise sheet: what a spreadsheet program changed is a doubt, what cannot be is refused', async () => {
  const { rows, refusals } = await readAll(join(ROOT, 'examples/sheets/ru-stock-short.csv'), mappingOf('ru-stock-short.json'))
  assert.deepEqual(rows.map((row) => [row.row, row.marks[0]?.text, row.doubts.join()]), [[2, '0123', ''], [3, '0123', ''], [4, 'I23', ''], [5, '1E+05', 'spreadsheet-altered'], [6, '05.июл', 'spreadsheet-altered']])
  assert.notDeepEqual(rows[0]?.fingerprint, rows[1]?.fingerprint, 'a repeated row is a row of its own')
  assert.deepEqual(refusals.map((refusal) => [refusal.row, refusal.reason, refusal.value]), [[7, 'unreadable-date', '31.02.2024'], [8, 'value-not-in-table', 'прицел']])
})

test('refused rows can be corrected in their file and loaded again; nothing else changes and nothing is loaded twice', async () => {
  const source = 'kind;serial;date;note\ntube;00123;31.02.2024;"=HYPERLINK(""http://example.org"")"\ngrip;7;01.02.2024;fine\ntube;8;x;\'quoted\ntube;9;y;"two\r\nlines ; and ""marks"""\ntube;10;z;-5\ntube;11;w;+7 495\n'
  const first = await readAll(fileOf(source), SIMPLE)
  assert.equal(first.rows.length, 1)
  const path = await writeRefusals(first.refusals, first.opened.header)
  const text = readFileSync(path, 'utf8')
  assert.match(text, /^\ufeffkind;serial;date;note;muster-row;muster-column;muster-value;muster-reason;muster-message;muster-doubts\r\n/)
  for (const line of text.split('\r\n')) for (const cell of line.split(';')) assert.doesNotMatch(cell, /^"?[=@]/, 'nothing that a spreadsheet program would evaluate')

  const again = await readAll(path, SIMPLE)
  assert.deepEqual(again.refusals.map((refusal) => refusal.source), first.refusals.map((refusal) => refusal.source), 'every cell came back')
  assert.deepEqual(again.refusals.map((refusal) => refusal.reason), first.refusals.map((refusal) => refusal.reason))
  const twice = await writeRefusals(again.refusals, again.opened.header)
  assert.equal(readFileSync(twice, 'utf8').replace(/;\d+;C date/g, ''), text.replace(/;\d+;C date/g, ''), 'refused again, the file is the same but for row numbers')

  const corrected = await readAll(fileOf(text.replace('31.02.2024', '28.02.2024')), SIMPLE)
  assert.deepEqual(corrected.rows.map((row) => row.source), [['tube', '00123', '28.02.2024', '=HYPERLINK("http://example.org")']])
  assert.equal(corrected.refusals.length, 4)
})

test('a row of the refusal file that loads under a better mapping has the fingerprint of its first reading', async () => {
  const path = fileOf('kind;serial\nmine;\'0123\ntube;1\n')
  const first = await readAll(path, SIMPLE)
  const wider: Mapping = { ...SIMPLE, item: { ...SIMPLE.item, class: { ...SIMPLE.item.class as NonNullable<Mapping['item']['class']>, otherwise: { value: 'unknown' } } } }
  const direct = (await readAll(path, wider)).rows[0]
  const returned = (await readAll(await writeRefusals(first.refusals, first.opened.header), wider)).rows[0]
  assert.deepEqual(returned?.fingerprint, direct?.fingerprint)
  assert.deepEqual(returned?.marks, direct?.marks)
})

test('cells beyond the header survive the refusal file', async () => {
  const first = await readAll(fileOf('kind;serial\nmine;1;extra;=more\n'), SIMPLE)
  const again = await readAll(await writeRefusals(first.refusals, first.opened.header), SIMPLE)
  assert.deepEqual(again.refusals[0]?.source, ['mine', '1', 'extra', '=more'])
})

test('an existing file is never overwritten by refusals', async () => {
  const path = fileOf('mine')
  await assert.rejects(createRefusalFile(path, []), /EEXIST/)
  assert.equal(readFileSync(path, 'utf8'), 'mine')
})

test('the guard comes off exactly', () => {
  for (const cell of ['=1', "'", "'=1", '+7 x', '-x', '-', '-5', '+5,5', '@a', '\tx', '＝1', 'plain', '']) assert.equal(unguard(guard(cell)), cell)
  for (const cell of ['=1', '+7 x', '-x', '@a', '\tx', '-1+cmd', '＝1']) assert.notEqual(guard(cell), cell)
})

test('a serial stored as a number or a date is flagged, in the refusal file too', async () => {
  const cell = (place: string, text: string): string => `<c r="${place}" t="str"><v>${text}</v></c>`
  const path = fileOf(forgeWorkbook({
    styles: '<cellXfs><xf numFmtId="0"/><xf numFmtId="16"/></cellXfs>',
    sheets: [{ name: 'A', data: `<row r="1">${cell('A1', 'kind')}${cell('B1', 'serial')}${cell('C1', 'date')}</row><row r="2">${cell('A2', 'tube')}<c r="B2"><v>123</v></c><c r="C2"><v>45000</v></c></row><row r="3">${cell('A3', 'tube')}<c r="B3" s="1"><v>28251</v></c></row><row r="4">${cell('A4', 'tube')}${cell('B4', '00123')}</row><row r="5">${cell('A5', 'mine')}<c r="B5"><v>1E5</v></c></row>` }],
  }))
  const { rows, refusals, opened } = await readAll(path, SIMPLE)
  assert.deepEqual(rows.map((row) => [row.item.serial, row.doubts.join()]), [['123', 'spreadsheet-altered'], ['1977-05-06', 'spreadsheet-altered'], ['00123', '']])
  assert.equal(rows[0]?.circumstances.when, '2023-03-15', 'a bare serial number is a date only where the mapping says so')
  const again = await readAll(await writeRefusals(refusals, opened.header), { ...SIMPLE, item: { class: { ...SIMPLE.item.class as NonNullable<Mapping['item']['class']>, otherwise: { value: 'unknown' } } } })
  assert.deepEqual(again.rows[0]?.doubts, ['spreadsheet-altered', 'unknown-value'])
  assert.equal(again.rows[0]?.item.serial, '100000')
})

test('an error or a lost formula refuses the row, but only an error in a column that is used', async () => {
  const path = fileOf(forgeWorkbook({ sheets: [{ name: 'A', data: '<row r="1"><c r="A1" t="str"><v>kind</v></c><c r="B1" t="str"><v>serial</v></c></row><row r="2"><c r="A2" t="str"><v>tube</v></c><c r="B2" t="e"><v>#N/A</v></c></row><row r="3"><c r="A3" t="str"><v>tube</v></c><c r="B3"><v>1</v></c><c r="C3" t="e"><v>#N/A</v></c></row><row r="4"><c r="A4" t="str"><v>tube</v></c><c r="B4"><f>A1</f></c></row>' }] }))
  const { rows, refusals } = await readAll(path, SIMPLE)
  assert.deepEqual(rows.map((row) => row.row), [3])
  assert.deepEqual(refusals.map((refusal) => [refusal.row, refusal.column?.letter, refusal.reason, refusal.value]), [[2, 'B', 'error-value', '#N/A'], [4, 'B', 'formula-without-value', '']])
  assert.match(refusals[1]?.message.en ?? '', /B4/)
})

test('each bad value is refused by row, column, clipped value and reason, in both languages', async () => {
  const bad: readonly (readonly [string, string, string])[] = [
    ['mine;1;;;', 'value-not-in-table', 'A'], [`tube;${'7'.repeat(1 << 20)};;;`, 'cell-too-long', 'B'], [`tube;${'7'.repeat(2000)};;;`, 'value-too-long', 'B'], ['tube;1;2,5;;', 'unreadable-quantity', 'C'], ['tube;1;-1;;', 'unreadable-quantity', 'C'],
    ['tube;1;;77;', 'unreadable-year', 'D'], ['tube;1;;;1.2.3', 'unreadable-date', 'E'], ['tube;1;;;29.02.2023', 'unreadable-date', 'E'], ['tube;1\u0007;;;', 'control-character', 'B'], [`tube;${Array.from({ length: 9 }, (_, index) => `A${index}777`).join(', ')};;;`, 'too-many-marks', 'B'],
  ]
  const mapping: Mapping = { ...SIMPLE, marks: SIMPLE.marks.map((mark) => ({ ...mark, separators: [','] })) }
  const { rows, refusals } = await readAll(fileOf(`kind;serial;qty;year;date\n${bad.map(([line]) => line).join('\n')}\n`), mapping)
  assert.equal(rows.length, 0)
  assert.deepEqual(refusals.map((refusal) => [refusal.reason, refusal.column?.letter]), bad.map(([, reason, letter]) => [reason, letter]))
  for (const refusal of refusals) {
    assert.ok(refusal.value.length < 100 && refusal.message.en.length > 20 && /[а-я]/.test(refusal.message.ru))
    assert.match(refusal.column?.name ?? '', /^(kind|serial|qty|year|date)$/)
  }
})

test('ten thousand columns are refused in a header as a file', async () => {
  await assert.rejects(readAll(fileOf(`kind;serial;${'x;'.repeat(10_000)}\ntube;1\n`), SIMPLE), (error) => error instanceof SheetRefused && error.code === 'too-many-header-columns')
})

test('files that are no tables are refused by what they are', async () => {
  for (const [bytes, code] of [
    [Buffer.from('d0cf11e0a1b11ae1'.padEnd(4096, '0'), 'hex'), 'old-excel'], [Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600), Buffer.from('EncryptedPackage', 'utf16le'), Buffer.alloc(600)]), 'encrypted'],
    [Buffer.from([0x09, 0x08, 0x10, 0]), 'old-excel'], ['%PDF-1.7 …', 'not-a-sheet'], ['<html><table><tr><td>serial</td></tr></table>', 'not-a-sheet'], ['<?xml version="1.0"?><Workbook/>', 'not-a-sheet'], ['', 'empty-file'],
  ] as const) await assert.rejects(readAll(fileOf(bytes), SIMPLE), (error) => error instanceof SheetRefused && error.code === code, code)
  await assert.rejects(readAll(join(folder, 'nowhere'), SIMPLE), (error) => error instanceof SheetRefused && error.code === 'not-found')
  await assert.rejects(readAll(folder, SIMPLE), (error) => error instanceof SheetRefused && error.code === 'not-a-sheet')
})

test('a reader that stops after the first row leaves no file open', { skip: existsSync('/proc/self/fd') ? false : 'this system does not list open files' }, async () => {
  const book = fileOf(forgeWorkbook({ sheets: [{ name: 'A', data: `<row r="1"><c r="A1" t="str"><v>kind</v></c><c r="B1" t="str"><v>serial</v></c></row>${Array.from({ length: 20_000 }, (_, index) => `<row><c t="str"><v>tube</v></c><c t="str"><v>N${index}</v></c></row>`).join('')}` }] }))
  for (const path of [fileOf(`kind;serial\n${'tube;1\n'.repeat(200_000)}`), book]) {
    for await (const row of readSheet(path, SIMPLE)) {
      assert.equal(row.kind, 'row')
      break
    }
    const open = () => readdirSync('/proc/self/fd').filter((fd) => { try { return readlinkSync(`/proc/self/fd/${fd}`) === path } catch { return false } })
    // A stream closes its file a little after it was told to; on a busy machine that is long.
    for (const end = performance.now() + 10_000; open().length > 0 && performance.now() < end;) await new Promise((resolve) => { setTimeout(resolve, 20) })
    assert.deepEqual(open(), [])
  }
})

test('dates are read strictly in the forms of the mapping', () => {
  for (const [text, forms, date] of [['03.04.2017', ['DD.MM.YYYY'], '2017-04-03'], ['3.4.2017', ['DD.MM.YYYY'], '2017-04-03'], ['2017-04-03', [], '2017-04-03'], ['1977', [], '1977'], ['1977-05', [], '1977-05'], ['05/1977', ['MM/YYYY'], '1977-05'], ['03.04.2017 9:05', ['DD.MM.YYYY HH:mm'], '2017-04-03T09:05:00'], ['29.02.2023', ['DD.MM.YYYY'], undefined], ['13/13/2017', ['DD/MM/YYYY'], undefined], ['03.04.17', ['DD.MM.YYYY'], undefined], ['2017-04-03T25:00:00', [], undefined]] as const) assert.equal(readDate(text, forms), date, text)
  assert.equal(readDate('2017-04-03T10:00:00', [], '-03:00'), '2017-04-03T10:00:00-03:00')
})

test('columns have the letters that spreadsheet programs show, and values are clipped between characters', () => {
  assert.deepEqual([0, 25, 26, 701, 702].map(columnLetter), ['A', 'Z', 'AA', 'ZZ', 'AAA'])
  assert.equal(clip(`${'a'.repeat(79)}😀b`), `${'a'.repeat(79)}… (82)`)
})

test('columns of an unknown sheet are proposed from the file', async () => {
  const proposal = await proposeSheet(join(ROOT, 'examples/sheets/ru-stock.csv'))
  assert.equal(proposal.headerRow, 3)
  assert.equal(proposal.columns.find((column) => column.field === 'serial')?.letter, 'G')
  assert.deepEqual(parseMapping(JSON.stringify(proposal.draft)).marks[0]?.column, { name: 'Заводской номер' })
})

test('the police sheet of 2017 is accounted for to the row', { skip: noData }, async () => {
  const { rows, refusals, opened } = await readAll(join(SEIZED, 'rio-2017.xlsx'), mappingOf('rio.json'))
  assert.equal(opened.headerRow, 3)
  assert.equal(rows.length, 13_725)
  assert.equal(refusals.length, 16_902)
  assert.ok(refusals.every((refusal) => refusal.reason === 'out-of-scope' && refusal.value === 'MUNIÇÃO'))
  assert.equal(new Set([...rows, ...refusals].map((one) => one.row)).size, 30_627)
  assert.equal(new Set(rows.map((row) => Buffer.from(row.fingerprint).toString('hex'))).size, 13_725)
  for (const row of rows) {
    assert.ok(row.marks.length >= 1)
    assert.ok(row.marks.every((mark) => mark.text === (row.source[1] ?? '')), 'each cell survives verbatim in its mark')
    assert.ok(!row.doubts.includes('spreadsheet-altered') && !row.doubts.includes('unknown-value'))
  }
  const readable = rows.filter((row) => /\d/.test(row.item.serial ?? '') && (row.item.serial ?? '').replace(/[^\p{L}\p{N}]/gu, '').length >= 3)
  assert.ok(readable.length > 10_000)
  assert.equal(rows.filter((row) => row.marks.some((mark) => mark.condition === 'unclear')).length, 0, 'no phrase of this sheet is unknown to the mapping')
})

test('ammunition is read when it is asked for, the rows that repeat others too', { skip: noData }, async () => {
  const { rows, refusals } = await readAll(join(SEIZED, 'rio-2017.xlsx'), mappingOf('rio.json'), { keep: ['ammunition'] })
  assert.equal(rows.length, 30_627)
  assert.equal(refusals.length, 0)
  assert.equal(rows.filter((row) => row.item.class === 'ammunition').length, 16_902)
  assert.equal(new Set(rows.map((row) => Buffer.from(row.fingerprint).toString('hex'))).size, 30_627)
  assert.equal(rows.length - new Set(rows.map((row) => JSON.stringify(row.source))).size, 187)
})

test('the police sheet of 2018 is accounted for by the same mapping', { skip: noData }, async () => {
  const { rows, refusals } = await readAll(join(SEIZED, 'rio-2018.xlsx'), mappingOf('rio.json'))
  assert.equal(rows.length, 14_034)
  assert.equal(refusals.length, 16_095)
  assert.equal(rows.filter((row) => row.marks.some((mark) => mark.condition === 'unclear')).length, 0)
})
