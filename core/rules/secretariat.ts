// What a secretariat is shown of calls: who answered, when, and how items were seen, as the caller and as the addressee have it, side by side. A
// contradiction is a question to both; none of it is signed, and none of it is evidence. Pure; times are arguments.
import type { Time } from '../bytes/time.ts'
import type { CountedRow, NoCountReason, Seen, Standing } from './call.ts'

/** Numbers by class. Types, which are texts, are not told. */
export type Numbers = readonly ({ readonly class: string } & Readonly<Record<Seen, number>>)[]

export const RECEIVED_STANDINGS = ['open', 'acknowledged', 'answered', 'declined', 'objected'] as const

interface CallTold { readonly call: string, readonly reason: string, readonly asOf: Time, readonly due: Time, readonly issued: Time }
/** `to`: a party, or a state that is called on paper. `proof`: how the answer stands beside the declaration. */
export interface CallerRow { readonly to: string, readonly standing: Standing, readonly since: Time, readonly late: boolean, readonly reason: NoCountReason | null, readonly proof: string | null, readonly numbers: Numbers | null }
export interface AddresseeRow { readonly standing: (typeof RECEIVED_STANDINGS)[number], readonly said: Time | null, readonly numbers: Numbers | null }

/** What one registry tells. */
export interface CallsTold {
  readonly party: string
  readonly issued: readonly (CallTold & { readonly rows: readonly CallerRow[] })[]
  readonly received: readonly (CallTold & AddresseeRow & { readonly from: string })[]
}

/** `word-not-here`: the addressee says that it has said what the caller has not. `word-not-given`: the reverse. */
export const CONTRADICTIONS = ['other-word', 'word-not-here', 'word-not-given', 'not-received', 'not-issued', 'other-numbers'] as const
export type Contradiction = (typeof CONTRADICTIONS)[number]

export interface ToldRow extends CallTold {
  readonly from: string
  readonly to: string
  /** Null where its registry does not answer, or does not have it. */
  readonly caller: CallerRow | null
  readonly addressee: AddresseeRow | null
  readonly contradiction: Contradiction | null
}

/** The counts of an answer by class. */
export function numbersOf(counts: readonly CountedRow[]): Numbers {
  const byClass = new Map<string, { class: string } & Record<Seen, number>>()
  for (const { class: kind, opened, sealed, records } of counts) {
    const sum = byClass.get(kind) ?? { class: kind, opened: 0, sealed: 0, records: 0 }
    byClass.set(kind, { class: kind, opened: sum.opened + opened, sealed: sum.sealed + sealed, records: sum.records + records })
  }
  return [...byClass.values()].toSorted((a, b) => a.class < b.class ? -1 : 1)
}

const FINAL: readonly string[] = ['answered', 'declined', 'objected']
/** Standings that a receipt of the addressee, or a word of it, has made. */
const ARRIVED: readonly Standing[] = ['received', 'acknowledged', 'answered', 'declined', 'objected']

function contradictionOf(caller: CallerRow | null, addressee: AddresseeRow | null, answering: { readonly from: boolean, readonly to: boolean }): Contradiction | null {
  if (caller === null) return answering.from ? 'not-issued' : null
  if (addressee === null) return answering.to && ARRIVED.includes(caller.standing) ? 'not-received' : null
  const [there, here] = [FINAL.includes(addressee.standing), FINAL.includes(caller.standing)]
  if (there && !here) return 'word-not-here'
  if (here && !there) return 'word-not-given'
  if (here && caller.standing !== addressee.standing) return 'other-word'
  return caller.numbers !== null && addressee.numbers !== null && JSON.stringify(caller.numbers) !== JSON.stringify(addressee.numbers) ? 'other-numbers' : null
}

/** One matrix of all that answer, the oldest call first. Of two registries that speak for one party the first is heard. */
export function toldMatrix(all: readonly CallsTold[]): ToldRow[] {
  const by = new Map<string, CallsTold>()
  for (const each of all) if (!by.has(each.party)) by.set(each.party, each)
  const rows = new Map<string, ToldRow>()
  const put = (told: CallTold, from: string, to: string, caller: CallerRow | null, addressee: AddresseeRow | null): void => {
    const { call, reason, asOf, due, issued } = told
    rows.set(`${call} ${from} ${to}`, { call, reason, asOf, due, issued, from, to, caller, addressee, contradiction: contradictionOf(caller, addressee, { from: by.has(from), to: by.has(to) }) })
  }
  for (const { party: from, issued } of by.values()) {
    for (const { rows: addressed, ...told } of issued) {
      for (const row of addressed) put(told, from, row.to, row, by.get(row.to)?.received.find((each) => each.call === told.call && each.from === from) ?? null)
    }
  }
  for (const { party: to, received } of by.values()) for (const each of received) if (!rows.has(`${each.call} ${each.from} ${to}`)) put(each, each.from, to, null, each)
  return [...rows.values()].toSorted((a, b) => a.issued < b.issued ? -1 : a.issued > b.issued ? 1 : `${a.call} ${a.from} ${a.to}` < `${b.call} ${b.from} ${b.to}` ? -1 : 1)
}
