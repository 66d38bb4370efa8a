// What is owed under an agreement, in words for people.
import type { DutyState } from '../rules/duty.ts'
import type { Words } from './lang.ts'

export const DUTY: Readonly<Record<DutyState, Words>> = { 'due': { en: 'due', ru: 'предстоит' }, 'done': { en: 'done', ru: 'исполнено' }, 'done-late': { en: 'done, late', ru: 'исполнено с опозданием' }, 'late': { en: 'LATE', ru: 'ПРОСРОЧЕНО' } }
