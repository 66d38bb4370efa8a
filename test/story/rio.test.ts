// The main job on real input, by the commands of docs/real-input.md: two registries with their own databases, processes and keys; every weapon
// of 2018 traced against the declaration of 2017. 500 of them by default, all with SLOW=1. No mark is printed.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { env } from 'node:process'
import { after, before, test } from 'node:test'
import { fromBase64, toHex } from '@muster/core/bytes/bytes.ts'
import { gradeOf } from '@muster/core/rules/ladder.ts'
import type { AgreementId } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { KEY_VERSION } from '@muster/core/rules/match-key.ts'
import { ladderOfFind, recordedFind } from '@muster/core/rules/recovered-mark.ts'
import { parseEntry } from '@muster/core/wire/entry.ts'
import { parseEnvelope, type Message } from '@muster/core/wire/message.ts'
import { traceBody } from '@muster/core/wire/trace-body.ts'
import { decodeBundle } from '@muster/core/proof/tile.ts'
import { isPadInput } from '@muster/core/oprf/batch.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import type { BulkSummary, WeaponLine } from '@muster/registry/trace/bulk.ts'
import { readJoined } from '@muster/registry/store/agreements.ts'
import { removeDataDirectory } from '@muster/registry/engine/lease.ts'
import { openRegister } from '@muster/registry/store/register.ts'
import { scratchFolder } from '@muster/registry/store/scratch.ts'
import { eventsBy, keysHeld } from '../study/registers.ts'
import { commandsOf, freePort, muster, root, serve, type Ended, type Served } from './page.ts'

const SHEETS = join(root, '../shared/data/seized-weapons')
const skip = existsSync(SHEETS) ? false : '../shared/data/seized-weapons is absent'
const WEAPONS = env.SLOW === '1' ? undefined : 500
const TIMEOUT_MS = env.SLOW === '1' ? 3_600_000 : 600_000
const RIO = 'exercise-rio' as AgreementId

let folder = ''
const [asked, asking] = [() => join(folder, 'D17'), () => join(folder, 'D18')]
const served: Served[] = []
const ended = new Map<string, Ended[]>()
let summary: BulkSummary
let lines: WeaponLine[]

/** Commands of one verb that stand together are of different registries and run side by side. */
function stepsOf(commands: readonly string[][]): string[][][] {
  const steps: string[][][] = []
  for (const words of commands) {
    const last = steps.at(-1)
    if (last !== undefined && last[0]?.[0] === words[0] && (words[0] !== 'agreement' || last[0]?.[1] === words[1])) last.push(words)
    else steps.push([words])
  }
  return steps
}

async function run(words: readonly string[]): Promise<void> {
  if (words[0] === 'serve') {
    served.push(await serve(words))
    return
  }
  const done = await muster(words[0] === 'trace' && WEAPONS !== undefined ? [...words, '--limit', String(WEAPONS)] : words)
  assert.equal(done.code, 0, `muster ${words.join(' ')}: ${done.errors}${done.lines.join('\n')}`)
  const verb = words[0] as string
  ended.set(verb, [...(ended.get(verb) ?? []), done])
}

before(async () => {
  if (skip !== false) return
  folder = join(await scratchFolder(), 'rio')
  await mkdir(folder)
  const ports = new Map([['7417', await freePort()], ['7418', await freePort()]])
  const here = (word: string) => word.replace(/\brio\/(?=D1[78]|rio\.json|lines)/g, `${folder}/`).replace(/741[78]/g, (port) => String(ports.get(port))).replace(/^\.\.\//, join(root, '../'))
  for (const step of stepsOf(commandsOf('docs/real-input.md').map((words) => words.map(here)))) {
    if (step.length === 1 && step[0]?.includes('ITEM')) continue
    await Promise.all(step.map(run))
  }
  summary = JSON.parse((ended.get('trace')?.at(-1)?.lines.at(-1) ?? '')) as BulkSummary
  lines = readFileSync(join(folder, 'lines.jsonl'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as WeaponLine)
}, { timeout: TIMEOUT_MS })

after(async () => {
  for (const each of served) await each.stop()
  if (folder === '') return
  for (const dir of [asked(), asking()]) if (existsSync(dir)) await removeDataDirectory(dir)
  await rm(join(folder, '..'), { recursive: true, force: true })
})

test('every row of both sheets is accounted for, and each weapon is an item in the finder\'s custody', { skip }, async () => {
  const reports = (ended.get('import') ?? []).map(({ lines: out }) => JSON.parse(out.at(-1) as string) as Record<'rows' | 'accepted' | 'refused' | 'already', number>)
  const counts = reports.map(({ rows, accepted, refused, already }) => [rows, accepted, refused, already]).sort((a, b) => (b[0] as number) - (a[0] as number))
  assert.deepEqual(counts, [[30_627, 13_725, 16_902, 0], [30_129, 14_034, 16_095, 0]])
  const declared = JSON.parse(ended.get('declare')?.[0]?.lines.at(-1) as string) as { items: number, keys: number, dummies: number, size: number }
  assert.equal(declared.items, 13_725)
  assert.equal(declared.items + declared.keys + declared.dummies + 2, declared.size)
})

test('the trace finds what a plain join on the same match keys finds: the same weapons, grades and kinds', { skip }, async () => {
  const [held, events] = [await keysHeld(asked()), await eventsBy(asking())]
  let readable = 0
  for (const line of lines) {
    const found = recordedFind(events.get(line.item) as NonNullable<ReturnType<typeof events.get>>)
    const ladder = ladderOfFind(found?.queries ?? [])
    if (ladder.verdict === 'unreadable') {
      assert.deepEqual([line.outcome, line.reason], ['unreadable', ladder.reason])
      continue
    }
    readable += 1
    const hits = ladder.candidates.filter(({ key }) => held.has(toHex(key)))
    const best = gradeOf(hits)
    assert.deepEqual([line.outcome, line.grade, line.kind, line.hits, line.candidates], [best === undefined ? 'absent' : 'present', best?.rung ?? null, best?.kind ?? null, hits.length, ladder.candidates.length])
  }
  assert.equal(readable, WEAPONS ?? readable)
  assert.equal(new Set(lines.map(({ item }) => item)).size, lines.length)
  if (WEAPONS === undefined) assert.equal(lines.length, 14_034)
  assert.equal(summary.weapons, lines.length)
  assert.equal(summary.readable, readable)
  assert.equal(summary.hits + summary.absent, readable)
  assert.ok(summary.hits > readable / 10, `${summary.hits} hits of ${readable}`)
  process.stdout.write(`rio: ${JSON.stringify(summary)}\n`)
})

/** All messages that a register stored, parsed from their signed bytes. */
async function messagesIn(dataDir: string): Promise<{ message: Message, direction: string }[]> {
  const register = await openRegister(dataDir)
  try {
    const joined = (await readJoined(register, RIO, Math.floor(Date.now() / 1000)))?.joined
    const rows = await register.db.read<{ envelope: Buffer, direction: string }>('SELECT envelope, direction FROM message ORDER BY sender, receiver, sequence')
    return rows.map(({ envelope, direction }) => {
      const message = parseEnvelope(p, envelope, (joined as NonNullable<typeof joined>).trust.messageKeys)
      if (message instanceof Error) throw message
      return { message, direction }
    })
  } finally {
    await register.close()
  }
}

const of64 = (text: string): Uint8Array => fromBase64(text) as Uint8Array

test('what 2017 said is receipts and evaluated elements: no key, no serial number, nothing that was not blinded', { skip }, async () => {
  const inbound = (await messagesIn(asking())).filter(({ message, direction }) => direction === 'in' && message.payload.from === 'RJ17' as PartyId)
  const kinds = new Set(inbound.map(({ message }) => message.payload.kind))
  assert.deepEqual([...kinds].sort(), ['evaluation/answer', 'receipt'])
  for (const { message: { payload } } of inbound) {
    if (payload.kind === 'receipt') assert.deepEqual(Object.keys(payload.body), ['of'])
    else {
      const { elements, proof, none } = traceBody('evaluation/answer', payload.body)
      assert.deepEqual(Object.keys(payload.body).sort(), ['coin', 'elements', 'head', 'none', 'proof', 'request'])
      assert.equal(none, null)
      assert.ok(elements !== null && elements.every((element) => of64(element).length === 32))
      assert.equal(of64(proof as string).length, 64)
    }
  }
})

function filesIn(dir: string): string[] {
  return readdirSync(dir).flatMap((name) => (statSync(join(dir, name)).isDirectory() ? filesIn(join(dir, name)) : [join(dir, name)]))
}

test('the copy that 2018 holds is the whole declaration, 64 bytes a leaf, and a log of bindings and public entries', { skip }, async () => {
  const head = (JSON.parse(ended.get('declare')?.[0]?.lines.at(-1) as string) as { head: string }).head
  const [published, mirror] = [join(asked(), `published/${RIO}/d`, head), join(asking(), `mirror/${RIO}/RJ17/d`, head)]
  const tiles = filesIn(join(published, 'tile')).map((path) => path.slice(published.length))
  assert.deepEqual(filesIn(join(mirror, 'tile')).map((path) => path.slice(mirror.length)).sort(), tiles.sort())
  for (const path of tiles) assert.ok(readFileSync(join(mirror, path)).equals(readFileSync(join(published, path))), path)
  const log = join(asking(), `mirror/${RIO}/RJ17/log`)
  for (const path of filesIn(join(log, 'tile/entries'))) {
    const width = /\.p\/(\d+)$/.exec(path)
    for (const bytes of decodeBundle(readFileSync(path), width === null ? 256 : Number(width[1]))) {
      const entry = parseEntry(p, bytes)
      assert.ok(!(entry instanceof Error))
      assert.ok(entry.kind === 'bound' ? bytes.length === 33 : ['agreement', 'key-record', 'head'].includes(entry.body.what))
    }
  }
  const everything = filesIn(join(asking(), 'mirror')).map((path) => readFileSync(path))
  assert.ok(everything.every((bytes) => !bytes.includes(KEY_VERSION)))
})

test('what 2017 is told before an opening is bindings and padded batches, no two elements alike', { skip }, async () => {
  const sent = (await messagesIn(asked())).filter(({ message, direction }) => direction === 'in' && message.payload.from === 'RJ18' as PartyId).map(({ message }) => message)
  const requests = sent.filter(({ payload }) => payload.kind === 'evaluation/request')
  const elements = requests.flatMap(({ payload }) => {
    const body = traceBody('evaluation/request', payload.body)
    assert.deepEqual(Object.keys(payload.body).sort(), ['coin', 'elements', 'head', 'proofs', 'recoveries'])
    assert.ok([16, 64, 256, 1024].includes(body.elements.length))
    assert.ok(!JSON.stringify(payload.body).includes(KEY_VERSION))
    return body.elements
  })
  assert.equal(new Set(elements).size, elements.length)
  assert.equal(elements.length, summary.elements)
  assert.equal(requests.length, summary.batches)
  assert.ok(elements.every((element) => !Buffer.from(of64(element)).includes(KEY_VERSION)))
  const openings = sent.filter(({ payload }) => payload.kind === 'evaluation/open').flatMap(({ payload }) => traceBody('evaluation/open', payload.body).batches)
  assert.equal(openings.length, summary.batches)
  assert.ok(openings.filter(({ opened }) => opened !== null).length >= summary.opened)
  const keys = openings.flatMap(({ opened }) => (opened ?? []).map(({ input }) => of64(input)).filter((input) => !isPadInput(input)).map(toHex))
  assert.equal(new Set(keys).size, keys.length, 'a key that several weapons share is asked once')
})

test('the evaluator of 2017 counted every element against the quota, and nobody is suspended', { skip }, async () => {
  const facts = readFileSync(join(asked(), `evaluator/${RIO}/journal`), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line.slice(line.indexOf(' ') + 1)) as { what: string, asker: string, elements: number })
  assert.deepEqual([...new Set(facts.map(({ what }) => what))], ['spent'])
  assert.ok(facts.every(({ asker }) => asker === 'RJ18'))
  assert.equal(facts.reduce((sum, { elements }) => sum + elements, 0), summary.elements)
})
