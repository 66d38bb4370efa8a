// A declaration broken at each of its steps, and what must hold of declarations one after the other.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { formatNote, parseNote } from '@muster/core/proof/note.ts'
import { parseEntry } from '@muster/core/wire/entry.ts'
import type { CustodyEvent } from '@muster/core/rules/custody-event.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { folderReader } from '@muster/fast/declaration/files.ts'
import { walkLabels } from '@muster/core/proof/label-walk.ts'
import { readDeclaration } from '@muster/fast/declaration/read.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { takeOffice } from '@muster/registry/engine/lease.ts'
import { evaluatorFolder } from '@muster/registry/evaluator/key.ts'
import { declare, newestDeclaration, storeRead, type Declared, type StoredDeclarationRow } from '@muster/registry/log/declare.ts'
import { declarationFolder, logFolder } from '@muster/registry/log/own-log.ts'
import { collectReaders, sequence } from '@muster/registry/main.ts'
import { resumeLog } from '@muster/registry/peer/mirror.ts'
import { behindItsBack } from '@muster/registry/store/scratch-register.ts'
import { eventsOf } from '@muster/registry/store/events.ts'
import { countSteps, type How } from './broken-steps.ts'
import { AA, oneRegistry, type One } from './one.ts'
import { add, DRILL, enter, identityOf } from './two.ts'

const STEP = 256
let one: One
before(async () => {
  one = await oneRegistry({ scope: { classes: ['missile', 'gripstock'] } })
  await enter(one.side(), 'baseline', Array.from({ length: 40 }, (_, i) => ({ type: '9М39', serial: `A${1000 + i}` })))
})
after(() => one.remove())

const now = () => one.home().now()
const root = () => dirname(declarationFolder(one.hall().log, 'x'))

/** Heads in the published log, after checking it from the checkpoint down. */
async function headsInLog(): Promise<{ sequence: number, hash: string }[]> {
  const { log, joined } = one.hall()
  const followed = await resumeLog(logFolder(log), joined.trust.parties.get(AA) as PartyTrust, joined.agreement)
  return (followed?.heads ?? []).map(({ head: { head, hash } }) => ({ sequence: head.sequence, hash }))
}

/** Declarations that were read in full after the one before. */
const lawful = new Set<string>()

/** The whole chain of declarations: rows, log and folders say the same, and each is lawful after the one before. `anew`: what was read before is read again. */
async function verifyChain(anew = false): Promise<void> {
  const rows = await one.home().register.db.read<{ sequence: number, hash: string }>("SELECT sequence, encode(head_sha256, 'hex') AS hash FROM declaration WHERE agreement_id = $1 ORDER BY sequence", [DRILL])
  assert.deepEqual(await headsInLog(), rows)
  assert.deepEqual(rows.map(({ sequence: each }) => each), rows.map((_, i) => i))
  assert.deepEqual((await readdir(root())).sort(), rows.map(({ hash }) => hash).sort(), 'only what is in the log is published')
  let previous: { folder: string, size: number } | undefined
  for (const { hash } of rows) {
    const folder = declarationFolder(one.hall().log, hash)
    const { size, root: treeRoot } = JSON.parse(await readFile(join(folder, 'head.json'), 'utf8')) as { size: number, root: string }
    if (anew || !lawful.has(hash)) assert.deepEqual(await readDeclaration({ folder, tree: { size, root: Buffer.from(treeRoot, 'base64') }, step: STEP, ...(previous === undefined ? {} : { previous }) }), [])
    lawful.add(hash)
    previous = { folder, size }
  }
}

async function declareWhole(): Promise<Declared> {
  const declared = await declare(one.hall().log, now())
  await sequence(one.home(), one.hall())
  return declared
}

async function newItem(serial: string): Promise<void> {
  await enter(one.side(), 'baseline', [{ type: '9М39', serial }])
}

for (const how of ['not persisted', 'persisted, reported failed'] as const satisfies readonly How[]) {
  test(`a declaration whose transaction or last files fail (${how}) is made by the next run: nothing half-published, one head a sequence`, async () => {
    await newItem(`B ${how}`)
    const whole = countSteps(one.hall().log.db, undefined)
    await declare({ ...one.hall().log, db: whole.db }, now()).finally(whole.end)
    await sequence(one.home(), one.hall())
    const count = whole.taken.length
    const steps = [1, 2, ...whole.taken.flatMap((name, i) => /^[0-9a-f]{64}|head.json|checkpoint|building|commit/.test(name.replace('file ', '')) ? [i + 1] : [])]
    assert.ok(steps.length >= 6 && steps.includes(count), whole.taken.join(', '))
    for (const step of new Set(steps)) {
      const before = (await newestDeclaration(one.hall().log))?.sequence ?? -1
      const broken = countSteps(one.hall().log.db, { step, how })
      await assert.rejects(declare({ ...one.hall().log, db: broken.db }, now()).finally(broken.end), /broken at|may or may not have been written/)
      const after = (await newestDeclaration(one.hall().log))?.sequence ?? -1
      assert.equal(after, how === 'persisted, reported failed' && step === count ? before + 1 : before)
      const declared = await declareWhole()
      assert.equal(declared.head.head.sequence, after + 1)
      await verifyChain()
    }
  })
}

test('a process killed after each step of a declaration leaves nothing in the way', { timeout: 300_000 }, async () => {
  const dry = countSteps(one.hall().log.db, undefined)
  await declare({ ...one.hall().log, db: dry.db }, now()).finally(dry.end)
  await sequence(one.home(), one.hall())
  const count = dry.taken.length
  for (let step = 1; step <= count; step++) {
    const child = spawnSync(process.execPath, [join(import.meta.dirname, 'declaring-child.ts'), one.dataDir, String(step), String(now())], { encoding: 'utf8' })
    assert.equal(child.signal, 'SIGKILL', child.stderr)
    await declareWhole()
    await verifyChain()
  }
})

test('labels that cannot be made leave nothing behind, and the reason is told', async () => {
  await newItem('D1')
  const key = join(evaluatorFolder(one.dataDir, DRILL), 'key')
  await rename(key, `${key}.away`)
  const before = await readdir(root())
  await assert.rejects(declare(one.hall().log, now()), /no OPRF key under exercise-2/)
  await rename(`${key}.away`, key)
  assert.deepEqual(await readdir(root()), before)
  await declareWhole()
  await verifyChain()
})

test('two declarations at once: the second is refused and says whom to wait for', async () => {
  const office = await takeOffice(one.dataDir, 'declare')
  await assert.rejects(declare(one.hall().log, now()), { code: 'already-declaring', message: /is being declared already by another process \(process \d+\)/ })
  office.release()
})

test('a clock that runs behind declares nothing: a head of an earlier date would convict the party', async () => {
  await assert.rejects(declare(one.hall().log, now() - 86_400), { code: 'clock-behind', message: /set the clock/ })
  await verifyChain()
})

test('no label vanishes over declarations in which items are corrected, out of scope, marked anew, entered in error; each grows by a step, with two steps of dummies at most', async () => {
  const side = one.side()
  const [corrected, wrong, remarked, moved] = await enter(side, 'baseline', ['E1', 'E2', 'E3', 'E4'].map((serial) => ({ type: '9М39', serial })))
  assert.ok(corrected && wrong && remarked && moved)
  const labelsOf = ({ folder, head }: Declared): Set<string> => {
    const walk = walkLabels({ size: head.head.size, read: folderReader(folder) })
    const labels = new Set<string>()
    for (let each = walk.next(); each !== undefined; each = walk.next()) {
      assert.ok('label' in each)
      labels.add(Buffer.from(each.label).toString('hex'))
    }
    return labels
  }
  const declared = [await declareWhole()]
  const before = await eventsOf(side.register.db, corrected)
  const first = before[0] as CustodyEvent & { data: { entry: object } }
  const instead = (identity: object) => ({ of: 0, how: 'incorrect-data' as const, instead: { kind: 'baseline', happened: first.happened, documents: [], data: { entry: { ...first.data.entry, identity } } } })
  await add(side, before, { kind: 'corrected', data: instead(identityOf({ type: '9М39', serial: 'E1-right' })) as never }, now())
  await add(side, await eventsOf(side.register.db, moved), { kind: 'corrected', data: instead(identityOf({ class: 'container', type: '9Я55', serial: 'E4' })) as never }, now())
  await add(side, await eventsOf(side.register.db, wrong), { kind: 'corrected', data: { of: 0, how: 'entered-in-error' } as never }, now())
  declared.push(await declareWhole())
  await add(side, await eventsOf(side.register.db, remarked), { kind: 're-marked', data: { marks: [{ text: 'E3-new', place: null, method: 'engraved', condition: 're-marked', photo: null }] } as never }, now())
  await add(side, await eventsOf(side.register.db, remarked), { kind: 'modified', data: { what: 'another number', identity: identityOf({ type: '9М39', serial: 'E3-new' }) } }, now())
  declared.push(await declareWhole(), await declareWhole())
  for (const [i, each] of declared.entries()) {
    const earlier = declared[i - 1]
    if (earlier === undefined) continue
    const [was, is] = [labelsOf(earlier), labelsOf(each)]
    assert.deepEqual([...was].filter((label) => !is.has(label)), [])
    assert.equal(each.head.head.size, earlier.head.head.size + STEP)
    assert.ok(each.dummies - earlier.dummies <= 2 * STEP)
  }
  await verifyChain(true)
})

test('a declaration whose row is gone is not declared again under its sequence: the log names it', async () => {
  const { register } = one.home()
  const newest = await newestDeclaration(one.hall().log)
  const [row] = await register.db.read<{ row: string }>('SELECT to_json(declaration)::text AS row FROM declaration WHERE sequence = $1', [newest?.sequence])
  await behindItsBack(register, (connection) => connection.query('DELETE FROM declaration WHERE sequence = $1', [newest?.sequence]))
  await assert.rejects(declare(one.hall().log, now()), { code: 'row-changed', message: /the log names declaration \d+ .* run muster audit/ })
  assert.ok((await readdir(root())).includes(newest?.head.hash ?? ''), 'what the log names stays published')
  await behindItsBack(register, (connection) => connection.query('INSERT INTO declaration SELECT * FROM json_populate_record(NULL::declaration, $1)', [row?.row]))
  await declareWhole()
  await verifyChain()
})

test('the own reader reads what is published, and only once the log has the head: a damaged file gets no cosignature', async () => {
  const declared = await declare(one.hall().log, now())
  const lines = async () => parseNote(await readFile(join(declared.folder, 'checkpoint'), 'utf8')).signatures.length
  await collectReaders(one.home(), one.hall())
  assert.equal(await lines(), 2, 'its head waits for the log')
  await sequence(one.home(), one.hall())
  const bundle = join(declared.folder, 'tile', 'entries', '000')
  const bytes = await readFile(bundle)
  await writeFile(bundle, Buffer.concat([bytes.subarray(0, 100), Buffer.from([(bytes[100] ?? 0) ^ 1]), bytes.subarray(101)]))
  await assert.rejects(collectReaders(one.home(), one.hall()), { code: 'file-changed', message: /restore/ })
  assert.equal(await lines(), 2)
  await writeFile(bundle, bytes)
  await collectReaders(one.home(), one.hall())
  assert.equal(await lines(), 3)
  for (const row of await one.home().register.db.read<{ entry: Buffer }>('SELECT entry FROM log_entry')) assert.ok(!(parseEntry(p, new Uint8Array(row.entry)) instanceof Error))
})

/** A reader's line as far as storing looks at it. */
const lineOfReader = (i: number) => ({ name: `reader-${i}`, id: i, signature: new Uint8Array(2_420).fill(i) })

test('readers that answer at the same moment are all published, whoever is written last', async () => {
  const { log } = one.hall()
  const newest = await newestDeclaration(log) as StoredDeclarationRow
  const published = join(declarationFolder(log, newest.head.hash), 'checkpoint')
  const note = parseNote(newest.note)
  for (let round = 0; round < 8; round++) {
    await Promise.all(Array.from({ length: 6 }, (_, i) => storeRead(log, newest, formatNote({ text: note.text, signatures: [...note.signatures, lineOfReader(6 * round + i)] }))))
    assert.equal(await readFile(published, 'utf8'), (await newestDeclaration(log))?.note, `round ${round}`)
  }
})

test('cosignatures that a crash kept from being published are published with the next look', async () => {
  const { log } = one.hall()
  const newest = await newestDeclaration(log) as StoredDeclarationRow
  const published = join(declarationFolder(log, newest.head.hash), 'checkpoint')
  const { text, signatures } = parseNote(newest.note)
  await writeFile(published, formatNote({ text, signatures: signatures.slice(0, 2) }))
  await collectReaders(one.home(), one.hall())
  assert.equal(await readFile(published, 'utf8'), newest.note)
})
