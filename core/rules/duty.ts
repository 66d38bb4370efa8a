// What a party owes under an agreement, and by when: exchanges by its schedule, calls to acknowledge and to answer, with the office that a delay has
// come to. Months are calendar months. Pure; time is an argument.
import { addSeconds, isDate, type Time } from '../bytes/time.ts'
import type { Agreement } from './agreement.ts'
import type { Exchange, OfficeSubject } from './terms.ts'

const DAY_SECONDS = 86_400
/** Periods of one exchange that are looked at, the newest: a schedule of a century of months. */
const PERIODS_MAX = 1_200

export const DUTY_STATES = ['due', 'done', 'done-late', 'late'] as const
export type DutyState = (typeof DUTY_STATES)[number]

/** A period that has ended and of which something is to be told by `due`. */
export interface ScheduledPeriod { readonly from: Time, readonly until: Time, readonly due: Time }

/** `time` plus whole months; the day is the month's last where there is no such day. */
export function addMonths(time: Time, months: number): Time {
  const [year, month, day] = [Number(time.slice(0, 4)), Number(time.slice(5, 7)), Number(time.slice(8, 10))]
  const whole = year * 12 + (month - 1) + months
  const [y, m] = [Math.floor(whole / 12), whole % 12 + 1]
  for (let d = day; ; d--) {
    const date = `${y}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`
    if (isDate(date)) return `${date}${time.slice(10)}`
    if (d <= 28) throw new RangeError(`no date ${months} months after ${time}`)
  }
}

/** The periods of an exchange that have ended by `at`, oldest first. */
export function scheduled({ from, everyMonths, dueDays }: Pick<Exchange, 'from' | 'everyMonths' | 'dueDays'>, at: Time): ScheduledPeriod[] {
  const periods: ScheduledPeriod[] = []
  for (let n = 1; ; n++) {
    const until = addMonths(from, n * everyMonths)
    if (until > at) return periods.slice(-PERIODS_MAX)
    periods.push({ from: addMonths(from, (n - 1) * everyMonths), until, due: addSeconds(until, dueDays * DAY_SECONDS) })
  }
}

/** `done`: when it was done; undefined while it was not. */
export function dutyState(due: Time, done: Time | undefined, at: Time): DutyState {
  if (done !== undefined) return done <= due ? 'done' : 'done-late'
  return due < at ? 'late' : 'due'
}

/** The office that an open duty has come to, by the agreement's steps; undefined before the first. */
export function escalated({ escalation = [] }: Pick<Agreement, 'escalation'>, subject: OfficeSubject, due: Time, at: Time): string | undefined {
  const steps = escalation.filter((step) => step.subject === subject && addSeconds(due, step.afterSeconds) <= at)
  return steps.toSorted((a, b) => a.afterSeconds - b.afterSeconds).at(-1)?.office
}
