import test from 'node:test'
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CELL_CHARACTERS_MAX, type SheetRow } from './cells.ts'
import { forgeParts, forgeWorkbook, forgeZip, type ForgedBook, type ForgedEntry } from './forge-workbook.ts'
import { plainNumber, serialDate, numberLook } from './number.ts'
import { SheetRefused, type FileReasonCode } from './reasons.ts'
import { resolvePart } from './workbook.ts'
import { openXlsx } from './xlsx.ts'

const SEIZED = join(import.meta.dirname, '../../../shared/data/seized-weapons')
const noData = existsSync(SEIZED) ? false : '../shared/data is absent'

async function readFileAt(path: string, sheet?: string): Promise<SheetRow[]> {
  const book = await openXlsx(path, sheet)
  const rows: SheetRow[] = []
  try {
    for await (const batch of book.rows()) rows.push(...batch)
  } finally {
    book.close()
  }
  return rows
}

async function read(bytes: Uint8Array, sheet?: string): Promise<SheetRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-xlsx-'))
  try {
    writeFileSync(join(folder, 'book.xlsx'), bytes)
    return await readFileAt(join(folder, 'book.xlsx'), sheet)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const one = (data: string, rest: Omit<ForgedBook, 'sheets'> & { after?: string } = {}): Buffer => forgeWorkbook({ ...rest, sheets: [{ name: 'A', data, ...(rest.after === undefined ? {} : { after: rest.after }) }] })

async function refused(bytes: Uint8Array, code: FileReasonCode, words?: RegExp): Promise<void> {
  await assert.rejects(read(bytes), (error) => {
    assert.ok(error instanceof SheetRefused, String(error))
    assert.equal(error.code, code, error.message)
    if (words !== undefined) assert.match(error.message, words)
    assert.ok(error.words.ru.length > 20)
    return true
  })
}

test('texts of every kind are read: shared, rich, inline, formula results, booleans', async () => {
  const rows = await read(one(
    '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="C2" t="s"><v>1</v></c><c r="D2" t="inlineStr"><is><t>in</t><r><t xml:space="preserve">line </t></r></is></c></row>'
    + '<row r="5"><c r="A5" t="str"><f>CONCATENATE("00123")</f><v>00123</v></c><c r="B5" t="b"><v>1</v></c><c r="C5"/><c r="D5" t="str"><f>""</f><v></v></c></row>',
    { shared: '<si><t>К &amp; М_x000D_</t></si><si><r><t>KQ</t></r><r><t>J1</t></r><rPh sb="0" eb="1"><t>hint</t></rPh></si>' },
  ))
  assert.deepEqual(rows, [
    { row: 2, cells: ['К & М\r', '', 'KQJ1', 'inline '] },
    { row: 5, cells: ['00123', 'TRUE'], kinds: new Map([[1, 'boolean']]) },
  ])
})

test('cells without a place follow one another', async () => {
  assert.deepEqual(await read(one('<row><c t="str"><v>a</v></c><c t="str"><v>b</v></c></row><row><c/><c t="str"><v>c</v></c></row>')), [{ row: 1, cells: ['a', 'b'] }, { row: 2, cells: ['', 'c'] }])
})

test('a formula without a stored value is refused by cell, its neighbours and other rows are not', async () => {
  const rows = await read(one('<row r="7"><c r="B7"><f>1+1</f></c><c r="C7" t="str"><v>x</v></c></row><row r="8"><c r="A8"><f>2+2</f><v>4</v></c></row>'))
  assert.deepEqual(rows[0]?.faults, [{ column: 1, reason: 'formula-without-value', detail: 'B7', value: '' }])
  assert.deepEqual(rows[0]?.cells, ['', '', 'x'])
  assert.deepEqual(rows[1]?.cells, ['4'])
})

test('no formula is evaluated: the stored value stands, however wrong', async () => {
  assert.deepEqual((await read(one('<row r="1"><c r="A1" t="str"><f>WEBSERVICE("http://example.org")</f><v>stored</v></c></row>')))[0]?.cells, ['stored'])
})

test('numbers are written out without float noise and without exponent', () => {
  for (const [stored, shown] of [['42736.0', '42736'], ['1E5', '100000'], ['1E+5', '100000'], ['0.30000000000000004', '0.3'], ['7.6200000000000001', '7.62'], ['1.2345678901234567E+19', '12345678901234600000'], ['-0', '0'], ['1.5E-7', '0.00000015'], ['5E-324', '0'], ['962873', '962873'], ['00123', '123']] as const) {
    assert.equal(plainNumber(stored), shown, stored)
  }
  for (const stored of ['', 'abc', '1e999', '0x10', 'NaN', '1,5', ' 1']) assert.equal(plainNumber(stored), undefined, stored)
})

test('serial dates follow both calendars, the day that never was included', () => {
  assert.equal(serialDate(1, false, false), '1900-01-01')
  assert.equal(serialDate(59, false, false), '1900-02-28')
  assert.equal(serialDate(60, false, false), undefined)
  assert.equal(serialDate(61, false, false), '1900-03-01')
  assert.equal(serialDate(42736.057546296295, false, true), '2017-01-01T01:22:52')
  assert.equal(serialDate(42736, true, false), '2021-01-02')
  assert.equal(serialDate(0.5, false, true), '12:00:00')
  assert.equal(serialDate(-1, false, false), undefined)
  assert.equal(serialDate(2_958_466, false, false), undefined)
})

test('a number format shows a date only where it names days, months or years outside of quotes', () => {
  for (const [code, look] of [['dd/mm/yyyy', 'date'], ['yyyy\\-mm\\-dd hh:mm', 'moment'], ['0.00', 'number'], ['"dia" 0', 'number'], ['[Red]0', 'number'], ['[h]:mm:ss', 'number'], ['General', 'number'], ['[$-419]d mmmm yyyy', 'date'], ['#,##0;[Red]-#,##0', 'number'], ['mmm-yy', 'date']] as const) assert.equal(numberLook(164, code), look, code)
  assert.equal(numberLook(14, undefined), 'date')
  assert.equal(numberLook(22, undefined), 'moment')
  assert.equal(numberLook(2, undefined), 'number')
})

test('what the workbook stores as number or date is marked as such, whatever a person typed', async () => {
  const rows = await read(one('<row r="1"><c r="A1"><v>123</v></c><c r="B1"><v>1E5</v></c><c r="C1" s="1"><v>28246</v></c><c r="D1" t="d"><v>1977-05-01</v></c></row>', {
    styles: '<numFmts><numFmt numFmtId="170" formatCode="d\\-mmm"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs>',
  }))
  assert.deepEqual(rows[0], { row: 1, cells: ['123', '100000', '1977-05-01', '1977-05-01'], kinds: new Map([[0, 'number'], [1, 'number'], [2, 'date'], [3, 'date']]) })
})

test('an error cell keeps its text and is a fault', async () => {
  assert.deepEqual((await read(one('<row r="1"><c r="A1" t="e"><v>#REF!</v></c></row>')))[0], { row: 1, cells: ['#REF!'], faults: [{ column: 0, reason: 'error-value', detail: '#REF!', value: '#REF!' }] })
})

test('a merged range gives its value to all its cells, marked as copied', async () => {
  const rows = await read(one('<row r="1"><c r="A1" t="str"><v>site 4</v></c><c r="B1" t="str"><v>x</v></c></row><row r="2"><c r="B2" t="str"><v>y</v></c></row><row r="3"/><row r="4"><c r="B4" t="str"><v>z</v></c></row>', { after: '<mergeCells count="1"><mergeCell ref="A1:A3"/></mergeCells>' }))
  assert.deepEqual(rows.map((row) => row.cells), [['site 4', 'x'], ['site 4', 'y'], ['', 'z']])
  assert.deepEqual(rows[1]?.kinds, new Map([[0, 'merged']]))
})

test('the sheet is chosen by name, by number, or because it alone holds data', async () => {
  const cell = (text: string): string => `<row r="1"><c r="A1" t="str"><v>${text}</v></c></row>`
  const two = forgeWorkbook({ sheets: [{ name: 'первый', data: cell('1') }, { name: 'второй', data: cell('2') }] })
  assert.deepEqual((await read(two, 'второй'))[0]?.cells, ['2'])
  assert.deepEqual((await read(two, '1'))[0]?.cells, ['1'])
  await assert.rejects(read(two), (error) => error instanceof SheetRefused && error.code === 'sheet-choice' && error.message.includes('"второй"'))
  await assert.rejects(read(two, 'third'), (error) => error instanceof SheetRefused && error.code === 'no-sheet')
  assert.deepEqual((await read(forgeWorkbook({ sheets: [{ name: 'A', data: '' }, { name: 'B', data: cell('2') }, { name: 'C', data: cell('3'), state: 'hidden' }] })))[0]?.cells, ['2'])
})

test('a text longer than a cell may be, and a thousand columns too many, are faults of their row', async () => {
  const rows = await read(one(`<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2">${Array.from({ length: 10_000 }, () => '<c t="str"><v>x</v></c>').join('')}</row><row r="3"><c t="str"><v>${'7'.repeat(1 << 20)}</v></c></row>`, { shared: `<si><t>${'9'.repeat(1 << 20)}</t></si>` }))
  assert.deepEqual(rows.map((row) => row.faults?.map(({ column, reason }) => [column, reason])), [[[0, 'cell-too-long']], [[1024, 'too-many-columns']], [[0, 'cell-too-long']]])
  assert.ok(rows.every((row) => (row.cells[0] ?? '').length <= CELL_CHARACTERS_MAX + 1))
})

test('a cell that breaks the format is refused by cell', async () => {
  for (const cell of ['<c r="A1" t="s"><v>5</v></c>', '<c r="A1" t="s"><v>-1</v></c>', '<c r="A1"><v>12x</v></c>', '<c r="A1" t="b"><v>2</v></c>', '<c r="A1" t="zz"><v>2</v></c>']) {
    assert.equal((await read(one(`<row r="1">${cell}</row>`)))[0]?.faults?.[0]?.reason, 'unreadable-cell', cell)
  }
})

test('rows and cells that go backwards are refused, since two readers would see two tables', async () => {
  await refused(one('<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>'), 'xml-refused', /row 1 stands after row 2/)
  await refused(one('<row r="2"><c r="B2"><v>1</v></c><c r="A2"><v>1</v></c></row>'), 'xml-refused', /A2/)
  await refused(one('<row r="2"><c r="A3"><v>1</v></c></row>'), 'xml-refused')
  await refused(one('<row r="9999999"><c><v>1</v></c></row>'), 'xml-refused')
  await refused(one('<row r="1"><c r="ZZZ1"><v>1</v></c></row>'), 'xml-refused')
})

const withPart = (book: ForgedBook, name: string, change: (entry: ForgedEntry) => ForgedEntry): Buffer => forgeZip(forgeParts(book).map((entry) => (entry.name === name ? change(entry) : entry)))
const PLAIN: ForgedBook = { sheets: [{ name: 'A', data: '<row r="1"><c r="A1" t="str"><v>x</v></c></row>' }] }
const SHEET = 'xl/worksheets/sheet1.xml'

test('billion laughs and every other document type are refused in each part', async () => {
  const laughs = `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>`
  for (const name of ['_rels/.rels', 'xl/workbook.xml', 'xl/_rels/workbook.xml.rels', 'xl/sharedStrings.xml', 'xl/styles.xml', SHEET]) {
    await refused(withPart(PLAIN, name, (entry) => ({ ...entry, bytes: laughs + String(entry.bytes).replace(/^<\?xml[^>]*>/, '') })), 'xml-refused', /document type/)
  }
  await refused(one('<row r="1"><c r="A1" t="str"><v>&b;</v></c></row>'), 'xml-refused')
  await refused(withPart(PLAIN, SHEET, (entry) => ({ ...entry, bytes: `<!DOCTYPE x SYSTEM "file:///etc/passwd">${String(entry.bytes).replace(/^<\?xml[^>]*>/, '')}` })), 'xml-refused')
})

test('XML that is broken, cut off, endlessly deep or one endless text is refused', async () => {
  await refused(withPart(PLAIN, SHEET, (entry) => ({ ...entry, bytes: String(entry.bytes).slice(0, -20) })), 'xml-refused')
  await refused(one('<x>'.repeat(100) + '</x>'.repeat(100) + '<row r="1"><c><v>1</v></c></row>'), 'xml-refused', /deep/)
  await refused(withPart(PLAIN, SHEET, (entry) => ({ ...entry, bytes: Buffer.concat([Buffer.from(String(entry.bytes)), Buffer.from([0xff])]) })), 'xml-refused', /no text/)
  const noise = Buffer.alloc(9 << 20, 'abcdefghijklmnopqrstuvwxyz0123456789 ')
  await refused(one(`<!--${noise.toString('latin1')}--><row r="1"><c t="str"><v>x</v></c></row>`), 'xml-refused', /8 MiB/)
})

test('a zip bomb is refused by its ratio, its size or its number of entries, before it is unpacked', async () => {
  await refused(withPart(PLAIN, 'xl/styles.xml', (entry) => ({ ...entry, bytes: Buffer.alloc(64 << 20, 32) })), 'archive-bomb', /packed \d+ times/)
  await refused(forgeZip([...forgeParts(PLAIN), ...['a', 'b', 'c'].map((name) => ({ name, bytes: 'x', central: { unpacked: 1 << 30, packed: 1 << 25 }, local: { unpacked: 1 << 30, packed: 1 << 25 } }))]), 'archive-bomb', /GiB/)
  await refused(forgeZip([...forgeParts(PLAIN), ...Array.from({ length: 5000 }, (_, index) => ({ name: `f${index}`, bytes: '', stored: true }))]), 'archive-bomb', /entries/)
})

test('headers that lie about size, name, method, place or checksum are refused', async () => {
  const size = String(forgeParts(PLAIN).find((entry) => entry.name === SHEET)?.bytes).length
  for (const lie of [
    { central: { unpacked: size - 1 }, local: { unpacked: size - 1 } }, { central: { unpacked: size + 1 }, local: { unpacked: size + 1 } }, { local: { unpacked: 1 } }, { central: { unpacked: 1 } },
    { local: { name: 'xl/worksheets/sheet9.xml' } }, { local: { method: 0 } },
  ]) await refused(withPart(PLAIN, SHEET, (entry) => ({ ...entry, ...lie })), 'archive-lies')
  await refused(withPart(PLAIN, SHEET, (entry) => ({ ...entry, central: { crc: 1 } })), 'archive-lies')
  await refused(withPart(PLAIN, SHEET, (entry) => ({ ...entry, central: { offset: 0 } })), 'archive-lies')
  await refused(forgeZip([...forgeParts(PLAIN), { name: SHEET.toUpperCase(), bytes: 'x' }]), 'archive-lies', /two entries/)
})

test('a stored entry within another, the trick of bombs without ratio, is refused', async () => {
  const inner = forgeZip([{ name: 'inner', bytes: 'x'.repeat(100), stored: true }]).subarray(0, 135)
  const parts: ForgedEntry[] = [{ name: 'outer', bytes: inner, stored: true }, { name: 'inner', bytes: 'x'.repeat(100), stored: true, central: { offset: 35 } }]
  await refused(forgeZip(parts), 'archive-lies', /lies within/)
})

test('names that climb out of the archive are refused, and references too', async () => {
  for (const name of ['../evil.xml', '/etc/passwd', 'C:/evil', 'a\\..\\b', 'xl/../../evil']) await refused(forgeZip([...forgeParts(PLAIN), { name, bytes: 'x' }]), 'archive-lies')
  await refused(withPart(PLAIN, 'xl/_rels/workbook.xml.rels', (entry) => ({ ...entry, bytes: String(entry.bytes).replace('worksheets/sheet1.xml', '../../../etc/passwd') })), 'archive-lies')
  assert.equal(resolvePart('xl/workbook.xml', '/xl/worksheets/./sheet1.xml'), 'xl/worksheets/sheet1.xml')
  await refused(withPart(PLAIN, 'xl/_rels/workbook.xml.rels', (entry) => ({ ...entry, bytes: String(entry.bytes).replace('Target="worksheets/sheet1.xml"', 'Target="http://example.org/x" TargetMode="External"') })), 'no-sheet')
})

test('an entry that is encrypted is refused with what to do', async () => {
  await refused(withPart(PLAIN, SHEET, (entry) => ({ ...entry, central: { flags: 1 } })), 'encrypted', /password/)
})

test('every truncation of a workbook is refused', async () => {
  const whole = forgeWorkbook(PLAIN)
  for (let length = 0; length < whole.length; length += 7) await assert.rejects(read(whole.subarray(0, length)), SheetRefused, String(length))
})

test('a flipped byte is refused or changes nothing that is read', async () => {
  const whole = forgeWorkbook(PLAIN)
  const honest = await read(whole)
  for (let at = 0; at < whole.length; at += 5) {
    const bytes = Buffer.from(whole)
    bytes[at] = (bytes[at] as number) ^ 0x04
    const rows = await read(bytes).catch((error: unknown) => {
      assert.ok(error instanceof SheetRefused, `${at}: ${String(error)}`)
      return honest
    })
    assert.deepEqual(rows, honest, String(at))
  }
})

test('other packages are refused by name', async () => {
  await refused(forgeZip([{ name: 'mimetype', bytes: 'application/vnd.oasis.opendocument.spreadsheet', stored: true }, { name: 'content.xml', bytes: '<x/>' }]), 'not-a-sheet', /OpenDocument/)
  await refused(forgeZip([{ name: 'xl/workbook.bin', bytes: 'x' }]), 'not-a-sheet', /xlsb/)
  await refused(forgeZip([{ name: 'word/document.xml', bytes: '<x/>' }]), 'not-a-sheet')
})

test('prefixed element names, as some programs write them, are read', async () => {
  const parts = forgeParts(PLAIN).map((entry) => (entry.name === SHEET ? { ...entry, bytes: '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData><x:row r="1"><x:c r="A1" t="str"><x:v>p</x:v></x:c></x:row></x:sheetData></x:worksheet>' } : entry))
  assert.deepEqual(await read(forgeZip(parts)), [{ row: 1, cells: ['p'] }])
})

test('the police sheets are read whole: header in row 3, every row, every formula by its stored value', { skip: noData }, async () => {
  for (const [year, count, last] of [['2017', 30_627, 30_630], ['2018', 30_129, 30_132]] as const) {
    const rows = await readFileAt(join(SEIZED, `rio-${year}.xlsx`))
    assert.equal(rows.length, count + 1)
    assert.equal(rows[0]?.row, 3)
    assert.equal(rows.at(-1)?.row, last)
    assert.ok(rows.every((row) => row.faults === undefined))
  }
})

test('a workbook of several sheets asks for a choice and reads each', { skip: noData }, async () => {
  const path = join(SEIZED, 'dictionary.xlsx')
  await assert.rejects(readFileAt(path), (error) => error instanceof SheetRefused && error.code === 'sheet-choice')
  assert.deepEqual((await readFileAt(path, '2')).map((row) => row.cells)[1], ['1', 'Arma de fogo'])
})

test('the police sheet with any byte flipped is refused or reads the same', { skip: noData }, async () => {
  const whole = readFileSync(join(SEIZED, 'dictionary.xlsx'))
  const honest = await read(whole, '1')
  for (let at = 11; at < whole.length; at += 1499) {
    const bytes = Buffer.from(whole)
    bytes[at] = (bytes[at] as number) ^ 0x01
    const rows = await read(bytes, '1').catch((error: unknown) => {
      assert.ok(error instanceof SheetRefused, `${at}: ${String(error)}`)
      return honest
    })
    assert.deepEqual(rows, honest, String(at))
  }
})
