// Vectors of the ticket that a registry asks for before it serves a declaration.
import { toBase64, utf8 } from '@muster/core/bytes/bytes.ts'
import { noble as p } from '@muster/core/bytes/noble.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { ticketText } from '@muster/core/wire/ticket.ts'
import type { AgreementId } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { AA, AGREEMENT, BB, CC, messageKeys, seeds } from './three-parties.ts'

/** `ed25519`: message keys by party, base64. `at`: the host's clock, POSIX seconds. `holder`: whom the header shows to be asking, null for nobody. */
export type TicketVector = { what: string, host: string, agreement: string, at: number, ed25519: Record<string, string>, header: string, holder: string | null }

const AT = 1_790_000_000
const KEYS = Object.fromEntries([AA, BB].map((party) => [party, messageKeys(party).ed25519]))

type Change = { readonly host?: PartyId, readonly agreement?: AgreementId, readonly party?: PartyId, readonly by?: PartyId, readonly time?: number }
function header({ host = AA, agreement = AGREEMENT, party = BB, by = party, time = AT }: Change): string {
  return `${party} ${timeOf(time)} ${toBase64(p.ed25519Sign(seeds(`${by} message`).ed25519, ticketText(host, agreement, party, timeOf(time))))}`
}

function vector(name: string, what: string, text: string, holder: PartyId | null): [string, TicketVector] {
  return [`http/${holder === null ? 'invalid' : 'valid'}/ticket-${name}`, { what, host: AA, agreement: AGREEMENT, at: AT, ed25519: KEYS, header: text, holder }]
}

export function ticketVectors(): [string, TicketVector][] {
  const bare = header({}).split(' ')
  const tampered = toBase64(p.ed25519Sign(seeds('BB message').ed25519, utf8('another text')))
  return [
    vector('of-a-party', 'a party of the agreement asks', header({}), BB),
    vector('at-the-edge', 'made three hundred seconds ago', header({ time: AT - 300 }), BB),
    vector('ahead-at-the-edge', 'by a clock that is three hundred seconds fast', header({ time: AT + 300 }), BB),
    vector('of-the-host', 'the host itself', header({ party: AA }), AA),
    vector('too-old', 'made three hundred and one seconds ago', header({ time: AT - 301 }), null),
    vector('too-early', 'three hundred and one seconds ahead', header({ time: AT + 301 }), null),
    vector('for-another-host', 'made for another registry', header({ host: CC }), null),
    vector('for-another-agreement', 'made under another agreement', header({ agreement: 'exercise-2' as AgreementId }), null),
    vector('of-a-stranger', 'of one who is no party', header({ party: CC }), null),
    vector('by-another-key', 'in the name of one party by the key of another', header({ party: BB, by: CC }), null),
    vector('time-moved', 'the time is not the signed one', [bare[0], timeOf(AT + 1), bare[2]].join(' '), null),
    vector('signature-of-something-else', 'a signature of another text', [bare[0], bare[1], tampered].join(' '), null),
    vector('more-words', 'a fourth word', `${header({})} x`, null),
    vector('empty', 'no words', '', null),
  ]
}
