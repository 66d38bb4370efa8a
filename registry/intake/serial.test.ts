import test from 'node:test'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseMapping } from './mapping-file.ts'
import { MARKS_MAX, readCell } from './serial.ts'
import type { MarkSource } from './mapping.ts'

const markOf = (name: string): MarkSource => parseMapping(readFileSync(join(import.meta.dirname, '../../examples/mappings', name), 'utf8')).marks[0] as MarkSource
const RIO = markOf('rio.json')
const RU = markOf('ru-stock.json')

/** "reading condition place", one for each mark; a fragment ends in …, no reading is ∅. */
function brief(cell: string, source: MarkSource): string[] {
  const read = readCell(cell, 'c', source)
  assert.ok(read !== undefined)
  for (const mark of read.marks) {
    assert.equal(mark.text, cell, 'the cell survives verbatim')
    assert.equal(mark.unknown, (mark.reading ?? '').split('?').length - 1)
  }
  return read.marks.map((mark) => [`${mark.reading ?? '∅'}${mark.fragment ? '…' : ''}`, mark.condition, ...(mark.place === undefined ? [] : [mark.place])].join(' '))
}

test('a plain number is taken as it stands, end punctuation dropped', () => {
  for (const [cell, reading] of [['221541', '221541'], [' KQJ32514 ', 'KQJ32514'], ['SUD47665.///', 'SUD47665'], ['T6368-13 A 04054', 'T6368-13 A 04054'], ['A C E D 6 1 2', 'A C E D 6 1 2'], ['305-86041', '305-86041'], ['52433/1', '52433/1'], ['nº 1293031', '1293031'], ['A 0142564', 'A 0142564'], ['660601 V', '660601 V'], ['(1,2,7,2,8)', '1,2,7,2,8'], ['SSPRJ5540', 'SSPRJ5540'], ['[T6368-10 F 00405]', 'T6368-10 F 00405']] as const) {
    assert.deepEqual(brief(cell, RIO), [`${reading} intact`])
  }
})

test('the many ways of writing an illegible character become question marks', () => {
  for (const [cell, reading] of [['??3669', '??3669'], ['11144*5 (parcialmente ilegível)', '11144?5'], ['1131xx', '1131??'], ['KPC70XXX', 'KPC70???'], ['DI81###', 'DI81???'], ['NH61----- (parcialmente identificado)', 'NH61?????'], ['1__2_45*', '1??2?45?'], ['ILEGÍVEL - AJ (?) (?) 41 (?) (?)', 'AJ ? ? 41 ? ?'], ['132#830, onde # pode ser 3, 8 ou 9', '132?830'], ['21717X, X representa o último dígito que está ilegível.', '21717?'], ['AX8X628, X representa os algarismos não identificados.', 'A?8?628'], ['? ? 2526', '? ? 2526']] as const) {
    assert.deepEqual(brief(cell, RIO), [`${reading} partly-legible`])
  }
  assert.deepEqual(brief('TJX21116', RIO), ['TJX21116 intact'], 'a single X is a letter')
})

test('phrases for a mark that is gone, was never there, or is elsewhere are values', () => {
  for (const [cell, condition] of [
    ['Removido por ação humana.', 'erased'], ['REMOVIDO', 'erased'], ['supromido', 'erased'], ['indeterminado (raspado)', 'erased'], ['Adulterado por ação abrasiva', 'altered'], ['Pinado e remarcado', 're-marked'],
    ['-', 'not-recorded'], ['vide campo Observação abaixo.', 'not-recorded'], ['INEXISTENTE', 'none'], ['Não possui.', 'none'], ['SN', 'none'], ['não identificado', 'illegible'], ['N/I', 'illegible'], ['XXXXX', 'illegible'], ['*****', 'illegible'],
    ['suprimida/recobrimento preto', 'painted-over'], ['Parcialmente removido por ação humana.', 'partly-legible'], ['', 'not-recorded'], ['palavras nunca vistas', 'unclear'],
  ] as const) assert.deepEqual(brief(cell, RIO), [`∅ ${condition}`], cell)
})

test('words beside a number say what is missing of it', () => {
  assert.deepEqual(brief('AB97 suprimido', RIO), ['AB97… partly-legible'])
  assert.deepEqual(brief('suprimido/1623111', RIO), ['1623111… partly-legible'])
  assert.deepEqual(brief('REMOVIDO E REMARCADO para 982827', RIO), ['982827 re-marked'])
  assert.deepEqual(brief('Removida, com sobreescrição cgc33413.', RIO), ['cgc33413 re-marked'])
  assert.deepEqual(brief('SDW48598 (revelado)', RIO), ['SDW48598 partly-legible'], 'restored with acid: complete, but not intact')
  assert.deepEqual(brief('Parcialmente eliminado: T-6368-13*003**.', RIO), ['T-6368-13?003?? partly-legible'])
})

test('two numbers in a cell are two marks, each with the part that it is on', () => {
  assert.deepEqual(brief('TKN 78067 (FERROLHO); TKN 77997 (CANO)', RIO), ['TKN 78067 intact slide', 'TKN 77997 intact barrel'])
  assert.deepEqual(brief('Ferrolho: AYP660 e Corpo: AYP672 US', RIO), ['AYP660 intact slide', 'AYP672 US intact'])
  assert.deepEqual(brief('14G00590 (ferrolho) - T6472-14 G 00590 (cano)', RIO), ['14G00590 intact slide', 'T6472-14 G 00590 intact barrel'])
  assert.deepEqual(brief('20541; 712679', RIO), ['20541 intact', '712679 intact'])
  assert.deepEqual(brief('28800 e 720938', RIO), ['28800 intact', '720938 intact'])
  assert.deepEqual(brief('T6368-08 E 00959', RIO), ['T6368-08 E 00959 intact'], 'the letter E is not the word e')
  assert.deepEqual(brief('AZB786 (cano) AZB247 (ferrolho) BMB922 (armação)', RIO), ['AZB786 intact barrel', 'AZB247 intact slide', 'BMB922 intact frame'])
  assert.deepEqual(brief('165178, o algarismo 8 apresenta-se fora do padrão.', RIO), ['165178 intact'])
})

test('the Russian mapping reads its own phrases', () => {
  assert.deepEqual(brief('№ 00731', RU), ['00731 intact'])
  assert.deepEqual(brief('00732 / 00733', RU), ['00732 intact', '00733 intact'])
  assert.deepEqual(brief('Б-0441?', RU), ['Б-0441? partly-legible'])
  assert.deepEqual(brief('корпус: 0123 и крышка: 0124', RU), ['0123 intact body', '0124 intact cover'])
  for (const [cell, condition] of [['закрашен', 'painted-over'], ['стёрт', 'erased'], ['СТЕРТ', 'erased'], ['не раскрывается', 'withheld'], ['б/н', 'none'], ['не читается', 'illegible'], ['перебит', 're-marked']] as const) assert.deepEqual(brief(cell, RU), [`∅ ${condition}`])
})

test('the short way for plain numbers and the long way read alike', () => {
  for (const cell of ['221541', 'KQJ32514', 'A-1', '1-A-2', 'ACAUT137315', 'SN123', 'SUPRIMIDO1', 'Б-04417', '305-86041', 'TJX21116', '7', 'XX685XX', '4--43', 'T1102-13F00462', 'É1', '9П516']) {
    const [short, long] = [readCell(cell, 'c', RIO), readCell(`${cell} ;`, 'c', RIO)]
    assert.deepEqual(short?.marks.map((mark) => ({ ...mark, text: '' })), long?.marks.map((mark) => ({ ...mark, text: '' })), cell)
  }
})

test('words that are not understood are flagged, never dropped silently', () => {
  assert.deepEqual(readCell('718695 e nao como consta na requisição', 'c', RIO)?.doubts, ['serial-has-words'])
  assert.deepEqual(readCell('718695 (armação)', 'c', RIO)?.doubts, [])
})

test('a cell with more numbers than one item has is no mark', () => {
  assert.equal(readCell(Array.from({ length: MARKS_MAX + 1 }, (_, index) => `A${index}4417`).join('; '), 'c', RIO), undefined)
})

test('no cell of any length or content takes long or throws', () => {
  const started = process.cpuUsage()
  for (const piece of ['?', '(', '[', 'X', 'A1 ', '-', '1,', ';', 'e ', '/', '(a', 'onde # ', '(?)', 'ferrolho: ', '\u0000', '\ud800']) {
    for (const length of [1, 7, 1000]) readCell(piece.repeat(length), 'c', RIO)
  }
  assert.ok(process.cpuUsage(started).user / 1e6 < 10)
})
