// What the command line says about itself.
import { loadVerb, verbNames } from './verbs.ts'
import { widthOf } from './table.ts'
import type { Lang, Option, Verb, Words } from './verb.ts'

/** Options that every verb has. */
export const COMMON: Readonly<Record<string, Option>> = {
  json: { type: 'boolean', help: { en: 'output for machines: JSON lines, the last one the result', ru: 'вывод для программ: строки JSON, последняя — итог' } },
  dir: { type: 'string', value: 'D', help: { en: 'data directory (default: ./muster-data)', ru: 'папка данных (по умолчанию ./muster-data)' } },
  lang: { type: 'string', value: 'en|ru', help: { en: 'language (default: MUSTER_LANG or LANG)', ru: 'язык (по умолчанию MUSTER_LANG или LANG)' } },
  help: { type: 'boolean', short: 'h', help: { en: 'this text', ru: 'эта справка' } },
}

const WORDS: Readonly<Record<'about' | 'usage' | 'options' | 'common' | 'verbs' | 'more' | 'exits', Words>> = {
  about: { en: 'Muster: accountability for serial-numbered arms among sovereign registries', ru: 'Muster: учёт оружия с серийными номерами между реестрами суверенных государств' },
  usage: { en: 'Usage:', ru: 'Вызов:' },
  options: { en: 'Options:', ru: 'Параметры:' },
  common: { en: 'With every verb:', ru: 'С каждой командой:' },
  verbs: { en: 'Verbs:', ru: 'Команды:' },
  more: { en: 'More on one: muster help VERB', ru: 'Подробнее: muster help КОМАНДА' },
  exits: {
    en: 'Exit code: 0 done · 1 the answer is no · 2 wrong usage · 3 fault of disk, network or database',
    ru: 'Код выхода: 0 выполнено · 1 ответ отрицательный · 2 ошибка вызова · 3 сбой диска, сети или базы',
  },
}

/** Two columns, the second aligned. */
function pairs(rows: readonly (readonly [string, string])[]): string[] {
  const widest = Math.max(0, ...rows.map(([left]) => widthOf(left)))
  return rows.map(([left, right]) => `  ${left}${' '.repeat(widest - widthOf(left))}  ${right}`)
}

function optionRows(options: Readonly<Record<string, Option>>, lang: Lang): [string, string][] {
  return Object.entries(options).map(([name, option]) => {
    const short = option.short === undefined ? '' : `-${option.short}, `
    const value = option.type === 'string' ? ` ${option.value ?? 'VALUE'}` : ''
    return [`${short}--${name}${value}${option.multiple === true ? ' …' : ''}`, option.help[lang]]
  })
}

/** The help of one verb. */
export function verbHelp(verb: Verb, lang: Lang): string[] {
  const own = optionRows(verb.options, lang)
  return [
    verb.summary[lang], '', WORDS.usage[lang], ...verb.usage.map((line) => `  ${line}`),
    ...(own.length === 0 ? [] : ['', WORDS.options[lang], ...pairs(own)]),
    '', WORDS.common[lang], ...pairs(optionRows(COMMON, lang)),
  ]
}

/** The list of all verbs. */
export async function overview(lang: Lang): Promise<string[]> {
  const verbs = await Promise.all(verbNames().map((name) => loadVerb(name, lang)))
  return [
    WORDS.about[lang], '', WORDS.usage[lang], '  muster VERB …', '', WORDS.verbs[lang],
    ...pairs(verbs.map((verb): [string, string] => [verb.name, verb.summary[lang]])),
    '', WORDS.common[lang], ...pairs(optionRows(COMMON, lang)), '', WORDS.exits[lang], WORDS.more[lang],
  ]
}
