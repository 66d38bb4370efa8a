// The catalogue (DESIGN section 3): the names by which a component is recognised, each with its source. A party edits its own copy. It
// identifies and proposes; it never refuses an entry and never decides a match key. It holds nothing on use or performance.
import { fit, list, nullable, object, oneOf, pattern, table, text, boolean, type Misfit, type Shaped } from '../bytes/shape.ts'
import { componentClass } from './item.ts'
import { fieldForm } from './match-key.ts'
import { splitAtNumberSign } from './mark.ts'

export const CATALOGUE_FORMAT = 'muster/catalogue/1'
export const CATALOGUE_ENTRIES_MAX = 10_000
export const CATALOGUE_NAMES_MAX = 64
const CLASSES_OF_ENTRY_MAX = 16
export const CATALOGUE_SOURCES_MAX = 1000
const NAME_CHARACTERS_MAX = 200
const TITLE_CHARACTERS_MAX = 500

const id = pattern(/^[a-z0-9][a-z0-9.-]{0,63}$/, 'an id: 1 to 64 of a-z, 0-9, point and dash')
/** `index`: as a maker or a ministry numbers it; `nato`: as others report it; `name`: as it is called. */
const name = object({ text: text(NAME_CHARACTERS_MAX), script: oneOf('cyrillic', 'latin', 'other'), kind: oneOf('index', 'nato', 'name'), source: id })
/** `classes`: what a mark with this name can be on; the name of a tube stands for the missile in it too. `of`: the system it belongs to. */
const entry = object({ id, classes: list(componentClass, 1, CLASSES_OF_ENTRY_MAX), of: nullable(id), names: list(name, 1, CATALOGUE_NAMES_MAX) })
export type CatalogueEntry = Shaped<typeof entry>

/** `confirmed`: false where nobody has named a source that can be looked up. */
const source = object({ title: text(TITLE_CHARACTERS_MAX), confirmed: boolean })

export const catalogueShape = object({
  format: oneOf(CATALOGUE_FORMAT), about: text(TITLE_CHARACTERS_MAX),
  classes: table(componentClass, text(TITLE_CHARACTERS_MAX), CATALOGUE_NAMES_MAX),
  sources: table(id, source, CATALOGUE_SOURCES_MAX),
  entries: list(entry, 0, CATALOGUE_ENTRIES_MAX),
})
export type Catalogue = Shaped<typeof catalogueShape>

/** A party's catalogue from parsed JSON, or the first thing wrong with it: shape, an id twice, a source or system that is not there. */
export function parseCatalogue(value: unknown): { readonly value: Catalogue } | { readonly misfit: Misfit } {
  const fitted = fit(catalogueShape, value)
  if ('misfit' in fitted) return fitted
  const { entries, sources, classes } = fitted.value
  const ids = new Set<string>()
  for (const [i, each] of entries.entries()) {
    const at = `entries[${i}]`
    if (ids.has(each.id)) return { misfit: { at: `${at}.id`, expected: `an id that no other entry has; ${each.id} is taken` } }
    ids.add(each.id)
    const unlisted = each.classes.findIndex((one) => !Object.hasOwn(classes, one))
    if (unlisted >= 0) return { misfit: { at: `${at}.classes[${unlisted}]`, expected: 'a class that the catalogue lists under classes' } }
    const foreign = each.names.findIndex((one) => !Object.hasOwn(sources, one.source))
    if (foreign >= 0) return { misfit: { at: `${at}.names[${foreign}].source`, expected: 'a source that the catalogue lists under sources' } }
  }
  const orphan = entries.findIndex((each) => each.of !== null && !ids.has(each.of))
  return orphan < 0 ? fitted : { misfit: { at: `entries[${orphan}].of`, expected: 'the id of another entry' } }
}

/** Entries that the text names, however it was copied; empty where it is none of the catalogue's. */
export function entriesNamed({ entries }: Catalogue, designation: string): CatalogueEntry[] {
  const form = fieldForm(designation)
  return form === undefined ? [] : entries.filter(({ names }) => names.some((one) => fieldForm(one.text) === form))
}

/** Whether every name by which the entry is known comes from a confirmed source. */
export function isConfirmed({ sources }: Catalogue, { names }: CatalogueEntry): boolean {
  return names.every((one) => sources[one.source]?.confirmed === true)
}

/** Classes that a mark beside this designation can belong to: of the entries named and, of a system, of its parts; else all there are. */
export function classesFor(given: Catalogue, designation: string | undefined): string[] {
  const named = designation === undefined ? [] : entriesNamed(given, designation)
  const systems = new Set(named.map((each) => each.id))
  const parts = given.entries.filter((each) => each.of !== null && systems.has(each.of))
  return named.length === 0 ? Object.keys(given.classes) : [...new Set([...named, ...parts].flatMap((each) => each.classes))]
}

export interface Designated { readonly designation: string, readonly serial: string }

/** A plate's line in designation and serial: at the number sign, else after the longest beginning that the catalogue knows. */
export function designated(given: Catalogue, line: string): Designated | undefined {
  const parts = splitAtNumberSign(line)
  if (parts !== undefined) return { designation: parts.before.trim(), serial: parts.after.trim() }
  const words = line.trim().split(/\s+/)
  for (let count = words.length - 1; count > 0; count--) {
    const designation = words.slice(0, count).join(' ')
    if (entriesNamed(given, designation).length > 0) return { designation, serial: words.slice(count).join(' ') }
  }
  return undefined
}
