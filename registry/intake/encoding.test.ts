import test from 'node:test'
import assert from 'node:assert/strict'
import { detectEncoding, ENCODINGS, INVALID_BYTES_MAX, INVALID_MARK, markLength, openDecoder, parseEncoding, sequenceLength, type Encoding } from './encoding.ts'
import { SheetRefused } from './reasons.ts'

const RUSSIAN = 'Изделие;Индекс;Заводской номер;Состояние\nТруба;9П39;Б-04417;исправна\nМеханизм пусковой;9П516;00731;на складе № 4\nИСТОЧНИК ПИТАНИЯ;9Б238;ПАРТИЯ 12;принято по акту\n'
const PORTUGUESE = 'Número de Série;Tipo;Município\nKQJ32514 (armação);REVÓLVER;São João\nnão identificado;FUZIL;Niterói\nremovido por ação mecânica;PISTOLA;Itaguaí\n'
const GERMAN = 'Nummer;Bezeichnung\n1;Gewehr für Übung\n2;Büchse, geprüft\n'

/** The bytes of a text in an encoding that Node reads but does not write: the table is the decoder turned round. */
function encode(text: string, encoding: Encoding): Buffer {
  if (encoding === 'utf-8') return Buffer.from(text)
  if (encoding === 'utf-16le') return Buffer.from(text, 'utf16le')
  if (encoding === 'utf-16be') return Buffer.from(text, 'utf16le').swap16()
  const table = new TextDecoder(encoding === 'cp866' ? 'ibm866' : encoding).decode(Uint8Array.from({ length: 256 }, (_, byte) => byte))
  return Buffer.from(Array.from(text, (character) => table.indexOf(character)))
}

test('each encoding is told from the others by a few lines of its text', () => {
  for (const encoding of ENCODINGS) {
    const text = encoding === 'windows-1252' ? PORTUGUESE : encoding === 'koi8-r' ? RUSSIAN.replace('№', 'N') : RUSSIAN
    const bytes = encode(text, encoding)
    assert.equal(detectEncoding(bytes, bytes), encoding)
    assert.equal(openDecoder(encoding, 0).decode(bytes), text)
  }
  for (const text of [PORTUGUESE, GERMAN]) assert.equal(detectEncoding(encode(text, 'windows-1252'), encode(text, 'windows-1252')), 'windows-1252')
  for (const encoding of ['windows-1251', 'koi8-r', 'cp866'] as const) {
    const russian = RUSSIAN.replace('№', 'N')
    for (const text of [russian.toUpperCase(), russian.toLowerCase(), 'номер\n1\n']) {
      assert.equal(detectEncoding(encode(text, encoding), encode(text, encoding)), encoding, text)
    }
  }
})

test('a byte order mark decides, and is no part of the text', () => {
  for (const [encoding, mark] of [['utf-8', [0xef, 0xbb, 0xbf]], ['utf-16le', [0xff, 0xfe]], ['utf-16be', [0xfe, 0xff]]] as const) {
    const bytes = Buffer.concat([Buffer.from(mark), encode('№;1\n', encoding)])
    assert.equal(detectEncoding(bytes, bytes), encoding)
    assert.equal(markLength(bytes, encoding), mark.length)
  }
})

test('pure ASCII counts as UTF-8', () => {
  assert.equal(detectEncoding(Buffer.from('a,b\n1,2\n'), Buffer.from('a,b\n1,2\n')), 'utf-8')
})

test('UTF-8 with a few wrong bytes stays UTF-8, so that the rows are refused and not garbled', () => {
  const bytes = Buffer.concat([Buffer.from(RUSSIAN), Buffer.from([0xff, 0x0a])])
  assert.equal(detectEncoding(bytes, bytes), 'utf-8')
})

test('a sample that ends within a character counts no fault', () => {
  const bytes = Buffer.from('й'.repeat(10)).subarray(0, 19)
  assert.equal(detectEncoding(bytes, bytes), 'utf-8')
})

test('UTF-8 is decoded alike whole and byte by byte, faults and their places included', () => {
  const bytes = Buffer.concat([Buffer.from('aй€😀'), Buffer.from([0xc0, 0x80, 0xed, 0xa0, 0x80]), Buffer.from('ж'), Buffer.from([0xf5, 0xef, 0xbf, 0xbf, 0x80]), Buffer.from('b'), Buffer.from([0xe2, 0x82])])
  const whole = openDecoder('utf-8', 100)
  const text = whole.decode(bytes) + whole.end()
  const single = openDecoder('utf-8', 100)
  let slow = ''
  for (const byte of bytes) slow += single.decode(Uint8Array.of(byte))
  slow += single.end()
  assert.equal(slow, text)
  assert.deepEqual(single.faults, whole.faults)
  assert.equal(text.replaceAll(INVALID_MARK, ''), 'aй€😀жb')
  assert.deepEqual(whole.faults, [110, 111, 112, 113, 114, 117, 118, 119, 120, 121, 123, 124])
})

test('the shapes of UTF-8 are those of RFC 3629', () => {
  const refused = [[0x80], [0xc1, 0xbf], [0xe0, 0x9f, 0xbf], [0xed, 0xa0, 0x80], [0xf0, 0x8f, 0xbf, 0xbf], [0xf4, 0x90, 0x80, 0x80], [0xff]]
  for (const bytes of refused) assert.equal(sequenceLength(Uint8Array.from(bytes), 0), 0)
  assert.equal(sequenceLength(Uint8Array.of(0xf4, 0x8f, 0xbf, 0xbf), 0), 4)
  assert.equal(sequenceLength(Uint8Array.of(0xf4, 0x8f), 0), -1)
})

test('too many wrong bytes refuse the file', () => {
  assert.throws(() => openDecoder('utf-8', 0).decode(Buffer.alloc(INVALID_BYTES_MAX + 1, 0xff)), (error) => error instanceof SheetRefused && error.code === 'wrong-encoding')
})

test('a half surrogate pair refuses a UTF-16 file', () => {
  assert.throws(() => openDecoder('utf-16le', 0).decode(Buffer.from('00d84100', 'hex')), (error) => error instanceof SheetRefused && error.code === 'wrong-encoding')
})

test('usual other names are understood and unknown ones refused with the list', () => {
  assert.equal(parseEncoding('CP1251'), 'windows-1251')
  assert.equal(parseEncoding('ibm866'), 'cp866')
  assert.throws(() => parseEncoding('ebcdic'), /windows-1251/)
})
