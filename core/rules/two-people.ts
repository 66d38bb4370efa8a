// Two people for destruction, transfer abroad and disclosure (DESIGN section 3), and for whatever takes such an act back.
import { Refusal } from '../bytes/refusal.ts'

export type TwoPeopleCode = 'two-people/second-missing' | 'two-people/same-person'

/** Whether two names are one person's: case and white space do not make a second person. */
export function samePerson(a: string, b: string): boolean {
  return plain(a) === plain(b)
}

function plain(name: string): string {
  return name.trim().replaceAll(/\s+/g, ' ').toLowerCase()
}

/** Undefined where `by` and `and` are two people; `act` is named in the refusal. */
export function twoPeople(act: string, by: string, and: string | null): Refusal<TwoPeopleCode> | undefined {
  if (and === null) return new Refusal('two-people/second-missing', `${act} needs two people: name the second one (--and)`, 'and')
  if (samePerson(by, and)) return new Refusal('two-people/same-person', `${act} needs two different people: ${by} is named twice`, 'and')
  return undefined
}
