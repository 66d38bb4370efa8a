// Calls to count, in words for people: where an addressee stands, and what its answer is held to.
import type { CALL_REASONS, NoCountReason, Standing } from '../rules/call.ts'
import type { Words } from './lang.ts'

export const STANDING: Readonly<Record<Standing, Words>> = {
  'under-way': { en: 'on its way', ru: 'в пути' }, 'received': { en: 'received', ru: 'получено' }, 'acknowledged': { en: 'being seen to', ru: 'в работе' }, 'answered': { en: 'counted', ru: 'подсчитано' },
  'declined': { en: 'declines', ru: 'отказ' }, 'objected': { en: 'objects', ru: 'возражение' }, 'silent': { en: 'SILENT', ru: 'МОЛЧИТ' }, 'unreachable': { en: 'not reached', ru: 'не достигнуто' },
}

/** Of an answer, beside what its party declared. */
export const PROOF: Readonly<Record<string, Words>> = {
  'proven': { en: 'as declared', ru: 'как объявлено' }, 'older': { en: 'as in an older declaration', ru: 'как в прежнем объявлении' }, 'not-comparable': { en: 'opened; types are not declared', ru: 'раскрыто; типы не объявляются' }, 'not-bound': { en: 'NOT WHAT THE HEAD BINDS', ru: 'НЕ ТО, ЧТО СВЯЗАНО' }, 'head-not-here': { en: 'its declaration is not here yet', ru: 'объявление ещё не получено' }, 'none': { en: 'no declaration', ru: 'объявления нет' },
}

export const REASON_OF_CALL: Readonly<Record<(typeof CALL_REASONS)[number], Words>> = {
  seizure: { en: 'a seizure', ru: 'изъятие' }, loss: { en: 'a loss', ru: 'утрата' }, theft: { en: 'a theft', ru: 'хищение' }, periodic: { en: 'periodic', ru: 'периодический' }, exercise: { en: 'exercise', ru: 'учения' }, other: { en: 'other', ru: 'другое' },
}

/** Why there is no count. */
export const WHY_NO_COUNT: Readonly<Record<NoCountReason, Words>> = {
  'no-holdings-in-scope': { en: 'nothing of the kind is held', ru: 'ничего подобного не имеется' }, 'outside-the-agreement': { en: 'outside the agreement', ru: 'вне соглашения' }, 'neutrality': { en: 'neutrality', ru: 'нейтралитет' },
  'national-security': { en: 'national security', ru: 'национальная безопасность' }, 'restricted-by-law': { en: 'restricted by law', ru: 'ограничено законом' }, 'ongoing-investigation': { en: 'an investigation is under way', ru: 'ведётся расследование' },
  'no-means': { en: 'no means to count', ru: 'нет средств для подсчёта' }, 'other': { en: 'other', ru: 'другое' },
}
