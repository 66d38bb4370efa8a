// From the evidence of a dossier to what it shows. The maker of a dossier runs this to write `outcome` and `conclusion`; the verifier runs
// it again and demands the same bytes, so that nothing can be stated that the evidence does not bear.
import { Breach } from '../bytes/breach.ts'
import { canonical, type Json } from '../bytes/canonical.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { secondsOf, type Time } from '../bytes/time.ts'
import type { Group } from '../oprf/group.ts'
import { itemLabel } from '../proof/leaf.ts'
import { conclude, type Conclusion, type Hit, type PartyAnswer, type PartyOutcome } from '../rules/chain.ts'
import type { Candidate, Ladder } from '../rules/ladder.ts'
import type { PartyId } from '../rules/party.ts'
import { ladderOfFind, recordedFind } from '../rules/recovered-mark.ts'
import { bytesOf, type AskedEvidence, type DossierBody, type PartyEvidence } from './dossier.ts'
import { CLOCK_SKEW_SECONDS_MAX } from './message.ts'
import type { PartyTrust, Trust } from './trust.ts'
import { demandNothingElse, latestOf, verifyLookups, verifyNoLookups, type Casework, type VerifiedLookups } from './verify-answer.ts'
import { verifyFormal, type FindOfTrace } from './verify-formal.ts'
import { readRecovery, verifyBound, type VerifiedRecovery } from './verify-recovery.ts'

export type AssessCode = 'dossier/no-find' | 'dossier/find-proof' | 'dossier/parties' | 'dossier/self' | 'dossier/exercise' | 'dossier/made' | 'dossier/marking' | 'dossier/unreadable-asked' | 'dossier/earlier'

interface Grade { readonly asOf: Time | null, readonly witnessed: number, readonly read: number }
/**
 * How many cosigners of a party's log checkpoint and of its declaration the evidence shows (a quorum where there is one), and as of when it speaks. `earlier`:
 * the same of the last declaration under each OPRF key that was replaced; left out where none was.
 */
export interface PartyGrade extends Grade { readonly party: PartyId, readonly earlier?: readonly Grade[] }

/** `find`: witnesses shown of the checkpoint that holds the find. `needed`: the agreement's quorum; below it a proof stands, and says so. */
export interface Quorum { readonly of: number, readonly needed: number, readonly find: number, readonly parties: readonly PartyGrade[] }

export interface Assessment {
  readonly outcomes: ReadonlyMap<PartyId, PartyOutcome>
  readonly conclusion: Conclusion & { readonly quorum: Quorum }
}

/** Where something fails, the thrown Refusal, Breach or OprfError is told with the party that it concerns. */
export type Report = (thrown: unknown, party: PartyId | null) => void

export type Evidence = Pick<DossierBody, 'asker' | 'exercise' | 'made' | 'marking' | 'parties' | 'recovery' | 'self'>

interface Find extends FindOfTrace { readonly ladder: Ladder, readonly condition: string }
interface Read { readonly answer: PartyAnswer, readonly hits: readonly Hit[], readonly grade: PartyGrade }

/** Undefined when something failed; each failure was reported. */
export function assess(p: Primitives, group: Group, trust: Trust, evidence: Evidence, report: Report): Assessment | undefined {
  const failed: unknown[] = []
  const guarded = <T>(party: PartyId | null, act: () => T): T | undefined => {
    try {
      return act()
    } catch (thrown) {
      failed.push(thrown)
      report(thrown, party)
      return undefined
    }
  }
  const opened = guarded(null, () => {
    checkFrame(trust, evidence)
    return readFind(p, trust, evidence)
  })
  if (opened === undefined) return undefined
  const { find, recovery } = opened
  const casework: Casework = { trust, asker: evidence.asker, recovery, made: evidence.made }
  const read = evidence.parties.flatMap((each) => guarded(each.party, () => assessParty(p, group, casework, each, find)) ?? [])
  if (failed.length > 0) return undefined
  const readable = find.ladder.verdict === 'readable'
  const candidates = find.ladder.verdict === 'readable' ? find.ladder.candidates.length : 0
  const answers = read.map(({ answer }) => answer)
  const concluded = conclude({ answers, readable, candidates, markCondition: find.condition, hits: read.flatMap(({ hits }) => hits) })
  const quorum = { of: trust.agreement.parties.length, needed: trust.agreement.quorum, find: recovery.cosigned.size, parties: read.map(({ grade }) => grade) }
  return { outcomes: new Map(answers.map(({ party, outcome }) => [party, outcome])), conclusion: { ...concluded, quorum } }
}

/** Every party of the agreement once, in its order; nothing real in an exercise, nor the reverse. */
function checkFrame(trust: Trust, evidence: Evidence): void {
  const due = trust.agreement.parties.map(({ id }) => id)
  const told = evidence.parties.map(({ party }) => party)
  if (due.length !== told.length || due.some((party, i) => party !== told[i])) {
    throw new Refusal<AssessCode>('dossier/parties', `a dossier tells of each party once, in the agreement's order (${due.join(', ')}); this one tells of ${told.join(', ')}`, 'parties')
  }
  if (!trust.parties.has(evidence.asker)) throw new Refusal<AssessCode>('dossier/parties', `${evidence.asker} is no party of the agreement`, 'asker')
  if (evidence.exercise !== trust.agreement.exercise) throw new Refusal<AssessCode>('dossier/exercise', 'the dossier and its agreement differ on whether this is an exercise', 'exercise')
  if (canonical(evidence.marking) !== canonical(trust.agreement.marking)) throw new Refusal<AssessCode>('dossier/marking', 'the marking is not that of the agreement', 'marking')
}

function readFind(p: Primitives, trust: Trust, { recovery, asker, self, made }: Evidence): { readonly find: Find, readonly recovery: VerifiedRecovery } {
  if (recovery.path.proof !== 0) throw new Refusal<AssessCode>('dossier/find-proof', 'a dossier carries one proof of the find, number 0', 'recovery.path.proof')
  const { event, leaf } = readRecovery(p, recovery.event, bytesOf(recovery.salt))
  const bound = verifyBound(p, trust, trust.parties.get(asker) as PartyTrust, leaf, recovery.path, recovery.proof, latestOf(made))
  const found = recordedFind(event)
  if (found === undefined) throw new Refusal<AssessCode>('dossier/no-find', 'the bound event records no find of an item', 'recovery.event')
  if (self.item !== event.item) throw new Refusal<AssessCode>('dossier/self', 'the item of `self` is not the one that was found', 'self.item')
  if (secondsOf(event.written) > latestOf(made)) throw new Refusal<AssessCode>('dossier/made', `the dossier is dated ${made}, before the find was written`, 'made')
  const { identity, condition, queries } = found
  const find = { event: recovery.event, salt: recovery.salt, identity, condition, ladder: ladderOfFind(queries), selfLabel: itemLabel(p, self.item, bytesOf(self.secret)) }
  return { find, recovery: { event, leaf, ...bound } }
}

function assessParty(p: Primitives, group: Group, casework: Casework, each: PartyEvidence, find: Find): Read {
  const party = casework.trust.parties.get(each.party) as PartyTrust
  const without = (outcome: PartyOutcome): Read => ({ answer: { party: each.party, outcome, asOf: null }, hits: [], grade: { party: each.party, ...NO_GRADE } })
  if (find.ladder.verdict === 'unreadable') {
    demandNothingElse(each)
    demandEarlier(each, 0)
    if (each.request !== null || each.receipt !== null || each.answer !== null || each.statements !== undefined) throw new Refusal<AssessCode>('dossier/unreadable-asked', `no candidate can be made of the mark, yet ${each.party} was asked`, 'request')
    return without('unreachable')
  }
  if (each.lookups.length === 0) {
    demandEarlier(each, 0)
    return without(verifyNoLookups(p, casework, party, each))
  }
  const { candidates } = find.ladder
  const lookups = verifyLookups(p, group, casework, party, each, candidates)
  const earlier = demandEarlier(each, lookups.declared.oprf).map((asked, i) => assessEarlier(p, group, casework, party, asked, { ...find, candidates }, lookups, i))
  // A key whose only item is the find itself, in the asker's own register, is no hit.
  const hits = [...verifyFormal(p, group, casework, each, lookups, candidates, find), ...earlier.flatMap((under) => under.hits)].filter((hit) => hit.closed !== null || hit.shared > 0)
  const { asOf } = lookups.declared.head.head
  const searched = isCurrent(casework.trust, asOf, lookups) ? earlier.find((under) => under.outcome !== 'absent')?.outcome ?? 'absent' : 'no-current-declaration'
  const grade = { party: each.party, ...gradeOf(lookups), ...(earlier.length === 0 ? {} : { earlier: earlier.map((under) => under.grade) }) }
  return { answer: { party: each.party, outcome: hits.length > 0 ? 'present' : searched, asOf }, hits, grade }
}

const NO_GRADE: Grade = { asOf: null, witnessed: 0, read: 0 }
const gradeOf = ({ declared: { head, witnessed, read } }: VerifiedLookups): Grade => ({ asOf: head.head.asOf, witnessed: witnessed.size, read: read.size })

/** The questions under the keys before: as many as the party's records had replaced when it made its newest head, so that none is left out. */
function demandEarlier({ party, earlier = [] }: PartyEvidence, due: number): readonly AskedEvidence[] {
  if (earlier.length !== due) throw new Breach<AssessCode>('dossier/earlier', `${party} has replaced ${due} OPRF keys before the head that was looked up in, and the dossier shows questions under ${earlier.length}`, { party })
  return earlier.map((asked) => ({ ...asked, party }))
}

/** What the last declaration under an earlier key shows: hits of candidates that the newest does not hold. What both hold is told by the newest alone. */
function assessEarlier(
  p: Primitives, group: Group, casework: Casework, party: PartyTrust, asked: AskedEvidence, find: FindOfTrace & { readonly candidates: readonly Candidate[] }, newest: VerifiedLookups, oprf: number,
): { readonly outcome: PartyOutcome, readonly hits: readonly Hit[], readonly grade: Grade } {
  if (asked.lookups.length === 0) return { outcome: verifyNoLookups(p, casework, party, asked), hits: [], grade: NO_GRADE }
  const lookups = verifyLookups(p, group, casework, party, asked, find.candidates, 'earlier')
  const { declared: { head: { head }, oprf: named }, found } = lookups
  if (named !== oprf || head.sequence >= newest.declared.head.head.sequence) throw new Breach<AssessCode>('dossier/earlier', `head ${head.sequence} of ${party.party} is not the one under its OPRF key ${oprf}`, { party: party.party })
  const hits = verifyFormal(p, group, casework, asked, lookups, find.candidates, find).filter((_, i) => newest.found.every(({ candidate }) => candidate !== found[i]?.candidate))
  return { outcome: 'absent', hits, grade: gradeOf(lookups) }
}

/** What is not declared in a stale declaration, or in one as of a day to come, is not said to be absent. */
function isCurrent({ agreement }: Trust, asOf: Time, { answer }: VerifiedLookups): boolean {
  const age = secondsOf(answer.payload.time) - secondsOf(asOf)
  return age >= -CLOCK_SKEW_SECONDS_MAX && age <= agreement.declarationAgeSecondsMax + CLOCK_SKEW_SECONDS_MAX
}

/** The conclusion as it stands in a dossier. */
export function conclusionJson(assessment: Assessment): { readonly [name: string]: Json } {
  return assessment.conclusion as unknown as { readonly [name: string]: Json }
}
