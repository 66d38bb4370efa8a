// Reconciliation of two parties: what each says that passed between them, and what of it the other declares, without either naming an item that the other was
// not asked for. A party that asks beyond the grant, shows something else, or opens another table than it bound gets nothing.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fromHex, toBase64, toHex } from '@muster/core/bytes/bytes.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { coinBinding } from '@muster/core/oprf/batch.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { bindTable } from '@muster/core/wire/reconciliation-body.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { sodiumGroup } from '@muster/fast/sodium-group.ts'
import { correspondenceFile } from '@muster/registry/correspondence.ts'
import { declare } from '@muster/registry/log/declare.ts'
import { catchUp, sequence } from '@muster/registry/main.ts'
import { isDisproven } from '@muster/registry/delivery/charge.ts'
import { deliverOnce } from '@muster/registry/outbox.ts'
import { evidenceFile } from '@muster/registry/peer/evidence-file.ts'
import { acceptReconciliation, declineReconciliation, proposeReconciliation } from '@muster/registry/reconciliation/act.ts'
import { affairs, ownTableOf, type Affair } from '@muster/registry/reconciliation/affair.ts'
import { runReconciliation, type Reconciled } from '@muster/registry/reconciliation/run.ts'
import { saidOf } from '@muster/registry/said.ts'
import { send } from '@muster/registry/send.ts'
import { filedBreaches, type FiledBreach } from '@muster/registry/store/breaches.ts'
import { writeMessages } from '@muster/registry/store/messages.ts'
import { acquired, released } from './passed.ts'
import { servedRegistries, type Served } from './served.ts'
import { clock, enter } from './two.ts'

const TWO = { by: 'A. Petrova', and: 'B. Karimov' }
let served: Served
let group: Group
const of = (party: string) => served.of(party)
const at = (party: string) => ({ register: of(party).home().register, joined: of(party).hall().joined })
const deliver = (party: string) => deliverOnce(of(party).home(), of(party).hall(), undefined)
const running = (party: string) => ({ home: of(party).home(), hall: of(party).hall(), group, own: undefined })
const codeOf = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code
const sha256 = (...parts: Uint8Array[]) => p.sha256(...parts)

before(async () => {
  group = await sodiumGroup()
  served = await servedRegistries(['AA', 'BB', 'CC'], { quorum: 2, periodSeconds: 3600, reconciliation: { openOneIn: 2 } })
  await released(of('AA'), of('BB').party, ['Б-1001', '01002', '1003', '1004', '1005'])
  await enter(of('AA').side(), 'baseline', [{ serial: '7001', type: '9М39' }])
  await acquired(of('BB'), of('AA').party, ['B1001', '1002', '1003', '1004'])
  await enter(of('BB').side(), 'baseline', [{ serial: '8001', type: '9М39' }])
  for (const party of ['AA', 'BB']) {
    await declare(of(party).side().log, clock())
    await sequence(of(party).home(), of(party).hall())
  }
  for (const party of ['AA', 'BB', 'CC']) await of(party).up()
  for (const party of ['AA', 'BB']) await catchUp(of(party).home(), of(party).hall())
})
after(() => served.remove())

async function proposed(): Promise<string> {
  const { id } = await proposeReconciliation(at('AA'), of('BB').party, { asOf: timeOf(clock() - 10), note: null }, TWO, clock())
  await deliver('AA')
  return id
}
async function accepted(): Promise<string> {
  const id = await proposed()
  await acceptReconciliation(at('BB'), id, TWO, clock())
  await deliver('BB')
  return id
}
const rowsOf = ({ rows }: Reconciled) => rows.map(({ class: kind, way, own, other, asked, declared, differences }) => [kind, way, own, other, asked, declared, differences])

test('the item that one released and the other never declared is found from the releasing side, however its clerks wrote the others; the other side finds all of its own', async () => {
  const id = await accepted()
  const mine = await runReconciliation(running('AA'), id, TWO)
  assert.deepEqual(rowsOf(mine), [['missile', 'to', 5, 4, 5, 4, 1]])
  const [missing] = mine.items.filter(({ found }) => found === 'not-declared')
  const [{ serial } = { serial: '' }] = await at('AA').register.db.read<{ serial: string }>('SELECT serial FROM item WHERE item_id = $1', [missing?.item])
  assert.equal(serial, '1005')
  const theirs = await runReconciliation(running('BB'), id, TWO)
  assert.deepEqual(rowsOf(theirs), [['missile', 'from', 4, 5, 4, 4, 1]])
  for (const party of ['AA', 'BB']) await deliver(party)
  for (const party of ['AA', 'BB']) {
    const [affair] = (await affairs(at(party))).filter((each) => each.id === id)
    assert.ok(affair?.reports.own !== undefined && affair.reports.other !== undefined, 'each has the report of the other')
  }
})

test('what was decided, bound, opened and reported is a correspondence that anybody verifies; it holds no blinded batch', async () => {
  const id = await accepted()
  await runReconciliation(running('AA'), id, TWO)
  await deliver('AA')
  const { verification } = await correspondenceFile(at('BB'), id)
  assert.deepEqual([verification.verdict, verification.letters.map(({ kind }) => kind).sort()], ['proven', ['accept', 'counts', 'open', 'propose', 'report'].map((kind) => `reconciliation/${kind}`)])
})

test('neither report nor any message that is not shown names an item: what BB holds of AA\'s words has no serial but of those that the coins picked', async () => {
  const shown = new Set<string>()
  const rows = await at('BB').register.db.read<{ kind: string, envelope: Buffer }>("SELECT kind, envelope FROM message WHERE sender = 'AA' AND direction = 'in' AND kind LIKE 'reconciliation/%'")
  assert.ok(rows.length >= 5)
  for (const { kind, envelope } of rows) {
    const payload = Buffer.from((JSON.parse(envelope.toString('utf8')) as { payload: string }).payload, 'base64').toString('utf8')
    for (const serial of ['Б-1001', '01002', '1003', '1004', '1005', '7001']) if (payload.includes(`{"is":"${serial}"}`)) {
      assert.equal(kind, 'reconciliation/show', `${serial} in ${kind}`)
      shown.add(serial)
    }
  }
  assert.ok(!shown.has('7001'), 'what never passed between the two is not asked for')
})

test('run again, it asks nothing anew and finds the same; what is spent is spent once', async () => {
  const id = await accepted()
  const first = await runReconciliation(running('AA'), id, TWO)
  const messages = async () => (await at('AA').register.db.read("SELECT 1 AS one FROM message WHERE direction = 'out'")).length
  const before = await messages()
  assert.deepEqual(await runReconciliation(running('AA'), id, TWO), first)
  assert.equal(await messages(), before)
})

test('nothing is given before both have decided, by two people on each side; a decline ends it', async () => {
  await assert.rejects(proposeReconciliation(at('AA'), of('BB').party, { asOf: timeOf(clock()), note: null }, { by: 'A. Petrova', and: null }, clock()), codeOf('two-people/second-missing'))
  await assert.rejects(proposeReconciliation(at('AA'), 'ZZ' as never, { asOf: timeOf(clock()), note: null }, TWO, clock()), codeOf('reconciliation/no-party'))
  const id = await proposed()
  await assert.rejects(runReconciliation(running('AA'), id, TWO), codeOf('reconciliation/answered'))
  await assert.rejects(acceptReconciliation(at('AA'), id, TWO, clock()), codeOf('reconciliation/answered'))
  await declineReconciliation(at('BB'), id, { reason: 'restricted-by-law', note: null }, TWO, clock())
  await assert.rejects(acceptReconciliation(at('BB'), id, TWO, clock()), codeOf('reconciliation/answered'))
  await deliver('BB')
  await assert.rejects(runReconciliation(running('AA'), id, TWO), codeOf('reconciliation/answered'))
})

/** What is on file at a party, as the charges of the files that it makes of it. */
async function charged(party: string): Promise<unknown[]> {
  return (await Array.fromAsync(filedBreaches(at(party).register))).map((filed) => evidenceFile(group, at(party).joined, filed)?.charge)
}

test('elements of a reconciliation are spent beside the traces, and take nothing from their quota', async () => {
  const { spent, accounts } = await of('BB').answering().facts(at('BB').joined.agreement.id)
  assert.equal(spent.AA, undefined)
  assert.ok((accounts['reconciliation AA'] ?? 0) >= 16)
})

async function says(party: string, kind: 'reconciliation/open' | 'reconciliation/ask' | 'reconciliation/show', body: { readonly [name: string]: unknown }): Promise<string | undefined> {
  const [message] = await writeMessages(at(party).register, at(party).joined, [{ to: of('BB').party, kind, body: body as never }], clock())
  const { answers } = await send(of(party).home(), of(party).hall(), message as Message, undefined)
  const [answer] = answers
  return answer?.payload.kind === 'reconciliation/refuse' ? answer.payload.body.reason as string : answer?.payload.kind
}
const elements = (count: number) => Array.from({ length: count }, () => toBase64(new Uint8Array(32)))

test('another table than was bound, an opening that nobody accepted, and a question before the tables are refused by code', async () => {
  const id = await accepted()
  const [affair] = (await affairs(at('AA'))).filter((each) => each.id === id)
  const accept = affair?.accepted?.message.id ?? ''
  const rows = [{ class: 'missile', year: '2026', to: 900, from: 0 }]
  assert.notEqual(bindTable(p, fromHex('00'.repeat(32)) as Uint8Array, rows), affair?.proposal.body.binding)
  assert.equal(await says('AA', 'reconciliation/ask', { reconciliation: id, n: 0, head: 'ab'.repeat(32), elements: elements(16), coin: '00'.repeat(32) }), 'not-accepted')
  assert.equal(await says('AA', 'reconciliation/open', { reconciliation: id, accept: 'cd'.repeat(32), salt: '00'.repeat(32), rows }), 'not-accepted')
  assert.equal(await says('AA', 'reconciliation/open', { reconciliation: id, accept, salt: '00'.repeat(32), rows }), 'not-bound')
  assert.equal(await says('CC', 'reconciliation/ask', { reconciliation: id, n: 0, head: 'ab'.repeat(32), elements: elements(16), coin: '00'.repeat(32) }), 'not-accepted', 'another\'s grant is nobody else\'s')
})

test('a larger batch, a batch more, and many at once for one batch get what the grant gives and no more', async () => {
  const id = await accepted()
  const result = await runReconciliation(running('AA'), id, TWO)
  const { head } = result
  for (const [n, size] of [[0, 64], [0, 1024], [1, 16], [7, 16]] as const) {
    assert.equal(await says('AA', 'reconciliation/ask', { reconciliation: id, n, head, elements: elements(size), coin: toHex(coinBinding(sha256, new Uint8Array(32))) }), 'beyond-the-grant', `${n} of ${size}`)
  }
  const again = await Promise.all(Array.from({ length: 6 }, () => says('AA', 'reconciliation/ask', { reconciliation: id, n: 0, head, elements: elements(16), coin: toHex(coinBinding(sha256, new Uint8Array(32))) })))
  assert.deepEqual(new Set(again), new Set(['beyond-the-grant']))
})

test('what was asked before the register was made another is not used for other items: the run stops and says so', async () => {
  const id = await accepted()
  await assert.rejects(runReconciliation({ ...running('AA'), home: { ...of('AA').home(), now: () => { throw new Error('killed') } } }, id, TWO), /killed/)
  const [affair] = (await affairs(at('AA'))).filter((each) => each.id === id)
  const { rows, salt } = await ownTableOf(at('AA'), affair as Affair)
  assert.equal(await says('AA', 'reconciliation/open', { reconciliation: id, accept: affair?.accepted?.message.id, salt: toHex(salt), rows }), 'reconciliation/counts')
  const others = Array.from({ length: 16 }, (_, i) => toBase64(group.hashToGroup(p.sha256(Uint8Array.of(i)), new Uint8Array(4))))
  const { heads } = await of('AA').hall().mirror.follow(of('BB').party)
  assert.equal(await says('AA', 'reconciliation/ask', { reconciliation: id, n: 0, head: heads.at(-1)?.head.hash, elements: others, coin: toHex(coinBinding(sha256, new Uint8Array(32))) }), 'reconciliation/answer')
  await assert.rejects(runReconciliation(running('AA'), id, TWO), codeOf('reconciliation/other-question'))
})

test('who shows other elements than the coins picked, or none, is refused and suspended: it asks nothing more until officers lift it', async () => {
  const id = await accepted()
  await runReconciliation(running('AA'), id, TWO)
  const [ask] = await at('AA').register.db.read<{ message_id: Buffer }>("SELECT message_id FROM message WHERE kind = 'reconciliation/ask' AND direction = 'out' ORDER BY sequence DESC LIMIT 1")
  assert.equal(await says('AA', 'reconciliation/show', { reconciliation: id, ask: ask?.message_id.toString('hex'), coin: '11'.repeat(32), opened: [] }), 'wrong')
  const next = await accepted()
  await assert.rejects(runReconciliation(running('AA'), next, TWO), /suspended/)
  assert.deepEqual(await charged('BB'), ['other-table', 'false-opening'])
  const [stopped] = (await affairs(at('AA'))).filter((each) => each.id === next)
  assert.deepEqual(stopped?.reports.own?.body.failed, { n: 0, why: 'suspended' }, 'the report says where it ended')
})

test('the last batch counts as one that was not opened where nothing is shown of it: told, suspended, and on file with what convicts', async () => {
  const { id: agreement } = at('BB').joined.agreement
  const id = await (async () => {
    const { id: made } = await proposeReconciliation(at('BB'), of('AA').party, { asOf: timeOf(clock() - 10), note: null }, TWO, clock())
    await deliver('BB')
    await acceptReconciliation(at('AA'), made, TWO, clock())
    await deliver('AA')
    return made
  })()
  // BB asks AA, has the evaluation, and is broken off before it shows anything.
  const shows = async () => (await saidOf(at('BB'), 'reconciliation/show', 'out')).length
  const before = await shows()
  const hall = of('BB').hall()
  await assert.rejects(runReconciliation({ ...running('BB'), hall: { ...hall, mirror: { ...hall.mirror, declaration: () => Promise.resolve('/nowhere') } } }, id, TWO), { code: 'copy/tile' })
  assert.equal(await shows(), before)
  of('AA').later(61)
  const sweep = () => of('AA').answering().everyPeriod(of('AA').hall())
  await sweep()
  assert.deepEqual((await of('AA').answering().facts(agreement)).suspended.map(({ asker, why }) => [asker, why]), [['BB', 'late']])
  await deliver('AA')
  of('AA').later(61)
  await sweep()
  assert.deepEqual(await charged('AA'), ['unopened'])
  // Shown late, the suspension ends and nothing is held against it any more.
  await runReconciliation(running('BB'), id, TWO)
  assert.deepEqual((await of('AA').answering().facts(agreement)).suspended, [])
  const [filed] = await Array.fromAsync(filedBreaches(at('AA').register))
  assert.equal(await isDisproven(at('AA'), filed as FiledBreach), true)
})
