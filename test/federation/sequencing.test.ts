// A period broken at each of its steps, in every way; then the normal path, and the whole log made again from the checkpoint down.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { toHex } from '@muster/core/bytes/bytes.ts'
import { parseNote } from '@muster/core/proof/note.ts'
import { parseCheckpoint } from '@muster/core/proof/tree-head.ts'
import { decodeBundle, entriesPath, TILE_WIDTH } from '@muster/core/proof/tile.ts'
import { parseEntry } from '@muster/core/wire/entry.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { logFolder } from '@muster/registry/log/own-log.ts'
import { closePeriod } from '@muster/registry/log/period.ts'
import { keptName } from '@muster/registry/log/sign.ts'
import { sequence, signAndCosign } from '@muster/registry/main.ts'
import { resumeLog } from '@muster/registry/peer/mirror.ts'
import { kept } from '@muster/registry/store/kept.ts'
import { countSteps, type How } from './broken-steps.ts'
import { AA, oneRegistry, type One } from './one.ts'
import { DRILL, enter } from './two.ts'

/** With what a test adds, the log grows from one tile into the second. */
const PERIODS_BEFORE = 110
let one: One
/** Root of every size that was ever signed, wherever it was seen. */
const signed = new Map<number, string>()
let serial = 0

before(async () => {
  one = await oneRegistry()
  for (let i = 0; i < PERIODS_BEFORE; i++) await closePeriod(one.hall().log, one.home().now())
  await signAndCosign(one.home(), one.hall())
})
after(() => one.remove())

async function see(): Promise<void> {
  const { log } = one.hall()
  const outside = await kept(one.dataDir, keptName('log', one.hall().joined.trust.parties.get(AA)?.origin ?? ''))
  const notes = [Buffer.from(outside ?? []).toString('utf8'), await readFile(join(logFolder(log), 'checkpoint'), 'utf8')]
  for (const note of notes) {
    const { size, root } = parseCheckpoint(parseNote(note).text)
    assert.equal(signed.get(size) ?? toHex(root), toHex(root), `two checkpoints of ${size} entries`)
    signed.set(size, toHex(root))
  }
}

/** Everything from the checkpoint down, and nothing lost or bound twice. */
async function verifyAll(): Promise<void> {
  const { log, joined } = one.hall()
  const folder = logFolder(log)
  const followed = await resumeLog(folder, joined.trust.parties.get(AA) as PartyTrust, joined.agreement)
  assert.ok(followed)
  const { size } = followed.checkpoint
  const rows = await log.db.read<{ entry: Buffer }>('SELECT entry FROM log_entry WHERE agreement_id = $1 ORDER BY entry_index', [DRILL])
  assert.equal(rows.length, size)
  const published: Uint8Array[] = []
  for (let n = 0; n * TILE_WIDTH < size; n++) {
    const width = Math.min(TILE_WIDTH, size - n * TILE_WIDTH)
    published.push(...decodeBundle(new Uint8Array(await readFile(join(folder, entriesPath(n, width)))), width))
  }
  assert.deepEqual(published.map(toHex), rows.map(({ entry }) => entry.toString('hex')))
  const kinds = published.map((bytes) => parseEntry(p, bytes)).map((entry) => entry instanceof Error ? entry.message : entry.kind)
  assert.deepEqual(kinds.slice(0, 2), ['clear', 'clear'])
  assert.ok(kinds.slice(2).every((kind) => kind === 'bound') && size % 2 === 0, 'each period has one binding of events and one of messages')
  const [waiting] = await log.db.read<{ n: number }>('SELECT count(*) AS n FROM waiting WHERE agreement_id = $1', [DRILL])
  assert.equal(waiting?.n, 0)
  const batches = await log.db.read<{ n: number }>('SELECT count(bound.subject_id) AS n FROM event_batch LEFT JOIN bound ON bound.subject_id = event_batch.batch_id::text GROUP BY event_batch.batch_id')
  assert.equal(batches.length, serial)
  assert.ok(batches.every(({ n }) => n === 1), 'each batch is bound once')
  await see()
}

async function enterOne(): Promise<void> {
  serial += 1
  await enter(one.side(), 'baseline', [{ type: '9М39', serial: `S${serial}` }])
}

/** One period with a new event in it, broken at a step. Resolves to the steps that it took; fewer than `step` means that all of them went well. */
async function brokenPeriod(step: number, how: How): Promise<string[]> {
  await enterOne()
  const [home, hall] = [one.home(), one.hall()]
  const steps = countSteps(hall.log.db, { step, how })
  const broken = { ...hall, log: { ...hall.log, db: steps.db } }
  try {
    await sequence({ ...home, halls: new Map([[DRILL, broken]]) }, broken).catch((error: unknown) => {
      assert.match(String(error), /broken at|may or may not have been written/)
    })
  } finally {
    steps.end()
  }
  await see()
  return steps.taken
}

for (const how of ['not persisted', 'persisted, reported failed'] as const) {
  test(`a period whose steps fail one after the other (${how}) is resumed by the normal path: one history, nothing lost, nothing bound twice`, async () => {
    let whole: string[] = []
    for (let step = 1; ; step++) {
      const taken = await brokenPeriod(step, how)
      if (taken.length < step) break
      whole = taken
      // As a server that starts: what is sequenced is signed first; then the next period.
      await signAndCosign(one.home(), one.hall())
      await see()
      await sequence(one.home(), one.hall())
      await verifyAll()
    }
    await verifyAll()
    assert.ok(whole.filter((name) => name === 'commit').length >= 3 && whole.includes('file checkpoint'), whole.join(', '))
  })
}

test('a process killed after each step of a period leaves a log that the next one takes up', { timeout: 300_000 }, async () => {
  for (let step = 1, killed = true; killed; step++) {
    await enterOne()
    // The other party's witness is in this process, so nothing here may block.
    const child = spawn(process.execPath, [join(import.meta.dirname, 'sequencing-child.ts'), one.dataDir, String(step)], { stdio: ['ignore', 'ignore', 'inherit'] })
    const [status, signal] = await once(child, 'close') as [number | null, string | null]
    killed = signal === 'SIGKILL'
    assert.ok(killed || status === 0, `the child ended with ${status}`)
    await see()
    if (step > 1 || !killed) await signAndCosign(one.home(), one.hall())
    if (killed) await sequence(one.home(), one.hall())
    await verifyAll()
    assert.ok(step < 40)
  }
})

test('signing twice changes nothing, and a log that was signed has the very same lines wherever it is shown', async () => {
  const first = await signAndCosign(one.home(), one.hall())
  assert.equal(await signAndCosign(one.home(), one.hall()), first)
  const outside = Buffer.from(await kept(one.dataDir, keptName('log', one.hall().joined.trust.parties.get(AA)?.origin ?? '')) ?? []).toString('utf8')
  assert.ok(first.startsWith(outside))
  assert.equal(await readFile(join(logFolder(one.hall().log), 'checkpoint'), 'utf8'), first)
})
