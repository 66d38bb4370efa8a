// What the door demands of what is said of a delivery: a helper offers for parties of the agreement only, so much and no more, and nothing twice; a
// statement answers what was asked of its sender.
import { fromBase64, toHex } from '@muster/core/bytes/bytes.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { DeliveryBody } from '@muster/core/wire/delivery-body.ts'
import { CLOCK_SKEW_SECONDS_MAX, type Message } from '@muster/core/wire/message.ts'
import { saidBody } from '@muster/core/wire/said-body.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import type { At } from '../said.ts'
import { messageById, messagesAbout, messagesById } from '../store/messages.ts'

export type DeliveryAdmitCode = 'delivery/not-another' | 'delivery/too-late' | 'delivery/again' | 'delivery/too-many' | 'delivery/unknown'

/** Of one asker within the time to answer: each is offered a few times to one other party. */
export const ASKS_MAX = 64

/** Undefined where it may be stored; of other kinds nothing is said here. */
export async function admitDelivery(home: At, message: Message, at: number): Promise<Refusal | undefined> {
  const { kind, from, body } = message.payload
  if (kind !== 'delivery/ask' && kind !== 'delivery/stated') return undefined
  if (await messageById(home.register, home.joined, from, message.id) !== undefined) return undefined
  const fitted = saidBody(kind, body)
  if (fitted instanceof Refusal) return fitted
  return kind === 'delivery/ask' ? admitAsk(home, message, fitted as DeliveryBody<'delivery/ask'>, at) : admitStated(home, message, fitted as DeliveryBody<'delivery/stated'>)
}

async function admitAsk({ register, joined }: At, { payload: { from } }: Message, { of, party, until }: DeliveryBody<'delivery/ask'>, at: number): Promise<Refusal | undefined> {
  const { agreement: { id, deadlines }, trust } = joined
  const refuse = (code: DeliveryAdmitCode, message: string, where: string) => new Refusal(code, message, where)
  if (!trust.parties.has(party) || party === from || party === register.file.party) return refuse('delivery/not-another', `${from} asks to offer to ${party}, which is no third party of ${id}`, 'body.party')
  const end = at + deadlines.answerSeconds + CLOCK_SKEW_SECONDS_MAX
  if (until > timeOf(end)) return refuse('delivery/too-late', `nothing is offered beyond the time to answer, ${deadlines.answerSeconds} seconds`, 'body.until')
  const rows = await register.db.read<{ message_id: Buffer }>("SELECT message_id FROM message WHERE agreement_id = $1 AND kind = 'delivery/ask' AND direction = 'in' AND sender = $2 AND stored >= $3",
    [id, from, timeOf(at - deadlines.answerSeconds - CLOCK_SKEW_SECONDS_MAX)])
  if (rows.length >= ASKS_MAX) return refuse('delivery/too-many', `${from} has asked for ${ASKS_MAX} offers within the time to answer: ask again later`, 'body')
  const asked = await messagesById(register, joined, from, rows.map(({ message_id }) => toHex(message_id)))
  return asked.some(({ payload }) => payload.body.of === of) ? refuse('delivery/again', `message ${of} is offered for ${from} already`, 'body.of') : undefined
}

async function admitStated({ register, joined }: At, { payload: { from } }: Message, { request, of, party, sealed }: DeliveryBody<'delivery/stated'>): Promise<Refusal | undefined> {
  const ask = await messageById(register, joined, register.file.party, request)
  const asked = ask?.payload.kind === 'delivery/ask' && ask.payload.to === from ? saidBody('delivery/ask', ask.payload.body) : undefined
  if (asked === undefined || asked instanceof Refusal || asked.of !== of || asked.party !== party || toHex(p.sha256(fromBase64(asked.sealed) as Uint8Array)) !== sealed) {
    return new Refusal<DeliveryAdmitCode>('delivery/unknown', `${from} states an offer that ${register.file.party} did not ask it for`, 'body.request')
  }
  const said = await messagesAbout(register, joined, from, [request], 'in')
  return said.some(({ payload }) => payload.kind === 'delivery/stated') ? new Refusal<DeliveryAdmitCode>('delivery/again', `${from} has stated what came of this offer`, 'body.request') : undefined
}
