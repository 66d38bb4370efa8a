// The words of the verifier's page.
import type { Words } from '@muster/core/words/lang.ts'

export const PAGE = {
  title: { en: 'Muster: verify a dossier', ru: 'Muster: проверка досье' },
  heading: { en: 'Verify a dossier', ru: 'Проверка досье' },
  other: { en: 'Русский', ru: 'English' },
  intro: {
    en: 'A dossier shows where a seized weapon came from, and who declared what. This page checks every signature and proof in it, here, in your browser. It sends nothing anywhere: its own rules forbid every connection.',
    ru: 'Досье показывает, откуда взялось изъятое оружие и кто что заявил. Эта страница проверяет в нём каждую подпись и каждое доказательство здесь, в вашем браузере. Она никуда ничего не отправляет: её собственные правила запрещают любые соединения.',
  },
  own: {
    en: 'Use a copy of this page that you got yourself, whose SHA-256 you compared with the one of the release; not one that came along with a dossier.',
    ru: 'Пользуйтесь копией этой страницы, которую получили сами и сумму SHA-256 которой сверили с указанной в выпуске, а не той, что пришла вместе с досье.',
  },
  drop: { en: 'Drop the files anywhere on this page, or choose them:', ru: 'Перетащите файлы на эту страницу или выберите их:' },
  dossier: { en: 'The dossier', ru: 'Досье' },
  agreement: { en: 'The agreement, as you hold it', ru: 'Соглашение, которое есть у вас' },
  agreementHint: { en: 'The parties’ keys come from it. Without it nothing can be proven, only found consistent.', ru: 'Ключи сторон берутся из него. Без него ничего нельзя доказать, можно лишь установить согласованность.' },
  records: { en: 'Key records, if you hold any', ru: 'Записи ключей, если они у вас есть' },
  choose: { en: 'Choose a file…', ru: 'Выбрать файл…' },
  none: { en: 'none chosen', ru: 'не выбран' },
  verify: { en: 'Verify', ru: 'Проверить' },
  missing: { en: 'Choose the dossier first: a .json file.', ru: 'Сначала выберите досье: файл .json.' },
  tooLong: { en: 'is longer than any such file may be', ru: 'длиннее, чем может быть такой файл' },
  unread: { en: 'cannot be read; choose it again', ru: 'не читается; выберите файл ещё раз' },
  working: { en: 'Verifying…', ru: 'Идёт проверка…' },
  left: { en: (seconds: number) => `about ${seconds} s left`, ru: (seconds: number) => `осталось около ${seconds} с` },
  fault: { en: 'This browser could not verify it:', ru: 'Этот браузер не смог выполнить проверку:' },
  faultNext: { en: 'Try another browser, or run: muster verify', ru: 'Попробуйте другой браузер или выполните: muster verify' },
  otherKind: {
    en: 'This is no dossier. Verify it on the command line:', ru: 'Это не досье. Проверьте файл из командной строки:',
  },
  exercise: { en: 'EXERCISE: nothing here happened', ru: 'УЧЕНИЯ: ничего из этого не происходило' },
  answers: { en: 'What each party answered', ru: 'Что ответила каждая сторона' },
  answersHint: { en: 'Open a party to read what proves its answer.', ru: 'Раскройте сторону, чтобы прочесть, что доказывает её ответ.' },
  chain: { en: 'Chain of custody', ru: 'Цепочка владения' },
  explanations: { en: 'Explanations that stand side by side', ru: 'Объяснения, стоящие рядом' },
  findings: { en: 'What is wrong', ru: 'Что неверно' },
  findingsNext: { en: 'Ask its maker for the file again, and compare the SHA-256 of what was sent with what came.', ru: 'Запросите файл у составителя ещё раз и сравните SHA-256 отправленного и полученного.' },
  took: { en: (seconds: string) => `verified in ${seconds} s`, ru: (seconds: string) => `проверено за ${seconds} с` },
  marked: { en: 'Marking', ru: 'Гриф' },
} as const satisfies Readonly<Record<string, Words | { readonly en: (given: never) => string, readonly ru: (given: never) => string }>>

export const VERDICT = {
  proven: { name: { en: 'Proven', ru: 'Доказано' }, says: { en: 'Everything below follows from the evidence, under the keys of your agreement.', ru: 'Всё, что ниже, следует из доказательств; ключи — из вашего соглашения.' } },
  consistent: {
    name: { en: 'Consistent, keys not trusted', ru: 'Согласовано, ключи не проверены' },
    says: { en: 'Everything fits, but the keys came along in the dossier itself: anybody could have made them. Add the agreement as you hold it.', ru: 'Всё сходится, но ключи взяты из самого досье: их мог создать кто угодно. Добавьте соглашение, которое есть у вас.' },
  },
  refused: { name: { en: 'Refused', ru: 'Отвергнуто' }, says: { en: 'This is no proof of anything.', ru: 'Это ничего не доказывает.' } },
} as const satisfies Readonly<Record<string, { readonly name: Words, readonly says: Words }>>
