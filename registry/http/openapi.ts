// The OpenAPI 3.1 document of a registry, made from its routes: paths, limits, statuses and the schemas of what goes in and out.
import type { Json } from '@muster/core/bytes/canonical.ts'
import { SCHEMA_DIALECT, schemaOf } from '@muster/core/bytes/schema.ts'
import { base64UpTo, boolean, list, nullable, object, oneOf, pattern, text, type Shape } from '@muster/core/bytes/shape.ts'
import { partyId } from '@muster/core/rules/party.ts'
import { COURIER_BYTES_MAX } from '@muster/core/wire/courier.ts'
import { FORMATS } from '@muster/core/wire/formats.ts'
import { envelope } from '@muster/core/wire/message.ts'
import { proofShape } from '@muster/core/wire/period.ts'
import { secretariatCalls, secretariatDuties } from '@muster/core/wire/secretariat.ts'
import { TICKET_HEADER } from '@muster/core/wire/ticket.ts'
import { PROBLEM_TYPE, problemShape } from './problem.ts'
import { PARAMETERS, type Parameter, type Route } from './route.ts'

const REPLIES_MAX = 64
const told = object({ en: text(1_000), ru: text(1_000) })
const meaning = object({ code: pattern(/^[a-z0-9*-]+(\/[a-z0-9-]+)?$/, 'a code; a star for any format'), en: text(1_000), ru: text(1_000), next: told })

/** What goes over HTTP in JSON, by the name that the table of routes uses. */
export const EXCHANGED: Readonly<Record<string, Shape<unknown>>> = {
  health: object({ party: partyId, exercise: boolean }), names: object({ names: list(text(100), 1, 1_000) }), meaning, meanings: object({ codes: list(meaning, 1, 10_000) }),
  envelope, proof: proofShape, 'secretariat-calls': secretariatCalls, 'secretariat-duties': secretariatDuties, pending: object({ code: oneOf('proof/pending'), message: text(1_000) }), reply: object({ receipt: nullable(envelope), answers: list(envelope, 0, REPLIES_MAX) }),
  offered: object({ receipt: nullable(envelope), reply: nullable(base64UpTo(2 * COURIER_BYTES_MAX)) }), problem: problemShape,
}

const STATUS: Readonly<Record<number, string>> = {
  400: 'malformed', 403: 'not believed', 404: 'nothing here for whoever asks', 409: 'two messages of one sequence', 410: 'expired', 413: 'too long', 415: 'another type of body',
  421: 'addressed to another', 422: 'not cosigned', 503: 'not now: ask again', 507: 'the disk is full: ask again',
}

const reference = (name: string): Json => ({ $ref: `#/components/schemas/${name}` })
const content = (type: string, schema: string | undefined): Json => ({ [type.split(';')[0] as string]: schema === undefined ? {} : { schema: reference(schema) } })

function parametersOf(path: string): Json {
  return [...path.matchAll(/\{([a-z]+)\}/g)].map(([, name]) => {
    const { pattern, what } = PARAMETERS[name as Parameter]
    return { name: name as string, in: 'path', required: true, description: what, schema: { type: 'string', pattern: `^(${pattern})$` } }
  })
}

function operation({ method, path, what, ticket, secretariat, takes, answers, refuses }: Route): Json {
  return {
    operationId: `${method}${path.replace(/[^a-z]+/g, '-').replace(/-$/, '')}`, summary: what, parameters: parametersOf(path),
    ...(ticket === true ? { security: [{ ticket: [] }] } : secretariat === true ? { security: [{ secretariat: [] }] } : {}),
    ...(takes === undefined ? {} : { requestBody: { required: true, description: `at most ${takes.bytesMax} bytes`, content: content(takes.type, takes.schema) } }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, { description: answer.what, content: content(answer.type, answer.schema) }])),
      ...Object.fromEntries([...refuses, 503].map((status) => [String(status), { description: STATUS[status] ?? 'refused', content: content(PROBLEM_TYPE, 'problem') }])),
    },
  }
}

export function openApi(routes: readonly Route[]): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const route of routes) (paths[route.path] ??= {})[route.method] = operation(route)
  return {
    openapi: '3.1.0', jsonSchemaDialect: SCHEMA_DIALECT,
    info: { title: 'Muster: a party\'s registry', version: '1', description: `What is signed carries its own proof; transport is not trusted. Bodies of messages by kind: ${Object.keys(FORMATS).length} schemas under /schema.` },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(EXCHANGED).map(([name, shape]) => [name, schemaOf(shape)])),
      securitySchemes: {
        secretariat: { type: 'apiKey', in: 'header', name: TICKET_HEADER, description: 'a line that a secretariat of the agreement signed with both its keys: spec/secretariat.md' },
        ticket: { type: 'apiKey', in: 'header', name: TICKET_HEADER, description: 'a line that a party of the agreement signed with its message key: spec/http.md' },
      },
    },
  }
}
