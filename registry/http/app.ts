// What a registry answers over HTTP: the table of routes, with its limits. A fault is told without its inside.
import { Hono, type Context, type MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
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

const limited = (maxSize: number) => bodyLimit({ maxSize, onError: () => problem(atDoor('http/too-long', `a body has at most ${maxSize} bytes`)) })

/** A body that says it is of another type is not read. One that says nothing is taken for what it has to be. */
function typed({ type }: NonNullable<Route['takes']>): MiddlewareHandler {
  return async (c, next) => {
    const said = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
    return said === undefined || said === type ? next() : problem(atDoor('http/media-type', `a body here is ${type}`))
  }
}

async function bodyOf(c: Context): Promise<Uint8Array> {
  return new Uint8Array(await c.req.arrayBuffer())
}

export function app(door: Door): Hono {
  const hono = new Hono()
  for (const route of ROUTES) {
    const { takes, answer } = route
    const before = takes === undefined ? [] : [...(takes.strict === true ? [typed(takes)] : []), limited(takes.bytesMax)]
    hono.on(route.method.toUpperCase(), [pathOf(route)], ...before, async (c: Context) => answer(door, c, takes === undefined ? new Uint8Array(0) : await bodyOf(c)))
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
