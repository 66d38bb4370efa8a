// Where the cluster of a data directory lies. In the data directory, if the account that runs PostgreSQL can enter it; else in a folder that root owns
// and that the account can enter. `engine.json` in the data directory says where; the folder's own `owner.json` says whose it is.
// Crash order: the place is recorded before it is made, so that a folder never exists that no record leads to.
import { randomBytes } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync, realpathSync } from 'node:fs'
import { chmod, chown, lstat, mkdir, readdir, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Account } from './account.ts'
import { canUse } from './account.ts'
import { codeOf, Fault } from './fault.ts'
import { replaceFile, syncFolder } from './replace.ts'

const FORMAT = 'muster/engine/1'
const RECORD_NAME = 'engine.json'
const OWNER_NAME = 'owner.json'
const LOCKS_NAME = 'locks'
const RECORD_BYTES_MAX = 65_536

/** The root-owned folder for what an unprivileged account must reach. */
export const ROOT_PLACE = '/var/lib/muster'
/** Where that cannot be had: a fresh private folder in the first of these. What lies in the last may not outlive a restart of the machine. */
export const FRESH_PLACES: readonly string[] = ['/var/tmp', '/tmp', tmpdir()]

export interface Place {
  /** 128 random bits, the same in `engine.json` and in `owner.json`. */
  readonly id: string
  /** Absolute, links resolved. */
  readonly dataDir: string
  /** The folder that holds `cluster`: the data directory itself or a folder elsewhere. */
  readonly home: string
  /** A copy of PostgreSQL's files that only this data directory uses; undefined where the package or a shared copy serves. */
  readonly binaries?: string
  /** The private short folder of the socket, where the cluster's own path is too long for one. */
  readonly sockets?: string
}

export function clusterOf(place: Place): string {
  return join(place.home, 'cluster')
}

export function logOf(place: Place): string {
  return join(place.dataDir, 'postgres.log')
}

export function passwordOf(place: Place): string {
  return join(place.dataDir, 'database.password')
}

export function lockOf(dataDir: string, name: 'turn' | 'presence' | 'serve' | 'sequencer' | 'declare'): string {
  return join(dataDir, LOCKS_NAME, name)
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function parse(bytes: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(bytes)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

/** Undefined where the folder is none of Muster's; Fault `not-initialised` where its record is damaged. */
export async function readPlace(dataDir: string): Promise<Place | undefined> {
  let path: string
  let record: Record<string, unknown>
  try {
    path = await realpath(dataDir)
    const bytes = await readFile(join(path, RECORD_NAME), 'utf8')
    record = bytes.length <= RECORD_BYTES_MAX ? parse(bytes) : {}
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw error
  }
  const id = text(record['id'])
  const home = text(record['home'])
  if (record['format'] !== FORMAT || id === undefined || home === undefined) {
    throw new Fault('not-initialised', `${join(path, RECORD_NAME)} does not say where the database lies (format ${FORMAT} expected): restore the file from a backup; the database itself is untouched.`)
  }
  const binaries = text(record['binaries'])
  const sockets = text(record['sockets'])
  return { id, dataDir: path, home: home === '.' ? path : home, ...(binaries === undefined ? {} : { binaries }), ...(sockets === undefined ? {} : { sockets }) }
}

export async function recordPlace(place: Place): Promise<void> {
  const { id, dataDir, home, binaries, sockets } = place
  const record = { format: FORMAT, id, home: home === dataDir ? '.' : home, binaries, sockets }
  await replaceFile(join(dataDir, RECORD_NAME), `${JSON.stringify(record, undefined, 2)}\n`)
}

/** A folder that root owns and nobody else can write to, made if it is not there; false where it cannot be had. */
function isRootPlace(path: string): boolean {
  try {
    mkdirSync(path)
    chmodSync(path, 0o711)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') return false
  }
  try {
    const facts = lstatSync(path)
    return facts.isDirectory() && facts.uid === 0 && (facts.mode & 0o022) === 0
  } catch {
    return false
  }
}

/**
 * A path of 128 random bits under a folder that the account can enter; nothing is made yet. `prefix` says what it will be.
 * Fault `engine-refused` where no folder will do. `rootPlace` is for tests.
 */
export function freshPath(account: Account, prefix: string, rootPlace = ROOT_PLACE): string {
  const name = `${prefix}-${randomBytes(16).toString('hex')}`
  if (!account.self && isRootPlace(rootPlace) && canUse(account, rootPlace, 'enter')) return join(realpathSync(rootPlace), name)
  const parent = FRESH_PLACES.find((path) => canUse(account, path, 'enter'))
  if (parent === undefined) throw new Fault('engine-refused', `${account.name} can enter none of ${[rootPlace, ...FRESH_PLACES].join(', ')}: make ${rootPlace} (owner root, mode 0711).`)
  return join(realpathSync(parent), `muster-${name}`)
}

/** A folder of its own for one account to pass through: root's, and nobody else's to list or to write to. An existing one must be as this call would have made it. */
async function privateFolder(path: string, account: Account): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    const facts = await lstat(path)
    if (!facts.isDirectory() || facts.uid !== process.getuid?.()) throw new Fault('engine-refused', `${path} is recorded as Muster's and belongs to someone else: remove ${RECORD_NAME} only if no data was ever loaded, and ask who made that folder.`)
  }
  if (!account.self) {
    await chown(path, 0, account.gid)
    await chmod(path, 0o710)
  }
  await syncFolder(dirname(path))
}

/**
 * Makes the data directory where there is none, and in it the folder of the locks, under which alone the rest is made.
 * As root it lets the account's group pass through, and nobody list it. Fault `directory-taken` where the folder holds anything of others.
 */
export async function makeDataFolder(dataDir: string, account: Account): Promise<string> {
  const made = await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const path = await realpath(dataDir)
  if (made !== undefined && !account.self) {
    await chown(path, 0, account.gid)
    await chmod(path, 0o710)
  }
  const names = await readdir(path)
  if (!names.includes(RECORD_NAME) && names.some((name) => name !== LOCKS_NAME && !name.startsWith(RECORD_NAME))) {
    throw new Fault('directory-taken', `${path} holds other files and no ${RECORD_NAME}: name an empty or a new folder.`)
  }
  await mkdir(join(path, LOCKS_NAME), { recursive: true, mode: 0o700 })
  return path
}

/** Settles where the cluster of a new data directory will lie, and records it. Within a turn. */
export async function settlePlace(dataDir: string, account: Account, rootPlace = ROOT_PLACE): Promise<Place> {
  const home = account.self || canUse(account, dataDir, 'enter') ? dataDir : freshPath(account, 'data', rootPlace)
  const place = { id: randomBytes(16).toString('hex'), dataDir, home }
  await recordPlace(place)
  return place
}

/** Makes the home and marks it as this data directory's. Runs again after a crash at any point of itself. */
export async function makeHome(place: Place, account: Account): Promise<void> {
  if (place.home !== place.dataDir) await privateFolder(place.home, account)
  await replaceFile(join(place.home, OWNER_NAME), `${JSON.stringify({ id: place.id, dataDir: place.dataDir })}\n`)
}

/**
 * A cluster elsewhere is one data directory's. A moved data directory takes it along; a copied one is refused, since two of them would lock apart and write together.
 */
export async function checkOwner(place: Place): Promise<void> {
  if (place.home === place.dataDir) return
  const owner = parse(await readFile(join(place.home, OWNER_NAME), 'utf8').catch(() => ''))
  const other = text(owner['dataDir'])
  if (owner['id'] !== place.id || other === undefined) {
    throw new Fault('not-initialised', `${place.home} is recorded as the place of this registry's database and is not marked as such: restore it from a backup.`)
  }
  if (other === place.dataDir) return
  if ((await readPlace(other))?.id === place.id) {
    throw new Fault('directory-taken', `${place.dataDir} is a copy of ${other}, whose database lies in ${place.home}: a copy of the folder is no copy of the database. Use ${other}, or back up and restore.`)
  }
  await replaceFile(join(place.home, OWNER_NAME), `${JSON.stringify({ id: place.id, dataDir: place.dataDir })}\n`)
}

/** Deletes what lies outside the data directory, then the data directory. The caller holds the turn and has stopped the server. */
export async function removePlace(place: Place): Promise<void> {
  for (const path of [place.sockets, place.binaries, place.home]) {
    if (path !== undefined) await rm(path, { recursive: true, force: true })
  }
  await rm(place.dataDir, { recursive: true, force: true })
}
