// The server of one cluster: started, awaited, stopped. Whoever calls holds the turn of the data directory (lease.ts), so that none of this runs twice at once.
import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, readlinkSync } from 'node:fs'
import { chown, lstat, mkdir, open, readFile, rm, statfs, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Account } from './account.ts'
import { identity } from './account.ts'
import type { Binaries } from './binaries.ts'
import { program } from './binaries.ts'
import { codeOf, Fault } from './fault.ts'
import type { Place } from './place.ts'
import { clusterOf, freshPath, logOf, passwordOf, recordPlace } from './place.ts'
import type { Settings } from './settings.ts'
import { JOURNAL_FILE_BYTES, PORT, serverArguments } from './settings.ts'

/** sun_path holds 108 bytes on Linux and 104 on macOS, the closing zero included. */
const SOCKET_PATH_BYTES_MAX = 103
const SOCKET_NAME = '.s.PGSQL.5432'
export const DATABASE = 'muster'
/** Owns the database and every table, and is no superuser: what is revoked from it stays revoked. */
export const ROLE = 'muster'
export const SUPERUSER = 'postgres'

const READY_MS_MAX = 120_000
const STOP_MS_MAX = 60_000
const POLL_MS = 5
const LOG_BYTES_MAX = 8 * 1024 * 1024
const LOG_TAIL_BYTES = 2_000
/** No process has this id on any system: Linux ends at 2^22. */
const NO_PROCESS = 2_147_483_646

export interface Cluster {
  readonly place: Place
  readonly account: Account
  readonly binaries: Binaries
}

/** What a client needs to reach a cluster that is up. */
export interface Address {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string
}

export interface Postmaster {
  readonly pid: number
  /** Folder of the socket. */
  readonly sockets: string
  readonly ready: boolean
}

/** All that a server or a program of PostgreSQL sees of the caller's environment. */
export const environment = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' }

export function clusterExists(place: Place): boolean {
  return existsSync(join(clusterOf(place), 'PG_VERSION'))
}

function isPostmasterOf(place: Place, pid: number): boolean {
  try {
    // A server's working folder is its cluster: a process that was given the number of a dead one has another.
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/cwd`) === clusterOf(place)
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function pidFileOf(place: Place): string {
  return join(clusterOf(place), 'postmaster.pid')
}

/** The live server of a cluster, by its postmaster.pid; undefined where there is none, whatever a killed one left behind. */
export function postmasterOf(place: Place): Postmaster | undefined {
  let lines: string[]
  try {
    lines = readFileSync(pidFileOf(place), 'utf8').split('\n')
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw error
  }
  const pid = Number.parseInt(lines[0] ?? '', 10)
  if (!Number.isSafeInteger(pid) || pid <= 0 || !isPostmasterOf(place, pid)) return undefined
  return { pid, sockets: lines[4] ?? '', ready: lines[7]?.trim() === 'ready' }
}

/**
 * After a kill the file names a process that is gone, or by now another one. PostgreSQL survives the first by itself and refuses the second;
 * a number that no process has makes the second the first, and keeps the line by which it looks for surviving children.
 */
async function clearTraces(place: Place, sockets: string): Promise<void> {
  if (process.platform === 'linux' && existsSync(pidFileOf(place))) {
    const file = await open(pidFileOf(place), 'r+')
    try {
      const [, ...rest] = (await file.readFile('utf8')).split('\n')
      await file.truncate(0)
      await file.write([NO_PROCESS, ...rest].join('\n'), 0)
    } finally {
      await file.close()
    }
  }
  await rm(join(sockets, SOCKET_NAME), { force: true })
  await rm(join(sockets, `${SOCKET_NAME}.lock`), { force: true })
}

async function isOwnFolder(path: string, account: Account): Promise<boolean> {
  const facts = await lstat(path).catch(() => undefined)
  return facts !== undefined && facts.isDirectory() && facts.uid === account.uid && (facts.mode & 0o077) === 0
}

/** The folder of the socket: the cluster itself, or a private short one where that path is too long. Recorded before it is made. */
async function socketFolder({ place, account }: Cluster, rootPlace?: string): Promise<string> {
  if (Buffer.byteLength(join(clusterOf(place), SOCKET_NAME)) <= SOCKET_PATH_BYTES_MAX) return clusterOf(place)
  if (place.sockets !== undefined && (await isOwnFolder(place.sockets, account))) return place.sockets
  const path = freshPath(account, 's', rootPlace)
  if (Buffer.byteLength(join(path, SOCKET_NAME)) > SOCKET_PATH_BYTES_MAX) {
    throw new Fault('engine-refused', `${path} is too long a path for a socket (${SOCKET_PATH_BYTES_MAX} bytes at most): name a shorter temporary folder in TMPDIR.`)
  }
  await recordPlace({ ...place, sockets: path })
  await mkdir(path, { mode: 0o700 })
  if (!account.self) await chown(path, account.uid, account.gid)
  return path
}

async function logTail(place: Place): Promise<string> {
  const log = await readFile(logOf(place), 'utf8').catch(() => '')
  return log.slice(-LOG_TAIL_BYTES).trim().split('\n').slice(-4).join(' ')
}

async function logFile(place: Place): Promise<number> {
  const size = (await lstat(logOf(place)).catch(() => undefined))?.size ?? 0
  if (size > LOG_BYTES_MAX) await truncate(logOf(place))
  return openSync(logOf(place), 'a', 0o600)
}

/** Starts once; undefined where the children of a killed server still hold its memory, so that the caller tries again. */
async function startOnce(cluster: Cluster, args: readonly string[]): Promise<Postmaster | undefined> {
  const { place } = cluster
  const log = await logFile(place)
  const child = spawn(program(cluster.binaries, 'postgres'), ['-D', clusterOf(place), ...args], {
    ...identity(cluster.account), cwd: '/', env: environment, detached: true, stdio: ['ignore', log, log],
  })
  closeSync(log)
  let ended: string | undefined
  child.once('error', (error) => (ended = error.message))
  child.once('exit', (code, signal) => (ended = `exit ${signal ?? code ?? 'unknown'}`))
  const until = performance.now() + READY_MS_MAX
  while (performance.now() < until) {
    await sleep(POLL_MS)
    const server = postmasterOf(place)
    if (server !== undefined && server.pid === child.pid && server.ready) {
      child.unref()
      return server
    }
    if (ended === undefined) continue
    const said = await logTail(place)
    if (/pre-existing shared memory block|lock file .* already exists/.test(said)) return undefined
    // On a full disk the log may not have got the sentence that says so.
    const full = /No space left on device/.test(said) || (await freeBytes(place)) < JOURNAL_FILE_BYTES
    throw new Fault(full ? 'disk-full' : 'engine-failed', full ? fullDisk(place) : `PostgreSQL did not start (${ended}). Its log, ${logOf(place)}, ends: ${said}`)
  }
  child.kill('SIGINT')
  throw new Fault('engine-failed', `PostgreSQL was not ready after ${READY_MS_MAX / 1000} s; see ${logOf(place)}. After a crash it replays its journal first: run the command again.`)
}

export function fullDisk(place: Pick<Place, 'home'>): string {
  return `The disk that holds the database (${place.home}) is full: free space there and run the same command again. What was acknowledged is kept; the last command wrote nothing.`
}

async function freeBytes(place: Place): Promise<number> {
  const { bavail, bsize } = await statfs(place.home)
  return bavail * bsize
}

async function checkVersion({ place, binaries }: Cluster): Promise<void> {
  const made = (await readFile(join(clusterOf(place), 'PG_VERSION'), 'utf8')).trim()
  const major = binaries.version.split('.')[0] ?? ''
  if (made !== major) {
    throw new Fault('engine-refused', `The database in ${place.home} was made by PostgreSQL ${made} and this Muster brings ${major}: use the Muster that made it, back up, and restore with this one.`)
  }
}

/** The live and ready server of the cluster, started if there is none. */
export async function ensureServer(cluster: Cluster, settings: Settings = {}, rootPlace?: string): Promise<Postmaster> {
  const until = performance.now() + READY_MS_MAX
  while (performance.now() < until) {
    const running = postmasterOf(cluster.place)
    if (running?.ready === true) return running
    if (running === undefined) {
      await checkVersion(cluster)
      const sockets = await socketFolder(cluster, rootPlace)
      await clearTraces(cluster.place, sockets)
      const started = await startOnce(cluster, serverArguments(settings, sockets))
      if (started !== undefined) return started
    }
    await sleep(10 * POLL_MS)
  }
  throw new Fault('engine-failed', `PostgreSQL did not become ready in ${READY_MS_MAX / 1000} s; see ${logOf(cluster.place)}.`)
}

/** Fast shutdown: clients are disconnected, everything is written. Returns when the server is gone; about 15 ms when idle. */
export async function stopServer(place: Place): Promise<void> {
  const server = postmasterOf(place)
  if (server === undefined) return
  const until = performance.now() + STOP_MS_MAX
  process.kill(server.pid, 'SIGINT')
  // The file goes first and the process after it.
  while (isPostmasterOf(place, server.pid)) {
    if (performance.now() > until) throw new Fault('engine-failed', `PostgreSQL (process ${server.pid}) did not stop in ${STOP_MS_MAX / 1000} s; see ${logOf(place)}.`)
    await sleep(POLL_MS)
  }
}

export async function addressOf(place: Place, server: Postmaster, user: string = ROLE): Promise<Address> {
  return { host: server.sockets, port: PORT, database: DATABASE, user, password: (await readFile(passwordOf(place), 'utf8')).trim() }
}
