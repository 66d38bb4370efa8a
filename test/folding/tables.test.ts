import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { settle, shape, written } from '@muster/core/rules/folding.ts'
import { sameWriting } from '@muster/core/rules/mark-keys.ts'
import { specFiles, TABLE, tablesOfRuntime, tableSource, unfold } from './generate.ts'

const MADE_WITH = '17.0'
const SPEC = new URL('../../spec/folding/1/', import.meta.url)
const CONFUSABLES = new URL('../../../shared/data/reference/unicode-confusables.txt', import.meta.url)
const HANGUL = /[\uac00-\ud7a3]/
const sameUnicode = { skip: process.versions.unicode === MADE_WITH ? false : `the tables were made with Unicode ${MADE_WITH}, this runtime has ${process.versions.unicode}` }

test('the tables are what the generator makes of Unicode 17, and the code is what it makes of the tables', sameUnicode, () => {
  const tables = tablesOfRuntime()
  for (const [name, text] of Object.entries(specFiles(tables))) assert.equal(readFileSync(new URL(name, SPEC), 'utf8'), text, name)
  assert.equal(readFileSync(TABLE, 'utf8'), tableSource(tables))
})

test('every character comes out as compatibility decomposition and upper case, a digit as its value', sameUnicode, () => {
  for (let point = 0; point <= 0x10ffff; point++) {
    if (point >= 0xd800 && point <= 0xdfff) continue
    const character = String.fromCodePoint(point)
    const out = written(character)
    if (/^\p{Nd}$/u.test(character)) assert.match(out, /^[0-9]$/)
    else assert.equal(out, unfold(character), point.toString(16))
  }
})

test('texts that Unicode calls equivalent have one form', () => {
  for (const text of ['Ệ12', 'ǭ', 'Ṩ9', 'й', 'Ї5', '한국', 'ﾊﾞ1', 'ॹ', 'ÅΩ']) {
    const forms = ['NFC', 'NFD', 'NFKC', 'NFKD'].map((form) => settle(Array.from(text.normalize(form), written).join('')))
    assert.equal(new Set(forms).size, 1, `${text}: ${forms.join(' ')}`)
  }
})

test('settling and folding twice changes nothing', () => {
  for (const text of ['9ПЅ16-О', 'é́', '1／2', 'ﬁﷺ', '…½']) {
    const once = shape(settle(Array.from(text, written).join('')))
    assert.equal(shape(settle(Array.from(once, written).join(''))), once)
  }
})

test('what is folded by shape is folded by the table of confusables too, and what must stay apart is apart there', { skip: existsSync(CONFUSABLES) ? false : '../shared/data/reference is absent' }, () => {
  const skeleton = new Map<string, string>()
  for (const line of readFileSync(CONFUSABLES, 'utf8').split('\n')) {
    const [from, to] = line.split(';')
    if (to !== undefined && from !== undefined && !from.startsWith('#')) {
      skeleton.set(String.fromCodePoint(Number.parseInt(from, 16)), to.trim().split(/\s+/).map((hex) => String.fromCodePoint(Number.parseInt(hex, 16))).join(''))
    }
  }
  const skeletonOf = (text: string): string => Array.from(text, (character) => skeleton.get(character) ?? character).join('')
  const { shapes } = JSON.parse(readFileSync(new URL('look-alikes.json', SPEC), 'utf8')) as { shapes: { to: string, from: string }[] }
  // A slashed zero is a zero on a plate; the light vertical is what half-width forms decompose to; yogh and ezh are threes by eye.
  const ours = new Set('Ø│')
  for (const { to, from } of shapes) {
    const alike = (one: string, other: string): boolean => skeletonOf(one).toUpperCase() === skeletonOf(other).toUpperCase()
    for (const character of from) if (!ours.has(character)) assert.ok(alike(character, to) || alike(character.toLowerCase(), to.toLowerCase()), `${character} ${to}`)
  }
  for (const [one, other] of [['П', 'P'], ['П', 'N'], ['Б', 'B'], ['Ч', '4'], ['5', 'S'], ['8', 'B'], ['2', 'Z'], ['6', 'G']] as const) {
    assert.notEqual(skeletonOf(one), skeletonOf(other))
    assert.notEqual(shape(one), shape(other))
  }
})

test('no result depends on a Hangul syllable standing in the table', () => {
  assert.ok(!HANGUL.test(readFileSync(TABLE, 'utf8')))
  assert.equal(sameWriting('\uac001', '\u1100\u11611'), 'written')
})
