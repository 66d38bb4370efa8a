// A formal request of a trace between its question and its end (DESIGN section 6): it is acknowledged, clarified, answered for the time being, answered, looked
// into, withdrawn, and told what came of it. No word of these moves the time in which it is to be answered. Pure; time is an argument.
import type { Time } from '../bytes/time.ts'

/** What the asked party needs to know before it answers, as codes that each side reads in its own language. */
export const CLARIFICATIONS = ['photo-of-mark', 'all-marks', 'condition', 'year-or-lot', 'where-found', 'ground', 'intended-use'] as const
/** How far an answer is for the time being. */
export const INTERIM_STATES = ['records-searched', 'archive-asked', 'holder-asked', 'other-authority-asked', 'look-under-way', 'awaiting-decision'] as const
/** What somebody who went to see found. */
export const LOOK_FINDINGS = ['seen', 'not-seen', 'not-accessible'] as const
export const NOT_ACCESSIBLE = ['sealed', 'in-use', 'under-repair', 'unsafe', 'place-not-held', 'no-time'] as const
/** The asker withdraws its request, the asked party an answer that was given in error: what was signed stays, and this beside it. */
export const WITHDRAWN = ['request', 'answer'] as const
export const WITHDRAWALS = ['found-otherwise', 'entered-in-error', 'case-closed', 'given-in-error', 'unspecified'] as const

export type LookFinding = (typeof LOOK_FINDINGS)[number]
export type RequestCode = `request/${'unknown' | 'answered' | 'reason' | 'not-as-asked' | 'withdrawn' | 'not-answered' | 'no-look' | 'other-item' | 'other-question' | 'in-the-future' | 'no-quota'}`

/** What was said of one request, each by its time, oldest first. */
export interface RequestWords {
  readonly received: Time
  readonly answered: { readonly time: Time, readonly refused: boolean, readonly lookDue: Time | null } | null
  readonly acknowledged: Time | null
  /** Questions back, and whether each was answered. */
  readonly clarifications: readonly { readonly time: Time, readonly answered: boolean }[]
  readonly interim: Time | null
  readonly looks: readonly { readonly time: Time, readonly found: LookFinding }[]
  readonly requestWithdrawn: Time | null
  readonly answerWithdrawn: Time | null
  readonly told: Time | null
}

export const REQUEST_STATES = ['waiting', 'acknowledged', 'asks-back', 'interim', 'to-be-looked', 'answered', 'refused', 'answer-withdrawn', 'withdrawn'] as const
export type RequestState = (typeof REQUEST_STATES)[number]

export interface RequestStanding {
  readonly state: RequestState
  /** By when the asked party is to say its next word: the answer, or what its look found; null where nothing is due. */
  readonly due: Time | null
  readonly overdue: boolean
}

/** What looks at one item came to: the last that found something out. */
export function lookedOf(looks: readonly LookFinding[]): LookFinding | undefined {
  return looks.findLast((found) => found !== 'not-accessible') ?? looks.at(-1)
}

/** Where a request stands. `due`: by when the agreement wants the answer; a question back or an interim answer does not move it. */
export function requestStanding(words: RequestWords, due: Time, at: Time): RequestStanding {
  const over = (state: RequestState): RequestStanding => ({ state, due: null, overdue: false })
  const open = (state: RequestState, by: Time): RequestStanding => ({ state, due: by, overdue: at > by })
  if (words.answered !== null) {
    if (words.answerWithdrawn !== null) return over('answer-withdrawn')
    if (words.answered.refused) return over('refused')
    const { lookDue } = words.answered
    return lookDue !== null && !words.looks.some(({ found }) => found !== 'not-accessible') && words.requestWithdrawn === null ? open('to-be-looked', lookDue) : over('answered')
  }
  if (words.requestWithdrawn !== null) return over('withdrawn')
  if (words.clarifications.some(({ answered }) => !answered)) return open('asks-back', due)
  return open(words.interim !== null ? 'interim' : words.acknowledged !== null ? 'acknowledged' : 'waiting', due)
}
