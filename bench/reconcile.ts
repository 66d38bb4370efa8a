// A reconciliation in bulk between two whole registries, each with its database, over HTTP: 100,000 items that one released are looked up in the other's
// declaration of a million leaves. Processor time of both sides together: this process, in which both serve, their evaluators and their databases.

import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { platform } from 'node:os'
import { timeOf, type Time } from '@muster/core/bytes/time.ts'
import type { CustodyEvent } from '@muster/core/rules/custody-event.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import { lookUpKeys } from '@muster/core/rules/reconcile.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { sodiumGroup } from '@muster/fast/sodium-group.ts'
import { postmasterOf } from '@muster/registry/engine/cluster.ts'
import { readPlace } from '@muster/registry/engine/place.ts'
import { declare } from '@muster/registry/log/declare.ts'
import { catchUp, sequence } from '@muster/registry/main.ts'
import { deliverOnce } from '@muster/registry/outbox.ts'
import { acceptReconciliation, proposeReconciliation } from '@muster/registry/reconciliation/act.ts'
import { runReconciliation, type Reconciled } from '@muster/registry/reconciliation/run.ts'
import { transaction } from '@muster/registry/store/database.ts'
import { writeBatch } from '@muster/registry/store/events.ts'
import { servedRegistries, type Member, type Served } from '../test/federation/served.ts'
import { clock, identityOf } from '../test/federation/two.ts'
import { evaluationCost } from './evaluation-cost.ts'
import { withDescendants } from './memory.ts'
import { judge, processorMs, shortly, type BenchOptions, type BenchResult, type BenchRow } from './row.ts'

const ITEMS = 100_000
const ITEMS_QUICK = 2_000
const LEAVES = 1_048_576
const LEAVES_QUICK = 16_384
/** One in so many was released and never declared. */
const MISSING_ONE_IN = 100
const OPEN_ONE_IN = 20
const WRITTEN_AT_ONCE = 5_000
const ELEMENTS = 64
const TICKS_A_SECOND = 100
const LIMIT = { metric: 's of processor time, both sides', op: '<=', value: 110 } as const
const TWO = { by: 'A. Petrova', and: 'B. Karimov' }
const NOWHERE = { owner: 'unknown', custodian: 'unknown', site: 'unknown', unit: 'unknown' } as const

const serialOf = (i: number): string => String(200_000 + i)

async function write({ home }: Member, act: string, all: readonly { readonly before: readonly CustodyEvent[], readonly event: CustodyEvent }[], written: Time): Promise<void> {
  const { register } = home()
  await transaction(register.db, (tx) => writeBatch(tx, register.secrets, { act, by: TWO.by, written }, all))
}

/** The first events of items, and what one party and the other say of their passing. */
function events(i: number, other: Member, kind: 'baseline' | 'imported', written: string, type: string): CustodyEvent {
  const entry = { identity: identityOf({ serial: serialOf(i), type }), place: NOWHERE }
  return {
    v: 'muster/event/1', item: randomUUID() as ItemId, seq: 0, happened: '2026-01-01T00:00:00Z', written, ...TWO, reason: 'exercise', documents: [{ series: 'LIC', number: String(i), date: '2026-02-01' }],
    kind, data: kind === 'baseline' ? { entry } : { from: { party: other.party }, entry },
  } as unknown as CustodyEvent
}

async function load(served: Served, items: number): Promise<void> {
  const [aa, bb] = [served.of('AA'), served.of('BB')]
  const at = clock() - 10_000
  for (let from = 0; from < items; from += WRITTEN_AT_ONCE) {
    const places = Array.from({ length: Math.min(WRITTEN_AT_ONCE, items - from) }, (_, i) => from + i)
    const first = places.map((i) => events(i, bb, 'baseline', timeOf(at), '9М39'))
    const sent = first.map((event) => ({ ...event, seq: 1, happened: timeOf(at + 1), written: timeOf(at + 1), kind: 'dispatched', data: { to: { party: bb.party }, abroad: true, due: timeOf(at + 5_000) } }) as unknown as CustodyEvent)
    const taken = first.map((event) => ({ ...event, seq: 2, happened: timeOf(at + 2), written: timeOf(at + 2), kind: 'received', data: { from: { party: aa.party } } }) as unknown as CustodyEvent)
    await write(aa, 'baseline', first.map((event) => ({ before: [], event })), timeOf(at))
    await write(aa, 'dispatched', sent.map((event, i) => ({ before: first.slice(i, i + 1), event })), timeOf(at + 1))
    await write(aa, 'received', taken.map((event, i) => ({ before: [first[i] as CustodyEvent, sent[i] as CustodyEvent], event })), timeOf(at + 2))
    // The importer's clerks write the type in the other alphabet.
    await write(bb, 'imported', places.filter((i) => i % MISSING_ONE_IN !== 0).map((i) => ({ before: [], event: events(i, aa, 'imported', timeOf(at + 3), '9M39') })), timeOf(at + 3))
  }
}

/** Processor seconds of these processes and all that descend from them, those that have ended included. */
function processorSeconds(roots: readonly number[]): number {
  return withDescendants(roots).reduce((sum, pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return sum + [11, 12, 13, 14].reduce((ticks, at) => ticks + Number(fields[at]), 0) / TICKS_A_SECOND
    } catch {
      return sum
    }
  }, 0)
}

async function serverOf({ dataDir }: Member): Promise<number> {
  const place = await readPlace(dataDir)
  const server = place === undefined ? undefined : postmasterOf(place)
  if (server === undefined) throw new Error(`no server runs for ${dataDir}`)
  return server.pid
}

interface Measured { readonly seconds: number, readonly wall: number, readonly result: Reconciled }

async function measured(served: Served): Promise<Measured> {
  const [aa, bb] = [served.of('AA'), served.of('BB')]
  const at = ({ home, hall }: Member) => ({ register: home().register, joined: hall().joined })
  const roots = [process.pid, await serverOf(aa), await serverOf(bb)]
  const [before, began] = [processorSeconds(roots), performance.now()]
  const { id } = await proposeReconciliation(at(aa), bb.party, { asOf: timeOf(clock() - 10), note: null }, TWO, clock())
  await deliverOnce(aa.home(), aa.hall(), undefined)
  await acceptReconciliation(at(bb), id, TWO, clock())
  await deliverOnce(bb.home(), bb.hall(), undefined)
  const result = await runReconciliation({ home: aa.home(), hall: aa.hall(), group: await fastGroup(), own: undefined }, id, TWO)
  return { seconds: processorSeconds(roots) - before, wall: (performance.now() - began) / 1000, result }
}

/** Both lists hashed and joined in the open: what it costs where nothing is to stay secret and nothing to be proven. */
function plainJoin(items: number, leaves: number): number {
  return processorMs(() => {
    const hash = (i: number): string => Buffer.from(p.sha256(lookUpKeys(identityOf({ serial: serialOf(i), type: '9М39' }))[0]?.key as Uint8Array)).toString('hex')
    const declared = new Set(Array.from({ length: leaves }, (_, i) => i < items && i % MISSING_ONE_IN !== 0 ? hash(i) : Buffer.from(p.sha256(Buffer.from(String(i)))).toString('hex')))
    const found = Array.from({ length: items }, (_, i) => declared.has(hash(i))).filter(Boolean).length
    if (found !== items - Math.ceil(items / MISSING_ONE_IN)) throw new Error(`the plain join found ${found}`)
  }) / 1000
}

async function run({ quick }: BenchOptions): Promise<BenchResult> {
  if (platform() !== 'linux') throw new Error('processor time of the databases is read from /proc: this row is for Linux')
  const [items, leaves] = quick ? [ITEMS_QUICK, LEAVES_QUICK] : [ITEMS, LEAVES]
  const served = await servedRegistries(['AA', 'BB'], {
    quorum: 2, step: leaves, reconciliation: { openOneIn: OPEN_ONE_IN }, quota: { windowSeconds: 86_400, askerElements: 1_048_576, allElements: 1_048_576, grantElements: 16 * ITEMS },
  })
  try {
    await load(served, items)
    for (const party of ['AA', 'BB']) await served.of(party).up()
    await declare(served.of('BB').hall().log, clock())
    await sequence(served.of('BB').home(), served.of('BB').hall())
    await catchUp(served.of('AA').home(), served.of('AA').hall())
    const { seconds, wall, result } = await measured(served)
    const missing = result.items.filter(({ found }) => found === 'not-declared').length
    if (missing !== Math.ceil(items / MISSING_ONE_IN) || result.items.length !== items) throw new Error(`${missing} of ${result.items.length} items were found missing`)
    const libsodium = (Object.values(evaluationCost(await sodiumGroup(), ELEMENTS)) as number[]).reduce((sum, ms) => sum + ms, 0) * items / ELEMENTS / 1000
    const scaled = seconds * ITEMS / items
    return {
      name: row.name, unit: 's of processor time', median: seconds, samples: [seconds],
      peers: [{ name: 'both lists hashed and joined in the open', median: plainJoin(items, leaves) }, { name: 'one key an item on libsodium, blinded, evaluated, proven and finalized, and nothing else', median: libsodium }],
      limits: [judge(LIMIT, scaled)],
      notes: [
        `${shortly(items)} items released, one in ${MISSING_ONE_IN} of them not declared, among ${shortly(leaves)} leaves; one element in ${OPEN_ONE_IN} opened; every message signed, stored and receipted on both sides`,
        `${shortly(wall)} s by the clock; every item that was not declared was looked up under all its keys, the others under one`,
        ...(quick ? [`the limit is of ${shortly(ITEMS)} items: ${shortly(scaled)} s at this rate`] : []),
      ],
    }
  } finally {
    await served.remove()
  }
}

const row: BenchRow = {
  name: 'reconcile', claim: 'bulk reconciliation of 100,000 released items against a declaration of 1 million leaves, both sides, whole registries', limit: [LIMIT], seconds: { full: 420, quick: 30 }, run,
}
export default row
