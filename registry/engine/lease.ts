// Who uses the cluster of a data directory. Three kernel locks (lock.ts) say it, and end with their holders however those end, so no count can be wrong:
//   turn       alone, for moments: whoever looks, makes, starts or stops
//   presence   shared, by everyone who uses the server; only within a turn is it taken, and tried alone to learn whether anybody is left
//   serve, sequencer, declare   alone, for a life: the second is refused
// Crash order: a holder that dies within its turn frees the turn; the next one finds the cluster half made (made again), starting (awaited) or stopping
// (awaited, then started). A user who is killed leaves a server that nobody uses: the next command uses it and, as the last to leave, stops it.
import { existsSync, lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Account } from './account.ts'
import { accountOwning, chooseAccount } from './account.ts'
import type { MakeEmpty } from './alike.ts'
import { findBinaries, readyBinaries } from './binaries.ts'
import type { Address, Cluster } from './cluster.ts'
import { addressOf, clusterExists, ensureServer, postmasterOf, stopServer } from './cluster.ts'
import { codeOf, Fault } from './fault.ts'
import type { Held } from './lock.ts'
import { hold, tryHold } from './lock.ts'
import { initCluster } from './make-cluster.ts'
import type { Place } from './place.ts'
import { checkOwner, clusterOf, freshPath, lockOf, makeDataFolder, makeHome, readPlace, recordPlace, removePlace, ROOT_PLACE, settlePlace } from './place.ts'
import type { Settings } from './settings.ts'

/** Whoever looks whether an office is held (`isHeld`) holds its lock for a moment. */
const GLANCE_MS_MAX = 100
/** Longer than making a cluster on a slow disk; each of many waiters needs a turn of about 20 ms. */
const TURN_MS_MAX = 180_000

export interface EngineOptions {
  /** Faster or larger settings of the server, for tests and benches; none that Muster promises can be among them. */
  readonly settings?: Settings
  /** Accounts to run under where the caller is root. */
  readonly accounts?: readonly string[]
  /** Stands for /var/lib/muster in tests. */
  readonly rootPlace?: string
  /** The module (its URL or path) from which PostgreSQL's package is looked for; this one by default. */
  readonly programsFrom?: string
  /** How an empty cluster is made, for exercises of many; by initdb by default. */
  readonly makeEmpty?: MakeEmpty
}

export interface Lease {
  readonly place: Place
  readonly address: Address
  /** Starts the server again if it died; resolves when it is ready. */
  readonly revive: () => Promise<void>
  /** Gives the use up; stops the server if nobody else uses it. A second call does nothing. */
  readonly leave: () => Promise<void>
}

async function inTurn<T>(dataDir: string, act: () => Promise<T>): Promise<T> {
  const turn = await hold(lockOf(dataDir, 'turn'), 'alone', TURN_MS_MAX).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') throw new Fault('not-initialised', `${dataDir} was removed.`, error)
    throw error
  })
  if (turn === undefined) throw new Fault('turn-not-had', `Another command has been starting or stopping the database of ${dataDir} for ${TURN_MS_MAX / 1000} s: see what it waits for, then try again.`)
  try {
    return await act()
  } finally {
    turn.release()
  }
}

function settledAccount(place: Place, options: EngineOptions): Account {
  return clusterExists(place) ? accountOwning(clusterOf(place), lstatSync(clusterOf(place))) : chooseAccount(options.accounts)
}

/** Programs, account and place of an existing data directory, with what has to be there. Within a turn. */
async function readyCluster(recorded: Place, options: EngineOptions): Promise<Cluster> {
  const account = settledAccount(recorded, options)
  let place = recorded
  const shared = account.self ? undefined : (options.rootPlace ?? ROOT_PLACE)
  const binaries = await readyBinaries(findBinaries(options.programsFrom), account, shared, async () => {
    const path = place.binaries ?? (account.self ? `${place.home}/postgres` : freshPath(account, 'postgres', options.rootPlace))
    place = { ...place, binaries: path }
    await recordPlace(place)
    return path
  })
  if (!clusterExists(place)) {
    await makeHome(place, account)
    await initCluster({ place, account, binaries }, options.makeEmpty)
  }
  return { place, account, binaries }
}

async function placeOf(dataDir: string): Promise<Place> {
  const place = await readPlace(dataDir)
  if (place === undefined) throw new Fault('not-initialised', `${dataDir} is no data directory of Muster: make one with muster init --dir ${dataDir}.`)
  // A backup may have left the empty folder out.
  await mkdir(dirname(lockOf(place.dataDir, 'turn')), { mode: 0o700 }).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error
  })
  return place
}

async function addressNow(place: Place, options: EngineOptions): Promise<Address> {
  if (clusterExists(place)) await checkOwner(place)
  const running = postmasterOf(place)
  // The usual case, a server that is up: no program is looked for and nothing is started.
  if (running?.ready === true) return addressOf(place, running)
  const cluster = await readyCluster(place, options)
  return addressOf(cluster.place, await ensureServer(cluster, options.settings, options.rootPlace))
}

/** Makes a data directory with a cluster that is ready to start. Finds one that exists as it is; resumes one that a crash cut short. */
export async function initDataDirectory(dataDir: string, options: EngineOptions = {}): Promise<Place> {
  const existing = await readPlace(dataDir)
  if (existing !== undefined) {
    return inTurn(existing.dataDir, async () => {
      if (clusterExists(existing)) await checkOwner(existing)
      return (await readyCluster(existing, options)).place
    })
  }
  findBinaries(options.programsFrom)
  const account = chooseAccount(options.accounts)
  const path = await makeDataFolder(dataDir, account)
  return inTurn(path, async () => {
    const place = (await readPlace(path)) ?? (await settlePlace(path, account, options.rootPlace))
    return (await readyCluster(place, options)).place
  })
}

/** Takes part in the use of a data directory's server, which is started if need be. */
export async function joinCluster(dataDir: string, options: EngineOptions = {}): Promise<Lease> {
  const place = await placeOf(dataDir)
  const joined = await inTurn(place.dataDir, async () => {
    const address = await addressNow(place, options)
    const presence = await hold(lockOf(place.dataDir, 'presence'), 'shared', 0)
    if (presence === undefined) throw new Fault('directory-in-use', `${place.dataDir} is being removed.`)
    return { address, presence }
  })
  let presence: Held | undefined = joined.presence
  return {
    place,
    address: joined.address,
    revive: async () => {
      await inTurn(place.dataDir, () => addressNow(place, options))
    },
    leave: async () => {
      const mine = presence
      presence = undefined
      if (mine === undefined) return
      await inTurn(place.dataDir, async () => {
        mine.release()
        await whereNobodyIs(place, () => stopServer(place))
      })
    },
  }
}

/** Acts if no one uses the server, and keeps newcomers out meanwhile; false where someone does. Within a turn. */
async function whereNobodyIs(place: Place, act: () => Promise<void>): Promise<boolean> {
  const last = tryHold(lockOf(place.dataDir, 'presence'), 'alone')
  if (last === undefined) return false
  try {
    await act()
    return true
  } finally {
    last.release()
  }
}

/** Whether any process uses the server now. */
export async function isInUse(place: Place): Promise<boolean> {
  return inTurn(place.dataDir, async () => !(await whereNobodyIs(place, async () => undefined)))
}

export type Office = 'serve' | 'sequencer' | 'declare'

const OFFICES: Readonly<Record<Office, { code: 'already-served' | 'already-sequenced' | 'already-declaring'; is: string }>> = {
  serve: { code: 'already-served', is: 'is being served' },
  sequencer: { code: 'already-sequenced', is: 'has a sequencer' },
  declare: { code: 'already-declaring', is: 'is being declared' },
}

function holderOf(path: string): string {
  try {
    const pid = Number.parseInt(readFileSync(`${path}.pid`, 'utf8'), 10)
    return Number.isNaN(pid) ? '' : ` (process ${pid})`
  } catch {
    return ''
  }
}

/**
 * Takes an office of which a data directory has one: its server or its sequencer, until released or the process ends.
 * Fault `already-served` or `already-sequenced` names the process that has it. The directory needs no cluster: it may belong to a DATABASE_URL.
 */
export async function takeOffice(dataDir: string, office: Office): Promise<Held> {
  const path = lockOf(dataDir, office)
  await mkdir(`${dataDir}/locks`, { recursive: true, mode: 0o700 })
  const lock = await hold(path, 'alone', GLANCE_MS_MAX)
  const { code, is } = OFFICES[office]
  if (lock === undefined) throw new Fault(code, `${dataDir} ${is} already by another process${holderOf(path)}: stop that one first, or send it your request.`)
  try {
    writeFileSync(`${path}.pid`, `${process.pid}\n`, { mode: 0o600 })
  } catch {
    // The name is for people; the lock holds without it, also on a full disk.
    rmSync(`${path}.pid`, { force: true })
  }
  return lock
}

/** Whether a living process has the office now. */
export function isHeld(dataDir: string, office: Office): boolean {
  if (!existsSync(`${dataDir}/locks`)) return false
  const glance = tryHold(lockOf(dataDir, office), 'shared')
  glance?.release()
  return glance === undefined
}

/** Deletes a data directory and all that Muster made for it elsewhere. Fault `directory-in-use` while anyone uses it, `not-initialised` where it is not Muster's. */
export async function removeDataDirectory(dataDir: string): Promise<void> {
  const place = await placeOf(dataDir)
  await inTurn(place.dataDir, async () => {
    const offices = (['serve', 'sequencer'] as const).map((office) => tryHold(lockOf(place.dataDir, office), 'alone'))
    const removed = !offices.includes(undefined) && (await whereNobodyIs(place, async () => {
      if (clusterExists(place)) await checkOwner(place)
      await stopServer(place)
      await removePlace(await placeOf(dataDir))
    }))
    for (const office of offices) office?.release()
    if (!removed) throw new Fault('directory-in-use', `${place.dataDir} is in use: stop its server and its commands, then remove it.`)
  })
}
