// The names given with --by and --and.
import { userInfo } from 'node:os'
import { PERSON_CHARACTERS_MAX } from '@muster/core/rules/custody-event.ts'
import { usage } from './errors.ts'
import type { Context, Option } from './verb.ts'

export const PEOPLE: Readonly<Record<'by' | 'and', Option>> = {
  by: { type: 'string', value: 'NAME', help: { en: 'who does it (default: the name of the account)', ru: 'кто это делает (по умолчанию имя учётной записи)' } },
  and: { type: 'string', value: 'NAME', help: { en: 'the second person', ru: 'второй человек' } },
}

function named(context: Context, option: 'by' | 'and'): string | undefined {
  const name = context.args.text(option)?.trim()
  if (name !== undefined && (name === '' || name.length > PERSON_CHARACTERS_MAX || /\p{Cc}/u.test(name))) {
    throw usage(context.say({ en: `--${option}: a name of 1 to ${PERSON_CHARACTERS_MAX} characters`, ru: `--${option}: имя от 1 до ${PERSON_CHARACTERS_MAX} знаков` }))
  }
  return name
}

/** Whether two are due, and whether they are two, the rules say. */
export function people(context: Context): { readonly by: string, readonly and: string | null } {
  return { by: named(context, 'by') ?? userInfo().username, and: named(context, 'and') ?? null }
}
