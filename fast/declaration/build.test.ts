import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { declarationSecret, FIRST, leavesFor, SECOND, type Declared, type Leaf } from '../../test/vectors/declared.ts'
import { buildDeclaration, dummiesFor, dummyLeaf, type BuildRequest, type DeclaredLeaf } from './build.ts'
import { folderReader, writeCheckpoint } from './files.ts'
import { readDeclaration } from './read.ts'

const base = mkdtempSync(join(tmpdir(), 'muster-build-'))
after(() => rmSync(base, { recursive: true, force: true }))
let folders = 0
const fresh = (): string => join(base, String(folders++))

function filesUnder(folder: string): Map<string, Buffer> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return new Map(names.map((entry) => [join(entry.parentPath, entry.name).slice(folder.length + 1), readFileSync(join(entry.parentPath, entry.name))]))
}

function expected(declared: Declared): [string, Buffer][] {
  return [...declared.files].filter(([path]) => path !== 'checkpoint').map(([path, bytes]): [string, Buffer] => [path, Buffer.from(bytes)]).toSorted()
}

async function refusedWith(code: string, request: Partial<BuildRequest> & { leaves: Iterable<DeclaredLeaf> }): Promise<void> {
  const folder = fresh()
  await assert.rejects(buildDeclaration({ folder, step: 256, secret: declarationSecret(0), ...request }), (error) => error instanceof Refusal && error.code === `declaration/${code}`)
  assert.deepEqual([existsSync(folder), existsSync(`${folder}.building`)], [false, false])
}

test('the builder writes byte for byte the files of the vectors, from leaves in any order, given at once or streamed', async () => {
  const [first, second] = [fresh(), fresh()]
  const leaves = leavesFor(0).toReversed()
  const built = await buildDeclaration({ folder: first, step: 256, secret: declarationSecret(0), leaves })
  assert.deepEqual([...filesUnder(first)].toSorted(), expected(FIRST))
  assert.deepEqual([built.size, Buffer.from(built.root)], [256, Buffer.from(FIRST.root)])
  for (const [i, leaf] of leaves.entries()) assert.deepEqual((FIRST.entries[built.indexes[i] as number] as Uint8Array).subarray(0, 32), leaf.label)
  async function* streamed(): AsyncGenerator<Leaf> {
    yield* leavesFor(1)
  }
  await buildDeclaration({ folder: second, step: 256, secret: declarationSecret(1), leaves: streamed(), previous: { size: 256, read: folderReader(first) } })
  assert.deepEqual([...filesUnder(second)].toSorted(), expected(SECOND))
})

test('leaves that make no lawful declaration are refused before a file is written', async () => {
  const leaves = leavesFor(0)
  const folder = fresh()
  await buildDeclaration({ folder, step: 256, secret: declarationSecret(0), leaves })
  const previous = { size: 256, read: folderReader(folder) }
  const dummies = (count: number): DeclaredLeaf[] => Array.from({ length: count }, () => dummyLeaf(randomBytes(32)))
  await refusedWith('label-twice', { leaves: leaves.with(5, leaves[6] as Leaf) })
  await refusedWith('label-reserved', { leaves: leaves.with(5, { ...(leaves[5] as Leaf), label: new Uint8Array(32) }) })
  await refusedWith('label-reserved', { leaves: leaves.with(5, { ...(leaves[5] as Leaf), label: new Uint8Array(32).fill(0xff) }) })
  await refusedWith('size', { leaves: leaves.slice(1) })
  await refusedWith('size', { leaves, previous })
  await refusedWith('size', { leaves, step: 512 })
  await refusedWith('label-gone', { leaves: [...leaves.slice(1), ...dummies(257)], previous })
  await refusedWith('too-many-dummies', { leaves: [...leaves, ...dummies(768)], previous })
  await refusedWith('previous-broken', { leaves: leavesFor(1), previous: { size: 256, read: () => undefined } })
})

test('two steps of new dummies are lawful, and the padding is what the next size needs', async () => {
  const leaves = leavesFor(0)
  const folder = fresh()
  await buildDeclaration({ folder, step: 256, secret: declarationSecret(0), leaves })
  const dummies = Array.from({ length: 512 }, () => dummyLeaf(randomBytes(32)))
  const built = await buildDeclaration({ folder: fresh(), step: 256, secret: declarationSecret(1), leaves: [...leaves, ...dummies], previous: { size: 256, read: folderReader(folder) } })
  assert.equal(built.size, 768)
  assert.equal(dummiesFor(254, 256, 256), 256)
  assert.equal(dummiesFor(255, 256, 256), 255)
  assert.equal(dummiesFor(510, 256, 256), 0)
  assert.equal(dummiesFor(511, 256, 256), 255)
})

test('a published declaration is never overwritten, an unpublished one is built anew, another folder is left alone', async () => {
  const request = { folder: fresh(), step: 256, secret: declarationSecret(0), leaves: leavesFor(0) }
  await buildDeclaration(request)
  writeFileSync(join(request.folder, 'tile', 'entries', '000'), 'damaged')
  await buildDeclaration(request)
  assert.deepEqual([...filesUnder(request.folder)].toSorted(), expected(FIRST))
  await writeCheckpoint(request.folder, FIRST.checkpoint)
  assert.deepEqual(readFileSync(join(request.folder, 'checkpoint')), Buffer.from(FIRST.files.get('checkpoint') as Uint8Array))
  await assert.rejects(buildDeclaration(request), { code: 'declaration/folder-exists' })
  const other = fresh()
  mkdirSync(other)
  writeFileSync(join(other, 'inventory.csv'), 'kept')
  await assert.rejects(buildDeclaration({ ...request, folder: other }), { code: 'declaration/folder-exists' })
  assert.equal(readFileSync(join(other, 'inventory.csv'), 'utf8'), 'kept')
})

test('a build whose source of leaves or whose disk fails leaves nothing behind', async () => {
  function* failing(): Generator<DeclaredLeaf> {
    yield* leavesFor(0).slice(0, 10)
    throw new Error('the register went away')
  }
  const folder = fresh()
  await assert.rejects(buildDeclaration({ folder, step: 256, secret: declarationSecret(0), leaves: failing() }), /went away/)
  assert.deepEqual([existsSync(folder), existsSync(`${folder}.building`)], [false, false])
  const file = fresh()
  writeFileSync(file, '')
  await assert.rejects(buildDeclaration({ folder: join(file, 'declaration'), step: 256, secret: declarationSecret(0), leaves: leavesFor(0) }), /ENOTDIR/)
})

const LARGE = 40 * 256

/** Leaves that two processes make alike. */
const CHILD = `
import { createHash } from 'node:crypto'
import { buildDeclaration } from ${JSON.stringify(new URL('./build.ts', import.meta.url).href)}
const leaves = Array.from({ length: ${LARGE - 2} }, (_, i) => ({ kind: 'key', label: createHash('sha256').update('k' + i).digest(), sections: [] }))
process.send?.('started')
try {
  await buildDeclaration({ folder: process.argv[1], step: 256, secret: new Uint8Array(32), leaves })
  process.exit(0)
} catch (error) {
  process.stdout.write(String(error.code), () => process.exit(3))
}
`

test('a process killed at any moment of a build leaves no half declaration, and the next run gives the same bytes', async () => {
  const leaves = Array.from({ length: LARGE - 2 }, (_, i): DeclaredLeaf => ({ kind: 'key', label: createHash('sha256').update(`k${i}`).digest(), sections: [] }))
  const reference = await buildDeclaration({ folder: fresh(), step: 256, secret: new Uint8Array(32), leaves })
  const tree = { size: reference.size, root: reference.root }
  const folder = fresh()
  for (const delayMs of [20, 60, 100, 150, 220]) {
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', CHILD, folder], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    const ended = new Promise((resolve) => child.once('exit', resolve))
    await new Promise((resolve) => child.once('message', resolve))
    await wait(delayMs)
    child.kill('SIGKILL')
    await ended
    if (existsSync(folder)) assert.deepEqual(await readDeclaration({ folder, tree, step: 256 }), [])
  }
  const resumed = await buildDeclaration({ folder, step: 256, secret: new Uint8Array(32), leaves })
  assert.deepEqual(resumed.root, reference.root)
  assert.ok(!existsSync(`${folder}.building`))
  assert.deepEqual(await readDeclaration({ folder, tree, step: 256 }), [])
})

test('a disk that takes no more bytes fails the build with its reason, and nothing is left of it', async () => {
  const folder = fresh()
  const child = spawn('sh', ['-c', 'ulimit -f 12; exec "$0" "$@"', process.execPath, '--input-type=module-typescript', '-e', CHILD, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  const said: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk))
  const code = await new Promise((resolve) => child.once('close', resolve))
  assert.deepEqual([code, Buffer.concat(said).toString()], [3, 'EFBIG'])
  assert.deepEqual([existsSync(folder), existsSync(`${folder}.building`)], [false, false])
})
