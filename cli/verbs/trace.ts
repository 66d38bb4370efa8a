// `muster trace`: one find, followed through the declarations of all parties to an agreement.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { isItemId } from '@muster/core/rules/item.ts'
import type { Conclusion } from '@muster/core/rules/chain.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { openAnswering } from '@muster/registry/answering.ts'
import { openHome, sequence, servedAt } from '@muster/registry/main.ts'
import { takeOffice } from '@muster/registry/engine/lease.ts'
import type { Tracing } from '@muster/registry/trace/asked.ts'
import { completeDossier } from '@muster/registry/trace/complete.ts'
import { showCoins } from '@muster/registry/trace/coins.ts'
import { traceFind, type Traced } from '@muster/registry/trace/trace.ts'
import { usage } from '../errors.ts'
import { traceEveryFind } from '../trace-all.ts'
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

function show(context: Context, { conclusion, path, ms, waiting }: Pick<Traced, 'conclusion' | 'path' | 'waiting'> & Partial<Pick<Traced, 'ms'>>): void {
  const { outcome, lastHolder, grade, chancePercent, counts, chain, gaps, silent } = conclusion
  if (context.json) {
    context.answer({ outcome, lastHolder, grade, chancePercent, ...counts, silentParties: silent, waiting, ms: ms ?? null, dossier: path })
    return
  }
  context.out(`${context.say(OUTCOME[outcome])}${lastHolder === null ? '' : `: ${lastHolder}`}`)
  context.table(
    [{ title: context.say({ en: 'step', ru: 'шаг' }) }, { title: context.say({ en: 'party', ru: 'сторона' }) }, { title: context.say({ en: 'with', ru: 'с кем' }) }, { title: context.say({ en: 'when', ru: 'когда' }) }, { title: context.say({ en: 'status', ru: 'состояние' }) }],
    chain.map((link) => [link.step, link.party, link.with ?? '', link.when ?? '', link.status ?? '']))
  for (const { gap, party } of gaps) context.out(`  ${gap}: ${party}`)
  if (silent.length > 0) context.out(context.say({ en: `silent: ${silent.join(', ')}`, ru: `молчат: ${silent.join(', ')}` }))
  for (const party of waiting) context.out(context.say({ en: `${party} has no address: muster outbox export --of ${party}; trace again when its answer was loaded.`, ru: `У ${party} нет адреса: muster outbox export --of ${party}; повторите трассировку после загрузки ответа.` }))
  context.out(context.say({ en: `Dossier: ${path}`, ru: `Досье: ${path}` }))
}

/** Opens what a trace runs on. Where nothing serves the registry, it answers and sequences for itself until the trace has ended. */
async function withTracing(context: Context, act: (tracing: Tracing) => Promise<number>): Promise<number> {
  const home = await openHome(context.dir, { databaseUrl: context.databaseUrl, report: (what) => { context.stderr(what) } })
  const served = await servedAt(context.dir)
  const answering = served === undefined ? await openAnswering(home) : undefined
  const office = served === undefined ? await takeOffice(home.register.dataDir, 'sequencer') : undefined
  try {
    const hall = hallOf(context, home)
    if (office !== undefined) await sequence(home, hall)
    return await act({ home, hall, group: await fastGroup(), own: answering?.message })
  } finally {
    office?.release()
    await answering?.close()
    await home.close()
  }
}

function one(context: Context, item: string): Promise<number> {
  if (!isItemId(item)) throw usage(context.say({ en: `${item} is no item id: muster items finds it by its mark`, ru: `${item} — не идентификатор предмета: найдите его командой muster items` }))
  return withTracing(context, async (tracing) => {
    const of = partiesOf(context, tracing.hall)
    const traced = await traceFind(tracing, item, { wait_ms: WAIT_MS_MAX, untilSilent: context.args.flag('wait'), ...(of === undefined ? {} : { of }) })
    await showCoins(tracing, traced.tossed)
    show(context, traced)
    return 0
  })
}

/** A dossier of this registry with what was said since put in. Exit code 1 where nothing was. */
function complete(context: Context, path: string): Promise<number> {
  return withTracing(context, async (tracing) => {
    const completed = await completeDossier(tracing, new Uint8Array(await readFile(resolve(path))))
    if (completed === undefined) {
      if (context.json) context.answer({ dossier: null, parties: [] })
      else context.out(context.say({ en: 'Nothing was said since: muster request list shows what is waited for.', ru: 'С тех пор ничего не поступило: см. muster request list.' }))
      return 1
    }
    const { parties, conclusion, path: written } = completed
    if (!context.json) context.out(context.say({ en: `Put in: ${parties.join(', ')}`, ru: `Дополнено: ${parties.join(', ')}` }))
    show(context, { conclusion, path: written, waiting: [] })
    return 0
  })
}

function all(context: Context): Promise<number> {
  return withTracing(context, (tracing) => {
    const [party, ...more] = partiesOf(context, tracing.hall) ?? []
    const trust = party === undefined || more.length > 0 ? undefined : tracing.hall.joined.trust.parties.get(party)
    if (trust === undefined) throw usage(context.say({ en: '--all asks one party: name it with --of', ru: '--all спрашивает одну сторону: укажите её через --of' }))
    return traceEveryFind(context, tracing, trust, WAIT_MS_MAX)
  })
}

export const verb: Verb = {
  name: 'trace',
  summary: { en: 'follow a find to its last lawful holder', ru: 'проследить находку до последнего законного держателя' },
  usage: ['muster trace ITEM [--agreement ID] [--of CODE …] [--wait] --dir D', 'muster trace --complete DOSSIER --dir D', 'muster trace --all --of CODE [--agreement ID] [--lines FILE] [--limit N] [--formal] --dir D'],
  options: {
    agreement: { type: 'string', value: 'ID', help: { en: 'the agreement; may be left out where one is joined', ru: 'соглашение; можно опустить, если оно одно' } },
    of: { type: 'string', multiple: true, value: 'CODE', help: { en: 'ask only these parties', ru: 'спросить только эти стороны' } },
    wait: { type: 'boolean', help: { en: 'wait for late answers until the agreed time has run out', ru: 'ждать поздних ответов до истечения срока' } },
    complete: { type: 'string', value: 'DOSSIER', help: { en: 'put into a dossier what officers answered and found since', ru: 'дополнить досье тем, что ответили и установили с тех пор' } },
    all: { type: 'boolean', help: { en: 'every find of the register that can be read, against one party', ru: 'все читаемые находки реестра, у одной стороны' } },
    lines: { type: 'string', value: 'FILE', help: { en: 'with --all: one line of JSON a find', ru: 'с --all: строка JSON на каждую находку' } },
    limit: { type: 'string', value: 'N', help: { en: 'with --all: stop after so many readable finds', ru: 'с --all: не более стольких читаемых находок' } },
    formal: { type: 'boolean', help: { en: 'with --all: a formal request and a dossier for each hit', ru: 'с --all: официальный запрос и досье по каждому совпадению' } },
  },
  positionals: { min: 0, max: 1 },
  run: (context) => {
    const [item] = context.args.positionals
    const dossier = context.args.text('complete')
    if (dossier !== undefined && item === undefined && !context.args.flag('all')) return complete(context, dossier)
    if (dossier !== undefined || context.args.flag('all') === (item !== undefined)) throw usage(context.say({ en: 'name one find, or all of them with --all', ru: 'укажите одну находку или все: --all' }))
    return item === undefined ? all(context) : one(context, item)
  },
}
