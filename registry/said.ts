// What was said under an agreement by notices of their own, read from the messages: they are the record, and nothing else is kept of an affair.
import { toHex } from '@muster/core/bytes/bytes.ts'
import { canonical, type Json } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { checkReceipt, receiptedBy } from '@muster/core/wire/receipt.ts'
import { saidBody, type SaidBody, type SaidKind } from '@muster/core/wire/said-body.ts'
import type { Joined } from './store/agreements.ts'
import { recordAct } from './store/acts-once.ts'
import type { Transaction } from './store/database.ts'
import { messagesById, writeWith, type Saying } from './store/messages.ts'
import { receiptsNaming } from './store/receipts.ts'
import type { Register } from './store/register.ts'

export type At = { readonly register: Register, readonly joined: Joined }
/** A message with its body read. */
export interface Said<K extends SaidKind> { readonly message: Message, readonly body: SaidBody<K> }
export interface People { readonly by: string, readonly and: string | null }

/** A body to be said, in its shape. Throws a Refusal that names the member. */
export function demandBody<K extends SaidKind>(kind: K, body: SaidBody<K>): { readonly [name: string]: Json } {
  const fitted = saidBody(kind, body)
  if (fitted instanceof Refusal) throw fitted
  return fitted
}

/** Says it with the names of who did: they are kept here, bound in the log beside the messages, and go to no other party. */
export function sayWith({ register, joined }: At, sayings: readonly Saying[], { by, and }: People, at: number): Promise<readonly Message[]> {
  return writeWith(register, joined, sayings, at, async (tx, messages) => {
    await recordPeople(tx, { register, joined }, messages, { by, and }, at)
    return messages
  })
}

/** Within the transaction that writes the messages. */
export async function recordPeople(tx: Transaction, { register, joined }: At, messages: readonly Message[], { by, and }: People, at: number): Promise<void> {
  const [first] = messages
  if (first !== undefined) await recordAct(tx, register.secrets, [first.payload.kind, joined.agreement.id, first.id], canonical({ by, and }), at)
}

interface Row { readonly sender: PartyId, readonly message_id: Buffer }

/** An affair whose words are few among many: the member of a body that names it, and how its id begins. */
export interface Affairs { readonly member: 'inspection' | 'reconciliation', readonly begins: string }

/** Of which affair a message is, once it was read: its id is of its bytes, so that never changes, and what is of others is not read again. */
const affairOf = new Map<string, string>()
const AFFAIRS_KEPT_MAX = 100_000

function isOther(id: string, of: Affairs | undefined): boolean {
  const known = of === undefined ? undefined : affairOf.get(id)
  return of !== undefined && known !== undefined && !known.startsWith(of.begins)
}

function keepAffair({ id, payload }: Message, { member }: Affairs): void {
  const affair = payload.body[member]
  if (typeof affair !== 'string' || affairOf.size >= AFFAIRS_KEPT_MAX) return
  affairOf.set(id, affair)
}

/** All of one kind that were sent (`out`) or received (`in`), or those of some affairs only; oldest first. */
export async function saidOf<K extends SaidKind>({ register, joined }: At, kind: K, direction: 'out' | 'in', of?: Affairs): Promise<Said<K>[]> {
  const all = await register.db.read<Row>('SELECT sender, message_id FROM message WHERE agreement_id = $1 AND kind = $2 AND direction = $3', [joined.agreement.id, kind, direction])
  const rows = all.filter(({ message_id }) => !isOther(toHex(message_id), of))
  const said: Said<K>[] = []
  for (const sender of new Set(rows.map((row) => row.sender))) {
    const messages = await messagesById(register, joined, sender, rows.filter((row) => row.sender === sender).map(({ message_id }) => toHex(message_id)))
    for (const message of messages) {
      if (of !== undefined) keepAffair(message, of)
      if (isOther(message.id, of)) continue
      const body = saidBody(kind, message.payload.body)
      if (!(body instanceof Refusal)) said.push({ message, body })
    }
  }
  return said.sort((a, b) => a.message.payload.time < b.message.payload.time ? -1 : a.message.payload.time > b.message.payload.time ? 1 : a.message.payload.sequence - b.message.payload.sequence)
}

/** The receipts for these own messages, each by the party that the message went to, by the id of the message. */
export async function receiptsFor({ register, joined }: At, messages: readonly Message[]): Promise<ReadonlyMap<string, Message>> {
  const own = new Map(messages.map((message) => [message.id, message]))
  const given = await receiptsNaming(register.db, joined.agreement.id, [...own.keys()], ['in'])
  const receipts = new Map<string, Message>()
  for (const giver of new Set(given.map((each) => each.giver))) {
    for (const receipt of await messagesById(register, joined, giver, given.flatMap((each) => each.giver === giver ? each.receipt : []))) {
      for (const message of receiptedBy(receipt.payload).flatMap((id) => own.get(id) ?? [])) {
        // What another party says of a message that was not sent to it is no receipt.
        if (checkReceipt(message, receipt) === undefined) receipts.set(message.id, receipt)
      }
    }
  }
  return receipts
}
