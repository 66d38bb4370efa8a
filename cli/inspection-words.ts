// An inspection as people read it: where it stands, the sheet for the site, and what was shown.
import { known } from '@muster/core/rules/item.ts'
import type { Tally } from '@muster/core/rules/inspection.ts'
import { smallerSamples, type Wanted } from '@muster/core/rules/sample.ts'
import type { Inspection, Stage } from '@muster/core/wire/inspection.ts'
import type { DrawnLeaf } from '@muster/core/wire/shown-leaf.ts'
import type { Context, Words } from './verb.ts'

const HUNDREDTHS = 100

export const STAGE: Readonly<Record<Stage, Words>> = {
  announced: { en: 'announced', ru: 'объявлена' }, drawn: { en: 'shares are to be opened', ru: 'раскрываются доли' }, opened: { en: 'leaves are to be shown', ru: 'предъявляются записи' },
  shown: { en: 'to be looked at and reported', ru: 'осмотр и акт' }, reported: { en: 'reported', ru: 'акт составлен' }, failed: { en: 'FAILED', ru: 'СОРВАНА' },
}
const OUTCOME: Readonly<Record<Tally['outcome'], Words>> = {
  'nothing-missing': { en: 'nothing was found missing', ru: 'недостачи не обнаружено' }, 'inconclusive': { en: 'not enough was seen to say so', ru: 'увиденного недостаточно для вывода' },
  'discrepancies': { en: 'DISCREPANCIES were found', ru: 'обнаружены РАСХОЖДЕНИЯ' },
}

export function percent(confidence: number): string {
  return `${confidence / HUNDREDTHS} %`
}

/** Items to be looked at, in the order drawn; their place, from 1 on, is their number on the sheet. */
export function toBeLookedAt({ drawn }: Inspection): readonly DrawnLeaf[] {
  return drawn.filter(({ toBeSeen }) => toBeSeen)
}

export function itemCells({ status, marks }: DrawnLeaf): (string | undefined)[] {
  const part = (value: NonNullable<typeof status>['serial'] | undefined): string => value === undefined ? '?' : known(value) ?? '?'
  return [status?.class, part(status?.type), part(status?.year), part(status?.lot), part(status?.serial), marks.map(({ text }) => text).filter((text) => text !== null).join('; ')]
}

/** What was shown, in one sentence that follows from the tally. */
export function shownWords(context: Context, { items, sample, missing, confidence, seen, notSeen, notAccessible, markDiffers, keyMissing, found, metDeclared, metNotDeclared, metNotLookedUp, noticed, outcome }: Tally): string {
  const counted = context.say({
    en: `${sample} of ${items} items drawn: seen ${seen} (of them found under the marks read: ${found}), not there ${notSeen}, not reached ${notAccessible}, other marks ${markDiffers}, to be found by no trace ${keyMissing}; met on site: declared ${metDeclared}, not declared ${metNotDeclared}, not looked up ${metNotLookedUp}.`,
    ru: `Выбрано ${sample} из ${items}: осмотрено ${seen} (из них найдено по прочитанной маркировке: ${found}), отсутствует ${notSeen}, недоступно ${notAccessible}, иная маркировка ${markDiffers}, по маркировке не находится ${keyMissing}; встречено на месте: заявлено ${metDeclared}, не заявлено ${metNotDeclared}, не проверено ${metNotLookedUp}.`,
  })
  const shows = noticed === null ? '' : context.say({
    en: ` With ${percent(confidence)} confidence ${noticed} or more missing would have been noticed (agreed: ${missing}).`, ru: ` С достоверностью ${percent(confidence)} недостача от ${noticed} была бы замечена (согласовано: ${missing}).`,
  })
  return `${counted} ${context.say({ en: 'Outcome', ru: 'Итог' })}: ${context.say(OUTCOME[outcome])}.${shows}`
}

/** What the sample and smaller ones would miss. */
export function smallerTable(context: Context, wanted: Wanted, size: number): void {
  const { missing, confidence } = wanted
  const titles = [{ en: 'sample', ru: 'выборка' }, { en: `chance to miss ${missing}`, ru: `вероятность не заметить ${missing}` }, { en: `noticed with ${percent(confidence)}`, ru: `замечается с ${percent(confidence)}` }]
  context.table(titles.map((title) => ({ title: context.say(title), align: 'right' as const })), smallerSamples(wanted, size).map(({ sample, missed, noticed }) => [sample, `${(100 * missed).toFixed(1)} %`, noticed]))
}
