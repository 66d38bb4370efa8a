// The witness over HTTP, word by word as C2SP tlog-witness has it, asked by a party that tries everything.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { equal, toBase64 } from '@muster/core/bytes/bytes.ts'
import { verifyLogCheckpoint } from '@muster/core/proof/checkpoint.ts'
import { verifyCosignature } from '@muster/core/proof/cosignature.ts'
import { emptyRoot, verifyConsistency } from '@muster/core/proof/merkle.ts'
import { formatNote, parseNote, parseSignatureLine } from '@muster/core/proof/note.ts'
import { consistencyFromTiles, rootFromTiles } from '@muster/core/proof/tile.ts'
import { parseCheckpoint } from '@muster/core/proof/tree-head.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { tilesIn } from '@muster/registry/store/tiles.ts'
import { catchUp } from '@muster/registry/main.ts'
import { AA, BB, oneRegistry, type One } from './one.ts'
import { filler, type Puppet } from './puppet.ts'
import { DRILL } from './two.ts'

let one: One
let url = ''
/** Size that the witness last cosigned. */
let held = 0

before(async () => {
  one = await oneRegistry({}, [BB, 'CC' as PartyId])
  url = (await one.serve()).url
})
after(() => one.remove())

const trustOf = (party: typeof AA) => one.hall().joined.trust.parties.get(party) as PartyTrust
const folder = () => join(one.puppet.folder, 'log', DRILL)

async function post(body: string | Uint8Array, path = 'witness'): Promise<{ status: number, type: string | null, body: string }> {
  const response = await fetch(`${url}/${path}/add-checkpoint`, { method: 'POST', body: typeof body === 'string' ? body : Buffer.from(body) })
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() }
}

function submission(old: number, note: string, path?: readonly Uint8Array[]): string {
  const { size } = parseCheckpoint(parseNote(note).text)
  const lines = path ?? (old === 0 || old >= size ? [] : consistencyFromTiles(p, old, size, tilesIn(folder())))
  return `old ${old}\n${lines.map((hash) => `${toBase64(hash)}\n`).join('')}\n${note}`
}

async function grow(by: number): Promise<string> {
  for (let i = 0; i < by; i++) one.puppet.entries.push(filler())
  return one.puppet.publish()
}

async function cosigned(note: string): Promise<void> {
  const answer = await post(submission(held, note))
  assert.equal(answer.status, 200, answer.body)
  held = parseCheckpoint(parseNote(note).text).size
}

let note = ''
beforeEach(async () => {
  note = await grow(3)
  await cosigned(note)
})

test('200 is the witness\'s own ML-DSA-44 line over the whole checkpoint, with its time, and nothing else', async () => {
  const next = await grow(5)
  const { status, body, type } = await post(submission(held, next))
  held += 5
  assert.equal(status, 200)
  assert.match(type ?? '', /^text\/plain/)
  assert.match(body, /^— [^\n]+\n$/)
  const line = parseSignatureLine(body.trimEnd(), 1)
  const { witness } = trustOf(AA)
  assert.deepEqual([line.name, line.id], [witness.name, witness.id])
  assert.ok(verifyCosignature(p, witness, parseNote(next).text, line.signature))
  assert.ok(Math.abs(Number(Buffer.from(line.signature).readBigUInt64BE(0)) - one.home().now()) < 30)
  assert.equal((await post(submission(held, next))).status, 200, 'the same checkpoint again, with its own size as the old one')
})

test('409 tells the size that was cosigned last, as text/x.tlog.size; a new client begins with 0 and learns it', async () => {
  const next = await grow(2)
  for (const old of [0, 1, held - 1, held + 1]) {
    const { status, body, type } = await post(submission(old, next))
    assert.deepEqual({ status, body, type }, { status: 409, body: `${held}\n`, type: 'text/x.tlog.size' })
  }
  assert.equal((await post(submission(held, note, []))).status, 200)
  await cosigned(next)
})

test('a checkpoint that is older than the one cosigned last is not cosigned, however it is asked for', async () => {
  const next = await grow(4)
  await cosigned(next)
  for (const old of [0, held - 4]) assert.deepEqual(await post(submission(old, note, [])).then(({ status, body }) => [status, body]), [409, `${held}\n`])
  assert.equal((await post(submission(held, note, []))).status, 400)
})

test('400: an old size beyond the checkpoint, 64 proof lines, and whatever is no submission', async () => {
  const next = await grow(1)
  const size = held + 1
  assert.equal((await post(submission(size + 1, next, []))).status, 400)
  const hashes = (n: number) => Array.from({ length: n }, () => new Uint8Array(randomBytes(32)))
  assert.equal((await post(submission(held, next, hashes(64)))).status, 400)
  assert.equal((await post(submission(held, next, hashes(63)))).status, 422)
  const good = submission(held, next)
  const bad = [
    '', '\n', 'old', `${good.slice(0, -1)}`, good.replace('old ', 'Old '), good.replace('old ', 'old  '), good.replace(`old ${held}`, `old 0${held}`), good.replace(`old ${held}`, 'old -1'),
    good.replace(`old ${held}`, 'old 1e3'), good.replace('\n', '\r\n'), good.replace('\n\n', '\n'), submission(held, next, [new Uint8Array(31)]), good.replace(`old ${held}\n`, `old ${held}\nnot base64\n`),
    good.replace(`old ${held}`, `old ${'9'.repeat(30)}`), `old 0\n\n${next.split('\n\n')[0]}\n`, good.replace(/(\n— )/, '\n- '),
  ]
  for (const body of bad) assert.equal((await post(body)).status, 400, JSON.stringify(body.slice(0, 60)))
  assert.equal((await post(Buffer.concat([Buffer.from(good), Buffer.from([0xff, 0xfe, 10])]))).status, 400)
  await cosigned(next)
})

test('400 for a checkpoint with an extension line: the signatures would not cover it', async () => {
  const next = await grow(1)
  const { text, signatures } = parseNote(next)
  assert.equal((await post(`old ${held}\n\n${formatNote({ text: `${text}extension\n`, signatures })}`)).status, 400)
  await cosigned(next)
})

test('403: unsigned, one of the log\'s two signatures missing, a line of the log\'s key that does not verify, another party\'s signatures', async () => {
  const next = await grow(1)
  const { text, signatures } = parseNote(next)
  const [ed25519, mldsa44] = signatures
  assert.ok(ed25519 !== undefined && mldsa44 !== undefined)
  const stranger = { name: 'stranger.example/log', id: 7, signature: new Uint8Array(64) }
  const flipped = { ...mldsa44, signature: mldsa44.signature.map((byte, i) => i === 100 ? byte ^ 1 : byte) }
  const aged = { ...mldsa44, signature: mldsa44.signature.map((byte, i) => i === 7 ? byte ^ 1 : byte) }
  for (const lines of [[stranger], [ed25519], [mldsa44], [ed25519, flipped], [{ ...ed25519, signature: ed25519.signature.map((byte) => byte ^ 1) }, mldsa44], [ed25519, mldsa44, flipped], [ed25519, aged]]) {
    assert.equal((await post(`old ${held}\n\n${formatNote({ text, signatures: lines })}`)).status, 403)
  }
  assert.equal((await post(submission(held, formatNote({ text, signatures: [stranger, ...signatures] })))).status, 200, 'lines of unknown keys are ignored')
  held += 1
})

test('404: an origin of another agreement, of no party, of a declaration', async () => {
  const next = await grow(1)
  const { signatures } = parseNote(next)
  for (const origin of [one.puppet.origin.replace(DRILL, 'exercise-9'), one.puppet.origin.replace(/^[^/]+/, 'ZZ'), 'example.com/log', `${one.puppet.origin}/d/${'ab'.repeat(32)}`]) {
    const other = formatNote({ text: next.split('\n\n')[0]?.replace(one.puppet.origin, origin) + '\n', signatures })
    assert.equal((await post(`old ${held}\n\n${other}`)).status, 404, origin)
  }
  await cosigned(next)
})

test('422: a proof that does not verify, a proof after old 0, another root of the same size', async () => {
  const next = await grow(4)
  const right = consistencyFromTiles(p, held, held + 4, tilesIn(folder()))
  for (const path of [[], right.slice(1), [...right, new Uint8Array(32)], right.map((hash, i) => i === 0 ? hash.map((byte) => byte ^ 1) : hash), right.toReversed()]) {
    if (right.length > 1 || path.length !== right.length || !path.every((hash, i) => equal(hash, right[i] as Uint8Array))) assert.equal((await post(submission(held, next, path))).status, 422)
  }
  await cosigned(next)
})

test('a forked log, two checkpoints of one size, gets 422 or 409 and leaves evidence that convicts it offline', async () => {
  const forked = one.puppet.sign(held, new Uint8Array(randomBytes(32)))
  assert.equal((await post(submission(held, forked, []))).status, 422)
  assert.equal((await post(submission(0, forked, []))).status, 409)
  const rows = (await one.breaches()).filter(({ code }) => code === 'witness/fork')
  assert.equal(await one.charged('witness/fork'), 'fork')
  assert.equal(rows.length, 1, 'the same evidence is kept once')
  const { first, second } = rows[0]?.evidence as { first: string, second: string }
  const [a, b] = [first, second].map((each) => verifyLogCheckpoint(p, each, one.puppet.origin, trustOf(BB).log))
  assert.ok(a !== undefined && b !== undefined && a.size === b.size && !equal(a.root, b.root))
  for (let i = 0; i < 70; i++) await post(submission(held, one.puppet.sign(held, new Uint8Array(randomBytes(32))), []))
  assert.ok((await one.breaches()).length <= 64, 'a party that goes on fills no table')
  await cosigned(await grow(1))
})

test('submissions for one origin that come at once are judged one after the other: of two sizes never the smaller after the larger', async () => {
  const start = held
  const steps: { size: number, body: string }[] = []
  for (let i = 0; i < 6; i++) {
    const next = await grow(1)
    steps.push({ size: start + i + 1, body: submission(start, next) })
  }
  const answers = await Promise.all(steps.map(({ body }) => post(body)))
  const won = answers.flatMap(({ status }, i) => status === 200 ? [steps[i]?.size ?? 0] : [])
  assert.equal(won.length, 1)
  for (const { status, body } of answers) if (status !== 200) assert.deepEqual([status, body], [409, `${won[0]}\n`])
  held = won[0] ?? 0
  await cosigned(await grow(1))
})

test('GET /witness/<hash of the origin>/checkpoint shows what was cosigned, with the log\'s two signatures and the witness\'s', async () => {
  const hash = createHash('sha256').update(one.puppet.origin).digest('hex')
  const response = await fetch(`${url}/witness/${hash}/checkpoint`)
  const text = await response.text()
  assert.equal(response.status, 200)
  const checkpoint = verifyLogCheckpoint(p, text, one.puppet.origin, trustOf(BB).log)
  assert.equal(checkpoint.size, held)
  const { witness } = trustOf(AA)
  const lines = parseNote(text).signatures
  assert.equal(lines.length, 3)
  assert.ok(lines.some((line) => line.name === witness.name && line.id === witness.id && verifyCosignature(p, witness, parseNote(text).text, line.signature)))
  assert.equal((await fetch(`${url}/witness/${'00'.repeat(32)}/checkpoint`)).status, 404)
})

test('an empty log is witnessed once; an empty tree with another root gets 422, after its sizes were judged', async () => {
  const fresh = one.puppets[1] as Puppet
  const send = async (body: string) => (await post(body)).status
  const wrong = fresh.sign(0, new Uint8Array(32))
  assert.equal(await send(`old 1\n\n${wrong}`), 400)
  assert.equal(await send(`old 0\n\n${wrong}`), 422)
  assert.equal(await send(`old 0\n\n${fresh.sign(0, emptyRoot(p))}`), 200)
  const log = await fresh.publish()
  assert.equal(await send(`old 0\n${toBase64(new Uint8Array(32))}\n\n${log}`), 422)
  assert.equal(await send(`old 0\n\n${log}`), 200)
  assert.equal(await send(`old 0\n\n${wrong}`), 409)
})

test('a log that shows an older checkpoint is kept as it was seen and its operator is told; one that shows another history is convicted offline', async () => {
  one.puppet.entries.splice(0, Infinity, ...one.puppet.entries)
  const whole = await grow(2)
  await catchUp(one.home(), one.hall())
  const seen = one.hall().mirror.known(BB)
  const { size } = parseCheckpoint(parseNote(whole).text)
  assert.equal(seen?.checkpoint.size, size)
  const answer = (text: string) => one.puppet.instead.set(`/log/${DRILL}/checkpoint`, (_, response) => response.end(text))
  answer(note)
  one.told.length = 0
  await catchUp(one.home(), one.hall())
  assert.equal(one.hall().mirror.known(BB)?.checkpoint.size, size)
  assert.match(one.told.join('\n'), new RegExp(`older copy of its log is served, with ${size - 2} entries; ${size} were seen and are kept`))
  // A smaller tree of another history: the path shows that the larger one does not begin so.
  answer(one.puppet.sign(size - 1, new Uint8Array(randomBytes(32))))
  await catchUp(one.home(), one.hall())
  const fork = (await one.breaches()).findLast(({ code }) => code === 'mirror/fork')?.evidence as { first: string, second: string, prefix: string, path: string[] }
  const [large, small] = [fork.first, fork.second].map((each) => verifyLogCheckpoint(p, each, one.puppet.origin, trustOf(BB).log))
  assert.ok(large !== undefined && small !== undefined)
  const prefix = new Uint8Array(Buffer.from(fork.prefix, 'hex'))
  assert.ok(!equal(prefix, small.root))
  assert.ok(verifyConsistency(p, { size1: small.size, size2: large.size, root1: prefix, root2: large.root, path: fork.path.map((hash) => new Uint8Array(Buffer.from(hash, 'hex'))) }))
  assert.equal(await one.charged('mirror/fork'), 'fork')
  // A larger tree that was rewritten within the first entries: nothing of it is taken over.
  one.puppet.instead.clear()
  const rewritten = [...one.puppet.entries]
  one.puppet.entries[5] = filler()
  await grow(3)
  await catchUp(one.home(), one.hall())
  assert.ok((await one.breaches()).filter(({ code }) => code === 'mirror/fork').length >= 2)
  const copy = join(one.dataDir, 'mirror', DRILL, BB, 'log')
  assert.deepEqual(rootFromTiles(p, size, tilesIn(copy)), large.root)
  one.puppet.entries.splice(0, Infinity, ...rewritten)
  await grow(3)
  await catchUp(one.home(), one.hall())
  assert.equal(one.hall().mirror.known(BB)?.checkpoint.size, size + 3, 'back on its own history it is followed again')
})
