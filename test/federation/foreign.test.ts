// Foreign software and a registry: a client that reads its log, a log client that asks its witness, and a witness that it shows its log to.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { countCosigners } from '@muster/core/proof/cosigners.ts'
import { formatVkey } from '@muster/core/proof/vkey.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { logFolder } from '@muster/registry/log/own-log.ts'
import { sequence } from '@muster/registry/main.ts'
import { bearsLineOf } from '@muster/registry/peer/cosigning.ts'
import { collectForeign, cosignedByAll } from '@muster/registry/sequencing.ts'
import { addForeignWitness, FOREIGN_WITNESSES_MAX, foreignWitnesses, removeForeignWitness } from '@muster/registry/store/foreign-witnesses.ts'
import { addCheckpoint, consistency, entriesOf, foreignWitness, inclusion, leafOf, lineBy, newKey, readVkey, rootOf, textOf, timeIn, treeIn, vkeyOf, type ForeignServer, type Habits, type Secret } from './foreign.ts'
import { AA, oneRegistry, type One } from './one.ts'
import { until } from './served.ts'
import { DRILL } from './two.ts'

const CLI = join(import.meta.dirname, '../../cli/bin/muster.js')
let one: One
let url = ''
const servers: ForeignServer[] = []

before(async () => {
  one = await oneRegistry({ quorum: 2 })
  url = (await one.serve()).url
  await sequence(one.home(), one.hall())
})
after(async () => {
  await Promise.all(servers.map((server) => server.close()))
  await one.remove()
})

const keysOf = (party: PartyId) => {
  const { log, witness } = one.hall().joined.trust.parties.get(party) as PartyTrust
  return { logs: [log.ed25519, log.mldsa44].map((key) => readVkey(formatVkey(key))), witness: readVkey(formatVkey(witness)) }
}
const published = () => readFile(join(logFolder(one.hall().log), 'checkpoint'), 'utf8')

async function witnessOf(keys: readonly Secret[], habits: Habits = {}): Promise<ForeignServer> {
  const server = await foreignWitness(keys, keysOf(AA).logs, habits)
  servers.push(server)
  return server
}

async function alone(server: ForeignServer, keys: readonly Secret[]): Promise<void> {
  for (const { key: { name } } of await foreignWitnesses(one.dataDir)) await removeForeignWitness(one.dataDir, name).catch(() => 0)
  for (const key of keys) await addForeignWitness(one.dataDir, server.url, vkeyOf(key))
}

test('a foreign client reads the whole log by its tiles: every entry, both signatures, the root', async () => {
  await sequence(one.home(), one.hall())
  const note = (await (await fetch(`${url}/log/${DRILL}/checkpoint`)).text())
  const tree = treeIn(note)
  assert.equal(tree.origin, `AA/muster/${DRILL}`)
  const [ed25519, mldsa44] = keysOf(AA).logs
  assert.equal(timeIn(ed25519 as Secret, note), 0)
  assert.ok((timeIn(mldsa44 as Secret, note) ?? 0) > 1_700_000_000)
  const leaves = (await entriesOf(`${url}/log/${DRILL}`, tree.size)).map(leafOf)
  assert.ok(leaves.length >= 6 && rootOf(leaves).equals(tree.root))
  assert.equal((await fetch(`${url}/log/${DRILL}/tile/0/000.p/${tree.size + 1}`)).status, 404)
})

test('a foreign log client is answered by the witness as tlog-witness has it: 200, 409, 422, 403, 404 and 400', async () => {
  const prefix = `${url}/witness`
  const entries = Array.from({ length: 300 }, (_, i) => Buffer.from(`entry ${i}`))
  const leaves = entries.map(leafOf)
  const origin = `BB/muster/${DRILL}`
  const noteOf = (size: number, root = rootOf(leaves.slice(0, size))): string => one.puppet.sign(size, root)
  const fresh = await addCheckpoint(prefix, 0, [], noteOf(100))
  assert.equal(fresh.status, 200)
  const { witness } = keysOf(AA)
  assert.ok((timeIn(witness, `${noteOf(100).split('\n').slice(0, 3).join('\n')}\n\n${fresh.body}`) ?? 0) > 1_700_000_000)
  assert.match(fresh.body, /^— \S+ \S+\n$/)

  const conflict = await addCheckpoint(prefix, 0, [], noteOf(300))
  assert.deepEqual(conflict, { status: 409, type: 'text/x.tlog.size', body: '100\n' })
  const statusOf = async (old: number, proof: readonly Buffer[], note: string) => (await addCheckpoint(prefix, old, proof, note)).status
  const proof = consistency(100, leaves)
  assert.equal(await statusOf(100, proof.slice(1), noteOf(300)), 422, 'a hash short')
  assert.equal(await statusOf(100, consistency(99, leaves), noteOf(300)), 422, 'the proof of another size')
  assert.equal(await statusOf(100, inclusion(3, leaves), noteOf(300)), 422, 'a proof of inclusion')
  assert.equal(await statusOf(100, [], noteOf(100, Buffer.alloc(32))), 422, 'another root of one size')
  assert.equal(await statusOf(301, [], noteOf(300)), 400, 'an old size beyond the checkpoint')
  const stranger = newKey(origin, 1)
  const text = textOf({ origin, size: 300, root: rootOf(leaves) })
  assert.equal(await statusOf(100, proof, `${text}\n${lineBy(stranger, text, 0)}`), 403, 'signed by a stranger')
  const other = textOf({ origin: 'example.com/log', size: 1, root: Buffer.alloc(32) })
  assert.equal(await statusOf(0, [], `${other}\n${lineBy(newKey('example.com/log', 1), other, 0)}`), 404, 'a log that nobody knows')
  const grown = await addCheckpoint(prefix, 100, proof, noteOf(300))
  assert.equal(grown.status, 200)
  assert.ok(timeIn(witness, `${text}\n${grown.body}`) !== undefined)
  assert.equal(await statusOf(300, [], noteOf(300)), 200, 'the same again')
})

test('a foreign witness cosigns with Ed25519 and ML-DSA-44; its lines stand in the published checkpoint and count for no quorum', async () => {
  const keys = [newKey('witness.example/w1', 4), newKey('witness.example/w1', 6)]
  const server = await witnessOf(keys)
  await alone(server, keys)
  await sequence(one.home(), one.hall())
  assert.equal(await collectForeign(one.home(), one.hall()), true)
  // Its own loop may be asking its own witness at this moment: the line comes with that.
  const { joined } = one.hall()
  await until(async () => bearsLineOf(await published(), (joined.trust.parties.get(AA) as PartyTrust).witness))
  const note = await published()
  for (const key of keys) assert.ok((timeIn(key, note) ?? 0) > 1_700_000_000)
  const { names } = countCosigners(p, note, joined.trust.witnesses)
  assert.deepEqual(names, [`AA/muster/${DRILL}/witness`], 'one of the two parties, whoever else signed')
  assert.equal(cosignedByAll(one.hall(), note), false)

  const { origin, size } = treeIn(note)
  await sequence(one.home(), one.hall())
  assert.equal(await collectForeign(one.home(), one.hall()), true)
  assert.ok((server.sizes.get(origin)?.size ?? 0) > size, 'it follows the log as it grows, by consistency proofs')
  assert.ok(server.answered.filter((status) => status === 200).length >= 4)
})

test('the operator adds a witness, sees what it cosigned, and takes it off, in both languages', async () => {
  const muster = (...args: string[]): Promise<{ readonly code: number, readonly out: string, readonly error: string }> => new Promise((done) => {
    const child = execFile(process.execPath, [CLI, 'witness', ...args, '--dir', one.dataDir], { env: { ...process.env, DATABASE_URL: '' } }, (_, out, error) => { done({ code: child.exitCode ?? -1, out, error }) })
  })
  const key = newKey('witness.example/w2', 4)
  const server = await witnessOf([key])
  await alone(server, [])
  assert.equal((await muster('add', server.url, vkeyOf(key), '--json')).out.trim(), '{"witness":"witness.example/w2","type":4}')
  await sequence(one.home(), one.hall())
  assert.equal((await muster('show')).code, 0)
  const { witnesses } = JSON.parse((await muster('list', '--json')).out) as { witnesses: { witness: string, algorithm: string, cosigned: string | null }[] }
  assert.deepEqual(witnesses.map(({ witness, algorithm, cosigned }) => [witness, algorithm, cosigned !== null]), [['witness.example/w2', 'Ed25519', true]])
  assert.match((await muster('list', '--lang', 'ru')).out, /в кворуме[\s\S]*нет/)
  assert.match((await muster('add', server.url, vkeyOf(key))).error, /is there already/)
  assert.match((await muster('add', server.url, vkeyOf(newKey(`BB/muster/${DRILL}/witness`, 6)))).error, /is a name of a party/)
  assert.match((await muster('add', server.url, vkeyOf(newKey('log.example/plain', 1)))).error, /plain signatures/)
  assert.match((await muster('add', 'ftp://example.com', vkeyOf(newKey('witness.example/w3', 4)))).error, /submission prefix/)
  assert.equal((await muster('remove', 'witness.example/w2', '--json')).out.trim(), '{"witness":"witness.example/w2","removed":1}')
  assert.match((await muster('remove', 'witness.example/w2')).error, /no witness witness.example\/w2 was added/)
})

test('a witness with another key, with a time of nothing or of tomorrow, of another text, or with rubbish leaves no line', async () => {
  const key = newKey('witness.example/w1', 4)
  const wrong: [string, Habits, (readonly Secret[])?][] = [
    ['another key', {}, [newKey('witness.example/w1', 4)]], ['time 0', { time: () => 0 }], ['a time to come', { time: () => Math.floor(Date.now() / 1000) + 86_400 }],
    ['another text', { lines: (text) => lineBy(key, `${text}extension\n`, 1_800_000_000) }], ['rubbish', { lines: () => '— not a line\n\n' }], ['nothing', { lines: () => '' }],
  ]
  for (const [what, habits, by = [key]] of wrong) {
    const server = await witnessOf(by, habits)
    await alone(server, [key])
    await sequence(one.home(), one.hall())
    assert.equal(await collectForeign(one.home(), one.hall()), false, what)
    assert.ok(!(await published()).includes('witness.example/w1'), what)
    assert.ok(server.answered.includes(200), what)
  }
})

test('a witness that signs everything adds its line and nothing else; one that says it holds more stops nobody', async () => {
  const key = newKey('witness.example/w4', 6)
  const server = await witnessOf([key], { careless: true })
  await alone(server, [key])
  await sequence(one.home(), one.hall())
  assert.equal(await collectForeign(one.home(), one.hall()), true)
  assert.equal(cosignedByAll(one.hall(), await published()), false)

  const ahead = await witnessOf([newKey('witness.example/w5', 4)])
  ;(ahead.sizes as Map<string, unknown>).set(`AA/muster/${DRILL}`, { origin: `AA/muster/${DRILL}`, size: 1_000_000, root: Buffer.alloc(32) })
  await addForeignWitness(one.dataDir, ahead.url, ahead.vkeys[0] as string)
  const before = treeIn(await published()).size
  await sequence(one.home(), one.hall())
  assert.equal(await collectForeign(one.home(), one.hall()), false)
  assert.ok(treeIn(await published()).size > before)
})

test('no more witnesses are shown a log than its checkpoint has room for', async () => {
  const server = await witnessOf([])
  await alone(server, [])
  for (let i = 0; i < FOREIGN_WITNESSES_MAX; i++) await addForeignWitness(one.dataDir, server.url, vkeyOf(newKey(`witness.example/${i}`, 4)))
  await assert.rejects(addForeignWitness(one.dataDir, server.url, vkeyOf(newKey('witness.example/more', 4))), { code: 'witness/too-many' })
  assert.equal((await foreignWitnesses(one.dataDir)).length, FOREIGN_WITNESSES_MAX)
})
