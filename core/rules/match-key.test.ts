import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromUtf8, toHex } from '../bytes/bytes.ts'
import type { Identity, Part } from './item.ts'
import { ladderOf, LADDER_LIMITS } from './ladder.ts'
import { fieldForm, fieldsOfKey, keysLike, keysOfItem, KEY_FIELD_CHARACTERS_MAX, MATCH_KEY_BYTES_MAX } from './match-key.ts'

const part = (text: string | undefined): Part => (text === undefined ? 'unknown' : { is: text })
function item(serial: string | undefined, type?: string, rest: { maker?: string, year?: string, lot?: string } = {}): Identity {
  return { class: 'gripstock', maker: part(rest.maker), type: part(type), year: part(rest.year), lot: part(rest.lot), serial: part(serial) }
}
const names = (identity: Identity): Map<string, string> => new Map(keysOfItem(identity).map(({ kind, bytes }) => [kind, toHex(bytes)]))

test('a key is a list of fields with their lengths, the version and the kind first', () => {
  const [key] = keysOfItem(item('00123'))
  assert.equal(fromUtf8(key?.bytes ?? new Uint8Array(0)), '\0\u000cmuster/key/1\0\u0005class\0\u0009gripstock\0\u0003123')
})

test('full needs all parts, type the type, class only the serial', () => {
  const whole = { maker: 'Завод 555', year: '1988', lot: '07' }
  assert.deepEqual([...names(item('0123', '9П516', whole)).keys()], ['full', 'type', 'class'])
  for (const gone of ['maker', 'year', 'lot'] as const) {
    const less: Partial<typeof whole> = { ...whole }
    delete less[gone]
    assert.deepEqual([...names(item('0123', '9П516', less)).keys()], ['type', 'class'])
  }
  assert.deepEqual([...names(item('0123')).keys()], ['class'])
  assert.deepEqual([...names(item('0123', '9П516', { ...whole, year: '88' })).keys()], ['type', 'class'], 'a year in two digits is not known')
  assert.equal(names(item('0123', '9П516', { ...whole, year: '١٩٨٨' })).get('full'), names(item('0123', '9П516', whole)).get('full'))
})

test('leading zeros count in full and type, not in class', () => {
  const [padded, bare] = [names(item('0123', '9П516')), names(item('123', '9П516'))]
  assert.notEqual(padded.get('type'), bare.get('type'))
  assert.equal(padded.get('class'), bare.get('class'))
})

test('fields cannot run into one another', () => {
  assert.notEqual(names(item('23', 'A1')).get('type'), names(item('123', 'A')).get('type'))
})

test('a serial that nobody read, or that holds an illegible character, makes no key', () => {
  for (const serial of [undefined, '---', '01?3', '01\uff1f3', '7'.repeat(KEY_FIELD_CHARACTERS_MAX + 1), '12\ud800']) assert.deepEqual(keysOfItem(item(serial)), [])
  for (const unknown of ['unreadable', 'withheld', 'nil'] as const) assert.deepEqual(keysOfItem({ ...item('1'), serial: unknown }), [])
})

test('a type has one form in either alphabet, by shape or by sound', () => {
  for (const [cyrillic, ...latin] of [['9П516', '9P516', '9p-516'], ['9Б238', '9B238'], ['9В238', '9B238', '9V238'], ['9К310', '9K310'], ['Игла-С', 'Igla-S', 'IGLA S'], ['Стрела-2М', 'Strela-2M'], ['Верба', 'Verba'], ['Хризантема', 'Khrizantema'], ['Н1РС', 'H1PC', 'N1RS']] as const) {
    for (const copy of latin) assert.equal(fieldForm(copy), fieldForm(cyrillic), `${cyrillic} ${copy}`)
  }
  assert.notEqual(fieldForm('9П516'), fieldForm('9П519'))
  assert.notEqual(fieldForm('9К38'), fieldForm('9М38'))
})

test('a key read back gives its fields, other bytes give none', () => {
  const [, key] = keysOfItem(item('0123', '9П516'))
  const bytes = key?.bytes ?? new Uint8Array(0)
  assert.deepEqual(fieldsOfKey(bytes), { kind: 'class', fields: ['gripstock', '123'] })
  assert.equal(toHex(keysLike({ kind: 'class', fields: ['gripstock', '123'] })('00123')), toHex(bytes))
  assert.equal(fieldsOfKey(bytes.slice(0, -1)), undefined)
  assert.equal(fieldsOfKey(Uint8Array.of(...bytes, 0)), undefined)
  assert.equal(fieldsOfKey(Uint8Array.of(...bytes, 0, 0)), undefined)
  assert.equal(fieldsOfKey(new Uint8Array(0)), undefined)
})

test('the longest key stays below the bound that parsers use', () => {
  const long = '一'.repeat(KEY_FIELD_CHARACTERS_MAX)
  const [key] = keysOfItem(item(long, long, { maker: long, year: '1988', lot: long }))
  assert.equal(key?.kind, 'full')
  assert.ok((key?.bytes.length ?? Infinity) <= MATCH_KEY_BYTES_MAX)
})

/** Copies of a Cyrillic mark: as it is, by shape where there is one and by sound elsewhere, by sound throughout. */
const PLATES = [
  ['9П516', '9P516', '9P516'], ['9В238', '9B238', '9V238'], ['9Б238', '9B238', '9B238'], ['АН0123', 'AH0123', 'AN0123'], ['ПВ4417', 'PB4417', 'PV4417'], ['РС00917', 'PC00917', 'RS00917'],
  ['КЛ8821', 'KL8821', 'KL8821'], ['СУ5512', 'CY5512', 'SU5512'], ['ХФ310', 'XF310', 'KHF310'], ['ЖД771', 'ZHD771', 'ZHD771'], ['З4410', 'З4410', 'Z4410'], ['З4410', '34410', '34410'], ['ЩЮ229', 'SHCHYU229', 'SHCHYU229'], ['012345', '012345', '012345'],
] as const

test('a query hits whichever alphabet the register and the query were copied into', () => {
  for (const plate of PLATES) {
    for (const held of plate) {
      const declared = new Set(keysOfItem(item(held, '9П516')).map(({ bytes }) => toHex(bytes)))
      for (const asked of plate) {
        const ladder = ladderOf({ serial: asked, classes: ['gripstock'], type: '9P516', maker: undefined, year: undefined, lot: undefined, script: 'unknown', condition: 'intact' }, { ...LADDER_LIMITS, confusions: false })
        assert.ok(ladder.verdict === 'readable', asked)
        const kinds = new Set(ladder.candidates.filter(({ key, mandatory }) => mandatory && declared.has(toHex(key))).map(({ kind }) => kind))
        assert.deepEqual([...kinds].sort(), ['class', 'type'], `declared ${held}, asked ${asked}`)
        assert.ok(ladder.candidates.length <= 64, `${asked}: ${ladder.candidates.length}`)
      }
    }
  }
})

test('a digit is never read back as a letter: a mark of digits has itself for its only reading', () => {
  const ladder = ladderOf({ serial: '34410', classes: ['gripstock'], type: undefined, maker: undefined, year: undefined, lot: undefined, script: 'unknown', condition: 'intact' }, { ...LADDER_LIMITS, confusions: false })
  assert.equal(ladder.verdict === 'readable' && ladder.candidates.length, 1)
})
