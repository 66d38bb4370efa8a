// What a verified dossier says, for people and for machines. First what it rests on: how many cosigned, as of when, how many candidates, which
// grade. Then the verdict, and what follows from the evidence.
import type { Conclusion } from '@muster/core/rules/chain.ts'
import type { PartyGrade, Quorum } from '@muster/core/wire/assess.ts'
import { footingOf } from '@muster/core/wire/footing.ts'
import type { Verification } from '@muster/core/wire/verify.ts'
import { EXPLANATION, FACT, footingText, GAP, OUTCOME, PARTY_OUTCOME, SAY, STEP } from '@muster/core/words/dossier.ts'
import { printable, tableLines } from '../table.ts'
import type { Lang, Words } from '../verb.ts'

const COLUMNS = 120
const VERDICT: Readonly<Record<Verification['verdict'], Words>> = {
  proven: { en: 'PROVEN: everything follows from the evidence, under the keys of your agreement', ru: 'ДОКАЗАНО: всё следует из доказательств, ключи — из вашего соглашения' },
  consistent: {
    en: 'CONSISTENT, KEYS NOT TRUSTED: everything fits, under keys that the dossier itself brought; give --agreement FILE',
    ru: 'СОГЛАСОВАНО, КЛЮЧИ НЕ ПРОВЕРЕНЫ: всё сходится, но ключи взяты из самого досье; укажите --agreement ФАЙЛ',
  },
  refused: { en: 'REFUSED: this is no proof of anything', ru: 'ОТВЕРГНУТО: это ничего не доказывает' },
}

/** One JSON value; `findings` says what is wrong with a refused dossier. */
export function reportJson(verification: Verification): unknown {
  const { verdict, findings } = verification
  if (verification.verdict === 'refused') return { verdict, findings }
  const { dossier, assessment: { conclusion } } = verification
  const { outcome, lastHolder, chancePercent, counts, chain, gaps, explanations, silent } = conclusion
  return {
    verdict, ...footingOf(conclusion), findings, exercise: dossier.exercise, asker: dossier.asker, made: dossier.made, outcome, lastHolder, chancePercent, counts, silent, chain, gaps,
    explanations, quorum: conclusion.quorum,
  }
}

export function reportLines(verification: Verification, lang: Lang): string[] {
  if (verification.verdict === 'refused') {
    return [VERDICT.refused[lang], ...verification.findings.map(({ code, party, message }) => printable(`  ${code}${party === null ? '' : ` · ${party}`}: ${message}`))]
  }
  const { dossier, assessment: { conclusion } } = verification
  const footing = footingOf(conclusion)
  return [
    footingText(footing, lang),
    ...(footing.cosigned < footing.needed ? [SAY.belowQuorum[lang]] : []),
    ...(dossier.exercise ? [SAY.exercise[lang]] : []),
    VERDICT[verification.verdict][lang], '',
    ...conclusionLines(conclusion, lang), '',
    ...partyLines(conclusion.quorum, new Map(dossier.parties.map(({ party, outcome }) => [party, outcome])), lang), '',
    SAY.made[lang](dossier.asker, dossier.made), printable(`${dossier.marking.level}${dossier.marking.caveats.length > 0 ? ` · ${dossier.marking.caveats.join(' · ')}` : ''}`),
  ]
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
