// An OPRF key that was compromised: the party declares anew under another, what was declared under the old one stays searchable, and every trace looks in
// both. A party that leaves something out under its new key is found by the old one; a maker that leaves the old one out is refused.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fromHex, toHex } from '@muster/core/bytes/bytes.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf, type Time } from '@muster/core/bytes/time.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { keysOfItem } from '@muster/core/rules/match-key.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { parseDossier, signDossier, type Dossier, type PartyEvidence } from '@muster/core/wire/dossier.ts'
import { verifyDossier } from '@muster/core/wire/verify.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { changeKeys, type ChangedPurpose } from '@muster/registry/keys.ts'
import { openDrawn } from '@muster/registry/inspection/leaves.ts'
import { declare, newestReadable } from '@muster/registry/log/declare.ts'
import { sequence } from '@muster/registry/main.ts'
import { auditStore } from '@muster/registry/store/audit.ts'
import { transaction } from '@muster/registry/store/database.ts'
import type { Finding } from '@muster/registry/store/finding.ts'
import { keepLabels } from '@muster/registry/store/labels.ts'
import { withSnapshot } from '@muster/registry/store/snapshot.ts'
import { traceAll } from '@muster/registry/trace/bulk.ts'
import { showCoins } from '@muster/registry/trace/coins.ts'
import { cosignedProof, untilBound } from '@muster/registry/trace/find.ts'
import { traceFind, type Traced } from '@muster/registry/trace/trace.ts'
import { watchedIn } from '@muster/registry/watch/view.ts'
import { backAndForth, closeDoors } from './carried.ts'
import { servedRegistries, until, type Member, type Served } from './served.ts'
import { clock, enter, identityOf } from './two.ts'

const [AA, BB] = ['AA', 'BB'] as PartyId[] as [PartyId, PartyId]
const TWO = { by: 'A. Petrova', and: 'B. Karimov' }
const WAIT_MS = 20_000
const TYPE = '9М39'
/** Declared before; declared only under the new key; never; declared before and left out under the new key. */
const SERIALS = ['4077120', '4077121', '4077122', '4077123'] as const

let served: Served
let group: Group
let finds: readonly string[]
let earlier: Traced
const of = (party: string): Member => served.of(party)
const codeOf = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code
const tracing = () => ({ home: of('AA').home(), hall: of('AA').hall(), group, own: of('AA').answering().message })
const change = (party: string, purposes: readonly ChangedPurpose[], compromisedSince: Time | null) => changeKeys(of(party).home(), of(party).hall(), { purposes, compromisedSince, ...TWO }, clock())

async function traced(n: number): Promise<Traced> {
  const result = await traceFind(tracing(), finds[n] as string, { wait_ms: WAIT_MS, untilSilent: false })
  assert.deepEqual(await showCoins(tracing(), result.tossed), [], 'every batch is opened as it was asked')
  return result
}

const verify = (dossier: Uint8Array) => verifyDossier(p, group, dossier, of('AA').hall().joined.trust.bytes, clock())
const evidenceOf = ({ dossier }: Traced): PartyEvidence => parseDossier(dossier).parties.find(({ party }) => party === BB) as PartyEvidence

/** Outcome for BB as a verifier sees it, and hits under the newest key and under the earlier one. */
function seen(result: Traced): readonly unknown[] {
  const verified = verify(result.dossier)
  assert.ok(verified.verdict === 'proven', JSON.stringify(verified.findings))
  const { lookups, earlier: before = [] } = evidenceOf(result)
  const hits = (all: PartyEvidence['lookups']) => all.some(({ present }) => present !== null)
  return [verified.assessment.outcomes.get(BB), hits(lookups), before.map((each) => [hits(each.lookups), each.formal !== null])]
}

before(async () => {
  group = await fastGroup()
  served = await servedRegistries([AA, BB], { quorum: 2, periodSeconds: 1, openOneIn: 1 })
  finds = await enter(of('AA').side(), 'seized', SERIALS.map((serial) => ({ type: TYPE, serial })))
  await enter(of('BB').side(), 'baseline', [0, 3].map((n) => ({ type: TYPE, serial: SERIALS[n] as string })))
})
after(() => served.remove())

test('it is replaced by a compromise alone, once something was declared under it', async () => {
  await assert.rejects(change('BB', ['oprf'], null), codeOf('keys/oprf-lives'))
  await assert.rejects(change('BB', ['oprf'], timeOf(clock())), codeOf('keys/nothing-declared'))
  for (const party of [AA, BB]) {
    await declare(of(party).hall().log, clock())
    await of(party).up()
  }
  await until(async () => of('AA').hall().mirror.known(BB)?.heads.length === 1)
  earlier = await traced(0)
  assert.deepEqual(seen(earlier), ['present', true, []])
})

test('the next head says rekeyed, holds every label of before, and the party that leaves one out under the new key is not believed', async () => {
  await of('BB').down()
  await change('BB', ['oprf'], timeOf(clock() - 3600))
  const { log } = of('BB').hall()
  await enter(of('BB').side(), 'baseline', [{ type: TYPE, serial: SERIALS[1] }])
  // As a party would that hides one: its keys get labels that nobody's question gives.
  const hidden = keysOfItem(identityOf({ type: TYPE, serial: SERIALS[3] })).map(({ bytes }) => [toHex(bytes), p.sha256(bytes)] as const)
  await transaction(log.db, (tx) => keepLabels(tx, log, new Map(hidden)))
  const { head } = (await declare(log, clock())).head
  assert.deepEqual([head.sequence, head.rekeyed, log.oprfs.length], [1, true, 2])
  await of('BB').up()
  await until(async () => of('AA').hall().mirror.known(BB)?.heads.length === 2)
  assert.deepEqual([...await of('AA').home().register.db.read("SELECT code FROM breach")], [], 'a reader finds every label')
})

test('a trace looks in both: what both hold is asked for once, what one alone holds is found there, and absent is absent in both', async () => {
  assert.deepEqual(seen(await traced(0)), ['present', true, [[true, false]]])
  assert.deepEqual(seen(await traced(1)), ['present', true, [[false, false]]])
  assert.deepEqual(seen(await traced(2)), ['absent', false, [[false, false]]])
  const left = await traced(3)
  assert.deepEqual(seen(left), ['present', false, [[true, true]]])
  assert.deepEqual([left.conclusion.outcome, left.conclusion.lastHolder], ['still-held', BB])
})

test('a dossier of before stays what it was', () => {
  assert.deepEqual(seen(earlier), ['present', true, []])
})

test('whoever leaves out the earlier key, puts one answer for the other, or cuts one short is refused', async () => {
  const absent = await traced(2)
  const { signature: _, ...body } = parseDossier(absent.dossier)
  const findings = (changed: (evidence: PartyEvidence) => PartyEvidence) => {
    const parties = body.parties.map((each) => each.party === BB ? changed(each) : each)
    const { verdict, findings: [first] } = verify(signDossier(p, { ...body, parties: JSON.parse(JSON.stringify(parties)) as Dossier['parties'] }, of('AA').hall().joined.keys.message))
    return [verdict, first?.code]
  }
  const before = (evidence: PartyEvidence) => (evidence.earlier as NonNullable<PartyEvidence['earlier']>)[0] as NonNullable<PartyEvidence['earlier']>[number]
  const { party: _p, outcome: _o, keyRecord: _k, laterRecords: _l, earlier: _e, ...newest } = evidenceOf(absent)
  assert.deepEqual(findings(({ earlier: _left, ...evidence }) => evidence), ['refused', 'dossier/earlier'])
  assert.deepEqual(findings((evidence) => ({ ...evidence, earlier: [before(evidence), before(evidence)] })), ['refused', 'dossier/earlier'])
  assert.deepEqual(findings(({ earlier: _left, ...evidence }) => ({ ...evidence, ...before({ ...evidence, earlier: _left as NonNullable<typeof _left> }) })), ['refused', 'answer/newest'])
  assert.deepEqual(findings((evidence) => ({ ...evidence, earlier: [newest] })), ['refused', 'answer/newest'])
  const cut = { log: null, head: null, declaration: null, opened: [], lookups: [], formal: null, items: [] }
  assert.deepEqual(findings((evidence) => ({ ...evidence, earlier: [{ ...before(evidence), ...cut }] })), ['refused', 'answer/evidence'])
  assert.deepEqual(findings((evidence) => ({ ...evidence, earlier: [{ ...before(evidence), ...cut, answer: null }] })), ['refused', 'dossier/outcome'])
  assert.deepEqual(findings((evidence) => ({ ...evidence, earlier: [{ ...before(evidence), ...cut, answer: null }], outcome: 'unreachable' })).at(-1), 'dossier/conclusion', 'it counts as not answered')
})

test('all finds at once look in both too, and the watch says that its labels are of the old key', async () => {
  const party = of('AA').hall().joined.trust.parties.get(BB)
  assert.ok(party !== undefined)
  const { present, absent, batches } = await traceAll(tracing(), party, { wait_ms: WAIT_MS })
  assert.deepEqual([Object.values(present).flatMap((kinds) => Object.values(kinds)).reduce((a, b) => a + b, 0), absent, batches], [3, 1, 2])
  const states = (await watchedIn(of('AA').home(), of('AA').hall())).filter(({ watch }) => watch.item === finds[0]).map(({ state }) => state)
  assert.deepEqual(states.sort(), ['stale', 'watching'])
})

test('a party that only a courier reaches is asked under both, one way for each', async () => {
  const apart = await servedRegistries([AA, BB], { quorum: 2, periodSeconds: 1, openOneIn: 1 }, [BB])
  try {
    const [asker, far] = [apart.of(AA), apart.of(BB)]
    const [item] = await enter(asker.side(), 'seized', [{ type: TYPE, serial: SERIALS[0] }])
    await enter(far.side(), 'baseline', [{ type: TYPE, serial: SERIALS[1] }])
    await asker.up()
    for (const { home, hall } of [asker, far]) await declare(hall().log, clock()).then(() => sequence(home(), hall()))
    await changeKeys(far.home(), far.hall(), { purposes: ['oprf'], compromisedSince: timeOf(clock()), ...TWO }, clock())
    await declare(far.hall().log, clock())
    await sequence(far.home(), far.hall())
    const { path } = await untilBound(asker.hall().log, item as string, WAIT_MS)
    await cosignedProof(asker.hall().log, path.entry, WAIT_MS, 1)
    for (let way = 0; way < 2; way++) await backAndForth(apart, AA, BB)
    const step = () => traceFind({ home: asker.home(), hall: asker.hall(), group, own: asker.answering().message }, item as string, { wait_ms: WAIT_MS, untilSilent: false })
    const said: unknown[] = []
    for (let way = 0; way < 3; way++) {
      const result = await step()
      said.push([evidenceOf(result).outcome, evidenceOf(result).earlier?.length])
      await backAndForth(apart, AA, BB)
    }
    assert.deepEqual(said, [['unreachable', undefined], ['unreachable', 1], ['absent', 1]])
  } finally {
    await closeDoors()
    await apart.remove()
  }
})

test('a register of two OPRF keys passes its audit, and every leaf that an inspection draws opens', async () => {
  const { register } = of('BB').home()
  const found: Finding[] = []
  await withSnapshot(register.db, (snapshot) => auditStore(snapshot, register, (each) => found.push(each), { onTotal: () => undefined, onRows: () => undefined }))
  assert.deepEqual(found, [])
  const declaration = await newestReadable(of('BB').hall().log)
  assert.ok(declaration !== undefined)
  const drawn = await openDrawn({ register, joined: of('BB').hall().joined }, declaration, fromHex('ab'.repeat(32)) as Uint8Array, 3, ['status'])
  assert.equal(drawn.filter(({ sections }) => 'status' in sections).length, 3)
})
