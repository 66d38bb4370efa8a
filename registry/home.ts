// A party's registry put together: its register, and for each agreement that it joined its log, its mirror of the others, its witnesses.
// Nothing is served or sequenced here; what is called takes time as an argument.
import { timeOf } from '@muster/core/bytes/time.ts'
import type { AgreementId } from '@muster/core/rules/agreement.ts'
import { notInForce } from '@muster/core/rules/standing.ts'
import { isWitnessOf } from '@muster/core/wire/cosigned.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { Breach } from '@muster/core/bytes/breach.ts'
import type { OwnLog } from './log/own-log.ts'
import { bearsLineOf, noWitnesses, type Witnesses } from './peer/cosigning.ts'
import { openMirror, type Mirror } from './peer/mirror.ts'
import { openJoined } from './agreement/renew.ts'
import { joinedIds, type Joined } from './store/agreements.ts'
import { recordBreach } from './store/breaches.ts'
import { openRegister, type Register } from './store/register.ts'
import type { OpenOptions } from './store/open.ts'

const MILLISECONDS = 1000

/** What a registry has under one agreement. */
export interface Hall {
  readonly joined: Joined
  readonly log: OwnLog
  readonly mirror: Mirror
  readonly witnesses: Witnesses
  /** Size that each witness from outside the agreement is known to hold of the own log. */
  readonly foreign: Map<string, number>
}

export interface Home {
  readonly register: Register
  readonly halls: ReadonlyMap<AgreementId, Hall>
  /** POSIX seconds. */
  readonly now: () => number
  /** Hears what goes wrong where nobody waits for it. */
  readonly report: (what: string) => void
  /** Aborted when the home is left: ends every exchange with another registry. */
  readonly leaving: AbortController
  readonly close: () => Promise<void>
}

export interface HomeOptions extends Omit<OpenOptions, 'create'> {
  readonly now?: () => number
  readonly report?: (what: string) => void
}

export function systemClock(): number {
  return Math.floor(Date.now() / MILLISECONDS)
}

function hallOf(register: Register, joined: Joined, now: () => number, signal: AbortSignal): Hall {
  const log: OwnLog = {
    dataDir: register.dataDir, db: register.db, secrets: register.secrets, party: register.file.party, get oprfs() { return (joined.trust.parties.get(register.file.party) as PartyTrust).oprfs },
    get keys() { return joined.keys },
    isSound: (note) => (joined.trust.parties.get(register.file.party) as PartyTrust).logs.some(({ keys, compromisedSince }) => compromisedSince === undefined && bearsLineOf(note, keys.mldsa44)),
    get agreement() { return joined.agreement },
    notInForce: (at) => notInForce(joined.standing, [register.file.party], timeOf(at)),
  }
  return { joined, log, mirror: openMirror(register, joined, now, signal), witnesses: noWitnesses(), foreign: new Map() }
}

/** Opens a registry with all agreements that it has joined. */
export async function openHome(dataDir: string, { now = systemClock, report = () => undefined, ...options }: HomeOptions = {}): Promise<Home> {
  const register = await openRegister(dataDir, options)
  const leaving = new AbortController()
  try {
    const halls = new Map<AgreementId, Hall>()
    for (const id of await joinedIds(register.db)) {
      const joined = await openJoined(register, id, now())
      if (joined !== undefined) halls.set(id, hallOf(register, joined, now, leaving.signal))
    }
    const close = (): Promise<void> => {
      leaving.abort()
      return register.close()
    }
    return { register, halls, now, report, leaving, close }
  } catch (error) {
    await register.close()
    throw error
  }
}

export type HomeBreachCode = 'witness/both'

/** A breach is put on file as evidence, before anything else is done about it; any other error is not one. A fork convicts those too whose witness cosigned both histories. */
export async function keepBreach({ register, now }: Home, { joined: { agreement, trust } }: Hall, party: string, error: unknown): Promise<void> {
  if (!(error instanceof Breach)) return
  await recordBreach(register, agreement.id, party, error as Breach, now())
  const { first, second } = error.evidence as { readonly first?: unknown, readonly second?: unknown }
  if (error.code !== 'mirror/fork' || typeof first !== 'string' || typeof second !== 'string') return
  for (const witness of trust.parties.values()) {
    if (![first, second].every((note) => isWitnessOf(p, witness, note))) continue
    await recordBreach(register, agreement.id, witness.party, new Breach<HomeBreachCode>('witness/both', `the witness of ${witness.party} cosigned two histories of the log of ${party}`, error.evidence), now())
  }
}
