// Books read from the events, item by item, in one state of the database: cards, balances and what changed between two days.
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { CivilDate, Time } from '@muster/core/bytes/time.ts'
import { bookOf, changesBetween, withBook, type Account, type BookLine, type BookRow, type Changes, type ItemBook, type Period } from '@muster/core/rules/book.ts'
import type { CustodyEvent } from '@muster/core/rules/custody-event.ts'
import { fold, type Holding } from '@muster/core/rules/holding.ts'
import { known, type ItemId } from '@muster/core/rules/item.ts'
import { dueBy, type Due } from '@muster/core/rules/upkeep.ts'
import { eachItem, UNSEEN, type ReadingProgress } from '../store/each-item.ts'
import { eventsOf } from '../store/events.ts'
import type { RecordCode } from '../store/record-event.ts'
import type { Register } from '../store/register.ts'

export type BookCode = 'book/too-long' | 'book/period'

/** Lines, items or changes of one answer. */
export const BOOK_ROWS_MAX = 100_000

/** What an account holds of each item that it concerns, one after the other. Throws a Refusal where the period ends before it begins. */
async function eachBook(register: Register, account: Account, period: Period, progress: ReadingProgress, act: (book: ItemBook) => void): Promise<void> {
  if (period.until < period.from) throw new Refusal<BookCode>('book/period', `the period ends at ${period.until}, before it begins at ${period.from}`, 'until')
  const take = (events: readonly CustodyEvent[]): void => {
    const book = bookOf(events, account, period)
    if (book !== undefined) act(book)
  }
  if (account.item === undefined) return eachItem(register, progress, take)
  const events = await eventsOf(register.db, account.item)
  if (events.length === 0) throw new Refusal<RecordCode>('event/unknown-item', `the register has no item ${account.item}`, 'item')
  take(events)
}

function bounded<T>(rows: T[], what: string): (...more: readonly T[]) => void {
  return (...more) => {
    rows.push(...more)
    if (rows.length > BOOK_ROWS_MAX) throw new Refusal<BookCode>('book/too-long', `more than ${BOOK_ROWS_MAX} ${what}: name a class, a type, a place, a custodian or a shorter period`, 'account')
  }
}

export interface CardLine extends BookLine { readonly balance: number }
export interface Card { readonly opening: number, readonly lines: readonly CardLine[], readonly closing: number, readonly uncounted: number }

/** The stock card: every movement of the account in its order, with what is there after each. */
export async function readCard(register: Register, account: Account, period: Period, progress: ReadingProgress = UNSEEN): Promise<Card> {
  const lines: BookLine[] = []
  const keep = bounded(lines, 'lines')
  let [opening, uncounted] = [0, 0]
  await eachBook(register, account, period, progress, (book) => {
    opening += book.opening
    uncounted += book.uncounted ? 1 : 0
    keep(...book.lines)
  })
  const order = ({ event: { happened, written, item, seq } }: BookLine): string => `${happened} ${written} ${item} ${String(seq).padStart(6, '0')}`
  let balance = opening
  const running = lines.sort((a, b) => order(a) < order(b) ? -1 : 1).map((line): CardLine => ({ ...line, balance: balance += line.in - line.out }))
  return { opening, lines: running, closing: balance, uncounted }
}

export interface PeriodBalance { readonly rows: readonly BookRow[], readonly late: readonly ItemBook[] }

/** The balance by class and type, and the items by which it is not what the book of then gives. */
export async function readBalance(register: Register, account: Account, period: Period, progress: ReadingProgress = UNSEEN): Promise<PeriodBalance> {
  const rows = new Map<string, BookRow>()
  const late: ItemBook[] = []
  const keep = bounded(late, 'items entered late')
  await eachBook(register, account, period, progress, (book) => {
    const name = `${book.identity.class}\n${known(book.identity.type) ?? ''}`
    rows.set(name, withBook(rows.get(name), book))
    if (book.late.length > 0) keep(book)
  })
  return { rows: [...rows.keys()].sort().map((name) => rows.get(name) as BookRow), late }
}

export interface DueItem extends Due { readonly item: ItemId, readonly holding: Holding }

/** What is to be checked, or ends its service life, by the end of a day, of what the account has now; the longest overdue first. */
export async function readDue(register: Register, account: Account, day: CivilDate, now: Time, progress: ReadingProgress = UNSEEN): Promise<readonly DueItem[]> {
  const due: DueItem[] = []
  const keep = bounded(due, 'items')
  const at: Period = { from: now, until: now, knownBy: now }
  await eachItem(register, progress, (events) => {
    const holding = fold(events)
    if (holding === undefined) return
    const found = dueBy(holding, day)
    const book = found.length === 0 ? undefined : bookOf(events, account, at)
    if (book !== undefined && (book.closing > 0 || book.uncounted)) keep(...found.map((each) => ({ ...each, item: book.item, holding })))
  })
  return due.sort((a, b) => a.on < b.on ? -1 : a.on > b.on ? 1 : a.item < b.item ? -1 : 1)
}

/** The book of numbers: item by item what was there, how it came and how it went. */
export async function readNumbers(register: Register, account: Account, period: Period, progress: ReadingProgress = UNSEEN): Promise<readonly ItemBook[]> {
  const books: ItemBook[] = []
  const keep = bounded(books, 'items')
  await eachBook(register, account, period, progress, (book) => { keep(book) })
  return books
}

/** What the register said at two times, and the events that lie between. */
export async function readChanges(register: Register, earlier: Time, later: Time, progress: ReadingProgress = UNSEEN): Promise<readonly Changes[]> {
  if (later < earlier) throw new Refusal<BookCode>('book/period', `the period ends at ${later}, before it begins at ${earlier}`, 'until')
  const changes: Changes[] = []
  const keep = bounded(changes, 'items')
  await eachItem(register, progress, (events) => {
    const found = changesBetween(events, earlier, later)
    if (found !== undefined) keep(found)
  })
  return changes
}
