// One mark traced through eleven registries and the asker's own, each with its own processes and database, over HTTP on this machine. The find
// is bound and cosigned before the clock starts; the clock stops when the answers have been checked, looked up, disclosed and concluded.

import { doubleKeysOf, failingSignature, signDouble } from '@muster/core/wire/double-signature.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { openHome } from '@muster/registry/main.ts'
import { showCoins } from '@muster/registry/trace/coins.ts'
import { traceFind } from '@muster/registry/trace/trace.ts'
import { evaluationCost } from './evaluation-cost.ts'
import { hallIn, isStanding, serveFederation } from './federation-set.ts'
import { plainLookUps } from './plain-https.ts'
import { judge, median, processorMs, SAMPLES, shortly, type BenchOptions, type BenchResult, type BenchRow } from './row.ts'

const LIMIT = { metric: 'ms', op: '<=', value: 250 } as const
/** Not counted: registries that serve have answered before. */
const WARM_UPS = 20
const FINDS = SAMPLES + WARM_UPS
const FULL = { parties: 12, items: 20_000, finds: FINDS } as const
const SMALL = { parties: 4, items: 500, finds: FINDS } as const
const WAIT_MS = 240_000

/** Question, receipt and answer, each signed by one side and verified by the other. */
const MESSAGES = 3
const BATCH = 16
const CORES = 2

/** Milliseconds on two cores of what no trace can do without: each party's batch blinded, evaluated, proven and checked, each party's messages signed and verified. */
function cryptography(group: Group, parties: number): number {
  const seeds = { ed25519: new Uint8Array(32).fill(1), mldsa44: new Uint8Array(32).fill(2) }
  const keys = doubleKeysOf(p, seeds)
  const message = (i: number) => new Uint8Array(Buffer.from(`message ${i} of some length`.padEnd(2_000, '.')))
  const exchanges = Array.from({ length: SAMPLES * parties * MESSAGES }, (_, i) => processorMs(() => {
    if (failingSignature(p, keys, 'muster/bench\n', message(i), signDouble(p, seeds, 'muster/bench\n', message(i))) !== undefined) throw new Error('a true signature was refused')
  }))
  const { blinding, evaluating, verifying, finalizing } = evaluationCost(group, BATCH)
  return parties * (MESSAGES * median(exchanges) + blinding + evaluating + verifying + finalizing) / CORES
}

async function run({ quick }: BenchOptions): Promise<BenchResult> {
  const plan = quick && !isStanding(FULL) ? SMALL : FULL
  const began = performance.now()
  const federation = await serveFederation(plan, (what) => process.stderr.write(`federation: ${what}\n`))
  const setUp = (performance.now() - began) / 1000
  const samples: number[] = []
  const outcomes = new Map<string, number>()
  let candidates = 0
  try {
    const home = await openHome(federation.dir, { report: (what) => { process.stderr.write(`${what}\n`) } })
    try {
      const tracing = { home, hall: hallIn(home), group: await fastGroup(), own: undefined }
      for (const item of federation.finds.slice(0, FINDS)) {
        const { ms, tossed, conclusion } = await traceFind(tracing, item, { wait_ms: WAIT_MS, untilSilent: false })
        await showCoins(tracing, tossed)
        samples.push(ms)
        candidates = conclusion.candidates
        outcomes.set(conclusion.outcome, (outcomes.get(conclusion.outcome) ?? 0) + 1)
        const { present, absent } = conclusion.counts
        if (present + absent !== plan.parties) throw new Error(`of ${plan.parties} registries ${present + absent} answered: ${JSON.stringify(conclusion.counts)}`)
      }
    } finally {
      await home.close()
    }
  } finally {
    await federation.stop()
  }
  const counted = samples.slice(WARM_UPS)
  const plain = await plainLookUps(plan.parties, plan.items, SAMPLES)
  return {
    name: row.name, unit: 'ms', median: median(counted), samples: counted,
    peers: [
      { name: `the signatures and batches of such a trace alone, spread over ${CORES} cores`, median: cryptography(await fastGroup(), plan.parties) },
      typeof plain === 'string' ? { name: `plain HTTPS look-ups: ${plain}`, median: NaN } : { name: `${plan.parties} plain HTTPS look-ups at once, nothing blinded or proven`, median: median(plain) },
    ],
    limits: [judge(LIMIT, median(counted))],
    notes: [
      `${plan.parties - 1} registries besides the asker's own, ${shortly(plan.items)} items each, ${candidates} candidates of one mark; outcomes: ${[...outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(', ')}`,
      `${WARM_UPS} traces before are not counted; starting the registries${setUp > 60 ? ' and making the set, once,' : ''} took ${shortly(setUp)} s`,
    ],
  }
}

const row: BenchRow = {
  name: 'federation', claim: 'one mark through 11 registries of 20,000 items over HTTP on this machine, the recovery bound and cosigned before the clock starts',
  limit: [LIMIT], seconds: { full: 60, quick: 60 }, run,
}
export default row
