// Times and closed lists of words as options.
import { isTime, type Time } from '@muster/core/bytes/time.ts'
import { usage } from './errors.ts'
import type { Context } from './verb.ts'

export function timeIn(option: string, text: string): Time {
  if (!isTime(text)) throw usage(`--${option} ${text}: YYYY-MM-DDTHH:MM:SSZ`)
  return text
}

export function timeOption(context: Context, option: string): Time | undefined {
  const text = context.args.text(option)
  return text === undefined ? undefined : timeIn(option, text)
}

/** One of a closed list of words; `fallback` where the option is not given. */
export function oneOfWords<T extends string>(context: Context, option: string, choices: readonly T[], fallback?: T): T {
  const given = context.args.text(option) ?? fallback
  const known = choices.find((each) => each === given)
  if (known === undefined) throw usage(`--${option} ${given ?? ''}: ${choices.join(', ')}`)
  return known
}
