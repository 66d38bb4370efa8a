// What a registry answers over HTTP. Every body has a bound, every path a closed form; a fault is told without its inside.
import { Hono, type Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { codeOf } from '../engine/fault.ts'
import { SEALED_BYTES_MAX } from '@muster/core/wire/delivery-body.ts'
import { TICKET_HEADER } from '@muster/core/wire/ticket.ts'
import { publishedFile, publishedPack, type PublishedFile } from './static.ts'

const SUBMISSION_BYTES_MAX = 1_048_576
const MESSAGE_BYTES_MAX = 2 * 1_048_576
const RETRY_SECONDS = 1

/** What a cosigner answers, as tlog-witness has it. */
export interface Cosigned { readonly status: number, readonly body: string }

export interface Door {
  /** Folder of the published log of an agreement; undefined where it was not joined. */
  logFolder(agreement: string): string | undefined
  /** Folder of a declaration for the holder of a ticket; undefined without one. */
  declarationFolder(agreement: string, headHash: string, ticket: string | undefined): string | undefined
  /** Folder of the own full copy of another's declaration, by the hash of its origin, for the holder of a ticket. */
  readerFolder(originHash: string, ticket: string | undefined): string | undefined
  witness(body: Uint8Array): Promise<Cosigned>
  /** The newest checkpoint cosigned as a witness for the origin of that hash. */
  witnessed(originHash: string): Promise<string | undefined>
  /** As witness; 'reading' while the full copy is still being made. */
  reader(body: Uint8Array): Promise<Cosigned | 'reading'>
  read(originHash: string): Promise<string | undefined>
  /** The proof of the own receipt for a message, for the party that sent it and holds a ticket; 'pending' until it is bound and signed. */
  proof(agreement: string, messageId: string, ticket: string | undefined): Promise<{ readonly json: string } | 'pending' | undefined>
  message(agreement: string, body: Uint8Array): Promise<{ readonly status: number, readonly body: string }>
  /** A sealed message that another party offers for its sender. */
  offered(agreement: string, body: Uint8Array): Promise<{ readonly status: number, readonly body: string }>
  health(): { readonly party: string, readonly exercise: boolean }
  /** Hears what went wrong inside. */
  fault(error: unknown): void
}

const text = (status: number, body: string, type = 'text/plain; charset=utf-8', more: Record<string, string> = {}) =>
  new Response(body, { status, headers: { 'content-type': type, 'x-content-type-options': 'nosniff', ...more } })
const nothing = () => text(404, 'not found\n')

async function file(folder: string | undefined, find: (folder: string) => Promise<PublishedFile | undefined>): Promise<Response> {
  const found = folder === undefined ? undefined : await find(folder)
  if (found === undefined) return nothing()
  return new Response(new Uint8Array(found.bytes), { headers: { 'content-type': found.type, 'cache-control': found.cache, 'x-content-type-options': 'nosniff' } })
}

function answered(answer: Cosigned | 'reading'): Response {
  if (answer === 'reading') return text(202, 'reading\n', undefined, { 'retry-after': String(RETRY_SECONDS) })
  return text(answer.status, answer.body, answer.status === 409 ? 'text/x.tlog.size' : undefined)
}

async function bodyOf(c: Context): Promise<Uint8Array> {
  return new Uint8Array(await c.req.arrayBuffer())
}

/** The file that the path names from its n-th part on. */
function at(c: Context, from: number): (folder: string) => Promise<PublishedFile | undefined> {
  return (folder) => publishedFile(folder, c.req.path.split('/').slice(from).join('/'))
}

export function app(door: Door): Hono {
  const hono = new Hono()
  const limited = (maxSize: number) => bodyLimit({ maxSize, onError: () => text(413, `a body has at most ${maxSize} bytes\n`) })
  const ticket = (c: Context) => c.req.header(TICKET_HEADER)
  const HASH = '[0-9a-f]{64}'
  hono.get('/health', (c) => c.json(door.health()))
  hono.get('/log/:agreement/*', (c) => file(door.logFolder(c.req.param('agreement')), at(c, 3)))
  hono.get(`/d/:agreement/:head{${HASH}}/pack/:n{0|[1-9][0-9]{0,6}}`, (c) =>
    file(door.declarationFolder(c.req.param('agreement'), c.req.param('head'), ticket(c)), (folder) => publishedPack(folder, Number(c.req.param('n')))))
  hono.get(`/d/:agreement/:head{${HASH}}/*`, (c) => file(door.declarationFolder(c.req.param('agreement'), c.req.param('head'), ticket(c)), at(c, 4)))
  hono.post('/witness/add-checkpoint', limited(SUBMISSION_BYTES_MAX), async (c) => answered(await door.witness(await bodyOf(c))))
  hono.get(`/witness/:origin{${HASH}}/checkpoint`, async (c) => {
    const note = await door.witnessed(c.req.param('origin'))
    return note === undefined ? nothing() : text(200, note)
  })
  hono.post('/reader/add-checkpoint', limited(SUBMISSION_BYTES_MAX), async (c) => answered(await door.reader(await bodyOf(c))))
  hono.get(`/reader/:origin{${HASH}}/checkpoint`, async (c) => {
    const note = door.readerFolder(c.req.param('origin'), ticket(c)) === undefined ? undefined : await door.read(c.req.param('origin'))
    return note === undefined ? nothing() : text(200, note)
  })
  hono.get(`/reader/:origin{${HASH}}/*`, (c) => file(door.readerFolder(c.req.param('origin'), ticket(c)), at(c, 3)))
  hono.get(`/proof/:agreement/:message{${HASH}}`, async (c) => {
    const proof = await door.proof(c.req.param('agreement'), c.req.param('message'), ticket(c))
    if (proof === 'pending') return text(202, '{"code":"proof/pending","message":"the receipt is bound with the next period: ask again after it"}', 'application/json', { 'retry-after': String(RETRY_SECONDS) })
    return proof === undefined ? nothing() : text(200, proof.json, 'application/json')
  })
  hono.post('/message/:agreement', limited(MESSAGE_BYTES_MAX), async (c) => {
    const { status, body } = await door.message(c.req.param('agreement'), await bodyOf(c))
    return text(status, body, 'application/json')
  })
  hono.post('/courier/:agreement', limited(SEALED_BYTES_MAX), async (c) => {
    const { status, body } = await door.offered(c.req.param('agreement'), await bodyOf(c))
    return text(status, body, 'application/json')
  })
  hono.notFound(nothing)
  hono.onError((error) => {
    // Who asks and leaves in the middle of a body is answered into the void, and nobody is told.
    if (codeOf(error) !== 'ECONNRESET') door.fault(error)
    return text(503, 'this registry cannot answer now: its operator finds the reason in its log\n')
  })
  return hono
}
