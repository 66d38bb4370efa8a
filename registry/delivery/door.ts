// POST /courier/<agreement>: a sealed message that another party offers for its sender (spec/delivery.md). It is taken as if its sender had brought it. The
// receipt goes back in clear, so that whoever offers can see that it was given; the answers sealed to the sender, so that it cannot read them.
import { toBase64 } from '@muster/core/bytes/bytes.ts'
import { canonical, canonicalBytes, parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { Envelope } from '@muster/core/wire/message.ts'
import type { MessageDoor } from '../door.ts'
import type { Hall, Home } from '../home.ts'
import { replyTo, type Reply } from '../http/status.ts'
import { openCourier, sealCourier } from '../peer/courier-file.ts'
import { courierKeys } from '../store/keys.ts'
import { REPLY_BYTES_MAX } from '../peer/exchange.ts'

export type OfferedCode = 'courier/several' | 'courier/other-receiver'

/** Never rejects but for a bug or a fault of this machine. */
export async function takeOffered(home: Home, hall: Hall, bytes: Uint8Array, door: MessageDoor): Promise<Reply> {
  const { agreement, keys } = hall.joined
  const courier = await openCourier(courierKeys(keys), bytes)
  if (courier instanceof Refusal) return replyTo(courier) as Reply
  const [envelope, more] = courier.messages
  if (courier.to !== home.register.file.party || courier.agreement !== agreement.id || courier.exercise !== agreement.exercise) {
    return replyTo(new Refusal<OfferedCode>('courier/other-receiver', `this file is for ${courier.to} under ${courier.agreement}`, 'to')) as Reply
  }
  if (envelope === undefined || more !== undefined) return replyTo(new Refusal<OfferedCode>('courier/several', 'a file that another party offers holds one message', 'messages')) as Reply
  const { status, body } = await door(home, hall, canonicalBytes(envelope))
  if (status !== 200) return { status, body }
  const { receipt, answers } = parseJson(Buffer.from(body), { bytes: REPLY_BYTES_MAX, depth: 64 }) as { readonly receipt: Json, readonly answers: readonly Json[] }
  return { status, body: canonical({ receipt, reply: await sealedFor(home, hall, courier.from, answers as unknown as readonly Envelope[]) }) }
}

/** The answers as a file for the sender; null where there are none, or nothing can be sealed for it. */
async function sealedFor({ register, now }: Home, { joined: { agreement, trust } }: Hall, to: PartyId, messages: readonly Envelope[]): Promise<string | null> {
  const recipient = trust.parties.get(to)?.courier ?? null
  if (recipient === null || messages.length === 0 || to === register.file.party) return null
  return toBase64(await sealCourier(recipient, { v: 'muster/courier/1', agreement: agreement.id, exercise: agreement.exercise, from: register.file.party, to, made: timeOf(now()), messages: [...messages] }))
}
