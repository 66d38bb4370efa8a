// Silence by statements (DESIGN section 5, step 4): a party from which no receipt came is silent where a quorum of the agreement offered it the same
// sealed request in vain until its time to answer had run out. Otherwise it is unreachable, which accuses nobody.
import { Breach } from '../bytes/breach.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { shaped } from '../bytes/shaped-json.ts'
import { secondsOf, type Time } from '../bytes/time.ts'
import type { AgreementId } from '../rules/agreement.ts'
import type { PartyId } from '../rules/party.ts'
import { DELIVERY_BODY, type DeliveryBody, type Tried } from './delivery-body.ts'
import { openEnvelope, type Envelope, type MessageKeysOf, type Payload, type SignedPayload } from './message.ts'

export type DeliveryCode = 'delivery/other-kind' | 'delivery/other-request' | 'delivery/other-parties' | 'delivery/not-in-vain' | 'delivery/too-soon' | 'delivery/clock' | 'delivery/repeated'

/** A registry that was away for a moment is not silent: the tries of one party span this share of the time to answer. */
const SPAN_SHARE = 0.5

const IN_VAIN: readonly Tried[] = ['no-answer', 'turned-away', 'no-receipt']

/** What the statements have to be of: message `of` of `asker` to `party`, to be answered by `due`; `latest`: POSIX seconds after which nothing can have been said. */
export interface Awaited { readonly agreement: AgreementId, readonly of: string, readonly asker: PartyId, readonly party: PartyId, readonly due: Time, readonly answerSeconds: number, readonly latest: number }

/** Undefined where the statement shows that its sender offered the request in vain for long enough; else why it shows nothing. */
export function notInVain({ from, to, time }: Pick<Payload, 'from' | 'to' | 'time'>, body: DeliveryBody<'delivery/stated'>, { of, asker, party, due, answerSeconds, latest }: Awaited): Refusal<DeliveryCode> | undefined {
  const refuse = (code: DeliveryCode, message: string) => new Refusal(code, `statement of ${from}: ${message}`, 'statements')
  if (to !== asker || from === asker || from === party) return refuse('delivery/other-parties', `it is to be to ${asker}, by another party than ${asker} and ${party}`)
  if (body.of !== of || body.party !== party) return refuse('delivery/other-request', `it is of message ${body.of} to ${body.party}`)
  const reached = body.tries.find(({ how }) => !IN_VAIN.includes(how))
  if (reached !== undefined) return refuse('delivery/not-in-vain', `at ${reached.at} the request was ${reached.how}`)
  const [first, last] = [body.tries[0] as (typeof body.tries)[number], body.tries.at(-1) as (typeof body.tries)[number]]
  if (last.at < due) return refuse('delivery/too-soon', `it was last offered at ${last.at}, and there was time to answer until ${due}`)
  if (secondsOf(last.at) - secondsOf(first.at) < SPAN_SHARE * answerSeconds) return refuse('delivery/too-soon', `it was offered from ${first.at} to ${last.at} only`)
  if (time < last.at || secondsOf(time) > latest) return refuse('delivery/clock', `it is dated ${time}, and the last try was at ${last.at}`)
  return undefined
}

/** A message that is such a statement, both signatures verified. Throws a Refusal or Breach. */
function openStatement(p: Primitives, envelope: Envelope, agreement: AgreementId, keysOf: MessageKeysOf): { readonly message: SignedPayload, readonly body: DeliveryBody<'delivery/stated'> } {
  const message = openEnvelope(p, envelope, (from, under, time) => under === agreement ? keysOf(from, under, time) : undefined)
  if (message instanceof Refusal || message instanceof Breach) throw message
  const { payload } = message
  if (payload.kind !== 'delivery/stated') throw new Refusal<DeliveryCode>('delivery/other-kind', `a message of kind ${payload.kind} is no statement of delivery`, 'statements')
  const body = shaped('delivery', DELIVERY_BODY['delivery/stated'], payload.body)
  if (body instanceof Refusal) throw body
  return { message, body }
}

/**
 * The parties that offered it in vain. Throws where one statement is forged, of another request, not in vain, too soon, or a second one of its sender:
 * nothing stands in evidence that does not bear it.
 */
export function offeredInVain(p: Primitives, keysOf: MessageKeysOf, statements: readonly Envelope[], awaited: Awaited): ReadonlySet<PartyId> {
  const parties = new Set<PartyId>()
  for (const envelope of statements) {
    const { message: { payload }, body } = openStatement(p, envelope, awaited.agreement, keysOf)
    const wrong = notInVain(payload, body, awaited)
    if (wrong !== undefined) throw wrong
    if (parties.has(payload.from)) throw new Refusal<DeliveryCode>('delivery/repeated', `two statements of ${payload.from}: one party counts once`, 'statements')
    parties.add(payload.from)
  }
  return parties
}

/** Whether so many are a quorum with whoever waits, which counts once, as one that offered it itself; the party that is waited for never counts. */
export function areQuorum(parties: ReadonlySet<PartyId>, quorum: number): boolean {
  return parties.size + 1 >= quorum
}
