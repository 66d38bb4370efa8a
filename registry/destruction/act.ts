// The acts of a destruction: recorded by number, certified to other parties by two people, and witnessed. No item and no number stands in two certificates.
import { randomBytes } from 'node:crypto'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf, type CivilDate, type Time } from '@muster/core/bytes/time.ts'
import { refuseCertified, refuseWitness, type DestructionCode } from '@muster/core/rules/destruction.ts'
import { known, type ItemId } from '@muster/core/rules/item.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { partiesLeft } from '@muster/core/rules/standing.ts'
import { twoPeople } from '@muster/core/rules/two-people.ts'
import type { DestructionCertificate } from '@muster/core/wire/destruction-body.ts'
import type { Message } from '@muster/core/wire/message.ts'
import type { SaidBody } from '@muster/core/wire/said-body.ts'
import { codeOf } from '../engine/fault.ts'
import { demandBody, recordPeople, type At, type People } from '../said.ts'
import { recordAct } from '../store/acts-once.ts'
import { transaction, type Transaction } from '../store/database.ts'
import { eventsOf, writeDecided } from '../store/events.ts'
import { writeWith } from '../store/messages.ts'
import { itemState } from '../store/record-event.ts'
import type { Register } from '../store/register.ts'
import { destructionBy } from './view.ts'

const DESTRUCTION_ID_BYTES = 16
/** The families of acts by which it is kept what stands in a certificate, and which witness has spoken. */
const KEPT = { item: 'destruction/item', number: 'destruction/number', word: 'destruction/word' } as const
const UNIQUE_VIOLATION = '23505'

async function once(tx: Transaction, { register, joined }: At, family: string, about: string, answer: string, refused: Refusal<DestructionCode>, at: number): Promise<void> {
  await recordAct(tx, register.secrets, [family, joined.agreement.id, about], answer, at).catch((error: unknown) => { throw codeOf(error) === UNIQUE_VIOLATION ? refused : error })
}

export interface Destroyed { readonly items: readonly ItemId[], readonly number: string, readonly happened: Time, readonly reason: string }

/** Records that items were destroyed in one act under one number, all or none. Two people: the law demands them. */
export async function recordDestroyed(register: Register, { items, number, happened, reason }: Destroyed, { by, and }: People, at: number): Promise<number> {
  const ids = [...new Set(items)]
  if (ids.length === 0) throw new Refusal<DestructionCode>('destruction/no-items', 'name the items that were destroyed', 'items')
  const states = await Promise.all(ids.map((id) => itemState(register, id)))
  await transaction(register.db, (tx) => writeDecided(tx, register.secrets, { act: `destroyed ${number}`, by, written: timeOf(at) }, states.map(({ item, events }) => ({
    item, before: events, request: { kind: 'destroyed', happened, by, and, reason, documents: [{ series: null, number, date: happened.slice(0, 10) }], data: { certificate: number } },
  })), timeOf(at)))
  return ids.length
}

/** Destroyed items that name the certificate. */
async function itemsUnder(register: Register, number: string, date: CivilDate): Promise<ItemId[]> {
  const rows = await register.db.read<{ item_id: ItemId }>("SELECT item_id FROM item WHERE status = 'destroyed' ORDER BY item_id")
  const all = await Promise.all(rows.map(async ({ item_id }) => refuseCertified(item_id, await eventsOf(register.db, item_id), number, date) === undefined ? [item_id] : []))
  return all.flat()
}

export interface Certifying extends Pick<DestructionCertificate, 'number' | 'date' | 'region' | 'method' | 'witnesses' | 'note'> {
  /** Left out: every item that was destroyed under the number on that day. */
  readonly items?: readonly ItemId[] | undefined
  /** Left out: every other party. */
  readonly to?: readonly PartyId[] | undefined
}

/** Certifies what was destroyed in one act, to the parties named and those of the witnesses. */
export async function certifyDestruction(home: At, { items, to, ...about }: Certifying, people: People, at: number): Promise<{ readonly destruction: string, readonly messages: readonly Message[] }> {
  const { register, joined } = home
  const self = register.file.party
  const refused = twoPeople('a certificate of destruction', people.by, people.and)
  if (refused !== undefined) throw refused
  const others = partiesLeft(joined.standing, timeOf(at)).filter((party) => party !== self)
  const told = [...new Set([...to ?? others, ...about.witnesses.map(({ party }) => party).filter((party) => party !== self)])].sort()
  const stranger = told.find((party) => !others.includes(party))
  if (stranger !== undefined || told.length === 0) throw new Refusal<DestructionCode>('destruction/no-party', `${stranger ?? 'nobody'} is no other party of ${joined.agreement.id}`, 'to')
  const ids = [...new Set(items ?? await itemsUnder(register, about.number, about.date))].sort()
  if (ids.length === 0) throw new Refusal<DestructionCode>('destruction/no-items', `nothing was destroyed on ${about.date} under ${about.number}`, 'items')
  const states = await Promise.all(ids.map((id) => itemState(register, id)))
  for (const { item, events } of states) {
    const wrong = refuseCertified(item, events, about.number, about.date)
    if (wrong !== undefined) throw wrong
  }
  const identities = states.map(({ holding }) => holding.identity)
  const destruction = randomBytes(DESTRUCTION_ID_BYTES).toString('hex')
  const body = demandBody('destruction/certify', { destruction, party: self, ...about, counts: countsOf(identities), items: identities })
  return writeWith(register, joined, told.map((party) => ({ to: party, kind: 'destruction/certify' as const, body })), at, async (tx, messages) => {
    await recordPeople(tx, home, messages, people, at)
    await once(tx, home, KEPT.number, about.number, destruction, new Refusal('destruction/number-used', `number ${about.number} was given to another certificate of destruction`, 'number'), at)
    for (const id of ids) await once(tx, home, KEPT.item, id, destruction, new Refusal('destruction/certified-already', `item ${id} stands in another certificate of destruction`, 'items'), at)
    return { destruction, messages }
  })
}

function countsOf(identities: readonly DestructionCertificate['items'][number][]): DestructionCertificate['counts'] {
  const counts = new Map<string, { class: string, type: string | null, items: number }>()
  for (const { class: kind, type } of identities) {
    const key = JSON.stringify([kind, known(type) ?? null])
    const count = counts.get(key) ?? { class: kind, type: known(type) ?? null, items: 0 }
    counts.set(key, { ...count, items: count.items + 1 })
  }
  return [...counts.values()]
}

export type Word = { readonly kind: 'destruction/witnessed' } | { readonly kind: 'destruction/not-witnessed', readonly reason: SaidBody<'destruction/not-witnessed'>['reason'] }

/** The word of an own witness on a certificate of another party, once. */
export async function witnessDestruction(home: At, id: string, witness: string, word: Word, note: string | null, people: People, at: number, other?: PartyId): Promise<Message> {
  const { register, joined } = home
  const { messages, body: { destruction, witnesses, party } } = await destructionBy(home, id, 'in', other)
  const stranger = refuseWitness(witnesses, register.file.party, witness)
  if (stranger !== undefined) throw stranger
  const request = (messages[0] as Message).id
  const body = word.kind === 'destruction/witnessed' ? demandBody(word.kind, { destruction, request, witness, note }) : demandBody(word.kind, { destruction, request, witness, reason: word.reason, note })
  return writeWith(register, joined, [{ to: party, kind: word.kind, body, about: request }], at, async (tx, [message]) => {
    await recordPeople(tx, home, [message as Message], people, at)
    await once(tx, home, KEPT.word, `${request}/${witness}`, word.kind, new Refusal('destruction/answered-already', `${witness} has given word on this certificate`, 'witness'), at)
    return message as Message
  })
}
