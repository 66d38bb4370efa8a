// POST /message/<agreement>: one envelope in, its receipt and the answers out. Crash order: the message is stored, then answered, then receipt
// and answers are stored in one transaction, and only then sent. A message seen again finds them, or takes the same road from where it
// broke off. Messages of one id come one after the other, so that nobody gets two answers to one question.
import { Breach } from '@muster/core/bytes/breach.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { checkDelivery, CLOCK_SKEW_SECONDS_MAX, ENVELOPE_BYTES_MAX, parseEnvelope, type Message } from '@muster/core/wire/message.ts'
import { FINAL_ANSWERS, type MessageKind } from '@muster/core/wire/message-kind.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { RECEIPT_OF_MAX, receiptBody } from '@muster/core/wire/receipt.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { Fault } from '../engine/fault.ts'
import { gather, type Gathered } from '../engine/gather.ts'
import { openTurns } from '../engine/turns.ts'
import type { Joined } from '../store/agreements.ts'
import { recordBreach } from '../store/breaches.ts'
import { messageById, messagesAbout, receiveMessages, writeMessages, type Saying } from '../store/messages.ts'
import type { Register } from '../store/register.ts'
import { replyTo, type Reply } from './status.ts'
import { verifyAhead } from './verify-ahead.ts'

export interface MessageHome {
  readonly register: Register
  readonly joined: Joined
  /** POSIX seconds. */
  readonly now: () => number
  /** Why a message is not stored, where its kind demands more than that it is signed. */
  readonly admit: (message: Message) => Promise<Refusal | undefined>
  /** What a stored message is answered with besides its receipt. */
  readonly answer: (message: Message, at: number) => Promise<readonly Saying[]>
  /** An exercise's silent party: it gives its receipt and says nothing else. */
  readonly mute?: boolean
  /** Hears of what the sender is not told. */
  readonly fault?: (error: unknown) => void
}

/** Messages of one transaction. */
const AT_ONCE_MAX = RECEIPT_OF_MAX

/** Kinds by which something is answered. Between a registry and itself its own later questions follow the same id and are none. */
const ANSWERS: readonly MessageKind[] = ['receipt', ...Object.values(FINAL_ANSWERS).flat()]

export type MessageRoute = (bytes: Uint8Array) => Promise<Reply>

/** The route of one agreement. Never rejects but for a bug; everything else is a status with a code. */
export function messageRoute(home: MessageHome): MessageRoute {
  const inTurn = openTurns()
  const store = storing(home)
  return async (bytes) => {
    try {
      const message = await arrived(home, bytes)
      return await inTurn(message.id, () => take(home, store, message))
    } catch (error) {
      const reply = replyTo(error)
      if (reply === undefined) throw error
      if (error instanceof Fault) home.fault?.(error)
      return reply
    }
  }
}

/** The envelope as a message to this party under this agreement, in time; one that was received in time stays so. */
async function arrived({ register, joined, now }: MessageHome, bytes: Uint8Array): Promise<Message> {
  if (bytes.length > ENVELOPE_BYTES_MAX) throw new Refusal('envelope/too-long', `an envelope has at most ${ENVELOPE_BYTES_MAX} bytes, this has ${bytes.length}: split the body`)
  await verifyAhead(joined.trust.messageKeys, bytes)
  const message = parseEnvelope(p, bytes, joined.trust.messageKeys)
  if (message instanceof Error) throw await supersededKey({ register, joined, now }, bytes) ?? message
  const at = now()
  const refused = checkDelivery(message, register.file.party, joined.agreement.id, { at: timeOf(at), latest: timeOf(at + CLOCK_SKEW_SECONDS_MAX) })
  if (refused === undefined) return message
  if (refused.code !== 'message/expired' || await messageById(register, joined, message.payload.from, message.id) === undefined) throw refused
  return message
}

/**
 * A message under a key that its sender's key record has replaced, dated when that was no longer in force, or under one that was compromised: kept as
 * evidence that somebody still has the key, and not taken.
 */
async function supersededKey({ register, joined, now }: Pick<MessageHome, 'register' | 'joined' | 'now'>, bytes: Uint8Array): Promise<Breach | undefined> {
  for (const { party, records } of joined.trust.parties.values()) {
    for (const { record } of records.slice(0, -1)) {
      const message = parseEnvelope(p, bytes, (from, agreement) => from === party && agreement === joined.agreement.id ? record.keys.message : undefined)
      if (message instanceof Error) continue
      const newest = (records.at(-1) as (typeof records)[number]).bytes
      const breach = new Breach('message/superseded-key', `a message of ${message.payload.time} is signed with the message key of ${party} that its key record has replaced`, { envelope: bytes, record: newest })
      await recordBreach(register, joined.agreement.id, party, breach, now())
      return breach
    }
  }
  return undefined
}

/** Messages of one sender that arrive at once are stored together, and so is what they are answered with: one receipt names them all. */
interface Storing { readonly received: Gathered<Message, 'new' | 'again'>, readonly written: Gathered<Told, Reply, PartyId> }

/** What a message is told: a receipt, where it has none yet, and answers. */
interface Told { readonly message: Message, readonly receipt: Message | undefined, readonly answers: readonly Saying[] }

function storing({ register, joined, now }: MessageHome): Storing {
  return {
    received: gather((_, messages: readonly Message[]) => receiveMessages(register, joined, messages, undefined, now()), AT_ONCE_MAX),
    written: gather(async (to: PartyId, told: readonly Told[]) => {
      const fresh = told.flatMap(({ message, receipt }) => receipt === undefined ? message : [])
      const receipts: Saying[] = fresh.length === 0 ? [] : [{ to, kind: 'receipt', body: receiptBody(...fresh) }]
      const written = await writeMessages(register, joined, [...receipts, ...told.flatMap(({ answers }) => answers)], now())
      const [given] = written.splice(0, receipts.length)
      return told.map(({ receipt, answers }) => reply(receipt ?? given, written.splice(0, answers.length)))
    }, AT_ONCE_MAX),
  }
}

async function take(home: MessageHome, store: Storing, message: Message): Promise<Reply> {
  const { register, joined } = home
  const { from } = message.payload
  const refused = await home.admit(message)
  if (refused !== undefined) throw refused
  let seen: 'new' | 'again'
  try {
    seen = await store.received.join(from, message)
  } catch (error) {
    // Both messages are signed by the sender: that is evidence, and it is kept before anybody is told.
    if (error instanceof Breach) await recordBreach(register, joined.agreement.id, from, error as Breach, home.now())
    throw error
  }
  // A receipt gets none: it says that the other side has what this one sent, and there is nothing to say to that.
  if (message.payload.kind === 'receipt') return reply(undefined, [])
  const said = seen === 'new' ? [] : await answeredBefore(home, message)
  const receipt = said.find(({ payload }) => payload.kind === 'receipt')
  const answers = said.filter(({ payload }) => payload.kind !== 'receipt')
  if (receipt !== undefined && answers.length > 0) return reply(receipt, answers)
  const at = home.now()
  const fresh = home.mute === true ? [] : await home.answer(message, at)
  return receipt !== undefined && fresh.length === 0 ? reply(receipt, []) : store.written.join(from, { message, receipt, answers: fresh })
}

/** Receipt and answers that were stored for a message. Only those of this sender: an id says nothing of who asks. */
async function answeredBefore({ register, joined }: MessageHome, message: Message): Promise<Message[]> {
  const said = await messagesAbout(register, joined, register.file.party, [message.id], 'out')
  return said.filter(({ payload }) => payload.to === message.payload.from && ANSWERS.includes(payload.kind))
}

/** Envelopes are in their canonical form, and so is what is made of them here. */
function reply(receipt: Message | undefined, answers: readonly Message[]): Reply {
  const text = ({ envelope }: Message): string => Buffer.from(envelope).toString()
  return { status: 200, body: `{"answers":[${answers.map(text).join(',')}],"receipt":${receipt === undefined ? 'null' : text(receipt)}}` }
}
