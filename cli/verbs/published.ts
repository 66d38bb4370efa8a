// `muster published`: quantities that a public register of transfers states, beside what this register recorded, with what a source restated.
import { basename, resolve } from 'node:path'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { Compared, Figure } from '@muster/core/rules/published.ts'
import type { Home } from '@muster/registry/main.ts'
import { comparedView, publishedView } from '@muster/registry/api/views/published.ts'
import { loadPublished, readPublished } from '@muster/registry/published/act.ts'
import { dateOr } from '../certified-rows.ts'
import { usage } from '../errors.ts'
import { hallOf } from '../hall.ts'
import { inHome, type Acts } from '../in-home.ts'
import { people, PEOPLE } from '../people.ts'
import type { Context, Verb, Words } from '../verb.ts'

async function load(context: Context, home: Home): Promise<number> {
  const file = context.args.positionals[1]
  if (file === undefined) throw usage(context.say({ en: 'name the file', ru: 'укажите файл' }))
  const rows = await readPublished(resolve(file))
  await loadPublished(home.register, { source: context.args.required('source').trim(), day: dateOr(context, timeOf(home.now())), by: people(context).by, file: basename(file), note: context.args.text('note') ?? null, rows }, home.now())
  if (context.json) context.answer({ figures: rows.length })
  else context.out(context.say({ en: `Figures kept: ${rows.length}.`, ru: `Сохранено показателей: ${rows.length}.` }))
  return 0
}

function pairs(context: Context, option: string): Map<string, string> {
  return new Map(context.args.texts(option).map((text) => {
    const [, from = '', to = ''] = /^(.+)=(.+)$/.exec(text) ?? []
    if (from === '') throw usage(`--${option} ${text}: NAME=CODE`)
    return [from.trim(), to.trim()]
  }))
}

/** 12 → 10 (2026-01-01). */
function historyText(context: Context, figures: readonly Figure[]): string {
  return figures.filter(({ history }) => history.length > 1).map(({ source, history }) => `${source}: ${history.map(({ quantity }) => quantity ?? context.say({ en: 'withdrawn', ru: 'снято' })).join(' → ')}, ${context.say({ en: 'restated on', ru: 'пересмотрено' })} ${history.slice(1).map(({ day }) => day).join(', ')}`).join('; ')
}

async function compare(context: Context, home: Home): Promise<number> {
  const at = { register: home.register, joined: hallOf(context, home).joined }
  const view = await comparedView(at, { parties: pairs(context, 'party'), models: pairs(context, 'model') }, { source: context.args.text('source'), all: context.args.flag('all') }, home.now())
  const { exercise, compared, rows } = view
  if (context.json) context.answer(view)
  else {
    context.out(`${exercise ? context.say({ en: 'EXERCISE. ', ru: 'УЧЕНИЕ. ' }) : ''}${context.say({ en: `Compared: ${compared}; shown: ${rows.length}.`, ru: `Сопоставлено: ${compared}; показано: ${rows.length}.` })}`)
    if (rows.length > 0) print(context, rows)
  }
  return 0
}

function print(context: Context, rows: readonly Compared[]): void {
  const titles: readonly (Words & { readonly right?: true })[] = [
    { en: 'year', ru: 'год' }, { en: 'way', ru: 'путь' }, { en: 'model', ru: 'модель' }, { en: 'published', ru: 'опубликовано', right: true }, { en: 'dispatched', ru: 'отгружено', right: true }, { en: 'received', ru: 'получено', right: true }, { en: 'difference', ru: 'разница', right: true }, { en: 'history', ru: 'история' },
  ]
  context.table(titles.map((title) => ({ title: context.say(title), ...(title.right === true ? { align: 'right' as const } : {}) })), rows.map(({ year, exporter, importer, model, published, dispatched, received, difference, figures }) =>
    [year, `${exporter} → ${importer}`, model, published ?? '', dispatched, received, difference > 0 ? `+${difference}` : difference, historyText(context, figures)]))
}

async function list(context: Context, home: Home): Promise<number> {
  const view = await publishedView(home.register)
  const { loads } = view
  if (context.json) context.answer(view)
  else if (loads.length === 0) context.out(context.say({ en: 'Nothing was loaded.', ru: 'Ничего не загружено.' }))
  else {
    const titles: readonly Words[] = [{ en: 'day', ru: 'день' }, { en: 'source', ru: 'источник' }, { en: 'file', ru: 'файл' }, { en: 'figures', ru: 'показателей' }, { en: 'by', ru: 'кто' }]
    context.table(titles.map((title) => ({ title: context.say(title) })), loads.map(({ day, source, file, figures, by }) => [day, source, file, figures, by]))
  }
  return 0
}

const ACTS: Acts = { load, list, compare }

export const verb: Verb = {
  name: 'published',
  summary: { en: 'publicly stated quantities beside what was recorded', ru: 'публично заявленные количества рядом с учтёнными' },
  usage: [
    'muster published load FILE.csv --source TEXT [--date DATE] --by NAME --dir D', 'muster published list --dir D',
    'muster published compare [--party NAME=CODE …] [--model NAME=TYPE …] [--source TEXT] [--all] --dir D',
  ],
  options: {
    agreement: { type: 'string', value: 'ID', help: { en: 'the agreement, where several were joined', ru: 'соглашение, если их несколько' } },
    source: { type: 'string', value: 'TEXT', help: { en: 'who states the figures', ru: 'кто заявляет количества' } },
    date: { type: 'string', value: 'DATE', help: { en: 'the day of the reading (default: today)', ru: 'день чтения (по умолчанию сегодня)' } },
    party: { type: 'string', multiple: true, value: 'NAME=CODE', help: { en: 'a state as the source names it, and its code here', ru: 'государство, как в источнике, и его код здесь' } },
    model: { type: 'string', multiple: true, value: 'NAME=TYPE', help: { en: 'a model as the source names it, and its type here', ru: 'модель, как в источнике, и её тип здесь' } },
    all: { type: 'boolean', help: { en: 'also what agrees', ru: 'показать и совпадающее' } },
    note: { type: 'string', value: 'TEXT', help: { en: 'a note', ru: 'примечание' } },
    ...PEOPLE,
  },
  positionals: { min: 1, max: 2 },
  run: (context) => inHome(context, ACTS),
}
