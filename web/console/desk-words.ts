// The words of the desk and of the page of trust, in both languages.
import type { Words } from '@muster/core/words/lang.ts'

export const DESK = {
  requests: { en: 'Formal requests', ru: 'Официальные запросы' },
  noRequests: { en: 'No request waits.', ru: 'Запросов в ожидании нет.' },
  received: { en: 'Calls to count that we were sent', ru: 'Запросы о подсчёте, полученные нами' },
  issued: { en: 'Calls to count that we sent', ru: 'Наши запросы о подсчёте' },
  noCalls: { en: 'None.', ru: 'Нет.' },
  owed: { en: 'What we owe', ru: 'Что должны мы' },
  owedToUs: { en: 'What is owed to us', ru: 'Что должны нам' },
  nothingOwed: { en: 'Nothing that is still to be done.', ru: 'Неисполненного нет.' },
  what: { en: 'what', ru: 'что' }, by: { en: 'by', ru: 'кто' }, to: { en: 'to', ru: 'кому' }, all: { en: 'all', ru: 'всем' }, about: { en: 'about', ru: 'предмет' }, due: { en: 'due', ru: 'срок' }, state: { en: 'where it stands', ru: 'состояние' },
  from: { en: 'from', ru: 'от кого' }, marks: { en: 'marks', ru: 'маркировка' }, office: { en: 'office', ru: 'отдел' }, call: { en: 'call', ru: 'запрос' }, request: { en: 'request', ru: 'запрос' }, counted: { en: 'counted', ru: 'подсчитали' },
  open: { en: 'waits for you', ru: 'ждёт вас' },
  overdue: { en: 'OVERDUE', ru: 'ПРОСРОЧЕНО' },
  left: { en: '# left', ru: 'осталось #' }, late: { en: 'late by #', ru: 'опоздание #' },
  days: { en: 'd', ru: 'дн.' }, hours: { en: 'h', ru: 'ч' }, minutes: { en: 'min', ru: 'мин' },
  asked: { en: 'Asked for. It is done when a second person approves it.', ru: 'Запрошено. Будет выполнено, когда подтвердит второе лицо.' },
  back: { en: 'To the desk', ru: 'К рабочему столу' },
} as const satisfies Record<string, Words>

/** What is owed, by its code. */
export const OWED: Readonly<Record<string, Words>> = {
  'call/acknowledge': { en: 'word that a call is seen to', ru: 'сообщить, что запрос в работе' }, 'call/answer': { en: 'answer to a call to count', ru: 'ответ на запрос о подсчёте' }, 'production/return': { en: 'return of licensed production', ru: 'отчёт о лицензионном производстве' },
  'exchange/declaration': { en: 'declaration', ru: 'декларация' }, 'exchange/holdings': { en: 'report of holdings', ru: 'отчёт о запасах' }, 'exchange/production': { en: 'report of production', ru: 'отчёт о производстве' }, 'exchange/destruction': { en: 'report of destruction', ru: 'отчёт об уничтожении' },
  'exchange/imports': { en: 'report of imports', ru: 'отчёт о ввозе' }, 'exchange/exports': { en: 'report of exports', ru: 'отчёт о вывозе' },
}

export const CALL = {
  title: { en: 'Call to count', ru: 'Запрос о подсчёте' },
  asOf: { en: 'as of', ru: 'по состоянию на' },
  all: { en: 'everything in the scope', ru: 'всё в пределах соглашения' },
  party: { en: 'party', ru: 'участник' }, answer: { en: 'answer', ru: 'ответ' }, since: { en: 'since', ru: 'с' },
  opened: { en: 'opened', ru: 'вскрыто' }, sealed: { en: 'sealed', ru: 'под пломбой' }, records: { en: 'records only', ru: 'только по учёту' },
  beside: { en: 'beside its declaration', ru: 'рядом с декларацией' },
  matrix: { en: 'Matrix of answers', ru: 'Матрица ответов' },
  answered: { en: 'counted', ru: 'подсчитали' }, declined: { en: 'refuse', ru: 'отказались' }, silent: { en: 'silent', ru: 'молчат' }, waiting: { en: 'still to come', ru: 'ещё не ответили' },
  paper: { en: 'on paper', ru: 'на бумаге' }, lateWord: { en: 'late', ru: 'с опозданием' },
  unexplained: { en: 'that no transfer known here explains', ru: 'известными здесь передачами не объясняется' },
  acknowledge: { en: 'Say that it is seen to', ru: 'Сообщить, что в работе' },
  count: { en: 'Count and answer', ru: 'Подсчитать и ответить' },
  declineWhy: { en: 'Or say that there will be no count, because', ru: 'Или сообщить, что подсчёта не будет, так как' },
  decline: { en: 'Ask for the refusal', ru: 'Запросить отказ' },
  told: { en: 'Signed; it leaves with the next delivery.', ru: 'Подписано; уйдёт со следующей отправкой.' },
} as const satisfies Record<string, Words>

export const REQUEST = {
  title: { en: 'Formal request', ru: 'Официальный запрос' },
  ground: { en: 'ground', ru: 'основание' }, use: { en: 'use', ru: 'цель' }, hits: { en: 'keys that hit', ru: 'совпавших ключей' },
  words: { en: 'What was said of it', ru: 'Что о нём сказано' },
  answer: { en: 'Answer', ru: 'Ответ' },
  take: { en: 'Say that officers have it', ru: 'Сообщить, что запрос принят' },
  sections: { en: 'Open these sections of the items behind it', ru: 'Открыть эти разделы единиц, о которых идёт речь' },
  leaves: { en: 'Exactly this would leave', ru: 'Уйдёт именно это' },
  items: { en: 'items', ru: 'единиц' }, bytes: { en: 'bytes', ru: 'байтов' },
  adds: { en: 'Until now nobody but us knows of these items for certain: with this answer so does', ru: 'До сих пор об этих единицах достоверно знаем только мы; с этим ответом узнает и' },
  look: { en: 'It claims an item in hand, and so promises to look whether it is there, by', ru: 'Он утверждает, что единица на месте, и обязывает проверить это до' },
  none: { en: 'Nothing of the register: no item can be opened under that declaration.', ru: 'Ничего из реестра: по этой декларации открыть нечего.' },
  approve: { en: 'Ask for this answer', ru: 'Запросить такой ответ' },
  reason: { en: 'Or refuse, because', ru: 'Или отказать, так как' },
  refuse: { en: 'Ask for the refusal', ru: 'Запросить отказ' },
  choose: { en: 'Choose at least one section.', ru: 'Выберите хотя бы один раздел.' },
} as const satisfies Record<string, Words>

export const TRUST = {
  logs: { en: 'Logs', ru: 'Журналы' },
  logsHow: { en: 'Each party writes a log that it cannot rewrite unseen. A square is a witness that cosigned what we hold of it; below the quorum every proof says so.', ru: 'Каждый участник ведёт журнал, который нельзя незаметно переписать. Квадрат означает свидетеля, заверившего то, что у нас есть; ниже кворума это сказано в каждом доказательстве.' },
  log: { en: 'log of', ru: 'журнал' }, own: { en: 'ours', ru: 'наш' }, size: { en: 'entries', ru: 'записей' }, cosigned: { en: 'cosigned by', ru: 'заверили' }, of: { en: 'of', ru: 'из' }, quorum: { en: 'quorum', ru: 'кворум' },
  age: { en: 'last cosigned', ru: 'заверено' }, ago: { en: 'ago', ru: 'назад' }, declared: { en: 'declared as of', ru: 'объявлено на' }, heads: { en: 'declarations', ru: 'деклараций' }, file: { en: 'evidence on file', ru: 'улики' },
  nothing: { en: 'nothing of it is here', ru: 'здесь его нет' }, stale: { en: 'served an older copy', ru: 'отдал старую копию' }, clean: { en: 'none', ru: 'нет' },
  short: { en: 'below the quorum', ru: 'ниже кворума' },
  known: { en: 'What do they know of us', ru: 'Что они знают о нас' },
  knownHow: { en: 'Whoever asks about a mark learns whether we declare it, and nothing else. Had every question so far been a guess that hit, they would know of this many items at most:', ru: 'Спросивший о маркировке узнаёт лишь, объявлена ли она нами. Будь каждый вопрос удачной догадкой, они знали бы не более чем о стольких единицах:' },
  party: { en: 'party', ru: 'участник' }, elements: { en: 'elements asked so far', ru: 'элементов всего' }, window: { en: 'in the window', ru: 'в окне квоты' }, atMost: { en: 'items at most', ru: 'единиц, не более' }, share: { en: 'of the register', ru: 'от реестра' }, after: { en: 'all of it, at today\'s quota', ru: 'весь реестр при нынешней квоте' },
  already: { en: 'by now', ru: 'уже' }, never: { en: 'never', ru: 'никогда' }, days: { en: 'days', ru: 'дн.' },
} as const satisfies Record<string, Words>
