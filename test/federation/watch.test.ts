// A find stays on watch: what a trace learnt of a party is looked up in each of its later declarations, and nothing is asked of anybody for it.
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { toHex } from '@muster/core/bytes/bytes.ts'
import { canonicalBytes, parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { agreementBytes } from '@muster/core/rules/agreement.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import { verifyWatchProof } from '@muster/core/wire/watch-proof.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { sodiumGroup } from '@muster/fast/sodium-group.ts'
import { declare } from '@muster/registry/log/declare.ts'
import { catchUp, collectReaders, openHome, sequence, type Hall } from '@muster/registry/main.ts'
import type { Followed } from '@muster/registry/peer/mirror.ts'
import { auditStore } from '@muster/registry/store/audit.ts'
import type { Finding } from '@muster/registry/store/finding.ts'
import { recordEvent } from '@muster/registry/store/record-event.ts'
import { withSnapshot } from '@muster/registry/store/snapshot.ts'
import { traceFind } from '@muster/registry/trace/trace.ts'
import { lookForWatched } from '@muster/registry/watch/look.ts'
import { endWatch, watchedIn, type Watched } from '@muster/registry/watch/view.ts'
import { countSteps, type How } from './broken-steps.ts'
import { servedRegistries, type Served } from './served.ts'
import { clock, DRILL, enter } from './two.ts'

const TWO = { by: 'A. Petrova', and: 'B. Karimov' }
const WAIT_MS = 20_000
let served: Served
let group: Group
let finds: ItemId[] = []
const home = () => served.of('AA').home()
const hall = () => served.of('AA').hall()
const BB = () => served.of('BB').party
const codeOf = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code

async function declares(party: string, serials: readonly string[]): Promise<void> {
  const member = served.of(party)
  if (serials.length > 0) await enter(member.side(), 'baseline', serials.map((serial) => ({ type: '9М39', serial })))
  await declare(member.hall().log, clock())
  await sequence(member.home(), member.hall())
  await collectReaders(member.home(), member.hall(), { late_ms: 500 })
}
const trace = (n: number) => traceFind({ home: home(), hall: hall(), group, own: served.of('AA').answering().message }, finds[n] ?? '', { wait_ms: WAIT_MS, untilSilent: false })
const watched = async (n: number): Promise<Watched[]> => (await watchedIn(home(), hall())).filter(({ watch }) => watch.item === finds[n])
const proofOf = async (n: number): Promise<Buffer> => Buffer.from((await watched(n))[0]?.news[0]?.proof ?? '')

/** Everything by which BB could notice that it was asked: what passed between the two, and what its evaluator spent. */
async function noticed(): Promise<unknown> {
  const messages = await Promise.all(['AA', 'BB'].map((party) => served.of(party).home().register.db.read("SELECT count(*) AS n FROM message WHERE (sender = 'AA' AND receiver = 'BB') OR (sender = 'BB' AND receiver = 'AA')")))
  const folder = join(served.of('BB').dataDir, 'evaluator', DRILL)
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort()
  return [messages, await Promise.all(files.map(async (file) => [file, toHex(p.sha256(new Uint8Array(await readFile(file))))]))]
}

before(async () => {
  group = await sodiumGroup()
  served = await servedRegistries(['AA', 'BB', 'CC'], { quorum: 2, openOneIn: 1_000 })
  for (const party of ['BB', 'CC', 'AA']) await served.of(party).up()
  finds = await enter(served.of('AA').side(), 'seized', ['91834101', '91834102', '91834103', '91834104', '91834105'].map((serial) => ({ type: '9М39', serial })))
  await declares('AA', [])
  await declares('BB', ['9001'])
})
after(() => served.remove())

test('a trace that ends leaves its labels on watch for each party that answered, and none for one that did not', async () => {
  for (const n of [0, 1, 2, 3, 4]) assert.equal((await trace(n)).conclusion.counts.absent, 2)
  const [only, ...more] = await watched(0)
  assert.deepEqual([only?.watch.party, only?.state, only?.watch.sequence, only?.news.length, more.length], ['BB', 'watching', 0, 0, 0])
  assert.ok((only?.watch.labels.length ?? 0) > 0 && only?.watch.labels.every(({ present }) => !present))
})

test('what a party declares only in its third declaration is told at the third, and the party cannot notice that it is on watch', async () => {
  const before = await noticed()
  await declares('BB', ['9002'])
  await catchUp(home(), hall())
  assert.deepEqual((await watched(0)).map(({ looked, news }) => [looked?.sequence, news.length]), [[1, 0]])
  await declares('BB', ['91834101'])
  await catchUp(home(), hall())
  const [only] = await watched(0)
  assert.deepEqual(only?.news.map(({ what, sequence }) => [what, sequence]).filter(([, sequence], i) => i === 0 || sequence !== 2), [['appeared', 2]])
  assert.deepEqual((await watched(1))[0]?.news, [])
  assert.ok(served.of('AA').told.some((line) => line.includes('declaration 2')), served.of('AA').told.join('\n'))
  assert.deepEqual(await noticed(), before)
})

test('the news is told once, however often and by however many it is looked for', async () => {
  const first = (await watched(0))[0]?.news
  const other = await openHome(served.of('AA').dataDir)
  try {
    await Promise.all([catchUp(home(), hall()), catchUp(other, other.halls.get(DRILL) as Hall)])
  } finally {
    await other.close()
  }
  assert.deepEqual((await watched(0))[0]?.news, first)
})

test('the proof verifies alone: proven with the agreement, consistent without, refused where a byte of it is another', async () => {
  const bytes = await proofOf(0)
  const agreed = agreementBytes(served.agreement)
  const verified = verifyWatchProof(p, bytes, agreed, clock())
  assert.ok(verified.verdict === 'proven', JSON.stringify(verified.findings))
  assert.deepEqual([verified.appeared.party, verified.appeared.sequence, verified.appeared.exercise, verified.appeared.read.length >= 2, verified.appeared.witnessed.length >= 2], ['BB', 2, true, true, true])
  assert.equal(verifyWatchProof(p, bytes, undefined, clock()).verdict, 'consistent')
  type Members = Record<string, Json>
  const whole = parseJson(bytes) as Members
  const found = whole['found'] as Members
  const before = whole['before'] as Members
  const present = found['present'] as Members
  const absent = before['absent'] as Members
  const forged: readonly [string, Members][] = [
    ['watch/declared-before', { ...whole, label: '11'.repeat(32) }], ['watch/declared-before', { ...whole, before: { ...before, absent: { ...absent, index: 1 } } }],
    ['watch/not-declared', { ...whole, found: { ...found, present: { ...present, index: present['index'] as number + 1 } } }],
    ['watch/not-declared', { ...whole, found: { ...found, present: { ...present, entry: `${'11'.repeat(32)}${(present['entry'] as string).slice(64)}` } } }],
    ['watch/not-the-one-before', { ...whole, before: { ...before, head: found['head'] as Json, checkpoint: found['checkpoint'] as Json } }],
    ['watch/not-a-party', { ...whole, party: 'ZZ' }], ['key-record/missing', { ...whole, keyRecords: (whole['keyRecords'] as Json[]).slice(1) }],
    ['watch/shape', { ...whole, site: 'Depot 3' }], ['watch/other-marking', { ...whole, marking: { level: 'open', caveats: [] } }],
  ]
  for (const [code, change] of forged) {
    const { verdict, findings } = verifyWatchProof(p, canonicalBytes(change), agreed, clock())
    assert.deepEqual([verdict, findings[0]?.code], ['refused', code])
  }
  for (const secret of ['91834101', finds[0] ?? '']) assert.ok(!bytes.includes(secret), secret)
})

test('what was copied and not looked up when the process ended is found after it, once', async () => {
  await declares('BB', ['91834102'])
  const { heads } = await hall().mirror.follow(BB())
  await hall().mirror.declaration(BB(), (heads.at(-1) as Followed['heads'][number]).head)
  await served.of('AA').restart()
  await served.of('AA').up()
  await catchUp(home(), hall())
  assert.deepEqual((await watched(1))[0]?.news.map(({ sequence }) => sequence).filter((sequence, i) => i === 0 || sequence !== 3), [3])
})

test('a look that breaks before or after its news is written is made again, and tells it once', async () => {
  for (const [n, how] of [[2, 'not persisted'], [3, 'persisted, reported failed']] as const satisfies readonly [number, How][]) {
    await served.of('AA').down()
    await declares('BB', [`9183410${n + 1}`])
    const { heads } = await hall().mirror.follow(BB())
    await hall().mirror.declaration(BB(), (heads.at(-1) as Followed['heads'][number]).head)
    const steps = countSteps(home().register.db, { step: 1, how })
    const broken = { ...home(), register: { ...home().register, db: steps.db } }
    try {
      await lookForWatched(broken, { ...hall() }, BB()).catch((error: unknown) => { assert.match(String(error), /broken|may or may not/) })
    } finally {
      steps.end()
    }
    assert.ok(steps.taken.includes('commit'))
    await lookForWatched(home(), hall(), BB())
    await lookForWatched(home(), { ...hall() }, BB())
    const labels = (await watched(n))[0]?.news.map(({ label }) => label) ?? []
    assert.ok(labels.length > 0 && new Set(labels).size === labels.length, how)
    await served.of('AA').up()
  }
})

test('a find traced again is asked for formally, and what is on watch already is not put on watch again', async () => {
  const { conclusion } = await trace(0)
  assert.equal(conclusion.counts.present, 1)
  assert.equal((await watched(0)).filter(({ watch }) => watch.party === 'BB').length, 1)
})

test('two people end a watch with a reason; one that is ended tells nothing more', async () => {
  const [only] = await watched(4)
  const id = only?.watch.id ?? ''
  await assert.rejects(endWatch(home(), hall(), id, 'settled', { by: 'A. Petrova', and: null }, clock()), codeOf('two-people/second-missing'))
  await assert.rejects(endWatch(home(), hall(), id, '', TWO, clock()), codeOf('watch/shape'))
  await assert.rejects(endWatch(home(), hall(), '00000000-0000-4000-8000-000000000000', 'settled', TWO, clock()), codeOf('watch/unknown'))
  await endWatch(home(), hall(), id, 'settled', TWO, clock())
  await assert.rejects(endWatch(home(), hall(), id, 'settled', TWO, clock()), codeOf('watch/ended'))
  await declares('BB', ['91834105'])
  await catchUp(home(), hall())
  const [after] = await watched(4)
  assert.deepEqual([after?.state, after?.ended, after?.news], ['ended', { ...TWO, reason: 'settled' }, []])
})

test('a watch is over when the record of the find is taken back, and stale when the party has another key', async () => {
  await recordEvent(home().register, { item: finds[1] as ItemId, at: timeOf(clock()), request: { kind: 'corrected', happened: timeOf(clock()), ...TWO, reason: 'entered twice', documents: [], data: { of: 0, how: 'entered-in-error' } } })
  assert.equal((await watched(1))[0]?.state, 'corrected')
  const followed = hall().mirror.known(BB()) as Followed
  const newest = followed.heads.at(-1) as Followed['heads'][number]
  const rekeyed = { ...followed, heads: [...followed.heads, { ...newest, head: { ...newest.head, head: { ...newest.head.head, sequence: newest.head.head.sequence + 1, oprf: Buffer.alloc(32, 7).toString('base64'), rekeyed: true } } }] }
  const after = { ...hall(), mirror: { ...hall().mirror, known: () => rekeyed } }
  const [stale] = (await watchedIn(home(), after)).filter(({ watch }) => watch.item === finds[0])
  assert.deepEqual([stale?.state, (stale?.news.length ?? 0) > 0], ['stale', true])
  assert.ok(served.of('AA').told.some((line) => line.includes('replaced its OPRF key')))
})

test('after all of it the audit finds nothing, the sequenced rows among them', async () => {
  await sequence(home(), hall())
  const { register } = home()
  const found: Finding[] = []
  await withSnapshot(register.db, (snapshot) => auditStore(snapshot, register, (finding) => found.push(finding), { onTotal: () => undefined, onRows: () => undefined }))
  assert.deepEqual(found, [])
})
