// What a real registry answers on every route of its own OpenAPI document, asked rightly and wrongly, held to that document.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { identityToRecipient } from 'age-encryption'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { parseJson } from '@muster/core/bytes/canonical.ts'
import { sealEnvelope, type Envelope } from '@muster/core/wire/message.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { makeSecretariat, readSecretariat, secretariatTicket } from '@muster/registry/ask-as-secretariat.ts'
import { declare } from '@muster/registry/log/declare.ts'
import { messageRoute } from '@muster/registry/http/message.ts'
import { sequence, serveHome, type Serving } from '@muster/registry/main.ts'
import { replyTo } from '@muster/registry/http/status.ts'
import { ticketFor } from '@muster/registry/peer/client.ts'
import { sealCourier } from '@muster/registry/peer/courier-file.ts'
import { notTaken, NotTaken } from '@muster/registry/peer/exchange.ts'
import { logOrigin } from '@muster/core/rules/agreement.ts'
import { AA, BB, oneRegistry, type One } from '../federation/one.ts'
import { clock, DRILL, enter } from '../federation/two.ts'

interface Documented { readonly content: Readonly<Record<string, { readonly schema?: { readonly $ref: string } }>> }
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, Documented>> }>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

const MADE = makeSecretariat('secretariat')
const SECRETARIAT = readSecretariat(Buffer.from(MADE.file))

let one: One
let url = ''
let serving: Serving
let head = ''
/** The id of the first message that is sent here. */
let first = ''
let document: Document
const asked = new Set<string>()
const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, validateFormats: false })

before(async () => {
  one = await oneRegistry({ secretariats: [{ id: SECRETARIAT.id, name: { en: 'Secretariat', ru: 'Секретариат' }, ...MADE.keys }] })
  await enter(one.side(), 'baseline', [{ type: '9М39', serial: '0123' }])
  head = (await declare(one.hall().log, clock())).head.hash
  await sequence(one.home(), one.hall())
  const { register } = one.home()
  const route = messageRoute({ register, joined: one.hall().joined, now: clock, admit: () => Promise.resolve(undefined), answer: () => Promise.resolve([]) })
  serving = await serveHome(one.home(), { port: 0, host: '127.0.0.1', message: (_home, _hall, body) => route(body) })
  url = serving.url
  document = await (await fetch(`${url}/openapi.json`)).json() as Document
})
after(async () => {
  await serving.close()
  await one.remove()
})

interface Asking { readonly body?: string | Uint8Array<ArrayBuffer>, readonly headers?: Readonly<Record<string, string>>, readonly method?: string }

/** The answer, which is as the document has it for `route`; `path` fills in its parameters. */
async function ask(route: string, path: string, { body, headers = {}, method = body === undefined ? 'GET' : 'POST' }: Asking = {}): Promise<{ readonly status: number, readonly text: string, readonly json: unknown }> {
  const response = await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) })
  const [status, text, type] = [response.status, await response.text(), response.headers.get('content-type')?.split(';')[0] ?? '']
  const responses = document.paths[route]?.[method.toLowerCase()]?.responses
  asked.add(`${method.toLowerCase()} ${route}`)
  assert.ok(responses !== undefined, route)
  const documented = responses[status]
  assert.ok(documented !== undefined, `${method} ${path}: ${status} is not documented: ${text.slice(0, 200)}`)
  const [of] = Object.entries(documented.content) as [[string, { readonly schema?: { readonly $ref: string } }]]
  if (of[0] !== 'application/octet-stream') assert.equal(type, of[0], `${path} ${status}`)
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff', path)
  const json: unknown = /json/.test(type) ? JSON.parse(text) : undefined
  const schema = of[1].schema === undefined ? undefined : document.components.schemas[of[1].schema.$ref.split('/').at(-1) as string]
  if (schema !== undefined) assert.ok(ajv.validate(schema, json), `${path}: ${ajv.errorsText()}`)
  if (type === 'application/problem+json') assert.equal((json as { status: number }).status, status, path)
  return { status, text, json }
}

const ticket = () => ticketFor(one.puppet.keys.message.ed25519, BB, AA, DRILL, clock())
const codeOf = ({ json }: { readonly json: unknown }) => (json as { readonly code?: string }).code

test('what a registry says of itself: its party, its document, a schema for every name, a meaning for every code', async () => {
  assert.deepEqual((await ask('/health', '/health')).json, { party: AA, exercise: true })
  await ask('/openapi.json', '/openapi.json')
  const { names } = (await ask('/schema', '/schema')).json as { names: string[] }
  assert.ok(names.includes('agreement') && names.includes('transfer/notify') && names.includes('section/history'))
  for (const name of names) {
    const { status, json } = await ask('/schema/{name}', `/schema/${name}`)
    assert.deepEqual([status, (json as { $schema: string }).$schema, (json as { title: string }).title], [200, 'https://json-schema.org/draft/2020-12/schema', name])
  }
  const { codes } = (await ask('/problem', '/problem')).json as { codes: { code: string }[] }
  for (const { code } of codes.slice(0, 40)) assert.equal(((await ask('/problem/{code}', `/problem/${code}`)).json as { code: string }).code, code)
  for (const path of ['/schema/nothing', '/schema/constructor', '/schema/__proto__', '/schema/..%2f..%2fpackage.json', '/schema/agreement/']) assert.equal((await ask('/schema/{name}', path)).status, 404, path)
  for (const path of ['/problem/nothing', '/problem/constructor', '/problem/*', '/problem/a/b/c']) assert.equal((await ask('/problem/{code}', path)).status, 404, path)
})

test('files for everybody, files for holders of a ticket, and the same 404 for those without one as for what is not there', async () => {
  assert.equal((await ask('/log/{agreement}/{file}', `/log/${DRILL}/checkpoint`)).status, 200)
  const absent = await ask('/log/{agreement}/{file}', `/log/${DRILL}/secret`)
  assert.equal(codeOf(absent), 'http/not-found')
  for (const [route, path] of [['/d/{agreement}/{head}/{file}', `/d/${DRILL}/${head}/head.json`], ['/d/{agreement}/{head}/pack/{pack}', `/d/${DRILL}/${head}/pack/0`]] as const) {
    assert.equal((await ask(route, path, { headers: ticket() })).status, 200, path)
    assert.equal((await ask(route, path)).text, absent.text, path)
  }
  const origin = createHash('sha256').update(logOrigin(BB, DRILL)).digest('hex')
  for (const [route, path] of [
    ['/witness/{origin}/checkpoint', `/witness/${origin}/checkpoint`], ['/reader/{origin}/checkpoint', `/reader/${origin}/checkpoint`], ['/reader/{origin}/{file}', `/reader/${origin}/tile/0/000`],
    ['/proof/{agreement}/{message}', `/proof/${DRILL}/${'ab'.repeat(32)}`],
  ] as const) assert.equal((await ask(route, path, { headers: ticket() })).text, absent.text, path)
})

test('a secretariat that the agreement names is told, and nobody else', async () => {
  for (const what of ['calls', 'duties'] as const) {
    const told = await ask(`/secretariat/{agreement}/${what}`, `/secretariat/${DRILL}/${what}`, { headers: secretariatTicket(SECRETARIAT, AA, DRILL, what, clock()) })
    assert.deepEqual([told.status, (told.json as { party: string }).party], [200, AA])
    assert.equal((await ask(`/secretariat/{agreement}/${what}`, `/secretariat/${DRILL}/${what}`, { headers: ticket() })).status, 404)
  }
})

test('a cosigner answers as tlog-witness has it: the size with its own type, everything else that it will not sign as a problem', async () => {
  const note = await one.puppet.publish()
  assert.equal((await ask('/witness/add-checkpoint', '/witness/add-checkpoint', { body: `old 0\n\n${note}` })).status, 200)
  const conflict = await ask('/witness/add-checkpoint', '/witness/add-checkpoint', { body: `old 0\n\n${note}` })
  assert.deepEqual([conflict.status, /^[1-9]\d*\n$/.test(conflict.text)], [409, true])
  const origin = createHash('sha256').update(logOrigin(BB, DRILL)).digest('hex')
  assert.equal((await ask('/witness/{origin}/checkpoint', `/witness/${origin}/checkpoint`)).status, 200)
  for (const cosigner of ['witness', 'reader'] as const) {
    const route = `/${cosigner}/add-checkpoint`
    assert.equal(codeOf(await ask(route, route, { body: 'rubbish' })), 'cosigner/malformed')
    assert.equal(codeOf(await ask(route, route, { body: `old 0\n\n${note.replaceAll(`/${DRILL}`, '/exercise-9')}` })), 'cosigner/unknown-origin')
  }
  const forged = note.replace(/(\n— \S+ [A-Za-z0-9+/]{10})(.)/, (_, before: string, letter: string) => before + (letter === 'A' ? 'B' : 'A'))
  assert.equal(codeOf(await ask('/witness/add-checkpoint', '/witness/add-checkpoint', { body: `old 0\n\n${forged}` })), 'cosigner/not-believed')
})

test('an envelope that is none, of another type or for an agreement that was not joined is a problem with its place and what it means', async () => {
  const route = '/message/{agreement}'
  const refused = await ask(route, `/message/${DRILL}`, { body: '{"payload":1,"signatures":{}}', headers: { 'content-type': 'application/json' } })
  assert.deepEqual(refused.json, {
    type: '/problem/envelope/shape', title: 'a member is missing, unknown, out of bounds or of another kind', status: 400, code: 'envelope/shape', at: 'payload',
    detail: (refused.json as { detail: string }).detail, message: (refused.json as { detail: string }).detail,
  })
  assert.equal((await ask('/problem/{code}', (refused.json as { type: string }).type)).status, 200)
  assert.equal(codeOf(await ask(route, `/message/${DRILL}`, { body: '{', headers: { 'content-type': 'application/json' } })), 'envelope/json')
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    assert.equal(codeOf(await ask(route, `/message/${DRILL}`, { body: '{}', headers: { 'content-type': type } })), 'http/media-type', type)
  }
  assert.equal(codeOf(await ask(route, '/message/exercise-9', { body: '{}', headers: { 'content-type': 'application/json' } })), 'http/not-found')
})

test('a message is answered by its receipt, whose proof is pending until the period is closed, and is then handed out', async () => {
  const { id, envelope } = sealEnvelope(p, {
    v: 'muster/message/1', kind: 'loss/notice', from: BB, to: AA, agreement: DRILL, sequence: 0, previous: null, time: timeOf(clock()), expiry: null, marking: { level: 'exercise', caveats: [] }, body: {},
  }, one.puppet.keys.message)
  const post = () => ask('/message/{agreement}', `/message/${DRILL}`, { body: Buffer.from(envelope).toString('utf8'), headers: { 'content-type': 'application/json; charset=utf-8' } })
  const { status, text } = await post()
  assert.equal(status, 200)
  first = id
  assert.equal((await post()).text, text)
  const proof = () => ask('/proof/{agreement}/{message}', `/proof/${DRILL}/${id}`, { headers: ticket() })
  assert.equal((await proof()).status, 202)
  await sequence(one.home(), one.hall())
  assert.equal((await proof()).status, 200)
})

test('a sealed message that another party offers is answered by its receipt; what is none, or of several, is a problem', async () => {
  const route = '/courier/{agreement}'
  const { envelope } = sealEnvelope(p, {
    v: 'muster/message/1', kind: 'loss/notice', from: BB, to: AA, agreement: DRILL, sequence: 1, previous: first, time: timeOf(clock()), expiry: null, marking: { level: 'exercise', caveats: [] }, body: {},
  }, one.puppet.keys.message)
  const recipient = await identityToRecipient(one.hall().joined.keys.courier)
  const sealed = async (times: number) => Uint8Array.from(await sealCourier(recipient, {
    v: 'muster/courier/1', agreement: DRILL, exercise: true, from: BB, to: AA, made: timeOf(clock()), messages: Array.from({ length: times }, () => parseJson(envelope) as unknown as Envelope),
  }))
  const { status, json } = await ask(route, `/courier/${DRILL}`, { body: await sealed(1), headers: { 'content-type': 'application/octet-stream' } })
  assert.deepEqual([status, (json as { reply: unknown }).reply], [200, null])
  assert.equal(codeOf(await ask(route, `/courier/${DRILL}`, { body: await sealed(2) })), 'courier/several')
  assert.equal(codeOf(await ask(route, `/courier/${DRILL}`, { body: 'to whom it may concern' })), 'courier/not-age')
  assert.equal(codeOf(await ask(route, '/courier/exercise-9', { body: await sealed(1) })), 'http/not-found')
})

test('a peer reads the code and the words out of a problem as it read them before there were problems', () => {
  const { status, body } = replyTo(new Refusal('transfer/shape', 'transfer: items: expected a list of 1 to 1024', 'items')) as { status: number, body: string }
  const read = notTaken('http://x.invalid', status, Buffer.from(body))
  assert.ok(read instanceof NotTaken)
  assert.equal(read.code, 'transfer/shape')
  assert.match(String(read.cause instanceof Error ? read.cause.message : read.message), /status 400: transfer: items: expected a list/)
})

test('a path asked by another method names the one that it is asked by', async () => {
  for (const [method, path, allow] of [['POST', '/health', 'GET'], ['DELETE', `/log/${DRILL}/checkpoint`, 'GET'], ['PUT', `/message/${DRILL}`, 'POST'], ['GET', '/witness/add-checkpoint', 'POST'], ['PATCH', '/schema/agreement', 'GET']] as const) {
    const response = await fetch(`${url}${path}`, { method })
    assert.deepEqual([response.status, response.headers.get('allow'), (await response.json() as { code: string }).code], [405, allow, 'http/method'], `${method} ${path}`)
  }
})

/** The status line of an answer to raw bytes; empty where the connection was closed without one. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    let said = ''
    socket.setEncoding('latin1').setTimeout(3_000, () => socket.destroy()).on('data', (text: string) => { said += text }).on('close', () => { resolve(said.split('\r\n')[0] ?? '') }).on('error', () => undefined)
    socket.write(bytes)
  })
}

test('a flood of headers, one header without end and a path without end are refused before any route is asked, and the next one is answered', async () => {
  const flood = Array.from({ length: 3_000 }, (_, i) => `X-${i}: ${i}\r\n`).join('')
  for (const bytes of [`GET /health HTTP/1.1\r\nHost: x\r\n${flood}\r\n`, `GET /health HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`, `GET /${'a'.repeat(40_000)} HTTP/1.1\r\nHost: x\r\n\r\n`]) {
    assert.match(await raw(bytes), /^(HTTP\/1\.1 (431|414|400) .*)?$/)
  }
  assert.equal((await ask('/health', '/health')).status, 200)
})

test('a body beyond its limit is a problem that says how long one may be', async () => {
  const long = await ask('/message/{agreement}', `/message/${DRILL}`, { body: 'x'.repeat(2_097_153), headers: { 'content-type': 'application/json' } })
  assert.deepEqual([long.status, codeOf(long), (long.json as { detail: string }).detail], [413, 'http/too-long', 'a body has at most 2097152 bytes'])
})

test('every route of the document was asked here', () => {
  const all = Object.entries(document.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`))
  assert.deepEqual([...asked].sort(), all.sort())
})
