// Agreements between real registries: from first draft to in force, amended, acceded to and left, with every position kept.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { Agreement } from '@muster/core/rules/agreement.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { verifyDossier } from '@muster/core/wire/verify.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { sodiumGroup } from '@muster/fast/sodium-group.ts'
import { positionsOn, proposeAmendment, proposeDraft, signText, takePosition, withdraw } from '@muster/registry/agreement/act.ts'
import { renew } from '@muster/registry/agreement/renew.ts'
import { issueCall } from '@muster/registry/call/act.ts'
import { callsReceived } from '@muster/registry/call/matrix.ts'
import { declare } from '@muster/registry/log/declare.ts'
import { sequence } from '@muster/registry/main.ts'
import { deliverOnce } from '@muster/registry/outbox.ts'
import { sayWith } from '@muster/registry/said.ts'
import { adoptedTexts } from '@muster/registry/store/agreement-texts.ts'
import { auditRegister } from '@muster/registry/log/audit.ts'
import { writeMessages } from '@muster/registry/store/messages.ts'
import { onTheirWay } from '@muster/registry/store/outbox.ts'
import { scratchFolder } from '@muster/registry/store/scratch.ts'
import { traceFind } from '@muster/registry/trace/trace.ts'
import { addresses, handTo, listed, makeParty, removeAll, type MadeParty, type Member } from './served.ts'
import { agreementWith, clock, DRILL, enter } from './two.ts'

const TWO = { by: 'A. Petrova', and: 'B. Karimov' }
const ONE = { by: 'A. Petrova', and: null }
const MINISTER = { name: 'M. Minister', office: 'Ministry of the exercise', urls: new Map() }
const PARTIES = ['AA', 'BB', 'CC']
let folder: string
let made: MadeParty[] = []
const members = new Map<string, Member>()
const of = (party: string): Member => members.get(party) as Member
const at = (party: string) => ({ register: of(party).home().register, joined: of(party).hall().joined })
const standing = (party: string) => at(party).joined.standing
const codeOf = (code: string, words = /./) => (error: unknown) => error instanceof Refusal && error.code === code && words.test(error.message)
const deliver = async (...parties: string[]): Promise<void> => { for (const party of parties) await deliverOnce(of(party).home(), of(party).hall(), undefined) }
const call = (party: string, to?: string[]) => issueCall(at(party), { reason: 'exercise', classes: null, types: null, seen: 'opened', asOf: timeOf(clock()), due: timeOf(clock() + 3600), remind: [], note: null }, to as never, 'A. Petrova', clock())

before(async () => {
  folder = await scratchFolder()
  made = await Promise.all(PARTIES.map((party) => makeParty(folder, party as PartyId)))
  const draft = agreementWith(made.map(listed), { quorum: 2, periodSeconds: 3600, deadlines: { openSeconds: 60, answerSeconds: 3600, receiptSeconds: 60, lookSeconds: 86_400, withdrawalSeconds: 2 } })
  for (const each of made) members.set(each.party, await handTo(each, draft, made, addresses(made, each.party), 'draft'))
})
after(() => removeAll(folder, members.values()))

test('a draft can be proposed and spoken of, and nothing that needs an agreement in force can be said under it', async () => {
  for (const party of PARTIES) await of(party).up()
  assert.equal(standing('AA').state, 'draft')
  await proposeDraft(at('AA'), null, ONE, clock())
  await deliver('AA')
  for (const party of PARTIES) assert.equal(standing(party).state, 'proposed', party)
  await takePosition(at('BB'), { kind: 'objection', place: 'quota.askerElements', concern: 'quota', words: 'Too many for one asker.' }, ONE, clock())
  await takePosition(at('CC'), { kind: 'reservation', place: 'deadlines.lookSeconds', concern: 'no-means', words: null }, ONE, clock())
  await deliver('BB', 'CC')
  const [objection] = (await positionsOn(at('AA'))).filter(({ from }) => from === 'BB')
  await takePosition(at('AA'), { kind: 'position', place: 'quota.askerElements', concern: 'quota', words: 'It is the number of one case.', answers: objection?.body.position.slice(0, 8) }, ONE, clock())
  await deliver('AA')
  for (const party of PARTIES) {
    const heard = await positionsOn(at(party))
    assert.deepEqual(heard.map(({ from, body }) => [from, body.kind, body.place]).sort(), [['AA', 'position', 'quota.askerElements'], ['BB', 'objection', 'quota.askerElements'], ['CC', 'reservation', 'deadlines.lookSeconds']], party)
    assert.equal(heard.find(({ from }) => from === 'AA')?.body.answers, objection?.body.position)
  }
  await assert.rejects(call('AA'), codeOf('agreement/not-in-force', /AA, BB, CC have not signed/))
  await assert.rejects(declare(of('AA').hall().log, clock()), codeOf('agreement/not-in-force'))
  await assert.rejects(withdraw(at('AA'), { from: timeOf(clock()), reason: 'unstated', note: null }, TWO, clock()), codeOf('agreement/not-in-force'))
})

test('it is in force when all have signed its bytes, and not while one is silent; a signature over other bytes counts for nothing and is shown', async () => {
  await assert.rejects(signText(at('AA'), MINISTER, ONE, clock()), codeOf('two-people/second-missing'))
  await signText(at('AA'), MINISTER, TWO, clock())
  await assert.rejects(signText(at('AA'), MINISTER, TWO, clock()), codeOf('agreement/signed-already'))
  await sayWith(at('CC'), ['AA', 'BB'].map((to) => ({ to: of(to).party, kind: 'agreement/sign', body: { text: 'ab'.repeat(32), sequence: 0, name: 'M. Minister', office: 'Ministry' } })), TWO, clock())
  await signText(at('BB'), MINISTER, TWO, clock())
  await deliver('AA', 'BB', 'CC')
  for (const party of PARTIES) await renew(at(party), clock())
  for (const party of ['AA', 'BB']) {
    assert.equal(standing(party).state, 'signed')
    assert.deepEqual(standing(party).current.missing, ['CC'])
    assert.deepEqual(standing(party).idle.map(({ party: signer }) => signer), ['CC'])
  }
  await renew(at('AA'), clock() + 100 * 365 * 86_400)
  assert.equal(standing('AA').state, 'signed', 'a hundred years of silence are no signature')
  await assert.rejects(call('AA'), codeOf('agreement/not-in-force', /: CC has not signed/))
})

test('killed between signing and telling, the signature is delivered afterwards and counts for all', async () => {
  await signText(at('CC'), MINISTER, TWO, clock())
  await of('CC').restart()
  assert.equal(standing('CC').state, 'in-force')
  assert.equal(standing('AA').state, 'signed')
  await of('CC').up()
  await deliver('CC')
  for (const party of PARTIES) assert.equal(standing(party).state, 'in-force', party)
  await declare(of('AA').hall().log, clock())
  const { messages } = await call('AA')
  assert.equal(messages.length, 3)
  assert.equal((await positionsOn(at('BB'))).length, 3, 'what was objected stays on record')
})

function amended(changes: Partial<Agreement>): Agreement {
  const { current: { text } } = standing('AA')
  return { ...text.agreement, sequence: text.agreement.sequence + 1, former: text.hash, ...changes }
}
test('an amendment of a quota holds for all at once at its date when all have signed, and not before; its evaluators go by it themselves', async () => {
  const effective = timeOf(clock() + 12)
  await assert.rejects(proposeAmendment(at('AA'), { agreement: amended({ sequence: 7 }), records: [], urls: new Map(), note: null }, ONE, clock()), codeOf('agreement/not-next'))
  await proposeAmendment(at('AA'), { agreement: amended({ effective, quota: { windowSeconds: 86_400, askerElements: 64, allElements: 128 } }), records: [], urls: new Map(), note: null }, ONE, clock())
  await deliver('AA')
  for (const party of PARTIES) await signText(at(party), MINISTER, TWO, clock())
  await deliver(...PARTIES)
  const quotas = async () => Promise.all(PARTIES.map(async (party) => [at(party).joined.agreement.quota.askerElements, (await of(party).answering().facts(DRILL)).askerElements]))
  assert.ok(timeOf(clock()) < effective, 'this machine was too slow for the test')
  assert.deepEqual(await quotas(), PARTIES.map(() => [4096, 4096]))
  while (timeOf(clock()) <= effective) await sleep(200)
  await sleep(1_500)
  assert.deepEqual(await quotas(), PARTIES.map(() => [64, 64]))
})

test('each text stands once in each log, and the audit finds nothing amiss', async () => {
  for (const party of PARTIES) {
    await sequence(of(party).home(), of(party).hall())
    assert.deepEqual((await adoptedTexts(of(party).home().register.db, DRILL)).map(({ sequence }) => sequence), [0, 1])
    const { findings } = await auditRegister(of(party).home().register, { onTotal: () => undefined, onRows: () => undefined })
    assert.deepEqual(findings, [], party)
  }
})

const traced = async (party: string, item: string) => {
  const member = of(party)
  const group = await sodiumGroup()
  return traceFind({ home: member.home(), hall: member.hall(), group, own: member.answering().message }, item, { wait_ms: 20_000, untilSilent: false })
}
const periods = async (...parties: string[]): Promise<void> => { for (const party of parties) await sequence(of(party).home(), of(party).hall()) }
let dossier: Uint8Array
let agreed: Uint8Array

test('a fourth state accedes by an amendment that all sign, itself among them; then it declares and is traced', async () => {
  const dd = await makeParty(folder, 'DD' as PartyId)
  const text = amended({ parties: [...at('AA').joined.agreement.parties, listed(dd)], quorum: 3, quota: { windowSeconds: 86_400, askerElements: 4096, allElements: 16_384 } })
  delete (text as { effective?: string }).effective
  const all = [...made, dd]
  const url = new Map([[dd.party, `http://127.0.0.1:${dd.port}`]])
  await assert.rejects(proposeAmendment(at('AA'), { agreement: text, records: [], urls: url, note: null }, ONE, clock()), codeOf('agreement/key-record', /DD/))
  members.set('DD', await handTo(dd, text, all, addresses(all, dd.party), 'draft'))
  await of('DD').up()
  await proposeAmendment(at('AA'), { agreement: text, records: [dd.record], urls: url, note: null }, ONE, clock())
  await deliver('AA')
  await signText(at('AA'), { ...MINISTER, urls: url }, TWO, clock())
  for (const party of ['BB', 'CC']) await signText(at(party), { ...MINISTER, urls: url }, TWO, clock())
  await deliver('AA', 'BB', 'CC')
  assert.deepEqual(standing('DD').current.missing, ['DD'])
  assert.equal(at('AA').joined.trust.parties.size, 3, 'nobody accedes before all have signed')
  await signText(at('DD'), MINISTER, TWO, clock())
  await deliver('DD')
  for (const party of [...PARTIES, 'DD']) {
    assert.equal(standing(party).state, 'in-force', party)
    assert.equal(at(party).joined.trust.parties.size, 4, party)
  }
  await enter(of('DD').side(), 'baseline', [{ type: '9М39', serial: '0404' }])
  for (const party of [...PARTIES, 'DD']) {
    await declare(of(party).hall().log, clock())
    await periods(party)
  }
  const [item] = await enter(of('AA').side(), 'seized', [{ type: '9М39', serial: '0404' }]) as [ItemId]
  await periods('AA', 'BB', 'CC', 'DD')
  const trace = await traced('AA', item)
  assert.equal(trace.conclusion.lastHolder, 'DD')
  dossier = trace.dossier
  agreed = at('AA').joined.trust.bytes
})

test('a party that withdraws answers until its date and is refused and addressed no more after it; what it took part in stays proven', async () => {
  await assert.rejects(withdraw(at('DD'), { from: timeOf(clock()), reason: 'national-interest', note: null }, TWO, clock()), codeOf('agreement/notice-too-short'))
  await assert.rejects(withdraw(at('DD'), { from: timeOf(clock() + 60), reason: 'national-interest', note: null }, ONE, clock()), codeOf('two-people/second-missing'))
  const from = timeOf(clock() + 8)
  await withdraw(at('DD'), { from, reason: 'national-interest', note: null }, TWO, clock())
  await deliver('DD')
  assert.equal(standing('AA').withdrawn.get('DD' as PartyId), from)
  await call('DD', ['AA'])
  await deliver('DD')
  const before = (await callsReceived(at('AA'))).filter((each) => each.from === 'DD').length
  assert.equal(before, 1)
  await of('DD').down()
  const late = await writeMessages(at('DD').register, at('DD').joined, [{ to: of('AA').party, kind: 'call/issue', body: { ...(await callsReceived(at('AA')))[0]?.body, call: 'cd'.repeat(16) } }], clock())
  while (timeOf(clock()) <= from) await sleep(200)
  await deliver('DD')
  assert.deepEqual((await onTheirWay(at('DD').register, DRILL)).map(({ id, aside }) => [id, aside]), [[late[0]?.id, 'agreement/withdrawn']])
  await assert.rejects(call('DD', ['AA']), codeOf('agreement/withdrawn'))
  await assert.rejects(call('AA', ['DD']), codeOf('agreement/withdrawn'))
  assert.deepEqual((await call('AA')).messages.map(({ payload: { to } }) => to), ['AA', 'BB', 'CC'])
  await assert.rejects(declare(of('DD').hall().log, clock()), codeOf('agreement/withdrawn'))
  assert.equal(verifyDossier(p, await sodiumGroup(), dossier, agreed).verdict, 'proven')
})
