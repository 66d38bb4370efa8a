// The words after a verb, checked against what the verb says it takes.
import { parseArgs } from 'node:util'
import { bug, usage } from './errors.ts'
import { COMMON } from './help.ts'
import type { Args, Lang, Verb } from './verb.ts'

type Value = string | boolean | readonly (string | boolean)[] | undefined

const WORDS = {
  unknown: { en: 'there is no option', ru: 'нет параметра' },
  missing: { en: 'missing', ru: 'не задано' },
  number: { en: 'takes a whole number', ru: 'принимает целое число' },
  few: { en: 'an argument is missing', ru: 'не хватает аргумента' },
  many: { en: 'one argument too many', ru: 'лишний аргумент' },
} as const

/** The options of a verb in the form that parseArgs reads. Values named like a common option must not redefine it. */
function settingsOf(verb: Verb): Record<string, { type: 'string' | 'boolean', short?: string, multiple?: boolean }> {
  return Object.fromEntries(Object.entries({ ...verb.options, ...COMMON }).map(([name, option]) => [name, {
    type: option.type,
    ...(option.short === undefined ? {} : { short: option.short }),
    ...(option.multiple === undefined ? {} : { multiple: option.multiple }),
  }]))
}

function argsOf(verb: Verb, values: Readonly<Record<string, Value>>, positionals: readonly string[], lang: Lang): Args {
  const value = (name: string): Value => {
    if (!Object.hasOwn(verb.options, name) && !Object.hasOwn(COMMON, name)) throw bug(`verb ${verb.name} asks for --${name}, which it does not take`)
    return values[name]
  }
  const text = (name: string): string | undefined => {
    const found = value(name)
    return typeof found === 'string' ? found : undefined
  }
  return {
    positionals,
    text,
    required: (name) => {
      const found = text(name)
      if (found === undefined || found === '') throw usage(`--${name}: ${WORDS.missing[lang]}`, verb.usage[0])
      return found
    },
    texts: (name) => {
      const found = value(name)
      return (Array.isArray(found) ? found as readonly Value[] : [found]).filter((one) => typeof one === 'string')
    },
    flag: (name) => value(name) === true,
    integer: (name, { min, max }) => {
      const found = text(name)
      if (found === undefined) return undefined
      const number = /^-?\d{1,16}$/.test(found) ? Number(found) : NaN
      if (!(number >= min && number <= max)) throw usage(`--${name} ${found}: ${WORDS.number[lang]} ${min}…${max}`)
      return number
    },
  }
}

/** Parses and checks. Errors are of kind usage, name the word that is wrong and end with how the verb is called. */
export function readArgs(verb: Verb, words: readonly string[], lang: Lang): Args {
  const { values, positionals } = parseVerb(verb, words, lang)
  const { min, max } = verb.positionals ?? { min: 0, max: 0 }
  if (values.help !== true) {
    if (positionals.length < min) throw usage(WORDS.few[lang], verb.usage[0])
    if (positionals.length > max) throw usage(`${WORDS.many[lang]}: ${positionals[max] ?? ''}`, verb.usage[0])
  }
  return argsOf(verb, values, positionals, lang)
}

function parseVerb(verb: Verb, words: readonly string[], lang: Lang): { values: Record<string, Value>, positionals: string[] } {
  try {
    return parseArgs({ args: [...words], options: settingsOf(verb), allowPositionals: true, strict: true })
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const unknown = /Unknown option '(-{1,2}[^']*)'/.exec(error.message)?.[1]
    throw usage(unknown === undefined ? error.message : `${WORDS.unknown[lang]} ${unknown}`, verb.usage[0])
  }
}
