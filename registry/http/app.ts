// What a registry answers over HTTP: the table of routes, with its limits. A fault is told without its inside.
import { Hono, type Context, type MiddlewareHandler } from 'hono'
import type { HttpBindings } from '@hono/node-server'
import { codeOf } from '../engine/fault.ts'
import type { Door } from './door.ts'
import { PARAMETERS, type Parameter, type Route } from './route.ts'
import { nothing, problem, ROUTES } from './routes.ts'
import { atDoor } from './status.ts'

/** A path of the table as Hono writes it. */
function pathOf({ path }: Route): string {
  return path.replace(/\{([a-z]+)\}/g, (_, name: Parameter) => {
    const parameter = PARAMETERS[name]
    return 'more' in parameter ? '*' : 'closed' in parameter ? `:${name}{${parameter.pattern}}` : `:${name}`
  })
}

/** A body that says it is of another type is not read. One that says nothing is taken for what it has to be. */
function typed({ type }: NonNullable<Route['takes']>): MiddlewareHandler {
  return async (c, next) => {
    const said = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
    return said === undefined || said === type ? next() : problem(atDoor('http/media-type', `a body here is ${type}`))
  }
}

/** The body as it comes from the socket: to make a stream of the web of it first costs a third of reading a message. Undefined where it is longer. */
async function bodyOf(c: Context<{ Bindings: HttpBindings }>, bytesMax: number): Promise<Uint8Array | undefined> {
  const { incoming } = c.env
  if (Number(incoming.headers['content-length'] ?? 0) > bytesMax) return undefined
  const parts: Buffer[] = []
  let length = 0
  for await (const part of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += part.length
    if (length > bytesMax) return undefined
    parts.push(part)
  }
  return parts.length === 1 ? new Uint8Array(parts[0] as Buffer) : new Uint8Array(Buffer.concat(parts, length))
}

export function app(door: Door): Hono<{ Bindings: HttpBindings }> {
  const hono = new Hono<{ Bindings: HttpBindings }>()
  for (const route of ROUTES) {
    const { takes, answer } = route
    const before = takes?.strict === true ? [typed(takes)] : []
    hono.on(route.method.toUpperCase(), [pathOf(route)], ...before, async (c: Context<{ Bindings: HttpBindings }>) => {
      const body = takes === undefined ? new Uint8Array(0) : await bodyOf(c, takes.bytesMax)
      return body === undefined ? problem(atDoor('http/too-long', `a body has at most ${takes?.bytesMax ?? 0} bytes`)) : answer(door, c, body)
    })
  }
  for (const path of new Set(ROUTES.map(pathOf))) {
    const allow = [...new Set(ROUTES.filter((route) => pathOf(route) === path).map(({ method }) => method.toUpperCase()))].join(', ')
    hono.all(path, () => problem(atDoor('http/method'), { allow }))
  }
  hono.notFound(nothing)
  hono.onError((error) => {
    // Who asks and leaves in the middle of a body is answered into the void, and nobody is told.
    if (codeOf(error) !== 'ECONNRESET') door.fault(error)
    return problem(atDoor('http/unavailable'))
  })
  return hono
}
