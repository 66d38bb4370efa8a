// Where an addressee of a call stands, in words for people.
import type { Standing } from '@muster/core/rules/call.ts'
import type { Words } from './verb.ts'

export const STANDING: Readonly<Record<Standing, Words>> = {
  'under-way': { en: 'on its way', ru: 'в пути' }, 'received': { en: 'received', ru: 'получено' }, 'acknowledged': { en: 'being seen to', ru: 'в работе' }, 'answered': { en: 'counted', ru: 'подсчитано' },
  'declined': { en: 'declines', ru: 'отказ' }, 'objected': { en: 'objects', ru: 'возражение' }, 'silent': { en: 'SILENT', ru: 'МОЛЧИТ' }, 'unreachable': { en: 'not reached', ru: 'не достигнуто' },
}
