// An item found by its mark among a million, ladder and all, beside a plain look-up of a serial in a bare indexed table of the same server.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { explainMark } from '@muster/core/rules/explain.ts'
import { LADDER_LIMITS } from '@muster/core/rules/ladder.ts'
import { readCatalogue } from '@muster/registry/store/catalogue.ts'
import { transaction } from '@muster/registry/store/database.ts'
import { findByLadder } from '@muster/registry/store/items.ts'
import type { ScratchRegister } from '@muster/registry/store/scratch-register.ts'
import { loadedRegister, serialOf, sheetPath, typeOf, writeInventory } from './inventory.ts'
import { judge, median, SAMPLES, shortly, type BenchOptions, type BenchResult, type BenchRow } from './row.ts'

const ROWS = 1_000_000
const ROWS_QUICK = 30_000
const LOOK_UPS = 1_000
const WARM_UPS = 200
const STRIDE = 7_919
const LIMIT = { metric: 'ms, 99th percentile', op: '<=', value: 5 } as const

/** Milliseconds of each of so many calls. */
async function times(count: number, act: (i: number) => Promise<unknown>): Promise<number[]> {
  const all: number[] = []
  for (let i = 0; i < count; i++) {
    const began = performance.now()
    await act(i)
    all.push(performance.now() - began)
  }
  return all
}

const p99 = (all: readonly number[]): number => all.toSorted((a, b) => a - b)[Math.ceil(all.length * 0.99) - 1] as number

async function bareTable(register: ScratchRegister): Promise<void> {
  await transaction(register.db, async (tx) => {
    await tx.write('CREATE TABLE bare (serial text NOT NULL, item_id uuid NOT NULL)')
    await tx.write('INSERT INTO bare SELECT serial, item_id FROM item')
    await tx.write('CREATE INDEX bare_serial ON bare (serial)')
  }, { statement_ms_max: 600_000 })
}

/** What PostgreSQL does by itself within minutes of a load, done before the clock starts: a register stands for years. */
async function settle({ behindItsBack }: ScratchRegister): Promise<void> {
  await behindItsBack(async (connection) => {
    for (const statement of ['SET statement_timeout = 0', 'VACUUM (ANALYZE)', 'CHECKPOINT']) await connection.query(statement)
  })
}

async function run({ quick }: BenchOptions): Promise<BenchResult> {
  const rows = quick ? ROWS_QUICK : ROWS
  const folder = mkdtempSync(join(tmpdir(), 'muster-bench-look-up-'))
  try {
    await writeInventory(sheetPath(folder), rows)
    const { register } = await loadedRegister(sheetPath(folder))
    try {
      await bareTable(register)
      await settle(register)
      const catalogue = await readCatalogue(undefined)
      const at = (i: number) => (i * STRIDE) % rows
      const byMark = async (i: number) => {
        const mark = `${typeOf(at(i))} № ${serialOf(at(i))}`
        const { ladder } = explainMark(mark, { catalogue, classes: [], type: undefined, script: 'unknown', condition: 'unknown', limits: LADDER_LIMITS })
        const hits = await findByLadder(register.db, ladder)
        if (hits[0]?.serial !== serialOf(at(i))) throw new Error(`${mark} was not found`)
      }
      const plain = (i: number) => register.db.read('SELECT item_id FROM bare WHERE serial = $1', [serialOf(at(i))])
      await times(WARM_UPS, byMark)
      await times(WARM_UPS, plain)
      const samples: number[] = []
      const peers: number[] = []
      for (let sample = 0; sample < SAMPLES; sample++) {
        samples.push(p99(await times(LOOK_UPS, (i) => byMark(WARM_UPS + sample * LOOK_UPS + i))))
        peers.push(p99(await times(LOOK_UPS, (i) => plain(WARM_UPS + sample * LOOK_UPS + i))))
      }
      return {
        name: 'look-up', unit: 'ms (p99)', median: median(samples), samples,
        peers: [{ name: 'plain look-up of a serial in a bare indexed table', median: median(peers) }],
        limits: [judge(LIMIT, median(samples))],
        notes: [`${shortly(rows)} items, ${shortly(LOOK_UPS)} look-ups a sample; readings, candidates and items included; vacuumed, analysed and on disk after the load, both tables alike`],
      }
    } finally {
      await register.remove()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export default {
  name: 'look-up',
  claim: 'look-up of an item by mark among 1 million items',
  limit: [LIMIT],
  run,
} satisfies BenchRow
