// EXERCISE. A producer reconciles with two states to which it released launcher components: what one of them never declared is found before that component is
// traced, and neither side has named an item that the other was not asked for.
import { setTimeout as pause } from 'node:timers/promises'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { openHome, type Home } from '@muster/registry/main.ts'
import { acceptReconciliation, proposeReconciliation } from '@muster/registry/reconciliation/act.ts'
import { affairs, type Affair } from '@muster/registry/reconciliation/affair.ts'
import { runReconciliation } from '@muster/registry/reconciliation/run.ts'
import { officers } from './custody.ts'
import { hallIn } from './seizure.ts'

const PRODUCER = 'QN' as PartyId
const RECEIVERS = ['QQ' as PartyId, 'QS' as PartyId]
const ARRIVED_MS_MAX = 120_000
const POLL_MS = 200

export interface ReconciledPairs { readonly pairs: number, readonly differences: number }

const at = (home: Home) => ({ register: home.register, joined: hallIn(home).joined })
const people = (party: PartyId) => { const [by, and] = officers(party); return { by, and } }

async function until(home: Home, id: string, what: (affair: Affair) => boolean, stopped: AbortSignal): Promise<void> {
  for (const end = performance.now() + ARRIVED_MS_MAX; !(await affairs(at(home))).some((affair) => affair.id === id && what(affair)); await pause(POLL_MS)) {
    stopped.throwIfAborted()
    if (performance.now() > end) throw new Error(`reconciliation ${id} did not get on in ${ARRIVED_MS_MAX / 1000} s: see serve.log of ${home.register.file.party}`)
  }
}

export async function reconcilePairs(directoryOf: (party: PartyId) => string, group: Group, stopped: AbortSignal, done: () => void): Promise<ReconciledPairs> {
  const producer = await openHome(directoryOf(PRODUCER))
  try {
    const differences = await Promise.all(RECEIVERS.map(async (party) => {
      const { id } = await proposeReconciliation(at(producer), party, { asOf: timeOf(producer.now()), note: null }, people(PRODUCER), producer.now())
      await accept(directoryOf(party), party, id, stopped)
      await until(producer, id, ({ accepted }) => accepted !== undefined, stopped)
      const result = await runReconciliation({ home: producer, hall: hallIn(producer), group, own: undefined }, id, people(PRODUCER))
      done()
      return result.differences
    }))
    return { pairs: RECEIVERS.length, differences: differences.reduce((sum, each) => sum + each, 0) }
  } finally {
    await producer.close()
  }
}

async function accept(dir: string, party: PartyId, id: string, stopped: AbortSignal): Promise<void> {
  const home = await openHome(dir)
  try {
    await until(home, id, () => true, stopped)
    await acceptReconciliation(at(home), id, people(party), home.now())
  } finally {
    await home.close()
  }
}
