// The periods of the books: the opening balance, with what it rests on and what it leaves open; days up to which the books are closed, so that of a time
// before only corrections are written; and what two others than those who closed them may open again. Pure; time is an argument.
import { Refusal } from '../bytes/refusal.ts'
import { integer, list, misfit, nullable, object, oneOf, ruled, text, time, type Shaped } from '../bytes/shape.ts'
import { shaped, type ShapeCode } from '../bytes/shaped-json.ts'
import type { Time } from '../bytes/time.ts'
import { PERSON_CHARACTERS_MAX, REASON_CHARACTERS_MAX, type CustodyEvent } from './custody-event.ts'
import { componentClass, PART_CHARACTERS_MAX, QUANTITY_MAX } from './item.ts'
import { samePerson, twoPeople, type TwoPeopleCode } from './two-people.ts'

const ROWS_MAX = 10_000
const WORDS_MAX = 64

/** What was in hand of a class and type at the end of the period, as it was known when the act was written. */
const row = object({ class: componentClass, type: nullable(text(PART_CHARACTERS_MAX)), items: integer(0, QUANTITY_MAX), uncounted: integer(0, QUANTITY_MAX) })

const members = object({
  kind: oneOf('opening', 'closed', 'reopened'),
  /** The last second that it is about. Reopened: what stays closed. */
  until: time, by: text(PERSON_CHARACTERS_MAX), and: text(PERSON_CHARACTERS_MAX), reason: text(REASON_CHARACTERS_MAX),
  /** Of an opening balance: the papers and counts that it was taken from, and what nobody could answer. */
  sources: list(text(REASON_CHARACTERS_MAX), 0, WORDS_MAX), questions: list(text(REASON_CHARACTERS_MAX), 0, WORDS_MAX), rows: list(row, 0, ROWS_MAX),
})
const shape = ruled(members, 'sources and questions of an opening balance, which has a source; rows of what is not reopened', ({ kind, sources, questions, rows }) => {
  if (kind === 'opening' ? sources.length === 0 : sources.length + questions.length > 0) misfit('sources', kind === 'opening' ? 'one source or more' : 'none, but of an opening balance')
  if (kind === 'reopened' && rows.length > 0) misfit('rows', 'none where books are opened again')
})
export type ClosingAct = Shaped<typeof shape>
export type ClosingCode = ShapeCode<'closing'> | TwoPeopleCode | 'closing/opened-already' | 'closing/not-later' | 'closing/to-come' | 'closing/nothing-closed' | 'closing/own-closing' | 'closing/closed'

export function closingOf(value: unknown): ClosingAct | Refusal<ShapeCode<'closing'>> {
  return shaped('closing', shape, value)
}

/** Up to when the books are closed, by all acts in their order; undefined where they never were. */
export function closedUntil(acts: readonly ClosingAct[]): Time | undefined {
  return acts.at(-1)?.until
}

/** Undefined where the act may follow those before it. `at`: now. */
export function refuseClosing(before: readonly ClosingAct[], act: ClosingAct, at: Time): Refusal<ClosingCode> | undefined {
  const refuse = (code: ClosingCode, message: string, member = 'until'): Refusal<ClosingCode> => new Refusal(code, message, member)
  const closed = closedUntil(before)
  const alone = twoPeople('closing or opening the books', act.by, act.and)
  if (alone !== undefined) return alone
  if (act.until > at) return refuse('closing/to-come', `books are closed up to a time that has been, and it is ${at}`)
  if (act.kind === 'reopened') {
    if (closed === undefined || act.until >= closed) return refuse('closing/nothing-closed', closed === undefined ? 'the books were never closed' : `the books are closed up to ${closed}: name an earlier time, up to which they stay closed`)
    const own = before.filter((each) => each.kind !== 'reopened' && each.until > act.until).flatMap(({ by, and }) => [by, and]).find((closer) => samePerson(closer, act.by) || samePerson(closer, act.and))
    return own === undefined ? undefined : refuse('closing/own-closing', `${own} closed what is to be opened again: two others do that`, samePerson(own, act.by) ? 'by' : 'and')
  }
  if (act.kind === 'opening' && before.length > 0) return refuse('closing/opened-already', 'the books have an opening balance, or were closed, before', 'kind')
  return closed !== undefined && act.until <= closed ? refuse('closing/not-later', `the books are closed up to ${closed}: name a later time`) : undefined
}

/** Why an event is not written: it happened in a closed period and corrects nothing. */
export function refuseClosed(closed: Time | undefined, { kind, happened }: Pick<CustodyEvent, 'kind' | 'happened'>): Refusal<ClosingCode> | undefined {
  if (closed === undefined || happened > closed || kind === 'corrected') return undefined
  return new Refusal('closing/closed', `the books are closed up to ${closed}, and this happened at ${happened}: of that time only corrections are written, or two others than those who closed them open the books again`, 'happened')
}
