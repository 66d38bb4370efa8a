// What a verified dossier says, for people and for machines. First what it rests on: how many cosigned, as of when, how many candidates, which
// grade. Then the verdict, and what follows from the evidence.
import type { Conclusion } from '@muster/core/rules/chain.ts'
import type { PartyGrade, Quorum } from '@muster/core/wire/assess.ts'
import type { Verification } from '@muster/core/wire/verify.ts'
import { printable, tableLines } from '../table.ts'
import type { Lang } from '../verb.ts'
import { EXPLANATION, FACT, GAP, GRADE, OUTCOME, PARTY_OUTCOME, SAY, STEP, VERDICT } from './words.ts'

type Verified = Exclude<Verification, { readonly verdict: 'refused' }>
const COLUMNS = 120

/** The fewest and the least: what every answer of the dossier has at the least. */
export interface Footing {
  readonly cosigned: number
  readonly of: number
  readonly needed: number
  readonly asOf: { readonly from: string, readonly to: string } | null
  readonly candidates: number
  readonly grade: Conclusion['grade']
}

/** k of n: the fewest cosigners shown of any checkpoint that the conclusion rests on, the find's, each log's, each declaration's. A dossier carries a quorum, not all. */
function footingOf({ assessment: { conclusion } }: Verified): Footing {
  const { quorum, candidates, grade } = conclusion
  const answered = quorum.parties.flatMap(({ earlier = [], ...each }) => [each, ...earlier]).filter(({ asOf }) => asOf !== null)
  const dates = quorum.parties.flatMap(({ asOf }) => asOf ?? []).toSorted()
  const [from, to] = [dates[0], dates.at(-1)]
  return {
    cosigned: Math.min(quorum.find, ...answered.flatMap(({ witnessed, read }) => [witnessed, read])), of: quorum.of, needed: quorum.needed,
    asOf: from === undefined || to === undefined ? null : { from, to }, candidates, grade,
  }
}

/** One JSON value; `findings` says what is wrong with a refused dossier. */
export function reportJson(verification: Verification): unknown {
  const { verdict, findings } = verification
  if (verification.verdict === 'refused') return { verdict, findings }
  const { dossier, assessment: { conclusion } } = verification
  const { outcome, lastHolder, chancePercent, counts, chain, gaps, explanations, silent } = conclusion
  return {
    verdict, ...footingOf(verification), findings, exercise: dossier.exercise, asker: dossier.asker, made: dossier.made, outcome, lastHolder, chancePercent, counts, silent, chain, gaps,
    explanations, quorum: conclusion.quorum,
  }
}

export function reportLines(verification: Verification, lang: Lang): string[] {
  if (verification.verdict === 'refused') {
    return [VERDICT.refused[lang], ...verification.findings.map(({ code, party, message }) => printable(`  ${code}${party === null ? '' : ` · ${party}`}: ${message}`))]
  }
  const { dossier, assessment: { conclusion } } = verification
  const footing = footingOf(verification)
  return [
    footingLine(footing, lang),
    ...(footing.cosigned < footing.needed ? [SAY.belowQuorum[lang]] : []),
    ...(dossier.exercise ? [SAY.exercise[lang]] : []),
    VERDICT[verification.verdict][lang], '',
    ...conclusionLines(conclusion, lang), '',
    ...partyLines(conclusion.quorum, new Map(dossier.parties.map(({ party, outcome }) => [party, outcome])), lang), '',
    SAY.made[lang](dossier.asker, dossier.made), printable(`${dossier.marking.level}${dossier.marking.caveats.length > 0 ? ` · ${dossier.marking.caveats.join(' · ')}` : ''}`),
  ]
}

function footingLine({ cosigned, of, needed, asOf, candidates, grade }: Footing, lang: Lang): string {
  const date = asOf === null ? SAY.noDate[lang] : asOf.from === asOf.to ? SAY.asOf[lang](asOf.from) : SAY.asOfBetween[lang](asOf.from, asOf.to)
  return [SAY.cosigned[lang](cosigned, of, needed), date, SAY.candidates[lang](candidates), grade === null ? SAY.noGrade[lang] : SAY.grade[lang](GRADE[grade][lang])].join(' · ')
}

function conclusionLines({ outcome, lastHolder, chancePercent, chain, gaps, explanations, silent }: Conclusion, lang: Lang): string[] {
  const facts = (label: string, all: Conclusion['explanations'][number]['for']): string[] =>
    all.length === 0 ? [] : [`    ${label}: ${all.map(({ fact, party }) => `${FACT[fact][lang]}${party === null ? '' : ` (${party})`}`).join('; ')}`]
  return [
    `${OUTCOME[outcome][lang]}${lastHolder === null ? '' : `: ${lastHolder}`}`,
    ...(chancePercent === null ? [] : [SAY.chance[lang](chancePercent)]),
    ...(chain.length === 0 ? [] : ['', SAY.chain[lang], ...chain.map((link) => printable(`  ${stepText(link, lang)}`))]),
    ...gaps.map(({ gap, party }) => printable(`  ! ${GAP[gap][lang]}: ${party}`)),
    ...(silent.length === 0 ? [] : [SAY.silent[lang](silent.join(', '))]),
    ...(explanations.length === 0 ? [] : ['', SAY.explanations[lang]]),
    ...explanations.flatMap((each) => [`  ${EXPLANATION[each.what][lang]}`, ...facts(SAY.for[lang], each.for), ...facts(SAY.against[lang], each.against)]),
  ]
}

function stepText({ step, party, with: other, when, status }: Conclusion['chain'][number], lang: Lang): string {
  const words = STEP[step][lang](party, other)
  return [words, ...(when === null ? [] : [when]), ...(status === null ? [] : [`[${status}]`])].join(' · ')
}

function partyLines(quorum: Quorum, outcomes: ReadonlyMap<string, keyof typeof PARTY_OUTCOME>, lang: Lang): string[] {
  const graded = ({ asOf, witnessed, read }: Omit<PartyGrade, 'party'>) => asOf === null ? [undefined, undefined, undefined] : [asOf, `${witnessed}/${quorum.of}`, `${read}/${quorum.of}`]
  const rows = quorum.parties.flatMap(({ party, earlier = [], ...newest }) => {
    const outcome = outcomes.get(party)
    return [[party, outcome === undefined ? undefined : PARTY_OUTCOME[outcome][lang], ...graded(newest)], ...earlier.map((each) => [party, SAY.earlier[lang], ...graded(each)])]
  })
  return tableLines(SAY.columns[lang].map((title) => ({ title })), rows, COLUMNS)
}
