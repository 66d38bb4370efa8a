// An import whose process is killed as each of its steps begins, and one on a disk that fills up: nothing half done, nothing acknowledged lost.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { parseMapping } from '@muster/registry/intake/mapping-file.ts'
import { auditRegister } from '@muster/registry/log/audit.ts'
import { importSheet, IMPORT_STEPS, type ImportRequest } from '@muster/registry/store/intake-store.ts'
import { initParty, removeParty } from '@muster/registry/store/party-file.ts'
import { openRegister } from '@muster/registry/store/register.ts'
import { scratchFolder } from '@muster/registry/store/scratch.ts'

const ROWS = 9000
const MAPPING = '{"format":"muster-mapping/1","title":"t","item":{"class":"class","type":"type"},"marks":[{"column":"serial"}],"circumstances":{}}'
const CHILD = fileURLToPath(new URL('./killed-child.ts', import.meta.url))

let folder = ''
let sheet = ''
const request = (): ImportRequest => ({
  path: sheet, as: 'items', mapping: parseMapping(MAPPING), mappingSha256: Buffer.alloc(32), goodRows: true, dryRun: false, keep: [], by: 'A', and: null, written: timeOf(1_750_000_000), lang: 'en',
})

before(async () => {
  folder = await scratchFolder()
  sheet = join(folder, 'sheet.csv')
  const lines = Array.from({ length: ROWS }, (_, i) => `missile;9М39;${100_000 + i}`)
  // One wrong row in each part, so that a file of refusals is being written as well; two equal rows, so that one of duplicates is.
  writeFileSync(sheet, `class;type;serial\n${lines.join('\n')}\nMISSILE!;;1\nmissile;;22222\nmissile;;22222\n`)
  writeFileSync(join(folder, 'mapping.json'), MAPPING)
})
after(async () => rm(folder, { recursive: true, force: true }))

async function init(dataDir: string): Promise<void> {
  await initParty(dataDir, { party: 'AA' as PartyId, name: 'A', exercise: true, at: timeOf(1_700_000_000) })
}

test('a process killed at any step of an import leaves all of it or nothing, and the same command completes it', async () => {
  const dataDir = join(folder, 'killed')
  await init(dataDir)
  for (const step of IMPORT_STEPS) {
    const child = spawnSync(process.execPath, [CHILD, dataDir, sheet, join(folder, 'mapping.json'), step], { encoding: 'utf8' })
    assert.equal(child.signal, 'SIGKILL', `${step}: ${child.stderr}`)
    const register = await openRegister(dataDir)
    try {
      const committed = step === 'committed'
      for (const [table, rows] of [['item', ROWS + 2], ['custody_event', ROWS + 2], ['intake_row', ROWS + 2], ['mark', ROWS + 2], ['import_run', 1]] as const) {
        assert.deepEqual(await register.db.read(`SELECT count(*) AS n FROM ${table}`), [{ n: committed ? rows : 0 }], `${step}: ${table}`)
      }
      const { findings } = await auditRegister(register, { onTotal: () => undefined, onRows: () => undefined })
      assert.deepEqual(findings, [], step)
      if (!committed) continue
      const again = await importSheet(register, request())
      assert.deepEqual([again.accepted, again.refused, again.already], [0, 1, ROWS + 2])
      assert.deepEqual(readdirSync(join(dataDir, 'refusals')).filter((name) => name.includes('.part-')), [], 'what killed imports left is cleared away')
    } finally {
      await register.close()
    }
  }
  await removeParty(dataDir)
})

test('a disk that fills up during an import is said to be full, nothing is kept of it, and the same command succeeds when there is space', async (t) => {
  const disk = join(folder, 'disk')
  mkdirSync(disk)
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=110m,mode=711', 'tmpfs', disk], { encoding: 'utf8' })
  if (mounted.status !== 0) return t.skip(`no small file system can be mounted here: ${mounted.stderr?.trim() ?? ''}`)
  try {
    const dataDir = join(disk, 'register')
    await init(dataDir)
    const register = await openRegister(dataDir)
    const { bavail, bsize } = statfsSync(disk)
    writeFileSync(join(disk, 'filler'), Buffer.alloc(Math.max(0, bavail * bsize - 6_000_000)))
    await assert.rejects(importSheet(register, request()), (error: Error & { code?: string }) => {
      assert.match(error.code ?? '', /^(disk-full|ENOSPC)$/, error.message)
      return true
    })
    rmSync(join(disk, 'filler'))
    assert.deepEqual(await register.db.read('SELECT count(*) AS n FROM custody_event'), [{ n: 0 }])
    const report = await importSheet(register, request())
    assert.deepEqual([report.accepted, report.refused, report.already], [ROWS + 2, 1, 0])
    await register.close()
    await removeParty(dataDir)
  } finally {
    spawnSync('umount', ['-l', disk])
  }
})
