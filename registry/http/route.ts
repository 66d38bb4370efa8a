// What a route of a registry says of itself.
import type { Context } from 'hono'
import type { Door } from './door.ts'

/** What stands in a path; `more`: the rest of it, slashes and all. */
export const PARAMETERS = {
  agreement: { pattern: '[a-z0-9][a-z0-9-]{0,62}', what: 'id of an agreement' },
  head: { pattern: '[0-9a-f]{64}', closed: true, what: 'hash of a head' },
  origin: { pattern: '[0-9a-f]{64}', closed: true, what: 'SHA-256 of an origin' },
  message: { pattern: '[0-9a-f]{64}', closed: true, what: 'id of a message' },
  pack: { pattern: '(?:0|[1-9][0-9]{0,6})', closed: true, what: 'number of a pack' },
  file: { pattern: '.+', more: true, what: '`checkpoint`, `head.json` of a declaration, or a path of C2SP tlog-tiles, slashes and all' },
  name: { pattern: '.+', more: true, what: 'name of a format or kind of message, as /schema lists it' },
  code: { pattern: '.+', more: true, what: 'a code, such as `transfer/shape`' },
} as const satisfies Readonly<Record<string, { readonly pattern: string, readonly what: string, readonly closed?: true, readonly more?: true }>>
export type Parameter = keyof typeof PARAMETERS

/** `schema`: its name in openapi.ts; without one the body is text or bytes. */
export interface Answered { readonly what: string, readonly type: string, readonly schema?: string }

export interface Route {
  readonly method: 'get' | 'post'
  /** As OpenAPI writes it. */
  readonly path: string
  readonly what: string
  /** Shown to the holder of a ticket only. */
  readonly ticket?: true
  /** Shown to a secretariat that the agreement names, by a ticket of its own. */
  readonly secretariat?: true
  readonly takes?: { readonly type: string, readonly bytesMax: number, readonly schema?: string, readonly strict?: true }
  readonly answers: Readonly<Record<number, Answered>>
  /** Statuses that are problems. */
  readonly refuses: readonly number[]
  readonly answer: (door: Door, c: Context, body: Uint8Array) => Response | Promise<Response>
}
