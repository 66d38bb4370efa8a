// The acts of people in a reconciliation: proposed, accepted, declined. How many items passed is disclosed to one other party, and every question that follows
// is within what both then said: two people decide it, on either side.
import { randomBytes } from 'node:crypto'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf, type Time } from '@muster/core/bytes/time.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { twoPeople } from '@muster/core/rules/two-people.ts'
import type { Message } from '@muster/core/wire/message.ts'
import type { SaidBody } from '@muster/core/wire/said-body.ts'
import { demandBody, sayWith, type At, type People } from '../said.ts'
import { affairBy, ownTable, type ReconciliationCode } from './affair.ts'

const ID_BYTES = 16

function demandTwo({ by, and }: People): void {
  const refused = twoPeople('disclosure', by, and)
  if (refused !== undefined) throw refused
}

/** Proposes to one other party to reconcile what passed between the two by `asOf`. */
export async function proposeReconciliation(home: At, to: PartyId, { asOf, note }: { readonly asOf: Time, readonly note: string | null }, people: People, at: number): Promise<{ readonly id: string, readonly message: Message }> {
  demandTwo(people)
  const { joined: { agreement, trust }, register } = home
  if (!trust.parties.has(to) || to === register.file.party) throw new Refusal<ReconciliationCode>('reconciliation/no-party', `${to} is no other party of ${agreement.id}`, 'to')
  if (agreement.reconciliation === undefined) throw new Refusal<ReconciliationCode>('reconciliation/not-agreed', `the parties of ${agreement.id} have not agreed to reconcile in bulk`, 'agreement')
  if (asOf > timeOf(at)) throw new Refusal('reconciliation/shape', 'nothing has passed by a time to come', 'asOf')
  const id = randomBytes(ID_BYTES).toString('hex')
  const { binding } = await ownTable(home, id, to, asOf, timeOf(at))
  const [message] = await sayWith(home, [{ to, kind: 'reconciliation/propose', body: demandBody('reconciliation/propose', { reconciliation: id, asOf, binding, note }) }], people, at)
  return { id, message: message as Message }
}

/** Accepts what another party proposed, bound to the own table. */
export async function acceptReconciliation(home: At, id: string, people: People, at: number, other?: PartyId): Promise<Message> {
  demandTwo(people)
  const affair = await unanswered(home, id, other)
  const { binding } = await ownTable(home, affair.id, affair.with, affair.asOf, timeOf(at))
  const { message: { id: request } } = affair.proposal
  const [message] = await sayWith(home, [{ to: affair.with, kind: 'reconciliation/accept', body: demandBody('reconciliation/accept', { reconciliation: affair.id, request, binding }), about: request }], people, at)
  return message as Message
}

export async function declineReconciliation(home: At, id: string, { reason, note }: Pick<SaidBody<'reconciliation/decline'>, 'reason' | 'note'>, people: People, at: number, other?: PartyId): Promise<Message> {
  demandTwo(people)
  const affair = await unanswered(home, id, other)
  const { message: { id: request } } = affair.proposal
  const [message] = await sayWith(home, [{ to: affair.with, kind: 'reconciliation/decline', body: demandBody('reconciliation/decline', { reconciliation: affair.id, request, reason, note }), about: request }], people, at)
  return message as Message
}

async function unanswered(home: At, id: string, other?: PartyId) {
  const affair = await affairBy(home, id, other)
  if (affair.proposed || affair.accepted !== undefined || affair.declined !== undefined) throw new Refusal<ReconciliationCode>('reconciliation/answered', affair.proposed ? 'this party proposed it: the other accepts' : 'it was answered before', 'id')
  return affair
}
