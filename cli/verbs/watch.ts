// `muster watch`: finds that stay on watch in the declarations of others, what these brought, and ending a watch.
import { resolve } from 'node:path'
import type { WatchState } from '@muster/core/rules/watch.ts'
import { watchView } from '@muster/registry/api/views/watch.ts'
import type { Home } from '@muster/registry/main.ts'
import { endWatch, watchedIn, type Watched } from '@muster/registry/watch/view.ts'
import { usage } from '../errors.ts'
import { hallOf } from '../hall.ts'
import { inHome, type Acts } from '../in-home.ts'
import { people, PEOPLE } from '../people.ts'
import type { Context, Verb, Words } from '../verb.ts'
import { writeNew } from '../write-new.ts'

const ID_SHOWN = 8
const STATE: Readonly<Record<WatchState, Words>> = {
  watching: { en: 'on watch', ru: 'на контроле' }, ended: { en: 'ended', ru: 'снято' }, corrected: { en: 'over: the find was corrected', ru: 'снято: запись о находке исправлена' },
  stale: { en: 'stale: the party replaced its key, trace again', ru: 'устарело: сторона сменила ключ, проследите заново' },
}
const WHAT = { appeared: { en: 'declared since', ru: 'заявлено с' }, vanished: { en: 'GONE since', ru: 'ИСЧЕЗЛО с' } } as const

const newsText = (context: Context, { news }: Watched): string =>
  news.length === 0 ? '–' : [...new Set(news.map(({ what, sequence }) => `${context.say(WHAT[what])} ${sequence}`))].join(', ')

/** Exit code 1 where something on watch was declared since. */
async function list(context: Context, home: Home): Promise<number> {
  const all = await watchedIn(home, hallOf(context, home))
  const open = all.filter(({ state }) => state === 'watching' || state === 'stale')
  if (context.json) context.answer({ watches: all.map(watchView) })
  else if (all.length === 0) context.out(context.say({ en: 'Nothing is on watch: a trace that has ended begins it.', ru: 'На контроле ничего нет: его начинает завершённое прослеживание.' }))
  else {
    const titles = [{ en: 'watch', ru: 'контроль' }, { en: 'find', ru: 'находка' }, { en: 'party', ru: 'сторона' }, { en: 'labels', ru: 'меток' }, { en: 'traced in', ru: 'прослежено в' }, { en: 'looked up in', ru: 'проверено в' }, { en: 'news', ru: 'новое' }, { en: 'state', ru: 'состояние' }]
    context.table(titles.map((title) => ({ title: context.say(title) })), all.map((each) => [
      each.watch.id.slice(0, ID_SHOWN), each.watch.item, each.watch.party, each.watch.labels.length, each.watch.sequence, each.looked === undefined ? '–' : `${each.looked.sequence} (${each.looked.asOf.slice(0, 10)})`,
      newsText(context, each), context.say(STATE[each.state]),
    ]))
  }
  return open.some(({ news }) => news.length > 0) ? 1 : 0
}

async function named(context: Context, home: Home): Promise<Watched> {
  const id = context.args.positionals[1] ?? ''
  const [only, ...more] = id.length < ID_SHOWN ? [] : (await watchedIn(home, hallOf(context, home))).filter(({ watch }) => watch.id.startsWith(id))
  if (only === undefined || more.length > 0) throw usage(context.say({ en: `name the watch: ${ID_SHOWN} or more characters of its id, as muster watch list has it`, ru: `укажите контроль: от ${ID_SHOWN} знаков его номера из muster watch list` }))
  return only
}

async function show(context: Context, home: Home): Promise<number> {
  const only = await named(context, home)
  const { watch, state, looked, news, ended } = only
  const out = context.args.text('out')
  const told = news.filter(({ proof }) => proof !== '')
  const paths = out === undefined ? [] : told.map((_, i) => resolve(told.length === 1 ? out : `${out}.${i + 1}`))
  for (const [i, path] of paths.entries()) await writeNew(context, path, Buffer.from(told[i]?.proof ?? ''))
  if (context.json) {
    context.answer({ ...watchView(only), files: paths })
    return 0
  }
  const say = (en: string, ru: string): void => { context.out(context.say({ en, ru })) }
  if (home.register.file.exercise) say('EXERCISE', 'УЧЕНИЕ')
  say(`Find ${watch.item}, in the declarations of ${watch.party}: ${STATE[state].en}`, `Находка ${watch.item}, в декларациях ${watch.party}: ${STATE[state].ru}`)
  say(`Since ${watch.started}, ${watch.labels.length} labels that the trace ${watch.trace.slice(0, ID_SHOWN)} learnt in declaration ${watch.sequence}`, `С ${watch.started}, меток: ${watch.labels.length}; их дало прослеживание ${watch.trace.slice(0, ID_SHOWN)} в декларации ${watch.sequence}`)
  if (looked !== undefined) say(`Looked up in declaration ${looked.sequence}, as of ${looked.asOf}`, `Проверено в декларации ${looked.sequence} на ${looked.asOf}`)
  if (ended !== undefined) say(`Ended by ${ended.by} and ${ended.and}: ${ended.reason}`, `Сняли ${ended.by} и ${ended.and}: ${ended.reason}`)
  for (const { what, sequence, label, found } of news) context.out(`  ${context.say(WHAT[what])} ${sequence} (${found}) ${label}`)
  if (told.length > 0) say(`Ask for it formally: muster trace ${watch.item} --of ${watch.party}`, `Официальный запрос: muster trace ${watch.item} --of ${watch.party}`)
  for (const path of paths) context.out(path)
  return 0
}

async function end(context: Context, home: Home): Promise<number> {
  const { watch } = await named(context, home)
  await endWatch(home, hallOf(context, home), watch.id, context.args.required('reason'), people(context), home.now())
  if (context.json) context.answer({ ended: watch.id })
  else context.out(context.say({ en: `The watch ${watch.id.slice(0, ID_SHOWN)} is ended.`, ru: `Контроль ${watch.id.slice(0, ID_SHOWN)} снят.` }))
  return 0
}

const ACTS: Acts = { list, show, end }

export const verb: Verb = {
  name: 'watch',
  summary: { en: 'finds that stay on watch in what others declare', ru: 'находки на контроле: появились ли они в декларациях других' },
  usage: ['muster watch list --dir D', 'muster watch show ID [--out FILE] --dir D', 'muster watch end ID --reason TEXT --by NAME --and NAME --dir D'],
  options: {
    agreement: { type: 'string', value: 'ID', help: { en: 'the agreement, where several were joined', ru: 'соглашение, если их несколько' } },
    out: { type: 'string', value: 'FILE', help: { en: 'write the proof, which muster verify checks alone', ru: 'записать доказательство для muster verify' } },
    reason: { type: 'string', value: 'TEXT', help: { en: 'why the watch ends', ru: 'почему контроль снимается' } },
    ...PEOPLE,
  },
  positionals: { min: 1, max: 2 },
  run: (context) => inHome(context, ACTS),
}
