import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import type { FolderVector } from '../../test/vectors/declaration-folder.ts'
import { entriesFor, leavesFor, declare, FIRST, SECOND, type Declared } from '../../test/vectors/declared.ts'
import { filesOf, vectorAt, vectorsIn } from '../../test/vectors/read-vectors.ts'
import { noble } from '../bytes/noble.ts'
import { checkDeclaration, checkSize, checkStretch, checkTop, DECLARATION_SIZE_MAX, PROBLEMS_MAX, sizeFor, type DeclarationProblem } from './declaration.ts'
import type { FileReader } from './label-walk.ts'

const STEP = 256
const reader = (files: ReadonlyMap<string, Uint8Array>): FileReader => (path) => files.get(path)
const treeOf = (declared: Declared): { size: number; root: Uint8Array } => ({ size: declared.entries.length, root: declared.root })

/** What the head states of a vector, and what the law says of its files. */
function lawOn(vector: FolderVector, p = nodePrimitives): DeclarationProblem[] {
  const head = JSON.parse(vector.head) as { size: number; root: string }
  const previous = vector.previous === null ? undefined : filesOf(vectorAt<FolderVector>(vector.previous))
  const before = previous === undefined ? undefined : { size: 256, read: reader(previous) }
  return checkDeclaration(p, { size: head.size, root: new Uint8Array(Buffer.from(head.root, 'base64')) }, STEP, reader(filesOf(vector)), before)
}

/** What only a folder with its checkpoint and head can break. */
const OF_THE_FOLDER = new Set(['origin-not-of-head', 'size-not-of-head', 'root-not-of-head'])

for (const folder of ['declaration/valid', 'declaration/invalid']) {
  for (const [name, vector] of vectorsIn<FolderVector>(folder)) {
    test(`the law finds in ${folder}/${name} exactly what is wrong with its files`, () => {
      const ofTheFolder = vector.answer.problems.some(({ code }) => OF_THE_FOLDER.has(code))
      const expected = ofTheFolder ? [] : vector.answer.problems
      assert.deepEqual(lawOn(vector), expected)
      assert.deepEqual(lawOn(vector, { ...nodePrimitives, ...noble }), expected)
    })
  }
}

test('every single label that is left out is found and named by its place in the previous declaration', () => {
  const leaves = leavesFor(2)
  for (let gone = 1; gone < FIRST.entries.length - 1; gone += 23) {
    const label = Buffer.from((FIRST.entries[gone] as Uint8Array).subarray(0, 32))
    const shrunk = declare(entriesFor(leaves.filter((leaf) => !label.equals(leaf.label)).slice(0, 510), 1), 1, null)
    const previous = { size: FIRST.entries.length, read: reader(FIRST.files) }
    const problems = checkDeclaration(nodePrimitives, treeOf(shrunk), STEP, reader(shrunk.files), previous)
    assert.ok(problems.some((problem) => problem.code === 'label-gone' && problem.index === gone))
  }
})

test('stretches checked apart find what one stretch finds, also at their seam', () => {
  const entries = SECOND.entries
  const seam = declare(entries.with(255, entries[256] as Uint8Array).with(256, entries[255] as Uint8Array), 1, null)
  for (const declared of [SECOND, seam]) {
    const stored = { size: 512, read: reader(declared.files) }
    const previous = { size: 256, read: reader(FIRST.files) }
    const whole = checkStretch(nodePrimitives, stored, 0, 2, previous)
    const halves = [checkStretch(nodePrimitives, stored, 0, 1, previous), checkStretch(nodePrimitives, stored, 1, 2, previous)]
    const codes = (stretches: typeof halves): string[] => stretches.flatMap(({ problems }) => problems).filter(({ code }) => code !== 'label-gone').map((problem) => JSON.stringify(problem))
    assert.deepEqual(codes(halves), codes([whole]))
    assert.equal(declared === seam, codes(halves).length > 0)
    assert.deepEqual(Buffer.concat(halves.map(({ roots }) => roots)), Buffer.from(whole.roots))
    assert.deepEqual(checkTop(nodePrimitives, treeOf(declared), whole.roots, stored.read), [])
  }
})

test('a label that vanished just before or after the seam of two stretches is found by one of them', () => {
  const previous = { size: 512, read: reader(SECOND.files) }
  for (const gone of [254, 255, 256, 257]) {
    const label = Buffer.from((SECOND.entries[gone] as Uint8Array).subarray(0, 32))
    const next = declare(entriesFor(leavesFor(3).filter((leaf) => !label.equals(leaf.label)).slice(0, 766), 2), 2, null)
    const stored = { size: 768, read: reader(next.files) }
    for (const cuts of [[0, 1, 2, 3], [0, 1, 3], [0, 2, 3]]) {
      const problems = cuts.slice(1).flatMap((to, i) => checkStretch(nodePrimitives, stored, cuts[i] as number, to, previous).problems)
      assert.equal(problems.filter((problem) => problem.code === 'label-gone' && problem.index === gone).length, 1)
    }
  }
})

test('a previous declaration that cannot be read proves nothing, and is said to be broken', () => {
  const files = new Map(FIRST.files)
  files.delete('tile/entries/000')
  const problems = checkDeclaration(nodePrimitives, treeOf(SECOND), STEP, reader(SECOND.files), { size: 256, read: reader(files) })
  assert.deepEqual(problems, [{ code: 'previous-broken', file: 'tile/entries/000' }])
})

test('a file that is longer than any bundle can be is refused without being parsed', () => {
  const files = new Map(FIRST.files).set('tile/entries/000', new Uint8Array(40_000))
  const problems = checkDeclaration(nodePrimitives, treeOf(FIRST), STEP, reader(files))
  assert.deepEqual(problems[0], { code: 'bundle-malformed', file: 'tile/entries/000', index: 0 })
})

test('problems stop being collected at their bound', () => {
  const reversed = declare(SECOND.entries.toReversed(), 1, null)
  const problems = checkDeclaration(nodePrimitives, treeOf(reversed), STEP, reader(reversed.files))
  assert.ok(problems.length >= PROBLEMS_MAX && problems.length < PROBLEMS_MAX + 2 * STEP)
})

test('sizes are multiples of the step, the step of 256, growth one step or more, and all of it bounded', () => {
  assert.equal(checkSize(512, 256, 256), undefined)
  assert.equal(checkSize(1024, 512, 512), undefined)
  assert.equal(checkSize(512, 256, 512)?.code, 'too-little-growth')
  assert.equal(checkSize(256, 256, 512)?.code, 'too-little-growth')
  assert.equal(checkSize(768, 512, 0)?.code, 'size-not-a-step')
  assert.equal(checkSize(300, 300, 0)?.code, 'size-not-a-step')
  assert.equal(checkSize(0, 256, 0)?.code, 'size-not-a-step')
  assert.equal(checkSize(256.5, 256, 0)?.code, 'size-not-a-step')
  assert.equal(checkSize(DECLARATION_SIZE_MAX * 2, 256, 0)?.code, 'size-too-large')
  assert.equal(sizeFor(254, 256, 0), 256)
  assert.equal(sizeFor(255, 256, 0), 512)
  assert.equal(sizeFor(254, 256, 256), 512)
  assert.equal(sizeFor(600, 256, 256), 768)
})
