// What an act and a view of the API say of themselves. Commands and API call the same functions of the registry, so that neither can do what the other
// cannot, or do it otherwise.
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { hex, nullable, object, optional, pattern, text, type ObjectOf, type Shape } from '@muster/core/bytes/shape.ts'
import { agreementId, type AgreementId } from '@muster/core/rules/agreement.ts'
import { partyId, type PartyId } from '@muster/core/rules/party.ts'
import type { Scope } from '@muster/core/rules/rights.ts'
import type { Hall, Home } from '../home.ts'
import type { At, People } from '../said.ts'

export type ApiCode = 'api/agreement' | 'api/no-party' | 'api/query'

export const NOTE_CHARACTERS_MAX = 1_000

/** What an act is done in: an opened registry, and the hall of the agreement that was named. */
export interface Office { readonly home: Home, readonly hall: () => Hall, readonly at: () => At }

export interface Act {
  readonly family: string
  /** As the command is called. */
  readonly act: string
  readonly what: string
  readonly takes: Shape<unknown>
  readonly answers: Shape<unknown>
  /** Whether a second person has to approve it: always, never, where this member of the body is true, or as the body says otherwise. */
  readonly two: Two
  /** Throws where the body concerns what lies outside the scope of whoever asks or approves. */
  readonly within?: ((home: Home, body: unknown, scope: Scope) => Promise<void>) | undefined
  /** Times are given once, when the act is done. */
  readonly perform: (home: Home, body: unknown, people: People, now: number) => Promise<unknown>
}

type Two = boolean | { readonly where: string } | ((body: unknown) => boolean)

export function needsTwo({ two }: Act, body: unknown): boolean {
  if (typeof two === 'function') return two(body)
  return typeof two === 'boolean' ? two : (body as Readonly<Record<string, unknown>>)[two.where] === true
}

interface Told<B> { readonly what: string, readonly takes: Shape<B>, readonly answers: Shape<unknown>, readonly two?: Two, readonly within?: (home: Home, body: B, scope: Scope) => Promise<void> }

type Doing<B> = (office: Office, body: B, people: People, now: number) => Promise<unknown>

export function act<B extends { readonly agreement?: AgreementId | undefined }>(family: string, name: string, { what, takes, answers, two = false, within }: Told<B>, perform: Doing<B>): Act {
  return {
    family, act: name, what, takes, answers, two, within: within as Act['within'],
    perform: (home, body, people, now) => perform(officeIn(home, (body as B).agreement), body as B, people, now),
  }
}

/** The hall is looked for when it is asked for: a case belongs to none. */
export function officeIn(home: Home, agreement: AgreementId | undefined): Office {
  const hall = (): Hall => {
    const found = agreement === undefined ? (home.halls.size === 1 ? [...home.halls.values()][0] : undefined) : home.halls.get(agreement)
    if (found === undefined) throw new Refusal<ApiCode>('api/agreement', `name one joined agreement: ${[...home.halls.keys()].join(', ')}`, 'agreement')
    return found
  }
  return { home, hall, at: () => ({ register: home.register, joined: hall().joined }) }
}

type Members = Readonly<Record<string, Shape<unknown>>>

const ofAgreement = { agreement: optional(agreementId) } as const

/** A body with these members, and the agreement, which may be left out where one is joined. */
export function body<const M extends Members>(members: M): Shape<ObjectOf<M> & { readonly agreement?: AgreementId }> {
  return object({ ...ofAgreement, ...members }) as unknown as Shape<ObjectOf<M> & { readonly agreement?: AgreementId }>
}

/** The first characters of an id, as a list shows it, or all of it. */
export const idBegun = pattern(/^[0-9a-f]{8,32}$/, 'an id, or 8 or more characters of its beginning')
export const uuidBegun = pattern(/^[0-9a-f][0-9a-f-]{7,35}$/, 'an id, or 8 or more characters of its beginning')
export const note = optional(nullable(text(NOTE_CHARACTERS_MAX)))
/** The other side, where two used one id. */
export const of = optional(partyId)

/** A message that was signed. */
export const signed = object({ message: hex(32), kind: text(100), to: partyId })

export const told = ({ id, payload }: { readonly id: string, readonly payload: { readonly kind: string, readonly to: PartyId } }) => ({ message: id, kind: payload.kind, to: payload.to })

/** A party of the agreement. */
export function demandParty({ joined: { trust, agreement } }: Pick<Hall, 'joined'>, party: PartyId, at: string): PartyId {
  if (!trust.parties.has(party)) throw new Refusal<ApiCode>('api/no-party', `${party} is no party of ${agreement.id}`, at)
  return party
}

/** What can be looked at, as the command of the same name prints it with --json. */
export interface View {
  readonly family: string
  readonly view: string
  readonly what: string
  /** Whether the path goes on with an id. */
  readonly id: boolean
  /** Whether the query may, or must, name a party. */
  readonly of: 'may' | 'must' | null
  /** What the query may name besides, each with what it is; each may be there several times. */
  readonly asks: Readonly<Record<string, string>>
  readonly answers: Shape<unknown>
  readonly look: (office: Office, asked: Asked, now: number) => Promise<unknown>
}
export interface Asked { readonly id: string, readonly of: PartyId | undefined, readonly all: boolean, readonly limit: number, readonly scope: Scope, readonly asks: Readonly<Record<string, readonly string[]>> }

/** How often a query may name what a view asks for. */
export const ASKED_MAX = 200

export const badQuery = (name: string, expected: string): Refusal => new Refusal<ApiCode>('api/query', `${name}: expected ${expected}`, name)

/** What a query names once or not at all. */
export function askedOnce({ asks }: Asked, name: string): string | undefined {
  const given = asks[name] ?? []
  if (given.length > 1) throw badQuery(name, 'once')
  return given[0]
}
