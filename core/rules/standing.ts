// Where an agreement stands, as a function of what was said of it and the time: a draft until it is proposed, in force when every party that is due has
// signed its bytes, amended by the next sequence, left by whoever withdrew. Nobody's silence is a signature, and one over other bytes counts for nothing.
import { Refusal } from '../bytes/refusal.ts'
import { addSeconds, type Time } from '../bytes/time.ts'
import type { Agreement } from './agreement.ts'
import type { PartyId } from './party.ts'

export const AGREEMENT_STATES = ['draft', 'proposed', 'signed', 'in-force', 'ended'] as const
export type AgreementState = (typeof AGREEMENT_STATES)[number]

/** An agreement's text, known by the SHA-256 of its canonical bytes. `proposed`: when a party first said it to others; null where none did. */
export interface Text { readonly hash: string, readonly agreement: Agreement, readonly proposed: Time | null }
/** A party's signature as it said it: over which bytes of which sequence. In the order in which the party said them. */
export interface TextSignature { readonly party: PartyId, readonly hash: string, readonly sequence: number, readonly time: Time, readonly name: string, readonly office: string }
/** A party's word that it is no party any more from a date. */
export interface Withdrawal { readonly party: PartyId, readonly said: Time, readonly from: Time }

export interface TextStanding {
  readonly text: Text
  readonly state: AgreementState
  readonly signed: readonly TextSignature[]
  readonly missing: readonly PartyId[]
  /** From when it holds: the last signature or `effective`, whichever is later; undefined while a signature is missing. */
  readonly since: Time | undefined
}

export interface Standing {
  readonly state: AgreementState
  /** The text in force, or, while none is, the one that the register took up. */
  readonly current: TextStanding
  /** Every text, by sequence. */
  readonly texts: readonly TextStanding[]
  /** Signatures that count for nothing: over bytes that nobody proposed, of a stranger, or a second one for a sequence. */
  readonly idle: readonly TextSignature[]
  /** From when each withdrawal has effect: the date that was stated, or the end of the agreed notice where that is later. */
  readonly withdrawn: ReadonlyMap<PartyId, Time>
}

export interface Said {
  readonly texts: readonly Text[]
  readonly signatures: readonly TextSignature[]
  readonly withdrawals: readonly Withdrawal[]
  /** Hash of the text that the register took up, and whether it was concluded outside, on paper. */
  readonly own: { readonly hash: string, readonly concluded: boolean }
}

/** The earliest date from which a withdrawal that is said at `said` can have effect. */
export function earliestWithdrawal({ deadlines }: Pick<Agreement, 'deadlines'>, said: Time): Time {
  return addSeconds(said, deadlines.withdrawalSeconds ?? 0)
}

/** The first withdrawal of each party counts; the notice is that of the text in force when it was said. */
function withdrawalsIn(chain: readonly [TextStanding, ...TextStanding[]], withdrawals: readonly Withdrawal[]): ReadonlyMap<PartyId, Time> {
  const from = new Map<PartyId, Time>()
  for (const { party, said, from: stated } of withdrawals) {
    const { text } = chain.findLast(({ since }) => since !== undefined && since <= said) ?? chain[0]
    const earliest = earliestWithdrawal(text.agreement, said)
    if (!from.has(party)) from.set(party, stated > earliest ? stated : earliest)
  }
  return from
}

const last = (times: readonly Time[]): Time | undefined => times.toSorted().at(-1)

/** Who is due to sign: every party of the text, and of the one that it amends those that have not withdrawn. */
function signersOf(text: Text, former: Text | undefined, gone: (party: PartyId) => boolean): PartyId[] {
  const left = (former?.agreement.parties ?? []).map(({ id }) => id).filter((party) => !gone(party))
  return [...new Set([...left, ...text.agreement.parties.map(({ id }) => id)])]
}

/** One signature of each party and sequence counts, the first: who signs two texts of one sequence has signed the first. */
function firstSignatures(said: Said): { readonly counting: readonly TextSignature[], readonly idle: readonly TextSignature[] } {
  const known = new Map(said.texts.map((text) => [text.hash, text]))
  const taken = new Set<string>()
  const counting: TextSignature[] = []
  const idle: TextSignature[] = []
  for (const signature of said.signatures) {
    const text = known.get(signature.hash)
    const key = `${signature.party} ${signature.sequence}`
    if (text === undefined || text.agreement.sequence !== signature.sequence || taken.has(key)) {
      if (!counting.some(({ party, hash }) => party === signature.party && hash === signature.hash)) idle.push(signature)
    } else {
      taken.add(key)
      counting.push(signature)
    }
  }
  return { counting, idle }
}

/** `at`: now. The texts in force follow one another: each names the one before by its hash. */
export function standingOf(said: Said, at: Time): Standing {
  const { counting, idle } = firstSignatures(said)
  const own = said.texts.find(({ hash }) => hash === said.own.hash)
  if (own === undefined) throw new RangeError('the text that was taken up is among the texts')
  let withdrawn: ReadonlyMap<PartyId, Time> = new Map()
  const gone = (party: PartyId): boolean => (withdrawn.get(party) ?? at) < at
  const judged = new Map<string, TextStanding>()
  const judge = (text: Text, former: Text | undefined, concluded: boolean): TextStanding => {
    const due = concluded ? [] : signersOf(text, former, gone)
    const signed = counting.filter(({ hash, party }) => hash === text.hash && (due.includes(party) || text.agreement.parties.some(({ id }) => id === party)))
    const missing = due.filter((party) => !signed.some((signature) => signature.party === party))
    const since = missing.length > 0 ? undefined : last([...signed.map(({ time }) => time), ...(text.agreement.effective === undefined ? [] : [text.agreement.effective])]) ?? at
    const state = since !== undefined && since <= at ? 'in-force' : signed.length > 0 ? 'signed' : text.proposed === null ? 'draft' : 'proposed'
    const standing: TextStanding = { text, state, signed, missing, since }
    judged.set(text.hash, standing)
    return standing
  }
  let current = judge(own, said.texts.find(({ hash }) => hash === own.agreement.former), said.own.concluded)
  const chain: [TextStanding, ...TextStanding[]] = [current]
  for (;;) {
    withdrawn = withdrawalsIn(chain, said.withdrawals)
    if (current.state !== 'in-force') break
    const next = said.texts.filter(({ agreement }) => agreement.former === current.text.hash && agreement.sequence === current.text.agreement.sequence + 1).map((text) => judge(text, current.text, false))
    const taken = next.find(({ state }) => state === 'in-force')
    if (taken === undefined) break
    current = taken
    chain.push(current)
  }
  for (const text of said.texts) if (!judged.has(text.hash)) judge(text, undefined, false)
  const texts = [...judged.values()].toSorted((a, b) => a.text.agreement.sequence - b.text.agreement.sequence)
  const left = current.text.agreement.parties.filter(({ id }) => !gone(id))
  return { state: current.state === 'in-force' && left.length < 2 ? 'ended' : current.state, current, texts, idle, withdrawn }
}

export type InForceCode = 'agreement/not-in-force' | 'agreement/withdrawn' | 'agreement/ended'

/** Why what needs an agreement in force cannot be said between two of its parties now; undefined where it can. */
export function notInForce({ state, current, withdrawn }: Standing, between: readonly PartyId[], at: Time): Refusal<InForceCode> | undefined {
  const { id } = current.text.agreement
  if (state === 'ended') return new Refusal('agreement/ended', `${id} has ended: fewer than two of its parties are left`)
  if (state !== 'in-force') {
    const why = current.missing.length > 0 ? `${current.missing.join(', ')} ${current.missing.length === 1 ? 'has' : 'have'} not signed` : `it holds from ${current.since ?? ''}`
    return new Refusal('agreement/not-in-force', `${id} is not in force: ${why}`, 'agreement')
  }
  const stranger = between.find((party) => !current.text.agreement.parties.some((each) => each.id === party))
  if (stranger !== undefined) return new Refusal('agreement/not-in-force', `${stranger} is no party of ${id} as it is in force`, 'agreement')
  const gone = between.find((party) => (withdrawn.get(party) ?? at) < at)
  return gone === undefined ? undefined : new Refusal('agreement/withdrawn', `${gone} withdrew from ${id} with effect from ${withdrawn.get(gone) ?? ''}`, 'agreement')
}

/** Whether a date lies between two times at which, by itself, the standing changes. */
export function changesBetween({ texts, withdrawn }: Standing, after: Time, until: Time): boolean {
  return [...texts.map(({ since }) => since), ...withdrawn.values()].some((date) => date !== undefined && date > after && date <= until)
}

/** Parties that are addressed where nobody names any: those of the text in force that have not left. */
export function partiesLeft({ current, withdrawn }: Standing, at: Time): PartyId[] {
  return current.text.agreement.parties.map(({ id }) => id).filter((party) => (withdrawn.get(party) ?? at) >= at)
}
