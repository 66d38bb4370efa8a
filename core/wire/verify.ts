// Verifying a dossier alone: no registry, no network, no trust in its maker (DESIGN section 5, step 7).
import { canonical, canonicalBytes, type Json } from '../bytes/canonical.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { secondsOf } from '../bytes/time.ts'
import type { Group } from '../oprf/group.ts'
import type { PartyId } from '../rules/party.ts'
import { assess, conclusionJson, type Assessment, type Report } from './assess.ts'
import { checkDossierSignature, parseDossier, type Dossier } from './dossier.ts'
import { findingOf, type Finding } from './finding.ts'
import { CLOCK_SKEW_SECONDS_MAX } from './message.ts'
import { agreementIn, messageKeysAt, trustOf, withKnown, type Trust } from './trust.ts'

export type VerifyCode = 'dossier/outcome' | 'dossier/conclusion' | 'dossier/not-a-party' | 'dossier/from-the-future' | 'dossier/own-answer' | 'dossier/compromised'

export type Verification =
  /** `proven`: the keys came from outside. `consistent`: everything fits, under keys that the dossier itself brought. */
  | { readonly verdict: 'proven' | 'consistent', readonly findings: readonly Finding[], readonly dossier: Dossier, readonly assessment: Assessment }
  | { readonly verdict: 'refused', readonly findings: readonly Finding[] }

const FINDINGS_MAX = 64

/**
 * `agreement`: the canonical bytes of the agreement that the reader trusts, from outside the dossier; undefined where there is none.
 * `known`: key records that the reader holds besides. `now`: POSIX seconds of the reader's clock. A maker that dates its dossier ahead would call silent whoever still has time to answer.
 */
export function verifyDossier(p: Primitives, group: Group, bytes: Uint8Array, agreement: Uint8Array | undefined, now?: number, known: readonly Json[] = []): Verification {
  const findings: Finding[] = []
  const report = (thrown: unknown, party: PartyId | null) => {
    if (findings.length < FINDINGS_MAX) findings.push(findingOf(thrown, party))
  }
  try {
    const dossier = parseDossier(bytes, p.textOf)
    if (now !== undefined && secondsOf(dossier.made) > now + CLOCK_SKEW_SECONDS_MAX) throw new Refusal<VerifyCode>('dossier/from-the-future', `the dossier is dated ${dossier.made}, after this reader's clock: check the clock`, 'made')
    const stated = assess(p, group, trustIn(p, bytes, dossier, agreement, []), dossier, report)
    if (stated === undefined || !checkStatements(dossier, stated, report)) return { verdict: 'refused', findings }
    // What its maker could not know lowers the count of cosigners, or brings it down; it makes no liar of the maker.
    const assessment = known.length === 0 ? stated : assess(p, group, trustIn(p, bytes, dossier, agreement, known), dossier, report)
    if (assessment === undefined) return { verdict: 'refused', findings }
    return { verdict: agreement === undefined ? 'consistent' : 'proven', findings, dossier, assessment }
  } catch (thrown) {
    report(thrown, null)
    return { verdict: 'refused', findings }
  }
}

/** The signature is checked as soon as the asker's keys are known, before anything else is read. */
function trustIn(p: Primitives, bytes: Uint8Array, dossier: Dossier, agreement: Uint8Array | undefined, known: readonly Json[]): Trust {
  const agreed = agreementIn(dossier.agreement, agreement, 'dossier')
  const carried = new Map(dossier.parties.map(({ party, keyRecord, laterRecords = [] }) => [party, [keyRecord, ...laterRecords].map((record) => canonicalBytes(record, p.utf8))]))
  const records = withKnown(p, carried, known)
  const trust = trustOf(p, agreed, (party) => {
    const record = records.get(party)?.[0]
    if (record === undefined) throw new Refusal('dossier/parties', `the dossier leaves out ${party}, a party of the agreement`, 'parties')
    return record
  }, (party) => records.get(party)?.slice(1) ?? [])
  const asker = trust.parties.get(dossier.asker)
  if (asker === undefined) throw new Refusal<VerifyCode>('dossier/not-a-party', `${dossier.asker} is no party of the agreement`, 'asker')
  const keys = messageKeysAt(asker, dossier.made)
  if (keys === undefined) throw new Refusal<VerifyCode>('dossier/compromised', `the message keys of ${dossier.asker} that were in force at ${dossier.made} were compromised`, 'made')
  const unsigned = checkDossierSignature(p, bytes, dossier, keys)
  if (unsigned !== undefined) throw unsigned
  return trust
}

/** Everything stated that the evidence does not bear. Of the asker's own registry an answer is due: whoever asks others may not leave out its own arsenals, nor refuse itself. */
function checkStatements({ asker, parties, conclusion }: Dossier, assessment: Assessment, report: Report): boolean {
  const wrong: [Refusal<VerifyCode>, PartyId | null][] = []
  const own = assessment.outcomes.get(asker)
  if (assessment.conclusion.outcome !== 'unreadable' && (own === 'unreachable' || own === 'silent' || own === 'refused')) {
    wrong.push([new Refusal('dossier/own-answer', `${asker} asked others and does not show the answer of its own registry`, `parties.${asker}.answer`), asker])
  }
  for (const { party, outcome } of parties) {
    const shown = assessment.outcomes.get(party)
    if (shown !== outcome) wrong.push([new Refusal('dossier/outcome', `the dossier says ${outcome} of ${party}, the evidence shows ${shown ?? 'nothing'}`, `parties.${party}.outcome`), party])
  }
  const shown = conclusionJson(assessment)
  const names = new Set([...Object.keys(shown), ...Object.keys(conclusion)])
  const differing = [...names].filter((name) => canonical(shown[name] ?? null) !== canonical(conclusion[name] ?? null)).map((name) => `conclusion.${name}`)
  if (differing.length > 0) wrong.push([new Refusal('dossier/conclusion', `the dossier concludes what the evidence does not show: ${differing.join(', ')}`, differing[0]), null])
  for (const [refusal, party] of wrong) report(refusal, party)
  return wrong.length === 0
}
