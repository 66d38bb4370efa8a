// EXERCISE. The 36 seized components: what became of each as its holders recorded it, and what a finder read off it. Invented throughout.
// Nobody's clerk copies a mark as the next one does: dashes, leading zeros and alphabets come and go along a chain.
import type { TraceOutcome } from '@muster/core/rules/chain.ts'
import type { PartyId } from '@muster/core/rules/party.ts'

/** One stretch of a component's custody. Days are `YYYY-MM-DD`; marks are as that holder wrote them. */
export type Step =
  | { readonly step: 'made', readonly party: PartyId, readonly on: string, readonly mark: string }
  /** It stands in the sheet that the holder loads. */
  | { readonly step: 'stocked', readonly party: PartyId, readonly mark: string, readonly year?: string, readonly lot?: string }
  /** `mark`: as the addressee recorded it; null where the addressee records nothing. */
  | { readonly step: 'delivered', readonly from: PartyId, readonly to: PartyId, readonly on: string, readonly mark: string | null }
  | { readonly step: 'lost' | 'stolen' | 'missing' | 'destroyed' | 'expended' | 'demilitarised', readonly party: PartyId, readonly on: string }

export type Kind = 'missile' | 'gripstock' | 'power-unit'

export interface Component {
  readonly id: string
  readonly kind: Kind
  readonly steps: readonly Step[]
  /** The cell of the finder's sheet: what can be read, with the finder's own words about it. */
  readonly read: string
  /** Year on the component, where the finder could read it. */
  readonly year?: string
  readonly expected: TraceOutcome
  readonly holder: PartyId | null
}

const made = (party: string, on: string, mark: string): Step => ({ step: 'made', party: party as PartyId, on, mark })
const stocked = (party: string, mark: string, more: { readonly year?: string, readonly lot?: string } = {}): Step => ({ step: 'stocked', party: party as PartyId, mark, ...more })
const delivered = (from: string, to: string, on: string, mark: string | null): Step => ({ step: 'delivered', from: from as PartyId, to: to as PartyId, on, mark })
const ended = (step: 'lost' | 'stolen' | 'missing' | 'destroyed' | 'expended' | 'demilitarised', party: string, on: string): Step => ({ step, party: party as PartyId, on })


const component = (id: string, kind: Kind, read: string, steps: readonly Step[], more: { readonly year?: string } = {}) => ({ id, kind, read, steps, ...more })
type Told = ReturnType<typeof component>

/** Components whose trace ends in one way; `holder` where it names a last lawful one. */
const ending = (expected: TraceOutcome, told: readonly (readonly [Told, holder?: string])[]): Component[] =>
  told.map(([each, holder]) => ({ ...each, expected, holder: (holder ?? null) as PartyId | null }))

export const COMPONENTS: readonly Component[] = [
  ...ending('last-holder', [
    [component('k01', 'missile', 'Б-107443', [made('QN', '1987-03-11', 'Б-107443'), delivered('QN', 'QQ', '1988-05-20', 'B107443'), ended('stolen', 'QQ', '2022-08-14')]), 'QQ'],
    [component('k02', 'gripstock', '№ 0473182', [made('QN', '1986-10-02', '0473182'), delivered('QN', 'QR', '1987-02-17', '473182'), ended('lost', 'QR', '2023-06-30')]), 'QR'],
    [component('k03', 'missile', 'R-55029? (последний знак не читается)', [made('QP', '1991-04-25', 'R-550291'), delivered('QP', 'QS', '1993-09-09', 'R550291'), ended('missing', 'QS', '2022-11-01')]), 'QS'],
    [component('k04', 'gripstock', 'Л-220716 (под краской)', [
      made('QN', '1988-06-14', 'Л-220716'), delivered('QN', 'QR', '1989-01-30', 'Л 220716'), delivered('QR', 'QT', '1997-07-22', 'L220716'), ended('stolen', 'QT', '2023-02-05'),
    ]), 'QT'],
    [component('k05', 'missile', 'В-317905 (знак изменен)', [made('QN', '1985-12-19', 'В-311905'), delivered('QN', 'QV', '1986-08-08', 'B-311905'), ended('lost', 'QV', '2022-03-27')]), 'QV'],
    [component('k06', 'power-unit', 'К9190427', [stocked('QW', 'К 9190427'), ended('stolen', 'QW', '2023-10-12')]), 'QW'],
    // A record of another state shares class and serial; its year says that it is another item.
    [component('k07', 'missile', 'Д-640028', [
      made('QN', '1988-02-01', 'Д-640028'), delivered('QN', 'QX', '1988-11-16', 'D-640028'), ended('stolen', 'QX', '2022-05-18'), stocked('QR', 'Д640028', { year: '1979' }),
    ], { year: '1988' }), 'QX'],
    // The finder's own arsenal.
    [component('k08', 'gripstock', 'P-301877', [stocked('QM', 'П-301877'), ended('lost', 'QM', '2022-09-03')]), 'QM'],
  ]),
  ...ending('not-received', [
    [component('k09', 'missile', 'Б-118250', [made('QN', '1989-03-03', 'Б-118250'), delivered('QN', 'QS', '1990-06-21', null)]), 'QN'],
    [component('k10', 'gripstock', 'S-400913 (закрашен)', [made('QP', '1990-01-15', 'S400913'), delivered('QP', 'QX', '1990-12-04', null)]), 'QP'],
    [component('k11', 'missile', 'М-73319? (частично читается)', [made('QN', '1987-07-07', 'М-733190'), delivered('QN', 'QQ', '1988-04-12', 'M733190'), delivered('QQ', 'QV', '1999-10-28', null)]), 'QQ'],
    [component('k12', 'power-unit', 'U5520914', [made('QP', '1992-02-29', 'U-5520914'), delivered('QP', 'QT', '1992-08-13', null)]), 'QP'],
  ]),
  ...ending('still-held', [
    [component('k13', 'missile', 'Н-480031', [stocked('QW', 'Н-480031')]), 'QW'],
    [component('k14', 'gripstock', 'T-715530', [stocked('QQ', 'T715530')]), 'QQ'],
    [component('k15', 'missile', 'Б-562?07 (частично читается)', [made('QN', '1986-05-05', 'Б-562007'), delivered('QN', 'QR', '1987-01-09', 'Б562007')]), 'QR'],
    [component('k16', 'gripstock', '5503871 (под краской)', [stocked('QT', '05503871')]), 'QT'],
    [component('k17', 'power-unit', 'Т-8830152', [stocked('QM', 'T8830152')]), 'QM'],
  ]),
  ...ending('destroyed', [
    [component('k18', 'missile', 'Л-902214', [made('QN', '1984-09-27', 'Л-902214'), delivered('QN', 'QX', '1985-03-18', 'L902214'), ended('destroyed', 'QX', '2022-10-19')]), 'QX'],
    [component('k19', 'gripstock', 'N 6190338', [stocked('QS', 'N6190338'), ended('destroyed', 'QS', '2023-04-26')]), 'QS'],
    [component('k20', 'missile', 'С-205519 (знак изменен)', [stocked('QQ', 'C-205519'), ended('expended', 'QQ', '2022-06-06')]), 'QQ'],
    [component('k21', 'power-unit', 'Р-7714093', [stocked('QR', 'Р7714093'), ended('demilitarised', 'QR', '2022-12-01')]), 'QR'],
  ]),
  ...ending('ambiguous', [
    [component('k22', 'gripstock', '6604127', [stocked('QR', '6604127'), stocked('QT', '6604127')])],
    [component('k23', 'missile', 'С-250118 (под краской)', [stocked('QV', 'C250118'), stocked('QW', 'С-250118')])],
    [component('k24', 'missile', 'K-330275', [stocked('QS', 'K-330275', { year: '1986', lot: '4' }), stocked('QS', 'K330275', { year: '1991', lot: '11' })])],
  ]),
  ...ending('absent', [
    [component('k25', 'missile', 'Z-771204', [])],
    [component('k26', 'gripstock', '8200461 (номер изменен)', [])],
    [component('k27', 'missile', 'Ф-43116? (последний знак сбит)', [])],
    // It stands in the register of the state that declines to declare.
    [component('k28', 'power-unit', 'Н-9051127', [stocked('QY', 'Н-9051127')])],
  ]),
  ...ending('silent', [
    [component('k29', 'missile', 'Б-133071', [made('QN', '1988-08-30', 'Б-133071'), delivered('QN', 'QZ', '1989-11-11', null)])],
    [component('k30', 'gripstock', 'W-440862', [made('QP', '1991-10-10', 'W-440862'), delivered('QP', 'QZ', '1992-04-01', null)])],
    [component('k31', 'missile', 'П-15580?', [made('QN', '1987-09-14', 'П-155806'), delivered('QN', 'QR', '1988-03-25', 'П155806'), delivered('QR', 'QZ', '1996-06-17', null)])],
  ]),
  ...ending('unreadable', [
    [component('k32', 'missile', 'стёрт', [])],
    [component('k33', 'gripstock', 'сбит, затем закрашен', [])],
    [component('k34', 'power-unit', 'К??7?', [])],
  ]),
  ...ending('by-chance', [
    // Three figures: many power units bear them.
    [component('k35', 'power-unit', '417', [stocked('QS', '417'), stocked('QW', '417')])],
    // Two figures illegible: a hundred numbers were looked for, so that the one found says little.
    [component('k36', 'gripstock', '4?83?92', [stocked('QT', '4183592')])],
  ]),
]
