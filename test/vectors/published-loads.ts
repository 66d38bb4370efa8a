// Vectors of published quantities: readings of sources, and the figures with their histories that they come to.
import type { Json } from '@muster/core/bytes/canonical.ts'

/** `figures`: source, year and what was said on which day; `at`: the member of the last reading that does not fit, null where all do. */
export type PublishedVector = { what: string, loads: readonly Json[], figures: readonly (readonly [source: string, year: number, history: readonly (readonly [day: string, quantity: number | null])[]])[], at: string | null }

type Body = { readonly [name: string]: Json }
const row = (quantity: number, year = 2019): Body => ({ exporter: 'Northland', importer: 'Southland', model: '9M39', year, quantity })
const load = (day: string, rows: readonly Body[], changes: Body = {}): Body => ({ by: 'C. Orlova', day, file: 'public.csv', note: null, rows: [...rows], source: 'Register one', ...changes })

type Named = [string, PublishedVector]
const valid = (name: string, what: string, loads: readonly Json[], figures: PublishedVector['figures']): Named => [`published/valid/${name}`, { what, loads, figures, at: null }]
const invalid = (name: string, what: string, wrong: Body, at: string): Named => [`published/invalid/${name}`, { what, loads: [wrong], figures: [], at }]

export function publishedVectors(): Named[] {
  return [
    valid('restated', 'two deliveries of one year add up to 12; a later reading says 10', [load('2025-01-01', [row(7), row(5)]), load('2026-02-01', [row(10)])], [['Register one', 2019, [['2025-01-01', 12], ['2026-02-01', 10]]]]),
    valid('left-out', 'a figure that the later reading leaves out is withdrawn', [load('2025-01-01', [row(7), row(3, 2020)]), load('2026-02-01', [row(7)])], [['Register one', 2019, [['2025-01-01', 7]]], ['Register one', 2020, [['2025-01-01', 3], ['2026-02-01', null]]]]),
    valid('two-sources', 'one source says nothing of another\'s figures', [load('2025-01-01', [row(7)]), load('2026-02-01', [row(9)], { source: 'Register two' })], [['Register one', 2019, [['2025-01-01', 7]]], ['Register two', 2019, [['2026-02-01', 9]]]]),
    invalid('no-rows', 'a reading of nothing', load('2025-01-01', []), 'rows'),
    invalid('half-an-item', 'a quantity that is no whole number', load('2025-01-01', [row(0.5)]), 'rows[0].quantity'),
    invalid('no-source', 'nobody states it', load('2025-01-01', [row(7)], { source: '' }), 'source'),
    invalid('no-day', 'a day that no calendar has', load('2025-02-30', [row(7)]), 'day'),
  ]
}
