// What a party reports by an agreement's schedule of exchanges (spec/agreement.md): of one period, how many of each class and type, with whom; none is
// an answer. Numbers of single items are never said.
import { hex, integer, list, misfit, nullable, object, oneOf, ruled, text, time, type Shaped } from '../bytes/shape.ts'
import { componentClass } from '../rules/item.ts'
import { EXCHANGES } from '../rules/terms.ts'

const ROWS_MAX = 4_096
const COUNT_MAX = 1_000_000_000

export const exchangeRows = list(object({ class: componentClass, type: nullable(text(200)), with: nullable(text(100)), items: integer(1, COUNT_MAX) }), 0, ROWS_MAX)

const members = object({
  report: hex(16), what: oneOf(...EXCHANGES), from: time, until: time,
  rows: exchangeRows, note: nullable(text(1_000)),
})
const report = ruled(members, '`until` after `from`; each class, type and other side once', (whole) => {
  if (whole.until <= whole.from) misfit('until', 'a time after `from`')
  const seen = new Set<string>()
  whole.rows.forEach((row, i) => { if (seen.size === seen.add(`${row.class}\n${row.type ?? ''}\n${row.with ?? ''}`).size) misfit(`rows[${i}]`, 'each class, type and other side once') })
})

export const EXCHANGE_BODY = { 'exchange/report': report } as const
export type ExchangeReport = Shaped<typeof report>
