// The console's words in both languages. A text that lacks one does not compile.
import type { Role } from '@muster/core/rules/rights.ts'
import type { Words } from '@muster/core/words/lang.ts'

export const ROLE: Readonly<Record<Role, Words>> = {
  'stockpile-officer': { en: 'stockpile officer', ru: 'учётчик запасов' },
  'point-of-contact': { en: 'national point of contact', ru: 'национальный пункт связи' },
  'investigator': { en: 'investigator', ru: 'следователь' },
  'export-control-officer': { en: 'export-control officer', ru: 'специалист по экспортному контролю' },
  'auditor': { en: 'auditor', ru: 'проверяющий' },
}

export const SHELL = {
  title: { en: 'Muster', ru: 'Muster' },
  exercise: { en: 'EXERCISE', ru: 'УЧЕНИЕ' },
  exerciseMore: { en: 'invented states, invented numbers', ru: 'вымышленные государства и номера' },
  sides: { en: 'Change sides', ru: 'Сменить сторону' },
  register: { en: 'Register', ru: 'Реестр' },
  waiting: { en: 'For a second person', ru: 'Ждут второго лица' },
  people: { en: 'People', ru: 'Люди' },
  desk: { en: 'Desk', ru: 'Рабочий стол' },
  trust: { en: 'Trust', ru: 'Доверие' },
  agreement: { en: 'Agreement', ru: 'Соглашение' },
  noAgreement: { en: 'No agreement was joined: there is nobody to exchange anything with.', ru: 'Ни одного соглашения нет: обмениваться не с кем.' },
  signOut: { en: 'Sign out', ru: 'Выйти' },
  other: { en: 'Русский', ru: 'English' },
  dark: { en: 'Dark', ru: 'Тёмная тема' },
  light: { en: 'Light', ru: 'Светлая тема' },
  skip: { en: 'To the content', ru: 'К содержанию' },
  pages: { en: 'Pages', ru: 'Страницы' },
  away: { en: 'The registry does not answer. What you entered is still here: try again when it is back.', ru: 'Реестр не отвечает. Введённое сохранено на этой странице: повторите, когда он снова заработает.' },
  again: { en: 'Try again', ru: 'Повторить' },
  loading: { en: 'Reading the register', ru: 'Чтение реестра' },
  notHere: { en: 'There is nothing here for you.', ru: 'Здесь для вас ничего нет.' },
  wholeRegister: { en: 'the whole register', ru: 'весь реестр' },
} as const satisfies Record<string, Words>

export const SIGN = {
  title: { en: 'Sign in', ru: 'Вход' },
  person: { en: 'Name', ru: 'Имя' },
  password: { en: 'Password', ru: 'Пароль' },
  digits: { en: 'Six digits of the authenticator', ru: 'Шесть цифр из приложения' },
  enter: { en: 'Sign in', ru: 'Войти' },
  have: { en: 'I have an invitation', ru: 'У меня есть приглашение' },
  invitation: { en: 'Invitation', ru: 'Приглашение' },
  code: { en: 'The code that you were given', ru: 'Код, который вам передали' },
  open: { en: 'Open it', ru: 'Открыть' },
  welcome: { en: 'Welcome,', ru: 'Добро пожаловать,' },
  app: { en: 'Take this into an authenticator app on your own device, then enter the six digits that it shows.', ru: 'Добавьте это в приложение-аутентификатор на своём устройстве и введите шесть цифр, которые оно покажет.' },
  byHand: { en: 'or by hand', ru: 'или вручную' },
  choose: { en: 'Choose a password of 12 characters or more', ru: 'Придумайте пароль не короче 12 знаков' },
  finish: { en: 'Finish', ru: 'Готово' },
  done: { en: 'Done. Wait for the next six digits, and sign in with them.', ru: 'Готово. Дождитесь следующих шести цифр и войдите с ними.' },
  back: { en: 'Back to signing in', ru: 'Вернуться ко входу' },
} as const satisfies Record<string, Words>

export const ITEMS = {
  title: { en: 'Register', ru: 'Реестр' },
  mark: { en: 'Search by a mark', ru: 'Поиск по маркировке' },
  markHint: { en: 'as it is written, in either alphabet; * or ? for what cannot be read', ru: 'как написано, в любом алфавите; * или ? вместо неразборчивого' },
  search: { en: 'Search', ru: 'Найти' },
  clear: { en: 'Clear', ru: 'Сбросить' },
  filter: { en: 'Filter', ru: 'Фильтр' },
  by: { en: 'Field', ru: 'Поле' },
  value: { en: 'Value', ru: 'Значение' },
  add: { en: 'Add', ru: 'Добавить' },
  remove: { en: 'Remove the filter', ru: 'Убрать фильтр' },
  columns: { en: 'Columns', ru: 'Столбцы' },
  more: { en: 'Show more', ru: 'Показать ещё' },
  save: { en: 'Save as CSV', ru: 'Сохранить CSV' },
  none: { en: 'Nothing in the register fits.', ru: 'В реестре ничего не подходит.' },
  serialAlone: { en: 'A serial number alone never proves identity.', ru: 'Один лишь номер никогда не доказывает тождества.' },
  cut: { en: 'More share these keys: add a class or a type.', ru: 'Эти ключи есть и у других: добавьте класс или тип.' },
  unreadable: { en: 'No candidate can be made of this mark:', ru: 'Из этой маркировки нельзя составить ни одного варианта:' },
} as const satisfies Record<string, Words>

export const COLUMN = {
  serial: { en: 'serial', ru: 'номер' }, type: { en: 'type', ru: 'тип' }, class: { en: 'class', ru: 'класс' }, maker: { en: 'maker', ru: 'завод' }, year: { en: 'year', ru: 'год' }, lot: { en: 'lot', ru: 'партия' },
  status: { en: 'status', ru: 'состояние' }, site: { en: 'site', ru: 'место' }, unit: { en: 'unit', ru: 'подразделение' }, custodian: { en: 'custodian', ru: 'у кого' }, grade: { en: 'grade', ru: 'ступень' }, sharing: { en: 'same key', ru: 'с тем же ключом' },
} as const satisfies Record<string, Words>

export const ITEM = {
  back: { en: 'To the register', ru: 'К реестру' },
  identity: { en: 'What it is', ru: 'Что это' },
  place: { en: 'Where it is', ru: 'Где находится' },
  owner: { en: 'owner', ru: 'владелец' },
  region: { en: 'region', ru: 'район' },
  since: { en: 'since', ru: 'с' },
  marks: { en: 'Marks, as they were read', ru: 'Маркировка, как её прочли' },
  noMarks: { en: 'No mark was recorded.', ru: 'Маркировка не записана.' },
  chain: { en: 'Chain of custody', ru: 'Цепочка учёта' },
  written: { en: 'written', ru: 'записано' },
  bound: { en: 'bound in the log of', ru: 'связано в журнале' },
  entry: { en: 'entry', ru: 'запись' },
  waits: { en: 'waits for the next period of the log', ru: 'ждёт следующего периода журнала' },
  record: { en: 'Record', ru: 'Записать' },
  recordTitle: { en: 'Record what happened', ru: 'Записать событие' },
  reason: { en: 'Reason, in words', ru: 'Основание, словами' },
  document: { en: 'Number of the document', ru: 'Номер документа' },
  dated: { en: 'Date of the document', ru: 'Дата документа' },
  happened: { en: 'When it happened (UTC)', ru: 'Когда произошло (UTC)' },
  seen: { en: 'How it was seen', ru: 'Как осмотрено' },
  siteCode: { en: 'Code of the site', ru: 'Код места' },
  circumstances: { en: 'Circumstances', ru: 'Обстоятельства' },
  write: { en: 'Record it', ru: 'Записать' },
  cancel: { en: 'Cancel', ru: 'Отмена' },
  asked: { en: 'Asked for. It is done when a second person approves it.', ru: 'Запрошено. Будет выполнено, когда подтвердит второе лицо.' },
  notNow: { en: 'not possible while it is', ru: 'невозможно, пока состояние:' },
  twoDue: { en: 'Takes two people: a second one approves exactly this.', ru: 'Нужны двое: второе лицо подтверждает именно это.' },
} as const satisfies Record<string, Words>

export const SEEN = { 'opened': { en: 'opened', ru: 'вскрыто' }, 'sealed': { en: 'sealed', ru: 'под пломбой' }, 'not-accessible': { en: 'not accessible', ru: 'недоступно' } } as const satisfies Record<string, Words>

export const WAITING = {
  title: { en: 'For a second person', ru: 'Ждут второго лица' },
  none: { en: 'Nothing waits for you.', ru: 'Для вас ничего нет.' },
  asks: { en: 'asks', ru: 'запрашивает' },
  until: { en: 'waits until', ru: 'ждёт до' },
  exactly: { en: 'Exactly this will be done:', ru: 'Будет выполнено именно это:' },
  item: { en: 'Look at the item first', ru: 'Сначала посмотреть единицу' },
  approve: { en: 'Approve', ru: 'Подтвердить' },
  refuse: { en: 'Drop it', ru: 'Отклонить' },
  own: { en: 'You asked for it: another person approves.', ru: 'Вы сами это запросили: подтверждает другое лицо.' },
  done: { en: 'Done.', ru: 'Выполнено.' },
  dropped: { en: 'Dropped.', ru: 'Отклонено.' },
} as const satisfies Record<string, Words>

export const PEOPLE = {
  title: { en: 'People', ru: 'Люди' },
  how: { en: 'People are named, and their rights changed, on the machine of the registry, by two others: muster person.', ru: 'Людей назначают и права меняют двое других на машине реестра: muster person.' },
  person: { en: 'person', ru: 'лицо' }, roles: { en: 'roles', ru: 'роли' }, part: { en: 'part of the register', ru: 'часть реестра' }, since: { en: 'since', ru: 'с' }, by: { en: 'decided by', ru: 'кем решено' }, left: { en: 'left', ru: 'выбыл' },
} as const satisfies Record<string, Words>

export const NO = {
  'rights/role': { en: 'Your roles do not reach so far; this is for:', ru: 'Ваши роли этого не позволяют; это могут:' },
  'rights/scope': { en: 'This is of the whole register, and you keep a part of it.', ru: 'Это относится ко всему реестру, а вы отвечаете за его часть.' },
} as const satisfies Record<string, Words>
