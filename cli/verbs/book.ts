// `muster book`: stock card, book of numbers and balance of an account over a period, and what changed between two days, as known on any day; numbers of
// documents; the books opened, closed and opened again.
import { isDate, timeOf, type Time } from '@muster/core/bytes/time.ts'
import { BEGINNING, momentOf, type Account, type Changes, type ItemBook, type Period } from '@muster/core/rules/book.ts'
import type { ClosingAct } from '@muster/core/rules/closing.ts'
import { isItemId, known, type Identity } from '@muster/core/rules/item.ts'
import { documentsText, peopleText } from '@muster/core/words/event.ts'
import { balanceView, cardView, changesView, documentsView, dueView, numbersView, periodsView } from '@muster/registry/api/views/book.ts'
import { closeBooks, type Closing } from '@muster/registry/book/close.ts'
import { readBalance, readCard, readChanges, readDue, readNumbers } from '@muster/registry/book/read.ts'
import type { Home } from '@muster/registry/main.ts'
import { usage } from '../errors.ts'
import { kindText } from '../event-words.ts'
import { inHome, type Acts } from '../in-home.ts'
import { people, PEOPLE } from '../people.ts'
import { reading } from '../reading.ts'
import type { Column } from '../table.ts'
import type { Context, Verb, Words } from '../verb.ts'

const EXIT_NO = 1
const TITLE = {
  happened: { en: 'happened', ru: 'произошло' }, written: { en: 'written', ru: 'записано' }, event: { en: 'event', ru: 'событие' }, document: { en: 'document', ru: 'документ' }, item: { en: 'item', ru: 'единица' },
  class: { en: 'class', ru: 'класс' }, type: { en: 'type', ru: 'тип' }, serial: { en: 'serial', ru: 'номер' }, year: { en: 'year', ru: 'год' }, in: { en: 'in', ru: 'приход' }, out: { en: 'out', ru: 'расход' },
  balance: { en: 'balance', ru: 'остаток' }, by: { en: 'by', ru: 'кто' }, opening: { en: 'opening', ru: 'на начало' }, late: { en: 'entered late', ru: 'внесено позже' }, closing: { en: 'closing', ru: 'на конец' },
  category: { en: 'category', ru: 'категория' }, site: { en: 'site', ru: 'место хранения' }, custodian: { en: 'custodian', ru: 'хранитель' },
  series: { en: 'series', ru: 'серия' }, number: { en: 'number', ru: 'номер' }, date: { en: 'date', ru: 'дата' }, events: { en: 'events', ru: 'событий' },
  what: { en: 'what', ru: 'что' }, was: { en: 'was', ru: 'было' }, is: { en: 'is', ru: 'стало' }, uncounted: { en: 'of unknown number', ru: 'без числа' },
} as const satisfies Record<string, Words>

const DIFFERENCE: Readonly<Record<Changes['differences'][number]['what'], Words>> = {
  'status': { en: 'status', ru: 'состояние' }, 'owner': { en: 'owner', ru: 'собственник' }, 'custodian': { en: 'custodian', ru: 'хранитель' }, 'site': { en: 'site', ru: 'место хранения' }, 'unit': { en: 'unit', ru: 'подразделение' },
  'quantity': { en: 'quantity', ru: 'количество' }, 'category': { en: 'category', ru: 'категория' }, 'usable-until': { en: 'service life ends', ru: 'конец срока службы' }, 'next-check': { en: 'next check', ru: 'следующая проверка' },
  'container': { en: 'container', ru: 'тара' }, 'marks': { en: 'marks', ru: 'маркировок' }, 'identity': { en: 'identity', ru: 'что это' },
}

const columns = (context: Context, names: readonly (keyof typeof TITLE)[]): Column[] =>
  names.map((name) => ({ title: context.say(TITLE[name]), ...(['in', 'out', 'balance', 'opening', 'late', 'closing', 'uncounted', 'events'].includes(name) ? { align: 'right' as const } : {}) }))

/** A day's first or last second, or a time; undefined where the option is not given. */
function dayOption(context: Context, option: string, end: 'first' | 'last'): Time | undefined {
  const text = context.args.text(option)
  const moment = text === undefined ? undefined : momentOf(text, end)
  if (text !== undefined && moment === undefined) throw usage(`--${option} ${text}: YYYY-MM-DD, YYYY-MM-DDTHH:MM:SSZ`)
  return moment
}

function accountIn(context: Context): Account {
  const { args } = context
  const item = args.text('item')
  if (item !== undefined && !isItemId(item)) throw usage(`--item ${item}: ${context.say({ en: 'an item\'s id', ru: 'код единицы' })}`, 'muster items MARK')
  return { item, class: args.text('class'), type: args.text('type'), custodian: args.text('custodian'), site: args.text('site'), unit: args.text('unit') }
}

function periodIn(context: Context, home: Home): Period {
  const now = timeOf(home.now())
  return { from: dayOption(context, 'from', 'first') ?? BEGINNING, until: dayOption(context, 'until', 'last') ?? now, knownBy: dayOption(context, 'known', 'last') ?? now }
}

const CLOSING: Readonly<Record<Closing['kind'], Words>> = { opening: { en: 'opening balance', ru: 'начальный остаток' }, closed: { en: 'closed', ru: 'закрыто' }, reopened: { en: 'opened again after', ru: 'снова открыто после' } }

/** To the minute: seconds say nothing to who reads a ledger. */
const minute = (time: Time): string => `${time.slice(0, 10)} ${time.slice(11, 16)}`
const nameOf = (identity: Identity): string => [known(identity.type) ?? identity.class, known(identity.serial) ?? '?'].join(' ')

function answered(context: Context, view: object, code = 0): number {
  context.answer(view)
  return code
}

async function card(context: Context, home: Home): Promise<number> {
  const read = await reading(context, (progress) => readCard(home.register, accountIn(context), periodIn(context, home), progress))
  if (context.json) return answered(context, cardView(read))
  const { opening, lines, closing, uncounted } = read
  context.out(`${context.say(TITLE.opening)}: ${opening}`)
  context.table(columns(context, ['happened', 'written', 'document', 'event', 'item', 'in', 'out', 'balance', 'by']), lines.map(({ event, identity, in: came, out, balance }) =>
    [minute(event.happened), minute(event.written), documentsText(event), kindText(context, event.kind), nameOf(identity), came, out, balance, peopleText(event)]))
  context.out(`${context.say(TITLE.closing)}: ${closing}${uncounted === 0 ? '' : context.say({ en: `; besides, ${uncounted} of unknown number`, ru: `; кроме того, без числа: ${uncounted}` })}`)
  return 0
}

async function numbersOf(context: Context, home: Home): Promise<number> {
  const books = await reading(context, (progress) => readNumbers(home.register, accountIn(context), periodIn(context, home), progress))
  const way = ({ lines }: ItemBook, which: 'in' | 'out'): string => lines.filter((line) => line[which] > 0).map(({ event }) => `${event.happened.slice(0, 10)} ${kindText(context, event.kind)} ${documentsText(event)}`.trim()).join('; ')
  if (context.json) return answered(context, numbersView(books))
  context.table(columns(context, ['class', 'type', 'year', 'serial', 'opening', 'in', 'out', 'closing']).map((column, i) => i === 5 || i === 6 ? { title: column.title } : column),
    books.map((book) => [book.identity.class, known(book.identity.type) ?? '?', known(book.identity.year) ?? '?', known(book.identity.serial) ?? '?', book.opening, way(book, 'in'), way(book, 'out'), book.closing]))
  return 0
}

async function balance(context: Context, home: Home): Promise<number> {
  const read = await reading(context, (progress) => readBalance(home.register, accountIn(context), periodIn(context, home), progress))
  const { rows, late } = read
  if (context.json) return answered(context, balanceView(read), late.length === 0 ? 0 : EXIT_NO)
  context.table(columns(context, ['class', 'type', 'opening', 'late', 'in', 'out', 'closing', 'uncounted']), rows.map((row) => [row.class, row.type ?? '?', row.stated, row.late, row.in, row.out, row.closing, row.uncounted]))
  if (late.length === 0) context.out(context.say({ en: 'Opening + in − out = closing in every row.', ru: 'В каждой строке: на начало + приход − расход = на конец.' }))
  else {
    context.out(context.say({ en: 'Not what the book gave when the period began; written since, of a time before:', ru: 'Расходится с книгой на начало периода; внесено позже о более раннем:' }))
    context.table(columns(context, ['item', 'event', 'happened', 'written', 'by']), late.flatMap(({ identity, late: events }) => events.map((event) => [nameOf(identity), kindText(context, event.kind), minute(event.happened), minute(event.written), peopleText(event)])))
  }
  return late.length === 0 ? 0 : EXIT_NO
}

async function changes(context: Context, home: Home): Promise<number> {
  const [earlier, later] = [dayOption(context, 'from', 'last') ?? BEGINNING, dayOption(context, 'until', 'last') ?? timeOf(home.now())]
  const all = await reading(context, (progress) => readChanges(home.register, earlier, later, progress))
  if (context.json) return answered(context, changesView(all))
  if (all.length === 0) context.out(context.say({ en: 'Nothing changed.', ru: 'Ничего не изменилось.' }))
  for (const { item, identity, differences, events } of all) {
    context.out(`${nameOf(identity)}  ${item}`)
    context.table(columns(context, ['what', 'was', 'is']), differences.map(({ what, was, is }) => [context.say(DIFFERENCE[what]), was ?? '—', is ?? '—']))
    context.table(columns(context, ['happened', 'written', 'event', 'document', 'by']), events.map((event) => [minute(event.happened), minute(event.written), kindText(context, event.kind), documentsText(event), peopleText(event)]))
  }
  return 0
}

async function due(context: Context, home: Home): Promise<number> {
  const now = timeOf(home.now())
  const day = context.args.text('until') ?? now.slice(0, 10)
  if (!isDate(day)) throw usage(`--until ${day}: YYYY-MM-DD`)
  const view = dueView(await reading(context, (progress) => readDue(home.register, accountIn(context), day, now, progress)))
  if (context.json) return answered(context, view)
  if (view.due.length === 0) context.out(context.say({ en: `Nothing falls due by ${day}.`, ru: `До ${day} включительно сроков нет.` }))
  context.table(columns(context, ['date', 'what', 'class', 'type', 'serial', 'category', 'site', 'custodian']), view.due.map(({ on, what, class: kind, type, serial, category, site, custodian }) =>
    [on, context.say(DIFFERENCE[what]), kind, type ?? '?', serial ?? '?', category ?? '–', site ?? '?', custodian ?? '?']))
  return 0
}

async function documents(context: Context, home: Home): Promise<number> {
  const view = await documentsView(home.register, context.args.text('series'))
  if (context.json) return answered(context, view)
  context.table(columns(context, ['series', 'number', 'date', 'events']), view.documents.map(({ series, number, date, events }) => [series, number, date, events]))
  for (const { series, from, to } of view.gaps) context.out(context.say({ en: `Series ${series}: no event names ${from === to ? from : `${from} to ${to}`}`, ru: `Серия ${series}: ни в одном событии не назван ${from === to ? `номер ${from}` : `ни один номер с ${from} по ${to}`}` }))
  return 0
}

/** What a closing says, from the options. */
async function close(context: Context, home: Home, kind: Closing['kind']): Promise<number> {
  const { by, and } = people(context)
  const until = dayOption(context, 'until', 'last') ?? context.args.required('until')
  const { rows } = await reading(context, (progress) => closeBooks(home.register, {
    kind, until, by, and: and ?? '', reason: context.args.required('reason').trim(), sources: context.args.texts('source').map((text) => text.trim()), questions: context.args.texts('question').map((text) => text.trim()),
  }, home.now(), progress))
  if (context.json) context.answer({ kind, until, rows })
  else {
    context.out(context.say(kind === 'reopened' ? { en: `The books are open again after ${until}.`, ru: `Книги снова открыты после ${until}.` } : { en: `The books are closed up to ${until}: of that time only corrections are written.`, ru: `Книги закрыты по ${until}: об этом времени записываются только исправления.` }))
    printRows(context, rows)
  }
  return 0
}

function printRows(context: Context, rows: ClosingAct['rows']): void {
  context.table(columns(context, ['class', 'type', 'closing', 'uncounted']), rows.map(({ class: kind, type, items, uncounted }) => [kind, type ?? '?', items, uncounted]))
}

async function periods(context: Context, home: Home): Promise<number> {
  const view = await periodsView(home.register)
  if (context.json) return answered(context, view)
  if (view.acts.length === 0) context.out(context.say({ en: 'The books were never closed.', ru: 'Книги не закрывались.' }))
  for (const act of view.acts) {
    context.out(`${context.say(CLOSING[act.kind])}: ${act.until}  (${act.written}, ${peopleText(act)}: ${act.reason})`)
    for (const source of act.sources) context.out(`  ${context.say({ en: 'source', ru: 'источник' })}: ${source}`)
    for (const question of act.questions) context.out(`  ${context.say({ en: 'open', ru: 'открыто' })}: ${question}`)
    printRows(context, act.rows)
  }
  return 0
}

const ACTS: Acts = {
  open: (context, home) => close(context, home, 'opening'), close: (context, home) => close(context, home, 'closed'), reopen: (context, home) => close(context, home, 'reopened'), periods,
  card, numbers: numbersOf, balance, changes, due, documents,
}
const ACCOUNT = '[--class CLASS] [--type TEXT] [--site CODE] [--unit NAME] [--custodian NAME] [--item ITEM] [--from DAY] [--until DAY] [--known DAY]'

export const verb: Verb = {
  name: 'book',
  summary: { en: 'stock card, book of numbers, balance, what changed, what falls due, numbers of documents; closing the books', ru: 'карточка учёта, книга номеров, остатки, что изменилось, что подходит по сроку, номера документов; закрытие периода' },
  usage: [
    `muster book card ${ACCOUNT} --dir D`, `muster book numbers ${ACCOUNT} --dir D`, `muster book balance ${ACCOUNT} --dir D`, 'muster book changes --from DAY [--until DAY] --dir D',
    'muster book due [--class CLASS] [--type TEXT] [--site CODE] [--unit NAME] [--custodian NAME] [--item ITEM] [--until DAY] --dir D', 'muster book documents [--series TEXT] --dir D',
    'muster book open --until DAY --source TEXT … [--question TEXT …] --reason TEXT --by NAME --and NAME --dir D', 'muster book close --until DAY --reason TEXT --by NAME --and NAME --dir D',
    'muster book reopen --until DAY --reason TEXT --by NAME --and NAME --dir D', 'muster book periods --dir D',
  ],
  options: {
    class: { type: 'string', value: 'CLASS', help: { en: 'component class', ru: 'класс' } },
    type: { type: 'string', value: 'TEXT', help: { en: 'type as recorded', ru: 'тип, как записан' } },
    site: { type: 'string', value: 'CODE', help: { en: 'site', ru: 'место хранения' } },
    unit: { type: 'string', value: 'NAME', help: { en: 'unit', ru: 'подразделение' } },
    custodian: { type: 'string', value: 'NAME', help: { en: 'who has it', ru: 'у кого находится' } },
    item: { type: 'string', value: 'ITEM', help: { en: 'one item, every event of it', ru: 'одна единица, все её события' } },
    from: { type: 'string', value: 'DAY', help: { en: 'first day of the period, or a time (default: from the beginning); of changes the earlier day', ru: 'первый день периода или время (по умолчанию с начала); для changes более ранний день' } },
    until: { type: 'string', value: 'DAY', help: { en: 'last day of the period, or a time (default: now)', ru: 'последний день периода или время (по умолчанию сейчас)' } },
    known: { type: 'string', value: 'DAY', help: { en: 'as the register knew it on this day (default: now)', ru: 'как было известно реестру на этот день (по умолчанию сейчас)' } },
    series: { type: 'string', value: 'TEXT', help: { en: 'of documents: one series', ru: 'для documents: одна серия' } },
    source: { type: 'string', multiple: true, value: 'TEXT', help: { en: 'of an opening balance: what it was taken from', ru: 'для начального остатка: на чём он основан' } },
    question: { type: 'string', multiple: true, value: 'TEXT', help: { en: 'of an opening balance: what is still open', ru: 'для начального остатка: что осталось невыясненным' } },
    reason: { type: 'string', value: 'TEXT', help: { en: 'why', ru: 'основание словами' } },
    ...PEOPLE,
  },
  positionals: { min: 1, max: 1 },
  run: (context) => inHome(context, ACTS),
}
