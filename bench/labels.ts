// Labels of match keys for one's own inventory: the pool of two threads beside one thread of the same run, libsodium and noble.
import { labelsOfKeys } from '@muster/core/oprf/label.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { nobleGroup } from '@muster/core/oprf/noble-group.ts'
import { openLabelPool } from '@muster/fast/label-pool.ts'
import { packKeys } from '@muster/fast/packed-keys.ts'
import { sodiumGroup } from '@muster/fast/sodium-group.ts'
import { judge, median, rateOf, SAMPLES, shortly } from './row.ts'
import type { BenchOptions, BenchResult, BenchRow } from './row.ts'

const THREADS = 2
const KEYS = 20_000
const KEYS_QUICK = 10_000
const KEYS_SODIUM = 1_000
const KEYS_NOBLE = 200
const WARM_UP_KEYS = 4_000

const limit = [
  { metric: 'labels a second on two threads', op: '>=', value: 10_000 },
  { metric: 'times one thread', op: '>=', value: 1.6 },
] as const

const bytes = (text: string) => new Uint8Array(Buffer.from(text))
/** Keys of the length that real ones have. */
const keysFrom = (start: number, count: number) => Array.from({ length: count }, (_, i) => bytes(`\0\fmuster/key/1\0\u0004type\0\tGRIPSTOCK\0\u0009${String(start + i).padStart(9, '0')}`))

async function rateOfGroup(group: Group, secretKey: Uint8Array, count: number): Promise<number> {
  labelsOfKeys(group, secretKey, keysFrom(0, count >> 2))
  const samples: number[] = []
  for (let i = 0; i < SAMPLES; i++) {
    const keys = keysFrom(i * count, count)
    samples.push(await rateOf(count, () => labelsOfKeys(group, secretKey, keys)))
  }
  return median(samples)
}

async function run({ quick }: BenchOptions): Promise<BenchResult> {
  const secretKey = nobleGroup.hashToScalar(bytes('bench'), bytes('labels'))
  const count = quick ? KEYS_QUICK : KEYS
  const one = await openLabelPool(secretKey, 1)
  const two = await openLabelPool(secretKey, THREADS)
  const alone: number[] = []
  const together: number[] = []
  try {
    for (const pool of [one, two]) await pool.labels(packKeys(keysFrom(0, WARM_UP_KEYS)))
    for (let i = 0; i < SAMPLES; i++) {
      const packed = packKeys(keysFrom(i * count, count))
      alone.push(await rateOf(count, () => one.labels(packed)))
      together.push(await rateOf(count, () => two.labels(packed)))
    }
  } finally {
    await Promise.all([one.close(), two.close()])
  }
  const gain = median(together.map((rate, i) => rate / (alone[i] as number)))
  return {
    name: 'labels', unit: 'labels a second', median: median(together), samples: together,
    peers: [
      { name: 'one thread of the same pool', median: median(alone) },
      { name: 'libsodium in WebAssembly, one thread', median: await rateOfGroup(await sodiumGroup(), secretKey, KEYS_SODIUM) },
      { name: 'noble, one thread', median: await rateOfGroup(nobleGroup, secretKey, KEYS_NOBLE) },
    ],
    limits: [judge(limit[0], median(together)), judge(limit[1], gain)],
    notes: [`${shortly(count)} keys a sample; one and two threads take turns, and the gain is the median of their ratios`],
  }
}

export default { name: 'labels', claim: 'labels of match keys for one\'s own inventory, two threads', limit, seconds: { full: 40, quick: 25 }, run } satisfies BenchRow as BenchRow
