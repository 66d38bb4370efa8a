// What a hostile party, or whoever sits between two, does with true messages: sends them again, in another order, to others, under another agreement; and a
// party that tells two others two histories.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { parseJson } from '@muster/core/bytes/canonical.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { signCheckpoint } from '@muster/core/proof/checkpoint.ts'
import { signCosignature } from '@muster/core/proof/cosignature.ts'
import { leafHash } from '@muster/core/proof/merkle.ts'
import { formatNote, parseNote } from '@muster/core/proof/note.ts'
import { witnessName, type AgreementId } from '@muster/core/rules/agreement.ts'
import { cosignedBy } from '@muster/core/wire/cosigned.ts'
import { verifyEvidence } from '@muster/core/wire/evidence.ts'
import { sealEnvelope, type Message } from '@muster/core/wire/message.ts'
import { partyCheckpoint } from '@muster/core/wire/party-checkpoint.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { sodiumGroup } from '@muster/fast/sodium-group.ts'
import { openAnswering, type Answering } from '@muster/registry/answering.ts'
import { witness } from '@muster/registry/cosigners.ts'
import { catchUp, sequence } from '@muster/registry/main.ts'
import { originOf } from '@muster/registry/log/own-log.ts'
import { receiptProof } from '@muster/registry/log/receipt-proof.ts'
import { signLog, storeCosigned } from '@muster/registry/log/sign.ts'
import { formatSubmission } from '@muster/registry/peer/cosigning.ts'
import { evidenceFile } from '@muster/registry/peer/evidence-file.ts'
import { readReply } from '@muster/registry/peer/exchange.ts'
import { receiptsFor } from '@muster/registry/said.ts'
import { filedBreaches } from '@muster/registry/store/breaches.ts'
import { writeMessages } from '@muster/registry/store/messages.ts'
import { onTheirWay } from '@muster/registry/store/outbox.ts'
import { servedRegistries, type Served } from './served.ts'
import { clock, DRILL } from './two.ts'

let served: Served
const doors = new Map<string, Answering>()
const of = (party: string) => served.of(party)
const at = (party: string) => ({ register: of(party).home().register, joined: of(party).hall().joined })

before(async () => {
  served = await servedRegistries(['AA', 'BB', 'CC'], { quorum: 2, periodSeconds: 3600 })
  for (const party of ['BB', 'CC']) doors.set(party, await openAnswering(of(party).home()))
})
after(async () => {
  for (const door of doors.values()) await door.close()
  await served.remove()
})

const body = () => ({ call: randomBytes(16).toString('hex'), reason: 'exercise', classes: null, types: null, seen: 'opened', asOf: timeOf(clock()), due: timeOf(clock() + 3600), remind: [], note: null })
async function say(to: string): Promise<Message> {
  const [message] = await writeMessages(at('AA').register, at('AA').joined, [{ to: of(to).party, kind: 'call/issue', body: body() }], clock())
  return message as Message
}
interface Told { readonly status: number, readonly code: string | undefined, readonly body: string }
async function arrives(party: string, { envelope }: Pick<Message, 'envelope'>): Promise<Told> {
  const reply = await (doors.get(party) as Answering).message(of(party).home(), of(party).hall(), envelope)
  return { status: reply.status, body: String(reply.body), code: (JSON.parse(String(reply.body)) as { code?: string }).code }
}
const stored = async (party: string) => (await at(party).register.db.read<{ sequence: number }>("SELECT sequence FROM message WHERE direction = 'in' AND sender = 'AA' ORDER BY sequence")).map(({ sequence }) => sequence)

test('a message that comes again, and at once a hundred times, is stored once and gets the very same receipt', async () => {
  const message = await say('BB')
  const first = await arrives('BB', message)
  assert.equal(first.status, 200)
  const again = await Promise.all(Array.from({ length: 100 }, () => arrives('BB', message)))
  assert.deepEqual(new Set(again.map((each) => each.body)), new Set([first.body]))
  assert.deepEqual(await stored('BB'), [0])
})

test('messages that come together have one receipt, which is for each of them: alone and again, each finds the very same, taken off the way and proven by it', async () => {
  const sent: Message[] = []
  for (let i = 0; i < 40; i++) sent.push(await say('BB'))
  const told = await Promise.all(sent.map((message) => arrives('BB', message)))
  const given = await Promise.all(sent.map(async (message, i) => (await readReply(at('AA').register, at('AA').joined, message, parseJson(Buffer.from(told[i]?.body ?? '')), clock())).receipt))
  assert.ok(new Set(given.map((receipt) => receipt?.id)).size < 10, 'far fewer receipts than messages')
  assert.deepEqual(new Set(given.flatMap((receipt) => receipt?.payload.body.of as string[])), new Set(sent.map(({ id }) => id)))
  for (const [i, message] of sent.entries()) assert.equal((await arrives('BB', message)).body, told[i]?.body)
  assert.deepEqual(await onTheirWay(at('AA').register, at('AA').joined.agreement.id).then((all) => all.filter(({ id }) => sent.some((message) => message.id === id))), [])
  const held = await receiptsFor(at('AA'), sent)
  assert.deepEqual(sent.map(({ id }) => held.get(id)?.id), given.map((receipt) => receipt?.id))
  await sequence(of('BB').home(), of('BB').hall())
  for (const message of sent) assert.equal(typeof await receiptProof(of('BB').hall().log, of('AA').party, message.id), 'object')
})

test('messages in the wrong order are all taken: a gap is shown and holds up nobody', async () => {
  const messages = [await say('BB'), await say('BB'), await say('BB')]
  for (const message of messages.toReversed()) assert.equal((await arrives('BB', message)).status, 200)
  assert.deepEqual((await stored('BB')).slice(-3), messages.map(({ payload }) => payload.sequence))
})

test('a message to one party is refused by every other, and one under another agreement by all; neither is stored', async () => {
  const toBb = await say('BB')
  assert.equal((await arrives('CC', toBb)).code, 'message/other-receiver')
  const elsewhere = sealEnvelope(p, { ...toBb.payload, agreement: 'exercise-9' as AgreementId }, at('AA').joined.keys.message)
  assert.equal((await arrives('BB', elsewhere)).code, 'message/unknown-sender')
  assert.deepEqual(await stored('CC'), [])
  assert.equal((await arrives('BB', toBb)).status, 200)
})

test('a message passed off as another\'s, or changed by one byte, is nobody\'s: it accuses neither', async () => {
  const message = await say('BB')
  const { payload, signatures } = parseJson(message.envelope) as { payload: string, signatures: Record<string, string> }
  const changed = Buffer.from(payload, 'base64').toString('utf8').replace('"from":"AA"', '"from":"CC"')
  for (const text of [changed, changed.replace('"from":"CC"', '"from":"AA"').replace('"seen":"opened"', '"seen":"sealed"')]) {
    const told = await arrives('BB', { envelope: Buffer.from(JSON.stringify({ payload: Buffer.from(text).toString('base64'), signatures })) })
    assert.equal(told.code, 'message/signature')
  }
  assert.deepEqual(await at('BB').register.db.read('SELECT code FROM breach'), [])
})

test('two messages of one sequence convict their sender, whichever comes first; what was taken stays', async () => {
  const message = await say('BB')
  const other = sealEnvelope(p, { ...message.payload, body: body() }, at('AA').joined.keys.message)
  assert.equal((await arrives('BB', message)).status, 200)
  assert.equal((await arrives('BB', other)).code, 'message/same-sequence-two-ids')
  const [breach] = await Array.fromAsync(filedBreaches(at('BB').register))
  assert.ok(breach !== undefined)
  const group = await sodiumGroup()
  const file = evidenceFile(group, at('BB').joined, breach)
  assert.deepEqual([file?.charge, verifyEvidence(p, group, file?.bytes ?? new Uint8Array(), at('CC').joined.trust.bytes).verdict], ['two-messages', 'proven'])
})

test('a log that shows one party one history and another party another is convicted when either asks the other, by both signatures', async () => {
  const { log } = of('AA').hall()
  // AA lets BB cosign a history that nobody else will see.
  const forged = signCheckpoint(p, { origin: originOf(log), size: 1, root: leafHash(p, Buffer.from('another')) }, { name: originOf(log), ed25519Seed: log.keys.log.ed25519, mldsa44Seed: log.keys.log.mldsa44 }, clock())
  assert.equal((await witness(of('BB').home(), formatSubmission(0, [], forged))).status, 200)
  await doors.get('BB')?.close()
  doors.delete('BB')
  await of('BB').up()
  await sequence(of('AA').home(), of('AA').hall())
  await of('AA').up()
  await catchUp(of('CC').home(), of('CC').hall())
  const found = (await Array.fromAsync(filedBreaches(at('CC').register))).filter(({ party }) => party === 'AA')
  assert.deepEqual(found.map(({ code }) => code), ['mirror/fork'])
  const group = await sodiumGroup()
  const file = evidenceFile(group, at('CC').joined, found[0] as NonNullable<typeof found[0]>)
  assert.deepEqual([file?.charge, verifyEvidence(p, group, file?.bytes ?? new Uint8Array(), at('BB').joined.trust.bytes).verdict], ['fork', 'proven'])
  assert.ok((await at('CC').register.db.read("SELECT 1 AS one FROM breach WHERE party = 'BB'")).length === 0, 'who cosigned what it was shown is accused of nothing')
})

test('a witness that signs everything lifts no second history to the quorum, and is convicted with the log by whoever sees both', async () => {
  const { log } = of('AA').hall()
  // BB signs the true history as well, which its own registry refuses to do.
  const { size, note } = await signLog(log, clock())
  const checkpoint = partyCheckpoint(p, at('BB').joined.trust, at('BB').joined.trust.parties.get(of('AA').party) as PartyTrust, note, originOf(log))
  const line = signCosignature(p, checkpoint, witnessName(of('BB').party, DRILL), at('BB').joined.keys.witness, clock())
  const parsed = parseNote(note)
  await storeCosigned(log, size, formatNote({ text: parsed.text, signatures: [...parsed.signatures, line] }))
  await catchUp(of('CC').home(), of('CC').hall())
  const found = await Array.fromAsync(filedBreaches(at('CC').register))
  assert.deepEqual(new Set(found.map(({ party, code }) => `${party} ${code}`)), new Set(['AA mirror/fork', 'BB witness/both']))
  const group = await sodiumGroup()
  const both = found.find(({ code }) => code === 'witness/both') as NonNullable<typeof found[0]>
  const file = evidenceFile(group, at('CC').joined, both)
  assert.deepEqual([file?.charge, verifyEvidence(p, group, file?.bytes ?? new Uint8Array(), at('AA').joined.trust.bytes).verdict], ['witnessed-fork', 'proven'])
  assert.deepEqual([...cosignedBy(p, at('CC').joined.trust, both.evidence.second as string, 'witness').keys()], ['BB'], 'of three parties two are a quorum')
})
