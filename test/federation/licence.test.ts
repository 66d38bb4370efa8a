// Licences between real registries: granted on a certificate, drawn on by dispatches and never beyond, amended, revoked, and named to the receiver by number.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { CustodyRequest } from '@muster/core/rules/custody-event.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import type { LicenceText } from '@muster/core/rules/licence.ts'
import { issueCertificate } from '@muster/registry/certificate/act.ts'
import { certificateBy } from '@muster/registry/certificate/view.ts'
import { amendLicence, grantLicence, revokeLicence } from '@muster/registry/licence/act.ts'
import { licenceBy, licences } from '@muster/registry/licence/view.ts'
import { auditRegister } from '@muster/registry/log/audit.ts'
import { deliverOnce } from '@muster/registry/outbox.ts'
import { itemState } from '@muster/registry/store/record-event.ts'
import { dispatchItems } from '@muster/registry/transfer/act.ts'
import { recordByHand } from '@muster/registry/transfer/by-hand.ts'
import { transfers } from '@muster/registry/transfer/view.ts'
import { servedRegistries, type Member, type Served } from './served.ts'
import { clock, enter } from './two.ts'

const TWO = { by: 'A. Petrova', and: 'B. Karimov' }
const ONE = { by: 'C. Orlova', and: null }
let served: Served
let missiles: ItemId[] = []
const of = (party: string): Member => served.of(party)
const at = (party: string) => ({ register: of(party).home().register, joined: of(party).hall().joined })
const codeOf = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code
const codesIn = (all: readonly PromiseSettledResult<unknown>[]) => all.flatMap((each) => each.status === 'rejected' ? [(each.reason as Refusal).code] : [])
const send = async (party: string) => { await deliverOnce(of(party).home(), of(party).hall(), undefined) }

async function certificate(number: string, quantity = 4): Promise<string> {
  const { certificate: id } = await issueCertificate(at('BB'), of('AA').party, {
    number, date: '2026-03-01', until: timeOf(clock() + 3600), endUser: 'Exercise brigade 4', endUse: 'armed-forces', items: [{ class: 'missile', type: '9М39', quantity }], undertakings: [], note: null,
  }, TWO, clock())
  await send('BB')
  return id
}

async function grant(number: string, changes: Partial<LicenceText> = {}, people: { by: string, and: string | null } = TWO): Promise<string> {
  const { licence } = await grantLicence(at('AA'), {
    number, date: '2026-03-02', to: of('BB').party, endUser: 'Exercise brigade 4', certificate: null, items: [{ class: 'missile', type: '9М39', quantity: 2 }], from: timeOf(clock()), until: timeOf(clock() + 1800), note: null, ...changes,
  }, people, clock())
  return licence
}

function dispatch(items: readonly ItemId[], licence: string | undefined, { to = 'BB', now = clock(), certificate: named, documents = [] }: { to?: string, now?: number, certificate?: string, documents?: Parameters<typeof dispatchItems>[1]['documents'] } = {}) {
  return dispatchItems(at('AA'), { to: of(to).party, items, documents, due: timeOf(now + 60), reason: 'contract 9', note: null, licence, certificate: named }, TWO, now)
}

before(async () => {
  served = await servedRegistries(['AA', 'BB'], { quorum: 2, certificates: true })
  for (const party of ['AA', 'BB']) await of(party).up()
  missiles = await enter(of('AA').side(), 'baseline', ['1', '2', '3', '4', '5', '6', '7', '8'].map((serial) => ({ type: '9М39', serial: `010${serial}` })))
})
after(() => served.remove())

test('a licence takes two people, another party, a number of its own, and is within the certificate on which it rests', async () => {
  const rests = await certificate('EUC-1')
  await assert.rejects(grant('L-1', {}, ONE), codeOf('two-people/second-missing'))
  await assert.rejects(grant('L-1', { to: of('AA').party }), codeOf('licence/no-party'))
  await assert.rejects(grant('L-1', { from: timeOf(clock() - 60), until: timeOf(clock() - 1) }), codeOf('licence/over'))
  await assert.rejects(grant('L-1', { certificate: 'ff'.repeat(16) }), codeOf('certificate/unknown'))
  await assert.rejects(grant('L-1', { certificate: rests, endUser: 'Somebody else' }), codeOf('licence/other-end-user'))
  await assert.rejects(grant('L-1', { certificate: rests, items: [{ class: 'missile', type: '9M39', quantity: 5 }] }), codeOf('licence/beyond-certificate'))
  await assert.rejects(grant('L-1', { certificate: rests, items: [{ class: 'missile', type: null, quantity: 1 }] }), codeOf('licence/beyond-certificate'))
  assert.deepEqual(await licences(at('AA'), clock()), [])
  assert.deepEqual(codesIn(await Promise.allSettled([grant('L-1', { certificate: rests }), grant('L-1', { certificate: rests })])), ['licence/number-used'])
  assert.equal((await licenceBy(at('AA'), 'L-1', clock())).standing, 'valid')
})

test('dispatches under a licence draw on it and on its certificate, two of one moment among them, never beyond, and the receiver is told its number', async () => {
  const [first, second, third] = missiles as [ItemId, ItemId, ItemId]
  await assert.rejects(dispatch([first, second, third], 'L-1'), codeOf('licence/beyond-quantity'))
  await assert.rejects(dispatch([first], undefined, { certificate: 'EUC-1', documents: [{ series: null, number: 'L-1', date: '2026-03-02' }] }), codeOf('licence/name-it'))
  await dispatch([first], 'L-1')
  assert.deepEqual(codesIn(await Promise.allSettled([dispatch([second], 'L-1'), dispatch([third], 'L-1')])).length, 1)
  const held = await licenceBy(at('AA'), 'L-1', clock())
  assert.deepEqual([held.drawn, held.standing, held.acts.map(({ act }) => act.kind)], [[2], 'exhausted', ['granted', 'drawn', 'drawn']])
  const left = (await itemState(of('AA').home().register, third)).holding.status === 'held' ? third : second
  await assert.rejects(dispatch([left], 'L-1'), codeOf('licence/exhausted'))
  assert.deepEqual((await certificateBy(at('AA'), 'EUC-1', 'in', clock())).drawn, [2])
  await send('AA')
  const [notice] = await transfers(at('BB'), clock())
  assert.deepEqual(notice?.body.documents, [{ series: null, number: 'L-1', date: '2026-03-02' }])
  assert.deepEqual((await licences(at('BB'), clock())), [], 'the licence itself is nobody else\'s')
  await amendLicence(at('AA'), 'L-1', { items: [{ class: 'missile', type: '9М39', quantity: 3 }] }, 'the order was changed', TWO, clock())
  await assert.rejects(amendLicence(at('AA'), 'L-1', { items: [{ class: 'missile', type: '9М39', quantity: 1 }] }, 'less', TWO, clock()), codeOf('licence/below-drawn'))
  await assert.rejects(amendLicence(at('AA'), 'L-1', { items: [{ class: 'missile', type: '9М39', quantity: 9 }] }, 'more', TWO, clock()), codeOf('licence/beyond-certificate'))
  await dispatch([left], 'L-1')
})

test('nothing goes by a licence that is expired, revoked or not valid yet, also where it is revoked at the moment of the dispatch', async () => {
  const [, , , fourth, fifth] = missiles as [ItemId, ItemId, ItemId, ItemId, ItemId]
  const rests = await certificate('EUC-2')
  await grant('L-2', { certificate: rests, until: timeOf(clock() + 60) })
  await assert.rejects(dispatch([fourth], 'L-2', { now: clock() + 61 }), codeOf('licence/expired'))
  await grant('L-3', { certificate: rests, from: timeOf(clock() + 60) })
  await assert.rejects(dispatch([fourth], 'L-3'), codeOf('licence/not-yet-valid'))
  await assert.rejects(dispatch([fourth], 'L-3', { now: clock() + 61, certificate: 'EUC-1' }), codeOf('licence/other-certificate'))
  await grant('L-4', { certificate: rests })
  await assert.rejects(revokeLicence(at('AA'), 'L-4', { reason: 'embargo', note: null }, ONE, clock()), codeOf('two-people/second-missing'))
  const both = await Promise.allSettled([revokeLicence(at('AA'), 'L-4', { reason: 'embargo', note: null }, TWO, clock()), dispatch([fourth], 'L-4')])
  assert.ok(['licence/changed-meanwhile', 'licence/revoked'].includes(codesIn(both)[0] ?? ''), String(codesIn(both)))
  assert.equal(codesIn(both).length, 1)
  if (both[0].status === 'rejected') await revokeLicence(at('AA'), 'L-4', { reason: 'embargo', note: null }, TWO, clock())
  await assert.rejects(dispatch([fifth], 'L-4'), codeOf('licence/revoked'))
  await assert.rejects(amendLicence(at('AA'), 'L-4', { until: timeOf(clock() + 9000) }, 'longer', TWO, clock()), codeOf('licence/revoked'))
})

test('no event by hand goes abroad on the number of a licence that the register keeps, and a licence changed in the database is found', async () => {
  const item = missiles[6] as ItemId
  const request: CustodyRequest = { kind: 'dispatched', happened: timeOf(clock()), ...TWO, reason: 'contract 9', documents: [{ series: null, number: 'L-4', date: '2026-03-02' }], data: { to: { name: 'Another state' }, abroad: true, due: timeOf(clock() + 60) } }
  await assert.rejects(recordByHand(of('AA').home().register, { item, request, at: timeOf(clock()) }), codeOf('licence/name-it'))
  const { register } = at('AA')
  const audited = async () => (await auditRegister(register, { onTotal: () => undefined, onRows: () => undefined })).findings.length
  assert.equal(await audited(), 0)
  await register.db.session(async (connection) => {
    await connection.query('SET default_transaction_read_only = off')
    await connection.query("UPDATE act_once SET answer = replace(answer, '\"quantity\":2', '\"quantity\":9') WHERE act_key LIKE 'licence/act %'")
    await connection.query('SET default_transaction_read_only = on')
  })
  await assert.rejects(licences(at('AA'), clock()), /changed behind/)
  assert.notEqual(await audited(), 0)
})
