// A case as people read it: what it ties, claims of one matter side by side, explanations with what speaks for and against them, and who did what when.
// Nothing is weighed: where claims disagree, that is said, and all of them stay.
import { claimsByMatter, contradictions, foldCase, type Case, type CaseAct, type CaseClaim, type WrittenAct } from '@muster/core/rules/case.ts'
import { CASE_ACT, CLAIM_STANDING } from '@muster/core/words/case.ts'
import type { Part, Sheet, Told } from '../sheet.ts'
import type { Lang, Words } from '../verb.ts'

const ABSENT = '–'
const HASH_SHOWN = 16

const W = {
  exercise: { en: 'EXERCISE', ru: 'УЧЕНИЕ' },
  open: { en: 'open', ru: 'открыто' }, closed: { en: 'closed', ru: 'закрыто' }, openedBy: { en: 'opened by', ru: 'открыли' }, and: { en: 'and', ru: 'и' },
  held: { en: 'What the case ties', ru: 'Что связывает дело' }, heldLead: { en: 'Recoveries, incidents, documents, dossiers and news of what is on watch; each is what a fact can rest on.', ru: 'Изъятия, происшествия, документы, досье и новости контроля; на них опираются факты.' },
  sides: { en: 'Claims side by side', ru: 'Сведения рядом' }, sidesLead: { en: 'Every claim with its source and date. None is averaged, merged or dropped.', ru: 'Каждое сведение со своим источником и датой. Ничто не усредняется, не сливается и не отбрасывается.' },
  cannot: { en: 'cannot both be so; both stay', ru: 'не могут быть верны одновременно; остаются оба' },
  explanations: { en: 'Explanations', ru: 'Объяснения' }, explanationsLead: { en: 'They compete. What speaks for and against each stands beside it; nothing here weighs them.', ru: 'Они соперничают. Доводы за и против приведены рядом; здесь их никто не взвешивает.' },
  history: { en: 'What was done, in order', ru: 'Ход дела' }, historyLead: { en: 'Acts are added and never taken out.', ru: 'Записи добавляются и не удаляются.' },
  disputes: { en: 'Disputed', ru: 'Оспорено' },
  kind: { en: 'What', ru: 'Что' }, id: { en: 'id', ru: 'код' }, when: { en: 'when', ru: 'когда' }, detail: { en: 'says', ru: 'содержание' }, source: { en: 'source', ru: 'источник' },
  for: { en: 'for', ru: 'за' }, against: { en: 'against', ru: 'против' }, rests: { en: 'rests on', ru: 'опирается на' }, says: { en: 'the fact', ru: 'факт' }, side: { en: 'side', ru: 'сторона' },
  by: { en: 'by', ru: 'кто' }, act: { en: 'act', ru: 'действие' }, none: { en: 'none yet', ru: 'пока нет' },
} as const satisfies Readonly<Record<string, Words>>

type Row = readonly [CaseAct['kind'], string, string, string, string]

function heldRows({ recoveries, incidents, documents, dossiers, watched }: Case, lang: Lang): string[][] {
  const gone: Words = { en: 'gone from', ru: 'исчезло из' }
  const since: Words = { en: 'declared since', ru: 'заявлено с' }
  const rows: Row[] = [
    ...recoveries.map(({ id, items }): Row => ['recovery-added', id, ABSENT, items.join(', '), ABSENT]),
    ...incidents.map(({ id, kind, when, region, what, source }): Row => ['incident-added', id, when, `${kind}, ${region}: ${what}`, source]),
    ...documents.map(({ id, title, date, source, sha256, marking }): Row => ['document-added', id, date, `${title} [${marking.level}] ${sha256.slice(0, HASH_SHOWN)}`, source]),
    ...dossiers.map(({ id, outcome, sha256 }): Row => ['dossier-added', id, ABSENT, `${outcome} ${sha256.slice(0, HASH_SHOWN)}`, ABSENT]),
    ...watched.map(({ id, party, what, sequence, item }): Row => ['watch-told', id, ABSENT, `${item}: ${(what === 'appeared' ? since : gone)[lang]} ${party}, ${sequence}`, party]),
  ]
  return rows.map(([kind, ...cells]) => [CASE_ACT[kind][lang], ...cells])
}

const valueText = ({ value, unit }: CaseClaim): string => `${value}${unit === null ? '' : ` ${unit}`}`

/** One matter, one column a claim. */
function matter(about: string, claims: readonly CaseClaim[], i: number, lang: Lang): Sheet {
  return {
    id: `matter-${i}`, title: about, columns: claims.map(({ source }) => source),
    notes: contradictions(claims).map(([one, other]) => `${one.source}: «${valueText(one)}» ${W.and[lang]} ${other.source}: «${valueText(other)}» ${W.cannot[lang]}.`),
    rows: [claims.map(valueText), claims.map(({ standing, by }) => `${CLAIM_STANDING[standing][lang]}${by === null ? '' : `: ${by}`}`), claims.map(({ date }) => date), claims.map(({ id }) => id)],
  }
}

function explanation({ id, what, for: pro, against }: Case['explanations'][number], lang: Lang): Sheet {
  const facts = (side: 'for' | 'against', all: typeof pro): string[][] => all.length === 0 ? [[W[side][lang], W.none[lang], ABSENT]] : all.map(({ says, rests }) => [W[side][lang], says, rests])
  return { id: `explanation-${id}`, title: what, notes: [], columns: [W.side[lang], W.says[lang], W.rests[lang]], rows: [...facts('for', pro), ...facts('against', against)] }
}

function gistOf({ kind, data }: CaseAct): string {
  switch (kind) {
    case 'opened': return data.title
    case 'closed': return data.because
    case 'fact-added': return `${data.explanation}, ${data.side}: ${data.fact.says}`
    case 'disputed': return `${data.id}: ${data.says} (${data.by})`
    default: return data.id
  }
}

/** The acts have passed the law; `exercise` stands on every screen of an exercise's case. */
export function caseTold(acts: readonly WrittenAct[], exercise: boolean, lang: Lang, origin?: string): Told {
  const file = foldCase(acts) as Case
  const [one, two] = file.openedBy
  const mark = exercise ? `${W.exercise[lang]} · ` : ''
  const sheet = (id: string, columns: readonly Words[], rows: readonly (readonly string[])[]): Sheet => ({ id, title: '', notes: [], columns: columns.map((each) => each[lang]), rows })
  const part = (id: string, title: Words, lead: Words, sheets: readonly Sheet[]): Part[] => sheets.some(({ rows }) => rows.length > 0) ? [{ id, title: title[lang], lead: lead[lang], sheets }] : []
  return {
    title: `${mark}${file.title}`,
    origin: origin ?? `${mark}${(file.open ? W.open : W.closed)[lang]}; ${W.openedBy[lang]} ${one} ${W.and[lang]} ${two}`,
    parts: [
      ...part('held', W.held, W.heldLead, [sheet('held', [W.kind, W.id, W.when, W.detail, W.source], heldRows(file, lang))]),
      ...part('sides', W.sides, W.sidesLead, [...claimsByMatter(file.claims)].map(([about, claims], i) => matter(about, claims, i, lang))),
      ...part('explanations', W.explanations, W.explanationsLead, file.explanations.map((each) => explanation(each, lang))),
      ...part('disputes', W.disputes, W.historyLead, [sheet('disputes', [W.id, W.by, W.says], file.disputes.map(({ id, by, says }) => [id, by, says]))]),
      ...part('history', W.history, W.historyLead, [sheet('history', [W.when, W.act, W.by, W.detail], acts.map((act) => [act.written, CASE_ACT[act.kind][lang], act.and === null ? act.by : `${act.by}, ${act.and}`, gistOf(act)]))]),
    ],
  }
}
