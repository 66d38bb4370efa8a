// `muster lot`: quantities under one record, split and used up.
import { timeOf } from '@muster/core/bytes/time.ts'
import { isItemId, QUANTITY_MAX, type ItemId } from '@muster/core/rules/item.ts'
import { lotsView } from '@muster/registry/api/views/lot.ts'
import { splitLot, takeFromLot, type Taking } from '@muster/registry/lot/act.ts'
import type { Home } from '@muster/registry/main.ts'
import { documentsIn } from '../document.ts'
import { EXIT, usage } from '../errors.ts'
import { inHome, type Acts } from '../in-home.ts'
import { timeOption } from '../options.ts'
import { people, PEOPLE } from '../people.ts'
import { reading } from '../reading.ts'
import type { Context, Verb } from '../verb.ts'

function lotOf(context: Context): ItemId {
  const id = context.args.positionals[1] ?? ''
  if (!isItemId(id)) throw usage(context.say({ en: 'the id of a lot', ru: 'код партии' }), 'muster lot list')
  return id
}

function takingOf(context: Context, home: Home): Taking {
  context.args.required('quantity')
  return {
    lot: lotOf(context), quantity: context.args.integer('quantity', { min: 1, max: QUANTITY_MAX }) ?? 0, happened: timeOption(context, 'happened') ?? timeOf(home.now()),
    reason: context.args.required('reason').trim(), documents: documentsIn(context),
  }
}

async function split(context: Context, home: Home): Promise<number> {
  const lot = await splitLot(home.register, { ...takingOf(context, home), as: context.args.text('as')?.trim() }, people(context), home.now())
  if (context.json) context.answer({ lot })
  else context.out(context.say({ en: `The new lot is ${lot}. It lies where the old one does until it is moved: muster event ${lot} --kind moved`, ru: `Новая партия: ${lot}. Она там же, где и прежняя, пока её не переместят: muster event ${lot} --kind moved` }))
  return EXIT.ok
}

async function use(context: Context, home: Home): Promise<number> {
  const left = await takeFromLot(home.register, takingOf(context, home), context.args.required('for').trim(), people(context), home.now())
  if (context.json) context.answer({ left })
  else context.out(context.say({ en: `Left: ${left}.`, ru: `Осталось: ${left}.` }))
  return EXIT.ok
}

async function list(context: Context, home: Home): Promise<number> {
  const view = await reading(context, (progress) => lotsView(home.register, progress))
  if (context.json) context.answer(view)
  else {
    context.table([{ title: context.say({ en: 'lot', ru: 'партия' }) }, { title: context.say({ en: 'class', ru: 'класс' }) }, { title: context.say({ en: 'type', ru: 'тип' }) }, { title: context.say({ en: 'left', ru: 'осталось' }), align: 'right' }, { title: context.say({ en: 'site', ru: 'место хранения' }) }, { title: context.say({ en: 'item', ru: 'единица' }) }],
      view.lots.map(({ lot, class: kind, type, quantity, usedUp, site, item }) => [lot ?? '?', kind, type ?? '?', usedUp ? context.say({ en: 'used up', ru: 'израсходована' }) : quantity ?? '?', site ?? '?', item]))
    for (const { from, to, given, taken } of view.unbalanced) context.out(context.say({ en: `ALARM: ${from} gave ${given ?? 'nothing'}, ${to} took ${taken ?? 'nothing'}: one side was corrected without the other`, ru: `ТРЕВОГА: ${from} отдала ${given ?? 'ничего'}, ${to} приняла ${taken ?? 'ничего'}: одна сторона исправлена без другой` }))
  }
  return view.unbalanced.length === 0 ? EXIT.ok : EXIT.no
}

const ACTS: Acts = { list, split, use }

export const verb: Verb = {
  name: 'lot',
  summary: { en: 'lots: split, used, what is left', ru: 'партии: разделение, расход, остаток' },
  usage: [
    'muster lot list --dir D', 'muster lot split ITEM --quantity N [--as NUMBER] [--happened TIME] --reason TEXT [--document [SERIES/]NUMBER[/DATE] …] --by NAME --dir D',
    'muster lot use ITEM --quantity N --for TEXT [--happened TIME] --reason TEXT [--document [SERIES/]NUMBER[/DATE] …] --by NAME --dir D',
  ],
  options: {
    quantity: { type: 'string', value: 'N', help: { en: 'how many', ru: 'сколько' } },
    as: { type: 'string', value: 'NUMBER', help: { en: 'of a split: the number of the new lot (default: that of the old one)', ru: 'для split: номер новой партии (по умолчанию прежний)' } },
    for: { type: 'string', value: 'TEXT', help: { en: 'of a use: for what', ru: 'для use: на что' } },
    happened: { type: 'string', value: 'TIME', help: { en: 'when it happened (default: now)', ru: 'когда произошло (по умолчанию сейчас)' } },
    reason: { type: 'string', value: 'TEXT', help: { en: 'why', ru: 'основание словами' } },
    document: { type: 'string', multiple: true, value: 'TEXT', help: { en: 'the document: [SERIES/]NUMBER[/YYYY-MM-DD]', ru: 'документ: [СЕРИЯ/]НОМЕР[/ГГГГ-ММ-ДД]' } },
    ...PEOPLE,
  },
  positionals: { min: 1, max: 2 },
  run: (context) => inHome(context, ACTS),
}
