// The one table of what a registry answers over HTTP: its app and its OpenAPI document are both made from it. Every body has a bound, every path a
// closed form.
import type { Context } from 'hono'
import { canonical } from '@muster/core/bytes/canonical.ts'
import { SEALED_BYTES_MAX } from '@muster/core/wire/delivery-body.ts'
import { TICKET_HEADER } from '@muster/core/wire/ticket.ts'
import { FORMATS, formatSchema } from '@muster/core/wire/formats.ts'
import { allMeanings, meaningOf } from './codes.ts'
import type { Cosigned } from './door.ts'
import { openApi } from './openapi.ts'
import { PROBLEM_TYPE } from './problem.ts'
import type { Parameter, Route } from './route.ts'
import { publishedFile, publishedPack, type PublishedFile } from './static.ts'
import { atDoor, notCosigned, type Reply } from './status.ts'

const SUBMISSION_BYTES_MAX = 1_048_576
const MESSAGE_BYTES_MAX = 2 * 1_048_576
const RETRY_SECONDS = 1

const TEXT = 'text/plain; charset=utf-8'
const JSON_TYPE = 'application/json'
const BYTES = 'application/octet-stream'

const text = (status: number, body: string, type = TEXT, more: Record<string, string> = {}) =>
  new Response(body, { status, headers: { 'content-type': type, 'x-content-type-options': 'nosniff', ...more } })

export function problem({ status, body }: Reply, more?: Record<string, string>): Response {
  return text(status, body, PROBLEM_TYPE, more)
}

export const nothing = () => problem(atDoor('http/not-found'))
const json = (value: unknown) => text(200, JSON.stringify(value), JSON_TYPE)
const or404 = (body: string | undefined, type?: string) => body === undefined ? nothing() : text(200, body, type)

const replied = (reply: Reply | undefined) => reply === undefined ? nothing() : reply.status === 200 ? text(200, reply.body, JSON_TYPE) : problem(reply)

async function file(folder: string | undefined, find: (folder: string) => Promise<PublishedFile | undefined>): Promise<Response> {
  const found = folder === undefined ? undefined : await find(folder)
  if (found === undefined) return nothing()
  return new Response(new Uint8Array(found.bytes), { headers: { 'content-type': found.type, 'cache-control': found.cache, 'x-content-type-options': 'nosniff' } })
}

function cosigned(answer: Cosigned | 'reading'): Response {
  if (answer === 'reading') return text(202, 'reading\n', undefined, { 'retry-after': String(RETRY_SECONDS) })
  const refused = notCosigned(answer.status, answer.body)
  return refused === undefined ? text(answer.status, answer.body, answer.status === 409 ? 'text/x.tlog.size' : undefined) : problem(refused)
}

const ticketIn = (c: Context) => c.req.header(TICKET_HEADER)
const named = (c: Context, name: Parameter) => c.req.param(name) as string
/** What the path says from its n-th part on. */
const rest = (c: Context, from: number) => c.req.path.split('/').slice(from).join('/')

const toldTo = (told: object | undefined) => told === undefined ? nothing() : json(told)

const A_FILE = { 200: { what: 'the file', type: BYTES } } as const
const A_CHECKPOINT = { 200: { what: 'a checkpoint with the cosignatures collected', type: TEXT } } as const

export const ROUTES: readonly Route[] = [
  { method: 'get', path: '/health', what: 'whose registry this is', answers: { 200: { what: 'the party', type: JSON_TYPE, schema: 'health' } }, refuses: [], answer: (door) => json(door.health()) },
  { method: 'get', path: '/openapi.json', what: 'this document', answers: { 200: { what: 'OpenAPI 3.1', type: JSON_TYPE } }, refuses: [], answer: () => json(openApi(ROUTES)) },
  {
    method: 'get', path: '/schema', what: 'the names of all formats and kinds of message', answers: { 200: { what: 'names', type: JSON_TYPE, schema: 'names' } }, refuses: [],
    answer: () => json({ names: Object.keys(FORMATS) }),
  },
  {
    method: 'get', path: '/schema/{name}', what: 'JSON Schema of a format, or of the body of a kind of message', answers: { 200: { what: 'JSON Schema 2020-12', type: 'application/schema+json' } }, refuses: [404],
    answer: (_, c) => {
      const schema = formatSchema(rest(c, 2))
      return or404(schema === undefined ? undefined : canonical(schema), 'application/schema+json')
    },
  },
  { method: 'get', path: '/problem', what: 'what every code means', answers: { 200: { what: 'meanings', type: JSON_TYPE, schema: 'meanings' } }, refuses: [], answer: () => json({ codes: allMeanings() }) },
  {
    method: 'get', path: '/problem/{code}', what: 'what a code means, and what to do next', answers: { 200: { what: 'its meaning', type: JSON_TYPE, schema: 'meaning' } }, refuses: [404],
    answer: (_, c) => {
      const meaning = meaningOf(rest(c, 2))
      return meaning === undefined ? nothing() : json(meaning)
    },
  },
  { method: 'get', path: '/log/{agreement}/{file}', what: 'the log: C2SP tlog-tiles', answers: A_FILE, refuses: [404], answer: (door, c) => file(door.logFolder(named(c, 'agreement')), (folder) => publishedFile(folder, rest(c, 3))) },
  {
    method: 'get', path: '/d/{agreement}/{head}/pack/{pack}', what: '64 entry bundles of a declaration, each before its tile of level 0', ticket: true, answers: A_FILE, refuses: [404],
    answer: (door, c) => file(door.declarationFolder(named(c, 'agreement'), named(c, 'head'), ticketIn(c)), (folder) => publishedPack(folder, Number(named(c, 'pack')))),
  },
  {
    method: 'get', path: '/d/{agreement}/{head}/{file}', what: 'a declaration of this party', ticket: true, answers: A_FILE, refuses: [404],
    answer: (door, c) => file(door.declarationFolder(named(c, 'agreement'), named(c, 'head'), ticketIn(c)), (folder) => publishedFile(folder, rest(c, 4))),
  },
  {
    method: 'post', path: '/witness/add-checkpoint', what: 'C2SP tlog-witness: the checkpoint of another party\'s log to be cosigned', takes: { type: 'text/plain', bytesMax: SUBMISSION_BYTES_MAX },
    answers: { 200: { what: 'signature lines', type: TEXT }, 409: { what: 'the size cosigned last', type: 'text/x.tlog.size' } }, refuses: [400, 403, 404, 413, 422],
    answer: async (door, _, body) => cosigned(await door.witness(body)),
  },
  { method: 'get', path: '/witness/{origin}/checkpoint', what: 'the newest checkpoint of that log that this witness cosigned', answers: A_CHECKPOINT, refuses: [404], answer: async (door, c) => or404(await door.witnessed(named(c, 'origin'))) },
  {
    method: 'post', path: '/reader/add-checkpoint', what: 'the checkpoint of a declaration, cosigned once it was read in full', takes: { type: 'text/plain', bytesMax: SUBMISSION_BYTES_MAX },
    answers: { 200: { what: 'signature lines', type: TEXT }, 202: { what: 'still reading: ask again', type: TEXT } }, refuses: [400, 403, 404, 413, 422],
    answer: async (door, _, body) => cosigned(await door.reader(body)),
  },
  {
    method: 'get', path: '/reader/{origin}/checkpoint', what: 'the newest checkpoint that this reader cosigned', ticket: true, answers: A_CHECKPOINT, refuses: [404],
    answer: async (door, c) => or404(door.readerFolder(named(c, 'origin'), ticketIn(c)) === undefined ? undefined : await door.read(named(c, 'origin'))),
  },
  {
    method: 'get', path: '/reader/{origin}/{file}', what: 'the full copy of another\'s declaration that this reader holds', ticket: true, answers: A_FILE, refuses: [404],
    answer: (door, c) => file(door.readerFolder(named(c, 'origin'), ticketIn(c)), (folder) => publishedFile(folder, rest(c, 3))),
  },
  {
    method: 'get', path: '/proof/{agreement}/{message}', what: 'that the receipt for a message is bound in the log, for who sent it', ticket: true,
    answers: { 200: { what: 'the proof', type: JSON_TYPE, schema: 'proof' }, 202: { what: 'not bound yet: ask again after the next period', type: JSON_TYPE, schema: 'pending' } }, refuses: [404],
    answer: async (door, c) => {
      const proof = await door.proof(named(c, 'agreement'), named(c, 'message'), ticketIn(c))
      if (proof === 'pending') return text(202, '{"code":"proof/pending","message":"the receipt is bound with the next period: ask again after it"}', JSON_TYPE, { 'retry-after': String(RETRY_SECONDS) })
      return or404(proof?.json, JSON_TYPE)
    },
  },
  {
    method: 'get', path: '/secretariat/{agreement}/calls', what: 'for a secretariat of the agreement: calls issued and received, who said what when, and numbers by class where the agreement permits', secretariat: true, answers: { 200: { what: 'as this registry has it', type: JSON_TYPE, schema: 'secretariat-calls' } }, refuses: [404],
    answer: async (door, c) => toldTo(await door.secretariat(named(c, 'agreement'), 'calls', ticketIn(c))),
  },
  {
    method: 'get', path: '/secretariat/{agreement}/duties', what: 'for a secretariat of the agreement: what is owed by and to this party', secretariat: true, answers: { 200: { what: 'as this registry has it', type: JSON_TYPE, schema: 'secretariat-duties' } }, refuses: [404],
    answer: async (door, c) => toldTo(await door.secretariat(named(c, 'agreement'), 'duties', ticketIn(c))),
  },
  {
    method: 'post', path: '/message/{agreement}', what: 'an envelope, answered by its receipt and by what answers it at once', takes: { type: JSON_TYPE, bytesMax: MESSAGE_BYTES_MAX, schema: 'envelope', strict: true },
    answers: { 200: { what: 'receipt and answers', type: JSON_TYPE, schema: 'reply' } }, refuses: [400, 403, 404, 409, 410, 413, 415, 421, 507],
    answer: async (door, c, body) => replied(await door.message(named(c, 'agreement'), body)),
  },
  {
    method: 'post', path: '/courier/{agreement}', what: 'a sealed message, offered by another party than its sender', takes: { type: BYTES, bytesMax: SEALED_BYTES_MAX },
    answers: { 200: { what: 'the receipt, and the answers sealed for the sender', type: JSON_TYPE, schema: 'offered' } }, refuses: [400, 403, 404, 409, 410, 413, 421, 507],
    answer: async (door, c, body) => replied(await door.offered(named(c, 'agreement'), body)),
  },
]
