// What a verifier has to say against a file, in a form that machines and people can read.
import { Breach } from '../bytes/breach.ts'
import { Refusal } from '../bytes/refusal.ts'
import { OprfError } from '../oprf/oprf-error.ts'
import type { PartyId } from '../rules/party.ts'

export interface Finding { readonly code: string, readonly party: PartyId | null, readonly message: string }

/** Anything but a refusal, a breach or a failing evaluation is a bug, and is thrown on. */
export function findingOf(thrown: unknown, party: PartyId | null): Finding {
  if (thrown instanceof Refusal || thrown instanceof Breach || thrown instanceof OprfError) return { code: String(thrown.code), party, message: thrown.message }
  throw thrown
}
