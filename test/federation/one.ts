// One real registry, AA, and a puppet for the other party of its agreement: what a test of the published side against a hostile one starts from.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Breach } from '@muster/core/bytes/breach.ts'
import { toHex } from '@muster/core/bytes/bytes.ts'
import { parseJson } from '@muster/core/bytes/canonical.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { agreementBytes, type Agreement } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { publicGroup } from '@muster/fast/public-group.ts'
import { removeDataDirectory } from '@muster/registry/engine/lease.ts'
import { makeOprfKey } from '@muster/registry/evaluator/key.ts'
import { openHome, serveHome, type Hall, type Home, type Serving } from '@muster/registry/main.ts'
import { evidenceFile } from '@muster/registry/peer/evidence-file.ts'
import { joinAgreement } from '@muster/registry/store/agreements.ts'
import { filedBreaches } from '@muster/registry/store/breaches.ts'
import { firstKeyRecord, makeAgreementKeys } from '@muster/registry/store/keys.ts'
import { initParty } from '@muster/registry/store/party-file.ts'
import { openRegister } from '@muster/registry/store/register.ts'
import { behindItsBack } from '@muster/registry/store/scratch-register.ts'
import { scratchFolder } from '@muster/registry/store/scratch.ts'
import { startPuppet, type Puppet } from './puppet.ts'
import { agreementWith, BASELINE, clock, DRILL, type AgreementChange, type Side } from './two.ts'

export const AA = 'AA' as PartyId
export const BB = 'BB' as PartyId

export interface One {
  readonly folder: string
  readonly dataDir: string
  readonly agreement: Agreement
  readonly puppet: Puppet
  readonly puppets: readonly Puppet[]
  /** What was told to the operator. */
  readonly told: string[]
  /** The registry, opened; opened again after `reopen`. */
  readonly home: () => Home
  readonly hall: () => Hall
  readonly side: () => Side
  /** Moves the registry's clock, in seconds. */
  readonly later: (seconds: number) => void
  readonly reopen: () => Promise<void>
  readonly serve: () => Promise<Serving>
  /** Breaches on file, oldest first. */
  readonly breaches: () => Promise<{ readonly code: string, readonly party: string, readonly evidence: Record<string, unknown> }[]>
  /** What the evidence file of the newest breach of that code charges; undefined where there is no such file. */
  readonly charged: (code: string) => Promise<string | undefined>
  /** Empties tables, as if what they hold had never been. */
  readonly wipe: (tables: readonly string[]) => Promise<void>
  readonly remove: () => Promise<void>
}

/** `others`: parties besides AA, each a puppet; the first is `puppet`. */
export async function oneRegistry(changes: AgreementChange = {}, others: readonly PartyId[] = [BB]): Promise<One> {
  const folder = await scratchFolder()
  const dataDir = join(folder, AA)
  await initParty(dataDir, { party: AA, name: 'Exercise party AA', exercise: true, at: timeOf(clock()) })
  const keys = await makeAgreementKeys(dataDir, DRILL)
  const record = await firstKeyRecord(keys, DRILL, AA, BASELINE, await makeOprfKey(dataDir, DRILL))
  const puppets = await Promise.all(others.map((party) => startPuppet(folder, party)))
  const [puppet] = puppets as [Puppet]
  const all = [{ party: AA, record }, ...puppets]
  const agreement = agreementWith(all.map((each) => ({ id: each.party, name: { en: each.party, ru: each.party }, keyRecord: toHex(p.sha256(each.record)) })), changes)
  for (const each of puppets) each.begin(agreement)
  const register = await openRegister(dataDir)
  await joinAgreement(register, agreementBytes(agreement), new Map(all.map((each) => [each.party, each.record])), new Map(puppets.map(({ party, url }) => [party, url])), clock())
  await register.close()
  const told: string[] = []
  let ahead = 0
  const open = () => openHome(dataDir, { now: () => clock() + ahead, report: (what) => told.push(what) })
  let home = await open()
  const hall = () => home.halls.get(DRILL) as Hall
  let serving: Serving | undefined
  const stop = async () => {
    await serving?.close()
    serving = undefined
    await home.close()
  }
  return {
    folder, dataDir, agreement, puppet, puppets, told, home: () => home, hall,
    side: () => ({ party: AA, register: home.register, joined: hall().joined, log: hall().log }),
    later: (seconds) => { ahead += seconds },
    reopen: async () => {
      await stop()
      home = await open()
    },
    serve: async () => (serving = await serveHome(home, { port: 0, host: '127.0.0.1', message: () => Promise.resolve({ status: 503, body: '{}' }) })),
    breaches: async () => (await home.register.db.read<{ code: string, party: string, evidence: string }>('SELECT code, party, evidence FROM breach ORDER BY found, code'))
      .map(({ code, party, evidence }) => ({ code, party, evidence: parseJson(Buffer.from(evidence)) as Record<string, unknown> })),
    charged: async (code) => {
      const breach = (await Array.fromAsync(filedBreaches(home.register))).findLast((each) => each.code === code)
      return breach === undefined ? undefined : evidenceFile(await publicGroup(), hall().joined, breach)?.charge
    },
    wipe: (tables) => behindItsBack(home.register, async (connection) => { await connection.query(`TRUNCATE ${tables.join(', ')}`) }),
    remove: async () => {
      await stop()
      for (const each of puppets) await each.close()
      await removeDataDirectory(dataDir)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Code of the Breach that an act throws. */
export async function breachOf(act: Promise<unknown>): Promise<string> {
  return act.then(() => 'none', (error: unknown) => error instanceof Breach ? error.code as string : `${String(error)}`)
}
