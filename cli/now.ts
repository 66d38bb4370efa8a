// The clock of the command line: whole seconds, as they stand in every record.
import { timeOf, type Time } from '@muster/core/bytes/time.ts'

const MS_PER_SECOND = 1000

export function now(): Time {
  return timeOf(Math.floor(Date.now() / MS_PER_SECOND))
}

/** POSIX seconds. */
export function seconds(): number {
  return Math.floor(Date.now() / 1000)
}
