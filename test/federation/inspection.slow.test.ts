// An inspection of the size that the rules are written for: 20,000 items, of which 20 missing are to be noticed with 95 %, and each of the 2,781 drawn looked
// up by the marks read off it. Every step is done by both sides over HTTP, and told with its seconds.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { Identity } from '@muster/core/rules/item.ts'
import { verifyCorrespondence } from '@muster/core/wire/correspondence.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { correspondenceFile } from '@muster/registry/correspondence.ts'
import { announceInspection, drawInspection, openInspection, reportInspection, showInspection } from '@muster/registry/inspection/act.ts'
import { lookUpInspected } from '@muster/registry/inspection/look-up.ts'
import { inspectionBy } from '@muster/registry/inspection/view.ts'
import { declare } from '@muster/registry/log/declare.ts'
import { catchUp, sequence } from '@muster/registry/main.ts'
import { deliverOnce } from '@muster/registry/outbox.ts'
import { servedRegistries, type Served } from './served.ts'
import { clock, enter, identityOf } from './two.ts'

const ITEMS = 20_000
const MISSING = 20
const SAMPLE = 2_781
const WRITTEN_AT_ONCE = 5_000
const MET = 20
const TWO = { by: 'A. Petrova', and: 'B. Karimov' }
let served: Served
const of = (party: string) => served.of(party)
const at = (party: string) => ({ register: of(party).home().register, joined: of(party).hall().joined, log: of(party).hall().log, mirror: of(party).hall().mirror })
const send = (party: string) => deliverOnce(of(party).home(), of(party).hall(), undefined)
const serialOf = (i: number): string => String(300_000 + i)

before(async () => {
  served = await servedRegistries(['AA', 'BB'], { quorum: 2, step: 65_536, quota: { windowSeconds: 86_400, askerElements: 65_536, allElements: 65_536 } })
  for (const party of ['AA', 'BB']) await of(party).up()
  for (let from = 0; from < ITEMS; from += WRITTEN_AT_ONCE) await enter(of('BB').side(), 'baseline', Array.from({ length: WRITTEN_AT_ONCE }, (_, i) => ({ type: '9М39', serial: serialOf(from + i) })))
  await declare(of('BB').hall().log, clock())
  await sequence(of('BB').home(), of('BB').hall())
  await catchUp(of('AA').home(), of('AA').hall())
})
after(() => served.remove())

test('20,000 items, 20 missing to be noticed with 95 %: 2,781 are drawn, shown, looked up by their marks and reported', async (t) => {
  const timed = async <T>(what: string, act: () => Promise<T>): Promise<T> => {
    const began = performance.now()
    const done = await act()
    t.diagnostic(`${what}: ${((performance.now() - began) / 1000).toFixed(1)} s`)
    return done
  }
  const { inspection } = await timed('announced', () => announceInspection(at('AA'), { inspected: of('BB').party, together: [], day: timeOf(clock()), site: null, missing: MISSING, confidence: 9500, note: null }, TWO, clock()))
  await send('AA')
  await timed('drawn', () => drawInspection(at('BB'), inspection, TWO, clock()))
  await send('BB')
  await timed('opened', () => openInspection(at('AA'), inspection, TWO, clock()))
  await send('AA')
  const { leaves, messages } = await timed('shown', () => showInspection(at('BB'), inspection, [], TWO, clock()))
  await timed('sent', () => send('BB'))
  const state = await timed('read and verified', () => inspectionBy(at('AA'), inspection, clock()))
  t.diagnostic(`${leaves} leaves in ${messages.length} messages, ${messages.reduce((sum, { envelope }) => sum + envelope.length, 0)} bytes`)
  assert.deepEqual([state.stage, state.items, state.sample], ['shown', ITEMS, SAMPLE])
  const met: Identity[] = Array.from({ length: MET }, (_, i) => identityOf({ type: '9М39', serial: i < MET / 2 ? serialOf(i) : `77${i}` }))
  const running = { home: of('AA').home(), hall: of('AA').hall(), group: await fastGroup(), own: undefined }
  const looked = await timed('looked up by their marks', () => lookUpInspected(running, inspection, { met, drawn: true }, TWO))
  t.diagnostic(`${looked.proofs.length} batches`)
  const findings = looked.drawn.filter(({ toBeSeen }) => toBeSeen).map(({ index }) => ({ index, what: 'seen' as const, reason: null, read: null }))
  const { shown } = await timed('reported', () => reportInspection(at('AA'), inspection, { findings, met: [] }, null, TWO, clock()))
  await send('AA')
  assert.deepEqual([shown.seen, shown.found, shown.metDeclared, shown.metNotDeclared, shown.noticed, shown.outcome], [SAMPLE, SAMPLE, MET / 2, MET / 2, MISSING, 'discrepancies'])
  const other = await timed('read by the inspected party', () => inspectionBy(at('BB'), inspection, clock()))
  assert.equal(other.stage, 'reported')
  const { bytes } = await timed('written as a file', () => correspondenceFile(at('AA'), inspection))
  t.diagnostic(`${bytes.length} bytes`)
  const read = await timed('verified by a third', () => Promise.resolve(verifyCorrespondence(p, running.group, bytes, at('AA').joined.trust.bytes)))
  assert.ok(read.verdict === 'proven')
  assert.deepEqual(read.inspection?.reports[0]?.body.shown, shown)
})
