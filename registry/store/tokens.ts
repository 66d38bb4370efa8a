// Tokens for the API: 32 random bytes, shown once to whoever made one and kept as SHA-256, each in the name of one person.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { shaped } from '@muster/core/bytes/shaped-json.ts'
import { text } from '@muster/core/bytes/shape.ts'
import { addSeconds, timeOf, type Time } from '@muster/core/bytes/time.ts'
import { PERSON_CHARACTERS_MAX } from '@muster/core/rules/custody-event.ts'
import type { Rights } from '@muster/core/rules/rights.ts'
import { beginOffice, endOffice, officeOf, officesOf, type OfficeAct, type OfficeAt } from './office.ts'
import { personId, rightsOf } from './persons.ts'

export type TokenCode = 'token/until' | 'token/too-many' | 'token/unknown' | 'token/revoked'

const SECRET_BYTES = 32
const DAY_SECONDS = 86_400
export const TOKEN_DAYS = 90
export const TOKEN_DAYS_MAX = 400
/** Live ones of a person. */
export const TOKENS_MAX = 16
const LISTED_MAX = 1_000
const ID_SHOWN_MIN = 8
/** The last symbol of the secret has two bits that are not used: they are zero. */
const TOKEN = /^muster-([0-9a-f]{32})-([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])$/

const personShape = text(PERSON_CHARACTERS_MAX)

export interface Token { readonly id: string, readonly person: string, readonly made: Time, readonly madeBy: string, readonly until: Time, readonly revoked: Time | null, readonly revokedBy: string | null }

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()

function tokenIn([made, ended]: readonly OfficeAct[]): Token {
  const { id, person, said, written } = made as OfficeAct
  return { id, person, made: written, madeBy: said.by ?? '', until: said.until ?? '', revoked: ended?.written ?? null, revokedBy: ended?.person ?? null }
}

const live = ({ until, revoked }: Token, at: Time): boolean => revoked === null && at < until

/** Makes a token for a person who may use the registry; `token` is shown once. Until `until`, or for 90 days. */
export async function makeToken(at: OfficeAt, { person, by, until }: { readonly person: string, readonly by: string, readonly until?: Time | undefined }, now: number): Promise<{ readonly id: string, readonly token: string, readonly until: Time }> {
  for (const name of [person, by]) {
    const fitted = shaped('token', personShape, name)
    if (fitted instanceof Refusal) throw fitted
  }
  const ends = until ?? addSeconds(timeOf(now), TOKEN_DAYS * DAY_SECONDS)
  if (ends <= timeOf(now) || ends > addSeconds(timeOf(now), TOKEN_DAYS_MAX * DAY_SECONDS)) throw new Refusal<TokenCode>('token/until', `a token ends after now and within ${TOKEN_DAYS_MAX} days`, 'until')
  const account = await personId(at, person)
  const held = await officesOf(at, 'token', { person, open: true, max: LISTED_MAX })
  if (held.filter((acts) => live(tokenIn(acts), timeOf(now))).length >= TOKENS_MAX) throw new Refusal<TokenCode>('token/too-many', `${person} has ${TOKENS_MAX} tokens that are in force: revoke one`, 'for')
  const secret = randomBytes(SECRET_BYTES)
  const id = await beginOffice(at, 'token', person, { account, by, until: ends, sha256: sha256(secret).toString('hex') }, now)
  return { id, token: `muster-${id.replaceAll('-', '')}-${secret.toString('base64url')}`, until: ends }
}

/** The newest tokens, without their secrets. */
export async function tokens(at: OfficeAt): Promise<Token[]> {
  return (await officesOf(at, 'token', { open: false, max: LISTED_MAX })).map(tokenIn)
}

/** Revokes the token whose id begins so; the next request under it is refused. */
export async function revokeToken(at: OfficeAt, named: string, by: string, now: number): Promise<Token> {
  const [only, ...more] = named.length < ID_SHOWN_MIN ? [] : (await tokens(at)).filter(({ id }) => id.startsWith(named))
  if (only === undefined || more.length > 0) throw new Refusal<TokenCode>('token/unknown', `${more.length === 0 ? 'no token begins' : 'several tokens begin'} with ${named}: muster token list`, 'id')
  if (!await endOffice(at, only.id, 'revoked', by, now)) throw new Refusal<TokenCode>('token/revoked', `the token of ${only.person} was revoked before`, 'id')
  return { ...only, revoked: timeOf(now), revokedBy: by }
}

/** Who asks: `token` is the id of the token, or of the session. */
export interface Bearer { readonly person: string, readonly token: string, readonly rights: Rights }

const NOBODYS = Buffer.alloc(32)

/** Whose token it is, in force now, with what the person may do now; undefined for none, a wrong one, one that ended or was revoked, and for one of somebody who left. Secrets are compared in constant time. */
export async function bearerOf(at: OfficeAt, header: string | undefined, now: number): Promise<Bearer | undefined> {
  const [, scheme = '', token = ''] = /^([A-Za-z]+) +(\S+)$/.exec(header ?? '') ?? []
  const [, id = '', secret = ''] = TOKEN.exec(token) ?? []
  if (scheme.toLowerCase() !== 'bearer' || id === '') return undefined
  const acts = await officeOf(at, id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'))
  const made = acts[0]?.kind === 'token' ? acts[0] : undefined
  const same = timingSafeEqual(sha256(Buffer.from(secret, 'base64url')), made === undefined ? NOBODYS : Buffer.from(made.said.sha256 ?? '', 'hex'))
  const rights = made !== undefined && same && live(tokenIn(acts), timeOf(now)) ? await rightsOf(at, made.said.account ?? '') : undefined
  return made === undefined || rights === undefined ? undefined : { person: made.person, token: made.id, rights }
}

/** What whoever asked under a token or in a session may do now; undefined where it was revoked since, or they left. To sign out takes nothing back. */
export async function askersRights(at: OfficeAt, token: string): Promise<Rights | undefined> {
  const acts = await officeOf(at, token)
  return acts.some(({ kind }) => kind === 'revoked') ? undefined : rightsOf(at, acts[0]?.said.account ?? '')
}
