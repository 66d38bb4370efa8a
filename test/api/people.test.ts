// The API over a real socket: who may act, under which name, how often, and what a second person makes of it. Every answer is held to the document.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import { ROLES, WHOLE } from '@muster/core/rules/rights.ts'
import { apiApp } from '@muster/registry/api/app.ts'
import { PENDING_DAYS, PENDING_MAX } from '@muster/registry/api/pending.ts'
import { actAtStore } from '@muster/registry/keeping/act.ts'
import { openHome, serveHome, type Home, type Serving } from '@muster/registry/main.ts'
import { auditRegister } from '@muster/registry/log/audit.ts'
import { caseActs } from '@muster/registry/store/case-acts.ts'
import { listCases } from '@muster/registry/store/cases.ts'
import { transaction } from '@muster/registry/store/database.ts'
import { endOffice } from '@muster/registry/store/office.ts'
import { recordEvent } from '@muster/registry/store/record-event.ts'
import { bound } from '@muster/registry/store/row-mac.ts'
import { makePerson } from '@muster/registry/store/persons.ts'
import { makeToken, revokeToken } from '@muster/registry/store/tokens.ts'
import { oneRegistry, type One } from '../federation/one.ts'
import { clock, DRILL, enter } from '../federation/two.ts'

const [ANNA, BORIS, CLARA] = ['A. Petrova', 'B. Karimov', 'C. Orlova']
interface Answer { readonly status: number, readonly headers: Headers, readonly text: string, readonly json: Record<string, unknown> }
interface Document { readonly paths: Record<string, Record<string, { readonly responses: Record<string, { readonly content: Record<string, { readonly schema: { readonly $ref?: string } }> }> }>>, readonly components: { readonly schemas: Record<string, object> } }

let one: One
let serving: Serving
/** The register opened once more, as by another process. */
let second: Home
let document: Document
let item = ''
const tokens = new Map<string, string>()
const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, validateFormats: false })

async function known(person: string): Promise<void> {
  await makePerson(one.home().register, { person, rights: { roles: ROLES, scope: WHOLE } }, { by: 'D. Rahimi', and: 'G. Sokol' }, clock())
}

async function tokenFor(person: string): Promise<{ readonly id: string, readonly token: string }> {
  return makeToken(one.home().register, { person, by: 'D. Rahimi' }, one.home().now())
}

before(async () => {
  one = await oneRegistry();
  [item = ''] = await enter(one.side(), 'baseline', [{ type: '9М39', serial: '0123' }])
  for (const person of [ANNA, BORIS, CLARA]) await known(person)
  for (const person of [ANNA, BORIS, CLARA]) tokens.set(person, (await tokenFor(person)).token)
  serving = await serveHome(one.home(), { port: 0, host: '127.0.0.1', message: () => Promise.resolve({ status: 503, body: '{}' }), api: { port: 0, host: '127.0.0.1' } })
  second = await openHome(one.dataDir)
  document = (await ask('GET', '/api/openapi.json', { by: ANNA })).json as unknown as Document
})
after(async () => {
  await second.close()
  await serving.close()
  await one.remove()
})

interface Asking { readonly by?: string, readonly token?: string, readonly body?: unknown, readonly raw?: string, readonly headers?: Readonly<Record<string, string>>, readonly other?: boolean }

/** `other`: asked of the second process. */
async function ask(method: string, path: string, { by, token, body, raw, headers = {}, other = false }: Asking = {}): Promise<Answer> {
  const bearer = token ?? (by === undefined ? undefined : tokens.get(by))
  const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body))
  const init = { method, headers: { ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }), ...(sent === undefined ? {} : { 'content-type': 'application/json' }), ...headers }, ...(sent === undefined ? {} : { body: sent }) }
  const response = other ? await apiApp(second).request(path, init) : await fetch(`${serving.api ?? ''}${path}`, init)
  const text = await response.text()
  const json = JSON.parse(text) as Record<string, unknown>
  asDocumented(method, path, response, json)
  return { status: response.status, headers: response.headers, text, json }
}

/** The answer is one that the document has, in its shape. */
function asDocumented(method: string, path: string, { status, headers }: Pick<Response, 'status' | 'headers'>, json: unknown): void {
  const plain = path.split('?')[0] ?? ''
  const route = document === undefined ? undefined : document.paths[plain] ?? document.paths[plain.replace(/\/[^/]+(?=$|\/approve$|\/refuse$)/, '/{id}')]
  const type = headers.get('content-type') ?? ''
  assert.deepEqual([headers.get('cache-control'), headers.get('x-content-type-options'), headers.get('set-cookie'), headers.get('access-control-allow-origin')], ['no-store', 'nosniff', null, null])
  if (status >= 400) assert.equal(type, 'application/problem+json')
  if (route?.[method.toLowerCase()] === undefined) return
  const schema = route[method.toLowerCase()]?.responses[String(status)]?.content[type]?.schema
  assert.ok(schema !== undefined, `${method} ${path}: ${status} ${type} is not documented`)
  const name = schema.$ref?.split('/').at(-1)
  if (name === undefined) return
  const check = ajv.compile(document.components.schemas[name] as object)
  assert.ok(check(json), `${method} ${path} ${status}: ${JSON.stringify(check.errors)}`)
}

const codeOf = ({ status, json }: Answer): [number, unknown] => [status, json.code]
const opened = (title: string) => ({ method: 'POST', path: '/api/acts/case/open', body: { title } })
async function pendingCase(title: string, by = ANNA): Promise<string> {
  const { method, path, body } = opened(title)
  const answer = await ask(method, path, { by, body })
  assert.equal(answer.status, 202, answer.text)
  return answer.json.id as string
}
const cases = async () => listCases(one.home().register)

test('nothing is answered without a token that is in force, not even that a path is not there; the door of other parties has no API', async () => {
  const { id, token } = await tokenFor(CLARA)
  await revokeToken(one.home().register, id, 'D. Rahimi', one.home().now())
  for (const [method, path] of [['GET', '/api/me'], ['GET', '/api/openapi.json'], ['GET', '/api/nowhere'], ['GET', '/'], ['POST', '/api/acts/call/issue'], ['DELETE', '/api/me'], ['GET', '/api/call/list'], ['OPTIONS', '/api/me']] as const) {
    for (const bearer of [undefined, 'x', token, `${token}x`, (tokens.get(ANNA) ?? '').replace(/.$/, (last) => last === 'A' ? 'B' : 'A')]) {
      const answer = await ask(method, path, { ...(bearer === undefined ? {} : { token: bearer }), ...(method === 'POST' ? { raw: 'x'.repeat(2_000_000) } : {}) }).catch((error: unknown) => error)
      // Who sends a long body is answered before it is read, and may find the connection closed.
      if (answer instanceof Error) continue
      assert.deepEqual(codeOf(answer as Answer), [401, 'api/unauthorized'], `${method} ${path}`)
      assert.match((answer as Answer).headers.get('www-authenticate') ?? '', /^Bearer realm="muster"/)
    }
  }
  assert.equal((await fetch(`${serving.url}/api/me`, { headers: { authorization: `Bearer ${tokens.get(ANNA) ?? ''}` } })).status, 404)
})

test('an act of one person is done under the name of the token, and the register keeps that it was', async () => {
  const answer = await ask('POST', '/api/acts/call/issue', { by: ANNA, body: { reason: 'exercise', due: timeOf(clock() + 3_600), to: ['BB'] } })
  assert.equal(answer.status, 200, answer.text)
  const [row] = await one.home().register.db.read<{ answer: string }>("SELECT answer FROM act_once WHERE act_key LIKE 'call/issue %'")
  assert.deepEqual(JSON.parse(row?.answer ?? ''), { and: null, by: ANNA })
  const [kept] = await one.home().register.db.read<{ person: string, said: string }>("SELECT person, said FROM office_act WHERE kind = 'did'")
  assert.deepEqual([kept?.person, (JSON.parse(kept?.said ?? '') as { act: string }).act], [ANNA, 'call/issue'])
  const shown = await ask('GET', `/api/call/show/${String(answer.json.call)}`, { by: BORIS })
  assert.deepEqual([shown.status, (shown.json.matrix as { party: string }[]).map(({ party }) => party)], [200, ['BB']])
  assert.deepEqual(codeOf(await ask('POST', '/api/acts/call/issue', { by: ANNA, body: { reason: 'exercise', due: timeOf(clock() + 3_600), by: BORIS } })), [400, 'api/shape'])
})

test('an act of two waits as it was asked; who asked does not approve it, another does it once, and a replay does nothing', async () => {
  const before = (await cases()).length
  const id = await pendingCase('A crate of launchers')
  assert.equal((await cases()).length, before)
  const waiting = (await ask('GET', '/api/pending', { by: BORIS })).json.pending as { id: string, body: unknown, by: string, act: string }[]
  assert.deepEqual(waiting.filter((each) => each.id === id).map(({ act, body, by }) => ({ act, body, by })), [{ act: 'case/open', body: { title: 'A crate of launchers' }, by: ANNA }])
  const { token } = await tokenFor('  a.  PETROVA '.trim())
  for (const own of [tokens.get(ANNA) ?? '', token]) assert.deepEqual(codeOf(await ask('POST', `/api/pending/${id}/approve`, { token: own })), [403, 'api/own-act'])
  const done = await ask('POST', `/api/pending/${id}/approve`, { by: BORIS })
  assert.deepEqual([done.status, done.json.title, done.json.by, done.json.and], [200, 'A crate of launchers', ANNA, BORIS])
  for (const by of [BORIS, CLARA]) assert.deepEqual(codeOf(await ask('POST', `/api/pending/${id}/approve`, { by })), [409, 'api/settled'])
  assert.deepEqual(codeOf(await ask('POST', `/api/pending/${id}/refuse`, { by: CLARA })), [409, 'api/settled'])
  assert.equal((await cases()).length, before + 1)
  const settled = await ask('GET', `/api/pending/${id}`, { by: ANNA })
  assert.deepEqual([settled.json.state, settled.json.second, (settled.json.answer as { title: string }).title], ['done', BORIS, 'A crate of launchers'])
})

test('of two approvals at the same time, of two processes, one does it', async () => {
  const before = (await cases()).length
  const id = await pendingCase('A race')
  const answers = await Promise.all([BORIS, CLARA, BORIS, CLARA].map((by, i) => ask('POST', `/api/pending/${id}/approve`, { by, other: i % 2 === 1 })))
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409, 409, 409])
  assert.equal((await cases()).length, before + 1)
})

test('what was refused, what waited too long, and what was asked under a token that was revoked since is not done', async () => {
  const before = (await cases()).length
  const dropped = await pendingCase('Not this')
  assert.equal((await ask('POST', `/api/pending/${dropped}/refuse`, { by: BORIS })).json.state, 'dropped')
  assert.deepEqual(codeOf(await ask('POST', `/api/pending/${dropped}/approve`, { by: CLARA })), [409, 'api/settled'])
  const { id: leaving, token } = await tokenFor(CLARA)
  const asked = (await ask('POST', '/api/acts/case/open', { token, body: { title: 'By who has left' } })).json.id as string
  await revokeToken(one.home().register, leaving, 'D. Rahimi', one.home().now())
  assert.deepEqual(codeOf(await ask('POST', `/api/pending/${asked}/approve`, { token })), [401, 'api/unauthorized'])
  assert.deepEqual(codeOf(await ask('POST', `/api/pending/${asked}/approve`, { by: BORIS })), [403, 'api/asker-revoked'])
  const late = await pendingCase('Too late')
  one.later(PENDING_DAYS * 86_400)
  assert.deepEqual(codeOf(await ask('POST', `/api/pending/${late}/approve`, { by: BORIS })), [410, 'api/pending-expired'])
  one.later(-PENDING_DAYS * 86_400)
  for (const id of ['00000000-0000-4000-8000-000000000000', 'nothing-like-it', leaving]) assert.deepEqual(codeOf(await ask('POST', `/api/pending/${id}/approve`, { by: BORIS })), [404, 'api/no-pending'])
  assert.equal((await cases()).length, before)
})

test('what waits is there for a process that starts anew; where one died between approval and outcome nobody does it again, and everybody sees that nobody knows', async () => {
  const before = (await cases()).length
  const [waiting, broken] = [await pendingCase('For the next process'), await pendingCase('Broken off')]
  // The approval is written, and the process is gone before the act is done.
  assert.equal(await endOffice(one.home().register, broken, 'approved', BORIS, clock()), true)
  await second.close()
  second = await openHome(one.dataDir)
  assert.equal((await ask('POST', `/api/pending/${waiting}/approve`, { by: BORIS, other: true })).status, 200)
  for (const by of [BORIS, CLARA]) assert.deepEqual(codeOf(await ask('POST', `/api/pending/${broken}/approve`, { by, other: true })), [409, 'api/settled'])
  const shown = (await ask('GET', `/api/pending/${broken}`, { by: CLARA, other: true })).json
  assert.deepEqual([shown.state, shown.second, shown.answer], ['under-way', BORIS, null])
  assert.equal((await cases()).length, before + 1)
  // So it is with a key: taken, and no answer stored.
  const { secrets, db } = one.home().register
  const body = { reason: 'exercise', due: timeOf(clock() + 7_200), to: ['BB'] }
  const first = await ask('POST', '/api/acts/call/issue', { by: ANNA, body, headers: { 'idempotency-key': 'broken-off' } })
  assert.equal(first.status, 200)
  const [row] = await db.read<{ answer_key: Buffer, request: Buffer, person: string, written: string }>('SELECT answer_key, request, person, written FROM office_answer WHERE answer = $1', [first.text])
  assert.ok(row !== undefined)
  const open = bound(secrets, 'office_answer', { ...row, status: null, answer: null })
  await transaction(db, (tx) => tx.write('UPDATE office_answer SET status = NULL, answer = NULL, row_mac = $2 WHERE answer_key = $1', [row.answer_key, open.row_mac]))
  assert.deepEqual(codeOf(await ask('POST', '/api/acts/call/issue', { by: ANNA, body, headers: { 'idempotency-key': 'broken-off' }, other: true })), [409, 'api/under-way'])
})

test('what the rules say no to is an outcome: it is kept, and not tried again', async () => {
  const id = await pendingCase('To be closed')
  const { id: file } = (await ask('POST', `/api/pending/${id}/approve`, { by: BORIS })).json as { id: string }
  const reopen = (await ask('POST', '/api/acts/case/reopen', { by: ANNA, body: { case: file.slice(0, 8), data: { title: 'Again' } } })).json.id as string
  assert.deepEqual(codeOf(await ask('POST', `/api/pending/${reopen}/approve`, { by: BORIS })), [400, 'case/open-already'])
  const kept = (await ask('GET', `/api/pending/${reopen}`, { by: ANNA })).json
  assert.deepEqual([kept.state, (kept.answer as { code: string }).code], ['failed', 'case/open-already'])
  const added = await ask('POST', '/api/acts/case/incident', { by: CLARA, body: { case: file, data: { id: 'attack', kind: 'attack', when: '2026-03', region: 'North', what: 'an aircraft was hit', source: 'an agency' } } })
  assert.equal(added.status, 200, added.text)
  const acts = await caseActs(one.home().register.db, one.home().register.secrets, added.json.case as never)
  assert.deepEqual(acts.map(({ by, and }) => [by, and]), [[ANNA, BORIS], [CLARA, null]])
})

test('under one Idempotency-Key the same request is done once and answered alike, by whichever process, another body is refused, and another person\'s key is another', async () => {
  const body = { reason: 'exercise', due: timeOf(clock() + 7_200), to: ['BB'] }
  const headers = { 'idempotency-key': 'one-and-only' }
  const calls = async () => ((await ask('GET', '/api/call/list', { by: ANNA })).json.issued as unknown[]).length
  const before = await calls()
  const first = await ask('POST', '/api/acts/call/issue', { by: ANNA, body, headers })
  for (const other of [false, true]) assert.deepEqual((await ask('POST', '/api/acts/call/issue', { by: ANNA, raw: JSON.stringify(body, null, 1), headers, other })).text, first.text)
  assert.equal(await calls(), before + 1)
  assert.deepEqual(codeOf(await ask('POST', '/api/acts/call/issue', { by: ANNA, body: { ...body, to: ['AA'] }, headers })), [422, 'api/other-request'])
  assert.deepEqual(codeOf(await ask('POST', '/api/acts/case/open', { by: ANNA, body, headers })), [422, 'api/other-request'])
  assert.notEqual((await ask('POST', '/api/acts/call/issue', { by: BORIS, body, headers })).text, first.text)
  assert.equal(await calls(), before + 2)
  const many = await Promise.all(Array.from({ length: 6 }, (_, i) => ask('POST', '/api/acts/call/issue', { by: CLARA, body, headers: { 'idempotency-key': 'race' }, other: i % 2 === 1 })))
  assert.ok(many.every(({ status }) => status === 200 || status === 409), many.map(({ status }) => status).join())
  assert.equal(await calls(), before + 3)
  for (const key of ['', 'a b', 'x'.repeat(201)]) assert.deepEqual(codeOf(await ask('POST', '/api/acts/call/issue', { by: ANNA, body, headers: { 'idempotency-key': key } })), key === '' ? [400, 'api/idempotency-key'] : [400, 'api/idempotency-key'], key)
  one.later(86_401)
  assert.equal((await ask('POST', '/api/acts/call/issue', { by: ANNA, body: { ...body, due: timeOf(clock() + 200_000) }, headers })).status, 200)
  one.later(-86_401)
})

test('bodies, paths, methods and queries beyond their bounds are problems, told in the language that is asked for', async () => {
  const ru = { 'accept-language': 'ru' }
  const long = await ask('POST', '/api/acts/case/open', { by: ANNA, raw: JSON.stringify({ title: 'x'.repeat(1_048_576) }), headers: ru })
  assert.deepEqual([...codeOf(long), long.json.title, long.headers.get('content-language')], [413, 'http/too-long', 'тело длиннее, чем здесь читают', 'ru'])
  assert.deepEqual(codeOf(await ask('POST', '/api/acts/case/open', { by: ANNA, raw: '{"title":"a","title":"b"}' })), [400, 'api/json'])
  const wrong = await ask('POST', '/api/acts/case/open', { by: ANNA, body: { title: 7 }, headers: ru })
  assert.deepEqual([...codeOf(wrong), wrong.json.at], [400, 'api/shape', 'title'])
  assert.match(wrong.json.title as string, /поле/)
  assert.deepEqual(codeOf(await ask('POST', '/api/acts/case/open', { by: ANNA, raw: '{}', headers: { 'content-type': 'text/plain' } })), [415, 'http/media-type'])
  for (const path of ['/api/acts/case/burn', '/api/acts/__proto__/x', '/api/acts/case', '/api/acts/case/open/', '/api/case/openx', '/api', '/api/constructor/list']) assert.deepEqual(codeOf(await ask('POST', path, { by: ANNA, body: {} })), [404, 'http/not-found'], path)
  const method = await ask('GET', '/api/acts/case/open', { by: ANNA })
  assert.deepEqual([...codeOf(method), method.headers.get('allow')], [405, 'http/method', 'POST'])
  for (const query of ['limit=0', 'limit=1001', 'limit=x', 'from=-1', 'limit=1&limit=2', 'order=1', 'agreement=A', 'of=x']) assert.deepEqual(codeOf(await ask('GET', `/api/call/list?${query}`, { by: ANNA })), [400, 'api/query'], query)
  assert.deepEqual(codeOf(await ask('GET', '/api/call/list?agreement=other-1', { by: ANNA })), [400, 'api/agreement'])
  assert.deepEqual(codeOf(await ask('POST', '/api/acts/transfer/send', { by: ANNA, body: { to: 'BB', items: [item], documents: [], due: 'tomorrow', reason: 'x' } })), [400, 'api/shape'])
})

test('offices, terms, what was made, what was destroyed and what is published: each act under its people, and each view with what it asks', async () => {
  const did = async (path: string, body: object, by = ANNA) => {
    const answer = await ask('POST', `/api/acts/${path}`, { by, body })
    assert.equal(answer.status, 200, answer.text)
    return answer.json
  }
  assert.deepEqual(codeOf(await ask('GET', '/api/directory/show', { by: ANNA })), [400, 'directory/none'])
  const office = { code: 'duty', names: { en: 'Duty', ru: 'Дежурный' }, subjects: ['call'], hours: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', until: '24:00' }], closed: [], from: null, until: null, otherwise: null }
  assert.deepEqual((await did('directory/state', { directory: { offices: [office] } })).to, ['BB'])
  await did('directory/terms-state', { to: 'BB', terms: { rows: [{ what: 'designation', own: { code: '9М39', text: '9М39' }, theirs: { code: '9M39', text: '9M39' }, relation: 'same', note: null }] } })
  const shown = (await ask('GET', '/api/directory/show', { by: BORIS })).json as { finds: Record<string, unknown>, statements: number }
  assert.deepEqual([shown.finds.call, shown.finds.trace, shown.statements], [{ by: 'hours', office: 'duty' }, { by: 'no-office', office: null }, 1])
  assert.deepEqual(((await ask('GET', '/api/directory/terms-show?of=BB', { by: BORIS })).json.rows as { standing: string }[]).map(({ standing }) => standing), ['one'])
  for (const query of ['show?at=tomorrow', 'show?of=ZZ', 'show?at=2025-01-01T00:00:00Z', 'show?at=2025-01-01T00:00:00Z&at=2025-01-01T00:00:00Z', 'show?source=x', 'terms-show', 'route']) assert.ok((await ask('GET', `/api/directory/${query}`, { by: ANNA })).status >= 400, query)
  assert.deepEqual(codeOf(await ask('POST', '/api/acts/directory/route', { by: ANNA, body: { id: '0'.repeat(64), to: 'duty', reason: 'urgent' } })), [400, 'directory/not-received'])

  const made = { class: 'missile', type: '9М39', maker: 'Works 1', year: '2026', serials: ['7001', '7002'] }
  const items = (await did('production/record', made)).items as string[]
  assert.deepEqual(codeOf(await ask('POST', '/api/acts/production/record', { by: ANNA, body: made })), [400, 'production/number-made'])
  assert.deepEqual(codeOf(await ask('POST', '/api/acts/production/return', { by: ANNA, body: { type: '9М39' } })), [400, 'production/no-such-term'])
  const asked = await ask('POST', '/api/acts/destruction/record', { by: ANNA, body: { number: 'ACT-2026-1', items, reason: 'surplus' } })
  assert.equal(asked.status, 202, asked.text)
  assert.deepEqual(codeOf(await ask('POST', `/api/pending/${String(asked.json.id)}/approve`, { by: ANNA })), [403, 'api/own-act'])
  assert.equal((await ask('POST', `/api/pending/${String(asked.json.id)}/approve`, { by: BORIS })).json.recorded, 2)
  const certifying = await ask('POST', '/api/acts/destruction/certify', { by: BORIS, body: { number: 'ACT-2026-1', region: 'North', method: 'cutting', witnesses: [{ party: 'BB', name: 'D. Sokol', office: 'Inspector' }] } })
  assert.deepEqual([certifying.status, (await ask('GET', '/api/destruction/list', { by: ANNA })).json.destructions], [202, []])
  assert.equal((await ask('POST', `/api/pending/${String(certifying.json.id)}/approve`, { by: CLARA })).status, 200)
  const certified = (await ask('GET', '/api/destruction/show/ACT-2026-1', { by: ANNA })).json as { items: unknown[], witnesses: { word: string }[] }
  assert.deepEqual([certified.items.length, certified.witnesses.map(({ word }) => word)], [2, ['waiting']])
  for (const word of ['confirm', 'deny']) assert.deepEqual(codeOf(await ask('POST', `/api/acts/destruction/${word}`, { by: ANNA, body: { id: 'ACT-2026-1', witness: 'D. Sokol', ...(word === 'deny' ? { reason: 'not-present' } : {}) } })), [400, 'destruction/unknown'])

  const figures = (quantity: number) => ({ source: 'Register one', file: 'public.csv', rows: [{ exporter: 'Northland', importer: 'BB', model: 'M-39', year: 2025, quantity }] })
  await did('published/load', figures(7))
  assert.deepEqual(codeOf(await ask('POST', '/api/acts/published/load', { by: BORIS, body: figures(7) })), [400, 'published/same-again'])
  await did('published/load', figures(9), BORIS)
  assert.deepEqual(((await ask('GET', '/api/published/list', { by: ANNA })).json.loads as { by: string, figures: number }[]).map(({ by, figures: count }) => [by, count]), [[ANNA, 1], [BORIS, 1]])
  const compared = (await ask('GET', '/api/published/compare?party=Northland%3DAA&model=M-39%3D9%D0%9C39&source=Register%20one', { by: ANNA })).json.rows as { exporter: string, published: number }[]
  assert.deepEqual(compared.map(({ exporter, published }) => [exporter, published]), [['AA', 9]])
  assert.deepEqual((await ask('GET', '/api/published/compare', { by: ANNA })).json.rows, [])
  for (const query of ['party=AA', 'source=a&source=b', 'at=x', 'of=x']) assert.deepEqual(codeOf(await ask('GET', `/api/published/compare?${query}`, { by: ANNA })), [400, 'api/query'], query)
})

test('the books: closed by two, opened again by two others, and read as cards, numbers, balances and changes', async () => {
  const view = async (what: string) => (await ask('GET', `/api/book/${what}`, { by: ANNA })).json
  const [opening, closed] = ['2020-12-31T23:59:59Z', '2021-12-31T23:59:59Z']
  const two = async (path: string, body: object, first: string, second: string) => {
    const asked = await ask('POST', `/api/acts/book/${path}`, { by: first, body })
    assert.equal(asked.status, 202, asked.text)
    return ask('POST', `/api/pending/${String(asked.json.id)}/approve`, { by: second })
  }
  assert.equal((await two('open', { until: opening, reason: 'first books', sources: ['book of 2019'], questions: ['one tube'] }, ANNA, BORIS)).status, 200)
  assert.equal((await two('close', { until: closed, reason: 'end of the year' }, BORIS, CLARA)).status, 200)
  assert.deepEqual(codeOf(await two('reopen', { until: opening, reason: 'a paper was found' }, ANNA, CLARA)), [400, 'closing/own-closing'])
  assert.deepEqual([(await view('periods')).closedUntil, ((await view('periods')).acts as { kind: string, questions: string[] }[]).map(({ kind, questions }) => [kind, questions])], [closed, [['opening', ['one tube']], ['closed', []]]])
  const balance = (await view('balance')).rows as { closing: number }[]
  const card = await view('card') as { opening: number, lines: { in: number, out: number }[], closing: number }
  assert.equal(card.closing, balance.reduce((sum, { closing }) => sum + closing, 0))
  assert.equal(card.opening + card.lines.reduce((sum, line) => sum + line.in - line.out, 0), card.closing)
  assert.equal(((await view('numbers?class=missile')).items as { class: string }[]).every((each) => each.class === 'missile'), true)
  assert.deepEqual((await view('changes?since=2019-01-01&until=2019-02-01')).items, [])
  for (const query of ['card?since=tomorrow', 'card?item=12', 'balance?until=2026-13-01', 'numbers?site=a&site=b', 'changes?class=missile', 'periods?since=2020-01-01']) assert.deepEqual(codeOf(await ask('GET', `/api/book/${query}`, { by: ANNA })), [400, 'api/query'], query)
  assert.deepEqual(codeOf(await ask('GET', '/api/book/card?since=2026-01-02&until=2026-01-01', { by: ANNA })), [400, 'book/period'])
})

test('a list is shown page by page, and its next page is linked', async () => {
  const all = (await ask('GET', `/api/call/list?agreement=${DRILL}`, { by: ANNA })).json.issued as { call: string }[]
  assert.ok(all.length > 2)
  const seen: string[] = []
  for (let path: string | undefined = '/api/call/list?limit=2'; path !== undefined;) {
    const { json, headers } = await ask('GET', path, { by: ANNA })
    seen.push(...(json.issued as { call: string }[]).map(({ call }) => call))
    path = /^<([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1]
  }
  assert.deepEqual(seen, all.map(({ call }) => call))
})

test('a person has so many acts that wait, and no more', async () => {
  await known('E. Many')
  const { token } = await tokenFor('E. Many')
  for (let i = 0; i < PENDING_MAX; i++) assert.equal((await ask('POST', '/api/acts/case/open', { token, body: { title: `n ${i}` } })).status, 202)
  assert.deepEqual(codeOf(await ask('POST', '/api/acts/case/open', { token, body: { title: 'one more' } })), [429, 'api/too-many-pending'])
})

test('every view answers as it is documented, and the audit finds nothing', async () => {
  const [held] = await one.home().register.db.read<{ item_id: ItemId }>("SELECT item_id FROM item WHERE status = 'held' ORDER BY item_id LIMIT 1")
  const asked: Readonly<Record<string, string>> = { '/api/directory/terms-show': 'of=BB', '/api/seal/show': 'number=7001', '/api/container/show': 'code=C4' }
  for (const request of [{ kind: 'packed', data: { container: 'C4' } }, { kind: 'sealed', data: { seal: '7001', on: 'C4' } }] as const) {
    const at = timeOf(clock())
    await recordEvent(one.home().register, { item: held?.item_id as ItemId, at, request: { ...request, happened: at, by: ANNA, and: null, reason: 'as ordered', documents: [] } })
  }
  await actAtStore(one.home().register, { kind: 'rule', site: 'D5', by: ANNA, and: 'B. Karimov', reason: 'as ordered', apart: [], twoPersons: false, everyDays: 90, on: null, findings: [], finding: null }, clock())
  for (const [path, methods] of Object.entries(document.paths)) if ('get' in methods && !path.includes('{')) assert.equal((await ask('GET', `${path}?${asked[path] ?? ''}`, { by: ANNA })).status, 200, path)
  assert.deepEqual((await auditRegister(one.home().register, { onTotal: () => undefined, onRows: () => undefined })).findings, [])
})
