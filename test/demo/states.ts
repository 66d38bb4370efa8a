// EXERCISE. Twelve invented states under codes that ISO 3166 leaves to users: they name no place, and nothing told of them is told of anybody.
import type { PartyId } from '@muster/core/rules/party.ts'

/** What a state does in the exercise. `asks`: seizes the weapons; it declares as well. */
export type Part = 'asks' | 'declares' | 'declines' | 'silent'

export interface State {
  readonly party: PartyId
  readonly name: { readonly en: string, readonly ru: string }
  /** The name as documents carry it. */
  readonly title: { readonly en: string, readonly ru: string }
  readonly part: Part
  /** In which alphabet its clerks write. */
  readonly alphabet: 'cyrillic' | 'latin'
}

const state = (party: string, en: string, ru: string, part: Part, alphabet: State['alphabet']): State =>
  ({ party: party as PartyId, name: { en, ru }, title: { en: `${en} (exercise)`, ru: `${ru} (учебное)` }, part, alphabet })

export const STATES: readonly State[] = [
  state('QM', 'Meridia', 'Меридия', 'asks', 'cyrillic'),
  state('QN', 'Norvessa', 'Норвесса', 'declares', 'cyrillic'),
  state('QP', 'Palanta', 'Паланта', 'declares', 'latin'),
  state('QQ', 'Quillon', 'Квиллон', 'declares', 'latin'),
  state('QR', 'Ruvane', 'Руване', 'declares', 'cyrillic'),
  state('QS', 'Sevarra', 'Севарра', 'declares', 'latin'),
  state('QT', 'Tarquel', 'Таркель', 'declares', 'cyrillic'),
  state('QV', 'Vesmaria', 'Весмария', 'declares', 'latin'),
  state('QW', 'Westrune', 'Веструн', 'declares', 'cyrillic'),
  state('QX', 'Xelune', 'Кселуна', 'declares', 'latin'),
  state('QY', 'Ylvane', 'Ильвана', 'declines', 'cyrillic'),
  state('QZ', 'Zephra', 'Зефра', 'silent', 'latin'),
]

export const ASKER = 'QM' as PartyId
/** What stands on everything that shows them. */
export const EXERCISE = 'EXERCISE · УЧЕНИЕ'

export function stateOf(party: string): State {
  const found = STATES.find((each) => each.party === party)
  if (found === undefined) throw new RangeError(`${party} is no state of the exercise`)
  return found
}

/** Whether the state publishes a declaration. */
export function declares({ part }: State): boolean {
  return part === 'asks' || part === 'declares'
}
