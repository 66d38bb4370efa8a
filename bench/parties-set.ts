// Many parties in one process: one PostgreSQL server, a database each, a door each over HTTP, under one agreement. Nobody follows anybody's log here: what
// is measured is what parties say to one another.
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import { timeOf } from '@muster/core/bytes/time.ts'
import { agreementBytes, agreementOf, type Agreement } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { readKeyRecord } from '@muster/core/wire/key-record.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { doorOf, type MessageDoor } from '@muster/registry/door.ts'
import { addressOf, DATABASE, postmasterOf, SUPERUSER, type Postmaster } from '@muster/registry/engine/cluster.ts'
import type { Place } from '@muster/registry/engine/place.ts'
import { makeOprfKey } from '@muster/registry/evaluator/key.ts'
import { app } from '@muster/registry/http/app.ts'
import { messageRoute, type MessageRoute } from '@muster/registry/http/message.ts'
import { openHome, systemClock, type Hall, type Home } from '@muster/registry/main.ts'
import { admit } from '@muster/registry/admit.ts'
import { joinAgreement } from '@muster/registry/store/agreements.ts'
import { openDatabase } from '@muster/registry/store/database.ts'
import { firstKeyRecord, makeAgreementKeys } from '@muster/registry/store/keys.ts'
import { initParty } from '@muster/registry/store/party-file.ts'
import { openRegister } from '@muster/registry/store/register.ts'
import { scratchFolder, scratchRegistry, type Scratch } from '@muster/registry/store/scratch.ts'
import { AGREEMENT } from './party.ts'

/** Of each register; all of them together stay below what the server is set to. */
const CONNECTIONS_MAX = 2
const SERVER_SETTINGS = { max_connections: '480', shared_buffers: '128MB' }
const DAY_SECONDS = 86_400

export interface Member { readonly party: PartyId, readonly home: Home, readonly hall: Hall, readonly own: MessageDoor }
export interface Many { readonly members: readonly Member[], readonly close: () => Promise<void> }
export interface Together { readonly make: (count: number, done: () => void) => Promise<Many>, readonly close: () => Promise<void> }

/** `A00` to `J99`. */
const codeOf = (i: number): PartyId => `Q${String.fromCharCode(65 + Math.floor(i / 10))}${i % 10}` as PartyId

/** One server with an empty, migrated database as the model of all others. */
export async function oneServer(): Promise<Together> {
  const server = await scratchRegistry({ settings: SERVER_SETTINGS })
  const { host, user, password } = await addressOf(server.place as Place, postmasterOf(server.place as Place) as Postmaster, SUPERUSER)
  const urlOf = (name: string, as: string = user): string => `postgresql://${as}:${encodeURIComponent(password)}@/${name}?host=${encodeURIComponent(host)}`
  const root = openDatabase(urlOf(DATABASE))
  // A database is made outside of any transaction, so each statement goes alone.
  const statement = (text: string): Promise<void> => root.session(async (connection) => {
    await connection.query('SET default_transaction_read_only = off')
    await connection.query(text)
  })
  await statement('CREATE DATABASE model')
  await (await openRegister_(server, urlOf('model'))).close()
  return {
    make: (count, done) => makeMany(count, statement, urlOf, done),
    close: async () => {
      await root.close()
      await server.remove()
    },
  }
}

/** Migrates the model by making a register on it. */
async function openRegister_({ dataDir }: Scratch, databaseUrl: string) {
  const dir = join(dataDir, '..', 'model')
  await initParty(dir, { party: 'QM0' as PartyId, name: 'model (exercise)', exercise: true, at: timeOf(systemClock()) }, { databaseUrl })
  return openRegister(dir, { databaseUrl })
}

async function makeMany(count: number, statement: (text: string) => Promise<void>, urlOf: (name: string) => string, done: () => void): Promise<Many> {
  const folder = await scratchFolder()
  const at = timeOf(systemClock())
  const made: { readonly party: PartyId, readonly dir: string, readonly databaseUrl: string, readonly record: Uint8Array }[] = []
  for (let i = 0; i < count; i++) {
    const party = codeOf(i)
    const [dir, databaseUrl] = [join(folder, party), urlOf(party.toLowerCase())]
    await statement(`CREATE DATABASE ${party.toLowerCase()} TEMPLATE model`)
    await initParty(dir, { party, name: `${party} (exercise)`, exercise: true, at }, { databaseUrl })
    const record = await firstKeyRecord(await makeAgreementKeys(dir, AGREEMENT), AGREEMENT, party, at, await makeOprfKey(dir, AGREEMENT))
    made.push({ party, dir, databaseUrl, record })
    done()
  }
  const bytes = agreementBytes(agreementOfAll(made))
  const records = new Map(made.map(({ party, record }) => [party, record]))
  const servers = await Promise.all(made.map(() => listening()))
  const urls = new Map(made.map(({ party }, i) => [party, (servers[i] as Listening).url]))
  const members: Member[] = []
  for (const [i, { party, dir, databaseUrl }] of made.entries()) {
    const register = await openRegister(dir, { databaseUrl, connectionsMax: 1 })
    await joinAgreement(register, bytes, records, urls, systemClock())
    await register.close()
    const home = await openHome(dir, { databaseUrl, connectionsMax: CONNECTIONS_MAX })
    const hall = home.halls.get(AGREEMENT) as Hall
    const own = doorFor(home, hall);
    (servers[i] as Listening).answer(app(doorOf(home, own)).fetch)
    members.push({ party, home, hall, own })
    done()
  }
  return {
    members,
    close: async () => {
      for (const { server } of servers) {
        server.closeAllConnections()
        server.close()
      }
      for (const { home } of members) await home.close()
      for (const { party } of made) await statement(`DROP DATABASE ${party.toLowerCase()} WITH (FORCE)`)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The door for messages, without an evaluator: nothing that a call needs is evaluated. */
function doorFor(home: Home, { joined }: Hall): MessageDoor {
  const { register } = home
  const route: MessageRoute = messageRoute({ register, joined, now: home.now, admit: (message) => admit({ register, joined }, message, home.now()), answer: () => Promise.resolve([]) })
  return (_home, _hall, body) => route(body)
}

type Fetch = (request: Request) => Response | Promise<Response>
interface Listening { readonly url: string, readonly server: Server, readonly answer: (fetch: Fetch) => void }

/** A socket whose address is known before what answers there. */
function listening(): Promise<Listening> {
  let fetch: Fetch = () => new Response(null, { status: 503 })
  return new Promise((resolve) => {
    const server = serve({ fetch: (request) => fetch(request), port: 0, hostname: '127.0.0.1' }, ({ port }: AddressInfo) => { resolve({ url: `http://127.0.0.1:${port}`, server, answer: (given) => { fetch = given } }) }) as Server
  })
}

function agreementOfAll(made: readonly { readonly party: PartyId, readonly record: Uint8Array }[]): Agreement {
  const parties = made.map(({ party, record }) => {
    const read = readKeyRecord(p, record)
    if (read instanceof Error) throw read
    return { id: party, name: { en: party, ru: party }, keyRecord: read.hash }
  })
  const agreement = agreementOf({
    v: 'muster/agreement/1', id: AGREEMENT, sequence: 0, exercise: true, parties, title: { en: 'EXERCISE: bench', ru: 'УЧЕНИЕ: замер' },
    baseline: '2019-01-01T00:00:00Z', scope: { classes: null }, liars: 1, quorum: Math.floor((parties.length + 1) / 2) + 1, periodSeconds: 3600, step: 256, declarationAgeSecondsMax: 400 * DAY_SECONDS,
    quota: { windowSeconds: 60, askerElements: 16_384, allElements: 16_384 }, batches: [16, 64, 256, 1024], openOneIn: 10,
    deadlines: { openSeconds: DAY_SECONDS, answerSeconds: DAY_SECONDS, receiptSeconds: 3600, lookSeconds: 30 * DAY_SECONDS }, standing: null, marking: { level: 'EXERCISE', caveats: [] },
  })
  if (agreement instanceof Error) throw agreement
  return agreement
}
