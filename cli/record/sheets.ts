// The public record as sheets: what terminal and page both show, in one language. A sheet adds no word on how far a matter got.
import { byStanding, disagreements, sideBySide, type Claim, type Standing } from '@muster/core/rules/claim.ts'
import { CLAIM_STANDING } from '@muster/core/words/case.ts'
import type { Part, Sheet, Told } from '../sheet.ts'
import type { Lang, Words } from '../verb.ts'
import type { Pledge, PublicRecord } from './read.ts'

/** What a matter can be said to have come to; the rest of the words only tell who spoke. */
const COME_TO: readonly Standing[] = ['discussed', 'raised', 'approved', 'agreed', 'decided', 'signed', 'not-signed', 'accepted', 'pledged', 'planned']

const PLEDGE_WORD: Readonly<Record<Pledge['kind'], Words>> = {
  'exchange': { en: 'exchange of data', ru: 'обмен данными' },
  'road-map': { en: 'road map', ru: 'дорожная карта' },
  'facilities': { en: 'facilities', ru: 'объекты' },
  'forces': { en: 'forces', ru: 'силы' },
  'arms': { en: 'arms', ru: 'оружие' },
}

export const WORDS = {
  title: { en: 'The public record', ru: 'Публичные сведения' },
  origin: {
    en: 'From public reports, unsigned. Every entry says who reported it and when; where reports differ, all of them stay. No status is shown that no report states.',
    ru: 'Из публичных сообщений, без подписи. Каждая запись говорит, кто и когда сообщил; где сообщения расходятся, остаются все. Состояние показано только то, о котором сообщалось.',
  },
  sides: { en: 'Reports side by side', ru: 'Сообщения рядом' },
  sidesLead: { en: 'Where reports of one event differ, the difference is itself a fact.', ru: 'Если сообщения об одном событии расходятся, само расхождение — факт.' },
  words: { en: 'Discussed, approved, agreed', ru: 'Обсуждено, одобрено, согласовано' },
  wordsLead: { en: 'Different words, kept apart: the one in the report, and no other.', ru: 'Разные слова, которые не смешиваются: то, что в сообщении, и никакое другое.' },
  meetings: { en: 'Meetings', ru: 'Встречи' },
  meetingsLead: { en: 'Meetings that the reports name, and what they tell of each.', ru: 'Встречи, названные в сообщениях, и что о них сказано.' },
  pledges: { en: 'Decisions, plans and pledges', ru: 'Решения, планы и обещания' },
  pledgesLead: { en: 'Whether one was kept is said here only in the words of a report.', ru: 'Исполнено ли обещание, сказано здесь только словами сообщений.' },
  all: { en: 'Every claim, by date', ru: 'Все сведения по датам' },
  allLead: { en: 'A date is as exact as the report; a dash: not stated.', ru: 'Дата настолько точна, насколько точно сообщение; прочерк: не указана.' },
  sources: { en: 'Sources', ru: 'Источники' },
  sourcesLead: { en: 'Who reported. Some are named only by what they are.', ru: 'Кто сообщил. Некоторые названы только по роду.' },
  date: { en: 'Date', ru: 'Дата' },
  question: { en: 'Question', ru: 'Вопрос' },
  what: { en: 'What is claimed', ru: 'Что утверждается' },
  word: { en: 'Word', ru: 'Слово' },
  by: { en: 'Who said it', ru: 'Кто сказал' },
  reported: { en: 'Reported by, when', ru: 'Кто сообщил, когда' },
  place: { en: 'Place', ru: 'Место' },
  who: { en: 'Who met', ru: 'Кто' },
  kind: { en: 'Kind', ru: 'Вид' },
  address: { en: 'Where', ru: 'Где' },
  undated: { en: 'date not stated', ru: 'дата не указана' },
  cannot: { en: 'cannot both be true; both stay', ru: 'не могут быть верны вместе; остаются оба' },
  and: { en: 'and', ru: 'и' },
} as const satisfies Readonly<Record<string, Words>>

const ABSENT = '–'
const quoted = (each: Claim, lang: Lang): string => (lang === 'ru' ? `«${each.text.ru}»` : `“${each.text.en}”`)

/** The record as one page or one screen tells it. */
export function recordTold(record: PublicRecord, lang: Lang): Told {
  return { title: WORDS.title[lang], origin: WORDS.origin[lang], parts: partsOf(record, lang) }
}

/** The six parts of the record in one language. */
export function partsOf(record: PublicRecord, lang: Lang): readonly Part[] {
  const say = (word: keyof typeof WORDS): string => WORDS[word][lang]
  const sheet = (id: string, columns: readonly (keyof typeof WORDS)[], rows: readonly (readonly string[])[]): Sheet =>
    ({ id, title: '', notes: [], columns: columns.map(say), rows })
  return [
    { id: 'sides', title: say('sides'), lead: say('sidesLead'), sheets: sides(record, lang) },
    { id: 'words', title: say('words'), lead: say('wordsLead'), sheets: [sheet('words-table', ['word', 'question', 'what', 'reported'], comeTo(record, lang))] },
    { id: 'meetings', title: say('meetings'), lead: say('meetingsLead'), sheets: [sheet('meetings-table', ['date', 'place', 'who', 'what'], meetings(record, lang))] },
    { id: 'pledges', title: say('pledges'), lead: say('pledgesLead'), sheets: [sheet('pledges-table', ['date', 'kind', 'word', 'what', 'reported'], pledges(record, lang))] },
    { id: 'all', title: say('all'), lead: say('allLead'), sheets: [sheet('all-table', ['date', 'question', 'what', 'word', 'by', 'reported'], everything(record, lang))] },
    {
      id: 'sources', title: say('sources'), lead: say('sourcesLead'),
      sheets: [sheet('sources-table', ['reported', 'address'], record.sources.map((source) => [source.name[lang], source.address ?? ABSENT]))],
    },
  ]
}

function reportedBy(record: PublicRecord, each: Claim, lang: Lang): string {
  return each.reported.map(({ source, date }) => `${nameOf(record, source, lang)}, ${date ?? WORDS.undated[lang]}`).join('; ')
}

const nameOf = (record: PublicRecord, id: string, lang: Lang): string => record.sources.find((source) => source.id === id)?.name[lang] ?? id

const titleOf = (record: PublicRecord, each: Claim, lang: Lang): string => record.questions.find(({ id }) => id === each.question)?.title[lang] ?? each.question

/** One sheet a question on which reports differ: a column a claim, so that they stand beside one another. */
function sides(record: PublicRecord, lang: Lang): Sheet[] {
  const claimsTo = sideBySide(record.claims)
  return record.questions.filter(({ compare }) => compare).map((question) => {
    const claims = claimsTo.get(question.id) ?? []
    return {
      id: question.id,
      title: question.title[lang],
      notes: disagreements(claims).map(([one, other]) => `${quoted(one, lang)} ${WORDS.and[lang]} ${quoted(other, lang)} ${WORDS.cannot[lang]}.`),
      columns: claims.map((each) => reportedBy(record, each, lang)),
      rows: [
        claims.map((each) => each.text[lang]),
        claims.map((each) => [CLAIM_STANDING[each.standing][lang], each.by?.[lang]].filter((part) => part !== undefined).join(': ')),
        claims.map((each) => each.date ?? ABSENT),
      ],
    }
  })
}

function comeTo(record: PublicRecord, lang: Lang): string[][] {
  const by = byStanding(record.claims)
  return COME_TO.flatMap((standing) => (by.get(standing) ?? []).map((each) =>
    [CLAIM_STANDING[standing][lang], titleOf(record, each, lang), `${each.text[lang]}${each.by === undefined ? '' : ` (${each.by[lang]})`}`, reportedBy(record, each, lang)]))
}

const named = (record: PublicRecord, ids: readonly string[]): Claim[] => ids.flatMap((id) => record.claims.filter((each) => each.id === id))

function meetings(record: PublicRecord, lang: Lang): string[][] {
  return record.meetings.map((meeting) => [
    meeting.date, meeting.place[lang], meeting.who[lang],
    named(record, meeting.claims).map((each) => `${CLAIM_STANDING[each.standing][lang]}: ${each.text[lang]}`).join('; '),
  ])
}

function pledges(record: PublicRecord, lang: Lang): string[][] {
  return record.pledges.flatMap((pledge) => named(record, pledge.claims).map((each) =>
    [each.date ?? ABSENT, PLEDGE_WORD[pledge.kind][lang], CLAIM_STANDING[each.standing][lang], each.text[lang], reportedBy(record, each, lang)]))
}

/** Undated claims come last: where they belong is not known. */
function everything(record: PublicRecord, lang: Lang): string[][] {
  const order = (each: Claim): string => each.date ?? '9999'
  return [...record.claims].sort((one, other) => (order(one) < order(other) ? -1 : order(one) > order(other) ? 1 : 0)).map((each) => [
    each.date ?? ABSENT, titleOf(record, each, lang),
    each.text[lang], CLAIM_STANDING[each.standing][lang], each.by?.[lang] ?? ABSENT, reportedBy(record, each, lang),
  ])
}
