// The reader of another party's declarations: whatever breaks the law of declarations or of the log gets no cosignature and stays on file.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { concat, fromHex, toBase64 } from '@muster/core/bytes/bytes.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { verifyLogCheckpoint } from '@muster/core/proof/checkpoint.ts'
import { verifyCosignature } from '@muster/core/proof/cosignature.ts'
import { leafHash, verifyInclusion } from '@muster/core/proof/merkle.ts'
import { parseNote, parseSignatureLine } from '@muster/core/proof/note.ts'
import { declarationOrigin } from '@muster/core/rules/agreement.ts'
import { clearEntry, parseEntry } from '@muster/core/wire/entry.ts'
import { headBytes, headHash, type Head, type ReadHead } from '@muster/core/wire/head.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { ticketFor } from '@muster/registry/peer/client.ts'
import { catchUp } from '@muster/registry/main.ts'
import { settleBreaches } from '@muster/registry/store/breaches.ts'
import { AA, BB, oneRegistry, type One } from './one.ts'
import { entriesFor, filler, labelOf } from './puppet.ts'
import { DRILL } from './two.ts'

const STEP = 256
let one: One
let url = ''

before(async () => {
  one = await oneRegistry({}, [BB])
  url = (await one.serve()).url
})
after(() => one.remove())

const trustOf = (party: typeof AA) => one.hall().joined.trust.parties.get(party) as PartyTrust

/** A puppet's log from nothing, and a registry that has never heard of it. */
async function afresh(): Promise<void> {
  await one.puppet.forget()
  one.puppet.begin(one.agreement)
  const dataDir = one.dataDir
  await one.reopen()
  await rm(join(dataDir, 'mirror'), { recursive: true, force: true })
  await rm(join(dataDir, 'kept'), { recursive: true, force: true })
  await one.wipe(['breach', 'cosigned', 'checkpoint', 'log_entry', 'period', 'bound'])
  url = (await one.serve()).url
}
beforeEach(async () => {
  if (one.puppet.entries.length > 2) await afresh()
})
afterEach(() => { one.puppet.instead.clear() })

async function submit(head: ReadHead, note?: string): Promise<{ status: number, body: string }> {
  const text = note ?? await readFile(one.puppet.fileOf(head, 'checkpoint'), 'utf8')
  const response = await fetch(`${url}/reader/add-checkpoint`, { method: 'POST', body: `old 0\n\n${text}` })
  return { status: response.status, body: await response.text() }
}

async function cosigned(head: ReadHead): Promise<void> {
  const { status, body } = await submit(head)
  assert.equal(status, 200, body)
  const { reader, witness } = trustOf(AA)
  const line = parseSignatureLine(body.trimEnd(), 1)
  const text = parseNote(await readFile(one.puppet.fileOf(head, 'checkpoint'), 'utf8')).text
  assert.ok(line.name === reader.name && verifyCosignature(p, reader, text, line.signature))
  assert.ok(!verifyCosignature(p, witness, text, line.signature), 'a reader\'s line is never a witness\'s')
}

/** Not cosigned, with that code on file. */
async function refused(head: ReadHead, code: string, told: RegExp): Promise<Record<string, unknown>> {
  const { status, body } = await submit(head)
  assert.equal(status, 422, body)
  assert.match(body, told)
  const breach = (await one.breaches()).find((each) => each.code === code)
  assert.ok(breach !== undefined, `${code} is not on file: ${(await one.breaches()).map((each) => each.code).join(', ')}`)
  const rows = await one.home().register.db.read('SELECT origin FROM cosigned WHERE cosigner = $1 AND origin = $2', ['reader', declarationOrigin(one.puppet.origin, head.hash)])
  assert.equal(rows.length, 0)
  return breach.evidence
}

const bytesOf = (hex: unknown) => fromHex(hex as string) as Uint8Array

test('a lawful declaration, and a second one that holds all labels of the first, are read in full and cosigned', async () => {
  const first = entriesFor(STEP)
  const head = await one.puppet.declare(first)
  await one.puppet.publish()
  await cosigned(head)
  const next = await one.puppet.declare(entriesFor(2 * STEP, first.slice(1, -1).map(labelOf), 'more'))
  await one.puppet.publish()
  await cosigned(next)
  await cosigned(next)
  assert.deepEqual(await one.breaches(), [])
})

test('declarations that a registry missed are fetched before the newest: nobody is accused for its absence', async () => {
  let entries = entriesFor(STEP)
  await one.puppet.declare(entries)
  for (let n = 2; n <= 4; n++) {
    entries = entriesFor(n * STEP, entries.slice(1, -1).map(labelOf), `more ${n}`)
    await one.puppet.declare(entries)
  }
  await one.puppet.publish()
  await catchUp(one.home(), one.hall())
  assert.deepEqual(await one.breaches(), [])
  const { heads } = one.hall().mirror.known(BB) ?? { heads: [] }
  for (const { head } of heads) await readFile(join(one.dataDir, 'mirror', DRILL, BB, 'd', head.hash, 'checkpoint'))
  assert.equal(heads.length, 4)
})

const unlawful: readonly [string, (entries: Uint8Array[]) => Uint8Array[], RegExp, string][] = [
  ['unsorted', (all) => [...all.slice(0, 9), all[10] as Uint8Array, all[9] as Uint8Array, ...all.slice(11)], /descending/, 'unsorted'],
  ['with one label twice', (all) => [...all.slice(0, 10), concat(labelOf(all[9] as Uint8Array), new Uint8Array(randomBytes(32))), ...all.slice(11)], /duplicate/, 'unsorted'],
  ['with an entry of 63 bytes', (all) => all.map((entry, i) => i === 20 ? entry.slice(0, 63) : entry), /entry-size/, 'unlawful-entry'],
  ['without its last sentinel', (all) => all.map((entry, i) => i === all.length - 1 ? concat(new Uint8Array(32).fill(0xff, 0, 31), new Uint8Array(32)) : entry), /last-sentinel/, 'unlawful-entry'],
]
for (const [what, spoil, told, charge] of unlawful) {
  test(`a declaration ${what} is refused, and the entry at fault is on file with its path under the signed root`, async () => {
    const head = await one.puppet.declare(spoil(entriesFor(STEP)))
    await one.puppet.publish()
    const evidence = await refused(head, 'mirror/declaration', told)
    const checkpoint = verifyLogCheckpoint(p, evidence.note as string, declarationOrigin(one.puppet.origin, head.hash), trustOf(BB).log)
    const { root, size } = checkpoint
    assert.ok(verifyInclusion(p, { index: evidence.index as number, size, root, leafHash: leafHash(p, bytesOf(evidence.entry)), path: (evidence.path as string[]).map(bytesOf) }))
    assert.ok(verifyInclusion(p, { index: (evidence.index as number) - 1, size, root, leafHash: leafHash(p, bytesOf(evidence.entryBefore)), path: (evidence.pathBefore as string[]).map(bytesOf) }))
    assert.equal(await one.charged('mirror/declaration'), charge)
  })
}

test('a label that vanished is refused: its entry in the declaration before is on file with its path', async () => {
  const first = entriesFor(STEP)
  const before = await one.puppet.declare(first)
  await one.puppet.publish()
  await cosigned(before)
  const head = await one.puppet.declare(entriesFor(2 * STEP, first.slice(1, -1).filter((_, i) => i !== 77).map(labelOf), 'more'))
  await one.puppet.publish()
  const evidence = await refused(head, 'mirror/declaration', /label-gone/)
  const root = Buffer.from(before.head.root, 'base64')
  assert.deepEqual(bytesOf(evidence.entry).slice(0, 32), labelOf(first[78] as Uint8Array))
  assert.ok(verifyInclusion(p, { index: evidence.index as number, size: STEP, root, leafHash: leafHash(p, bytesOf(evidence.entry)), path: (evidence.path as string[]).map(bytesOf) }))
  assert.equal(await one.charged('mirror/declaration'), 'label-gone')
})

test('heads that shrink, skip, run back or name another OPRF key are refused by the log they stand in', async () => {
  const lawful = entriesFor(2 * STEP)
  const cases: [Partial<Head>, string, number][] = [
    [{}, 'head/does-not-follow', 2 * STEP], [{ sequence: 2 }, 'head/does-not-follow', 3 * STEP], [{ asOf: '2020-01-01T00:00:00Z' }, 'head/does-not-follow', 3 * STEP],
    [{ oprf: toBase64(new Uint8Array(randomBytes(32))) }, 'head/two-oprf-keys', 3 * STEP],
    [{ oprf: toBase64(new Uint8Array(randomBytes(32))), rekeyed: true }, 'head/oprf-not-in-key-record', 3 * STEP],
    [{ previous: 'ab'.repeat(32) }, 'head/does-not-follow', 3 * STEP],
  ]
  for (const [changes, code, size] of cases) {
    await afresh()
    await one.puppet.declare(lawful)
    const head = await one.puppet.declare(entriesFor(size, lawful.slice(1, -1).map(labelOf).slice(0, size - 2), 'more'), changes)
    await one.puppet.publish()
    await refused(head, code, /./)
  }
})

test('a first head that names an OPRF key which no key record lists, or begins in the middle, is refused', async () => {
  for (const [changes, code] of [[{ oprf: toBase64(new Uint8Array(randomBytes(32))) }, 'head/oprf-not-in-key-record'], [{ sequence: 3, previous: 'cd'.repeat(32) }, 'head/first-missing']] as const) {
    await afresh()
    const head = await one.puppet.declare(entriesFor(STEP), changes)
    await one.puppet.publish()
    await refused(head, code, /./)
  }
})

test('two heads of one sequence in one log: nothing more of that party is cosigned, and both entries are on file with their paths', async () => {
  const entries = entriesFor(STEP)
  const head = await one.puppet.declare(entries)
  await one.puppet.publish()
  await catchUp(one.home(), one.hall())
  const other: Head = { ...head.head, counts: 'ee'.repeat(32) }
  one.puppet.entries.push(filler(), clearEntry(headBytes(other)))
  await one.puppet.publish()
  const evidence = await refused(head, 'entry/second-clear', /two entries for head/)
  assert.equal(await one.charged('entry/second-clear'), 'second-entry')
  const { size, root } = verifyLogCheckpoint(p, evidence.note as string, one.puppet.origin, trustOf(BB).log)
  const heads = ([['first', 'firstIndex', 'firstPath'], ['entry', 'index', 'path']] as const).map(([entry, index, path]) => {
    const bytes = bytesOf(evidence[entry])
    assert.ok(verifyInclusion(p, { index: evidence[index] as number, size, root, leafHash: leafHash(p, bytes), path: (evidence[path] as string[]).map(bytesOf) }))
    const parsed = parseEntry(p, bytes)
    assert.ok(!(parsed instanceof Error) && parsed.kind === 'clear' && parsed.body.what === 'head')
    return parsed.body.read.head
  })
  assert.deepEqual(heads.map(({ sequence }) => sequence), [0, 0])
  assert.notDeepEqual(heads[0], heads[1])
  // Also when the second head is taken back, and after the registry was opened anew.
  one.puppet.entries.splice(-2)
  await one.puppet.publish()
  await one.reopen()
  url = (await one.serve()).url
  const again = await submit(head)
  assert.equal(again.status, 422)
  assert.match(again.body, /until people have settled it/)
  const settled = { by: 'A. Petrova', and: 'B. Karimov', reason: 'the second head was an error and was taken back' }
  const settling = (changes: Partial<typeof settled>) => settleBreaches(one.home().register, DRILL, BB, { ...settled, ...changes }, one.home().now())
  await assert.rejects(settling({ and: 'a. petrova' }), { code: 'two-people/same-person' })
  await assert.rejects(settling({ reason: '' }), { code: 'settlement/shape' })
  assert.equal(await settling({}), 1)
  await assert.rejects(settling({}), { code: 'settlement/nothing-open' })
  await cosigned(head)
  one.puppet.entries.push(filler(), clearEntry(headBytes(other)))
  await one.puppet.publish()
  await catchUp(one.home(), one.hall())
  assert.equal((await submit(head)).status, 422, 'what is found after that convicts it anew')
})

test('two declarations of one sequence are refused although no log that is shown holds both, and nothing remembers but what was kept', async () => {
  const entries = entriesFor(STEP)
  const head = await one.puppet.declare(entries)
  await one.puppet.publish()
  await cosigned(head)
  await one.puppet.forget()
  one.puppet.begin(one.agreement)
  const second = await one.puppet.declare(entriesFor(STEP, [], 'other'))
  await one.puppet.publish()
  await one.reopen()
  await rm(join(one.dataDir, 'mirror'), { recursive: true })
  url = (await one.serve()).url
  await refused(second, 'reader/two-declarations', /two declarations of sequence 0/)
})

const spoiled: readonly [string, (file: (path: string) => string) => Promise<void>, RegExp][] = [
  ['a tile that does not follow', async (file) => { await writeFile(file('tile/0/000'), randomBytes(8192)) }, /tile-does-not-follow/],
  ['a tile above that does not follow', async (file) => { await writeFile(file('tile/1/000.p/1'), randomBytes(32)) }, /tile-does-not-follow/],
  ['a bundle cut off', async (file) => { await truncate(file('tile/entries/000'), 1000) }, /bundle-malformed/],
  ['other entries than were signed', async (file) => {
    const bytes = await readFile(file('tile/entries/000'))
    bytes[2 + 66 * 5 + 60] = (bytes[2 + 66 * 5 + 60] ?? 0) ^ 1
    await writeFile(file('tile/entries/000'), bytes)
  }, /tile-does-not-follow|root-does-not-follow/],
]
for (const [what, spoil, told] of spoiled) {
  test(`files with ${what} are refused; served rightly later, the declaration is cosigned`, async () => {
    const entries = entriesFor(STEP)
    const head = await one.puppet.declare(entries)
    await one.puppet.publish()
    const paths = ['tile/0/000', 'tile/1/000.p/1', 'tile/entries/000']
    const right = await Promise.all(paths.map((path) => readFile(one.puppet.fileOf(head, path))))
    await spoil((path) => one.puppet.fileOf(head, path))
    await refused(head, 'mirror/declaration', told)
    for (const [i, path] of paths.entries()) await writeFile(one.puppet.fileOf(head, path), right[i] as Buffer)
    const before = one.puppet.asked.length
    assert.equal((await submit(head)).status, 422, 'it is not fetched again at once')
    assert.ok(!one.puppet.asked.slice(before).some((path) => path.includes('/tile/') && path.startsWith('/d/')))
    one.later(601)
    await cosigned(head)
  })
}

test('a missing file is no breach; a copy that was damaged here is fetched again', async () => {
  const first = entriesFor(STEP)
  const head = await one.puppet.declare(first)
  await one.puppet.publish()
  one.puppet.instead.set(`/d/${DRILL}/${head.hash}/tile/entries/000`, (_, response) => response.writeHead(404).end())
  const { status, body } = await submit(head)
  assert.deepEqual([status, /could not be fetched/.test(body)], [422, true])
  one.puppet.instead.clear()
  await cosigned(head)
  const copy = join(one.dataDir, 'mirror', DRILL, BB, 'd', head.hash, 'tile', 'entries', '000')
  await truncate(copy, 300)
  const next = await one.puppet.declare(entriesFor(2 * STEP, first.slice(1, -1).map(labelOf), 'more'))
  await one.puppet.publish()
  await cosigned(next)
  assert.equal((await readFile(copy)).length, 66 * STEP)
  assert.deepEqual(await one.breaches(), [])
})

test('a head of a size that no declaration has is refused before a file is fetched', async () => {
  for (const size of [STEP * 2 ** 40, STEP * 2 ** 19]) {
    await afresh()
    const head = await one.puppet.declare(entriesFor(STEP), { size })
    await one.puppet.publish()
    await refused(head, 'mirror/declaration', /size-too-large/)
    assert.ok(!one.puppet.asked.some((path) => path.startsWith(`/d/${DRILL}/${head.hash}`)))
  }
})

test('a checkpoint of another root or size than the head states, unsigned, with a proof, or of a head that the log does not hold, is refused', async () => {
  const head = await one.puppet.declare(entriesFor(STEP))
  await one.puppet.publish()
  const note = await readFile(one.puppet.fileOf(head, 'checkpoint'), 'utf8')
  const asDeclared = (size: number, root: Uint8Array, hash = head.hash) => one.puppet.signDeclaration(hash, size, root)
  const root = Buffer.from(head.head.root, 'base64')
  for (const other of [asDeclared(STEP, new Uint8Array(32)), asDeclared(2 * STEP, root)]) assert.equal((await submit(head, other)).status, 422)
  assert.ok((await one.breaches()).some(({ code }) => code === 'reader/other-head'))
  assert.equal(await one.charged('reader/other-head'), 'other-than-its-head')
  assert.equal((await submit(head, note.split('\n').slice(0, -2).join('\n') + '\n')).status, 403)
  const raw = async (body: string) => (await fetch(`${url}/reader/add-checkpoint`, { method: 'POST', body })).status
  assert.equal(await raw(`old 256\n\n${note}`), 400)
  assert.equal(await raw(`old 0\n${toBase64(new Uint8Array(32))}\n\n${note}`), 400)
  const unknown: Head = { ...head.head, counts: 'aa'.repeat(32) }
  assert.equal((await submit(head, asDeclared(STEP, root, headHash(p, unknown)))).status, 422)
  assert.equal(await raw(`old 0\n\n${one.puppet.sign(STEP, root)}`), 404, 'a log is no declaration')
  await cosigned(head)
})

test('a copy is served to holders of a valid ticket, and for everybody else it does not exist', async () => {
  const head = await one.puppet.declare(entriesFor(STEP))
  await one.puppet.publish()
  await cosigned(head)
  const hash = createHash('sha256').update(declarationOrigin(one.puppet.origin, head.hash)).digest('hex')
  const { ed25519 } = one.puppet.keys.message
  const now = one.home().now()
  const get = (path: string, headers: Record<string, string>) => fetch(`${url}${path}`, { headers }).then(async (response) => ({ status: response.status, bytes: Buffer.from(await response.arrayBuffer()) }))
  const good = ticketFor(ed25519, BB, AA, DRILL, now)
  for (const path of ['tile/entries/000', 'tile/0/000', 'head.json']) {
    const { status, bytes } = await get(`/reader/${hash}/${path}`, good)
    assert.equal(status, 200)
    assert.deepEqual(bytes, await readFile(one.puppet.fileOf(head, path)))
  }
  assert.equal(parseNote((await get(`/reader/${hash}/checkpoint`, good)).bytes.toString('utf8')).signatures.length, 3)
  const forged = { 'muster-ticket': (good['muster-ticket'] ?? '').replace(/.{8}$/, 'AAAAAAA=') }
  const bad: Record<string, string>[] = [
    {}, forged, ticketFor(ed25519, BB, AA, DRILL, now - 301), ticketFor(ed25519, BB, AA, DRILL, now + 310), ticketFor(ed25519, BB, BB, DRILL, now), ticketFor(ed25519, AA, AA, DRILL, now),
    ticketFor(ed25519, 'ZZ' as typeof BB, AA, DRILL, now), ticketFor(ed25519, BB, AA, 'exercise-9' as typeof DRILL, now), ticketFor(randomBytes(32), BB, AA, DRILL, now),
    { 'muster-ticket': `${BB} ${timeOf(now)} ` }, { 'muster-ticket': `${BB} ${timeOf(now)} AAAA` }, { 'muster-ticket': 'x'.repeat(5000) }, { 'muster-ticket': `${good['muster-ticket']} more` },
  ]
  const nothing = await get(`/reader/${'00'.repeat(32)}/tile/entries/000`, good)
  for (const headers of bad) for (const path of ['tile/entries/000', 'checkpoint', 'head.json']) assert.deepEqual(await get(`/reader/${hash}/${path}`, headers), nothing)
})
