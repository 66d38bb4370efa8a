// What was said of one affair, taken from a registry as a file: both sides make the same of it, a third proves it alone, and its maker can change nothing.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { verifyCorrespondence } from '@muster/core/wire/correspondence.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { answerCall, issueCall } from '@muster/registry/call/act.ts'
import { correspondenceFile } from '@muster/registry/correspondence.ts'
import { deliverOnce } from '@muster/registry/outbox.ts'
import { dispatchItems, receiveItems } from '@muster/registry/transfer/act.ts'
import { verifyCommand } from '../../cli/verify/main.ts'
import { servedRegistries, type Member, type Served } from './served.ts'
import { clock, enter } from './two.ts'

const TWO = { by: 'D. Sidorov', and: 'C. Orlova' }
const group = await fastGroup()
let served: Served
let call = ''
let transfer = ''
const of = (party: string): Member => served.of(party)
const at = (party: string) => ({ register: of(party).home().register, joined: of(party).hall().joined })
const agreement = (): Uint8Array => at('AA').joined.trust.bytes
const send = (party: string) => deliverOnce(of(party).home(), of(party).hall(), of(party).answering().message)

before(async () => {
  served = await servedRegistries(['AA', 'BB', 'CC'], { quorum: 2 })
  for (const party of ['AA', 'BB', 'CC']) await of(party).up()
  ;({ call } = await issueCall(at('AA'), { reason: 'exercise', classes: null, types: null, seen: 'opened', asOf: timeOf(clock()), due: timeOf(clock() + 3600), remind: [], note: null }, undefined, 'C. Orlova', clock()))
  await send('AA')
  await answerCall(at('BB'), call, null, TWO, clock())
  await answerCall(at('AA'), call, null, TWO, clock())
  for (const party of ['AA', 'BB']) await send(party)
  const items = await enter(of('AA').side(), 'baseline', [{ type: '9М39', serial: '0101' }])
  ;({ transfer } = await dispatchItems(at('AA'), { to: of('BB').party, items, documents: [{ series: null, number: '17', date: '2026-03-01' }], due: timeOf(clock() + 3600), reason: 'contract 9', note: null }, TWO, clock()))
  await send('AA')
  await receiveItems(at('BB'), transfer, { happened: timeOf(clock()), note: null }, TWO, clock())
  await send('BB')
})
after(() => served.remove())

test('a call with its answers and receipts is proven to whoever holds the agreement, the caller\'s word to itself included', async () => {
  const { bytes, verification } = await correspondenceFile(at('AA'), call.slice(0, 8))
  assert.equal(verification.verdict, 'proven')
  assert.deepEqual(verification.letters.map(({ kind, from, to }) => `${kind} ${from} ${to}`).sort(), ['call/answer AA AA', 'call/answer BB AA', 'call/issue AA AA', 'call/issue AA BB', 'call/issue AA CC'])
  assert.ok(verification.letters.every(({ receipted }) => receipted !== null))
  assert.equal(verifyCorrespondence(p, group, bytes, undefined).verdict, 'consistent')
})

test('both sides of a transfer make the same letters of it, and neither side\'s file says who its officers are', async () => {
  const [ours, theirs] = [await correspondenceFile(at('AA'), transfer), await correspondenceFile(at('BB'), transfer)]
  const told = ({ verification: { letters } }: typeof ours) => letters.map(({ id, kind }) => [id, kind])
  assert.deepEqual(told(ours), told(theirs))
  assert.deepEqual(told(ours).map(([, kind]) => kind).sort(), ['transfer/notify', 'transfer/receive'])
  for (const { bytes } of [ours, theirs]) for (const name of ['Sidorov', 'Orlova']) assert.ok(!Buffer.from(bytes).includes(name), name)
})

test('no byte of a correspondence can be changed', async () => {
  const { bytes } = await correspondenceFile(at('AA'), transfer)
  for (let i = 0; i < 150; i++) {
    const place = Math.floor(i * bytes.length / 150)
    assert.equal(verifyCorrespondence(p, group, bytes.with(place, (bytes[place] as number) ^ 1), agreement()).verdict, 'refused', `byte ${place}`)
  }
})

test('the command proves it, says EXERCISE, and says that what is not in the file it does not deny, in both languages', async () => {
  const [file, held] = [join(served.folder, 'correspondence.json'), join(served.folder, 'agreement.json')]
  await writeFile(file, (await correspondenceFile(at('AA'), call)).bytes)
  await writeFile(held, agreement())
  for (const [lang, words] of [['en', [/PROVEN/, /EXERCISE/, /does not deny/]], ['ru', [/ДОКАЗАНО/, /не отрицает/]]] as const) {
    const lines: string[] = []
    assert.equal(await verifyCommand({ dossier: file, agreement: held, json: false, lang, out: (line) => { lines.push(line) } }), 0)
    for (const word of words) assert.match(lines.join('\n'), word)
  }
  assert.equal(await verifyCommand({ dossier: file, agreement: undefined, json: true, lang: 'en', out: () => undefined }), 1)
})

test('an affair that this registry does not know, or a beginning that several share, is refused', async () => {
  for (const id of ['00000000', call.slice(0, 7), '']) await assert.rejects(correspondenceFile(at('AA'), id), (error: unknown) => error instanceof Refusal && error.code === 'correspondence/unknown')
  await assert.rejects(correspondenceFile(at('CC'), transfer), (error: unknown) => error instanceof Refusal && error.code === 'correspondence/unknown')
})
