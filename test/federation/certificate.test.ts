// End-user certificates between real registries: issued, verified with the issuer, drawn on by dispatches and never beyond what they say, withdrawn.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { Verdict } from '@muster/core/rules/certificate.ts'
import type { CustodyRequest } from '@muster/core/rules/custody-event.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import { certificateHash, type CertificateText } from '@muster/core/wire/certificate-body.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { issueCertificate, verifyCertificate, withdrawCertificate } from '@muster/registry/certificate/act.ts'
import { certificateBy, certificates, verifications } from '@muster/registry/certificate/view.ts'
import { deliverOnce } from '@muster/registry/outbox.ts'
import type { SaidBody } from '@muster/core/wire/said-body.ts'
import { writeMessages } from '@muster/registry/store/messages.ts'
import { dispatchItems, receiveItems } from '@muster/registry/transfer/act.ts'
import { recordByHand } from '@muster/registry/transfer/by-hand.ts'
import { servedRegistries, type Member, type Served } from './served.ts'
import { clock, enter, identityOf } from './two.ts'

const TWO = { by: 'A. Petrova', and: 'B. Karimov' }
const NOWHERE = { owner: 'unknown', custodian: 'unknown', site: 'unknown', unit: 'unknown' } as const
const ONE = { by: 'C. Orlova', and: null }
let served: Served
let missiles: ItemId[] = []
let gripstock: ItemId[] = []
const of = (party: string): Member => served.of(party)
const at = (party: string) => ({ register: of(party).home().register, joined: of(party).hall().joined })
const codeOf = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code
const send = async (party: string) => { await deliverOnce(of(party).home(), of(party).hall(), undefined) }

function text(changes: Partial<CertificateText> = {}): Omit<CertificateText, 'certificate' | 'importer' | 'exporter'> {
  return { number: 'EUC-1', date: '2026-03-01', until: timeOf(clock() + 3600), endUser: 'Exercise brigade 4', endUse: 'armed-forces', items: [{ class: 'missile', type: '9М39', quantity: 2 }], undertakings: ['no-re-export-without-consent'], note: null, ...changes }
}

async function issue(from: string, to: string, changes: Partial<CertificateText> = {}): Promise<string> {
  const { certificate } = await issueCertificate(at(from), of(to).party, text(changes), TWO, clock())
  await send(from)
  return certificate
}

function dispatch(items: readonly ItemId[], certificate: string | undefined, to = 'BB', now = clock()) {
  return dispatchItems(at('AA'), { to: of(to).party, items, documents: [{ series: 'EXERCISE', number: '17', date: '2026-03-01' }], due: timeOf(now + 3600), reason: 'contract 9', note: null, certificate }, TWO, now)
}

before(async () => {
  served = await servedRegistries(['AA', 'BB', 'CC'], { quorum: 2, certificates: true })
  for (const party of ['AA', 'BB', 'CC']) await of(party).up()
  missiles = await enter(of('AA').side(), 'baseline', ['1', '2', '3', '4', '5', '6'].map((serial) => ({ type: '9М39', serial: `010${serial}` })))
  gripstock = await enter(of('AA').side(), 'baseline', [{ class: 'gripstock', type: '9П516', serial: '77' }])
})
after(() => served.remove())

test('a certificate takes two people, another party, time to be valid in, and a number of its own', async () => {
  const give = (changes: Partial<CertificateText> = {}, people: { by: string, and: string | null } = TWO, to = 'AA') => issueCertificate(at('BB'), of(to).party, text(changes), people, clock())
  await assert.rejects(give({}, ONE), codeOf('two-people/second-missing'))
  await assert.rejects(give({}, TWO, 'BB'), codeOf('certificate/no-party'))
  await assert.rejects(give({ until: timeOf(clock() - 1) }), codeOf('certificate/over'))
  await assert.rejects(give({ items: [] }), codeOf('certificate/shape'))
  assert.deepEqual(await certificates(at('BB'), clock()), [])
  const both = await Promise.allSettled([give(), give()])
  assert.deepEqual(both.flatMap((each) => each.status === 'rejected' ? [(each.reason as Refusal).code] : []), ['certificate/number-used'])
  await send('BB')
  const [held] = await certificates(at('AA'), clock())
  assert.deepEqual([held?.direction, held?.with, held?.standing, held?.body.number], ['in', 'BB', 'valid', 'EUC-1'])
})

test('where the agreement demands a certificate nothing is dispatched without one, nor other items, nor to or by another party', async () => {
  const [first = '' as ItemId] = missiles
  await assert.rejects(dispatch([first], undefined), codeOf('certificate/demanded'))
  await assert.rejects(dispatch([first], 'EUC-1', 'CC'), codeOf('certificate/unknown'))
  await assert.rejects(dispatch(gripstock, 'EUC-1'), codeOf('certificate/other-item'))
  const forOther = await issue('BB', 'CC', { number: 'EUC-2' })
  await assert.rejects(dispatch([first], forOther), codeOf('certificate/unknown'))
  const listed = await issue('BB', 'AA', { number: 'EUC-3', items: [{ class: 'missile', type: '9М39', quantity: 1, serials: ['0199'] }] })
  await assert.rejects(dispatch([first], listed), codeOf('certificate/other-item'))
})

test('an event by hand goes round no certificate: neither as a dispatch, at home or abroad, nor in the place of another, nor as a receipt', async () => {
  const item = missiles[5] as ItemId
  const head = { happened: timeOf(clock()), ...TWO, reason: 'contract 9', documents: [{ series: 'EXERCISE', number: '17', date: '2026-03-01' }] }
  const record = (request: Partial<CustodyRequest>, which: ItemId | 'new' = item) => recordByHand(of('AA').home().register, { item: which, request: { ...head, ...request } as CustodyRequest, at: timeOf(clock()) })
  const due = timeOf(clock() + 3600)
  for (const to of [{ party: of('BB').party }, { name: ' bb ' }]) {
    for (const abroad of [true, false]) await assert.rejects(record({ kind: 'dispatched', data: { to, abroad, due } }), codeOf('event/send-by-transfer'))
  }
  await assert.rejects(record({ kind: 'dispatched', data: { to: 'unknown', abroad: true, due } }), codeOf('event/receiver-unnamed'))
  await assert.rejects(record({ kind: 'imported', data: { from: { party: of('BB').party }, entry: { identity: identityOf({ serial: '0300' }), place: NOWHERE } } }, 'new'), codeOf('event/receive-by-transfer'))
  await assert.rejects(record({ kind: 'received', data: { from: { name: 'Depot 3' }, receipt: 'ab'.repeat(32), entry: { identity: identityOf({ serial: '0300' }), place: NOWHERE } } }, 'new'), codeOf('event/receive-by-transfer'))
  // A dispatch within the party is its own matter; turned into one to another party by a correction it is not.
  await record({ kind: 'dispatched', data: { to: { name: 'Depot 3' }, abroad: false, due } })
  const instead = { kind: 'dispatched' as const, happened: head.happened, documents: head.documents, data: { to: { party: of('BB').party }, abroad: true, due } }
  await assert.rejects(record({ kind: 'corrected', data: { of: 1, how: 'incorrect-data', instead } }), codeOf('event/send-by-transfer'))
  await record({ kind: 'corrected', data: { of: 1, how: 'did-not-occur' } })
  // What happened before the agreement's baseline was under no duty of it.
  const past = await recordByHand(of('AA').home().register, { item: 'new', at: timeOf(clock()), request: { ...head, happened: '2019-01-01T00:00:00Z', kind: 'imported', data: { from: { party: of('BB').party }, entry: { identity: identityOf({ serial: '0301' }), place: NOWHERE } } } })
  assert.equal(past.event.kind, 'imported')
})

test('over all dispatches that name it, two of the same moment among them, no more goes out than the certificate says', async () => {
  const [first, second, third] = missiles as [ItemId, ItemId, ItemId]
  await assert.rejects(dispatch([first, second, third], 'EUC-1'), codeOf('certificate/beyond-quantity'))
  await dispatch([first], 'EUC-1')
  const both = await Promise.allSettled([dispatch([second], 'EUC-1'), dispatch([third], 'EUC-1')])
  assert.deepEqual(both.flatMap((each) => each.status === 'rejected' ? [(each.reason as Refusal).code] : []), ['transfer/changed-meanwhile'])
  const left = both[0]?.status === 'rejected' ? second : third
  await assert.rejects(dispatch([left], 'EUC-1'), codeOf('certificate/beyond-quantity'))
  await send('AA')
  for (const party of ['AA', 'BB']) {
    const held = await certificateBy(at(party), 'EUC-1', undefined, clock())
    assert.deepEqual([held.drawn, held.standing, held.notices.length], [[2], 'exhausted', 2], party)
  }
  const [notice] = (await certificateBy(at('BB'), 'EUC-1', 'out', clock())).notices
  const taken = await receiveItems(at('BB'), notice?.body.transfer ?? '', { happened: timeOf(clock()), note: null }, ONE, clock())
  assert.equal(taken.items.length, 1)
})

test('a sender that goes beyond a certificate behind its own law is shown at the issuer', async () => {
  const certificate = await issue('BB', 'AA', { number: 'EUC-4', items: [{ class: 'missile', type: '9М39', quantity: 1 }] })
  const { body } = (await certificateBy(at('AA'), 'EUC-1', 'in', clock())).notices[0] as { body: SaidBody<'transfer/notify'> }
  const items = ['0201', '0202'].map((serial) => ({ identity: { ...(body.items[0] as (typeof body.items)[number]).identity, serial: { is: serial } } }))
  await writeMessages(of('AA').home().register, of('AA').hall().joined, [{ to: of('BB').party, kind: 'transfer/notify', body: { ...body, transfer: '0b'.repeat(16), items, certificate } }], clock())
  await send('AA')
  const held = await certificateBy(at('BB'), certificate, 'out', clock())
  assert.deepEqual([held.drawn, held.standing], [[2], 'beyond'])
})

test('an expired or a withdrawn certificate carries no dispatch, and another party withdraws nothing', async () => {
  const item = missiles[4] as ItemId
  const certificate = await issue('BB', 'AA', { number: 'EUC-5' })
  await assert.rejects(dispatch([item], certificate, 'BB', clock() + 3601), codeOf('certificate/expired'))
  const { message } = await certificateBy(at('AA'), certificate, 'in', clock())
  const [forged] = await writeMessages(of('CC').home().register, of('CC').hall().joined, [{ to: of('AA').party, kind: 'certificate/withdraw', body: { certificate, issue: message.id, reason: 'embargo', note: null } }], clock())
  const { status, body } = await of('AA').answering().message(of('AA').home(), of('AA').hall(), forged?.envelope ?? new Uint8Array())
  assert.deepEqual([status, (JSON.parse(body) as { code?: string }).code], [400, 'certificate/unknown'])
  await assert.rejects(withdrawCertificate(at('BB'), certificate, { reason: 'embargo', note: null }, ONE, clock()), codeOf('two-people/second-missing'))
  await withdrawCertificate(at('BB'), certificate, { reason: 'embargo', note: null }, TWO, clock())
  await assert.rejects(withdrawCertificate(at('BB'), certificate, { reason: 'embargo', note: null }, TWO, clock()), codeOf('certificate/withdrawn'))
  await send('BB')
  await assert.rejects(dispatch([item], certificate), codeOf('certificate/withdrawn'))
})

test('a certificate of another importer, for another exporter, or of an id that is taken is refused at the door', async () => {
  const held = await certificateBy(at('AA'), 'EUC-1', 'in', clock())
  for (const [changes, code] of [
    [{ importer: 'CC' }, 'certificate/not-its-part'], [{ exporter: 'CC' }, 'certificate/not-its-part'], [{ number: 'EUC-9' }, 'certificate/used-already'],
  ] as const) {
    const [message] = await writeMessages(of('BB').home().register, of('BB').hall().joined, [{ to: of('AA').party, kind: 'certificate/issue', body: { ...held.body, ...changes } }], clock())
    const { status, body } = await of('AA').answering().message(of('AA').home(), of('AA').hall(), message?.envelope ?? new Uint8Array())
    assert.deepEqual([status, (JSON.parse(body) as { code?: string }).code], [400, code])
  }
})

test('whoever is shown a certificate has its issuer\'s word on it: genuine, altered, withdrawn, expired or unknown', async () => {
  const shown = async (number: string) => (await certificateBy(at('BB'), number, 'out', clock())).body
  const asked = async (copy: CertificateText): Promise<Verdict | undefined> => {
    const message = await verifyCertificate(at('CC'), copy, ONE, clock())
    await send('CC')
    await send('BB')
    return (await verifications(at('CC'))).find((each) => each.asked.message.id === message.id)?.answered?.body.verdict
  }
  const genuine = await shown('EUC-1')
  assert.equal(await asked(genuine), 'genuine')
  assert.equal(await asked({ ...genuine, items: [{ class: 'missile', type: '9М39', quantity: 200 }] }), 'altered')
  assert.equal(await asked({ ...genuine, certificate: 'ff'.repeat(16), endUser: 'Somebody else' }), 'altered')
  assert.equal(await asked({ ...genuine, certificate: 'ff'.repeat(16), number: 'EUC-77' }), 'unknown')
  assert.equal(await asked(await shown('EUC-5')), 'withdrawn')
  await issue('BB', 'AA', { number: 'EUC-6', until: timeOf(clock() + 1) })
  await sleep(2_100)
  assert.equal(await asked(await shown('EUC-6')), 'expired')
  assert.notEqual(certificateHash(p, genuine), certificateHash(p, { ...genuine, note: 'x' }))
})
