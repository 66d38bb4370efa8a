// Log keys in wrong hands: a record that is withheld, out of order or signed by a stranger is not followed; after a compromise a thief's fork convicts nobody and
// holds nobody back.
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { timeOf } from '@muster/core/bytes/time.ts'
import { signCheckpoint } from '@muster/core/proof/checkpoint.ts'
import { rootFromTiles } from '@muster/core/proof/tile.ts'
import { doubleKeysOf } from '@muster/core/wire/double-signature.ts'
import { clearEntry } from '@muster/core/wire/entry.ts'
import { readKeyRecord, signKeyRecord, type KeyRecordBody, type ReadKeyRecord } from '@muster/core/wire/key-record.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { witness } from '@muster/registry/cosigners.ts'
import { catchUp } from '@muster/registry/main.ts'
import { formatSubmission } from '@muster/registry/peer/cosigning.ts'
import { growTiles, tilesIn } from '@muster/registry/store/tiles.ts'
import { entriesFor, filler } from './puppet.ts'
import { BB as PUPPET, oneRegistry, type One } from './one.ts'
import { clock, DRILL } from './two.ts'

interface Seeds { readonly ed25519: Buffer, readonly mldsa44: Buffer }

let one: One
const thief: Seeds = { ed25519: Buffer.alloc(32, 1), mldsa44: Buffer.alloc(32, 2) }
const next: Seeds = { ed25519: Buffer.alloc(32, 3), mldsa44: Buffer.alloc(32, 4) }
const folder = (): string => join(one.puppet.folder, 'log', DRILL)
const theirs = (): PartyTrust => one.hall().joined.trust.parties.get(PUPPET) as PartyTrust
const copy = (): number => one.hall().mirror.known(PUPPET)?.checkpoint.size ?? 0
const codes = async (): Promise<string[]> => (await one.breaches()).map(({ code }) => code)
const record = (seeds: Seeds, changes: Partial<KeyRecordBody> = {}, by = one.puppet.keys.log): Uint8Array => {
  const first = readKeyRecord(p, one.puppet.record) as ReadKeyRecord
  const { signatures: _, ...body } = first.record
  return signKeyRecord(p, { ...body, sequence: 1, from: timeOf(clock() - 5), reason: 'rotation', previous: first.hash, ...changes, keys: { ...body.keys, log: doubleKeysOf(p, seeds) } }, seeds, by)
}
/** Publishes these entries as the whole log under these keys. */
const publish = async (entries: readonly Uint8Array[], { ed25519, mldsa44 }: Seeds, at = clock()): Promise<string> => {
  const { tiles, write } = await growTiles((from, to) => Promise.resolve(entries.slice(from, to)), folder(), 0, entries.length)
  await write()
  const note = signCheckpoint(p, { origin: one.puppet.origin, size: entries.length, root: rootFromTiles(p, entries.length, tiles) }, { name: one.puppet.origin, ed25519Seed: ed25519, mldsa44Seed: mldsa44 }, at)
  await writeFile(join(folder(), 'checkpoint'), note)
  return note
}
const submitted = async (note: string, old = 0): Promise<number> => (await witness(one.home(), formatSubmission(old, [], note))).status

before(async () => {
  one = await oneRegistry()
  await one.puppet.publish()
  await one.puppet.declare(entriesFor(256))
  await one.puppet.publish()
  await catchUp(one.home(), one.hall())
})
after(() => one.remove())

test('a checkpoint under keys whose record is withheld is not followed, nor one whose record others signed', async () => {
  const { entries } = one.puppet
  await publish([...entries, filler()], next)
  await catchUp(one.home(), one.hall())
  await publish([...entries, clearEntry(record(thief, {}, thief))], thief)
  await catchUp(one.home(), one.hall())
  assert.deepEqual([copy(), theirs().records.length], [entries.length, 1])
  assert.deepEqual([...new Set(await codes())], ['note/no-known-signature'])
})

test('records out of order are not followed: the second without the first', async () => {
  const first = record(next)
  const second = record(thief, { sequence: 2, previous: (readKeyRecord(p, first) as ReadKeyRecord).hash }, next)
  await publish([...one.puppet.entries, clearEntry(second), clearEntry(first)], thief)
  await catchUp(one.home(), one.hall())
  assert.deepEqual([copy(), theirs().records.length], [one.puppet.entries.length, 1])
})

test('stolen keys make a fork; the compromise is read; the fork convicts nobody, and log and witness go on with the true history', async () => {
  const { entries } = one.puppet
  const held = copy()
  const fork = await publish([...entries, filler(), filler(), filler()], one.puppet.keys.log)
  assert.equal(await submitted(fork), 200, 'nobody knows better yet')
  await catchUp(one.home(), one.hall())
  assert.equal(copy(), held + 3)
  const before = await codes()
  entries.push(clearEntry(record(next, { reason: 'compromise', compromisedSince: timeOf(clock() - 3600) })))
  const note = await publish(entries, next)
  await catchUp(one.home(), one.hall())
  assert.deepEqual([copy(), theirs().records.length], [held + 1, 2], one.told.join('\n'))
  assert.equal(await submitted(note), 200, 'what was cosigned for the thief binds the witness no more')
  assert.equal(await submitted(fork), 400)
  await publish([...entries.slice(0, -1), filler(), filler()], one.puppet.keys.log, clock() - 60)
  await catchUp(one.home(), one.hall())
  assert.equal(copy(), held + 1)
  assert.ok(one.told.some((line) => /log keys of BB that were compromised/.test(line)), one.told.join('\n'))
  assert.deepEqual(await codes(), before, 'nothing is on file for it')
  await publish([...entries, filler()], next)
  await catchUp(one.home(), one.hall())
  assert.equal(copy(), held + 2)
})

test('the copy is resumed from disk under all its keys', async () => {
  const held = copy()
  await one.reopen()
  await catchUp(one.home(), one.hall())
  assert.equal(copy(), held)
  assert.ok((await readFile(join(one.dataDir, 'mirror', DRILL, PUPPET, 'log', 'checkpoint'), 'utf8')).length > 0)
  assert.equal(rootFromTiles(p, held, tilesIn(join(one.dataDir, 'mirror', DRILL, PUPPET, 'log'))).length, 32)
})

test('after a rotation a fork under the new keys convicts, across both', async () => {
  const other = await oneRegistry()
  const was = one
  one = other
  try {
    const { entries } = one.puppet
    await one.puppet.publish()
    await catchUp(one.home(), one.hall())
    const old = await publish([...entries, filler()], one.puppet.keys.log, clock() - 60)
    await catchUp(one.home(), one.hall())
    assert.ok(old.length > 0)
    await publish([...entries, clearEntry(record(next))], next)
    await catchUp(one.home(), one.hall())
    assert.deepEqual(await codes(), ['mirror/fork'])
    const late = await publish([...entries, filler(), filler(), filler()], one.puppet.keys.log)
    assert.equal(await submitted(late), 200, 'of a fork the record is not taken')
  } finally {
    await other.remove()
    one = was
  }
})
