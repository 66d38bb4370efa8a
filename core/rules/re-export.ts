// Re-export (DOMAIN: what was bought under an undertaking goes on to a third state only with the recorded consent of where it came from). Pure; time
// is an argument.
import { canonical } from '../bytes/canonical.ts'
import { Refusal } from '../bytes/refusal.ts'
import type { Time } from '../bytes/time.ts'
import type { Identity } from './item.ts'
import type { PartyId } from './party.ts'

/** Why an origin does not consent, as a code that each side reads in its own language. */
export const RE_EXPORT_REFUSALS = ['end-user-not-accepted', 'embargo', 'diversion-feared', 'restricted-by-law', 'unspecified'] as const

/** What an origin consented to. `to`: the third party of the question that it answers. */
export interface Consent { readonly id: string, readonly to: PartyId, readonly until: Time, readonly items: readonly Identity[] }

export type ReExportCode = `re-export/${'no-consent' | 'other-party' | 'consent-expired' | 'consent-used' | 'not-bound' | 'no-items' | 'unknown' | 'over' | 'answered-already' | 'unnamed'}`

/** The consent by which an item goes to `to`; the refusal says how far the consents of its origin reach. `used`: whether this item has gone by that consent. */
export function consentFor(item: Identity, to: PartyId, consents: readonly Consent[], used: (consent: Consent) => boolean, at: Time): Consent | Refusal<ReExportCode> {
  const wanted = canonical(item)
  const named = consents.filter(({ items }) => items.some((each) => canonical(each) === wanted))
  if (named.length === 0) return new Refusal('re-export/no-consent', 'its origin has not consented to its re-export: ask it (muster re-export ask)', 'items')
  const there = named.filter((consent) => consent.to === to)
  if (there.length === 0) return new Refusal('re-export/other-party', `its origin consented to its re-export to ${named.map((consent) => consent.to).join(', ')}, and not to ${to}`, 'to')
  const inTime = there.filter(({ until }) => at <= until)
  if (inTime.length === 0) return new Refusal('re-export/consent-expired', `the consent of its origin was valid until ${there.map(({ until }) => until).sort().at(-1) ?? ''}`, 'items')
  return inTime.find((consent) => !used(consent)) ?? new Refusal('re-export/consent-used', 'it went by this consent before: each consent is for one re-export', 'items')
}
