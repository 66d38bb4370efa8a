// The API of a registry for its own people, on a listener of its own: spec/api.md. Without a token or a session nothing is answered but how to sign in, not even
// that a path is not there. A session acts for its own page only, and no other origin is allowed anything: a page elsewhere cannot act here by itself.
import { Hono, type Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { Breach } from '@muster/core/bytes/breach.ts'
import { canonical, type Json } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { shaped, strictJson, type JsonCode } from '@muster/core/bytes/shaped-json.ts'
import { isAgreementId } from '@muster/core/rules/agreement.ts'
import { isPartyId } from '@muster/core/rules/party.ts'
import { seenAs } from '@muster/core/rules/rights.ts'
import { codeOf, textOf } from '../engine/fault.ts'
import type { Home } from '../home.ts'
import { PROBLEM_TYPE } from '../http/problem.ts'
import { atDoor, replyTo, type DoorCode, type Reply } from '../http/status.ts'
import { beginOffice } from '../store/office.ts'
import { bearerOf, type Bearer } from '../store/tokens.ts'
import { ASKED_MAX, badQuery, needsTwo, officeIn, type Act, type View } from './act.ts'
import { onceUnder } from './once.ts'
import { apiDocument } from './openapi.ts'
import type { Others } from './others.ts'
import { approve, askFor, notPending, pendingAct, pendingActs, refuse, type Pending } from './pending.ts'
import { demandRight, mayKnowOf } from './rights.ts'
import { leaveSession, openSignIn, otherOrigin, signedIn, SIGN_IN_PATHS, type SigningReply } from './sign-in.ts'
import { ACTS, VIEWS } from './table.ts'

export type ApiDoorCode = JsonCode<'api'> | 'api/unauthorized'

export const API_BODY_BYTES_MAX = 1_048_576
export const PAGE_DEFAULT = 200
export const PAGE_MAX = 1_000
const FROM_MAX = 1_000_000
/** Answered before the body is read: the connection, on which its rest may still come, is not used again. */
const UNREAD = [401, 404, 405, 413, 415]
const JSON_TYPE = 'application/json'

type Given = { Variables: { bearer: Bearer } }
type Asking = Context<Given>

/** The language that is preferred among those that problems are told in. */
export function languageOf(header: string | undefined): 'en' | 'ru' {
  const ranked = (header ?? '').slice(0, 1_000).split(',').map((part) => {
    const [tag = '', ...parameters] = part.trim().toLowerCase().split(';')
    const q = parameters.map((each) => /^\s*q=([01](?:\.\d{0,3})?)$/.exec(each)?.[1]).find((each) => each !== undefined)
    return { lang: tag.split('-')[0] ?? '', q: q === undefined ? 1 : Number(q) }
  }).filter(({ lang, q }) => (lang === 'en' || lang === 'ru') && q > 0)
  return ranked.toSorted((a, b) => b.q - a.q)[0]?.lang === 'ru' ? 'ru' : 'en'
}

function answered(c: Asking, { status, body }: Reply, more: Readonly<Record<string, string>> = {}): Response {
  const lang = status >= 400 ? { 'content-language': languageOf(c.req.header('accept-language')), 'vary': 'accept-language' } : {}
  return new Response(body, { status, headers: { 'content-type': status >= 400 ? PROBLEM_TYPE : JSON_TYPE, 'x-content-type-options': 'nosniff', 'cache-control': 'no-store', ...(UNREAD.includes(status) ? { connection: 'close' } : {}), ...lang, ...more } })
}

const atTheDoor = (c: Asking, code: DoorCode, message?: string, more?: Readonly<Record<string, string>>) => answered(c, atDoor(code, message, languageOf(c.req.header('accept-language'))), more)
const json = (value: unknown, status = 200): Reply => ({ status, body: JSON.stringify(value) })

/** What the rules say no to, as a reply in the language that was asked for; anything else goes on. */
async function replied(c: Asking, act: () => Promise<Reply>): Promise<Reply> {
  try {
    return await act()
  } catch (error) {
    const reply = error instanceof Refusal || error instanceof Breach ? replyTo(error, languageOf(c.req.header('accept-language'))) : undefined
    if (reply === undefined) throw error
    return reply
  }
}

/** The body as strict JSON; one that is empty is an empty object. */
async function bodyOf(c: Asking): Promise<Json> {
  const bytes = new Uint8Array(await c.req.arrayBuffer())
  const read = bytes.length === 0 ? { value: {} } : strictJson('api', API_BODY_BYTES_MAX, bytes)
  if (read instanceof Refusal) throw read
  return read.value
}

/** Does what is posted, once under its key where it has one. */
async function posted(c: Asking, home: Home, act: (body: Json, bearer: Bearer) => Promise<Reply>): Promise<Response> {
  const bearer = c.get('bearer')
  const reply = await replied(c, async () => {
    const given = await bodyOf(c)
    const key = c.req.header('idempotency-key')
    const doing = () => replied(c, () => act(given, bearer))
    return key === undefined ? doing() : onceUnder(home.register, key, bearer.person, [c.req.path, canonical(given)], home.now(), doing)
  })
  return answered(c, reply)
}

/** What is answered to whoever is not known yet, or is no longer. */
async function signing(c: Asking, act: (body: Json) => Promise<SigningReply>): Promise<Response> {
  let cookie: string | undefined
  const reply = await replied(c, async () => {
    const signed = await act(await bodyOf(c))
    cookie = signed.cookie
    return signed
  })
  return answered(c, reply, cookie === undefined ? {} : { 'set-cookie': cookie })
}

/** An act of one person is put on file under that person's name before it is done; one of two waits. */
async function perform(home: Home, act: Act, given: Json, bearer: Bearer): Promise<Reply> {
  const body = shaped('api', act.takes, given)
  demandRight(bearer, `${act.family}/${act.act}`)
  if (body instanceof Refusal) throw body
  await act.within?.(home, body, bearer.rights.scope)
  if (needsTwo(act, body)) return json(await askFor(home, act, given, bearer, home.now()), 202)
  await beginOffice(home.register, 'did', bearer.person, { act: `${act.family}/${act.act}`, body: canonical(given), token: bearer.token }, home.now())
  return json(await act.perform(home, body, { by: bearer.person, and: null }, home.now()))
}

const QUERIES = ['agreement', 'of', 'from', 'limit', 'state']

function queryOf(c: Asking, asks: View['asks'] = {}) {
  const given = c.req.queries()
  for (const [name, values] of Object.entries(given)) {
    if (QUERIES.includes(name) ? values.length > 1 : !Object.hasOwn(asks, name) || values.length > ASKED_MAX) throw badQuery(name.slice(0, 40), [`each of ${QUERIES.join(', ')} at most once`, ...Object.keys(asks)].join('; '))
  }
  const number = (name: string, min: number, max: number, fallback: number): number => {
    const text = given[name]?.[0]
    if (text === undefined) return fallback
    const value = /^\d{1,7}$/.test(text) ? Number(text) : -1
    if (value < min || value > max) throw badQuery(name, `a whole number from ${min} to ${max}`)
    return value
  }
  const [agreement, of] = [given.agreement?.[0], given.of?.[0]]
  const state = given.state?.[0]
  if (state !== undefined && state !== 'all') throw badQuery('state', 'all, or left out')
  if (agreement !== undefined && !isAgreementId(agreement)) throw badQuery('agreement', 'an agreement id')
  if (of !== undefined && !isPartyId(of)) throw badQuery('of', 'a party id')
  return { agreement, of, from: number('from', 0, FROM_MAX, 0), limit: number('limit', 1, PAGE_MAX, PAGE_DEFAULT), state, asks: Object.fromEntries(Object.keys(asks).map((name) => [name, given[name] ?? []])) }
}

/** Each list of the answer from `from` on, `limit` long at most; `more`: whether one of them goes on. */
function page(value: unknown, from: number, limit: number): { readonly value: unknown, readonly more: boolean } {
  const lists = Object.entries(value as Readonly<Record<string, unknown>>)
  return {
    value: Object.fromEntries(lists.map(([name, each]) => [name, Array.isArray(each) ? each.slice(from, from + limit) as unknown[] : each])),
    more: lists.some(([, each]) => Array.isArray(each) && each.length > from + limit),
  }
}

/** What was asked, from where the answer goes on. */
function nextQuery(c: Asking, from: number, limit: number): string {
  const query = new URL(c.req.url).searchParams
  query.set('from', String(from))
  query.set('limit', String(limit))
  return query.toString()
}

async function looked(c: Asking, home: Home, { family, view, look, id, asks }: View): Promise<Response> {
  let link: Readonly<Record<string, string>> = {}
  const reply = await replied(c, async () => {
    const { rights } = demandRight(c.get('bearer'), seenAs(family, view))
    const { agreement, of, from, limit, state, asks: asked } = queryOf(c, asks)
    const seen = await look(officeIn(home, agreement), { id: idIn(c, id), of, all: state === 'all', limit, scope: rights.scope, asks: asked }, home.now())
    if (id) return json(seen)
    const { value, more } = page(seen, from, limit)
    if (more) link = { link: `<${c.req.path}?${nextQuery(c, from + limit, limit)}>; rel="next"` }
    return json(value)
  })
  return answered(c, reply, link)
}

function idIn(c: Asking, id: boolean): string {
  const given = id ? c.req.param('id') ?? '' : ''
  if (id && !/^[A-Za-z0-9._-]{8,100}$/.test(given)) throw badQuery('id', '8 or more characters of an id')
  return given
}

function guarded(home: Home, hono: Hono<Given>): void {
  hono.use('*', async (c, next) => {
    if (c.req.method === 'POST' && SIGN_IN_PATHS.includes(c.req.path)) return next()
    const header = c.req.header('authorization')
    const bearer = header === undefined ? await signedIn(c as Asking, home) : await bearerOf(home.register, header, home.now())
    if (bearer === undefined) {
      const refused = new Refusal<ApiDoorCode>('api/unauthorized', 'a token that is in force is sent as Authorization: Bearer (muster token new makes one), or the cookie of a session')
      return answered(c as Asking, replyTo(refused, languageOf(c.req.header('accept-language'))) as Reply, { 'www-authenticate': `Bearer realm="muster"${header === undefined ? '' : ', error="invalid_token"'}` })
    }
    c.set('bearer', bearer)
    if (header === undefined && c.req.method !== 'GET') {
      const foreign = otherOrigin(c as Asking)
      if (foreign !== undefined) return answered(c as Asking, replyTo(foreign, languageOf(c.req.header('accept-language'))) as Reply, { connection: 'close' })
    }
    return next()
  })
  hono.use('*', async (c, next) => {
    const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
    return c.req.method === 'POST' && type !== undefined && type !== JSON_TYPE ? atTheDoor(c as Asking, 'http/media-type', `a body here is ${JSON_TYPE}`) : next()
  })
  hono.use('*', bodyLimit({ maxSize: API_BODY_BYTES_MAX, onError: (c) => atTheDoor(c as Asking, 'http/too-long', `a body has at most ${API_BODY_BYTES_MAX} bytes`) }))
}

/** `console`: serves the pages of the registry in a browser, where they are served; `others`: of an exercise. */
export function apiApp(home: Home, { console, others = [] }: { readonly console?: ((hono: Hono<Given>) => void) | undefined, readonly others?: Others } = {}): Hono<Given> {
  const hono = new Hono<Given>()
  console?.(hono)
  guarded(home, hono)
  const paths = new Map<string, string>()
  const get = (path: string, answer: (c: Asking) => Response | Promise<Response>): void => {
    hono.get(path, answer)
    paths.set(path, 'GET')
  }
  const post = (path: string, act: (body: Json, bearer: Bearer, c: Asking) => Promise<Reply>): void => {
    hono.post(path, (c) => posted(c, home, (body, bearer) => act(body, bearer, c)))
    paths.set(path, 'POST')
  }
  const { party, exercise } = home.register.file
  get('/api/openapi.json', (c) => answered(c, json(apiDocument())))
  get('/api/me', (c) => answered(c, json({ person: c.get('bearer').person, party, exercise, ...c.get('bearer').rights, others: exercise ? others : [] })))
  get('/api/pending', async (c) => answered(c, await replied(c, async () => {
    const { from, limit, state } = queryOf(c)
    const all = await pendingActs(home, state === undefined, from + limit, home.now())
    const known: Pending[] = []
    for (const each of all) if ((state === 'all' || each.state === 'waiting') && await mayKnowOf(home, ACTS, c.get('bearer'), each)) known.push(each)
    return json({ pending: known.slice(from, from + limit) })
  })))
  get('/api/pending/:id', async (c) => answered(c, await replied(c, async () => {
    const pending = await pendingAct(home, idIn(c, true), home.now())
    if (!await mayKnowOf(home, ACTS, c.get('bearer'), pending)) throw notPending()
    return json(pending)
  })))
  post('/api/pending/:id/approve', (_, bearer, c) => approve(home, ACTS, c.req.param('id') ?? '', bearer, home.now()))
  post('/api/pending/:id/refuse', async (_, bearer, c) => json(await refuse(home, c.req.param('id') ?? '', bearer, home.now())))
  openSignIn(home, (path, answer) => {
    hono.post(path, (c) => signing(c, (body) => answer(body, c)))
    paths.set(path, 'POST')
  })
  hono.post('/api/sign-out', (c) => signing(c, () => leaveSession(c, home, c.get('bearer'))))
  paths.set('/api/sign-out', 'POST')
  for (const act of ACTS) post(`/api/acts/${act.family}/${act.act}`, (body, bearer) => perform(home, act, body, bearer))
  for (const view of VIEWS) get(`/api/${view.family}/${view.view}${view.id ? '/:id' : ''}`, (c) => looked(c, home, view))
  for (const [path, allow] of paths) hono.all(path, (c) => atTheDoor(c, 'http/method', undefined, { allow }))
  hono.notFound((c) => atTheDoor(c as Asking, 'http/not-found'))
  hono.onError((error, c) => {
    if (codeOf(error) !== 'ECONNRESET') home.report(textOf(error))
    return answered(c as Asking, replyTo(error, languageOf(c.req.header('accept-language'))) ?? atDoor('http/unavailable', undefined, languageOf(c.req.header('accept-language'))))
  })
  return hono
}
