// A recovery: a weapon found or seized, component by component (DESIGN sections 2 and 5). Each component is an item of its own from then on, in
// the finder's custody, since a recovered set is usually a mix; the recovery ties their events together.
import type { Refusal } from '../bytes/refusal.ts'
import { list, misfit, object, oneOf, pattern, ruled, text, time, type Shape, type Shaped } from '../bytes/shape.ts'
import { shaped, type ShapeCode } from '../bytes/shaped-json.ts'
import { MARKS_MAX, PERSON_CHARACTERS_MAX, REASON_CHARACTERS_MAX, recordedMark, SET_ITEMS_MAX, type RequestOf } from './custody-event.ts'
import { documents } from './document.ts'
import { identity, itemId, optionalQuantity, type ItemId } from './item.ts'
import { place } from './place.ts'

export const RECOVERY_VERSION = 'muster/recovery/1'

declare const recovery: unique symbol
/** 1 to 64 of a-z, 0-9 and dash, minted by `recoveryId` only. */
export type RecoveryId = string & { readonly [recovery]: true }
export const recoveryId = pattern(/^[a-z0-9][a-z0-9-]{0,63}$/, 'a recovery id: 1 to 64 of a-z, 0-9 and dash') as Shape<RecoveryId>

const members = object({
  v: oneOf(RECOVERY_VERSION),
  id: recoveryId,
  happened: time,
  /** As coarsely as other parties may know it. */
  region: text(100),
  circumstances: text(REASON_CHARACTERS_MAX),
  /** Who has it now, and where. */
  place,
  by: text(PERSON_CHARACTERS_MAX),
  and: text(PERSON_CHARACTERS_MAX),
  documents,
  components: list(object({ item: itemId, identity, quantity: optionalQuantity, marks: list(recordedMark, 0, MARKS_MAX) }), 1, SET_ITEMS_MAX + 1),
})
export type Recovery = Shaped<typeof members>

export const recoveryShape: Shape<Recovery> = ruled(members, 'each component with an item id of its own', (whole) => {
  const items = whole.components.map(({ item }) => item)
  if (new Set(items).size !== items.length) misfit('components', 'each component with an item id of its own')
})

/** A recovery from outside, as a form or a row gives it. Refused with the member that does not fit. */
export function recoveryOf(value: unknown): Recovery | Refusal<ShapeCode<'recovery'>> {
  return shaped('recovery', recoveryShape, value)
}

/** The event that each component enters the register with; `decide` has the last word on each. */
export function seizures(found: Recovery): readonly { readonly item: ItemId, readonly request: RequestOf<'seized'> }[] {
  return found.components.map(({ item, identity, quantity, marks }) => ({
    item,
    request: {
      kind: 'seized', happened: found.happened, by: found.by, and: found.and, reason: found.circumstances, documents: found.documents,
      data: { entry: { identity, place: found.place, marks, ...(quantity === undefined ? {} : { quantity }) }, region: found.region, recovery: found.id },
    },
  }))
}
