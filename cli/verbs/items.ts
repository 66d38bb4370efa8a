// `muster items`: what the register holds, by mark or by what is known of it.
import { explainMark } from '@muster/core/rules/explain.ts'
import { LADDER_LIMITS } from '@muster/core/rules/ladder.ts'
import { readCatalogue } from '@muster/registry/store/catalogue.ts'
import { classesHeld, findByLadder, HITS_MAX, listItems, PAGE_ROWS_MAX, possibleDuplicates, type Listed } from '@muster/registry/store/items.ts'
import { openRegister, type Register } from '@muster/registry/store/register.ts'
import { conditionOf, scriptOf, WORDS_OF_MARK } from '../mark-options.ts'
import type { Cell } from '../table.ts'
import type { Context, Verb, Words } from '../verb.ts'

const EXIT_NO = 1
const ROWS_DEFAULT = 50

const TITLE: Readonly<Record<'item' | 'class' | 'type' | 'serial' | 'maker' | 'year' | 'status' | 'custodian' | 'grade' | 'sharing', Words>> = {
  item: { en: 'item', ru: 'единица' }, class: { en: 'class', ru: 'класс' }, type: { en: 'type', ru: 'тип' }, serial: { en: 'serial', ru: 'номер' }, maker: { en: 'maker', ru: 'завод' },
  year: { en: 'year', ru: 'год' }, status: { en: 'status', ru: 'состояние' }, custodian: { en: 'custodian', ru: 'у кого' }, grade: { en: 'grade', ru: 'ступень' }, sharing: { en: 'sharing', ru: 'с тем же ключом' },
}

const cells = (item: Listed): Cell[] => [item.item, item.class, item.type, item.serial, item.maker, item.year, item.status, item.custodian]
const columns = (context: Context) => (['item', 'class', 'type', 'serial', 'maker', 'year', 'status', 'custodian'] as const).map((name) => ({ title: context.say(TITLE[name]) }))

async function byMark(context: Context, register: Register, mark: string): Promise<number> {
  const catalogue = await readCatalogue(register.dataDir)
  const asked = context.args.texts('class')
  const known = asked.length > 0 ? asked : await classesHeld(register.db)
  const explained = explainMark(mark, { catalogue, classes: known, type: context.args.text('type'), script: scriptOf(context), condition: conditionOf(context), limits: LADDER_LIMITS })
  const { ladder } = explained
  if (ladder.verdict === 'unreadable') {
    if (context.json) context.answer({ mark, serial: explained.serial, found: 0, unreadable: ladder.reason, message: ladder.message })
    else context.out(context.say({ en: `No candidate can be made of this mark: ${ladder.message}`, ru: `Из этой маркировки нельзя составить ни одного варианта: ${ladder.message}` }))
    return EXIT_NO
  }
  const hits = await findByLadder(register.db, ladder)
  if (context.json) {
    for (const hit of hits) context.answer(hit)
    context.answer({ mark, serial: explained.serial, found: hits.length, candidates: ladder.candidates.length })
  } else {
    context.table([{ title: context.say(TITLE.grade) }, { title: context.say(TITLE.sharing), align: 'right' }, ...columns(context)], hits.map((hit) => [`${hit.rung}/${hit.kind}`, hit.sharing, ...cells(hit)]))
    context.out(context.say({ en: `${hits.length} found, ${ladder.candidates.length} candidates tried.`, ru: `Найдено: ${hits.length}, вариантов проверено: ${ladder.candidates.length}.` }))
    if (hits.length === HITS_MAX) context.out(context.say({ en: 'More share these keys: name the class or the type.', ru: 'Эти ключи есть и у других: укажите класс или тип.' }))
    if (hits.length > 0) context.out(context.say({ en: 'A serial number alone never proves identity.', ru: 'Один лишь номер никогда не доказывает тождества.' }))
  }
  return hits.length > 0 ? 0 : EXIT_NO
}

async function duplicates(context: Context, register: Register, rows: number): Promise<number> {
  const { groups, next } = await possibleDuplicates(register.db, { after: context.args.text('after'), groups: rows })
  if (context.json) for (const group of groups) context.answer(group)
  context.table([{ title: '' }, ...columns(context)], groups.flatMap(({ items }, i) => items.map((item) => [String(i + 1), ...cells(item)])))
  if (context.json) context.answer({ groups: groups.length, next: next ?? null })
  else if (next !== undefined) context.out(`--after ${next}`)
  return 0
}

async function list(context: Context, register: Register, rows: number): Promise<number> {
  const { args } = context
  const { items, next } = await listItems(register.db, {
    class: args.texts('class')[0], status: args.text('status'), custodian: args.text('custodian'), site: args.text('site'), unit: args.text('unit'),
  }, { after: args.text('after'), rows })
  if (context.json) for (const item of items) context.answer(item)
  context.table(columns(context), items.map(cells))
  if (context.json) context.answer({ items: items.length, next: next ?? null })
  else if (next !== undefined) context.out(context.say({ en: `More: --after ${next}`, ru: `Далее: --after ${next}` }))
  return 0
}

export const verb: Verb = {
  name: 'items',
  summary: { en: 'what the register holds: list it, or search by a mark', ru: 'что есть в реестре: список или поиск по маркировке' },
  usage: ['muster items --dir D', 'muster items "9П516 № 0123" --dir D', 'muster items --duplicates --dir D'],
  positionals: { min: 0, max: 1 },
  options: {
    class: { type: 'string', multiple: true, value: 'CLASS', help: { en: 'component class', ru: 'класс' } },
    ...WORDS_OF_MARK,
    status: { type: 'string', value: 'STATUS', help: { en: 'held, issued, in-transit, released, lost …', ru: 'состояние: held, issued, in-transit, released, lost …' } },
    custodian: { type: 'string', value: 'NAME', help: { en: 'who has it', ru: 'у кого находится' } },
    site: { type: 'string', value: 'CODE', help: { en: 'site', ru: 'место хранения' } },
    unit: { type: 'string', value: 'NAME', help: { en: 'unit', ru: 'подразделение' } },
    duplicates: { type: 'boolean', help: { en: 'items that share class and serial', ru: 'единицы с одинаковыми классом и номером' } },
    rows: { type: 'string', value: 'N', help: { en: `rows of a page (default ${ROWS_DEFAULT})`, ru: `строк на странице (по умолчанию ${ROWS_DEFAULT})` } },
    after: { type: 'string', value: 'ID', help: { en: 'the next page, after this one', ru: 'следующая страница, после этой' } },
  },
  run: async (context) => {
    const register = await openRegister(context.dir, { databaseUrl: context.databaseUrl })
    try {
      const rows = context.args.integer('rows', { min: 1, max: PAGE_ROWS_MAX }) ?? ROWS_DEFAULT
      const mark = context.args.positionals[0]
      if (mark !== undefined) return await byMark(context, register, mark)
      return await (context.args.flag('duplicates') ? duplicates(context, register, rows) : list(context, register, rows))
    } finally {
      await register.close()
    }
  },
}
