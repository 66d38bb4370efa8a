// Where an item is and who has it: owner and physical custodian are different fields, and neither is ever taken from the other.
import { either, object, text, type Shape, type Shaped } from '../bytes/shape.ts'
import { unknown } from './item.ts'
import { partyId } from './party.ts'

export const NAME_CHARACTERS_MAX = 200

/** A name in the party's own words, or in which way there is none. */
export const named = either(object({ is: text(NAME_CHARACTERS_MAX) }), unknown, `{"is": text of 1 to ${NAME_CHARACTERS_MAX} characters} or a word for unknown`)
export type Named = Shaped<typeof named>

/** A site by its code in the register and the region that other parties may be told. No shape here has room for coordinates. */
export const site = either(object({ code: text(NAME_CHARACTERS_MAX), region: text(NAME_CHARACTERS_MAX) }), unknown, '{"code", "region"} or a word for unknown')
export type Site = Shaped<typeof site>

export const place = object({ owner: named, custodian: named, site, unit: named })
export type Place = Shaped<typeof place>

/** The other side of a transfer: a party of an agreement, anybody else by name, or in which way there is none. */
const known: Shape<{ readonly party: ReturnType<typeof partyId> } | { readonly name: string }> =
  either(object({ party: partyId }), object({ name: text(NAME_CHARACTERS_MAX) }), '{"party"} or {"name"}')
export const counterparty = either(known, unknown, '{"party": party id}, {"name": text} or a word for unknown')
export type Counterparty = Shaped<typeof counterparty>

/** The counterparty as the owner or custodian that it becomes when it has received. */
export function namedOf(who: Counterparty): Named {
  if (typeof who === 'string') return who
  return { is: 'party' in who ? who.party : who.name }
}
