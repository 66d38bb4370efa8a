import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { utf8 } from '../bytes/bytes.ts'
import { expandMessageXmd } from './expand.ts'
import { nobleGroup } from './noble-group.ts'

interface Expansion { readonly DST: string, readonly tests: readonly { readonly msg: string, readonly len_in_bytes: string, readonly uniform_bytes: string }[] }
const file = new URL('../../spec/vectors/oprf/valid/rfc9380-expand-message-xmd-sha512.json', import.meta.url)
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Expansion
const { sha512 } = nobleGroup

test('every vector of RFC 9380 expands to its bytes', () => {
  assert.ok(vectors.tests.length >= 10)
  for (const { msg, len_in_bytes: length, uniform_bytes: expected } of vectors.tests) {
    const bytes = expandMessageXmd(sha512, utf8(msg), utf8(vectors.DST), Number(length))
    assert.equal(Buffer.from(bytes).toString('hex'), expected)
  }
})

test('a tag of more than 255 bytes is replaced by its hash under the prefix of the standard', () => {
  const long = new Uint8Array(256).fill(0x61)
  const hashed = sha512(utf8('H2C-OVERSIZE-DST-'), long)
  assert.deepEqual(expandMessageXmd(sha512, utf8('m'), long, 64), expandMessageXmd(sha512, utf8('m'), hashed, 64))
  assert.notDeepEqual(expandMessageXmd(sha512, utf8('m'), long.subarray(1), 64), expandMessageXmd(sha512, utf8('m'), hashed, 64))
})

test('lengths that the construction cannot give, and an empty tag, are refused', () => {
  for (const length of [0, -1, 0.5, 255 * 64 + 1]) assert.throws(() => expandMessageXmd(sha512, utf8('m'), utf8('tag'), length), RangeError)
  assert.throws(() => expandMessageXmd(sha512, utf8('m'), new Uint8Array(0), 64), RangeError)
  assert.equal(expandMessageXmd(sha512, utf8('m'), utf8('tag'), 255 * 64).length, 255 * 64)
})
