// The items that the asker of a reconciliation shows (spec/reconciliation.md): each with a document of its passing, each key of it once, and of a row no
// more different ones than were counted before anything was asked. Pure: what was shown before is an argument.
import { equal } from '../bytes/bytes.ts'
import { canonical, type Json } from '../bytes/canonical.ts'
import type { Document } from './document.ts'
import type { Identity } from './item.ts'
import { lookUpKeys, type PassedRow, type Passing } from './reconcile.ts'

export interface ShownItem { readonly identity: Identity, readonly way: Passing['way'], readonly year: string, readonly documents: readonly Document[] }

/** Items with the keys of each that were shown, by their names, and how many there are of each row. */
export interface ShownItems { readonly keys: ReadonlyMap<string, readonly Uint8Array[]>, readonly ofRow: ReadonlyMap<string, number> }
export const NOTHING_SHOWN: ShownItems = { keys: new Map(), ofRow: new Map() }

/** One passing of one identity: what an item is told from another by. */
export function passingName({ identity, way, year }: Pick<ShownItem, 'identity' | 'way' | 'year'>): string {
  return canonical({ identity: identity as unknown as Json, way, year })
}

/** What is shown by now. Undefined where a row was not counted or is exceeded, a key is none of the item or was asked for it before, or no document is named. */
export function withShown(before: ShownItems, rows: readonly PassedRow[], shown: readonly { readonly input: Uint8Array, readonly item: ShownItem }[]): ShownItems | undefined {
  const keys = new Map(before.keys)
  const ofRow = new Map(before.ofRow)
  for (const { input, item } of shown) {
    const { identity, way, year, documents } = item
    const row = rows.find((each) => each.class === identity.class && each.year === year)
    const name = passingName(item)
    const known = keys.get(name)
    if (row === undefined || documents.length === 0 || known?.some((key) => equal(key, input)) === true) return undefined
    if (!lookUpKeys(identity).some(({ key }) => equal(key, input))) return undefined
    if (known === undefined) {
      const rowName = `${identity.class}\n${year}\n${way}`
      const count = (ofRow.get(rowName) ?? 0) + 1
      if (count > row[way]) return undefined
      ofRow.set(rowName, count)
    }
    keys.set(name, [...known ?? [], input])
  }
  return { keys, ofRow }
}
