import test from 'node:test'
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { foldValue } from './mapping.ts'
import { MAPPING_CHARACTERS_MAX, MappingRefused, parseMapping } from './mapping-file.ts'

const FOLDER = join(import.meta.dirname, '../../examples/mappings')
const BASE = { format: 'muster-mapping/1', item: { class: { constant: 'missile' } }, marks: [{ column: 'S' }] }

test('every mapping that ships is read', () => {
  const names = readdirSync(FOLDER)
  assert.ok(names.length >= 3)
  for (const name of names) assert.ok(parseMapping(readFileSync(join(FOLDER, name), 'utf8')).marks.length > 0, name)
})

test('each fault is refused by the name of its member', () => {
  const faults: readonly (readonly [string, unknown])[] = [
    ['format', { ...BASE, format: 'muster-mapping/2' }],
    ['colour', { ...BASE, colour: 1 }],
    ['item.class', { ...BASE, item: {} }],
    ['item.class', { ...BASE, item: { class: { constant: 'Пистолет' } } }],
    ['item.serail', { ...BASE, item: { ...BASE.item, serail: 'S' } }],
    ['item.maker', { ...BASE, item: { ...BASE.item, maker: { column: 'M', constant: 'X' } } }],
    ['item.maker', { ...BASE, item: { ...BASE.item, maker: {} } }],
    ['item.maker.otherwise', { ...BASE, item: { ...BASE.item, maker: { column: 'M', otherwise: 'keep' } } }],
    ['item.maker.values["a "]', { ...BASE, item: { ...BASE.item, maker: { column: 'M', values: { 'A': 'x', 'a ': 'y' } } } }],
    ['item.maker.values["A"]', { ...BASE, item: { ...BASE.item, maker: { column: 'M', values: { A: 3 } } } }],
    ['item.maker.required', { ...BASE, item: { ...BASE.item, maker: { column: 'M', required: 'yes' } } }],
    ['item.maker.column.letter', { ...BASE, item: { ...BASE.item, maker: { column: { letter: 'b' } } } }],
    ['circumstances.when.dates[0]', { ...BASE, circumstances: { when: { column: 'D', dates: ['dd.mm.yy'] } } }],
    ['circumstances.when.offset', { ...BASE, circumstances: { when: { column: 'D', offset: '-3' } } }],
    ['marks[0].column', { ...BASE, marks: [{}] }],
    ['marks[0].smallWords', { ...BASE, marks: [{ column: 'S', smallWords: [] }] }],
    ['marks[0].phrases[0]', { ...BASE, marks: [{ column: 'S', phrases: [{ condition: 'erased' }] }] }],
    ['marks[0].phrases[1].condition', { ...BASE, marks: [{ column: 'S', phrases: [{ words: ['a'], condition: 'erased' }, { words: ['a'], condition: 'gone' }] }] }],
    ['marks[0].phrases[0]', { ...BASE, marks: [{ column: 'S', phrases: [{ words: ['a'] }] }] }],
    ['marks[0].legends[0]', { ...BASE, marks: [{ column: 'S', legends: ['where x'] }] }],
    ['rows[0].kind', { ...BASE, rows: [{ column: 'K', is: ['A'], kind: 'Ammunition' }] }],
    ['rows[0]', { ...BASE, rows: [{ column: 'K', kind: 'ammunition' }] }],
    ['rows[0].set.class', { ...BASE, rows: [{ column: 'K', is: ['A'], kind: 'a', set: { class: 'A B' } }] }],
    ['encoding', { ...BASE, encoding: 'ebcdic' }],
    ['delimiter', { ...BASE, delimiter: 'x' }],
    ['header', { ...BASE, header: -1 }],
    ['', []],
    ['', 'text'],
  ]
  for (const [at, value] of faults) assert.throws(() => parseMapping(JSON.stringify(value)), (error) => error instanceof MappingRefused && error.at === at, `${at}: ${JSON.stringify(value)}`)
  assert.throws(() => parseMapping('{'), MappingRefused)
  assert.throws(() => parseMapping(' '.repeat(MAPPING_CHARACTERS_MAX + 1)), MappingRefused)
})

test('spellings that differ in case, accents, width or spaces are one value', () => {
  assert.equal(foldValue(' NÃO  identificada\n'), foldValue('nao IDENTIFICADA'))
  assert.equal(foldValue('ＡＢ'), 'AB')
  assert.notEqual(foldValue('А'), foldValue('A'))
})
