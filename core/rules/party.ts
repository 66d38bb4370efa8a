// A party: a state, or an organisation, that runs a registry.
import { pattern, type Shape } from '../bytes/shape.ts'

declare const party: unique symbol
/** 2 to 16 capital letters and digits, a letter first; minted by `isPartyId` and `partyId` only. */
export type PartyId = string & { readonly [party]: true }

const PARTY_ID = /^[A-Z][A-Z0-9]{1,15}$/

export function isPartyId(value: unknown): value is PartyId {
  return typeof value === 'string' && PARTY_ID.test(value)
}

export const partyId = pattern(PARTY_ID, 'a party id: 2 to 16 of A-Z and 0-9, a letter first') as Shape<PartyId>
