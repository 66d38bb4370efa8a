// Several registries in one process under one exercise agreement, each on real PostgreSQL, behind its own HTTP door and with its own evaluator: what a
// test of what parties say to one another starts from. A party can be down, by courier only, or mute.
import { createServer, type AddressInfo } from 'node:net'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { toHex } from '@muster/core/bytes/bytes.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { agreementBytes, type Agreement } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { openAnswering, type Answering } from '@muster/registry/answering.ts'
import { removeDataDirectory } from '@muster/registry/engine/lease.ts'
import { makeOprfKey } from '@muster/registry/evaluator/key.ts'
import { openHome, serveHome, type Hall, type Home, type Serving } from '@muster/registry/main.ts'
import { deliverOnce } from '@muster/registry/outbox.ts'
import { joinAgreement, takeUpDraft } from '@muster/registry/store/agreements.ts'
import { firstKeyRecord, makeAgreementKeys } from '@muster/registry/store/keys.ts'
import { onTheirWay } from '@muster/registry/store/outbox.ts'
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

const PATIENCE_MS = 20_000

export async function until(what: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; !await what();) {
    if (performance.now() >= end) throw new Error('it did not come about in time')
    await sleep(50)
  }
}

/** Until nothing of a member is on its way: its own server may hold a pair that this delivery leaves alone. */
export async function deliverAll(member: Member): Promise<void> {
  await until(async () => {
    await deliverOnce(member.home(), member.hall(), undefined)
    return (await onTheirWay(member.home().register, DRILL)).length === 0
  })
}

/** A port that was free a moment ago: the address is part of what the others join with. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

export interface MadeParty { readonly party: PartyId, readonly dataDir: string, readonly record: Uint8Array, readonly port: number }

/** A party's data directory with its keys under the exercise agreement. */
export async function makeParty(folder: string, party: PartyId): Promise<MadeParty> {
  const dataDir = join(folder, party)
  await initParty(dataDir, { party, name: `Exercise party ${party}`, exercise: true, at: timeOf(clock()) })
  const record = await firstKeyRecord(await makeAgreementKeys(dataDir, DRILL), DRILL, party, BASELINE, await makeOprfKey(dataDir, DRILL))
  return { party, dataDir, record, port: await freePort() }
}

export const listed = ({ party, record }: MadeParty): Agreement['parties'][number] => ({ id: party, name: { en: party, ru: party }, keyRecord: toHex(p.sha256(record)) })
export const addresses = (made: readonly MadeParty[], self: PartyId): Map<PartyId, string> => new Map(made.filter(({ party }) => party !== self).map(({ party, port }) => [party, `http://127.0.0.1:${port}`]))

/** Hands the agreement to a party's registry: as one that was concluded outside, or as a draft that it takes up. */
export async function handTo({ party, dataDir, port }: MadeParty, agreement: Agreement, all: readonly MadeParty[], urls: ReadonlyMap<PartyId, string>, as: 'concluded' | 'draft'): Promise<Member> {
  const register = await openRegister(dataDir)
  const [bytes, records] = [agreementBytes(agreement), new Map(all.map(({ party, record }) => [party, record]))]
  await (as === 'draft' ? takeUpDraft(register, { bytes, records, urls }, clock()) : joinAgreement(register, bytes, records, urls, clock()))
  await register.close()
  return memberOf(party, dataDir, port)
}

export async function removeAll(folder: string, members: Iterable<Member>): Promise<void> {
  for (const member of members) {
    await member.down()
    await member.home().close()
    await removeDataDirectory(member.dataDir)
  }
  await rm(folder, { recursive: true, force: true })
}

/** `byCourier`: parties of which nobody has an address, and which have nobody's. Nobody is served yet. */
export async function servedRegistries(codes: readonly string[], changes: AgreementChange = {}, byCourier: readonly string[] = []): Promise<Served> {
  const folder = await scratchFolder()
  const made = await Promise.all((codes as readonly PartyId[]).map((party) => makeParty(folder, party)))
  const agreement = agreementWith(made.map(listed), changes)
  const onWire = made.filter(({ party }) => !byCourier.includes(party))
  const members = new Map(await Promise.all(made.map(async (each): Promise<[string, Member]> =>
    [each.party, await handTo(each, agreement, made, byCourier.includes(each.party) ? new Map() : addresses(onWire, each.party), 'concluded')])))
  return {
    folder, agreement, of: (party) => members.get(party) as Member,
    remove: () => removeAll(folder, members.values()),
  }
}

export async function memberOf(party: PartyId, dataDir: string, port: number): Promise<Member> {
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
