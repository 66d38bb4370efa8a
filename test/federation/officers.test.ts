import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { traceBody } from '@muster/core/wire/trace-body.ts'
import type { ReadHead } from '@muster/core/wire/head.ts'
import { sodiumGroup } from '@muster/fast/sodium-group.ts'
import { approveRequest, previewRequest, refuseRequest, waitingRequests } from '@muster/registry/peer/waiting-request.ts'
import { ask, findOf, formalOf, hand, openDoor, question, type Door } from './asked.ts'
import { command } from './command.ts'
import { clock, enter, twoRegisters, type Two } from './two.ts'

let two: Two
let group: Group
let door: Door
let head: ReadHead
let seized: string[]

before(async () => {
  group = await sodiumGroup()
  two = await twoRegisters({ standing: null })
  await enter(two.bb, 'baseline', [{ type: '9M39', serial: '77123' }])
  head = (await two.declare(two.bb)).head
  seized = await enter(two.aa, 'seized', [{ type: '9M39', serial: '77123' }])
  await two.period(two.aa)
  door = openDoor(two.bb, group)
})
after(async () => {
  await door.evaluator.close()
  await two.remove()
})

const find = () => findOf(two.aa, seized[0] as string)
const formal = async () => formalOf(await question(group, two.aa, two.bb, door, head, [await find()]), await find())
const previewed = ({ hits }: Awaited<ReturnType<typeof previewRequest>>) => hits[0]?.items[0]?.label
const codeOf = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code

test('without a standing rule a formal request gets its receipt and waits; two people release sections, and whoever asks again gets them', async () => {
  const home = { register: two.bb.register, joined: two.bb.joined, group }
  const { request, answers } = await ask(two.aa, door, await formal())
  assert.deepEqual(answers, [])
  const waiting = await waitingRequests(home)
  assert.deepEqual(waiting.map(({ id, from, marks, hits, ground }) => ({ id, from, marks, hits, ground })), [{ id: request.id, from: 'AA', marks: ['77123'], hits: 2, ground: 'exercise' }])
  await assert.rejects(approveRequest(home, request.id, ['status'], 'A. Petrova', null, clock()), codeOf('two-people/second-missing'))
  await assert.rejects(approveRequest(home, request.id, ['status'], 'A. Petrova', 'a. petrova', clock()), codeOf('two-people/same-person'))
  await assert.rejects(approveRequest(home, request.id, [], 'A. Petrova', 'B. Karimov', clock()), codeOf('disclosure/no-sections'))
  await assert.rejects(approveRequest(home, 'ab'.repeat(32), ['status'], 'A. Petrova', 'B. Karimov', clock()), codeOf('request/unknown'))
  const preview = (line: string) => command(two.bb.register.dataDir, `request preview ${request.id} ${line}`, { json: false })
  assert.match((await preview('--section site --section acquired')).out, /AA would learn of 1 items/)
  assert.deepEqual((await command(two.bb.register.dataDir, `request preview ${request.id} --section site`)).json.items, [{ label: previewed(await previewRequest(home, request.id, ['site'], clock())), sections: { site: { region: 'unknown' } } }])
  await assert.rejects(previewRequest(home, request.id, [], clock()), codeOf('disclosure/no-sections'))
  const answer = await approveRequest(home, request.id.slice(0, 12), ['site', 'acquired'], 'A. Petrova', 'B. Karimov', clock())
  const [hit] = traceBody('trace/answer', answer.payload.body).hits
  assert.deepEqual(Object.keys(hit?.items[0]?.sections ?? {}).sort(), ['acquired', 'kind', 'site'])
  assert.deepEqual((await hand(two.aa, door, request)).answers.map(({ id }) => id), [answer.id])
  assert.deepEqual(await waitingRequests(home), [])
  await assert.rejects(refuseRequest(home, request.id, 'confidentiality', 'A. Petrova', 'B. Karimov', clock()), codeOf('request/unknown'))
})

test('trust is told by the command: logs and cosigners, and what the asker could know at most', async () => {
  const { json, code } = await command(two.bb.register.dataDir, 'trust')
  assert.equal(code, 0)
  const { items, asked } = json as { readonly items: number, readonly asked: readonly { readonly party: string, readonly elements: number, readonly knownAtMost: number }[] }
  assert.deepEqual([items, asked.map(({ party, knownAtMost }) => [party, knownAtMost])], [1, [['AA', 1]]])
  const more = asked[0]?.elements ?? 0
  await formal()
  const again = (await command(two.bb.register.dataDir, 'trust')).json as { readonly asked: readonly { readonly elements: number }[] }
  assert.ok((again.asked[0]?.elements ?? 0) > more)
  assert.match((await command(two.bb.register.dataDir, 'trust', { json: false, lang: 'ru' })).out, /кворум 2[\s\S]*BB[\s\S]*2: AA BB/)
})

test('two people refuse with a reason that is a code', async () => {
  const home = { register: two.bb.register, joined: two.bb.joined, group }
  const { request } = await ask(two.aa, door, await formal())
  await assert.rejects(refuseRequest(home, request.id, 'because', 'A. Petrova', 'B. Karimov', clock()), codeOf('request/reason'))
  await assert.rejects(refuseRequest(home, request.id, 'confidentiality', 'A. Petrova', null, clock()), codeOf('two-people/second-missing'))
  const refused = await refuseRequest(home, request.id, 'ongoing-investigation', 'A. Petrova', 'B. Karimov', clock())
  assert.deepEqual(traceBody('trace/refuse', refused.payload.body), { request: request.id, reason: 'ongoing-investigation' })
  assert.equal((await hand(two.aa, door, request)).answers[0]?.id, refused.id)
})

test('an exercise\'s silent party gives its receipt and says nothing, however often it is asked', async () => {
  const mute = openDoor(two.bb, group, { mute: true })
  try {
    const { request, answers, body } = await ask(two.aa, mute, await formal())
    assert.deepEqual(answers, [])
    assert.equal((await hand(two.aa, mute, request)).body, body)
  } finally {
    await mute.evaluator.close()
  }
})
