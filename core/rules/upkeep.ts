// What falls due of an item with time: its next technical check, and the end of its service life.
import { isDate, type CivilDate } from '../bytes/time.ts'
import type { Holding } from './holding.ts'
import { IN_HAND } from './status.ts'

export interface Due { readonly what: 'next-check' | 'usable-until', readonly on: CivilDate }

/** The last day of a year, a month or a day as a record states it; undefined for what is none of these. */
export function lastDayOf(stated: string): CivilDate | undefined {
  const [, year = '', month = '12', day] = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(stated) ?? []
  const days = day === undefined ? ['31', '30', '29', '28'] : [day]
  return days.map((each) => `${year}-${month}-${each}`).find(isDate)
}

/** What is due by the end of that day, what was due first foremost; nothing of an item that is not in hand. */
export function dueBy({ status, nextCheck, usableUntil }: Holding, day: CivilDate): Due[] {
  if (!IN_HAND.includes(status)) return []
  const stated = [['next-check', nextCheck], ['usable-until', usableUntil]] as const
  return stated.flatMap(([what, when]): Due[] => {
    const on = when === undefined ? undefined : lastDayOf(when)
    return on === undefined || on > day ? [] : [{ what, on }]
  }).sort((a, b) => a.on < b.on ? -1 : a.on > b.on ? 1 : 0)
}
