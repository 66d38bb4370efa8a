// From the evidence of a dossier to what it shows. The maker of a dossier runs this to write `outcome` and `conclusion`; the verifier runs
// it again and demands the same bytes, so that nothing can be stated that the evidence does not bear.
import { canonical, type Json } from '../bytes/canonical.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { addSeconds, secondsOf } from '../bytes/time.ts'
import type { Group } from '../oprf/group.ts'
import { itemLabel } from '../proof/leaf.ts'
import { conclude, type Conclusion, type Hit, type PartyOutcome } from '../rules/chain.ts'
import type { Ladder } from '../rules/ladder.ts'
import type { PartyId } from '../rules/party.ts'
import { ladderOfFind, recordedFind } from '../rules/recovered-mark.ts'
import type { Identity } from '../rules/item.ts'
import { bytesOf, type DossierBody, type PartyEvidence } from './dossier.ts'
import { CLOCK_SKEW_SECONDS_MAX } from './message.ts'
import type { PartyTrust, Trust } from './trust.ts'
import { verifyLookups, verifyNoLookups, type VerifiedLookups } from './verify-answer.ts'
import { verifyFormal } from './verify-formal.ts'
import { readRecovery, verifyBound, type VerifiedRecovery } from './verify-recovery.ts'

export type AssessCode = 'dossier/no-find' | 'dossier/parties' | 'dossier/self' | 'dossier/exercise' | 'dossier/made' | 'dossier/marking' | 'dossier/unreadable-asked'

/** How well one party's answer is witnessed: k of n, and as of when its declaration speaks. */
export interface PartyGrade { readonly party: PartyId, readonly asOf: string | null, readonly witnessed: number, readonly read: number }

export interface Assessment {
  readonly outcomes: ReadonlyMap<PartyId, PartyOutcome>
  readonly conclusion: Conclusion & { readonly quorum: { readonly of: number, readonly needed: number, readonly find: number, readonly parties: readonly PartyGrade[] } }
}

/** Where something fails, the thrown Refusal, Breach or OprfError is told with the party that it concerns. */
export type Report = (thrown: unknown, party: PartyId | null) => void

export type Evidence = Pick<DossierBody, 'asker' | 'exercise' | 'made' | 'marking' | 'parties' | 'recovery' | 'self'>

interface Find { readonly recovery: VerifiedRecovery, readonly ladder: Ladder, readonly identity: Identity, readonly condition: string, readonly selfLabel: Uint8Array }

/** Undefined when something failed; each failure was reported. */
export function assess(p: Primitives, group: Group, trust: Trust, evidence: Evidence, report: Report): Assessment | undefined {
  let failed = false
  const fails: Report = (thrown, party) => {
    failed = true
    report(thrown, party)
  }
  const guarded = <T>(party: PartyId | null, act: () => T): T | undefined => {
    try {
      return act()
    } catch (thrown) {
      fails(thrown, party)
      return undefined
    }
  }
  const find = guarded(null, () => {
    checkFrame(trust, evidence)
    return readFind(p, trust, evidence)
  })
  if (find === undefined) return undefined
  const answers: { party: PartyId, outcome: PartyOutcome }[] = []
  const hits: Hit[] = []
  const grades: PartyGrade[] = []
  for (const each of evidence.parties) {
    const read = guarded(each.party, () => assessParty(p, group, trust, evidence, each, find))
    if (read === undefined) continue
    answers.push({ party: each.party, outcome: read.outcome })
    hits.push(...read.hits)
    grades.push(read.grade)
  }
  if (failed) return undefined
  const candidates = find.ladder.verdict === 'readable' ? find.ladder.candidates.length : 0
  const concluded = conclude({ answers, readable: find.ladder.verdict === 'readable', candidates, markCondition: find.condition, hits })
  const quorum = { of: trust.agreement.parties.length, needed: trust.agreement.quorum, find: find.recovery.cosigned.size, parties: grades }
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

function readFind(p: Primitives, trust: Trust, { recovery, asker, self, made }: Evidence): Find {
  const { event, leaf } = readRecovery(p, recovery.event, bytesOf(recovery.salt))
  const bound = verifyBound(p, trust, trust.parties.get(asker) as PartyTrust, leaf, recovery.path, recovery.proof)
  const find = recordedFind(event)
  if (find === undefined) throw new Refusal<AssessCode>('dossier/no-find', 'the bound event records no find of an item', 'recovery.event')
  if (self.item !== event.item) throw new Refusal<AssessCode>('dossier/self', 'the item of `self` is not the one that was found', 'self.item')
  if (made < event.written) throw new Refusal<AssessCode>('dossier/made', 'the dossier is dated before the find was written', 'made')
  const latest = Math.max(0, ...bound.cosigned.values())
  if (latest > 0 && latest > secondsOf(made) + CLOCK_SKEW_SECONDS_MAX) throw new Refusal<AssessCode>('dossier/made', 'the dossier is dated before the cosignatures that it carries', 'made')
  return { recovery: { event, leaf, ...bound }, ladder: ladderOfFind(find.queries), identity: find.identity, condition: find.condition, selfLabel: itemLabel(p, self.item, bytesOf(self.secret)) }
}

function assessParty(
  p: Primitives, group: Group, trust: Trust, evidence: Evidence, each: PartyEvidence, find: Find,
): { outcome: PartyOutcome, hits: readonly Hit[], grade: PartyGrade } {
  const party = trust.parties.get(each.party) as PartyTrust
  const ungraded = { party: each.party, asOf: null, witnessed: 0, read: 0 }
  if (find.ladder.verdict === 'unreadable') {
    if (each.request !== null) throw new Refusal<AssessCode>('dossier/unreadable-asked', `no candidate can be made of the mark, yet ${each.party} was asked`, 'request')
    return { outcome: 'unreachable', hits: [], grade: ungraded }
  }
  if (each.lookups.length === 0) {
    return { outcome: verifyNoLookups(p, trust, evidence.asker, party, each, find.recovery, evidence.made), hits: [], grade: ungraded }
  }
  const { candidates } = find.ladder
  const lookups = verifyLookups(p, group, trust, evidence.asker, party, each, find.recovery, candidates)
  checkMade(lookups, evidence)
  const all = verifyFormal(p, group, trust, evidence.asker, each, lookups, candidates, { event: evidence.recovery.event, identity: find.identity }, each.party === evidence.asker ? find.selfLabel : undefined)
  // A key whose only item is the find itself, in the asker's own register, is no hit.
  const hits = all.filter((hit) => hit.shared === null || hit.items.length > 0)
  const { head, witnessed, read } = lookups.declared
  return { outcome: hits.length > 0 ? 'present' : 'absent', hits, grade: { party: each.party, asOf: head.head.asOf, witnessed: witnessed.size, read: read.size } }
}

function checkMade({ answer }: VerifiedLookups, { made }: Evidence): void {
  if (answer.payload.time > addSeconds(made, CLOCK_SKEW_SECONDS_MAX)) throw new Refusal<AssessCode>('dossier/made', `the dossier is dated ${made}, before an answer of ${answer.payload.time} that it carries`, 'made')
}

/** The conclusion as it stands in a dossier. */
export function conclusionJson(assessment: Assessment): { readonly [name: string]: Json } {
  return assessment.conclusion as unknown as { readonly [name: string]: Json }
}
