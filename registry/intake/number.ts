// What a workbook stores as a number, as the text that a person saw or typed: no float noise, no exponent, dates as ISO 8601.

/** Significant digits that spreadsheet programs keep and show; anything beyond is noise of the binary form. */
const DIGITS = 15
/** Beyond so many zeros behind the point a number on an item is none. */
const SMALLEST_EXPONENT = 30
const DAY_SECONDS = 86_400
/** Days from the first day of the calendar to 1970-01-01. The 1900 calendar has a 29 February 1900 that never was, hence two origins. */
const EPOCH_1900 = 25_569
const EPOCH_1904 = 24_107
const LEAP_BUG_SERIAL = 60
/** Serial of 10000-01-01, past the last day. */
const SERIAL_END = 2_958_466

/** A number of a workbook as plain decimal text, `1E5` as 100000 and 0.30000000000000004 as 0.3; undefined for what is no number. */
export function plainNumber(stored: string): string | undefined {
  if (/^-?(?:0|[1-9]\d{0,14})$/.test(stored)) return stored === '-0' ? '0' : stored
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/.test(stored)) return undefined
  const value = Number(Number(stored).toPrecision(DIGITS))
  if (!Number.isFinite(value)) return undefined
  const text = String(value)
  if (!text.includes('e')) return text
  if (Number.isInteger(value)) return BigInt(value).toString()
  const [mantissa = '', exponent = ''] = text.split('e-')
  if (Number(exponent) > SMALLEST_EXPONENT) return '0'
  return `${value < 0 ? '-' : ''}0.${'0'.repeat(Number(exponent) - 1)}${mantissa.replace(/[-.]/g, '')}`
}

/** The date or time of day that a serial number shows, without zone: `YYYY-MM-DD`, `YYYY-MM-DDTHH:MM:SS` or `HH:MM:SS`; undefined
 *  outside the calendar. `clock`: the number format shows a time of day. */
export function serialDate(serial: number, since1904: boolean, clock: boolean): string | undefined {
  if (!Number.isFinite(serial) || serial < 0 || serial >= SERIAL_END) return undefined
  const seconds = Math.round(serial * DAY_SECONDS)
  const day = Math.floor(seconds / DAY_SECONDS)
  const time = new Date((seconds % DAY_SECONDS) * 1000).toISOString().slice(11, 19)
  if (day === 0 && !since1904) return time
  if (day === LEAP_BUG_SERIAL && !since1904) return undefined
  const shift = since1904 ? EPOCH_1904 : day < LEAP_BUG_SERIAL ? EPOCH_1900 - 1 : EPOCH_1900
  const date = new Date((day - shift) * DAY_SECONDS * 1000).toISOString().slice(0, 10)
  return time === '00:00:00' && !clock ? date : `${date}T${time}`
}

export type NumberLook = 'number' | 'date' | 'moment'

/** What a built-in number format shows (ECMA-376 part 1, 18.8.30, with those of East Asian locales). */
function builtinLook(id: number): NumberLook {
  if (id === 22) return 'moment'
  if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id === 36 || (id >= 50 && id <= 54) || id === 57 || id === 58) return 'date'
  return (id >= 18 && id <= 21) || (id >= 32 && id <= 35) || id === 45 || id === 47 || id === 55 || id === 56 ? 'moment' : 'number'
}

/** What a cell of this number format shows: a custom `code` decides where there is one. */
export function numberLook(id: number, code: string | undefined): NumberLook {
  if (code === undefined) return builtinLook(id)
  // Elapsed time ([h]:mm) counts hours and names no day. Quoted text, escaped characters and colours say nothing.
  if (/\[(?:h+|m+|s+)\]/i.test(code)) return 'number'
  const bare = code.replace(/"[^"]*"?|\\.|_.|\*.|\[[^\]]*\]/g, '').split(';')[0]?.toLowerCase() ?? ''
  if (!/[dmyhs]/.test(bare) || /general|standard/.test(bare)) return 'number'
  return /[hs]/.test(bare) ? 'moment' : 'date'
}
