// `muster transfer`: items sent to another party by number, received or disputed item by item, and settled where they came from.
import { timeOf } from '@muster/core/bytes/time.ts'
import { isItemId, known, type Identity } from '@muster/core/rules/item.ts'
import { DISPUTES, type ItemStanding } from '@muster/core/rules/transfer.ts'
import { overdueItems, overdueView, transferShown, transfersView } from '@muster/registry/api/views/transfer.ts'
import type { Home } from '@muster/registry/main.ts'
import { disputeItems, dispatchItems, receiveItems, settleTransfer } from '@muster/registry/transfer/act.ts'
import { transferBy, transfers, type Transfer } from '@muster/registry/transfer/view.ts'
import { documentsIn } from '../document.ts'
import { usage } from '../errors.ts'
import { hallOf, partyOf } from '../hall.ts'
import { inHome, type Acts } from '../in-home.ts'
import { oneOfWords, timeIn, timeOption } from '../options.ts'
import { people, PEOPLE } from '../people.ts'
import { printDesignations } from '../term-words.ts'
import type { Context, Verb, Words } from '../verb.ts'

const ID_SHOWN = 8
const PLACE_MAX = 1023

const STANDING: Readonly<Record<ItemStanding, Words>> = {
  'under-way': { en: 'under way', ru: 'в пути' }, 'received': { en: 'received', ru: 'получено' }, 'disputed': { en: 'disputed', ru: 'оспорено' }, 'overdue': { en: 'OVERDUE', ru: 'ПРОСРОЧЕНО' },
}

const at = (context: Context, home: Home) => ({ register: home.register, joined: hallOf(context, home).joined })

function idOf(context: Context): string {
  const id = context.args.positionals[1] ?? ''
  if (!/^[0-9a-f]{8,32}$/.test(id)) throw usage(context.say({ en: `name the transfer: ${ID_SHOWN} to 32 characters of its id, as muster transfer list has it`, ru: `укажите передачу: от ${ID_SHOWN} до 32 знаков её номера из muster transfer list` }))
  return id
}

/** Places in the list, from 0 on; undefined where none is named. */
function placesOf(context: Context): readonly number[] | undefined {
  const named = context.args.texts('no')
  if (named.length === 0) return undefined
  return named.map((text) => {
    const place = Number(text)
    if (!/^\d{1,4}$/.test(text) || place > PLACE_MAX) throw usage(`--no ${text}: 0…${PLACE_MAX}`)
    return place
  })
}

async function send(context: Context, home: Home): Promise<number> {
  const hall = hallOf(context, home)
  const to = partyOf(context, hall)
  if (to === undefined) throw usage(context.say({ en: 'name the receiver with --of', ru: 'укажите получателя: --of' }))
  const items = context.args.texts('item').map((id) => {
    if (!isItemId(id)) throw usage(`--item ${id}: ${context.say({ en: 'an item\'s id', ru: 'код единицы' })}`, 'muster items MARK')
    return id
  })
  const { transfer } = await dispatchItems(at(context, home), {
    to, items, documents: documentsIn(context), due: timeIn('due', context.args.required('due')), reason: context.args.required('reason').trim(), note: context.args.text('note') ?? null, certificate: context.args.text('certificate'), licence: context.args.text('licence'),
  }, people(context), home.now())
  if (context.json) context.answer({ transfer, to, items: items.length })
  else context.out(context.say({ en: `Transfer ${transfer.slice(0, ID_SHOWN)}: items on their way to ${to}: ${items.length}. It is told by number as soon as it can be reached.`, ru: `Передача ${transfer.slice(0, ID_SHOWN)}: единиц в пути к ${to}: ${items.length}; перечень по номерам будет доставлен, как только получатель доступен.` }))
  return 0
}

async function list(context: Context, home: Home): Promise<number> {
  const all = await transfers(at(context, home), home.now())
  if (context.json) context.answer(transfersView(all))
  else if (all.length === 0) context.out(context.say({ en: 'Nothing was sent or announced.', ru: 'Передач нет.' }))
  else {
    const columns: readonly (Words & { readonly right?: true })[] = [
      { en: 'transfer', ru: 'передача' }, { en: 'way', ru: 'путь' }, { en: 'receipt due', ru: 'срок получения' }, { en: 'listed', ru: 'в перечне', right: true }, { en: 'received', ru: 'получено', right: true },
      { en: 'disputed', ru: 'оспорено', right: true }, { en: 'open', ru: 'ожидается', right: true },
    ]
    context.table(columns.map((title) => ({ title: context.say(title), ...(title.right === true ? { align: 'right' as const } : {}) })), all.map(({ direction, with: party, body, tally }) => [
      body.transfer.slice(0, ID_SHOWN), direction === 'out' ? `→ ${party}` : `← ${party}`, `${body.due}${tally.overdue > 0 ? context.say({ en: ' OVERDUE', ru: ' ПРОСРОЧЕНО' }) : ''}`,
      body.items.length, tally.received, tally.disputed, tally['under-way'] + tally.overdue,
    ]))
  }
  return 0
}

/** Item by item what was neither received nor disputed by the time it was due. */
async function overdue(context: Context, home: Home): Promise<number> {
  const late = overdueItems(await transfers(at(context, home), home.now()))
  if (context.json) context.answer(overdueView(late))
  else if (late.length === 0) context.out(context.say({ en: 'Nothing is overdue.', ru: 'Просроченного нет.' }))
  else {
    const titles = [{ en: 'transfer', ru: 'передача' }, { en: 'way', ru: 'путь' }, { en: 'receipt was due', ru: 'срок получения' }, { en: 'no.', ru: '№' }, { en: 'class', ru: 'класс' }, { en: 'type', ru: 'тип' }, { en: 'year', ru: 'год' }, { en: 'lot', ru: 'партия' }, { en: 'serial', ru: 'номер' }]
    context.table(titles.map((title) => ({ title: context.say(title) })), late.map(({ transfer: { body, direction, with: party }, no, item }) => [body.transfer.slice(0, ID_SHOWN), direction === 'out' ? `→ ${party}` : `← ${party}`, body.due, no, ...identityText(item.identity)]))
  }
  return 0
}

function identityText({ class: kind, type, year, lot, serial }: Identity): string[] {
  return [kind, known(type) ?? '?', known(year) ?? '?', known(lot) ?? '?', known(serial) ?? '?']
}

async function show(context: Context, home: Home): Promise<number> {
  const transfer = await transferBy(at(context, home), idOf(context), undefined, home.now(), partyOf(context, hallOf(context, home)))
  const view = await transferShown(at(context, home), transfer)
  if (context.json) {
    context.answer(view)
    return 0
  }
  const titles = [{ en: 'no.', ru: '№' }, { en: 'class', ru: 'класс' }, { en: 'type', ru: 'тип' }, { en: 'year', ru: 'год' }, { en: 'lot', ru: 'партия' }, { en: 'serial', ru: 'номер' }, { en: 'where it stands', ru: 'состояние' }]
  context.out(`${transfer.body.transfer}  ${transfer.direction === 'out' ? '→' : '←'} ${transfer.with}  ${transfer.body.documents.map(({ series, number, date }) => `${series === null ? '' : `${series} `}${number} ${date}`).join('; ')}  ${transfer.body.due}`)
  context.table(titles.map((title) => ({ title: context.say(title) })), transfer.items.map(({ standing, what }, i) =>
    [i, ...identityText((transfer.body.items[i] as Transfer['body']['items'][number]).identity), `${context.say(STANDING[standing])}${what === undefined ? '' : `: ${what}`}`]))
  printDesignations(context, view.designations)
  return 0
}

async function receive(context: Context, home: Home): Promise<number> {
  const happened = timeOption(context, 'happened')
  const { message, items } = await receiveItems(at(context, home), idOf(context), { items: placesOf(context), happened: happened ?? timeOf(home.now()), note: context.args.text('note') ?? null }, people(context), home.now(), partyOf(context, hallOf(context, home)))
  if (context.json) context.answer({ message: message.id, to: message.payload.to, items })
  else context.out(context.say({ en: `Items received: ${items.length}; the confirmation for ${message.payload.to} is signed.`, ru: `Получено единиц: ${items.length}; подтверждение для ${message.payload.to} подписано.` }))
  return 0
}

async function dispute(context: Context, home: Home): Promise<number> {
  const message = await disputeItems(at(context, home), idOf(context), { items: placesOf(context), what: oneOfWords(context, 'what', DISPUTES), note: context.args.text('note') ?? null }, people(context), home.now(), partyOf(context, hallOf(context, home)))
  if (context.json) context.answer({ message: message.id, to: message.payload.to })
  else context.out(context.say({ en: `Disputed; ${message.payload.to} is told.`, ru: `Оспорено; сообщение для ${message.payload.to} подписано.` }))
  return 0
}

async function settle(context: Context, home: Home): Promise<number> {
  const settled = await settleTransfer(at(context, home), idOf(context), people(context), home.now())
  if (context.json) context.answer(settled)
  else context.out(context.say({ en: `Recorded: ${settled.released} released, ${settled.disputed} disputed.`, ru: `Записано: передано ${settled.released}, оспорено ${settled.disputed}.` }))
  return 0
}

const ACTS: Acts = { send, list, overdue, show, receive, dispute, settle }

export const verb: Verb = {
  name: 'transfer',
  summary: { en: 'items sent to another party by number, and their receipt', ru: 'передача единиц другой стороне по номерам и их получение' },
  usage: [
    'muster transfer send --of CODE --item ITEM … [--licence ID] [--document [SERIES/]NUMBER[/DATE] …] --due TIME [--certificate ID] --reason TEXT --by NAME --and NAME --dir D',
    'muster transfer list --dir D', 'muster transfer overdue --dir D', 'muster transfer show ID --dir D',
    'muster transfer receive ID [--no N …] [--happened TIME] --by NAME --dir D', 'muster transfer dispute ID --what CODE [--no N …] --by NAME --dir D',
    'muster transfer settle ID --by NAME --and NAME --dir D',
  ],
  options: {
    agreement: { type: 'string', value: 'ID', help: { en: 'the agreement, where several were joined', ru: 'соглашение, если их несколько' } },
    of: { type: 'string', multiple: true, value: 'CODE', help: { en: 'the receiver, or the other side', ru: 'получатель или другая сторона' } },
    item: { type: 'string', multiple: true, value: 'ITEM', help: { en: 'an item that is sent', ru: 'передаваемая единица' } },
    document: { type: 'string', multiple: true, value: 'DOC', help: { en: 'the licence, the end-user certificate: SERIES/NUMBER/DATE', ru: 'лицензия, сертификат конечного пользователя: СЕРИЯ/НОМЕР/ДАТА' } },
    certificate: { type: 'string', value: 'ID', help: { en: 'the receiver\'s end-user certificate: its id or number', ru: 'сертификат конечного пользователя: код или номер' } },
    licence: { type: 'string', value: 'ID', help: { en: 'the licence that is drawn on: its id or number', ru: 'лицензия, по которой идёт отгрузка: код или номер' } },
    due: { type: 'string', value: 'TIME', help: { en: 'by when the receipt is due', ru: 'срок подтверждения получения' } },
    reason: { type: 'string', value: 'TEXT', help: { en: 'why', ru: 'основание словами' } },
    no: { type: 'string', multiple: true, value: 'N', help: { en: 'a place in the list, from 0 (default: all that are open)', ru: 'номер в перечне, с 0 (по умолчанию все открытые)' } },
    happened: { type: 'string', value: 'TIME', help: { en: 'when it was received (default: now)', ru: 'когда получено (по умолчанию сейчас)' } },
    what: { type: 'string', value: 'CODE', help: { en: `what is wrong: ${DISPUTES.join(', ')}`, ru: `что не так: ${DISPUTES.join(', ')}` } },
    note: { type: 'string', value: 'TEXT', help: { en: 'a note beside the codes', ru: 'примечание' } },
    ...PEOPLE,
  },
  positionals: { min: 1, max: 2 },
  run: (context) => inHome(context, ACTS),
}
