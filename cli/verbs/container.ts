// `muster container`: what is packed into what, at any depth, and containers of which the records cannot all be true.
import type { ContainerAlarm } from '@muster/core/rules/container.ts'
import { containersView, containerView } from '@muster/registry/api/views/seal.ts'
import type { Home } from '@muster/registry/main.ts'
import { EXIT, usage } from '../errors.ts'
import { inHome, type Acts } from '../in-home.ts'
import { reading } from '../reading.ts'
import type { Context, Verb, Words } from '../verb.ts'

const ALARM: Readonly<Record<ContainerAlarm, Words>> = {
  'in-itself': { en: 'ALARM: packed into itself', ru: 'ТРЕВОГА: упаковано само в себя' },
  'in-two-places': { en: 'ALARM: its contents are in two places', ru: 'ТРЕВОГА: содержимое в двух местах' },
  'two-of-one-code': { en: 'ALARM: two containers of one code', ru: 'ТРЕВОГА: две тары под одним кодом' },
}
const SEEN: Readonly<Record<'opened' | 'sealed' | 'not-accessible', Words>> = { 'opened': { en: 'seen', ru: 'осмотрено' }, 'sealed': { en: 'container seen sealed, item not seen', ru: 'тара под пломбой, предмет не осмотрен' }, 'not-accessible': { en: 'not accessible', ru: 'нет доступа' } }

async function list(context: Context, home: Home): Promise<number> {
  const view = await reading(context, (progress) => containersView(home.register, progress))
  const alarmed = view.containers.filter(({ alarm }) => alarm !== null).length
  if (context.json) context.answer(view)
  else {
    context.table([{ title: context.say({ en: 'container', ru: 'тара' }) }, { title: context.say({ en: 'in', ru: 'внутри' }) }, { title: context.say({ en: 'items', ru: 'предметов' }), align: 'right' }, { title: context.say({ en: 'site', ru: 'место хранения' }) }, { title: '' }],
      view.containers.map(({ code, within, items, sites, alarm }) => [code, within ?? '–', items, sites.join(', '), alarm === null ? '' : context.say(ALARM[alarm])]))
    context.out(context.say({ en: `Containers: ${view.containers.length}; alarms: ${alarmed}.`, ru: `Тары: ${view.containers.length}; тревог: ${alarmed}.` }))
  }
  return alarmed === 0 ? EXIT.ok : EXIT.no
}

async function show(context: Context, home: Home): Promise<number> {
  const code = context.args.positionals[1]
  if (code === undefined) throw usage(context.say({ en: 'the code of a container', ru: 'код тары' }), 'muster container list')
  const view = await reading(context, (progress) => containerView(home.register, code, progress))
  const { alarm } = view.container
  if (context.json) context.answer(view)
  else {
    if (alarm !== null) context.out(context.say(ALARM[alarm]))
    context.table([{ title: context.say({ en: 'what', ru: 'что' }) }, { title: context.say({ en: 'serial', ru: 'номер' }) }, { title: context.say({ en: 'last count', ru: 'последний подсчёт' }) }, { title: context.say({ en: 'item', ru: 'единица' }) }],
      view.contents.map(({ depth, class: kind, type, serial, seen, item }) => [`${'· '.repeat(depth - 1)}${kind} ${type ?? '?'}`, serial ?? '?', seen === null ? '–' : `${seen.at.slice(0, 10)} ${context.say(SEEN[seen.seen])}`, item]))
  }
  return alarm === null ? EXIT.ok : EXIT.no
}

const ACTS: Acts = { list, show }

export const verb: Verb = {
  name: 'container',
  summary: { en: 'what is packed into what, at any depth', ru: 'что во что упаковано, на любую глубину' },
  usage: ['muster container list --dir D', 'muster container show CODE --dir D'],
  options: {},
  positionals: { min: 1, max: 2 },
  run: (context) => inHome(context, ACTS),
}
