// Messages by hand (DESIGN section 6, spec/courier.md): what is due to a party goes into an age file for it; what such a file brings is taken as if it
// had come over the network, and its receipts and answers wait for the way back. A message stays due until its receipt is there, so a file may be lost;
// it is known by its id, so a file may come twice, late, or before an earlier one.
import { fromBase64, toHex } from '@muster/core/bytes/bytes.ts'
import { canonicalBytes, parseJson } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { COURIER_BYTES_MAX, COURIER_FILES_MAX, COURIER_MESSAGES_MAX, type Courier, type PublishedFile } from '@muster/core/wire/courier.ts'
import { parseEnvelope, type Envelope, type Message } from '@muster/core/wire/message.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { cosignedOf, publishedFor, takeCosigned, takePublished, type Cosigners } from './carry.ts'
import { read, witness } from './cosigners.ts'
import type { MessageDoor } from './door.ts'
import type { Hall, Home } from './home.ts'
import { openCourier, sealCourier } from './peer/courier-file.ts'
import { REPLY_BYTES_MAX } from './peer/exchange.ts'
import { courierKeys } from './store/keys.ts'
import { messagesById } from './store/messages.ts'
import { dueTo, letGoAgain, RAN_OUT, standAside, takeOffTheWay } from './store/outbox.ts'

/** Of payloads in one file, well below what it may hold. */
const CARRIED_BYTES_MAX = COURIER_BYTES_MAX / 2

export interface Carried { readonly messages: number, readonly receipts: number, readonly left: number, readonly published: number, readonly files: number }

/**
 * Writes what is due to a party as files, in order: messages, and for a party without an address what is published and cosigned beside them; messages
 * that do not fit are left for the next time. `write` keeps the bytes of the n-th file: once it has, receipts count as delivered, since whoever misses
 * one sends its message again. Resolves to undefined where nothing is due.
 */
export async function exportCourier(home: Home, hall: Hall, to: PartyId, write: (bytes: Uint8Array, n: number) => Promise<void>): Promise<Carried | undefined> {
  const { register } = home
  const { agreement, trust, urls } = hall.joined
  const { party: from } = register.file
  const receiver = trust.parties.get(to)
  if (receiver === undefined || to === from) throw new Refusal('courier/no-party', `${to} is no other party of ${agreement.id}`, 'to')
  const { courier: recipient } = receiver
  if (recipient === null) throw new Refusal('courier/no-hybrid-key', `the key record of ${to} has no courier key: ask it for one that has`, 'to')
  const { fit, left } = await messagesFor(home, hall, to)
  const frame = { v: 'muster/courier/1' as const, agreement: agreement.id, exercise: agreement.exercise, from, to, made: timeOf(home.now()) }
  const cosigned = urls.has(to) ? [] : await cosignedOf(hall, to)
  const first: Courier = { ...frame, messages: fit.map(({ envelope }) => parseJson(envelope) as Envelope), ...(cosigned.length === 0 ? {} : { cosigned }) }
  let [files, published] = [0, 0]
  for await (const courier of inFiles(first, frame, urls.has(to) ? [] : publishedFor(hall, to))) {
    files += 1
    published += courier.published?.length ?? 0
    await write(await sealCourier(recipient, courier), files)
  }
  if (files === 0) return undefined
  const receipts = fit.filter(({ payload: { kind } }) => kind === 'receipt')
  for (const { id } of receipts) await takeOffTheWay(register, agreement.id, { to, id })
  return { messages: fit.length, receipts: receipts.length, left, published, files }
}

/** The messages that are due and fit into one file, in order. */
async function messagesFor({ register, now }: Home, { joined }: Hall, to: PartyId): Promise<{ readonly fit: readonly Message[], readonly left: number }> {
  const { id: agreement } = joined.agreement
  const due = await dueTo(register, agreement, to, COURIER_MESSAGES_MAX)
  const messages = (await messagesById(register, joined, register.file.party, due.map(({ id }) => id))).sort((a, b) => a.payload.sequence - b.payload.sequence)
  const at = timeOf(now())
  let room = CARRIED_BYTES_MAX
  const fit: Message[] = []
  for (const message of messages) {
    const { id, envelope, payload: { expiry, sequence } } = message
    if (expiry !== null && expiry < at) await standAside(register, agreement, { to, sequence, id, aside: null }, RAN_OUT)
    else if ((room -= envelope.length) >= 0) fit.push(message)
  }
  return { fit, left: due.length - fit.length }
}

/** As many published files to a courier as it holds; messages and cosignatures go with the first. */
async function* inFiles(first: Courier, frame: Omit<Courier, 'messages'>, files: AsyncIterable<PublishedFile> | readonly PublishedFile[]): AsyncGenerator<Courier> {
  let courier = first
  let published: PublishedFile[] = []
  let room = CARRIED_BYTES_MAX - courier.messages.reduce((sum, { payload }) => sum + payload.length, 0)
  for await (const file of files) {
    room -= file.bytes.length
    if (published.length > 0 && (room < 0 || published.length === COURIER_FILES_MAX)) {
      yield { ...courier, published }
      courier = { ...frame, messages: [] }
      published = []
      room = CARRIED_BYTES_MAX - file.bytes.length
    }
    published.push(file)
  }
  if (published.length > 0) yield { ...courier, published }
  else if (courier.messages.length > 0 || courier.cosigned !== undefined) yield courier
}

export interface Brought {
  readonly agreement: string
  readonly from: PartyId
  /** When its maker says that it was made. */
  readonly made: string
  readonly messages: number
  readonly fresh: number
  readonly again: number
  /** Messages that the door did not take, by their place in the file. */
  readonly refused: readonly { readonly place: number, readonly code: string, readonly message: string }[]
  /** Receipts and answers that wait for the way back. */
  readonly replies: number
  /** Files of what its maker publishes, and its cosignatures that were new or stand already. */
  readonly published: number
  readonly cosigned: number
}

/** The doors for what is brought: those of this process, or those of the server that runs. */
export interface CourierDoor extends Cosigners {
  readonly message: (hall: Hall, envelope: Uint8Array) => Promise<{ readonly status: number, readonly body: string }>
}

/** The doors of this process, where no server runs. */
export function ownDoor(home: Home, message: MessageDoor): CourierDoor {
  return { message: (hall, envelope) => message(home, hall, envelope), witness: (body) => witness(home, body), reader: (body) => read(home, body) }
}

/** Takes in what a courier brought. Throws the Refusal of a file that is not for this registry, is damaged, or is of another agreement. */
export async function importCourier(home: Home, bytes: Uint8Array, door: CourierDoor): Promise<Brought> {
  const { hall, courier } = await openedFor(home, bytes)
  await takePublished(home, hall, courier, door)
  const cosigned = await takeCosigned(home, hall, courier)
  const refused: { place: number, code: string, message: string }[] = []
  let [fresh, again, replies] = [0, 0, 0]
  for (const [place, envelope] of courier.messages.entries()) {
    const taken = await takeOne(home, hall, courier.from, canonicalBytes(envelope), door.message)
    if ('code' in taken) refused.push({ place, ...taken })
    else {
      fresh += taken.seen === 'new' ? 1 : 0
      again += taken.seen === 'again' ? 1 : 0
      replies += taken.replies
    }
  }
  return { agreement: courier.agreement, from: courier.from, made: courier.made, messages: courier.messages.length, fresh, again, refused, replies, published: courier.published?.length ?? 0, cosigned }
}

/** The file opened with the key of whichever agreement it is for. */
async function openedFor({ halls, register }: Home, bytes: Uint8Array): Promise<{ readonly hall: Hall, readonly courier: Courier }> {
  let refusal: Refusal = new Refusal('courier/other-receiver', 'this registry has joined no agreement: join it first, then load the file')
  for (const hall of halls.values()) {
    const courier = await openCourier(courierKeys(hall.joined.keys), bytes)
    if (courier instanceof Refusal) {
      refusal = courier
      if (courier.code !== 'courier/other-receiver') throw refusal
      continue
    }
    const { agreement, trust } = hall.joined
    if (courier.to !== register.file.party || courier.agreement !== agreement.id || courier.exercise !== agreement.exercise || !trust.parties.has(courier.from)) {
      throw new Refusal('courier/other-receiver', `this file is from ${courier.from} to ${courier.to} under ${courier.agreement}, and was opened with the key of ${register.file.party} under ${agreement.id}`, 'to')
    }
    return { hall, courier }
  }
  throw refusal
}

type Taken = { readonly seen: 'new' | 'again', readonly replies: number } | { readonly code: string, readonly message: string }

async function takeOne(home: Home, hall: Hall, from: PartyId, envelope: Uint8Array, door: CourierDoor['message']): Promise<Taken> {
  const { register } = home
  const { joined } = hall
  const message = parseEnvelope(p, envelope, joined.trust.messageKeys)
  // Whoever made the file may have written anything into it: what its sender did not sign accuses nobody.
  if (message instanceof Error) return { code: message.code, message: message.message }
  if (message.payload.from !== from) return { code: 'courier/other-sender', message: `a message from ${message.payload.from} in a file from ${from}` }
  const held = (await messagesById(register, joined, from, [message.id])).length > 0
  const { status, body } = await door(hall, envelope)
  if (status !== 200) {
    const json = parseJson(Buffer.from(body))
    const { code, message: told } = (typeof json === 'object' && json !== null ? json : {}) as { readonly code?: string, readonly message?: string }
    return { code: code ?? String(status), message: told ?? code ?? `the door answers ${status}` }
  }
  return { seen: held ? 'again' : 'new', replies: await letGoBack(home, hall, body) }
}

/** Puts the receipt and the answers of a reply on the way back, those of a message that came again too: the first may not have arrived. */
async function letGoBack({ register }: Home, { joined }: Hall, body: string): Promise<number> {
  const { receipt, answers } = parseJson(Buffer.from(body), { bytes: REPLY_BYTES_MAX, depth: 64 }) as unknown as { readonly receipt: Envelope | null, readonly answers: readonly Envelope[] }
  const ids = [...(receipt === null ? [] : [receipt]), ...answers].map(({ payload }) => toHex(p.sha256(fromBase64(payload) as Uint8Array)))
  const messages = await messagesById(register, joined, register.file.party, ids)
  return letGoAgain(register, joined.agreement.id, messages)
}
