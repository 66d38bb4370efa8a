// `muster import`: a sheet into the register.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { samePerson } from '@muster/core/rules/two-people.ts'
import type { Mapping } from '@muster/registry/intake/mapping.ts'
import { MappingRefused, parseMapping } from '@muster/registry/intake/mapping-file.ts'
import { SheetRefused } from '@muster/registry/intake/reasons.ts'
import { proposeSheet } from '@muster/registry/intake/sheet.ts'
import { INTAKE_KINDS, type IntakeKind } from '@muster/registry/store/intake-event.ts'
import { importSheet, type ImportReport } from '@muster/registry/store/intake-store.ts'
import { openRegister } from '@muster/registry/store/register.ts'
import { usage } from '../errors.ts'
import { now } from '../now.ts'
import { people, PEOPLE } from '../people.ts'
import type { Context, Verb } from '../verb.ts'

const EXIT_NO = 1
const EXIT_USAGE = 2

/** The refusals of reading in the words of this run; any other error as it is. */
function told(context: Context, error: unknown): unknown {
  if (error instanceof SheetRefused) return Object.assign(new Error(context.say(error.words)), { kind: 'refusal', code: `sheet/${error.code}` })
  if (error instanceof MappingRefused) return Object.assign(new Error(error.message), { kind: 'usage', code: 'mapping', next: context.say({ en: 'the form of a mapping: spec/mapping.md', ru: 'вид описания столбцов: spec/mapping.md' }) })
  return error
}

async function readMapping(path: string): Promise<{ readonly mapping: Mapping, readonly sha256: Uint8Array }> {
  const bytes = await readFile(path)
  return { mapping: parseMapping(bytes.toString('utf8')), sha256: createHash('sha256').update(bytes).digest() }
}

/** Without a mapping nothing is loaded: the columns found, and a mapping to start from. */
async function propose(context: Context, path: string): Promise<number> {
  const { args } = context
  const [sheet, encoding, delimiter] = [args.text('sheet'), args.text('encoding'), args.text('delimiter')]
  const { headerRow, columns, draft } = await proposeSheet(path, {
    ...(sheet === undefined ? {} : { sheet }), ...(encoding === undefined ? {} : { encoding }), ...(delimiter === undefined ? {} : { delimiter }),
  })
  if (context.json) {
    context.answer({ headerRow, columns, mapping: draft })
    return EXIT_USAGE
  }
  context.out(context.say({ en: `Header in row ${headerRow}. No mapping was given, so nothing was loaded. What the columns probably mean:`, ru: `Заголовок в строке ${headerRow}. Описание столбцов не задано, поэтому ничего не загружено. Вероятное значение столбцов:` }))
  context.table(
    [{ title: '' }, { title: context.say({ en: 'column', ru: 'столбец' }) }, { title: context.say({ en: 'field', ru: 'поле' }) }, { title: context.say({ en: 'examples', ru: 'примеры' }) }],
    columns.map(({ letter, name, field, samples }) => [letter, name, field ?? '', samples.join(' · ')]))
  context.out('')
  context.out(context.say({ en: 'A mapping to start from (save it, correct it, and give it with --map):', ru: 'Описание для начала (сохраните, исправьте и укажите через --map):' }))
  context.out(JSON.stringify(draft, undefined, 2))
  return EXIT_USAGE
}

function two(context: Context): { readonly by: string, readonly and: string | null } {
  const { by, and } = people(context)
  if (and !== null && samePerson(by, and)) throw usage(context.say({ en: '--and: name a second person', ru: '--and: назовите второго человека' }))
  return { by, and }
}

function kindOf(context: Context): IntakeKind {
  const as = context.args.required('as')
  const kind = INTAKE_KINDS.find((each) => each === as)
  if (kind === undefined) throw usage(`--as ${as}: ${INTAKE_KINDS.join(', ')}`)
  return kind
}

function show(context: Context, report: ImportReport): void {
  const { rows, accepted, refused, already, wrong, seconds, refusals, duplicates, possibleDuplicates } = report
  const word = { rows: { en: 'rows', ru: 'строк' }, accepted: { en: 'accepted', ru: 'принято' }, refused: { en: 'refused', ru: 'отклонено' }, already: { en: 'loaded before', ru: 'загружено ранее' } }
  context.table([word.rows, word.accepted, word.refused, word.already].map((title) => ({ title: context.say(title), align: 'right' })), [[rows, accepted, refused, already]])
  if (report.dryRun) context.out(context.say({ en: 'A dry run: nothing was loaded.', ru: 'Пробный прогон: ничего не загружено.' }))
  else if (accepted === 0 && wrong > 0) context.out(context.say({ en: `Nothing was loaded, since ${wrong} rows are wrong. Correct them, or load the good rows with --good-rows.`, ru: `Ничего не загружено: неверных строк ${wrong}. Исправьте их или загрузите верные через --good-rows.` }))
  if (refusals !== null) context.out(context.say({ en: `Refused rows, to be corrected and loaded again: ${refusals}`, ru: `Отклонённые строки, их можно исправить и загрузить снова: ${refusals}` }))
  if (duplicates !== null) context.out(context.say({ en: `Possible duplicates (${possibleDuplicates} rows), for a person to compare: ${duplicates}`, ru: `Возможные повторы (строк: ${possibleDuplicates}), сравните: ${duplicates}` }))
  context.out(context.say({ en: `${seconds} s`, ru: `${seconds} с` }))
}

async function load(context: Context, path: string, map: string): Promise<number> {
  const { args, databaseUrl } = context
  const as = kindOf(context)
  const { by, and } = two(context)
  const { mapping, sha256 } = await readMapping(resolve(map))
  const register = await openRegister(context.dir, { databaseUrl })
  const bar = context.progress(context.say({ en: 'rows', ru: 'строки' }))
  try {
    const report = await importSheet(register, {
      path, as, mapping, mappingSha256: sha256, goodRows: args.flag('good-rows'), dryRun: args.flag('dry-run'), keep: args.texts('keep'),
      sheet: args.text('sheet'), encoding: args.text('encoding'), delimiter: args.text('delimiter'), by, and, written: now(), lang: context.lang,
    }, {
      onRows: (rows) => { bar.at(rows) },
      onOpened: (opened) => { if (context.json) context.answer({ opened }) },
    })
    bar.end()
    if (context.json) context.answer(report)
    else show(context, report)
    return report.wrong > 0 && !args.flag('good-rows') ? EXIT_NO : 0
  } finally {
    bar.end()
    await register.close()
  }
}

export const verb: Verb = {
  name: 'import',
  summary: { en: 'load a spreadsheet: an inventory, recovered weapons or what was made', ru: 'загрузить таблицу: учётные единицы, изъятое оружие или изготовленное' },
  usage: ['muster import FILE --as items|recoveries|production --map MAPPING [--good-rows] [--dry-run] --dir D', 'muster import FILE'],
  positionals: { min: 1, max: 1 },
  options: {
    as: { type: 'string', value: 'KIND', help: { en: 'items (what the party holds), recoveries (what was seized) or production (what it has made)', ru: 'items (что есть у участника), recoveries (что изъято) или production (что изготовлено)' } },
    map: { type: 'string', value: 'FILE', help: { en: 'what the columns mean (spec/mapping.md); without it columns are proposed', ru: 'значение столбцов (spec/mapping.md); без него они предлагаются' } },
    'good-rows': { type: 'boolean', help: { en: 'take the good rows though others are refused', ru: 'взять верные строки, даже если другие отклонены' } },
    'dry-run': { type: 'boolean', help: { en: 'read and check everything, load nothing', ru: 'прочитать и проверить всё, ничего не загружать' } },
    keep: { type: 'string', multiple: true, value: 'KIND', help: { en: 'load rows of a kind that the mapping leaves out', ru: 'загрузить строки вида, который описание исключает' } },
    sheet: { type: 'string', value: 'NAME', help: { en: 'sheet of the workbook, by name or number', ru: 'лист книги, имя или номер' } },
    encoding: { type: 'string', value: 'NAME', help: { en: 'encoding of a CSV file, where it is not detected', ru: 'кодировка CSV, если не определяется' } },
    delimiter: { type: 'string', value: 'C', help: { en: 'delimiter of a CSV file, where it is not detected', ru: 'разделитель CSV, если не определяется' } },
    ...PEOPLE,
  },
  run: async (context) => {
    const path = resolve(context.args.positionals[0] as string)
    const map = context.args.text('map')
    try {
      return await (map === undefined ? propose(context, path) : load(context, path, map))
    } catch (error) {
      throw told(context, error)
    }
  },
}
