// `muster trust`: the log of each party as it is known here, who cosigned it, what is on file, and what each asker could know of this register at most.
import { trustView } from '@muster/registry/api/views/trust.ts'
import { openHome, type Home } from '@muster/registry/main.ts'
import { EXIT } from '../errors.ts'
import { hallOf } from '../hall.ts'
import type { Context, Verb } from '../verb.ts'

async function show(context: Context, home: Home): Promise<number> {
  const view = await trustView(home, hallOf(context, home), home.now())
  const breaches = view.logs.reduce((count, { breaches: each }) => count + each.length, 0)
  if (context.json) context.answer(view)
  else {
    const none = '–'
    context.table([{ title: context.say({ en: 'log of', ru: 'журнал' }) }, { title: context.say({ en: 'size', ru: 'длина' }), align: 'right' }, { title: context.say({ en: `cosigned by (quorum ${view.quorum})`, ru: `заверили (кворум ${view.quorum})` }) }, { title: context.say({ en: 'last', ru: 'последний раз' }) }, { title: context.say({ en: 'declared as of', ru: 'объявлено на' }) }, { title: '' }],
      view.logs.map(({ party, size, cosigners, seen, declared, stale, breaches: codes }) => [party, size ?? none, `${cosigners.length}: ${cosigners.join(' ')}`, seen ?? none, declared ?? none, [...(stale ? [context.say({ en: 'older copy', ru: 'старая копия' })] : []), ...codes].join(', ')]))
    context.out(context.say({ en: `What they could know of the ${view.items} items here, if every element so far had been a guess that hit:`, ru: `Что они могли бы знать о ${view.items} единицах, если бы каждый элемент был удачной догадкой:` }))
    context.table([{ title: context.say({ en: 'party', ru: 'участник' }) }, { title: context.say({ en: 'elements', ru: 'элементов' }), align: 'right' }, { title: context.say({ en: 'in the window', ru: 'в окне' }), align: 'right' }, { title: context.say({ en: 'quota', ru: 'квота' }), align: 'right' }, { title: context.say({ en: 'items at most', ru: 'единиц, не более' }), align: 'right' }, { title: context.say({ en: 'all of them after, days', ru: 'все через, дней' }), align: 'right' }],
      view.asked.map(({ party, elements, inWindow, quota, knownAtMost, allInDays }) => [party, elements, inWindow, quota, knownAtMost, allInDays ?? none]))
  }
  return breaches === 0 ? EXIT.ok : EXIT.no
}

export const verb: Verb = {
  name: 'trust',
  summary: { en: 'logs, cosigners, evidence on file, and what others could know of this register', ru: 'журналы, заверители, улики и что другие могли бы узнать об этом реестре' },
  usage: ['muster trust [--agreement ID] --dir D'],
  options: { agreement: { type: 'string', value: 'ID', help: { en: 'the agreement, where several were joined', ru: 'соглашение, если их несколько' } } },
  run: async (context) => {
    const home = await openHome(context.dir, { databaseUrl: context.databaseUrl, report: (what) => { context.stderr(what) } })
    try {
      return await show(context, home)
    } finally {
      await home.close()
    }
  },
}
