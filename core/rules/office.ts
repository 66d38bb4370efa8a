// A party's directory of offices: which office a message finds by its subject and the time of its arrival. Pure and total: there is always one
// answer, or a gap that is stated. Hours are of the week in UTC; the order of the list decides between two that are open. No deadline is here.
import { date, eachOnce, integer, list, misfit, nullable, object, oneOf, pattern, ruled, table, text, type Shaped } from '../bytes/shape.ts'
import { addSeconds, secondsOf, timeOf, type Time } from '../bytes/time.ts'

/** Families of kinds of message that an office answers for: all but receipts. */
export const SUBJECTS = [
  'agreement', 'call', 'trace', 'directory', 'exchange', 'evaluation', 'transfer', 'certificate', 're-export', 'reconciliation', 'loss', 'theft', 'recovery', 'delivery', 'inspection', 'production', 'destruction', 'council',
] as const

/** Why a message goes on to another office, as a code that each side reads in its own language. */
export const REROUTES = ['not-its-subject', 'out-of-hours', 'other-in-charge', 'conflict-of-interest', 'no-clearance', 'urgent', 'unspecified'] as const

const OFFICES_MAX = 64
const LANGUAGES_MAX = 8
const HOURS_MAX = 21
const CLOSED_MAX = 64
const DAY_SECONDS = 86_400
/** 1970-01-01 was a Thursday. */
const EPOCH_WEEKDAY = 3

/** Begins with a letter, so that a code is told from a number. */
export const officeCode = pattern(/^[a-z][a-z0-9-]{0,39}$/, 'an office: 1 to 40 of a-z, 0-9 and -, a letter first')
const language = pattern(/^[a-z]{2,3}$/, 'a language: two or three small letters')
const clock = pattern(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, 'a time of day HH:MM')
const clockEnd = pattern(/^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$/, 'a time of day HH:MM, 24:00 at the end of a day')

const hours = ruled(object({ days: eachOnce(list(integer(1, 7), 1, 7), String, 'each day once'), from: clock, until: clockEnd }), '`until` after `from`', ({ from, until }, at) => {
  if (until <= from) misfit(`${at}.until`, 'a time of day after `from`')
})
const closed = ruled(object({ from: date, until: date }), '`until` not before `from`', ({ from, until }, at) => {
  if (until < from) misfit(`${at}.until`, 'a day not before `from`')
})
const names = ruled(table(language, text(200), LANGUAGES_MAX), 'a name in one language at least', (all, at) => {
  if (Object.keys(all).length === 0) misfit(at, 'a name in one language at least')
})

/** `from` and `until`: the days, both included, on which there is such an office; `closed`: days on which it does not work; `otherwise`: who answers outside its hours. */
const office = ruled(object({
  code: officeCode, names, subjects: eachOnce(list(oneOf(...SUBJECTS), 0, SUBJECTS.length), (each) => each, 'each subject once'), hours: list(hours, 1, HOURS_MAX),
  closed: list(closed, 0, CLOSED_MAX), from: nullable(date), until: nullable(date), otherwise: nullable(officeCode),
}), '`until` not before `from`', ({ from, until }, at) => {
  if (from !== null && until !== null && until < from) misfit(`${at}.until`, 'a day not before `from`')
})
export type Office = Shaped<typeof office>

/** The whole of a directory. Two offices may stand in for one another: the law follows each once. */
export const directoryShape = ruled(object({ offices: eachOnce(list(office, 1, OFFICES_MAX), ({ code }) => code, 'each office once') }), '`otherwise` is another office of the directory', ({ offices }) => {
  const codes = new Set(offices.map(({ code }) => code))
  offices.forEach(({ code, otherwise }, i) => {
    if (otherwise !== null && (otherwise === code || !codes.has(otherwise))) misfit(`offices[${i}].otherwise`, 'another office of this directory')
  })
})
export type Directory = Shaped<typeof directoryShape>

/**
 * Where a message lies. `hours`: the office answers for its subject and is open · `deputy`: it stands in for `instead` · gaps: `closed`: nobody is open until
 * `opens` (null: not within two weeks), and it waits with the first office of its subject · `no-office`: none answers for it on that day · `no-directory`.
 */
export type Placed =
  | { readonly by: 'hours', readonly office: string }
  | { readonly by: 'deputy', readonly office: string, readonly instead: string }
  | { readonly by: 'rerouted', readonly office: string, readonly reason: (typeof REROUTES)[number] }
  | { readonly by: 'closed', readonly office: string, readonly opens: Time | null }
  | { readonly by: 'no-office' | 'no-directory', readonly office: null }

export type DirectoryCode = `directory/${'unknown' | 'none' | 'no-party' | 'no-office' | 'there-already' | 'not-received'}`

const OPENS_DAYS = 14
const dayOf = (at: Time): string => at.slice(0, 10)

/** Whether there is such an office on the day of `at`. */
export function standsOn({ from, until }: Pick<Office, 'from' | 'until'>, at: Time): boolean {
  return (from === null || from <= dayOf(at)) && (until === null || dayOf(at) <= until)
}

export function isOpen(each: Office, at: Time): boolean {
  const [day, clockOf] = [dayOf(at), at.slice(11, 16)]
  const weekday = ((Math.floor(secondsOf(at) / DAY_SECONDS) + EPOCH_WEEKDAY) % 7 + 7) % 7 + 1
  return standsOn(each, at) && !each.closed.some(({ from, until }) => from <= day && day <= until)
    && each.hours.some(({ days, from, until }) => days.includes(weekday) && from <= clockOf && clockOf < until)
}

/** Who stands in for an office, the one after the other, each once. */
function* deputies({ offices }: Directory, first: Office): Generator<Office> {
  const seen = new Set([first.code])
  for (let next = first.otherwise; next !== null && !seen.has(next);) {
    seen.add(next)
    const deputy = offices.find(({ code }) => code === next)
    if (deputy === undefined) return
    yield deputy
    next = deputy.otherwise
  }
}

/** The office that a message of this subject finds at `at`. */
export function officeFor(directory: Directory | undefined, subject: string, at: Time): Placed {
  if (directory === undefined) return { by: 'no-directory', office: null }
  const answering = directory.offices.filter((each) => standsOn(each, at) && each.subjects.some((own) => own === subject))
  const [first] = answering
  if (first === undefined) return { by: 'no-office', office: null }
  const open = answering.find((each) => isOpen(each, at))
  if (open !== undefined) return { by: 'hours', office: open.code }
  for (const instead of answering) {
    for (const deputy of deputies(directory, instead)) if (isOpen(deputy, at)) return { by: 'deputy', office: deputy.code, instead: instead.code }
  }
  return { by: 'closed', office: first.code, opens: opensAfter(directory, answering, at) }
}

/** When the first of these offices, or of who stands in for them, opens after `at`. Hours and days begin on whole minutes, so only beginnings are looked at. */
function opensAfter(directory: Directory, answering: readonly Office[], at: Time): Time | null {
  const all = [...new Set(answering.flatMap((each) => [each, ...deputies(directory, each)]))]
  const midnight = secondsOf(`${dayOf(at)}T00:00:00Z`)
  const begins = all.flatMap((each) => each.hours.flatMap(({ from }) => Array.from({ length: OPENS_DAYS + 1 }, (_, day) => addSeconds(timeOf(midnight + day * DAY_SECONDS), 3600 * Number(from.slice(0, 2)) + 60 * Number(from.slice(3)))))
    .filter((time) => time > at && isOpen(each, time)))
  return begins.sort()[0] ?? null
}
