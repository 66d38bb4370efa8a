// What whoever is not known yet may ask of the API: to take up an invitation, and to sign in. Each is asked by the console's own page and by none of another origin.
import type { Context } from 'hono'
import { generateCookie, getCookie } from 'hono/cookie'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { characters, object, text, time, pattern, type Shape, type Shaped } from '@muster/core/bytes/shape.ts'
import { shaped } from '@muster/core/bytes/shaped-json.ts'
import type { Json } from '@muster/core/bytes/canonical.ts'
import { PERSON_CHARACTERS_MAX } from '@muster/core/rules/custody-event.ts'
import type { Home } from '../home.ts'
import type { Reply } from '../http/status.ts'
import { enrol, openInvitation, PASSWORD_CHARACTERS_MAX } from '../store/persons.ts'
import { openTries, sessionOf, SESSION_HOURS, signIn, signInByPass, signOut, type Opened } from '../store/sessions.ts'
import type { Bearer } from '../store/tokens.ts'

export type SignInCode = 'api/not-known' | 'api/too-many-tries' | 'api/other-origin'

const digits = pattern(/^\d{6}$/, 'six digits')
const code = text(200)
const password = characters(1, PASSWORD_CHARACTERS_MAX)
const person = text(PERSON_CHARACTERS_MAX)

/** Asked by whoever is not known yet. */
export const SIGN_IN_PATHS: readonly string[] = ['/api/invitation', '/api/enrol', '/api/sign-in', '/api/pass']

/** What goes in and out here, as the document of the API has it. */
export const SIGN_IN_SHAPES = {
  'invitation-asked': object({ code }), 'invitation-answer': object({ person, secret: text(200), uri: text(1_000) }),
  'enrol-asked': object({ code, password, digits }), 'enrol-answer': object({ person }),
  'pass-asked': object({ code }), 'pass-answer': object({ person, until: time }),
  'sign-in-asked': object({ person, password, digits }), 'sign-in-answer': object({ person, until: time }),
} as const

/** Of one party: several consoles on one host, as in an exercise, keep their sessions apart. */
const cookieOf = ({ register }: Home): string => `muster-${register.file.party}`

/** No script reads it and no other site sends it; behind TLS it never goes without. */
function cookie(c: Context, home: Home, value: string, seconds: number): string {
  return generateCookie(cookieOf(home), value, { path: '/', httpOnly: true, sameSite: 'Strict', maxAge: seconds, secure: c.req.header('x-forwarded-proto') === 'https' })
}

/** Whose session the request comes in. */
export function signedIn(c: Context, home: Home): Promise<Bearer | undefined> {
  return sessionOf(home.register, getCookie(c, cookieOf(home)), home.now())
}

/** A browser says where what it posts comes from; what does not say it, or says another host, does not act by a cookie. */
export function otherOrigin(c: Context): Refusal<SignInCode> | undefined {
  const origin = c.req.header('origin')
  const own = origin !== undefined && URL.canParse(origin) && new URL(origin).host === c.req.header('host')
  return own ? undefined : new Refusal('api/other-origin', 'what a browser posts here comes from the console\'s own page', 'Origin')
}

function demandOwnOrigin(c: Context): void {
  const refused = otherOrigin(c)
  if (refused !== undefined) throw refused
}

/** `cookie`: of the session that begins or ends with it. */
export type SigningReply = Reply & { readonly cookie?: string }
type Answer = (body: Json, c: Context) => Promise<SigningReply>
type Posting = (path: string, answer: Answer) => void

const json = (value: unknown): Reply => ({ status: 200, body: JSON.stringify(value) })

function given<S extends Shape<unknown>>(shape: S, body: Json): Shaped<S> {
  const fitted = shaped('api', shape as Shape<Shaped<S>>, body)
  if (fitted instanceof Refusal) throw fitted as Refusal
  return fitted
}

const begun = (c: Context, home: Home, { person: name, until, cookie: value }: Opened): SigningReply => ({ ...json({ person: name, until }), cookie: cookie(c, home, value, SESSION_HOURS * 3_600) })

/** `post`: as the API posts, without a bearer. */
export function openSignIn(home: Home, post: Posting): void {
  const { register, now } = home
  const tries = openTries()
  post('/api/invitation', async (body, c) => {
    demandOwnOrigin(c)
    return json(await openInvitation(register, given(SIGN_IN_SHAPES['invitation-asked'], body).code, register.file.party, now()))
  })
  post('/api/enrol', async (body, c) => {
    demandOwnOrigin(c)
    const { person: name } = await enrol(register, given(SIGN_IN_SHAPES['enrol-asked'], body), now())
    return json({ person: name })
  })
  post('/api/sign-in', async (body, c) => {
    demandOwnOrigin(c)
    const asked = given(SIGN_IN_SHAPES['sign-in-asked'], body)
    if (tries.closed(asked.person, now())) throw new Refusal<SignInCode>('api/too-many-tries', 'too many wrong tries at this name: wait a quarter of an hour')
    tries.failed(asked.person, now())
    const opened = await signIn(register, asked, now())
    if (opened === undefined) throw new Refusal<SignInCode>('api/not-known', 'name, password and six digits do not go together, or the digits were used: wait for the next')
    tries.passed(asked.person)
    return begun(c, home, opened)
  })
  post('/api/pass', async (body, c) => {
    demandOwnOrigin(c)
    const opened = await signInByPass(register, given(SIGN_IN_SHAPES['pass-asked'], body).code, now())
    if (opened === undefined) throw new Refusal<SignInCode>('api/not-known', 'the pass is not in force: muster person pass makes one')
    return begun(c, home, opened)
  })
}

/** Ends the session of whoever asks; a token has none. */
export async function leaveSession(c: Context, home: Home, bearer: Bearer): Promise<SigningReply> {
  const left = await signedIn(c, home) !== undefined && await signOut(home.register, bearer, home.now())
  return { ...json({ left }), cookie: cookie(c, home, '', 0) }
}

