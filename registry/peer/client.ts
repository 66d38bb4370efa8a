// Talking to another registry over HTTP: bounded answers, time-outs, a few retries with growing pauses. Transport is not trusted; whatever
// comes back is verified by who asked for it.
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import pRetry, { AbortError } from 'p-retry'
import { toBase64 } from '@muster/core/bytes/bytes.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { AgreementId } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { TICKET_HEADER, ticketText } from '@muster/core/wire/ticket.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { codeOf } from '../engine/fault.ts'

const REQUEST_MS_MAX = 30_000
const RETRIES = 2
const PAUSE_MS_MIN = 50

export interface Answer { readonly status: number, readonly body: Buffer }

/** What a party that could not be asked is told apart by. */
export class Unreachable extends Error {
  constructor(url: string, cause: unknown) {
    super(`${new URL(url).host} could not be reached: ${cause instanceof Error ? (cause.cause instanceof Error ? cause.cause.message : cause.message) : String(cause)}`)
    this.name = 'Unreachable'
  }
}

/** The whole body, or an error as soon as it is longer than it may be. */
async function bounded(response: IncomingMessage, host: string, bytesMax: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    length += part.length
    if (length > bytesMax) throw new AbortError(`the answer of ${host} is longer than ${bytesMax} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts, length)
}

const SCHEMES = { 'http:': { request: http.request, agent: new http.Agent({ keepAlive: true }) }, 'https:': { request: https.request, agent: new https.Agent({ keepAlive: true }) } } as const

/** Sends one request; resolves at the head of the answer. A connection that was kept, and that the server closed meanwhile, is replaced by a fresh one. */
function exchange(url: URL, asked: Ask, signal: AbortSignal, kept = true): Promise<IncomingMessage> {
  const { method = 'GET', body, headers = {} } = asked
  const { request, agent } = SCHEMES[url.protocol === 'https:' ? 'https:' : 'http:']
  return new Promise((resolve, reject) => {
    const asking = request(url, { method, agent: kept ? agent : false, headers, signal }, resolve)
    asking.once('error', (error) => {
      if (kept && asking.reusedSocket && codeOf(error) === 'ECONNRESET') exchange(url, asked, signal, false).then(resolve, reject)
      else reject(error)
    })
    asking.end(body)
  })
}

export interface Ask { readonly method?: 'GET' | 'POST', readonly body?: string | Uint8Array, readonly headers?: Readonly<Record<string, string>>, readonly bytesMax: number, readonly ms_max?: number, readonly retries?: number, readonly signal?: AbortSignal | undefined }

/** One exchange. Throws Unreachable when no answer came in time, after retries, or when `signal` ends it. A status of 3xx or 5xx counts as no answer. */
export async function ask(url: string, asked: Ask): Promise<Answer> {
  const { bytesMax, ms_max = REQUEST_MS_MAX, retries = RETRIES, signal } = asked
  const ending = signal === undefined ? [] : [signal]
  try {
    const to = new URL(url)
    return await pRetry(async () => {
      const response = await exchange(to, asked, AbortSignal.any([AbortSignal.timeout(ms_max), ...ending]))
      const { statusCode: status = 0 } = response
      const body = await bounded(response, to.host, bytesMax)
      if (status >= 500 || (status >= 300 && status < 400)) throw new Error(`status ${status}`)
      return { status, body }
    }, { retries, minTimeout: PAUSE_MS_MIN, factor: 3, randomize: true, ...(signal === undefined ? {} : { signal }) })
  } catch (error) {
    throw new Unreachable(url, error)
  }
}

/** The header by which a party shows that it is one, valid some minutes around `at` (POSIX seconds). */
export function ticketFor(seed: Uint8Array, party: PartyId, host: PartyId, agreement: AgreementId, at: number): Record<string, string> {
  const time = timeOf(at)
  return { [TICKET_HEADER]: `${party} ${time} ${toBase64(p.ed25519Sign(seed, ticketText(host, agreement, party, time)))}` }
}
