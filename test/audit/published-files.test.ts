// What whoever can write to the data directory does to the published files, and that `muster audit` names each by its path.
import assert from 'node:assert/strict'
import { copyFile, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { auditRegister } from '@muster/registry/log/audit.ts'
import { declarationFolder, logFolder } from '@muster/registry/log/own-log.ts'
import { auditCheckpoint, auditDeclarations, auditTiles, publishedOf } from '@muster/registry/log/audit-published.ts'
import { closePeriod } from '@muster/registry/log/period.ts'
import type { Finding } from '@muster/registry/store/finding.ts'
import { behindItsBack } from '@muster/registry/store/scratch-register.ts'
import { withSnapshot } from '@muster/registry/store/snapshot.ts'
import { DRILL, enter, twoRegisters, type Two } from '../federation/two.ts'

/** So that the log has a full tile, one beside it and one above. */
const PERIODS = 140
let two: Two
let log = ''
let declared = ''
let head = ''
const audit = async (): Promise<readonly Finding[]> => (await auditRegister(two.aa.register, { onTotal: () => undefined, onRows: () => undefined })).findings

/** The part of the audit that looks at files: as much as a single one that was changed needs. */
async function auditFiles(): Promise<readonly Finding[]> {
  const { register } = two.aa
  const findings: Finding[] = []
  const report = (finding: Finding) => findings.push(finding)
  const published = await publishedOf(register.dataDir, DRILL)
  await withSnapshot(register.db, async (snapshot) => {
    const [{ size } = { size: 0 }] = await snapshot.read<{ size: number }>('SELECT max(size) AS size FROM checkpoint')
    await auditCheckpoint(snapshot, DRILL, published, report)
    await auditTiles(snapshot, register, DRILL, size, published, report)
    await auditDeclarations(snapshot, register, DRILL, published, report)
  })
  return findings
}

before(async () => {
  two = await twoRegisters()
  await enter(two.aa, 'baseline', [{ type: '9М39', serial: '0123' }, { type: '9М39', serial: '0124' }])
  for (let i = 0; i < PERIODS; i++) await closePeriod(two.aa.log, two.now())
  await two.period(two.aa)
  await two.declare(two.aa)
  const last = await two.declare(two.aa)
  head = last.head.hash
  log = logFolder(two.aa.log)
  declared = declarationFolder(two.aa.log, head)
})
after(() => two.remove())

const files = async (folder: string): Promise<string[]> => (await readdir(folder, { recursive: true, withFileTypes: true })).filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name).slice(folder.length + 1)).sort()

const crimes: readonly [string, (path: string, other: string) => Promise<void>][] = [
  ['changed in one byte', async (path) => { await writeFile(path, (await readFile(path)).map((byte, i, all) => i === all.length >> 1 ? byte ^ 1 : byte)) }],
  ['truncated', async (path) => truncate(path, (await readFile(path)).length - 1)],
  ['empty', (path) => truncate(path, 0)],
  ['missing', (path) => rm(path)],
  ['swapped for another', async (path, other) => copyFile(other, path)],
]

/** Does a crime to a file, audits, puts it back. */
async function foundAfter(folder: string, path: string, other: string, crime: (path: string, other: string) => Promise<void>): Promise<string[]> {
  const bytes = await readFile(join(folder, path))
  await crime(join(folder, path), join(folder, other))
  const found = await auditFiles()
  await writeFile(join(folder, path), bytes)
  assert.ok(found.every(({ table }) => table === 'published'), JSON.stringify(found))
  return found.map(({ key }) => key['path'] ?? '')
}

test('as they were published, the audit finds nothing', async () => {
  assert.deepEqual(await audit(), [])
})

test('a row that comes a moment after what is kept outside the database, as while the register is served, is waited for; one that does not come is missing', async () => {
  for (const table of ['checkpoint', 'cosigned']) {
    const asSuperuser = (statement: string, values: readonly string[] = []) => behindItsBack(two.aa.register, async (connection) => (await connection.query<{ row: string }>(statement, [...values])).rows)
    const rows = (await asSuperuser(`SELECT row_to_json(t)::text AS row FROM ${table} t`)).map(({ row }) => row)
    const back = () => asSuperuser(`INSERT INTO ${table} SELECT t.* FROM unnest($1::json[]) AS row, json_populate_record(NULL::${table}, row) t`, [`{${rows.map((row) => JSON.stringify(row)).join(',')}}`])
    await asSuperuser(`DELETE FROM ${table}`)
    const [found] = await Promise.all([audit(), sleep(700).then(back)])
    assert.deepEqual(found, [], table)
    await asSuperuser(`DELETE FROM ${table}`)
    assert.ok((await audit()).some((each) => each.table === table && each.code === 'missing'), table)
    await back()
  }
  assert.deepEqual(await audit(), [])
})

test('a file of the log that was changed, truncated, removed or swapped is named by its path', async () => {
  const paths = await files(log)
  assert.ok(paths.some((path) => path === 'tile/0/000') && paths.some((path) => path.startsWith('tile/1/')) && paths.some((path) => path.startsWith('tile/0/001.p/')), paths.join(' '))
  // Of a partial tile the newest is asked for; older ones may go.
  const newest = new Map(paths.map((path) => [dirname(path).endsWith('.p') ? dirname(path) : path, path]))
  for (const path of paths) newest.set(dirname(path).endsWith('.p') ? dirname(path) : path, [newest.get(dirname(path)) ?? path, path].sort((a, b) => Number(b.split('.p/')[1] ?? 0) - Number(a.split('.p/')[1] ?? 0))[0] as string)
  for (const [i, path] of [...newest.values()].entries()) {
    for (const [what, crime] of crimes) {
      const others = paths.filter((each) => each !== path)
      const found = await foundAfter(log, path, others[i % others.length] as string, crime)
      assert.deepEqual(found, [`published/${DRILL}/log/${path}`], `${path} ${what}`)
    }
  }
  const bundle = await readFile(join(log, 'tile/entries/000'))
  await truncate(join(log, 'tile/entries/000'), 100)
  assert.deepEqual((await audit()).map(({ table, key }) => [table, key['path']]), [['published', `published/${DRILL}/log/tile/entries/000`]], 'and the audit as a whole says no more')
  await writeFile(join(log, 'tile/entries/000'), bundle)
})

test('an older width of a tile that was changed, and a file that the log never had, are named', async () => {
  const older = (await files(log)).find((path) => path.startsWith('tile/0/001.p/')) as string
  assert.deepEqual(await foundAfter(log, older, older, (crimes[0] as typeof crimes[number])[1]), [`published/${DRILL}/log/${older}`])
  for (const path of ['tile/0/002', 'tile/entries/x001/000', 'tile/7/000']) {
    await mkdir(dirname(join(log, path)), { recursive: true })
    await writeFile(join(log, path), Buffer.alloc(8192))
    assert.deepEqual((await auditFiles()).map(({ key, code }) => [key['path'], code]), [[`published/${DRILL}/log/${path}`, 'extra']])
    await rm(join(log, path))
  }
})

test('a file of a declaration, an older one too, that was changed, truncated, removed or swapped is named by its path', async () => {
  const all = await readdir(dirname(declared))
  assert.equal(all.length, 2)
  for (const hash of all) {
    const folder = join(dirname(declared), hash)
    const paths = await files(folder)
    for (const [i, path] of paths.entries()) {
      for (const [what, crime] of crimes) {
        const found = await foundAfter(folder, path, paths[(i + 1) % paths.length] as string, crime)
        // Whether a bundle or its tile was changed is told by both that do not fit together.
        const named = `published/${DRILL}/d/${hash}/${path}`
        assert.ok(found.includes(named) || (path.startsWith('tile/entries/') && found.includes(named.replace('entries', '0'))), `${path} ${what}: ${found.join(' ')}`)
        assert.ok(found.every((each) => each.startsWith(`published/${DRILL}/d/`)))
      }
    }
  }
  assert.deepEqual(await audit(), [])
})

test('a folder that is gone as a whole is named file by file', async () => {
  const paths = await files(log)
  const kept = new Map(await Promise.all(paths.map(async (path) => [path, await readFile(join(log, path))] as const)))
  await rm(log, { recursive: true })
  const found = (await audit()).map(({ key }) => key['path'])
  for (const path of ['checkpoint', 'tile/0/000', 'tile/entries/000']) assert.ok(found.includes(`published/${DRILL}/log/${path}`), found.join(' '))
  for (const [path, bytes] of kept) {
    await mkdir(dirname(join(log, path)), { recursive: true })
    await writeFile(join(log, path), bytes)
  }
  assert.deepEqual(await audit(), [])
})
