// The acts of a transfer (DESIGN section 6): dispatched and notified, received or disputed, and settled at the sender. Each writes its custody
// events and its message in one transaction: no item is on its way of which the receiver is not told, and none is received without a receipt.
import { randomBytes } from 'node:crypto'
import { canonical } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { addSeconds, timeOf, type Time } from '@muster/core/bytes/time.ts'
import type { CustodyEvent, CustodyRequest } from '@muster/core/rules/custody-event.ts'
import type { Document } from '@muster/core/rules/document.ts'
import { fold, type Holding } from '@muster/core/rules/holding.ts'
import type { Identity, ItemId } from '@muster/core/rules/item.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { Place } from '@muster/core/rules/place.ts'
import type { Dispute } from '@muster/core/rules/transfer.ts'
import type { Message } from '@muster/core/wire/message.ts'
import type { SaidBody } from '@muster/core/wire/said-body.ts'
import { drawOn } from '../certificate/act.ts'
import { codeOf } from '../engine/fault.ts'
import { drawOnLicence } from '../licence/act.ts'
import { takeConsents } from '../re-export/act.ts'
import { demandBody, recordPeople, type At, type People } from '../said.ts'
import { recordAct } from '../store/acts-once.ts'
import { allJoined } from '../store/agreements.ts'
import { closedIn } from '../store/closings.ts'
import { transaction, type Reader, type Transaction } from '../store/database.ts'
import { eventsOf, writeDecided, type Asked } from '../store/events.ts'
import { newItemId } from '../store/record-event.ts'
import { writeWith } from '../store/messages.ts'
import { ITEMS, ownItems, transferBy, type Transfer, type TransferCode } from './view.ts'

const TRANSFER_ID_BYTES = 16
/** Two writers of one item cannot both append the same place. */
const UNIQUE_VIOLATION = '23505'
const NOWHERE: Place = { owner: 'unknown', custodian: 'unknown', site: 'unknown', unit: 'unknown' }

interface Known { readonly item: ItemId, readonly events: readonly CustodyEvent[], readonly holding: Holding }

async function knownItem(db: Reader, item: ItemId): Promise<Known> {
  const events = await eventsOf(db, item)
  const holding = fold(events)
  if (holding === undefined) throw new Refusal('event/unknown-item', `the register holds no item ${item}`, 'item')
  return { item, events, holding }
}

/** The events that the law permits, as one batch; of two writers of one item the second is told. */
async function record(tx: Transaction, { register }: At, act: string, by: string, requests: readonly Asked[], at: Time): Promise<void> {
  await writeDecided(tx, register.secrets, { act, by, written: at }, requests, at).catch((error: unknown) => {
    throw codeOf(error) === UNIQUE_VIOLATION ? changedMeanwhile() : error
  })
}

function changedMeanwhile(): Refusal<TransferCode> {
  return new Refusal('transfer/changed-meanwhile', 'somebody else has recorded something of these items meanwhile: look again', 'items')
}

export interface Dispatch { readonly to: PartyId, readonly items: readonly ItemId[], readonly documents: readonly Document[], readonly due: Time, readonly reason: string, readonly note: string | null, /** The receiver's end-user certificate, by its id or number. */ readonly certificate?: string | undefined, /** The own licence, by its id or number: it is drawn on, and its number goes before the documents. */ readonly licence?: string | undefined }

/** Dispatches items to another party and tells it what is listed. Two people, and the licence, by its own acts or among the documents: the law demands both. */
export async function dispatchItems(home: At, { to, items, documents: papers, due, reason, note, certificate, licence }: Dispatch, { by, and }: People, at: number): Promise<{ readonly transfer: string, readonly message: Message }> {
  const { register, joined } = home
  if (!joined.trust.parties.has(to) || to === register.file.party) throw new Refusal<TransferCode>('transfer/no-party', `${to} is no other party of ${joined.agreement.id}`, 'to')
  const ids = [...new Set(items)].sort()
  if (ids.length === 0) throw new Refusal<TransferCode>('transfer/no-items', 'name the items that are sent', 'items')
  if (due <= timeOf(at)) throw new Refusal<TransferCode>('transfer/overdue-already', `a receipt that is due at ${due} is overdue before anything was sent`, 'due')
  const known = await Promise.all(ids.map((item) => knownItem(register.db, item)))
  const holdings = known.map(({ holding }) => holding)
  const licensed = await drawOnLicence(home, to, licence, papers, certificate, holdings, { by, and }, at)
  const documents = licensed === undefined ? papers : [licensed.document, ...papers]
  const drawing = await drawOn(home, to, licensed?.certificate ?? certificate, holdings, at)
  const take = await takeConsents(register, await allJoined(home, at), to, known, at)
  const transfer = randomBytes(TRANSFER_ID_BYTES).toString('hex')
  const body = demandBody('transfer/notify', { transfer, documents: documents.map(({ series, number, date }) => ({ series, number, date })), due, items: known.map(({ holding }) => listed(holding)), note, ...(drawing === undefined ? {} : { certificate: drawing.held.body.certificate }) })
  const request: CustodyRequest = { kind: 'dispatched', happened: timeOf(at), by, and, reason, documents, data: { to: { party: to }, abroad: true, due } }
  return writeWith(register, joined, [{ to, kind: 'transfer/notify', body, ...(drawing === undefined ? {} : { about: drawing.held.message.id }) }], at, async (tx, [message]) => {
    if (drawing !== undefined && !await drawing.unchanged(tx)) throw changedMeanwhile()
    await take(tx)
    await licensed?.draw(tx, transfer)
    await record(tx, home, `transfer ${transfer}`, by, known.map(({ item, events }) => ({ item, before: events, request })), timeOf(at))
    await recordAct(tx, register.secrets, [ITEMS, joined.agreement.id, transfer], JSON.stringify(ids), at)
    return { transfer, message: message as Message }
  })
}

/** An item as the receiver is told of it: what it is and what is written on it, without photos and without a place. */
function listed({ identity, marks }: Holding): SaidBody<'transfer/notify'>['items'][number] {
  return { identity, ...(marks.length === 0 ? {} : { marks: marks.map((mark) => ({ ...mark, photo: null })) }) }
}

/** The listed places that are meant: those named, or all that are not received yet. */
function placesOf({ items }: Transfer, named: readonly number[] | undefined): number[] {
  const places = named === undefined ? items.flatMap(({ standing }, i) => standing === 'received' ? [] : [i]) : [...new Set(named)].sort((a, b) => a - b)
  const wrong = places.find((place) => items[place] === undefined)
  if (wrong !== undefined) throw new Refusal<TransferCode>('transfer/not-listed', `the transfer lists ${items.length} items, from 0 on, and no ${wrong}`, 'items')
  const again = places.find((place) => items[place]?.standing === 'received')
  if (again !== undefined || places.length === 0) throw new Refusal<TransferCode>('transfer/received-already', again === undefined ? 'everything that is listed was received' : `item ${again} was received already`, 'items')
  return places
}

/** Nobody has said anything of this transfer since `transfer` was read: two officers at once do not receive one item twice. */
async function demandUnchanged(tx: Transaction, { register, joined }: At, { notice, words }: Transfer): Promise<void> {
  const said = await tx.read<{ said: number }>("SELECT count(*) AS said FROM message WHERE sender = $1 AND agreement_id = $2 AND about = $3 AND direction = 'out' AND kind = ANY($4)",
    [register.file.party, joined.agreement.id, Buffer.from(notice.id, 'hex'), ['transfer/receive', 'transfer/dispute']])
  // The one that this transaction writes is among them.
  if ((said[0]?.said ?? 0) > words + 1) throw changedMeanwhile()
}

export interface Receipt { readonly items?: readonly number[] | undefined, readonly happened: Time, readonly place?: Place | undefined, readonly note: string | null }

/** Receives listed items into the register and confirms them to the sender. An item that this party released before comes back as the same item. */
export async function receiveItems(home: At, id: string, { items, happened, place = NOWHERE, note }: Receipt, { by, and }: People, at: number, other?: PartyId): Promise<{ readonly message: Message, readonly items: readonly ItemId[] }> {
  const { register, joined } = home
  const transfer = await transferBy(home, id, 'in', at, other)
  const places = placesOf(transfer, items)
  const { body, notice } = transfer
  const from = { party: transfer.with }
  const head = { happened, by, and, reason: `transfer ${body.transfer} from ${transfer.with}`, documents: body.documents }
  const entering = await Promise.all(places.map(async (at_) => {
    const { identity, marks } = body.items[at_] as (typeof body.items)[number]
    const back = await releasedBefore(register.db, identity)
    const data = { from, place, receipt: notice.id }
    const request: CustodyRequest = back === undefined
      ? { kind: 'received', ...head, data: { from, receipt: notice.id, entry: { identity, place, ...(marks === undefined ? {} : { marks }) } } }
      : { kind: 'received', ...head, data: { ...data, ...(marks === undefined ? {} : { marks }) } }
    return { item: back?.item ?? newItemId(), before: back?.events ?? [], request }
  }))
  const saying = { to: transfer.with, kind: 'transfer/receive' as const, body: demandBody('transfer/receive', { transfer: body.transfer, request: notice.id, happened, items: places, note }), about: notice.id }
  return writeWith(register, joined, [saying], at, async (tx, [message]) => {
    await demandUnchanged(tx, home, transfer)
    await record(tx, home, `received ${body.transfer}`, by, entering, timeOf(at))
    return { message: message as Message, items: entering.map(({ item }) => item) }
  })
}

/** The one item of that very identity that this register has released; undefined where there is none, or where several cannot be told apart. */
async function releasedBefore(db: Reader, identity: Identity): Promise<Known | undefined> {
  if (typeof identity.serial === 'string') return undefined
  const rows = await db.read<{ item_id: ItemId }>("SELECT item_id FROM item WHERE serial = $1 AND class = $2 AND status = 'released'", [identity.serial.is, identity.class])
  const all = await Promise.all(rows.map(({ item_id }) => knownItem(db, item_id)))
  const same = all.filter(({ holding }) => canonical(holding.identity) === canonical(identity))
  return same.length === 1 ? same[0] : undefined
}

/** Disputes listed items: nothing enters the register, and the sender is told what is wrong with each. */
export async function disputeItems(home: At, id: string, { items, what, note }: { readonly items?: readonly number[] | undefined, readonly what: Dispute, readonly note: string | null }, people: People, at: number, other?: PartyId): Promise<Message> {
  const { register, joined } = home
  const transfer = await transferBy(home, id, 'in', at, other)
  const places = placesOf(transfer, items)
  const body = demandBody('transfer/dispute', { transfer: transfer.body.transfer, request: transfer.notice.id, items: places.map((item) => ({ item, what })), note })
  return writeWith(register, joined, [{ to: transfer.with, kind: 'transfer/dispute', body, about: transfer.notice.id }], at, async (tx, [message]) => {
    await demandUnchanged(tx, home, transfer)
    await recordPeople(tx, home, [message as Message], people, at)
    return message as Message
  })
}

/** Records at the sender what the receiver said so far: what it received is released, what it disputes is disputed. Resolves to how many items changed. */
export async function settleTransfer(home: At, id: string, { by, and }: People, at: number): Promise<{ readonly released: number, readonly disputed: number }> {
  const { register } = home
  const transfer = await transferBy(home, id, 'out', at)
  const own = await ownItems(home, transfer)
  const closed = await closedIn(register.db, register.secrets)
  const changes = (await Promise.all(transfer.items.map(async (each, i) => {
    const { item, events, holding } = await knownItem(register.db, own[i] as ItemId)
    const request = settlement(transfer, each, holding, { by, and }, timeOf(at), closed)
    return request === undefined ? [] : [{ item, before: events, request }]
  }))).flat()
  if (changes.length === 0) throw new Refusal<TransferCode>('transfer/nothing-to-settle', 'nothing was said of this transfer that is not recorded already', 'id')
  await transaction(register.db, (tx) => record(tx, home, `settled ${transfer.body.transfer}`, by, changes, timeOf(at)))
  const released = changes.filter(({ request }) => request.kind === 'received').length
  return { released, disputed: changes.length - released }
}

/**
 * What the receiver's word means for the sender's item; undefined where that is recorded already. The other side's clock never puts a receipt before the dispatch, nor
 * after now, nor into a period for which the books are closed: there it stands at the first moment after, and the reason says when it was received.
 */
function settlement(transfer: Transfer, { standing, word, what, happened }: Transfer['items'][number], holding: Holding, { by, and }: People, at: Time, closed: Time | undefined): CustodyRequest | undefined {
  const head = { by, and, reason: `transfer ${transfer.body.transfer} to ${transfer.with}`, documents: [] }
  const dispatched = holding.transit?.dispatched
  if (dispatched === undefined || word === undefined) return undefined
  const received = happened === undefined || happened > at ? at : happened < dispatched ? dispatched : happened
  const late = closed !== undefined && received <= closed
  const told = late ? { happened: addSeconds(closed, 1), reason: `${head.reason}: received ${received}, entered late, the books being closed up to ${closed}` } : { happened: received }
  if (standing === 'received') return { kind: 'received', ...head, ...told, data: { from: { party: transfer.with }, receipt: word } }
  if (standing === 'disputed' && holding.status === 'in-transit') return { kind: 'receipt-disputed', ...head, happened: at, data: { what: what ?? 'not-received', by: { party: transfer.with }, receipt: word } }
  return undefined
}
