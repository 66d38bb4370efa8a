import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { declare, FIRST, SECOND, type Declared } from '../../test/vectors/declared.ts'
import { readDeclaration } from './read.ts'

const base = mkdtempSync(join(tmpdir(), 'muster-read-'))
after(() => rmSync(base, { recursive: true, force: true }))

function put(name: string, declared: Declared, changed: Record<string, Uint8Array> = {}): string {
  const folder = join(base, name)
  for (const [path, bytes] of [...declared.files, ...Object.entries(changed)]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), bytes)
  }
  return folder
}

const first = put('first', FIRST)
const second = put('second', SECOND)
const tree = { size: 512, root: SECOND.root }
const previous = { folder: first, size: 256 }

for (const threads of [0, 1, 2]) {
  test(`with ${threads} worker threads a lawful declaration has no problem, and unlawful ones are named`, async () => {
    assert.deepEqual(await readDeclaration({ folder: first, tree: { size: 256, root: FIRST.root }, step: 256, threads: 1 }), [])
    assert.deepEqual(await readDeclaration({ folder: second, tree, step: 256, previous, threads }), [])
    assert.deepEqual(await readDeclaration({ folder: second, tree: { size: 512, root: FIRST.root }, step: 256, threads }), [{ code: 'root-does-not-follow' }])
    assert.deepEqual(await readDeclaration({ folder: second, tree: { size: 256, root: FIRST.root }, step: 256, previous, threads }), [{ code: 'too-little-growth' }])
    const seam = declare(SECOND.entries.with(255, SECOND.entries[256] as Uint8Array).with(256, SECOND.entries[255] as Uint8Array), 1, null)
    const seamed = put(`seam-${threads}`, seam)
    assert.deepEqual(await readDeclaration({ folder: seamed, tree: { size: 512, root: seam.root }, step: 256, threads }), [{ code: 'descending', index: 256 }])
    const flipped = (SECOND.files.get('tile/0/001') as Uint8Array).slice()
    flipped[8191] = (flipped[8191] as number) ^ 1
    const damaged = put(`damaged-${threads}`, SECOND, { 'tile/0/001': flipped })
    assert.deepEqual(await readDeclaration({ folder: damaged, tree, step: 256, threads }), [{ code: 'tile-does-not-follow', file: 'tile/0/001' }])
  })
}

test('a fault of this machine rejects and is not told as a problem of the declaration', async () => {
  await assert.rejects(readDeclaration({ folder: 'a\0b', tree, step: 256 }))
})
