// The ticket by which a party shows that it is one, where a file is for parties only (spec/http.md). One text, signed by the asker and
// checked by the host.
import { utf8 } from '../bytes/bytes.ts'
import type { Time } from '../bytes/time.ts'
import type { AgreementId } from '../rules/agreement.ts'
import type { PartyId } from '../rules/party.ts'

/** Name of the HTTP header that carries `<party> <time> <base64 of an Ed25519 signature>`. */
export const TICKET_HEADER = 'muster-ticket'

/** The bytes that are signed: who asks (`party`) whom (`host`), under which agreement, when. */
export function ticketText(host: PartyId, agreement: AgreementId, party: PartyId, time: Time): Uint8Array {
  return utf8(`muster/ticket/v1\n${host}\n${agreement}\n${party}\n${time}\n`)
}

export const SECRETARIAT_TICKET_DOMAIN = 'muster/secretariat-ticket/v1\n'
export const TOLD = ['calls', 'duties'] as const
export type TellingOf = (typeof TOLD)[number]

/** What a secretariat signs, under its domain and with both its keys: who asks whom for what, under which agreement, when. */
export function secretariatTicketText(host: PartyId, agreement: AgreementId, secretariat: string, what: TellingOf, time: Time): Uint8Array {
  return utf8(`${host}\n${agreement}\n${secretariat}\n${what}\n${time}\n`)
}
