import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { appendFile, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { fromBase64, toBase64, toHex } from '@muster/core/bytes/bytes.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { verifyProof } from '@muster/core/oprf/oprf.ts'
import { agreementBytes, agreementOf, type Agreement, type AgreementId } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { sealEnvelope, type Message } from '@muster/core/wire/message.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { sodiumGroup } from '@muster/fast/sodium-group.ts'
import { Fault } from '../engine/fault.ts'
import { startEvaluator, type Evaluator } from '../peer/evaluator-process.ts'
import { firstKeyRecord, makeAgreementKeys, type AgreementKeys } from '../store/keys.ts'
import { scratchFolder } from '../store/scratch.ts'
import { evaluatorFolder, makeOprfKey } from './key.ts'
import { linesOf, TOO_LONG } from './lines.ts'
import type { Evaluated } from './protocol.ts'
import { settleEvaluator } from './settled.ts'

const ID = 'exercise-3' as AgreementId
const [AA, BB] = ['AA', 'BB'] as [PartyId, PartyId]
const QUOTA = 160

let folder: string
let group: Group
let keys: Record<string, AgreementKeys>
let records: Map<PartyId, Uint8Array>
let oprf: Uint8Array
let sequence = 0

before(async () => {
  folder = await scratchFolder()
  group = await sodiumGroup()
  keys = { AA: await makeAgreementKeys(join(folder, 'AA'), ID), BB: await makeAgreementKeys(join(folder, 'BB'), ID) }
  oprf = await makeOprfKey(join(folder, 'BB'), ID)
  const other = await makeOprfKey(join(folder, 'AA'), ID)
  const recordOf = (party: PartyId, key: Uint8Array) => firstKeyRecord(keys[party] as AgreementKeys, ID, party, '2026-01-01T00:00:00Z', key)
  records = new Map([[AA, await recordOf(AA, other)], [BB, await recordOf(BB, oprf)]])
})
after(() => rm(folder, { recursive: true, force: true }))

function agreement(quota: Partial<Agreement['quota']> = {}): Uint8Array {
  const made = agreementOf({
    v: 'muster/agreement/1', id: ID, sequence: 0, exercise: true, title: { en: 'Exercise', ru: 'Учение' },
    parties: [...records].map(([id, record]) => ({ id, name: { en: id, ru: id }, keyRecord: toHex(p.sha256(record)) })),
    baseline: '2026-01-01T00:00:00Z', scope: { classes: null }, liars: 0, quorum: 2, periodSeconds: 3600, step: 256, declarationAgeSecondsMax: 86_400,
    quota: { windowSeconds: 3600, askerElements: QUOTA, allElements: 2 * QUOTA, ...quota }, batches: [16, 64], openOneIn: 10,
    deadlines: { openSeconds: 60, answerSeconds: 60, receiptSeconds: 60, lookSeconds: 60 }, standing: null, marking: { level: 'exercise', caveats: [] },
  })
  assert.ok(!(made instanceof Error))
  return agreementBytes(made)
}

/** A data directory of its own for one test, with BB's OPRF key and the agreement settled. */
async function settledAt(name: string, quota: Partial<Agreement['quota']> = {}): Promise<string> {
  const dataDir = join(folder, name)
  await makeOprfKey(dataDir, ID)
  await writeFile(join(evaluatorFolder(dataDir, ID), 'key'), await readFile(join(evaluatorFolder(join(folder, 'BB'), ID), 'key')))
  await settleEvaluator(dataDir, agreement(quota), records)
  return dataDir
}

async function running(dataDir: string, act: (evaluator: Evaluator) => Promise<void>): Promise<void> {
  const evaluator = startEvaluator(dataDir)
  try {
    await act(evaluator)
  } finally {
    await evaluator.close()
  }
}

function element(): Uint8Array {
  return group.hashToGroup(new Uint8Array(randomBytes(16)), new Uint8Array(Buffer.from('test')))
}

const batch = (size = 16) => Array.from({ length: size }, element)

function request(elements: readonly Uint8Array[], change: { from?: PartyId, to?: PartyId, kind?: 'evaluation/request' | 'trace/refuse', finds?: readonly string[] } = {}): Message {
  const { from = AA, to = BB, kind = 'evaluation/request' } = change
  const hash = toHex(randomBytes(32))
  const finds = change.finds ?? [hash]
  const path = { batch: { index: 0, size: 1, path: [] }, period: { salt: hash, index: 0, size: 256, path: [] }, entry: 0, proof: 0 }
  const body = kind === 'evaluation/request'
    ? { head: null, recoveries: finds.map((binding) => ({ binding, path })), proofs: ['a proof'], elements: elements.map(toBase64), coin: hash } : { request: hash, reason: 'quota' }
  return sealEnvelope(p, {
    v: 'muster/message/1', kind, from, to, agreement: ID, sequence: ++sequence, previous: hash, time: timeOf(1_800_000_000), expiry: null,
    marking: { level: 'exercise', caveats: [] }, body,
  }, (keys[from] as AgreementKeys).message)
}

async function evaluated(evaluator: Evaluator, message: Message): Promise<Evaluated> {
  const reply = await evaluator.evaluate(ID, message.envelope, toBase64(oprf))
  assert.ok(!('error' in reply), JSON.stringify(reply))
  return reply
}

async function codeOf(evaluator: Evaluator, envelope: Uint8Array): Promise<string | undefined> {
  const reply = await evaluator.evaluate(ID, envelope, toBase64(oprf))
  return 'error' in reply ? reply.error : undefined
}

test('a batch is evaluated under the key of the record, and one that is seen again gets the same bytes and spends nothing', async () => {
  await running(await settledAt('again'), async (evaluator) => {
    const elements = batch()
    const message = request(elements)
    const first = await evaluated(evaluator, message)
    assert.ok(verifyProof(group, oprf, elements, first.elements.map((each) => fromBase64(each) as Uint8Array), fromBase64(first.proof) as Uint8Array))
    assert.deepEqual(await evaluated(evaluator, message), first)
    assert.deepEqual((await evaluator.facts(ID)).spent, { AA: 16 })
  })
})

test('forty requests at once get no more than the quota, and neither does a restart, a kill or a replay', async () => {
  const dataDir = await settledAt('flood')
  const messages = Array.from({ length: 40 }, () => request(batch()))
  const answered: Message[] = []
  await running(dataDir, async (evaluator) => {
    const replies = await Promise.all(messages.map((message) => evaluator.evaluate(ID, message.envelope, toBase64(oprf))))
    replies.forEach((reply, i) => {
      if ('error' in reply) assert.equal(reply.error, 'quota')
      else answered.push(messages[i] as Message)
    })
    assert.equal(answered.length, QUOTA / 16)
    process.kill(evaluator.pid() as number, 'SIGKILL')
    assert.equal(await codeOf(evaluator, request(batch()).envelope), 'quota')
    for (const message of answered) await evaluated(evaluator, message)
  })
  await running(dataDir, async (evaluator) => {
    assert.equal(await codeOf(evaluator, request(batch()).envelope), 'quota')
    await evaluated(evaluator, request(batch(), { from: BB }))
    assert.deepEqual((await evaluator.facts(ID)).spent, { AA: QUOTA, BB: 16 })
  })
})

test('the quota of all askers together ends before that of one', async () => {
  await running(await settledAt('all', { askerElements: 64, allElements: 80 }), async (evaluator) => {
    await evaluated(evaluator, request(batch(64)))
    assert.equal(await codeOf(evaluator, request(batch(64), { from: BB }).envelope), 'quota')
    await evaluated(evaluator, request(batch(16), { from: BB }))
    assert.equal(await codeOf(evaluator, request(batch(16), { from: BB }).envelope), 'quota')
  })
})

test('an asker with a number of its own in the agreement has that one, across a kill and a restart, and the others have theirs', async () => {
  const dataDir = await settledAt('askers', { askerElements: 64, allElements: 160, askers: [{ party: AA, elements: 32 }] })
  await running(dataDir, async (evaluator) => {
    const replies = await Promise.all(Array.from({ length: 12 }, () => codeOf(evaluator, request(batch()).envelope)))
    assert.deepEqual(replies.filter((code) => code === undefined).length, 2)
    process.kill(evaluator.pid() as number, 'SIGKILL')
    assert.equal(await codeOf(evaluator, request(batch()).envelope), 'quota')
    await evaluated(evaluator, request(batch(64), { from: BB }))
  })
  await running(dataDir, async (evaluator) => {
    for (const from of [AA, BB]) assert.equal(await codeOf(evaluator, request(batch(), { from }).envelope), 'quota', from)
    assert.deepEqual((await evaluator.facts(ID)).spent, { AA: 32, BB: 64 })
  })
})

test('of one find no more is asked than the agreement says, by whomever, at once or after a restart; finds of one batch share it, and another find has its own', async () => {
  const dataDir = await settledAt('finds', { findElements: 32 })
  const [find, other] = [toHex(randomBytes(32)), toHex(randomBytes(32))]
  const about = (finds: readonly string[], from = AA) => request(batch(), { from, finds })
  await running(dataDir, async (evaluator) => {
    // 8 of each: the first find keeps 24, and there is room for one batch of its own.
    await evaluated(evaluator, about([find, other]))
    const replies = await Promise.all(Array.from({ length: 6 }, (_, i) => codeOf(evaluator, about([find], i % 2 === 0 ? AA : BB).envelope)))
    assert.deepEqual([replies.filter((code) => code === undefined).length, new Set(replies).has('quota')], [1, true])
    process.kill(evaluator.pid() as number, 'SIGKILL')
    assert.equal(await codeOf(evaluator, about([find]).envelope), 'quota')
  })
  await running(dataDir, async (evaluator) => {
    for (const from of [AA, BB]) assert.equal(await codeOf(evaluator, about([find], from).envelope), 'quota', from)
    // One of two finds that has no room holds up the whole batch: it is not asked beside another.
    await evaluated(evaluator, about([find, toHex(randomBytes(32))]))
    assert.equal(await codeOf(evaluator, about([find, toHex(randomBytes(32))]).envelope), 'quota')
    await evaluated(evaluator, about([other]))
    assert.equal((await evaluator.facts(ID)).spentByAll, 64)
  })
})

test('what left the window counts no longer, also after a start that compacts the journal', async () => {
  const dataDir = await settledAt('window', { windowSeconds: 1, askerElements: 16, allElements: 16 })
  const first = request(batch())
  await running(dataDir, async (evaluator) => {
    await evaluated(evaluator, first)
    await sleep(2100)
    await evaluated(evaluator, request(batch()))
  })
  await sleep(2100)
  await running(dataDir, async (evaluator) => {
    const before = await evaluated(evaluator, first)
    assert.equal((await evaluator.facts(ID)).spentByAll, 0, 'a request from before the compaction spends nothing')
    assert.deepEqual(await evaluated(evaluator, first), before)
  })
  assert.equal(await readFile(join(evaluatorFolder(dataDir, ID), 'journal'), 'utf8'), '')
})

test('whoever is killed between spending and answering evaluates when asked again, and spends once', async () => {
  const dataDir = await settledAt('between')
  const message = request(batch())
  const answers = join(evaluatorFolder(dataDir, ID), 'answers')
  await running(dataDir, async (evaluator) => {
    await evaluated(evaluator, message)
    // As if killed after the journal was synced and before the answer was kept, or with half of it.
    await rm(join(answers, message.id))
    process.kill(evaluator.pid() as number, 'SIGKILL')
    await evaluated(evaluator, message)
    await writeFile(join(answers, message.id), (await readFile(join(answers, message.id))).subarray(0, 200))
    await evaluated(evaluator, message)
    assert.deepEqual((await evaluator.facts(ID)).spent, { AA: 16 })
  })
})

test('killed again and again under load, every request is answered once and paid once', async () => {
  const reports: string[] = []
  const dataDir = await settledAt('killed', { askerElements: 100_000, allElements: 100_000 })
  const evaluator = startEvaluator(dataDir, (what) => reports.push(what))
  try {
    const messages = Array.from({ length: 60 }, () => request(batch()))
    const replies = Promise.all(messages.map(async (message, i) => {
      await sleep(i * 15)
      for (;;) {
        try {
          return await evaluated(evaluator, message)
        } catch (error) {
          if (!(error instanceof Fault)) throw error
        }
      }
    }))
    for (let kills = 0; kills < 4; kills++) {
      await sleep(250)
      const pid = evaluator.pid()
      if (pid !== undefined) process.kill(pid, 'SIGKILL')
    }
    assert.equal((await replies).length, 60)
    assert.ok(reports.length >= 3, `${reports.length} restarts`)
    assert.deepEqual((await evaluator.facts(ID)).spent, { AA: 60 * 16 })
    assert.equal((await readdir(join(evaluatorFolder(dataDir, ID), 'answers'))).filter((name) => !name.endsWith('.new')).length, 60)
  } finally {
    await evaluator.close()
  }
})

test('a torn last line of the journal is dropped, a damaged line before it stops the evaluator', async () => {
  const dataDir = await settledAt('torn')
  const journal = join(evaluatorFolder(dataDir, ID), 'journal')
  const messages = [request(batch()), request(batch())]
  await running(dataDir, async (evaluator) => { for (const message of messages) await evaluated(evaluator, message) })
  await appendFile(journal, '0123456789abcdef {"what":"spe')
  await running(dataDir, async (evaluator) => {
    assert.deepEqual((await evaluator.facts(ID)).spent, { AA: 32 })
    await evaluated(evaluator, request(batch()))
  })
  const text = await readFile(journal, 'utf8')
  assert.equal(text.split('\n').length, 4, 'the torn line is gone')
  await writeFile(journal, text.replace('"elements":16', '"elements":15'))
  await running(dataDir, async (evaluator) => {
    await assert.rejects(evaluator.evaluate(ID, request(batch()).envelope, toBase64(oprf)), (error) => error instanceof Fault && /line 1 is not as it was written/.test(error.message))
  })
})

test('what is not a signed request of a party to this one, of an agreed size, is refused by code and spends nothing', async () => {
  await running(await settledAt('refused'), async (evaluator) => {
    const good = request(batch())
    const text = Buffer.from(good.envelope).toString()
    const forged = Buffer.from(text.replace(/"ed25519":"(.)/, (_, first: string) => `"ed25519":"${first === 'A' ? 'B' : 'A'}`))
    assert.equal(await codeOf(evaluator, forged), 'signature')
    assert.equal(await codeOf(evaluator, Buffer.from(text.slice(0, -9))), 'message')
    assert.equal(await codeOf(evaluator, request(batch(), { to: AA, from: BB }).envelope), 'other-receiver')
    assert.equal(await codeOf(evaluator, request([], { kind: 'trace/refuse' }).envelope), 'other-kind')
    assert.equal(await codeOf(evaluator, request(batch(17)).envelope), 'batch-size')
    assert.equal(await codeOf(evaluator, request(batch(256)).envelope), 'batch-size')
    assert.equal(await codeOf(evaluator, request([...batch(15), new Uint8Array(32)]).envelope), 'element-identity')
    assert.equal(await codeOf(evaluator, request([...batch(15), new Uint8Array(32).fill(0xff)]).envelope), 'element-not-canonical')
    assert.deepEqual(await evaluator.evaluate('exercise-4' as AgreementId, good.envelope, toBase64(oprf)), { error: 'unknown-agreement', message: 'no agreement exercise-4 was joined here' })
    assert.deepEqual(await evaluator.evaluate(ID, good.envelope, toBase64(randomBytes(32))).then((reply) => 'error' in reply && reply.error), 'other-key')
    assert.equal((await evaluator.facts(ID)).spentByAll, 0)
  })
})

test('a suspended asker is refused, across a restart, until it opens late or officers lift it; a wrong opening only officers lift', async () => {
  const dataDir = await settledAt('suspended')
  const [late, wrong] = [toHex(randomBytes(32)), toHex(randomBytes(32))]
  const held = request(batch())
  await running(dataDir, async (evaluator) => {
    await evaluated(evaluator, held)
    await evaluator.suspend(ID, AA, late, 'late')
    assert.equal(await codeOf(evaluator, request(batch()).envelope), 'suspended')
    await evaluated(evaluator, held)
    await evaluated(evaluator, request(batch(), { from: BB }))
  })
  await running(dataDir, async (evaluator) => {
    assert.equal(await codeOf(evaluator, request(batch()).envelope), 'suspended')
    await evaluator.forgive(ID, AA, [late])
    await evaluated(evaluator, request(batch()))
    await evaluator.suspend(ID, AA, late, 'late')
    await evaluated(evaluator, request(batch()))
    await evaluator.suspend(ID, AA, wrong, 'wrong')
    await evaluator.forgive(ID, AA, [wrong])
    assert.equal(await codeOf(evaluator, request(batch()).envelope), 'suspended')
    await evaluator.forgive(ID, AA)
    await evaluated(evaluator, request(batch()))
  })
})

test('lines are bounded: one that is too long is told, and the next one is answered', async () => {
  const dataDir = await settledAt('lines')
  const child = spawn(process.execPath, [fileURLToPath(new URL('./main.ts', import.meta.url)), dataDir], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.write(`${'x'.repeat(2_097_153)}\nnot json\n{"id":5,"do":"facts","agreement":"${ID}"}\n{"id":6,"do":"tell","agreement":"${ID}"}\n`)
  child.stdin.end()
  const replies: { id: number | null, error?: string }[] = []
  for await (const line of linesOf(child.stdout)) replies.push(JSON.parse(line as string) as { id: number | null, error?: string })
  assert.deepEqual(replies.map(({ id, error }) => [id, error]), [[null, 'line-too-long'], [null, 'order'], [5, undefined], [6, 'order']])
})

test('lines that come in pieces, empty ones and the rest without an end are told apart', async () => {
  async function* pieces() { for (const text of ['ab', 'c\n\nde', '\nfghi', 'jkl\nx', '\nrest']) yield Buffer.from(text) }
  const lines = []
  for await (const line of linesOf(pieces(), 5)) lines.push(line)
  assert.deepEqual(lines, ['abc', '', 'de', TOO_LONG, 'x'])
})

test('two evaluators never work on one journal: the second waits for the first to end', async () => {
  const dataDir = await settledAt('twice')
  const first = startEvaluator(dataDir)
  await first.facts(ID)
  const second = startEvaluator(dataDir)
  const waits = second.facts(ID)
  assert.equal(await Promise.race([waits, sleep(700, 'waits')]), 'waits')
  await first.close()
  await waits
  await second.close()
})

test('the idle process is small', { skip: process.platform === 'linux' ? false : 'proportional set sizes are read from Linux' }, async () => {
  await running(await settledAt('small'), async (evaluator) => {
    await evaluated(evaluator, request(batch(64)))
    const rollup = await readFile(`/proc/${evaluator.pid() as number}/smaps_rollup`, 'utf8')
    const kilobytes = Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1])
    assert.ok(kilobytes < 90_000, `${kilobytes} kB`)
  })
})
