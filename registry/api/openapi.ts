// The OpenAPI 3.1 document of the API, made from the one table of acts and views.
import type { Json } from '@muster/core/bytes/canonical.ts'
import { SCHEMA_DIALECT, schemaOf } from '@muster/core/bytes/schema.ts'
import { anyJson, boolean, list, nullable, object, oneOf, pattern, text, time, type Shape } from '@muster/core/bytes/shape.ts'
import { ROLES } from '@muster/core/rules/rights.ts'
import { partyId } from '@muster/core/rules/party.ts'
import { PROBLEM_TYPE, problemShape } from '../http/problem.ts'
import { ASKED_MAX, type Act, type View } from './act.ts'
import { PENDING_STATES } from './pending.ts'
import { others } from './others.ts'
import { SIGN_IN_PATHS, SIGN_IN_SHAPES } from './sign-in.ts'
import { ACTS, VIEWS } from './table.ts'

const PENDING_LISTED_MAX = 1_000
const uuid = pattern(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'a UUID in lower case')
const person = text(200)
const pending = object({
  id: uuid, act: text(100), body: anyJson, by: person, asked: time, until: time, state: oneOf(...PENDING_STATES), second: nullable(person), settled: nullable(time), answer: anyJson,
})

const FIXED: Readonly<Record<string, Shape<unknown>>> = { problem: problemShape, pending, waiting: object({ pending: list(pending, 0, PENDING_LISTED_MAX) }), me: object({ person, party: partyId, exercise: boolean, roles: list(oneOf(...ROLES), 1, ROLES.length), scope: object({ sites: list(text(200), 0, 64), units: list(text(200), 0, 64) }), others }), left: object({ left: boolean }), ...SIGN_IN_SHAPES }

const schemaName = (...parts: readonly string[]): string => parts.join('-')

/** Every shape that goes in or out, by its name in the document. */
export const API_SHAPES: Readonly<Record<string, Shape<unknown>>> = {
  ...FIXED,
  ...Object.fromEntries(ACTS.flatMap(({ family, act, takes, answers }) => [[schemaName(family, act, 'asked'), takes], [schemaName(family, act, 'answer'), answers]])),
  ...Object.fromEntries(VIEWS.map(({ family, view, answers }) => [schemaName(family, view, 'view'), answers])),
}

const reference = (name: string): Json => ({ $ref: `#/components/schemas/${name}` })
const jsonOf = (description: string, schema: Json): Json => ({ description, content: { 'application/json': { schema } } })
const PROBLEM: Readonly<Record<number, string>> = {
  400: 'malformed, or the rules say no', 401: 'no token that is in force', 403: 'not this person, or not believed', 404: 'no such thing', 409: 'under way or settled already', 410: 'waited too long', 413: 'too long',
  415: 'another type of body', 422: 'the key stands for another request', 429: 'too many wait', 503: 'not now: ask again', 507: 'the disk is full: ask again',
}
const problems = (...statuses: readonly number[]): Record<string, Json> =>
  Object.fromEntries(statuses.map((status) => [String(status), { description: PROBLEM[status] as string, content: { [PROBLEM_TYPE]: { schema: reference('problem') } } }]))

const idInPath: Json = { name: 'id', in: 'path', required: true, description: 'an id, or 8 or more characters of its beginning', schema: { type: 'string', pattern: '^[A-Za-z0-9._-]{8,100}$' } }
const inQuery = (name: string, description: string, schema: Json): Readonly<Record<string, Json>> => ({ name, in: 'query', required: false, description, schema })
const KEY: Json = { name: 'Idempotency-Key', in: 'header', required: false, description: 'a key of the client\'s own: the same request under it gets the same answer for a day', schema: { type: 'string', minLength: 1, maxLength: 200 } }
const LANGUAGE: Json = { name: 'Accept-Language', in: 'header', required: false, description: 'of the title of a problem: en, ru', schema: { type: 'string' } }
const AGREEMENT = inQuery('agreement', 'the agreement, where several were joined', { type: 'string', pattern: '^[a-z0-9][a-z0-9-]{0,62}$' })
const PAGE: readonly Json[] = [inQuery('from', 'how many of each list are left out', { type: 'integer', minimum: 0, maximum: 1_000_000 }), inQuery('limit', 'how long each list is at most', { type: 'integer', minimum: 1, maximum: 1_000 })]
const ALL = inQuery('state', '`all`: also those of which nothing is wanted any more', { const: 'all' })

function acting({ family, act, what, two }: Act): Json {
  const waits = jsonOf('waits for a second person', reference('pending'))
  const done = jsonOf('done', reference(schemaName(family, act, 'answer')))
  return {
    operationId: schemaName('do', family, act), summary: what, tags: [family], parameters: [KEY, LANGUAGE],
    requestBody: { required: true, description: 'at most 1048576 bytes', content: { 'application/json': { schema: reference(schemaName(family, act, 'asked')) } } },
    // The answer of an act of two comes with its approval, and is documented here all the same.
    responses: { ...(two === false ? { 200: done } : { 200: done, 202: waits }), ...problems(400, 401, 403, 409, 413, 415, 422, 429, 503, 507) },
  }
}

const OF: Readonly<Record<string, Json>> = inQuery('of', 'the other side, where two used one id; the party of a directory or of terms', { type: 'string', pattern: '^[A-Z][A-Z0-9]{1,15}$' })

function looking({ family, view, what, id, of, asks }: View): Json {
  return {
    operationId: schemaName('see', family, view), summary: what, tags: [family],
    parameters: [...(id ? [idInPath] : [...PAGE, ALL]), ...(of === null ? [] : [{ ...OF, required: of === 'must' }]), ...Object.entries(asks).map(([name, description]) => inQuery(name, description, { type: 'array', items: { type: 'string' }, maxItems: ASKED_MAX })), AGREEMENT, LANGUAGE],
    responses: { 200: jsonOf('as the command of the same name prints it with --json', reference(schemaName(family, view, 'view'))), ...problems(400, 401, 503) },
  }
}

const settling = (operationId: string, summary: string, answer: Json): Json => ({
  post: { operationId, summary, tags: ['pending'], parameters: [idInPath, KEY, LANGUAGE], responses: { 200: answer, ...problems(400, 401, 403, 404, 409, 410, 413, 415, 422, 429, 503, 507) } },
})

/** Asked without a token, from the console's own page. */
function signing(name: string): Json {
  return {
    operationId: name, summary: SIGNING[name] ?? name, tags: ['people'], security: [], parameters: [LANGUAGE],
    requestBody: { required: true, description: 'of the console\'s own origin', content: { 'application/json': { schema: reference(`${name}-asked`) } } },
    responses: { 200: jsonOf('done', reference(`${name}-answer`)), ...problems(400, 403, 413, 415, 429, 503, 507) },
  }
}

const SIGNING: Readonly<Record<string, string>> = { 'invitation': 'whom an invitation is for, and what an authenticator app takes', 'enrol': 'use an invitation up: choose a password', 'sign-in': 'open a session', 'pass': 'open a session of an exercise' }

export function apiDocument(): Json {
  const see = (operationId: string, summary: string, schema: Json | undefined, parameters: readonly Json[], ...more: readonly number[]): Json => ({
    get: { operationId, summary, tags: ['registry'], parameters: [...parameters, LANGUAGE], responses: { 200: jsonOf(summary, schema ?? {}), ...problems(401, 503, ...more) } },
  })
  return {
    openapi: '3.1.0', jsonSchemaDialect: SCHEMA_DIALECT,
    info: { title: 'Muster: the API of a registry for its own people', version: '1', description: 'Acts are recorded under the name of the token. What is destroyed, disclosed or signed takes a second person, who approves under another token.' },
    servers: [{ url: '/' }], security: [{ token: [] }],
    paths: {
      '/api/openapi.json': see('see-openapi', 'this document', undefined, []), '/api/me': see('see-me', 'whose token this is', reference('me'), []),
      '/api/pending': see('see-pending', 'acts that wait for a second person', reference('waiting'), [...PAGE, ALL], 400),
      '/api/pending/{id}': see('see-one-pending', 'an act that two people do', reference('pending'), [idInPath], 400, 404),
      '/api/pending/{id}/approve': settling('approve', 'approve it, and have it done', jsonOf('the answer of the act', {})),
      '/api/pending/{id}/refuse': settling('refuse', 'drop it', jsonOf('dropped', reference('pending'))),
      '/api/sign-out': { post: { operationId: 'sign-out', summary: 'end the session that asks', tags: ['people'], parameters: [LANGUAGE], responses: { 200: jsonOf('whether there was one', reference('left')), ...problems(401, 403, 503) } } },
      ...Object.fromEntries(SIGN_IN_PATHS.map((path) => [path, { post: signing(path.slice('/api/'.length)) }])),
      ...Object.fromEntries(ACTS.map((act) => [`/api/acts/${act.family}/${act.act}`, { post: acting(act) }])),
      ...Object.fromEntries(VIEWS.map((view) => [`/api/${view.family}/${view.view}${view.id ? '/{id}' : ''}`, { get: looking(view) }])),
    },
    components: {
      schemas: Object.fromEntries(Object.entries(API_SHAPES).map(([name, shape]) => [name, schemaOf(shape)])),
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'muster token new --for NAME' } },
    },
  }
}
