// What a person may not record alone of a transfer between states: what a notice, a certificate, a consent or a receipt goes with is recorded by the act
// that says it to the other party. Pure: the agreements that bind are arguments.
import { canonical } from '../bytes/canonical.ts'
import { Refusal } from '../bytes/refusal.ts'
import type { Time } from '../bytes/time.ts'
import type { CustodyEvent, CustodyRequest } from './custody-event.ts'
import { fieldForm } from './match-key.ts'
import type { PartyId } from './party.ts'
import type { Counterparty } from './place.ts'

export type ByHandCode = 'event/split-by-lot' | 'event/send-by-transfer' | 'event/receive-by-transfer' | 'event/receiver-unnamed'

/** Another party of an agreement in force, with the names by which a clerk may call it; `baseline`: what happened earlier is under no duty of it. */
export interface Partner { readonly party: PartyId, readonly names: readonly string[], readonly agreement: string, readonly baseline: Time, readonly certificates: boolean }

/** An act as it will count: the event itself, or what a correction puts in the place of another. */
export type Meant = Pick<CustodyRequest, 'kind' | 'happened' | 'documents' | 'data'>
type Sending = Extract<CustodyRequest, { readonly kind: 'dispatched' }>['data']
type Taking = Extract<CustodyRequest, { readonly kind: 'received' }>['data']

/** Who and what of an act of transfer, without the dates, documents and marks that a correction may mend. */
function sidesOf({ kind, data }: Meant): string {
  const { to = null, abroad = null, from = null, receipt = null } = data as Partial<Sending & Taking>
  return canonical({ kind, to, abroad, from, receipt })
}

/** Undefined where the request puts nothing new into force: a correction that takes back, or leaves both sides as they were. */
export function meantBy(events: readonly CustodyEvent[], request: CustodyRequest): Meant | undefined {
  if (request.kind !== 'corrected') return request
  const [corrected, instead] = [events[request.data.of], request.data.instead as Meant | undefined]
  return instead === undefined || (corrected !== undefined && sidesOf(corrected) === sidesOf(instead)) ? undefined : instead
}

/** The party that a counterparty is, by its id or under a name of it; undefined for anybody else. */
function partyMeant(who: Counterparty, partners: readonly Partner[]): PartyId | undefined {
  if (typeof who === 'string') return undefined
  if ('party' in who) return who.party
  const form = fieldForm(who.name)
  return form === undefined ? undefined : partners.find(({ party, names }) => [party, ...names].some((name) => fieldForm(name) === form))?.party
}

/** Where an act sends an item out of the party's hands: a party, nobody that is named, or undefined where it stays within. */
export function sentTo({ kind, data }: Meant, self: PartyId, partners: readonly Partner[]): PartyId | 'unnamed' | undefined {
  if (kind !== 'dispatched') return undefined
  const { to, abroad } = data as Sending
  const party = partyMeant(to, partners)
  if (party !== undefined) return party === self && !abroad ? undefined : party
  return abroad ? 'unnamed' : undefined
}

/** Refused where an act has a way of its own, always or under an agreement in force. */
export function refuseByHand(act: Meant, self: PartyId, partners: readonly Partner[]): Refusal<ByHandCode> | undefined {
  if (act.kind === 'lot-split') return new Refusal('event/split-by-lot', 'a split stands on both lots: muster lot split writes both', 'kind')
  const demanding = partners.filter(({ certificates, baseline }) => certificates && act.happened >= baseline)
  const to = sentTo(act, self, partners)
  const receiver = demanding.find(({ party }) => party === to)
  if (receiver !== undefined) return new Refusal('event/send-by-transfer', `${receiver.agreement} demands the certificate of ${receiver.party}: what goes there is sent with it, muster transfer send --of ${receiver.party} --certificate NUMBER`, 'data.to')
  if (to === 'unnamed' && demanding.length > 0 && typeof (act.data as Sending).to === 'string') return new Refusal('event/receiver-unnamed', `${demanding[0]?.agreement ?? ''} demands a certificate of its parties: say to whom this goes`, 'data.to')
  if (act.kind !== 'received' && act.kind !== 'imported') return undefined
  const { from, receipt } = act.data as Taking
  if (receipt !== undefined) return new Refusal('event/receive-by-transfer', 'a receipt is what a message of a transfer says: muster transfer receive, and at the sender muster transfer settle', 'data.receipt')
  const sender = demanding.find(({ party }) => party === partyMeant(from, partners))
  return sender === undefined || sender.party === self ? undefined
    : new Refusal('event/receive-by-transfer', `${sender.agreement} has items received from ${sender.party} by its list: muster transfer receive, and at the sender muster transfer settle`, 'data.from')
}
