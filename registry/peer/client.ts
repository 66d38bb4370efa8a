// Talking to another registry over HTTP: bounded answers, time-outs, a few retries with growing pauses. Transport is not trusted; whatever
// comes back is verified by who asked for it.
import pRetry, { AbortError } from 'p-retry'
import { toBase64 } from '@muster/core/bytes/bytes.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { AgreementId } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { TICKET_HEADER, ticketText } from '@muster/core/wire/ticket.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'

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

async function bounded(response: Response, bytesMax: number): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let length = 0
  const { body } = response
  if (body === null) return Buffer.alloc(0)
  for await (const part of body as unknown as AsyncIterable<Uint8Array>) {
    length += part.length
    if (length > bytesMax) {
      await body.cancel().catch(() => undefined)
      throw new AbortError(`the answer of ${new URL(response.url).host} is longer than ${bytesMax} bytes`)
    }
    parts.push(part)
  }
  return Buffer.concat(parts)
}

export interface Ask { readonly method?: 'GET' | 'POST', readonly body?: string | Uint8Array, readonly headers?: Readonly<Record<string, string>>, readonly bytesMax: number, readonly ms_max?: number, readonly retries?: number, readonly signal?: AbortSignal | undefined }

/** One exchange. Throws Unreachable when no answer came in time, after retries, or when `signal` ends it. A status of 5xx counts as no answer. */
export async function ask(url: string, { method = 'GET', body, headers = {}, bytesMax, ms_max = REQUEST_MS_MAX, retries = RETRIES, signal }: Ask): Promise<Answer> {
  const ending = signal === undefined ? [] : [signal]
  try {
    return await pRetry(async () => {
      const response = await fetch(url, { method, headers, redirect: 'error', signal: AbortSignal.any([AbortSignal.timeout(ms_max), ...ending]), ...(body === undefined ? {} : { body: typeof body === 'string' ? body : Buffer.from(body) }) })
      const bytes = await bounded(response, bytesMax)
      if (response.status >= 500) throw new Error(`status ${response.status}`)
      return { status: response.status, body: bytes }
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
