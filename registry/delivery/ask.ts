// Whoever gets no receipt asks the other parties of the agreement to offer the message at the receiver's door (spec/delivery.md). They carry it sealed
// to the receiver's courier key, so that none of them learns what it says.
import { toBase64 } from '@muster/core/bytes/bytes.ts'
import { parseJson } from '@muster/core/bytes/canonical.ts'
import { timeOf, type Time } from '@muster/core/bytes/time.ts'
import { SEALED_BYTES_MAX } from '@muster/core/wire/delivery-body.ts'
import type { Envelope, Message } from '@muster/core/wire/message.ts'
import { sealCourier } from '../peer/courier-file.ts'
import { demandBody, type At } from '../said.ts'
import { messagesAbout, writeMessages, type Saying } from '../store/messages.ts'

/** Asks of this registry that a message be offered to its receiver, in the order in which they were signed. */
export async function asksFor({ register, joined }: At, message: Message): Promise<Message[]> {
  return (await messagesAbout(register, joined, register.file.party, [message.id], 'out')).filter(({ payload }) => payload.kind === 'delivery/ask')
}

/**
 * Asks every other party once to offer a message of this registry until it is due, and for no less than the time to answer. False where nobody can be
 * asked: the receiver has no courier key, there is no third party, or the message is longer than helpers carry.
 */
export async function askOthers(home: At, message: Message, due: Time, at: number): Promise<boolean> {
  const { register, joined: { agreement, trust } } = home
  if ((await asksFor(home, message)).length > 0) return true
  const { party: from } = register.file
  const { to } = message.payload
  const recipient = trust.parties.get(to)?.courier ?? null
  const others = [...trust.parties.keys()].filter((party) => party !== from && party !== to)
  if (recipient === null || others.length === 0 || to === from) return false
  const sealed = await sealCourier(recipient, { v: 'muster/courier/1', agreement: agreement.id, exercise: agreement.exercise, from, to, made: timeOf(at), messages: [parseJson(message.envelope) as Envelope] })
  if (sealed.length > SEALED_BYTES_MAX) return false
  const [answered, until] = [timeOf(at + agreement.deadlines.answerSeconds), due]
  const body = demandBody('delivery/ask', { of: message.id, party: to, until: answered > until ? answered : until, sealed: toBase64(sealed) })
  await writeMessages(register, home.joined, others.map((party): Saying => ({ to: party, kind: 'delivery/ask', body, about: message.id })), at)
  return true
}
