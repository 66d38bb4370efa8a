// `muster store`: the rules of a store as data, its inspections, what they found and what is still open; a store handed over by a joint count.
import { isDate, timeOf, type CivilDate } from '@muster/core/bytes/time.ts'
import type { StoreAct } from '@muster/core/rules/store.ts'
import { storesView, storeView } from '@muster/registry/api/views/store.ts'
import { isItemId } from '@muster/core/rules/item.ts'
import { actAtStore } from '@muster/registry/keeping/act.ts'
import { handOver } from '@muster/registry/keeping/hand-over.ts'
import type { Home } from '@muster/registry/main.ts'
import { documentsIn } from '../document.ts'
import { EXIT, usage } from '../errors.ts'
import { inHome, type Acts } from '../in-home.ts'
import { timeOption } from '../options.ts'
import { people, PEOPLE } from '../people.ts'
import { reading } from '../reading.ts'
import type { Context, Verb } from '../verb.ts'

const DAYS_MAX = 3_660
const NOTHING = { apart: [], twoPersons: false, everyDays: null, on: null, findings: [], finding: null } as const

function dayOf(context: Context, home: Home): CivilDate {
  const day = context.args.text('on') ?? timeOf(home.now()).slice(0, 10)
  if (!isDate(day)) throw usage(`--on ${day}: YYYY-MM-DD`)
  return day
}

async function write(context: Context, home: Home, said: Pick<StoreAct, 'kind'> & Partial<StoreAct>): Promise<number> {
  const site = context.args.positionals[1]
  if (site === undefined) throw usage(context.say({ en: 'the code of a store', ru: 'код места хранения' }), 'muster store list')
  const { by, and } = people(context)
  const store = await actAtStore(home.register, { ...NOTHING, ...said, site, reason: context.args.required('reason').trim(), by, and: and ?? '' }, home.now())
  if (context.json) context.answer(storeView(store))
  else {
    context.out(context.say({ en: `Written of store ${site}.`, ru: `Записано о месте хранения ${site}.` }))
    for (const { number, text, since, remedied } of store.findings) if (remedied === null) context.out(`  ${number}. ${since} ${text}`)
  }
  return EXIT.ok
}

const rule = (context: Context, home: Home): Promise<number> => write(context, home, {
  kind: 'rule', apart: context.args.texts('apart').map((group) => group.split(',').map((each) => each.trim())), twoPersons: context.args.flag('two-persons'), everyDays: context.args.integer('every', { min: 1, max: DAYS_MAX }) ?? null,
})
const inspected = (context: Context, home: Home): Promise<number> => write(context, home, { kind: 'inspected', on: dayOf(context, home), findings: context.args.texts('finding').map((text) => text.trim()) })

function remedied(context: Context, home: Home): Promise<number> {
  const [number] = context.args.texts('finding')
  if (number === undefined || !/^[1-9]\d{0,6}$/.test(number)) throw usage(context.say({ en: '--finding: the number of the finding', ru: '--finding: номер замечания' }), 'muster store list')
  return write(context, home, { kind: 'remedied', on: dayOf(context, home), finding: Number(number) })
}

async function passOn(context: Context, home: Home): Promise<number> {
  const site = context.args.positionals[1]
  if (site === undefined) throw usage(context.say({ en: 'the code of a store', ru: 'код места хранения' }))
  const missing = context.args.texts('missing').map((item) => {
    if (!isItemId(item)) throw usage(`--missing ${item}: ${context.say({ en: 'an item\'s id', ru: 'код единицы' })}`, 'muster items MARK')
    return item
  })
  const { expected, seen } = await handOver(home.register, {
    site, from: context.args.required('from').trim(), to: context.args.required('to').trim(), missing, happened: timeOption(context, 'happened') ?? timeOf(home.now()), reason: context.args.required('reason').trim(), documents: documentsIn(context),
  }, people(context), home.now())
  if (context.json) context.answer({ expected, seen })
  else context.out(context.say({ en: `Handed over: ${seen} of ${expected}; missing: ${expected - seen}.`, ru: `Передано: ${seen} из ${expected}; отсутствует: ${expected - seen}.` }))
  return EXIT.ok
}

type Listed = Awaited<ReturnType<typeof storesView>>['stores'][number]

function printStore(context: Context, { site, rule, inspected, inspectedDays, overdue, together, open }: Listed): void {
  const seen = inspected === null ? context.say({ en: 'never inspected', ru: 'не проверялось' }) : context.say({ en: `inspected ${inspected}, ${String(inspectedDays)} days ago`, ru: `проверено ${inspected}, дней назад: ${String(inspectedDays)}` })
  context.out(`${site}: ${seen}${overdue ? context.say({ en: ' – OVERDUE', ru: ' – ПРОСРОЧЕНО' }) : ''}`)
  if (rule !== null) {
    const told = [...rule.apart.map((group) => context.say({ en: `apart: ${group.join(', ')}`, ru: `раздельно: ${group.join(', ')}` })), ...(rule.twoPersons ? [context.say({ en: 'two people', ru: 'вдвоём' })] : []), ...(rule.everyDays === null ? [] : [context.say({ en: `inspected every ${rule.everyDays} days`, ru: `проверка каждые ${rule.everyDays} дней` })])]
    context.out(`  ${told.join('; ')}`)
  }
  for (const { apart, items } of together) context.out(`  ${context.say({ en: `AGAINST THE RULE: ${apart.join(' and ')} lie here together (${items} items)`, ru: `ВОПРЕКИ ПРАВИЛУ: вместе лежат ${apart.join(' и ')} (предметов: ${items})` })}`)
  for (const { number, text, since, days } of open) context.out(`  ${number}. ${since} ${text} – ${context.say({ en: `open for ${days} days`, ru: `не устранено, дней: ${days}` })}`)
}

async function list(context: Context, home: Home): Promise<number> {
  const view = await reading(context, (progress) => storesView(home.register, home.now(), progress))
  const wrong = view.stores.some(({ overdue, together, open }) => overdue || together.length > 0 || open.length > 0)
  if (context.json) context.answer(view)
  else if (view.stores.length === 0) context.out(context.say({ en: 'No store has a rule yet: muster store rule SITE', ru: 'Правил ещё нет: muster store rule МЕСТО' }))
  else for (const store of view.stores) printStore(context, store)
  return wrong ? EXIT.no : EXIT.ok
}

const ACTS: Acts = { list, rule, inspected, remedied, 'hand-over': passOn }

export const verb: Verb = {
  name: 'store',
  summary: { en: 'stores: their rules, inspections, findings that are still open, hand-over', ru: 'места хранения: правила, проверки, неустранённые замечания, передача' },
  usage: [
    'muster store list --dir D', 'muster store rule SITE [--apart CLASS,CLASS …] [--two-persons] [--every DAYS] --reason TEXT --by NAME --and NAME --dir D',
    'muster store inspected SITE [--on DAY] [--finding TEXT …] --reason TEXT --by NAME --and NAME --dir D', 'muster store remedied SITE --finding N [--on DAY] --reason TEXT --by NAME --and NAME --dir D',
    'muster store hand-over SITE --from NAME --to NAME [--missing ITEM …] [--happened TIME] --reason TEXT [--document [SERIES/]NUMBER[/DATE] …] --by NAME --and NAME --dir D',
  ],
  options: {
    'apart': { type: 'string', multiple: true, value: 'CLASS,CLASS', help: { en: 'classes that do not lie here together', ru: 'классы, которые не хранят здесь вместе' } },
    'two-persons': { type: 'boolean', help: { en: 'nothing is moved in or out by one person', ru: 'ничто не перемещают в одиночку' } },
    'every': { type: 'string', value: 'DAYS', help: { en: 'inspected anew within so many days', ru: 'проверка не реже чем раз в столько дней' } },
    'on': { type: 'string', value: 'DAY', help: { en: 'when it was inspected or put right (default: today)', ru: 'когда проверено или устранено (по умолчанию сегодня)' } },
    'finding': { type: 'string', multiple: true, value: 'TEXT', help: { en: 'what was found; of a remedy the number of the finding', ru: 'замечание; для remedied его номер' } },
    'from': { type: 'string', value: 'NAME', help: { en: 'of a hand-over: the custodian who gives', ru: 'для hand-over: кто сдаёт' } },
    'to': { type: 'string', value: 'NAME', help: { en: 'of a hand-over: the custodian who takes', ru: 'для hand-over: кто принимает' } },
    'missing': { type: 'string', multiple: true, value: 'ITEM', help: { en: 'of a hand-over: what the joint count did not find', ru: 'для hand-over: чего не нашли при совместном подсчёте' } },
    'happened': { type: 'string', value: 'TIME', help: { en: 'of a hand-over: when (default: now)', ru: 'для hand-over: когда (по умолчанию сейчас)' } },
    'document': { type: 'string', multiple: true, value: 'TEXT', help: { en: 'of a hand-over: its document', ru: 'для hand-over: документ' } },
    'reason': { type: 'string', value: 'TEXT', help: { en: 'why', ru: 'основание словами' } },
    ...PEOPLE,
  },
  positionals: { min: 1, max: 2 },
  run: (context) => inHome(context, ACTS),
}
