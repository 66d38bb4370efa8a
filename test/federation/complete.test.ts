// A dossier that was made before the officers decided takes up their answer, and what they found when they went to see, without asking anew; and whoever
// changes what is put in is refused.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { agreementBytes } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { parseDossier, signDossier } from '@muster/core/wire/dossier.ts'
import type { Envelope } from '@muster/core/wire/message.ts'
import { traceBody } from '@muster/core/wire/trace-body.ts'
import { verifyDossier, type Verification } from '@muster/core/wire/verify.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { sodiumGroup } from '@muster/fast/sodium-group.ts'
import { declare } from '@muster/registry/log/declare.ts'
import { approveRequest, refuseRequest } from '@muster/registry/peer/waiting-request.ts'
import { reportLook } from '@muster/registry/request/act.ts'
import { formalRequests } from '@muster/registry/request/view.ts'
import { completeDossier } from '@muster/registry/trace/complete.ts'
import { traceFind } from '@muster/registry/trace/trace.ts'
import { servedRegistries, type Served } from './served.ts'
import { clock, enter } from './two.ts'

const TWO = { by: 'A. Petrova', and: 'B. Karimov' }
const WAIT_MS = 20_000

let group: Group
let served: Served
let finds: readonly string[]
/** The dossier with looks of the first find. */
let looked: Uint8Array

before(async () => {
  group = await sodiumGroup()
  const standing = { sections: ['status', 'acquired', 'released'], approvedBy: ['A. Petrova', 'B. Karimov'], except: ['BB' as PartyId] } as const
  served = await servedRegistries(['AA', 'BB'], { quorum: 2, periodSeconds: 1, openOneIn: 1, standing })
  const side = (party: string) => served.of(party).side()
  await enter(side('BB'), 'baseline', [{ serial: '0777', type: '9М39' }, { serial: '0778', type: '9М39' }])
  finds = await enter(side('AA'), 'seized', [{ serial: '0777', type: '9М39' }, { serial: '0778', type: '9М39' }])
  for (const party of ['AA', 'BB']) await declare(side(party).log, clock())
  for (const party of ['AA', 'BB']) await served.of(party).up()
  // A question that is put before the other's declaration is here looks up in none.
  for (const end = performance.now() + WAIT_MS; performance.now() < end && (await aa().hall().mirror.follow('BB' as PartyId).catch(() => undefined))?.heads.length !== 1;) await new Promise((resolve) => { setTimeout(resolve, 100) })
})
after(() => served.remove())

const aa = () => served.of('AA')
const bb = () => ({ register: served.of('BB').home().register, joined: served.of('BB').hall().joined, group })
const tracing = () => ({ home: aa().home(), hall: aa().hall(), group, own: aa().answering().message })
const verify = (bytes: Uint8Array): Verification => verifyDossier(p, group, bytes, agreementBytes(aa().hall().joined.agreement), clock())
const trace = (n: number) => traceFind(tracing(), finds[n] as string, { wait_ms: WAIT_MS, untilSilent: false })

/** The request about the find that is being traced, as BB has it. */
async function requestAbout(serial: string): Promise<string> {
  const all = await formalRequests(bb(), clock())
  const found = all.find(({ direction, standing, body }) => direction === 'in' && standing.due !== null && body.recovery.event.includes(serial))
  return (found ?? assert.fail(`no request about ${serial}`)).message.id
}

/** Completes until what BB said has arrived. */
async function completed(dossier: Uint8Array) {
  for (const end = performance.now() + WAIT_MS; performance.now() < end;) {
    const done = await completeDossier(tracing(), dossier)
    if (done !== undefined) return done
    await new Promise((resolve) => { setTimeout(resolve, 100) })
  }
  return assert.fail('nothing arrived')
}

test('what officers answered and found is put into the dossier: each of its days verifies, and a look speaks for and against', async () => {
  const { dossier, conclusion } = await trace(0)
  assert.equal(conclusion.outcome, 'unanswered')
  assert.equal(await completeDossier(tracing(), dossier), undefined)
  const id = await requestAbout('0777')
  const answer = await approveRequest(bb(), id, ['status'], 'A. Petrova', 'B. Karimov', clock())
  const answered = await completed(dossier)
  assert.deepEqual([answered.parties, answered.conclusion.outcome, answered.conclusion.lastHolder], [['BB'], 'still-held', 'BB'])
  assert.equal(verify(answered.dossier).verdict, 'proven')
  const label = traceBody('trace/answer', answer.payload.body).hits[0]?.items[0]?.label as string
  await reportLook(bb(), id, { label, found: 'not-accessible', reason: 'sealed', when: timeOf(clock()), photo: null, note: null }, TWO, clock())
  await reportLook(bb(), id, { label, found: 'not-seen', reason: null, when: timeOf(clock()), photo: null, note: null }, TWO, clock())
  let seen = await completed(answered.dossier)
  for (const end = performance.now() + WAIT_MS; performance.now() < end && factsOf(seen.conclusion).length === 0;) seen = await completeDossier(tracing(), seen.dossier) ?? seen
  assert.deepEqual(factsOf(seen.conclusion), ['for taken-unnoticed', 'against false-or-copied-mark', 'for record-wrong'])
  assert.deepEqual([verify(seen.dossier).verdict, verify(answered.dossier).verdict, verify(dossier).verdict], ['proven', 'proven', 'proven'])
  assert.deepEqual(new Uint8Array(await readFile(seen.path)), seen.dossier)
  looked = seen.dossier
})

type Said = Awaited<ReturnType<typeof completed>>['conclusion']
const factsOf = ({ explanations }: Said) => explanations.flatMap(({ what, for: pro, against }) => [
  ...pro.some(({ fact }) => fact === 'looked-and-not-seen') ? [`for ${what}`] : [], ...against.some(({ fact }) => fact === 'looked-and-not-seen') ? [`against ${what}`] : []])

test('a refusal is put in like an answer; a look of what was never shown, in another order, twice or of another request is refused, and nobody completes what is not theirs', async () => {
  const { dossier } = await trace(1)
  await refuseRequest(bb(), await requestAbout('0778'), 'ongoing-investigation', 'A. Petrova', 'B. Karimov', clock())
  const refused = await completed(dossier)
  assert.deepEqual([refused.conclusion.outcome, refused.conclusion.gaps.some(({ party }) => party === 'BB')], ['unanswered', true])
  assert.equal(verify(refused.dossier).verdict, 'proven')
  await assert.rejects(completeDossier({ home: served.of('BB').home(), hall: served.of('BB').hall(), group, own: served.of('BB').answering().message }, dossier), (error) => error instanceof Refusal && error.code === 'complete/other-asker')

  const looks = parseDossier(looked).parties.find(({ party }) => party === 'BB')?.formal?.looks ?? []
  const [sealed, gone] = looks as readonly [Envelope, Envelope]
  const wrong = (bytes: Uint8Array, all: readonly Envelope[]): string => {
    const { signature: _, ...source } = parseDossier(bytes)
    const parties = source.parties.map((each) => each.party !== 'BB' || each.formal === null ? each : { ...each, formal: { ...each.formal, looks: all } })
    const told = verify(signDossier(p, { ...source, parties }, aa().hall().joined.keys.message))
    return told.verdict === 'refused' ? told.findings[0]?.code ?? '' : told.verdict
  }
  assert.equal(wrong(looked, looks), 'proven')
  assert.equal(wrong(refused.dossier, looks), 'formal/look')
  assert.equal(wrong(looked, [gone, sealed]), 'formal/look')
  assert.equal(wrong(looked, [...looks, gone]), 'formal/look')
  assert.equal(wrong(looked, [sealed]), 'dossier/conclusion')
  assert.equal(wrong(looked, [sealed, { ...gone, signatures: sealed.signatures }]), 'message/signature')
})
