// Re-export between real registries: certificate, dispatch, receipt, the origin asked, its refusal and its consent, and the third party; without the
// consent, or with that of another party, for other items, used or expired, nothing goes on.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { CustodyRequest } from '@muster/core/rules/custody-event.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { issueCertificate } from '@muster/registry/certificate/act.ts'
import { deliverOnce } from '@muster/registry/outbox.ts'
import { askReExport, consentToReExport, refuseReExport } from '@muster/registry/re-export/act.ts'
import { reExports } from '@muster/registry/re-export/view.ts'
import { writeMessages } from '@muster/registry/store/messages.ts'
import { itemState } from '@muster/registry/store/record-event.ts'
import { dispatchItems, receiveItems, settleTransfer } from '@muster/registry/transfer/act.ts'
import { recordByHand } from '@muster/registry/transfer/by-hand.ts'
import { transferBy } from '@muster/registry/transfer/view.ts'
import { servedRegistries, type Member, type Served } from './served.ts'
import { clock, enter } from './two.ts'

const TWO = { by: 'A. Petrova', and: 'B. Karimov' }
const ONE = { by: 'C. Orlova', and: null }
let served: Served
let items: readonly ItemId[] = []
const of = (party: string): Member => served.of(party)
const at = (party: string) => ({ register: of(party).home().register, joined: of(party).hall().joined })
const codeOf = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code
const send = async (party: string) => { await deliverOnce(of(party).home(), of(party).hall(), undefined) }
const statusOf = async (party: string, item: ItemId) => (await itemState(of(party).home().register, item)).holding.status

function dispatch(from: string, to: string, sent: readonly ItemId[], { certificate, now = clock() }: { certificate?: string, now?: number } = {}) {
  return dispatchItems(at(from), { to: of(to).party, items: sent, documents: [{ series: 'EXERCISE', number: '17', date: '2026-03-01' }], due: timeOf(now + 3600), reason: 'contract 9', note: null, certificate }, TWO, now)
}

async function ask(asked: readonly ItemId[], to = 'CC'): Promise<string> {
  const { ask: id } = await askReExport(at('BB'), { origin: of('AA').party, to: to === 'ZZ' ? 'ZZ' as PartyId : of(to).party, items: asked, endUser: 'Exercise brigade 9', endUse: 'training', note: null }, ONE, clock())
  await send('BB')
  return id
}

async function consented(asked: readonly ItemId[], to = 'CC', until = clock() + 3600): Promise<void> {
  await consentToReExport(at('AA'), await ask(asked, to), { until: timeOf(until), note: null }, TWO, clock())
  await send('AA')
}

before(async () => {
  served = await servedRegistries(['AA', 'BB', 'CC', 'DD'], { quorum: 3 })
  for (const party of ['AA', 'BB', 'CC', 'DD']) await of(party).up()
  const stock = await enter(of('AA').side(), 'baseline', ['1', '2', '3', '4', '5'].map((serial) => ({ type: '9М39', serial: `010${serial}` })))
  await issueCertificate(at('BB'), of('AA').party, {
    number: 'EUC-1', date: '2026-03-01', until: timeOf(clock() + 7200), endUser: 'Exercise brigade 4', endUse: 'armed-forces', items: [{ class: 'missile', type: '9М39', quantity: 5 }], undertakings: ['no-re-export-without-consent'], note: null,
  }, TWO, clock())
  await send('BB')
  const { transfer } = await dispatch('AA', 'BB', stock, { certificate: 'EUC-1' })
  await send('AA')
  ;({ items } = await receiveItems(at('BB'), transfer, { happened: timeOf(clock()), note: null }, ONE, clock()))
  await send('BB')
  await settleTransfer(at('AA'), transfer, TWO, clock())
})
after(() => served.remove())

test('what came under the undertaking goes to no third party until its origin, which was asked, has consented with two people', async () => {
  const [first] = items as [ItemId]
  await assert.rejects(dispatch('BB', 'CC', [first]), codeOf('re-export/no-consent'))
  assert.equal(await statusOf('BB', first), 'held')
  const refused = await ask([first])
  await refuseReExport(at('AA'), refused, { reason: 'end-user-not-accepted', note: null }, ONE, clock())
  await send('AA')
  await assert.rejects(dispatch('BB', 'CC', [first]), codeOf('re-export/no-consent'))
  assert.equal((await reExports(at('BB')))[0]?.refused?.body.reason, 'end-user-not-accepted')
  await assert.rejects(consentToReExport(at('AA'), refused, { until: timeOf(clock() + 60), note: null }, TWO, clock()), codeOf('re-export/answered-already'))
  const again = await ask([first])
  await assert.rejects(consentToReExport(at('AA'), again, { until: timeOf(clock() + 60), note: null }, ONE, clock()), codeOf('two-people/second-missing'))
  await consentToReExport(at('AA'), again, { until: timeOf(clock() + 3600), note: null }, TWO, clock())
  await send('AA')
  const { transfer } = await dispatch('BB', 'CC', [first])
  await send('BB')
  const taken = await receiveItems(at('CC'), transfer, { happened: timeOf(clock()), note: null }, ONE, clock())
  await send('CC')
  assert.equal((await transferBy(at('BB'), transfer, 'out', clock())).tally.received, 1)
  assert.equal(await statusOf('CC', taken.items[0] as ItemId), 'held')
  await settleTransfer(at('BB'), transfer, TWO, clock())
  // It comes back to the holder and would go the same way again: the origin's word is still due, and the consent was for once.
  const back = await dispatch('CC', 'BB', taken.items)
  await send('CC')
  const returned = await receiveItems(at('BB'), back.transfer, { happened: timeOf(clock()), note: null }, ONE, clock())
  assert.deepEqual(returned.items, [first])
  await assert.rejects(dispatch('BB', 'CC', [first]), codeOf('re-export/consent-used'))
})

test('a consent helps no other item, no other receiver, and no dispatch after its time', async () => {
  const [, second, third, fourth] = items as [ItemId, ItemId, ItemId, ItemId]
  await consented([second])
  await assert.rejects(dispatch('BB', 'CC', [second, third]), codeOf('re-export/no-consent'))
  assert.equal(await statusOf('BB', second), 'held', 'nothing of a dispatch that is refused goes out')
  await assert.rejects(dispatch('BB', 'DD', [second]), codeOf('re-export/other-party'))
  await consented([fourth], 'CC', clock() + 60)
  await assert.rejects(dispatch('BB', 'CC', [fourth], { now: clock() + 61 }), codeOf('re-export/consent-expired'))
  await dispatch('BB', 'CC', [second])
})

test('a consent by a party that was not asked, or to another question, is refused at the door and helps nothing', async () => {
  const [, , third] = items as [ItemId, ItemId, ItemId]
  const asked = await ask([third], 'DD')
  const { message, body } = (await reExports(at('BB'))).find((each) => each.asked.body.ask === asked)?.asked as Awaited<ReturnType<typeof reExports>>[number]['asked']
  for (const [from, ask_] of [['DD', asked], ['AA', '00'.repeat(16)]] as const) {
    const [forged] = await writeMessages(of(from).home().register, of(from).hall().joined, [{ to: of('BB').party, kind: 're-export/consent', body: { ask: ask_, request: message.id, until: timeOf(clock() + 3600), items: [...body.items], note: null } }], clock())
    const { status, body: told } = await of('BB').answering().message(of('BB').home(), of('BB').hall(), forged?.envelope ?? new Uint8Array())
    assert.deepEqual([status, (JSON.parse(told) as { code?: string }).code], [400, 're-export/unknown'])
  }
  await assert.rejects(dispatch('BB', 'DD', [third]), codeOf('re-export/no-consent'))
})

test('two dispatches of one moment do not take one consent twice, and what goes back to its origin needs none', async () => {
  const [, , third, , fifth] = items as [ItemId, ItemId, ItemId, ItemId, ItemId]
  await consented([third], 'DD')
  const both = await Promise.allSettled([dispatch('BB', 'DD', [third]), dispatch('BB', 'DD', [third])])
  assert.equal(both.filter(({ status }) => status === 'fulfilled').length, 1)
  await dispatch('BB', 'AA', [fifth])
  await assert.rejects(askReExport(at('AA'), { origin: of('BB').party, to: of('CC').party, items: await enter(of('AA').side(), 'baseline', [{ serial: '0900' }]), endUser: 'Exercise brigade 9', endUse: 'training', note: null }, ONE, clock()), codeOf('re-export/not-bound'))
})

test('no record by hand goes round the origin: an event abroad takes its consent, and neither a receipt that nobody gave, a correction nor a second record of the item looses it', async () => {
  const stock = await enter(of('AA').side(), 'baseline', [{ type: '9М39', serial: '0801' }])
  await issueCertificate(at('BB'), of('AA').party, {
    number: 'EUC-8', date: '2026-03-01', until: timeOf(clock() + 7200), endUser: 'Exercise brigade 4', endUse: 'armed-forces', items: [{ class: 'missile', type: '9М39', quantity: 1 }], undertakings: ['no-re-export-without-consent'], note: null,
  }, TWO, clock())
  await send('BB')
  const { transfer } = await dispatch('AA', 'BB', stock, { certificate: 'EUC-8' })
  await send('AA')
  const { items: [item = '' as ItemId] } = await receiveItems(at('BB'), transfer, { happened: timeOf(clock()), note: null }, ONE, clock())
  const head = { ...TWO, reason: 'contract 9', documents: [{ series: 'EXERCISE', number: '17', date: '2026-03-01' }] }
  const record = (request: Partial<CustodyRequest>) => recordByHand(of('BB').home().register, { item, request: { ...head, happened: timeOf(clock()), ...request } as CustodyRequest, at: timeOf(clock()) })
  const abroad = (to: { party: PartyId } | { name: string } | 'unknown') => record({ kind: 'dispatched', data: { to, abroad: true, due: timeOf(clock() + 3600) } })
  await assert.rejects(abroad({ party: of('CC').party }), codeOf('re-export/no-consent'))
  await assert.rejects(abroad({ party: 'ZZ' as PartyId }), codeOf('re-export/no-consent'))
  await assert.rejects(abroad({ name: 'A broker' }), codeOf('re-export/unnamed'))
  await assert.rejects(abroad('unknown'), codeOf('re-export/unnamed'))
  await record({ kind: 'dispatched', data: { to: { name: 'Depot 3' }, abroad: false, due: timeOf(clock() + 3600) } })
  await assert.rejects(record({ kind: 'received', data: { from: { party: of('AA').party }, receipt: 'ab'.repeat(32), place: { owner: 'unknown', custodian: 'unknown', site: 'unknown', unit: 'unknown' } } }), codeOf('event/receive-by-transfer'))
  const [twin = '' as ItemId] = await enter(of('BB').side(), 'baseline', [{ type: '9М39', serial: '0801' }])
  await assert.rejects(dispatch('BB', 'CC', [twin]), codeOf('re-export/no-consent'))
  await record({ kind: 'corrected', data: { of: 1, how: 'did-not-occur' } })
  await record({ kind: 'corrected', data: { of: 0, how: 'incorrect-data', instead: { kind: 'baseline', happened: timeOf(clock() - 9), documents: [], data: { entry: { identity: (await itemState(of('BB').home().register, item)).holding.identity, place: { owner: 'unknown', custodian: 'unknown', site: 'unknown', unit: 'unknown' } } } } } })
  await assert.rejects(dispatch('BB', 'CC', [item]), codeOf('re-export/no-consent'))
  await consented([item], 'ZZ')
  await assert.rejects(abroad({ party: of('CC').party }), codeOf('re-export/other-party'))
  await abroad({ party: 'ZZ' as PartyId })
  await record({ kind: 'returned', data: { place: { owner: 'unknown', custodian: 'unknown', site: 'unknown', unit: 'unknown' } } })
  await assert.rejects(abroad({ party: 'ZZ' as PartyId }), codeOf('re-export/consent-used'))
})
