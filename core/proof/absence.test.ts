import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import type { AbsenceVector } from '../../test/vectors/absence.ts'
import { FIRST, SECOND } from '../../test/vectors/declared.ts'
import { unhex, vectorsIn } from '../../test/vectors/read-vectors.ts'
import { noble } from '../bytes/noble.ts'
import { verifyAbsent, verifyEntry, verifyPresent, type PresentProof } from './absence.ts'
import { inclusionPath, leafHash } from './merkle.ts'
import { answerAbsence } from './lookup-door.ts'
import { parseNote } from './note.ts'
import { parseCheckpoint } from './tree-head.ts'

for (const folder of ['absence/valid', 'absence/invalid']) {
  for (const [name, { request, answer, problem }] of vectorsIn<AbsenceVector>(folder)) {
    test(`the vector ${folder}/${name} is judged alike by the law and at the door, with noble and node:crypto`, () => {
      const tree = parseCheckpoint(parseNote(request.checkpoint).text)
      const [before, after] = request.leaves.map(unhex) as [Uint8Array, Uint8Array]
      const [pathBefore, pathAfter] = request.paths.map((path) => path.map(unhex)) as [Uint8Array[], Uint8Array[]]
      const proof = { index: request.index, entries: [before, after], paths: [pathBefore, pathAfter] } as const
      for (const p of [noble, nodePrimitives]) {
        assert.equal(verifyAbsent(p, tree, unhex(request.label), proof), problem === 'malformed' ? 'entry-size' : (problem ?? undefined))
        assert.deepEqual(answerAbsence(p, { ...request }), answer)
      }
    })
  }
}

const hashes = FIRST.entries.map((entry) => leafHash(nodePrimitives, entry))
const tree = { size: FIRST.entries.length, root: FIRST.root }

function proofAt(index: number): PresentProof {
  return { index, entry: FIRST.entries[index] as Uint8Array, path: inclusionPath(nodePrimitives, hashes, index) }
}

test('every entry of a declaration is proven present, and its absence by no pair of neighbours', () => {
  for (let i = 1; i < tree.size - 1; i++) {
    const proof = proofAt(i)
    const label = proof.entry.subarray(0, 32)
    assert.equal(verifyPresent(nodePrimitives, tree, label, proof), undefined)
    for (const first of [i - 1, i]) {
      const [before, after] = [proofAt(first), proofAt(first + 1)]
      const absent = { index: first, entries: [before.entry, after.entry], paths: [before.path, after.path] } as const
      assert.equal(verifyAbsent(nodePrimitives, tree, label, absent), 'equal-to-neighbour')
    }
  }
})

test('a sentinel cannot be asked for, and stands only at its own end', () => {
  const first = proofAt(0)
  assert.equal(verifyPresent(noble, tree, first.entry.subarray(0, 32), first), 'label')
  assert.equal(verifyEntry(noble, tree, first), undefined)
  assert.equal(verifyEntry(noble, tree, proofAt(tree.size - 1)), undefined)
  assert.equal(verifyEntry(noble, tree, { ...first, index: 1 }), 'sentinel')
  assert.equal(verifyEntry(noble, tree, { ...proofAt(1), index: 0 }), 'sentinel')
})

test('a present proof is refused for another label, binding, index, path, size or declaration', () => {
  const proof = proofAt(17)
  const label = proof.entry.subarray(0, 32)
  const otherBinding = proof.entry.slice()
  otherBinding[63] = (otherBinding[63] as number) ^ 1
  assert.equal(verifyPresent(noble, tree, (FIRST.entries[18] as Uint8Array).subarray(0, 32), proof), 'other-label')
  assert.equal(verifyPresent(noble, tree, label, { ...proof, entry: otherBinding }), 'path')
  assert.equal(verifyPresent(noble, tree, label, { ...proof, index: 16 }), 'path')
  assert.equal(verifyPresent(noble, tree, label, { ...proof, index: tree.size }), 'index')
  assert.equal(verifyPresent(noble, tree, label, { ...proof, index: 0.5 }), 'index')
  assert.equal(verifyPresent(noble, tree, label, { ...proof, path: proof.path.slice(1) }), 'path')
  assert.equal(verifyPresent(noble, { size: 512, root: FIRST.root }, label, proof), 'path')
  assert.equal(verifyPresent(noble, { size: SECOND.entries.length, root: SECOND.root }, label, proof), 'path')
  assert.equal(verifyPresent(noble, tree, label, { ...proof, entry: proof.entry.subarray(0, 63) }), 'entry-size')
})

test('every bit of a proof that is flipped makes it fail', () => {
  const [name, { request }] = vectorsIn<AbsenceVector>('absence/valid')[1] as [string, AbsenceVector]
  assert.equal(name, 'below-the-last-sentinel')
  const flip = (hex: string): string => (hex.startsWith('0') ? '1' : '0') + hex.slice(1)
  const [left, right] = request.paths
  for (let i = 0; i < left.length; i++) {
    assert.deepEqual(answerAbsence(nodePrimitives, { ...request, paths: [left.with(i, flip(left[i] as string)), right] }), { valid: false })
  }
  for (let i = 0; i < right.length; i++) {
    assert.deepEqual(answerAbsence(nodePrimitives, { ...request, paths: [left, right.with(i, flip(right[i] as string))] }), { valid: false })
  }
  assert.deepEqual(answerAbsence(nodePrimitives, { ...request, leaves: [flip(request.leaves[0]), request.leaves[1]] }), { valid: false })
})

test('requests that are no proof are answered with a code and never throw; a checkpoint without signature lines serves', () => {
  const [, { request }] = vectorsIn<AbsenceVector>('absence/valid')[0] as [string, AbsenceVector]
  const unsigned = request.checkpoint.slice(0, request.checkpoint.indexOf('\n\n') + 1)
  assert.deepEqual(answerAbsence(noble, { ...request, checkpoint: unsigned }), { valid: true })
  assert.deepEqual(answerAbsence(noble, { ...request, checkpoint: `${unsigned}extension\n` }), { valid: false, error: 'checkpoint' })
  assert.deepEqual(answerAbsence(noble, { ...request, checkpoint: 'x' }), { valid: false, error: 'checkpoint' })
  for (const broken of [{ checkpoint: 7 }, { label: '00' }, { index: -1 }, { index: 1.5 }, { index: '1' }, { index: 2 ** 53 }, { leaves: [request.leaves[0]] }, { paths: [[], [], []] }, { paths: [['zz'], []] }, { paths: [Array(65).fill('00'.repeat(32)), []] }]) {
    assert.deepEqual(answerAbsence(noble, { ...request, ...broken }), { valid: false, error: 'malformed' }, JSON.stringify(broken).slice(0, 60))
  }
})
