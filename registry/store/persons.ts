// The people of a party who use its registry: who they are, what they may do, and by what they are known. Everything of a person is appended to one line of
// office acts and read as its fold; who left stays in it.
import { createHash, randomBytes, scrypt, timingSafeEqual, type BinaryLike, type ScryptOptions } from 'node:crypto'
import { promisify } from 'node:util'
import { Secret, TOTP } from 'otpauth'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { shaped } from '@muster/core/bytes/shaped-json.ts'
import { list, oneOf, text } from '@muster/core/bytes/shape.ts'
import { addSeconds, timeOf, type Time } from '@muster/core/bytes/time.ts'
import { PERSON_CHARACTERS_MAX } from '@muster/core/rules/custody-event.ts'
import { NAME_CHARACTERS_MAX } from '@muster/core/rules/place.ts'
import { ROLES, type Rights, type Role } from '@muster/core/rules/rights.ts'
import { samePerson, twoPeople } from '@muster/core/rules/two-people.ts'
import type { People } from '../said.ts'
import { beginOffice, followOffice, officeOf, officesOf, type OfficeAct, type OfficeAt, type PersonKind, type Said } from './office.ts'
import type { Register } from './register.ts'
import { derive } from './secrets.ts'

export type PersonCode = 'person/known' | 'person/unknown' | 'person/changed' | 'person/invitation' | 'person/exercise-only' | 'person/busy' | 'person/weak-password' | 'person/second-factor'

const PERSONS_MAX = 10_000
const CODE_BYTES = 32
export const INVITATION_HOURS = 72
const PASS_HOURS = 12
export const PASSWORD_CHARACTERS_MIN = 12
export const PASSWORD_CHARACTERS_MAX = 200
const SCOPE_MAX = 64
/** Memory of one try at a password: 128 MiB. The parameters are OWASP's for scrypt. */
const SCRYPT: ScryptOptions = { N: 131_072, r: 8, p: 1, maxmem: 192 * 1_048_576 }
const HASH_BYTES = 32
/** RFC 6238: six digits every thirty seconds, one step early or late. */
const STEP_SECONDS = 30
const STEPS_OFF = 1

const scrypted = promisify<BinaryLike, BinaryLike, number, ScryptOptions, Buffer>(scrypt)
/** Passwords that wait to be tried: one is tried at a time, so that a flood of them takes neither the memory nor the threads that the registry works with. */
const WAITING_MAX = 16
let waiting = 0
let turn: Promise<unknown> = Promise.resolve()

async function hashed(password: string, salt: Buffer): Promise<Buffer> {
  if (waiting >= WAITING_MAX) throw new Refusal<PersonCode>('person/busy', 'too many passwords are being tried: wait a moment')
  waiting += 1
  try {
    const own = turn.then(() => scrypted(password.normalize('NFC'), salt, HASH_BYTES, SCRYPT))
    turn = own.catch(() => undefined)
    return await own
  } finally {
    waiting -= 1
  }
}

const name = text(PERSON_CHARACTERS_MAX)
const parts = list(text(NAME_CHARACTERS_MAX), 0, SCOPE_MAX)
const roles = list(oneOf(...ROLES), 1, ROLES.length)

export interface Person {
  readonly id: string
  readonly person: string
  readonly rights: Rights
  readonly made: Time
  readonly madeBy: People
  readonly left: Time | null
  /** Whether the person can sign in: has a password and its second factor. */
  readonly enrolled: boolean
}

interface Known extends Person {
  readonly last: number
  readonly invitation: { readonly sha256: string, readonly until: Time } | undefined
  readonly password: { readonly salt: string, readonly hash: string, readonly factor: string } | undefined
}

const words = (said: string | undefined): string[] => JSON.parse(said ?? '[]') as string[]
const rightsSaid = ({ roles: given, scope }: Rights): Said => ({ roles: JSON.stringify(given), sites: JSON.stringify(scope.sites), units: JSON.stringify(scope.units) })
const rightsIn = (said: Said): Rights => ({ roles: words(said.roles) as Role[], scope: { sites: words(said.sites), units: words(said.units) } })

/** The fold of what was written of a person. An invitation ends with the next, with a password, and with its time. */
function personIn(acts: readonly OfficeAct[]): Known {
  const [made] = acts as [OfficeAct, ...OfficeAct[]]
  const latest = (...kinds: readonly string[]): OfficeAct | undefined => acts.findLast(({ kind }) => kinds.includes(kind))
  const [rights, opening, left, password] = [latest('person', 'rights') ?? made, latest('invited', 'password'), latest('left'), latest('password')]
  return {
    id: made.id, person: made.person, rights: rightsIn(rights.said), made: made.written, madeBy: { by: made.said.by ?? '', and: made.said.and ?? '' }, left: left?.written ?? null,
    enrolled: password !== undefined && left === undefined, last: acts.length - 1,
    invitation: opening?.kind === 'invited' ? { sha256: opening.said.sha256 ?? '', until: opening.said.until ?? '' } : undefined,
    password: password === undefined ? undefined : { salt: password.said.salt ?? '', hash: password.said.hash ?? '', factor: password.said.factor ?? '' },
  }
}

const shown = ({ id, person, rights, made, madeBy, left, enrolled }: Known): Person => ({ id, person, rights, made, madeBy, left, enrolled })

async function all(at: OfficeAt): Promise<Known[]> {
  return (await officesOf(at, 'person', { open: false, max: PERSONS_MAX })).map(personIn)
}

/** Everybody, those who left among them, by name. */
export async function persons(at: OfficeAt): Promise<Person[]> {
  return (await all(at)).map(shown).sort((a, b) => a.person < b.person ? -1 : 1)
}

/** The person of that name who has not left. */
async function named(at: OfficeAt, person: string): Promise<Known> {
  const found = (await all(at)).find((each) => each.left === null && samePerson(each.person, person))
  if (found === undefined) throw new Refusal<PersonCode>('person/unknown', `${person} is nobody who may use this registry: muster person new`, 'person')
  return found
}

/** What the person may do now; undefined for one who left. `id`: of a person. */
export async function rightsOf(at: OfficeAt, id: string): Promise<Rights | undefined> {
  const acts = await officeOf(at, id)
  const known = acts[0]?.kind === 'person' ? personIn(acts) : undefined
  return known === undefined || known.left !== null ? undefined : known.rights
}

/** The id of the person of that name who has not left. */
export async function personId(at: OfficeAt, person: string): Promise<string> {
  return (await named(at, person)).id
}

function demandRights({ roles: given, scope }: Rights): void {
  for (const fitted of [shaped('person', roles, given), shaped('person', parts, scope.sites), shaped('person', parts, scope.units)]) if (fitted instanceof Refusal) throw fitted
}

function demandTwo(act: string, { by, and }: People): void {
  const refused = twoPeople(act, by, and)
  if (refused !== undefined) throw refused
}

/** Names a person and what the person may do; two others decide it. */
export async function makePerson(at: OfficeAt, { person, rights }: { readonly person: string, readonly rights: Rights }, people: People, now: number): Promise<Person> {
  const fitted = shaped('person', name, person)
  if (fitted instanceof Refusal) throw fitted
  demandRights(rights)
  demandTwo('a new person', people)
  if ((await all(at)).some((each) => each.left === null && samePerson(each.person, person))) throw new Refusal<PersonCode>('person/known', `${person} is known already: muster person rights changes what they may do`, 'person')
  const id = await beginOffice(at, 'person', person, { by: people.by, and: people.and ?? '', ...rightsSaid(rights) }, now)
  return shown(personIn(await officeOf(at, id)))
}

async function follow(at: OfficeAt, { id, last, person }: Known, kind: PersonKind, by: string, said: Said, now: number): Promise<Person> {
  if (!await followOffice(at, id, last, kind, by, said, now)) throw new Refusal<PersonCode>('person/changed', `something was decided of ${person} at the same moment: look, and ask again`, 'person')
  return shown(personIn(await officeOf(at, id)))
}

/** Says anew what a person may do, in place of all that was said before. */
export async function changeRights(at: OfficeAt, { person, rights }: { readonly person: string, readonly rights: Rights }, people: People, now: number): Promise<Person> {
  demandRights(rights)
  demandTwo('a change of rights', people)
  return follow(at, await named(at, person), 'rights', people.by, { and: people.and ?? '', ...rightsSaid(rights) }, now)
}

/** The person leaves: every token and session opens nothing from this moment. One person suffices: it may be urgent. */
export async function leave(at: OfficeAt, person: string, by: string, now: number): Promise<Person> {
  return follow(at, await named(at, person), 'left', by, {}, now)
}

const sha256 = (code: string): string => createHash('sha256').update(code).digest('hex')
const sameHash = (code: string, hash: string | undefined): boolean => timingSafeEqual(Buffer.from(sha256(code)), Buffer.from(hash ?? sha256('')))

/** A code with which the person chooses a password, once and within three days; shown once. Two people: whoever has it can be this person. */
export async function invite(at: OfficeAt, person: string, people: People, now: number): Promise<{ readonly person: string, readonly code: string, readonly until: Time }> {
  demandTwo('an invitation', people)
  const known = await named(at, person)
  const code = `${known.id}.${randomBytes(CODE_BYTES).toString('base64url')}`
  const until = addSeconds(timeOf(now), INVITATION_HOURS * 3_600)
  await follow(at, known, 'invited', people.by, { and: people.and ?? '', sha256: sha256(code), until }, now)
  return { person: known.person, code, until }
}

/** On an exercise only: a code that lets whoever has it be this person for twelve hours, as often as they like, so that an exercise can be looked at from every side. */
export async function makePass(at: OfficeAt & Pick<Register, 'file'>, person: string, people: People, now: number): Promise<{ readonly person: string, readonly code: string, readonly until: Time }> {
  demandExercise(at)
  demandTwo('a pass', people)
  const known = await named(at, person)
  const code = `${known.id}.${randomBytes(CODE_BYTES).toString('base64url')}`
  const until = addSeconds(timeOf(now), PASS_HOURS * 3_600)
  await follow(at, known, 'pass', people.by, { and: people.and ?? '', sha256: sha256(code), until }, now)
  return { person: known.person, code, until }
}

function demandExercise({ file }: Pick<Register, 'file'>): void {
  if (!file.exercise) throw new Refusal<PersonCode>('person/exercise-only', 'a pass is for exercises: people of a real registry are invited (muster person invite)')
}

/** Whose pass it is, in force now; undefined for none. */
export async function passed(at: OfficeAt & Pick<Register, 'file'>, code: string, now: number): Promise<Person | undefined> {
  demandExercise(at)
  const acts = await officeOf(at, code.slice(0, code.indexOf('.')))
  const known = acts[0]?.kind === 'person' ? personIn(acts) : undefined
  const pass = acts.findLast(({ kind }) => kind === 'pass')
  return known !== undefined && known.left === null && pass !== undefined && (pass.said.until ?? '') > timeOf(now) && sameHash(code, pass.said.sha256) ? shown(known) : undefined
}

async function invited(at: OfficeAt, code: string, now: number): Promise<Known> {
  const acts = await officeOf(at, code.slice(0, code.indexOf('.')))
  const known = acts[0]?.kind === 'person' ? personIn(acts) : undefined
  const good = known?.invitation !== undefined && known.left === null && known.invitation.until > timeOf(now) && sameHash(code, known.invitation.sha256)
  if (!good) throw new Refusal<PersonCode>('person/invitation', 'the invitation is not in force: it was used, replaced, or has ended; have a new one made', 'code')
  return known
}

/** The second factor that belongs to an invitation: made from the register's key, so that the database alone gives none away. */
function factorOf({ secrets }: OfficeAt, factor: string): TOTP {
  return new TOTP({ secret: new Secret({ buffer: new Uint8Array(derive(secrets.person, 'totp\n', factor)).slice(0, 20).buffer }), period: STEP_SECONDS, digits: 6, algorithm: 'SHA1' })
}

/** Whom an invitation is for, and what an authenticator app takes. */
export async function openInvitation(at: OfficeAt, code: string, party: string, now: number): Promise<{ readonly person: string, readonly secret: string, readonly uri: string }> {
  const { person, invitation } = await invited(at, code, now)
  const { secret } = factorOf(at, invitation?.sha256 ?? '')
  return { person, secret: secret.base32, uri: new TOTP({ issuer: `Muster ${party}`, label: person, secret, period: STEP_SECONDS, digits: 6, algorithm: 'SHA1' }).toString() }
}

/** The step of a six-digit code that is right now; undefined for a wrong one. */
function stepOf(factor: TOTP, digits: string, now: number): number | undefined {
  const off = /^\d{6}$/.test(digits) ? factor.validate({ token: digits, timestamp: now * 1_000, window: STEPS_OFF }) : null
  return off === null ? undefined : Math.floor(now / STEP_SECONDS) + off
}

/** Uses an invitation up: the person has this password from now on, and the second factor of the invitation. */
export async function enrol(at: OfficeAt, { code, password, digits }: { readonly code: string, readonly password: string, readonly digits: string }, now: number): Promise<Person> {
  const known = await invited(at, code, now)
  const length = [...password].length
  if (length < PASSWORD_CHARACTERS_MIN || length > PASSWORD_CHARACTERS_MAX || samePerson(password, known.person) || new Set(password).size < 5) throw new Refusal<PersonCode>('person/weak-password', `a password has ${PASSWORD_CHARACTERS_MIN} to ${PASSWORD_CHARACTERS_MAX} characters, five of them different, and is not the name`, 'password')
  const factor = known.invitation?.sha256 ?? ''
  if (stepOf(factorOf(at, factor), digits, now) === undefined) throw new Refusal<PersonCode>('person/second-factor', 'the six digits are not those of this moment: look at the clock of the device', 'digits')
  const salt = randomBytes(16)
  const hash = await hashed(password, salt)
  return follow(at, known, 'password', known.person, { salt: salt.toString('hex'), hash: hash.toString('hex'), factor }, now)
}

const NOBODYS = { salt: '00'.repeat(16), hash: '00'.repeat(HASH_BYTES), factor: '' }

/** Who it is by password and six digits, and the step of the digits, which are good once; undefined where anything is wrong. A name that nobody has costs the same time. */
export async function recognise(at: OfficeAt, { person, password, digits }: { readonly person: string, readonly password: string, readonly digits: string }, now: number): Promise<{ readonly person: Person, readonly step: number } | undefined> {
  const known = (await all(at)).find((each) => each.left === null && samePerson(each.person, person))
  const { salt, hash, factor } = known?.password ?? NOBODYS
  const tried = await hashed(password, Buffer.from(salt, 'hex'))
  const right = timingSafeEqual(tried, Buffer.from(hash, 'hex'))
  const step = stepOf(factorOf(at, factor), digits, now)
  return known?.password !== undefined && right && step !== undefined ? { person: shown(known), step } : undefined
}
