// Formal requests of traces, in words for people.
import type { RequestState } from '../rules/request.ts'
import type { DisclosedSection } from '../rules/terms.ts'
import type { RefusalReason } from '../wire/trace-body.ts'
import type { Words } from './lang.ts'

export const REQUEST_STATE: Readonly<Record<RequestState, Words>> = {
  'waiting': { en: 'waits', ru: 'ждёт ответа' }, 'acknowledged': { en: 'taken up', ru: 'принят к рассмотрению' }, 'asks-back': { en: 'asks back', ru: 'запрошены уточнения' },
  'interim': { en: 'interim answer', ru: 'промежуточный ответ' }, 'to-be-looked': { en: 'answered; a look is due', ru: 'дан ответ; назначен осмотр' }, 'answered': { en: 'answered', ru: 'дан ответ' },
  'refused': { en: 'refused', ru: 'отказано' }, 'answer-withdrawn': { en: 'answer withdrawn', ru: 'ответ отозван' }, 'withdrawn': { en: 'withdrawn', ru: 'запрос отозван' },
}

/** What two officers may open of an item. */
export const SECTION: Readonly<Record<DisclosedSection, Words>> = {
  status: { en: 'its status', ru: 'состояние' }, acquired: { en: 'how and from whom it came', ru: 'как и от кого поступила' }, released: { en: 'how and to whom it went', ru: 'как и кому передана' }, site: { en: 'the site', ru: 'место' },
  unit: { en: 'the unit', ru: 'подразделение' }, marks: { en: 'its marks', ru: 'маркировка' }, history: { en: 'its whole history', ru: 'вся история' },
}

/** Why officers say no; what a registry says by itself is not among them. */
export const OFFICERS_REASON: Readonly<Partial<Record<RefusalReason, Words>>> = {
  'restricted-by-law': { en: 'restricted by law', ru: 'ограничено законом' }, 'ongoing-investigation': { en: 'an investigation is under way', ru: 'ведётся расследование' },
  'confidentiality': { en: 'confidentiality', ru: 'конфиденциальность' }, 'national-security': { en: 'national security', ru: 'национальная безопасность' },
}
