// Disclosure: which sections of an item a party's answer opens, and who approved that. Two people, for each answer or once for all by the
// agreement's standing rule (DESIGN sections 3 and 5).
import { Refusal } from '../bytes/refusal.ts'
import type { Time } from '../bytes/time.ts'
import type { Agreement } from './agreement.ts'
import type { EventKind } from './custody-event.ts'
import type { PartyId } from './party.ts'
import { DISCLOSED_SECTIONS, type DisclosedSection, type Disclosure } from './terms.ts'
import { twoPeople, type TwoPeopleCode } from './two-people.ts'

export type Approval = {
  readonly sections: readonly DisclosedSection[]
  readonly by: readonly [string, string]
  /** Approved in advance, by the agreement. */
  readonly standing: boolean
  readonly at: Time
}
export type DisclosureCode = TwoPeopleCode | 'disclosure/no-standing-rule' | 'disclosure/no-sections' | 'disclosure/never'

/** What may be opened at all, in the order in which sections are bound. `rules`: those of the agreement, where it has any. */
export function sectionsToOpen(sections: readonly DisclosedSection[], rules?: Disclosure): readonly DisclosedSection[] | Refusal<DisclosureCode> {
  if (sections.length === 0) return new Refusal('disclosure/no-sections', 'name the sections to open, or refuse with a reason', 'sections')
  const closed = rules?.sections.find(({ section, rule }) => rule === 'never' && sections.includes(section))
  if (closed !== undefined) return new Refusal('disclosure/never', `the agreement opens ${closed.section} to nobody: leave it out`, 'sections')
  return DISCLOSED_SECTIONS.filter((name) => sections.includes(name))
}

/** What two people approve for one answer. */
export function approve(sections: readonly DisclosedSection[], by: string, and: string | null, at: Time, rules?: Disclosure): Approval | Refusal<DisclosureCode> {
  const opened = sectionsToOpen(sections, rules)
  if (opened instanceof Refusal) return opened
  const refused = twoPeople('disclosure', by, and)
  if (refused !== undefined) return refused
  return { sections: opened, by: [by, and as string], standing: false, at }
}

/** What the agreement's standing rule approves for the party that answers; refused where there is none for it: then officers decide. */
export function approveByRule({ standing }: Agreement, party: PartyId, at: Time): Approval | Refusal<DisclosureCode> {
  if (standing === null || standing.except?.includes(party) === true) return new Refusal('disclosure/no-standing-rule', 'the agreement has no standing rule for disclosure: two officers approve each answer')
  const approved = approve(standing.sections, standing.approvedBy[0] as string, standing.approvedBy[1] as string, at)
  return approved instanceof Refusal ? approved : { ...approved, standing: true }
}

/** Of what was approved, the sections that may be opened of an item with such events: its history tells of them all, so the strictest rule of its events is the rule of it. */
export function openable({ sections, standing }: Pick<Approval, 'sections' | 'standing'>, kinds: readonly EventKind[], rules: Disclosure | undefined): readonly DisclosedSection[] {
  const closed = rules?.events.some(({ kind, rule }) => kinds.includes(kind) && (rule === 'never' || (standing && rule === 'officers'))) ?? false
  return closed ? sections.filter((section) => section !== 'history') : sections
}
