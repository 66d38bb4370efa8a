// From a row of a sheet to the event by which its item enters the register: `baseline` for an inventory, `seized` for recoveries, `manufactured` for what
// the party has made. Pure.
// Members are set in sorted order, so that JSON.stringify gives an event's canonical bytes (a test compares).
import { isTime, secondsOf, timeOf, YEAR_MIN, type CivilDate, type Time } from '@muster/core/bytes/time.ts'
import { EVENT_VERSION, REASON_CHARACTERS_MAX, type CustodyEvent, type RecordedMark } from '@muster/core/rules/custody-event.ts'
import type { ItemId, Part, Unknown } from '@muster/core/rules/item.ts'
import type { Named } from '@muster/core/rules/place.ts'
import { rowMessage, type ReasonCode } from '../intake/reasons.ts'
import { clip, type Condition, type IntakeMark, type IntakeRow, type RowRefusal } from '../intake/row.ts'

export const INTAKE_KINDS = ['items', 'recoveries', 'production'] as const
export type IntakeKind = (typeof INTAKE_KINDS)[number]
const EVENT_OF = { items: 'baseline', recoveries: 'seized', production: 'manufactured' } as const satisfies Readonly<Record<IntakeKind, CustodyEvent['kind']>>

export interface IntakeContext {
  readonly as: IntakeKind
  /** The party's name: owner of its inventory and of what it has made, custodian of what it found. */
  readonly party: string
  readonly by: string
  readonly and: string | null
  readonly written: Time
  /** Up to when the books are closed; undefined where they are not. */
  readonly closed?: Time | undefined
}

const CONDITION: Readonly<Record<Condition, RecordedMark['condition']>> = {
  'intact': 'intact', 'partly-legible': 'partly-legible', 'painted-over': 'painted-over', 'erased': 'erased', 'altered': 'altered', 're-marked': 're-marked',
  'illegible': 'unknown', 'none': 'unknown', 'not-recorded': 'unknown', 'withheld': 'unknown', 'unclear': 'unknown',
}

/** In which way there is no serial, where no reading is. */
const WITHOUT: Readonly<Partial<Record<Condition, Unknown>>> = { 'none': 'nil', 'withheld': 'withheld', 'not-recorded': 'unknown' }

function partOf(value: string | undefined): Part {
  return value === undefined || value === '' ? 'unknown' : { is: value }
}

/** The first whole number of a serial column. One with an unknown number of characters missing is a reading of a mark and no serial. */
function serialOf(marks: readonly IntakeMark[]): Part {
  const serials = marks.filter(({ kind }) => kind === 'serial')
  const whole = serials.find((mark) => mark.reading !== undefined && !mark.fragment)
  if (whole?.reading !== undefined) return { is: whole.reading }
  const first = serials[0]
  if (first === undefined) return 'unknown'
  return first.reading === undefined ? WITHOUT[first.condition] ?? 'unreadable' : 'unreadable'
}

/** A cell that says nothing is no mark: nobody saw one. */
function marksOf(marks: readonly IntakeMark[]): RecordedMark[] {
  return marks.filter(({ text }) => text !== '').map(({ text, place, condition, kind, reading }) => ({
    condition: CONDITION[condition], method: 'unknown', photo: null, place: place ?? null,
    ...(kind === 'serial' && reading !== undefined ? { reading } : {}), text,
  }))
}

/** The time of a stated date, a coarse one by its first second; a time of day without an offset is UTC. Undefined for what no calendar has. */
function timeOfStated(when: string): Time | undefined {
  const parts = /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}:\d{2}:\d{2})(Z|([+-])(\d{2}):(\d{2}))?)?)?)?$/.exec(when)
  if (parts === null || Number(parts[1]) < YEAR_MIN) return undefined
  const local = `${parts[1] ?? ''}-${parts[2] ?? '01'}-${parts[3] ?? '01'}T${parts[4] ?? '00:00:00'}Z`
  if (!isTime(local)) return undefined
  if (parts[6] === undefined) return local
  const offset = (Number(parts[7]) * 60 + Number(parts[8])) * 60
  return timeOf(secondsOf(local) + (parts[6] === '-' ? offset : -offset))
}

function dateOf(when: string | undefined): CivilDate {
  return when !== undefined && when.length >= 10 ? when.slice(0, 10) : 'unknown'
}

/** What the event has no member for, in words; the row that it repeats among them. */
function reasonOf({ item, circumstances: { when }, doubts }: IntakeRow, repeats: number | undefined): string {
  const said = [
    'imported',
    item.model !== undefined && item.type !== undefined ? `model ${item.model}` : '',
    item.calibre === undefined ? '' : `calibre ${item.calibre}`,
    item.country === undefined ? '' : `country ${item.country}`,
    when === undefined ? 'date not stated' : when.length < 10 ? `date stated as ${when}` : '',
    doubts.length === 0 ? '' : `doubts: ${doubts.join(', ')}`,
    repeats === undefined ? '' : `repeats row ${repeats} of the same file`,
  ].filter((part) => part !== '').join('; ')
  return said.length <= REASON_CHARACTERS_MAX ? said : `${said.slice(0, REASON_CHARACTERS_MAX - 1).toWellFormed().replace(/\ufffd$/, '')}…`.trim()
}

function placeOf(context: IntakeContext, { site, region, authority }: IntakeRow['circumstances']) {
  const own: Named = { is: context.party }
  const code = site ?? (context.as === 'recoveries' ? undefined : region)
  return {
    custodian: own, owner: context.as === 'recoveries' ? 'unknown' as const : own,
    site: code === undefined ? 'unknown' as const : { code, region: region ?? 'not stated' },
    unit: authority === undefined ? 'unknown' as const : { is: authority },
  }
}

function refusal(row: IntakeRow, reason: ReasonCode, value: string, detail: string): RowRefusal {
  return { kind: 'refusal', row: row.row, source: row.source, doubts: row.doubts, value: clip(value), reason, message: rowMessage(reason, detail) }
}

const DAY_CHARACTERS = 10

/** A return counts what was made by type, maker and day: a row that leaves one of them out is refused. */
function unsaidOfProduction(row: IntakeRow): RowRefusal | undefined {
  const { item: { maker, type, model }, circumstances: { when } } = row
  const [missing] = [['maker', maker], ['type', type ?? model], ['when', when]].filter(([, value]) => value === undefined || value === '')
  if (missing !== undefined) return refusal(row, 'value-missing', '', missing[0] as string)
  return (when as string).length < DAY_CHARACTERS ? refusal(row, 'unreadable-date', when as string, 'YYYY-MM-DD') : undefined
}

/** The event of one row, or why the register cannot hold it. `repeats`: an earlier row of the file with the same cells. */
export function eventOfRow(row: IntakeRow, id: ItemId, context: IntakeContext, repeats?: number): CustodyEvent | RowRefusal {
  const { item, circumstances } = row
  const missing = context.as === 'production' ? unsaidOfProduction(row) : undefined
  if (missing !== undefined) return missing
  const happened = circumstances.when === undefined ? context.written : timeOfStated(circumstances.when)
  if (happened === undefined) return refusal(row, 'unreadable-date', circumstances.when ?? '', `${YEAR_MIN}–9999`)
  if (happened > context.written) return refusal(row, 'date-to-come', circumstances.when ?? '', context.written.slice(0, 10))
  if (context.closed !== undefined && happened <= context.closed) return refusal(row, 'period-closed', circumstances.when ?? '', context.closed.slice(0, 10))
  const entry = {
    identity: {
      class: item.class, lot: partOf(item.lot), maker: partOf(item.maker), serial: serialOf(row.marks), type: partOf(item.type ?? item.model), year: partOf(item.year),
    },
    marks: marksOf(row.marks),
    place: placeOf(context, circumstances),
    ...(item.quantity === undefined || item.quantity === 1 ? {} : { quantity: item.quantity }),
  }
  const documents = circumstances.document === undefined ? [] : [{ date: dateOf(circumstances.when), number: circumstances.document, series: null }]
  const data = context.as !== 'recoveries' ? { entry } : { entry, ...(circumstances.region === undefined ? {} : { region: circumstances.region.slice(0, REGION_CHARACTERS_MAX).trim() }) }
  return {
    and: context.and, by: context.by, data, documents, happened, item: id, kind: EVENT_OF[context.as],
    reason: reasonOf(row, repeats), seq: 0, v: EVENT_VERSION, written: context.written,
  }
}

/** Of `seized`, whose region is a code. */
const REGION_CHARACTERS_MAX = 100
