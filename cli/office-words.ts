// The office where a message lies, in the reader's language.
import type { Placed } from '@muster/core/rules/office.ts'
import type { Context, Words } from './verb.ts'

const GAP: Readonly<Record<'no-office' | 'no-directory', Words>> = {
  'no-office': { en: 'no office of this subject', ru: 'нет отдела по этому предмету' }, 'no-directory': { en: 'no directory', ru: 'справочника нет' },
}

/** Undefined: the message is under way. */
export function placedText(context: Context, placed: Placed | undefined): string {
  if (placed === undefined) return '–'
  switch (placed.by) {
    case 'hours': return placed.office
    case 'deputy': return context.say({ en: `${placed.office} for ${placed.instead}`, ru: `${placed.office} за ${placed.instead}` })
    case 'rerouted': return context.say({ en: `${placed.office}, rerouted: ${placed.reason}`, ru: `${placed.office}, переадресовано: ${placed.reason}` })
    case 'closed': return context.say({ en: `${placed.office}, closed${placed.opens === null ? '' : ` until ${placed.opens}`}`, ru: `${placed.office}, закрыто${placed.opens === null ? '' : ` до ${placed.opens}`}` })
    default: return context.say(GAP[placed.by])
  }
}
