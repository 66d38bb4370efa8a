import test from 'node:test'
import assert from 'node:assert/strict'
import type { SheetRow } from './cells.ts'
import { findHeader, proposeColumns } from './header.ts'
import { parseMapping } from './mapping-file.ts'
import { SheetRefused } from './reasons.ts'

const rowsOf = (...rows: readonly (readonly string[])[]): SheetRow[] => rows.map((cells, index) => ({ row: index + 3, cells }))
const mapping = (marks: unknown, rest: object = {}): ReturnType<typeof parseMapping> => parseMapping(JSON.stringify({ format: 'muster-mapping/1', item: { class: { constant: 'missile' }, lot: { column: 'Партия', optional: true } }, marks, ...rest }))

test('the header is the first row that names every column, whatever stands above it', () => {
  const header = findHeader(rowsOf(['Ведомость'], ['', ' заводской  НОМЕР ', 'Партия'], ['1', '0123', '4']), mapping([{ column: 'Заводской номер' }]))
  assert.equal(header.row, 4)
  assert.equal(header.places({ name: 'Заводской номер' }), 1)
  assert.equal(header.places({ name: 'Партия' }), 2)
  assert.equal(header.places({ letter: 'AB' }), 27)
})

test('an optional column may be missing, a needed one is named with what was found', () => {
  assert.equal(findHeader(rowsOf(['Заводской номер']), mapping([{ column: 'Заводской номер' }])).places({ name: 'Партия' }), undefined)
  assert.throws(() => findHeader(rowsOf(['Номер', 'Партия']), mapping([{ column: 'Заводской номер' }])), (error) => error instanceof SheetRefused && error.code === 'no-header' && error.message.includes('"Заводской номер"') && error.message.includes('Номер, Партия'))
  assert.throws(() => findHeader([], mapping([{ column: 'S' }])), SheetRefused)
})

test('a name that stands there twice is refused with both letters, and a letter tells them apart', () => {
  const rows = rowsOf(['Номер', 'Партия', 'Номер'])
  assert.throws(() => findHeader(rows, mapping([{ column: 'Номер' }])), (error) => error instanceof SheetRefused && error.code === 'ambiguous-column' && error.message.includes('(A, C)'))
  assert.equal(findHeader(rows, mapping([{ column: { letter: 'C' } }], { header: 3 })).places({ letter: 'C' }), 2)
})

test('a table without header is read by letters from its first row', () => {
  const header = findHeader(rowsOf(['0123', '4']), mapping([{ column: { letter: 'A' } }], { header: 0 }))
  assert.equal(header.row, 0)
})

test('columns are proposed from words in three languages, with samples', () => {
  for (const [names, fields] of [
    [['№ п/п', 'Зав. №', 'Индекс', 'Год выпуска', 'Партия', 'Кол-во', 'Склад'], [undefined, 'serial', 'type', 'year', 'lot', 'quantity', 'site']],
    [['Serial No', 'Manufacturer', 'Model', 'Year', 'Remarks'], ['serial', 'maker', 'model', 'year', undefined]],
    [['Laudo', 'Número de Série', 'Tipo', 'Marca', 'Modelo', 'Calibre', 'País', 'Número Procedimento', 'Data Registro'], [undefined, 'serial', 'class', 'maker', 'model', 'calibre', 'country', 'document', 'when']],
  ] as const) {
    const proposal = proposeColumns(rowsOf(['Title of the sheet, year 2017'], names, names.map((_, index) => `v${index}`), names.map((_, index) => `w${index}`)))
    assert.equal(proposal.headerRow, 4)
    assert.deepEqual(proposal.columns.map((column) => column.field), fields)
    assert.deepEqual(proposal.columns[1]?.samples, ['v1', 'w1'])
    assert.ok(parseMapping(JSON.stringify(proposal.draft)).marks.length === 1, 'the draft is a mapping')
  }
})

test('a sheet without anything like a header is refused', () => {
  assert.throws(() => proposeColumns(rowsOf(['1'], ['2'])), SheetRefused)
})
