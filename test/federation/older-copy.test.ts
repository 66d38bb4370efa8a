// What was signed or cosigned is kept outside the database: a database restored from an older copy, changed entries and damaged files sign nothing
// that contradicts it.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { parseNote } from '@muster/core/proof/note.ts'
import { parseCheckpoint } from '@muster/core/proof/tree-head.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { consistencyFromTiles, rootFromTiles } from '@muster/core/proof/tile.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { clusterOf } from '@muster/registry/engine/place.ts'
import { declare } from '@muster/registry/log/declare.ts'
import { logFolder } from '@muster/registry/log/own-log.ts'
import { closePeriod } from '@muster/registry/log/period.ts'
import { keptName, signLog } from '@muster/registry/log/sign.ts'
import { addCheckpoint, parseSubmission, type Submission, type WitnessAnswer } from '@muster/registry/log/witness.ts'
import { sequence } from '@muster/registry/main.ts'
import { formatSubmission } from '@muster/registry/peer/cosigning.ts'
import { resumeLog } from '@muster/registry/peer/mirror.ts'
import { behindItsBack } from '@muster/registry/store/scratch-register.ts'
import { tilesIn } from '@muster/registry/store/tiles.ts'
import { filler } from './puppet.ts'
import { AA, BB, oneRegistry, type One } from './one.ts'
import { DRILL } from './two.ts'

let one: One
before(async () => {
  one = await oneRegistry()
  await sequence(one.home(), one.hall())
})
after(() => one.remove())

const now = () => one.home().now()
const own = () => one.hall().joined.trust.parties.get(AA) as PartyTrust
const published = async () => parseCheckpoint(parseNote(await readFile(join(logFolder(one.hall().log), 'checkpoint'), 'utf8')).text)
const whole = () => resumeLog(logFolder(one.hall().log), own(), one.agreement)

/** The puppet's log submitted to the registry's witness, from `old` on. */
async function submit(old: number, note: string): Promise<WitnessAnswer> {
  const trust = one.hall().joined.trust.parties.get(BB) as PartyTrust
  const { size } = parseCheckpoint(parseNote(note).text)
  const path = old === 0 || old === size ? [] : consistencyFromTiles(p, old, size, tilesIn(join(one.puppet.folder, 'log', DRILL)))
  return addCheckpoint(one.hall().log, parseSubmission(formatSubmission(old, path, note)) as Submission, () => trust, now(), () => Promise.resolve())
}

test('a cluster restored from an older copy signs nothing, declares nothing, cosigns nothing below what it cosigned, and says what to do', async () => {
  const { place } = one.home().register
  assert.ok(place)
  const cluster = clusterOf(place)
  const early = await one.puppet.publish()
  assert.equal((await submit(0, early)).status, 200)
  await one.home().close()
  assert.equal(spawnSync('cp', ['-a', cluster, `${cluster}.copy`]).status, 0)
  await one.reopen()
  await sequence(one.home(), one.hall())
  await sequence(one.home(), one.hall())
  one.puppet.entries.push(filler(), filler())
  const late = await one.puppet.publish()
  assert.equal((await submit(2, late)).status, 200)
  const before = await published()
  await one.home().close()
  assert.equal(spawnSync('mv', [cluster, `${cluster}.newer`]).status, 0)
  assert.equal(spawnSync('cp', ['-a', `${cluster}.copy`, cluster]).status, 0)
  await one.reopen()

  const refusal = { code: 'database-behind', message: new RegExp(`the database holds ${before.size - 4} entries .* and ${before.size} were signed already: it is an older copy\\. Restore a newer one`) }
  await assert.rejects(signLog(one.hall().log, now()), refusal)
  await assert.rejects(sequence(one.home(), one.hall()), { code: 'database-behind' })
  await assert.rejects(declare(one.hall().log, now()), { code: 'database-behind' })
  assert.deepEqual(await published(), before)
  // The row says 2 and what was kept says 4: the witness goes by the larger.
  assert.deepEqual(await submit(2, late), { status: 409, body: '4\n' })
  assert.equal((await submit(2, early)).status, 409)
  assert.equal((await submit(4, late)).status, 200)

  await one.home().close()
  await rm(cluster, { recursive: true })
  assert.equal(spawnSync('mv', [`${cluster}.newer`, cluster]).status, 0)
  await one.reopen()
  await sequence(one.home(), one.hall())
  assert.equal((await published()).size, before.size + 2)
  assert.ok(await whole())
})

test('a kept file that was damaged signs and cosigns nothing and is named; put right, all goes on', async () => {
  for (const [name, act] of [
    [keptName('log', own().origin), () => signLog(one.hall().log, now())],
    [keptName('witness', one.puppet.origin), async () => submit(4, await one.puppet.publish())],
  ] as const) {
    const path = join(one.dataDir, 'kept', name)
    const bytes = await readFile(path)
    for (const damaged of [bytes.subarray(0, -1), Buffer.concat([bytes, Buffer.from('x')]), Buffer.from(bytes.map((byte, i) => i === 200 ? byte ^ 1 : byte)), Buffer.alloc(0)]) {
      await writeFile(path, damaged)
      await assert.rejects(act(), { code: 'kept-damaged', message: new RegExp(`${name}.* restore it from a backup`) })
    }
    await writeFile(path, bytes)
    await act()
  }
})

test('published tiles that are cut off, swapped or missing are written again from the entries before anything is signed', async () => {
  for (let i = 0; i < 130; i++) await closePeriod(one.hall().log, now())
  await sequence(one.home(), one.hall())
  const folder = logFolder(one.hall().log)
  const tile = (path: string) => join(folder, 'tile', path)
  const last = async (level: string) => {
    const { size } = await published()
    return tile(`${level}/001.p/${size - 256}`)
  }
  const damages: [string, () => Promise<void>][] = [
    ['a full tile cut off', () => truncate(tile('0/000'), 100)],
    ['a full tile of other bytes', () => writeFile(tile('0/000'), Buffer.alloc(8192, 1))],
    ['a partial tile missing', async () => rm(await last('0'))],
    ['the tile above missing', () => rm(tile('1/000.p/1'))],
    ['the tile above swapped for another', async () => writeFile(tile('1/000.p/1'), (await readFile(tile('0/000'))).subarray(0, 32))],
    ['all of it missing', () => rm(folder, { recursive: true })],
  ]
  for (const [what, damage] of damages) {
    await damage()
    await sequence(one.home(), one.hall())
    const { size, root } = await published()
    assert.deepEqual(rootFromTiles(p, size, tilesIn(folder)), root, what)
    // A tile that is full already and does not lie on the right edge is the auditor's to find, unless the log is made anew.
    if (what === 'all of it missing') assert.ok(await whole(), what)
  }
})

test('an entry that was changed in the database, in an open tile or a full one, is never signed: what was published stays', async () => {
  const { register } = one.home()
  const { size } = await published()
  const change = (index: number) => behindItsBack(register, (connection) => connection.query("UPDATE log_entry SET entry = set_byte(entry, 5, get_byte(entry, 5) # 1) WHERE entry_index = $1", [index]))
  const bundle = join(logFolder(one.hall().log), 'tile', 'entries', `001.p/${size - 256}`)
  const before = await readFile(bundle)
  await change(size - 1)
  await closePeriod(one.hall().log, now())
  await assert.rejects(signLog(one.hall().log, now()), { code: 'log-rewritten', message: /are not those that were signed: run muster audit/ })
  assert.equal((await published()).size, size)
  assert.deepEqual(await readFile(bundle), before)
  await assert.rejects(stat(join(logFolder(one.hall().log), 'tile', 'entries', `001.p/${size - 254}`)), { code: 'ENOENT' })
  await change(size - 1)
  await signLog(one.hall().log, now())
  // In a full tile, what is published is signed on; the audit names the row.
  await change(7)
  await sequence(one.home(), one.hall())
  assert.ok(await whole())
  await change(7)
})

test('an entry that is gone from the middle or the end of the log signs nothing', async () => {
  const { register } = one.home()
  const { size } = await published()
  const gone = async (index: number) => {
    const [row] = await register.db.read<{ entry: Buffer }>('SELECT entry FROM log_entry WHERE entry_index = $1', [index])
    await behindItsBack(register, (connection) => connection.query('DELETE FROM log_entry WHERE entry_index = $1', [index]))
    return () => behindItsBack(register, (connection) => connection.query('INSERT INTO log_entry (agreement_id, entry_index, entry) VALUES ($1, $2, $3)', [DRILL, index, row?.entry]))
  }
  const last = await gone(size - 1)
  await assert.rejects(signLog(one.hall().log, now()), { code: 'database-behind' })
  await last()
  const middle = await gone(size - 3)
  await closePeriod(one.hall().log, now())
  await assert.rejects(signLog(one.hall().log, now()), { code: 'log-rewritten', message: /run muster audit/ })
  await middle()
  await signLog(one.hall().log, now())
  assert.ok(await whole())
})

test('something slipped among what waits is not bound', async () => {
  const { register } = one.home()
  await behindItsBack(register, (connection) => connection.query("INSERT INTO waiting VALUES ($1, 'clear', '9-slipped', $2, $3)", [DRILL, Buffer.from('{}'), Buffer.alloc(32)]))
  await assert.rejects(closePeriod(one.hall().log, now()), { code: 'row-changed', message: /nothing is signed; run muster audit/ })
  await behindItsBack(register, (connection) => connection.query("DELETE FROM waiting WHERE subject_id = '9-slipped'"))
  await sequence(one.home(), one.hall())
})

test('a checkpoint or a cosignature whose row was changed is not handed out', async () => {
  const { register } = one.home()
  const { size } = await published()
  await behindItsBack(register, (connection) => connection.query("UPDATE checkpoint SET note = note || 'x' WHERE size = $1", [size]))
  await assert.rejects(signLog(one.hall().log, now()), { code: 'row-changed', message: /run muster audit/ })
  await behindItsBack(register, (connection) => connection.query("UPDATE checkpoint SET note = left(note, -1) WHERE size = $1", [size]))
  await signLog(one.hall().log, now())
  await behindItsBack(register, (connection) => connection.query("UPDATE cosigned SET size = size - 1 WHERE origin = $1", [one.puppet.origin]))
  await assert.rejects(submit(4, await one.puppet.publish()), { code: 'row-changed', message: /nothing is cosigned; run muster audit/ })
  await behindItsBack(register, (connection) => connection.query("UPDATE cosigned SET size = size + 1 WHERE origin = $1", [one.puppet.origin]))
})
