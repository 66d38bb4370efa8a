// Building a declaration of a million leaves, labels known: bindings, order, tree, tiles and bundles synced to disk.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildApart, EIGHTH, MILLION, type Built } from './declaration-set.ts'
import { plainSortedWrite } from './plain-file.ts'
import { judge, median, SAMPLES, shortly, type BenchOptions, type BenchResult, type BenchRow } from './row.ts'

const SECONDS = { metric: 'seconds', op: '<=', value: 30 } as const
const MEMORY = { metric: 'MiB of memory', op: '<=', value: 1023 } as const

async function run({ quick }: BenchOptions): Promise<BenchResult> {
  const set = quick ? EIGHTH : MILLION
  const base = mkdtempSync(join(tmpdir(), 'muster-bench-declaration-'))
  try {
    const built: Built[] = []
    const plain: number[] = []
    for (let i = 0; i < (quick ? 1 : SAMPLES); i++) {
      const folder = join(base, 'declaration')
      built.push(await buildApart(folder, set))
      plain.push(plainSortedWrite(join(base, 'plain'), set.size))
      rmSync(folder, { recursive: true })
    }
    const samples = built.map(({ seconds }) => seconds)
    const memory = Math.max(...built.map(({ memoryMiB }) => memoryMiB))
    const due = { ...SECONDS, value: (SECONDS.value * set.size) / MILLION.size }
    const processor = median(built.map(({ processorSeconds }) => processorSeconds))
    return {
      name: row.name,
      unit: 's',
      median: median(samples),
      samples,
      peers: [{ name: 'the same entries sorted, written as one plain file, read by sha256sum', median: median(plain) }],
      limits: [judge(due, median(samples)), judge(MEMORY, memory)],
      notes: [`${set.size} leaves, ${shortly(processor)} s of processor time; memory is the peak of a process that does nothing else`],
    }
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
}

const row: BenchRow = {
  name: 'declaration',
  claim: 'a declaration of 1 million leaves (250,000 items with two keys each, the rest dummies), labels known: bindings, sort, tree, tiles on disk',
  limit: [SECONDS, MEMORY],
  seconds: { full: 200, quick: 6 },
  run,
}
export default row
