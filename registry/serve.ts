// A registry that is served: its door on a socket, its periods at their minute, and a lane of its own for each other party, so that one that
// hangs holds up no other.
import { rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { serve as listen } from '@hono/node-server'
import { apiApp } from './api/app.ts'
import { openConsole } from './api/console.ts'
import type { Others } from './api/others.ts'
import { keepOffering } from './delivery/offer.ts'
import { doorOf, type MessageDoor } from './door.ts'
import { codeOf, Fault, textOf } from './engine/fault.ts'
import { takeOffice } from './engine/lease.ts'
import { replaceFile } from './engine/replace.ts'
import type { Hall, Home } from './home.ts'
import { app } from './http/app.ts'
import { keepDelivering } from './outbox.ts'
import { catchUpWith, collectForeign, collectReader, cosignedByAll, othersIn, sequence, signAndCosign } from './sequencing.ts'
import { SERVE_FILE } from './served.ts'

const MILLISECONDS = 1000
const HEADERS_MS_MAX = 15_000
const REQUEST_MS_MAX = 60_000
const CONNECTIONS_CHECK_MS = 5_000
/** Peers come again within a period, which may be short; a connection costs more than to keep it. */
const IDLE_CONNECTION_MS_MAX = 30_000
const CONNECTIONS_MAX = 1024
/** The first pause before something is tried again sooner than a period; it doubles. */
const AGAIN_MS_MIN = 500

export interface Serving { readonly url: string, /** Of the API, where it is served. */ readonly api: string | undefined, readonly close: () => Promise<void> }

export interface ServeOptions {
  readonly port: number
  readonly host: string
  readonly message: MessageDoor
  /** Called once a period after the log was signed: sweeps and the like. */
  readonly everyPeriod?: (hall: Hall) => Promise<void>
  /** The API for the own people, on a listener of its own: the other door faces other parties. */
  readonly api?: (Listener & { /** Folder of the console's files, served beside the API. */ readonly console?: string | undefined, /** Of an exercise: where the others are looked at. */ readonly others?: Others }) | undefined
}

interface Listener { readonly port: number, readonly host: string }

async function listening({ fetch }: Pick<ReturnType<typeof app>, 'fetch'>, { port, host }: Listener, option: string): Promise<Server> {
  const server = listen({
    fetch, port, hostname: host,
    serverOptions: { requestTimeout: REQUEST_MS_MAX, headersTimeout: HEADERS_MS_MAX, connectionsCheckingInterval: CONNECTIONS_CHECK_MS, keepAliveTimeout: IDLE_CONNECTION_MS_MAX },
  }) as Server
  server.maxConnections = CONNECTIONS_MAX
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve)
    server.once('error', (error) => {
      reject(codeOf(error) === 'EADDRINUSE' ? new Fault('port-taken', `another program listens on ${host}:${port}: stop it, or serve on another port with ${option}.`, error) : error)
    })
  })
  return server
}

/** Serves and sequences until closed. A second server or sequencer on the data directory is refused. */
export async function serveHome(home: Home, options: ServeOptions): Promise<Serving> {
  const { dataDir } = home.register
  const undo: (() => Promise<unknown> | void)[] = []
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    for (const name of ['serve', 'sequencer'] as const) {
      const office = await takeOffice(dataDir, name)
      undo.push(office.release)
    }
    const opened = async (...[hono, listener, option]: Parameters<typeof listening>): Promise<string> => {
      const server = await listening(hono, listener, option)
      undo.push(() => {
        server.closeAllConnections()
        return new Promise((resolve) => server.close(resolve))
      })
      return `http://${listener.host}:${(server.address() as AddressInfo).port}`
    }
    const url = await opened(app(doorOf(home, options.message)), options, '--port')
    const api = options.api === undefined ? undefined : await opened(apiApp(home, { console: options.api.console === undefined ? undefined : await openConsole(options.api.console), others: options.api.others ?? [] }), options.api, '--api')
    await replaceFile(join(dataDir, SERVE_FILE), JSON.stringify({ pid: process.pid, url, started: home.now() }))
    undo.push(() => rm(join(dataDir, SERVE_FILE), { force: true }))
    const { signal } = home.leaving
    const loops = [...home.halls.values()].flatMap((hall) => [
      periods(home, hall, signal, options.everyPeriod), keepDelivering(home, hall, options.message, signal), keepOffering(home, hall, signal),
      lane(home, hall, signal, () => collectForeign(home, hall)),
      lane(home, hall, signal, () => collectReader(home, hall, home.register.file.party)),
      ...othersIn(home, hall).flatMap((party) => [
        lane(home, hall, signal, () => catchUpWith(home, hall, party)), lane(home, hall, signal, () => collectReader(home, hall, party)),
      ]),
    ])
    undo.push(() => {
      home.leaving.abort()
      return Promise.all(loops)
    })
    return { url, api, close }
  } catch (error) {
    await close()
    throw error
  }
}

function untilNext(seconds: number): number {
  const now = Date.now() / MILLISECONDS
  return (Math.ceil((now + 0.05) / seconds) * seconds - now) * MILLISECONDS
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}

/** Signs the log and has it cosigned. False where a witness has not: it is away, or not up yet. What fails is told, and tried again with the next period. */
async function round(home: Home, hall: Hall, act: typeof sequence): Promise<boolean> {
  let done = true
  await guarded(home, async () => { done = cosignedByAll(hall, await act(home, hall)) })
  return done
}

/** At each multiple of the period a period is closed. Witnesses that have not cosigned are asked again sooner. */
async function periods(home: Home, hall: Hall, signal: AbortSignal, everyPeriod: ServeOptions['everyPeriod']): Promise<void> {
  const { periodSeconds } = hall.joined.agreement
  for (let act = signAndCosign; !signal.aborted; act = sequence) {
    let done = await round(home, hall, act)
    if (act === sequence && everyPeriod !== undefined) await guarded(home, () => everyPeriod(hall))
    for (let again = AGAIN_MS_MIN; !done && again < untilNext(periodSeconds) && !signal.aborted; again *= 2) {
      await pause(again, signal)
      done = await round(home, hall, signAndCosign)
    }
    await pause(untilNext(periodSeconds), signal)
  }
}

/**
 * Something done as often as periods, but never in their way, nor in that of another lane. Resolves to false where it has to be tried again
 * sooner: somebody is away or still reading.
 */
async function lane(home: Home, hall: Hall, signal: AbortSignal, act: () => Promise<boolean>): Promise<void> {
  const period = hall.joined.agreement.periodSeconds * MILLISECONDS
  let again = AGAIN_MS_MIN
  while (!signal.aborted) {
    let done = false
    await guarded(home, async () => { done = await act() })
    await pause(done ? period : Math.min(period, again), signal)
    again = done ? AGAIN_MS_MIN : 2 * again
  }
}

async function guarded(home: Home, act: () => Promise<unknown>): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!home.leaving.signal.aborted) home.report(textOf(error))
  }
}
