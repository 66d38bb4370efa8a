// What was said about calls under an agreement, read from the messages: they are the record, and nothing else is kept of a call.
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { toHex } from '@muster/core/bytes/bytes.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { callBody, type CallBody, type CallKind } from '@muster/core/wire/call-body.ts'
import { answeredBy } from '@muster/core/wire/message-kind.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { checkReceipt } from '@muster/core/wire/receipt.ts'
import type { Joined } from '../store/agreements.ts'
import { messagesById } from '../store/messages.ts'
import type { Register } from '../store/register.ts'

export type At = { readonly register: Register, readonly joined: Joined }
/** A message about a call with its body read. */
export interface Said<K extends CallKind> { readonly message: Message, readonly body: CallBody<K> }

export type CallCode = 'call/unknown' | 'call/no-party' | 'call/over'

interface Row { readonly sender: PartyId, readonly message_id: Buffer }

async function read<K extends CallKind>({ register, joined }: At, kind: K, rows: readonly Row[]): Promise<Said<K>[]> {
  const said: Said<K>[] = []
  for (const sender of new Set(rows.map((row) => row.sender))) {
    const messages = await messagesById(register, joined, sender, rows.filter((row) => row.sender === sender).map(({ message_id }) => toHex(message_id)))
    for (const message of messages) {
      const body = callBody(kind, message.payload.body)
      if (!(body instanceof Refusal)) said.push({ message, body })
    }
  }
  return said.sort((a, b) => a.message.payload.time < b.message.payload.time ? -1 : a.message.payload.time > b.message.payload.time ? 1 : a.message.payload.sequence - b.message.payload.sequence)
}

/** All of one kind that were sent (`out`) or received (`in`), oldest first. */
export async function saidOf<K extends CallKind>(at: At, kind: K, direction: 'out' | 'in'): Promise<Said<K>[]> {
  const rows = await at.register.db.read<Row>('SELECT sender, message_id FROM message WHERE agreement_id = $1 AND kind = $2 AND direction = $3', [at.joined.agreement.id, kind, direction])
  return read(at, kind, rows)
}

/** The receipts for these own messages, each by the party that the message went to, by the id of the message. */
export async function receiptsFor({ register, joined }: At, messages: readonly Message[]): Promise<ReadonlyMap<string, Message>> {
  const own = new Map(messages.map((message) => [message.id, message]))
  const rows = await register.db.read<Row>(
    "SELECT sender, message_id FROM message WHERE agreement_id = $1 AND kind = 'receipt' AND direction = 'in' AND about = ANY($2)", [joined.agreement.id, [...own.keys()].map((id) => Buffer.from(id, 'hex'))])
  const receipts = new Map<string, Message>()
  for (const sender of new Set(rows.map((row) => row.sender))) {
    for (const receipt of await messagesById(register, joined, sender, rows.filter((row) => row.sender === sender).map(({ message_id }) => toHex(message_id)))) {
      const message = own.get(answeredBy(receipt.payload) ?? '')
      // What another party says of a message that was not sent to it is no receipt.
      if (message !== undefined && checkReceipt(message, receipt) === undefined) receipts.set(message.id, receipt)
    }
  }
  return receipts
}

const ID_SHOWN_MIN = 8

/** The call that was received under an id, or the beginning of one. A caller that said it twice is answered on the newest. */
export async function receivedCall(at: At, id: string): Promise<Said<'call/issue'>> {
  return only(await saidOf(at, 'call/issue', 'in'), id)
}

/** The messages of an own call, one to each addressee. */
export async function issuedCall(at: At, id: string): Promise<Said<'call/issue'>[]> {
  const all = await saidOf(at, 'call/issue', 'out')
  const { body } = only(all, id)
  return all.filter((each) => each.body.call === body.call)
}

function only(said: readonly Said<'call/issue'>[], id: string): Said<'call/issue'> {
  const named = id.length >= ID_SHOWN_MIN ? said.filter(({ body }) => body.call.startsWith(id)) : []
  const last = named.at(-1)
  if (last === undefined || new Set(named.map(({ body }) => body.call)).size > 1) {
    throw new Refusal<CallCode>('call/unknown', `no one call begins with ${id}: ${ID_SHOWN_MIN} or more characters of its id, as muster call list has it`, 'id')
  }
  return last
}
