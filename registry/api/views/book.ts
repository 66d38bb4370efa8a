// The books as they are looked at, by the command and by the API.
import type { BookLine, Changes, ItemBook } from '@muster/core/rules/book.ts'
import { closedUntil } from '@muster/core/rules/closing.ts'
import type { CustodyEvent } from '@muster/core/rules/custody-event.ts'
import { known, type Identity } from '@muster/core/rules/item.ts'
import type { Card, PeriodBalance } from '../../book/read.ts'
import { closingsIn } from '../../store/closings.ts'
import type { Register } from '../../store/register.ts'

const numbers = ({ class: kind, type, year, serial }: Identity) => ({ class: kind, type: known(type) ?? null, year: known(year) ?? null, serial: known(serial) ?? null })
const eventView = ({ seq, kind, happened, written, by, and, reason, documents }: CustodyEvent) => ({ seq, event: kind, happened, written, by, and, reason, documents })
const lineView = ({ event, identity, in: came, out }: BookLine) => ({ item: event.item, ...numbers(identity), ...eventView(event), in: came, out })

export const cardView = ({ opening, lines, closing, uncounted }: Card) => ({ opening, lines: lines.map((line) => ({ ...lineView(line), balance: line.balance })), closing, uncounted })

export const numbersView = (books: readonly ItemBook[]) => ({ items: books.map(({ item, identity, opening, lines, closing }) => ({ item, ...numbers(identity), opening, lines: lines.map(lineView), closing })) })

/** `broken`: items of which the opening is not what the book gave when the period began, with what was written since. */
export const balanceView = ({ rows, late }: PeriodBalance) => ({ rows, broken: late.map(({ item, identity, stated, opening, late: events }) => ({ item, ...numbers(identity), stated, opening, events: events.map(eventView) })) })

export const changesView = (all: readonly Changes[]) => ({ items: all.map(({ item, identity, differences, events }) => ({ item, ...numbers(identity), differences, events: events.map(eventView) })) })

export async function periodsView({ db, secrets }: Pick<Register, 'db' | 'secrets'>) {
  const all = await closingsIn(db, secrets)
  return { closedUntil: closedUntil(all.map(({ act }) => act)) ?? null, acts: all.map(({ act, written }) => ({ ...act, written })) }
}
