// What happened to an item, in both languages, and what an event rests on.
import type { CustodyEvent, EventKind } from '../rules/custody-event.ts'
import type { Words } from './lang.ts'

export const KIND: Readonly<Record<EventKind, Words>> = {
  'baseline': { en: 'opening balance', ru: 'начальный остаток' }, 'manufactured': { en: 'manufactured', ru: 'изготовлено' }, 'imported': { en: 'imported', ru: 'ввезено' },
  'dispatched': { en: 'dispatched', ru: 'отправлено' }, 'received': { en: 'received', ru: 'получено' }, 'receipt-disputed': { en: 'receipt disputed', ru: 'получение оспорено' },
  'issued': { en: 'issued', ru: 'выдано' }, 'returned': { en: 'returned', ru: 'возвращено' }, 'moved': { en: 'moved', ru: 'перемещено' },
  'packed': { en: 'packed', ru: 'упаковано' }, 'unpacked': { en: 'unpacked', ru: 'вынуто' }, 'paired': { en: 'paired', ru: 'укомплектовано' }, 'unpaired': { en: 'unpaired', ru: 'разукомплектовано' },
  'counted': { en: 'counted', ru: 'учтено при проверке' }, 'found': { en: 'found', ru: 'найдено' }, 'missing': { en: 'missing', ru: 'не обнаружено' }, 'lost': { en: 'lost', ru: 'утрачено' }, 'stolen': { en: 'stolen', ru: 'похищено' },
  'seized': { en: 'seized', ru: 'изъято' }, 're-marked': { en: 're-marked', ru: 'перемаркировано' }, 'modified': { en: 'modified', ru: 'изменено' }, 'expended': { en: 'expended', ru: 'израсходовано' },
  'demilitarised': { en: 'demilitarised', ru: 'приведено в негодность' }, 'destroyed': { en: 'destroyed', ru: 'уничтожено' }, 'handed-over': { en: 'handed over', ru: 'передано по смене' },
  'sealed': { en: 'sealed', ru: 'опломбировано' }, 'seal-checked': { en: 'seal checked', ru: 'пломба проверена' }, 'seal-broken': { en: 'seal broken', ru: 'пломба снята' },
  'recategorised': { en: 'recategorised', ru: 'изменена категория' }, 'life-extended': { en: 'life extended', ru: 'продлён срок' }, 'lot-split': { en: 'lot split', ru: 'партия разделена' }, 'lot-used': { en: 'lot used', ru: 'расход из партии' },
  'corrected': { en: 'correction', ru: 'исправление' },
}

export function documentsText({ documents }: Pick<CustodyEvent, 'documents'>): string {
  return documents.map(({ series, number, date }) => `${series === null ? '' : `${series} `}${number} ${date}`).join('; ')
}

export function peopleText({ by, and }: Pick<CustodyEvent, 'by' | 'and'>): string {
  return and === null ? by : `${by}, ${and}`
}
