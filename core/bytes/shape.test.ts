import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseJson } from './canonical.ts'
import { base64, boolean, either, fit, hex, integer, list, misfit, nullable, object, oneOf, optional, text, verbatim } from './shape.ts'
import { shapedJson, strictJson } from './shaped-json.ts'
import { Refusal } from './refusal.ts'

const shape = object({ name: text(5), parts: list(object({ n: integer(0, 9), maybe: optional(boolean) }), 0, 2), key: nullable(hex(2)) })
const at = (value: unknown) => { const fitted = fit(shape, value); return 'misfit' in fitted ? fitted.misfit.at : undefined }

test('a misfit is named by its place, and what fits comes back unchanged', () => {
  const good = { name: 'a b', parts: [{ n: 1 }, { n: 2, maybe: false }], key: '00ff' }
  assert.deepEqual(fit(shape, good), { value: good })
  assert.equal(at({ ...good, parts: [{ n: 1 }, { n: 10 }] }), 'parts[1].n')
  assert.equal(at({ ...good, parts: [{}] }), 'parts[0].n')
  assert.equal(at({ ...good, parts: [{ n: 1, maybe: undefined }] }), 'parts[0].maybe')
  assert.equal(at({ ...good, parts: [{ n: 1, more: 1 }] }), 'parts[0].more')
  assert.equal(at({ ...good, parts: [{ n: 1 }, { n: 1 }, { n: 1 }] }), 'parts')
  assert.equal(at({ ...good, key: '00FF' }), 'key')
  assert.equal(at(null), 'the whole')
  assert.equal(at([]), 'the whole')
})

test('a member called __proto__ is an unknown member like any other', () => {
  assert.equal(at(parseJson(new TextEncoder().encode('{"name":"a","parts":[],"key":null,"__proto__":{"n":1}}'))), '__proto__')
  assert.equal(at(parseJson(new TextEncoder().encode('{"name":"a","parts":[],"__proto__":{"key":null}}'))), '__proto__')
})

test('texts have a bound, no control and no half characters, and no white space around them', () => {
  for (const bad of ['', 'abcdef', ' a', 'a ', 'a\n', 'a\u0007', '\ud800', 7, null]) assert.ok('misfit' in fit(text(5), bad), JSON.stringify(bad))
  for (const bad of ['\ud800', 'a\u0000', 'abcdef']) assert.ok('misfit' in fit(verbatim(5), bad), JSON.stringify(bad))
  for (const good of ['', ' a\t\n']) assert.deepEqual(fit(verbatim(5), good), { value: good })
})

test('numbers are whole and within their bounds, bytes have one writing', () => {
  for (const bad of [-1, 10, 0.5, -0, Number.NaN, '1', 1e300]) assert.ok('misfit' in fit(integer(0, 9), bad), String(bad))
  for (const bad of ['AA=', 'AAA=', 'AB==', 'AA==\n', 'AA', '']) assert.ok('misfit' in fit(base64(1), bad), bad)
  assert.deepEqual(fit(base64(1), 'AA=='), { value: 'AA==' })
  assert.deepEqual(fit(either(oneOf('none'), integer(0, 9), 'none or a digit'), 4), { value: 4 })
  assert.deepEqual(fit(either(oneOf('none'), integer(0, 9), 'none or a digit'), 40), { misfit: { at: 'the whole', expected: 'none or a digit' } })
})

test('only a misfit is caught: a fault in a shape itself is not taken for bad input', () => {
  assert.throws(() => fit(() => { throw new TypeError('bug') }, 1), TypeError)
  assert.deepEqual(fit(() => misfit('x', 'y'), 1), { misfit: { at: 'x', expected: 'y' } })
})

test('the door for documents refuses what is too long before reading it, and what is not the canonical form', () => {
  const bytes = (json: string) => new TextEncoder().encode(json)
  const code = (json: string) => { const read = shapedJson('door', object({ a: integer(0, 9) }), 20, bytes(json)); return read instanceof Refusal ? read.code : read }
  assert.deepEqual(code('{"a":1}'), { a: 1 })
  assert.equal(code(`{"a":1}${' '.repeat(14)}`), 'door/too-long')
  assert.equal(code('{"a":1} '), 'door/not-canonical')
  assert.equal(code('{"a":1.0}'), 'door/not-canonical')
  assert.equal(code('{"a":1,"a":1}'), 'door/json')
  assert.equal(code('{"a":"1"}'), 'door/shape')
  assert.equal((strictJson('door', 20, bytes('{"a":')) as Refusal).at, 5)
})
