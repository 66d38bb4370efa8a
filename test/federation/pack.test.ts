// A declaration's files in one body: what is right saves requests, and what is cut, changed or too long is refused like the files themselves.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { filesOfPack } from '@muster/core/proof/pack.ts'
import type { ReadHead } from '@muster/core/wire/head.ts'
import { declare } from '@muster/registry/log/declare.ts'
import { ticketFor } from '@muster/registry/peer/client.ts'
import { AA, BB, oneRegistry, type One } from './one.ts'
import { entriesFor, labelOf } from './puppet.ts'
import { DRILL } from './two.ts'

const STEP = 256
let one: One
let url = ''
before(async () => {
  one = await oneRegistry({}, [BB])
  url = (await one.serve()).url
})
after(() => one.remove())

let entries = entriesFor(STEP)

/** Declares what was declared before and a step more; resolves to the head and the pack as it must be. */
async function declared(): Promise<{ readonly head: ReadHead, readonly pack: Buffer }> {
  const labels = entries.slice(1, -1).map(labelOf)
  entries = entriesFor(entries.length + STEP, labels, `padding ${entries.length}`)
  const head = await one.puppet.declare(entries)
  await one.puppet.publish()
  return { head, pack: Buffer.concat(await Promise.all(filesOfPack(entries.length, 0).map(({ path }) => readFile(one.puppet.fileOf(head, path))))) }
}

async function submit(head: ReadHead): Promise<{ readonly status: number, readonly body: string }> {
  const note = await readFile(one.puppet.fileOf(head, 'checkpoint'), 'utf8')
  const response = await fetch(`${url}/reader/add-checkpoint`, { method: 'POST', body: `old 0\n\n${note}` })
  return { status: response.status, body: await response.text() }
}

function serve(head: ReadHead, pack: Uint8Array): void {
  one.puppet.instead.set(`/d/${DRILL}/${head.hash}/pack/0`, (_, response) => response.writeHead(200).end(pack))
}

test('a pack that is right is enough: no file of it is fetched alone', async () => {
  const { head, pack } = await declared()
  serve(head, pack)
  assert.equal((await submit(head)).status, 200)
  assert.ok(!one.puppet.asked.some((path) => path.startsWith(`/d/${DRILL}/${head.hash}/tile/entries/`) || path.startsWith(`/d/${DRILL}/${head.hash}/tile/0/`)))
})

test('a registry without packs is read file by file', async () => {
  const { head } = await declared()
  assert.equal((await submit(head)).status, 200)
  assert.ok(one.puppet.asked.includes(`/d/${DRILL}/${head.hash}/tile/entries/000`))
})

test('a pack that goes on beyond its files is no pack, and nobody is convicted', async () => {
  const { head, pack } = await declared()
  serve(head, Buffer.concat([pack, Buffer.alloc(1)]))
  const { status, body } = await submit(head)
  assert.deepEqual([status, /could not be fetched/.test(body)], [422, true])
  assert.deepEqual(await one.breaches(), [])
  serve(head, pack)
  assert.equal((await submit(head)).status, 200)
})

for (const [what, spoil, told] of [
  ['cut off', (pack: Buffer) => pack.subarray(0, -100), /tile|bundle|root/],
  ['changed in one byte of an entry', (pack: Buffer) => Buffer.concat([pack.subarray(0, 2 + 66 * 5 + 60), Buffer.from([(pack[2 + 66 * 5 + 60] ?? 0) ^ 1]), pack.subarray(2 + 66 * 5 + 61)]), /does-not-follow/],
  ['with two files in each other\'s place', (pack: Buffer) => Buffer.concat([pack.subarray(16_896 + 8_192), pack.subarray(0, 16_896 + 8_192)]), /./],
] as const) {
  test(`a pack ${what} is refused and stays on file`, async () => {
    const { head, pack } = await declared()
    serve(head, spoil(pack))
    const { status, body } = await submit(head)
    assert.equal(status, 422)
    assert.match(body, told)
    assert.ok((await one.breaches()).some(({ code }) => code === 'mirror/declaration'))
    serve(head, pack)
    one.later(601)
    assert.equal((await submit(head)).status, 200, 'served rightly later, it is cosigned')
  })
}

test('a registry serves its own packs to holders of a ticket, byte for byte as its files, and none beyond them', async () => {
  const { head: { hash: head, head: { size } } } = await declare(one.hall().log, one.home().now())
  const ticket = ticketFor(one.puppet.keys.message.ed25519, BB, AA, DRILL, one.home().now())
  const get = async (path: string, headers: Record<string, string> = ticket) => {
    const response = await fetch(`${url}/d/${DRILL}/${head}/${path}`, { headers })
    return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) }
  }
  const files = await Promise.all(filesOfPack(size, 0).map(async ({ path }) => (await get(path)).bytes))
  assert.deepEqual((await get('pack/0')).bytes, Buffer.concat(files))
  assert.equal((await get('pack/0', {})).status, 404)
  for (const path of ['pack/1', 'pack/00', 'pack/-1', 'pack/99999999', 'pack/0/x']) assert.equal((await get(path)).status, 404, path)
})
