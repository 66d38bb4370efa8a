import assert from 'node:assert/strict'
import { test } from 'node:test'
import { copiesOf, MARK_CHARACTERS_MAX, publishedForm, readingsOf, splitAtNumberSign, withoutZeros } from './mark.ts'
import { markKeys, sameWriting } from './mark-keys.ts'
import { Refusal } from '../bytes/refusal.ts'

const code = (expected: string) => (thrown: unknown): boolean => thrown instanceof Refusal && thrown.code === expected

const LOOK_ALIKE: readonly (readonly [string, string])[] = [
  ['9М39', '9M39'], ['9К38', '9K38'], ['9В238', '9B238'], ['9З38', '9338'], ['0123', 'O123'], ['0123', 'О123'], ['I23', '123'], ['l23', '123'], ['|23', '123'], ['І23', '123'],
  ['АВЕКМНОРСТУХ12', 'ABEKMHOPCTYX12'], ['б38', '638'], ['Ы1', 'bl1'], ['Ю1', 'lO1'], ['Ь1', 'b1'], ['ΑΒΕΗΚΜΟΡΤΧ1', 'ABEHKMOPTX1'],
]

test('marks that look alike are one writing by shape', () => {
  for (const [one, other] of LOOK_ALIKE) {
    const folded = new Set(readingsOf(one).folded)
    assert.ok(readingsOf(other).folded.some((reading) => folded.has(reading)), `${one} ${other}`)
  }
})

test('marks that differ to the eye stay different, on every rung that says what is equal', () => {
  const different = [['9П516', '9N516'], ['Ч12', '412'], ['512', 'S12'], ['812', 'B12'], ['212', 'Z12'], ['612', 'G12'], ['1023', '123'], ['0123', '0132'], ['АБ12', 'АГ12'], ['9V238', '9B238']] as const
  for (const [one, other] of different) assert.equal(sameWriting(one, other), undefined, `${one} ${other}`)
})

test('a letter without a twin is not folded by shape but copied by sound', () => {
  for (const [one, other] of [['9П516', '9P516'], ['9Б238', '9B238'], ['9В238', '9V238'], ['Н12', 'N12'], ['Р12', 'R12'], ['С12', 'S12'], ['Г12', 'G12'], ['Л12', 'L12'], ['Ф12', 'F12'], ['Х12', 'KH12']] as const) {
    assert.equal(sameWriting(one, other), 'transliterated', `${one} ${other}`)
    assert.ok(!readingsOf(one).folded.some((reading) => readingsOf(other).folded.includes(reading)), `${one} ${other}`)
  }
})

test('dashes, spaces, points, slashes and number signs of every kind make no difference', () => {
  const dashes = '-\u00ad\u058a\u05be\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2e3a\u301c\u30fc\ufe58\ufe63\uff0d'
  for (const dash of dashes) assert.equal(readingsOf(`12${dash}34`).written, '1234', dash.codePointAt(0)?.toString(16) ?? '')
  const gaps = ' \t\n\u00a0\u1680\u2003\u2007\u2009\u200b\u200e\u202f\u2060\u3000\ufeff./\\\u00b7\u2026\u2044\u2215\u3002\uff0e\uff0f'
  for (const gap of gaps) assert.equal(readingsOf(`12${gap}34`).written, '1234', gap.codePointAt(0)?.toString(16) ?? '')
  for (const sign of ['№ ', '№', 'No ', 'No. ', 'NO ', 'no.', 'N° ', 'N°', 'Nº ', 'No', 'Ｎｏ．']) assert.equal(readingsOf(`${sign}0123`).folded[0], '0123', sign)
  assert.equal(sameWriting('9П516 № 0123', '9П516-0123'), 'written')
})

test('letters that only look like a number sign stay, and the other reading is tried', () => {
  assert.equal(publishedForm('NO123'), 'N0123')
  assert.equal(publishedForm('KNO123'), 'KN0123')
  assert.deepEqual(readingsOf('NO123').folded, ['N0123', '123'])
  assert.deepEqual(readingsOf('KNO123').folded, ['KN0123'])
  assert.equal(sameWriting('N9 123', '123'), 'folded')
  assert.equal(publishedForm('N9123'), 'N9123')
})

test('decimal digits of every script are the digits that they are, before anything looks alike', () => {
  for (const text of ['٠١٢٣٥٧٨', '۰۱۲۳۵۷۸', '०१२३५७८', '０１２３５７８', '𝟎𝟏𝟐𝟑𝟓𝟕𝟖', '០១២៣៥៧៨']) assert.equal(readingsOf(text).written, '0123578')
})

test('compatibility forms, case and combining characters come out in one form', () => {
  assert.equal(sameWriting('９Ｐ５１６', '9p516'), 'written')
  assert.equal(sameWriting('\u00e912', 'e\u030112'), 'written')
  assert.equal(sameWriting('\u041912', '\u0418\u030612'), 'written')
  assert.equal(sameWriting('q\u0323\u03071', 'q\u0307\u03231'), 'written')
  assert.equal(sameWriting('\ud55c12', '\u1112\u1161\u11ab12'), 'written')
  assert.equal(sameWriting('ﬁ12', 'FI12'), 'written')
  assert.equal(sameWriting('Ⅳ12', 'iv12'), 'written')
  assert.notEqual(readingsOf('É12').written, readingsOf('E12').written)
})

test('a character outside the tables stays as it is', () => {
  assert.equal(readingsOf('一号12').written, '一号12')
  assert.equal(readingsOf('🚀12').written, '🚀12')
  assert.equal(readingsOf('a,b;c:d').written, 'A,B;C:D')
})

test('leading zeros are dropped on their own rung, also after a number sign and also where written as &', () => {
  assert.equal(sameWriting('00123', '123'), 'zeros')
  assert.equal(sameWriting('9П516 № 0123', '9P516 № 123'), 'zeros')
  assert.equal(sameWriting('&123', '0123'), 'folded')
  assert.equal(withoutZeros('000'), '0')
  assert.equal(withoutZeros('100'), '100')
})

test('a small l is the digit where nothing else is small', () => {
  assert.equal(publishedForm('Al23'), 'A123')
  assert.equal(publishedForm('abl23'), 'ABL23')
})

test('the short roads give what the long one gives', () => {
  const characters = Array.from('0IOZБВЗЙЫЮЯA-/. NMP19')
  for (let seed = 0; seed < 2000; seed++) {
    const text = Array.from({ length: 1 + (seed % 7) }, (_, i) => characters[(seed * 13 + i * i * 7 + i * seed) % characters.length]).join('')
    assert.equal(publishedForm(text), readingsOf(text).folded[0], text)
  }
  for (const text of ['KLM0123', '000', 'SX7724', 'A0B1', 'Z']) assert.equal(publishedForm(text), readingsOf(text).folded[0])
})

test('every mark that says something is the same writing as itself', () => {
  const characters = 'АбВ9П№/-?0OIl|é٣Ｐ한🚀&.,NoЮЫьZ '
  for (let seed = 1; seed < 500; seed++) {
    const text = Array.from({ length: 1 + (seed % 9) }, (_, i) => Array.from(characters)[(seed * 31 + i * i * 17 + i * seed) % Array.from(characters).length]).join('')
    if (markKeys(text).length > 0) assert.equal(sameWriting(text, text), 'written', text)
  }
})

test('nothing legible has no key, a mark too long or broken is refused', () => {
  for (const text of ['', ' ', '---', '№', '№ —', '.']) assert.deepEqual(markKeys(text), [])
  assert.ok(markKeys('7'.repeat(MARK_CHARACTERS_MAX)).length > 0)
  assert.throws(() => markKeys('7'.repeat(MARK_CHARACTERS_MAX + 1)), code('mark/too-long'))
  assert.throws(() => markKeys('12\ud800'), code('mark/lone-surrogate'))
  assert.throws(() => markKeys('\udc0012'), code('mark/lone-surrogate'))
})

test('the longest mark of the widest character is bounded in time and size', () => {
  const started = performance.now()
  for (const wide of ['ﷺ', 'b', 'l', '[', '?', 'Ы', 'KH', 'SHCH', '̣', 'No ']) {
    const text = wide.repeat(MARK_CHARACTERS_MAX).slice(0, MARK_CHARACTERS_MAX)
    const size = JSON.stringify(markKeys(text)).length
    assert.ok(size < 2_000_000, `${wide}: ${size}`)
    copiesOf(readingsOf(text), 'unknown')
  }
  assert.ok(performance.now() - started < 5000)
})

test('a mark known to be Latin is not read back into Cyrillic', () => {
  assert.deepEqual(copiesOf(readingsOf('AB123'), 'latin'), [])
  assert.deepEqual(new Set(copiesOf(readingsOf('AB123'), 'unknown')), new Set(['AБ123', 'AV123']))
})

test('a plate is split at its number sign', () => {
  assert.deepEqual(splitAtNumberSign('9П516 № 0123'), { before: '9П516 ', after: ' 0123' })
  assert.equal(splitAtNumberSign('№ 0123'), undefined)
  assert.equal(splitAtNumberSign('0123'), undefined)
})

test('illegible characters are filled in on the wildcard rung only', () => {
  const wild = markKeys('01?3').filter(({ rung }) => rung === 'wildcard').map(({ key }) => key)
  assert.deepEqual(wild, Array.from('0123456789', (digit) => `01${digit}3`))
  assert.equal(sameWriting('01?3', '0123'), undefined)
  assert.deepEqual(markKeys('01[38]3').filter(({ rung }) => rung === 'wildcard').map(({ key }) => key), ['0133', '0183'])
  assert.ok(markKeys('A?B1').some(({ rung, key }) => rung === 'wildcard' && key === 'AКB1'.replace('К', 'K')))
})
