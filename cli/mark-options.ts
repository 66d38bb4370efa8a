// What can be said of a mark beside its text, for every verb that looks one up.
import { MARK_CONDITIONS } from '@muster/core/rules/custody-event.ts'
import type { Script } from '@muster/core/rules/mark.ts'
import { usage } from './errors.ts'
import type { Context, Option } from './verb.ts'

const SCRIPTS: readonly Script[] = ['latin', 'cyrillic', 'unknown']

export const WORDS_OF_MARK: Readonly<Record<'type' | 'script' | 'condition', Option>> = {
  type: { type: 'string', value: 'TYPE', help: { en: 'designation of the component, as in 9П516', ru: 'обозначение изделия, например 9П516' } },
  script: { type: 'string', value: 'S', help: { en: 'alphabet on the item itself: latin, cyrillic, unknown', ru: 'алфавит на самом изделии: latin, cyrillic, unknown' } },
  condition: { type: 'string', value: 'C', help: { en: 'condition of the mark: intact, partly-legible, erased …', ru: 'состояние маркировки: intact, partly-legible, erased …' } },
}

function chosen<T extends string>(context: Context, option: string, choices: readonly T[], otherwise: T): T {
  const asked = context.args.text(option)
  if (asked === undefined) return otherwise
  const found = choices.find((choice) => choice === asked)
  if (found === undefined) throw usage(`--${option} ${asked}: ${choices.join(', ')}`)
  return found
}

export function scriptOf(context: Context): Script {
  return chosen(context, 'script', SCRIPTS, 'unknown')
}

export function conditionOf(context: Context): (typeof MARK_CONDITIONS)[number] {
  return chosen(context, 'condition', MARK_CONDITIONS, 'unknown')
}
