// The words of cases, in both languages.
import type { Words } from '@muster/core/words/lang.ts'

export const CASES = {
  title: { en: 'Cases', ru: 'Дела' },
  none: { en: 'No case was opened.', ru: 'Дел нет.' },
  name: { en: 'Title of the case', ru: 'Название дела' },
  open: { en: 'Ask to open it', ru: 'Запросить открытие' },
  opened: { en: 'opened', ru: 'открыто' },
  verify: { en: 'Verify a dossier', ru: 'Проверить досье' },
  verifyHow: { en: 'in this browser, without sending it anywhere; whoever does not trust this registry uses a copy of their own', ru: 'в этом браузере, никуда не отправляя; кто не доверяет этому реестру, берёт собственную копию' },
} as const satisfies Record<string, Words>

export const CASE = {
  back: { en: 'To the cases', ru: 'К делам' },
  isOpen: { en: 'open', ru: 'открыто' }, closed: { en: 'closed', ru: 'закрыто' },
  held: { en: 'What the case ties', ru: 'Что связывает дело' },
  claims: { en: 'Claims side by side', ru: 'Сведения рядом' },
  claimsHow: { en: 'Each with its source and date. None is averaged, merged or dropped.', ru: 'Каждое со своим источником и датой. Ничто не усредняется, не сливается и не отбрасывается.' },
  cannot: { en: 'These cannot both be so; both stay:', ru: 'Не могут быть верны одновременно; остаются оба:' },
  explanations: { en: 'Explanations', ru: 'Объяснения' },
  explanationsHow: { en: 'They compete. What speaks for and against each stands beside it; nothing here weighs them.', ru: 'Они соперничают. Доводы за и против приведены рядом; здесь их никто не взвешивает.' },
  for: { en: 'for', ru: 'за' }, against: { en: 'against', ru: 'против' }, nothing: { en: 'nothing yet', ru: 'пока ничего' }, rests: { en: 'rests on', ru: 'опирается на' },
  disputed: { en: 'Disputed', ru: 'Оспорено' }, says: { en: 'says', ru: 'говорит' },
  history: { en: 'What was done, in order', ru: 'Ход дела' },
  add: { en: 'Add', ru: 'Добавить' }, explanation: { en: 'Another explanation', ru: 'Другое объяснение' }, fact: { en: 'A fact', ru: 'Факт' },
  of: { en: 'Explanation', ru: 'Объяснение' }, side: { en: 'It speaks', ru: 'Говорит' }, restsOn: { en: 'What it rests on', ru: 'На чём основан' }, text: { en: 'In words', ru: 'Словами' },
  close: { en: 'Because', ru: 'Почему' }, askClose: { en: 'Ask to close the case', ru: 'Запросить закрытие дела' },
  done: { en: 'Added to the case.', ru: 'Добавлено в дело.' },
} as const satisfies Record<string, Words>
