// The acts of a re-export: the holder asks the origin, the origin consents or refuses, and a dispatch to a third party takes the consent, once for each item.
import { randomBytes } from 'node:crypto'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf, type Time } from '@muster/core/bytes/time.ts'
import type { AgreementId } from '@muster/core/rules/agreement.ts'
import type { CustodyEvent } from '@muster/core/rules/custody-event.ts'
import type { Holding } from '@muster/core/rules/holding.ts'
import { known, type ItemId } from '@muster/core/rules/item.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { consentFor, type Consent, type ReExportCode } from '@muster/core/rules/re-export.ts'
import { twoPeople } from '@muster/core/rules/two-people.ts'
import type { Message } from '@muster/core/wire/message.ts'
import type { SaidBody } from '@muster/core/wire/said-body.ts'
import { codeOf } from '../engine/fault.ts'
import { demandBody, sayWith, type At, type People } from '../said.ts'
import { doneAmong, recordAct } from '../store/acts-once.ts'
import type { Joined } from '../store/agreements.ts'
import type { Transaction } from '../store/database.ts'
import { eventsOf } from '../store/events.ts'
import { itemState } from '../store/record-event.ts'
import type { Register } from '../store/register.ts'
import { bondsOf, reExportBy, reExports, type Bond } from './view.ts'

const ASK_ID_BYTES = 16
/** The family of acts by which it is kept which item went by which consent. */
const USED = 're-export/used'
const UNIQUE_VIOLATION = '23505'

export interface Asking extends Pick<SaidBody<'re-export/ask'>, 'to' | 'endUser' | 'endUse' | 'note'> { readonly origin: PartyId, readonly items: readonly ItemId[] }

/** Asks the origin of items whether they may go to a third party. */
export async function askReExport(home: At, { origin, items, ...about }: Asking, people: People, at: number): Promise<{ readonly ask: string, readonly message: Message }> {
  const ids = [...new Set(items)].sort()
  if (ids.length === 0) throw new Refusal<ReExportCode>('re-export/no-items', 'name the items that are to go on', 'items')
  const states = await Promise.all(ids.map((id) => itemState(home.register, id)))
  for (const { item, events } of states) {
    if (!(await bondsOf(home.register, [home.joined], events)).some((bond) => bond.origin === origin)) throw new Refusal<ReExportCode>('re-export/not-bound', `item ${item} did not come from ${origin} under an undertaking not to re-export it`, 'items')
  }
  const ask = randomBytes(ASK_ID_BYTES).toString('hex')
  const body = demandBody('re-export/ask', { ask, ...about, items: states.map(({ holding }) => holding.identity) })
  const [message] = await sayWith(home, [{ to: origin, kind: 're-export/ask', body }], people, at)
  return { ask, message: message as Message }
}

/** Consents to what was asked, two people, until a day. */
export async function consentToReExport(home: At, id: string, { until, note }: { readonly until: Time, readonly note: string | null }, people: People, at: number, other?: PartyId): Promise<Message> {
  const refused = twoPeople('consent to a re-export', people.by, people.and)
  if (refused !== undefined) throw refused
  if (until <= timeOf(at)) throw new Refusal<ReExportCode>('re-export/over', `a consent that is valid until ${until} is over before anybody has it`, 'until')
  const { message, body: { ask, items } } = await unanswered(home, id, other)
  return answer(home, message, 're-export/consent', { ask, request: message.id, until, items, note }, people, at)
}

export async function refuseReExport(home: At, id: string, { reason, note }: Pick<SaidBody<'re-export/refuse'>, 'reason' | 'note'>, people: People, at: number, other?: PartyId): Promise<Message> {
  const { message, body: { ask } } = await unanswered(home, id, other)
  return answer(home, message, 're-export/refuse', { ask, request: message.id, reason, note }, people, at)
}

async function unanswered(home: At, id: string, other: PartyId | undefined) {
  const { asked, consents, refused } = await reExportBy(home, id, other)
  if (consents.length > 0 || refused !== undefined) throw new Refusal<ReExportCode>('re-export/answered-already', 'this was answered: whoever wants to re-export asks anew', 'id')
  return asked
}

async function answer<K extends 're-export/consent' | 're-export/refuse'>(home: At, { id, payload: { from } }: Message, kind: K, body: SaidBody<K>, people: People, at: number): Promise<Message> {
  const [written] = await sayWith(home, [{ to: from, kind, body: demandBody(kind, body), about: id }], people, at)
  return written as Message
}

export interface Sent { readonly item: ItemId, readonly events: readonly CustodyEvent[], readonly holding: Holding }

/** Bonds of the items, each with those of every other item of its class and serial: a second record of one item carries the first one's undertaking. */
async function bondsOfAll(register: Register, halls: readonly Joined[], items: readonly Sent[]): Promise<ReadonlyMap<ItemId, readonly Bond[]>> {
  const serials = items.flatMap(({ holding: { identity } }) => known(identity.serial) ?? [])
  const rows = await register.db.read<{ item_id: ItemId, class: string, serial: string }>('SELECT item_id, class, serial FROM item WHERE serial = ANY($1)', [serials])
  const bonds = new Map<ItemId, readonly Bond[]>()
  for (const { item, events, holding: { identity } } of items) {
    const twins = rows.filter((row) => row.item_id !== item && row.class === identity.class && row.serial === known(identity.serial))
    const all = await Promise.all([events, ...await Promise.all(twins.map(({ item_id }) => eventsOf(register.db, item_id)))].map((each) => bondsOf(register, halls, each)))
    bonds.set(item, all.flat().filter((bond, i, flat) => flat.findIndex(({ origin, under }) => origin === bond.origin && under.agreement.id === bond.under.agreement.id) === i))
  }
  return bonds
}

/** Throws where an item may not go to `to` without its origin; otherwise what writes down, in the transaction that dispatches, which consents are taken. */
export async function takeConsents(register: Register, halls: readonly Joined[], to: PartyId | undefined, items: readonly Sent[], at: number): Promise<(tx: Transaction) => Promise<void>> {
  const bonds = await bondsOfAll(register, halls, items)
  const taken: (readonly [AgreementId, string])[] = []
  for (const { item, holding } of items) {
    for (const { origin, under } of (bonds.get(item) ?? []).filter((bond) => bond.origin !== to)) {
      if (to === undefined) throw new Refusal<ReExportCode>('re-export/unnamed', `item ${item} came from ${origin}, whose consent names a party: say by its code to which party it goes`, 'to')
      const { id } = under.agreement
      const asked = (await reExports({ register, joined: under })).filter((each) => each.direction === 'out' && each.refused === undefined && each.with === origin)
      const consents = asked.flatMap((each) => each.consents.map(({ message, body }): Consent => ({ id: message.id, to: each.asked.body.to, until: body.until, items: body.items })))
      const about = (consent: Consent): string => `${consent.id}/${item}`
      const used = await doneAmong(register, consents.map((consent) => `${USED} ${id} ${about(consent)}`))
      const consent = consentFor(holding.identity, to, consents, (each) => used.has(`${USED} ${id} ${about(each)}`), timeOf(at))
      if (consent instanceof Refusal) throw new Refusal(consent.code, `item ${item}: ${consent.message}`, consent.at)
      taken.push([id, about(consent)])
    }
  }
  return async (tx) => {
    for (const [agreement, about] of taken) {
      await recordAct(tx, register.secrets, [USED, agreement, about], to ?? '', at).catch((error: unknown) => {
        throw codeOf(error) === UNIQUE_VIOLATION ? new Refusal<ReExportCode>('re-export/consent-used', 'another dispatch took the consent meanwhile', 'items') : error
      })
    }
  }
}
