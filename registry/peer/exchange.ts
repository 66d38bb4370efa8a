// One message out, its receipt and answers back, over plain HTTP with retry. What is sent was signed and stored before; what comes back is
// verified and stored before anybody acts on it.
import { fromUtf8 } from '@muster/core/bytes/bytes.ts'
import { canonical, parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { Breach } from '@muster/core/bytes/breach.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { AgreementId } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { ENVELOPE_BYTES_MAX, parseEnvelope, type Message } from '@muster/core/wire/message.ts'
import { FINAL_ANSWERS, type MessageKind } from '@muster/core/wire/message-kind.ts'
import { checkReceipt } from '@muster/core/wire/receipt.ts'
import { SAID_FAMILIES } from '@muster/core/wire/said-body.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import type { Joined } from '../store/agreements.ts'
import { receiveMessages } from '../store/messages.ts'
import type { Register } from '../store/register.ts'
import { ask, Unreachable, type Answer } from './client.ts'

/** What a question is answered with in the same exchange. */
const REPLIES: readonly MessageKind[] = Object.values(FINAL_ANSWERS).flat()

/** A receipt and a few answers, each an envelope. */
export const REPLY_BYTES_MAX = 4 * ENVELOPE_BYTES_MAX
const ANSWERS_MAX = 8

/** The receiver answered that it will not have the message: what it is, no second try changes. For whoever only wants an answer it is one that did not come. */
export class NotTaken extends Unreachable {
  readonly code: string
  constructor(url: string, status: number, code: string, message: string) {
    super(url, new Error(`status ${status}: ${message}`))
    this.name = 'NotTaken'
    this.code = code
  }
}

/**
 * Codes by which a door refuses a body for what it is. Whatever is about addresses, keys, versions or clocks is mended by people or by time, and is
 * tried again. A refusal is signed by nobody, so no message is given up for one: it stands aside until the registry is started anew.
 */
const REFUSES = new RegExp(`^(?!agreement/not-in-force$)(?:(?:${SAID_FAMILIES.join('|')})/[a-z-]+|(?:envelope|message)/too-long)$`)
const DETAIL_CHARACTERS_MAX = 300

/** What an answer other than 200 is to the sender. */
export function notTaken(url: string, status: number, body: Uint8Array): Unreachable {
  try {
    const json = parseJson(body, { bytes: REPLY_BYTES_MAX, depth: 2 })
    const { code, message } = (typeof json === 'object' && json !== null ? json : {}) as { readonly code?: Json, readonly message?: Json }
    if (typeof code === 'string' && REFUSES.test(code)) return new NotTaken(url, status, code, typeof message === 'string' ? message.slice(0, DETAIL_CHARACTERS_MAX) : code)
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
  }
  return new Unreachable(url, new Error(`status ${status}: ${(fromUtf8(body) ?? '').slice(0, DETAIL_CHARACTERS_MAX).trim()}`))
}

export interface Reply { readonly receipt: Message | undefined, readonly answers: readonly Message[] }

/** Sends a stored message. Throws Unreachable where no reply came, a Breach where what came back is forged. */
export async function deliver(register: Register, joined: Joined, message: Message, at: number, signal?: AbortSignal): Promise<Reply> {
  const { to } = message.payload
  const url = joined.urls.get(to)
  if (url === undefined) throw new Unreachable('http://unknown.invalid', new Error(`no address of ${to} is known`))
  const { status, body } = await postMessage(url, joined.agreement.id, message.envelope, signal)
  if (status !== 200) throw notTaken(url, status, body)
  return readReply(register, joined, message, parseJson(body, { bytes: REPLY_BYTES_MAX, depth: 64 }), at)
}

/** An envelope to the door of a registry; resolves to what the door says, whatever it is. */
export function postMessage(url: string, agreement: AgreementId, envelope: Uint8Array, signal?: AbortSignal): Promise<Answer> {
  return ask(`${url}/message/${agreement}`, { method: 'POST', body: envelope, headers: { 'content-type': 'application/json' }, bytesMax: REPLY_BYTES_MAX, signal })
}

export async function readReply(register: Register, joined: Joined, message: Message, json: Json, at: number): Promise<Reply> {
  const { to } = message.payload
  // Nobody signed this: it accuses nobody.
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new Unreachable(`http://${to.toLowerCase()}.invalid`, new Error('a reply is an object with receipt and answers'))
  const { receipt, answers } = json as { readonly receipt?: Json, readonly answers?: Json }
  const list = Array.isArray(answers) ? (answers as Json[]).slice(0, ANSWERS_MAX) : []
  const receipted = receipt === undefined || receipt === null ? undefined : open(joined, receipt, to, register.file.party)
  if (receipted !== undefined) {
    const wrong = checkReceipt(message, receipted)
    if (wrong !== undefined) throw wrong
  }
  const opened = list.map((each) => open(joined, each, to, register.file.party))
  // What is said by a notice of its own comes through the door, which holds it to what was asked; a reply has no such door.
  const stray = opened.find(({ payload: { kind } }) => !REPLIES.includes(kind))
  if (stray !== undefined) throw new Breach('reply/stray', `${to} replied with a ${stray.payload.kind}, which answers no question`, { envelope: stray.envelope })
  await receiveMessages(register, joined, [...(receipted === undefined ? [] : [receipted]), ...opened], message.id, at)
  return { receipt: receipted, answers: opened }
}

function open(joined: Joined, envelope: Json, from: PartyId, to: PartyId): Message {
  const message = parseEnvelope(p, Buffer.from(canonical(envelope)), joined.trust.messageKeys)
  if (message instanceof Error) throw message
  if (message.payload.from !== from || message.payload.to !== to) throw new Breach('reply/other-parties', `${from} replied with a message from ${message.payload.from} to ${message.payload.to}`, { envelope: message.envelope })
  return message
}
