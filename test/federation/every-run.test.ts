// The run of a reconciliation, and an inspection from its draw to the reply to its report, broken at every durable step of either side, before the step is
// persisted or after it although it is reported failed: turn about, and with SLOW=1 both. Whoever was broken off does it again; the end is the same as without.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import type { SaidKind } from '@muster/core/wire/said-body.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { announceInspection, drawInspection, openInspection, replyToReport, reportInspection, showInspection } from '@muster/registry/inspection/act.ts'
import { lookUpInspected } from '@muster/registry/inspection/look-up.ts'
import { inspectionBy } from '@muster/registry/inspection/view.ts'
import { declare } from '@muster/registry/log/declare.ts'
import { catchUp, sequence } from '@muster/registry/main.ts'
import { acceptReconciliation, proposeReconciliation } from '@muster/registry/reconciliation/act.ts'
import { affairs } from '@muster/registry/reconciliation/affair.ts'
import { runReconciliation } from '@muster/registry/reconciliation/run.ts'
import { saidOf } from '@muster/registry/said.ts'
import { auditStore } from '@muster/registry/store/audit.ts'
import type { Database } from '@muster/registry/store/database.ts'
import type { Finding } from '@muster/registry/store/finding.ts'
import { withSnapshot } from '@muster/registry/store/snapshot.ts'
import { countSteps, type How } from './broken-steps.ts'
import { acquired, released } from './passed.ts'
import { deliverAll, servedRegistries, type Served } from './served.ts'
import { clock, enter } from './two.ts'

const HOWS: readonly How[] = ['not persisted', 'persisted, reported failed']
const TWO = { by: 'A. Petrova', and: 'B. Karimov' }
const ONE = { by: 'C. Orlova', and: null }
const SIDES = ['AA', 'BB'] as const
type Who = (typeof SIDES)[number]
/** A step further than any run goes. */
const STEPS_MAX = 60

let served: Served
let group: Group
const of = (party: string) => served.of(party)
const at = (party: string) => ({ register: of(party).home().register, joined: of(party).hall().joined, log: of(party).hall().log, mirror: of(party).hall().mirror })
const running = (party: string) => ({ home: of(party).home(), hall: of(party).hall(), group, own: undefined })

before(async () => {
  group = await fastGroup()
  served = await servedRegistries(['AA', 'BB', 'CC'], { quorum: 2, periodSeconds: 3600, reconciliation: { openOneIn: 2 }, deadlines: { openSeconds: 3600, answerSeconds: 3600, receiptSeconds: 60, lookSeconds: 86_400, inspectionSeconds: 3600 } })
  await released(of('AA'), of('BB').party, ['1001', '1002', '1003'])
  await acquired(of('BB'), of('AA').party, ['1001', '1002'])
  await enter(of('BB').side(), 'baseline', Array.from({ length: 20 }, (_, i) => ({ serial: String(8000 + i), type: '9М39' })))
  for (const party of SIDES) {
    await declare(of(party).side().log, clock())
    await sequence(of(party).home(), of(party).hall())
  }
  for (const party of ['AA', 'BB', 'CC']) await of(party).up()
  for (const party of SIDES) await catchUp(of(party).home(), of(party).hall())
})
after(() => served.remove())

/** What people do one after the other, and how whoever looks sees that it was done. */
interface Act { readonly by: Who, readonly act: (id: string) => Promise<unknown>, readonly isDone: (id: string) => Promise<boolean> }
interface Run { readonly prepare: () => Promise<string>, readonly acts: readonly Act[], readonly end: (id: string) => Promise<unknown> }

/** How often each kind was said of an affair, at either side: nothing is there twice, and nothing is missing. */
async function saidKinds(id: string, member: 'reconciliation' | 'inspection', kinds: readonly SaidKind[]): Promise<unknown> {
  return Promise.all(SIDES.flatMap((party) => kinds.flatMap((kind) => (['in', 'out'] as const).map(async (direction) =>
    [party, kind, direction, (await saidOf(at(party), kind, direction)).filter(({ body }) => (body as Record<string, unknown>)[member] === id).length]))))
}

async function spent(party: string): Promise<number> {
  return Object.values((await of(party).answering().facts(at(party).joined.agreement.id)).accounts).reduce((sum, each) => sum + each, 0)
}

const RECONCILIATION: Run = {
  prepare: async () => {
    const { id } = await proposeReconciliation(at('AA'), of('BB').party, { asOf: timeOf(clock() - 10), note: null }, TWO, clock())
    await deliverAll(of('AA'))
    await acceptReconciliation(at('BB'), id, TWO, clock())
    await deliverAll(of('BB'))
    return id
  },
  acts: [{ by: 'AA', act: (id) => runReconciliation(running('AA'), id, TWO), isDone: () => Promise.resolve(false) }],
  end: async (id) => {
    const { rows, items } = await runReconciliation(running('AA'), id, TWO)
    const [there] = (await affairs(at('BB'))).filter((each) => each.id === id)
    return [rows, items.map(({ found }) => found).sort(), there?.reports.other?.body.rows, await saidKinds(id, 'reconciliation', ['reconciliation/open', 'reconciliation/counts', 'reconciliation/ask', 'reconciliation/report'])]
  },
}

const stage = (party: Who, id: string) => inspectionBy(at(party), id, clock())
const saidBy = (party: Who, kind: SaidKind) => async (id: string): Promise<boolean> => (await saidOf(at(party), kind, 'out')).some(({ body }) => (body as Record<string, unknown>).inspection === id)
const MET = { class: 'missile', maker: 'unknown', type: { is: '9М39' }, year: 'unknown', lot: 'unknown', serial: { is: '7777' } } as const

const INSPECTION: Run = {
  prepare: async () => {
    const { inspection } = await announceInspection(at('AA'), { inspected: of('BB').party, together: [], day: timeOf(clock()), site: 'North', missing: 2, confidence: 9500, note: null }, ONE, clock())
    await deliverAll(of('AA'))
    return inspection
  },
  acts: [
    { by: 'BB', act: (id) => drawInspection(at('BB'), id, TWO, clock()), isDone: saidBy('BB', 'inspection/draw') },
    { by: 'AA', act: (id) => openInspection(at('AA'), id, ONE, clock()), isDone: saidBy('AA', 'inspection/open') },
    { by: 'BB', act: (id) => showInspection(at('BB'), id, [], TWO, clock()), isDone: saidBy('BB', 'inspection/show') },
    { by: 'AA', act: (id) => lookUpInspected(running('AA'), id, { met: [MET], drawn: false }, ONE), isDone: () => Promise.resolve(false) },
    {
      by: 'AA', isDone: saidBy('AA', 'inspection/report'),
      act: async (id) => reportInspection(at('AA'), id, { findings: (await stage('AA', id)).drawn.filter(({ toBeSeen }) => toBeSeen).map(({ index }) => ({ index, what: 'seen' as const, reason: null, read: null })).sort((a, b) => a.index - b.index), met: [MET] }, null, ONE, clock()),
    },
    { by: 'BB', act: (id) => replyToReport(at('BB'), id, { of: undefined, reservations: [], note: null }, ONE, clock()), isDone: saidBy('BB', 'inspection/reply') },
  ],
  end: async (id) => [
    ...await Promise.all(SIDES.map(async (party) => {
      const { stage: where, reports, replies, wrong, failed } = await stage(party, id)
      return [where, reports.map(({ body }) => body.met.map(({ what }) => what)), replies.map(({ body }) => body.stance), wrong, failed]
    })),
    await saidKinds(id, 'inspection', ['inspection/announce', 'inspection/draw', 'inspection/open', 'inspection/ask', 'inspection/prove', 'inspection/report', 'inspection/reply']),
  ],
}

/** The register of a party goes on with another database until it has its own back. */
function withDatabase(party: Who, db: Database): void {
  Object.assign(of(party).home().register, { db })
}

/** Broken at one step of one side. Resolves to whether the run came so far, and to its end. */
async function play({ prepare, acts, end }: Run, broken: Who, at: { readonly step: number, readonly how: How } | undefined): Promise<{ readonly reached: boolean, readonly end: unknown }> {
  const id = await prepare()
  const before = await spent('BB')
  const { db } = of(broken).home().register
  const steps = countSteps(db, at)
  withDatabase(broken, steps.db)
  try {
    for (const { by, act, isDone } of acts) {
      await act(id).catch(async (error: unknown) => {
        if (at === undefined) throw error
        if (!await isDone(id)) await act(id)
      })
      for (const party of [by, by === 'AA' ? 'BB' : 'AA']) await deliverAll(of(party)).catch(() => deliverAll(of(party)))
    }
  } finally {
    steps.end()
    withDatabase(broken, db)
  }
  for (const party of SIDES) await deliverAll(of(party))
  return { reached: at === undefined || steps.taken.length >= at.step, end: [await end(id), await spent('BB') - before] }
}

for (const [name, run] of Object.entries({ 'the run of a reconciliation': RECONCILIATION, 'an inspection from draw to reply': INSPECTION })) {
  test(`${name}: broken at every step of either side it ends as it does unbroken, and nothing is asked or spent twice`, async () => {
    const unbroken = await play(run, 'AA', undefined)
    for (const [i, broken] of SIDES.entries()) {
      let step = 1
      for (let reached = true; reached; step++) {
        assert.ok(step < STEPS_MAX, `${broken} takes ever more steps`)
        for (const how of process.env.SLOW === '1' ? HOWS : [HOWS[(step + i) % HOWS.length] as How]) {
          const played = await play(run, broken, { step, how })
          assert.deepEqual(played.end, unbroken.end, `${broken}, step ${step}, ${how}`)
          ;({ reached } = played)
        }
      }
      assert.ok(step > 9, `${broken} took ${step - 2} steps`)
    }
  })
}

test('after all of it both registers are what their events and messages give', async () => {
  for (const party of SIDES) {
    const found: Finding[] = []
    await withSnapshot(at(party).register.db, (snapshot) => auditStore(snapshot, at(party).register, (finding) => found.push(finding), { onTotal: () => undefined, onRows: () => undefined }))
    assert.deepEqual(found, [])
  }
})
