// Disclosure: which sections of an item a party's answer opens, and who approved that. Two people, for each answer or once for all by the
// agreement's standing rule (DESIGN sections 3 and 5).
import { Refusal } from '../bytes/refusal.ts'
import type { Time } from '../bytes/time.ts'
import { DISCLOSED_SECTIONS, type Agreement, type DisclosedSection } from './agreement.ts'
import { twoPeople, type TwoPeopleCode } from './two-people.ts'

export type Approval = {
  readonly sections: readonly DisclosedSection[]
  readonly by: readonly [string, string]
  /** Approved in advance, by the agreement. */
  readonly standing: boolean
  readonly at: Time
}
export type DisclosureCode = TwoPeopleCode | 'disclosure/no-standing-rule' | 'disclosure/no-sections'

/** What two people approve for one answer; sections in the order in which they are bound. */
export function approve(sections: readonly DisclosedSection[], by: string, and: string | null, at: Time): Approval | Refusal<DisclosureCode> {
  if (sections.length === 0) return new Refusal('disclosure/no-sections', 'name the sections to open, or refuse with a reason', 'sections')
  const refused = twoPeople('disclosure', by, and)
  if (refused !== undefined) return refused
  return { sections: DISCLOSED_SECTIONS.filter((name) => sections.includes(name)), by: [by, and as string], standing: false, at }
}

/** What the agreement's standing rule approves; refused where there is none: then officers decide. */
export function approveByRule({ standing }: Agreement, at: Time): Approval | Refusal<DisclosureCode> {
  if (standing === null) return new Refusal('disclosure/no-standing-rule', 'the agreement has no standing rule for disclosure: two officers approve each answer')
  const approved = approve(standing.sections, standing.approvedBy[0] as string, standing.approvedBy[1] as string, at)
  return approved instanceof Refusal ? approved : { ...approved, standing: true }
}
