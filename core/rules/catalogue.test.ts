import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { classesFor, designated, entriesNamed, isConfirmed, parseCatalogue, type Catalogue } from './catalogue.ts'
import { explainMark } from './explain.ts'
import { LADDER_LIMITS } from './ladder.ts'

const shipped = JSON.parse(readFileSync(new URL('../../registry/catalogue.json', import.meta.url), 'utf8')) as { entries: { id: string, of: string | null, classes: string[], names: { text: string, script: string, source: string }[] }[] }
function read(value: unknown): Catalogue {
  const parsed = parseCatalogue(value)
  assert.ok('value' in parsed, JSON.stringify(parsed))
  return parsed.value
}
const catalogue = read(shipped)
const ids = (designation: string): string[] => entriesNamed(catalogue, designation).map(({ id }) => id)
const options = { catalogue, classes: [], type: undefined, script: 'unknown', condition: 'intact', limits: LADDER_LIMITS } as const

test('the shipped catalogue names every script truly', () => {
  for (const { names } of shipped.entries) {
    for (const { text, script } of names) {
      const cyrillic = /[А-Яа-яЁё]/.test(text)
      assert.equal(script, cyrillic ? 'cyrillic' : /^[\x20-\x7e]+$/.test(text) ? 'latin' : 'other', text)
      assert.ok(!cyrillic || !/[A-Za-z]/.test(text), `${text} mixes two alphabets`)
    }
  }
})

test('a component is found by its index in either alphabet', () => {
  assert.deepEqual(ids('9П516'), ['igla.gripstock'])
  assert.deepEqual(ids('9P516'), ['igla.gripstock'])
  assert.deepEqual(ids('9B238'), ['igla-1.power-unit', 'igla.power-unit'])
  assert.deepEqual(ids('Игла-С'), ids('igla s'))
  assert.deepEqual(ids('nothing'), [])
})

test('an index known only by hearsay is not confirmed', () => {
  const entry = entriesNamed(catalogue, '9П516')[0]
  assert.ok(entry !== undefined && !isConfirmed(catalogue, entry))
  const chiron = entriesNamed(catalogue, 'QW-11')[0]
  assert.ok(chiron !== undefined && isConfirmed(catalogue, chiron))
})

test('a mark belongs to the classes of what is named, of a system to those of its parts, else to any', () => {
  assert.deepEqual(classesFor(catalogue, '9P516'), ['gripstock'])
  assert.deepEqual(classesFor(catalogue, '9П39'), ['missile', 'container'], 'the number on a tube is that of the missile in it or of the tube')
  assert.deepEqual(new Set(classesFor(catalogue, 'Igla')), new Set(['system', 'missile', 'container', 'gripstock', 'power-unit']))
  assert.deepEqual(classesFor(catalogue, undefined), Object.keys(catalogue.classes))
  assert.deepEqual(classesFor(catalogue, 'XYZ 1'), Object.keys(catalogue.classes))
})

test('a line is split at its number sign or after the designation', () => {
  assert.deepEqual(designated(catalogue, '9П516 № 0123'), { designation: '9П516', serial: '0123' })
  assert.deepEqual(designated(catalogue, 'FIM-92A 0123'), { designation: 'FIM-92A', serial: '0123' })
  assert.deepEqual(designated(catalogue, 'ABC № 0123'), { designation: 'ABC', serial: '0123' })
  assert.equal(designated(catalogue, '0123'), undefined)
})

test('a catalogue is refused by the place that is wrong', () => {
  const [first, second] = shipped.entries
  const at = (entries: unknown[]): string | undefined => {
    const parsed = parseCatalogue({ ...shipped, entries })
    return 'misfit' in parsed ? parsed.misfit.at : undefined
  }
  assert.equal(at([first, first]), 'entries[1].id')
  assert.equal(at([{ ...second, of: 'elsewhere' }]), 'entries[0].of')
  assert.equal(at([{ ...first, classes: ['spoon'] }]), 'entries[0].classes[0]')
  assert.equal(at([{ ...first, names: [{ ...first?.names[0], source: 'rumour' }] }]), 'entries[0].names[0].source')
  assert.equal(at([{ ...first, range: 5 }]), 'entries[0].range')
  assert.equal(at([first]), undefined)
})

test('a mark is explained with its readings, what it names, and the ladder', () => {
  const seen = explainMark('9П516 № 0123', options)
  assert.equal(seen.readings.written, '9П5160123')
  assert.equal(seen.designation, '9П516')
  assert.equal(seen.serial, '0123')
  assert.deepEqual(seen.classes, ['gripstock'])
  assert.deepEqual(seen.named.map(({ entry, confirmed }) => [entry.id, confirmed]), [['igla.gripstock', false]])
  assert.ok(seen.keys.some(({ rung, key }) => rung === 'transliterated' && key === '9P5160123'))
  assert.ok(seen.ladder.verdict === 'readable' && seen.ladder.candidates.some(({ kind, rung }) => kind === 'type' && rung === 'written'))
})

test('what the asker states goes before what the catalogue says, and a mark outside of it is explained too', () => {
  assert.deepEqual(explainMark('9П516 № 0123', { ...options, classes: ['missile'], type: '9М39' }).classes, ['missile'])
  const foreign = explainMark('XK 0123', options)
  assert.equal(foreign.designation, undefined)
  assert.ok(foreign.ladder.verdict === 'readable')
  assert.equal(explainMark('', options).ladder.verdict, 'unreadable')
})
