import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import { unhex, vectorsIn } from '../../test/vectors/read-vectors.ts'
import { compare, toHex, utf8 } from '../bytes/bytes.ts'
import { noble } from '../bytes/noble.ts'
import { bindLeaf, dummyLabel, ENTRY_BYTES, firstSentinel, itemLabel, itemsBytes, lastSentinel, leafBinding, salt, SECTIONS, sectionDigest, type LeafKind } from './leaf.ts'

interface LeafVector {
  kind: LeafKind
  label: string
  itemId?: string
  secret?: string
  declarationSecret: string
  sections: { name: string; bytes: string; salt: string; digest: string }[]
  entry: string
}

for (const [name, vector] of vectorsIn<LeafVector>('leaf/valid')) {
  for (const [which, p] of [['noble', noble], ['node:crypto', nodePrimitives]] as const) {
    test(`the vector leaf/valid/${name} comes out with ${which}, step by step and in one go`, () => {
      const label = unhex(vector.label)
      const secret = unhex(vector.declarationSecret)
      assert.deepEqual(vector.sections.map((section) => section.name), [...SECTIONS[vector.kind]])
      if (vector.itemId !== undefined) assert.equal(toHex(itemLabel(p, vector.itemId, unhex(vector.secret ?? ''))), vector.label)
      if (vector.kind === 'dummy') assert.equal(toHex(dummyLabel(p, unhex(vector.sections[1]?.bytes ?? ''))), vector.label)
      for (const section of vector.sections) {
        assert.equal(toHex(salt(p, secret, label, section.name)), section.salt)
        assert.equal(toHex(sectionDigest(p, label, section.name, unhex(section.salt), unhex(section.bytes))), section.digest)
      }
      const digests = vector.sections.map((section) => unhex(section.digest))
      assert.equal(vector.label + toHex(leafBinding(p, digests)), vector.entry)
      const bound = bindLeaf(p, secret, label, vector.kind, vector.sections.slice(1).map((section) => unhex(section.bytes)))
      assert.equal(toHex(bound.entry), vector.entry)
      assert.deepEqual(bound.digests, digests)
    })
  }
}

test('a digest and a label are written out as DESIGN says, byte after byte', () => {
  const label = new Uint8Array(32).fill(7)
  const salted = new Uint8Array(32).fill(9)
  const written = noble.sha256(utf8('muster/section/v1\n'), label, Uint8Array.of(0, 4), utf8('site'), salted, utf8('bytes'))
  assert.deepEqual(sectionDigest(noble, label, 'site', salted, utf8('bytes')), written)
  assert.deepEqual(itemLabel(noble, 'a', label), noble.sha256(utf8('muster/item/v1\na'), label))
  assert.deepEqual(dummyLabel(noble, label), noble.sha256(utf8('muster/dummy/v1\n'), label))
  assert.deepEqual(salt(noble, salted, label, 'site'), noble.sha256(utf8('muster/salt/v1\n'), noble.hmacSha256(salted, label), utf8('site')))
})

test('the sentinels are 64 bytes with all-zero bindings and stand at the two ends of all labels', () => {
  assert.equal(toHex(firstSentinel()), '00'.repeat(64))
  assert.equal(toHex(lastSentinel()), 'ff'.repeat(32) + '00'.repeat(32))
  assert.equal(firstSentinel().length, ENTRY_BYTES)
  assert.ok(compare(firstSentinel(), lastSentinel()) < 0)
})

test('the items of a key stand in ascending order however they are given', () => {
  const [a, b, c] = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte)) as [Uint8Array, Uint8Array, Uint8Array]
  assert.equal(toHex(itemsBytes([c, a, b])), '01'.repeat(32) + '02'.repeat(32) + '03'.repeat(32))
  assert.equal(itemsBytes([]).length, 0)
})

test('a secret, label, salt or digest of another length is refused before it is hashed', () => {
  const short = new Uint8Array(31)
  const right = new Uint8Array(32)
  assert.throws(() => itemLabel(noble, 'a', short), RangeError)
  assert.throws(() => dummyLabel(noble, short), RangeError)
  assert.throws(() => sectionDigest(noble, short, 'site', right, right), RangeError)
  assert.throws(() => sectionDigest(noble, right, 'site', short, right), RangeError)
  assert.throws(() => leafBinding(noble, [short]), RangeError)
  assert.throws(() => salt(noble, short, right, 'site'), RangeError)
  assert.throws(() => itemsBytes([short]), RangeError)
  assert.throws(() => bindLeaf(noble, right, right, 'key', [right, right]), RangeError)
})
