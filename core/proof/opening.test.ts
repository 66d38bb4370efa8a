import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import type { OpeningVector } from '../../test/vectors/opening.ts'
import { unhex, vectorsIn } from '../../test/vectors/read-vectors.ts'
import { concat, utf8 } from '../bytes/bytes.ts'
import { noble } from '../bytes/noble.ts'
import { bindLeaf, dummyLabel, itemsBytes, SECTION_BYTES_MAX, SECTIONS, type LeafKind } from './leaf.ts'
import { answerOpen } from './lookup-door.ts'
import { verifyOpening, verifyOpenings, type OpenedSection } from './opening.ts'

for (const folder of ['opening/valid', 'opening/invalid']) {
  for (const [name, { request, answer, problem }] of vectorsIn<OpeningVector>(folder)) {
    test(`the vector ${folder}/${name} is judged alike by the law and at the door, with noble and node:crypto`, () => {
      const opened = { section: request.section, salt: unhex(request.salt), bytes: unhex(request.bytes) }
      for (const p of [noble, nodePrimitives]) {
        assert.equal(verifyOpening(p, unhex(request.leaf), opened, request.digests.map(unhex)), problem ?? undefined)
        assert.deepEqual(answerOpen(p, { ...request }), answer)
      }
    })
  }
}

const SECRET = new Uint8Array(32).fill(1)
const LABEL = new Uint8Array(32).fill(2)

/** A true leaf, its digests, and the openings of the sections named. */
function leaf(kind: LeafKind, label: Uint8Array, sections: readonly Uint8Array[]): { entry: Uint8Array; digests: Uint8Array[]; open: (...names: string[]) => OpenedSection[] } {
  const { entry, salts, digests } = bindLeaf(noble, SECRET, label, kind, sections)
  const names = SECTIONS[kind] as readonly string[]
  const bytes = [utf8(kind), ...sections]
  const open = (...asked: string[]): OpenedSection[] =>
    asked.map((section) => ({ section, salt: salts[names.indexOf(section)] as Uint8Array, bytes: bytes[names.indexOf(section)] ?? new Uint8Array(0) }))
  return { entry, digests, open }
}

test('a leaf opens as far as its sections were opened, and no further', () => {
  const { entry, digests, open } = leaf('item', LABEL, [utf8('held'), utf8('maker')])
  const opened = verifyOpenings(noble, entry, digests, open('kind', 'acquired', 'history'))
  assert.ok('kind' in opened)
  assert.equal(opened.kind, 'item')
  assert.deepEqual([...opened.sections.keys()], ['kind', 'acquired', 'history'])
  assert.deepEqual(opened.sections.get('acquired'), utf8('maker'))
})

test('an opening without the kind, with a section twice, or of a dummy without its preimage is refused', () => {
  const item = leaf('item', LABEL, [])
  assert.deepEqual(verifyOpenings(noble, item.entry, item.digests, item.open('status')), { problem: 'kind-not-opened' })
  assert.deepEqual(verifyOpenings(noble, item.entry, item.digests, item.open('kind', 'site', 'site')), { problem: 'section-twice', section: 'site' })
  const preimage = new Uint8Array(32).fill(3)
  const dummy = leaf('dummy', dummyLabel(noble, preimage), [preimage])
  assert.deepEqual(verifyOpenings(noble, dummy.entry, dummy.digests, dummy.open('kind')), { problem: 'preimage-not-opened' })
  assert.ok('kind' in verifyOpenings(noble, dummy.entry, dummy.digests, dummy.open('kind', 'preimage')))
})

test('an item bound and fully opened as a dummy is refused, since no preimage gives its label', () => {
  const forged = leaf('dummy', LABEL, [new Uint8Array(32).fill(3)])
  assert.deepEqual(verifyOpenings(noble, forged.entry, forged.digests, forged.open('kind', 'preimage')), { problem: 'preimage', section: 'preimage' })
})

test('the items of a key must be whole labels in strictly ascending order', () => {
  const [a, b] = [new Uint8Array(32).fill(5), new Uint8Array(32).fill(6)]
  for (const [items, fine] of [[itemsBytes([b, a]), true], [new Uint8Array(0), true], [concat(b, a), false], [concat(a, a), false], [a.subarray(1), false]] as const) {
    const key = leaf('key', LABEL, [items])
    const opened = verifyOpenings(noble, key.entry, key.digests, key.open('kind', 'items'))
    assert.equal('kind' in opened, fine)
  }
})

test('a section beyond its bound and a salt or digest of another length are refused', () => {
  const { entry, digests, open } = leaf('item', LABEL, [])
  const [status] = open('status') as [OpenedSection]
  assert.equal(verifyOpening(noble, entry, { ...status, bytes: new Uint8Array(SECTION_BYTES_MAX + 1) }, digests), 'section-too-long')
  assert.equal(verifyOpening(noble, entry, { ...status, salt: new Uint8Array(31) }, digests), 'salt-size')
  assert.equal(verifyOpening(noble, entry, status, digests.with(0, new Uint8Array(31))), 'digest-size')
  assert.equal(verifyOpening(noble, entry.subarray(1), status, digests), 'entry-size')
})

test('requests that are no opening are answered as malformed and never throw', () => {
  const malformed = { valid: false, error: 'malformed' }
  const fair = { leaf: '00'.repeat(64), section: 'kind', salt: '00'.repeat(32), bytes: '', digests: [] as unknown }
  assert.deepEqual(answerOpen(noble, fair), { valid: false })
  for (const broken of [{}, { leaf: 7 }, { leaf: '0' }, { leaf: 'AA'.repeat(64) }, { section: '\u0000' }, { salt: null }, { bytes: 'g0' }, { digests: ['00'] }, { digests: 'x' }, { digests: Array(65).fill('00'.repeat(32)) }]) {
    if (Object.keys(broken).length === 0) assert.deepEqual(answerOpen(noble, broken), malformed)
    else assert.deepEqual(answerOpen(noble, { ...fair, ...broken }), malformed, JSON.stringify(broken).slice(0, 60))
  }
})
