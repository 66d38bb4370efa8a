// The words of a dossier's pages that the command line has no use for.
import type { Words } from '@muster/core/words/lang.ts'

export const CHAIN = {
  found: { en: (party: string) => `found by ${party}`, ru: (party: string) => `обнаружено: ${party}` },
  gap: { en: 'Gap:', ru: 'Разрыв:' },
  noDate: { en: 'no date', ru: 'без даты' },
  nothing: { en: 'No record leads to the find.', ru: 'Ни одна запись не ведёт к находке.' },
} as const satisfies Readonly<Record<string, Words | { readonly en: (party: string) => string, readonly ru: (party: string) => string }>>

interface ProofWords {
  readonly declared: (party: string, entries: string, day: string) => string
  readonly cosigned: (read: number, witnessed: number, of: number) => string
  readonly found: (declared: number, tried: number) => string
  readonly absent: (tried: number) => string
  readonly opened: (party: string) => string
  readonly unopened: (party: string) => string
  readonly earlier: (keys: number) => string
  readonly stale: (party: string) => string
  readonly refused: (party: string) => string
  readonly receipted: (party: string) => string
  readonly offered: (party: string, by: number) => string
  readonly silent: string
  readonly unreachable: (party: string) => string
  readonly asOf: (day: string) => string
  readonly raw: string
}

export const PROOF: Readonly<Record<'en' | 'ru', ProofWords>> = {
  en: {
    declared: (party, entries, day) => `${party} signed a declaration of ${entries} entries as of ${day}; how many of them are items it does not show.`,
    cosigned: (read, witnessed, of) => `The file shows that ${read} of ${of} parties read all of it and cosigned it, and that ${witnessed} of ${of} cosigned the log that names it.`,
    found: (declared, tried) => `Of ${tried} spellings of the mark, asked blinded, ${declared} ${declared === 1 ? 'stands' : 'stand'} in it; the path from the entry to what was signed is in the file.`,
    absent: (tried) => `None of ${tried} spellings of the mark, asked blinded, stands in it. The entries are in order: for each spelling the file shows the two neighbours between which it would have to stand.`,
    opened: (party) => `Asked formally, ${party} opened what it had declared of the item; each opened part fits what was bound.`,
    unopened: (party) => `${party} has not opened what it declared of the item.`,
    earlier: (keys) => `The mark was looked up under ${keys} replaced ${keys === 1 ? 'key' : 'keys'} as well.`,
    stale: (party) => `The declaration of ${party} is older than the agreement allows, so nothing is said to be absent from it.`,
    refused: (party) => `${party} signed that it refuses the question.`,
    receipted: (party) => `${party} signed a receipt of the question.`,
    offered: (party, by) => `${by} parties signed that they offered ${party} the question in vain.`,
    silent: 'The time to answer ran out, and no answer came.',
    unreachable: (party) => `Nothing shows that ${party} had the question: nothing is said of it.`,
    asOf: (day) => `as of ${day}`,
    raw: 'The evidence, raw',
  },
  ru: {
    declared: (party, entries, day) => `${party} подписала декларацию из ${entries} записей по состоянию на ${day}; сколько из них предметов, она не показывает.`,
    cosigned: (read, witnessed, of) => `В файле показано: ${read} из ${of} сторон прочли её целиком и заверили, ${witnessed} из ${of} заверили журнал, который её называет.`,
    found: (declared, tried) => `Из ${tried} вариантов маркировки, запрошенных вслепую, в ней есть ${declared}; путь от записи к подписанному — в файле.`,
    absent: (tried) => `Ни одного из ${tried} вариантов маркировки, запрошенных вслепую, в ней нет. Записи идут по порядку: для каждого варианта показаны два соседа, между которыми он должен был бы стоять.`,
    opened: (party) => `По официальному запросу ${party} раскрыла заявленное о предмете; каждая раскрытая часть совпадает с тем, что было связано.`,
    unopened: (party) => `${party} не раскрыла заявленное о предмете.`,
    earlier: (keys) => `Маркировку искали и под заменёнными ключами (${keys}).`,
    stale: (party) => `Декларация ${party} старше, чем допускает соглашение, поэтому об отсутствии по ней не говорится.`,
    refused: (party) => `${party} подписала отказ отвечать.`,
    receipted: (party) => `${party} подписала расписку в получении вопроса.`,
    offered: (party, by) => `Сторон, подписавших, что безуспешно вручали вопрос стороне ${party}: ${by}.`,
    silent: 'Срок ответа истёк, ответа не было.',
    unreachable: (party) => `Ничто не показывает, что ${party} получила вопрос: о ней ничего не сказано.`,
    asOf: (day) => `по состоянию на ${day}`,
    raw: 'Сами доказательства',
  },
}
