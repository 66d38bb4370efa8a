// Sessions of people in a browser: a cookie with 32 random bytes, kept as SHA-256. The id of a session is made of what opened it, so that six digits that were
// seen over a shoulder open no second one.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { addSeconds, timeOf, type Time } from '@muster/core/bytes/time.ts'
import { beginOnce, endOffice, officeOf, type OfficeAt } from './office.ts'
import { passed, recognise, rightsOf } from './persons.ts'
import type { Register } from './register.ts'
import type { Bearer } from './tokens.ts'

export const SESSION_HOURS = 12
const SECRET_BYTES = 32
const COOKIE = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([A-Za-z0-9_-]{43})$/
/** Wrong tries at one name within a quarter of an hour; then even the right password waits. */
export const TRIES_MAX = 5
export const TRIES_SECONDS = 900
const TRIED_NAMES_MAX = 10_000

export interface Opened { readonly cookie: string, readonly person: string, readonly until: Time }

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()
const uuidOf = (hash: Buffer): string => hash.toString('hex').slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

/** Counts wrong tries by name, in this process: after a restart it counts anew. */
export function openTries(): { readonly closed: (person: string, now: number) => boolean, readonly failed: (person: string, now: number) => void, readonly passed: (person: string) => void } {
  const tries = new Map<string, number[]>()
  const key = (person: string): string => person.trim().toLowerCase().slice(0, 200)
  const fresh = (person: string, now: number): number[] => (tries.get(key(person)) ?? []).filter((at) => at > now - TRIES_SECONDS)
  return {
    closed: (person, now) => fresh(person, now).length >= TRIES_MAX,
    failed: (person, now) => {
      const held = [...fresh(person, now), now]
      tries.delete(key(person))
      tries.set(key(person), held)
      for (const oldest of tries.keys()) {
        if (tries.size <= TRIED_NAMES_MAX) break
        tries.delete(oldest)
      }
    },
    passed: (person) => { tries.delete(key(person)) },
  }
}

/** Opens a session for whoever knows the password and the six digits; undefined where anything of it is wrong, or the digits were used. */
export async function signIn(at: OfficeAt, given: { readonly person: string, readonly password: string, readonly digits: string }, now: number): Promise<Opened | undefined> {
  const known = await recognise(at, given, now)
  if (known === undefined) return undefined
  return begin(at, known.person, `${known.person.id}\ndigits\n${known.step}`, now)
}

/** Opens a session for whoever has a pass of an exercise; undefined for a wrong one. */
export async function signInByPass(at: OfficeAt & Pick<Register, 'file'>, code: string, now: number): Promise<Opened | undefined> {
  const person = await passed(at, code, now)
  return person === undefined ? undefined : begin(at, person, randomBytes(SECRET_BYTES).toString('hex'), now)
}

/** `once`: what opens it, and opens no second one. */
async function begin(at: OfficeAt, { id: account, person }: { readonly id: string, readonly person: string }, once: string, now: number): Promise<Opened | undefined> {
  const id = uuidOf(sha256(`muster/session/v1\n${once}`))
  const secret = randomBytes(SECRET_BYTES).toString('base64url')
  const until = addSeconds(timeOf(now), SESSION_HOURS * 3_600)
  const begun = await beginOnce(at, id, 'session', person, { account, sha256: sha256(secret).toString('hex'), until }, now)
  return begun ? { cookie: `${id}.${secret}`, person, until } : undefined
}

const NOBODYS = Buffer.alloc(32)

/** Whose session the cookie is, in force now, with what the person may do now; undefined for none. */
export async function sessionOf(at: OfficeAt, cookie: string | undefined, now: number): Promise<Bearer | undefined> {
  const [, id = '', secret = ''] = COOKIE.exec(cookie ?? '') ?? []
  if (id === '') return undefined
  const [begun, ended] = await officeOf(at, id)
  const made = begun?.kind === 'session' ? begun : undefined
  const same = timingSafeEqual(sha256(secret), made === undefined ? NOBODYS : Buffer.from(made.said.sha256 ?? '', 'hex'))
  if (made === undefined || !same || ended !== undefined || (made.said.until ?? '') <= timeOf(now)) return undefined
  const rights = await rightsOf(at, made.said.account ?? '')
  return rights === undefined ? undefined : { person: made.person, token: made.id, rights }
}

/** Ends it, for every browser that has its cookie. */
export function signOut(at: OfficeAt, { token, person }: Bearer, now: number): Promise<boolean> {
  return endOffice(at, token, 'signed-out', person, now)
}
