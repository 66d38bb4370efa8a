// Who calls, and where things lie: root and ordinary users, folders that only root may enter, paths too long for a socket, copies of a data directory.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, cpSync, existsSync, lstatSync, mkdirSync, readdirSync, rmSync, unlinkSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { accountNamed } from '@muster/registry/engine/account.ts'
import { findBinaries, linksOf } from '@muster/registry/engine/binaries.ts'
import { postmasterOf } from '@muster/registry/engine/cluster.ts'
import { examine } from '@muster/registry/engine/doctor.ts'
import { initDataDirectory, joinCluster, removeDataDirectory } from '@muster/registry/engine/lease.ts'
import { clusterOf, readPlace } from '@muster/registry/engine/place.ts'
import { openRegistryDatabase } from '@muster/registry/store/open.ts'
import { scratchFolder } from '@muster/registry/store/scratch.ts'
import { projectFor } from './project.ts'

const needsRoot = { skip: process.getuid?.() === 0 ? false : 'needs root' }
const now = () => Date.now()
let folder = ''
before(async () => {
  folder = await scratchFolder()
})
after(() => rm(folder, { recursive: true, force: true }))

/** Stands for /var/lib/muster: not there yet, and under a folder that anyone can pass through. */
function rootPlace(name: string): string {
  return join(folder, name)
}

function uidOf(pid: number | undefined): number {
  return lstatSync(`/proc/${pid ?? 0}`).uid
}

test('under root the server runs as an ordinary account, in the data directory where that account can enter it', needsRoot, async () => {
  const dataDir = join(folder, 'open')
  const place = await initDataDirectory(dataDir)
  assert.equal(place.home, place.dataDir)
  const lease = await joinCluster(dataDir)
  const server = postmasterOf(place)
  assert.notEqual(uidOf(server?.pid), 0)
  assert.equal(lstatSync(clusterOf(place)).mode & 0o777, 0o700)
  assert.equal(lstatSync(dataDir).mode & 0o777, 0o710)
  await lease.leave()
  await removeDataDirectory(dataDir)
})

test('a data directory in a folder that only root may enter has its cluster in a root-owned place, shown by doctor and removed with it', needsRoot, async () => {
  const closed = join(folder, 'closed')
  mkdirSync(closed, { mode: 0o700 })
  const dataDir = join(closed, 'registry')
  const options = { rootPlace: rootPlace('var') }
  const place = await initDataDirectory(dataDir, options)
  assert.equal(dirname(place.home), options.rootPlace)
  assert.match(place.home, /\/data-[0-9a-f]{32}$/)
  assert.deepEqual([lstatSync(place.home).uid, lstatSync(place.home).mode & 0o777], [0, 0o710])
  const { db, close } = await openRegistryDatabase(dataDir, options)
  assert.deepEqual(await db.read('SELECT 1 AS x'), [{ x: 1 }])
  const facts = await examine(dataDir, { ...options, now })
  assert.deepEqual(facts.problems, [])
  assert.equal(facts.places?.cluster, clusterOf(place))
  assert.equal(facts.server?.listeners, '')
  assert.equal(facts.server?.fsync, true)
  assert.equal(facts.running?.inUse, true)
  await close()
  const nobody = accountNamed('nobody')
  const peeks = spawnSync('ls', [place.home], { uid: nobody?.uid, gid: nobody?.gid, encoding: 'utf8' })
  assert.notEqual(peeks.status, 0, 'another account sees nothing of it')
  await removeDataDirectory(dataDir)
  assert.equal(existsSync(place.home), false)
  // Programs copied there, where the project itself lies behind a closed folder, stay for the next data directory.
  assert.deepEqual(readdirSync(options.rootPlace).filter((name) => !name.startsWith('postgres-')), [])
})

test('where the root-owned place cannot be had, a fresh private folder of an unguessable name serves, and doctor says so', needsRoot, async () => {
  const closed = join(folder, 'closed-again')
  mkdirSync(closed, { mode: 0o700 })
  const taken = rootPlace('taken')
  mkdirSync(taken)
  chmodSync(taken, 0o777)
  const dataDir = join(closed, 'registry')
  const place = await initDataDirectory(dataDir, { rootPlace: taken })
  assert.match(place.home, /^\/(var\/)?tmp\/muster-data-[0-9a-f]{32}$/)
  assert.deepEqual(readdirSync(taken), [])
  const facts = await examine(dataDir, { rootPlace: taken, now })
  assert.match(facts.problems.join(), /temporary folder, since \/var\/lib\/muster could not be made/)
  await removeDataDirectory(dataDir)
  assert.equal(existsSync(place.home), false)
})

test('a project in a folder that only root may enter, without the links of its install script, runs from a copy that root owns', needsRoot, async () => {
  const closed = join(folder, 'project')
  mkdirSync(closed, { mode: 0o700 })
  const installed = findBinaries()
  const target = join(closed, 'node_modules', installed.name)
  cpSync(dirname(installed.native), target, { recursive: true, verbatimSymlinks: true })
  for (const { at } of linksOf(installed)) unlinkSync(join(target, 'native', at))
  const options = { rootPlace: rootPlace('var-too'), programsFrom: join(closed, 'main.js') }
  const dataDir = join(closed, 'registry')
  const { db, close, place } = await openRegistryDatabase(dataDir, { ...options, create: true })
  assert.deepEqual(await db.read('SELECT 1 AS x'), [{ x: 1 }])
  await close()
  const facts = await examine(dataDir, { ...options, now })
  assert.deepEqual(facts.problems, [])
  assert.match(facts.server?.program ?? '', /\/var-too\/postgres-[0-9a-f]{32}\/bin\/postgres$/)
  assert.equal(lstatSync(dirname(dirname(facts.server?.program ?? ''))).uid, 0)
  await removeDataDirectory(dataDir)
  assert.equal(existsSync(place?.home ?? ''), false)
})

test('an ordinary user who cannot write to the installed package, and whose links are missing, gets a copy in the data directory', needsRoot, async () => {
  const user = accountNamed('nobody')
  assert.ok(user)
  const project = join(folder, 'read-only')
  const installed = findBinaries()
  const target = join(project, 'node_modules', installed.name)
  cpSync(dirname(installed.native), target, { recursive: true, verbatimSymlinks: true })
  for (const { at } of linksOf(installed)) unlinkSync(join(target, 'native', at))
  const own = join(folder, 'nobody')
  mkdirSync(own)
  chownSync(own, user.uid, user.gid)
  const code = `import { openRegistryDatabase } from '@muster/registry/store/open.ts'; import { removeDataDirectory } from '@muster/registry/engine/lease.ts'
    const options = { programsFrom: ${JSON.stringify(join(project, 'main.js'))} }
    const { db, close, place } = await openRegistryDatabase(process.argv[1], { ...options, create: true })
    const [row] = await db.read('SELECT 40 + 2 AS x'); await close(); process.stdout.write(JSON.stringify({ ...row, place }))`
  const { node, root } = projectFor(user, folder)
  const child = spawn(node, ['--input-type=module', '-e', code, join(own, 'registry')], { cwd: join(root, 'registry'), uid: user.uid, gid: user.gid, stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (text: Buffer) => (said += text.toString()))
  const [status] = (await once(child, 'close')) as [number]
  assert.equal(status, 0)
  assert.equal((JSON.parse(said) as { x: number }).x, 42)
  const place = await readPlace(join(own, 'registry'))
  assert.equal(place?.binaries, join(own, 'registry', 'postgres'))
  assert.equal(lstatSync(join(own, 'registry', 'cluster')).uid, user.uid)
  // Root may use it too: the server then runs as the owner of the cluster.
  const lease = await joinCluster(join(own, 'registry'))
  assert.equal(uidOf(postmasterOf(lease.place)?.pid), user.uid)
  await lease.leave()
  await removeDataDirectory(join(own, 'registry'))
})

test('without any account to run under, nothing is made and the reason is given', needsRoot, async () => {
  const dataDir = join(folder, 'no-account')
  await assert.rejects(initDataDirectory(dataDir, { accounts: ['no-such-account-here'] }), { code: 'engine-refused', message: /no-such-account-here: no such account/ })
  assert.equal(existsSync(dataDir), false)
  const facts = await examine(dataDir, { accounts: ['no-such-account-here'], now })
  assert.match(facts.problems.join(), /no account that it could run under/)
})

test('a path longer than a socket allows gets a private short folder for its socket, renewed at need and removed with the rest', async () => {
  const dataDir = join(folder, 'long', ...Array.from({ length: 6 }, (_, i) => `${i}-${'х'.repeat(20)}`), 'registry')
  await mkdir(dirname(dataDir), { recursive: true })
  const options = { rootPlace: rootPlace('v') }
  await initDataDirectory(dataDir, options)
  const first = await openRegistryDatabase(dataDir, options)
  assert.deepEqual(await first.db.read('SELECT 1 AS x'), [{ x: 1 }])
  await first.close()
  const sockets = (await readPlace(dataDir))?.sockets ?? ''
  assert.match(sockets, /s-[0-9a-f]{32}$/)
  assert.equal(lstatSync(sockets).mode & 0o777, 0o700)
  rmSync(sockets, { recursive: true })
  mkdirSync(sockets, { mode: 0o755 })
  const again = await openRegistryDatabase(dataDir, options)
  assert.notEqual((await readPlace(dataDir))?.sockets, sockets)
  await again.close()
  const last = (await readPlace(dataDir))?.sockets ?? ''
  rmSync(sockets, { recursive: true })
  await removeDataDirectory(dataDir)
  assert.equal(existsSync(last), false)
})

test('a data directory may be moved; a copy of one whose cluster lies elsewhere is refused', needsRoot, async () => {
  const closed = join(folder, 'moving')
  mkdirSync(closed, { mode: 0o700 })
  const options = { rootPlace: rootPlace('v2') }
  const old = join(closed, 'old')
  await initDataDirectory(old, options)
  const moved = join(closed, 'moved')
  await rename(old, moved)
  const lease = await joinCluster(moved, options)
  await lease.leave()
  const copy = join(closed, 'copy')
  cpSync(moved, copy, { recursive: true })
  await assert.rejects(joinCluster(copy, options), { code: 'directory-taken', message: /is a copy of .*moved/ })
  const still = await joinCluster(moved, options)
  await assert.rejects(joinCluster(copy, options), { code: 'directory-taken' }, 'also while the server of the other is up')
  await assert.rejects(removeDataDirectory(copy), { code: 'directory-taken' })
  await still.leave()
  await removeDataDirectory(moved)
})
