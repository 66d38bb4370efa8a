// `muster trace`: one find, followed through the declarations of all parties to an agreement.
import { isItemId } from '@muster/core/rules/item.ts'
import type { Conclusion } from '@muster/core/rules/chain.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { openAnswering } from '@muster/registry/answering.ts'
import { openHome, sequence, servedAt } from '@muster/registry/main.ts'
import { takeOffice } from '@muster/registry/engine/lease.ts'
import { traceFind, type Traced } from '@muster/registry/trace/trace.ts'
import { usage } from '../errors.ts'
import { hallOf, partiesOf } from '../hall.ts'
import type { Context, Verb } from '../verb.ts'

const WAIT_MS_MAX = 120_000

const OUTCOME: Readonly<Record<Conclusion['outcome'], { readonly en: string, readonly ru: string }>> = {
  'last-holder': { en: 'last lawful holder found', ru: 'последний законный держатель найден' },
  'not-received': { en: 'released, and never declared as received', ru: 'передано, получение не заявлено' },
  'still-held': { en: 'still claimed to be held', ru: 'всё ещё числится на хранении' },
  'destroyed': { en: 'recorded as destroyed', ru: 'числится уничтоженным' },
  'ambiguous': { en: 'several candidates that nothing tells apart', ru: 'несколько кандидатов, неотличимых друг от друга' },
  'absent': { en: 'not declared by any party that answered', ru: 'не заявлено ни одной из ответивших сторон' },
  'silent': { en: 'released to a party that is silent', ru: 'передано стороне, которая молчит' },
  'unreadable': { en: 'no candidate can be made of the mark', ru: 'по маркировке нельзя составить ни одного кандидата' },
  'by-chance': { en: 'cannot be told from chance', ru: 'неотличимо от случайного совпадения' },
  'unanswered': { en: 'the chain leads to a party that did not answer', ru: 'цепочка ведёт к стороне, которая не ответила' },
}

function show(context: Context, { conclusion, path, ms }: Traced): void {
  const { outcome, lastHolder, grade, chancePercent, counts, chain, gaps, silent } = conclusion
  if (context.json) {
    context.answer({ outcome, lastHolder, grade, chancePercent, ...counts, silent, ms, dossier: path })
    return
  }
  context.out(`${context.say(OUTCOME[outcome])}${lastHolder === null ? '' : `: ${lastHolder}`}`)
  context.table(
    [{ title: context.say({ en: 'step', ru: 'шаг' }) }, { title: context.say({ en: 'party', ru: 'сторона' }) }, { title: context.say({ en: 'with', ru: 'с кем' }) }, { title: context.say({ en: 'when', ru: 'когда' }) }, { title: context.say({ en: 'status', ru: 'состояние' }) }],
    chain.map((link) => [link.step, link.party, link.with ?? '', link.when ?? '', link.status ?? '']))
  for (const { gap, party } of gaps) context.out(`  ${gap}: ${party}`)
  if (silent.length > 0) context.out(context.say({ en: `silent: ${silent.join(', ')}`, ru: `молчат: ${silent.join(', ')}` }))
  context.out(context.say({ en: `Dossier: ${path}`, ru: `Досье: ${path}` }))
}

async function one(context: Context, item: string): Promise<number> {
  if (!isItemId(item)) throw usage(context.say({ en: `${item} is no item id: muster items finds it by its mark`, ru: `${item} — не идентификатор предмета: найдите его командой muster items` }))
  const home = await openHome(context.dir, { databaseUrl: context.databaseUrl, report: (what) => { context.stderr(what) } })
  const served = await servedAt(context.dir)
  const answering = served === undefined ? await openAnswering(home) : undefined
  const office = served === undefined ? await takeOffice(home.register.dataDir, 'sequencer') : undefined
  try {
    const hall = hallOf(context, home)
    if (office !== undefined) await sequence(home, hall)
    const of = partiesOf(context, hall)
    const tracing = { home, hall, group: await fastGroup(), own: answering?.message }
    const traced = await traceFind(tracing, item, { wait_ms: WAIT_MS_MAX, untilSilent: context.args.flag('wait'), ...(of === undefined ? {} : { of }) })
    await traced.tossed
    show(context, traced)
    return 0
  } finally {
    office?.release()
    await answering?.close()
    await home.close()
  }
}

export const verb: Verb = {
  name: 'trace',
  summary: { en: 'follow a find to its last lawful holder', ru: 'проследить находку до последнего законного держателя' },
  usage: ['muster trace ITEM [--agreement ID] [--of CODE …] [--wait] --dir D'],
  options: {
    agreement: { type: 'string', value: 'ID', help: { en: 'the agreement; may be left out where one is joined', ru: 'соглашение; можно опустить, если оно одно' } },
    of: { type: 'string', multiple: true, value: 'CODE', help: { en: 'ask only these parties', ru: 'спросить только эти стороны' } },
    wait: { type: 'boolean', help: { en: 'wait for late answers until the agreed time has run out', ru: 'ждать поздних ответов до истечения срока' } },
  },
  positionals: { min: 1, max: 1 },
  run: (context) => one(context, context.args.positionals[0] as string),
}
