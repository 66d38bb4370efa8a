// Recording one custody event: the law decides on what the register holds, and the event is appended in the same transaction. Two writers of one
// item cannot both append the same place: the second finds it taken and decides anew on what the first left.
import { createHash, randomUUID } from 'node:crypto'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { canonicalBytes } from '@muster/core/bytes/canonical.ts'
import type { Time } from '@muster/core/bytes/time.ts'
import type { CustodyEvent, CustodyRequest } from '@muster/core/rules/custody-event.ts'
import { decide } from '@muster/core/rules/decide.ts'
import { fold } from '@muster/core/rules/holding.ts'
import { isItemId, type ItemId } from '@muster/core/rules/item.ts'
import type { Photo } from '../intake/photo.ts'
import { codeOf, Fault } from '../engine/fault.ts'
import { onceTag } from './act-once.ts'
import { transaction, type Transaction } from './database.ts'
import { eventsOf, storedEvent, writeBatch } from './events.ts'
import { photosNamed, storePhotos } from './photos.ts'
import type { Register } from './register.ts'
import { bound, macHolds } from './row-mac.ts'

const COLLISIONS_MAX = 20
export const ONCE_KEY_CHARACTERS_MAX = 200
const UNIQUE_VIOLATION = '23505'

export interface Recording {
  /** The item, or `new` for one that enters the register by this event. */
  readonly item: ItemId | 'new'
  readonly request: CustodyRequest
  /** With a key the same recording is done once, however often it is asked for. */
  readonly once?: string | undefined
  /** The last event that the person saw. */
  readonly seen?: number | undefined
  readonly photos?: readonly Photo[]
  readonly at: Time
  /** What the law demands beyond the item itself: throws where it forbids the event, and writes in its transaction what goes with it. */
  readonly beside?: (tx: Transaction, item: ItemId, before: readonly CustodyEvent[]) => Promise<void>
}

export interface Recorded {
  readonly event: CustodyEvent
  /** True where the key was used before and nothing was added. */
  readonly again: boolean
}

export type RecordCode = 'event/unknown-item' | 'event/key-used-otherwise' | 'event/photo-missing'

function requestHash({ item, request }: Recording): string {
  return createHash('sha256').update(item).update('\n').update(canonicalBytes(request)).digest('hex')
}

/** An id for an item that enters the register: it says nothing about the item. */
export function newItemId(): ItemId {
  return randomUUID() as string as ItemId
}

/** Appends the event. Throws the law's Refusal, `event/unknown-item`, or `event/key-used-otherwise` where the key belongs to another recording. */
export async function recordEvent(register: Register, recording: Recording): Promise<Recorded> {
  for (let tries = 0; ; tries++) {
    try {
      return await transaction(register.db, (tx) => recordOnce(tx, register, recording), recording.once === undefined ? {} : { idempotencyKey: recording.once })
    } catch (error) {
      if (codeOf(error) !== UNIQUE_VIOLATION || tries >= COLLISIONS_MAX) throw error
    }
  }
}

async function recordOnce(tx: Transaction, register: Register, recording: Recording): Promise<Recorded> {
  const { once, request, at } = recording
  const earlier = once === undefined ? undefined : await answerOf(tx, register, once, recording)
  if (earlier !== undefined) return { event: earlier, again: true }
  const item = recording.item === 'new' ? newItemId() : recording.item
  const before = recording.item === 'new' ? [] : await eventsOf(tx, item)
  if (recording.item !== 'new' && before.length === 0) throw new Refusal<RecordCode>('event/unknown-item', `the register holds no item ${item}`, 'item')
  const decided = decide({ item, events: before, ...(recording.seen === undefined ? {} : { seen: recording.seen }) }, request, at)
  if (decided instanceof Error) throw decided
  const [event] = decided
  await recording.beside?.(tx, item, before)
  await storePhotos(tx, register.secrets, recording.photos ?? [], request.by, at)
  await demandPhotos(tx, event)
  await writeBatch(tx, register.secrets, { act: once === undefined ? `event ${event.kind}` : `event ${event.kind} ${onceTag(once)}`, by: request.by, written: at }, [{ before, event }])
  if (once !== undefined) {
    const row = bound(register.secrets, 'act_once', { act_key: once, answer: JSON.stringify({ request: requestHash(recording), item, seq: event.seq }), written: at })
    await tx.write('INSERT INTO act_once (act_key, answer, written, row_mac) VALUES ($1, $2, $3, $4)', [row.act_key, row.answer, row.written, row.row_mac])
  }
  return { event, again: false }
}

/** A photo that an event names is in the register: a hash alone shows nobody anything. */
async function demandPhotos(tx: Transaction, event: CustodyEvent): Promise<void> {
  for (const hash of photosNamed(event)) {
    const [held] = await tx.read('SELECT 1 AS one FROM photo WHERE original_sha256 = $1', [Buffer.from(hash, 'hex')])
    if (held === undefined) throw new Refusal<RecordCode>('event/photo-missing', `the register holds no photo ${hash}: give the photo with the event (--photo)`, 'data.marks')
  }
}

type OnceRow = { act_key: string, answer: string, written: string, row_mac: Buffer }

async function answerOf(tx: Transaction, { secrets }: Register, once: string, recording: Recording): Promise<CustodyEvent | undefined> {
  const [row] = await tx.read<OnceRow>('SELECT act_key, answer, written, row_mac FROM act_once WHERE act_key = $1', [once])
  if (row === undefined) return undefined
  if (!macHolds(secrets, 'act_once', { ...row })) throw new Fault('row-changed', `act_once ${once} was changed behind Muster's back: run muster audit`)
  const { request, item, seq } = JSON.parse(row.answer) as { request: string, item: string, seq: number }
  if (request !== requestHash(recording)) throw new Refusal<RecordCode>('event/key-used-otherwise', `the key ${once} was used for another recording, event ${seq} of item ${item}: use a new key`, 'once')
  const [stored] = await tx.read<{ event: string }>('SELECT event FROM custody_event WHERE item_id = $1 AND seq = $2', [item, seq])
  if (stored === undefined) throw new Fault('row-changed', `custody_event ${item} ${seq} was removed behind Muster's back: run muster audit`)
  return storedEvent(stored.event, item, seq)
}

/** An item's events and what they come to; refused where the register does not know it. */
export async function itemState(register: Register, id: string): Promise<{ readonly item: ItemId, readonly events: readonly CustodyEvent[], readonly holding: NonNullable<ReturnType<typeof fold>> }> {
  const events = isItemId(id) ? await eventsOf(register.db, id) : []
  const holding = fold(events)
  if (holding === undefined) throw new Refusal<RecordCode>('event/unknown-item', `the register holds no item ${id}`, 'item')
  return { item: holding.item, events, holding }
}
