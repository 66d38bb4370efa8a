// Declarations are served to the agreement's parties only. A ticket is a line that a party signs with its message key; who has none gets
// the answer of a file that does not exist.
import { fromBase64 } from '@muster/core/bytes/bytes.ts'
import { isTime, secondsOf } from '@muster/core/bytes/time.ts'
import type { AgreementId } from '@muster/core/rules/agreement.ts'
import { isPartyId, type PartyId } from '@muster/core/rules/party.ts'
import { fit } from '@muster/core/bytes/shape.ts'
import { doubleSignature, failingSignature, type DoubleKeys } from '@muster/core/wire/double-signature.ts'
import { SECRETARIAT_TICKET_DOMAIN, secretariatTicketText, ticketText, type TellingOf } from '@muster/core/wire/ticket.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'

export const TICKET_SECONDS = 300
const HEADER_CHARACTERS_MAX = 200
/** An id, a time, and both signatures in base64. */
const SECRETARIAT_HEADER_CHARACTERS_MAX = 4_000

/** The party that signed the ticket; undefined for none, a wrong one or one out of its time. `keyOf`: a party's Ed25519 message key. */
export function ticketHolder(header: string | undefined, host: PartyId, agreement: AgreementId, at: number, keyOf: (party: PartyId) => Uint8Array | undefined): PartyId | undefined {
  if (header === undefined || header.length > HEADER_CHARACTERS_MAX) return undefined
  const [party, time, signature, more] = header.split(' ')
  const bytes = signature === undefined ? undefined : fromBase64(signature)
  if (more !== undefined || !isPartyId(party) || !isTime(time) || bytes === undefined) return undefined
  if (Math.abs(secondsOf(time) - at) > TICKET_SECONDS) return undefined
  const key = keyOf(party)
  return key !== undefined && p.ed25519Verify(key, ticketText(host, agreement, party, time), bytes) ? party : undefined
}

/** The secretariat that signed the ticket with both its keys; undefined as above. `keysOf`: those that the agreement names. */
export function secretariatHolder(header: string | undefined, { host, agreement, what }: { readonly host: PartyId, readonly agreement: AgreementId, readonly what: TellingOf }, at: number, keysOf: (id: string) => DoubleKeys | undefined): string | undefined {
  if (header === undefined || header.length > SECRETARIAT_HEADER_CHARACTERS_MAX) return undefined
  const [id = '', time, ed25519, mldsa44, more] = header.split(' ')
  const signature = fit(doubleSignature, { ed25519, mldsa44 })
  if (more !== undefined || !isTime(time) || 'misfit' in signature) return undefined
  if (Math.abs(secondsOf(time) - at) > TICKET_SECONDS) return undefined
  const keys = keysOf(id)
  return keys !== undefined && failingSignature(p, keys, SECRETARIAT_TICKET_DOMAIN, secretariatTicketText(host, agreement, id, what, time), signature.value) === undefined ? id : undefined
}
