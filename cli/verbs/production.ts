// `muster production`: numbers recorded at manufacture, and the returns of a licensed maker.
import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { timeOf } from '@muster/core/bytes/time.ts'
import { partOf } from '@muster/core/rules/item.ts'
import { PRODUCED_SERIALS_MAX } from '@muster/core/wire/production-body.ts'
import type { Home } from '@muster/registry/main.ts'
import { returnsView } from '@muster/registry/api/views/production.ts'
import { recordProduction, stateReturn } from '@muster/registry/production/act.ts'
import { productionReturns, type HeldReturn } from '@muster/registry/production/view.ts'
import { usage } from '../errors.ts'
import { hallOf } from '../hall.ts'
import { inHome, type Acts } from '../in-home.ts'
import { timeOption } from '../options.ts'
import { people, PEOPLE } from '../people.ts'
import { printDesignations } from '../term-words.ts'
import type { Context, Verb, Words } from '../verb.ts'

const LIST_BYTES_MAX = 1_048_576
const ID_SHOWN = 8

const at = (context: Context, home: Home) => ({ register: home.register, joined: hallOf(context, home).joined })

/** `КА-0101..КА-0150`, or `0101..0150`: what changes are the digits at the end, which keep their width. */
function rangeOf(text: string): string[] {
  const [, before = '', first = '', again, last = ''] = /^(.*?)(\d+)\.\.(.*?)(\d+)$/.exec(text) ?? []
  const count = Number(last) - Number(first) + 1
  if (first === '' || first.length !== last.length || (again !== '' && again !== before) || count < 1 || count > PRODUCED_SERIALS_MAX) throw usage(`--range ${text}: 0101..0150, at most ${PRODUCED_SERIALS_MAX}`)
  return Array.from({ length: count }, (_, i) => `${before}${String(Number(first) + i).padStart(first.length, '0')}`)
}

async function serialsOf(context: Context): Promise<string[]> {
  const file = context.args.text('serials')
  if (file !== undefined && (await stat(resolve(file))).size > LIST_BYTES_MAX) throw usage(`--serials ${file}: > ${LIST_BYTES_MAX}`)
  const listed = file === undefined ? [] : (await readFile(resolve(file), 'utf8')).split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '')
  return [...context.args.texts('range').flatMap(rangeOf), ...listed]
}

async function record(context: Context, home: Home): Promise<number> {
  const [code, region] = [context.args.text('site'), context.args.text('region')]
  const items = await recordProduction(home.register, {
    identity: { class: context.args.required('class').trim(), type: partOf(context.args.required('type').trim()), maker: partOf(context.args.required('maker').trim()), year: partOf(context.args.text('year')), lot: partOf(context.args.text('lot')) },
    serials: await serialsOf(context), site: code === undefined ? 'unknown' : { code, region: region ?? 'not stated' }, happened: timeOption(context, 'happened') ?? timeOf(home.now()), reason: context.args.text('reason') ?? 'manufactured',
  }, people(context), home.now())
  if (context.json) context.answer({ recorded: items.length, items })
  else context.out(context.say({ en: `Recorded as manufactured: ${items.length}.`, ru: `Записано изготовленных единиц: ${items.length}.` }))
  return 0
}

const made = ({ body }: HeldReturn): number => body.rows.reduce((sum, row) => sum + row.made, 0)

async function state(context: Context, home: Home): Promise<number> {
  const { message, body } = await stateReturn(at(context, home), { type: context.args.required('type').trim(), maker: context.args.text('maker'), until: timeOption(context, 'until'), note: context.args.text('note') ?? null }, people(context), home.now())
  if (context.json) context.answer({ message: message.id, to: message.payload.to, ...body })
  else context.out(context.say({ en: `Return of ${body.from}/${body.until} to ${message.payload.to} is signed; rows: ${body.rows.length}.`, ru: `Отчёт за ${body.from}/${body.until} для ${message.payload.to} подписан; строк: ${body.rows.length}.` }))
  return 0
}

async function list(context: Context, home: Home): Promise<number> {
  const all = await productionReturns(at(context, home))
  const view = await returnsView(at(context, home), all)
  if (context.json) context.answer(view)
  else if (all.length === 0) context.out(context.say({ en: 'No return was stated. What is due: muster agreement duties.', ru: 'Отчётов нет. Сроки: muster agreement duties.' }))
  else {
    const titles: readonly Words[] = [{ en: 'return', ru: 'отчёт' }, { en: 'way', ru: 'путь' }, { en: 'type', ru: 'тип' }, { en: 'period', ru: 'период' }, { en: 'made', ru: 'изготовлено' }, { en: 'stated', ru: 'дата' }, { en: '', ru: '' }]
    context.table(titles.map((title) => ({ title: context.say(title) })), all.map((each) => [
      each.body.return.slice(0, ID_SHOWN), each.direction === 'out' ? `→ ${each.with}` : `← ${each.with}`, each.body.type, `${each.body.from}/${each.body.until}`, made(each), each.message.payload.time, each.restated ? context.say({ en: 'restated later', ru: 'позже уточнён' }) : '',
    ]))
    const stated = new Map(view.returns.flatMap(({ designations }) => designations).map((each) => [JSON.stringify(each), each]))
    printDesignations(context, [...stated.values()])
  }
  return 0
}

const ACTS: Acts = { record, return: state, list }

export const verb: Verb = {
  name: 'production',
  summary: { en: 'numbers at manufacture, and the returns of a licensed maker', ru: 'номера при изготовлении и отчёты лицензионного изготовителя' },
  usage: [
    'muster production record --class CLASS --type TEXT --maker TEXT [--year Y] [--lot TEXT] --range FIRST..LAST … [--serials FILE] [--site CODE --region TEXT] [--happened TIME] --by NAME --dir D',
    'muster production return --type TEXT [--maker TEXT] [--until TIME] --by NAME --dir D', 'muster production list --dir D',
  ],
  options: {
    agreement: { type: 'string', value: 'ID', help: { en: 'the agreement, where several were joined', ru: 'соглашение, если их несколько' } },
    class: { type: 'string', value: 'CLASS', help: { en: 'class of the component', ru: 'класс изделия' } },
    type: { type: 'string', value: 'TEXT', help: { en: 'its type', ru: 'тип' } },
    maker: { type: 'string', value: 'TEXT', help: { en: 'who makes it', ru: 'изготовитель' } },
    year: { type: 'string', value: 'Y', help: { en: 'year of manufacture', ru: 'год изготовления' } },
    lot: { type: 'string', value: 'TEXT', help: { en: 'lot', ru: 'партия' } },
    range: { type: 'string', multiple: true, value: 'FIRST..LAST', help: { en: 'numbers from first to last', ru: 'номера от первого до последнего' } },
    serials: { type: 'string', value: 'FILE', help: { en: 'a file with one number a line', ru: 'файл, по номеру в строке' } },
    site: { type: 'string', value: 'CODE', help: { en: 'site where they are', ru: 'объект хранения' } },
    region: { type: 'string', value: 'TEXT', help: { en: 'its region', ru: 'его регион' } },
    happened: { type: 'string', value: 'TIME', help: { en: 'when they were made (default: now)', ru: 'когда изготовлены (по умолчанию сейчас)' } },
    until: { type: 'string', value: 'TIME', help: { en: 'end of the period (default: the newest that has ended)', ru: 'конец периода (по умолчанию последний завершённый)' } },
    reason: { type: 'string', value: 'TEXT', help: { en: 'why', ru: 'основание словами' } },
    note: { type: 'string', value: 'TEXT', help: { en: 'a note', ru: 'примечание' } },
    ...PEOPLE,
  },
  positionals: { min: 1, max: 1 },
  run: (context) => inHome(context, ACTS),
}
