// The books as they are looked at, by the command and by the API.
import { isDate, timeOf, type CivilDate, type Time } from '@muster/core/bytes/time.ts'
import { BEGINNING, momentOf, type Account, type BookLine, type Changes, type ItemBook, type Period } from '@muster/core/rules/book.ts'
import { closedUntil } from '@muster/core/rules/closing.ts'
import { gapsAmong } from '@muster/core/rules/document.ts'
import type { CustodyEvent } from '@muster/core/rules/custody-event.ts'
import { isItemId, known, type Identity } from '@muster/core/rules/item.ts'
import type { Card, DueItem, PeriodBalance } from '../../book/read.ts'
import { closingsIn } from '../../store/closings.ts'
import type { Register } from '../../store/register.ts'
import { numbersTaken } from '../../store/document-numbers.ts'
import { askedOnce, badQuery, type Asked } from '../act.ts'

/** What the query of a book may name. */
export const BOOK_ASKS = { class: 'of this class', type: 'of this type', site: 'at this site', unit: 'of this unit', custodian: 'with this custodian', item: 'one item, every event of it', since: 'first day, or a time (from the beginning)', until: 'last day, or a time (now)', known: 'as the register knew it on this day, or at this time (now)' }

export function momentAsked(asked: Asked, name: 'since' | 'until' | 'known', end: 'first' | 'last', otherwise: Time): Time {
  const given = askedOnce(asked, name)
  const moment = given === undefined ? otherwise : momentOf(given, end)
  if (moment === undefined) throw badQuery(name, 'a day or a time, as 2026-03-01 or 2026-03-01T00:00:00Z')
  return moment
}

export const DUE_ASKS = { class: BOOK_ASKS.class, type: BOOK_ASKS.type, site: BOOK_ASKS.site, unit: BOOK_ASKS.unit, custodian: BOOK_ASKS.custodian, item: 'one item', by: 'the last day that is looked at (today)' }

/** The day up to which what falls due is asked for. */
export function dayAsked(asked: Asked, now: number): CivilDate {
  const day = askedOnce(asked, 'by') ?? timeOf(now).slice(0, 10)
  if (!isDate(day)) throw badQuery('by', 'a day, as 2026-03-01')
  return day
}

/** The account and the period of a query. */
export function bookAsked(asked: Asked, now: number): readonly [Account, Period] {
  const item = askedOnce(asked, 'item')
  if (item !== undefined && !isItemId(item)) throw badQuery('item', 'the id of an item')
  const [kind, type, site, unit, custodian] = (['class', 'type', 'site', 'unit', 'custodian'] as const).map((name) => askedOnce(asked, name))
  return [{ item, class: kind, type, site, unit, custodian }, { from: momentAsked(asked, 'since', 'first', BEGINNING), until: momentAsked(asked, 'until', 'last', timeOf(now)), knownBy: momentAsked(asked, 'known', 'last', timeOf(now)) }]
}

const numbers = ({ class: kind, type, year, serial }: Identity) => ({ class: kind, type: known(type) ?? null, year: known(year) ?? null, serial: known(serial) ?? null })
const eventView = ({ seq, kind, happened, written, by, and, reason, documents }: CustodyEvent) => ({ seq, event: kind, happened, written, by, and, reason, documents })
const lineView = ({ event, identity, in: came, out }: BookLine) => ({ item: event.item, ...numbers(identity), ...eventView(event), in: came, out })

export const cardView = ({ opening, lines, closing, uncounted }: Card) => ({ opening, lines: lines.map((line) => ({ ...lineView(line), balance: line.balance })), closing, uncounted })

export const numbersView = (books: readonly ItemBook[]) => ({ items: books.map(({ item, identity, opening, lines, closing }) => ({ item, ...numbers(identity), opening, lines: lines.map(lineView), closing })) })

/** `broken`: items of which the opening is not what the book gave when the period began, with what was written since. */
export const balanceView = ({ rows, late }: PeriodBalance) => ({ rows, broken: late.map(({ item, identity, stated, opening, late: events }) => ({ item, ...numbers(identity), stated, opening, events: events.map(eventView) })) })

export const changesView = (all: readonly Changes[]) => ({ items: all.map(({ item, identity, differences, events }) => ({ item, ...numbers(identity), differences, events: events.map(eventView) })) })

export const dueView = (all: readonly DueItem[]) => ({ due: all.map(({ item, holding: { identity, category, place }, what, on }) =>
  ({ item, ...numbers(identity), category: category ?? null, site: typeof place.site === 'string' ? null : place.site.code, custodian: known(place.custodian) ?? null, what, on })) })

/** The numbers that events name, of one series or of all; `gaps`: whole numbers of a series between the lowest and the highest that none names. */
export async function documentsView({ db }: Pick<Register, 'db'>, series: string | undefined) {
  const documents = await numbersTaken(db, series)
  const gaps = [...new Set(documents.map((each) => each.series))].flatMap((each) => gapsAmong(documents.filter((one) => one.series === each).map(({ number }) => number)).map((gap) => ({ series: each, ...gap })))
  return { documents, gaps }
}

export async function periodsView({ db, secrets }: Pick<Register, 'db' | 'secrets'>) {
  const all = await closingsIn(db, secrets)
  return { closedUntil: closedUntil(all.map(({ act }) => act)) ?? null, acts: all.map(({ act, written }) => ({ ...act, written })) }
}
