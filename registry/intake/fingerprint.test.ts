import test from 'node:test'
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { openFingerprints } from './fingerprint.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

test('the fingerprint is the hash that the format states', () => {
  const fingerprint = openFingerprints()
  const first = createHash('sha256').update('muster/intake-row/1\n["a","","Ж"]').digest('hex')
  assert.equal(hex(fingerprint(['a', '', 'Ж', '', ''])), first)
  assert.equal(hex(fingerprint(['a', '', 'Ж'])), createHash('sha256').update(`muster/intake-row/1\n${first} 1`).digest('hex'))
})

test('rows that repeat get fingerprints of their own, the same ones each time the file is read', () => {
  const rows = Array.from({ length: 30_000 }, (_, index) => ['труба', String(index % 9000)])
  const read = (): string[] => {
    const fingerprint = openFingerprints()
    return rows.map((row) => hex(fingerprint(row)))
  }
  const once = read()
  assert.equal(new Set(once).size, rows.length)
  assert.deepEqual(read(), once)
})

test('cells that run together differently are different rows', () => {
  const fingerprint = openFingerprints()
  assert.equal(new Set([['ab', 'c'], ['a', 'bc'], ['a","b', 'c'], ['a', '', 'bc'], ['', 'a', 'bc']].map((row) => hex(fingerprint(row)))).size, 5)
})

test('half a surrogate pair is a value like any other', () => {
  const fingerprint = openFingerprints()
  assert.notEqual(hex(fingerprint(['\ud800'])), hex(fingerprint(['\ufffd'])))
})
