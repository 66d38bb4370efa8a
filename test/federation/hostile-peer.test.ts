// Peers that answer with anything: each costs a bounded amount, is told of clearly, and holds up nobody else.
import assert from 'node:assert/strict'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { readdir } from 'node:fs/promises'
import { after, before, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { formatNote, parseNote } from '@muster/core/proof/note.ts'
import { signCosignature } from '@muster/core/proof/cosignature.ts'
import { parseCheckpoint } from '@muster/core/proof/tree-head.ts'
import { witnessName } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { deliverOnce } from '@muster/registry/outbox.ts'
import { ask, Unreachable } from '@muster/registry/peer/client.ts'
import { writeMessages } from '@muster/registry/store/messages.ts'
import { onTheirWay } from '@muster/registry/store/outbox.ts'
import { catchUp, sequence } from '@muster/registry/main.ts'
import { BB, oneRegistry, type One } from './one.ts'
import { cosigns, type Handler, type Puppet } from './puppet.ts'
import { DRILL, officeSaid } from './two.ts'

const CC = 'CC' as PartyId
const CHECKPOINT = `/log/${DRILL}/checkpoint`
const WITNESS = '/witness/add-checkpoint'
let one: One
let bad: Puppet
let good: Puppet

before(async () => {
  one = await oneRegistry({ quorum: 2 }, [BB, CC])
  ;[bad, good] = one.puppets as [Puppet, Puppet]
  await bad.publish()
})
after(() => one.remove())
beforeEach(() => {
  bad.instead.clear()
  bad.hangUp()
  one.told.length = 0
})

const endless: Handler = (_, response) => {
  response.on('error', () => undefined)
  const more = () => {
    while (!response.destroyed && response.write('x'.repeat(65_536)));
    if (!response.destroyed) response.once('drain', more)
  }
  more()
}
const drip: Handler = (_, response) => {
  const timer = setInterval(() => response.write('x'), 20)
  response.on('close', () => { clearInterval(timer) })
}
const never: Handler = () => undefined

/** What the registry sees of its good peer after it caught up with both. */
async function goodSeen(): Promise<number | undefined> {
  await good.publish()
  await catchUp(one.home(), one.hall())
  return one.hall().mirror.known(CC)?.checkpoint.size
}

const answers: readonly [string, Handler][] = [
  ['without end', endless],
  ['with a redirect', (_, response) => response.writeHead(302, { location: `${good.url}${CHECKPOINT}` }).end()],
  ['with a web page', (_, response) => response.end('<html>log in</html>')],
  ['with zeros', (_, response) => response.end(Buffer.alloc(1000))],
  ['with nothing', (_, response) => response.end()],
  ['with a compressed bomb', (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000)))],
  ['with half an answer', (request, response) => {
    response.writeHead(200, { 'content-length': '5000' }).write('half')
    setTimeout(() => request.socket.destroy(), 20)
  }],
  ['with an error', (_, response) => response.writeHead(500).end('x'.repeat(10_000))],
  ['with another log', (_, response) => response.end(good.sign(2, new Uint8Array(32)))],
  ['with a checkpoint of 2^53 entries', (_, response) => response.end(bad.sign(Number.MAX_SAFE_INTEGER, new Uint8Array(32)))],
]
for (const [what, handler] of answers) {
  test(`a peer that answers ${what} is told of or counted as away; the other is followed`, async () => {
    bad.instead.set(CHECKPOINT, handler)
    const began = performance.now()
    const memory = process.memoryUsage().rss
    assert.equal(await goodSeen(), good.entries.length)
    assert.ok(performance.now() - began < 30_000)
    assert.ok(process.memoryUsage().rss - memory < 100_000_000)
    assert.equal(one.hall().mirror.known(BB), undefined)
    for (const line of one.told) assert.match(line, /^BB: /)
  })
}

test('entries without end, cut off or of the wrong count are refused, and nothing of them is kept', async () => {
  const real = bad.entries.length
  for (const handler of [endless, ((_, response) => response.end(Buffer.alloc(300))) satisfies Handler, ((_, response) => response.end(Buffer.from([0, 5, 1, 2]))) satisfies Handler]) {
    bad.instead.set(`/log/${DRILL}/tile/entries/000.p/${real}`, handler)
    assert.equal(await goodSeen(), good.entries.length)
    assert.equal(one.hall().mirror.known(BB), undefined)
  }
  assert.deepEqual(await readdir(join(one.dataDir, 'mirror', DRILL, BB)).catch(() => []), [])
})

test('one exchange takes so long and no longer, whether nothing comes or a byte at a time', async () => {
  for (const handler of [drip, never]) {
    bad.instead.set('/slow', handler)
    const began = performance.now()
    await assert.rejects(ask(`${bad.url}/slow`, { bytesMax: 1_000_000, ms_max: 400, retries: 1 }), Unreachable)
    assert.ok(performance.now() - began < 5_000)
  }
  bad.instead.set('/endless', endless)
  const before = bad.asked.length
  await assert.rejects(ask(`${bad.url}/endless`, { bytesMax: 100_000 }), (error: Error) => error instanceof Unreachable && /longer than 100000 bytes/.test(error.message))
  assert.equal(bad.asked.length, before + 1, 'an answer that is too long is not asked for again')
})

test('headers without end and answers that are no HTTP are refused', async () => {
  const servers = [createServer((socket) => {
    socket.on('error', () => undefined)
    socket.write('HTTP/1.1 200 OK\r\n')
    const timer = setInterval(() => socket.write(`X-${Math.random()}: ${'a'.repeat(4000)}\r\n`), 1)
    socket.on('close', () => { clearInterval(timer) })
  }), createServer((socket) => socket.on('error', () => undefined).end('SSH-2.0-x\r\n'))]
  for (const server of servers) {
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
    await assert.rejects(ask(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, { bytesMax: 1000, ms_max: 3000, retries: 0 }), Unreachable)
    server.close()
  }
})

/** Parties whose witnesses' lines a note has. */
const names = (note: string) => parseNote(note).signatures.flatMap(({ name }) => name.includes('witness') ? [name.split('/')[0]] : [])

test('a witness that hangs, drips, or answers rubbish holds up no period for long, and the others\' lines are there', async () => {
  good.instead.set(WITNESS, cosigns(good))
  const wrong: Handler[] = [
    endless, never, drip, (_, response) => response.end('— x AAAA\n'), (_, response) => response.writeHead(409).end('-5\n'), (_, response) => response.writeHead(409).end('99999999999999999999\n'),
    (_, response) => response.writeHead(302, { location: good.url }).end(), (_, response) => response.writeHead(500).end(),
    (_, response) => response.end(formatNote({ text: 'x\n', signatures: [signCosignature(p, { origin: 'x', size: 1, root: new Uint8Array(32) }, witnessName(BB, DRILL), bad.keys.witness, 5)] }).split('\n\n')[1]),
  ]
  for (const handler of wrong) {
    bad.instead.set(WITNESS, handler)
    const began = performance.now()
    const note = await sequence(one.home(), one.hall())
    assert.ok(performance.now() - began < 9_000)
    assert.deepEqual(names(note).sort(), ['AA', 'CC'])
  }
})

test('a witness that hangs is asked once, not once a period; its line is added when it comes', async () => {
  good.instead.set(WITNESS, cosigns(good))
  let release = (): void => undefined
  const free = new Promise<void>((resolve) => { release = resolve })
  for (const end = performance.now() + 15_000; one.hall().witnesses.asking.size > 0 && performance.now() < end;) await sleep(50)
  bad.instead.set(WITNESS, (request, response) => { void free.then(() => { cosigns(bad)(request, response) }) })
  const asked = () => bad.asked.filter((path) => path === WITNESS).length
  const before = asked()
  const note = await sequence(one.home(), one.hall())
  const { size } = parseCheckpoint(parseNote(note).text)
  await sequence(one.home(), one.hall())
  assert.equal(asked(), before + 1)
  release()
  const stored = async () => (await one.home().register.db.read<{ note: string }>('SELECT note FROM checkpoint WHERE size = $1', [size]))[0]?.note ?? ''
  for (const end = performance.now() + 10_000; !names(await stored()).includes('BB') && performance.now() < end;) await sleep(20)
  assert.deepEqual(names(await stored()).sort(), ['AA', 'BB', 'CC'])
})

test('a witness that cosigned more of the log than there is makes itself heard: this registry may be an older copy', async () => {
  bad.instead.set(WITNESS, (_, response) => response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end('100000\n'))
  await sequence(one.home(), one.hall())
  assert.match(one.told.join('\n'), /BB says that it cosigned 100000 entries of this log, which has \d+: .*restore a newer one/)
})

test('a witness that is away is asked again long before the next period, an hour from now, and no more once it has cosigned', async () => {
  good.instead.set(WITNESS, cosigns(good))
  const asked = () => bad.asked.filter((path) => path === WITNESS).length
  const before = asked()
  bad.instead.set(WITNESS, (request, response) => {
    if (asked() <= before + 2) response.writeHead(500).end()
    else cosigns(bad)(request, response)
  })
  const { size } = parseCheckpoint(parseNote(await sequence(one.home(), one.hall())).text)
  const serving = await one.serve()
  const stored = async () => (await one.home().register.db.read<{ note: string }>('SELECT note FROM checkpoint WHERE size = $1', [size]))[0]?.note ?? ''
  for (const end = performance.now() + 10_000; !names(await stored()).includes('BB') && performance.now() < end;) await sleep(20)
  assert.deepEqual(names(await stored()).sort(), ['AA', 'BB', 'CC'])
  await sleep(1_500)
  assert.equal(asked(), before + 3)
  await serving.close()
})

test('leaving ends what is under way: a peer that hangs does not keep a registry from stopping', async () => {
  bad.instead.set(CHECKPOINT, never)
  const serving = await one.serve()
  await sleep(300)
  const began = performance.now()
  await serving.close()
  assert.ok(performance.now() - began < 5_000)
})

const DOOR = `/message/${DRILL}`
const notice = () => writeMessages(one.home().register, one.hall().joined, [officeSaid(BB)], Math.floor(Date.now() / 1000))
const aside = async () => (await onTheirWay(one.home().register, DRILL)).map((each) => each.aside)

test('what anybody on the way may answer keeps a message due: a wrong address, rubbish, null, a reply that nobody signed', async () => {
  await one.reopen()
  await notice()
  const answers: readonly (readonly [number, string])[] = [
    [421, '{"code":"message/other-receiver","message":"not for me"}'], [400, '{"code":"message/shape"}'], [403, '{"code":"message/signature"}'], [400, 'null'], [404, '{"code":"not-found"}'], [400, '<html>'], [200, '[]'], [200, 'null'], [200, '{"receipt":null,"answers":[]}'],
  ]
  for (const [status, body] of answers) {
    bad.instead.set(DOOR, (_, response) => response.writeHead(status).end(body))
    const { delivered, refused, due } = await deliverOnce(one.home(), one.hall(), undefined)
    assert.deepEqual({ delivered, refused, due }, { delivered: 0, refused: 0, due: 1 }, `${status} ${body}`)
  }
  assert.equal((await one.breaches()).filter(({ code }) => code.startsWith('reply/')).length, 0, 'nobody signed any of it')
})

test('a message that is refused for its body stands aside, and is tried again when the registry is', async () => {
  bad.instead.set(DOOR, (_, response) => response.writeHead(400).end('{"code":"call/shape","message":"no"}'))
  assert.equal((await deliverOnce(one.home(), one.hall(), undefined)).refused, 1)
  assert.deepEqual(await aside(), ['call/shape'])
  const asked = bad.asked.length
  assert.equal((await deliverOnce(one.home(), one.hall(), undefined)).refused, 1)
  assert.equal(bad.asked.length, asked + 1)
})

test('leaving ends a message to a peer that takes it and never answers', async () => {
  bad.instead.set(DOOR, never)
  await notice()
  const serving = await one.serve()
  for (const end = performance.now() + 10_000; bad.asked.at(-1) !== DOOR && performance.now() < end;) await sleep(20)
  const began = performance.now()
  await serving.close()
  assert.ok(performance.now() - began < 5_000)
})
