// The words of a verified dossier in both languages.
import type { Conclusion, PartyOutcome, TraceOutcome } from '../rules/chain.ts'
import type { Rung } from '../rules/mark.ts'
import type { Footing } from '../wire/footing.ts'
import type { Lang, Words } from './lang.ts'

type Fact = Conclusion['explanations'][number]['for'][number]['fact']
type Link = Conclusion['chain'][number]

export const OUTCOME: Readonly<Record<TraceOutcome, Words>> = {
  'last-holder': { en: 'Last lawful holder', ru: 'Последний законный держатель' },
  'not-received': { en: 'Released, and nobody declares that it was received; last holder', ru: 'Передано, получение никем не заявлено; последний держатель' },
  'still-held': { en: 'Still claimed to be held, by', ru: 'Всё ещё числится на хранении; сторона' },
  'destroyed': { en: 'Recorded as destroyed, by', ru: 'Числится уничтоженным; сторона' },
  'ambiguous': { en: 'Several candidates that nothing tells apart', ru: 'Несколько кандидатов, ничем не различимых' },
  'absent': { en: 'Not declared under these keys by any party that answered', ru: 'Под этими ключами не заявлено ни одной из ответивших сторон' },
  'silent': { en: 'Released to a party that is silent', ru: 'Передано стороне, которая молчит' },
  'unreadable': { en: 'No candidate can be made of the mark', ru: 'По маркировке нельзя составить ни одного кандидата' },
  'by-chance': { en: 'Hits that cannot be told from chance', ru: 'Совпадения, неотличимые от случайных' },
  'unanswered': { en: 'The records lead to where no answer is', ru: 'Записи ведут туда, откуда нет ответа' },
}

export const PARTY_OUTCOME: Readonly<Record<PartyOutcome, Words>> = {
  'present': { en: 'declared', ru: 'заявлено' },
  'absent': { en: 'not declared under these keys', ru: 'под этими ключами не заявлено' },
  'no-current-declaration': { en: 'no current declaration', ru: 'нет действующей декларации' },
  'refused': { en: 'refused', ru: 'отказ' },
  'silent': { en: 'silent', ru: 'молчит' },
  'unreachable': { en: 'not reached', ru: 'нет связи' },
}

export const GRADE: Readonly<Record<Rung, Words>> = {
  written: { en: 'as written', ru: 'как написано' },
  folded: { en: 'look-alike letters folded', ru: 'сходные буквы сведены' },
  transliterated: { en: 'transliterated', ru: 'с транслитерацией' },
  zeros: { en: 'leading zeros left out', ru: 'без начальных нулей' },
  wildcard: { en: 'illegible characters tried', ru: 'с подбором неразборчивых знаков' },
}

const between = (other: string | null, word: string): string => other === null ? '' : ` ${word} ${other}`
export const STEP: Readonly<Record<Link['step'], Readonly<Record<'en' | 'ru', (party: string, other: string | null) => string>>>> = {
  made: { en: (party) => `made in ${party}`, ru: (party) => `изготовлено: ${party}` },
  held: { en: (party, other) => `held by ${party}${between(other, 'from')}`, ru: (party, other) => `на хранении: ${party}${between(other, 'от')}` },
  delivered: { en: (party, other) => `delivered by ${party}${between(other, 'to')}`, ru: (party, other) => `поставлено: ${party}${between(other, '→')}` },
  released: { en: (party, other) => `released by ${party}${between(other, 'to')}`, ru: (party, other) => `передано: ${party}${between(other, '→')}` },
  ended: { en: (party) => `last record of ${party}`, ru: (party) => `последняя запись: ${party}` },
}

export const GAP: Readonly<Record<Conclusion['gaps'][number]['gap'], Words>> = {
  'origin-not-shown': { en: 'where it came from is not shown', ru: 'происхождение не показано' },
  'receipt-not-shown': { en: 'from whom it was received is not shown', ru: 'от кого получено, не показано' },
  'release-not-shown': { en: 'to whom it was released is not shown', ru: 'кому передано, не показано' },
  'not-received': { en: 'released to, and not declared by', ru: 'передано, но не заявлено стороной' },
  'on-the-way': { en: 'sent off, with no record that it came', ru: 'отправлено, о получении записи нет' },
  'receipt-disputed': { en: 'the receipt is disputed', ru: 'получение оспаривается' },
  'addressee-silent': { en: 'released to, and silent', ru: 'передано стороне, которая молчит' },
  'addressee-unanswered': { en: 'released to, and not searched', ru: 'передано стороне, где поиска не было' },
  'addressee-outside': { en: 'released to one outside the agreement', ru: 'передано за пределы соглашения' },
  'addressee-not-named': { en: 'released, and to whom is not said', ru: 'передано, кому — не сказано' },
  'addressee-declared-before': { en: 'released to, whose declaration is older than the release', ru: 'передано стороне, чья декларация старше передачи' },
  'lost-reported': { en: 'reported as lost, stolen or missing', ru: 'заявлено об утрате, хищении или пропаже' },
  'still-claimed': { en: 'still claimed to be held', ru: 'всё ещё числится' },
  'recorded-destroyed': { en: 'recorded as destroyed', ru: 'числится уничтоженным' },
  'sections-closed': { en: 'declared, and what is recorded stays closed', ru: 'заявлено, сведения не раскрыты' },
  'another-item': { en: 'a record under this key is of another item', ru: 'запись под этим ключом — о другом предмете' },
  'entered-in-error': { en: 'a record under this key was entered in error', ru: 'запись под этим ключом внесена ошибочно' },
}

export const EXPLANATION: Readonly<Record<Conclusion['explanations'][number]['what'], Words>> = {
  'lost-or-stolen-from-holder': { en: 'lost by, or stolen from, the last holder', ru: 'утрачено последним держателем или похищено у него' },
  'false-or-copied-mark': { en: 'the mark is false or copied', ru: 'маркировка поддельна или скопирована' },
  'taken-unnoticed': { en: 'taken unnoticed', ru: 'изъято незаметно' },
  'record-wrong': { en: 'the record is wrong', ru: 'запись неверна' },
  'not-destroyed-as-recorded': { en: 'it was not destroyed as recorded', ru: 'уничтожения, о котором есть запись, не было' },
  'diverted-on-the-way': { en: 'diverted on the way', ru: 'уведено в пути' },
  'received-and-not-declared': { en: 'received, and not declared', ru: 'получено, но не заявлено' },
  'never-dispatched': { en: 'never dispatched', ru: 'не отправлялось' },
  'held-by-a-party-that-did-not-answer': { en: 'recorded where no answer came from', ru: 'числится там, откуда нет ответа' },
  'from-outside-the-agreement': { en: 'from outside the agreement', ru: 'извне соглашения' },
  'left-out-of-a-declaration': { en: 'left out of a declaration', ru: 'не включено в декларацию' },
  'went-outside-the-agreement': { en: 'went outside the agreement', ru: 'ушло за пределы соглашения' },
  'one-of-several': { en: 'one of several recorded items', ru: 'один из нескольких учтённых предметов' },
  'coincidence': { en: 'coincidence', ru: 'случайное совпадение' },
  'misread-mark': { en: 'the mark was misread', ru: 'маркировка прочитана неверно' },
}

export const FACT: Readonly<Record<Fact, Words>> = {
  'record-says-lost': { en: 'the record says lost, stolen or missing', ru: 'по записи утрачено, похищено или пропало' },
  'looked-and-seen': { en: 'it was looked for and seen', ru: 'при осмотре предмет обнаружен' },
  'looked-and-not-seen': { en: 'it was looked for and not there', ru: 'при осмотре предмета нет' },
  'record-says-held': { en: 'the record says held', ru: 'по записи хранится' },
  'record-says-destroyed': { en: 'the record says destroyed', ru: 'по записи уничтожено' },
  'record-says-released': { en: 'the record says released', ru: 'по записи передано' },
  'addressee-declares-nothing': { en: 'the addressee declares no such item', ru: 'получатель такого не заявляет' },
  'addressee-outside': { en: 'the addressee is no party', ru: 'получатель не участник' },
  'mark-intact': { en: 'the mark is intact', ru: 'маркировка цела' },
  'mark-damaged': { en: 'the mark is damaged', ru: 'маркировка повреждена' },
  'read-as-written': { en: 'read without guesses', ru: 'прочитано без догадок' },
  'read-with-guesses': { en: 'read with guesses', ru: 'прочитано с догадками' },
  'silent-party': { en: 'silent', ru: 'молчит' },
  'no-declaration': { en: 'no current declaration', ru: 'нет действующей декларации' },
  'refused': { en: 'refused', ru: 'отказ' },
  'unreachable': { en: 'not reached', ru: 'нет связи' },
  'sections-closed': { en: 'declared, sections closed', ru: 'заявлено, сведения не раскрыты' },
  'several-records': { en: 'several records fit alike', ru: 'подходят несколько записей' },
  'all-answered': { en: 'every party answered', ru: 'ответили все стороны' },
  'not-told-from-chance': { en: 'cannot be told from chance', ru: 'неотличимо от случайности' },
  'record-of-another-item': { en: 'a like record is of another item', ru: 'сходная запись — о другом предмете' },
}

export const SAY = {
  cosigned: {
    en: (k: number, n: number, q: number) => `shows the cosignatures of ${k} of ${n} parties or more (${q} needed)`,
    ru: (k: number, n: number, q: number) => `показаны заверения не менее чем ${k} сторон из ${n} (нужно ${q})`,
  },
  asOf: { en: (date: string) => `as of ${date}`, ru: (date: string) => `по состоянию на ${date}` },
  asOfBetween: { en: (from: string, to: string) => `as of ${from} to ${to}`, ru: (from: string, to: string) => `по состоянию на ${from} – ${to}` },
  earlier: { en: 'searched under a replaced key', ru: 'поиск под заменённым ключом' },
  noDate: { en: 'no declaration searched', ru: 'поиска в декларациях не было' },
  candidates: { en: (n: number) => `candidates: ${n}`, ru: (n: number) => `кандидатов: ${n}` },
  grade: { en: (grade: string) => `grade: ${grade}`, ru: (grade: string) => `степень: ${grade}` },
  noGrade: { en: 'grade: no hit', ru: 'степень: совпадений нет' },
  belowQuorum: {
    en: 'BELOW QUORUM: the proofs hold, but too few cosignatures are shown to rule out that others saw something else',
    ru: 'НИЖЕ КВОРУМА: доказательства верны, но заверений показано слишком мало, чтобы исключить показ другим иного',
  },
  exercise: { en: 'EXERCISE: nothing here happened', ru: 'УЧЕНИЯ: ничего из этого не происходило' },
  chance: { en: (percent: number) => `Chance that a made-up mark would have hit: ${percent} % at the most`, ru: (percent: number) => `Вероятность случайного совпадения: не более ${percent} %` },
  chain: { en: 'Chain of custody:', ru: 'Цепочка владения:' },
  silent: { en: (parties: string) => `Had the question, or were offered it in vain by a quorum, and did not answer: ${parties}`, ru: (parties: string) => `Имели вопрос (по их расписке или его безуспешно вручал кворум) и не ответили: ${parties}` },
  explanations: { en: 'Explanations that stand side by side:', ru: 'Объяснения, стоящие рядом:' },
  for: { en: 'for', ru: 'за' },
  against: { en: 'against', ru: 'против' },
  columns: { en: ['party', 'answer', 'as of', 'witnesses shown', 'readers shown'], ru: ['сторона', 'ответ', 'по состоянию на', 'показано заверивших', 'показано прочитавших'] },
  made: { en: (asker: string, made: string) => `Dossier of ${asker}, ${made}`, ru: (asker: string, made: string) => `Досье ${asker}, ${made}` },
} as const

/** What a dossier rests on, in one line. */
export function footingText({ cosigned, of, needed, asOf, candidates, grade }: Footing, lang: Lang): string {
  const date = asOf === null ? SAY.noDate[lang] : asOf.from === asOf.to ? SAY.asOf[lang](asOf.from) : SAY.asOfBetween[lang](asOf.from, asOf.to)
  return [SAY.cosigned[lang](cosigned, of, needed), date, SAY.candidates[lang](candidates), grade === null ? SAY.noGrade[lang] : SAY.grade[lang](GRADE[grade][lang])].join(' · ')
}
