// The rules of a store as data, and what its inspections found. What lies under one roof against its rule is shown, since the register says what is; what is moved
// in or out against it, by one person where the rule demands two, is refused. Pure; time is an argument.
import { Refusal } from '../bytes/refusal.ts'
import { boolean, date, integer, list, misfit, nullable, object, oneOf, ruled, text, type Shaped } from '../bytes/shape.ts'
import { shaped, type ShapeCode } from '../bytes/shaped-json.ts'
import { secondsOf, type CivilDate, type Time } from '../bytes/time.ts'
import { PERSON_CHARACTERS_MAX, REASON_CHARACTERS_MAX, type CustodyEvent } from './custody-event.ts'
import { fold, type Holding } from './holding.ts'
import { componentClass } from './item.ts'
import { NAME_CHARACTERS_MAX, type Site } from './place.ts'
import { MOVES } from './status.ts'
import { twoPeople, type TwoPeopleCode } from './two-people.ts'

const GROUPS_MAX = 16
const CLASSES_MAX = 16
const FINDINGS_MAX = 64
const DAYS_MAX = 3_660
const DAY_SECONDS = 86_400

const members = object({
  kind: oneOf('rule', 'inspected', 'remedied'),
  site: text(NAME_CHARACTERS_MAX), by: text(PERSON_CHARACTERS_MAX), and: text(PERSON_CHARACTERS_MAX), reason: text(REASON_CHARACTERS_MAX),
  /** Of a rule: classes of which no two of one group lie in this store together; whether every move takes two people; within how many days it is inspected anew. */
  apart: list(list(componentClass, 2, CLASSES_MAX), 0, GROUPS_MAX), twoPersons: boolean, everyDays: nullable(integer(1, DAYS_MAX)),
  /** Of an inspection or a remedy: its day. Findings of an inspection in words; the number of the finding that is remedied. */
  on: nullable(date), findings: list(text(REASON_CHARACTERS_MAX), 0, FINDINGS_MAX), finding: nullable(integer(1, Number.MAX_SAFE_INTEGER)),
})
const shape = ruled(members, 'a rule has groups, people and days and nothing else; an inspection its day and findings; a remedy its day and finding', ({ kind, apart, twoPersons, everyDays, on, findings, finding }) => {
  apart.forEach((group, i) => { if (new Set(group).size !== group.length) misfit(`apart[${i}]`, 'each class once') })
  if (kind !== 'rule' && (apart.length > 0 || twoPersons || everyDays !== null)) misfit('apart', 'what a rule alone says')
  if ((kind === 'rule') !== (on === null)) misfit('on', kind === 'rule' ? 'no day' : 'a day')
  if (kind !== 'inspected' && findings.length > 0) misfit('findings', 'what an inspection alone says')
  if ((kind === 'remedied') !== (finding !== null)) misfit('finding', kind === 'remedied' ? 'the number of the finding' : 'none')
})
export type StoreAct = Shaped<typeof shape>
export type StoreCode = ShapeCode<'store'> | TwoPeopleCode | 'store/to-come' | 'store/no-such-finding' | 'store/remedied-already' | 'store/before-it-was-found' | 'store/two-people'

export function storeActOf(value: unknown): StoreAct | Refusal<ShapeCode<'store'>> {
  return shaped('store', shape, value)
}

/** `number`: of the finding in its store, from 1 on. */
export interface Finding { readonly number: number, readonly text: string, readonly since: CivilDate, readonly remedied: CivilDate | null }
export interface Store { readonly site: string, readonly rule: StoreAct | undefined, readonly inspected: CivilDate | null, readonly findings: readonly Finding[] }

/** What all acts come to, store by store. */
export function storesOf(acts: readonly StoreAct[]): ReadonlyMap<string, Store> {
  const stores = new Map<string, Store>()
  for (const act of acts) {
    const held = stores.get(act.site) ?? { site: act.site, rule: undefined, inspected: null, findings: [] }
    const found = act.findings.map((words, i): Finding => ({ number: held.findings.length + i + 1, text: words, since: act.on as CivilDate, remedied: null }))
    stores.set(act.site, {
      ...held, rule: act.kind === 'rule' ? act : held.rule, inspected: act.kind === 'inspected' && (held.inspected === null || held.inspected < (act.on as CivilDate)) ? act.on : held.inspected,
      findings: [...held.findings.map((each) => each.number === act.finding ? { ...each, remedied: act.on } : each), ...found],
    })
  }
  return stores
}

/** Undefined where the act may follow those before it. `at`: now. */
export function refuseStore(before: readonly StoreAct[], act: StoreAct, at: Time): Refusal<StoreCode> | undefined {
  const alone = twoPeople('a rule, an inspection or a remedy of a store', act.by, act.and)
  if (alone !== undefined) return alone
  if (act.on !== null && act.on > at.slice(0, 10)) return new Refusal('store/to-come', `${act.on} is still to come`, 'on')
  if (act.kind !== 'remedied') return undefined
  const finding = storesOf(before).get(act.site)?.findings.find(({ number }) => number === act.finding)
  if (finding === undefined) return new Refusal('store/no-such-finding', `store ${act.site} has no finding ${String(act.finding)}`, 'finding')
  if (finding.remedied !== null) return new Refusal('store/remedied-already', `finding ${finding.number} of ${act.site} was remedied on ${finding.remedied}`, 'finding')
  return act.on !== null && act.on < finding.since ? new Refusal('store/before-it-was-found', `finding ${finding.number} of ${act.site} was made on ${finding.since}`, 'on') : undefined
}

function codeOf(site: Site | undefined): string | undefined {
  return typeof site === 'object' ? site.code : undefined
}

/** Why an event is not written: it moves something in or out of a store where that takes two people, in one name. */
export function refuseAlone(stores: ReadonlyMap<string, Store>, before: readonly CustodyEvent[], event: CustodyEvent): Refusal<StoreCode> | undefined {
  if (!MOVES.includes(event.kind) || twoPeople('', event.by, event.and) === undefined) return undefined
  const sites = [before, [...before, event]].map((events) => codeOf(fold(events)?.place.site))
  const guarded = sites.find((site) => site !== undefined && stores.get(site)?.rule?.twoPersons === true)
  return guarded === undefined ? undefined : new Refusal('store/two-people', `in store ${guarded} nothing is moved by one person: name the second one (--and)`, 'and')
}

export interface Against { readonly apart: readonly string[], readonly items: number }

/** Groups of the rule of which more than one class lies in the store, with those classes and how many items there are of them. */
export function lyingTogether({ site, rule }: Store, holdings: Iterable<Holding>): Against[] {
  const counts = new Map<string, number>()
  for (const { status, identity, place } of holdings) if (status === 'held' && codeOf(place.site) === site) counts.set(identity.class, (counts.get(identity.class) ?? 0) + 1)
  return (rule?.apart ?? []).flatMap((group): Against[] => {
    const there = group.filter((each) => counts.has(each))
    return there.length < 2 ? [] : [{ apart: there, items: there.reduce((sum, each) => sum + (counts.get(each) ?? 0), 0) }]
  })
}

/** Whole days from a day to the day of a time. */
export function daysSince(day: CivilDate, at: Time): number {
  return Math.round((secondsOf(`${at.slice(0, 10)}T00:00:00Z`) - secondsOf(`${day}T00:00:00Z`)) / DAY_SECONDS)
}
