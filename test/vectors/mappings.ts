// Vectors of the mapping of a sheet: the file as it stands, and the member at which it is refused.
import { readdirSync, readFileSync } from 'node:fs'

/** `mapping`: the text of the file. `at`: the member at which it is refused, null where it is taken. */
export type MappingVector = { what: string, mapping: string, at: string | null }

const EXAMPLES = new URL('../../examples/mappings/', import.meta.url)
const LEAST = { format: 'muster-mapping/1', item: { class: { constant: 'missile' } }, marks: [{ column: 'Serial' }] }

function invalid(name: string, what: string, mapping: unknown, at: string): [string, MappingVector] {
  return [`mapping/invalid/${name}`, { what, mapping: JSON.stringify(mapping), at }]
}

export function mappingVectors(): [string, MappingVector][] {
  const shipped = readdirSync(EXAMPLES).toSorted().map((file): [string, MappingVector] =>
    [`mapping/valid/${file.replace('.json', '')}`, { what: `examples/mappings/${file}`, mapping: readFileSync(new URL(file, EXAMPLES), 'utf8'), at: null }])
  return [
    ...shipped,
    ['mapping/valid/least', { what: 'the least that a mapping says', mapping: JSON.stringify(LEAST), at: null }],
    invalid('other-version', 'a version that the reader does not know', { ...LEAST, format: 'muster-mapping/2' }, 'format'),
    invalid('member-unknown', 'a member that no version has', { ...LEAST, colour: 1 }, 'colour'),
    invalid('member-misspelt', 'a field that no item has', { ...LEAST, item: { ...LEAST.item, serail: 'S' } }, 'item.serail'),
    invalid('no-class', 'nothing says of what class the items are', { ...LEAST, item: {} }, 'item.class'),
    invalid('column-and-constant', 'two sources of one field', { ...LEAST, item: { ...LEAST.item, maker: { column: 'M', constant: 'X' } } }, 'item.maker'),
    invalid('one-value-twice', 'two spellings of one value', { ...LEAST, item: { ...LEAST.item, maker: { column: 'M', values: { A: 'x', 'a ': 'y' } } } }, 'item.maker.values["a "]'),
    invalid('year-of-two-digits', 'a form of date in which a century must be guessed', { ...LEAST, circumstances: { when: { column: 'D', dates: ['DD.MM.YY'] } } }, 'circumstances.when.dates[0]'),
    invalid('condition-unknown', 'a phrase that means a condition that is on no list', { ...LEAST, marks: [{ column: 'S', phrases: [{ words: ['filed'], condition: 'gone' }] }] }, 'marks[0].phrases[0].condition'),
    invalid('encoding-unknown', 'an encoding that is on no list', { ...LEAST, encoding: 'ebcdic' }, 'encoding'),
  ]
}
