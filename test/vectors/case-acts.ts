// Vectors of the law of a case: acts in their order, and the first that may not stand, with why.
import type { Json } from '@muster/core/bytes/canonical.ts'

/** `at`: the index of the act that is refused, null where all stand; `disagree`: pairs of claims that cannot both be so. */
export type CaseVector = { what: string, acts: readonly Json[], at: number | null, code: string | null, disagree: readonly (readonly [string, string])[] }

const ITEM = '11111111-1111-4111-8111-111111111111'
const act = (kind: string, data: Json, and: string | null = null): Json => ({ and, by: 'A. Petrova', data, kind })
const opened = act('opened', { title: 'Launchers in the east' }, 'B. Karimov')
const closed = act('closed', { because: 'done' }, 'B. Karimov')
const recovery = act('recovery-added', { id: 'r-1', items: [ITEM] })
const claim = (id: string, value: string | number, changes: { readonly [name: string]: Json } = {}): Json =>
  act('claim-added', { about: 'How many?', by: null, date: '2026-03', figure: null, id, source: `Agency ${id}`, standing: 'reported', unit: 'launchers', value, ...changes })
const explained = act('explained', { against: [], for: [{ rests: 'c-1', says: 'so many at once' }], id: 'stolen', what: 'stolen from a store' })
const incident = (changes: { readonly [name: string]: Json } = {}): Json => act('incident-added', { id: 'i-1', kind: 'attack', region: 'North', source: 'Agency A', what: 'an aircraft was hit', when: '2026-08', ...changes })
const told = act('watch-told', { agreement: 'exercise-1', id: 'watch-1', item: ITEM, label: '11'.repeat(32), party: 'BB', sequence: 2, watch: '22222222-2222-4222-8222-222222222222', what: 'appeared' })

type Named = [string, CaseVector]
const valid = (name: string, what: string, acts: readonly Json[], disagree: CaseVector['disagree'] = []): Named => [`case/valid/${name}`, { what, acts, at: null, code: null, disagree }]
const invalid = (name: string, what: string, acts: readonly Json[], code: string): Named => [`case/invalid/${name}`, { what, acts, at: acts.length - 1, code, disagree: [] }]

export function caseVectors(): Named[] {
  return [
    valid('two-sources-disagree', 'two figures that cannot both be so: both stay', [opened, claim('c-1', 118), claim('c-2', 'at least 119', { figure: { least: 119 } })], [['c-1', 'c-2']]),
    valid('three-figures', 'more than 100, at least 119, 118: only the last two exclude one another', [opened, claim('a', 'more than 100', { figure: { least: 101 } }), claim('b', 'at least 119', { figure: { least: 119 } }), claim('c', '118', { figure: { least: 118, most: 118 } })], [['b', 'c']]),
    valid('two-matters', 'figures of two matters never disagree', [opened, claim('c-1', 118), claim('c-2', 3, { about: 'How long?' })]),
    valid('explained', 'an explanation that rests on a claim', [opened, claim('c-1', 118), explained]),
    valid('news-after-closing', 'what a declaration brings is told in a closed case too', [opened, recovery, closed, told]),
    valid('dates', 'as exact as they are known', [opened, incident(), incident({ id: 'i-2', when: '2002' }), incident({ id: 'i-3', when: '2002-08-19' }), incident({ id: 'i-4', when: 'unknown' }), incident({ id: 'i-5', when: '2002-08-19T13:00:00Z' })]),
    invalid('one-person', 'opened by one person', [act('opened', { title: 'x' })], 'two-people/second-missing'),
    invalid('not-open', 'an act before the case is opened', [recovery], 'case/not-open'),
    invalid('closed', 'a claim in a closed case', [opened, closed, claim('c-1', 118)], 'case/not-open'),
    invalid('id-twice', 'a second claim under the id of a recovery', [opened, recovery, claim('r-1', 118)], 'case/id-twice'),
    invalid('rests-on-nothing', 'a fact that rests on what the case does not hold', [opened, explained], 'case/no-such-id'),
    invalid('no-such-day', 'a day that the calendar does not have', [opened, incident({ when: '2002-02-30' })], 'case/shape'),
    invalid('a-place', 'a place beside the region', [opened, incident({ place: 'Depot 3' })], 'case/shape'),
    invalid('other-kind', 'an incident of no kind of record', [opened, incident({ kind: 'strike' })], 'case/shape'),
    invalid('stronger-than-said', 'a word for how far it got that no report has', [opened, claim('c-1', 118, { standing: 'proven' })], 'case/shape'),
  ]
}
