// Dates as people write them, to ISO 8601. A form is read strictly: 03.04.2017 is never guessed to be March.

const YEAR_MIN = 1000
const YEAR_MAX = 2199
const PARTS: Readonly<Record<string, string>> = { YYYY: 'year', MM: 'month', DD: 'day', HH: 'hour', mm: 'minute', ss: 'second' }
const patterns = new Map<string, RegExp>()
/** Dates of a sheet are few. */
const READ_MAX = 20_000
const read = new Map<string, string | undefined>()

function patternOf(form: string): RegExp {
  let pattern = patterns.get(form)
  if (pattern === undefined) {
    const source = form.replace(/YYYY|MM|DD|HH|mm|ss|[^A-Za-z]|[A-Za-z]/g, (part) => {
      const name = PARTS[part]
      if (name === undefined) return part.replace(/[.+*?^$(){}|[\]\\/]/g, '\\$&')
      return `(?<${name}>\\d{${part === 'YYYY' ? '4' : part === 'mm' || part === 'ss' ? '2' : '1,2'}})`
    })
    pattern = new RegExp(`^${source}$`)
    patterns.set(form, pattern)
  }
  return pattern
}

/** Forms that leave no doubt and are always read; the refusal file writes them. */
const ISO_FORMS = ['YYYY-MM-DD', 'YYYY-MM-DDTHH:mm:ss', 'YYYY-MM-DD HH:mm:ss', 'YYYY-MM', 'YYYY']

/** `YYYY`, `YYYY-MM`, `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SS` (with the offset, if any, behind a time); undefined for what no form fits or
 *  the calendar does not have. */
export function readDate(text: string, forms: readonly string[], offset = ''): string | undefined {
  const key = `${text}\n${offset}\n${forms.join('\n')}`
  if (read.has(key)) return read.get(key)
  const date = parseDate(text, forms, offset)
  if (read.size < READ_MAX) read.set(key, date)
  return date
}

function parseDate(text: string, forms: readonly string[], offset: string): string | undefined {
  for (const form of [...forms, ...ISO_FORMS]) {
    const groups = patternOf(form).exec(text.trim())?.groups
    if (groups === undefined) continue
    const { year = '', month, day, hour, minute = '00', second = '00' } = groups
    if (Number(year) < YEAR_MIN || Number(year) > YEAR_MAX) continue
    if (month === undefined) return year
    const [m, d] = [Number(month), Number(day ?? '1')]
    if (m < 1 || m > 12 || d < 1 || d > new Date(Date.UTC(Number(year), m, 0)).getUTCDate()) continue
    if (day === undefined) return `${year}-${month.padStart(2, '0')}`
    const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
    if (hour === undefined) return date
    if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) continue
    return `${date}T${hour.padStart(2, '0')}:${minute}:${second}${offset}`
  }
  return undefined
}
