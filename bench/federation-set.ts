// Twelve registries with their inventories declared, read and cosigned, and finds that the first of them has recorded: made once, kept in the
// cache, served again by later runs.

import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { timeOf } from '@muster/core/bytes/time.ts'
import { parseNote } from '@muster/core/proof/note.ts'
import type { CustodyRequest, Entry } from '@muster/core/rules/custody-event.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { declare, newestDeclaration } from '@muster/registry/log/declare.ts'
import { openHome, sequence, systemClock, type Hall, type Home } from '@muster/registry/main.ts'
import { openCase } from '@muster/registry/store/cases.ts'
import { transaction } from '@muster/registry/store/database.ts'
import { writeBatch } from '@muster/registry/store/events.ts'
import { removeParty } from '@muster/registry/store/party-file.ts'
import type { Register } from '@muster/registry/store/register.ts'
import { freePorts, ready, startRegistry, type Child } from '../test/demo/children.ts'
import { additions } from '../test/demo/custody.ts'
import { cacheFolder } from './cache.ts'
import { AGREEMENT, foundParty, joinAll, type BenchParty } from './party.ts'

const CODES = ['QM', 'QN', 'QP', 'QQ', 'QR', 'QS', 'QT', 'QV', 'QW', 'QX', 'QY', 'QZ'] as const
/** As an agreement has it by default. */
const PERIOD_SECONDS = 3600
const COSIGNED_MS_MAX = 600_000
const POLL_MS = 250
const PEOPLE = ['Records officer (exercise)', 'Head of service (exercise)'] as const

export interface FederationPlan { readonly parties: number, readonly items: number, readonly finds: number }

/** What is written down of a finished set. */
interface Standing { readonly stamp: string, readonly ports: readonly number[], readonly finds: readonly string[] }

export interface Federation {
  /** The asking party's data directory, served like the others. */
  readonly dir: string
  /** Items of the asker that others have declared, bound and cosigned. */
  readonly finds: readonly string[]
  readonly stop: () => Promise<void>
}

/** Changes with the tables and the agreement: a set that an earlier state of the project made is made anew. */
function stampNow(): string {
  const sql = new URL('../registry/sql/', import.meta.url)
  const hash = createHash('sha256').update(String(PERIOD_SECONDS))
  for (const name of readdirSync(sql).filter((each) => each.endsWith('.sql')).sort()) hash.update(readFileSync(new URL(name, sql)))
  return hash.digest('hex')
}

/** The serial of the j-th item of the i-th party: seven figures, none twice. */
const serial = (i: number, j: number): string => String(1_000_000 + (j * CODES.length + i) * 7)

function entryOf(code: string, text: string): Entry {
  const own = { is: `${code} (exercise)` }
  return {
    identity: { class: 'gripstock', maker: 'unknown', type: { is: '9П516' }, year: 'unknown', lot: 'unknown', serial: { is: text } },
    place: { owner: own, custodian: own, site: { code: `${code}-1`, region: 'North (exercise)' }, unit: 'unknown' },
    marks: [{ text, place: null, method: 'painted', condition: 'intact', photo: null, reading: text }],
  }
}

async function record(register: Register, act: string, kind: 'baseline' | 'seized', entries: readonly Entry[]): Promise<string[]> {
  const written = timeOf(systemClock())
  const added = entries.map((entry) => {
    const request = { kind, happened: written, by: PEOPLE[0], and: PEOPLE[1], reason: 'exercise', documents: [], data: { entry } } as CustodyRequest
    return { item: randomUUID() as string as ItemId, request }
  })
  await transaction(register.db, (tx) => writeBatch(tx, register.secrets, { act, by: PEOPLE[0], written }, added.flatMap(({ item, request }) => additions(item, [], [request], written))))
  return added.map(({ item }) => item)
}

export function hallIn(home: Home): Hall {
  const hall = home.halls.get(AGREEMENT)
  if (hall === undefined) throw new Error(`${home.register.dataDir} has not joined ${AGREEMENT}`)
  return hall
}

async function withHome<T>(dir: string, act: (home: Home, hall: Hall) => Promise<T>): Promise<T> {
  const home = await openHome(dir)
  try {
    return await act(home, hallIn(home))
  } finally {
    await home.close()
  }
}

async function untilReadByAll(dir: string): Promise<void> {
  await withHome(dir, async (_, { log, joined: { trust } }) => {
    for (const end = performance.now() + COSIGNED_MS_MAX; ; await pause(POLL_MS)) {
      const newest = await newestDeclaration(log)
      const held = new Set(parseNote(newest?.note ?? '').signatures.map(({ name }) => name))
      if (trust.readers.every(({ name }) => held.has(name))) return
      if (performance.now() > end) throw new Error(`the declaration in ${dir} was not read by all in ${COSIGNED_MS_MAX / 1000} s: see ${join(dir, 'serve.log')}`)
    }
  })
}

async function serveAll(folder: string, codes: readonly string[], ports: readonly number[]): Promise<Child[]> {
  const children = codes.map((code, i) => startRegistry(join(folder, code), ports[i] as number, [], process.env))
  try {
    await Promise.all(children.map((child, i) => ready(child, join(folder, codes[i] as string))))
    return children
  } catch (error) {
    await Promise.all(children.map((child) => child.stop()))
    throw error
  }
}

async function clear(folder: string): Promise<void> {
  for (const code of CODES) if (existsSync(join(folder, code))) await removeParty(join(folder, code)).catch(() => undefined)
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true })
}

/** Items of the other parties, found by the asker. */
async function seize(register: Register, parties: number, finds: number): Promise<string[]> {
  await openCase(register, 'EXERCISE: launchers seized', PEOPLE[0], PEOPLE[1], timeOf(systemClock()))
  return record(register, 'seizure (exercise)', 'seized', Array.from({ length: finds }, (_, k) => entryOf('QM', serial(1 + (k % (parties - 1)), 17 * k + 3))))
}

async function make(folder: string, codes: readonly string[], { items, finds }: FederationPlan, tell: (what: string) => void): Promise<Standing> {
  const parties: BenchParty[] = []
  const ports = await freePorts(codes.length)
  try {
    for (const [i, code] of codes.entries()) {
      tell(`register of ${code}, ${items} items`)
      const party = await foundParty(folder, code)
      parties.push(party)
      await record(party.register, 'inventory (exercise)', 'baseline', Array.from({ length: items }, (_, j) => entryOf(code, serial(i, j))))
    }
    await joinAll(parties, new Map(codes.map((code, i) => [code as PartyId, `http://127.0.0.1:${ports[i] as number}`])), PERIOD_SECONDS)
  } finally {
    for (const { register } of parties) await register.close()
  }
  // Before anything is served: what is in the log when the others begin to look waits for no period.
  let found: string[] = []
  for (const code of codes) {
    tell(`declaration of ${code}`)
    await withHome(join(folder, code), async (home, hall) => {
      await declare(hall.log, home.now())
      if (code === codes[0]) found = await seize(home.register, codes.length, finds)
      await sequence(home, hall)
    })
  }
  const children = await serveAll(folder, codes, ports)
  try {
    tell('declarations read and cosigned by all')
    for (const code of codes) await untilReadByAll(join(folder, code))
    return { stamp: stampNow(), ports, finds: found }
  } finally {
    await Promise.all(children.map((child) => child.stop()))
  }
}

/** The set, made where it is not there, and served. `tell` hears what is being made. */
export async function serveFederation(plan: FederationPlan, tell: (what: string) => void): Promise<Federation> {
  const codes = CODES.slice(0, plan.parties)
  const folder = cacheFolder(`federation-${plan.parties}-${plan.items}`)
  const path = join(folder, 'standing.json')
  let standing = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) as Standing : undefined
  if (standing?.stamp !== stampNow() || standing.finds.length < plan.finds) {
    await clear(folder)
    standing = await make(folder, codes, plan, tell)
    writeFileSync(path, JSON.stringify(standing))
  }
  const children = await serveAll(folder, codes, standing.ports)
  return { dir: join(folder, codes[0] as string), finds: standing.finds, stop: async () => { await Promise.all(children.map((child) => child.stop())) } }
}

/** Whether the set is there already. */
export function isStanding(plan: FederationPlan): boolean {
  return existsSync(join(cacheFolder(`federation-${plan.parties}-${plan.items}`), 'standing.json'))
}
