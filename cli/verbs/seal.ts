// `muster seal`: the numbered seals that items record, whether a number is in use twice, and the history of one.
import type { SealAlarm } from '@muster/core/rules/seal.ts'
import type { Holding } from '@muster/core/rules/holding.ts'
import { documentsText, peopleText } from '@muster/core/words/event.ts'
import { sealsView, sealView } from '@muster/registry/api/views/seal.ts'
import type { Home } from '@muster/registry/main.ts'
import { EXIT, usage } from '../errors.ts'
import { kindText } from '../event-words.ts'
import { inHome, type Acts } from '../in-home.ts'
import { reading } from '../reading.ts'
import type { Context, Verb, Words } from '../verb.ts'

const ALARM: Readonly<Record<SealAlarm, Words>> = {
  'on-two': { en: 'ALARM: in use twice', ru: 'ТРЕВОГА: номер используется дважды' },
  'in-two-places': { en: 'ALARM: in two places', ru: 'ТРЕВОГА: в двух местах' },
  'used-again': { en: 'ALARM: in use again after it was broken or missing', ru: 'ТРЕВОГА: снова в деле после вскрытия или пропажи' },
}
const STATE: Readonly<Record<Holding['seals'][number]['state'], Words>> = {
  'intact': { en: 'intact', ru: 'цела' }, 'damaged': { en: 'damaged', ru: 'повреждена' }, 'missing': { en: 'missing', ru: 'отсутствует' }, 'other-number': { en: 'another number was found', ru: 'обнаружен другой номер' }, 'broken': { en: 'broken', ru: 'вскрыта' },
}

async function list(context: Context, home: Home): Promise<number> {
  const view = await reading(context, (progress) => sealsView(home.register, progress))
  const alarmed = view.seals.filter(({ alarm }) => alarm !== null).length
  if (context.json) context.answer(view)
  else {
    context.table([{ title: context.say({ en: 'seal', ru: 'пломба' }) }, { title: context.say({ en: 'on', ru: 'на чём' }) }, { title: context.say({ en: 'site', ru: 'место хранения' }) }, { title: context.say({ en: 'items', ru: 'предметов' }), align: 'right' }, { title: context.say({ en: 'state', ru: 'состояние' }) }, { title: '' }],
      view.seals.flatMap(({ number, uses, alarm }) => uses.map(({ on, sites, items, state }) => [number, on, sites.join(', '), items, context.say(STATE[state]), alarm === null ? '' : context.say(ALARM[alarm])])))
    context.out(context.say({ en: `Seals: ${view.seals.length}; alarms: ${alarmed}.`, ru: `Пломб: ${view.seals.length}; тревог: ${alarmed}.` }))
  }
  return alarmed === 0 ? EXIT.ok : EXIT.no
}

async function show(context: Context, home: Home): Promise<number> {
  const number = context.args.positionals[1]
  if (number === undefined) throw usage(context.say({ en: 'the number of a seal', ru: 'номер пломбы' }), 'muster seal list')
  const view = await reading(context, (progress) => sealView(home.register, number, progress))
  const alarm = view.seal?.alarm ?? null
  if (context.json) context.answer(view)
  else {
    for (const { on, sites, items, state } of view.seal?.uses ?? []) context.out(`${number} · ${on} · ${sites.join(', ')} · ${context.say(STATE[state])} · ${context.say({ en: `items ${items}`, ru: `предметов ${items}` })}`)
    if (alarm !== null) context.out(context.say(ALARM[alarm]))
    context.table([{ title: context.say({ en: 'happened', ru: 'произошло' }) }, { title: context.say({ en: 'event', ru: 'событие' }) }, { title: context.say({ en: 'item', ru: 'единица' }) }, { title: context.say({ en: 'document', ru: 'документ' }) }, { title: context.say({ en: 'by', ru: 'кто' }) }],
      view.events.map((event) => [event.happened, kindText(context, event.event), event.item, documentsText(event), peopleText(event)]))
  }
  return alarm === null ? EXIT.ok : EXIT.no
}

const ACTS: Acts = { list, show }

export const verb: Verb = {
  name: 'seal',
  summary: { en: 'numbered seals: where they are, their history, a number in use twice', ru: 'пломбы: где стоят, история, номер, использованный дважды' },
  usage: ['muster seal list --dir D', 'muster seal show NUMBER --dir D'],
  options: {},
  positionals: { min: 1, max: 2 },
  run: (context) => inHome(context, ACTS),
}
