// Quotas of one agreement (DESIGN section 5, step 3): elements of each asker over all its cases, and of all askers together, within a window
// that slides. What is not in the window any more counts no longer; a request that was paid once is never paid again.
import type { Agreement } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { Fact, Suspension } from './journal.ts'

export interface QuotaFacts {
  readonly windowSeconds: number
  readonly askerElements: number
  readonly allElements: number
  /** Elements within the window now. */
  readonly spent: Readonly<Record<string, number>>
  readonly spentByAll: number
  readonly suspended: readonly { readonly asker: PartyId, readonly request: string, readonly why: Suspension }[]
}

interface Spending { readonly asker: PartyId, readonly elements: number, readonly at: number }

export interface Quota {
  /** Takes a fact in, once it is in the journal. */
  readonly learn: (one: Fact) => void
  /** The time that counts at the clock's `now`: never before the latest that was seen, so that a clock set back gives no quota back. */
  readonly at: (now: number) => number
  readonly isPaid: (id: string) => boolean
  readonly isSuspended: (asker: PartyId) => boolean
  /** Whether so many elements more are within both quotas; call `at` first. */
  readonly hasRoom: (asker: PartyId, elements: number) => boolean
  /** Why a batch suspends its asker; undefined where it does not. */
  readonly suspension: (id: string) => Suspension | undefined
  readonly isForgiven: (id: string) => boolean
  readonly suspendedFor: (asker: PartyId) => readonly string[]
  readonly facts: () => QuotaFacts
}

/** Facts that a journal need not keep: spending that left the window, where `isAnswered` says that a replay is known by its answer. */
export function withoutPast(facts: readonly Fact[], windowSeconds: number, now: number, isAnswered: (id: string) => boolean): readonly Fact[] {
  const latest = facts.reduce((time, one) => one.what === 'spent' ? Math.max(time, one.at) : time, now)
  return facts.filter((one) => one.what !== 'spent' || one.at > latest - windowSeconds || !isAnswered(one.id))
}

/** The state that facts come to. */
export function quotaOf(quota: Agreement['quota'], known: readonly Fact[]): Quota {
  const paid = new Set<string>()
  const inWindow: Spending[] = []
  const sums = new Map<PartyId, number>()
  const suspensions = new Map<string, { readonly asker: PartyId, readonly why: Suspension }>()
  const forgiven = new Set<string>()
  let sum = 0
  let latest = 0
  const add = (asker: PartyId, elements: number) => {
    sums.set(asker, (sums.get(asker) ?? 0) + elements)
    sum += elements
  }
  const learn = (one: Fact): void => {
    if (one.what === 'suspended') {
      if (!forgiven.has(one.id)) suspensions.set(one.id, { asker: one.asker, why: one.why })
    } else if (one.what === 'forgiven') {
      suspensions.delete(one.id)
      forgiven.add(one.id)
    } else if (!paid.has(one.id)) {
      paid.add(one.id)
      inWindow.push(one)
      add(one.asker, one.elements)
      latest = Math.max(latest, one.at)
    }
  }
  for (const one of known) learn(one)
  return {
    learn,
    at: (now) => {
      latest = Math.max(latest, now)
      const past = inWindow.findIndex(({ at }) => at > latest - quota.windowSeconds)
      for (const { asker, elements } of inWindow.splice(0, past < 0 ? inWindow.length : past)) add(asker, -elements)
      return latest
    },
    isPaid: (id) => paid.has(id),
    isSuspended: (asker) => [...suspensions.values()].some((each) => each.asker === asker),
    hasRoom: (asker, elements) => (sums.get(asker) ?? 0) + elements <= quota.askerElements && sum + elements <= quota.allElements,
    suspension: (id) => suspensions.get(id)?.why,
    isForgiven: (id) => forgiven.has(id),
    suspendedFor: (asker) => [...suspensions].filter(([, each]) => each.asker === asker).map(([id]) => id),
    facts: () => ({
      ...quota, spent: Object.fromEntries([...sums].filter(([, elements]) => elements > 0)), spentByAll: sum,
      suspended: [...suspensions].map(([request, { asker, why }]) => ({ asker, request, why })),
    }),
  }
}
