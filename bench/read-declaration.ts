// Reading another party's declaration of a million leaves in full, as a reader must before it cosigns: entries, order, tiles, root, and
// every label of the previous declaration, which is one step smaller.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cpuUsage } from 'node:process'
import { readDeclaration } from '@muster/fast/declaration/read.ts'
import { buildApart, EIGHTH, MILLION } from './declaration-set.ts'
import { plainRead, plainSortedWrite } from './plain-file.ts'
import { judge, median, SAMPLES, shortly, type BenchOptions, type BenchResult, type BenchRow } from './row.ts'

const SECONDS = { metric: 'seconds', op: '<=', value: 6 } as const

async function run({ quick }: BenchOptions): Promise<BenchResult> {
  const set = quick ? EIGHTH : MILLION
  const base = mkdtempSync(join(tmpdir(), 'muster-bench-read-'))
  try {
    const folder = join(base, 'declaration')
    const previous = { folder: join(base, 'previous'), size: set.size - set.step }
    await buildApart(previous.folder, { ...set, size: previous.size })
    const { root } = await buildApart(folder, set)
    plainSortedWrite(join(base, 'plain'), set.size)
    const samples: number[] = []
    const plain: number[] = []
    const processor: number[] = []
    for (let i = 0; i < (quick ? 1 : SAMPLES); i++) {
      const used = cpuUsage()
      const began = performance.now()
      const problems = await readDeclaration({ folder, tree: { size: set.size, root }, step: set.step, previous })
      samples.push((performance.now() - began) / 1000)
      const { user, system } = cpuUsage(used)
      processor.push((user + system) / 1e6)
      if (problems.length > 0) throw new Error(`the declaration made for this bench has problems: ${JSON.stringify(problems)}`)
      plain.push(plainRead(join(base, 'plain')))
    }
    const due = { ...SECONDS, value: (SECONDS.value * set.size) / MILLION.size }
    return {
      name: row.name,
      unit: 's',
      median: median(samples),
      samples,
      peers: [{ name: 'the same entries as one plain file, read whole and by sha256sum', median: median(plain) }],
      limits: [judge(due, median(samples))],
      notes: [`${set.size} leaves after ${previous.size}, ${shortly(median(processor))} s of processor time in two threads`],
    }
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
}

const row: BenchRow = {
  name: 'read-declaration',
  claim: "reading another party's declaration of 1 million leaves in full, as a reader must",
  limit: [SECONDS],
  seconds: { full: 90, quick: 9 },
  run,
}
export default row
