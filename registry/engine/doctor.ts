// What `muster doctor` shows: facts about this machine and this data directory, as data, and what is wrong with them. Nothing here throws for a sick
// registry; what cannot be learnt is left out and said.
import { lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { basename, dirname, join } from 'node:path'
import pg from 'pg'
import { chooseAccount } from './account.ts'
import { findBinaries } from './binaries.ts'
import { clusterExists, postmasterOf } from './cluster.ts'
import type { Address } from './cluster.ts'
import { codeOf, textOf } from './fault.ts'
import type { EngineOptions } from './lease.ts'
import { isInUse, joinCluster } from './lease.ts'
import { memoryOf } from './memory.ts'
import type { Place } from './place.ts'
import { clusterOf, FRESH_PLACES, logOf, readPlace } from './place.ts'
import { SIZE_NAMES } from './settings.ts'

const NODE_MAJOR_NEEDED = 24
const DISK_FREE_BYTES_MIN = 512 * 1024 * 1024
const CLOCK_APART_MS_MAX = 2_000
/** 2025-01-01: a clock before it was never set. */
const CLOCK_MS_MIN = 1_735_689_600_000
const CONNECT_MS_MAX = 10_000

export interface DoctorOptions extends EngineOptions {
  readonly databaseUrl?: string | undefined
  /** Milliseconds since 1970, from the caller's clock. */
  readonly now: () => number
}

export interface ServerFacts {
  /** The file that the server runs: the installed package's or a copy's. */
  readonly program?: string
  readonly version: string
  readonly fsync: boolean
  readonly checksums: boolean
  /** Network addresses that the server listens on; empty is what Muster promises of its own. */
  readonly listeners: string
  readonly connections: number
  readonly connections_max: number
  readonly database_bytes: number
  readonly clockApart_ms: number
  readonly settings: Readonly<Record<string, string>>
}

export interface DoctorFacts {
  readonly node: { readonly version: string; readonly path: string }
  readonly platform: string
  readonly caller: string
  readonly programs?: { readonly package: string; readonly version: string; readonly path: string }
  readonly account?: string
  readonly places?: { readonly dataDir: string; readonly cluster: string; readonly sockets: string; readonly log: string }
  readonly disk?: { readonly dataDir_bytes: number; readonly cluster_bytes: number; readonly free_bytes: number }
  readonly running?: { readonly pid: number; readonly inUse: boolean; readonly memory_bytes?: number }
  readonly server?: ServerFacts
  readonly clock: string
  /** One sentence for each thing that is wrong, with what to do; empty where all is well. */
  readonly problems: readonly string[]
}

function bytesUnder(folder: string): number {
  let bytes = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    try {
      bytes += entry.isDirectory() ? bytesUnder(path) : lstatSync(path).size
    } catch (error) {
      // A server removes files while they are counted.
      if (codeOf(error) !== 'ENOENT') throw error
    }
  }
  return bytes
}

async function serverFacts(to: Address | string, now: () => number): Promise<ServerFacts> {
  const client = new pg.Client({ ...(typeof to === 'string' ? { connectionString: to } : to), connectionTimeoutMillis: CONNECT_MS_MAX })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const names = ['server_version', 'fsync', 'data_checksums', 'listen_addresses', 'max_connections', ...SIZE_NAMES]
    const { rows } = await client.query<{ name: string; setting: string }>('SELECT name, current_setting(name, true) AS setting FROM pg_settings WHERE name = ANY ($1)', [names])
    const settings = Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))
    const before = now()
    const { rows: figures } = await client.query<{ bytes: string; connections: string; clock: string }>(
      `SELECT pg_database_size(current_database()) AS bytes, (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS clock,
        (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections`,
    )
    const figure = figures[0]
    return {
      version: settings['server_version'] ?? '', fsync: settings['fsync'] === 'on', checksums: settings['data_checksums'] === 'on', listeners: settings['listen_addresses'] ?? '',
      connections: Number(figure?.connections), connections_max: Number(settings['max_connections']), database_bytes: Number(figure?.bytes),
      clockApart_ms: Math.round(Number(figure?.clock) - (before + now()) / 2), settings,
    }
  } finally {
    await client.end()
  }
}

/** Runs one look and gives its fact, or writes down why it could not. */
async function look<T>(problems: string[], act: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await act()
  } catch (error) {
    problems.push(textOf(error))
    return undefined
  }
}

async function diskFacts(place: Place): Promise<NonNullable<DoctorFacts['disk']>> {
  const inside = clusterExists(place) ? bytesUnder(clusterOf(place)) : 0
  const { bavail, bsize } = await statfs(place.home)
  const all = bytesUnder(place.dataDir)
  return { dataDir_bytes: place.home === place.dataDir ? all - inside : all, cluster_bytes: inside, free_bytes: bavail * bsize }
}

function placesOf(place: Place): NonNullable<DoctorFacts['places']> {
  return { dataDir: place.dataDir, cluster: clusterOf(place), sockets: place.sockets ?? clusterOf(place), log: logOf(place) }
}

/** Asks the server, and learns from the system which file it runs. */
async function viaLease(dataDir: string, options: DoctorOptions): Promise<ServerFacts> {
  const lease = await joinCluster(dataDir, options)
  try {
    const facts = await serverFacts(lease.address, options.now)
    const pid = postmasterOf(lease.place)?.pid
    return process.platform === 'linux' && pid !== undefined ? { ...facts, program: readlinkSync(`/proc/${pid}/exe`) } : facts
  } finally {
    await lease.leave()
  }
}

async function runningFacts(place: Place): Promise<DoctorFacts['running']> {
  const server = postmasterOf(place)
  if (server === undefined) return undefined
  const memory_bytes = memoryOf(server.pid)
  return { pid: server.pid, inUse: await isInUse(place), ...(memory_bytes === undefined ? {} : { memory_bytes }) }
}

function judge(facts: Omit<DoctorFacts, 'problems'>, own: boolean, now_ms: number): string[] {
  const problems: string[] = []
  if (Number(facts.node.version.split('.')[0]) < NODE_MAJOR_NEEDED) problems.push(`Node ${facts.node.version} runs this and ${NODE_MAJOR_NEEDED} is needed: run npm ci, or install Node ${NODE_MAJOR_NEEDED}.`)
  if (facts.disk !== undefined && facts.disk.free_bytes < DISK_FREE_BYTES_MIN) problems.push(`Only ${Math.round(facts.disk.free_bytes / 1024 / 1024)} MiB are free where the database lies: free some before the next import.`)
  if (facts.running !== undefined && !facts.running.inUse) problems.push(`The server (process ${facts.running.pid}) runs and nobody uses it, as after a killed command: the next command stops it.`)
  const temporary = facts.places !== undefined && FRESH_PLACES.includes(dirname(dirname(facts.places.cluster))) && basename(dirname(facts.places.cluster)).startsWith('muster-')
  if (temporary) problems.push('The database lies in a temporary folder, since /var/lib/muster could not be made: make that folder (owner root, mode 0711), then back up, init --remove, init and restore.')
  if (now_ms < CLOCK_MS_MIN) problems.push(`The clock says ${facts.clock}: set it before anything is signed.`)
  if (facts.server === undefined) return problems
  if (!facts.server.fsync) problems.push('The server runs with fsync off and loses what it acknowledged when the power goes: set fsync = on.')
  if (own && facts.server.listeners !== '') problems.push(`The server listens on ${facts.server.listeners}: Muster starts it without a network listener, so something else did.`)
  if (Math.abs(facts.server.clockApart_ms) > CLOCK_APART_MS_MAX) problems.push(`The clock of the database server is ${facts.server.clockApart_ms} ms from this machine's: synchronise both.`)
  return problems
}

/** Looks at everything; starts the server to ask it if it is not up, and stops it again. */
export async function examine(dataDir: string, options: DoctorOptions): Promise<DoctorFacts> {
  const problems: string[] = []
  const url = options.databaseUrl
  const binaries = url === undefined ? await look(problems, () => findBinaries(options.programsFrom)) : undefined
  const account = url === undefined ? await look(problems, () => chooseAccount(options.accounts)) : undefined
  const place = await look(problems, () => readPlace(dataDir))
  if (url === undefined && place === undefined && problems.length === 0) problems.push(`${dataDir} is no data directory of Muster: make one with muster init --dir ${dataDir}.`)
  const running = place === undefined ? undefined : await look(problems, () => runningFacts(place))
  const server = url !== undefined ? await look(problems, () => serverFacts(url, options.now)) : place === undefined ? undefined : await look(problems, () => viaLease(dataDir, options))
  const current = place === undefined ? undefined : await look(problems, () => readPlace(dataDir))
  const disk = current === undefined ? undefined : await look(problems, () => diskFacts(current))
  const owner = current !== undefined && clusterExists(current) ? lstatSync(clusterOf(current)).uid : undefined
  const facts = {
    node: { version: process.versions.node, path: process.execPath },
    platform: `${process.platform}-${process.arch}`,
    caller: await look(problems, () => userInfo().username) ?? `user id ${process.getuid?.() ?? -1}`,
    clock: new Date(options.now()).toISOString(),
    ...(binaries === undefined ? {} : { programs: { package: binaries.name, version: binaries.version, path: binaries.native } }),
    ...(account === undefined ? {} : { account: owner === undefined || owner === account.uid ? account.name : `user id ${owner}` }),
    ...(current === undefined ? {} : { places: placesOf(current) }),
    ...(disk === undefined ? {} : { disk }),
    ...(running === undefined ? {} : { running }),
    ...(server === undefined ? {} : { server }),
  }
  return { ...facts, problems: [...problems, ...judge(facts, url === undefined, options.now())] }
}
