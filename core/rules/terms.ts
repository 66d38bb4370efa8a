// What an agreement may say beside what it must (spec/agreement.md): the schedule of exchanges, rules of disclosure, escalation, and the offices'
// subjects. Each member may be left out, so that an agreement without it has the bytes that it always had.
import { boolean, eachOnce, integer, list, object, oneOf, text, time, type Shaped } from '../bytes/shape.ts'
import { EVENT_KINDS } from './custody-event.ts'
import { componentClass, PART_CHARACTERS_MAX } from './item.ts'
import { partyId } from './party.ts'

const EXCHANGES_MAX = 32
const MONTHS_MAX = 120
const DUE_DAYS_MAX = 3_660
const ESCALATION_MAX = 32
const LICENSED_MAX = 64
export const OFFICE_CHARACTERS_MAX = 200
const SECONDS_MAX = 100 * 366 * 86_400

/** What offices answer for. */
export const OFFICE_SUBJECTS = ['agreements', 'calls', 'traces', 'transfers', 'notices', 'inspections'] as const
export type OfficeSubject = (typeof OFFICE_SUBJECTS)[number]

/** What parties tell one another by a schedule: a declaration of the whole register, or a report by class and type. */
export const EXCHANGES = ['declaration', 'exports', 'imports', 'holdings', 'production', 'destruction'] as const

/** The sections of an item leaf that an answer can open, in the order in which they are bound (DESIGN section 4). */
export const DISCLOSED_SECTIONS = ['status', 'acquired', 'released', 'site', 'unit', 'marks', 'history'] as const
export type DisclosedSection = (typeof DISCLOSED_SECTIONS)[number]

/** By the standing rule, by two officers for each answer, or not at all. */
export const DISCLOSURE_RULES = ['standing', 'officers', 'never'] as const

const rule = oneOf(...DISCLOSURE_RULES)

export const exchanges = eachOnce(
  list(object({ what: oneOf(...EXCHANGES), from: time, everyMonths: integer(1, MONTHS_MAX), dueDays: integer(0, DUE_DAYS_MAX) }), 1, EXCHANGES_MAX),
  ({ what }) => what, 'each exchange once')
export type Exchange = Shaped<typeof exchanges>[number]

/** Production by `licensee` under a licence of `licensor`, of which it states returns by a schedule; `serials`: with the numbers of what was made. */
export const licensedProduction = eachOnce(
  list(object({
    licensor: partyId, licensee: partyId, maker: text(PART_CHARACTERS_MAX), class: componentClass, type: text(PART_CHARACTERS_MAX), from: time, everyMonths: integer(1, MONTHS_MAX), dueDays: integer(0, DUE_DAYS_MAX), serials: boolean,
  }), 1, LICENSED_MAX),
  ({ licensee, maker, class: kind, type }) => JSON.stringify([licensee, maker, kind, type]), 'each licensee, maker, class and type once')
export type LicensedProduction = Shaped<typeof licensedProduction>[number]

export const disclosure = object({
  sections: eachOnce(list(object({ section: oneOf(...DISCLOSED_SECTIONS), rule }), 0, DISCLOSED_SECTIONS.length), ({ section }) => section, 'each section once'),
  /** Of an item with an event of such a kind, the section that tells of its events is opened by this rule. */
  events: eachOnce(list(object({ kind: oneOf(...EVENT_KINDS), rule }), 0, EVENT_KINDS.length), ({ kind }) => kind, 'each kind of event once'),
})
export type Disclosure = Shaped<typeof disclosure>

export const escalation = eachOnce(
  list(object({ subject: oneOf(...OFFICE_SUBJECTS), afterSeconds: integer(1, SECONDS_MAX), office: text(OFFICE_CHARACTERS_MAX) }), 1, ESCALATION_MAX),
  ({ subject, afterSeconds }) => `${subject} ${afterSeconds}`, 'each subject and time once')
