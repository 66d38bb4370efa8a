// A verified dossier as a page shows it: plain values, so that they cross from the worker that verified it. Nothing here is taken from the file that the law of
// core did not check.
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { Conclusion, PartyOutcome } from '@muster/core/rules/chain.ts'
import { parseEvent, type RecordedMark } from '@muster/core/rules/custody-event.ts'
import { known } from '@muster/core/rules/item.ts'
import { recordedFind } from '@muster/core/rules/recovered-mark.ts'
import { utf8 } from '@muster/core/bytes/bytes.ts'
import type { Dossier, PartyEvidence } from '@muster/core/wire/dossier.ts'
import type { Finding } from '@muster/core/wire/finding.ts'
import { footingOf, type Footing } from '@muster/core/wire/footing.ts'
import type { Verification } from '@muster/core/wire/verify.ts'

/** What was found, and when: its marks as written, each in its state; `serial` as far as it could be read. */
export interface Find {
  readonly serial: string | null
  readonly happened: string
  readonly marks: readonly { readonly text: string, readonly condition: RecordedMark['condition'] }[]
}

/** What one party answered, and how many of what it rests on. */
export interface Answer {
  readonly party: string
  readonly outcome: PartyOutcome
  /** Of the declaration that was searched; null where none was. */
  readonly searched: { readonly asOf: string, readonly entries: number, readonly witnessed: number, readonly read: number } | null
  /** Spellings of the mark that were looked up, and those of them that stand in the declaration. */
  readonly tried: number
  readonly declared: number
  readonly opened: 'nothing-to-open' | 'opened' | 'no-answer'
  /** Whether its own signed receipt of the question is shown, or the word of others that they offered it in vain. */
  readonly receipted: boolean
  readonly offeredBy: number
  /** Keys that it had replaced by then, under each of which it was asked as well. */
  readonly earlierKeys: number
  /** The evidence itself, as JSON over lines. */
  readonly raw: string
}

export type Told =
  | { readonly verdict: 'refused', readonly findings: readonly Finding[] }
  | {
    readonly verdict: 'proven' | 'consistent', readonly exercise: boolean, readonly asker: string, readonly made: string, readonly agreement: string, readonly marking: string,
    readonly find: Find, readonly footing: Footing, readonly conclusion: Conclusion, readonly parties: number, readonly answers: readonly Answer[],
  }
export type Shown = Exclude<Told, { readonly verdict: 'refused' }>

export function toldOf(verification: Verification): Told {
  if (verification.verdict === 'refused') return { verdict: 'refused', findings: verification.findings }
  const { verdict, dossier, assessment: { conclusion, outcomes } } = verification
  const { quorum, ...concluded } = conclusion
  const grades = new Map(quorum.parties.map((grade) => [grade.party, grade]))
  return {
    verdict, exercise: dossier.exercise, asker: dossier.asker, made: dossier.made, agreement: dossier.agreement.id as string,
    marking: [dossier.marking.level, ...dossier.marking.caveats].join(' · '), find: findIn(dossier), footing: footingOf(conclusion), conclusion: concluded, parties: quorum.of,
    answers: dossier.parties.map((each) => answerOf(each, outcomes.get(each.party) ?? 'unreachable', grades.get(each.party))),
  }
}

function findIn({ recovery }: Dossier): Find {
  const event = parseEvent(utf8(recovery.event))
  const found = event instanceof Refusal ? undefined : recordedFind(event)
  if (event instanceof Refusal || found === undefined) throw new Error('a verified dossier records a find')
  const data = event.data as { readonly entry?: { readonly marks?: readonly RecordedMark[] }, readonly marks?: readonly RecordedMark[] }
  const marks = data.entry?.marks ?? data.marks ?? []
  return {
    serial: known(found.identity.serial) ?? null, happened: event.happened,
    marks: marks.map(({ text, condition }) => ({ text, condition })),
  }
}

interface Graded { readonly asOf: string | null, readonly witnessed: number, readonly read: number }

function answerOf(evidence: PartyEvidence, outcome: PartyOutcome, graded: Graded | undefined): Answer {
  const { party, head, lookups, formal, receipt, statements = [], earlier = [] } = evidence
  const searched = graded === undefined || graded.asOf === null || head === null ? null
    : { asOf: graded.asOf, entries: Number(head.size), witnessed: graded.witnessed, read: graded.read }
  return {
    party, outcome, searched, tried: lookups.length, declared: lookups.filter(({ present }) => present !== null).length,
    opened: formal === null ? 'nothing-to-open' : formal.answer === null ? 'no-answer' : 'opened',
    receipted: receipt !== null, offeredBy: statements.length, earlierKeys: earlier.length, raw: JSON.stringify(evidence, null, 2),
  }
}
