// Several registries in one process under one exercise agreement, each on real PostgreSQL, behind its own HTTP door and with its own evaluator: what a
// test of what parties say to one another starts from. A party can be down, by courier only, or mute.
import { createServer, type AddressInfo } from 'node:net'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { toHex } from '@muster/core/bytes/bytes.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { agreementBytes, type Agreement } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { openAnswering, type Answering } from '@muster/registry/answering.ts'
import { removeDataDirectory } from '@muster/registry/engine/lease.ts'
import { makeOprfKey } from '@muster/registry/evaluator/key.ts'
import { openHome, serveHome, type Hall, type Home, type Serving } from '@muster/registry/main.ts'
import { joinAgreement } from '@muster/registry/store/agreements.ts'
import { firstKeyRecord, makeAgreementKeys } from '@muster/registry/store/keys.ts'
import { initParty } from '@muster/registry/store/party-file.ts'
import { openRegister } from '@muster/registry/store/register.ts'
import { scratchFolder } from '@muster/registry/store/scratch.ts'
import { agreementWith, BASELINE, clock, DRILL, type AgreementChange, type Side } from './two.ts'

export interface Member {
  readonly party: PartyId
  readonly dataDir: string
  readonly told: string[]
  readonly home: () => Home
  readonly hall: () => Hall
  readonly side: () => Side
  readonly answering: () => Answering
  /** The port that the others know. */
  readonly port: number
  /** Serves on the address that the others know, or behind it on `port`; `mute`: receipts and nothing else. */
  readonly up: (options?: { readonly mute?: boolean, readonly port?: number }) => Promise<void>
  /** Stops serving; the register stays open. */
  readonly down: () => Promise<void>
  /** Stops, and opens the register anew. */
  readonly restart: () => Promise<void>
  /** Moves this party's clock, in seconds. */
  readonly later: (seconds: number) => void
}

export interface Served { readonly folder: string, readonly agreement: Agreement, readonly of: (party: string) => Member, readonly remove: () => Promise<void> }

/** A port that was free a moment ago: the address is part of what the others join with. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** `byCourier`: parties of which nobody has an address, and which have nobody's. Nobody is served yet. */
export async function servedRegistries(codes: readonly string[], changes: AgreementChange = {}, byCourier: readonly string[] = []): Promise<Served> {
  const folder = await scratchFolder()
  const made = await Promise.all((codes as readonly PartyId[]).map(async (party) => {
    const dataDir = join(folder, party)
    await initParty(dataDir, { party, name: `Exercise party ${party}`, exercise: true, at: timeOf(clock()) })
    const record = await firstKeyRecord(await makeAgreementKeys(dataDir, DRILL), DRILL, party, BASELINE, await makeOprfKey(dataDir, DRILL))
    return { party, dataDir, record, port: await freePort() }
  }))
  const agreement = agreementWith(made.map(({ party, record }) => ({ id: party, name: { en: party, ru: party }, keyRecord: toHex(p.sha256(record)) })), changes)
  const records = new Map(made.map(({ party, record }) => [party, record]))
  const onWire = made.filter(({ party }) => !byCourier.includes(party))
  const members = new Map(await Promise.all(made.map(async ({ party, dataDir, port }): Promise<[string, Member]> => {
    const urls = byCourier.includes(party) ? [] : onWire.filter((other) => other.party !== party)
    const register = await openRegister(dataDir)
    await joinAgreement(register, agreementBytes(agreement), records, new Map(urls.map((other) => [other.party, `http://127.0.0.1:${other.port}`])), clock())
    await register.close()
    return [party, await memberOf(party, dataDir, port)]
  })))
  return {
    folder, agreement, of: (party) => members.get(party) as Member,
    remove: async () => {
      for (const member of members.values()) {
        await member.down()
        await member.home().close()
        await removeDataDirectory(member.dataDir)
      }
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function memberOf(party: PartyId, dataDir: string, port: number): Promise<Member> {
  const told: string[] = []
  let ahead = 0
  const open = () => openHome(dataDir, { now: () => clock() + ahead, report: (what) => told.push(what) })
  let home = await open()
  let serving: Serving | undefined
  let answering: Answering | undefined
  const hall = () => home.halls.get(DRILL) as Hall
  const down = async () => {
    if (serving === undefined) return
    await serving.close()
    await answering?.close()
    serving = answering = undefined
    await home.close()
    home = await open()
  }
  return {
    party, dataDir, told, port, hall, down, home: () => home, side: () => ({ party, register: home.register, joined: hall().joined, log: hall().log }),
    answering: () => answering as Answering, later: (seconds) => { ahead += seconds },
    up: async (options = {}) => {
      answering = await openAnswering(home, options)
      serving = await serveHome(home, { port: options.port ?? port, host: '127.0.0.1', message: answering.message, everyPeriod: answering.everyPeriod })
    },
    restart: async () => {
      await down()
      await home.close()
      home = await open()
    },
  }
}
