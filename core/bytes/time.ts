// Times as text: `YYYY-MM-DDTHH:MM:SSZ`, UTC, whole seconds, years 1900 to 9999 (a profile of RFC 3339). All have the same length,
// so that they compare as text. Dates are `YYYY-MM-DD`. The arithmetic is the proleptic Gregorian calendar; leap seconds do not exist here.

/** Checked by `isTime` at the door where it comes in. */
export type Time = string
/** `YYYY-MM-DD`, checked by `isDate` at the door where it comes in. */
export type CivilDate = string

export const YEAR_MIN = 1900
export const YEAR_MAX = 9999

const SECONDS_PER_DAY = 86_400
const DAYS_PER_ERA = 146_097
const DAYS_BEFORE_EPOCH = 719_468
const TIME = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)Z$/
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/

/** Whole days from 1970-01-01; years begin in March inside, so that a leap day is a year's last. */
function daysOf(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * DAYS_PER_ERA + dayOfEra - DAYS_BEFORE_EPOCH
}

function dateOf(days: number): CivilDate {
  const shifted = days + DAYS_BEFORE_EPOCH
  const era = Math.floor(shifted / DAYS_PER_ERA)
  const dayOfEra = shifted - era * DAYS_PER_ERA
  const yearOfEra = Math.floor((dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365)
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return `${year}-${two(month)}-${two(day)}`
}

function two(value: number): string {
  return value.toString().padStart(2, '0')
}

export function isDate(text: unknown): text is CivilDate {
  const parts = typeof text === 'string' ? DATE.exec(text) : null
  if (parts === null) return false
  const year = Number(parts[1])
  const month = Number(parts[2])
  if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12) return false
  return dateOf(daysOf(year, month, Number(parts[3]))) === text
}

export function isTime(text: unknown): text is Time {
  const parts = typeof text === 'string' ? TIME.exec(text) : null
  return parts !== null && isDate(parts[1])
}

/** Seconds from 1970-01-01T00:00:00Z, negative before. Throws RangeError for anything that `isTime` refuses. */
export function secondsOf(time: Time): number {
  if (!isTime(time)) throw new RangeError(`not a time of the form YYYY-MM-DDTHH:MM:SSZ: ${time}`)
  const days = daysOf(Number(time.slice(0, 4)), Number(time.slice(5, 7)), Number(time.slice(8, 10)))
  return days * SECONDS_PER_DAY + Number(time.slice(11, 13)) * 3600 + Number(time.slice(14, 16)) * 60 + Number(time.slice(17, 19))
}

/** The time of whole seconds from 1970-01-01T00:00:00Z. Throws RangeError outside the years 1900 to 9999. */
export function timeOf(seconds: number): Time {
  const days = Math.floor(seconds / SECONDS_PER_DAY)
  const rest = seconds - days * SECONDS_PER_DAY
  const time = Number.isSafeInteger(seconds)
    ? `${dateOf(days)}T${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}Z` : ''
  if (!isTime(time)) throw new RangeError(`no time of the years ${YEAR_MIN} to ${YEAR_MAX}: ${seconds} seconds`)
  return time
}

/** `time` plus whole seconds, which may be negative. Throws RangeError outside the years 1900 to 9999. */
export function addSeconds(time: Time, seconds: number): Time {
  return timeOf(secondsOf(time) + seconds)
}
