// One register under two agreements: an item that both cover is counted, declared and told of under each, and what is said under one is nothing under the other.
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { toHex } from '@muster/core/bytes/bytes.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { agreementBytes, agreementOf, type AgreementId } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { answerCall, issueCall } from '@muster/registry/call/act.ts'
import { callsReceived } from '@muster/registry/call/matrix.ts'
import { openAnswering } from '@muster/registry/answering.ts'
import { removeDataDirectory } from '@muster/registry/engine/lease.ts'
import { makeOprfKey } from '@muster/registry/evaluator/key.ts'
import { declare } from '@muster/registry/log/declare.ts'
import { oprfOf } from '@muster/registry/log/own-log.ts'
import { openHome, sequence, type Hall, type Home } from '@muster/registry/main.ts'
import { giveNotice, noticesDue } from '@muster/registry/notice.ts'
import { deliverOnce } from '@muster/registry/outbox.ts'
import { joinAgreement } from '@muster/registry/store/agreements.ts'
import { firstKeyRecord, makeAgreementKeys } from '@muster/registry/store/keys.ts'
import { initParty } from '@muster/registry/store/party-file.ts'
import { recordEvent } from '@muster/registry/store/record-event.ts'
import { openRegister } from '@muster/registry/store/register.ts'
import { scratchFolder } from '@muster/registry/store/scratch.ts'
import { agreementWith, BASELINE, clock, enter } from './two.ts'

const AA = 'AA' as PartyId
const TWO = { by: 'A. Petrova', and: 'B. Karimov' }
const DAY = 86_400
/** Of one of them the scope is missiles alone, and a notice is due in a day; of the other all, in three. */
const AGREEMENTS = [['exercise-2', 'BB', ['missile'], DAY], ['exercise-3', 'CC', null, 3 * DAY]] as const
let folder = ''
let home: Home
const hall = (id: string): Hall => home.halls.get(id as AgreementId) as Hall
const under = (id: string) => ({ register: home.register, joined: hall(id).joined })

before(async () => {
  folder = await scratchFolder()
  const dataDir = (party: string) => join(folder, party)
  for (const party of ['AA', 'BB', 'CC'] as PartyId[]) await initParty(dataDir(party), { party, name: `Exercise party ${party}`, exercise: true, at: timeOf(clock()) })
  const register = await openRegister(dataDir(AA))
  for (const [id, other, classes, noticeSeconds] of AGREEMENTS) {
    const parties = [AA, other as PartyId]
    const records = new Map(await Promise.all(parties.map(async (party): Promise<[PartyId, Uint8Array]> =>
      [party, await firstKeyRecord(await makeAgreementKeys(dataDir(party), id as AgreementId), id as AgreementId, party, BASELINE, await makeOprfKey(dataDir(party), id as AgreementId))])))
    const named = agreementWith(parties.map((party) => ({ id: party, name: { en: party, ru: party }, keyRecord: toHex(p.sha256(records.get(party) as Uint8Array)) })), {})
    const agreement = agreementOf({ ...named, id, scope: { classes }, deadlines: { ...named.deadlines, noticeSeconds } })
    assert.ok(!(agreement instanceof Error))
    await joinAgreement(register, agreementBytes(agreement), records, new Map(), clock())
  }
  await register.close()
  home = await openHome(dataDir(AA))
})
after(async () => {
  await home.close()
  await removeDataDirectory(join(folder, 'AA'))
  await rm(folder, { recursive: true, force: true })
})

test('an item that both agreements cover is declared under each, and one that one of them covers under that one', async () => {
  const { joined, log } = hall('exercise-2')
  await enter({ party: AA, register: home.register, joined, log }, 'baseline', [{ serial: '0101', type: '9М39' }, { serial: '0102', type: '9М39' }, { serial: '77', class: 'gripstock' }])
  const declared = new Map<string, number>()
  for (const [id] of AGREEMENTS) {
    declared.set(id, (await declare(hall(id).log, clock())).items)
    await sequence(home, hall(id))
  }
  assert.deepEqual([...declared], [['exercise-2', 2], ['exercise-3', 3]])
  const heads = await home.register.db.read<{ agreement_id: string }>('SELECT agreement_id FROM declaration ORDER BY agreement_id')
  assert.deepEqual(heads.map(({ agreement_id }) => agreement_id), ['exercise-2', 'exercise-3'])
  assert.ok(!Buffer.from(oprfOf(hall('exercise-2').log)).equals(Buffer.from(oprfOf(hall('exercise-3').log))), 'labels of one say nothing under the other')
})

test('a call under each counts what that one covers', async () => {
  const counted = new Map<string, unknown>()
  const answering = await openAnswering(home)
  try {
    for (const [id] of AGREEMENTS) {
      const { call } = await issueCall(under(id), { reason: 'exercise', classes: null, types: null, seen: 'records', asOf: timeOf(clock()), due: timeOf(clock() + 3600), remind: [], note: null }, [AA], 'A. Petrova', clock())
      await deliverOnce(home, hall(id), answering.message)
      assert.deepEqual((await callsReceived(under(id))).map(({ body }) => body.call), [call], 'a call is its own agreement\'s')
      const { payload } = await answerCall(under(id), call, null, TWO, clock())
      counted.set(id, (payload.body.counts as unknown as { class: string, records: number }[]).map((row) => [row.class, row.records]))
    }
  } finally {
    await answering.close()
  }
  assert.deepEqual([...counted], [['exercise-2', [['missile', 2]]], ['exercise-3', [['gripstock', 1], ['missile', 2]]]])
})

test('a loss is due to the parties of both, each in its own time, and telling the one is not telling the other', async () => {
  const [row] = await home.register.db.read<{ item_id: string }>("SELECT item_id FROM item WHERE serial = '0101'")
  const item = row?.item_id as never
  await recordEvent(home.register, { item, once: undefined, photos: [], at: timeOf(clock()), request: { kind: 'lost', happened: timeOf(clock()), by: 'A. Petrova', and: null, reason: 'count', documents: [], data: { circumstances: 'not at its place' } } })
  const overdue = async (id: string, later: number) => (await noticesDue(under(id), clock() + later)).map((due) => due.overdue)
  assert.deepEqual([await overdue('exercise-2', 0), await overdue('exercise-3', 0)], [[false], [false]])
  assert.deepEqual([await overdue('exercise-2', 2 * DAY), await overdue('exercise-3', 2 * DAY)], [[true], [false]])
  await giveNotice(under('exercise-2'), { kind: 'loss', items: [item], discovered: timeOf(clock()), region: null, circumstances: 'in-store', numbers: false, follows: null, note: null }, { by: 'A. Petrova', and: null }, clock())
  assert.deepEqual([await overdue('exercise-2', 2 * DAY), await overdue('exercise-3', 4 * DAY)], [[], [true]])
})
