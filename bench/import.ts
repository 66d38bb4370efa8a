// A CSV file of a million rows to committed events with marks and match keys, beside a bare COPY of the very rows that it wrote into the same
// indexed tables of the same server, emptied before.

import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { from, to } from 'pg-copy-streams'
import { transaction } from '@muster/registry/store/database.ts'
import { FRESH_TABLES } from '@muster/registry/store/fresh-batch.ts'
import type { ScratchRegister } from '@muster/registry/store/scratch-register.ts'
import { loadedRegister, sheetPath, writeInventory } from './inventory.ts'
import { judge, median, SAMPLES, shortly, type BenchOptions, type BenchResult, type BenchRow } from './row.ts'

const ROWS = 1_000_000
const ROWS_QUICK = 60_000
const STATEMENT_MS_MAX = 1_200_000
const LIMIT = { metric: 'of the rows a second of a bare COPY', op: '>=', value: 0.5 } as const

/** Copies the tables out, empties them, and copies them in again; resolves to the seconds of the way in. */
async function bareCopy(register: ScratchRegister, folder: string): Promise<number> {
  const files = FRESH_TABLES.map((table) => ({ table, path: join(folder, table) }))
  for (const { table, path } of files) await register.db.session((connection) => pipeline(connection.query(to(`COPY ${table} TO STDOUT`)), createWriteStream(path)))
  await transaction(register.db, async (tx) => { for (const { table } of files) await tx.write(`TRUNCATE ${table}`) })
  const began = performance.now()
  await transaction(register.db, async (tx) => {
    for (const { table, path } of files) await pipeline(createReadStream(path, { highWaterMark: 65_536 }), tx.connection.query(from(`COPY ${table} FROM STDIN`)))
  }, { statement_ms_max: STATEMENT_MS_MAX })
  const seconds = (performance.now() - began) / 1000
  for (const { path } of files) rmSync(path)
  return seconds
}

async function run({ quick }: BenchOptions): Promise<BenchResult> {
  const rows = quick ? ROWS_QUICK : ROWS
  const folder = mkdtempSync(join(tmpdir(), 'muster-bench-import-'))
  const sheet = sheetPath(folder)
  const samples: number[] = []
  const bare: number[] = []
  try {
    await writeInventory(sheet, rows)
    for (let i = 0; i < (quick ? 1 : SAMPLES); i++) {
      const { register, report } = await loadedRegister(sheet)
      try {
        if (report.accepted !== rows) throw new Error(`${report.accepted} of ${rows} rows were accepted`)
        samples.push(rows / report.seconds)
        bare.push(rows / await bareCopy(register, folder))
      } finally {
        await register.remove()
      }
    }
    const ratio = median(samples.map((rate, i) => rate / (bare[i] as number)))
    return {
      name: 'import', unit: 'rows/s', median: median(samples), samples,
      peers: [{ name: 'bare COPY of the rows it wrote, same tables and indexes', median: median(bare) }],
      limits: [judge(LIMIT, ratio)],
      notes: [`${shortly(rows)} rows of ${Math.round(statSync(sheet).size / rows)} bytes; three match keys and one mark each; the median of the ratios within one run`],
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export default {
  name: 'import',
  claim: 'import of 1 million CSV rows to committed events with marks and match keys',
  limit: [LIMIT],
  run,
} satisfies BenchRow
