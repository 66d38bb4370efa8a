// Notices of loss, theft and recovery: given to the parties within the agreement's time, which learn type and number. What aviation
// authorities are given is made of them (aviation.ts). Which items a notice is about is kept here and bound in the log; others learn it only where numbers are listed, which takes two people.
import { randomBytes } from 'node:crypto'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf, type Time } from '@muster/core/bytes/time.ts'
import { fold, type Holding } from '@muster/core/rules/holding.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import { countByType, NOTICE_KINDS, noticeDue, OF_STATUS, type Circumstances, type NoticeKind } from '@muster/core/rules/notice.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { partiesLeft } from '@muster/core/rules/standing.ts'
import { twoPeople } from '@muster/core/rules/two-people.ts'
import type { Message } from '@muster/core/wire/message.ts'
import type { NoticeBody } from '@muster/core/wire/notice-body.ts'
import { demandBody, recordPeople, saidOf, type At, type People } from './said.ts'
import { recordAct } from './store/acts-once.ts'
import { eventsOf } from './store/events.ts'
import { writeWith } from './store/messages.ts'

const NOTICE_ID_BYTES = 16
/** The family of acts by which the items of a notice are kept. */
const ITEMS = 'notice/items'

export type NoticeCode = 'notice/no-items' | 'notice/other-status' | 'notice/no-party' | 'notice/unknown' | 'notice/not-discovered-yet'

export interface Notice { readonly kind: NoticeKind, readonly items: readonly ItemId[], readonly to?: readonly PartyId[] | undefined, readonly discovered: Time, readonly region: string | null, readonly circumstances: Circumstances, readonly numbers: boolean, readonly follows: string | null, readonly note: string | null }

async function holdingOf({ register }: At, item: ItemId): Promise<Holding> {
  const holding = fold(await eventsOf(register.db, item))
  if (holding === undefined) throw new Refusal('event/unknown-item', `the register holds no item ${item}`, 'items')
  return holding
}

/** Tells parties of the agreement, all others by default. With `numbers` the items are listed one by one, which two people decide. */
export async function giveNotice(home: At, { kind, items, to, discovered, region, circumstances, numbers, follows, note }: Notice, people: People, at: number): Promise<{ readonly notice: string, readonly messages: readonly Message[] }> {
  const { register, joined } = home
  const self = register.file.party
  const refused = numbers ? twoPeople('disclosure', people.by, people.and) : undefined
  if (refused !== undefined) throw refused
  if (discovered > timeOf(at)) throw new Refusal<NoticeCode>('notice/not-discovered-yet', `it cannot have been discovered at ${discovered}: it is ${timeOf(at)} now`, 'discovered')
  const parties = (to ?? partiesLeft(joined.standing, timeOf(at))).filter((party) => party !== self)
  const stranger = parties.find((party) => !joined.trust.parties.has(party))
  if (stranger !== undefined || parties.length === 0) throw new Refusal<NoticeCode>('notice/no-party', `${stranger ?? self} is no other party of ${joined.agreement.id}`, 'to')
  const ids = [...new Set(items)].sort()
  if (ids.length === 0) throw new Refusal<NoticeCode>('notice/no-items', 'name the items that it is about', 'items')
  const holdings = await Promise.all(ids.map((item) => holdingOf(home, item)))
  const other = holdings.find(({ status, acquired }) => !OF_STATUS[kind].includes(status) || (kind === 'recovery' && acquired.how !== 'seized' && acquired.how !== 'found'))
  if (other !== undefined) throw new Refusal<NoticeCode>('notice/other-status', `item ${other.item} is ${other.status}: record what happened to it first, then give notice of it`, 'items')
  const identities = holdings.map(({ identity }) => identity)
  const notice = randomBytes(NOTICE_ID_BYTES).toString('hex')
  const body = demandBody(`${kind}/notice`, { notice, discovered, region, circumstances, items: countByType(identities), listed: numbers ? identities : null, follows, note })
  return writeWith(register, joined, parties.map((party) => ({ to: party, kind: `${kind}/notice` as const, body })), at, async (tx, messages) => {
    await recordPeople(tx, home, messages, people, at)
    await recordAct(tx, register.secrets, [ITEMS, joined.agreement.id, notice], JSON.stringify(ids), at)
    return { notice, messages }
  })
}

export interface GivenNotice { readonly direction: 'out' | 'in', readonly kind: NoticeKind, readonly with: readonly PartyId[], readonly body: NoticeBody, readonly time: Time }

/** Notices given and received, oldest first; one that was given to several stands once. */
export async function noticesIn(home: At): Promise<GivenNotice[]> {
  const all: GivenNotice[] = []
  for (const kind of NOTICE_KINDS) {
    for (const direction of ['out', 'in'] as const) {
      const said = await saidOf(home, `${kind}/notice`, direction)
      for (const id of new Set(said.map(({ message, body }) => `${direction === 'in' ? message.payload.from : ''} ${body.notice}`))) {
        const same = said.filter(({ message, body }) => `${direction === 'in' ? message.payload.from : ''} ${body.notice}` === id)
        const [{ message, body }] = same as [(typeof said)[number]]
        all.push({ direction, kind, with: same.map((each) => direction === 'out' ? each.message.payload.to : each.message.payload.from).sort(), body, time: message.payload.time })
      }
    }
  }
  return all.sort((a, b) => a.time < b.time ? -1 : a.time > b.time ? 1 : 0)
}

export interface DueNotice { readonly item: ItemId, readonly kind: NoticeKind, readonly since: Time, readonly due: Time | undefined, readonly overdue: boolean }

/** Items within the agreement's scope that are lost or stolen and of which no notice was given, the longest waiting first. */
export async function noticesDue(home: At, at: number): Promise<DueNotice[]> {
  const { register, joined: { agreement } } = home
  const rows = await register.db.read<{ item_id: ItemId }>("SELECT item_id FROM item WHERE status = ANY($1) AND ($2::text[] IS NULL OR class = ANY($2))", [['lost', 'stolen'], agreement.scope.classes])
  const given = await register.db.read<{ answer: string }>('SELECT answer FROM act_once WHERE act_key LIKE $1', [`${ITEMS} ${agreement.id} %`])
  const told = new Set(given.flatMap(({ answer }) => JSON.parse(answer) as string[]))
  const due: DueNotice[] = []
  for (const { item_id } of rows) {
    if (told.has(item_id)) continue
    const { status, since } = await holdingOf(home, item_id)
    const by = noticeDue(since, agreement.deadlines)
    due.push({ item: item_id, kind: status === 'stolen' ? 'theft' : 'loss', since, due: by, overdue: by !== undefined && by < timeOf(at) })
  }
  return due.sort((a, b) => a.since < b.since ? -1 : a.since > b.since ? 1 : 0)
}
