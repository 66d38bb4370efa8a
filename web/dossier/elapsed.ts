// How much time lies between two dates of a record, in words of the reader's language.
import type { Lang } from '@muster/core/words/lang.ts'

const DAY_MS = 86_400_000
const UNITS = [['year', 365.2425], ['month', 30.436875], ['day', 1]] as const
/** Of a unit there are two at the least, so that thirteen months are not one year. */
const LEAST = 2

/** Undefined where one of them is no full date, or nothing lies between. `from` and `to`: a date, or a time, as a record states it. */
export function elapsed(from: string | null, to: string | null, lang: Lang): string | undefined {
  const [start, end] = [from, to].map((text) => /^\d{4}-\d{2}-\d{2}/.test(text ?? '') ? Date.parse((text ?? '').slice(0, 10)) : Number.NaN) as [number, number]
  const days = Math.round((end - start) / DAY_MS)
  if (!(days > 0)) return undefined
  const [unit, length] = UNITS.find(([, each]) => days / each >= LEAST) ?? ['day', 1]
  return new Intl.NumberFormat(lang, { style: 'unit', unit, unitDisplay: 'long' }).format(Math.floor(days / length))
}
