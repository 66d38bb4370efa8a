import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import type { FolderVector } from '../../test/vectors/declaration-folder.ts'
import { FIRST, headHash, checkpointOf, LOG } from '../../test/vectors/declared.ts'
import { filesOf, vectorAt, vectorsIn } from '../../test/vectors/read-vectors.ts'
import { answerDeclaration } from './door.ts'

const base = mkdtempSync(join(tmpdir(), 'muster-door-'))
after(() => rmSync(base, { recursive: true, force: true }))

function put(name: string, files: ReadonlyMap<string, Uint8Array | string>): string {
  const folder = join(base, name)
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), bytes)
  }
  return folder
}

for (const folder of ['declaration/valid', 'declaration/invalid']) {
  for (const [name, vector] of vectorsIn<FolderVector>(folder)) {
    test(`the door answers ${folder}/${name} from its files`, () => {
      const dir = put(`${folder}/${name}/this`, filesOf(vector))
      const head = join(put(`${folder}/${name}/head`, new Map([['head', vector.head]])), 'head')
      const previous = vector.previous === null ? null : put(`${folder}/${name}/previous`, filesOf(vectorAt<FolderVector>(vector.previous)))
      assert.deepEqual(answerDeclaration({ op: 'declaration', dir, head, previous }), vector.answer)
    })
  }
}

const dir = put('plain', FIRST.files)
const text = new TextDecoder().decode(FIRST.head)
const codes = (headText: string, where = dir, previous: string | null = null): unknown => {
  writeFileSync(join(base, 'head'), headText)
  const answer = answerDeclaration({ op: 'declaration', dir: where, head: join(base, 'head'), previous })
  return 'problems' in answer ? answer.problems.map(({ code }) => code) : answer
}

test('a head that is missing, no JSON, of an unknown version, not canonical or says a thing twice is told', () => {
  assert.deepEqual(codes(text), [])
  assert.deepEqual(answerDeclaration({ dir, head: join(base, 'nothing') }), { valid: false, problems: [{ code: 'head-missing' }] })
  for (const wrong of ['', '[]', 'null', `${text}\n`, text.replace('head/1', 'head/2'), text.replace('{', '{"size":512,'), text.replace('"size":256', '"size":300'), `${text.slice(0, -1)},"more":1}`]) {
    assert.deepEqual(codes(wrong), ['head-malformed'], wrong.slice(0, 40))
  }
  assert.deepEqual(codes(text.replace('"sequence":0', '"sequence":1').replace('"previous":null', `"previous":"${'00'.repeat(32)}"`)), ['origin-not-of-head'])
})

test('a head without a version is taken for its size and root only', () => {
  const root = Buffer.from(FIRST.root)
  for (const written of [root.toString('hex'), root.toString('base64')]) {
    const plain = JSON.stringify({ size: 256, root: written })
    const checkpoint = checkpointOf(`anyone/d/${headHash(new TextEncoder().encode(plain))}`, 256, FIRST.root)
    const where = put(`unversioned-${written.length}`, new Map<string, Uint8Array | string>([...FIRST.files, ['checkpoint', checkpoint]]))
    assert.deepEqual(codes(plain, where), [])
  }
  assert.deepEqual(codes(JSON.stringify({ size: 256 })), ['head-malformed'])
})

test('a checkpoint that is missing or no checkpoint is told, of this declaration and of the previous one', () => {
  const bare = put('bare', new Map([...FIRST.files].filter(([path]) => path !== 'checkpoint')))
  const torn = put('torn', new Map<string, Uint8Array | string>([...FIRST.files, ['checkpoint', `${LOG}\n256\n`]]))
  assert.deepEqual(codes(text, bare), ['checkpoint-missing'])
  assert.deepEqual(codes(text, torn), ['checkpoint-malformed'])
  assert.deepEqual(codes(text, dir, bare), ['previous-checkpoint'])
  assert.deepEqual(codes(text, dir, torn), ['previous-checkpoint'])
  assert.deepEqual(codes(text, dir, join(base, 'nowhere')), ['previous-checkpoint'])
  assert.deepEqual(codes(text, dir, dir), ['previous-not-of-head'])
  const other = put('other', new Map<string, Uint8Array | string>([...FIRST.files, ['checkpoint', checkpointOf(`BBB/muster/exercise/d/${headHash(FIRST.head)}`, 256, FIRST.root)]]))
  assert.deepEqual(codes(text, dir, other), ['previous-of-another-log'])
})

test('requests without paths are answered as malformed', () => {
  for (const request of [{}, { dir }, { dir, head: 1 }, { dir: '', head: 'x' }, { dir, head: 'a\0b' }, { dir, head: dir, previous: 7 }]) {
    assert.deepEqual(answerDeclaration(request), { valid: false, error: 'malformed' })
  }
})
