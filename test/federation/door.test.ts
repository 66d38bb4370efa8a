// The door of a registry, pushed at from outside: bodies, paths and methods that nobody should send.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ticketFor } from '@muster/registry/peer/client.ts'
import { declare } from '@muster/registry/log/declare.ts'
import { sequence } from '@muster/registry/main.ts'
import { publishedFile } from '@muster/registry/http/static.ts'
import { AA, BB, oneRegistry, type One } from './one.ts'
import { clock, DRILL, enter } from './two.ts'

const MEBIBYTE = 1_048_576
let one: One
let url = ''
let port = 0

before(async () => {
  one = await oneRegistry()
  await sequence(one.home(), one.hall())
  url = (await one.serve()).url
  port = Number(new URL(url).port)
})
after(() => one.remove())

/** The answer to raw bytes, up to `ms` after they were sent; a server that closes ends it. */
function raw(bytes: string | Uint8Array, ms = 3000): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let said = ''
    const end = () => {
      clearTimeout(timer)
      socket.destroy()
      resolve(said)
    }
    const timer = setTimeout(end, ms)
    socket.setEncoding('latin1').on('data', (text: string) => { said += text }).on('close', end).on('error', end)
    socket.write(bytes)
  })
}

const get = async (path: string): Promise<number> => {
  const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0)
}

test('the log is served, and nothing beside its own files whatever the path says', async () => {
  await writeFile(join(one.dataDir, 'published', DRILL, 'log', 'secret'), 'secret')
  assert.equal(await get(`/log/${DRILL}/checkpoint`), 200)
  assert.equal(await get(`/log/${DRILL}/tile/entries/000.p/4`), 200)
  const tricks = [
    'secret', '../../../muster.json', '..%2f..%2f..%2fmuster.json', '%2e%2e/%2e%2e/%2e%2e/muster.json', '..\\..\\muster.json', '....//muster.json', 'checkpoint%00', 'checkpoint/', 'checkpoint/..', '/checkpoint', '//checkpoint',
    'tile/entries/000.p/4/../../../../secret', 'tile/entries/../../secret', 'tile/entries/000.p/04', 'tile/entries/0', 'tile/entries/x00/000', 'tile/00/000', 'tile/entries/000.p/256', 'tile/entries/000.p/0', 'tile', 'tile/', 'tile/entries', 'tile/entries/000.p',
    'head.json', '%', '%zz', '%c0%ae%c0%ae/muster.json', `tile/${'x001/'.repeat(50)}000`, 'a/'.repeat(2000), 'checkpoint;x', 'Checkpoint', 'file:///etc/passwd', 'tile/entries/000.p/4%2f..%2f..',
  ]
  for (const path of tricks) assert.ok([400, 404, 431].includes(await get(`/log/${DRILL}/${path}`)), `${path}: ${await get(`/log/${DRILL}/${path}`)}`)
  for (const path of ['/../keys/register.key', '/%2e%2e/keys/register.key', `/log/../../keys/register.key`, `/log/..%2f..%2fkeys/register.key`, '/keys/register.key', '/published', `/log/${DRILL}`, '/log', '/', '//', `/log/exercise-9/checkpoint`, `/log/%00/checkpoint`, `/d/${DRILL}/../log/checkpoint`, '/reader', '/witness', '/nothing', '*']) {
    assert.ok([400, 404].includes(await get(path)), path)
  }
})

test('a path that is none of a log never reaches the file system, not even below a folder that exists', async () => {
  const folder = join(one.folder, 'files')
  await mkdir(join(folder, 'tile', 'entries', '000.p', '4'), { recursive: true })
  await writeFile(join(folder, 'checkpoint'), 'x')
  for (const path of ['../files/checkpoint', 'tile/../checkpoint', './checkpoint', 'checkpoint\0', '/checkpoint', 'tile/entries/000.p/4']) assert.equal(await publishedFile(folder, path), undefined, path)
  assert.ok(await publishedFile(folder, 'checkpoint'))
})

test('routes and methods that there are not get 404, and no answer tells of the inside', async () => {
  for (const [method, path] of [['POST', '/health'], ['DELETE', `/log/${DRILL}/checkpoint`], ['PUT', `/log/${DRILL}/checkpoint`], ['GET', '/witness/add-checkpoint'], ['GET', `/message/${DRILL}`], ['OPTIONS', '/'], ['POST', `/message/`], ['TRACE', '/']] as const) {
    const answer = await raw(`${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    assert.match(answer, /^HTTP\/1\.1 (404|400|405)/, `${method} ${path}`)
    assert.doesNotMatch(answer, /node_modules|at .*\.ts|stack/)
  }
  assert.match(await raw(`HEAD /log/${DRILL}/checkpoint HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`), /^HTTP\/1\.1 200[^]*\r\n\r\n$/)
})

test('a body over its limit is refused with 413, stated or not, and is not read to its end', async () => {
  for (const path of ['/witness/add-checkpoint', '/reader/add-checkpoint', `/message/${DRILL}`]) {
    const limit = (path.startsWith('/message') ? 2 : 1) * MEBIBYTE
    const stated = await raw(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${limit + 1}\r\n\r\n`)
    assert.match(stated, /^HTTP\/1\.1 413/, path)
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
    const chunked = await raw(`POST ${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(limit / 65_536 + 2)}`)
    assert.match(chunked, /^HTTP\/1\.1 413/, path)
    assert.match(chunked, /at most \d+ bytes/)
    const most = await fetch(`${url}${path}`, { method: 'POST', body: 'x'.repeat(limit), headers: { 'content-type': 'application/json' } })
    assert.ok([400, 503].includes(most.status), `${path} ${most.status}`)
  }
})

test('bodies that come slowly or not at all hold up nobody else, and their end is no fault of the registry', async () => {
  one.told.length = 0
  const slow = Array.from({ length: 200 }, () => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write('POST /witness/add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nold')
    return socket
  })
  const half = Array.from({ length: 200 }, () => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write('GET /heal')
    return socket
  })
  await sleep(200)
  const began = performance.now()
  assert.equal((await fetch(`${url}/health`)).status, 200)
  assert.equal((await fetch(`${url}/log/${DRILL}/checkpoint`)).status, 200)
  assert.ok(performance.now() - began < 10_000)
  for (const socket of [...slow, ...half]) socket.destroy()
  await sleep(300)
  assert.equal((await fetch(`${url}/health`)).status, 200)
  assert.deepEqual(one.told, [])
})

test('headers without end, requests that are none, and rubbish are closed and survived', async () => {
  assert.match(await raw(`GET / HTTP/1.1\r\nHost: x\r\n${'X-A: '.padEnd(30_000, 'a')}\r\n\r\n`), /^HTTP\/1\.1 431/)
  for (const bytes of [randomBytes(2000), Buffer.from('GET / HTTP/9.9\r\n\r\n'), Buffer.from('\r\n\r\n\r\n'), Buffer.from(`POST /witness/add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n`), Buffer.from(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`)]) {
    const answer = await raw(bytes, 1000)
    assert.ok(answer === '' || /^HTTP\/1\.1 (400|404|505)/.test(answer), answer.slice(0, 100))
  }
  assert.equal((await fetch(`${url}/health`)).status, 200)
})

test('the own declaration is served to holders of a valid ticket only; a path in it that there is not is 404 like all the rest', async () => {
  await enter(one.side(), 'baseline', [{ type: '9М39', serial: '0123' }])
  const declared = await declare(one.hall().log, clock())
  await sequence(one.home(), one.hall())
  const base = `${url}/d/${DRILL}/${declared.head.hash}`
  const { ed25519 } = one.puppet.keys.message
  const ticket = ticketFor(ed25519, BB, AA, DRILL, clock())
  const status = (path: string, headers: Record<string, string>) => fetch(`${base}/${path}`, { headers }).then((response) => response.status)
  for (const path of ['checkpoint', 'head.json', 'tile/entries/000', 'tile/0/000', 'tile/1/000.p/1']) {
    assert.equal(await status(path, ticket), 200, path)
    for (const bad of [{}, ticketFor(ed25519, BB, BB, DRILL, clock()), ticketFor(ed25519, BB, AA, DRILL, clock() - 400), ticketFor(randomBytes(32), BB, AA, DRILL, clock()), ticketFor(ed25519, AA, AA, DRILL, clock())]) {
      assert.equal(await status(path, bad), 404, path)
    }
  }
  assert.equal(await status('secret', ticket), 404)
  assert.equal((await fetch(`${url}/d/${DRILL}/${'ab'.repeat(32)}/checkpoint`, { headers: ticket })).status, 404)
  assert.equal((await fetch(`${url}/d/${DRILL}/${declared.head.hash.toUpperCase()}/checkpoint`, { headers: ticket })).status, 404)
})
