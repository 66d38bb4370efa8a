// Terms that two parties stated to one another, in the reader's language.
import { INVERSE, type Relation, type SideBySide, type Term } from '@muster/core/rules/terms-map.ts'
import type { DesignationView } from '@muster/registry/api/views/directory.ts'
import type { Context, Words } from './verb.ts'

const STANDING: Readonly<Record<SideBySide['standing'], Words>> = { agree: { en: 'agree', ru: 'согласны' }, contradict: { en: 'CONTRADICT', ru: 'ПРОТИВОРЕЧАТ' }, one: { en: 'one side only', ru: 'одна сторона' } }
const termText = (term: Term | null): string => term === null ? '–' : term.code === term.text ? term.code : `${term.code} (${term.text})`

interface Said { readonly relation: Relation }

/** The own term, what each side says, the other's term, and how both stand. Both relations are read from the own side, so that equal words agree. */
export function termCells(context: Context, { here, there, own, theirs, standing }: Pick<SideBySide, 'here' | 'there' | 'standing'> & { readonly own: Said | null, readonly theirs: Said | null }): string[] {
  return [termText(here), own?.relation ?? '–', theirs === null ? '–' : INVERSE[theirs.relation], termText(there), context.say(STANDING[standing])]
}

/** What was stated of the designations in a paper, below it; nothing where nobody stated anything. */
export function printDesignations(context: Context, designations: readonly DesignationView[]): void {
  if (designations.length === 0) return
  const titles: readonly Words[] = [{ en: 'party', ru: 'участник' }, { en: 'own designation', ru: 'своё обозначение' }, { en: 'own word', ru: 'по-своему' }, { en: 'its word', ru: 'по его словам' }, { en: 'its designation', ru: 'его обозначение' }, { en: 'both', ru: 'вместе' }]
  context.table(titles.map((title) => ({ title: context.say(title) })), designations.map((each) => [each.with, ...termCells(context, each)]))
}
