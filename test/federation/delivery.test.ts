// Silence among real registries: a party that one cannot reach is offered the sealed question by the others; it is silent where a quorum says so, unreachable
// otherwise, and where one of them gets through it is simply reached.
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { fromBase64, toBase64, toHex } from '@muster/core/bytes/bytes.ts'
import { parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { addSeconds, timeOf } from '@muster/core/bytes/time.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import type { PartyOutcome } from '@muster/core/rules/chain.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { parseDossier, signDossier } from '@muster/core/wire/dossier.ts'
import { verifyEvidence } from '@muster/core/wire/evidence.ts'
import { openEnvelope, type Envelope, type Message } from '@muster/core/wire/message.ts'
import type { MessageKind } from '@muster/core/wire/message-kind.ts'
import { verifyDossier } from '@muster/core/wire/verify.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { answerCall, issueCall, offerUnreached } from '@muster/registry/call/act.ts'
import { callsIssued, callsReceived } from '@muster/registry/call/matrix.ts'
import { askOthers } from '@muster/registry/delivery/ask.ts'
import { ASKS_MAX } from '@muster/registry/delivery/admit.ts'
import { isDisproven } from '@muster/registry/delivery/charge.ts'
import { deliverOnce } from '@muster/registry/outbox.ts'
import { sealCourier } from '@muster/registry/peer/courier-file.ts'
import { evidenceFile } from '@muster/registry/peer/evidence-file.ts'
import { postMessage } from '@muster/registry/peer/exchange.ts'
import { send } from '@muster/registry/send.ts'
import { filedBreaches, type FiledBreach } from '@muster/registry/store/breaches.ts'
import { messagesById, writeMessages } from '@muster/registry/store/messages.ts'
import { showCoins } from '@muster/registry/trace/coins.ts'
import { boundFind, cosignedProof } from '@muster/registry/trace/find.ts'
import { traceFind, type Traced } from '@muster/registry/trace/trace.ts'
import { servedRegistries, type Member, type Served, until } from './served.ts'
import { clock, DRILL, enter, officeSaid } from './two.ts'

const ANSWER_SECONDS = 6
const PATIENCE_MS = 20_000
const NOWHERE = 'http://127.0.0.1:9'

let served: Served
let group: Group
let seized: readonly string[]
const of = (party: string): Member => served.of(party)
const at = (party: string) => ({ register: of(party).home().register, joined: of(party).hall().joined })
const urlsOf = (party: string) => of(party).hall().joined.urls as Map<PartyId, string>

before(async () => {
  group = await fastGroup()
  served = await servedRegistries(['AA', 'BB', 'CC', 'DD'], {
    liars: 1, quorum: 3, periodSeconds: 1, deadlines: { openSeconds: 60, answerSeconds: ANSWER_SECONDS, receiptSeconds: 1, lookSeconds: 86_400 },
  })
  for (const party of ['AA', 'BB', 'CC', 'DD']) await of(party).up()
  seized = await enter(of('AA').side(), 'seized', Array.from({ length: 4 }, (_, i) => ({ type: '9M39', serial: `7712${i}` })))
  await until(async () => (of('AA').hall().mirror.known('DD' as PartyId) !== undefined))
})
after(() => served.remove())

async function traced(n: number): Promise<Traced> {
  const member = of('AA')
  const tracing = { home: member.home(), hall: member.hall(), group, own: member.answering().message }
  const result = await traceFind(tracing, seized[n] as string, { wait_ms: PATIENCE_MS, untilSilent: true })
  await showCoins(tracing, result.tossed)
  return result
}

function outcomeIn({ dossier }: Traced, party: string): PartyOutcome | undefined {
  const verified = verifyDossier(p, group, dossier, at('AA').joined.trust.bytes, clock())
  assert.ok(verified.verdict === 'proven', JSON.stringify(verified.findings))
  return verified.assessment.outcomes.get(party as PartyId)
}

const messageOf = (envelope: Json): Message['payload'] => {
  const opened = openEnvelope(p, envelope as unknown as Envelope, at('AA').joined.trust.messageKeys)
  if (opened instanceof Error) throw opened
  return opened.payload
}

async function filed(party: string, code: string): Promise<FiledBreach[]> {
  return (await Array.fromAsync(filedBreaches(at('AA').register))).filter((each) => each.party === party && each.code === code)
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}

/** Something else that answers where a registry is expected. */
async function standIn(party: string, status: number, body: string): Promise<Server> {
  const server = createServer((_, response) => { response.writeHead(status).end(body) })
  const { port } = new URL(urlsOf('BB').get(party as PartyId) as string)
  await new Promise<void>((resolve) => { server.listen(Number(port), '127.0.0.1', resolve) })
  assert.equal((server.address() as AddressInfo).port, Number(port))
  return server
}

test('a party that the asker cannot reach is reached by the others: receipt and answer come back through them, and nobody is accused', async () => {
  const { log } = of('AA').hall()
  await until(async () => {
    const find = await boundFind(log, seized[0] as string)
    return find !== undefined && (await cosignedProof(log, find.path.entry, 0).catch(() => '')).includes('DD/muster/exercise-2/witness')
  })
  const url = urlsOf('AA').get('DD' as PartyId) as string
  urlsOf('AA').set('DD' as PartyId, NOWHERE)
  const result = await traced(0)
  urlsOf('AA').set('DD' as PartyId, url)
  assert.equal(outcomeIn(result, 'DD'), 'no-current-declaration')
  const evidence = parseDossier(result.dossier).parties.find(({ party }) => party === 'DD')
  assert.equal(evidence?.statements, undefined)
  assert.deepEqual(await filed('DD', 'delivery/silent'), [])
})

test('whoever offers learns nothing of the question but its id', async () => {
  const rows = await of('BB').home().register.db.read<{ envelope: Buffer }>("SELECT envelope FROM message WHERE kind = 'delivery/ask' AND direction = 'in' AND sender = 'AA'")
  const ask = messageOf(parseJson((rows[0] as { envelope: Buffer }).envelope))
  const sealed = Buffer.from(fromBase64(ask.body.sealed as string) as Uint8Array)
  assert.ok(sealed.toString('latin1').startsWith('age-encryption.org/v1\n-> mlkem768x25519'))
  assert.ok(!sealed.includes('evaluation/request') && !sealed.includes('coin'))
  const statedBy = () => of('AA').home().register.db.read<{ envelope: Buffer }>("SELECT envelope FROM message WHERE kind = 'delivery/stated' AND direction = 'in' AND sender = 'BB'")
  await until(async () => (await statedBy()).length > 0)
  const stated = await statedBy()
  const body = messageOf(parseJson((stated[0] as { envelope: Buffer }).envelope)).body
  assert.ok(Buffer.from(body.reply as string, 'base64').toString('latin1').startsWith('age-encryption.org/v1\n'), 'the answer came sealed to the asker')
})

test('a party that was offered the question in vain by a quorum until its time ran out is silent, offline and in an evidence file', async () => {
  await of('DD').down()
  const result = await traced(1)
  assert.equal(outcomeIn(result, 'DD'), 'silent')
  assert.deepEqual(result.conclusion.silent, ['DD'])
  const dossier = parseDossier(result.dossier)
  const evidence = dossier.parties.find(({ party }) => party === 'DD')
  assert.deepEqual(evidence?.statements?.map((each) => messageOf(each as unknown as Json).from).sort(), ['BB', 'CC'])

  const [breach] = await filed('DD', 'delivery/silent')
  const file = evidenceFile(group, at('AA').joined, breach as FiledBreach)
  assert.equal(file?.charge, 'silent')
  assert.equal(verifyEvidence(p, group, file?.bytes ?? new Uint8Array(0), at('AA').joined.trust.bytes).verdict, 'proven')

  const { signature: _, ...body } = dossier
  const forge = (statements: readonly Envelope[] | undefined) => {
    const parties = body.parties.map((each) => each.party === 'DD' ? { ...each, statements } : each)
    const { findings } = verifyDossier(p, group, signDossier(p, { ...body, parties: JSON.parse(JSON.stringify(parties)) as typeof body.parties }, of('AA').hall().joined.keys.message), at('AA').joined.trust.bytes, clock())
    return findings.map(({ code }) => code)[0]
  }
  const [one, two] = evidence?.statements as [Envelope, Envelope]
  assert.equal(forge([one]), 'dossier/outcome', 'one of four is no quorum')
  assert.equal(forge([one, one]), 'delivery/repeated')
  assert.equal(forge([one, { ...two, signatures: one.signatures }]), 'message/signature')
  assert.equal(forge(undefined), 'dossier/outcome')
})

/** A question of AA's to DD that only the others can bring, and what each stated of it. */
async function offered(saying: { readonly kind: MessageKind, readonly body: { readonly [name: string]: Json } } = officeSaid('DD' as PartyId)): Promise<{ readonly message: Message, readonly stated: () => Promise<Message['payload'][]> }> {
  const [message] = await writeMessages(at('AA').register, at('AA').joined, [{ to: 'DD' as PartyId, ...saying }], clock()) as [Message]
  assert.ok(await askOthers(at('AA'), message, timeOf(clock() + ANSWER_SECONDS), clock()))
  return {
    message, stated: async () => {
      const rows = await at('AA').register.db.read<{ envelope: Buffer }>("SELECT envelope FROM message WHERE kind = 'delivery/stated' AND direction = 'in'")
      return rows.map(({ envelope }) => messageOf(parseJson(envelope))).filter(({ body }) => body.of === message.id)
    },
  }
}
const howOf = (stated: readonly Message['payload'][]): string[][] => stated.map(({ body }) => (body.tries as { how: string }[]).map(({ how }) => how))

test('a door that turns a file away, or takes it and gives no receipt, was offered it in vain; one that cannot open it accuses nobody', async () => {
  for (const [status, body, how] of [[404, '<html>', 'turned-away'], [200, '{"receipt":null,"reply":null}', 'no-receipt']] as const) {
    const server = await standIn('DD', status, body)
    const { stated } = await offered()
    await until(async () => (await stated()).length === 2)
    await stop(server)
    for (const tries of howOf(await stated())) assert.ok(tries.length >= 2 && tries.every((each) => each === how), tries.join(' '))
  }
  const server = await standIn('DD', 400, '{"code":"courier/other-receiver","message":"made for another key"}')
  const { stated } = await offered()
  await until(async () => (await stated()).length === 2)
  await stop(server)
  assert.deepEqual(howOf(await stated()), [['refused'], ['refused']])
})

test('a call is silence where a quorum offered it in vain; the addressee that comes back has it, answers, and no file is made any more', async () => {
  const due = timeOf(clock() + ANSWER_SECONDS)
  const { call } = await issueCall(at('AA'), { reason: 'exercise', classes: null, types: null, seen: 'opened', asOf: timeOf(clock()), due, remind: [], note: null }, ['DD' as PartyId], 'A. Petrova', clock())
  const standing = async () => (await callsIssued(at('AA'), clock())).find(({ body }) => body.call === call)?.rows[0]?.standing
  assert.equal(await standing(), 'under-way')
  await until(async () => await standing() === 'silent')
  const before = (await filed('DD', 'delivery/silent')).length
  await offerUnreached(at('AA'), clock())
  await offerUnreached(at('AA'), clock())
  const breaches = await filed('DD', 'delivery/silent')
  const breach = breaches.at(-1) as FiledBreach
  assert.ok(breaches.length >= before && evidenceFile(group, at('AA').joined, breach)?.charge === 'silent')
  assert.equal(await isDisproven(at('AA'), breach), false)

  await of('DD').up()
  await deliverOnce(of('AA').home(), of('AA').hall(), undefined)
  await until(async () => (await callsReceived(at('DD'))).some(({ body }) => body.call === call))
  await answerCall(at('DD'), call, null, { by: 'A. Petrova', and: 'B. Karimov' }, clock())
  await until(async () => await standing() === 'answered')
  assert.equal(await isDisproven(at('AA'), breach), true)
})

test('a helper that lies alone accuses nobody: what the others bring back is the receipt', async () => {
  const { message } = await offered()
  const [ask] = (await at('AA').register.db.read<{ envelope: Buffer }>("SELECT envelope FROM message WHERE kind = 'delivery/ask' AND direction = 'out' AND receiver = 'CC' ORDER BY sequence DESC LIMIT 1")).map(({ envelope }) => parseJson(envelope) as { payload: string })
  const id = toHex(p.sha256(Buffer.from((ask as { payload: string }).payload, 'base64')))
  const sealed = toHex(p.sha256(fromBase64(messageOf(ask as unknown as Json).body.sealed as string) as Uint8Array))
  const tries = [0, ANSWER_SECONDS].map((seconds) => ({ at: timeOf(clock() + seconds), how: 'no-answer', code: null }))
  const lie = { request: id, of: message.id, party: 'DD', sealed, tries, receipt: null, reply: null }
  const [said, foreign] = await writeMessages(at('CC').register, at('CC').joined, [{ to: 'AA' as PartyId, kind: 'delivery/stated', body: lie, sent: false }, { to: 'AA' as PartyId, kind: 'delivery/stated', body: { ...lie, of: 'ab'.repeat(32) }, sent: false }], clock())
  const url = urlsOf('BB').get('AA' as PartyId) as string
  assert.equal((await postMessage(url, DRILL, (said as Message).envelope)).status, 200)
  const refused = await postMessage(url, DRILL, (foreign as Message).envelope)
  assert.deepEqual([refused.status, (JSON.parse(refused.body.toString()) as { code: string }).code], [400, 'delivery/unknown'])
  await until(async () => (await at('AA').register.db.read("SELECT 1 AS one FROM message WHERE kind = 'receipt' AND direction = 'in' AND sender = 'DD' AND about = $1", [Buffer.from(message.id, 'hex')])).length === 1)
})

async function refusedAt(party: string, from: string, body: { readonly [name: string]: Json }): Promise<string | undefined> {
  const [message] = await writeMessages(at(from).register, at(from).joined, [{ to: party as PartyId, kind: 'delivery/ask', body, sent: false }], clock()) as [Message]
  const { status, body: told } = await postMessage(urlsOf(party === 'AA' ? 'BB' : 'AA').get(party as PartyId) as string, DRILL, message.envelope)
  return status === 200 ? undefined : (JSON.parse(told.toString()) as { code: string }).code
}

test('a helper offers for parties of the agreement only, within the time to answer, nothing twice, and so much and no more', async () => {
  const body = (n: number): { readonly [name: string]: Json } => ({ of: toHex(p.sha256(Buffer.from(`message ${n}`))), party: 'DD', until: timeOf(clock() + ANSWER_SECONDS), sealed: toBase64(Buffer.from('age-encryption.org/v1')) })
  assert.equal(await refusedAt('BB', 'AA', { ...body(0), party: 'QQ' }), 'delivery/not-another')
  assert.equal(await refusedAt('BB', 'AA', { ...body(0), party: 'BB' }), 'delivery/not-another')
  assert.equal(await refusedAt('BB', 'AA', { ...body(0), party: 'AA' }), 'delivery/not-another')
  assert.equal(await refusedAt('BB', 'AA', { ...body(0), until: timeOf(clock() + 86_400) }), 'delivery/too-late')
  assert.equal(await refusedAt('BB', 'AA', { ...body(0), sealed: toBase64(new Uint8Array(540_673)) }), 'delivery/shape')
  assert.equal(await refusedAt('BB', 'AA', body(1)), undefined)
  assert.equal(await refusedAt('BB', 'AA', body(1)), 'delivery/again')
  let told: string | undefined
  for (let n = 2; n < ASKS_MAX + 2 && told === undefined; n++) told = await refusedAt('BB', 'AA', body(n))
  assert.equal(told, 'delivery/too-many')
  assert.equal(await refusedAt('BB', 'CC', body(1)), undefined, 'another asker has its own measure')
})

test('the door for sealed files takes one message for this party, and says what is wrong with any other', async () => {
  const { courier } = at('DD').joined.trust.parties.get('DD' as PartyId)?.record.record.keys as { courier: string }
  const message = async (): Promise<Envelope> => parseJson(((await writeMessages(at('AA').register, at('AA').joined, [{ ...officeSaid('DD' as PartyId), sent: false }], clock()))[0] as Message).envelope) as unknown as Envelope
  const sealed = async (messages: Envelope[], changes: object = {}) => sealCourier(courier, { v: 'muster/courier/1', agreement: DRILL, exercise: true, from: 'AA' as PartyId, to: 'DD' as PartyId, made: timeOf(clock()), messages, ...changes })
  const offer = async (bytes: Uint8Array) => {
    const response = await fetch(`${urlsOf('AA').get('DD' as PartyId) as string}/courier/${DRILL}`, { method: 'POST', body: Buffer.from(bytes) })
    return [response.status, (await response.json() as { code?: string }).code]
  }
  assert.deepEqual(await offer(Buffer.from('no age file')), [400, 'courier/not-age'])
  assert.deepEqual(await offer(await sealed([await message(), await message()])), [400, 'courier/several'])
  assert.deepEqual(await offer(await sealed([await message()], { to: 'CC' })), [400, 'courier/other-receiver'])
  assert.deepEqual(await offer(await sealed([await message()])), [200, undefined])
})

test('an answer that comes after its silence was charged is taken: the dossier of that day stays true, and no file is made of the silence any more', async () => {
  await of('BB').down()
  await of('BB').up({ mute: true })
  const result = await traced(3)
  assert.equal(outcomeIn(result, 'BB'), 'silent')
  const breach = (await filed('BB', 'delivery/silent')).at(-1) as FiledBreach
  assert.equal(evidenceFile(group, at('AA').joined, breach)?.charge, 'silent')
  assert.equal(await isDisproven(at('AA'), breach), false)
  await of('BB').down()
  await of('BB').up()
  const { home, hall, answering } = of('AA')
  const asked = openEnvelope(p, parseDossier(result.dossier).parties.find(({ party }) => party === 'BB')?.request as Envelope, at('AA').joined.trust.messageKeys)
  assert.ok(!(asked instanceof Error))
  const [question] = await messagesById(home().register, hall().joined, 'AA' as PartyId, [asked.id])
  const { answers } = await send(home(), hall(), question as Message, answering().message)
  assert.deepEqual(answers.map(({ payload: { kind, time } }) => [kind, time >= addSeconds(asked.payload.time, ANSWER_SECONDS)]), [['evaluation/answer', true]])
  assert.equal(await isDisproven(at('AA'), breach), true)
  assert.equal(outcomeIn(result, 'BB'), 'silent', 'it was silent when the dossier was made')
})

test('with one helper away there is no quorum: the party is unreachable, which accuses nobody', async () => {
  const before = (await filed('DD', 'delivery/silent')).length
  await of('BB').down()
  await of('DD').down()
  assert.equal(outcomeIn(await traced(2), 'DD'), 'unreachable')
  assert.equal((await filed('DD', 'delivery/silent')).length, before, 'the silences of before and no other')
})
