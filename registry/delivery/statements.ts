// What the others stated of a delivery: those that count towards silence, and the receipt and answers that one of them brought back.
import { fromBase64 } from '@muster/core/bytes/bytes.ts'
import { Breach } from '@muster/core/bytes/breach.ts'
import { canonicalBytes } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { Time } from '@muster/core/bytes/time.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { areQuorum, notInVain } from '@muster/core/wire/delivery.ts'
import { CLOCK_SKEW_SECONDS_MAX, parseEnvelope, type Envelope, type Message } from '@muster/core/wire/message.ts'
import { FINAL_ANSWERS, type MessageKind } from '@muster/core/wire/message-kind.ts'
import { checkReceipt } from '@muster/core/wire/receipt.ts'
import { saidBody } from '@muster/core/wire/said-body.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { openCourier } from '../peer/courier-file.ts'
import type { At } from '../said.ts'
import { recordBreach } from '../store/breaches.ts'
import { courierKeys } from '../store/keys.ts'
import { messageById, messagesAbout, receiveMessages } from '../store/messages.ts'
import { asksFor } from './ask.ts'

/** Statements that a message was offered in vain, one of each party, in the order in which the parties were asked. */
export async function inVain(home: At, message: Message, due: Time, at: number): Promise<Message[]> {
  const { register, joined } = home
  const { agreement } = joined
  const { from: asker, to: party } = message.payload
  const { answerSeconds } = agreement.deadlines
  const counting: Message[] = []
  for (const ask of await asksFor(home, message)) {
    const said = await messagesAbout(register, joined, ask.payload.to, [ask.id], 'in')
    const stated = said.find(({ payload }) => payload.kind === 'delivery/stated')
    const body = stated === undefined ? undefined : saidBody('delivery/stated', stated.payload.body)
    if (stated === undefined || body === undefined || body instanceof Refusal) continue
    if (notInVain(stated.payload, body, { agreement: agreement.id, of: message.id, asker, party, due, answerSeconds, latest: at + CLOCK_SKEW_SECONDS_MAX }) === undefined) counting.push(stated)
  }
  return counting
}

/** Whether a quorum of the agreement, this party once among them, offered it in vain. */
export function areEnough({ joined: { agreement } }: At, statements: readonly Message[]): boolean {
  return areQuorum(new Set(statements.map(({ payload }) => payload.from)), agreement.quorum)
}

const RETURNED: readonly MessageKind[] = ['receipt', ...Object.values(FINAL_ANSWERS).flat()]

/**
 * Takes what a helper brought back of a message: the receipt, and what the receiver sealed for this party. All of it is signed by the receiver, or it is
 * left; who carried it is trusted with nothing. What comes a second time changes nothing.
 */
export async function takeReturned({ register, joined }: At, stated: Message, at: number): Promise<void> {
  const body = saidBody('delivery/stated', stated.payload.body)
  if (body instanceof Refusal || body.receipt === null) return
  const message = await messageById(register, joined, register.file.party, body.of)
  if (message === undefined) return
  const courier = body.reply === null ? undefined : await openCourier(courierKeys(joined.keys), fromBase64(body.reply) as Uint8Array)
  const sealed = courier === undefined || courier instanceof Refusal ? [] : courier.messages
  const [receipt, ...rest] = [body.receipt, ...sealed].flatMap((each) => openedOf(joined, each, message.payload.to, register.file.party))
  if (receipt === undefined || checkReceipt(message, receipt) !== undefined) return
  const answers = rest.filter(({ id, payload }) => id !== receipt.id && payload.body.request === message.id)
  try {
    await receiveMessages(register, joined, [receipt, ...answers], message.id, at)
  } catch (error) {
    if (!(error instanceof Breach)) throw error
    await recordBreach(register, joined.agreement.id, message.payload.to, error as Breach, at)
  }
}

function openedOf(joined: At['joined'], envelope: Envelope, from: PartyId, to: PartyId): Message[] {
  const message = parseEnvelope(p, canonicalBytes(envelope), joined.trust.messageKeys)
  return message instanceof Error || message.payload.from !== from || message.payload.to !== to || message.payload.agreement !== joined.agreement.id || !RETURNED.includes(message.payload.kind) ? [] : [message]
}
