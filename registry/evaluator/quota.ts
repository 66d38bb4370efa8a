// Quotas of one agreement (DESIGN section 5, step 3): elements of each asker over all its cases, and of all askers together, within a window
// that slides; grants of reconciliations and inspections in accounts of their own, so that neither exhausts the traces. What is not in the window any more counts no longer; a request that was paid once is never paid again.
import type { Agreement } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { Account, Fact, Suspension } from './journal.ts'

export interface QuotaFacts {
  readonly windowSeconds: number
  readonly askerElements: number
  readonly allElements: number
  /** Elements within the window now. */
  readonly spent: Readonly<Record<string, number>>
  readonly spentByAll: number
  /** Elements that officers gave beside the quota, within the window now. */
  readonly granted: Readonly<Record<string, number>>
  /** Elements of reconciliations and inspections within the window, by account and asker. */
  readonly accounts: Readonly<Record<string, number>>
  readonly suspended: readonly { readonly asker: PartyId, readonly request: string, readonly why: Suspension }[]
}

/** Elements that were spent or, where their number is below zero, granted beside the quota: both leave the window as time passes. */
interface Spending { readonly asker: PartyId, readonly elements: number, readonly at: number, readonly account?: Account, readonly finds?: readonly string[] }

export interface Quota {
  /** Takes a fact in, once it is in the journal. */
  readonly learn: (one: Fact) => void
  /** The time that counts at the clock's `now`: never before the latest that was seen, so that a clock set back gives no quota back. */
  readonly at: (now: number) => number
  readonly isPaid: (id: string) => boolean
  /** Whether a grant for this question was taken in, or is past already. */
  readonly isGranted: (id: string) => boolean
  readonly isSuspended: (asker: PartyId) => boolean
  /** Whether so many elements more, about these finds, are within every quota; call `at` first. */
  readonly hasRoom: (asker: PartyId, elements: number, finds?: readonly string[], account?: Account) => boolean
  /** Why a batch suspends its asker; undefined where it does not. */
  readonly suspension: (id: string) => Suspension | undefined
  readonly isForgiven: (id: string) => boolean
  readonly suspendedFor: (asker: PartyId) => readonly string[]
  readonly facts: () => QuotaFacts
}

/** Facts that a journal need not keep: spending that left the window, where `isAnswered` says that a replay is known by its answer. */
export function withoutPast(facts: readonly Fact[], windowSeconds: number, now: number, isAnswered: (id: string) => boolean): readonly Fact[] {
  const latest = facts.reduce((time, one) => one.what === 'spent' ? Math.max(time, one.at) : time, now)
  return facts.filter((one) => one.what === 'granted' ? one.at > latest - windowSeconds : one.what !== 'spent' || one.at > latest - windowSeconds || !isAnswered(one.id))
}

/** What a batch spends of each find's own quota: finds of one batch share it. */
function share({ elements, finds = [] }: Pick<Spending, 'elements' | 'finds'>): number {
  return finds.length === 0 ? 0 : Math.sign(elements) * Math.ceil(Math.abs(elements) / finds.length)
}

/** By asker, how many elements. */
function sumsOf(all: readonly Spending[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const { asker, elements } of all) sums[asker] = (sums[asker] ?? 0) + Math.abs(elements)
  return sums
}

/** What the spending within the window sums up to: by asker, by find, by account and asker, and in all. */
function openTally() {
  const [byAsker, byFind, byAccount] = [new Map<PartyId, number>(), new Map<string, number>(), new Map<string, number>()]
  let all = 0
  const put = <K>(sums: Map<K, number>, key: K, elements: number): void => {
    const left = (sums.get(key) ?? 0) + elements
    if (left !== 0) sums.set(key, left)
    else sums.delete(key)
  }
  return {
    add: (spending: Spending, sign: 1 | -1): void => {
      const { asker, elements, account, finds = [] } = spending
      if (account !== undefined) return put(byAccount, `${account} ${asker}`, sign * elements)
      put(byAsker, asker, sign * elements)
      for (const find of finds) put(byFind, find, sign * share(spending))
      all += sign * elements
    },
    ofAsker: (asker: PartyId): number => byAsker.get(asker) ?? 0,
    ofFind: (find: string): number => byFind.get(find) ?? 0,
    inAccount: (account: Account, asker: PartyId): number => byAccount.get(`${account} ${asker}`) ?? 0,
    ofAll: (): number => all,
    accounts: (): Record<string, number> => Object.fromEntries(byAccount),
  }
}

/** The state that facts come to. `quota`: as the agreement in force has it. */
export function quotaOf(quota: () => Agreement['quota'], known: readonly Fact[]): Quota {
  const paid = new Set<string>()
  const granted = new Set<string>()
  const inWindow: Spending[] = []
  const tally = openTally()
  const suspensions = new Map<string, { readonly asker: PartyId, readonly why: Suspension }>()
  const forgiven = new Set<string>()
  let latest = 0
  const ownQuota = (asker: PartyId): number => quota().askers?.find(({ party }) => party === asker)?.elements ?? quota().askerElements
  const learn = (one: Fact): void => {
    if (one.what === 'suspended') {
      if (!forgiven.has(one.id)) suspensions.set(one.id, { asker: one.asker, why: one.why })
    } else if (one.what === 'forgiven') {
      suspensions.delete(one.id)
      forgiven.add(one.id)
    } else if (one.what === 'granted') {
      if (granted.has(one.id)) return
      granted.add(one.id)
      const given = { ...one, elements: -one.elements }
      inWindow.push(given)
      inWindow.sort((a, b) => a.at - b.at)
      tally.add(given, 1)
    } else if (!paid.has(one.id)) {
      paid.add(one.id)
      inWindow.push(one)
      tally.add(one, 1)
      latest = Math.max(latest, one.at)
    }
  }
  for (const one of known) learn(one)
  return {
    learn,
    at: (now) => {
      latest = Math.max(latest, now)
      const past = inWindow.findIndex(({ at }) => at > latest - quota().windowSeconds)
      for (const spending of inWindow.splice(0, past < 0 ? inWindow.length : past)) tally.add(spending, -1)
      return latest
    },
    isPaid: (id) => paid.has(id),
    isGranted: (id) => granted.has(id),
    isSuspended: (asker) => [...suspensions.values()].some((each) => each.asker === asker),
    hasRoom: (asker, elements, finds = [], account) => {
      if (account !== undefined) return tally.inAccount(account, asker) + elements <= (quota().grantElements ?? ownQuota(asker))
      const { allElements, findElements = Number.MAX_SAFE_INTEGER } = quota()
      const more = share({ elements, finds })
      return tally.ofAsker(asker) + elements <= ownQuota(asker) && tally.ofAll() + elements <= allElements && finds.every((find) => tally.ofFind(find) + more <= findElements)
    },
    suspension: (id) => suspensions.get(id)?.why,
    isForgiven: (id) => forgiven.has(id),
    suspendedFor: (asker) => [...suspensions].filter(([, each]) => each.asker === asker).map(([id]) => id),
    facts: () => ({
      windowSeconds: quota().windowSeconds, askerElements: quota().askerElements, allElements: quota().allElements,
      spent: sumsOf(inWindow.filter(({ elements, account }) => elements > 0 && account === undefined)), granted: sumsOf(inWindow.filter(({ elements }) => elements < 0)),
      spentByAll: inWindow.reduce((all, { elements, account }) => all + (account === undefined ? Math.max(0, elements) : 0), 0),
      accounts: tally.accounts(),
      suspended: [...suspensions].map(([request, { asker, why }]) => ({ asker, request, why })),
    }),
  }
}
