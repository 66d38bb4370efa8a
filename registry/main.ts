// A party's registry: the one place that puts its parts together. It owns the clock and the sockets; what it calls takes time as an argument.
import { createHash } from 'node:crypto'
import { rm, readFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { serve as listen } from '@hono/node-server'
import { Breach } from '@muster/core/bytes/breach.ts'
import { parseDeclarationOrigin } from '@muster/core/proof/declaration-origin.ts'
import { formatSignatureLine, parseNote } from '@muster/core/proof/note.ts'
import { parseLogOrigin, isAgreementId, type AgreementId } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { fromBase64 } from '@muster/core/bytes/bytes.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { takeOffice } from './engine/lease.ts'
import { textOf } from './engine/fault.ts'
import { replaceFile } from './engine/replace.ts'
import { app, type Door } from './http/app.ts'
import { ticketHolder } from './http/ticket.ts'
import { newestDeclaration, storeRead } from './log/declare.ts'
import { declarationFolder, logFolder, type OwnLog } from './log/own-log.ts'
import { closePeriod } from './log/period.ts'
import { cosignDeclaration } from './log/reader.ts'
import { signLog, storeCosigned } from './log/sign.ts'
import { addCheckpoint, lastCosigned, parseSubmission, type WitnessAnswer } from './log/witness.ts'
import { Unreachable } from './peer/client.ts'
import { readBy, witnessed, type WitnessSizes } from './peer/cosigning.ts'
import { declarationCopy, openMirror, type Mirror } from './peer/mirror.ts'
import { joinedAgreement, joinedIds, type Joined } from './store/agreements.ts'
import { recordBreach } from './store/breaches.ts'
import { openRegister, type Register } from './store/register.ts'
import type { OpenOptions } from './store/open.ts'

const READ_MS_MAX = 110_000
const MILLISECONDS = 1000
export const SERVE_FILE = 'serve.json'

/** What a registry has under one agreement. */
export interface Hall {
  readonly joined: Joined
  readonly log: OwnLog
  readonly mirror: Mirror
  readonly sizes: WitnessSizes
}

export interface Home {
  readonly register: Register
  readonly halls: ReadonlyMap<AgreementId, Hall>
  /** POSIX seconds. */
  readonly now: () => number
  /** Hears what goes wrong where nobody waits for it. */
  readonly report: (what: string) => void
  readonly close: () => Promise<void>
}

export interface HomeOptions extends Omit<OpenOptions, 'create'> {
  readonly now?: () => number
  readonly report?: (what: string) => void
}

export function systemClock(): number {
  return Math.floor(Date.now() / MILLISECONDS)
}

function hallOf(register: Register, joined: Joined, now: () => number): Hall {
  const own = joined.trust.parties.get(register.file.party) as PartyTrust
  const log: OwnLog = {
    dataDir: register.dataDir, db: register.db, secrets: register.secrets, party: register.file.party, agreement: joined.agreement, keys: joined.keys, oprf: own.oprf,
  }
  return { joined, log, mirror: openMirror(register, joined, now), sizes: new Map() }
}

/** Opens a registry with all agreements that it has joined. Nothing is served or sequenced yet. */
export async function openHome(dataDir: string, { now = systemClock, report = () => undefined, ...options }: HomeOptions = {}): Promise<Home> {
  const register = await openRegister(dataDir, options)
  try {
    const halls = new Map<AgreementId, Hall>()
    for (const id of await joinedIds(register.db)) {
      const joined = await joinedAgreement(register, id)
      if (joined !== undefined) halls.set(id, hallOf(register, joined, now))
    }
    return { register, halls, now, report, close: () => register.close() }
  } catch (error) {
    await register.close()
    throw error
  }
}

/** Evidence is kept before anything else is done with it. */
async function keepBreach(home: Home, hall: Hall, party: string, error: unknown): Promise<void> {
  if (error instanceof Breach) await recordBreach(home.register, hall.joined.agreement.id, party, error as Breach, home.now())
}

/** One answer of the own witness. Calls for one origin come one after the other. */
const witnessTurns = new Map<string, Promise<unknown>>()
async function witness(home: Home, body: string): Promise<WitnessAnswer> {
  const submission = parseSubmission(body)
  if (submission === undefined) return { status: 400, body: 'the body is not a submission of tlog-witness\n' }
  const origin = submission.note.text.slice(0, submission.note.text.indexOf('\n'))
  const named = parseLogOrigin(origin)
  const hall = named === undefined ? undefined : home.halls.get(named.agreement)
  const trust = named === undefined ? undefined : hall?.joined.trust.parties.get(named.party)
  if (hall === undefined || trust === undefined) return { status: 404, body: 'unknown origin\n' }
  const key = `${home.register.dataDir} ${origin}`
  const before = witnessTurns.get(key) ?? Promise.resolve()
  const mine = before.then(() => addCheckpoint(hall.log, submission, () => trust, home.now(), (_, evidence) =>
    keepBreach(home, hall, trust.party, new Breach('witness/fork', `${trust.party} signed two checkpoints of one size`, evidence))))
  const settled = mine.catch(() => undefined)
  witnessTurns.set(key, settled)
  try {
    return await mine
  } finally {
    if (witnessTurns.get(key) === settled) witnessTurns.delete(key)
  }
}

/** Closes a period of one agreement's log, signs it and collects cosignatures; resolves to the checkpoint's note. */
export async function sequence(home: Home, hall: Hall): Promise<string> {
  await closePeriod(hall.log, home.now())
  return signAndCosign(home, hall)
}

/** Signs what is sequenced and collects cosignatures: the second half of a period, and the way to resume. */
export async function signAndCosign(home: Home, hall: Hall): Promise<string> {
  const { size, note } = await signLog(hall.log, home.now())
  if (size === 0) return note
  const cosigned = await witnessed(hall.joined, home.register.file.party, note, logFolder(hall.log), hall.sizes, async (body) => witness(home, body))
  if (cosigned !== note) await storeCosigned(hall.log, size, cosigned)
  return cosigned
}

/** Lets the readers of all parties read the newest own declaration, those that have not yet. True when all have. */
export async function collectReaders(home: Home, hall: Hall): Promise<boolean> {
  const newest = await newestDeclaration(hall.log)
  if (newest === undefined) return true
  const self = home.register.file.party
  const own = hall.joined.trust.parties.get(self) as PartyTrust
  const note = await readBy(hall.joined, self, newest.note, () => cosignDeclaration(hall.log, parseNote(newest.note), own, newest.head, home.now()))
  if (note !== newest.note) await storeRead(hall.log, newest, note)
  const held = new Set(parseNote(note).signatures.map(({ name }) => name))
  return hall.joined.trust.readers.every(({ name }) => held.has(name))
}

/** Follows the logs of all others and makes full copies of their newest declarations. */
export async function catchUp(home: Home, hall: Hall): Promise<void> {
  await Promise.all([...hall.joined.urls.keys()].filter((party) => party !== home.register.file.party).map(async (party) => {
    try {
      const { heads } = await hall.mirror.follow(party)
      const newest = heads.at(-1)
      if (newest !== undefined) await hall.mirror.declaration(party, newest.head)
    } catch (error) {
      await keepBreach(home, hall, party, error)
      if (!(error instanceof Unreachable)) home.report(`${party}: ${textOf(error)}`)
    }
  }))
}

/** Reads another's declaration in full and cosigns it. */
async function read(home: Home, body: string): Promise<WitnessAnswer | 'reading'> {
  const submission = parseSubmission(body)
  if (submission === undefined) return { status: 400, body: 'the body is not a submission of tlog-witness\n' }
  const origin = parseDeclarationOrigin(submission.note.text.slice(0, submission.note.text.indexOf('\n')))
  const named = origin === undefined ? undefined : parseLogOrigin(origin.logOrigin)
  const hall = named === undefined ? undefined : home.halls.get(named.agreement)
  const trust = named === undefined ? undefined : hall?.joined.trust.parties.get(named.party)
  if (origin === undefined || hall === undefined || trust === undefined) return { status: 404, body: 'unknown origin\n' }
  const reading = (async (): Promise<WitnessAnswer> => {
    try {
      const held = hall.mirror.known(trust.party)?.heads.find(({ head }) => head.hash === origin.headHash)
      const head = held ?? (await hall.mirror.follow(trust.party)).heads.find((each) => each.head.hash === origin.headHash)
      if (head === undefined) return { status: 422, body: 'the log does not hold this head\n' }
      await hall.mirror.declaration(trust.party, head.head)
      return { status: 200, body: formatSignatureLine(await cosignDeclaration(hall.log, submission.note, trust, head.head, home.now())) }
    } catch (error) {
      await keepBreach(home, hall, trust.party, error)
      if (error instanceof Breach) return { status: 422, body: `${error.message}\n` }
      if (error instanceof Unreachable) return { status: 422, body: 'the declaration could not be fetched\n' }
      throw error
    }
  })()
  return Promise.race([reading, sleep(READ_MS_MAX, 'reading' as const, { ref: false })])
}

export interface MessageDoor { (home: Home, hall: Hall, body: Uint8Array): Promise<{ readonly status: number, readonly body: string }> }

function doorOf(home: Home, message: MessageDoor): Door {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
  const self = home.register.file.party
  const hall = (agreement: string) => isAgreementId(agreement) ? home.halls.get(agreement) : undefined
  const holder = (at: Hall, ticket: string | undefined): PartyId | undefined => ticketHolder(ticket, self, at.joined.agreement.id, home.now(), (party) => {
    const key = at.joined.trust.parties.get(party)?.message.ed25519
    return key === undefined ? undefined : fromBase64(key)
  })
  const find = (originHash: string): { hall: Hall, party: PartyTrust, origin: string, head?: string } | undefined => {
    for (const each of home.halls.values()) {
      for (const party of each.joined.trust.parties.values()) {
        if (sha256(party.origin) === originHash) return { hall: each, party, origin: party.origin }
        for (const { head } of each.mirror.known(party.party)?.heads ?? []) {
          const origin = `${party.origin}/d/${head.hash}`
          if (sha256(origin) === originHash) return { hall: each, party, origin, head: head.hash }
        }
      }
    }
    return undefined
  }
  return {
    logFolder: (agreement) => {
      const found = hall(agreement)
      return found === undefined ? undefined : logFolder(found.log)
    },
    declarationFolder: (agreement, headHash, ticket) => {
      const found = hall(agreement)
      return found === undefined || holder(found, ticket) === undefined ? undefined : declarationFolder(found.log, headHash)
    },
    readerFolder: (originHash, ticket) => {
      const found = find(originHash)
      if (found?.head === undefined || holder(found.hall, ticket) === undefined) return undefined
      return declarationCopy(home.register.dataDir, found.hall.joined.agreement.id, found.party.party, found.head)
    },
    witness: (body) => witness(home, body),
    witnessed: async (originHash) => {
      const found = find(originHash)
      return found === undefined || found.head !== undefined ? undefined : (await lastCosigned(found.hall.log, 'witness', found.origin))?.note
    },
    reader: (body) => read(home, body),
    read: async (originHash) => {
      const found = find(originHash)
      return found?.head === undefined ? undefined : (await lastCosigned(found.hall.log, 'reader', found.origin))?.note
    },
    message: async (agreement, body) => {
      const found = hall(agreement)
      return found === undefined ? { status: 404, body: '{"code":"not-found"}' } : message(home, found, body)
    },
    health: () => ({ party: self, exercise: home.register.file.exercise }),
    fault: (error) => { home.report(textOf(error)) },
  }
}

export interface Serving { readonly url: string, readonly close: () => Promise<void> }

export interface ServeOptions {
  readonly port: number
  readonly host: string
  readonly message: MessageDoor
  /** Called once a period after the log was signed: sweeps and the like. */
  readonly everyPeriod?: (hall: Hall) => Promise<void>
}

/** Serves and sequences until closed. A second server or sequencer on the data directory is refused. */
export async function serveHome(home: Home, { port, host, message, everyPeriod }: ServeOptions): Promise<Serving> {
  const { dataDir } = home.register
  const offices = [await takeOffice(dataDir, 'serve')]
  const stopping = new AbortController()
  try {
    offices.push(await takeOffice(dataDir, 'sequencer'))
    const server = listen({ fetch: app(doorOf(home, message)).fetch, port, hostname: host, serverOptions: { requestTimeout: 120_000, headersTimeout: 15_000 } }) as Server
    await new Promise<void>((resolve, reject) => {
      server.once('listening', resolve)
      server.once('error', reject)
    })
    const url = `http://${host}:${(server.address() as AddressInfo).port}`
    await replaceFile(join(dataDir, SERVE_FILE), JSON.stringify({ pid: process.pid, url, started: home.now() }))
    const loops = [...home.halls.values()].flatMap((hall) => [periods(home, hall, stopping.signal, everyPeriod), following(home, hall, stopping.signal)])
    return {
      url,
      close: async () => {
        stopping.abort()
        await Promise.all(loops)
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
        await rm(join(dataDir, SERVE_FILE), { force: true })
        for (const office of offices.reverse()) office.release()
      },
    }
  } catch (error) {
    for (const office of offices.reverse()) office.release()
    throw error
  }
}

/** Where the registry of a data directory is served now; undefined where it is not. */
export async function servedAt(dataDir: string): Promise<string | undefined> {
  try {
    const { url } = JSON.parse(await readFile(join(dataDir, SERVE_FILE), 'utf8')) as { url: string }
    return url
  } catch {
    return undefined
  }
}

function untilNext(seconds: number): number {
  const now = Date.now() / MILLISECONDS
  return (Math.ceil((now + 0.05) / seconds) * seconds - now) * MILLISECONDS
}

/** At each multiple of the period a period is closed. What fails is told and tried again with the next one. */
async function periods(home: Home, hall: Hall, signal: AbortSignal, everyPeriod: ServeOptions['everyPeriod']): Promise<void> {
  await guarded(home, () => signAndCosign(home, hall))
  while (!signal.aborted) {
    await sleep(untilNext(hall.joined.agreement.periodSeconds), undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return
    await guarded(home, () => sequence(home, hall))
    if (everyPeriod !== undefined) await guarded(home, () => everyPeriod(hall))
  }
}

/** Readers and mirrors, as often as periods but never in their way. */
async function following(home: Home, hall: Hall, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await guarded(home, () => catchUp(home, hall))
    await guarded(home, () => collectReaders(home, hall))
    await sleep(hall.joined.agreement.periodSeconds * MILLISECONDS, undefined, { signal }).catch(() => undefined)
  }
}

async function guarded(home: Home, act: () => Promise<unknown>): Promise<void> {
  try {
    await act()
  } catch (error) {
    home.report(textOf(error))
  }
}
