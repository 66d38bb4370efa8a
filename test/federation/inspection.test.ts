// An inspection between real registries: a sample that nobody chose, opened leaf by leaf, looked at on site and reported; and each way to cheat at it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fromHex, toBase64, toHex } from '@muster/core/bytes/bytes.ts'
import { canonicalBytes, parseJson } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { agreementBytes } from '@muster/core/rules/agreement.ts'
import { bindShare } from '@muster/core/rules/draw.ts'
import { lookUpKeys } from '@muster/core/rules/reconcile.ts'
import { verifyCorrespondence } from '@muster/core/wire/correspondence.ts'
import type { InspectionBody, InspectionKind } from '@muster/core/wire/inspection-body.ts'
import type { Inspection } from '@muster/core/wire/inspection.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { readProof } from '@muster/core/wire/met-proof.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { correspondenceFile } from '@muster/registry/correspondence.ts'
import { announceAnew, announceInspection, drawInspection, joinInspection, openInspection, packed, replyToReport, reportInspection, showInspection, type Findings } from '@muster/registry/inspection/act.ts'
import { openDrawn } from '@muster/registry/inspection/leaves.ts'
import { lookUpInspected } from '@muster/registry/inspection/look-up.ts'
import { inspectionBy } from '@muster/registry/inspection/view.ts'
import { declarationOf, declare, type StoredDeclarationRow } from '@muster/registry/log/declare.ts'
import { sequence } from '@muster/registry/main.ts'
import { deliverOnce } from '@muster/registry/outbox.ts'
import { saidOf } from '@muster/registry/said.ts'
import { send as sendNow } from '@muster/registry/send.ts'
import { auditStore } from '@muster/registry/store/audit.ts'
import { eventsOf } from '@muster/registry/store/events.ts'
import type { Finding } from '@muster/registry/store/finding.ts'
import { writeMessages } from '@muster/registry/store/messages.ts'
import { inspectionShare } from '@muster/registry/store/secrets.ts'
import { withSnapshot } from '@muster/registry/store/snapshot.ts'
import { servedRegistries, type Member, type Served } from './served.ts'
import { add, clock, enter } from './two.ts'

const TWO = { by: 'A. Petrova', and: 'B. Karimov' }
const ONE = { by: 'C. Orlova', and: null }
const DUE = 600
const ITEMS = 120
const group = await fastGroup()
let served: Served
let id = ''
let ahead = 0
const now = (): number => clock() + ahead
/** Every clock moves past the time within which a share is opened. */
function afterTheDue(): void {
  ahead += DUE + 5
  for (const party of ['AA', 'BB', 'CC']) of(party).later(DUE + 5)
}
const of = (party: string): Member => served.of(party)
const at = (party: string) => ({ register: of(party).home().register, joined: of(party).hall().joined, log: of(party).hall().log, mirror: of(party).hall().mirror })
const codeOf = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code
const send = async (...parties: string[]) => { for (const party of parties) await deliverOnce(of(party).home(), of(party).hall(), undefined) }
const seen = (party: string, inspection = id, later = 0): Promise<Inspection> => inspectionBy(at(party), inspection, now() + later)

function announce(party = 'AA', changes: Partial<Parameters<typeof announceInspection>[1]> = {}) {
  return announceInspection(at(party), { inspected: of('BB').party, together: [], day: timeOf(now()), site: 'North', missing: 12, confidence: 9500, note: null, ...changes }, ONE, now())
}
/** Announced by AA alone, drawn and opened. */
async function opened(): Promise<string> {
  const { inspection } = await announce()
  await send('AA')
  await drawInspection(at('BB'), inspection, TWO, now())
  await send('BB')
  await openInspection(at('AA'), inspection, ONE, now())
  await send('AA')
  return inspection
}
/** Says something that the acts would not, signed by that party and stored by whoever takes it. */
async function say<K extends InspectionKind>(from: string, to: string, kind: K, body: InspectionBody<K>): Promise<void> {
  await writeMessages(of(from).home().register, of(from).hall().joined, [{ to: of(to).party, kind, body: body }], now())
  await send(from)
}
const allSeen = ({ drawn }: Inspection): Findings['findings'] => drawn.filter(({ toBeSeen }) => toBeSeen).map(({ index }) => ({ index, what: 'seen' as const, reason: null, read: null })).sort((a, b) => a.index - b.index)
async function honestLeaves(inspection: Inspection) {
  return openDrawn(at('BB'), await declarationOf(of('BB').hall().log, inspection.terms.head) as StoredDeclarationRow, inspection.seed as Uint8Array, inspection.sample as number, ['status', 'marks'])
}

before(async () => {
  served = await servedRegistries(['AA', 'BB', 'CC'], { quorum: 2, deadlines: { openSeconds: 60, answerSeconds: 3600, receiptSeconds: 60, lookSeconds: 86_400, inspectionSeconds: DUE } })
  for (const party of ['AA', 'BB', 'CC']) await of(party).up()
  const items = await enter(of('BB').side(), 'baseline', Array.from({ length: ITEMS }, (_, i) => {
    const serial = String(i).padStart(4, '0')
    return { type: '9М39', serial, marks: [{ text: `9М39 № ${serial}`, place: 'tube', method: 'painted' as const, condition: 'intact' as const, photo: null }] }
  }))
  for (const item of items.slice(0, 10)) await add(of('BB').side(), await eventsOf(of('BB').home().register.db, item), { kind: 'expended', data: { in: 'training' } })
  await declare(of('BB').hall().log, now())
  await sequence(of('BB').home(), of('BB').hall())
})
after(() => served.remove())

test('an inspection takes a party that declared, which is not the own one and no stranger, and a loss that can be noticed', async () => {
  await assert.rejects(announce('AA', { inspected: of('AA').party }), codeOf('inspection/no-party'))
  await assert.rejects(announce('AA', { together: [of('BB').party] }), codeOf('inspection/no-party'))
  await assert.rejects(announce('AA', { inspected: of('CC').party }), codeOf('inspection/no-declaration'))
  await assert.rejects(announce('AA', { missing: 0 }), codeOf('inspection/shape'))
})

test('the sample is drawn of what the head counts as in hand; keys, dummies and items that left are opened on the way', async () => {
  ;({ inspection: id } = await announce())
  await send('AA')
  await assert.rejects(drawInspection(at('BB'), id, ONE, now()), codeOf('two-people/second-missing'))
  await assert.rejects(openInspection(at('AA'), id, ONE, now()), codeOf('inspection/not-now'))
  await drawInspection(at('BB'), id, TWO, now())
  await assert.rejects(drawInspection(at('BB'), id, TWO, now()), codeOf('inspection/not-now'))
  await send('BB')
  const { items, sample, stage } = await seen('AA')
  assert.deepEqual([stage, items, sample], ['drawn', ITEMS - 10, 24])
  await assert.rejects(showInspection(at('BB'), id, [], TWO, now()), codeOf('inspection/not-now'))
  await openInspection(at('AA'), id, ONE, now())
  await send('AA')
  await assert.rejects(showInspection(at('BB'), id, [], ONE, now()), codeOf('two-people/second-missing'))
  await showInspection(at('BB'), id, [], TWO, now())
  await send('BB')
  const shown = await seen('AA')
  assert.deepEqual([shown.stage, shown.complete, shown.wrong], ['shown', true, undefined])
  assert.equal(shown.drawn.filter(({ toBeSeen }) => toBeSeen).length, 24)
  assert.deepEqual([...new Set(shown.drawn.map(({ kind }) => kind))].sort(), ['dummy', 'item', 'key'])
  const [first] = shown.drawn.filter(({ toBeSeen }) => toBeSeen)
  assert.match(first?.marks[0]?.text ?? '', /^9М39 № \d{4}$/)
  assert.deepEqual((await seen('BB')).drawn, shown.drawn, 'both sides read the same')
})

test('a restart in the middle changes nothing: the share is the one that was bound, and the inspection goes on', async () => {
  const { inspection } = await announce()
  await send('AA')
  await drawInspection(at('BB'), inspection, TWO, now())
  await send('BB')
  await of('AA').restart()
  await of('AA').up()
  await openInspection(at('AA'), inspection, ONE, now())
  await send('AA')
  await of('BB').restart()
  await of('BB').up()
  await showInspection(at('BB'), inspection, ['site'], TWO, now())
  await send('BB')
  assert.equal((await seen('AA', inspection)).stage, 'shown')
})

test('a clean inspection says what was shown: with 95 % fewer than twelve are missing; what nobody could reach shows nothing', async () => {
  const all = await seen('AA')
  const findings = allSeen(all)
  await assert.rejects(reportInspection(at('AA'), id, { findings: findings.slice(1), met: [] }, null, ONE, now()), codeOf('inspection/finding-missing'))
  await assert.rejects(reportInspection(at('AA'), id, { findings: [...findings, { ...findings[0] as (typeof findings)[number], index: 1_000_000 }], met: [] }, null, ONE, now()), codeOf('inspection/finding-of-none'))
  const { shown } = await reportInspection(at('AA'), id, { findings, met: [] }, null, ONE, now())
  assert.deepEqual([shown.seen, shown.noticed, shown.outcome], [24, 12, 'nothing-missing'])
  await send('AA')
  assert.equal((await seen('BB')).stage, 'reported')
  await assert.rejects(reportInspection(at('AA'), id, { findings, met: [] }, null, ONE, now()), codeOf('inspection/done-already'))
  await replyToReport(at('BB'), id, { of: undefined, reservations: [], note: null }, ONE, now())
  await send('BB')
  assert.deepEqual((await seen('AA')).replies.map(({ body }) => body.stance), ['accepts'])
})

test('a drawn item that is not there is a discrepancy that the inspected party can only reserve against; what was not reached leaves it inconclusive', async () => {
  const inspection = await opened()
  await showInspection(at('BB'), inspection, [], TWO, now())
  await send('BB')
  const [first, ...rest] = allSeen(await seen('AA', inspection)) as [Findings['findings'][number], ...Findings['findings']]
  const body = async (findings: Findings['findings']) => {
    const { terms, drawHash } = await seen('AA', inspection)
    return { inspection: terms.inspection, draw: drawHash as string, proofs: [], findings, met: [], note: null }
  }
  // A report that states more than its findings show counts for nothing.
  const { shown } = (await seen('AA')).reports[0]?.body as InspectionBody<'inspection/report'>
  await say('AA', 'BB', 'inspection/report', { ...await body([{ ...first, what: 'not-seen' }, ...rest]), shown })
  assert.equal((await seen('BB', inspection)).stage, 'shown')
  await reportInspection(at('AA'), inspection, { findings: [{ ...first, what: 'not-seen' }, ...rest], met: [] }, null, ONE, now())
  await send('AA')
  const [report] = (await seen('BB', inspection)).reports
  assert.deepEqual([report?.body.shown.notSeen, report?.body.shown.outcome], [1, 'discrepancies'])
  await replyToReport(at('BB'), inspection, { of: undefined, reservations: [{ index: first.index, met: null, why: 'moved-since' }], note: null }, ONE, now())
  await send('BB')
  assert.deepEqual((await seen('AA', inspection)).replies.map(({ body }) => body.stance), ['reserves'])
  const other = await opened()
  await showInspection(at('BB'), other, [], TWO, now())
  await send('BB')
  const findings = allSeen(await seen('AA', other)).map((each, i) => i > 0 ? each : { ...each, what: 'not-accessible' as const, reason: 'sealed' as const })
  assert.equal((await reportInspection(at('AA'), other, { findings, met: [] }, null, ONE, now())).shown.outcome, 'inconclusive')
})

type Leaf = InspectionBody<'inspection/show'>['leaves'][number]
const itemAt = (leaves: readonly Leaf[]): number => leaves.findIndex(({ sections }) => sections.status !== undefined)
const put = (leaves: readonly Leaf[], place: number, change: (leaf: Leaf) => Leaf): Leaf[] => leaves.map((each, i) => i === place ? change(each) : each)
const CRIMES: Readonly<Record<string, readonly [string, (leaves: readonly Leaf[]) => readonly Leaf[]]>> = {
  'another leaf in its place': ['inspection/other-leaf', ([, second, ...rest]) => [second as Leaf, second as Leaf, ...rest]],
  'another leaf under its place': ['inspection/leaf-path', (leaves) => put(leaves, 0, ({ index }) => ({ ...leaves[1] as Leaf, index }))],
  'the last one withheld': ['inspection/leaf-withheld', (leaves) => leaves.slice(0, -1)],
  'one more than was drawn': ['inspection/too-many-leaves', (leaves) => [...leaves, leaves[0] as Leaf]],
  'another status than was declared': ['inspection/leaf-opening', (leaves) => put(leaves, itemAt(leaves), (leaf) => {
    const status = leaf.sections.status as NonNullable<Leaf['sections']['status']>
    return { ...leaf, sections: { ...leaf.sections, status: { ...status, bytes: Buffer.from(Buffer.from(status.bytes, 'base64').toString().replace('9М39', '9М38')).toString('base64') } } }
  })],
  'an item kept closed': ['inspection/leaf-section', (leaves) => put(leaves, itemAt(leaves), (leaf) => ({ ...leaf, sections: { kind: leaf.sections.kind } }))],
}

const crimes = new Map<string, string>()

for (const [crime, [code, commit]] of Object.entries(CRIMES)) {
  test(`the inspected party fails by name where it shows ${crime}`, async () => {
    const inspection = await opened()
    const state = await seen('BB', inspection)
    const leaves = commit(await honestLeaves(state))
    crimes.set(crime, inspection)
    await say('BB', 'AA', 'inspection/show', { inspection, draw: state.drawHash as string, first: 0, last: true, leaves })
    const { wrong, failed, stage } = await seen('AA', inspection)
    assert.deepEqual([wrong?.code, failed, stage], [code, ['BB'], 'failed'])
    await assert.rejects(reportInspection(at('AA'), inspection, { findings: [], met: [] }, null, ONE, now()), codeOf(code))
  })
}

test('a newer declaration in the place of the one that was announced is refused in the draw and leaf by leaf', async () => {
  const inspection = await opened()
  const { inspection: second } = await announce()
  await send('AA')
  const first = await seen('BB', inspection)
  await declare(of('BB').hall().log, now())
  await sequence(of('BB').home(), of('BB').hall())
  const { head } = await announce()
  const newer = await declarationOf(of('BB').hall().log, head) as StoredDeclarationRow
  assert.notEqual(head, first.terms.head)
  // Leaves of the newer one, told to stand where the others were drawn.
  const [own, ofNewer] = [await honestLeaves(first), await openDrawn(at('BB'), newer, first.seed as Uint8Array, first.sample as number, ['status', 'marks'])]
  const leaves = own.map(({ index }, i) => ({ ...ofNewer[i % ofNewer.length] as Leaf, index }))
  await say('BB', 'AA', 'inspection/show', { inspection, draw: first.drawHash as string, first: 0, last: true, leaves })
  assert.equal((await seen('AA', inspection)).wrong?.code, 'inspection/leaf-path')
  const { announced } = await seen('BB', second)
  const bound = announced.map(({ from, id: message, body }) => ({ party: from, announce: message, binding: body.binding }))
  await say('BB', 'AA', 'inspection/draw', { ...first.draw as InspectionBody<'inspection/draw'>, inspection: second, bound, head: newer.head.head })
  const swapped = await seen('AA', second)
  assert.deepEqual([swapped.wrong?.code, swapped.failed], ['inspection/other-head', ['BB']])
  await assert.rejects(openInspection(at('AA'), second, ONE, now()), codeOf('inspection/other-head'))
})

test('other counts than the head binds, another binding than was announced, and a second share fail the inspected party', async () => {
  for (const [code, change] of [
    ['inspection/counts', (draw) => ({ ...draw, counts: { ...draw.counts, 'missile held': 20 } })],
    ['inspection/other-binding', (draw) => ({ ...draw, bound: draw.bound.map((each) => ({ ...each, binding: toHex(bindShare(p, fromHex(id.repeat(2)) as Uint8Array, of('AA').party, new Uint8Array(32))) })) })],
    ['inspection/second-draw', (draw) => ({ ...draw, share: 'ab'.repeat(32) })],
  ] as readonly (readonly [string, (draw: InspectionBody<'inspection/draw'>) => InspectionBody<'inspection/draw'>])[]) {
    const { inspection } = await announce()
    await send('AA')
    await drawInspection(at('BB'), inspection, TWO, now())
    // The second share comes after the first; the others come in place of the true draw, which is not sent.
    const honest = (await seen('BB', inspection)).draw as InspectionBody<'inspection/draw'>
    const other = code === 'inspection/second-draw' ? inspection : (await announce()).inspection
    await send('AA', 'BB')
    const { announced } = await seen('BB', other)
    const bound = announced.map(({ from, id: message, body }) => ({ party: from, announce: message, binding: body.binding }))
    await say('BB', 'AA', 'inspection/draw', change({ ...honest, inspection: other, bound }))
    const { wrong, failed } = await seen('AA', other)
    assert.deepEqual([wrong?.code, failed], [code, ['BB']])
    await assert.rejects(openInspection(at('AA'), other, ONE, now()), codeOf(code))
  }
})

test('an inspecting party that does not open in time, or opens another share, has failed by name, and the draw is held anew without it', async () => {
  const { inspection } = await announce('AA', { together: [of('CC').party] })
  await send('AA')
  await assert.rejects(drawInspection(at('BB'), inspection, TWO, now()), codeOf('inspection/not-now'))
  assert.deepEqual((await seen('BB', inspection, DUE + 1)).failed, ['CC'], 'who binds nothing in time has failed too')
  await joinInspection(at('CC'), inspection, ONE, now())
  await assert.rejects(joinInspection(at('CC'), inspection, ONE, now()), codeOf('inspection/done-already'))
  await send('CC')
  await drawInspection(at('BB'), inspection, TWO, now())
  await send('BB')
  await openInspection(at('AA'), inspection, ONE, now())
  await send('AA')
  await assert.rejects(announceAnew(at('AA'), inspection, ONE, now()), codeOf('inspection/not-failed'))
  await assert.rejects(showInspection(at('BB'), inspection, [], TWO, now()), codeOf('inspection/not-now'))
  afterTheDue()
  const late = await seen('AA', inspection)
  assert.deepEqual([late.stage, late.failed], ['failed', ['CC']])
  await assert.rejects(openInspection(at('CC'), inspection, ONE, now()), codeOf('inspection/not-now'))
  await assert.rejects(announceAnew(at('CC'), inspection, ONE, now()), codeOf('inspection/not-its-part'))
  const anew = await announceAnew(at('AA'), inspection, ONE, now())
  await send('AA')
  const { terms, announced } = await seen('BB', anew.inspection)
  assert.deepEqual([terms.instead, terms.inspectors], [inspection, ['AA']])
  assert.notEqual(announced[0]?.body.binding, late.announced[0]?.body.binding, 'the share is a fresh one')
})

test('with two that inspect, each share moves the draw, and each side reads the same leaves', async () => {
  const { inspection } = await announce('AA', { together: [of('CC').party] })
  await send('AA')
  await joinInspection(at('CC'), inspection, ONE, now())
  await send('CC')
  await drawInspection(at('BB'), inspection, TWO, now())
  await send('BB')
  for (const party of ['AA', 'CC']) await openInspection(at(party), inspection, ONE, now())
  await send('AA', 'CC')
  await showInspection(at('BB'), inspection, [], TWO, now())
  await send('BB')
  const [a, b, c] = [await seen('AA', inspection), await seen('BB', inspection), await seen('CC', inspection)]
  assert.deepEqual([a.stage, b.stage, c.stage], ['shown', 'shown', 'shown'])
  assert.deepEqual(a.drawn, c.drawn)
  await reportInspection(at('CC'), inspection, { findings: allSeen(c), met: [] }, null, ONE, now())
  await send('CC')
  assert.deepEqual((await seen('AA', inspection)).reports.map(({ from }) => from), ['CC'])
})

test('a share opened that was never bound fails who opened it; a share of an earlier draw, and words of who has no part, count for nothing', async () => {
  const { inspection } = await announce()
  await send('AA')
  await drawInspection(at('BB'), inspection, TWO, now())
  await send('BB')
  const { drawHash } = await seen('AA', inspection)
  const { drawHash: earlier } = await seen('AA')
  const old = toHex(inspectionShare(of('AA').home().register.secrets, of('AA').hall().joined.agreement.id, id, (await seen('AA')).terms.head))
  await say('AA', 'BB', 'inspection/open', { inspection, draw: earlier as string, share: old })
  assert.equal((await seen('BB', inspection)).stage, 'drawn', 'an opening of another draw opens nothing here')
  const before = (await of('BB').home().register.db.read('SELECT 1 AS one FROM message')).length
  await say('CC', 'BB', 'inspection/open', { inspection, draw: drawHash as string, share: old })
  await say('CC', 'BB', 'inspection/open', { inspection: 'cd'.repeat(16), draw: drawHash as string, share: old })
  assert.equal((await of('BB').home().register.db.read('SELECT 1 AS one FROM message')).length, before, 'CC has no part in it')
  await say('AA', 'BB', 'inspection/open', { inspection, draw: drawHash as string, share: old })
  const { wrong, failed } = await seen('BB', inspection)
  assert.deepEqual([wrong?.code, failed], ['draw/share-not-bound', ['AA']])
})

test('many leaves go in several messages, each below the bound of one, and are read in any order of arrival', async () => {
  const inspection = await opened()
  const state = await seen('BB', inspection)
  const parts = packed(await honestLeaves(state), 20_000)
  assert.ok(parts.length > 3 && parts.every(({ leaves }) => JSON.stringify(leaves).length < 24_000))
  for (const part of parts.toReversed()) {
    assert.notEqual((await seen('AA', inspection)).stage, 'shown')
    await say('BB', 'AA', 'inspection/show', { inspection, draw: state.drawHash as string, ...part })
  }
  assert.equal((await seen('AA', inspection)).stage, 'shown')
})

const item = (serial: string, type = '9М39'): Findings['met'][number] => ({ class: 'missile', maker: 'unknown', type: { is: type }, year: 'unknown', lot: 'unknown', serial: { is: serial } })
const running = (party: string) => ({ home: of(party).home(), hall: of(party).hall(), group, own: undefined })
const looksUp = (party: string, inspection: string, met: Findings['met'], drawn = false): Promise<Inspection> => lookUpInspected(running(party), inspection, { met, drawn }, ONE)
async function shownOne(): Promise<string> {
  const inspection = await opened()
  await showInspection(at('BB'), inspection, [], TWO, now())
  await send('BB')
  return inspection
}
let bothWays = ''

test('marks read off items, drawn and met, are looked up blinded; what is declared under them, and what is not, everybody proves for itself', async () => {
  bothWays = await shownOne()
  await looksUp('AA', bothWays, [item('0100'), item('№ 7777'), item('К??7?')], true)
  await send('AA')
  const findings = allSeen(await seen('AA', bothWays))
  const { shown } = await reportInspection(at('AA'), bothWays, { findings, met: [item('К??7?')] }, null, ONE, now())
  assert.deepEqual([shown.seen, shown.found, shown.metDeclared, shown.metNotDeclared, shown.metNotLookedUp, shown.outcome], [24, 24, 1, 1, 1, 'discrepancies'])
  await send('AA')
  const read = verifyCorrespondence(p, group, (await correspondenceFile(at('BB'), bothWays)).bytes, agreementBytes(served.agreement))
  assert.ok(read.verdict === 'proven')
  assert.deepEqual(read.inspection?.reports[0]?.body.met.map(({ what }) => what).sort(), ['met-declared', 'met-not-declared', 'met-not-looked-up'])
})

test('a report that says of a mark something else than was proven, or rests on what was not shown, counts for nothing', async () => {
  const { terms, drawHash, reports } = await seen('AA', bothWays)
  const [{ body }] = reports as [Inspection['reports'][number]]
  const inspection = await shownOne()
  const findings = allSeen(await seen('AA', inspection))
  const other = { ...body, inspection, draw: (await seen('AA', inspection)).drawHash as string, findings }
  for (const changed of [
    { ...other, met: body.met.map((each) => ({ ...each, what: 'met-not-declared' as const })) }, { ...other, proofs: [] }, { ...other, met: [] },
    { ...other, findings: findings.map((each) => ({ ...each, what: 'key-missing' as const })), proofs: [], met: [] },
  ]) await say('AA', 'BB', 'inspection/report', changed)
  assert.equal((await seen('BB', inspection)).stage, 'shown')
  assert.equal(terms.inspection, bothWays)
  assert.notEqual(drawHash, other.draw)
})

test('an absent mark in the place of the one that was asked, and a proof of another batch, show nothing; no more is evaluated than the sample gives', async () => {
  const inspection = await shownOne()
  const state = await seen('BB', inspection)
  const [proof] = (await saidOf(at('AA'), 'inspection/prove', 'out')).filter(({ body }) => body.inspection === bothWays && body.absent.length > 0).map(({ body }) => body)
  assert.ok(proof !== undefined)
  const within = { inspector: of('AA').party, inspected: of('BB').party, inspection: bothWays, draw: proof.draw, head: (await seen('AA', bothWays)).draw?.head as never, headHash: (await seen('AA', bothWays)).terms.head, drawn: (await seen('AA', bothWays)).drawn }
  const evaluating = { group, keysOf: at('AA').joined.trust.messageKeys }
  assert.ok(Array.isArray(readProof(p, evaluating, within, proof)))
  const met = proof.items.findIndex(({ index }) => index === null)
  const elements = proof.opened.flatMap(({ item: of }, i) => of === met ? [i] : [])
  const key = Buffer.from(lookUpKeys(item('8888'))[0]?.key as Uint8Array).toString('base64')
  const changes: Readonly<Record<string, typeof proof>> = {
    'inspection/false-evaluation': { ...proof, items: proof.items.map((each, i) => i === met ? { ...each, identity: item('8888') } : each), opened: proof.opened.map((each, i) => i === elements[0] ? { ...each, input: key } : each) },
    'inspection/not-its-mark': { ...proof, items: proof.items.map((each, i) => i === met ? { ...each, identity: item('8888') } : each) },
    'inspection/other-question': { ...proof, opened: proof.opened.slice(1) },
    'inspection/not-looked-up': { ...proof, absent: proof.absent.map((each) => ({ ...each, index: each.index + 1 })) },
  }
  for (const [code, changed] of Object.entries(changes)) {
    const read = readProof(p, evaluating, within, changed)
    assert.ok(read instanceof Error && 'code' in read, code)
    assert.equal(read.code, code)
  }
  // Beyond the sample, without the one before, and of an inspection whose draw is not open.
  const body = (n: number, size: number) => ({ inspection, draw: state.drawHash as string, n, elements: Array.from({ length: size }, (_, i) => toBase64(group.hashToGroup(p.sha256(Uint8Array.of(i)), new Uint8Array(4)))) })
  assert.equal(await asks('AA', body(0, 1024)), 'beyond-the-sample')
  assert.equal(await asks('AA', body(900, 16)), 'beyond-the-sample')
  assert.equal(await asks('AA', body(1, 16)), 'not-shown')
  assert.equal(await asks('AA', { ...body(0, 16), draw: 'ab'.repeat(32) }), 'not-opened')
  assert.equal(await asks('AA', body(0, 16)), 'evaluated')
  assert.equal(await asks('AA', body(0, 16)), 'beyond-the-sample', 'a batch is given to one question')
})

async function asks(party: string, body: InspectionBody<'inspection/ask'>): Promise<unknown> {
  const [message] = await writeMessages(of(party).home().register, of(party).hall().joined, [{ to: of('BB').party, kind: 'inspection/ask', body }], now())
  const { answers: [answer] } = await sendNow(of(party).home(), of(party).hall(), message as Message, undefined)
  return answer?.payload.kind === 'inspection/refuse' ? answer.payload.body.reason : answer?.payload.kind.slice('inspection/'.length)
}

test('broken off after the question, the look-up goes on with the marks that were written down, and asks no second time', async () => {
  const inspection = await shownOne()
  const asked = async () => (await saidOf(at('AA'), 'inspection/ask', 'out')).filter(({ body }) => body.inspection === inspection).length
  await of('BB').down()
  await assert.rejects(looksUp('AA', inspection, [item('7778')]))
  assert.equal(await asked(), 1)
  await of('BB').up()
  await of('BB').restart()
  await of('BB').up()
  const { proofs } = await looksUp('AA', inspection, [])
  assert.equal(await asked(), 1)
  assert.deepEqual(proofs.flatMap(({ looked }) => looked.map(({ identity }) => identity)), [item('7778')])
})

test('who proves something else than it asked is refused, suspended, and evaluated nothing more', async () => {
  const inspection = await shownOne()
  await looksUp('AA', inspection, [item('7779')])
  const [proof] = (await saidOf(at('AA'), 'inspection/prove', 'out')).filter(({ body }) => body.inspection === inspection).map(({ body }) => body)
  await say('AA', 'BB', 'inspection/prove', { ...proof as NonNullable<typeof proof>, items: [{ index: null, identity: item('7780') }] })
  await assert.rejects(looksUp('AA', inspection, [item('7781')]), /suspended/)
})

test('a third reads draw, leaves and report from the messages alone, and a crime as well as a clean inspection', async () => {
  const { bytes } = await correspondenceFile(at('AA'), id)
  const agreed = agreementBytes(served.agreement)
  const read = verifyCorrespondence(p, group, bytes, agreed)
  assert.ok(read.verdict === 'proven')
  assert.deepEqual([read.inspection?.stage, read.inspection?.sample, read.inspection?.failed, read.inspection?.reports[0]?.body.shown.outcome], ['reported', 24, [], 'nothing-missing'])
  const withheld = verifyCorrespondence(p, group, (await correspondenceFile(at('AA'), crimes.get('the last one withheld') as string)).bytes, agreed)
  assert.ok(withheld.verdict === 'proven')
  assert.deepEqual([withheld.inspection?.wrong?.code, withheld.inspection?.failed], ['inspection/leaf-withheld', ['BB']])
  // Its maker leaves the share of AA out: nothing follows, and nobody is said to have failed for it.
  const file = parseJson(bytes) as { messages: { payload: string }[] }
  const kindOf = ({ payload }: { payload: string }): string => (JSON.parse(Buffer.from(payload, 'base64').toString()) as { kind: string }).kind
  const openings = new Set(file.messages.filter((message) => kindOf(message) === 'inspection/open'))
  assert.equal(openings.size, 1)
  const without = verifyCorrespondence(p, group, canonicalBytes({ ...file, messages: file.messages.filter((message) => !openings.has(message) && kindOf(message) !== 'receipt') }), agreed)
  assert.ok(without.verdict === 'proven')
  assert.deepEqual([without.inspection?.stage, without.inspection?.failed], ['drawn', []])
})

test('who said what is bound in the log and whole, at each party', async () => {
  for (const party of ['AA', 'BB', 'CC']) {
    const found: Finding[] = []
    const { register } = of(party).home()
    await withSnapshot(register.db, (snapshot) => auditStore(snapshot, register, (finding) => found.push(finding), { onTotal: () => undefined, onRows: () => undefined }))
    assert.deepEqual(found, [])
  }
})
