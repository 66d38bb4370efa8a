// The words of an item and its marks in both languages.
import type { MARK_CONDITIONS } from '../rules/custody-event.ts'
import type { Unknown } from '../rules/item.ts'
import type { Status } from '../rules/status.ts'
import type { Words } from './lang.ts'

export const STATUS: Readonly<Record<Status, Words>> = {
  'held': { en: 'held', ru: 'на хранении' },
  'issued': { en: 'issued', ru: 'выдано' },
  'in-transit': { en: 'on the way', ru: 'в пути' },
  'disputed': { en: 'receipt disputed', ru: 'получение оспаривается' },
  'released': { en: 'released', ru: 'передано' },
  'missing': { en: 'missing', ru: 'отсутствует' },
  'lost': { en: 'lost', ru: 'утрачено' },
  'stolen': { en: 'stolen', ru: 'похищено' },
  'expended': { en: 'expended', ru: 'израсходовано' },
  'demilitarised': { en: 'demilitarised', ru: 'приведено в негодность' },
  'destroyed': { en: 'destroyed', ru: 'уничтожено' },
  'entered-in-error': { en: 'entered in error', ru: 'внесено ошибочно' },
}

/** In which way a value is not there. */
export const UNKNOWN: Readonly<Record<Unknown, Words>> = {
  'unknown': { en: 'unknown', ru: 'неизвестно' },
  'unreadable': { en: 'unreadable', ru: 'не читается' },
  'withheld': { en: 'withheld', ru: 'не сообщается' },
  'nil': { en: 'none', ru: 'нет' },
}

export const CONDITION: Readonly<Record<(typeof MARK_CONDITIONS)[number], Words>> = {
  'intact': { en: 'intact', ru: 'цела' },
  'partly-legible': { en: 'partly legible', ru: 'читается частично' },
  'painted-over': { en: 'painted over', ru: 'закрашена' },
  'erased': { en: 'erased', ru: 'стёрта' },
  'altered': { en: 'altered', ru: 'изменена' },
  're-marked': { en: 're-marked', ru: 'нанесена заново' },
  'unknown': { en: 'condition not recorded', ru: 'состояние не записано' },
}
