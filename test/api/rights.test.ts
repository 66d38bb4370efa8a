// Who may do what, asked of a served registry by everybody: the whole table of roles, the scope of who keeps a part, invitations, sessions, and who goes round them.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { TOTP } from 'otpauth'
import { MAY_DO, MAY_SEE, ROLES, seenAs, WHOLE, WITHIN_SCOPE, type Rights, type Role } from '@muster/core/rules/rights.ts'
import { ACTS, VIEWS } from '@muster/registry/api/table.ts'
import { serveHome, type Serving } from '@muster/registry/main.ts'
import { changeRights, invite, leave, makePass, makePerson, persons, INVITATION_HOURS } from '@muster/registry/store/persons.ts'
import { SESSION_HOURS, signInByPass, TRIES_MAX, TRIES_SECONDS } from '@muster/registry/store/sessions.ts'
import { makeToken } from '@muster/registry/store/tokens.ts'
import { oneRegistry, type One } from '../federation/one.ts'
import { enter } from '../federation/two.ts'
import { rightsTable } from './rights-table.ts'

const TWO = { by: 'D. Rahimi', and: 'G. Sokol' }
const PASSWORD = 'correct horse 7'
let one: One
let serving: Serving
let items: readonly string[]
const tokens = new Map<string, string>()
const register = () => one.home().register
const now = () => one.home().now()

async function person(name: string, rights: Rights): Promise<void> {
  await makePerson(register(), { person: name, rights }, TWO, now())
  tokens.set(name, (await makeToken(register(), { person: name, by: TWO.by }, now())).token)
}

before(async () => {
  one = await oneRegistry()
  items = await enter(one.side(), 'baseline', [{ type: '9М39', serial: '0123' }, { type: '9М39', serial: '0124' }])
  for (const role of ROLES) await person(role, { roles: [role], scope: WHOLE })
  await person('of D5', { roles: ['stockpile-officer'], scope: { sites: ['D5'], units: [] } })
  await person('of another', { roles: ['stockpile-officer'], scope: { sites: ['E1'], units: [] } })
  serving = await serveHome(one.home(), { port: 0, host: '127.0.0.1', message: () => Promise.resolve({ status: 503, body: '{}' }), api: { port: 0, host: '127.0.0.1' } })
})
after(async () => {
  await serving.close()
  await one.remove()
})

interface Told { readonly status: number, readonly code: string | undefined, readonly json: Record<string, unknown>, readonly cookie: string | null }
interface Asking { readonly by?: string, readonly cookie?: string, readonly origin?: string | null, readonly body?: unknown }

async function ask(path: string, { by, cookie, origin, body }: Asking = {}): Promise<Told> {
  const response = await fetch(`${serving.api ?? ''}${path}`, {
    method: body === undefined ? 'GET' : 'POST', ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: { ...(by === undefined ? {} : { authorization: `Bearer ${tokens.get(by) ?? ''}` }), ...(cookie === undefined ? {} : { cookie }), ...(origin === null ? {} : { origin: origin ?? serving.api ?? '' }), 'content-type': 'application/json' },
  })
  const json = await response.json() as Record<string, unknown>
  return { status: response.status, code: json.code as string | undefined, json, cookie: response.headers.get('set-cookie') }
}

test('every act and every view has its row of rights, and no row is about what is not there', () => {
  assert.deepEqual(Object.keys(MAY_DO).toSorted(), ACTS.map(({ family, act }) => `${family}/${act}`).toSorted())
  assert.deepEqual(Object.keys(MAY_SEE).toSorted(), [...new Set(VIEWS.map(({ family, view }) => seenAs(family, view)))].toSorted())
  for (const row of WITHIN_SCOPE) assert.ok(row in MAY_DO || row in MAY_SEE, row)
})

test('docs/rights.md is the table as it is: a change of it is seen by whoever reviews', () => {
  const page = new URL('../../docs/rights.md', import.meta.url)
  if (process.env.WRITE === '1') writeFileSync(page, rightsTable())
  assert.equal(readFileSync(page, 'utf8'), rightsTable(), 'WRITE=1 npm test -- api/rights')
})

test('each role is let do exactly what the table says, and look at exactly that, of the whole register', async () => {
  for (const role of ROLES) {
    for (const { family, act } of ACTS) {
      const { status, code } = await ask(`/api/acts/${family}/${act}`, { by: role, body: { nonsense: true } })
      assert.deepEqual([status, code], MAY_DO[`${family}/${act}`]?.includes(role) === true ? [400, 'api/shape'] : [403, 'rights/role'], `${role} ${family}/${act}`)
    }
    for (const { family, view, id } of VIEWS) {
      const { status, code } = await ask(`/api/${family}/${view}${id ? `/${'0'.repeat(36)}` : ''}`, { by: role })
      const refused = status === 403 && code === 'rights/role'
      assert.equal(refused, MAY_SEE[seenAs(family, view)]?.includes(role) !== true, `${role} ${family}/${view}: ${status}`)
    }
  }
})

test('who keeps a part of the register sees that part, records in it, and does nothing that is of the whole', async () => {
  for (const { family, act } of ACTS) {
    const allowed = MAY_DO[`${family}/${act}`]?.includes('stockpile-officer') === true
    const expected = !allowed ? 'rights/role' : WITHIN_SCOPE.includes(`${family}/${act}`) ? 'api/shape' : 'rights/scope'
    assert.equal((await ask(`/api/acts/${family}/${act}`, { by: 'of D5', body: { nonsense: true } })).code, expected, `${family}/${act}`)
  }
  const [item] = items
  const there = { item, kind: 'moved', reason: 'to the other store', data: { site: { code: 'D5', region: 'North' } } }
  assert.equal((await ask('/api/acts/event/event', { by: 'of D5', body: there })).code, 'rights/scope')
  const moved = await ask('/api/acts/event/event', { by: 'stockpile-officer', body: there })
  assert.equal(moved.status, 200, JSON.stringify(moved.json))
  const seen = async (by: string) => ((await ask('/api/items/items', { by })).json.items as { item: string }[]).map((each) => each.item)
  assert.deepEqual([await seen('of D5'), await seen('of another'), (await seen('stockpile-officer')).length], [[item], [], items.length])
  assert.deepEqual([(await ask(`/api/item/item/${item ?? ''}`, { by: 'of D5' })).status, (await ask(`/api/item/item/${item ?? ''}`, { by: 'of another' })).status, (await ask(`/api/item/item/${'0'.repeat(8)}`, { by: 'of another' })).status], [200, 404, 404])
  const entering = (code: string) => ({ item: 'new', kind: 'baseline', reason: 'found on the shelf', data: { entry: { identity: { class: 'missile', maker: 'unknown', type: 'unknown', year: 'unknown', lot: 'unknown', serial: { is: '0125' } }, place: { owner: { is: 'AA' }, custodian: { is: 'AA' }, site: { code, region: 'North' }, unit: 'unknown' } } } })
  assert.deepEqual([(await ask('/api/acts/event/event', { by: 'of D5', body: entering('E1') })).code, (await ask('/api/acts/event/event', { by: 'of D5', body: entering('D5') })).status], ['rights/scope', 200])
  assert.deepEqual([((await ask('/api/items/items?mark=0123', { by: 'of D5' })).json.items as unknown[]).length, ((await ask('/api/items/items?mark=0123', { by: 'of another' })).json.items as unknown[]).length], [1, 0])
})

test('what takes two people waits for one who has the right as well; who has not does not even see it', async () => {
  const [, item] = items
  const asked = await ask('/api/acts/event/event', { by: 'stockpile-officer', body: { item, kind: 'destroyed', reason: 'cut up', documents: [{ series: null, number: 'A-1', date: '2026-03-01' }] } })
  assert.equal(asked.status, 202, JSON.stringify(asked.json))
  const id = asked.json.id as string
  assert.deepEqual([(await ask('/api/pending', { by: 'investigator' })).json.pending, (await ask(`/api/pending/${id}`, { by: 'investigator' })).code, (await ask(`/api/pending/${id}/approve`, { by: 'investigator', body: {} })).code], [[], 'api/no-pending', 'rights/role'])
  assert.deepEqual([(await ask('/api/pending', { by: 'of another' })).json.pending, (await ask(`/api/pending/${id}`, { by: 'of another' })).code], [[], 'api/no-pending'])
  assert.equal((await ask(`/api/pending/${id}/approve`, { by: 'of another', body: {} })).code, 'rights/scope')
  await person('second', { roles: ['stockpile-officer'], scope: WHOLE })
  await changeRights(register(), { person: 'stockpile-officer', rights: { roles: ['auditor'], scope: WHOLE } }, TWO, now())
  assert.equal((await ask(`/api/pending/${id}/approve`, { by: 'second', body: {} })).code, 'api/asker-revoked', 'who asked may not do it any more')
  await changeRights(register(), { person: 'stockpile-officer', rights: { roles: ['stockpile-officer'], scope: WHOLE } }, TWO, now())
  assert.equal((await ask(`/api/pending/${id}/approve`, { by: 'second', body: {} })).json.kind, 'destroyed', 'what was asked is done')
})

const digitsAt = (secret: string, at: number): string => new TOTP({ secret, digits: 6, period: 30 }).generate({ timestamp: at * 1_000 })
/** Into the next half minute: the digits of this one were used. */
const nextDigits = (): void => { one.later(30) }

async function enrolled(name: string, role: Role): Promise<string> {
  await makePerson(register(), { person: name, rights: { roles: [role], scope: WHOLE } }, TWO, now())
  const { code } = await invite(register(), name, TWO, now())
  const { person: whom, secret } = (await ask('/api/invitation', { body: { code } })).json as { person: string, secret: string }
  assert.equal(whom, name)
  assert.equal((await ask('/api/enrol', { body: { code, password: PASSWORD, digits: digitsAt(secret, now()) } })).status, 200)
  return secret
}

test('an invitation is good once, until it ends, for a password that is none too plain; nothing is kept of it in the clear', async () => {
  await makePerson(register(), { person: 'I. New', rights: { roles: ['auditor'], scope: WHOLE } }, TWO, now())
  await assert.rejects(invite(register(), 'I. New', { by: 'D. Rahimi', and: 'd.  rahimi' }, now()), { code: 'two-people/same-person' })
  const first = await invite(register(), 'I. New', TWO, now())
  const { code } = await invite(register(), 'I. New', TWO, now())
  const secret = (await ask('/api/invitation', { body: { code } })).json.secret as string
  const enrol = (change: object) => ask('/api/enrol', { body: { code, password: PASSWORD, digits: digitsAt(secret, now()), ...change } })
  assert.equal((await ask('/api/invitation', { body: { code: first.code } })).code, 'person/invitation', 'a newer one takes its place')
  for (const password of ['short', 'aaaaaaaaaaaaaaaa', 'I. New']) assert.equal((await enrol({ password })).code, 'person/weak-password', password)
  for (const digits of ['000000', digitsAt(secret, now() - 300)]) assert.equal((await enrol({ digits })).code, 'person/second-factor')
  for (const wrong of ['x', `${code}x`, code.slice(0, -1), `${'0'.repeat(8)}-0000-4000-8000-000000000000.x`]) assert.equal((await enrol({ code: wrong })).code, 'person/invitation', wrong)
  one.later(INVITATION_HOURS * 3_600)
  assert.equal((await enrol({})).code, 'person/invitation')
  one.later(-INVITATION_HOURS * 3_600)
  assert.equal((await enrol({})).status, 200)
  assert.equal((await enrol({})).code, 'person/invitation')
  const rows = JSON.stringify(await register().db.read('SELECT said FROM office_act'))
  assert.ok(!rows.includes(PASSWORD) && !rows.includes(secret) && !rows.includes(code.split('.')[1] ?? ''))
  assert.ok((await persons(register())).some(({ person: name, enrolled: can }) => name === 'I. New' && can))
})

test('a session opens by name, password and six digits that are good once; its cookie is for no script and no other site; who signs out or leaves has none', async () => {
  const secret = await enrolled('J. Sign', 'auditor')
  nextDigits()
  const given = { person: 'j.  sign', password: PASSWORD, digits: digitsAt(secret, now()) }
  const opened = await ask('/api/sign-in', { body: given })
  assert.deepEqual([opened.status, opened.json.person], [200, 'J. Sign'])
  assert.match(opened.cookie ?? '', /^muster-AA=[^;]+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/)
  const cookie = (opened.cookie ?? '').split(';')[0] as string
  assert.equal((await ask('/api/sign-in', { body: given })).code, 'api/not-known', 'digits seen over a shoulder')
  assert.deepEqual((await ask('/api/me', { cookie })).json, { person: 'J. Sign', party: 'AA', exercise: true, roles: ['auditor'], scope: WHOLE, others: [] })
  for (const wrong of [`${cookie}x`, cookie.slice(0, -1), 'muster-AA=', 'muster-BB=' + cookie.slice(10), cookie.replace(/=.{36}/, `=${'0'.repeat(8)}-0000-4000-8000-000000000000`)]) assert.equal((await ask('/api/me', { cookie: wrong })).status, 401)
  for (const origin of [null, 'http://evil.example', 'null', (serving.api ?? '').replace('127.0.0.1', 'localhost')]) {
    assert.equal((await ask('/api/sign-out', { cookie, origin, body: {} })).code, 'api/other-origin')
    assert.equal((await ask('/api/sign-in', { origin, body: given })).code, 'api/other-origin')
  }
  assert.equal((await ask('/api/me', { cookie })).status, 200)
  one.later(SESSION_HOURS * 3_600)
  assert.equal((await ask('/api/me', { cookie })).status, 401)
  one.later(-SESSION_HOURS * 3_600)
  const out = await ask('/api/sign-out', { cookie, body: {} })
  assert.deepEqual([out.json.left, out.cookie?.startsWith('muster-AA=; Max-Age=0'), (await ask('/api/me', { cookie })).status], [true, true, 401])
  nextDigits()
  const again = ((await ask('/api/sign-in', { body: { ...given, digits: digitsAt(secret, now()) } })).cookie ?? '').split(';')[0] as string
  assert.equal((await ask('/api/me', { cookie: again })).status, 200)
  await leave(register(), 'J. Sign', 'D. Rahimi', now())
  assert.equal((await ask('/api/me', { cookie: again })).status, 401)
})

test('two that sign in at once with the same digits: one is in', async () => {
  const secret = await enrolled('K. Twice', 'auditor')
  nextDigits()
  const given = { person: 'K. Twice', password: PASSWORD, digits: digitsAt(secret, now()) }
  const answers = await Promise.all(Array.from({ length: 3 }, () => ask('/api/sign-in', { body: given })))
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 403, 403])
})

test('after so many wrong tries at a name even the right password waits; a name that nobody has is refused alike', async () => {
  const secret = await enrolled('L. Tried', 'auditor')
  nextDigits()
  const right = () => ({ person: 'L. Tried', password: PASSWORD, digits: digitsAt(secret, now()) })
  for (let i = 0; i < TRIES_MAX; i++) assert.equal((await ask('/api/sign-in', { body: { ...right(), password: 'wrong' } })).code, 'api/not-known')
  assert.deepEqual([(await ask('/api/sign-in', { body: right() })).code, (await ask('/api/sign-in', { body: { ...right(), person: 'M. Nobody' } })).code], ['api/too-many-tries', 'api/not-known'])
  one.later(TRIES_SECONDS)
  assert.equal((await ask('/api/sign-in', { body: right() })).status, 200)
})

test('on an exercise a pass opens as many sessions as are wanted, until it ends or another takes its place; a real registry makes none and takes none', async () => {
  await makePerson(register(), { person: 'N. Player', rights: { roles: ['auditor'], scope: WHOLE } }, TWO, now())
  await assert.rejects(makePass(register(), 'N. Player', { by: 'D. Rahimi', and: null }, now()), { code: 'two-people/second-missing' })
  const { code } = await makePass(register(), 'N. Player', TWO, now())
  const cookies = await Promise.all([1, 2].map(async () => ((await ask('/api/pass', { body: { code } })).cookie ?? '').split(';')[0] as string))
  assert.equal(new Set(cookies).size, 2)
  for (const cookie of cookies) assert.equal((await ask('/api/me', { cookie })).json.person, 'N. Player')
  for (const wrong of ['x', `${code}x`, '.']) assert.equal((await ask('/api/pass', { body: { code: wrong } })).code, 'api/not-known', wrong)
  assert.equal((await ask('/api/pass', { body: { code }, origin: 'http://evil.example' })).code, 'api/other-origin')
  one.later(12 * 3_600)
  assert.equal((await ask('/api/pass', { body: { code } })).code, 'api/not-known')
  one.later(-12 * 3_600)
  const again = await makePass(register(), 'N. Player', TWO, now())
  assert.deepEqual([(await ask('/api/pass', { body: { code } })).code, (await ask('/api/pass', { body: { code: again.code } })).status], ['api/not-known', 200])
  const real = { ...register(), file: { ...register().file, exercise: false } }
  await assert.rejects(makePass(real, 'N. Player', TWO, now()), { code: 'person/exercise-only' })
  await assert.rejects(signInByPass(real, again.code, now()), { code: 'person/exercise-only' })
})

test('a flood of passwords is tried one at a time, and what is too many is refused at once; the registry goes on answering', async () => {
  const began = performance.now()
  const flood = Promise.all(Array.from({ length: 40 }, (_, i) => ask('/api/sign-in', { body: { person: `Nobody ${i}`, password: 'a guess', digits: '000000' } })))
  assert.equal((await ask('/api/me', { by: 'auditor' })).status, 200)
  const answered = performance.now() - began
  const codes = (await flood).map(({ code }) => code)
  assert.ok(codes.filter((code) => code === 'person/busy').length >= 10, codes.join())
  assert.ok(codes.includes('api/not-known'))
  assert.ok(answered < (performance.now() - began) / 2, `answered after ${Math.round(answered)} ms of ${Math.round(performance.now() - began)}`)
})
