// Messages sent and received, each stored before it counts (DESIGN section 6). The sequence of a pair is given out inside the transaction
// that stores the message, so no two messages of one sequence are ever signed. Each message waits for the log's next period.
import { toBase64, toHex } from '@muster/core/bytes/bytes.ts'
import type { Json } from '@muster/core/bytes/canonical.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { notInForce } from '@muster/core/rules/standing.ts'
import { Breach } from '@muster/core/bytes/breach.ts'
import { checkChain } from '@muster/core/wire/message-chain.ts'
import { answeredBy, FINAL_ANSWERS, goesByOutbox, mayExpire, saidBeforeForce, type MessageKind } from '@muster/core/wire/message-kind.ts'
import { draftMessage, MESSAGE_DOMAIN, packMessage, type Draft, type Message } from '@muster/core/wire/message.ts'
import { receiptedBy } from '@muster/core/wire/receipt.ts'
import { nodePrimitives as p, signBeside } from '@muster/fast/primitives.ts'
import { openTurns } from '../engine/turns.ts'
import type { Joined } from './agreements.ts'
import type { AgreementKeys } from './keys.ts'
import { transaction, type Reader, type Transaction, type Value } from './database.ts'
import { insertRows, letWait } from './events.ts'
import { haveArrived, letGo } from './outbox.ts'
import { readStored } from './read-once.ts'
import { keepNamed } from './receipts.ts'
import { seedsAt } from './keys.ts'
import { bound } from './row-mac.ts'
import type { Register } from './register.ts'

export type Direction = 'out' | 'in'
interface Row { readonly sequence: number, readonly message_id: Buffer, readonly envelope: Buffer }

/** What is to be said: `about` is the id of the message that it answers or follows. `sent`: it goes by the outbox although its kind does not. */
export interface Saying { readonly to: PartyId, readonly kind: MessageKind, readonly body: { readonly [name: string]: Json }, readonly about?: string, readonly expiresAfterSeconds?: number, readonly sent?: boolean }

const COLUMNS = ['sender', 'agreement_id', 'receiver', 'sequence', 'direction', 'message_id', 'kind', 'about', 'envelope', 'stored', 'row_mac'] as const

/** A message with what it answers or follows. */
interface Following { readonly message: Message, readonly about: string | undefined }

async function store(tx: Transaction, register: Register, agreement: string, messages: readonly Following[], direction: Direction, at: number): Promise<void> {
  const rows = messages.map(({ message, about: follows }) => {
    const { from, to, sequence, kind } = message.payload
    const about = receiptedBy(message.payload)[0] ?? follows
    return bound(register.secrets, 'message', {
      sender: from, agreement_id: agreement, receiver: to, sequence, direction, message_id: Buffer.from(message.id, 'hex'), kind,
      about: about === undefined ? null : Buffer.from(about, 'hex'), envelope: Buffer.from(message.envelope), stored: timeOf(at),
    })
  })
  await insertRows(tx, 'message', COLUMNS, rows.map((row) => COLUMNS.map((name) => row[name])))
  await keepNamed(tx, register.secrets, messages.map(({ message }) => message), direction)
  await letWait(tx, register.secrets, agreement, 'message', messages.map(({ message: { id } }) => ({ id: `${direction} ${id}`, bytes: Buffer.from(id, 'hex') })))
}

const inTurn = openTurns()

/** Between processes the peer's row is held to the end of the transaction: sequences of a pair are given out one after the other. */
async function holdLanes(tx: Transaction, agreement: string, parties: readonly PartyId[]): Promise<void> {
  await tx.read('SELECT party FROM peer WHERE agreement_id = $1 AND party = ANY($2) ORDER BY party FOR UPDATE', [agreement, [...new Set(parties)]])
}

/** Which questions of one party an answer is final for: its family of kinds and the question, as one text; undefined for what is no final answer. */
function finalFor(kind: MessageKind, about: string | undefined): string | undefined {
  const family = about === undefined ? undefined : Object.entries(FINAL_ANSWERS).find(([, kinds]) => kinds.includes(kind))
  return family === undefined ? undefined : `${family[0]} ${String(about)}`
}

/** Final answers that were signed before to the questions of these sayings: two to one question would convict whoever signed them (spec/evidence.md). */
async function answeredBefore(tx: Transaction, joined: Joined, from: PartyId, sayings: readonly Saying[]): Promise<Map<string, Message>> {
  const questions = sayings.flatMap(({ kind, about }) => about === undefined || finalFor(kind, about) === undefined ? [] : [Buffer.from(about, 'hex')])
  const rows = questions.length === 0 ? [] : await tx.read<Row & { readonly kind: MessageKind, readonly about: Buffer, readonly receiver: string }>(
    "SELECT sequence, message_id, envelope, kind, about, receiver FROM message WHERE sender = $1 AND agreement_id = $2 AND direction = 'out' AND about = ANY($3) AND kind = ANY($4)",
    [from, joined.agreement.id, questions, Object.values(FINAL_ANSWERS).flat()])
  return new Map(rows.map((row) => [`${row.receiver} ${finalFor(row.kind, toHex(row.about)) ?? ''}`, stored(joined, row)]))
}

/**
 * Signs and stores messages to send, one transaction for all; they are durable when this resolves. A question that was answered for good before,
 * by whichever process, is not answered again: its place has the message that stands.
 */
export function writeMessages(register: Register, joined: Joined, sayings: readonly Saying[], at: number): Promise<Message[]> {
  const lanes = lanesOf(sayings)
  let tried: Message[] = []
  return inTurn(`${register.dataDir} ${joined.agreement.id} ${lanes}`, () => transaction(register.db, async (tx) => {
    // Run again after a COMMIT whose outcome was lost: what that stored is not said a second time.
    if (tried.length > 0 && await areSent(tx, register.file.party, tried)) return tried
    tried = await sign(tx, register, joined, sayings, at)
    return tried
  }, { idempotencyKey: `write ${lanes}` }))
}

/** All of them, since what one transaction wrote is there whole or not at all. */
async function areSent(tx: Reader, from: PartyId, messages: readonly Message[]): Promise<boolean> {
  const ids = messages.map(({ id }) => Buffer.from(id, 'hex'))
  const held = await tx.read("SELECT DISTINCT message_id FROM message WHERE sender = $1 AND message_id = ANY($2) AND direction = 'out'", [from, ids])
  return held.length === new Set(messages.map(({ id }) => id)).size
}

/** The same with what else is written of the matter, in one transaction: neither is there without the other. Where its outcome is not known, people look before they repeat it. */
export function writeWith<T>(register: Register, joined: Joined, sayings: readonly Saying[], at: number, also: (tx: Transaction, messages: readonly Message[]) => Promise<T>): Promise<T> {
  return inTurn(`${register.dataDir} ${joined.agreement.id} ${lanesOf(sayings)}`, () => transaction(register.db, async (tx) => also(tx, await sign(tx, register, joined, sayings, at))))
}

function lanesOf(sayings: readonly Saying[]): string {
  return [...new Set(sayings.map(({ to }) => to))].sort().join(' ')
}

async function sign(tx: Transaction, register: Register, joined: Joined, sayings: readonly Saying[], at: number): Promise<Message[]> {
  const { agreement, keys } = joined
  const from = register.file.party
  for (const { to, kind } of sayings) {
    const idle = saidBeforeForce(kind) ? undefined : notInForce(joined.standing, [from, to], timeOf(at))
    if (idle !== undefined) throw idle
  }
  await holdLanes(tx, agreement.id, sayings.map(({ to }) => to))
  const last = new Map<PartyId, Newest | undefined>()
  const answered: Map<string, Message | Drafted> = await answeredBefore(tx, joined, from, sayings)
  const drafts: Drafted[] = []
  const all: (Message | Drafted)[] = []
  for (const { to, kind, body, about, expiresAfterSeconds, sent = goesByOutbox(kind) } of sayings) {
    const final = finalFor(kind, about)
    const stands = final === undefined ? undefined : answered.get(`${to} ${final}`)
    if (stands !== undefined) {
      all.push(stands)
      continue
    }
    if (!last.has(to)) last.set(to, await newest(tx, from, agreement.id, to))
    const previous = last.get(to)
    const draft = draftMessage(p, {
      v: 'muster/message/1', kind, from, to, agreement: agreement.id, sequence: previous === undefined ? 0 : previous.sequence + 1, previous: previous?.id ?? null, time: timeOf(at),
      expiry: expiresAfterSeconds === undefined || !mayExpire(kind) ? null : timeOf(at + expiresAfterSeconds), marking: agreement.marking, body,
    })
    last.set(to, { sequence: draft.payload.sequence, id: draft.id })
    const drafted = { draft, about, sent }
    drafts.push(drafted)
    all.push(drafted)
    if (final !== undefined) answered.set(`${to} ${final}`, drafted)
  }
  const signed = new Map(await Promise.all(drafts.map(async (drafted): Promise<[Drafted, Message]> => [drafted, await signedBy(seedsAt(keys, timeOf(at)).message, drafted.draft)])))
  await store(tx, register, agreement.id, drafts.map((drafted) => ({ message: signed.get(drafted) as Message, about: drafted.about })), 'out', at)
  await letGo(tx, register, agreement.id, drafts.filter(({ sent }) => sent).map((drafted) => signed.get(drafted) as Message))
  return all.map((each) => 'draft' in each ? signed.get(each) as Message : each)
}

interface Drafted { readonly draft: Draft, readonly about: string | undefined, readonly sent: boolean }

async function signedBy(seeds: AgreementKeys['message'], draft: Draft): Promise<Message> {
  const { ed25519, mldsa44 } = await signBeside(seeds, Buffer.concat([Buffer.from(MESSAGE_DOMAIN), draft.payloadBytes]))
  return packMessage(draft, { ed25519: toBase64(ed25519), mldsa44: toBase64(mldsa44) })
}

interface Newest { readonly sequence: number, readonly id: string }

async function newest(tx: Reader, from: PartyId, agreement: string, to: PartyId): Promise<Newest | undefined> {
  const [row] = await tx.read<Pick<Row, 'sequence' | 'message_id'>>(
    "SELECT sequence, message_id FROM message WHERE sender = $1 AND agreement_id = $2 AND receiver = $3 AND direction = 'out' ORDER BY sequence DESC LIMIT 1", [from, agreement, to])
  return row === undefined ? undefined : { sequence: row.sequence, id: toHex(row.message_id) }
}

/**
 * Stores verified messages of one sender as received, in one transaction. `again`: it was held already, and nothing was written. Throws the
 * Breach of the chain with both messages as evidence; what came before it is stored.
 */
export async function receiveMessages(register: Register, joined: Joined, messages: readonly Message[], about: string | undefined, at: number): Promise<readonly ('new' | 'again')[]> {
  const [first] = messages
  if (first === undefined) return []
  const { from, to } = first.payload
  const { agreement } = joined
  const { seen, breach } = await inTurn(`${register.dataDir} ${agreement.id} in ${from}`, () => transaction(register.db, async (tx) => {
    await holdLanes(tx, agreement.id, [from])
    const held = new Map((await heldNear(tx, [from, agreement.id, to], messages)).map((row) => [row.sequence, heldMessage(joined, row)]))
    const seen: ('new' | 'again')[] = []
    const fresh: Following[] = []
    let breach: Breach | undefined
    for (const message of messages) {
      const step = checkChain({ at: (sequence) => held.get(sequence), highest: Math.max(-1, ...held.keys()) }, message)
      if (step instanceof Breach) {
        breach = step
        break
      }
      if (step.seen === 'new') fresh.push({ message, about: about ?? answeredBy(message.payload) })
      held.set(message.payload.sequence, { id: message.id, envelope: message.envelope, previous: message.payload.previous })
      seen.push(step.seen)
    }
    await store(tx, register, agreement.id, fresh, 'in', at)
    await haveArrived(tx, agreement.id, from, messages.slice(0, seen.length).flatMap(({ payload }) => receiptedBy(payload)))
    return { seen, breach }
  }, { idempotencyKey: `receive ${first.id}` }))
  if (breach !== undefined) throw breach
  return seen
}

/** Sequences between the first and the last of messages that are looked up as one range. */
const RANGE_MAX = 1_024

type HeldRow = Omit<Row, 'envelope'> & { readonly envelope: Buffer | null }

/**
 * What is held beside these messages in the chain of a lane, and the highest. The envelope comes where it may have to be read or shown, which
 * is not so of the one message that is nearly always there: the predecessor, under the very id by which it is named.
 */
function heldNear(tx: Reader, lane: readonly [PartyId, string, PartyId], messages: readonly Message[]): Promise<HeldRow[]> {
  const sequences = messages.map(({ payload: { sequence } }) => sequence)
  const named = messages.flatMap(({ payload: { previous } }) => previous === null ? [] : [Buffer.from(previous, 'hex')])
  const [first, last] = [Math.min(...sequences) - 1, Math.max(...sequences) + 1]
  // What comes together mostly follows one another: a range is found by the index whatever the database thinks of the table's size.
  const [beside, near]: readonly [string, readonly Value[]] = last - first <= RANGE_MAX ? ['sequence BETWEEN $6 AND $7', [first, last]] : ['sequence = ANY($6)', [sequences.flatMap((sequence) => [sequence - 1, sequence, sequence + 1])]]
  const columns = 'sequence, message_id, CASE WHEN message_id = ANY($5) AND sequence <> ALL($4) AND sequence - 1 <> ALL($4) THEN NULL ELSE envelope END AS envelope'
  const of = "FROM message WHERE sender = $1 AND agreement_id = $2 AND receiver = $3 AND direction = 'in'"
  return tx.read<HeldRow>(`SELECT ${columns} ${of} AND ${beside} UNION ALL (SELECT ${columns} ${of} ORDER BY sequence DESC LIMIT 1)`, [...lane, sequences, named, ...near])
}

function heldMessage(joined: Joined, row: HeldRow): { id: string, envelope: Uint8Array, previous: string | null } {
  const { envelope } = row
  if (envelope === null) return { id: toHex(row.message_id), envelope: new Uint8Array(0), previous: null }
  const { id, payload } = stored(joined, { ...row, envelope })
  return { id, envelope, previous: payload.previous }
}

/** Messages of this pair that answer or follow any of these, oldest first. */
export async function messagesAbout(register: Register, joined: Joined, sender: PartyId, about: readonly string[], direction: Direction): Promise<Message[]> {
  const rows = await register.db.read<Row>(
    `SELECT sequence, message_id, envelope FROM message WHERE sender = $1 AND agreement_id = $2 AND direction = $4 AND (about = ANY($3) OR message_id = ANY(ARRAY(
      SELECT receipt_id FROM receipted WHERE giver = $1 AND agreement_id = $2 AND message_id = ANY($3) AND direction = $4))) ORDER BY sequence`,
    [sender, joined.agreement.id, about.map((id) => Buffer.from(id, 'hex')), direction])
  return rows.map((row) => stored(joined, row))
}

/** Messages by their ids, each once, as they were sent or received. */
export async function messagesById(register: Register, joined: Joined, sender: PartyId, ids: readonly string[]): Promise<Message[]> {
  const rows = await register.db.read<Row>('SELECT DISTINCT ON (message_id) sequence, message_id, envelope FROM message WHERE sender = $1 AND message_id = ANY($2)', [sender, ids.map((id) => Buffer.from(id, 'hex'))])
  return rows.map((row) => stored(joined, row))
}

/** A message by its id; undefined where it was neither sent nor received. */
export async function messageById(register: Register, joined: Joined, sender: PartyId, id: string): Promise<Message | undefined> {
  return (await messagesById(register, joined, sender, [id]))[0]
}

function stored(joined: Joined, row: Row): Message {
  return readStored(joined.trust, row.envelope)
}
